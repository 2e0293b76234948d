#include "connector_host/mask.hpp"

#include <gtest/gtest.h>

#include "base/bytes.hpp"

namespace ombud {
namespace {

const std::string kSecret = "s3cr3t/+key=&1";

using Secrets = std::map<std::string, std::string>;

Mask example() {
  return Mask(Secrets{{"token", kSecret}});
}

TEST(Mask, HidesTheSecretAsItIs) {
  EXPECT_EQ(example()("key " + kSecret + " and " + kSecret), "key [secret] and [secret]");
}

TEST(Mask, HidesTheLongestFirst) {
  const Mask mask(Secrets{{"a", "pass"}, {"b", "password"}});
  EXPECT_EQ(mask("password"), "[secret]");
  EXPECT_EQ(mask("passport"), "[secret]port");
}

TEST(Mask, HidesThePercentEncodedForms) {
  EXPECT_EQ(example()("?k=s3cr3t%2F%2Bkey%3D%261&"), "?k=[secret]&");
  EXPECT_EQ(example()("?k=s3cr3t%2f%2bkey%3d%261&"), "?k=[secret]&");
}

TEST(Mask, HidesBase64AtEveryOffsetAndInBothAlphabets) {
  for (const std::string before : {"", "u", "us", "user:", "somebody:"}) {
    const std::string text = to_base64(before + kSecret + "tail");
    const std::string masked = example()("Basic " + text);
    EXPECT_NE(masked.find("[secret]"), std::string::npos) << before;
    std::string url_safe = text;
    for (char& c : url_safe) c = c == '+' ? '-' : c == '/' ? '_' : c;
    EXPECT_NE(example()(url_safe).find("[secret]"), std::string::npos) << before;
  }
}

TEST(Mask, HidesTheFormInsideJson) {
  const Mask mask(Secrets{{"token", "a\"b\\c"}});
  EXPECT_EQ(mask("{\"k\":\"a\\\"b\\\\c\"}"), "{\"k\":\"[secret]\"}");
}

TEST(Mask, ACutTextShowsNoPartOfASecret) {
  const Mask mask(Secrets{{"token", std::string(40, 'k')}});
  bool truncated = false;
  const std::string text = std::string(80, 'a') + std::string(20, 'k');  // the rest is elsewhere
  EXPECT_EQ(mask.cut(text, 1000, true, truncated).find('k'), std::string::npos);
  EXPECT_TRUE(truncated);
  truncated = false;
  EXPECT_EQ(mask.cut("short", 1000, false, truncated), "short");
  EXPECT_FALSE(truncated);
  EXPECT_EQ(mask.cut("\xC3\xA5\xC3\xA5", 3, false, truncated), "\xC3\xA5");
  EXPECT_TRUE(truncated);
}

TEST(Mask, HeadersThatSpeakOfSecretsKeepTheirSchemeAlone) {
  EXPECT_EQ(
      mask_named_headers("Authorization: Bearer abc.def\nAccept: */*\nX-Redmine-API-Key: 12\n"),
      "Authorization: Bearer [secret]\nAccept: */*\nX-Redmine-API-Key: [secret]\n");
  EXPECT_EQ(mask_named_headers("set-cookie: session=abc; Path=/\n"), "set-cookie: [secret]\n");
  EXPECT_EQ(mask_named_headers("Cookie: a=1; b=2"), "Cookie: [secret]");
}

TEST(Mask, ValuesThatAreNamedLikeSecretsAreHidden) {
  EXPECT_EQ(mask_named_values(R"({"access_token":"abc\"d","expires_in":3600,"key":"OPS-1"})"),
            R"({"access_token":"[secret]","expires_in":3600,"key":"OPS-1"})");
  EXPECT_EQ(mask_named_values(R"({"password" : "x", "user":"token", "a":{"refreshToken":"y"}})"),
            R"({"password" : "[secret]", "user":"token", "a":{"refreshToken":"[secret]"}})");
  EXPECT_EQ(mask_named_values("grant=code&client_secret=abc&id=7"),
            "grant=code&client_secret=[secret]&id=7");
  EXPECT_EQ(mask_named_values("https://a.example/x?api_key=abc&n=1"),
            "https://a.example/x?api_key=[secret]&n=1");
  EXPECT_EQ(mask_named_values(R"({"token":"cut off he)"), R"({"token":"[secret])");
  EXPECT_EQ(mask_named_values(R"({"token":null,"password":true,"secret":{"a":1}})"),
            R"({"token":null,"password":true,"secret":{"a":1}})");
  EXPECT_EQ(mask_named_values("The password is wrong."), "The password is wrong.");
}

TEST(Mask, LeavesOtherTextAlone) {
  EXPECT_EQ(example()("nothing to hide"), "nothing to hide");
  EXPECT_EQ(Mask(Secrets{{"empty", ""}})("text"), "text");
}

}  // namespace
}  // namespace ombud
