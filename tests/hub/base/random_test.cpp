// Ids: what they are made of, and those that follow the clock.
#include "base/random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace ombud {
namespace {

TEST(Ids, OfTheClockSortByIt) {
  SystemRandom random;
  std::string before;
  for (const std::int64_t ms : {0LL, 1LL, 31LL, 32LL, 1'795'000'000'000LL, (1LL << 48) - 1}) {
    const std::string id = in_order_of_time(mint_id(random), instant_of(ms));
    EXPECT_LT(before, id) << ms;
    before = id;
  }
  EXPECT_EQ(before.substr(0, 10), "7zzzzzzzzz");  // the greatest ULID time
}

TEST(Ids, OfOneMomentDifferAndKeepTheirForm) {
  SystemRandom random;
  std::set<std::string> ids;
  for (int i = 0; i < 1'000; ++i) {
    const std::string id = in_order_of_time(mint_id(random), instant_of(1'795'000'000'000));
    EXPECT_EQ(id.size(), 26U);
    EXPECT_TRUE(std::all_of(id.begin(), id.end(), [](char c) {
      return (c >= '0' && c <= '9') ||
             (c >= 'a' && c <= 'z' && c != 'i' && c != 'l' && c != 'o' && c != 'u');
    })) << id;
    ids.insert(id);
  }
  EXPECT_EQ(ids.size(), 1'000U);
}

}  // namespace
}  // namespace ombud
