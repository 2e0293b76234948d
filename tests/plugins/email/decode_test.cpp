// Realistic replies become the right changes, and nothing that arrives is passed over.
#include "email/decode.hpp"

#include <gtest/gtest.h>

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "plugins/bench.hpp"

namespace ombud::email {
namespace {

Settings settings() {
  Settings s;
  s.domain = "ombud.example";
  s.commands = {{"#löst", "resolved"}, {"#resolved", "resolved"}, {"#pågår", "in_progress"}};
  return s;
}

std::vector<json::Document> decoded(std::string_view raw) {
  std::vector<json::Document> documents;
  for (const std::string& text : changes_of(raw, settings())) {
    auto parsed = json::parse(text);
    EXPECT_TRUE(parsed) << text;
    if (parsed) documents.push_back(*std::move(parsed));
  }
  EXPECT_FALSE(documents.empty()) << "a mail passed unseen";
  return documents;
}

constexpr std::string_view kHead =
    "Message-ID: <r1@byggit.example>\r\nFrom: Bosse Bygg <bosse@byggit.example>\r\n"
    "To: desk@ombud.example\r\nDate: Sun, 22 Nov 2026 11:00:00 +0100\r\n"
    "Subject: Re: [OMB-1042] Skrivaren\r\n"
    "In-Reply-To: <second@ombud.example>\r\n"
    "References: <other@else.example> <root@ombud.example>\r\n <second@ombud.example>\r\n";

std::string mail(std::string_view headers, std::string_view body) {
  return std::string(kHead) + std::string(headers) + "\r\n" + std::string(body);
}

TEST(Decode, AReplyBecomesACommentOfItsThread) {
  const auto changes = decoded(mail(
      "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n",
      "N=C3=A4tdelen =C3=A4r bytt.\r\n\r\nDen s=C3=B6n 22 nov. 2026 kl 10:12 skrev Desk "
      "<desk@ombud.example>:\r\n> Hej\r\n"));
  ASSERT_EQ(changes.size(), 1U);
  const json::View change = changes[0].root();
  EXPECT_EQ(change["schema"].text(), "ombud.change/1");
  EXPECT_EQ(change["event_id"].text(), "<r1@byggit.example>");
  EXPECT_EQ(change["external_id"].text(), "<root@ombud.example>");
  EXPECT_EQ(change["correlation"].text(), "root");
  EXPECT_EQ(change["reference"].text(), "OMB-1042");
  EXPECT_EQ(change["type"].text(), "comment");
  EXPECT_EQ(change["at"].text(), "2026-11-22T10:00:00.000Z");
  EXPECT_EQ(change["comment"]["text"].text(), "Nätdelen är bytt.");
  EXPECT_EQ(change["comment"]["author"].text(), "Bosse Bygg <bosse@byggit.example>");
  EXPECT_TRUE(change["comment"]["public"].boolean(false));
  EXPECT_FALSE(change["echo_of"].present());
}

TEST(Decode, ACommandIsAStatusAfterItsComment) {
  const auto changes =
      decoded(mail("Content-Type: text/plain; charset=utf-8\r\n", "#löst\r\nByttes i dag.\r\n"));
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(changes[0]["comment"]["text"].text(), "Byttes i dag.");
  EXPECT_EQ(changes[1]["type"].text(), "status");
  EXPECT_EQ(changes[1]["status"].text(), "resolved");
  EXPECT_EQ(changes[1]["status_text"].text(), "#löst");
  EXPECT_EQ(changes[1]["event_id"].text(), "<r1@byggit.example>#status");
}

TEST(Decode, ACommandAloneNeedsNoComment) {
  const auto changes =
      decoded(mail("Content-Type: text/plain; charset=utf-8\r\n", "#resolved\r\n"));
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0]["status"].text(), "resolved");
}

TEST(Decode, ACommandInTheQuotedPartIsNone) {
  const auto changes =
      decoded(mail("Content-Type: text/plain; charset=utf-8\r\n",
                   "Hej.\r\n\r\nOn Sun, 22 Nov 2026, Desk <d@o.example> wrote:\r\n> #löst\r\n"));
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0]["type"].text(), "comment");
}

TEST(Decode, HtmlOnlyFromOutlookIsReadAndTrimmed) {
  const auto changes = decoded(
      mail("Content-Type: text/html; charset=iso-8859-1\r\n",
           "<html><head><style>p{color:red}</style></head><body><p>Vi har best&auml;llt ny trumma. "
           "Klart p\xE5 fredag.</p><hr><div><b>Från:</b> Desk<br><b>Skickat:</b> "
           "idag<br><b>Till:</b> oss"
           "<br><b>Ämne:</b> x</div><p>gammalt</p></body></html>"));
  ASSERT_EQ(changes.size(), 1U);
  const auto text = changes[0]["comment"]["text"].text();
  EXPECT_TRUE(text.starts_with("Vi har beställt ny trumma. Klart på fredag.")) << text;
}

TEST(Decode, AppleHtmlQuotesAreHistory) {
  const auto changes = decoded(mail(
      "Content-Type: text/html; charset=utf-8\r\n",
      "<div>Ok, vi kommer.</div><blockquote type=\"cite\"><div>22 nov. 2026 kl. 10:12 skrev Desk "
      "&lt;desk@ombud.example&gt;:</div><div>Hej</div></blockquote>"));
  EXPECT_EQ(changes[0]["comment"]["text"].text(), "Ok, vi kommer.");
}

TEST(Decode, AlternativePartsAreReadOnceAndFilesCarryTheirBytes) {
  const auto changes =
      decoded(mail("Content-Type: multipart/mixed; boundary=m\r\n",
                   "--m\r\nContent-Type: multipart/alternative; "
                   "boundary=a\r\n\r\n--a\r\nContent-Type: text/plain\r\n\r\n"
                   "Plain.\r\n--a\r\nContent-Type: text/html\r\n\r\n<p>Html.</p>\r\n--a--\r\n"
                   "--m\r\nContent-Type: application/pdf; name*=utf-8''prot%C3%B6koll.pdf\r\n"
                   "Content-Disposition: attachment\r\nContent-Transfer-Encoding: "
                   "base64\r\n\r\naGVqIQ==\r\n--m--\r\n"));
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(changes[0]["comment"]["text"].text(), "Plain.");
  const json::View file = changes[1]["attachment"];
  EXPECT_EQ(file["name"].text(), "protökoll.pdf");
  EXPECT_EQ(file["media_type"].text(), "application/pdf");
  EXPECT_EQ(file["size"].integer(), 4);
  EXPECT_EQ(from_base64(file["content"].text()), "hej!");
  EXPECT_NE(changes[0]["event_id"].text(), changes[1]["event_id"].text());
}

TEST(Decode, AFileTooLargeForTheReplyIsNamedAndNotCarried) {
  const auto changes = decoded(
      mail("Content-Type: application/zip; name=stor.zip\r\n", std::string(6'000'000, 'z')));
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_NE(changes[0]["comment"]["text"].text().find("stor.zip"), std::string::npos);
  EXPECT_EQ(changes[1]["attachment"]["size"].integer(), 6'000'000);
  EXPECT_FALSE(changes[1]["attachment"]["content"].present());
}

TEST(Decode, OutOfOfficeIsAPrivateCommentAndNeverAStatus) {
  for (const char* mark :
       {"Auto-Submitted: auto-replied\r\n", "Precedence: bulk\r\n", "X-Autoreply: yes\r\n"}) {
    const auto changes =
        decoded(mail(std::string(mark) + "Content-Type: text/plain; charset=utf-8\r\n",
                     "#löst\r\nJag är på semester.\r\n"));
    ASSERT_EQ(changes.size(), 1U) << mark;
    EXPECT_EQ(changes[0]["type"].text(), "comment");
    EXPECT_FALSE(changes[0]["comment"]["public"].boolean(true));
    EXPECT_NE(changes[0]["comment"]["text"].text().find("#löst"), std::string::npos);
  }
  const auto person =
      decoded(mail("Auto-Submitted: no\r\nContent-Type: text/plain\r\n", "Hej\r\n"));
  EXPECT_TRUE(person[0]["comment"]["public"].boolean(false));
}

TEST(Decode, ABounceFindsTheTicketOfTheMailItReturns) {
  const auto changes = decoded(
      "Return-Path: <>\r\nMessage-ID: <b1@mx.example>\r\nFrom: MAILER-DAEMON@mx.example\r\n"
      "Subject: Undelivered Mail\r\nContent-Type: multipart/report; report-type=delivery-status; "
      "boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nCould not deliver.\r\n--b\r\n"
      "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
      "Final-Recipient: rfc822; x@byggit.example\r\nAction: failed\r\nStatus: 5.1.1\r\n--b\r\n"
      "Content-Type: message/rfc822\r\n\r\nMessage-ID: <sent7@ombud.example>\r\nSubject: "
      "s\r\n\r\ntext\r\n"
      "--b--\r\n");
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0]["correlation"].text(), "sent7");
  EXPECT_FALSE(changes[0]["comment"]["public"].boolean(true));
  const auto text = changes[0]["comment"]["text"].text();
  EXPECT_NE(text.find("Could not deliver."), std::string::npos) << text;
  EXPECT_NE(text.find("5.1.1"), std::string::npos) << text;
}

TEST(Decode, UndeclaredEightBitIsReadAsWindows1252) {
  const auto changes = decoded(
      "Message-ID: <g@h>\r\nFrom: \xC5sa <a@b.example>\r\nSubject: p\xE5g\xE5r\r\n\r\n"
      "R\xE4ksm\xF6rg\xE5s\r\n");
  EXPECT_EQ(changes[0]["comment"]["text"].text(), "Räksmörgås");
  EXPECT_EQ(changes[0]["comment"]["author"].text(), "Åsa <a@b.example>");
}

TEST(Decode, PureGarbageIsStillAComment) {
  std::string garbage;
  for (int i = 0; i < 4000; ++i) garbage += static_cast<char>((i * 7919) % 256);
  const auto first = changes_of(garbage, settings());
  ASSERT_FALSE(first.empty());
  EXPECT_EQ(first, changes_of(garbage, settings()));  // and the same one every time
  decoded(garbage);
  decoded("");
}

TEST(Decode, WithoutAMessageIdTheBytesNameTheEvent) {
  const auto changes = decoded("From: a@b.example\r\nSubject: [OMB-55] hej\r\n\r\ntext\r\n");
  EXPECT_TRUE(changes[0]["event_id"].text().starts_with("sha256:"));
  EXPECT_EQ(changes[0]["reference"].text(), "OMB-55");
  EXPECT_EQ(changes[0]["external_id"].text("missing"), "");
  EXPECT_FALSE(changes[0]["at"].present());
}

TEST(Decode, OurOwnMailComeBackIsAnEcho) {
  const auto changes = decoded(
      "Message-ID: <mine@ombud.example>\r\nReferences: <root@ombud.example>\r\n"
      "From: desk@ombud.example\r\n\r\ntext\r\n");
  EXPECT_EQ(changes[0]["echo_of"].text(), "mine");
}

TEST(Decode, AnotherDomainsIdsAreNotOurs) {
  const auto changes = decoded(
      "Message-ID: <x@y>\r\nReferences: <root@evil-ombud.example.org> "
      "<root@notombud.example>\r\nFrom: a@b.example\r\n\r\ntext\r\n");
  EXPECT_FALSE(changes[0]["correlation"].present());
}

TEST(Decode, TenThousandNestedPartsDoNotStopIt) {
  std::string raw = "Message-ID: <n@x>\r\n";
  for (int i = 0; i < 10000; ++i) {
    const std::string b = "b" + std::to_string(i);
    raw += "Content-Type: multipart/mixed; boundary=" + b + "\r\n\r\n--" + b + "\r\n";
  }
  decoded(raw + "Content-Type: text/plain\r\n\r\nx\r\n");
}

TEST(Decode, TheConnectorTakesMailAndNothingElse) {
  bench::Bench bench(
      EMAIL_LIBRARY,
      R"({"from":"d@ombud.example","domain":"ombud.example","smtp":{"host":"m.example"}})", {});
  ASSERT_TRUE(bench.created()) << bench.refusal;
  const auto taken = bench.decode(R"({"content-type":"message/rfc822"})", mail("", "#klart\r\n"));
  EXPECT_EQ(taken.status, sdk::Status::ok);
  EXPECT_EQ(taken.documents.size(), 1U);
  EXPECT_EQ(bench.decode(R"({"content-type":"application/json"})", "{}").status,
            sdk::Status::permanent);
}

}  // namespace
}  // namespace ombud::email
