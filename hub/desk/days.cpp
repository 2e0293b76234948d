#include "desk/days.hpp"

#include <date/tz.h>

#include <charconv>
#include <stdexcept>

#include "base/assert.hpp"

namespace ombud::desk {
namespace {

const date::time_zone* zone_of(std::string_view name) {
  try {
    return date::locate_zone(std::string(name));
  } catch (const std::runtime_error&) {
    return nullptr;
  }
}

Instant begin_of(const date::time_zone& zone, date::local_days day) {
  // Where the clock is put forward at midnight, the day begins when it has been.
  return std::chrono::time_point_cast<Millis>(zone.to_sys(day, date::choose::earliest));
}

date::local_days local_day(const date::time_zone& zone, Instant at) {
  return date::floor<date::days>(zone.to_local(at));
}

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<date::local_days> day_from(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto y = number(text.substr(0, 4)), m = number(text.substr(5, 2)),
             d = number(text.substr(8, 2));
  if (!y || !m || !d || *y < 1970 || *m < 1 || *d < 1) return std::nullopt;
  const date::year_month_day day{date::year{*y}, date::month{static_cast<unsigned>(*m)},
                                 date::day{static_cast<unsigned>(*d)}};
  if (!day.ok()) return std::nullopt;
  return date::local_days{day};
}

std::string text_of(date::local_days day) {
  return date::format("%F", day);
}

}  // namespace

bool is_zone(std::string_view name) {
  return zone_of(name) != nullptr;
}

std::optional<Instant> start_of_day(std::string_view zone_name, std::string_view text, int days) {
  const auto* zone = zone_of(zone_name);
  const auto day = day_from(text);
  if (zone == nullptr || !day) return std::nullopt;
  return begin_of(*zone, *day + date::days{days});
}

std::string day_of(std::string_view zone_name, Instant at) {
  const auto* zone = zone_of(zone_name);
  OMBUD_ASSERT(zone != nullptr);
  return text_of(local_day(*zone, at));
}

std::vector<Day> days_between(std::string_view zone_name, Instant from, Instant to,
                              std::size_t max) {
  const auto* zone = zone_of(zone_name);
  OMBUD_ASSERT(zone != nullptr);
  std::vector<Day> all;
  Instant begin = from;
  for (date::local_days day = local_day(*zone, from); begin < to; day += date::days{1}) {
    if (all.size() == max) return {};
    const Instant end = std::min(begin_of(*zone, day + date::days{1}), to);
    if (end > begin) all.push_back({text_of(day), begin, end});
    begin = std::max(begin, end);
  }
  return all;
}

}  // namespace ombud::desk
