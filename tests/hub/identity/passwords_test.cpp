// Which passwords are taken: long ones that guessers do not try first.
#include "identity/passwords.hpp"

#include <gtest/gtest.h>

namespace ombud::identity {
namespace {

std::string why(std::string_view password) {
  const auto taken = acceptable_password(password, "erik.ek@alfa.example", "Erik Åkerman", "/new");
  return taken ? "" : taken.error().fields.front().detail;
}

TEST(Passwords, APhraseOfAFewWordsIsTaken) {
  for (const char* good : {"fyra grodor plaskar kvickt", "correct horse battery staple",
                           "Xq7#vT2!mK9z", "en ko i ett torn", "smörgåstårta på tisdagar",
                           "пароль из слов", "日本語の長い合言葉です!"}) {
    EXPECT_EQ(why(good), "") << good;
  }
}

TEST(Passwords, LengthIsCountedInCharactersAndHasAnEnd) {
  EXPECT_NE(why("åäöåäöåäöåk").find("at least 12"), std::string::npos) << "11, of 22 bytes";
  EXPECT_NE(why("").find("at least 12"), std::string::npos);
  EXPECT_EQ(why(std::string(512, 'x') + " y" + std::string(510, 'z')), "") << "1 024 bytes";
  EXPECT_NE(why(std::string(1025, 'x')).find("1024"), std::string::npos);
  EXPECT_NE(why(std::string(10'000'000, 'x')).find("1024"), std::string::npos);
}

TEST(Passwords, WhatGuessersTryFirstIsRefused) {
  for (const char* common :
       {"password1234", "P@ssw0rd2026!", "qwertyuiop[]", "123456789012", "aaaaaaaaaaaaa",
        "sommar-2026-sommar", "abcabcabcabc", "0987654321qwerty", "LösenordLösenord",
        "Welcome2026Welcome", "administrator1", "iloveyou2026!", "asdfghjklöä1", "stockholm2026",
        "hejhejhejhej", "servicedesk1!"}) {
    EXPECT_NE(why(common).find("common"), std::string::npos) << common;
  }
}

TEST(Passwords, ManyCommonWordsMakeAPhrase) {
  EXPECT_TRUE(is_common_password("sommar hockey dator"));
  EXPECT_FALSE(is_common_password("sommar hockey dator mamma fredag"));
}

TEST(Passwords, TheOwnersNameAndAddressAreNoSecret) {
  for (const char* own : {"jag heter erik hemma", "ERIK är bäst av alla", "min ÅKERMAN är stor",
                          "mitt konto hos alfa ab"}) {
    EXPECT_NE(why(own).find("name or e-mail"), std::string::npos) << own;
  }
  EXPECT_EQ(why("en ek står i skogen"), "") << "two letters say nothing";
}

TEST(Passwords, OneCharacterTypedInTwoWaysIsOnePassword) {
  const auto composed = prepare_password("sj\xC3\xB6 och \xC3\xA5");
  const auto parts = prepare_password("sjo\xCC\x88 och a\xCC\x8A");
  ASSERT_TRUE(composed && parts);
  EXPECT_EQ(*composed, *parts);
  EXPECT_NE(prepare_password("ﬁsk"), prepare_password("fisk")) << "composed, not made alike (NFKC)";
}

TEST(Passwords, WhatNobodyCanTypeAgainIsRefused) {
  EXPECT_NE(why(std::string_view("fyra grodor\0plaskar", 19)).find("control"), std::string::npos);
  EXPECT_NE(why("fyra grodor\tplaskar").find("control"), std::string::npos);
  EXPECT_FALSE(prepare_password(std::string_view("a\0b", 3)));
  EXPECT_FALSE(prepare_password("\xC3\x28"));
  EXPECT_FALSE(prepare_password("\xED\xA0\x80"));
  EXPECT_FALSE(prepare_password(""));
}

}  // namespace
}  // namespace ombud::identity
