// What a subcommand is: its words, what it takes, what it teaches, and the function that runs it.
// Only parse.cpp knows which library reads the command line.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/cli.hpp"

namespace ombud::cli {

class Context;

struct Argument {
  enum class Kind { value, list, flag };
  std::string name;  // "--reason", or "TICKET" for a positional one
  std::string help;
  Kind kind = Kind::value;
  bool required = false;
  std::vector<std::string> choices = {};  // empty: anything
};

// What was given, by the name of the argument.
class Values {
 public:
  std::string text(const std::string& name, std::string fallback = {}) const;
  std::optional<std::string> maybe(const std::string& name) const;
  std::vector<std::string> list(const std::string& name) const;
  bool flag(const std::string& name) const { return given_.contains(name); }
  void add(const std::string& name, std::string value) { given_[name].push_back(std::move(value)); }
  void set(const std::string& name) { given_[name]; }

 private:
  std::map<std::string, std::vector<std::string>> given_;
};

struct Command {
  std::string group;  // "ticket" of `ombud ticket list`; empty: a command of its own
  std::string name;
  std::string summary;  // one line: what it is for
  std::vector<Argument> arguments = {};
  std::vector<std::string> examples = {};
  std::string more = {};  // further help; may be empty
  std::function<Exit(Context&, const Values&)> run;
};

struct Group {
  std::string name;
  std::string summary;
};

const std::vector<Group>& groups();
const std::vector<Command>& commands();

// Help as text, for the whole program, a group, or a command.
std::string help();
std::string help(const Group& group);
std::string help(const Command& command);

// Options that every command takes.
struct Globals {
  std::optional<std::string> url, token, data, config;
  bool json = false;
  std::string colour = "auto";  // auto, always, never
};
const std::vector<Argument>& global_arguments();

// What the command line asks for.
struct Request {
  const Command* command = nullptr;  // null: print `text` and end with `exit`
  Values values;
  Globals globals;
  std::string text;
  Exit exit = Exit::ok;
};
Request parse(int argc, const char* const* argv);

// One function per file in commands/.
std::vector<Command> serve_commands();
std::vector<Command> check_commands();
std::vector<Command> init_commands();
std::vector<Command> ticket_commands();
std::vector<Command> ticket_work_commands();
std::vector<Command> delegation_commands();
std::vector<Command> supplier_commands();
std::vector<Command> supplier_file_commands();
std::vector<Command> supplier_new_commands();
std::vector<Command> supplier_test_commands();
std::vector<Command> supplier_replay_commands();
std::vector<Command> reconcile_commands();
std::vector<Command> delivery_commands();
std::vector<Command> mail_commands();
std::vector<Command> agreement_commands();
std::vector<Command> mailbox_commands();
std::vector<Command> notice_commands();
std::vector<Command> article_commands();
std::vector<Command> letter_commands();
std::vector<Command> statistics_commands();
std::vector<Command> directory_commands();
std::vector<Command> account_commands();
std::vector<Command> token_commands();
std::vector<Command> import_commands();
std::vector<Command> store_commands();
std::vector<Command> version_commands();

}  // namespace ombud::cli
