// When a delivery is tried again.
#include "delivery/backoff.hpp"

#include <gtest/gtest.h>

#include "delivery/limits.hpp"
#include "support/memory_store.hpp"

namespace ombud::delivery {
namespace {

// Always the same answer: the ends of the range.
class Fixed final : public Random {
 public:
  explicit Fixed(std::uint64_t value) : value_(value) {}
  std::uint64_t next() override { return value_; }

 private:
  std::uint64_t value_;
};

TEST(Backoff, DoublesFromFourSecondsAndIsNeverLessThanHalf) {
  Fixed least(0);
  EXPECT_EQ(backoff(1, least), Millis{2'000});
  EXPECT_EQ(backoff(2, least), Millis{4'000});
  EXPECT_EQ(backoff(5, least), Millis{32'000});
}

TEST(Backoff, IsSpreadOverTheUpperHalf) {
  test::SeededRandom random(7);
  Millis least{1'000'000}, most{0};
  for (int i = 0; i < 1'000; ++i) {
    const Millis wait = backoff(3, random);
    least = std::min(least, wait);
    most = std::max(most, wait);
  }
  EXPECT_GE(least, Millis{8'000});
  EXPECT_LT(least, Millis{8'300});
  EXPECT_LE(most, Millis{16'000});
  EXPECT_GT(most, Millis{15'700});
}

TEST(Backoff, NeverExceedsAQuarterOfAnHourHoweverManyAttempts) {
  test::SeededRandom random(7);
  for (const int attempts : {9, 10, 30, 63, 64, 100'000}) {
    const Millis wait = backoff(attempts, random);
    EXPECT_GE(wait, kBackoffMax / 2) << attempts;
    EXPECT_LE(wait, kBackoffMax) << attempts;
  }
}

TEST(Backoff, OfNoAttemptIsThatOfTheFirstStep) {
  Fixed least(0);
  EXPECT_EQ(backoff(0, least), kBackoffFirst / 2);
  EXPECT_EQ(backoff(-3, least), kBackoffFirst / 2);
}

TEST(RateLimit, WaitsAsLongAsTheSupplierSays) {
  EXPECT_EQ(rate_limit_wait(0), Millis{0});
  EXPECT_EQ(rate_limit_wait(90'000), Millis{90'000});
  EXPECT_EQ(rate_limit_wait(kRetryAfterMax.count()), kRetryAfterMax);
}

TEST(RateLimit, WaitsHalfAMinuteIfItNamesNoTime) {
  EXPECT_EQ(rate_limit_wait(-1), kRetryAfterUnknown);
}

TEST(RateLimit, OverAnHourCountsAsAFailedAttempt) {
  EXPECT_FALSE(rate_limit_wait(kRetryAfterMax.count() + 1).has_value());
}

}  // namespace
}  // namespace ombud::delivery
