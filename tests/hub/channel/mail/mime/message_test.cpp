#include "channel/mail/mime/message.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/bytes.hpp"
#include "channel/mail/mime/charset.hpp"
#include "channel/mail/mime/encoded_words.hpp"
#include "channel/mail/mime/flowed.hpp"
#include "hub/channel/mail/mime/corpus.hpp"
#include "support/memory_store.hpp"

namespace ombud::mail {
namespace {

using test::corpus_mail;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

ParsedMail parsed(const std::string& name) {
  return parse_mail(corpus_mail(name));
}

TEST(Message, DecodesSwedishSubjectsAndNames) {
  const ParsedMail q = parsed("swedish_subject_q");
  EXPECT_EQ(q.from.name, "Åsa Ström");
  EXPECT_EQ(q.from.address, "asa.strom@alfa.example");
  EXPECT_EQ(q.subject, "Skrivaren på plan 2 är trasig, hjälp!");
  EXPECT_EQ(
      q.text,
      "Hej!\n\nDen drar inte papper längre, och lampan blinkar rött. Vi har startat om den två "
      "gånger.\n\n/Åsa");
  EXPECT_EQ(q.message_id, "<q-1@alfa.example>");
  EXPECT_EQ(to_rfc3339(*q.date), "2026-11-23T07:15:00.000Z");
  EXPECT_FALSE(q.flags.doubtful());

  const ParsedMail b = parsed("swedish_subject_b");
  EXPECT_EQ(b.from.name, "Örjan Öberg");
  EXPECT_EQ(b.subject, "Återställ lösenordet för Växjökontoret");
  EXPECT_EQ(b.text, "Kan någon återställa lösenordet åt mig?\nTack på förhand!");
}

TEST(Message, MakesReadableTextOfOutlooksHtml) {
  const ParsedMail mail = parsed("outlook_html_only");
  EXPECT_EQ(mail.from.name, "Ek, Erik");
  EXPECT_TRUE(mail.flags.from_html);
  EXPECT_EQ(mail.text,
            "Hej,\n\nVPN:et säger ”fel 809” sedan i morse – se bilden "
            "<https://intra.alfa.example/vpn?a=1&b=2>.\n\n- Omstart hjälper inte\n- Kollegan har "
            "samma fel\n\n"
            "Dator | AL-4711\nPlats | Malmö\n\nMVH\nErik");
  EXPECT_THAT(mail.attachments, IsEmpty());
}

TEST(Message, TakesThePlainFormOfAReplyWithItsThread) {
  const ParsedMail mail = parsed("gmail_reply");
  EXPECT_THAT(mail.text, StartsWith("Nu fungerar den igen, tack!\n\nDen mån 23 nov."));
  EXPECT_FALSE(mail.flags.from_html);
  EXPECT_EQ(mail.in_reply_to, "<corr0001@ombud.example>");
  EXPECT_THAT(mail.references, ElementsAre("<first@alfa.example>", "<corr0001@ombud.example>"));
}

TEST(Message, KeepsTheOrderOfTextAroundAPicture) {
  const ParsedMail mail = parsed("iphone_inline_png");
  EXPECT_EQ(mail.text, "Så här ser det ut:\n\nSkickat fran min iPhone");
  ASSERT_THAT(mail.attachments, SizeIs(1));
  EXPECT_EQ(mail.attachments[0].name, "bild på skärmen.png");
  EXPECT_EQ(mail.attachments[0].media_type, "image/png");
  EXPECT_EQ(mail.attachments[0].content_id, "img42@alfa.example");
  EXPECT_TRUE(mail.attachments[0].shown_inline);
  EXPECT_EQ(mail.attachments[0].bytes.substr(1, 3), "PNG");
  EXPECT_EQ(mail.attachments[0].bytes.size(), 70U);
}

TEST(Message, ReadsWhatItsCharsetDoesNotSay) {
  const ParsedMail none = parsed("latin1_without_charset");
  EXPECT_EQ(none.subject, "Räknare trasig på Öland");
  EXPECT_EQ(none.text, "När jag trycker på knappen händer inget.\nHälsningar Åke");
  const ParsedMail wrong = parsed("windows1252_quotes");
  EXPECT_EQ(wrong.subject, "Felet “Out of paper” – igen");
  EXPECT_EQ(wrong.text, "Det står “Out of paper” – men det finns papper… Kostar det 5 €?");
  const ParsedMail lies = parsed("charset_lies");
  EXPECT_EQ(lies.text, "Räksmörgås är gott");
  EXPECT_TRUE(is_utf8(lies.subject));
}

TEST(Message, SaysWhenSomethingMayBeMissing) {
  const ParsedMail base64 = parsed("broken_base64");
  EXPECT_EQ(base64.text, "Se loggen.");
  EXPECT_TRUE(base64.flags.damaged);
  ASSERT_THAT(base64.attachments, SizeIs(1));
  EXPECT_THAT(base64.attachments[0].bytes, StartsWith("Hej hej h"));

  const ParsedMail end = parsed("missing_boundary_end");
  EXPECT_EQ(end.text, "Texten kom fram.");
  EXPECT_TRUE(end.flags.damaged);
  ASSERT_THAT(end.attachments, SizeIs(1));
  EXPECT_EQ(end.attachments[0].bytes, "halva fil");

  const ParsedMail boundary = parsed("multipart_without_boundary");
  EXPECT_TRUE(boundary.flags.doubtful());
  EXPECT_TRUE(parsed("noise").flags.doubtful());
}

TEST(Message, AnEmptyBodyIsNoDamage) {
  const ParsedMail mail = parsed("empty_body");
  EXPECT_EQ(mail.text, "");
  EXPECT_EQ(mail.subject, "Ring mig");
  EXPECT_FALSE(mail.flags.doubtful());
}

TEST(Message, KeepsALongSubjectWhole) {
  const ParsedMail mail = parsed("subject_8kb");
  EXPECT_GT(mail.subject.size(), 8000U);
  EXPECT_THAT(mail.subject, StartsWith("Väldigt lång rubrik om skrivaren Väldigt"));
  EXPECT_TRUE(is_utf8(mail.subject));
}

TEST(Message, ReadsGroupsAndTheirAbsence) {
  EXPECT_EQ(parsed("no_from").from.address, "");
  const ParsedMail mail = parsed("group_address");
  ASSERT_THAT(mail.to, SizeIs(3));
  EXPECT_EQ(mail.to[1].name, "Bo, B");
  EXPECT_EQ(mail.to[2].address, "desk@ombud.example");
  EXPECT_THAT(mail.cc, IsEmpty());
}

TEST(Message, StopsAtItsLimitOfPartsAndSaysSo) {
  const ParsedMail mail = parsed("parts_1200");
  EXPECT_EQ(mail.text, "Alla filer.");
  EXPECT_TRUE(mail.flags.cut);
  EXPECT_THAT(mail.attachments, SizeIs(998));  // 1000 less the multipart and its text
  EXPECT_EQ(mail.attachments[7].bytes, "7");
}

TEST(Message, StopsAtItsLimitOfDepth) {
  std::string raw = "Subject: djup\r\nMIME-Version: 1.0\r\n";
  for (int i = 0; i < 5000; ++i) {
    raw += "Content-Type: multipart/mixed; boundary=b" + std::to_string(i) + "\r\n\r\n--b" +
           std::to_string(i) + "\r\n";
  }
  const ParsedMail mail = parse_mail(raw);
  EXPECT_EQ(mail.subject, "djup");
  EXPECT_TRUE(mail.flags.doubtful());
}

TEST(Message, GivesAForwardedMailAsAFile) {
  const ParsedMail mail = parsed("nested_rfc822");
  EXPECT_EQ(mail.text, "Kan ni titta på det här?");
  ASSERT_THAT(mail.attachments, SizeIs(1));
  EXPECT_EQ(mail.attachments[0].name, "Din faktura.eml");
  EXPECT_EQ(mail.attachments[0].media_type, "message/rfc822");
  EXPECT_THAT(mail.attachments[0].bytes, HasSubstr("TVqQAAMAAAA="));
  EXPECT_EQ(mail.message_id, "<nr@alfa.example>");
}

TEST(Message, KeepsRightToLeftTextAndEmoji) {
  const ParsedMail mail = parsed("rtl_and_emoji");
  EXPECT_EQ(mail.from.name, "דנה כהן");
  EXPECT_EQ(mail.subject, "המדפסת 🖨️🔥 מקולקלת");
  EXPECT_EQ(mail.text,
            "שלום! المدير العام 👨‍👩‍👧‍👦 väntar… 🙏🏽");
}

TEST(Message, GivesInvitationsAndTnefAsFiles) {
  const ParsedMail invitation = parsed("calendar");
  EXPECT_EQ(invitation.text, "Genomgång onsdag kl 10.");
  ASSERT_THAT(invitation.attachments, SizeIs(1));
  EXPECT_EQ(invitation.attachments[0].name, "attachment-1.ics");
  EXPECT_THAT(invitation.attachments[0].bytes, HasSubstr("SUMMARY:Genomgång"));
  const ParsedMail tnef = parsed("tnef");
  ASSERT_THAT(tnef.attachments, SizeIs(1));
  EXPECT_EQ(tnef.attachments[0].name, "winmail.dat");
}

TEST(Message, JoinsFlowedLines) {
  EXPECT_EQ(
      parsed("flowed").text,
      "Det här är ett stycke som mejlprogrammet har brutit på tre rader.\n\n> Citat som också är "
      "brutet.\n>inte ett citat\n-- \nErik");
  EXPECT_EQ(unflow("a \r\nb\r\n", true), "ab\n");
  EXPECT_EQ(unflow("a \n> b \n> c\nd", false), "a \n> b c\nd\n");
}

TEST(Message, KnowsReportsAndWhatTheyAreAbout) {
  const ParsedMail mail = parsed("bounce");
  EXPECT_TRUE(mail.delivery_report);
  EXPECT_THAT(mail.reported_ids, ElementsAre("<corr0001@ombud.example>"));
  EXPECT_EQ(mail.auto_submitted, "auto-replied");
  EXPECT_THAT(mail.text, HasSubstr("could not be delivered"));
  EXPECT_EQ(parsed("out_of_office").auto_submitted, "auto-replied");
  EXPECT_EQ(parsed("out_of_office").precedence, "bulk");
}

TEST(EncodedWords, JoinsWordsAsTheyWereMeant) {
  EXPECT_EQ(decode_words("=?utf-8?B?w6Q=?= =?utf-8?b?w7Y=?= x =?utf-8?Q?=C3=A5_b?="), "äö x å b");
  EXPECT_EQ(decode_words("=?utf-8?B?w6TD?=\r\n =?utf-8?B?tg==?="), "äö");  // cut within a character
  EXPECT_EQ(decode_words("=?iso-8859-1*sv?Q?=E5?==?utf-8?Q?=C3=A4?="), "åä");
  EXPECT_EQ(decode_words("=?utf-8?X?a?= =?utf-8?Q?a =?= =?"), "=?utf-8?X?a?= a = =?");
  EXPECT_EQ(join_words("=?utf-8?B?w6Q=?= =?utf-8?b?w7Y=?= <a@b>"), "=?utf-8?B?w6TDtg==?= <a@b>");
}

TEST(Message, ReadsFileNamesInSeveralWords) {
  const ParsedMail mail = parse_mail(
      "From: =?utf-8?B?w4U=?= =?utf-8?B?xo8=?= <a@b.se>\r\nMIME-Version: 1.0\r\n"
      "Content-Type: application/pdf; name=\"=?utf-8?B?csOk?=\r\n =?utf-8?B?a25hLnBkZg==?=\"\r\n"
      "Content-Disposition: attachment\r\n\r\n%PDF");
  EXPECT_EQ(mail.from.name, "ÅƏ");
  ASSERT_THAT(mail.attachments, SizeIs(1));
  EXPECT_EQ(mail.attachments[0].name, "räkna.pdf");
}

// Seconds if every "<!" is looked through once; hours if each looks for its end to the last byte.
TEST(Message, ReadsDeclarationsWithoutEndInLinearTime) {
  std::string raw =
      "From: a@b.se\r\nMIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n<p>Hej</p>";
  while (raw.size() < (2U << 20U)) raw += "<!";
  EXPECT_THAT(parse_mail(raw).text, HasSubstr("Hej"));
}

TEST(Message, FindsMessageIdsInAnything) {
  EXPECT_THAT(message_ids("<a@b>\r\n\t<c\r\n @d> junk <> <e"), ElementsAre("<a@b>", "<c@d>"));
  EXPECT_THAT(message_ids("<<x@y>>"), ElementsAre("<x@y>"));
  EXPECT_THAT(message_ids("<\xC3\xA5@b> <\xE5@b> <\x7F@b> <c@d>"), ElementsAre("<c@d>"));
  EXPECT_THAT(message_ids(std::string(5000, '<')), IsEmpty());
}

TEST(Message, TheMessageIdStandsInTheHeaderAlone) {
  EXPECT_EQ(message_id_of("A: 1\r\nMESSAGE-ID:\r\n  <x@y>\r\n\r\nMessage-ID: <z>"), "<x@y>");
  EXPECT_EQ(message_id_of("A: 1\r\n\r\nMessage-ID: <z>"), "");
}

// Every text of a parsed mail can go into the database and out as JSON.
void expect_clean(const ParsedMail& mail, const std::string& what) {
  const auto clean = [&](const std::string& text) {
    EXPECT_TRUE(is_utf8(text)) << what;
    EXPECT_EQ(text.find('\0'), std::string::npos) << what;
  };
  for (const std::string* text : {&mail.from.name, &mail.from.address, &mail.subject, &mail.text,
                                  &mail.message_id, &mail.in_reply_to, &mail.precedence}) {
    clean(*text);
  }
  for (const std::string& id : mail.references) clean(id);
  for (const MailAttachment& file : mail.attachments) {
    clean(file.name);
    clean(file.media_type);
    clean(file.content_id);
    EXPECT_THAT(file.name, Not(IsEmpty())) << what;
  }
}

// What is longer than is read as words is there as a file, in UTF-8, and the text is its beginning.
TEST(Message, ALongTextIsAFileToo) {
  std::string words;
  for (int i = 0; i < 600; ++i) words += "rad \xE5 " + std::to_string(i) + "\r\n";
  ParseLimits limits;
  limits.text_bytes_max = 1000;
  const ParsedMail mail = parse_mail(
      "From: a@b.example\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; "
      "charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" +
          words,
      limits);
  EXPECT_TRUE(mail.text_in_file);
  EXPECT_FALSE(mail.flags.doubtful()) << "nothing is missing";
  EXPECT_LE(mail.text.size(), 1000U);
  EXPECT_THAT(mail.text, StartsWith("rad å 0\nrad å 1\n"));
  EXPECT_THAT(mail.text, ::testing::ContainsRegex("rad å [0-9]+$"));
  ASSERT_THAT(mail.attachments, SizeIs(1));
  EXPECT_EQ(mail.attachments[0].name, "message.txt");
  EXPECT_THAT(mail.attachments[0].bytes, StartsWith("rad å 0\r\n"));
  EXPECT_THAT(mail.attachments[0].bytes, ::testing::EndsWith("rad å 599\r\n"));
  expect_clean(mail, "long text");

  limits.text_bytes_max = 1U << 20U;
  limits.html_bytes_max = 1000;
  const ParsedMail html =
      parse_mail("From: a@b.example\r\nMIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n<p>" +
                     std::string(5000, 'x'),
                 limits);
  EXPECT_EQ(html.text.size(), 1000U - 3U);
  EXPECT_TRUE(html.flags.cut);
  EXPECT_THAT(html.remarks, ::testing::Contains(HasSubstr("only in the original")));
}

TEST(Message, SurvivesTwoThousandMutatedMails) {
  test::SeededRandom random(4711);
  std::vector<std::string> seeds;
  for (const std::string& name : test::corpus_names()) {
    if (name != "parts_1200") seeds.push_back(corpus_mail(name));
  }
  constexpr std::string_view kWords[] = {
      "\r\n",
      "\r\n\r\n",
      "--",
      "=?utf-8?Q?",
      "?=",
      "boundary=",
      "Content-Type: message/rfc822\r\n\r\n",
      "Content-Type: multipart/alternative; boundary=x\r\n\r\n--x\r\n",
      "\xFF\xFE",
      "charset=utf-16",
      "Content-Transfer-Encoding: x-uuencode\r\n",
      "begin 644 x\r\n",
      "(",
      "\"",
      "<",
      "name*0*=",
      "charset=utf-7"};
  for (int i = 0; i < 2000; ++i) {
    std::string raw = seeds[random.below(seeds.size())];
    const std::uint64_t changes = 1 + random.below(12);
    for (std::uint64_t c = 0; c < changes && !raw.empty(); ++c) {
      const std::size_t at = random.below(raw.size());
      switch (random.below(6)) {
        case 0:
          raw[at] = static_cast<char>(random.below(256));
          break;
        case 1:
          raw.erase(at, random.below(40));
          break;
        case 2:
          raw.insert(at, kWords[random.below(std::size(kWords))]);
          break;
        case 3:
          raw.insert(at, raw.substr(random.below(raw.size()), random.below(400)));
          break;
        case 4:
          raw.resize(at);
          break;
        case 5:
          raw[at] = '\0';
          break;
      }
    }
    expect_clean(parse_mail(raw), "mutation " + std::to_string(i));
    if (HasFailure()) break;
  }
}

}  // namespace
}  // namespace ombud::mail
