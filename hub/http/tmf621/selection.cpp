#include "http/tmf621/selection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "http/target.hpp"

namespace ombud::http::tmf {
namespace {

using Operator = Filter::Operator;

constexpr std::pair<std::string_view, Operator> kOperators[] = {
    {".gt", Operator::gt}, {".gte", Operator::gte}, {".lt", Operator::lt}, {".lte", Operator::lte}};

Result<std::int64_t> number(const std::string& name, const std::string& value) {
  std::int64_t parsed = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), parsed);
  if (error != std::errc() || end != value.data() + value.size() || parsed < 0) {
    return invalid("?" + name, "must be a whole number, 0 or more");
  }
  return parsed;
}

std::vector<std::string> listed(std::string_view text) {
  std::vector<std::string> all;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    if (end > 0) all.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return all;
}

bool looks_like_day(std::string_view value) {
  return value.size() >= 4 && value.find_first_not_of("0123456789-T:.Z") == std::string_view::npos;
}

Result<Filter> filter_of(std::string name, std::string value, const Dialect& dialect) {
  const Contract& contract = dialect.contract;
  Filter filter;
  filter.path = name;
  filter.value = std::move(value);
  json::View schema = contract.at_path("TroubleTicket", name);
  if (!schema.present()) {
    for (const auto& [suffix, op] : kOperators) {
      if (!name.ends_with(suffix)) continue;
      filter.op = op;
      filter.path = name.substr(0, name.size() - suffix.size());
      schema = contract.at_path("TroubleTicket", filter.path);
    }
  }
  if (!schema.present() || schema["type"].text() == "object") {
    return invalid("?" + name,
                   "is no attribute to filter by; see openapi.json for those there are, and use no "
                   "operator but .gt, .gte, .lt and .lte");
  }
  if (is_time(schema)) filter.at = parse_rfc3339(filter.value);
  if (is_time(schema) && !filter.at && !looks_like_day(filter.value)) {
    return invalid("?" + name, "must be a time such as 2026-11-22T09:30:00Z, or a day");
  }
  if (filter.op != Operator::equal && !filter.at) {
    return invalid("?" + name, is_time(schema)
                                   ? "must be a time such as 2026-11-22T09:30:00Z"
                                   : "is no time; .gt, .gte, .lt and .lte are for times");
  }
  return filter;
}

bool holds(const Filter& filter, json::View value) {
  if (!value.is_text()) return value.present() && value.dump() == filter.value;
  if (filter.at) {
    const auto at = parse_rfc3339(value.text());
    if (!at) return false;
    switch (filter.op) {
      case Operator::equal:
        return *at == *filter.at;
      case Operator::gt:
        return *at > *filter.at;
      case Operator::gte:
        return *at >= *filter.at;
      case Operator::lt:
        return *at < *filter.at;
      case Operator::lte:
        return *at <= *filter.at;
    }
  }
  return value.text() == filter.value;
}

// A value of an array matches if any of its elements does.
bool holds_at(const Filter& filter, json::View at, std::string_view path, bool time) {
  if (at.is_array()) {
    for (std::size_t i = 0; i < at.size(); ++i) {
      if (holds_at(filter, at.at(i), path, time)) return true;
    }
    return false;
  }
  if (path.empty()) {
    // A day finds all of it: 2018-08-21.
    if (time && !filter.at) return !filter.value.empty() && at.text().starts_with(filter.value);
    return holds(filter, at);
  }
  const std::size_t dot = path.find('.');
  return holds_at(filter, at[path.substr(0, dot)],
                  dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1), time);
}

}  // namespace

const Filter* Selection::find(std::string_view path, Operator op) const {
  for (const Filter& filter : filters) {
    if (filter.path == path && filter.op == op) return &filter;
  }
  return nullptr;
}

bool Selection::matches(json::View document) const {
  return std::all_of(filters.begin(), filters.end(), [&](const Filter& filter) {
    const bool time = filter.path.ends_with("Date") || filter.path.ends_with("date") ||
                      filter.path.ends_with("DateTime") || filter.path == "lastUpdate";
    return holds_at(filter, document, filter.path, time && looks_like_day(filter.value));
  });
}

Result<Selection> selection_of(std::string_view query, const Dialect& dialect, bool list) {
  Selection selection;
  std::vector<FieldProblem> wrong;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    auto name = percent_decode(pair.substr(0, equals), true);
    auto value = percent_decode(pair.substr(std::min(equals + 1, pair.size())), true);
    if (!name || !value) {
      wrong.push_back({"?" + name.value_or("query"), "is not properly percent-encoded UTF-8"});
    } else if (*name == "fields") {
      for (std::string& field : listed(*value)) selection.fields.push_back(std::move(field));
    } else if (list && (*name == "offset" || *name == "limit")) {
      const auto parsed = number(*name, *value);
      if (!parsed) {
        wrong.push_back(parsed.error().fields.front());
      } else {
        (*name == "offset" ? selection.offset : selection.limit) = *parsed;
      }
    } else if (list && dialect.v5 && (*name == "after" || *name == "before")) {
      (*name == "after" ? selection.after : selection.before) = *value;
    } else if (list && dialect.v5 && *name == "sort") {
      selection.newest_first = *value == "-creationDate";
      if (!selection.newest_first && *value != "creationDate") {
        wrong.push_back({"?sort", "must be creationDate or -creationDate"});
      }
    } else if (!list) {
      wrong.push_back({"?" + *name, "is not a known parameter; only fields is"});
    } else {
      auto filter = filter_of(std::move(*name), std::move(*value), dialect);
      if (filter) {
        selection.filters.push_back(std::move(*filter));
      } else {
        wrong.push_back(filter.error().fields.front());
      }
    }
  }
  if (!wrong.empty()) {
    return Problem{ProblemKind::invalid, "The query is not valid.", std::move(wrong)};
  }
  selection.limit = std::min(selection.limit, kLimitMax);
  return selection;
}

std::string chosen(std::string document, const Selection& selection, const Settings& settings,
                   const Dialect& dialect) {
  if (selection.fields.empty()) return document;
  const auto parsed = json::parse(document);
  if (!parsed) return document;
  Members all = members_of(parsed->root()), out;
  std::vector<std::string> wanted = selection.fields;
  if (!settings.exact_fields) wanted.insert(wanted.end(), {"id", "href"});
  if (dialect.v5) wanted.emplace_back("@type");
  for (const std::string& name : wanted) {
    const auto found = all.find(name);
    if (found != all.end()) out.insert(*found);
  }
  return object_of(out);
}

}  // namespace ombud::http::tmf
