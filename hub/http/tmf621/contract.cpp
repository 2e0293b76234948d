#include "http/tmf621/contract.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "base/time.hpp"

namespace ombud::http::tmf {
namespace {

constexpr std::size_t kMistakesMax = 50;

bool has_type(std::string_view type, json::View value) {
  if (type == "string") return value.is_text();
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "boolean") return value.is_boolean();
  if (type == "integer") return value.is_integer();
  if (type == "number") return value.raw() != nullptr && value.raw()->IsNumber();
  return true;
}

std::string words_of(json::View list) {
  std::string words;
  for (std::size_t i = 0; i < list.size(); ++i) {
    words += (i == 0 ? "" : ", ") + std::string(list.at(i).text());
  }
  return words;
}

}  // namespace

bool is_time(json::View schema) {
  return schema["format"].text() == "date-time";
}

Contract::Contract(std::string_view text) : text_(text) {
  auto document = json::parse(text);
  if (!document) throw std::logic_error("TMF621 contract: " + document.error().detail);
  document_ = std::move(*document);
}

json::View Contract::schema(std::string_view name) const {
  return document_["components"]["schemas"][name];
}

json::View Contract::resolved(json::View schema) const {
  const std::string_view reference = schema["$ref"].text();
  return reference.empty() ? schema : this->schema(reference.substr(reference.rfind('/') + 1));
}

json::View Contract::at_path(std::string_view schema_name, std::string_view dotted) const {
  json::View at = schema(schema_name);
  while (at.present()) {
    const std::size_t dot = dotted.find('.');
    at = resolved(at["properties"][dotted.substr(0, dot)]);
    while (at["type"].text() == "array") at = resolved(at["items"]);
    if (dot == std::string_view::npos) return at;
    dotted.remove_prefix(dot + 1);
  }
  return {};
}

void Contract::check(json::View schema, json::View value, const std::string& at, bool whole,
                     std::vector<FieldProblem>& found) const {
  schema = resolved(schema);
  if (found.size() >= kMistakesMax) return;
  const std::string_view type = schema["type"].text();
  if (!has_type(type, value)) {
    found.push_back(
        {at,
         fmt::format("must be {} {}",
                     type == "object" || type == "array" || type == "integer" ? "an" : "a", type)});
    return;
  }
  const json::View words = schema["enum"];
  bool known = !words.present();
  for (std::size_t i = 0; i < words.size(); ++i) known |= words.at(i).text() == value.text();
  if (!known) found.push_back({at, "must be one of " + words_of(words)});
  if (is_time(schema) && !parse_rfc3339(value.text())) {
    found.push_back({at, "must be a time such as 2026-11-22T09:30:00Z"});
  }
  if (type == "array") {
    for (std::size_t i = 0; i < value.size(); ++i) {
      check(schema["items"], value.at(i), fmt::format("{}/{}", at, i), true, found);
    }
  }
  if (type != "object") return;
  const json::View required = schema["required"], properties = schema["properties"];
  for (std::size_t i = 0; whole && i < required.size(); ++i) {
    const std::string_view name = required.at(i).text();
    const json::View member = value[name];
    const bool blank =
        member.is_text() && member.text().find_first_not_of(" \t\r\n") == std::string_view::npos;
    if (!member.present() || blank) {
      found.push_back({fmt::format("{}/{}", at, name), "is required and must not be empty"});
    }
  }
  for (std::size_t i = 0; i < value.size(); ++i) {
    const json::View member = value.member_at(i);
    const json::View rule = properties[value.name_at(i)];
    if (!member.present() || !rule.is_object()) continue;  // null, or an addition of the client's
    check(rule, member, fmt::format("{}/{}", at, value.name_at(i)), true, found);
  }
}

std::vector<FieldProblem> Contract::mistakes(std::string_view schema_name, json::View value,
                                             bool whole) const {
  std::vector<FieldProblem> found;
  check(schema(schema_name), value, "", whole, found);
  return found;
}

}  // namespace ombud::http::tmf
