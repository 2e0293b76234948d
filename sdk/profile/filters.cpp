// The filters of expressions. What is absent stays absent through most of them.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "profile/expression.hpp"
#include "profile/text.hpp"

namespace ombud::profile {
namespace {

using Arguments = std::vector<Value>;

// A filter from text to text.
template <auto change>
Value text_filter(Scope&, const Value& in, const Arguments&) {
  if (in.absent()) return {};
  return Value(std::string(change(in.is_text() ? std::string(in.text()) : in.shown())));
}

Value maybe(std::optional<std::string> text) {
  return text ? Value(std::move(*text)) : Value();
}

Value wrap(Scope&, const Value& in, const Arguments& arguments) {
  if (!in.truth()) return {};
  return Value(arguments[0].shown() + in.shown() +
               (arguments.size() > 1 ? arguments[1].shown() : std::string()));
}

// Those of the elements that are not empty, with the text between them.
Value join(Scope&, const Value& in, const Arguments& arguments) {
  if (!in.is_list()) return in;
  const std::string between = arguments.empty() ? ", " : arguments[0].shown();
  std::string all;
  bool first = true;
  for (std::size_t i = 0; i < in.size(); ++i) {
    const Value element = in.at(i);
    if (!element.truth()) continue;
    if (!first) all += between;
    first = false;
    all += element.shown();
  }
  return first ? Value() : Value(std::move(all));
}

Value date(Scope&, const Value& in, const Arguments& arguments) {
  const auto at = time_ms(in.shown());
  if (!at) return {};
  return Value(arguments.empty() ? to_rfc3339(instant_of(*at))
                                 : time_text(*at, arguments[0].shown()));
}

// A number as it is written in `in`, or a date in ms, plus so many.
Value plus(Scope&, const Value& in, const Arguments& arguments) {
  const auto left = in.number(), right = arguments[0].number();
  if (!left || !right) return {};
  return Value(*left + *right);
}

Value times(Scope&, const Value& in, const Arguments& arguments) {
  constexpr std::int64_t kMost = 1'000'000'000;  // of each factor: no overflow
  const auto left = in.number(), right = arguments[0].number();
  if (!left || !right || std::abs(*left) > kMost || std::abs(*right) > kMost) return {};
  return Value(*left * *right);
}

Value pairs(Scope& scope, const Value& in, const Arguments&) {
  if (!in.is_table()) return {};
  json::Writer out;
  out.begin_array();
  for (std::size_t i = 0; i < in.size(); ++i) {
    out.begin_object().field("key", in.name_at(i)).key("value");
    in.member_at(i).write(out);
    out.end_object();
  }
  out.end_array();
  return Value(scope.keep(json::parse(out.take()).value()));
}

Value parsed(Scope& scope, const Value& in, const Arguments&) {
  if (!in.is_text()) return in;
  auto document = json::parse(in.text());
  return document ? Value(scope.keep(std::move(*document))) : Value();
}

Value mapped(Scope& scope, const Value& in, const Arguments& arguments) {
  if (in.absent()) return {};
  return maybe(scope.surroundings().mapped(arguments[0].text(), in.shown()));
}

std::string entries_text(const std::vector<ListEntry>& entries) {
  std::string all;
  for (const ListEntry& entry : entries) {
    all += (all.empty() ? "" : ", ") + entry.name +
           (entry.id == entry.name ? std::string() : " (" + entry.id + ")");
  }
  return all;
}

// Our word as the id of the supplier's entry that the map names, by its name or its id.
Value id_of(Scope& scope, const Value& in, const Arguments& arguments) {
  if (in.absent()) return {};
  const std::string word = in.shown();
  std::string wanted = word;
  const std::string list(arguments[0].text());
  if (arguments.size() > 1) {
    const std::string map(arguments[1].text());
    const auto found = scope.surroundings().mapped(map, word);
    if (!found) {
      throw Refused{Outcome::permanent,
                    fmt::format("The hub's document says \"{}\", which settings.{} does not have.",
                                word, map)};
    }
    wanted = *found;
  }
  const std::string name = to_lower(wanted);
  for (const bool again : {false, true}) {
    for (const ListEntry& entry : scope.surroundings().list(list, again)) {
      if (to_lower(entry.id) == name || to_lower(entry.name) == name) {
        const auto number = Value(entry.id).number();
        return number ? Value(*number) : Value(entry.id);
      }
    }
    if (!again) continue;
    const std::string setting = arguments.size() > 1 ? fmt::format(" Set settings.{}.{} to one of",
                                                                   arguments[1].text(), word)
                                                     : std::string(" There are");
    throw Refused{Outcome::permanent,
                  fmt::format("The supplier has no \"{}\"{}.{}: {}.", wanted,
                              arguments.size() > 1 ? " for " + word : std::string(), setting,
                              entries_text(scope.surroundings().list(list, false)))};
  }
  return {};
}

const ListEntry* entry_of(Scope& scope, const Value& in, std::string_view list) {
  const std::string id = in.shown();
  for (const bool again : {false, true}) {
    for (const ListEntry& entry : scope.surroundings().list(list, again)) {
      if (entry.id == id) return &entry;
    }
  }
  return nullptr;
}

// The supplier's id as our word: by the map of ids, then of names, then as the list itself says.
Value word_of(Scope& scope, const Value& in, const Arguments& arguments) {
  if (in.absent()) return {};
  const ListEntry* entry = entry_of(scope, in, arguments[0].text());
  if (auto word = scope.surroundings().mapped(arguments[1].text(), in.shown())) return Value(*word);
  if (entry == nullptr) return {};
  if (auto word = scope.surroundings().mapped(arguments[1].text(), entry->name)) {
    return Value(*word);
  }
  return entry->otherwise.empty() ? Value() : Value(entry->otherwise);
}

Value name_of(Scope& scope, const Value& in, const Arguments& arguments) {
  if (in.absent()) return {};
  const ListEntry* entry = entry_of(scope, in, arguments[0].text());
  return entry == nullptr ? Value() : Value(entry->name);
}

Value first(Scope&, const Value& in, const Arguments&) {
  return in.is_list() ? in.at(0) : in;
}
Value last(Scope&, const Value& in, const Arguments&) {
  if (!in.is_list()) return in;
  return in.size() == 0 ? Value() : in.at(in.size() - 1);
}
Value skip(Scope&, const Value& in, const Arguments& arguments) {
  if (!in.is_list()) return in;
  Value::List rest;
  const std::int64_t from = std::max<std::int64_t>(arguments[0].number().value_or(0), 0);
  for (auto i = static_cast<std::size_t>(from); i < in.size(); ++i) rest.push_back(in.at(i));
  return Value(std::move(rest));
}
// Every element of the lists that the elements have as that member: {part, of}, with its element.
Value nested(Scope& scope, const Value& in, const Arguments& arguments) {
  json::Writer out;
  out.begin_array();
  for (std::size_t i = 0; i < in.size(); ++i) {
    const Value parts = in.at(i).member(arguments[0].shown());
    for (std::size_t k = 0; k < parts.size(); ++k) {
      out.begin_object().key("part");
      parts.at(k).write(out);
      out.key("of");
      in.at(i).write(out);
      out.end_object();
    }
  }
  return Value(scope.keep(json::parse(out.end_array().take()).value()));
}
Value count(Scope&, const Value& in, const Arguments&) {
  return Value(static_cast<std::int64_t>(in.size()));
}
Value otherwise(Scope&, const Value& in, const Arguments& arguments) {
  return in.truth() || in.is_boolean() ? in : arguments[0];
}
Value number(Scope&, const Value& in, const Arguments&) {
  const auto found = in.number();
  return found ? Value(*found) : Value();
}
Value text(Scope&, const Value& in, const Arguments&) {
  return in.absent() ? Value() : Value(in.shown());
}
Value list(Scope&, const Value& in, const Arguments&) {
  if (in.absent() || in.is_list()) return in;
  return Value(Value::List{in});
}
Value json_text(Scope&, const Value& in, const Arguments&) {
  json::Writer out;
  in.write(out);
  return Value(out.take());
}
Value truncate(Scope&, const Value& in, const Arguments& arguments) {
  if (in.absent()) return {};
  const auto most = arguments[0].number().value_or(0);
  return Value(truncated(in.shown(), static_cast<std::size_t>(std::max<std::int64_t>(most, 0))));
}
Value replace(Scope&, const Value& in, const Arguments& arguments) {
  if (in.absent()) return {};
  std::string all = in.shown();
  const std::string from = arguments[0].shown(), to = arguments[1].shown();
  if (from.empty()) return Value(all);
  for (std::size_t at = all.find(from); at != std::string::npos;
       at = all.find(from, at + to.size())) {
    all.replace(at, from.size(), to);
  }
  return Value(std::move(all));
}
Value split(Scope&, const Value& in, const Arguments& arguments) {
  if (in.absent()) return {};
  Value::List parts;
  const std::string all = in.shown(), between = arguments[0].shown();
  std::size_t start = 0;
  for (;;) {
    const std::size_t end = between.empty() ? std::string::npos : all.find(between, start);
    parts.emplace_back(std::string(trimmed(
        std::string_view(all).substr(start, end == std::string::npos ? end : end - start))));
    if (end == std::string::npos) return Value(std::move(parts));
    start = end + between.size();
  }
}
Value starts_with(Scope&, const Value& in, const Arguments& arguments) {
  return Value(in.shown().starts_with(arguments[0].shown()));
}
Value after(Scope&, const Value& in, const Arguments& arguments) {
  const std::string all = in.shown(), mark = arguments[0].shown();
  const std::size_t at = all.rfind(mark);
  return at == std::string::npos ? Value() : Value(all.substr(at + mark.size()));
}
Value unbase64(Scope&, const Value& in, const Arguments&) {
  return in.absent() ? Value() : maybe(from_base64(in.shown()));
}
Value marked_filter(Scope&, const Value& in, const Arguments&) {
  return maybe(marked(in.shown()));
}
Value marked_last_filter(Scope&, const Value& in, const Arguments&) {
  return maybe(marked_last(in.shown()));
}
Value is_text(Scope&, const Value& in, const Arguments&) {
  return Value(is_utf8(in.shown()) && in.shown().find('\0') == std::string::npos);
}
Value is_number(Scope&, const Value& in, const Arguments&) {
  return Value(in.number().has_value());
}

std::string clean(const std::string& text) {
  return to_valid_utf8(text);
}

constexpr Filter kFilters[] = {
    {"after", 1, 1, after},
    {"base64", 0, 0, text_filter<[](const std::string& t) { return to_base64(t); }>},
    {"clean", 0, 0, text_filter<clean>},
    {"count", 0, 0, count},
    {"date", 0, 1, date},
    {"default", 1, 1, otherwise},
    {"first", 0, 0, first},
    {"hidden_marker", 0, 0, text_filter<[](const std::string& t) { return hidden_marker(t); }>},
    {"html", 0, 0, text_filter<[](const std::string& t) { return html_escaped(t); }>},
    {"html_text", 0, 0, text_filter<[](const std::string& t) { return html_to_text(t); }>},
    {"id_of", 1, 2, id_of},
    {"is_number", 0, 0, is_number},
    {"is_text", 0, 0, is_text},
    {"jira", 0, 0, text_filter<[](const std::string& t) { return jira_escaped(t); }>},
    {"join", 0, 1, join},
    {"json", 0, 0, json_text},
    {"last", 0, 0, last},
    {"line", 0, 0, text_filter<[](const std::string& t) { return one_line(t); }>},
    {"list", 0, 0, list},
    {"lower", 0, 0, text_filter<[](const std::string& t) { return to_lower(t); }>},
    {"map", 1, 1, mapped},
    {"markdown", 0, 0, text_filter<[](const std::string& t) { return markdown_escaped(t); }>},
    {"marked", 0, 0, marked_filter},
    {"marked_last", 0, 0, marked_last_filter},
    {"marker", 0, 0, text_filter<[](const std::string& t) { return marker(t); }>},
    {"name_of", 1, 1, name_of},
    {"nested", 1, 1, nested},
    {"normalize", 0, 0, text_filter<[](const std::string& t) { return normalized(t); }>},
    {"number", 0, 0, number},
    {"pairs", 0, 0, pairs},
    {"parse_json", 0, 0, parsed},
    {"plus", 1, 1, plus},
    {"replace", 2, 2, replace},
    {"skip", 1, 1, skip},
    {"split", 1, 1, split},
    {"starts_with", 1, 1, starts_with},
    {"text", 0, 0, text},
    {"textile", 0, 0, text_filter<[](const std::string& t) { return textile_escaped(t); }>},
    {"times", 1, 1, times},
    {"truncate", 1, 1, truncate},
    {"unbase64", 0, 0, unbase64},
    {"unescape", 0, 0, text_filter<[](const std::string& t) { return entities_decoded(t); }>},
    {"upper", 0, 0, text_filter<[](const std::string& t) { return to_upper(t); }>},
    {"urlencode", 0, 0, text_filter<[](const std::string& t) { return percent_encode(t); }>},
    {"without_markers", 0, 0, text_filter<[](const std::string& t) { return without_markers(t); }>},
    {"word_of", 2, 2, word_of},
    {"wrap", 1, 2, wrap},
};

}  // namespace

const Filter* filter_of(std::string_view name) {
  for (const Filter& filter : kFilters) {
    if (name == filter.name) return &filter;
  }
  return nullptr;
}

std::vector<std::string> filter_names() {
  std::vector<std::string> names = {"any", "each", "where"};
  for (const Filter& filter : kFilters) names.emplace_back(filter.name);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace ombud::profile
