// What is composed is read back with GMime and is what was meant; nothing in a value becomes a
// header.
#include "email/compose.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"
#include "email/glib_init.hpp"
#include "email/incoming.hpp"
#include "email/letter.hpp"

namespace ombud::email {
namespace {

constexpr std::int64_t kSentAt = 1795339800;  // 2026-11-22T09:30:00Z

Letter plain_letter() {
  Letter letter;
  letter.from = {"Servicedesk Åre", "desk@ombud.example"};
  letter.to = {"", "support@byggit.example"};
  letter.subject = "Skärmen är svart på våning ett och användaren når inte räksmörgåsen i köket";
  letter.reference = "OMB-1042";
  letter.text = "Hej,\n\nåäö ÅÄÖ – \"€\"\n";
  letter.message_id = "<abc@ombud.example>";
  letter.link = "ombud.example";
  return letter;
}

Settings supplier_settings(Language language) {
  Settings settings;
  settings.to = "support@byggit.example";
  settings.from = {"Servicedesk", "desk@ombud.example"};
  settings.domain = "ombud.example";
  settings.language = language;
  settings.commands = {{"#resolved", "resolved"}, {"#löst", "resolved"}};
  return settings;
}

std::string headers_of(const std::string& mail) {
  return mail.substr(0, mail.find("\r\n\r\n"));
}

TEST(Compose, SwedishSubjectNameAndTextReadBackAsTheyWere) {
  const std::string raw = compose(plain_letter(), kSentAt);
  for (const char c : raw)
    ASSERT_LT(static_cast<unsigned char>(c), 0x80) << "8-bit byte in the mail";
  const Incoming mail = read_mail(raw);
  EXPECT_EQ(mail.subject, "[OMB-1042] " + plain_letter().subject);
  EXPECT_EQ(mail.from.name, "Servicedesk Åre");
  EXPECT_EQ(mail.text, plain_letter().text);
  EXPECT_EQ(mail.message_id, "<abc@ombud.example>");
  EXPECT_EQ(mail.sent_at_ms, kSentAt * 1000);
}

TEST(Compose, EveryLineEndsWithCrLfAndIsShortEnough) {
  Letter letter = plain_letter();
  letter.text = std::string(5000, 'x') + "\nslut";
  const std::string raw = compose(letter, kSentAt);
  std::size_t start = 0;
  for (std::size_t at = raw.find('\n'); at != std::string::npos; at = raw.find('\n', at + 1)) {
    ASSERT_EQ(raw[at - 1], '\r');
    ASSERT_LE(at - start, 998U);
    start = at + 1;
  }
}

TEST(Compose, LineBreaksInAnyValueStayInsideIt) {
  Letter letter = plain_letter();
  const std::string evil = "x\r\nBcc: thief@evil.example\r\n\r\nbody\x01";
  letter.subject = evil;
  letter.from.name = evil;
  letter.to.name = evil;
  letter.reference = "OMB-1\r\nX-Evil: 1";
  letter.message_id = "<a@b>\r\nX-Evil: 1";
  letter.in_reply_to = "<a\r\nX-Evil: 1@b>";
  letter.language = "sv\r\nX-Evil: 1";
  letter.link = "l\nX-Evil: 1";
  letter.file = File{evil, "text/x\r\nX-Evil: 1", "bytes"};
  const std::string raw = compose(letter, kSentAt);
  EXPECT_EQ(raw.find("\r\nBcc:"), std::string::npos) << raw;
  EXPECT_EQ(raw.find("\r\nX-Evil"), std::string::npos) << raw;
  EXPECT_EQ(raw.find("\r\nbody"), std::string::npos) << raw;
}

TEST(Compose, TheTagStandsOnce) {
  EXPECT_EQ(tagged_subject("OMB-1", "Skrivare"), "[OMB-1] Skrivare");
  EXPECT_EQ(tagged_subject("OMB-1", "Re: [OMB-1] Skrivare [OMB-1]"), "[OMB-1] Re: Skrivare ");
  EXPECT_EQ(tagged_subject("OMB-1", ""), "[OMB-1]");
  EXPECT_EQ(tagged_subject("OMB-1", "[OMB-12] annan"), "[OMB-1] [OMB-12] annan");
}

TEST(Compose, AttachmentsKeepBytesAndSwedishNames) {
  Letter letter = plain_letter();
  std::string bytes;
  for (int i = 0; i < 3000; ++i) bytes += static_cast<char>(i % 256);
  letter.file = File{"../skärmbild Å.png", "image/png", bytes};
  const Incoming mail = read_mail(compose(letter, kSentAt));
  ASSERT_EQ(mail.enclosures.size(), 1U);
  EXPECT_EQ(mail.enclosures[0].name, ".._skärmbild Å.png");
  EXPECT_EQ(mail.enclosures[0].media_type, "image/png");
  EXPECT_EQ(mail.enclosures[0].bytes, bytes);
  EXPECT_EQ(mail.text, letter.text);
}

TEST(Compose, TheSameLetterIsTheSameMailEveryTime) {
  Letter letter = plain_letter();
  letter.file = File{"a.txt", "text/plain", "x"};
  EXPECT_EQ(compose(letter, kSentAt), compose(letter, kSentAt));
}

TEST(Letters, ANewTicketOpensAThreadAndSaysWhatIsKnown) {
  const auto document = json::parse(
      R"({"schema":"ombud.ticket/1","reference":"OMB-9","kind":"incident","priority":"urgent",)"
      R"("subject":"Nätet är nere","description":"Hela huset.","service":"Nät","opened_at":)"
      R"("2026-11-22T09:30:00Z","user":{"name":"Anna","phone":"070"}})");
  const auto letter =
      write_letter({"c1", "", document->root(), {}}, supplier_settings(Language::sv));
  ASSERT_TRUE(letter);
  EXPECT_EQ(letter->message_id, "<c1@ombud.example>");
  EXPECT_TRUE(letter->references.empty());
  EXPECT_FALSE(letter->automatic);
  for (const char* part : {"OMB-9", "Brådskande", "Tjänst: Nät", "Anna, 070",
                           "2026-11-22 09:30 UTC", "Hela huset.", "#löst"}) {
    EXPECT_NE(letter->text.find(part), std::string::npos) << part << "\n" << letter->text;
  }
  EXPECT_EQ(letter->text.find("Kund"), std::string::npos)
      << "a fact that may not leave got a label";
}

TEST(Letters, AChangedTicketBecomesAShortMailInTheThread) {
  const auto document = json::parse(
      R"({"schema":"ombud.ticket/1","reference":"OMB-9","status":"withdrawn","subject":"Net down",)"
      R"("description":"All of it."})");
  const auto letter = write_letter({"c2", "<c1@ombud.example>", document->root(), {}},
                                   supplier_settings(Language::en));
  ASSERT_TRUE(letter);
  EXPECT_EQ(letter->in_reply_to, "<c1@ombud.example>");
  EXPECT_EQ(letter->references, std::vector<std::string>{"<c1@ombud.example>"});
  EXPECT_EQ(tagged_subject(letter->reference, letter->subject), "[OMB-9] Re: Net down");
  EXPECT_TRUE(letter->text.starts_with("We are withdrawing the ticket.")) << letter->text;
  EXPECT_EQ(letter->text.find("All of it."), std::string::npos) << "the description was sent again";
}

TEST(Letters, ANoticeIsMarkedAutomaticUnlessAPersonWroteIt) {
  const std::string head =
      R"({"schema":"ombud.notice/1","reference":"OMB-9","to":{"name":"A","address":"a@b.example"},)"
      R"("subject":"S","text":"T","in_reply_to":"<p@k.example>","references":"<o@k.example> <p@k.example>")";
  const auto machine = json::parse(head + "}");
  const auto person = json::parse(head + R"(,"automatic":false})");
  const auto settings = supplier_settings(Language::sv);
  const auto one = write_letter({"c3", "", machine->root(), {}}, settings);
  const auto two = write_letter({"c4", "", person->root(), {}}, settings);
  ASSERT_TRUE(one);
  ASSERT_TRUE(two);
  EXPECT_NE(compose(*one, kSentAt).find("\r\nAuto-Submitted: auto-generated\r\n"),
            std::string::npos);
  EXPECT_EQ(headers_of(compose(*two, kSentAt)).find("Auto-Submitted"), std::string::npos);
  EXPECT_EQ(one->references.size(), 2U);
  EXPECT_EQ(one->in_reply_to, "<p@k.example>");
}

TEST(Letters, WhatCannotBecomeAMailIsRefusedInWords) {
  const auto document =
      json::parse(R"({"schema":"ombud.comment/1","reference":"OMB-9","text":"x"})");
  Settings nobody = supplier_settings(Language::sv);
  nobody.to.clear();
  EXPECT_FALSE(write_letter({"c", "<r@ombud.example>", document->root(), {}}, nobody));
  EXPECT_FALSE(write_letter({"c", "12345", document->root(), {}}, supplier_settings(Language::sv)));
  EXPECT_FALSE(
      write_letter({"bad id>", "", document->root(), {}}, supplier_settings(Language::sv)));
  const auto unknown = json::parse(R"({"schema":"ombud.other/1"})");
  EXPECT_FALSE(write_letter({"c", "", unknown->root(), {}}, supplier_settings(Language::sv)));
}

}  // namespace
}  // namespace ombud::email
