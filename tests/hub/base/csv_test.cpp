// CSV that every reader takes apart in the same way, and that no spreadsheet runs.
#include "base/csv.hpp"

#include <gtest/gtest.h>

namespace ombud {
namespace {

std::string one(std::string_view text) {
  Csv csv;
  csv.text(text).end_row();
  return csv.take();
}

TEST(Csv, QuotesOnlyWhatMustBe) {
  EXPECT_EQ(one("plain å"), "plain å\r\n");
  EXPECT_EQ(one("a,b"), "\"a,b\"\r\n");
  EXPECT_EQ(one("say \"hi\""), "\"say \"\"hi\"\"\"\r\n");
  EXPECT_EQ(one("two\nlines"), "\"two\nlines\"\r\n");
  EXPECT_EQ(one(" space"), "\" space\"\r\n");
  EXPECT_EQ(one(""), "\r\n");
}

TEST(Csv, AFormulaIsText) {
  EXPECT_EQ(one("=1+1"), "'=1+1\r\n");
  EXPECT_EQ(one("+46"), "'+46\r\n");
  EXPECT_EQ(one("-1"), "'-1\r\n");
  EXPECT_EQ(one("@SUM(A1)"), "'@SUM(A1)\r\n");
  EXPECT_EQ(one("\t=1"), "'\t=1\r\n");
  EXPECT_EQ(one("=cmd|' /C calc'!A0,\"x\""), "\"'=cmd|' /C calc'!A0,\"\"x\"\"\"\r\n");
}

TEST(Csv, NumbersStandAsTheyAre) {
  Csv csv;
  csv.number(std::int64_t{-5}).number(std::optional<std::int64_t>()).text("x").end_row();
  csv.text("y").end_row();
  EXPECT_EQ(csv.take(), "-5,,x\r\ny\r\n");
}

}  // namespace
}  // namespace ombud
