// References lead to the sender's own ticket, or nowhere, though a Message-ID was used again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hub/channel/mail/intake_world.hpp"

namespace ombud::mail {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

const std::string kErik = "Erik Ek <erik.ek@alfa.example>";
const std::string kOtto = "Otto Ob <otto@beta.example>";

class MailThreadsTest : public ::testing::Test, public test::IntakeWorld {
 protected:
  // A mail with that Message-ID that goes on from those in `references`.
  void write(const std::string& from, const std::string& id, const std::string& references,
             const std::string& text, const std::string& headers = "") {
    const std::size_t open = from.find('<');
    take("From: " + from + "\r\nTo: desk@ombud.example\r\nSubject: Skrivaren\r\nMessage-ID: <" +
             id + "@x>\r\n" + (references.empty() ? "" : "References: " + references + "\r\n") +
             headers + "\r\n" + text + "\r\n",
         from.substr(open + 1, from.size() - open - 2));
  }
  std::string last_message(std::int64_t ticket) { return view({ticket}).messages.back().text; }
};

TEST_F(MailThreadsTest, AStrangerWhoRepeatsAMessageIdDrawsNoAnswerToHimself) {
  write(kErik, "1", "", "Den piper.");
  write("X <x@stranger.example>", "1", "", "Jag med.");
  write(kOtto, "1", "", "Vi också.");
  ASSERT_THAT(tickets(), SizeIs(3));
  write(kErik, "2", "<1@x>", "Nu brinner den.");
  write(kOtto, "3", "<1@x>", "Vår ryker.");
  write("X <x@stranger.example>", "4", "<1@x>", "Min också.");
  EXPECT_THAT(tickets(), SizeIs(3));
  EXPECT_EQ(last_message(1), "Nu brinner den.");
  EXPECT_THAT(last_message(2), HasSubstr("Min också."));
  EXPECT_EQ(last_message(3), "Vår ryker.");
  // Whoever has no part in any of them is no part of any.
  write("Y <y@stranger.example>", "5", "<1@x>", "Och min.");
  EXPECT_THAT(tickets(), SizeIs(4));
  EXPECT_THAT(notes({4}), HasSubstr("It names OMB-1, but its sender has no part in that ticket"));
}

TEST_F(MailThreadsTest, OfSeveralOwnTicketsWithOneMessageIdNoneIsGuessed) {
  write(kErik, "same", "", "Ett.");
  write(kErik, "same", "", "Två.");
  ASSERT_THAT(tickets(), SizeIs(2));
  write(kErik, "3", "<same@x>", "Om vilken?");
  EXPECT_THAT(tickets(), SizeIs(3));
  // Another reference settles it.
  write(kErik, "4", "<3@x> <same@x>", "Om den tredje.");
  EXPECT_THAT(tickets(), SizeIs(3));
  EXPECT_EQ(last_message(3), "Om den tredje.");
}

TEST_F(MailThreadsTest, OfAColleaguesAndHisOwnTicketItIsHisOwn) {
  write("Maja Malm <maja@alfa.example>", "1", "", "Majas.");
  write(kErik, "1", "", "Eriks.");
  write(kErik, "2", "<1@x>", "Eriks igen.");
  EXPECT_THAT(tickets(), SizeIs(2));
  EXPECT_EQ(last_message(2), "Eriks igen.");
}

}  // namespace
}  // namespace ombud::mail
