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

TEST(Mask, LeavesOtherTextAlone) {
  EXPECT_EQ(example()("nothing to hide"), "nothing to hide");
  EXPECT_EQ(Mask(Secrets{{"empty", ""}})("text"), "text");
}

}  // namespace
}  // namespace ombud
