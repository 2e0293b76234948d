// The only file that includes CLI11: it takes many seconds to compile.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/nearest.hpp"
#include "cli/command.hpp"

namespace ombud::cli {
namespace {

constexpr int kListMax = 1'000;

// What CLI11 fills while it parses.
struct Parsed {
  std::map<std::string, std::vector<std::string>> values;
  std::map<std::string, bool> flags;
};

void declare(CLI::App& app, const std::vector<Argument>& arguments, Parsed& parsed) {
  for (const Argument& argument : arguments) {
    if (argument.kind == Argument::Kind::flag) {
      app.add_flag(argument.name, parsed.flags[argument.name]);
      continue;
    }
    std::vector<std::string>& values = parsed.values[argument.name];
    CLI::Option* option = nullptr;
    if (argument.kind == Argument::Kind::list) {
      const bool positional = !argument.name.starts_with('-');
      option = app.add_option(argument.name, values)->expected(1, positional ? kListMax : 1);
      option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    } else {
      // Not as a list of one: that would swallow the positional arguments behind it.
      option = app.add_option_function<std::string>(
          argument.name, [&values](const std::string& value) { values.push_back(value); });
    }
    option->required(argument.required);
    if (!argument.choices.empty()) option->check(CLI::IsMember(argument.choices));
  }
}

void collect(const std::vector<Argument>& arguments, const Parsed& parsed, Values& values) {
  for (const Argument& argument : arguments) {
    if (argument.kind == Argument::Kind::flag) {
      if (parsed.flags.at(argument.name)) values.set(argument.name);
      continue;
    }
    for (const std::string& value : parsed.values.at(argument.name))
      values.add(argument.name, value);
  }
}

// What may stand after `ombud` (no group) or `ombud <group>`.
std::vector<std::string> words_of(const Group* group) {
  std::vector<std::string> words;
  for (const Command& command : commands()) {
    if (group != nullptr ? command.group == group->name : command.group.empty()) {
      words.push_back(command.name);
    }
  }
  if (group == nullptr) {
    for (const Group& each : groups()) words.push_back(each.name);
  }
  return words;
}

// The first word of the line that names no command and no option's value.
std::optional<std::string_view> unknown_word(int argc, const char* const* argv,
                                             const Group* group) {
  const auto takes_value = [](std::string_view option) {
    const auto& all = global_arguments();
    return std::any_of(all.begin(), all.end(), [&](const Argument& one) {
      return one.name == option && one.kind == Argument::Kind::value;
    });
  };
  bool in_group = group == nullptr;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word.starts_with('-')) {
      if (takes_value(word)) ++i;
    } else if (!in_group && word == group->name) {
      in_group = true;
    } else {
      const auto words = words_of(in_group ? group : nullptr);
      if (std::find(words.begin(), words.end(), word) != words.end()) return std::nullopt;
      return word;
    }
  }
  return std::nullopt;
}

std::string chain(const Group* group, const Command* command) {
  std::string text = "ombud";
  if (group != nullptr) text += " " + group->name;
  if (command != nullptr) text += " " + command->name;
  return text;
}

Request wrong(std::string detail, const Group* group, const Command* command) {
  Request request;
  request.exit = Exit::usage;
  request.text = fmt::format("ombud: {}\nSee: {} --help\n", detail, chain(group, command));
  return request;
}

}  // namespace

Request parse(int argc, const char* const* argv) {
  CLI::App app;
  app.name("ombud");
  app.set_help_flag("-h,--help");
  app.require_subcommand(0, 1);
  Parsed global;
  declare(app, global_arguments(), global);
  bool version = false;
  app.add_flag("--version", version);

  std::map<std::string, CLI::App*> group_apps;
  for (const Group& group : groups()) {
    auto* sub = app.add_subcommand(group.name);
    sub->fallthrough()->require_subcommand(0, 1);
    group_apps[group.name] = sub;
  }
  std::vector<std::pair<const Command*, CLI::App*>> leaves;
  std::map<const Command*, Parsed> parsed;
  for (const Command& command : commands()) {
    CLI::App* parent = command.group.empty() ? &app : group_apps.at(command.group);
    auto* sub = parent->add_subcommand(command.name);
    sub->fallthrough();
    declare(*sub, command.arguments, parsed[&command]);
    leaves.emplace_back(&command, sub);
  }

  std::string error;
  bool asked_for_help = false;
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    asked_for_help = true;
  } catch (const CLI::ParseError& wrong_line) {
    error = wrong_line.what();
  }

  Request request;
  const Group* group = nullptr;
  for (const Group& each : groups()) {
    if (group_apps[each.name]->parsed()) group = &each;
  }
  for (const auto& [command, sub] : leaves) {
    if (sub->parsed()) request.command = command;
  }
  const Command* const command = request.command;
  const auto help_text = [&] {
    return command != nullptr ? help(*command) : group != nullptr ? help(*group) : help();
  };
  const auto no_command = [&](std::string_view word) {
    const auto meant = nearest(word, words_of(group));
    return wrong(fmt::format("\"{}\" is not a command{}", word,
                             meant ? fmt::format("; did you mean {}?", *meant) : ""),
                 group, nullptr);
  };
  if (asked_for_help) {
    if (command == nullptr) {
      if (const auto word = unknown_word(argc, argv, group)) return no_command(*word);
    }
    request.command = nullptr;
    request.text = help_text();
    return request;
  }
  if (!error.empty()) {
    if (command == nullptr) {
      // A word that is no command is what went wrong, whatever the parser says.
      if (const auto word = unknown_word(argc, argv, group)) return no_command(*word);
    }
    return wrong(error, group, command);
  }
  if (version) {
    for (const auto& [each, sub] : leaves) {
      if (each->group.empty() && each->name == "version") request.command = each;
    }
  } else if (command == nullptr) {
    request.text = help_text();
    request.exit = group != nullptr ? Exit::usage : Exit::ok;
    return request;
  } else {
    collect(command->arguments, parsed[command], request.values);
  }

  Values given;
  collect(global_arguments(), global, given);
  request.globals = {given.maybe("--url"),  given.maybe("--token"),
                     given.maybe("--data"), given.maybe("--config"),
                     given.flag("--json"),  given.text("--color", "auto")};
  return request;
}

}  // namespace ombud::cli
