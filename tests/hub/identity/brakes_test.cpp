// Delays grow with failures, and never become a refusal.
#include "identity/brakes.hpp"

#include <gtest/gtest.h>

namespace ombud::identity {
namespace {

constexpr Brake kBrake{3, Millis{1'000}, Millis{8'000}};

TEST(Brakes, DoubleAfterTheFreeAttemptsUpToTheMost) {
  Brakes brakes;
  Instant now = instant_of(1'800'000'000'000);
  std::vector<std::int64_t> waits;
  for (int i = 0; i < 9; ++i) {
    EXPECT_FALSE(brakes.take("a", kBrake, now));
    const auto wait = brakes.take("a", kBrake, now);
    waits.push_back(wait ? wait->count() : 0);
    if (!wait) continue;  // that was an attempt of its own
    now += *wait;
  }
  EXPECT_EQ(waits,
            (std::vector<std::int64_t>{0, 1'000, 2'000, 4'000, 8'000, 8'000, 8'000, 8'000, 8'000}));
  EXPECT_FALSE(brakes.take("b", kBrake, now)) << "others are not slowed down";
}

TEST(Brakes, AttemptsDuringADelayDoNotProlongIt) {
  Brakes brakes;
  Instant now = instant_of(1'800'000'000'000);
  for (int i = 0; i < 3; ++i) brakes.take("a", kBrake, now);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(brakes.take("a", kBrake, now), Millis{1'000});
  EXPECT_FALSE(brakes.take("a", kBrake, now + Millis{1'000}));
}

TEST(Brakes, SuccessForgetsAndWhatWasNoFailureDoesNotCount) {
  Brakes brakes;
  const Instant now = instant_of(1'800'000'000'000);
  for (int i = 0; i < 100; ++i) {
    EXPECT_FALSE(brakes.take("a", kBrake, now)) << i;
    brakes.forgive("a", now);
  }
  for (int i = 0; i < 3; ++i) brakes.take("a", kBrake, now);
  EXPECT_TRUE(brakes.take("a", kBrake, now));
  brakes.clear("a");
  EXPECT_FALSE(brakes.take("a", kBrake, now));
}

TEST(Brakes, ADayForgetsEverything) {
  Brakes brakes;
  const Instant now = instant_of(1'800'000'000'000);
  for (int i = 0; i < 3; ++i) brakes.take("a", kBrake, now);
  for (int i = 0; i < 2; ++i) EXPECT_FALSE(brakes.take("a", kBrake, now + kBrakeMemory));
}

TEST(Brakes, WhoeverFillsTheTableSlowsOnlyNewcomersAndOnlyForAMoment) {
  Brakes brakes(10);
  const Instant now = instant_of(1'800'000'000'000);
  for (int i = 0; i < 10; ++i) {
    for (int j = 0; j < 3; ++j) brakes.take("x" + std::to_string(i), kBrake, now);
  }
  EXPECT_EQ(brakes.take("a", kBrake, now), Millis{1'000});
  EXPECT_FALSE(brakes.take("a", kBrake, now + Millis{1'000}));
}

TEST(Brakes, OneHouseholdIsOneSender) {
  EXPECT_EQ(brake_key_of("192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(brake_key_of("::ffff:192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(brake_key_of("2001:db8:1:2::7"), brake_key_of("2001:DB8:1:2:ffff:ffff:ffff:ffff"));
  EXPECT_NE(brake_key_of("2001:db8:1:2::7"), brake_key_of("2001:db8:1:3::7"));
  EXPECT_NE(brake_key_of("::1"), brake_key_of("2001:db8::1"));
  EXPECT_EQ(brake_key_of("unknown"), "unknown");
  EXPECT_EQ(brake_key_of(""), "");
}

}  // namespace
}  // namespace ombud::identity
