// Only the letters of ASCII change case, only its white space is trimmed.
#include "base/ascii.hpp"

#include <gtest/gtest.h>

namespace ombud {
namespace {

TEST(Ascii, OnlyItsOwnLettersChangeCase) {
  EXPECT_EQ(ascii_lower("X-Åke@[AZ]"), "x-Åke@[az]");
  EXPECT_EQ(ascii_upper("x-åke`{az}"), "X-åKE`{AZ}");
  EXPECT_EQ(ascii_lower('Z'), 'z');
  EXPECT_EQ(ascii_upper('\xE5'), '\xE5');
}

TEST(Ascii, WhiteSpaceAroundGoesAway) {
  EXPECT_EQ(trimmed(" \t\r\n a b \n"), "a b");
  EXPECT_EQ(trimmed(" \t"), "");
  EXPECT_EQ(trimmed("\xC2\xA0x"), "\xC2\xA0x");
}

}  // namespace
}  // namespace ombud
