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

TEST(Prepare, AnEncryptedMailSaysThatItIs) {
  EXPECT_EQ(text_of("smime_enveloped", "sv"), "(mejlet är krypterat: det är bifogat som det kom)");
  EXPECT_EQ(text_of("pgp_encrypted", "en"), "(the mail is encrypted: it is attached as it came)");
}

}  // namespace
}  // namespace ombud::mail
