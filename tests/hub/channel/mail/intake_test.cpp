#include "channel/mail/intake.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include "channel/mail/smtp/smtp_server.hpp"
#include "desk/rearrange.hpp"
#include "desk/ticket_people.hpp"
#include "hub/channel/mail/intake_world.hpp"
#include "hub/channel/mail/mime/corpus.hpp"
#include "hub/channel/mail/smtp/smtp_client.hpp"

namespace ombud::mail {
namespace {

using test::IntakeWorld;
using test::letter;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr std::string_view kErik = "Erik Ek <erik.ek@alfa.example>";

class MailIntakeTest : public ::testing::Test, public IntakeWorld {
 protected:
  // A ticket of Erik's whose receipt has left; what its Message-ID starts with.
  std::string correlation_of_receipt(TicketId* ticket) {
    take(letter(std::string(kErik), "Skrivare trasig"));
    *ticket = tickets().front().id;
    const auto receipts = deliveries("desk-mail");
    EXPECT_THAT(receipts, SizeIs(1));
    return receipts.front().correlation;
  }
  // A ticket that Nordprint works on.
  TicketId handed_over() {
    const TicketId ticket = new_ticket();
    delegate(ticket);
    return ticket;
  }
  void resolve(TicketId ticket) {
    store.run(agent, [&](Tx& tx) { return desk::resolve(tx, ticket, "Bytte trumma."); }).value();
  }
  // Replaces the correlation that the mails in the corpus answer.
  static std::string answering(std::string raw, const std::string& correlation) {
    for (std::size_t at = raw.find("corr0001"); at != std::string::npos;
         at = raw.find("corr0001")) {
      raw.replace(at, 8, correlation);
    }
    return raw;
  }
};

TEST_F(MailIntakeTest, MakesATicketOfAUsersMailWithAReceiptInHisThread) {
  take(test::corpus_mail("swedish_subject_q"));  // Åsa is not known, but her domain is
  ASSERT_THAT(tickets(), SizeIs(1));
  const auto seen = view(tickets().front().id);
  EXPECT_EQ(seen.ticket.customer, "alfa");
  EXPECT_EQ(seen.requester_name, "Åsa Ström");
  EXPECT_EQ(seen.ticket.subject, "Skrivaren på plan 2 är trasig, hjälp!");
  EXPECT_EQ(seen.ticket.channel, Channel::mail);
  EXPECT_THAT(seen.messages.front().text, StartsWith("Hej!\n\nDen drar inte papper"));
  EXPECT_THAT(notes(seen.ticket.id),
              HasSubstr("made a person of this customer by the mail domain"));
  ASSERT_THAT(deliveries("desk-mail"), SizeIs(1));
  EXPECT_THAT(deliveries("desk-mail").front().body, HasSubstr("<q-1@alfa.example>"));
}

TEST_F(MailIntakeTest, EveryMailOfTheCorpusBecomesOneTicketAndLosesNoByte) {
  options.tickets_per_hour = 100'000;  // a few senders wrote all of it
  start();
  std::size_t count = 0;
  for (const std::string& name : test::corpus_names()) {
    const std::string raw = test::corpus_mail(name);
    const ParsedMail mail = parse_mail(raw);
    const Receipt receipt = receive(raw);
    ASSERT_TRUE(receipt.stored) << name;
    EXPECT_EQ(process(), kNever) << name << ": " << logged;
    ASSERT_THAT(tickets(), SizeIs(++count)) << name;
    const MailRow done = row(receipt.mail_id);
    EXPECT_EQ(done.state, "done") << name;
    EXPECT_TRUE(blobs.files.at(done.sha256) == raw) << name;

    const auto seen = view(done.ticket);
    EXPECT_EQ(seen.ticket.subject.empty(), false) << name;
    EXPECT_THAT(seen.messages.front().text, HasSubstr(mail.text)) << name;
    // Every file of the mail is on the ticket, or the mail itself is.
    std::size_t files = 0;
    bool original = false;
    for (const Attachment& file : seen.attachments) {
      if (file.visibility == Visibility::user) {
        ASSERT_LT(files, mail.attachments.size()) << name;
        EXPECT_TRUE(bytes_of(file) == mail.attachments[files++].bytes) << name;
      } else {
        original = true;
        EXPECT_TRUE(bytes_of(file) == raw) << name;
      }
    }
    EXPECT_TRUE(original || files == mail.attachments.size()) << name;
    EXPECT_TRUE(original || !mail.flags.doubtful()) << name;
  }
  EXPECT_GT(count, 20U);
}

TEST_F(MailIntakeTest, KeepsAMailOfAnUnknownSenderWithoutAnsweringIt) {
  take(letter("Okänd <vem@okand.example>", "Hjälp"), "vem@okand.example");
  ASSERT_THAT(tickets(), SizeIs(1));
  const Ticket ticket = tickets().front();
  EXPECT_EQ(ticket.customer, "unknown");
  EXPECT_EQ(ticket.requester.value, 0);
  EXPECT_THAT(notes(ticket.id), HasSubstr("Okänd <vem@okand.example> is not known"));
  EXPECT_THAT(deliveries("desk-mail"), IsEmpty());
}

TEST_F(MailIntakeTest, TakesAnAnswerToOurMailAsTheUsersReplyAndOpensTheTicketAgain) {
  TicketId ticket;
  const std::string correlation = correlation_of_receipt(&ticket);
  resolve(ticket);
  take(letter(std::string(kErik), "SV: helt annat",
              "In-Reply-To: <" + correlation + "@desk.example>\r\n", "Nej, fortfarande trasig."));
  ASSERT_THAT(tickets(), SizeIs(1));
  const auto seen = view(ticket);
  EXPECT_EQ(seen.ticket.status, TicketStatus::in_progress);
  EXPECT_EQ(seen.messages.back().text, "Nej, fortfarande trasig.");
  EXPECT_EQ(seen.messages.back().from, Party::user);
  EXPECT_EQ(seen.messages.back().author, "Erik Ek");
  EXPECT_EQ(row(2).outcome, "reply");
}

TEST_F(MailIntakeTest, TakesTheUsersOwnNextMailAndATagInHisSubjectAsReplies) {
  take(letter(std::string(kErik), "Skrivare", "X-A: 1\r\n"));
  const TicketId ticket = tickets().front().id;
  const std::string first = row(1).message_id;
  take(letter(std::string(kErik), "Re: Skrivare", "References: " + first + "\r\n", "Ett till."));
  take(letter(std::string(kErik), "[" + reference_of(ticket) + "] en sak till", "", "Och ett."));
  EXPECT_THAT(tickets(), SizeIs(1));
  EXPECT_THAT(view(ticket).messages, SizeIs(3));
}

TEST_F(MailIntakeTest, NotesWhatAColleagueWrites) {
  TicketId ticket;
  const std::string correlation = correlation_of_receipt(&ticket);
  take(answering(test::corpus_mail("gmail_reply"), correlation));
  EXPECT_THAT(tickets(), SizeIs(1));
  EXPECT_THAT(notes(ticket), HasSubstr("Maja Malm <maja@alfa.example> wrote about this ticket"));
  EXPECT_THAT(notes(ticket), HasSubstr("Nu fungerar den igen, tack!"));
}

TEST_F(MailIntakeTest, ASupplierGetsTheUsersWordsAndNotWhatHisMailQuotes) {
  take(letter(std::string(kErik), "Skrivare"));
  const TicketId ticket = tickets().front().id;
  delegate(ticket);
  take(letter(std::string(kErik), "[" + reference_of(ticket) + "]", "",
              "Den piper.\r\n\r\nOn Mon, 23 Nov 2026 at 08:00, Desk <desk@ombud.example> wrote:\r\n"
              "> Choose what you hear of: https://desk.example/notifications?token=17-abc\r\n"));
  EXPECT_THAT(view(ticket).messages.back().text, HasSubstr("token=17-abc"));
  const auto left = deliveries("nordprint");
  ASSERT_FALSE(left.empty());
  bool told = false;
  for (const Delivery& delivery : left) {
    told = told || delivery.body.find("Den piper.") != std::string::npos;
    EXPECT_THAT(delivery.body, Not(HasSubstr("token=17-abc")));
  }
  EXPECT_TRUE(told);
}

TEST_F(MailIntakeTest, AParticipantsMailIsAReply) {
  TicketId ticket;
  const std::string correlation = correlation_of_receipt(&ticket);
  store.run(agent, [&](Tx& tx) {
    return desk::add_participant(tx, {ticket, {}, "maja@alfa.example", ""}).has_value();
  });
  take(
      letter("Maja Malm <maja@alfa.example>", "[" + reference_of(ticket) + "]", "", "Hos mig med."),
      "maja@alfa.example");
  EXPECT_EQ(row(2).outcome, "reply");
  EXPECT_EQ(view(ticket).messages.back().text, "Hos mig med.");
  EXPECT_EQ(view(ticket).messages.back().author, "Maja Malm");
}

TEST_F(MailIntakeTest, AnAnswerToAMergedTicketGoesWhereItWentOn) {
  TicketId ticket;
  const std::string correlation = correlation_of_receipt(&ticket);
  take(letter(std::string(kErik), "Samma fel igen"));
  const TicketId into{2};
  const auto merged = [&](Tx& tx) { return desk::merge(tx, ticket, into).has_value(); };
  EXPECT_TRUE(store.run(agent, merged));
  const std::size_t before = view(ticket).messages.size();
  take(letter(std::string(kErik), "SV: Skrivare",
              "In-Reply-To: <" + correlation + "@desk.example>\r\n", "Första svaret."));
  take(letter(std::string(kErik), "[" + reference_of(ticket) + "]", "", "Andra svaret."));
  take(letter(std::string(kErik), "Re: x", "References: " + row(1).message_id + "\r\n", "Tredje."));
  EXPECT_THAT(tickets(), SizeIs(2));
  EXPECT_THAT(view(ticket).messages, SizeIs(before));
  ASSERT_THAT(view(into).messages, SizeIs(4));
  EXPECT_EQ(view(into).messages[1].text, "Första svaret.");
  EXPECT_EQ(view(into).messages[2].text, "Andra svaret.");
  EXPECT_EQ(view(into).messages[3].text, "Tredje.");
  EXPECT_EQ(view(ticket).ticket.status, TicketStatus::closed);
}

TEST_F(MailIntakeTest, NeverAddsAStrangersMailToATicketWhateverItNames) {
  TicketId ticket;
  const std::string correlation = correlation_of_receipt(&ticket);
  const std::size_t messages = view(ticket).messages.size();
  const std::string tag = "[" + reference_of(ticket) + "] gissat";
  take(letter("Otto Ob <otto@beta.example>", tag), "otto@beta.example");
  take(letter("X <x@okand.example>", tag, "In-Reply-To: <" + correlation + "@desk.example>\r\n"),
       "x@okand.example");
  take(letter("X <x@okand.example>", tag, "References: " + row(1).message_id + "\r\n"),
       "x@okand.example");
  EXPECT_THAT(view(ticket).messages, SizeIs(messages));
  ASSERT_THAT(tickets(), SizeIs(4));
  EXPECT_EQ(view({2}).ticket.customer, "beta");
  for (const std::int64_t id : {2, 3, 4}) {
    EXPECT_THAT(notes({id}), HasSubstr("It names " + reference_of(ticket)));
  }
}

TEST_F(MailIntakeTest, HandsASuppliersAnswerToItsConnector) {
  const TicketId ticket = new_ticket();
  store.run(agent, [&](Tx& tx) {
    desk::Change change;
    change.service = "printing";
    return desk::change(tx, ticket, std::nullopt, change);
  });
  delegate(ticket);
  const std::string correlation = deliveries("nordprint").back().correlation;
  const std::string raw =
      letter("help@nordprint.example", "Ert ärende",
             "In-Reply-To: <" + correlation + "@desk.example>\r\nAuto-Submitted: auto-replied\r\n");
  suppliers.answer = SupplierMail::Outcome::later;
  receive(raw, "help@nordprint.example");
  const Instant again = process();
  EXPECT_EQ(row(1).state, "waiting_link");
  EXPECT_EQ(again, time.now() + options.retry_first);

  EXPECT_EQ(process(), again);  // not before its time
  EXPECT_THAT(suppliers.calls, SizeIs(1));
  start();  // a new life of the hub does not wait
  suppliers.answer = SupplierMail::Outcome::taken;
  EXPECT_EQ(process(), kNever);
  EXPECT_EQ(row(1).outcome, "supplier");
  EXPECT_EQ(row(1).ticket, ticket);
  ASSERT_THAT(suppliers.calls, SizeIs(2));
  EXPECT_EQ(suppliers.calls[1].first, "nordprint");
  EXPECT_TRUE(suppliers.calls[1].second == raw);

  // By the supplier's address and the number in the subject; and not understood, so a person reads
  // it.
  suppliers.answer = SupplierMail::Outcome::not_understood;
  const std::string other = letter("anyone@nordprint.example", "Om " + reference_of(ticket));
  take(other, "anyone@nordprint.example");
  EXPECT_THAT(notes(ticket), HasSubstr("its connector did not understand"));
  EXPECT_TRUE(bytes_of(view(ticket).attachments.back()) == other);
  EXPECT_EQ(view(ticket).attachments.back().visibility, Visibility::internal);
  EXPECT_THAT(tickets(), SizeIs(1));
}

TEST_F(MailIntakeTest, AMailOfASupplierWithoutATicketIsShownToItsConnectorAndElseBecomesOne) {
  const std::string raw = letter("drift@nordprint.example", "Planerat underhåll");
  suppliers.announces = SupplierMail::Outcome::taken;
  take(raw, "drift@nordprint.example");
  ASSERT_THAT(suppliers.announcements, SizeIs(1));
  EXPECT_EQ(suppliers.announcements[0].first, "nordprint");
  EXPECT_TRUE(suppliers.announcements[0].second == raw);
  EXPECT_EQ(row(1).outcome, "notice");
  EXPECT_THAT(tickets(), SizeIs(0));

  // It announces nothing, or its connector is down: a person reads it.
  for (const auto outcome : {SupplierMail::Outcome::not_understood, SupplierMail::Outcome::later}) {
    suppliers.announces = outcome;
    const std::size_t before = tickets().size();
    take(letter("drift@nordprint.example", "Faktura " + std::to_string(before)),
         "drift@nordprint.example");
    EXPECT_THAT(tickets(), SizeIs(before + 1));
  }
  // Anybody else's mail is nobody's announcement.
  take(letter("vem@okand.example", "Planerat underhåll"), "vem@okand.example");
  EXPECT_THAT(suppliers.announcements, SizeIs(3));
}

TEST_F(MailIntakeTest, MailsOfASupplierAboutOneTicketDoNotOvertakeEachOther) {
  const TicketId ticket = handed_over(), other = handed_over();
  const auto mail_about = [](TicketId about, const std::string& text) {
    return letter("anyone@nordprint.example", "Om " + reference_of(about), "", text);
  };
  const std::string first = mail_about(ticket, "Ett."), second = mail_about(ticket, "Två."),
                    third = mail_about(ticket, "Tre."), elsewhere = mail_about(other, "Nytt.");
  const auto asked = [&] {
    std::vector<std::string> raws;
    for (const auto& [link, raw] : suppliers.calls) raws.push_back(raw);
    suppliers.calls.clear();
    return raws;
  };
  suppliers.answer = SupplierMail::Outcome::later;
  receive(first, "help@nordprint.example");
  const Instant again = process();
  EXPECT_THAT(asked(), testing::ElementsAre(first));

  // The link is back, but the first has its time to wait; nobody passes it.
  suppliers.answer = SupplierMail::Outcome::taken;
  receive(second, "help@nordprint.example");
  receive(third, "help@nordprint.example");
  receive(elsewhere, "help@nordprint.example");
  EXPECT_EQ(process(), again);
  EXPECT_THAT(asked(), testing::ElementsAre(elsewhere));
  EXPECT_EQ(row(2).state, "waiting_link");

  intake->wake();
  EXPECT_EQ(process(), kNever);
  EXPECT_THAT(asked(), testing::ElementsAre(first, second, third));
}

TEST_F(MailIntakeTest, AMailThatItsLinkNeverTakesDoesNotHoldUpTheLaterOnesForEver) {
  const TicketId ticket = handed_over();
  const auto mail_about = [&](const std::string& text) {
    return letter("anyone@nordprint.example", "Om " + reference_of(ticket), "", text);
  };
  suppliers.answer = SupplierMail::Outcome::later;
  receive(mail_about("Ett."), "help@nordprint.example");
  process();
  time.advance(time.now() + options.link_wait_max);
  clock.set(time.now());
  const std::string second = mail_about("Två.");
  receive(second, "help@nordprint.example");
  process();
  EXPECT_EQ(row(1).outcome, "note");
  EXPECT_EQ(row(2).state, "waiting_link");  // it has been asked for, and has its own time to wait
  EXPECT_EQ(suppliers.calls.back().second, second);
}

TEST_F(MailIntakeTest, ALinkThatComesUpWhileItsMailIsBeingRefusedIsAskedAgainAtOnce) {
  const TicketId ticket = handed_over();
  suppliers.answer = SupplierMail::Outcome::later;
  suppliers.meanwhile = [&] { intake->wake(); };
  receive(letter("anyone@nordprint.example", "Om " + reference_of(ticket)),
          "help@nordprint.example");
  EXPECT_EQ(process(), time.now());
  suppliers.meanwhile = nullptr;
  suppliers.answer = SupplierMail::Outcome::taken;
  EXPECT_EQ(process(), kNever);
  EXPECT_EQ(row(1).outcome, "supplier");
}

TEST_F(MailIntakeTest, ASuppliersMailsKeepTheirOrderOverARestart) {
  const TicketId ticket = handed_over();
  const auto mail_about = [&](const std::string& text) {
    return letter("anyone@nordprint.example", "Om " + reference_of(ticket), "", text);
  };
  const std::string first = mail_about("Ett."), second = mail_about("Två.");
  suppliers.answer = SupplierMail::Outcome::later;
  take(first, "help@nordprint.example");
  take(second, "help@nordprint.example");
  for (int lives = 0; lives <= options.crashes_max; ++lives) {
    start();
    process();
  }
  suppliers.calls.clear();
  suppliers.answer = SupplierMail::Outcome::taken;
  start();
  EXPECT_EQ(process(), kNever);
  ASSERT_THAT(suppliers.calls, SizeIs(2));
  EXPECT_TRUE(suppliers.calls[0].second == first);
  EXPECT_TRUE(suppliers.calls[1].second == second);
  EXPECT_THAT(tickets(), SizeIs(1));
}

TEST_F(MailIntakeTest, NotesAutomaticAnswersAndBouncesAndNeverOpensATicketForThem) {
  TicketId ticket;
  const std::string correlation = correlation_of_receipt(&ticket);
  resolve(ticket);
  const std::size_t sent = deliveries("desk-mail").size();
  take(answering(test::corpus_mail("out_of_office"), correlation));
  take(answering(test::corpus_mail("bounce"), correlation), "");
  EXPECT_EQ(view(ticket).ticket.status, TicketStatus::resolved);
  EXPECT_THAT(notes(ticket), HasSubstr("Jag är tillbaka på måndag."));
  EXPECT_THAT(notes(ticket), HasSubstr("came back"));
  EXPECT_THAT(tickets(), SizeIs(1));
  EXPECT_THAT(deliveries("desk-mail"), SizeIs(sent));
}

TEST_F(MailIntakeTest, AMachinesMailThatBelongsNowhereGetsNoReceipt) {
  take(test::corpus_mail("bounce"), "");
  take(letter(std::string(kErik), "Larm", "Auto-Submitted: auto-generated\r\n"));
  take(letter(std::string(kErik), "Utskick", "Precedence: bulk\r\n"));
  take(letter(std::string(kErik), "Runda", "X-Loop: desk\r\n"));
  take(letter("Desk <desk@ombud.example>", "Från oss själva"));
  take(letter(std::string(kErik), "Lista", "List-Id: <alla.alfa.example>\r\n"));
  ASSERT_THAT(tickets(), SizeIs(6));
  EXPECT_THAT(deliveries("desk-mail"), IsEmpty());
  EXPECT_EQ(view({2}).ticket.customer, "alfa");
  EXPECT_EQ(view({2}).ticket.requester.value, 0);
  EXPECT_THAT(notes({2}), HasSubstr("Auto-Submitted: auto-generated"));
  EXPECT_EQ(view({6}).requester_name, "Erik Ek");  // a list hides no person
}

TEST_F(MailIntakeTest, SendsAtMostSoManyReceiptsToOneAddressInAnHour) {
  options.receipts_per_hour = 3;
  start();
  for (int i = 0; i < 5; ++i) {
    take(letter(std::string(kErik), "Igen", "", "Sak nummer " + std::to_string(i)));
  }
  EXPECT_THAT(tickets(), SizeIs(5));
  EXPECT_THAT(deliveries("desk-mail"), SizeIs(3));
  EXPECT_THAT(notes({5}), HasSubstr("within an hour"));
  clock.advance(Millis{3'600'001});
  take(letter(std::string(kErik), "Nästa timme"));
  EXPECT_THAT(deliveries("desk-mail"), SizeIs(4));
}

TEST_F(MailIntakeTest, AMailThatIsSentAgainAfterACrashMakesOneTicket) {
  const std::string raw = letter(std::string(kErik), "En gång");
  const Receipt first = receive(raw);  // stored; the hub dies before its 250 is out
  start();
  const Receipt again = receive("Received: from mx2 by us; now\r\n" + raw);
  EXPECT_TRUE(again.stored);
  EXPECT_EQ(again.mail_id, first.mail_id);
  process();
  start();
  process();
  EXPECT_EQ(receive(raw).mail_id, first.mail_id);  // and once more after it was done
  process();
  EXPECT_THAT(tickets(), SizeIs(1));
}

TEST_F(MailIntakeTest, AnAlarmWithoutMessageIdIsANewOneEachTimeItIsSent) {
  const std::string alarm =
      "From: erik.ek@alfa.example\r\nSubject: Toner slut\r\n\r\nToner slut.\r\n";
  const auto at = [&](const std::string& hour) {
    return "Received: from printer by mx.alfa.example; Mon, 23 Nov 2026 " + hour + "\r\n" + alarm;
  };
  const Receipt first = receive(at("09:00:00 +0100"));
  EXPECT_EQ(receive(at("09:00:00 +0100")).mail_id, first.mail_id) << "sent again by the border";
  EXPECT_NE(receive(at("11:00:00 +0100")).mail_id, first.mail_id);
  process();
  EXPECT_THAT(tickets(), SizeIs(2));
}

TEST_F(MailIntakeTest, OneMailToTwoAddressesOfTheDeskIsOneTicket) {
  const std::string raw = letter(std::string(kErik), "Till båda");
  receive(raw, "erik.ek@alfa.example", "desk@ombud.example");
  const Receipt second = receive(raw, "erik.ek@alfa.example", "it@ombud.example");
  process();
  EXPECT_THAT(tickets(), SizeIs(1));
  EXPECT_EQ(row(second.mail_id).outcome, "duplicate");
  EXPECT_EQ(row(second.mail_id).ticket, tickets().front().id);
}

TEST_F(MailIntakeTest, AMailThatTookTheHubDownBecomesATicketUnread) {
  const std::string raw = letter(std::string(kErik), "Gift");
  const Receipt receipt = receive(raw);
  for (int life = 0; life < 3; ++life) {
    store.run(system, [&](Tx& tx) { return count_attempt(tx, receipt.mail_id), true; });
  }
  start();
  process();
  ASSERT_THAT(tickets(), SizeIs(1));
  const auto seen = view(tickets().front().id);
  EXPECT_EQ(seen.ticket.subject, "(utan ämne)");
  EXPECT_EQ(seen.ticket.customer, "alfa");  // by its envelope
  ASSERT_THAT(seen.attachments, SizeIs(1));
  EXPECT_TRUE(bytes_of(seen.attachments[0]) == raw);
}

TEST_F(MailIntakeTest, PutsWhatIsTooLargeBesideTheTicket) {
  const std::string big(27U << 20U, 'x');
  const std::string text(std::size_t{2} << 20U, 'y');
  take(letter(std::string(kErik), std::string(300, 'S'),
              "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=q\r\n",
              "--q\r\nContent-Type: text/plain\r\n\r\n" + text +
                  "\r\n--q\r\nContent-Type: application/zip; name=stor.zip\r\n\r\n" + big +
                  "\r\n--q\r\nContent-Type: image/png; name=liten.png\r\n\r\nPNG\r\n--q--"));
  ASSERT_THAT(tickets(), SizeIs(1));
  const auto seen = view(tickets().front().id);
  EXPECT_EQ(seen.ticket.subject.size(), 255U);
  EXPECT_THAT(seen.messages.front().text, StartsWith("Ämne: " + std::string(300, 'S')));
  EXPECT_THAT(seen.messages.front().text, HasSubstr("message.txt"));
  EXPECT_THAT(notes(seen.ticket.id), HasSubstr("\"stor.zip\" has 28.3 MB"));
  ASSERT_THAT(seen.attachments, SizeIs(3));
  EXPECT_EQ(seen.attachments[0].name, "message.txt");
  EXPECT_THAT(bytes_of(seen.attachments[0]), HasSubstr(text));
  EXPECT_EQ(seen.attachments[1].name, "liten.png");
  EXPECT_EQ(seen.attachments[2].name, "mail-1.eml");
  EXPECT_EQ(seen.attachments[2].visibility, Visibility::internal);
}

// A long mail comes in as a file. Should it come again in memory (a mailbox), it is the same mail.
TEST_F(MailIntakeTest, AMailInAFileIsTheSameAsInMemory) {
  const std::string raw = letter(std::string(kErik), "Lång", "", std::string(5000, 'x'));
  const auto path =
      std::filesystem::temp_directory_path() / ("ombud-mail-" + std::to_string(::getpid()));
  std::ofstream(path, std::ios::binary) << raw;
  mail::Envelope envelope;
  envelope.from = "erik.ek@alfa.example";
  envelope.recipients = {"desk@ombud.example"};
  envelope.mailbox = "lmtp";
  const auto first = wait(intake->store_file(envelope, path.string()));
  EXPECT_TRUE(first.stored);
  EXPECT_FALSE(std::filesystem::exists(path));
  const auto again = wait(intake->store(envelope, raw));
  EXPECT_EQ(again.mail_id, first.mail_id);
  process();
  ASSERT_THAT(tickets(), SizeIs(1));
  EXPECT_EQ(tickets().front().subject, "Lång");
  EXPECT_TRUE(blobs.files.begin()->second == raw);
}

TEST_F(MailIntakeTest, StoresNothingAndPromisesNothingOnAFullDisk) {
  blobs.full = true;
  EXPECT_FALSE(receive(letter(std::string(kErik), "Fullt")).stored);
  blobs.full = false;
  process();
  EXPECT_THAT(tickets(), IsEmpty());
}

TEST_F(MailIntakeTest, TriesAgainLaterWhenAFileCannotBeStored) {
  receive(test::corpus_mail("iphone_inline_png"));
  blobs.full = true;
  const Instant again = process();
  EXPECT_EQ(again, time.now() + options.retry_first);
  EXPECT_THAT(tickets(), IsEmpty());
  EXPECT_EQ(row(1).attempts, 0) << "it took nobody down";
  blobs.full = false;
  EXPECT_EQ(process(), again);
  time.run(io, again);
  EXPECT_EQ(process(), kNever);
  EXPECT_THAT(tickets(), SizeIs(1));
}

TEST_F(MailIntakeTest, LeavesAMailWhoseBytesAreGoneForTheOperator) {
  receive(letter(std::string(kErik), "Borta"));
  blobs.files.clear();
  process();
  EXPECT_EQ(row(1).state, "received");
  EXPECT_THAT(logged, HasSubstr("Restore them from the backup"));
  receive(letter(std::string(kErik), "Nästa"));  // holds up nobody else
  process();
  EXPECT_THAT(tickets(), SizeIs(1));
}

TEST_F(MailIntakeTest, RunsByItselfFromSocketToTicketAndStopsWhenTold) {
  SmtpServer server(io.get_executor(), time, *intake, log, {});
  ASSERT_TRUE(server.listen().has_value());
  net::co_spawn(io, server.run(), net::detached);
  net::cancellation_signal stop;
  bool stopped = false;
  net::co_spawn(
      io, intake->run(),
      net::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr) { stopped = true; }));
  const std::string raw = test::corpus_mail("rtl_and_emoji");
  test::SmtpClient client(io, server.port());
  client.begin();
  EXPECT_EQ(client.deliver(raw), "250 2.0.0 ok, kept as mail 1");
  EXPECT_THAT(client.ask("QUIT"), StartsWith("221 "));
  io.poll();
  ASSERT_THAT(tickets(), SizeIs(1));
  EXPECT_TRUE(blobs.files.at(row(1).sha256) == raw);
  EXPECT_FALSE(stopped);
  stop.emit(net::cancellation_type::terminal);
  io.poll();
  EXPECT_TRUE(stopped);
}

TEST(MailRouteTags, FindsNumbersThatStandAlone) {
  const auto tags = [](std::string_view subject) {
    std::string all;
    for (const TicketId tag : tags_in(subject)) all += std::to_string(tag.value) + " ";
    return all;
  };
  EXPECT_EQ(tags("SV: [OMB-12] Om omb-7, OMB-12"), "12 7 ");
  EXPECT_EQ(tags("XOMB-1 OMB-2a OMB- OMB-0 OMB-99999999999999999999 ÅOMB-3"), "");
}

}  // namespace
}  // namespace ombud::mail
