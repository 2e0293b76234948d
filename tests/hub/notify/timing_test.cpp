// Quiet hours and the hour of a digest, by the clock of the person's zone, also when it is changed.
#include "notify/timing.hpp"

#include <gtest/gtest.h>

namespace ombud::notify {
namespace {

constexpr std::string_view kStockholm = "Europe/Stockholm";

Instant at(std::string_view text) {
  return parse_rfc3339(text).value();
}
// When what comes at that time goes out; the same time if at once.
std::string goes(const Quiet& quiet, std::string_view when, std::string_view zone = kStockholm) {
  return to_rfc3339(quiet_until(quiet, zone, at(when)).value_or(at(when)));
}
std::string digest(Digest kind, int minutes, std::string_view now,
                   std::string_view zone = kStockholm) {
  return to_rfc3339(next_digest(kind, minutes, zone, at(now)));
}

TEST(Quiet, HoldsWhatComesOverMidnight) {
  const Quiet night{20 * 60, 7 * 60};
  EXPECT_EQ(goes(night, "2026-01-15T19:59:59+01:00"), "2026-01-15T18:59:59.000Z");
  EXPECT_EQ(goes(night, "2026-01-15T20:00:00+01:00"), "2026-01-16T06:00:00.000Z");
  EXPECT_EQ(goes(night, "2026-01-16T06:59:59+01:00"), "2026-01-16T06:00:00.000Z");
  EXPECT_EQ(goes(night, "2026-01-16T07:00:00+01:00"), "2026-01-16T06:00:00.000Z");
}

TEST(Quiet, HoldsWhatComesWithinADay) {
  const Quiet lunch{12 * 60, 13 * 60};
  EXPECT_EQ(goes(lunch, "2026-07-01T11:59:00+02:00"), "2026-07-01T09:59:00.000Z");
  EXPECT_EQ(goes(lunch, "2026-07-01T12:30:00+02:00"), "2026-07-01T11:00:00.000Z");
  EXPECT_EQ(goes(lunch, "2026-07-01T13:00:00+02:00"), "2026-07-01T11:00:00.000Z");
}

TEST(Quiet, EndsByTheClockOnTheWallWhenItIsChanged) {
  const Quiet night{20 * 60, 7 * 60};
  // 2026-03-29: 02:00 becomes 03:00; the night is an hour shorter. 2026-10-25: the other way.
  EXPECT_EQ(goes(night, "2026-03-28T21:00:00+01:00"), "2026-03-29T05:00:00.000Z");
  EXPECT_EQ(goes(night, "2026-10-24T21:00:00+02:00"), "2026-10-25T06:00:00.000Z");
  // It ends at a time that the clock never shows: at the moment at which it jumps.
  const Quiet jump{22 * 60, 2 * 60 + 30};
  EXPECT_EQ(goes(jump, "2026-03-28T23:00:00+01:00"), "2026-03-29T01:00:00.000Z");
  // It ends at a time that the clock shows twice: at the first; what comes between them waits for
  // the second.
  EXPECT_EQ(goes(jump, "2026-10-24T23:00:00+02:00"), "2026-10-25T00:30:00.000Z");
  EXPECT_EQ(goes(jump, "2026-10-25T02:15:00+01:00"), "2026-10-25T01:30:00.000Z");
}

TEST(Quiet, GoesByTheZoneOfThePersonAndByOursIfItIsUnknown) {
  const Quiet night{20 * 60, 7 * 60};
  EXPECT_EQ(goes(night, "2026-01-15T12:00:00Z", "Asia/Tokyo"), "2026-01-15T22:00:00.000Z");
  EXPECT_EQ(goes(night, "2026-01-15T21:00:00Z", "Mars/Phobos"), "2026-01-16T06:00:00.000Z");
  EXPECT_EQ(goes(night, "2026-01-15T21:00:00Z", ""), "2026-01-16T06:00:00.000Z");
}

TEST(Digest, GoesEveryDayOnceAtItsHour) {
  EXPECT_EQ(digest(Digest::daily, 450, "2026-01-15T06:00:00Z"), "2026-01-15T06:30:00.000Z");
  EXPECT_EQ(digest(Digest::daily, 450, "2026-01-15T06:30:00Z"), "2026-01-16T06:30:00.000Z");
  EXPECT_EQ(digest(Digest::daily, 450, "2026-06-15T06:00:00Z"), "2026-06-16T05:30:00.000Z");
}

TEST(Digest, GoesOnMondaysIfWeekly) {
  EXPECT_EQ(digest(Digest::weekly, 450, "2026-01-15T06:00:00Z"), "2026-01-19T06:30:00.000Z");
  EXPECT_EQ(digest(Digest::weekly, 450, "2026-01-19T06:00:00Z"), "2026-01-19T06:30:00.000Z");
  EXPECT_EQ(digest(Digest::weekly, 450, "2026-01-19T06:30:00Z"), "2026-01-26T06:30:00.000Z");
}

TEST(Digest, GoesOnceInTheHourThatComesTwiceAndOnTheDayThatLacksIt) {
  EXPECT_EQ(digest(Digest::daily, 150, "2026-10-24T22:00:00Z"), "2026-10-25T00:30:00.000Z");
  EXPECT_EQ(digest(Digest::daily, 150, "2026-10-25T00:30:00Z"), "2026-10-26T01:30:00.000Z");
  EXPECT_EQ(digest(Digest::daily, 150, "2026-03-28T12:00:00Z"), "2026-03-29T01:00:00.000Z");
}

}  // namespace
}  // namespace ombud::notify
