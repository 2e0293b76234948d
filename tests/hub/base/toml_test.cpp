// A TOML file is read strictly: each kind of mistake is told with its line and what to write
// instead, and all mistakes of a file are told at once.
#include "base/toml.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "base/json.hpp"

namespace ombud::toml {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

// Reads every kind of value from a [t] table, so that a wrong one can be put anywhere.
std::vector<Mistake> read_all(std::string_view text) {
  Mistakes mistakes;
  if (const auto file = File::parse(text, "x.toml", mistakes)) {
    Reader root = file->root();
    Reader t = root.table("t");
    t.text("name", "", {.bytes_max = 10, .example = "acme"});
    t.choice("kind", "a", {"alpha", "beta"});
    t.integer("count", 5, 1, 9);
    t.number("rate", 0, 0, 100);
    t.boolean("on", true);
    t.duration("wait", Millis(1), Millis(1'000), Millis(60'000));
    t.bytes("size", 1, 1024, 1 << 20);
    t.maybe_address("listen");
    t.texts("list", 2, {.bytes_max = 5});
    t.maybe_instant("from");
    t.tables("many");
    t.table("sub").finish();
    t.finish();
    root.finish();
  }
  return mistakes.sorted();
}

struct Wrong {
  std::string_view line;    // the third of the file, below [t]
  std::string_view detail;  // part of what is told
};

class EachMistake : public testing::TestWithParam<Wrong> {};

TEST_P(EachMistake, IsToldWithItsLineAndWhatToWrite) {
  const auto all = read_all("# a comment\n[t]\n" + std::string(GetParam().line) + "\n");
  ASSERT_EQ(all.size(), 1U) << GetParam().line;
  EXPECT_EQ(all[0].line, 3) << GetParam().line;
  EXPECT_EQ(all[0].place(), "x.toml:3");
  EXPECT_THAT(all[0].detail, HasSubstr(std::string(GetParam().detail)));
}

INSTANTIATE_TEST_SUITE_P(
    Toml, EachMistake,
    testing::Values(Wrong{"nmae = \"x\"", "t.nmae is not known here; did you mean name?"},
                    Wrong{"colour = 1", "t.colour is not known here; remove it, or write one of"},
                    Wrong{
                        "name = 5",
                        "t.name is the number 5; write a text in quotes, such as name = \"acme\""},
                    Wrong{"name = \"  \"", "t.name is empty"},
                    Wrong{"name = \"12345678901\"", "is 11 bytes long; write at most 10"},
                    Wrong{"name = \"a\\u0000b\"", "NUL"},
                    Wrong{"kind = \"bta\"", "did you mean \"beta\"? write \"alpha\" or \"beta\""},
                    Wrong{"kind = true", "is true; write \"alpha\" or \"beta\""},
                    Wrong{"count = 10", "is the number 10; write a whole number from 1 to 9"},
                    Wrong{"count = \"4\"",
                          "write a whole number from 1 to 9 without quotes, such as count = 5"},
                    Wrong{"count = 4.5", "write a whole number"},
                    Wrong{"rate = -1", "write a number from 0 to 100"},
                    Wrong{"rate = nan", "write a number from 0 to 100"},
                    Wrong{"on = \"yes\"", "write true or false, without quotes"},
                    Wrong{"wait = 30", "write a duration in quotes with its unit"},
                    Wrong{"wait = \"30 seconds\"", "such as \"30s\", \"5m\" or \"2h\""},
                    Wrong{"wait = \"2h\"", "write a duration from \"1s\" to \"1m\""},
                    Wrong{"size = \"25MB\"", "unit (B, KiB, MiB or GiB), such as \"25MiB\""},
                    Wrong{"size = \"2MiB\"", "write a size from \"1KiB\" to \"1MiB\""},
                    Wrong{"listen = \"8080\"", "such as \"127.0.0.1:8080\" or \"[::1]:8080\""},
                    Wrong{"list = \"a\"", "write a list of texts"},
                    Wrong{"list = [\"a\", 2]", "t.list[1] is the number 2; write a text"},
                    Wrong{"list = [\"a\", \"b\", \"c\"]", "has 3 entries; write at most 2"},
                    Wrong{"from = \"tomorrow\"", "write a date, such as 2026-01-31"},
                    Wrong{"many = 1", "write each entry as [[t.many]]"},
                    Wrong{"sub = 1", "write it as a table: [t.sub]"},
                    Wrong{"name = unquoted", "this is not TOML"},
                    Wrong{"[t]", "may stand only once"}));

TEST(Toml, ADuplicateKeyIsToldAtTheSecondOne) {
  const auto all = read_all("[t]\ncount = 1\n\ncount = 2\n");
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].line, 4);
  EXPECT_THAT(all[0].detail, HasSubstr("may stand only once: remove one"));
}

TEST(Toml, AllMistakesOfAFileAreToldInOrderOfLine) {
  const auto all = read_all("[t]\nzzz = 1\ncount = 0\nname = 1\n[u]\n");
  ASSERT_EQ(all.size(), 4U);
  EXPECT_EQ(all[0].line, 2);
  EXPECT_EQ(all[1].line, 3);
  EXPECT_EQ(all[2].line, 4);
  EXPECT_EQ(all[3].line, 5);
}

TEST(Toml, AnElementOfAListKnowsItsOwnLine) {
  const auto all = read_all("[t]\nlist = [\n  \"a\",\n  7,\n]\n");
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].line, 4);
}

TEST(Toml, ARequiredTextThatIsMissingIsToldAtItsTable) {
  Mistakes mistakes;
  const auto file = File::parse("\n\n[t]\n", "x.toml", mistakes);
  Reader root = file->root();
  root.table("t").text("name", "", {.required = true, .example = "acme"});
  ASSERT_EQ(mistakes.size(), 1U);
  EXPECT_EQ(mistakes.sorted()[0].line, 3);
  EXPECT_THAT(mistakes.sorted()[0].detail,
              HasSubstr("is missing; add it, such as name = \"acme\""));
}

TEST(Toml, TextThatIsNotUtf8IsToldWithItsLine) {
  const auto all = read_all("[t]\nname = \"\xff\"\n");
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].line, 2);
}

TEST(Toml, WhatIsRightIsReadAndWhatIsMissingIsTheFallback) {
  Mistakes mistakes;
  const auto file = File::parse(
      "[t]\nwait = \"5m\"\nsize = \"1MiB\"\nlisten = \"[::1]:25\"\nrate = 2\nday = 2026-01-31\n"
      "at = 2026-01-31T08:00:00+01:00\n[[many]]\na = 1\n[[many]]\na = 2\n",
      "x.toml", mistakes);
  Reader root = file->root();
  Reader t = root.table("t");
  EXPECT_EQ(t.duration("wait", Millis(0), Millis(0), Millis(1'000'000)), Millis(300'000));
  EXPECT_EQ(t.bytes("size", 0, 0, 1 << 30), 1 << 20);
  EXPECT_EQ(t.address("listen", {}), (Address{"::1", 25}));
  EXPECT_EQ(t.number("rate", 0, 0, 10), 2);
  EXPECT_EQ(t.maybe_instant("day"), parse_rfc3339("2026-01-31T00:00:00Z"));
  EXPECT_EQ(t.maybe_instant("at"), parse_rfc3339("2026-01-31T07:00:00Z"));
  EXPECT_EQ(t.integer("missing", 7, 1, 9), 7);
  const auto many = root.tables("many");
  ASSERT_EQ(many.size(), 2U);
  EXPECT_EQ(many[1].line(), 10);
  EXPECT_TRUE(mistakes.empty());
}

// --- Secrets -----------------------------------------------------------------------------------

class Secrets : public testing::Test {
 protected:
  Secrets() {
    dir_ = fs::temp_directory_path() / fs::path("ombud-toml-XXXXXX");
    std::string name = dir_.string();
    dir_ = ::mkdtemp(name.data());
  }
  ~Secrets() override { fs::remove_all(dir_); }

  void write(const std::string& name, const std::string& text, ::mode_t mode) {
    std::ofstream(dir_ / name) << text;
    ::chmod((dir_ / name).c_str(), mode);
  }
  Json read(std::string_view text) {
    const auto file = File::parse(text, (dir_ / "x.toml").string(), mistakes_);
    Reader root = file->root();
    return root.json("settings", [](const std::string& name) -> std::optional<std::string> {
      if (name == "GOOD") return "from the environment";
      if (name == "EMPTY") return "";
      return std::nullopt;
    });
  }
  std::string only_mistake() {
    EXPECT_EQ(mistakes_.size(), 1U);
    EXPECT_EQ(mistakes_.sorted().at(0).line, 2);
    return mistakes_.sorted().at(0).detail;
  }

  fs::path dir_;
  Mistakes mistakes_;
};

TEST_F(Secrets, AreReplacedByTokensAndTheRestIsCanonicalJson) {
  write("key", "s3cret\n", 0600);
  const Json json = read(
      "[settings]\nz = 1\na = { file = \"key\" }\nb = { c = [true, 1.5, \"x\"] }\n"
      "e = { env = \"GOOD\" }\n");
  EXPECT_TRUE(mistakes_.empty());
  EXPECT_EQ(json.text, R"({"a":{"$secret":"token1"},"b":{"c":[true,1.5,"x"]},)"
                       R"("e":{"$secret":"token2"},"z":1})");
  EXPECT_EQ(json.secrets.at("token1"), "s3cret");
  EXPECT_EQ(json.secrets.at("token2"), "from the environment");
  EXPECT_EQ(json.lines.at("/z"), 2);
  EXPECT_EQ(json.lines.at("/b/c/1"), 4);
}

TEST_F(Secrets, AFileThatOthersMayReadIsRefusedWithTheCommandToRun) {
  write("key", "s3cret", 0644);
  read("[settings]\na = { file = \"key\" }\n");
  EXPECT_THAT(only_mistake(), AllOf(HasSubstr("everybody on this machine may read"),
                                    HasSubstr("chmod 600 " + (dir_ / "key").string())));
}

TEST_F(Secrets, AMissingFileIsRefused) {
  read("[settings]\na = { file = \"nowhere\" }\n");
  EXPECT_THAT(only_mistake(), HasSubstr("cannot be read"));
}

TEST_F(Secrets, AnEmptyFileIsRefused) {
  write("key", "\n", 0600);
  read("[settings]\na = { file = \"key\" }\n");
  EXPECT_THAT(only_mistake(), HasSubstr("is empty"));
}

TEST_F(Secrets, AFileThatIsFarTooLargeIsRefused) {
  write("key", std::string(100'000, 'x'), 0600);
  read("[settings]\na = { file = \"key\" }\n");
  EXPECT_THAT(only_mistake(), HasSubstr("at most 65536"));
}

TEST_F(Secrets, AVariableThatIsNotSetIsRefused) {
  read("[settings]\na = { env = \"BAD\" }\n");
  EXPECT_THAT(only_mistake(), HasSubstr("environment variable BAD, which is not set"));
}

TEST_F(Secrets, AnEmptyVariableIsRefused) {
  read("[settings]\na = { env = \"EMPTY\" }\n");
  EXPECT_THAT(only_mistake(), HasSubstr("which is empty"));
}

TEST_F(Secrets, NobodyWritesATokenHimself) {
  read("[settings]\na = { \"$secret\" = \"token1\" }\n");
  EXPECT_THAT(only_mistake(), HasSubstr("must not use the name"));
}

TEST_F(Secrets, NumbersThatJsonCannotHoldAreRefused) {
  read("[settings]\na = inf\n");
  EXPECT_THAT(only_mistake(), HasSubstr("finite"));
}

}  // namespace
}  // namespace ombud::toml
