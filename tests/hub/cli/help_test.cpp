// Help teaches: every command says what it is for and shows an example that the parser understands.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/command.hpp"
#include "hub/cli/support.hpp"

namespace ombud::cli {
namespace {

using testing::HasSubstr;

std::vector<std::string> call_of(const Command& command) {
  if (command.group.empty()) return {command.name};
  return {command.group, command.name};
}

TEST(Help, OfEveryCommandSaysWhatForAndShowsAnExample) {
  Shell shell;
  for (const Command& command : commands()) {
    std::vector<std::string> words = call_of(command);
    const std::string call = "ombud " + words[0] + (words.size() > 1 ? " " + words[1] : "");
    words.push_back("--help");
    EXPECT_EQ(shell.run(words), 0) << call;
    EXPECT_THAT(shell.said(), HasSubstr(command.summary)) << call;
    EXPECT_THAT(shell.said(), HasSubstr("Examples:\n  ")) << call;
    EXPECT_THAT(shell.said(), HasSubstr("Exit codes:")) << call;
    ASSERT_FALSE(command.examples.empty()) << call;
    EXPECT_THAT(command.examples.front(), HasSubstr(call)) << call;
    for (const Argument& argument : command.arguments) {
      EXPECT_THAT(shell.said(), HasSubstr(argument.name)) << call;
      EXPECT_FALSE(argument.help.empty()) << call << " " << argument.name;
    }
  }
}

TEST(Help, OfTheProgramAndOfEachGroupListsItsCommands) {
  Shell shell;
  EXPECT_EQ(shell.run({"--help"}), 0);
  for (const Group& group : groups()) EXPECT_THAT(shell.said(), HasSubstr(group.summary));
  for (const Group& group : groups()) {
    EXPECT_EQ(shell.run({group.name, "--help"}), 0);
    EXPECT_THAT(shell.said(), HasSubstr("Examples:\n  ombud " + group.name));
  }
}

TEST(Help, NoCommandAtAllIsHelpAndAGroupAloneIsAMistake) {
  Shell shell;
  EXPECT_EQ(shell.run({}), 0);
  EXPECT_THAT(shell.said(), HasSubstr("Usage: ombud <command>"));
  EXPECT_EQ(shell.run({"ticket"}), 2);
  EXPECT_THAT(shell.complained(), HasSubstr("Usage: ombud ticket <command>"));
}

TEST(Usage, AMisspeltCommandFindsWhatWasMeant) {
  Shell shell;
  EXPECT_EQ(shell.run({"tikcet", "list"}), 2);
  EXPECT_THAT(shell.complained(), HasSubstr("\"tikcet\" is not a command; did you mean ticket?"));
  EXPECT_EQ(shell.run({"ticket", "shwo", "7"}), 2);
  EXPECT_THAT(shell.complained(), HasSubstr("did you mean show?"));
}

TEST(Usage, HelpForWhatIsNoCommandIsAMistakeToo) {
  Shell shell;
  EXPECT_EQ(shell.run({"order", "--help"}), 2);
  EXPECT_THAT(shell.complained(), HasSubstr("\"order\" is not a command"));
  EXPECT_EQ(shell.run({"ticket", "shwo", "--help"}), 2);
  EXPECT_EQ(shell.run({"--url", "http://desk.example", "--help"}), 0);
  EXPECT_EQ(shell.run({"--json", "ticket", "--help"}), 0);
  EXPECT_EQ(shell.run({"--json", "ticket", "shwo"}), 2);
  EXPECT_THAT(shell.complained(), HasSubstr("did you mean show?"));
}

TEST(Usage, WhatIsWrongOnTheLineEndsWithTwo) {
  Shell shell;
  EXPECT_EQ(shell.run({"ticket", "show"}), 2);
  EXPECT_THAT(shell.complained(), HasSubstr("TICKET"));
  EXPECT_THAT(shell.complained(), HasSubstr("See: ombud ticket show --help"));
  EXPECT_EQ(shell.run({"ticket", "show", "7", "--nope"}), 2);
  EXPECT_EQ(shell.run({"ticket", "show", "seven"}), 2);
  EXPECT_THAT(shell.complained(), HasSubstr("\"seven\" is not a ticket"));
  EXPECT_EQ(shell.run({"delivery", "list", "--state", "lost"}), 2);
  EXPECT_EQ(shell.run({"delivery", "retry", "3"}), 2);
  EXPECT_THAT(shell.complained(), HasSubstr("--reason"));
  EXPECT_EQ(shell.run({"token", "create", "x", "--role", "agent"}), 2);
}

TEST(Version, IsToldToPeopleAndPrograms) {
  Shell shell;
  EXPECT_EQ(shell.run({"--version"}), 0);
  EXPECT_EQ(shell.said(), "ombud 9.9.9, connector ABI 1.0\n");
  EXPECT_EQ(shell.run({"version", "--json"}), 0);
  EXPECT_EQ(shell.said(), "{\"version\":\"9.9.9\",\"abi\":{\"major\":1,\"minor\":0}}\n");
}

}  // namespace
}  // namespace ombud::cli
