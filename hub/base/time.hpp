// Points in time, in UTC milliseconds since 1970, and their text form (RFC 3339).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ombud {

using Millis = std::chrono::milliseconds;
using Instant = std::chrono::sys_time<Millis>;

// Later than every instant that occurs; what a queue with nothing due answers.
inline constexpr Instant kNever{Millis{253402300799999}};  // 9999-12-31T23:59:59.999Z

constexpr Instant instant_of(std::int64_t ms_since_1970) {
  return Instant{Millis{ms_since_1970}};
}
constexpr std::int64_t ms_of(Instant at) {
  return at.time_since_epoch().count();
}

// "2026-11-22T09:30:00.125Z", always UTC with milliseconds.
std::string to_rfc3339(Instant at);
// Reads an RFC 3339 date-time with any offset; digits below a millisecond are cut. Empty if it is
// none.
std::optional<Instant> parse_rfc3339(std::string_view text);

}  // namespace ombud
