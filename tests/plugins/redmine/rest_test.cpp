#include "redmine/rest.hpp"

#include <gtest/gtest.h>

namespace ombud::redmine {
namespace {

TEST(RedmineRest, ReadsADelayInSecondsOrAsADate) {
  EXPECT_EQ(retry_after_ms("17", ""), 17'000);
  EXPECT_EQ(retry_after_ms("Sun, 22 Nov 2026 10:00:30 GMT", "Sun, 22 Nov 2026 10:00:00 GMT"),
            30'000);
  EXPECT_EQ(retry_after_ms("Sun, 22 Nov 2026 09:00:00 GMT", "Sun, 22 Nov 2026 10:00:00 GMT"), 0);
}

TEST(RedmineRest, NamesNoDelayItCannotKnow) {
  EXPECT_EQ(retry_after_ms("", ""), -1);
  EXPECT_EQ(retry_after_ms("soon", ""), -1);
  EXPECT_EQ(retry_after_ms("-5", ""), -1);
  EXPECT_EQ(retry_after_ms("Sun, 22 Nov 2026 10:00:30 GMT", ""), -1);
}

}  // namespace
}  // namespace ombud::redmine
