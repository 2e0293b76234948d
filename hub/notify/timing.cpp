#include "notify/timing.hpp"

#include <date/tz.h>

#include <stdexcept>
#include <string>

namespace ombud::notify {
namespace {

constexpr const char* kZone = "Europe/Stockholm";

const date::time_zone& zone_of(std::string_view name) {
  if (!name.empty()) {
    try {
      return *date::locate_zone(std::string(name));
    } catch (const std::runtime_error&) {
      return *date::locate_zone(kZone);
    }
  }
  return *date::locate_zone(kZone);
}

// When that day's clock shows these minutes; where it never does, the moment at which it jumps.
Instant instant_of_day(const date::time_zone& zone, date::local_days day, int minutes,
                       date::choose which) {
  return std::chrono::time_point_cast<Millis>(
      zone.to_sys(day + std::chrono::minutes{minutes}, which));
}

}  // namespace

std::optional<Instant> quiet_until(const Quiet& quiet, std::string_view zone_name, Instant now) {
  const date::time_zone& zone = zone_of(zone_name);
  const auto local = zone.to_local(now);
  const auto today = date::floor<date::days>(local);
  const auto minute =
      static_cast<int>(std::chrono::duration_cast<std::chrono::minutes>(local - today).count());
  const bool over_midnight = quiet.from > quiet.until;
  const bool in = over_midnight ? minute >= quiet.from || minute < quiet.until
                                : minute >= quiet.from && minute < quiet.until;
  if (!in) return std::nullopt;
  const bool ends_tomorrow = over_midnight && minute >= quiet.from;
  const auto day = ends_tomorrow ? today + date::days{1} : today;
  // In the hour that comes twice, the first end that is still to come.
  const Instant end = instant_of_day(zone, day, quiet.until, date::choose::earliest);
  return end > now ? end : instant_of_day(zone, day, quiet.until, date::choose::latest);
}

Instant next_digest(Digest digest, int at, std::string_view zone_name, Instant now) {
  const date::time_zone& zone = zone_of(zone_name);
  auto day = date::floor<date::days>(zone.to_local(now));
  for (;; day += date::days{1}) {
    const bool its_day = digest == Digest::daily || date::weekday(day) == date::Monday;
    if (!its_day) continue;
    const Instant next = instant_of_day(zone, day, at, date::choose::earliest);
    if (next > now) return next;
  }
}

}  // namespace ombud::notify
