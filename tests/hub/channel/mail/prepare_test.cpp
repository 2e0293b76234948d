// What a ticket says of mails that have no words of their own.
#include "channel/mail/prepare.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hub/channel/mail/mime/corpus.hpp"

namespace ombud::mail {
namespace {

using ::testing::HasSubstr;

std::string text_of(const std::string& name, const std::string& language) {
  Route route;
  route.language = language;
  std::string whole_text;
  return prepare_words(MailRow{}, parse_mail(test::corpus_mail(name)), route, whole_text).text;
}

TEST(Prepare, AnInvitationSaysWhatWhenAndWhereInTheReadersLanguage) {
  EXPECT_EQ(text_of("calendar_alone", "sv"), "Inbjudan: Lunch\nNär: 2026-11-26");
  EXPECT_EQ(text_of("calendar_alone", "en"), "Invitation: Lunch\nWhen: 2026-11-26");
  EXPECT_THAT(text_of("calendar_request", "en"),
              HasSubstr("Välkommen\n\nInvitation: Genomgång, del 2\nWhen: 2026-11-25 10:00 – 11:00 "
                        "(Europe/Stockholm)\nWhere: Rum 4; plan 2\nFrom: Berg, Anna"));
}

// What a reader sees first has no history and no signature, but the invitation; so has the
// formatted body.
TEST(Prepare, AnInvitationIsInEveryFormOfTheWords) {
  const std::string calendar =
      "--b\r\nContent-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\n"
      "BEGIN:VEVENT\r\nSUMMARY:Lunch <i>\r\nDTSTART:20261126T110000Z\r\nLOCATION:Kaf\xC3\xA9\r\n"
      "ORGANIZER;CN=Anna:mailto:anna@kund.example\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n--b--\r\n";
  const std::string head =
      "From: anna@kund.example\r\nSubject: Re: hej\r\nIn-Reply-To: <a@b>\r\nMIME-Version: 1.0\r\n"
      "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: ";
  const std::string words =
      "Invitation: Lunch <i>\nWhen: 2026-11-26 11:00 (UTC)\nWhere: Kaf\xC3\xA9\nFrom: Anna";
  Route route;
  route.language = "en";
  std::string whole_text;
  const Prepared plain = prepare_words(
      MailRow{}, parse_mail(head + "text/plain\r\n\r\nKom!\r\n\r\n-- \r\nAnna, IT\r\n" + calendar),
      route, whole_text);
  EXPECT_EQ(plain.shown, "Kom!\n\n" + words);
  EXPECT_EQ(plain.text, "Kom!\n\n-- \nAnna, IT\n\n" + words);

  const Prepared html =
      prepare_words(MailRow{}, parse_mail(head + "text/html\r\n\r\n<p>Kom!</p>\r\n" + calendar),
                    route, whole_text);
  const std::string blocks =
      R"_([{"t":"p","c":[{"t":"text","v":"Kom!"}]},)_"
      R"_({"t":"p","c":[{"t":"text","v":"Invitation: Lunch <i>"},{"t":"br"},)_"
      R"_({"t":"text","v":"When: 2026-11-26 11:00 (UTC)"},{"t":"br"},)_"
      R"_({"t":"text","v":"Where: Kafé"},{"t":"br"},{"t":"text","v":"From: Anna"}]}])_";
  EXPECT_EQ(html.blocks, blocks);
}

TEST(Prepare, AnEncryptedMailSaysThatItIs) {
  EXPECT_EQ(text_of("smime_enveloped", "sv"), "(mejlet är krypterat: det är bifogat som det kom)");
  EXPECT_EQ(text_of("pgp_encrypted", "en"), "(the mail is encrypted: it is attached as it came)");
}

}  // namespace
}  // namespace ombud::mail
