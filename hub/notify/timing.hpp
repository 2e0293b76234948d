// When a mail may go by somebody's clock: quiet hours and the hour of a digest, right also on the
// days on which the clocks are changed. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "base/time.hpp"
#include "domain/words.hpp"

namespace ombud::notify {

inline constexpr int kMinutesOfDay = 24 * 60;

// Minutes of his day, each 0 to 1439. From 20:00 until 07:00 goes over midnight.
struct Quiet {
  int from = 20 * 60, until = 7 * 60;
  bool operator==(const Quiet&) const = default;
};
enum class Digest { off, daily, weekly };  // weekly: on Mondays

// `zone`: an IANA name; one that nobody knows counts as Europe/Stockholm.

// When the quiet hours that hold `now` end; nothing if none do.
std::optional<Instant> quiet_until(const Quiet& quiet, std::string_view zone, Instant now);
// The next time after `now` that a digest goes.
Instant next_digest(Digest digest, int at, std::string_view zone, Instant now);

}  // namespace ombud::notify

template <>
inline constexpr std::array ombud::kWords<ombud::notify::Digest>{
    std::pair{ombud::notify::Digest::off, std::string_view("off")},
    std::pair{ombud::notify::Digest::daily, std::string_view("daily")},
    std::pair{ombud::notify::Digest::weekly, std::string_view("weekly")}};
