// Days as a reader has them: by the clock of his zone, 23 or 25 hours long when that is changed.
// Zones are those of the machine (tzdata), by their IANA names. Usable from any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace ombud::desk {

bool is_zone(std::string_view name);  // "Europe/Stockholm", "UTC"

// The day's first moment, `days` days later. `day`: "2026-11-30"; empty if it is none.
std::optional<Instant> start_of_day(std::string_view zone, std::string_view day, int days = 0);
std::string day_of(std::string_view zone, Instant at);  // "2026-11-30"

struct Day {
  std::string name;  // "2026-11-30"
  Instant begin, end;
};
// The days from `from` until `to`, of which the first and the last may be parts. None if there
// would be more than `max`.
std::vector<Day> days_between(std::string_view zone, Instant from, Instant to, std::size_t max);

}  // namespace ombud::desk
