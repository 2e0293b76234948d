#include "cli/context.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <iterator>

namespace ombud::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kAsItsUser =
    "Run the command as the user that runs the hub (sudo -u …), or give --url and --token.";

// Where a refusal names a list of the API: the command that shows it.
constexpr std::pair<std::string_view, std::string_view> kLists[] = {
    {"/api/v1/customers", "ombud customer list"}, {"/api/v1/links", "ombud supplier list"},
    {"/api/v1/services", "ombud service list"},   {"/api/v1/teams", "ombud team list"},
    {"/api/v1/agents", "ombud agent list"},       {"/api/v1/people", "ombud user list"}};

std::string in_commands(std::string text) {
  for (const auto& [path, command] : kLists) {
    for (const std::string& said : {fmt::format("GET {}", path), std::string(path)}) {
      const std::size_t at = text.find(said);
      const std::size_t end = at + said.size();
      if (at == std::string::npos || (end < text.size() && text[end] == '/')) continue;
      text.replace(at, said.size(), command);
    }
  }
  return text;
}

// "/services/0" is what was given as --service, "/subject" what was given as SUBJECT.
std::string in_options(const Command* command, const std::string& pointer) {
  if (command == nullptr || !pointer.starts_with('/')) return pointer;
  std::string member = pointer.substr(1, pointer.find('/', 1) - 1);
  for (char& c : member) c = c == '_' ? '-' : c;
  for (const Argument& argument : command->arguments) {
    std::string name = argument.name.starts_with("--") ? argument.name.substr(2) : argument.name;
    for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    if (member == name || (argument.kind == Argument::Kind::list && member == name + "s")) {
      return argument.name;
    }
  }
  return pointer;
}

bool colours_wanted(const Surroundings& world, const Globals& globals) {
  if (globals.colour != "auto") return globals.colour == "always";
  const auto refused = world.environment("NO_COLOR");  // https://no-color.org
  return world.out_is_terminal && (!refused || refused->empty());
}

std::optional<std::string> given(const std::optional<std::string>& option,
                                 const Surroundings& world, const std::string& variable) {
  if (option) return option;
  auto value = world.environment(variable);
  return value && !value->empty() ? value : std::nullopt;
}

}  // namespace

Context::Context(Surroundings& around, const LocalOperations& operations, Globals options,
                 const Command* command)
    : world(around),
      local(operations),
      globals(std::move(options)),
      style(colours_wanted(world, globals)),
      columns(world.out_is_terminal ? world.columns : 0),
      command_(command) {}

fs::path Context::config_file() const {
  const auto named = given(globals.config, world, "OMBUD_CONFIG");
  fs::path file = named ? fs::path(*named) : fs::path("config");
  std::error_code error;
  const fs::path absolute = file.is_absolute() ? file : world.directory / file;
  if (!named || fs::is_directory(absolute, error)) file /= "ombud.toml";
  return file;
}

fs::path Context::data_dir() const {
  if (const auto named = given(globals.data, world, "OMBUD_DATA")) {
    return (world.directory / *named).lexically_normal();
  }
  const auto configured = data_dir_of(config_file());
  return configured ? *configured : (world.directory / "data").lexically_normal();
}

LoadOptions Context::load_options() const {
  LoadOptions options{config_file(), std::nullopt, std::nullopt, world.environment};
  options.installed_connectors = world.installed_connectors;
  if (const auto data = given(globals.data, world, "OMBUD_DATA")) {
    options.data_dir = world.directory / *data;
  }
  if (const auto connectors = given(std::nullopt, world, "OMBUD_CONNECTORS")) {
    options.connectors_dir = world.directory / *connectors;
  }
  return options;
}

Outcome<Api*> Context::hub() {
  if (api_) return api_.get();
  const auto token = given(globals.token, world, "OMBUD_TOKEN");
  if (const auto url = given(globals.url, world, "OMBUD_URL")) {
    if (!url->starts_with("http://") && !url->starts_with("https://")) {
      return Failure{Exit::usage,
                     fmt::format("\"{}\" is not the address of a hub.", *url),
                     {},
                     "Write it as http://host:port or https://host.",
                     {}};
    }
    std::string plain = *url;
    while (plain.ends_with('/')) plain.pop_back();
    api_ = std::make_unique<Api>(plain, token.value_or(""), world.random);
    return api_.get();
  }
  const fs::path file = data_dir() / "run" / "local.json";
  std::error_code error;
  if (!fs::exists(file, error)) {
    if (error) {  // not "it is not there": nobody told us
      return Failure{Exit::denied,
                     fmt::format("{} cannot be looked at: {}.", file.string(), error.message()),
                     {},
                     std::string(kAsItsUser),
                     {}};
    }
    return Failure{
        Exit::unreachable,
        fmt::format("No hub runs on {} (there is no {}).", data_dir().string(), file.string()),
        {},
        "Start it with `ombud serve`, or name one with --url and --token, or its data "
        "directory with --data.",
        {}};
  }
  std::ifstream in(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  const auto parsed = json::parse(text);
  if (!in.is_open() || !parsed || !(*parsed)["url"].is_text()) {
    return Failure{Exit::denied,
                   fmt::format("{} cannot be read.", file.string()),
                   {},
                   std::string(kAsItsUser),
                   {}};
  }
  api_ =
      std::make_unique<Api>(std::string((*parsed)["url"].text()),
                            token.value_or(std::string((*parsed)["token"].text())), world.random);
  return api_.get();
}

Outcome<Answer> Context::get(const std::string& path) {
  const auto api = hub();
  if (!api) return api.error();
  return (*api)->get(path);
}

Outcome<Answer> Context::post(const std::string& path, const std::string& body) {
  const auto api = hub();
  if (!api) return api.error();
  return (*api)->post(path, body);
}

Outcome<Answer> Context::put(const std::string& path, const std::string& body,
                             const std::string& etag) {
  const auto api = hub();
  if (!api) return api.error();
  return (*api)->put(path, body, etag);
}

Outcome<Answer> Context::remove(const std::string& path) {
  const auto api = hub();
  if (!api) return api.error();
  return (*api)->remove(path);
}

Outcome<std::vector<json::Document>> Context::get_all(const std::string& path, const Query& query) {
  std::vector<json::Document> pages;
  std::string cursor;
  do {
    auto answer = get(path + Query(query).add("cursor", cursor).text());
    if (!answer) return answer.error();
    const std::string next(answer->root()["next"].text());
    pages.push_back(std::move(answer->document));
    if (next == cursor) break;  // a hub that repeats itself must not hold us
    cursor = next;
  } while (!cursor.empty());
  return pages;
}

Exit Context::fail(const Failure& failure) {
  if (json()) {
    if (!failure.body.empty()) {
      world.err << failure.body << '\n';
      return failure.exit;
    }
    json::Writer problem;
    problem.begin_object().field("detail", failure.detail).begin_array("errors");
    for (const FieldProblem& field : failure.fields) {
      problem.begin_object()
          .field("pointer", field.pointer)
          .field("detail", field.detail)
          .end_object();
    }
    world.err << problem.end_array().end_object().take() << '\n';
    return failure.exit;
  }
  world.err << "ombud: " << printable(failure.detail) << '\n';
  for (const FieldProblem& field : failure.fields) {
    world.err << "  " << printable(in_options(command_, field.pointer)) << ": "
              << printable(in_commands(field.detail)) << '\n';
  }
  if (!failure.advice.empty()) world.err << failure.advice << '\n';
  return failure.exit;
}

Exit Context::usage(std::string_view detail) {
  return fail(Failure{Exit::usage, std::string(detail), {}, {}, {}});
}

Exit Context::finish(const Outcome<Answer>& answer, const std::function<void(json::View)>& say) {
  if (!answer) return fail(answer.error());
  if (json()) {
    if (!answer->body.empty()) out() << answer->body << '\n';
  } else {
    say(answer->root());
  }
  return Exit::ok;
}

Exit Context::list(const std::string& path, bool watch,
                   const std::function<void(json::View)>& say) {
  for (;;) {
    const auto answer = get(path);
    if (watch && world.out_is_terminal && !json()) out() << "\033[H\033[2J";
    const Exit exit = finish(answer, say);
    out().flush();
    if (!out()) return Exit::failed;  // such as a pipe that nobody reads any more
    if (!watch || (exit != Exit::ok && exit != Exit::unreachable)) return exit;
    if (!world.pause(kWatchEvery)) return Exit::ok;
  }
}

void Context::print_more(json::View page) {
  const std::string_view next = page["next"].text();
  if (!next.empty()) out() << "There are more: add --cursor " << printable(next) << '\n';
}

Outcome<TicketId> Context::ticket(const std::string& written) const {
  const TicketId id = ticket_of_reference(written);
  if (id.value > 0) return id;
  return Failure{Exit::usage,
                 fmt::format("\"{}\" is not a ticket.", written),
                 {},
                 "Write its reference, such as OMB-42, or its number.",
                 {}};
}

Outcome<std::int64_t> Context::number(const std::string& written, std::string_view what) const {
  if (!written.empty() && written.size() < 19 &&
      written.find_first_not_of("0123456789") == std::string::npos) {
    return std::stoll(written);
  }
  return Failure{Exit::usage,
                 fmt::format("\"{}\" is not the number of a {}.", written, what),
                 {},
                 "Write a number as the list shows it.",
                 {}};
}

Outcome<std::string> Context::text_or_input(const std::optional<std::string>& written) {
  if (written && *written != "-") return *written;
  if (!written && world.in_is_terminal) {
    return Failure{Exit::usage,
                   "The text is missing.",
                   {},
                   "Write it in quotes at the end, or - to type it and end with Ctrl-D.",
                   {}};
  }
  std::string text{std::istreambuf_iterator<char>(world.in), std::istreambuf_iterator<char>()};
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  if (text.empty()) return Failure{Exit::usage, "The text on standard input is empty.", {}, {}, {}};
  if (text.size() > kInputBytesMax) {
    return Failure{Exit::usage,
                   fmt::format("The text is {} bytes long; at most {} are taken.", text.size(),
                               kInputBytesMax),
                   {},
                   "Attach it as a file: ombud ticket attach TICKET FILE",
                   {}};
  }
  return text;
}

std::string Context::when(json::View time) const {
  return time.is_text() ? relative(time.text(), world.now()) : "";
}

}  // namespace ombud::cli
