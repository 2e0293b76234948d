// The SDK's own JSON: every text of RFC 8259 and none other.
#include <ombud/json.hpp>

#include <gtest/gtest.h>

namespace ombud::sdk {
namespace {

TEST(SdkJson, ReadsEveryKindOfValue) {
  const auto read = Json::parse(
      R"( {"a":"x","b":[1,-2.5e3,true,false,null],"c":{"d":"\"\\\/\b\f\n\r\t\u00e5\ud83d\ude00"},"a2":7} )");
  ASSERT_TRUE(read);
  EXPECT_EQ((*read)["a"].text(), "x");
  ASSERT_EQ((*read)["b"].items().size(), 5U);
  EXPECT_EQ((*read)["b"].items()[0].integer(), 1);
  EXPECT_EQ((*read)["b"].items()[1].integer(9), 9) << "a fraction is no integer";
  EXPECT_TRUE((*read)["b"].items()[2].boolean());
  EXPECT_TRUE((*read)["b"].items()[3].is_boolean());
  EXPECT_TRUE((*read)["b"].items()[4].is_null());
  EXPECT_EQ((*read)["c"]["d"].text(), "\"\\/\b\f\n\r\tå😀");
  EXPECT_EQ((*read)["a2"].integer(), 7);
  EXPECT_EQ(read->names()[3], "a2");
}

TEST(SdkJson, AnswersWhatIsMissingWithTheFallback) {
  const auto read = Json::parse(R"({"a":1})");
  EXPECT_EQ((*read)["x"]["y"].text("none"), "none");
  EXPECT_EQ((*read)["a"].text("none"), "none");
  EXPECT_EQ((*read)["a"]["b"].integer(3), 3);
  EXPECT_TRUE((*read)["x"].items().empty());
}

TEST(SdkJson, RefusesWhatIsNoJson) {
  for (const char* text : {"",
                           " ",
                           "{",
                           "}",
                           "[1,]",
                           "{\"a\"}",
                           "{\"a\":}",
                           "{a:1}",
                           "01",
                           "1.",
                           ".5",
                           "-",
                           "1e",
                           "+1",
                           "tru",
                           "nul",
                           "\"",
                           "\"\\x\"",
                           "\"\\u12\"",
                           "\"\\ud83d\\u0041\"",
                           "\"\n\"",
                           "[1] 2",
                           "{\"a\":1,}",
                           "NaN",
                           "\xff",
                           "\"\xc3\"",
                           "\"\xed\xa0\x80\"",
                           "\"\xf5\x80\x80\x80\""}) {
    EXPECT_FALSE(Json::parse(text)) << text;
  }
  EXPECT_FALSE(Json::parse(std::string(100'000, '['))) << "nested without end";
  EXPECT_FALSE(Json::parse(std::string(66, '[') + std::string(66, ']')));
  EXPECT_TRUE(Json::parse(std::string(64, '[') + std::string(64, ']')));
}

TEST(SdkJson, TakesHalfACharacterForAReplacement) {
  EXPECT_EQ(Json::parse(R"("\ud83dx")")->text(), "\xEF\xBF\xBDx");
  EXPECT_EQ(Json::parse(R"("a\u0000b")")->text(), std::string_view("a\0b", 3));
}

TEST(SdkJson, WritesWhatItReads) {
  const std::string text = JsonObject()
                               .add("text", "a \"b\" \\ \n å \x01")
                               .add("flag", true)
                               .add("number", std::int64_t{-7})
                               .add_json("list", "[1]")
                               .text();
  const auto read = Json::parse(text);
  ASSERT_TRUE(read) << text;
  EXPECT_EQ((*read)["text"].text(), "a \"b\" \\ \n å \x01");
  EXPECT_TRUE((*read)["flag"].boolean());
  EXPECT_EQ((*read)["number"].integer(), -7);
  EXPECT_EQ((*read)["list"].items().size(), 1U);
  EXPECT_EQ(JsonObject().text(), "{}");
}

TEST(SdkJson, EncodesThePartsOfAUrl) {
  EXPECT_EQ(percent_encode("a b/c?å"), "a%20b%2Fc%3F%C3%A5");
}

}  // namespace
}  // namespace ombud::sdk
