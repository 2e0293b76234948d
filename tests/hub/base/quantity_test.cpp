// Durations, sizes and addresses read as people write them, and are written back the same.
#include "base/quantity.hpp"

#include <gtest/gtest.h>

namespace ombud {
namespace {

TEST(Quantity, DurationsHaveOneUnit) {
  EXPECT_EQ(duration_from("250ms"), Millis(250));
  EXPECT_EQ(duration_from("30s"), Millis(30'000));
  EXPECT_EQ(duration_from("5m"), Millis(300'000));
  EXPECT_EQ(duration_from("2h"), Millis(7'200'000));
  EXPECT_EQ(duration_from("3d"), Millis(259'200'000));
  EXPECT_EQ(duration_from("0s"), Millis(0));
}

TEST(Quantity, WhatIsNoDurationIsRefused) {
  for (const char* wrong :
       {"", "30", "s", "-5s", "1.5h", "1h30m", "5 m", "5M", "99999999999999999d"}) {
    EXPECT_EQ(duration_from(wrong), std::nullopt) << wrong;
  }
}

TEST(Quantity, SizesAreBinary) {
  EXPECT_EQ(bytes_from("100B"), 100);
  EXPECT_EQ(bytes_from("25MiB"), 25 << 20);
  EXPECT_EQ(bytes_from("1GiB"), 1LL << 30);
  EXPECT_EQ(bytes_from("25MB"), std::nullopt);
  EXPECT_EQ(bytes_from("9223372036854775807GiB"), std::nullopt);
}

TEST(Quantity, TextUsesTheLargestUnitThatFits) {
  EXPECT_EQ(duration_text(Millis(90'000)), "90s");
  EXPECT_EQ(duration_text(Millis(86'400'000)), "1d");
  EXPECT_EQ(duration_text(Millis(0)), "0ms");
  EXPECT_EQ(bytes_text(512 << 20), "512MiB");
  EXPECT_EQ(bytes_text(1536), "1536B");
}

TEST(Quantity, AddressesOfBothFamilies) {
  EXPECT_EQ(address_from("127.0.0.1:8080"), (Address{"127.0.0.1", 8080}));
  EXPECT_EQ(address_from("[::1]:25"), (Address{"::1", 25}));
  EXPECT_EQ(address_from("localhost:0"), (Address{"localhost", 0}));
  EXPECT_EQ(to_text(Address{"::1", 25}), "[::1]:25");
  for (const char* wrong : {"", "8080", ":8080", "host", "host:", "host:65536", "host:-1", "::1:25",
                            "[]:25", "http://host:80", "[zz]:25"}) {
    EXPECT_EQ(address_from(wrong), std::nullopt) << wrong;
  }
}

}  // namespace
}  // namespace ombud
