#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/terminal.hpp"

namespace ombud::cli {
namespace {

constexpr int kWidth = 96;

std::string two_columns(const std::vector<std::pair<std::string, std::string>>& rows) {
  std::size_t left = 0;
  for (const auto& [name, text] : rows) left = std::max(left, name.size());
  std::string all;
  for (const auto& [name, text] : rows) {
    const std::string indent(left + 4, ' ');
    std::string wrapped = wrap(text, kWidth, indent);
    wrapped.replace(0, indent.size(), fmt::format("  {:<{}}  ", name, left));
    all += wrapped;
  }
  return all;
}

std::string shown(const Argument& argument) {
  if (argument.kind == Argument::Kind::flag || !argument.name.starts_with('-'))
    return argument.name;
  if (argument.choices.empty()) return argument.name + " …";
  std::string words;
  for (const std::string& choice : argument.choices) words += (words.empty() ? "" : "|") + choice;
  return fmt::format("{} {}", argument.name, words);
}

std::string arguments_text(const std::vector<Argument>& arguments) {
  std::vector<std::pair<std::string, std::string>> rows;
  for (const Argument& argument : arguments) {
    std::string text = argument.help;
    if (argument.required && argument.name.starts_with('-')) text += " (required)";
    if (argument.kind == Argument::Kind::list) text += " (may be repeated)";
    rows.emplace_back(shown(argument), text);
  }
  return two_columns(rows);
}

std::string call_of(const Command& command) {
  return command.group.empty() ? command.name : command.group + " " + command.name;
}

constexpr std::string_view kExits =
    "Exit codes:\n"
    "  0 done   1 refused or failed   2 wrong command line   3 not found\n"
    "  4 no hub answers   5 not allowed   6 conflict: wrong state, or changed meanwhile\n";

}  // namespace

const std::vector<Argument>& global_arguments() {
  static const std::vector<Argument> all = {
      {.name = "--json",
       .help = "print exactly what the API answers",
       .kind = Argument::Kind::flag},
      {.name = "--url", .help = "the hub to talk to; OMBUD_URL. Without it: the one on --data"},
      {.name = "--token", .help = "who asks; better OMBUD_TOKEN, which other users cannot see"},
      {.name = "--data", .help = "data directory of the hub on this machine; OMBUD_DATA"},
      {.name = "--config",
       .help = "ombud.toml or its folder; OMBUD_CONFIG, else config/ombud.toml"},
      {.name = "--color",
       .help = "colours; NO_COLOR is respected",
       .choices = {"auto", "always", "never"}},
  };
  return all;
}

std::string help() {
  std::string text =
      "Ombud: one desk, one owner, many suppliers.\n\nUsage: ombud <command> "
      "[options]\n\nCommands:\n";
  std::vector<std::pair<std::string, std::string>> rows;
  for (const Command& command : commands()) {
    if (command.group.empty()) rows.emplace_back(command.name, command.summary);
  }
  for (const Group& group : groups()) rows.emplace_back(group.name + " …", group.summary);
  text += two_columns(rows);
  text += "\nOptions of every command:\n" + arguments_text(global_arguments());
  text +=
      "\nExamples:\n"
      "  ombud init desk && cd desk     a new desk: configuration and data directory\n"
      "  ombud check                    every mistake in the configuration, with its line\n"
      "  ombud serve                    run it\n"
      "  ombud supplier list            which supplier is behind\n\n";
  return text + std::string(kExits) + "\nMore: ombud <command> --help\n";
}

std::string help(const Group& group) {
  std::string text = fmt::format("{}\n\nUsage: ombud {} <command> [options]\n\nCommands:\n",
                                 group.summary, group.name);
  std::vector<std::pair<std::string, std::string>> rows;
  std::string examples;
  for (const Command& command : commands()) {
    if (command.group != group.name) continue;
    rows.emplace_back(command.name, command.summary);
    if (!command.examples.empty()) examples += "  " + command.examples.front() + "\n";
  }
  return text + two_columns(rows) + "\nExamples:\n" + examples +
         fmt::format("\nMore: ombud {} <command> --help\n", group.name);
}

std::string help(const Command& command) {
  std::string usage = "ombud " + call_of(command);
  bool options = false;
  for (const Argument& argument : command.arguments) {
    if (argument.name.starts_with('-')) {
      options = true;
      if (argument.required) usage += fmt::format(" {}", shown(argument));
    } else {
      usage += argument.required ? " " + argument.name : fmt::format(" [{}]", argument.name);
    }
  }
  std::string text =
      fmt::format("{}\n\nUsage: {}{}\n", command.summary, usage, options ? " [options]" : "");
  if (!command.more.empty()) text += "\n" + wrap(command.more, kWidth, "");
  if (!command.arguments.empty()) text += "\n" + arguments_text(command.arguments);
  text += "\nExamples:\n";
  for (const std::string& example : command.examples) text += "  " + example + "\n";
  text += "\nOptions of every command:\n" + arguments_text(global_arguments());
  return text + "\n" + std::string(kExits);
}

}  // namespace ombud::cli
