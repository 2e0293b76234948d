// The language of profiles: what its expressions, templates and filters make of documents.
#include "profile/expression.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace ombud::profile {
namespace {

using testing::HasSubstr;

class Fixed final : public Surroundings {
 public:
  const std::vector<ListEntry>& list(std::string_view, bool again) override {
    asked_again = asked_again || again;
    return entries;
  }
  std::optional<std::string> mapped(std::string_view, std::string_view key) const override {
    const auto found = map.find(std::string(key));
    return found == map.end() ? std::nullopt : std::optional(found->second);
  }
  const Template* defined(std::string_view name) const override {
    const auto found = defines.find(std::string(name));
    return found == defines.end() ? nullptr : &found->second;
  }
  std::vector<ListEntry> entries = {
      {"1", "New", ""}, {"4", "Feedback", ""}, {"9", "Parked", "waiting"}};
  std::map<std::string, std::string> map = {
      {"new", "New"}, {"waiting", "feedback"}, {"Feedback", "waiting"}};
  std::map<std::string, Template> defines;
  bool asked_again = false;
};

class Language : public testing::Test {
 protected:
  Language() {
    names_.roots = {"ticket", "answer", "settings", "item", "greeting"};
    names_.maps = {"status_to", "status_from"};
    names_.lists = {"statuses"};
    names_.members["ticket"] = {"subject", "status"};
  }
  void bind(const char* name, const std::string& text) {
    scope_.set(name, Value(scope_.keep(json::parse(text).value())));
  }
  std::string value(const std::string& text) {
    return Expression::parse(text, names_).evaluate(scope_).shown();
  }
  std::string filled(const std::string& text) { return Template::parse(text, names_).text(scope_); }
  std::string json(const std::string& text) {
    const auto view = json::parse(text).value();
    std::vector<std::pair<std::string, std::string>> wrong;
    const auto made = JsonTemplate::parse(view.root(), names_, "", wrong);
    EXPECT_TRUE(wrong.empty()) << wrong.front().second;
    return made.text(scope_);
  }
  std::string refusal(const std::string& text) {
    try {
      Template::parse(text, names_);
    } catch (const std::invalid_argument& wrong) {
      return wrong.what();
    }
    return "accepted";
  }
  Fixed around_;
  Names names_;
  Scope scope_{around_};
};

TEST_F(Language, FollowsPathsAndPicksElements) {
  bind("answer", R"({"a":{"b":[{"id":1,"v":"x"},{"id":2,"v":"y","w":[1,2]},{"id":2,"v":"z"}]}})");
  EXPECT_EQ(value("answer.a.b[id=2].v"), "y");
  EXPECT_EQ(value("answer.a.b[id='2'].v"), "y");
  EXPECT_EQ(value("answer.a.b[?id=2].v|join:'+'"), "y+z");
  EXPECT_EQ(value("answer.a.b[*].v"), R"(["x","y","z"])");
  EXPECT_EQ(value("answer.a.b[*].w[*]"), "[1,2]");
  EXPECT_EQ(value("answer.a.b[-1].v"), "z");
  EXPECT_EQ(value("answer.a.'b'[0].id"), "1");
  EXPECT_EQ(value("answer.no.such.path"), "");
}

TEST_F(Language, ComparesAsSuppliersWriteThings) {
  bind("answer", R"({"id":"12","n":12,"empty":"","list":[],"no":false,"zero":0})");
  EXPECT_EQ(value("answer.id == 12 and answer.n == '12'"), "true");
  EXPECT_EQ(value("answer.n < 100 and answer.id >= 9"), "true");
  EXPECT_EQ(value("not answer.empty and not answer.list and not answer.no"), "true");
  EXPECT_EQ(value("if answer.zero then 'a number is something' else 'nothing'"),
            "a number is something");
  EXPECT_EQ(value("answer.missing < 3"), "false");
  EXPECT_EQ(value("answer.n in [11, 12]"), "true");
  EXPECT_EQ(value("answer contains 'id'"), "true");
}

TEST_F(Language, LooksAtEachElementWithItsOwnMembersFirst) {
  bind("answer",
       R"([{"name":"A","id":3,"on":true},{"name":"B","id":4},{"name":"C","id":5,"on":true}])");
  EXPECT_EQ(value(R"(answer|where:'on and id != 5'|each:'{name} ({id})'|join)"), "A (3)");
  EXPECT_EQ(value("answer|any:'id == 4'"), "true");
  EXPECT_EQ(value("answer|each:'{name}'|join:', '"), "A, B, C");
  EXPECT_EQ(value("['x', 'y']|each:'<{item}>'|join"), "<x>, <y>") << "what has no members is item";
}

TEST_F(Language, JoinsOnlyWhatIsThere) {
  bind("ticket", R"({"subject":"S"})");
  EXPECT_EQ(value("[ticket.status, ticket.subject, ticket.status|wrap:'(':')']|join:' '"), "S");
  EXPECT_EQ(value("ticket.subject|wrap:'[':']'"), "[S]");
}

TEST_F(Language, ResolvesTheSuppliersWordsByMapAndList) {
  bind("ticket", R"({"status":"waiting","subject":"odd"})");
  EXPECT_EQ(value("ticket.status|id_of:statuses:status_to"), "4");
  EXPECT_EQ(value("4|word_of:statuses:status_from"), "waiting");
  EXPECT_EQ(value("9|word_of:statuses:status_from"), "waiting");
  EXPECT_EQ(value("4|name_of:statuses"), "Feedback");
  EXPECT_EQ(value("77|word_of:statuses:status_from"), "");
  EXPECT_TRUE(around_.asked_again);
  around_.map["waiting"] = "Väntar";
  try {
    value("ticket.status|id_of:statuses:status_to");
    FAIL();
  } catch (const Refused& refused) {
    EXPECT_EQ(refused.outcome, Outcome::permanent);
    EXPECT_THAT(refused.message, HasSubstr("Set settings.status_to.waiting to one of"));
    EXPECT_THAT(refused.message, HasSubstr("Feedback (4)"));
  }
}

TEST_F(Language, WritesJsonWithoutWhatIsAbsentAndKeepsTypes) {
  bind("ticket", R"({"subject":"a \"b\"\n"})");
  bind("settings", R"({"n":7,"fields":{"12":"x","13":5},"more":{"k":true}})");
  EXPECT_EQ(json(R"({"s":"{ticket.subject}","gone":"{ticket.status}","n":"{settings.n}",
                     "t":"n={settings.n}","lit":3,"flag":false})"),
            R"({"s":"a \"b\"\n","n":7,"t":"n=7","lit":3,"flag":false})");
  EXPECT_EQ(json(R"({"a":1,"*":"{settings.more}"})"), R"({"a":1,"k":true})");
  EXPECT_EQ(json(R"([{"*":"{settings.fields|pairs}","each":{"id":"{key|number}","v":"{value}"}},
                     "{ticket.status}","x"])"),
            R"([{"id":12,"v":"x"},{"id":13,"v":5},"x"])");
}

TEST_F(Language, TakesDoubledBracesForBraces) {
  bind("ticket", R"({"subject":"S"})");
  EXPECT_EQ(filled("{{{ticket.subject}}}"), "{S}");
  EXPECT_EQ(filled("{ticket.subject|wrap:'{':'}'}"), "{S}");
}

TEST_F(Language, UsesDefinitionsInTheScopeWhereTheyAreNamed) {
  around_.defines["greeting"] = Template::parse("Hi {ticket.subject}", names_);
  bind("ticket", R"({"subject":"S"})");
  EXPECT_EQ(value("greeting|upper"), "HI S");
}

TEST_F(Language, ShapesTimes) {
  EXPECT_EQ(value("'2026-11-22T10:30:15.250+01:00'|date:'%Y-%m-%d %H:%M:%S.%L'"),
            "2026-11-22 09:30:15.250");
  EXPECT_EQ(value("'2026-11-22 09:30:15'|date"), "2026-11-22T09:30:15.000Z");
  EXPECT_EQ(value("'2026-11-22T09:30:15.000+0100'|date:'%s'"), "1795336215");
  EXPECT_EQ(value("1795336215|date:'%Q'"), "1795336215000");
  EXPECT_EQ(value("'yesterday'|date"), "");
}

TEST_F(Language, SaysWhatIsWrongAndWhatWasMeant) {
  EXPECT_THAT(refusal("{tiket.subject}"), HasSubstr("did you mean \"ticket\"?"));
  EXPECT_THAT(refusal("{ticket.subjct}"), HasSubstr("did you mean \"subject\"?"));
  EXPECT_THAT(refusal("{ticket.subject|trunkate:5}"), HasSubstr("there is no filter"));
  EXPECT_THAT(refusal("{ticket.subject|truncate}"), HasSubstr("takes 1 arguments, not 0"));
  EXPECT_THAT(refusal("{ticket.status|map:'statusto'}"), HasSubstr("did you mean \"status_to\"?"));
  EXPECT_THAT(refusal("{ticket.subject"), HasSubstr("is not closed"));
  EXPECT_THAT(refusal("a } b"), HasSubstr("stands alone"));
  EXPECT_THAT(refusal("{ticket.subject b}"), HasSubstr("is not expected there"));
  EXPECT_THAT(refusal("{if ticket}"), HasSubstr("needs a `then`"));
  EXPECT_THAT(refusal("{answer|where:'iff ('}"), HasSubstr("not expected"));
}

TEST_F(Language, SurvivesWhateverIsWritten) {
  // Every cut of a text with all of the syntax in it is accepted or refused in words.
  const std::string text =
      R"({if (answer.a[?id=2].b[*]|where:'x == "y"'|first) contains [1, 'a\'b'] then not 3 else -4|plus:2} {{x}})";
  for (std::size_t i = 0; i <= text.size(); ++i) {
    for (std::size_t j = i; j <= text.size(); ++j) refusal(text.substr(i, j - i));
  }
}

}  // namespace
}  // namespace ombud::profile
