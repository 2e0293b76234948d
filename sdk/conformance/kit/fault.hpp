// What can go wrong with one HTTP exchange, and in which words the kit calls it.
#pragma once

#include <ombud/conformance/dialect.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace ombud::conformance {

struct Fault {
  enum class Kind {
    none,
    refuse,        // no connection: no byte left
    lose_request,  // bytes left, the supplier never saw them
    lose_reply,    // carried out, then the connection broke
    truncate,      // carried out, the answer breaks off in its body
    slow,          // carried out, the answer comes after the deadline
    not_json,      // carried out, but a page of HTML comes back
    empty,         // carried out, the answer has no body
    answer,        // not carried out: `code` comes back
    answer_after,  // carried out, but `code` comes back, as from a proxy that lost patience
    cancel,        // the operation is cancelled while this exchange is under way
    deadline,      // its time is over when this exchange ends
  };
  std::string name = {};   // "lost-reply": part of the case's name
  std::string shows = {};  // what the case shows, for --list
  Kind kind = Kind::none;
  int code = 0;
  Fields headers = {};
  std::string body = {};
  bool for_good = false;  // every exchange from the n-th on, not only the n-th
};

// One case each.
const std::vector<Fault>& all_faults();

inline constexpr std::int64_t kRetryAfterMs = 7'000;  // what the 429 with Retry-After says

}  // namespace ombud::conformance
