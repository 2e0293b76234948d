#include "http/route.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "http/target.hpp"

namespace ombud::http {
namespace {

std::string pointer_of(std::string_view name) {
  return "?" + std::string(name);
}

}  // namespace

Result<Query> Query::parse(std::string_view text, std::span<const Member> known) {
  Query query;
  std::vector<FieldProblem> wrong;
  while (!text.empty()) {
    const std::size_t end = text.find('&');
    const std::string_view pair = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    auto name = percent_decode(pair.substr(0, equals), true);
    auto value = equals == std::string_view::npos ? std::optional(std::string())
                                                  : percent_decode(pair.substr(equals + 1), true);
    if (!name || !value) {
      wrong.push_back({"?" + name.value_or("query"), "is not properly percent-encoded UTF-8"});
      continue;
    }
    const bool is_known = std::any_of(known.begin(), known.end(),
                                      [&](const Member& member) { return member.name == *name; });
    if (!is_known) {
      wrong.push_back(
          {pointer_of(*name), "is not a known parameter; remove it or check its spelling"});
    } else if (query.has(*name)) {
      wrong.push_back({pointer_of(*name), "stands twice"});
    } else {
      query.values_.emplace_back(std::move(*name), std::move(*value));
    }
  }
  if (!wrong.empty()) {
    return Problem{ProblemKind::invalid, "The request is not valid.", std::move(wrong)};
  }
  return query;
}

std::string_view Query::text(std::string_view name) const {
  for (const auto& [known, value] : values_) {
    if (known == name) return value;
  }
  return {};
}

bool Query::has(std::string_view name) const {
  return std::any_of(values_.begin(), values_.end(),
                     [&](const auto& pair) { return pair.first == name; });
}

Result<bool> Query::flag(std::string_view name) const {
  if (!has(name)) return false;
  const std::string_view value = text(name);
  if (value == "true") return true;
  if (value == "false") return false;
  return invalid(pointer_of(name), "must be true or false");
}

Result<std::int64_t> Query::integer(std::string_view name, std::int64_t min, std::int64_t max,
                                    std::int64_t fallback) const {
  if (!has(name)) return fallback;
  const std::string_view value = text(name);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size() || number < min || number > max) {
    return invalid(pointer_of(name), fmt::format("must be a whole number from {} to {}", min, max));
  }
  return number;
}

void begin_items(json::Writer& out) {
  out.begin_object().begin_array("items");
}

void end_items(json::Writer& out, std::string_view next) {
  out.end_array().key("next");
  if (next.empty()) {
    out.null();
  } else {
    out.value(next);
  }
  out.end_object();
}

Response json_response(json::Writer& out, unsigned status) {
  Response response;
  response.status = status;
  response.content_type = "application/json";
  response.body = out.take();
  return response;
}

}  // namespace ombud::http
