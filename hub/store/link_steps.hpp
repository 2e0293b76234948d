// How the links have been doing, in steps of five minutes, for the charts of operators. Written by
// the hub's clock and not with each delivery, so that it costs deliveries nothing.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "store/store.hpp"

namespace ombud {

inline constexpr Millis kLinkStep{5LL * 60'000};
inline constexpr Millis kLinkStepsKept{14LL * 24 * 3'600'000};

struct LinkStep {
  Instant at;                // its end
  std::int64_t done = 0;     // deliveries that arrived in it
  std::int64_t failed = 0;   // attempts in it that did not succeed; the answer "not there" is none
  std::int64_t backlog = 0;  // unfinished at its end
  std::optional<Instant> oldest_at;  // of those
};

// Counts what has happened since the last call and writes it down for each link, under the last
// full step. Does nothing if that is written. The first call of a new hub only begins to count.
// Forgets what is older than two weeks.
void write_link_steps(Tx& tx);
// The steps that ended after `from`, the oldest first. There are none for the time in which the hub
// was down.
std::vector<LinkStep> link_steps(Tx& tx, std::string_view link, Instant from);

}  // namespace ombud
