// Every profile that ships begins a link whose file is right as soon as its places are filled in.
#include "cli/offers.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "cli/replay.hpp"
#include "support.hpp"

namespace ombud::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class NewLinks : public ::testing::Test {
 protected:
  NewLinks() {
    shell_.variables["OMBUD_CONFIG"] = "config";
    shell_.folder.write("config/ombud.toml", "[suppliers]\nconnectors = \"../connectors\"\n");
    fs::create_directories(shell_.folder.path() / "config/suppliers");
    shell_.folder.connector("rest", R"({"type":"object","required":["profile"]})",
                            R"(["attachments","parallel","profiles"])");
    fs::copy(fs::path(std::getenv("OMBUD_SOURCE")) / "plugins/rest/profiles",
             shell_.folder.path() / "connectors/rest/profiles");
    fs::current_path(shell_.folder.path());
  }
  ~NewLinks() override { fs::current_path("/"); }
  NewLinks(const NewLinks&) = delete;
  NewLinks& operator=(const NewLinks&) = delete;

  fs::path connectors() const { return shell_.folder.path() / "connectors"; }
  LoadOptions options() const {
    return {"config/ombud.toml", std::nullopt, connectors(),
            [](const std::string&) { return std::optional<std::string>(); }};
  }
  // A value of the kind that the profile asks for.
  static std::string value_for(const profile::Setting& setting) {
    switch (setting.type) {
      case profile::SettingType::url:
        return "\"https://desk.supplier.example\"";
      case profile::SettingType::number:
        return std::to_string(setting.min);
      case profile::SettingType::boolean:
        return "true";
      case profile::SettingType::choice:
        return "\"" + setting.choices.front() + "\"";
      default:
        return "\"some\"";
    }
  }
  // The lines with their places filled in; every line that is commented out too, if `all`.
  std::string filled(const Offer& offer, const std::string& text, bool all) {
    std::string out, line;
    std::istringstream in(text);
    while (std::getline(in, line)) {
      const bool off = line.starts_with("# ") && line.find(" = ") != std::string::npos &&
                       line.find(' ', 2) == line.find(" = ");
      if (all && (off || line.starts_with("# ["))) line.erase(0, 2);
      const auto equals = line.find(" = ");
      if (line.find(kFillIn) != std::string::npos && !line.starts_with('#')) {
        const auto setting = offer.rules->settings.find(line.substr(0, equals));
        line = line.substr(0, equals + 3) +
               (setting == offer.rules->settings.end() ? "\"Acme\"" : value_for(setting->second));
      }
      if (const auto at = line.find("file = \"secrets/"); at != std::string::npos) {
        const std::string name = line.substr(at + 8, line.find('"', at + 8) - at - 8);
        shell_.folder.write("config/suppliers/" + name, "secret", 0600);
      }
      out += line + "\n";
    }
    return out;
  }

  Shell shell_;
};

TEST_F(NewLinks, OfEveryProfileAreRightWhenFilledInAndToldByLineUntilThen) {
  const std::vector<Offer> all = offers(connectors());
  ASSERT_GE(all.size(), 10U);
  for (const Offer& offer : all) {
    ASSERT_EQ(offer.wrong, "") << offer.name;
    EXPECT_NE(offer.against, "") << offer.name;
    const std::string text = link_file_text(offer, "acme");
    EXPECT_THAT(text, AllOf(HasSubstr("What the supplier does once"), HasSubstr("enabled = false"),
                            HasSubstr("ombud supplier enable acme")))
        << offer.name;
    shell_.folder.write("config/suppliers/acme.toml", text);
    const auto unfilled = load_link(options(), "config/suppliers/acme.toml");
    ASSERT_FALSE(unfilled.has_value()) << offer.name;
    EXPECT_THAT(unfilled.error().fields.front().pointer, HasSubstr("acme.toml:"));
    EXPECT_THAT(unfilled.error().fields.front().detail, HasSubstr("is not filled in yet"));

    shell_.folder.write("config/suppliers/acme.toml", filled(offer, text, false));
    const auto link = load_link(options(), "config/suppliers/acme.toml");
    ASSERT_TRUE(link.has_value()) << offer.name << ": " << link.error().fields.front().pointer
                                  << link.error().fields.front().detail;
    EXPECT_FALSE(link->enabled);
    EXPECT_THAT(link->tested, HasSubstr("against"));
  }
}

TEST_F(NewLinks, EveryLineThatIsCommentedOutMayBeTurnedOn) {
  for (const Offer& offer : offers(connectors())) {
    const std::string text = filled(offer, link_file_text(offer, "acme"), true);
    shell_.folder.write("config/suppliers/acme.toml", text);
    const auto link = load_link(options(), "config/suppliers/acme.toml");
    if (link) continue;
    for (const FieldProblem& mistake : link.error().fields) {
      // An example of a free text may be none of the supplier's; the language must hold.
      EXPECT_THAT(mistake.detail, Not(HasSubstr("is not known"))) << offer.name << mistake.pointer;
      ADD_FAILURE() << offer.name << " " << mistake.pointer << ": " << mistake.detail;
    }
  }
}

TEST_F(NewLinks, ListsWhatThereIsAndSaysWhatCannotBeUsed) {
  shell_.folder.write("connectors/rest/profiles/broken.toml", "[profile]\nname = 5\n");
  EXPECT_EQ(shell_.run({"supplier", "new"}), 0) << shell_.complained();
  EXPECT_THAT(shell_.said(), AllOf(HasSubstr("redmine"), HasSubstr("broken"),
                                   HasSubstr("against the real Redmine")));
  EXPECT_EQ(shell_.run({"supplier", "new", "broken"}), 1);
  EXPECT_THAT(shell_.complained(), HasSubstr("broken.toml"));
  EXPECT_EQ(shell_.run({"supplier", "new", "redmin"}), 3);
  EXPECT_THAT(shell_.complained(), HasSubstr("Did you mean redmine?"));
  EXPECT_EQ(shell_.run({"supplier", "new", "./nowhere.toml"}), 1);
  EXPECT_EQ(shell_.run({"supplier", "new", "redmine", "--name", "Not A Key"}), 2);
  EXPECT_EQ(shell_.run({"supplier", "new", "redmine", "--file", "x.txt"}), 2);
}

TEST_F(NewLinks, ThatAreNotFilledInYetKeepNoHubFromStarting) {
  ASSERT_EQ(shell_.run({"supplier", "new", "redmine", "--name", "acme"}), 0);
  EXPECT_FALSE(load_settings(options()).has_value()) << "check tells what is missing";
  LoadOptions of_hub = options();
  of_hub.leave_out_unfinished = true;
  const auto settings = load_settings(of_hub);
  ASSERT_TRUE(settings.has_value());
  EXPECT_TRUE(settings->links.empty());
  EXPECT_THAT(settings->left_out, ::testing::ElementsAre("config/suppliers/acme.toml"));

  // Turned on it is no longer anybody's draft.
  std::string text = shell_.folder.read("config/suppliers/acme.toml");
  text.replace(text.find("enabled = false"), 15, "enabled = true ");
  shell_.folder.write("config/suppliers/acme.toml", text);
  EXPECT_FALSE(load_settings(of_hub).has_value());
  EXPECT_EQ(shell_.run({"supplier", "enable", "acme"}), 1);
}

TEST_F(NewLinks, NeverReplaceWhatIsThere) {
  shell_.folder.write("config/suppliers/acme.toml", "mine");
  EXPECT_EQ(shell_.run({"supplier", "new", "redmine", "--name", "acme"}), 6);
  EXPECT_EQ(shell_.folder.read("config/suppliers/acme.toml"), "mine");
  EXPECT_EQ(shell_.run({"supplier", "new", "redmine", "--file", "elsewhere/acme.toml"}), 0);
  EXPECT_THAT(shell_.folder.read("elsewhere/acme.toml"), HasSubstr("connector = \"rest\""));
}

TEST_F(NewLinks, MayRunAProfileOfTheOperatorsOwn) {
  fs::copy(connectors() / "rest/profiles/redmine.toml", shell_.folder.path() / "own.toml");
  EXPECT_EQ(shell_.run({"supplier", "new", "./own.toml", "--name", "acme"}), 0)
      << shell_.complained();
  EXPECT_THAT(shell_.folder.read("config/suppliers/acme.toml"),
              HasSubstr("profile = \"../../own.toml\""));
}

TEST(Differences, AreToldByFieldWithWhatWasAndWhatWouldBe) {
  const ConnectorAnswer before{
      true, "", {R"({"what":"POST /a","json":{"x":1,"y":[1,2]}})", R"({"what":"PUT /b"})"}};
  const ConnectorAnswer after{true, "", {R"({"what":"POST /a","json":{"x":2,"y":[1],"z":{}}})"}};
  const auto found = differences(before, after);
  ASSERT_EQ(found.size(), 4U);
  EXPECT_EQ(found[0].field, "json.x");
  EXPECT_EQ(found[0].before + found[0].after, "12");
  EXPECT_EQ(found[1].field, "json.y[1]");
  EXPECT_EQ(found[1].after, "");
  EXPECT_EQ(found[2].field, "json.z");
  EXPECT_EQ(found[3].where, "PUT /b");
  EXPECT_TRUE(differences(before, before).empty());
}

TEST(Differences, BeginWithWhetherItCanBeSentAtAll) {
  const auto found = differences({true, "", {}}, {false, "no such status", {}});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].field, "outcome");
  EXPECT_EQ(found[0].after, "\"no such status\"");
}

}  // namespace
}  // namespace ombud::cli
