// A reply address and a subject tag prove which ticket is meant, and nothing else passes for one.
#include "domain/reply_address.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace ombud {
namespace {

const ReplyKey kKey(std::string(ReplyKey::kBytes, 'k'));

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return text;
}

TEST(ReplyAddressTest, NamesItsTicketHoweverAMailServerWroteTheCase) {
  const std::string address = reply_address(kKey, "support@desk.example", TicketId{1042});
  EXPECT_EQ(address, "support+1042." + sign_ticket(kKey, TicketId{1042}) + "@desk.example");
  EXPECT_EQ(ticket_of_reply_address(kKey, address), TicketId{1042});
  EXPECT_EQ(ticket_of_reply_address(kKey, upper(address)), TicketId{1042});
}

TEST(ReplyAddressTest, NoOtherTicketKeyOrCharacterPasses) {
  const std::string address = reply_address(kKey, "support@desk.example", TicketId{1042});
  const ReplyKey other(std::string(ReplyKey::kBytes, 'o'));
  EXPECT_EQ(ticket_of_reply_address(other, address), TicketId{});
  EXPECT_EQ(ticket_of_reply_address(ReplyKey(), address), TicketId{});
  const std::size_t at = address.find('@');
  for (std::size_t i = address.find('+') + 1; i < at; ++i) {
    std::string forged = address;
    forged[i] = forged[i] == '7' ? '6' : '7';
    EXPECT_EQ(ticket_of_reply_address(kKey, forged), TicketId{}) << forged;
  }
  for (const char* wrong :
       {"", "@", "support@desk.example", "support+1042@desk.example", "support+1042.@desk.example",
        "support+.aaaaaaaaaaaaaaaa@desk.example", "support+01042.x@desk.example", "+",
        "support+OMB-1042.x@desk.example", "support+99999999999999999999999.x@desk.example"}) {
    EXPECT_EQ(ticket_of_reply_address(kKey, wrong), TicketId{}) << wrong;
  }
  // The signature of 1042 under another spelling of the number is none.
  const std::string signature = sign_ticket(kKey, TicketId{1042});
  EXPECT_EQ(ticket_of_reply_address(kKey, "s+01042." + signature + "@x"), TicketId{});
  EXPECT_EQ(ticket_of_reply_address(kKey, "s+omb-1042." + signature + "@x"), TicketId{});
}

TEST(ReplyAddressTest, WithoutAKeyOrRoomTheAddressStaysAsItIs) {
  EXPECT_EQ(reply_address(ReplyKey(), "support@desk.example", TicketId{7}), "support@desk.example");
  const std::string lengthy = std::string(60, 'x') + "@desk.example";
  EXPECT_EQ(reply_address(kKey, lengthy, TicketId{7}), lengthy);
  EXPECT_EQ(reply_address(kKey, "nobody", TicketId{7}), "nobody");
  EXPECT_FALSE(ReplyKey("short").usable());
}

TEST(SubjectTagTest, IsFoundInASubjectThatWasAnsweredAndFolded) {
  const std::string tag = subject_tag(kKey, TicketId{17});
  EXPECT_EQ(signed_tags_in(kKey, "Sv: " + tag + " Skrivare"), std::vector{TicketId{17}});
  EXPECT_EQ(signed_tags_in(kKey, "SV: " + upper(tag)), std::vector{TicketId{17}});
  std::string folded = tag;
  folded.replace(folded.find(' '), 1, " \t ");
  EXPECT_EQ(signed_tags_in(kKey, folded), std::vector{TicketId{17}});
  EXPECT_EQ(signed_tags_in(kKey, tag + tag + subject_tag(kKey, TicketId{18})),
            (std::vector{TicketId{17}, TicketId{18}}));
}

TEST(SubjectTagTest, ANumberAloneOrAForgedTagIsNone) {
  const std::string signature = sign_ticket(kKey, TicketId{17});
  for (const std::string& subject :
       {std::string("[OMB-17] Skrivare"), "OMB-17 " + signature, "[OMB-18 " + signature + "]",
        "[OMB-17" + signature + "]", "[OMB-17 " + signature + "x]", "[OMB-17 " + signature,
        std::string("[OMB-17 ]"), std::string("[omb-")}) {
    EXPECT_TRUE(signed_tags_in(kKey, subject).empty()) << subject;
  }
  EXPECT_EQ(subject_tag(ReplyKey(), TicketId{17}), "[OMB-17]");
  // Only so many are looked at, so that a subject full of them costs nothing.
  std::string many;
  for (int i = 0; i < 10; ++i) many += "[OMB-99 aaaaaaaaaaaaaaaa]";
  EXPECT_TRUE(signed_tags_in(kKey, many + subject_tag(kKey, TicketId{17})).empty());
}

}  // namespace
}  // namespace ombud
