// Who a mail is from, which ticket it may touch, and what brakes it: against senders who lie.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/reply_address.hpp"
#include "hub/channel/mail/intake_world.hpp"
#include "store/mails.hpp"
#include "store/outbox.hpp"

namespace ombud::mail {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

const std::string kErik = "Erik Ek <erik.ek@alfa.example>";
const std::string kFalse =
    "Authentication-Results: mx.ombud.example; spf=fail; dmarc=fail header.from=alfa.example\r\n";
const std::string kProven =
    "Authentication-Results: mx.ombud.example; dmarc=pass header.from=alfa.example\r\n";

class MailTrustTest : public ::testing::Test, public test::IntakeWorld {
 protected:
  MailTrustTest() {
    options.authentication_from = {"mx.ombud.example"};
    options.route.key = ReplyKey(std::string(ReplyKey::kBytes, 'k'));
    start();
  }
  static std::string letter(const std::string& from, const std::string& subject,
                            const std::string& headers = "", const std::string& text = "Hej!") {
    return headers + test::letter(from, subject, "", text);
  }
  // Registers erik's ticket by mail; the Message-ID of his receipt is "<correlation@…>".
  std::string erik_writes(const std::string& subject = "Skrivaren") {
    take(letter(kErik, subject, kProven));
    const auto sent = deliveries("desk-mail");
    return sent.empty() ? "" : sent.front().correlation;
  }
  std::string signed_address(TicketId ticket) const {
    return reply_address(options.route.key, "desk@ombud.example", ticket);
  }
  std::optional<MailMessage> mail_message(std::int64_t mail) {
    return store.run(system, [&](Tx& tx) -> std::optional<MailMessage> {
      const auto all = messages_of_mail(tx, mail);
      if (all.empty()) return std::nullopt;
      return find_mail_message(tx, all.front().message);
    });
  }
  std::size_t public_messages(TicketId ticket) {
    std::size_t n = 0;
    for (const Message& message : view(ticket).messages) {
      n += message.visibility == Visibility::user ? 1 : 0;
    }
    return n;
  }
};

TEST_F(MailTrustTest, AFalseSenderRegistersNothingInThePersonsName) {
  const Receipt receipt = receive(letter(kErik, "Byt mitt lösenord", kFalse));
  process();
  ASSERT_THAT(tickets(), SizeIs(1));
  const auto seen = view(tickets().front().id);
  EXPECT_EQ(seen.ticket.requester.value, 0);
  EXPECT_EQ(seen.ticket.customer, "unknown");
  EXPECT_THAT(deliveries("desk-mail"), IsEmpty()) << "nothing is sent to whom it names";
  EXPECT_THAT(notes(seen.ticket.id), HasSubstr("Nobody knows who wrote this"));
  EXPECT_THAT(notes(seen.ticket.id), HasSubstr("SPF fail, DMARC fail"));
  EXPECT_THAT(notes(seen.ticket.id), HasSubstr("Erik Ek of customer alfa has that address"));
  const auto mail = mail_message(receipt.mail_id);
  ASSERT_TRUE(mail);
  EXPECT_EQ(mail->person.value, 0);
  EXPECT_EQ(mail->authentication.verdict, "fail");
  EXPECT_EQ(row(receipt.mail_id).facts.sender, "erik.ek@alfa.example");
}

TEST_F(MailTrustTest, WhoeverHidesHisAddressFromDmarcIsNotBelieved) {
  take(letter("Erik Ek <>", "Byt mitt lösenord", "Sender: erik.ek@alfa.example\r\n"));
  take(letter("Erik Ek", "Och igen"));
  take(letter(kErik + ", x@evil.example", "Och igen",
              "Authentication-Results: mx.ombud.example; dmarc=pass\r\n"));
  ASSERT_THAT(tickets(), SizeIs(3));
  for (const int ticket : {1, 2, 3}) EXPECT_EQ(view({ticket}).ticket.requester.value, 0) << ticket;
  EXPECT_THAT(deliveries("desk-mail"), IsEmpty());
}

TEST_F(MailTrustTest, AFalseSenderWithOurMessageIdIsANoteAndNeverAReply) {
  const std::string correlation = erik_writes();
  const TicketId ticket = tickets().front().id;
  const std::size_t said = public_messages(ticket);
  take(letter(kErik, "Sv: Skrivaren",
              kFalse + "In-Reply-To: <" + correlation + "@ombud.example>\r\n",
              "Skicka koden till mig."));
  EXPECT_THAT(tickets(), SizeIs(1));
  EXPECT_EQ(public_messages(ticket), said);
  EXPECT_THAT(notes(ticket), HasSubstr("sender is not proven"));
  EXPECT_THAT(notes(ticket), HasSubstr("Skicka koden till mig."));
  // With the number alone he does not even get that far.
  take(letter(kErik, "[OMB-1] Skrivaren", kFalse));
  EXPECT_THAT(tickets(), SizeIs(2));
  EXPECT_EQ(view({2}).ticket.customer, "unknown");
  EXPECT_THAT(notes({2}), HasSubstr("It names OMB-1"));
}

TEST_F(MailTrustTest, AForgedSupplierNeverReachesTheConnector) {
  const TicketId ticket = new_ticket();
  const Delegation delegation = delegate(ticket);
  const auto sent = deliveries("nordprint");
  ASSERT_FALSE(sent.empty());
  const std::string answer = "In-Reply-To: <" + sent.front().correlation + "@ombud.example>\r\n";
  take(letter("Support <help@nordprint.example>", "Klart", kFalse + answer));
  EXPECT_THAT(suppliers.calls, IsEmpty());
  EXPECT_THAT(notes(ticket), HasSubstr("Nobody knows who wrote this"));
  take(letter("Support <help@nordprint.example>", "[OMB-1] Klart", kFalse));
  take(letter("Support <help@nordprint.example>", "Driftstopp", kFalse));
  EXPECT_THAT(suppliers.calls, IsEmpty());
  EXPECT_THAT(suppliers.announcements, IsEmpty());
  const std::string proven =
      "Authentication-Results: mx.ombud.example; dmarc=pass header.from=nordprint.example\r\n";
  take(letter("Support <help@nordprint.example>", "Klart", proven + answer));
  EXPECT_THAT(suppliers.calls, SizeIs(1));
}

TEST_F(MailTrustTest, WhatAnUnprovenSenderCountsAsIsASetting) {
  take(letter(kErik, "Utan besked"));
  EXPECT_EQ(view({1}).requester_name, "Erik Ek");
  options.route.believe_unproven = false;
  start();
  take(letter(kErik, "Utan besked igen"));
  EXPECT_EQ(view({2}).ticket.requester.value, 0);
  EXPECT_THAT(notes({2}), HasSubstr("nothing proves that"));
  take(letter(kErik, "Med besked", kProven));
  EXPECT_EQ(view({3}).requester_name, "Erik Ek");
}

TEST_F(MailTrustTest, ASignedAddressOrTagLeadsToItsTicket) {
  erik_writes();
  const TicketId ticket = tickets().front().id;
  Envelope envelope;
  envelope.from = "erik.ek@alfa.example";
  envelope.recipients = {signed_address(ticket)};
  wait(intake->store(envelope, letter(kErik, "Ny tråd", kProven, "Från telefonen.")));
  process();
  EXPECT_THAT(tickets(), SizeIs(1));
  EXPECT_EQ(view(ticket).messages.back().text, "Från telefonen.");
  EXPECT_EQ(view(ticket).messages.back().visibility, Visibility::user);
  take(letter(kErik, "Sv: " + subject_tag(options.route.key, ticket), kProven, "Med märke."));
  EXPECT_EQ(view(ticket).messages.back().text, "Med märke.");
}

TEST_F(MailTrustTest, WhoeverHasASignedAddressFromSomebodyIsOnlyNoted) {
  erik_writes();
  const TicketId ticket = tickets().front().id;
  const std::size_t said = public_messages(ticket);
  Envelope envelope;
  envelope.from = "x@stranger.example";
  envelope.recipients = {signed_address(ticket)};
  wait(intake->store(envelope, letter("X <x@stranger.example>", "Hej", "", "Jag har skrivaren.")));
  envelope.from = "otto@beta.example";
  wait(intake->store(envelope, letter("Otto Ob <otto@beta.example>", "Hej", "", "Jag med.")));
  process();
  EXPECT_THAT(tickets(), SizeIs(1));
  EXPECT_EQ(public_messages(ticket), said);
  EXPECT_THAT(notes(ticket), HasSubstr("Jag har skrivaren."));
  EXPECT_THAT(notes(ticket), HasSubstr("Jag med."));
  // A guessed one is no tag: a ticket of his own, which says what he named.
  take(letter("X <x@stranger.example>", "[OMB-1 aaaaaaaaaaaaaaaa] Hej"));
  EXPECT_THAT(tickets(), SizeIs(2));
  EXPECT_EQ(public_messages(ticket), said);
}

TEST_F(MailTrustTest, AddressesHaveDefaultsForWhomNobodyKnows) {
  store.run(system, [](Tx& tx) {
    put_team(tx, {"betateam", "Beta"});
    return true;
  });
  options.route.by_address["it@ombud.example"] = {"beta", "betateam", "en"};
  start();
  receive(letter("X <x@stranger.example>", "Hello"), "x@stranger.example", "it@ombud.example");
  receive(letter(kErik, "Hej", kProven), "erik.ek@alfa.example", "it@ombud.example");
  process();
  ASSERT_THAT(tickets(), SizeIs(2));
  EXPECT_EQ(view({1}).ticket.customer, "beta");
  EXPECT_EQ(view({1}).ticket.team, "betateam");
  EXPECT_EQ(view({1}).ticket.language, "en");
  EXPECT_EQ(view({1}).ticket.requester.value, 0);
  // A known person's own customer is stronger; the team is the address's.
  EXPECT_EQ(view({2}).ticket.customer, "alfa");
  EXPECT_EQ(view({2}).requester_name, "Erik Ek");
  EXPECT_EQ(view({2}).ticket.team, "betateam");
}

TEST_F(MailTrustTest, OneMailToTwoCustomersIsOneTicketAndACopyThatSaysOfWhat) {
  options.route.by_address["it@ombud.example"] = {"beta", "", ""};
  options.route.by_address["desk@ombud.example"] = {"alfa", "", ""};
  start();
  Envelope envelope;
  envelope.from = "x@stranger.example";
  envelope.recipients = {"desk@ombud.example", "it@ombud.example"};
  const std::string raw = letter("X <x@stranger.example>", "Till båda");
  const Receipt receipt = wait(intake->store(envelope, raw));
  EXPECT_EQ(wait(intake->store(envelope, raw)).mail_id, receipt.mail_id);
  process();
  ASSERT_THAT(tickets(), SizeIs(1));
  EXPECT_EQ(view({1}).ticket.customer, "alfa");
  EXPECT_THAT(notes({1}), HasSubstr("sent to another customer's address, too"));
  EXPECT_EQ(row(2).outcome, "duplicate");
  EXPECT_EQ(row(2).copy_of, 1);
  EXPECT_EQ(row(2).ticket, TicketId{1});
  const auto listed = [this](const std::optional<std::string>& tenant) {
    Principal who = agent;
    who.tenant = tenant;
    return store.run(who, [](Tx& tx) { return find_mail_in(tx, 2); });
  };
  EXPECT_EQ(listed(std::nullopt)->copy_of, 1);
  EXPECT_FALSE(listed("beta")) << "it is on a ticket of alfa's";
  // A known person's mail to both is his customer's.
  envelope.from = "erik.ek@alfa.example";
  wait(intake->store(envelope, letter(kErik, "Till båda", kProven)));
  process();
  EXPECT_THAT(tickets(), SizeIs(2));
  EXPECT_EQ(view({2}).ticket.customer, "alfa");
  EXPECT_THAT(notes({2}), Not(HasSubstr("another customer's address")));
}

TEST_F(MailTrustTest, WhoeverForgesAMailDoesNotKeepTheTrueOneFromBeingHeard) {
  const std::string raw = letter(kErik, "Skrivaren");
  receive(kFalse + raw);
  receive(kProven + raw);
  receive(kProven + raw, "erik.ek@alfa.example", "it@ombud.example");
  receive(kFalse + raw, "erik.ek@alfa.example", "it@ombud.example");
  process();
  ASSERT_THAT(tickets(), SizeIs(2));
  EXPECT_EQ(view({1}).ticket.customer, "unknown");
  EXPECT_EQ(view({2}).requester_name, "Erik Ek");
  EXPECT_THAT(notes({2}), HasSubstr("may be somebody else than he says"));
  EXPECT_EQ(row(3).copy_of, 2);
  EXPECT_EQ(row(4).copy_of, 2);
}

TEST_F(MailTrustTest, OneMailToTwoTeamsOfACustomerIsOneTicketThatSaysSo) {
  store.run(system, [](Tx& tx) {
    put_team(tx, {"nat", "Nät"});
    return true;
  });
  options.route.by_address["it@ombud.example"] = {"", "nat", ""};
  start();
  const std::string raw = letter(kErik, "Till båda", kProven);
  receive(raw);
  const Receipt second = receive(raw, "erik.ek@alfa.example", "it@ombud.example");
  process();
  EXPECT_THAT(tickets(), SizeIs(1));
  EXPECT_EQ(row(second.mail_id).outcome, "duplicate");
  EXPECT_THAT(notes({1}), HasSubstr("of team nat, too"));
}

TEST_F(MailTrustTest, AMachineThatAnswersEveryReceiptAndHidesItHearsNothingAfterTwo) {
  // Nothing in its mails tells it from a person: new Message-ID, no reference, new subject.
  int mails = 1;
  take(letter(kErik, "Hej", kProven));
  std::size_t receipts = deliveries("desk-mail").size(), answered = 0;
  while (answered < receipts && mails < 50) {
    ++answered;
    ++mails;
    clock.advance(Millis{30'000});
    take(letter(kErik, "Jag är borta " + std::to_string(mails), kProven));
    receipts = deliveries("desk-mail").size();
  }
  EXPECT_LE(mails + static_cast<int>(receipts), 5) << "the loop has died within five mails";
  EXPECT_THAT(tickets(), SizeIs(3)) << "and none of its mails is lost";
}

TEST_F(MailTrustTest, APersonWhoWritesThreeThingsWithinAnHourGetsThreeReceipts) {
  for (const char* text : {"Skärmen är svart.", "Och dörren låser inte.", "Ny mus, tack."}) {
    take(letter(kErik, "Hej", kProven, text));
  }
  EXPECT_THAT(tickets(), SizeIs(3));
  EXPECT_THAT(deliveries("desk-mail"), SizeIs(3));
  EXPECT_EQ(row(3).outcome, "registered");
}

TEST_F(MailTrustTest, WhatOneAddressSendsBeyondItsShareIsGatheredAndNotLost) {
  options.tickets_per_hour = 5;
  start();
  for (int i = 0; i < 12; ++i) {
    clock.advance(Millis{1000});
    take(letter(kErik, "Larm " + std::to_string(i), kProven, "Nummer " + std::to_string(i) + "."));
  }
  EXPECT_THAT(tickets(), SizeIs(5));
  const std::string gathered = notes({5});
  for (int i = 5; i < 12; ++i) {
    EXPECT_THAT(gathered, HasSubstr("Nummer " + std::to_string(i) + "."));
  }
  // Others are not braked, and neither is he by whoever writes in his name.
  take(letter("Maja Malm <maja@alfa.example>", "Hej", kProven));
  EXPECT_THAT(tickets(), SizeIs(6));
  clock.advance(Millis{3'700'000});
  for (int i = 0; i < 7; ++i) take(letter(kErik, "Falskt " + std::to_string(i), kFalse));
  take(letter(kErik, "Äkta", kProven));
  EXPECT_EQ(tickets().front().subject, "Äkta");
}

std::string bounce_of(const std::string& correlation, const std::string& action,
                      const std::string& status) {
  return "From: MAILER-DAEMON@mx.alfa.example\r\nTo: desk@ombud.example\r\n"
         "Subject: Undelivered Mail Returned to Sender\r\nMessage-ID: <" +
         action + status + correlation +
         "@mx.alfa.example>\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
         "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
         "--b\r\nContent-Type: text/plain\r\n\r\nIt did not arrive.\r\n"
         "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
         "Reporting-MTA: dns; mx.alfa.example\r\n\r\n"
         "Final-Recipient: rfc822; erik.ek@alfa.example\r\nAction: " +
         action + "\r\nStatus: " + status +
         "\r\nDiagnostic-Code: smtp; 550 no such user\r\n"
         "--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <" +
         correlation + "@ombud.example>\r\nSubject: Skrivaren\r\n--b--\r\n";
}

TEST_F(MailTrustTest, AReportThatOurMailDidNotArriveIsAnEventAndMarksTheAddress) {
  const std::string correlation = erik_writes();
  const TicketId ticket = tickets().front().id;
  const auto bounces = [&] {
    return store.run(system, [&](Tx& tx) { return bounces_of(tx, ticket); });
  };
  const auto bouncing_now = [&] {
    return store.run(system,
                     [&](Tx& tx) { return bouncing(tx, "erik.ek@alfa.example").has_value(); });
  };
  take(bounce_of(correlation, "delayed", "4.4.1"), "");
  ASSERT_THAT(bounces(), SizeIs(1));
  EXPECT_FALSE(bounces().front().permanent);
  EXPECT_FALSE(bouncing_now());
  const Receipt receipt = receive(bounce_of(correlation, "failed", "5.1.1"), "");
  process();
  EXPECT_EQ(row(receipt.mail_id).outcome, "bounce");
  ASSERT_THAT(bounces(), SizeIs(2));
  EXPECT_TRUE(bounces().back().permanent);
  EXPECT_EQ(bounces().back().why, "550 no such user");
  EXPECT_EQ(bounces().back().address, "erik.ek@alfa.example");
  EXPECT_EQ(bounces().back().person, user.person);
  EXPECT_TRUE(bouncing_now());
  EXPECT_THAT(tickets(), SizeIs(1));
  EXPECT_THAT(deliveries("desk-mail"), SizeIs(1)) << "nobody answers a bounce";
  take(letter(kErik, "Nu fungerar det", kProven));
  EXPECT_FALSE(bouncing_now()) << "whoever writes from there can be written to";
}

TEST_F(MailTrustTest, AForgedReportMarksNothing) {
  const std::string correlation = erik_writes();
  take(kFalse + bounce_of(correlation, "failed", "5.1.1"), "");
  take(bounce_of("neversent", "failed", "5.1.1"), "");
  EXPECT_TRUE(store.run(system, [&](Tx& tx) {
    return bounces_of(tx, {1}).empty() && !bouncing(tx, "erik.ek@alfa.example");
  }));
}

TEST_F(MailTrustTest, AMessageKnowsWhatOfItIsNewAndWhichImageIsWhere) {
  const std::string raw =
      kProven + "From: " + kErik +
      "\r\nTo: desk@ombud.example\r\nSubject: Bild\r\nMessage-ID: <bild@alfa.example>\r\n"
      "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n"
      "--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
      "<p>Se <b>här</b></p><img src=\"cid:bild\" alt=\"skärm\">\r\n"
      "--b\r\nContent-Type: image/png; name=skarm.png\r\nContent-ID: <bild>\r\n"
      "Content-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--b--\r\n";
  const Receipt receipt = receive(raw);
  process();
  const auto mail = mail_message(receipt.mail_id);
  ASSERT_TRUE(mail);
  EXPECT_EQ(mail->person, user.person);
  const auto files = view({1}).attachments;
  ASSERT_THAT(files, SizeIs(1));
  EXPECT_THAT(mail->body, HasSubstr("\"attachment\":" + std::to_string(files.front().id.value)));
  EXPECT_THAT(mail->body, Not(HasSubstr("<b>")));
}

}  // namespace
}  // namespace ombud::mail
