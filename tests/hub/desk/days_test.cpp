// Days by the clock of a zone, also those on which it is changed.
#include "desk/days.hpp"

#include <gtest/gtest.h>

namespace ombud::desk {
namespace {

constexpr std::size_t kMany = 1000;

std::string begin(std::string_view zone, std::string_view day, int days = 0) {
  const auto at = start_of_day(zone, day, days);
  return at ? to_rfc3339(*at) : "none";
}

TEST(Days, BeginAtTheZonesMidnight) {
  EXPECT_EQ(begin("UTC", "2026-11-01"), "2026-11-01T00:00:00.000Z");
  EXPECT_EQ(begin("Europe/Stockholm", "2026-11-01"), "2026-10-31T23:00:00.000Z");
  EXPECT_EQ(begin("Europe/Stockholm", "2026-07-01"), "2026-06-30T22:00:00.000Z");
  EXPECT_EQ(begin("Europe/Stockholm", "2026-02-28", 1), "2026-02-28T23:00:00.000Z");
  // In Beirut the clock goes from 0 to 1: the day begins with the change.
  EXPECT_EQ(begin("Asia/Beirut", "2026-03-29"), "2026-03-28T22:00:00.000Z");
}

TEST(Days, AreTwentyThreeOrTwentyFiveHoursLongWhenTheClockIsChanged) {
  const auto hours = [](std::string_view from, std::string_view to) {
    std::vector<std::int64_t> all;
    for (const Day& day : days_between("Europe/Stockholm", *start_of_day("Europe/Stockholm", from),
                                       *start_of_day("Europe/Stockholm", to), kMany)) {
      all.push_back(std::chrono::duration_cast<std::chrono::hours>(day.end - day.begin).count());
    }
    return all;
  };
  EXPECT_EQ(hours("2026-03-28", "2026-03-31"), (std::vector<std::int64_t>{24, 23, 24}));
  EXPECT_EQ(hours("2026-10-24", "2026-10-27"), (std::vector<std::int64_t>{24, 25, 24}));
}

TEST(Days, CoverTheWholeTimeWithoutGaps) {
  for (const char* zone : {"Europe/Stockholm", "America/St_Johns", "Asia/Beirut", "Pacific/Apia"}) {
    const Instant from = *parse_rfc3339("2025-01-01T10:30:00Z");
    const Instant to = *parse_rfc3339("2026-12-31T21:15:00Z");
    const auto days = days_between(zone, from, to, kMany);
    ASSERT_GT(days.size(), 720U) << zone;
    EXPECT_EQ(days.front().begin, from);
    EXPECT_EQ(days.back().end, to);
    for (std::size_t i = 1; i < days.size(); ++i) {
      EXPECT_EQ(days[i].begin, days[i - 1].end) << zone << days[i].name;
      EXPECT_EQ(day_of(zone, days[i].begin), days[i].name);
      EXPECT_EQ(day_of(zone, days[i].end - Millis{1}), days[i].name);
    }
  }
  EXPECT_TRUE(days_between("UTC", instant_of(0), instant_of(86'400'000LL * 11), 10).empty());
}

TEST(Days, WhatIsNoZoneOrNoDayIsTold) {
  EXPECT_TRUE(is_zone("Europe/Stockholm"));
  for (const char* wrong : {"", "Europe/Stokholm", "../../etc/passwd", "CEST+1", "europe"}) {
    EXPECT_FALSE(is_zone(wrong)) << wrong;
  }
  for (const char* wrong : {"", "2026-13-01", "2026-02-30", "2026-2-3", "20260203", "2026-02-03T",
                            "9999999999", "-026-01-01", "1969-12-31"}) {
    EXPECT_EQ(begin("UTC", wrong), "none") << wrong;
  }
}

}  // namespace
}  // namespace ombud::desk
