#include "redmine/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace ombud::redmine {
namespace {

std::string refusal(const std::string& config) {
  try {
    read_settings(config);
  } catch (const std::invalid_argument& refused) {
    return refused.what();
  }
  return "accepted";
}

TEST(RedmineSettings, FillsWhatIsLeftOutWithRedminesOwnDefaults) {
  const Settings settings =
      read_settings(R"({"url":"https://r.example/x/","api_key":{"$secret":"t"},"project":12})");
  EXPECT_EQ(settings.url, "https://r.example/x");
  EXPECT_EQ(settings.project, "12");
  EXPECT_EQ(settings.status_to.at("waiting"), "Feedback");
  EXPECT_EQ(settings.status_from.at("rejected"), "closed");
  EXPECT_TRUE(settings.private_notes);
  EXPECT_EQ(settings.attachment_bytes_max, 5'242'880);
}

TEST(RedmineSettings, LetsTheOperatorReplaceSingleWordsByNameOrNumber) {
  const Settings settings = read_settings(
      R"({"url":"https://r.example","api_key":{"$secret":"t"},"project":"p",
          "status_to":{"waiting":"Väntar"},"status_from":{"Pausad":"waiting","9":"closed"},
          "priority_to":{"urgent":5}})");
  EXPECT_EQ(settings.status_to.at("waiting"), "Väntar");
  EXPECT_EQ(settings.status_to.at("new"), "New");
  EXPECT_EQ(settings.status_from.at("pausad"), "waiting");
  EXPECT_EQ(settings.status_from.at("9"), "closed");
  EXPECT_EQ(settings.priority_to.at("urgent"), "5");
}

TEST(RedmineSettings, RefusesWithTheNameOfWhatIsWrong) {
  EXPECT_THAT(refusal("[]"), ::testing::HasSubstr("table"));
  EXPECT_THAT(refusal("{"), ::testing::HasSubstr("JSON"));
  EXPECT_THAT(refusal(R"({"url":"redmine.example"})"), ::testing::HasSubstr("settings.url"));
  EXPECT_THAT(refusal(R"({"url":"https://r","api_key":"clear","project":"p"})"),
              ::testing::HasSubstr("settings.api_key"));
  EXPECT_THAT(refusal(R"({"url":"https://r","api_key":{"$secret":"t"}})"),
              ::testing::HasSubstr("settings.project"));
  EXPECT_THAT(
      refusal(
          R"({"url":"https://r","api_key":{"$secret":"t"},"project":"p","correlation_field":"x"})"),
      ::testing::HasSubstr("settings.correlation_field"));
  EXPECT_THAT(
      refusal(
          R"({"url":"https://r","api_key":{"$secret":"t"},"project":"p","status_to":{"done":1}})"),
      ::testing::HasSubstr("settings.status_to has no \"done\""));
  EXPECT_THAT(
      refusal(
          R"({"url":"https://r","api_key":{"$secret":"t"},"project":"p","status_from":{"X":"withdrawn"}})"),
      ::testing::HasSubstr("settings.status_from.X"));
}

}  // namespace
}  // namespace ombud::redmine
