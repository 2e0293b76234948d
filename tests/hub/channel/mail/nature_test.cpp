// Persons are told from machines, lists and reports (RFC 3834), and bounces are read (RFC 3464).
#include "channel/mail/nature.hpp"

#include <gtest/gtest.h>

#include "channel/mail/delivery_status.hpp"

namespace ombud::mail {
namespace {

const DeskAddresses kDesk({"desk@ombud.example"}, {});

Nature nature(const std::string& headers, const std::string& from = "erik.ek@alfa.example",
              const std::string& envelope = "erik.ek@alfa.example",
              const std::string& subject = "Hej") {
  const std::string raw =
      "From: " + from + "\r\nSubject: " + subject + "\r\n" + headers + "\r\nHej!\r\n";
  const NatureFound found = nature_of(parse_mail(raw), header_fields(raw), envelope, kDesk);
  EXPECT_EQ(found.nature == Nature::person, found.why.empty()) << headers << found.why;
  return found.nature;
}

TEST(NatureTest, APersonIsAPerson) {
  EXPECT_EQ(nature(""), Nature::person);
  EXPECT_EQ(nature("Auto-Submitted: no\r\n"), Nature::person);
  EXPECT_EQ(nature("Auto-Submitted: No (really)\r\n"), Nature::person);
  EXPECT_EQ(nature("Return-Path: <erik.ek@alfa.example>\r\n"), Nature::person);
  EXPECT_EQ(nature("", "erik.ek@alfa.example", "erik.ek@alfa.example",
                   "Out of office is not sent from my phone"),
            Nature::person);
  EXPECT_EQ(nature("", "root-ek@alfa.example"), Nature::person);
  EXPECT_EQ(
      nature("", "erik.ek@alfa.example", "erik.ek@alfa.example", "Frånvaro: kan inte logga in"),
      Nature::person)
      << "it answers nothing";
}

TEST(NatureTest, WhatAMachineSaysOfItself) {
  for (const char* header :
       {"Auto-Submitted: auto-replied", "Auto-Submitted: AUTO-GENERATED (rejected)",
        "Auto-Submitted: auto-notified; owner-email=x@y", "Precedence: bulk", "Precedence: Junk",
        "Precedence: auto_reply", "X-Auto-Response-Suppress: All", "X-Autoreply: yes",
        "X-Autorespond: x", "X-Autoreply-From: x@y", "X-Mail-Autoreply: x", "X-Cron-Env: <A=b>",
        "X-FC-MachineGenerated: true", "X-Loop: x", "X-Ombud-Reference: OMB-1",
        "Return-Path: <>"}) {
    EXPECT_EQ(nature(std::string(header) + "\r\n"), Nature::machine) << header;
  }
  for (const char* from :
       {"no-reply@alfa.example", "NoReply@alfa.example", "inget-svar@alfa.example",
        "anna-request@alfa.example", "owner-anna@alfa.example", "listserv@alfa.example",
        "desk+12.abc@ombud.example"}) {
    EXPECT_EQ(nature("", from), Nature::machine) << from;
  }
  for (const char* subject : {"Autosvar: Hej", "Automatiskt svar: Hej", "AUTOMATIC REPLY: Hej",
                              "Automatische Antwort: Hej", "Frånvarande: Hej", "Out of Office: Hej",
                              "Abwesenheitsnotiz: Hej"}) {
    for (const char* answers : {"In-Reply-To: <a@b>\r\n", "References: <a@b>\r\n"}) {
      EXPECT_EQ(nature(answers, "erik.ek@alfa.example", "erik.ek@alfa.example", subject),
                Nature::machine)
          << subject;
    }
  }
  EXPECT_EQ(nature("", "erik.ek@alfa.example", ""), Nature::machine) << "the null sender";
  EXPECT_EQ(nature("", "erik.ek@alfa.example", "desk+7.aaaa@ombud.example"), Nature::machine);
}

TEST(NatureTest, ListsAndReports) {
  for (const char* header : {"List-Id: <x.y>", "List-Unsubscribe: <mailto:x@y>", "List-Post: <x>",
                             "Precedence: list", "Mailing-List: x", "X-Mailman-Version: 2"}) {
    EXPECT_EQ(nature(std::string(header) + "\r\n"), Nature::list) << header;
  }
  EXPECT_EQ(nature("", "erik.ek@alfa.example", "bounces+7@lists.example"), Nature::list);
  EXPECT_EQ(nature("", "MAILER-DAEMON@alfa.example"), Nature::report);
  EXPECT_EQ(nature("X-Failed-Recipients: x@y\r\n"), Nature::report);
  EXPECT_EQ(nature("", "erik.ek@alfa.example", "mailer-daemon@alfa.example"), Nature::report);
}

TEST(DeliveryStatusTest, SaysWhoWasNotReachedAndWhy) {
  const auto all = read_delivery_status(
      "Reporting-MTA: dns; mx.alfa.example\r\nArrival-Date: x\r\n\r\n"
      "Original-Recipient: rfc822;Erik.Ek@alfa.example\r\nFinal-Recipient: rfc822; e@inner\r\n"
      "Action: failed\r\nStatus: 5.1.1\r\n"
      "Diagnostic-Code: smtp; 550 5.1.1\r\n  no such user\r\n\r\n\r\n"
      "Final-Recipient: rfc822; <maja@alfa.example>\nAction: delayed (still)\nStatus: 4.4.1\n\n"
      "Final-Recipient: rfc822; full@alfa.example\nAction: Failed\nStatus: 4.2.2\n\n"
      "Final-Recipient: rfc822; fine@alfa.example\nAction: delivered\nStatus: 2.0.0\n");
  ASSERT_EQ(all.size(), 4U);
  using What = DeliveryStatus::What;
  EXPECT_EQ(all[0].what, What::failed);
  EXPECT_EQ(all[0].address, "erik.ek@alfa.example");
  EXPECT_EQ(all[0].why, "550 5.1.1 no such user");
  EXPECT_EQ(all[1].what, What::delayed);
  EXPECT_EQ(all[1].address, "maja@alfa.example");
  EXPECT_EQ(all[1].why, "4.4.1");
  EXPECT_EQ(all[2].what, What::given_up);
  EXPECT_EQ(all[3].what, What::delivered);
}

TEST(DeliveryStatusTest, TakesAnyBytes) {
  EXPECT_TRUE(read_delivery_status("").empty());
  EXPECT_TRUE(read_delivery_status("\r\n\r\n\r\n").empty());
  EXPECT_EQ(read_delivery_status("Action:").size(), 0U);
  const auto bare = read_delivery_status("Action: failed");
  ASSERT_EQ(bare.size(), 1U);
  EXPECT_EQ(bare[0].why, "failed");
  std::string many;
  for (int i = 0; i < 5000; ++i) many += "Action: failed\n\n";
  EXPECT_EQ(read_delivery_status(many).size(), 100U);
  EXPECT_EQ(read_delivery_status("Action: failed\nDiagnostic-Code: smtp; \xff\x01" +
                                 std::string(9000, 'x'))
                .front()
                .why.size(),
            500U);
}

}  // namespace
}  // namespace ombud::mail
