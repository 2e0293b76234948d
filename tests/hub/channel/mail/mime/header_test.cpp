// Header fields are told apart whatever stands in them.
#include "channel/mail/mime/header.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ombud::mail {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

std::vector<std::string> fields_of(std::string_view raw) {
  std::vector<std::string> all;
  for (const HeaderField& field : header_fields(raw)) all.push_back(field.name + "|" + field.value);
  return all;
}

TEST(Header, IsUnfoldedAndEndsAtTheEmptyLine) {
  EXPECT_THAT(fields_of("Subject: a\r\n\tb\r\n  c\r\nX-Y : d:e\r\n\r\nTo: body"),
              ElementsAre("subject| a\tb  c", "x-y| d:e"));
  EXPECT_THAT(fields_of("A: 1\nB:2\n\nC: 3"), ElementsAre("a| 1", "b|2"));
  EXPECT_THAT(fields_of(""), ElementsAre());
  EXPECT_THAT(fields_of("\r\nA: 1"), ElementsAre());
}

TEST(Header, WhatIsNoFieldHidesNoneBehindIt) {
  EXPECT_THAT(fields_of("From nobody Mon\nA: 1\nno colon\n more\n: none\nB: 2"),
              ElementsAre("from nobody mon|", "a| 1", "no colon| more", "| none", "b| 2"));
  EXPECT_THAT(fields_of("  folds nothing\n A: 0\nA: 1"), ElementsAre("a| 1"));
}

TEST(Header, IsBounded) {
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "A: b\r\n";
  EXPECT_THAT(header_fields(many), SizeIs(kHeaderFieldsMax));
  std::string folded = "A: b\n";
  for (int i = 0; i < 10; ++i) folded += " " + std::string(20'000, 'x') + "\n";
  const auto fields = header_fields(folded + "B: " + std::string(100'000, 'y') + "\nC: d");
  ASSERT_THAT(fields, SizeIs(3));
  EXPECT_LE(fields[0].value.size(), 2 * kHeaderFieldBytesMax);
  EXPECT_LE(fields[1].value.size(), kHeaderFieldBytesMax);
  EXPECT_EQ(fields[2].value, " d");
}

TEST(Header, IsReadGroupByGroup) {
  HeaderReader first("A: 1\r\n\r\nB: 2\r\n\r\nrest");
  EXPECT_EQ(first.next()->name, "a");
  EXPECT_FALSE(first.next());
  EXPECT_FALSE(first.next());
  HeaderReader second(first.rest());
  EXPECT_EQ(second.next()->value, " 2");
  EXPECT_FALSE(second.next());
  EXPECT_EQ(second.rest(), "rest");
}

}  // namespace
}  // namespace ombud::mail
