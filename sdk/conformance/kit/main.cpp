// ombud-conform: proves a connector, or says what is wrong with it and how to see it again.
#include <fnmatch.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "base/bytes.hpp"
#include "conformance/kit/report.hpp"
#include "conformance/kit/supervise.hpp"

namespace ombud::conformance {
namespace {

constexpr int kGood = 0;
constexpr int kBad = 1;
constexpr int kMisuse = 2;

constexpr const char* kHelp = R"(Proves that a connector keeps the contract of ombud/connector.h.

The kit is the connector's host: no hub, no network. It stands between the connector and a supplier
that exists in memory, so it knows what was really carried out, and breaks every exchange in every
way. Each case runs in a process of its own; a crash is a result.

  Level 1  load      it can be loaded, made and ended
  Level 2  behave    every operation does what it says, before a healthy supplier
  Level 3  faults    every fault at every exchange: nothing lost, nothing twice, no untrue "retry"
  Level 4  hostile   fuzzed answers, a host without manners, leaks of secrets, a day of polling

What you give it besides the library:
  connector.json     beside the library, as ombud_add_connector() lays it
  --dialect LIBRARY  your supplier's HTTP, spoken over the kit's tickets: one class, see
                     <ombud/conformance/dialect.hpp> and sdk/README.md. Without it, and for
                     connectors with the capability raw-network, the cases that need a supplier
                     are skipped and say so
  --settings FILE    JSON of a link's [settings], where there is no dialect to give them

The last line of a failure is the command that runs it again. To look at it in a debugger:
  gdb --args ombud-conform LIBRARY --dialect LIBRARY --case NAME --in-process

Exit code: 0 nothing failed (warned and skipped cases are told), 1 something failed or crashed,
2 the kit was called wrongly.)";

std::string shell_word(const std::string& text) {
  const bool safe = !text.empty() && text.find_first_not_of(
                                         "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                         "0123456789_-./+:=@%") == std::string::npos;
  if (safe) return text;
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

struct Options {
  std::string library, dialect, settings, previous, junit;
  std::vector<std::string> cases;
  int level = 4;
  std::uint64_t seed = 1;
  int timeout_s = 180;
  int report_fd = -1;
  bool in_process = false, list = false, json = false;

  std::vector<std::string> inputs() const {
    std::vector<std::string> words;
    if (!dialect.empty()) words.insert(words.end(), {"--dialect", dialect});
    if (!settings.empty()) words.insert(words.end(), {"--settings", settings});
    if (!previous.empty()) words.insert(words.end(), {"--previous", previous});
    return words;
  }
  std::string repeat(const std::string& program, const Case& wanted) const {
    std::string line = shell_word(program) + " " + shell_word(library);
    for (const std::string& word : inputs()) line += " " + shell_word(word);
    return line + " --case " + wanted.name + " --seed " + std::to_string(seed);
  }
};

// "behave.create", "behave" (the whole level) or a pattern such as "faults.http-*".
bool chosen(const Case& one, const Options& options) {
  if (options.cases.empty()) return one.level <= options.level;
  for (const std::string& wanted : options.cases) {
    if (one.name == wanted || one.name.starts_with(wanted + ".") ||
        ::fnmatch(wanted.c_str(), one.name.c_str(), 0) == 0) {
      return true;
    }
  }
  return false;
}

std::vector<Case> choose(const Options& options) {
  std::vector<Case> cases;
  for (const Case& one : all_cases()) {
    if (chosen(one, options)) cases.push_back(one);
  }
  if (cases.empty()) throw Misuse("There is no such case. --list shows them all.");
  return cases;
}

void write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t wrote = ::write(fd, text.data(), text.size());
    if (wrote <= 0) throw std::runtime_error("the report could not be written");
    text.remove_prefix(static_cast<std::size_t>(wrote));
  }
}

int run(const Options& options, const std::string& program) {
  const std::vector<Case> cases = choose(options);
  if (options.list) {
    int level = 0;
    constexpr const char* kLevels[] = {"", "load", "behave", "faults", "hostile"};
    for (const Case& one : cases) {
      if (one.level != level) {
        level = one.level;
        std::printf("%sLevel %d, %s\n", level == 1 ? "" : "\n", level, kLevels[level]);
      }
      std::printf("  %-30s %s\n", one.name.c_str(), one.shows.c_str());
    }
    return kGood;
  }
  if (options.library.empty()) throw Misuse("Name the connector's library. --help tells the rest.");
  const std::string self = std::filesystem::read_symlink("/proc/self/exe");
  // Only a process that runs a case runs code of the connector.
  Subject subject = load_subject(
      {options.library, options.dialect, options.settings, options.previous}, options.in_process);
  if (options.in_process) ask_traits(subject);
  if (options.report_fd >= 0) {
    write_all(options.report_fd, to_json(run_case(cases.front(), subject, options.seed, self)));
    return kGood;
  }

  Report report;
  report.library = subject.library;
  report.seed = options.seed;
  if (const auto manifest = json::parse(subject.manifest)) {
    report.connector = (*manifest)["id"].text();
    report.version = (*manifest)["version"].text();
  }
  if (report.connector.empty()) {
    report.connector = std::filesystem::path(subject.library).filename();
  }
  Terminal terminal(::isatty(STDOUT_FILENO) == 1, options.json);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    terminal.begins(cases[i], i + 1, cases.size());
    Result result;
    if (options.in_process) {
      result = run_case(cases[i], subject, options.seed, self);
    } else {
      std::vector<std::string> command{self, subject.library};
      for (const std::string& word : options.inputs()) command.push_back(word);
      command.insert(command.end(), {"--in-process", "--case", cases[i].name, "--seed",
                                     std::to_string(options.seed)});
      result = run_in_process_of_its_own(cases[i], std::move(command),
                                         std::chrono::seconds(options.timeout_s));
    }
    if (result.verdict == Verdict::failed || result.verdict == Verdict::crashed) {
      result.repeat = options.repeat(program, cases[i]);
    }
    terminal.ended(result);
    report.results.push_back(std::move(result));
  }
  terminal.sum(report);
  if (options.json) std::printf("%s\n", to_json(report).c_str());
  if (!options.junit.empty()) {
    std::ofstream out(options.junit, std::ios::binary);
    out << to_junit(report);
    if (!out.flush()) throw Misuse("The file " + options.junit + " cannot be written.");
  }
  return report.good() ? kGood : kBad;
}

}  // namespace
}  // namespace ombud::conformance

int main(int argc, char** argv) {
  using namespace ombud::conformance;
  ombud::bytes_init();
  Options options;
  CLI::App app(kHelp, "ombud-conform");
  app.add_option("library", options.library, "The connector's library");
  app.add_option("--dialect", options.dialect, "Library with the supplier's dialect");
  app.add_option("--settings", options.settings, "JSON file of a link's settings");
  app.add_option("--previous", options.previous, "connector.json of the last release");
  app.add_option("--level", options.level, "Run the levels up to this one")
      ->check(CLI::Range(1, 4))
      ->capture_default_str();
  app.add_option("--case", options.cases,
                 "Only this case, level (behave) or pattern (faults.http-*); may be repeated");
  app.add_option("--seed", options.seed, "Ids and fuzzing follow from it")->capture_default_str();
  app.add_option("--timeout", options.timeout_s, "Seconds a case may take")->capture_default_str();
  app.add_flag("--in-process", options.in_process, "Run the cases in this process, for a debugger");
  app.add_flag("--list", options.list, "Show the cases and end");
  app.add_flag("--json", options.json, "Print one JSON document in place of lines");
  app.add_option("--junit", options.junit, "Also write a JUnit report to this file");
  app.add_option("--report-fd", options.report_fd)->group("");  // between the kit's own processes
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    std::cout << app.help();
    return kGood;
  } catch (const CLI::ParseError& error) {
    std::cerr << error.what() << "\nombud-conform --help tells how it is called.\n";
    return kMisuse;
  }
  try {
    return run(options, argv[0]);
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return kMisuse;
  }
}
