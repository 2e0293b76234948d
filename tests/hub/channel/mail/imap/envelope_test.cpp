// The envelope of a mail that lies in a mailbox.
#include "channel/mail/imap/envelope.hpp"

#include <gtest/gtest.h>

namespace ombud::mail {
namespace {

using Recipients = std::vector<std::string>;

TEST(MailboxEnvelope, IsWhatTheServerWroteOnTop) {
  const Envelope envelope = envelope_of(
      "Return-Path: <bounce@a.example>\r\nReturn-Path: <forged@b.example>\r\nFrom: x@c.example\r\n"
      "\r\nFrom: body@d.example\r\n",
      "desk@ombud.example");
  EXPECT_EQ(envelope.from, "bounce@a.example");
  EXPECT_EQ(envelope.recipients, Recipients{"desk@ombud.example"});
}

TEST(MailboxEnvelope, KnowsTheNullSender) {
  EXPECT_EQ(envelope_of("Return-Path: <>\r\nFrom: mailer-daemon@a.example\r\n\r\n", "d@e.f").from,
            "");
}

TEST(MailboxEnvelope, TakesTheAuthorWhereThereIsNoReturnPath) {
  EXPECT_EQ(envelope_of("From: \"Berg, Anna\"\r\n <anna@a.example>\r\n\r\n", "d@e.f").from,
            "anna@a.example");
  EXPECT_EQ(envelope_of("Subject: nobody\r\n\r\n", "d@e.f").from, "");
}

TEST(MailboxEnvelope, KeepsTheTagOfTheAddress) {
  EXPECT_EQ(envelope_of("To: Someone <x@y.z>, Desk <desk+17.abc@ombud.example>\r\n\r\n",
                        "desk@ombud.example")
                .recipients,
            Recipients{"desk+17.abc@ombud.example"});
  EXPECT_EQ(envelope_of("Delivered-To: desk+1@ombud.example\r\nTo: desk+2@ombud.example\r\n\r\n",
                        "desk@ombud.example")
                .recipients,
            Recipients{"desk+1@ombud.example"});
  EXPECT_EQ(envelope_of("To: desk+17@elsewhere.example\r\n\r\n", "desk@ombud.example").recipients,
            Recipients{"desk@ombud.example"});
}

TEST(MailboxEnvelope, TakesAnything) {
  for (const std::string& raw : {std::string(), std::string("\0\xff@@@@", 7),
                                 std::string(1'000'000, '@'), std::string(1'000'000, '\n'),
                                 "To: " + std::string(500'000, '<') + "@", std::string(":\r\n@")}) {
    EXPECT_EQ(envelope_of(raw, "desk@ombud.example").recipients.size(), 1U);
  }
}

}  // namespace
}  // namespace ombud::mail
