// What an operator may write in [settings] of a link to a Redmine, and what it means if left out.
#include "fixture.hpp"

namespace ombud::test {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class RedmineSettings : public ::testing::Test {
 protected:
  profile::Bound bound(const std::string& settings) const {
    const auto given = json::parse(settings).value();
    EXPECT_THAT(profile::check_settings(*profile_, given.root()), ::testing::IsEmpty());
    return profile::bind(profile_, given.root());
  }
  std::vector<std::string> refusals(const std::string& settings) const {
    const auto given = json::parse(settings).value();
    std::vector<std::string> all;
    for (const auto& mistake : profile::check_settings(*profile_, given.root())) {
      all.push_back(mistake.pointer + " " + mistake.detail);
    }
    return all;
  }
  static std::string with(const std::string& more) {
    return R"({"url":"https://r.example/x/","api_key":{"$secret":"t"},"project":"p")" + more + "}";
  }

  std::vector<profile::Mistake> wrong_;
  json::Document text_ = parsed(profile_json("redmine"));
  std::shared_ptr<const profile::Profile> profile_ = profile::compile(text_.root(), wrong_);
};

TEST_F(RedmineSettings, AreFilledWithRedminesOwnDefaultsWhereLeftOut) {
  const auto settings =
      bound(R"({"url":"https://r.example/x/","api_key":{"$secret":"t"},"project":12})");
  EXPECT_EQ(settings.settings["url"].text(), "https://r.example/x");
  EXPECT_EQ(settings.settings["project"].integer(), 12);
  EXPECT_EQ(settings.maps.at("status_to").entries.at("waiting"), "Feedback");
  EXPECT_EQ(settings.maps.at("status_from").entries.at("rejected"), "closed");
  EXPECT_TRUE(settings.settings["private_notes"].boolean());
  EXPECT_EQ(settings.settings["attachment_max_bytes"].integer(), 5'242'880);
  EXPECT_EQ(settings.settings["poll_overlap_seconds"].integer(), 120);
}

TEST_F(RedmineSettings, LetTheOperatorReplaceSingleWordsByNameOrNumber) {
  const auto settings = bound(with(
      R"(,"status_to":{"waiting":"Väntar"},"status_from":{"Pausad":"waiting","9":"closed"},
          "priority_to":{"urgent":5})"));
  EXPECT_EQ(settings.maps.at("status_to").entries.at("waiting"), "Väntar");
  EXPECT_EQ(settings.maps.at("status_to").entries.at("new"), "New");
  EXPECT_EQ(settings.maps.at("status_from").entries.at("pausad"), "waiting");
  EXPECT_EQ(settings.maps.at("status_from").entries.at("9"), "closed");
  EXPECT_EQ(settings.maps.at("priority_to").entries.at("urgent"), "5");
}

TEST_F(RedmineSettings, AreRefusedWithTheNameOfWhatIsWrong) {
  EXPECT_THAT(refusals(R"({"url":"redmine.example"})"), Contains(StartsWith("/url must be")));
  EXPECT_THAT(refusals(R"({"url":"https://r","api_key":"clear","project":"p"})"),
              Contains(StartsWith("/api_key must refer to a secret")));
  EXPECT_THAT(refusals(R"({"url":"https://r","api_key":{"$secret":"t"}})"),
              Contains(HasSubstr("lacks project")));
  EXPECT_THAT(refusals(with(R"(,"correlation_field":"x")")),
              Contains(StartsWith("/correlation_field must be a whole number")));
  EXPECT_THAT(refusals(with(R"(,"status_to":{"done":1})")),
              Contains(StartsWith("/status_to/done is not known here")));
  EXPECT_THAT(refusals(with(R"(,"status_from":{"X":"withdrawn"})")),
              Contains(StartsWith("/status_from/X must be")));
}

}  // namespace
}  // namespace ombud::test
