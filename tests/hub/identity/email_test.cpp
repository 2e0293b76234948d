// One address, however it is typed; and nothing that only looks like one.
#include "identity/email.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ombud::identity {
namespace {

TEST(Email, CaseAndSpaceAroundDoNotCount) {
  EXPECT_EQ(email_from(" Erik.Ek@Alfa.Example  "), "erik.ek@alfa.example");
  EXPECT_EQ(email_from("ÅSA@alfa.example"), email_from("åsa@alfa.example"));
}

TEST(Email, ALetterAndItsRingAreOneCharacter) {
  EXPECT_EQ(email_from("a\xCC\x8Asa@alfa.example"), email_from("åsa@alfa.example"));
}

TEST(Email, ADomainIsWhatTheNetworkKnows) {
  EXPECT_EQ(email_from("erik@Räksmörgås.example"), "erik@xn--rksmrgs-5wao1o.example");
  EXPECT_EQ(email_from("erik@xn--rksmrgs-5wao1o.example"), email_from("erik@räksmörgås.example"));
}

TEST(Email, NothingIsNoAddress) {
  EXPECT_FALSE(email_from({}));  // as a claim that is not there reads
  EXPECT_FALSE(email_from("   "));
}

TEST(Email, WhatIsNoAddressOrHoldsWhatNobodySeesIsRefused) {
  for (const std::string& wrong :
       {std::string(), std::string("@"), std::string("erik"), std::string("erik@"),
        std::string("@alfa.example"), std::string("a@b@c.example"), std::string("a b@c.example"),
        std::string("a\tb@c.example"), std::string("a\0b@c.example", 13),
        std::string("Erik <e@c.example>"), std::string("a@c.example,b@c.example"),
        std::string("e\xE2\x80\x8Brik@c.example"),  // a space without width
        std::string("e\xE2\x80\xAErik@c.example"),  // turns the direction
        std::string("e\xC2\xA0rik@c.example"),      // a space that does not break
        std::string("erik@c.example\r\nBcc: x@y.example"), std::string("\xC3\x28@c.example"),
        std::string(250, 'a') + "@c.example"}) {
    EXPECT_FALSE(email_from(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace ombud::identity
