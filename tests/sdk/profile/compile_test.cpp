// A profile is refused with every mistake at once, each at its place; so are the operator's
// settings.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "profile/profile.hpp"

namespace ombud::profile {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kSmall = R"({
  "profile": {"name":"acme","title":"Acme","version":"1","tested":
              {"against":"documentation","with":"Acme 3","on":"2026-11-22"}},
  "settings": {"url":{"type":"url","required":true,"description":"address"},
               "size":{"type":"number","min":1,"max":9,"default":4,"description":"size"},
               "key":{"type":"secret","description":"key"}},
  "map": {"status_to":{"new":"Open","closed":"Done"},"status_from":{"Open":"new"}},
  "create": {"step":[{"name":"made","request":"POST /t","json":{"s":"{ticket.subject}"}}],
             "reply":{"external_id":"{made.id}"}},
  "update": {"step":[{"request":"PUT /t/{external_id}"}],"reply":{"external_id":"{external_id}"}},
  "comment": {"step":[{"request":"POST /t/{external_id}/c"}]},
  "find": {"ticket":{"match":"row.key == correlation","external_id":"{row.id}",
                     "search":[{"request":"GET /t","rows":"answer"}]},
           "comment":{"match":"row.key == correlation","external_id":"{row.id}",
                      "search":[{"request":"GET /c","rows":"answer"}]}}
})";

std::vector<std::string> mistakes_of(std::string text, const std::string& from = {},
                                     const std::string& to = {}) {
  if (!from.empty()) {
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
  }
  const auto view = json::parse(text).value();
  std::vector<Mistake> mistakes;
  compile(view.root(), mistakes);
  std::vector<std::string> all;
  for (const Mistake& mistake : mistakes) all.push_back(mistake.pointer + " " + mistake.detail);
  return all;
}

TEST(ProfileCompile, TakesASmallOne) {
  EXPECT_THAT(mistakes_of(kSmall), IsEmpty());
}

TEST(ProfileCompile, SaysWhereAndWhatWasMeant) {
  EXPECT_THAT(mistakes_of(kSmall, "\"rows\":\"answer\"", "\"rws\":\"answer\""),
              ElementsAre(HasSubstr("/find/ticket/search/0/rows is missing"),
                          HasSubstr("/find/ticket/search/0/rws is not known here; did you mean")));
  EXPECT_THAT(mistakes_of(kSmall, "POST /t\"", "PST /t\""),
              ElementsAre(HasSubstr("/create/step/0/request is \"PST /t\"; write a method")));
  EXPECT_THAT(mistakes_of(kSmall, "{ticket.subject}", "{ticket.subjekt}"),
              ElementsAre(HasSubstr("/create/step/0/json/s in \"ticket.subjekt\": ticket has no")));
  EXPECT_THAT(mistakes_of(kSmall, "\"Open\":\"new\"", "\"Open\":\"brand new\""),
              ElementsAre(HasSubstr("/map/status_from/Open is \"brand new\"; write new")));
  EXPECT_THAT(mistakes_of(kSmall, "\"name\":\"made\"", "\"use\":\"whoami\",\"name\":\"made\""),
              ElementsAre(HasSubstr("/create/step/0/use there are no steps \"whoami\"")));
  EXPECT_THAT(mistakes_of(kSmall, "\"against\":\"documentation\"", "\"against\":\"hearsay\""),
              ElementsAre(HasSubstr("/profile/tested/against is \"hearsay\"; write")));
  EXPECT_THAT(mistakes_of(kSmall, "{made.id}", "{mad.id}"),
              ElementsAre(HasSubstr("/create/reply/external_id in \"mad.id\": nothing is called")));
}

TEST(ProfileCompile, PagesByTimeOnlyWhatComesInItsOrder) {
  const auto polled = [](const std::string& how) {
    return mistakes_of(kSmall, "\"find\": {",
                       R"("poll":{)" + how + R"(,"sorted":false,"next":"{answer.n}",
        "list":[{"request":"GET /t","rows":"answer"}],"row":{"id":"{row.id}","updated":"{row.u}"},
        "ticket":{"external_id":"{row.id}"}},"find": {)");
  };
  EXPECT_THAT(polled(R"("paging":"token")"), IsEmpty());
  EXPECT_THAT(polled(R"("paging":"offset")"),
              Contains(HasSubstr("/poll/sorted can be false only")));
}

TEST(ProfileCompile, TellsAllMistakesAtOnce) {
  EXPECT_GE(mistakes_of("{}").size(), 6U);
  EXPECT_THAT(mistakes_of("[]"), Contains(HasSubstr("must be a table")));
}

TEST(ProfileCompile, AsksForASearchUnlessNothingCanBeLookedUp) {
  EXPECT_THAT(mistakes_of(kSmall, "\"find\": {\"ticket\"", "\"find\": {\"attachment\""),
              Contains(HasSubstr("no-lookup")));
}

TEST(ProfileCompile, TakesEveryProfileOfTheTree) {
  const std::string folder = std::string(std::getenv("OMBUD_SOURCE")) + "/plugins/rest/profiles";
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".toml") continue;
    ++count;
    toml::Mistakes wrong;
    const auto json = read_file(entry.path(), wrong);
    ASSERT_TRUE(json) << wrong.sorted().front().place() << wrong.sorted().front().detail;
    const auto view = json::parse(json->text).value();
    std::vector<Mistake> mistakes;
    const auto profile = compile(view.root(), mistakes);
    for (const Mistake& mistake : mistakes) {
      ADD_FAILURE() << entry.path().filename() << ":" << line_of(*json, mistake.pointer) << " "
                    << mistake.pointer << " " << mistake.detail;
    }
    EXPECT_EQ(profile->name, entry.path().stem().string());
  }
  EXPECT_GT(count, 0U);
}

TEST(ProfileSettings, AreCheckedByWhatTheProfileDeclares) {
  const auto view = json::parse(kSmall).value();
  std::vector<Mistake> wrong;
  const auto profile = compile(view.root(), wrong);
  const auto refusals = [&](const std::string& settings) {
    const auto given = json::parse(settings).value();
    std::vector<std::string> all;
    for (const Mistake& mistake : check_settings(*profile, given.root())) {
      all.push_back(mistake.pointer + " " + mistake.detail);
    }
    return all;
  };
  EXPECT_THAT(refusals(R"({"url":"https://a.example","key":{"$secret":"t"}})"), IsEmpty());
  EXPECT_THAT(refusals("{}"), ElementsAre(HasSubstr("lacks url: address")));
  EXPECT_THAT(refusals(R"({"url":"a.example"})"),
              ElementsAre(HasSubstr("/url must be an address")));
  EXPECT_THAT(refusals(R"({"url":"https://a","key":"clear"})"),
              ElementsAre(HasSubstr("/key must refer to a secret")));
  EXPECT_THAT(refusals(R"({"url":"https://a","size":10})"),
              ElementsAre(HasSubstr("/size must be a whole number from 1 to 9")));
  EXPECT_THAT(refusals(R"({"url":"https://a","sise":1})"),
              ElementsAre(HasSubstr("did you mean size?")));
  EXPECT_THAT(refusals(R"({"url":"https://a","status_to":{"nev":"x"}})"),
              ElementsAre(HasSubstr("/status_to/nev is not known here; did you mean \"new\"?")));
  EXPECT_THAT(refusals(R"({"url":"https://a","status_from":{"Odd":"odd"}})"),
              ElementsAre(HasSubstr("/status_from/Odd must be new,")));
}

TEST(ProfileSettings, AreCompletedByTheProfilesDefaultsAndChangeItsMaps) {
  const auto view = json::parse(kSmall).value();
  std::vector<Mistake> wrong;
  const auto given = json::parse(R"({"url":"https://a.example//","status_to":{"new":7},
                                    "status_from":{"Väntar":"waiting"}})")
                         .value();
  const Bound bound = bind(compile(view.root(), wrong), given.root());
  EXPECT_EQ(bound.settings["url"].text(), "https://a.example");
  EXPECT_EQ(bound.settings["size"].integer(), 4);
  EXPECT_EQ(bound.maps.at("status_to").entries.at("new"), "7");
  EXPECT_EQ(bound.maps.at("status_to").entries.at("closed"), "Done");
  EXPECT_EQ(bound.maps.at("status_from").entries.at("väntar"), "waiting");
}

}  // namespace
}  // namespace ombud::profile
