#include "base/toml.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <set>
#include <system_error>

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "base/nearest.hpp"

namespace ombud::toml {
namespace {

constexpr int kDepthMax = 32;

int line_of(const ::toml::node& node) {
  return static_cast<int>(node.source().begin.line);
}

// The value as somebody wrote it, short enough for a message.
std::string shown(const ::toml::node& node) {
  if (const auto* text = node.as_string()) {
    const std::string_view whole = text->get();
    return fmt::format("the text \"{}{}\"", cut_utf8(whole, 60), whole.size() > 60 ? "…" : "");
  }
  if (const auto* number = node.as_integer()) return fmt::format("the number {}", number->get());
  if (const auto* number = node.as_floating_point()) {
    return fmt::format("the number {}", number->get());
  }
  if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
  if (node.is_array()) return "a list";
  if (node.is_table()) return "a table";
  return "a date or time";
}

std::string escape_pointer(std::string_view name) {
  std::string escaped;
  for (const char c : name) escaped += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  return escaped;
}

std::string date_text(const ::toml::date& date) {
  return fmt::format("{:04}-{:02}-{:02}", date.year, date.month, date.day);
}
std::string time_text(const ::toml::time& time) {
  return fmt::format("{:02}:{:02}:{:02}.{:03}", time.hour, time.minute, time.second,
                     time.nanosecond / 1'000'000);
}
std::string moment_text(const ::toml::date_time& moment) {
  std::string text = date_text(moment.date) + "T" + time_text(moment.time);
  if (moment.offset) {
    const int minutes = std::abs(moment.offset->minutes);
    text += minutes == 0 ? "Z"
                         : fmt::format("{}{:02}:{:02}", moment.offset->minutes < 0 ? '-' : '+',
                                       minutes / 60, minutes % 60);
  }
  return text;
}

}  // namespace

// What all readers of one file share, and what one table has been asked for.
struct Reader::State {
  std::shared_ptr<const ::toml::table> file;  // keeps the nodes alive
  const ::toml::table* table = nullptr;       // null: not there
  std::string name;
  Mistakes* mistakes = nullptr;
  std::set<std::string, std::less<>> known;

  const ::toml::node* look(std::string_view key) const {
    return table == nullptr ? nullptr : table->get(key);
  }
  const ::toml::node* take(std::string_view key) {
    known.emplace(key);
    return look(key);
  }
  void add(int line, std::string detail) const { mistakes->add(name, line, std::move(detail)); }
};

namespace {

// Turns a table into JSON and reads the secrets it refers to.
class Converter {
 public:
  Converter(const std::string& file, Mistakes& mistakes, const Environment& environment)
      : file_(file), mistakes_(mistakes), environment_(environment) {}

  std::optional<std::string> secret(const ::toml::node& node, const std::string& path) {
    const auto* table = node.as_table();
    if (table == nullptr || table->size() != 1 ||
        (!table->contains("file") && !table->contains("env")) ||
        !table->begin()->second.is_string()) {
      refuse(node, fmt::format("{} is a secret and must not stand here itself; write {{ file = "
                               "\"…\" }} or {{ env = \"…\" }}",
                               path));
      return std::nullopt;
    }
    put(node, "", path, 1);
    std::string& read = result_.secrets.begin()->second;
    return read.empty() ? std::nullopt : std::optional(std::move(read));
  }

  Json convert(const ::toml::table& table, const std::string& path) {
    put(table, "", path, 0);
    result_.text = out_.take();
    return std::move(result_);
  }

 private:
  void refuse(const ::toml::node& node, std::string detail) {
    mistakes_.add(file_, line_of(node), std::move(detail));
  }

  void put(const ::toml::node& node, const std::string& pointer, const std::string& path,
           int depth) {
    result_.lines[pointer] = line_of(node);
    if (depth > kDepthMax) {
      refuse(node, fmt::format("{} is nested deeper than {} levels; flatten it", path, kDepthMax));
      out_.null();
    } else if (const auto* table = node.as_table()) {
      put_table(*table, pointer, path, depth);
    } else if (const auto* list = node.as_array()) {
      out_.begin_array();
      for (std::size_t i = 0; i < list->size(); ++i) {
        put((*list)[i], fmt::format("{}/{}", pointer, i), fmt::format("{}[{}]", path, i),
            depth + 1);
      }
      out_.end_array();
    } else if (const auto* text = node.as_string()) {
      out_.value(text->get());
    } else if (const auto* integer = node.as_integer()) {
      out_.value(static_cast<std::int64_t>(integer->get()));
    } else if (const auto* flag = node.as_boolean()) {
      out_.value(flag->get());
    } else if (const auto* number = node.as_floating_point()) {
      put_number(node, number->get(), path);
    } else if (const auto* date = node.as_date()) {
      out_.value(date_text(date->get()));
    } else if (const auto* time = node.as_time()) {
      out_.value(time_text(time->get()));
    } else if (const auto* moment = node.as_date_time()) {
      out_.value(moment_text(moment->get()));
    } else {
      out_.null();
    }
  }

  void put_number(const ::toml::node& node, double number, const std::string& path) {
    if (std::isfinite(number)) {
      out_.value(number);
    } else {
      refuse(node, fmt::format("{} must be a finite number", path));
      out_.null();
    }
  }

  void put_table(const ::toml::table& table, const std::string& pointer, const std::string& path,
                 int depth) {
    if (table.size() == 1 && depth > 0) {
      const auto only = table.begin();  // what it points to lives inside the iterator
      const auto& [key, value] = *only;
      if (value.is_string() && (key.str() == "file" || key.str() == "env")) {
        put_secret(table, key.str() == "file", value.as_string()->get(), path);
        return;
      }
    }
    out_.begin_object();
    for (const auto& [key, value] : table) {
      if (key.str() == "$secret") {
        refuse(value, fmt::format("{} must not use the name \"$secret\"; refer to a secret with "
                                  "{{ file = \"…\" }} or {{ env = \"…\" }}",
                                  path));
        continue;
      }
      out_.key(key.str());
      put(value, pointer + "/" + escape_pointer(key.str()), fmt::format("{}.{}", path, key.str()),
          depth + 1);
    }
    out_.end_object();
  }

  void put_secret(const ::toml::table& node, bool from_file, const std::string& source,
                  const std::string& path) {
    const std::string token = fmt::format("token{}", result_.secrets.size() + 1);
    std::string why;
    const auto secret = from_file ? read_file(source, why) : read_variable(source, why);
    if (!secret) refuse(node, fmt::format("the secret {} {}", path, why));
    result_.secrets[token] = secret.value_or(std::string());
    out_.begin_object().field("$secret", token).end_object();
  }

  std::optional<std::string> read_variable(const std::string& name, std::string& why) const {
    auto value = environment_ ? environment_(name) : std::nullopt;
    if (value && !value->empty()) return value;
    why = fmt::format("comes from the environment variable {}, which is {}; set it before starting",
                      name, value ? "empty" : "not set");
    return std::nullopt;
  }

  std::optional<std::string> read_file(const std::string& source, std::string& why) const {
    const auto path = (std::filesystem::path(file_).parent_path() / source).lexically_normal();
    struct stat facts {};
    if (::stat(path.c_str(), &facts) != 0) {
      why = fmt::format(
          "comes from the file {}, which cannot be read ({}); create it with: "
          "install -m 600 /dev/stdin {}",
          path.string(), std::generic_category().message(errno), path.string());
      return std::nullopt;
    }
    if (!S_ISREG(facts.st_mode)) {
      why = fmt::format("comes from {}, which is not a file", path.string());
      return std::nullopt;
    }
    if ((facts.st_mode & (S_IROTH | S_IWOTH)) != 0) {
      why = fmt::format(
          "comes from the file {}, which everybody on this machine may {}; run: "
          "chmod 600 {}",
          path.string(), (facts.st_mode & S_IROTH) != 0 ? "read" : "change", path.string());
      return std::nullopt;
    }
    if (facts.st_size > kSecretBytesMax) {
      why = fmt::format("comes from the file {}, which is {} bytes long; at most {} are read",
                        path.string(), facts.st_size, kSecretBytesMax);
      return std::nullopt;
    }
    std::ifstream in(path, std::ios::binary);
    std::string secret{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    if (!in.good() && !in.eof()) {
      why = fmt::format("comes from the file {}, which could not be read", path.string());
      return std::nullopt;
    }
    while (!secret.empty() && (secret.back() == '\n' || secret.back() == '\r')) secret.pop_back();
    if (secret.empty()) {
      why = fmt::format(
          "comes from the file {}, which is empty or may not be read by this user; "
          "write the secret into it",
          path.string());
      return std::nullopt;
    }
    return secret;
  }

  const std::string& file_;
  Mistakes& mistakes_;
  const Environment& environment_;
  json::Writer out_;
  Json result_;
};

}  // namespace

std::string Mistake::place() const {
  return line > 0 ? fmt::format("{}:{}", file, line) : file;
}

void Mistakes::add(std::string file, int line, std::string detail) {
  all_.push_back({std::move(file), line, std::move(detail)});
}

std::vector<Mistake> Mistakes::sorted() const {
  std::map<std::string, std::size_t> order;
  for (const Mistake& mistake : all_) order.emplace(mistake.file, order.size());
  std::vector<Mistake> sorted = all_;
  std::stable_sort(sorted.begin(), sorted.end(), [&](const Mistake& a, const Mistake& b) {
    return std::pair(order[a.file], a.line) < std::pair(order[b.file], b.line);
  });
  return sorted;
}

Problem Mistakes::problem() const {
  Problem all{ProblemKind::invalid,
              all_.size() == 1 ? "The configuration has 1 mistake."
                               : fmt::format("The configuration has {} mistakes.", all_.size()),
              {}};
  for (const Mistake& mistake : sorted()) all.fields.push_back({mistake.place(), mistake.detail});
  return all;
}

Reader::Reader(std::shared_ptr<State> state, std::string path)
    : state_(std::move(state)), path_(std::move(path)) {}

bool Reader::present() const {
  return state_->table != nullptr;
}
int Reader::line() const {
  return present() ? line_of(*state_->table) : 0;
}
int Reader::line(std::string_view name) const {
  const auto* node = state_->look(name);
  return node != nullptr ? line_of(*node) : line();
}
int Reader::line(std::string_view name, std::size_t index) const {
  const auto* node = state_->look(name);
  const auto* list = node != nullptr ? node->as_array() : nullptr;
  return list != nullptr && index < list->size() ? line_of((*list)[index]) : line(name);
}
bool Reader::has(std::string_view name) const {
  return state_->look(name) != nullptr;
}

std::string Reader::full(std::string_view name) const {
  return path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name);
}

void Reader::refuse(std::string_view name, std::string detail) {
  state_->add(line(name), fmt::format("{} {}", full(name), detail));
}
void Reader::refuse_at(int line, std::string detail) {
  state_->add(line, std::move(detail));
}

std::optional<std::string> Reader::maybe_text(std::string_view name, Text rule) {
  const auto* node = state_->take(name);
  const std::string example =
      rule.example.empty() ? "" : fmt::format(", such as {} = \"{}\"", name, rule.example);
  if (node == nullptr) {
    if (rule.required) refuse(name, fmt::format("is missing; add it{}", example));
    return std::nullopt;
  }
  const auto* text = node->as_string();
  if (text == nullptr) {
    refuse(name, fmt::format("is {}; write a text in quotes{}", shown(*node), example));
    return std::nullopt;
  }
  const std::string& value = text->get();
  if (value.find_first_not_of(" \t\r\n") == std::string::npos) {
    refuse(name, fmt::format("is empty; write a text{} or remove the line", example));
    return std::nullopt;
  }
  if (value.size() > rule.bytes_max) {
    refuse(name, fmt::format("is {} bytes long; write at most {}", value.size(), rule.bytes_max));
    return std::nullopt;
  }
  if (value.find('\0') != std::string::npos) {
    refuse(name, "holds a NUL character; remove it");
    return std::nullopt;
  }
  return value;
}

std::string Reader::text(std::string_view name, std::string fallback, Text rule) {
  return maybe_text(name, rule).value_or(std::move(fallback));
}

std::string Reader::choice(std::string_view name, std::string fallback,
                           const std::vector<std::string>& choices) {
  const auto* node = state_->take(name);
  if (node == nullptr) return fallback;
  const auto* text = node->as_string();
  if (text != nullptr && std::find(choices.begin(), choices.end(), text->get()) != choices.end()) {
    return text->get();
  }
  std::vector<std::string> quoted;
  for (const std::string& word : choices) quoted.push_back('"' + word + '"');
  const auto meant = text != nullptr ? nearest(text->get(), choices) : std::nullopt;
  refuse(name, fmt::format("is {}; {}write {}", shown(*node),
                           meant ? fmt::format("did you mean \"{}\"? ", *meant) : "",
                           joined(quoted, "or")));
  return fallback;
}

std::int64_t Reader::integer(std::string_view name, std::int64_t fallback, std::int64_t min,
                             std::int64_t max) {
  const auto* node = state_->take(name);
  if (node == nullptr) return fallback;
  const auto* number = node->as_integer();
  if (number != nullptr && number->get() >= min && number->get() <= max) return number->get();
  refuse(name, fmt::format("is {}; write a whole number from {} to {}{}", shown(*node), min, max,
                           node->is_string()
                               ? fmt::format(" without quotes, such as {} = {}", name, fallback)
                               : ""));
  return fallback;
}

double Reader::number(std::string_view name, double fallback, double min, double max) {
  const auto* node = state_->take(name);
  if (node == nullptr) return fallback;
  const auto value = node->is_number() ? node->value<double>() : std::nullopt;
  if (value && *value >= min && *value <= max) return *value;
  refuse(name, fmt::format("is {}; write a number from {} to {}", shown(*node), min, max));
  return fallback;
}

bool Reader::boolean(std::string_view name, bool fallback) {
  const auto* node = state_->take(name);
  if (node == nullptr) return fallback;
  if (const auto* flag = node->as_boolean()) return flag->get();
  refuse(name, fmt::format("is {}; write true or false, without quotes", shown(*node)));
  return fallback;
}

std::optional<Millis> Reader::maybe_duration(std::string_view name, Millis min, Millis max) {
  const auto* node = state_->take(name);
  if (node == nullptr) return std::nullopt;
  const auto* text = node->as_string();
  const auto duration = text != nullptr ? duration_from(text->get()) : std::nullopt;
  if (duration && *duration >= min && *duration <= max) return duration;
  if (duration) {
    refuse(name, fmt::format("is {}; write a duration from \"{}\" to \"{}\"", shown(*node),
                             duration_text(min), duration_text(max)));
  } else {
    refuse(name, fmt::format("is {}; write a duration in quotes with its unit (ms, s, m, h or d), "
                             "such as \"30s\", \"5m\" or \"2h\"",
                             shown(*node)));
  }
  return std::nullopt;
}

Millis Reader::duration(std::string_view name, Millis fallback, Millis min, Millis max) {
  return maybe_duration(name, min, max).value_or(fallback);
}

std::int64_t Reader::bytes(std::string_view name, std::int64_t fallback, std::int64_t min,
                           std::int64_t max) {
  const auto* node = state_->take(name);
  if (node == nullptr) return fallback;
  const auto* text = node->as_string();
  const auto size = text != nullptr ? bytes_from(text->get()) : std::nullopt;
  if (size && *size >= min && *size <= max) return *size;
  if (size) {
    refuse(name, fmt::format("is {}; write a size from \"{}\" to \"{}\"", shown(*node),
                             bytes_text(min), bytes_text(max)));
  } else {
    refuse(name, fmt::format("is {}; write a size in quotes with its unit (B, KiB, MiB or GiB), "
                             "such as \"25MiB\"",
                             shown(*node)));
  }
  return fallback;
}

std::optional<Address> Reader::maybe_address(std::string_view name) {
  const auto* node = state_->take(name);
  if (node == nullptr) return std::nullopt;
  const auto* text = node->as_string();
  auto address = text != nullptr ? address_from(text->get()) : std::nullopt;
  if (!address) {
    refuse(name, fmt::format("is {}; write address and port in quotes, such as \"127.0.0.1:8080\" "
                             "or \"[::1]:8080\"",
                             shown(*node)));
  }
  return address;
}

Address Reader::address(std::string_view name, Address fallback) {
  return maybe_address(name).value_or(std::move(fallback));
}

std::vector<std::string> Reader::texts(std::string_view name, std::size_t count_max, Text rule) {
  std::vector<std::string> all;
  const auto* node = state_->take(name);
  const std::string example =
      rule.example.empty() ? "" : fmt::format(", such as {} = [\"{}\"]", name, rule.example);
  if (node == nullptr) {
    if (rule.required) refuse(name, fmt::format("is missing; add it{}", example));
    return all;
  }
  const auto* list = node->as_array();
  if (list == nullptr) {
    refuse(name, fmt::format("is {}; write a list of texts{}", shown(*node), example));
    return all;
  }
  if (list->size() > count_max) {
    refuse(name, fmt::format("has {} entries; write at most {}", list->size(), count_max));
    return all;
  }
  if (rule.required && list->empty()) {
    refuse(name, fmt::format("is an empty list; write at least one entry{}", example));
  }
  for (std::size_t i = 0; i < list->size(); ++i) {
    const ::toml::node& entry = (*list)[i];
    const auto* text = entry.as_string();
    if (text == nullptr || text->get().empty() || text->get().size() > rule.bytes_max) {
      refuse_at(line_of(entry), fmt::format("{}[{}] is {}; write a text of 1 to {} bytes in quotes",
                                            full(name), i, shown(entry), rule.bytes_max));
    } else {
      all.push_back(text->get());
    }
  }
  return all;
}

std::optional<Instant> Reader::maybe_instant(std::string_view name) {
  const auto* node = state_->take(name);
  if (node == nullptr) return std::nullopt;
  std::optional<Instant> instant;
  if (const auto* text = node->as_string()) {
    instant = parse_rfc3339(text->get());
    if (!instant) instant = parse_rfc3339(text->get() + "T00:00:00Z");
  } else if (const auto* date = node->as_date()) {
    instant = parse_rfc3339(date_text(date->get()) + "T00:00:00Z");
  } else if (const auto* moment = node->as_date_time()) {
    instant = parse_rfc3339(moment_text(moment->get()));
  }
  if (!instant) {
    refuse(name, fmt::format("is {}; write a date, such as 2026-01-31, or a time with its offset, "
                             "such as 2026-01-31T08:00:00+01:00",
                             shown(*node)));
  }
  return instant;
}

std::filesystem::path Reader::path_to(std::string_view name, const std::string& fallback) {
  const std::string written = text(name, fallback, {.bytes_max = 4096});
  const auto folder = std::filesystem::absolute(state_->name).parent_path();
  auto path = (folder / written).lexically_normal();
  return path.has_filename() ? path : path.parent_path();  // no trailing slash
}

Reader Reader::table(std::string_view name) {
  const auto* node = state_->take(name);
  const auto* found = node != nullptr ? node->as_table() : nullptr;
  if (node != nullptr && found == nullptr) {
    refuse(name, fmt::format("is {}; write it as a table: [{}]", shown(*node), full(name)));
  }
  auto state =
      std::make_shared<State>(State{state_->file, found, state_->name, state_->mistakes, {}});
  return Reader(std::move(state), full(name));
}

std::vector<Reader> Reader::tables(std::string_view name) {
  std::vector<Reader> all;
  const auto* node = state_->take(name);
  if (node == nullptr) return all;
  const auto* list = node->as_array();
  if (list == nullptr) {
    refuse(name, fmt::format("is {}; write each entry as [[{}]]", shown(*node), full(name)));
    return all;
  }
  for (std::size_t i = 0; i < list->size(); ++i) {
    const auto* found = (*list)[i].as_table();
    if (found == nullptr) {
      refuse_at(line_of((*list)[i]), fmt::format("{}[{}] is {}; write each entry as [[{}]]",
                                                 full(name), i, shown((*list)[i]), full(name)));
      continue;
    }
    auto state =
        std::make_shared<State>(State{state_->file, found, state_->name, state_->mistakes, {}});
    all.push_back(Reader(std::move(state), full(name)));
  }
  return all;
}

std::optional<std::string> Reader::maybe_secret(std::string_view name,
                                                const Environment& environment) {
  const auto* node = state_->take(name);
  if (node == nullptr) return std::nullopt;
  return Converter(state_->name, *state_->mistakes, environment).secret(*node, full(name));
}

Json Reader::json(std::string_view name, const Environment& environment) {
  const auto* node = state_->take(name);
  if (node == nullptr) {
    Json none;
    none.lines[""] = line();
    return none;
  }
  const auto* found = node->as_table();
  if (found == nullptr) {
    refuse(name, fmt::format("is {}; write it as a table: [{}]", shown(*node), full(name)));
    return {};
  }
  return Converter(state_->name, *state_->mistakes, environment).convert(*found, full(name));
}

Json Reader::json(const Environment& environment) {
  if (!present()) return {};
  return Converter(state_->name, *state_->mistakes, environment).convert(*state_->table, path_);
}

void Reader::finish() {
  if (!present()) return;
  const std::vector<std::string> known(state_->known.begin(), state_->known.end());
  for (const auto& [key, value] : *state_->table) {
    if (state_->known.contains(key.str())) continue;
    const auto meant = nearest(key.str(), known);
    // The key itself knows its line even where its value spans several.
    const int line =
        key.source().begin.line != 0 ? static_cast<int>(key.source().begin.line) : line_of(value);
    state_->add(line, fmt::format("{} is not known here; {}", full(key.str()),
                                  meant ? fmt::format("did you mean {}?", *meant)
                                        : fmt::format("remove it, or write one of {}",
                                                      joined(known, "and"))));
  }
}

std::optional<File> File::parse(std::string_view text, const std::string& name,
                                Mistakes& mistakes) {
  if (!is_utf8(text)) {
    const std::string repaired = to_valid_utf8(text);
    const auto same = static_cast<std::size_t>(
        std::mismatch(text.begin(), text.end(), repaired.begin(), repaired.end()).first -
        text.begin());
    const auto line =
        1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(same), '\n');
    mistakes.add(name, static_cast<int>(line),
                 "this line is not valid UTF-8; save the file in that encoding");
    return std::nullopt;
  }
  std::shared_ptr<const ::toml::table> table;
  try {
    table = std::make_shared<const ::toml::table>(::toml::parse(text, std::string_view(name)));
  } catch (const ::toml::parse_error& error) {
    std::string why(error.description());
    const bool twice =
        why.find("redefine") != std::string::npos || why.find("duplicate") != std::string::npos;
    mistakes.add(
        name, static_cast<int>(error.source().begin.line),
        fmt::format("this is not TOML: {}; {}", why,
                    twice ? "every key and every [table] may stand only once: remove one"
                          : "texts stand in quotes, and each line is key = value or [table]"));
    return std::nullopt;
  }
  auto state =
      std::make_shared<Reader::State>(Reader::State{table, table.get(), name, &mistakes, {}});
  return File(Reader(std::move(state), ""));
}

std::optional<File> File::load(const std::filesystem::path& path, Mistakes& mistakes) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error) {
    mistakes.add(path.string(), 0, fmt::format("cannot be read ({})", error.message()));
    return std::nullopt;
  }
  if (size > static_cast<std::uintmax_t>(kFileBytesMax)) {
    mistakes.add(path.string(), 0,
                 fmt::format("is {} bytes long; at most {} are read", size, kFileBytesMax));
    return std::nullopt;
  }
  std::ifstream in(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (!in.is_open() || in.bad()) {
    mistakes.add(path.string(), 0, "cannot be read; check its permissions");
    return std::nullopt;
  }
  return parse(text, path.string(), mistakes);
}

}  // namespace ombud::toml
