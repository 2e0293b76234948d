// A mail that comes more than once, on whatever ways, becomes one ticket; two mails never do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "desk/leaving.hpp"
#include "hub/channel/mail/intake_world.hpp"

namespace ombud::mail {
namespace {

using test::letter;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::string kErik = "Erik Ek <erik.ek@alfa.example>";

class MailCopiesTest : public ::testing::Test, public test::IntakeWorld {
 protected:
  Receipt from_mailbox(const std::string& raw, const std::string& place,
                       const std::string& arrived = "23-Nov-2026 09:00:00 +0100") {
    Envelope envelope;
    envelope.from = "erik.ek@alfa.example";
    envelope.recipients = {"desk@ombud.example"};
    envelope.mailbox = "support";
    envelope.transport = place;
    envelope.arrived = arrived;
    return wait(intake->store(std::move(envelope), raw));
  }
};

TEST_F(MailCopiesTest, TheSameMailByTwoWaysIsOneTicketThoughItsHopsDiffer) {
  const std::string raw = letter(kErik, "Skrivaren");
  const Receipt first = receive("Received: from a by mx1; Mon\r\nX-Spam: no\r\n" + raw);
  const Receipt second = from_mailbox(
      "Delivered-To: it@ombud.example\r\nAuthentication-Results: mx2; spf=none\r\n"
      "Received: from a by mx2; Mon\r\n" +
          raw,
      "a/INBOX:7:1");
  const Receipt third = from_mailbox("X-Other: 1\r\n" + raw, "b/INBOX:3:9");
  EXPECT_NE(first.mail_id, second.mail_id) << "each is kept as it came";
  process();
  ASSERT_THAT(tickets(), SizeIs(1));
  EXPECT_EQ(row(first.mail_id).outcome, "registered");
  for (const std::int64_t copy : {second.mail_id, third.mail_id}) {
    EXPECT_EQ(row(copy).state, "done");
    EXPECT_EQ(row(copy).outcome, "duplicate");
    EXPECT_EQ(row(copy).copy_of, first.mail_id);
    EXPECT_EQ(row(copy).ticket, tickets().front().id);
  }
  EXPECT_THAT(notes({1}), IsEmpty());
  EXPECT_THAT(deliveries("desk-mail"), SizeIs(1)) << "one receipt";
}

TEST_F(MailCopiesTest, ACopyOfAReplyIsNoSecondReply) {
  take(letter(kErik, "Skrivaren"));
  const std::string reply = letter(kErik, "Re: [OMB-1]", "", "En sak till.");
  receive("X-Way: 1\r\n" + reply);
  receive("X-Way: 2\r\n" + reply);
  process();
  EXPECT_THAT(tickets(), SizeIs(1));
  EXPECT_THAT(view({1}).messages, SizeIs(2));
  EXPECT_EQ(row(3).copy_of, 2);
}

TEST_F(MailCopiesTest, TwoMailsThatShareAMessageIdAreBothKept) {
  const std::string head =
      "From: " + kErik + "\r\nTo: desk@ombud.example\r\nMessage-ID: <0@bad>\r\n";
  take(head + "Subject: Ett\r\n\r\nEtt.\r\n");
  take(head + "Subject: Ett\r\n\r\nNej.\r\n");
  take(head + "Subject: Tre\r\n\r\nEtt.\r\n");
  EXPECT_THAT(tickets(), SizeIs(3));
}

TEST_F(MailCopiesTest, AMailFetchedAgainFromItsPlaceIsTheSameAndAnotherOneThereIsNot) {
  const std::string raw = letter(kErik, "Skrivaren");
  const Receipt first = from_mailbox(raw, "a/INBOX:7:1");
  EXPECT_EQ(from_mailbox("X-Uid: 1\r\n" + raw, "a/INBOX:7:1").mail_id, first.mail_id);
  // A server that gives a number twice loses no mail by it.
  EXPECT_NE(from_mailbox(letter(kErik, "Fikat"), "a/INBOX:7:1").mail_id, first.mail_id);
  process();
  EXPECT_THAT(tickets(), SizeIs(2));
}

TEST_F(MailCopiesTest, AlarmsThatAreEqualToTheByteAreToldApartByWhenTheyCame) {
  const std::string alarm = "From: erik.ek@alfa.example\r\nSubject: Toner\r\n\r\nToner slut.\r\n";
  const Receipt first = from_mailbox(alarm, "a/INBOX:7:1");
  EXPECT_NE(from_mailbox(alarm, "a/INBOX:7:2", "23-Nov-2026 10:00:00 +0100").mail_id,
            first.mail_id);
  // A folder that was numbered anew has the same ones.
  EXPECT_EQ(from_mailbox(alarm, "a/INBOX:8:5").mail_id, first.mail_id);
  process();
  EXPECT_THAT(tickets(), SizeIs(2));
}

TEST_F(MailCopiesTest, AnAlarmHandedInWithoutAnyDateIsTheSameAsLongAsItsSenderMayTryAgain) {
  const std::string alarm = "From: erik.ek@alfa.example\r\nSubject: Toner\r\n\r\nToner slut.\r\n";
  const Receipt first = receive(alarm);
  clock.advance(kUndatedSame - Millis{1});
  EXPECT_EQ(receive(alarm).mail_id, first.mail_id) << "its 250 was lost";
  process();
  clock.advance(Millis{1});
  const Receipt next = receive(alarm);
  EXPECT_NE(next.mail_id, first.mail_id);
  clock.advance(kUndatedSame - Millis{1});
  EXPECT_EQ(receive(alarm).mail_id, next.mail_id);
  const Receipt copy = receive(alarm, "erik.ek@alfa.example", "it@ombud.example");
  process();
  EXPECT_EQ(row(next.mail_id).outcome, "registered");
  EXPECT_EQ(row(copy.mail_id).copy_of, next.mail_id) << "the later one, whose time it is of";
  EXPECT_THAT(tickets(), SizeIs(2));
  // What has a date is the same for ever.
  const std::string dated = "Date: Mon, 23 Nov 2026 08:00:00 +0100\r\n" + alarm;
  const Receipt once = receive(dated);
  clock.advance(kUndatedSame * 20);
  EXPECT_EQ(receive(dated).mail_id, once.mail_id);
}

TEST_F(MailCopiesTest, AnErasedPersonsNameIsInNoCopyEither) {
  const std::string raw = letter(kErik, "Skrivaren");
  const std::int64_t first = receive("X-Way: 1\r\n" + raw).mail_id;
  const std::int64_t copy = receive("X-Way: 2\r\n" + raw).mail_id;
  process();
  ASSERT_EQ(row(copy).copy_of, first);
  // By his address alone they are not found: another one has it, too.
  store.run(system, [](Tx& tx) {
    return put_person(tx, {{}, "beta", "Erika", "erik.ek@alfa.example", "", "sv", false});
  });
  ASSERT_TRUE(store.run(system, [&](Tx& tx) { return desk::erase_person(tx, user.person); }));
  for (const std::int64_t mail : {first, copy}) {
    EXPECT_EQ(row(mail).facts.sender, "") << mail;
    EXPECT_EQ(row(mail).facts.sender_name, "") << mail;
    EXPECT_EQ(row(mail).envelope_from, "") << mail;
  }
}

TEST_F(MailCopiesTest, WhatAConnectorIsAskedAboutItIsAskedOnce) {
  const TicketId ticket = new_ticket();
  delegate(ticket);
  const std::string raw = letter("x@nordprint.example", "Om " + reference_of(ticket));
  suppliers.answer = SupplierMail::Outcome::later;
  receive("X-Way: 1\r\n" + raw, "help@nordprint.example");
  receive("X-Way: 2\r\n" + raw, "help@nordprint.example");
  process();
  EXPECT_EQ(row(1).state, "waiting_link");
  EXPECT_EQ(row(2).copy_of, 1);
  suppliers.answer = SupplierMail::Outcome::taken;
  intake->wake();
  process();
  EXPECT_EQ(row(1).outcome, "supplier");
  EXPECT_THAT(suppliers.calls, SizeIs(2)) << "once in vain";
  // An announcement has no ticket, and is one all the same.
  suppliers.announces = SupplierMail::Outcome::taken;
  const std::string news = letter("x@nordprint.example", "Driftstopp");
  receive("X-Way: 1\r\n" + news, "help@nordprint.example");
  receive("X-Way: 2\r\n" + news, "help@nordprint.example");
  process();
  EXPECT_EQ(row(3).outcome, "notice");
  EXPECT_EQ(row(4).copy_of, 3);
  EXPECT_THAT(suppliers.announcements, SizeIs(1));
}

TEST_F(MailCopiesTest, ACopyThatIsReadBeforeItsMailStandsForIt) {
  const std::string raw = letter(kErik, "Skrivaren");
  receive("X-Way: 1\r\n" + raw);
  const std::string kept = blobs.files.begin()->second;
  const std::string name = blobs.files.begin()->first;
  blobs.files.clear();
  receive("X-Way: 2\r\n" + raw);
  process();
  EXPECT_EQ(row(2).outcome, "registered");
  blobs.files[name] = kept;
  intake->wake();
  process();
  EXPECT_EQ(row(1).copy_of, 2);
  EXPECT_THAT(tickets(), SizeIs(1));
}

}  // namespace
}  // namespace ombud::mail
