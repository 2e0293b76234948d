// A value is checked against a JSON Schema, and every mistake is reported, not just the first.
#include "base/json_schema.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ombud::json {
namespace {

using testing::HasSubstr;

constexpr std::string_view kSchema = R"({
  "type": "object", "required": ["host", "password"], "additionalProperties": false,
  "properties": {
    "host": {"type": "string", "minLength": 1, "description": "the server's name"},
    "port": {"type": "integer", "minimum": 1, "maximum": 65535},
    "security": {"enum": ["tls", "none"]},
    "password": {"type": "string", "x-secret": true},
    "folders": {"type": "array", "items": {"type": "string"}},
    "inner": {"type": "object", "required": ["a"], "properties": {"a": {"type": "boolean"}}}
  }})";

std::vector<SchemaMistake> mistakes_in(std::string_view value) {
  const auto schema = parse(kSchema), parsed = parse(value);
  return check_schema(schema->root(), parsed->root());
}

const SchemaMistake* at(const std::vector<SchemaMistake>& all, std::string_view pointer) {
  for (const SchemaMistake& mistake : all) {
    if (mistake.pointer == pointer) return &mistake;
  }
  return nullptr;
}

TEST(JsonSchema, AValidValueHasNoMistakes) {
  EXPECT_TRUE(mistakes_in(R"({"host":"a","port":25,"security":"tls","password":{"$secret":"token1"},
                              "folders":["x"],"inner":{"a":true}})")
                  .empty());
}

TEST(JsonSchema, EveryMistakeIsFoundAtOnce) {
  const auto all = mistakes_in(R"({"port":0,"security":"ssl","pasword":1,"folders":["x",2],
                                   "inner":{"a":"yes"}})");
  EXPECT_EQ(all.size(), 7U);
  ASSERT_TRUE(at(all, "/host"));
  EXPECT_THAT(at(all, "/host")->detail, HasSubstr("is missing; add host = … (the server's name)"));
  ASSERT_TRUE(at(all, "/password"));
  EXPECT_THAT(at(all, "/password")->detail, HasSubstr("password = { file = \"…\" }"));
  ASSERT_TRUE(at(all, "/port"));
  EXPECT_THAT(at(all, "/port")->detail, HasSubstr("write a number from 1 to 65535"));
  ASSERT_TRUE(at(all, "/security"));
  EXPECT_THAT(at(all, "/security")->detail, HasSubstr("write \"tls\" or \"none\""));
  ASSERT_TRUE(at(all, "/pasword"));
  EXPECT_THAT(at(all, "/pasword")->detail, HasSubstr("did you mean password?"));
  ASSERT_TRUE(at(all, "/folders/1"));
  EXPECT_THAT(at(all, "/folders/1")->detail, HasSubstr("write a text in quotes"));
  ASSERT_TRUE(at(all, "/inner/a"));
  EXPECT_THAT(at(all, "/inner/a")->detail, HasSubstr("write true or false"));
}

TEST(JsonSchema, AValueOfTheWrongTypeIsNotMissingToo) {
  const auto all = mistakes_in(R"({"host":5,"password":{"$secret":"t"}})");
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].pointer, "/host");
  EXPECT_EQ(all[0].keyword, "type");
}

TEST(JsonSchema, ASecretInPlainTextIsRefusedWhateverItsType) {
  const auto all = mistakes_in(R"({"host":"a","password":"hunter2"})");
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].keyword, "x-secret");
  EXPECT_THAT(all[0].detail, HasSubstr("{ file = \"…\" } or { env = \"…\" }"));
  EXPECT_THAT(all[0].detail, Not(HasSubstr("hunter2")));
}

TEST(JsonSchema, AReferenceWhereNoSecretBelongsIsRefused) {
  const auto all = mistakes_in(R"({"host":{"$secret":"token1"},"password":{"$secret":"token2"}})");
  ASSERT_EQ(all.size(), 1U);
  EXPECT_THAT(all[0].detail, HasSubstr("is no secret"));
}

TEST(JsonSchema, TheSchemaItselfMustBeThere) {
  const auto schema = parse("5"), value = parse("{}");
  EXPECT_EQ(check_schema(schema->root(), value->root()).size(), 1U);
}

}  // namespace
}  // namespace ombud::json
