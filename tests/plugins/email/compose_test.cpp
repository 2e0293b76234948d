// What is composed is read back with GMime and is what was meant; nothing in a value becomes a
// header.
#include "email/compose.hpp"

#include <gtest/gtest.h>

#include "base/bytes.hpp"
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
  letter.files = {File{evil, "text/x\r\nX-Evil: 1", "bytes"}};
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
  letter.files = {File{"../skärmbild Å.png", "image/png", bytes}};
  const Incoming mail = read_mail(compose(letter, kSentAt));
  ASSERT_EQ(mail.enclosures.size(), 1U);
  EXPECT_EQ(mail.enclosures[0].name, ".._skärmbild Å.png");
  EXPECT_EQ(mail.enclosures[0].media_type, "image/png");
  EXPECT_EQ(mail.enclosures[0].bytes, bytes);
  EXPECT_EQ(mail.text, letter.text);
}

TEST(Compose, TheSameLetterIsTheSameMailEveryTime) {
  Letter letter = plain_letter();
  letter.files = {File{"a.txt", "text/plain", "x"}};
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

std::string unfolded(std::string text) {
  for (std::size_t at = text.find("\r\n "); at != std::string::npos; at = text.find("\r\n ")) {
    text.erase(at, 2);
  }
  return text;
}

// Type and text of each part that holds no parts itself, depth first, decoded.
void leaves(GMimeObject* part, const std::string& above,
            std::vector<std::pair<std::string, std::string>>& out) {
  GMimeContentType* type = g_mime_object_get_content_type(part);
  const OwnedText name(g_mime_content_type_get_mime_type(type));
  const std::string path = above + "/" + name.get();
  if (GMIME_IS_MULTIPART(part)) {
    auto* parts = reinterpret_cast<GMimeMultipart*>(part);
    for (int i = 0; i < g_mime_multipart_get_count(parts); ++i) {
      leaves(g_mime_multipart_get_part(parts, i), path, out);
    }
    return;
  }
  const Owned<GMimeStream> to(g_mime_stream_mem_new());
  g_mime_data_wrapper_write_to_stream(g_mime_part_get_content(GMIME_PART(part)), to.get());
  out.emplace_back(path, bytes_of(to.get()));
}
std::vector<std::pair<std::string, std::string>> leaves_of(const std::string& raw) {
  start_gmime();
  const Owned<GMimeStream> in(g_mime_stream_mem_new_with_buffer(raw.data(), raw.size()));
  const Owned<GMimeParser> parser(g_mime_parser_new_with_stream(in.get()));
  const Owned<GMimeMessage> message(g_mime_parser_construct_message(parser.get(), nullptr));
  std::vector<std::pair<std::string, std::string>> all;
  leaves(g_mime_message_get_mime_part(message.get()), "", all);
  return all;
}

TEST(Compose, TextHtmlAndFilesNestAsMailProgramsExpectIt) {
  Letter letter = plain_letter();
  letter.html = "<p>åäö " + std::string(3000, 'x') + "</p>\n.\nFrom here";
  auto parts = leaves_of(compose(letter, kSentAt));
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(parts[0].first, "/multipart/alternative/text/plain");
  EXPECT_EQ(parts[1].first, "/multipart/alternative/text/html");
  letter.files = {File{"a.txt", "text/plain", "ett\n.\n"},
                  File{"å.bin", "x", std::string(70'000, '\0')},
                  File{"bad\r\nname.eml", "message/rfc822", "From: x\n\ny"}};
  const std::string raw = compose(letter, kSentAt);
  parts = leaves_of(raw);
  ASSERT_EQ(parts.size(), 5U);
  EXPECT_EQ(parts[0].first, "/multipart/mixed/multipart/alternative/text/plain");
  EXPECT_EQ(parts[1].first, "/multipart/mixed/multipart/alternative/text/html");
  EXPECT_EQ(parts[2].second, "ett\n.\n");
  EXPECT_EQ(parts[3].second, std::string(70'000, '\0'));
  EXPECT_EQ(parts[4].first, "/multipart/mixed/application/octet-stream");
  for (std::size_t at = 0; at < raw.size();) {
    const std::size_t end = raw.find("\r\n", at);
    ASSERT_NE(end, std::string::npos);
    ASSERT_LE(end - at, 998U);
    at = end + 2;
  }
  for (const char c : raw) ASSERT_LT(static_cast<unsigned char>(c), 0x80);
  const Incoming mail = read_mail(raw);
  EXPECT_EQ(mail.enclosures.size(), 3U);
  EXPECT_EQ(mail.text, letter.text);
}

TEST(Compose, LongIdsAndAddressesStayAsTheyAre) {
  Letter letter = plain_letter();
  const std::string id = "<" + std::string(200, 'a') + "@k.example>";
  letter.in_reply_to = id;
  for (int i = 0; i < 30; ++i) letter.references.push_back("<" + std::to_string(i) + id.substr(1));
  letter.reply_to = "desk+" + std::string(50, 'b') + "@ombud.example";
  letter.unsubscribe = "https://desk.example/" + std::string(300, 'c') + "/unsubscribe";
  const std::string headers = unfolded(headers_of(compose(letter, kSentAt)));
  EXPECT_NE(headers.find("\r\nIn-Reply-To: " + id + "\r\n"), std::string::npos) << headers;
  EXPECT_NE(headers.find(" <29" + id.substr(1) + "\r\n"), std::string::npos) << headers;
  EXPECT_NE(headers.find("<" + letter.reply_to + ">\r\n"), std::string::npos) << headers;
  EXPECT_NE(headers.find("\r\nList-Unsubscribe: <" + letter.unsubscribe + ">\r\n"),
            std::string::npos)
      << headers;
  EXPECT_NE(headers.find("\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"),
            std::string::npos);
  EXPECT_EQ(read_mail(compose(letter, kSentAt)).references.size(), 20U);
}

TEST(Compose, OneClickNeedsHttpsAndNoHeaderIsSmuggledInByALink) {
  Letter letter = plain_letter();
  letter.unsubscribe = "http://desk.example/u";
  EXPECT_EQ(compose(letter, kSentAt).find("One-Click"), std::string::npos);
  for (const char* bad : {"https://x.example/\r\nBcc: a@b.example", "mailto:x@y.example",
                          "https://x.example/>,<y", "https://x.example/å", ""}) {
    letter.unsubscribe = bad;
    EXPECT_EQ(compose(letter, kSentAt).find("List-Unsubscribe"), std::string::npos) << bad;
  }
}

TEST(Compose, NoValueCanAddAHeader) {
  const std::string bad = "x\r\nBcc: victim@x.example\r\n\r\nnew body\x01\x7F\n.\n";
  Letter letter = plain_letter();
  letter.subject = letter.reference = letter.language = letter.link = letter.in_reply_to = bad;
  letter.from.name = letter.to.name = letter.unsubscribe = bad;
  letter.files = {File{bad, bad, bad}};
  const std::string raw = compose(letter, kSentAt);
  EXPECT_EQ(raw.find("\r\nBcc"), std::string::npos) << raw;
  EXPECT_EQ(headers_of(raw).find("new body\r\n\r\n"), std::string::npos);
}

TEST(Compose, InternationalDomainsAreWrittenAsDnsHasThem) {
  EXPECT_EQ(wire_address("eva@bücher.example"), "eva@xn--bcher-kva.example");
  EXPECT_EQ(wire_address("åsa@kund.example"), "åsa@kund.example");
  EXPECT_EQ(wire_address("plain@kund.example"), "plain@kund.example");
  Letter letter = plain_letter();
  letter.to = {"Eva", "eva@bücher.example"};
  EXPECT_NE(compose(letter, kSentAt).find("<eva@xn--bcher-kva.example>"), std::string::npos);
}

TEST(Letters, ANoticeCarriesItsHtmlItsFilesAndWhereAnswersGo) {
  const auto document = json::parse(
      R"({"schema":"ombud.notice/1","reference":"OMB-9","to":{"name":"A","address":"a@b.example"},)"
      R"("subject":"S","text":"T","html":"<p>T</p>","kind":"replied","automatic":false,)"
      R"("reply_to":"desk+t9.abc@ombud.example","list_unsubscribe":"https://desk.example/u",)"
      R"("attachments":[{"name":"a.txt","media_type":"text/plain","size":3},)"
      R"({"name":"b.txt","media_type":"text/plain","size":2,"sha256":")" +
      sha256_hex("de") + R"("}]})");
  const auto settings = supplier_settings(Language::sv);
  const auto letter = write_letter({"c", "", document->root(), "abcde"}, settings);
  ASSERT_TRUE(letter) << letter.error().detail;
  EXPECT_EQ(letter->html, "<p>T</p>");
  EXPECT_EQ(letter->reply_to, "desk+t9.abc@ombud.example");
  EXPECT_EQ(letter->unsubscribe, "https://desk.example/u");
  ASSERT_EQ(letter->files.size(), 2U);
  EXPECT_EQ(letter->files[0].bytes, "abc");
  EXPECT_EQ(letter->files[1].bytes, "de");
  const std::string headers = headers_of(compose(*letter, kSentAt));
  EXPECT_NE(headers.find("Reply-To: Servicedesk <desk+t9.abc@ombud.example>"), std::string::npos)
      << headers;
  EXPECT_EQ(headers.find("Auto-Response"), std::string::npos);
  for (const char* wrong : {"abcd", "abcdef", "abcdx", ""}) {
    EXPECT_FALSE(write_letter({"c", "", document->root(), wrong}, settings)) << wrong;
  }
  EXPECT_FALSE(write_letter({"c", "", document->root(), {}}, settings));
}

TEST(Letters, AutomaticMailAsksForNoAutomaticAnswerButForBounces) {
  Letter letter = plain_letter();
  letter.automatic = true;
  const std::string headers = headers_of(compose(letter, kSentAt));
  EXPECT_NE(headers.find("X-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply"),
            std::string::npos);
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
