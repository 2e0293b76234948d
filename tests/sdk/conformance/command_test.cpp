// How the kit is called, and what it says: exit codes, the list, JSON, JUnit, the command that
// repeats a failure.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "kit_run.hpp"

namespace ombud::conformance {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

std::string read(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::ostringstream all;
  all << in.rdbuf();
  return std::move(all).str();
}

TEST(ConformCommand, TeachesHowItIsCalled) {
  const KitRun run = run_kit("--help");
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.output, HasSubstr("--dialect"));
  EXPECT_THAT(run.output, HasSubstr("Exit code"));
}

TEST(ConformCommand, ListsItsCasesByLevelWithoutAnyLibrary) {
  const KitRun run = run_kit("--list");
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.output, HasSubstr("Level 3, faults"));
  EXPECT_THAT(run.output, HasSubstr("faults.lost-reply"));
  EXPECT_THAT(run_kit("--list --level 1").output, Not(HasSubstr("behave.create")));
  EXPECT_THAT(run_kit("--list --case 'faults.http-5*'").output, Not(HasSubstr("http-404")));
}

TEST(ConformCommand, IsNotCalledWithoutALibraryOrWithOneThatIsNotThere) {
  EXPECT_EQ(run_kit("2>&1").exit_code, 2);
  const KitRun missing = run_kit("/nowhere/acme.so 2>&1");
  EXPECT_EQ(missing.exit_code, 2);
  EXPECT_THAT(missing.output, HasSubstr("There is no library at /nowhere/acme.so."));
  EXPECT_EQ(run_kit(bad("none") + " --case behave.unheard-of 2>&1").exit_code, 2);
  EXPECT_EQ(run_kit(bad("none") + " --level 5 2>&1").exit_code, 2);
}

TEST(ConformCommand, SkipsWhatNeedsASupplierAndSaysSo) {
  const KitRun run = run_kit(std::string(OMBUD_BAD) + "/none/tiny_desk.so --level 2");
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.output, HasSubstr("needs the supplier's dialect: give --dialect LIBRARY"));
}

TEST(ConformCommand, EndsAFailureWithTheCommandThatRepeatsIt) {
  const KitRun run = run_kit(bad("claims_retry") + " --case faults --seed 7");
  EXPECT_EQ(run.exit_code, 1);
  const std::size_t at = run.output.rfind('\n', run.output.size() - 2);
  const std::string last = run.output.substr(at + 1, run.output.size() - at - 2);
  EXPECT_THAT(last, EndsWith("--case faults.http-504-applied --seed 7"));
  const std::string program = std::string(OMBUD_CONFORM) + " ";
  ASSERT_TRUE(last.starts_with(program)) << last;
  const KitRun again = run_kit(last.substr(program.size()));
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_THAT(again.output, HasSubstr("surely nothing was applied"));
}

TEST(ConformCommand, SurvivesACrashOfTheConnectorAndTellsTheSignal) {
  const KitRun run = run_kit(bad("needs_log") + " --case hostile.bare-host --case load.exports");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.output, HasSubstr("signal 11"));
  EXPECT_THAT(run.output, HasSubstr("1 passed, 1 crashed"));
}

TEST(ConformCommand, WritesOneJsonDocumentAndAJunitFile) {
  const auto file =
      std::filesystem::temp_directory_path() / ("conform-" + std::to_string(::getpid()) + ".xml");
  const KitRun run = run_kit(
      bad("cuts_texts") + " --case 'behave.t*' --case load.links --json --junit " + file.string());
  EXPECT_EQ(run.exit_code, 1);
  const auto report = json::parse(run.output);
  ASSERT_TRUE(report) << run.output;
  EXPECT_EQ((*report)["connector"].text(), "com.example.tiny-desk");
  EXPECT_EQ((*report)["count"]["failed"].integer(), 1);
  EXPECT_EQ((*report)["count"]["passed"].integer(), 1);
  EXPECT_FALSE((*report)["good"].boolean(true));
  const std::string junit = read(file);
  std::filesystem::remove(file);
  EXPECT_THAT(junit, HasSubstr("tests=\"2\" failures=\"1\" errors=\"0\""));
  EXPECT_THAT(junit, HasSubstr("<testcase classname=\"com.example.tiny-desk\""));
}

TEST(ConformCommand, ComparesTheSchemaWithTheLastRelease) {
  const auto folder =
      std::filesystem::temp_directory_path() / ("conform-previous-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  const auto previous = [&](const char* schema) {
    std::ofstream(folder / "connector.json") << R"({"config_schema":)" << schema << "}";
    return run_kit(bad("none") + " --case behave.schema-compatible --previous " +
                   (folder / "connector.json").string());
  };
  const std::string same =
      R"({"type":"object","required":["url","token"],"properties":{"url":{"type":"string"}}})";
  EXPECT_EQ(previous(same.c_str()).exit_code, 0);
  const KitRun stricter =
      previous(R"({"type":"object","required":["url"],"properties":{"url":{"type":"string"}}})");
  EXPECT_EQ(stricter.exit_code, 1);
  EXPECT_THAT(stricter.output, HasSubstr("\"token\" is required now"));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace ombud::conformance
