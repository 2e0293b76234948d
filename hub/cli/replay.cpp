#include "cli/replay.hpp"

#include <algorithm>
#include <map>

#include "base/json.hpp"

namespace ombud::cli {
namespace {

// Every value that has no members, by its path: "json.issue.priority_id", "json.labels[0]".
void flatten(json::View value, const std::string& path,
             std::vector<std::pair<std::string, std::string>>& into) {
  if ((!value.is_object() && !value.is_array()) || value.size() == 0) {
    into.emplace_back(path, value.dump());
    return;
  }
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value.is_object()) {
      const std::string name(value.name_at(i));
      if (path.empty() && name == "what") continue;  // told as `where`
      flatten(value.member_at(i), path.empty() ? name : path + "." + name, into);
    } else {
      flatten(value.at(i), path + "[" + std::to_string(i) + "]", into);
    }
  }
}

std::vector<std::pair<std::string, std::string>> fields_of(json::View document) {
  std::vector<std::pair<std::string, std::string>> all;
  flatten(document, "", all);
  return all;
}

std::string where_of(json::View document) {
  if (document["what"].is_text()) return std::string(document["what"].text());
  const std::string type(document["type"].text());
  return type.empty() ? std::string() : type + " " + std::string(document["event_id"].text());
}

std::string text_json(std::string_view text) {
  return json::Writer().value(text).take();
}

void compare(json::View before, json::View after, std::vector<Difference>& into) {
  const std::string where = where_of(before);
  const auto old_fields = fields_of(before);
  const auto new_fields = fields_of(after);
  std::map<std::string, std::string> left(new_fields.begin(), new_fields.end());
  for (const auto& [field, value] : old_fields) {
    const auto found = left.find(field);
    if (found == left.end()) {
      into.push_back({where, field, value, ""});
      continue;
    }
    if (found->second != value) into.push_back({where, field, value, found->second});
    left.erase(found);
  }
  for (const auto& [field, value] : new_fields) {
    if (left.contains(field)) into.push_back({where, field, "", value});
  }
}

}  // namespace

std::vector<Difference> differences(const ConnectorAnswer& before, const ConnectorAnswer& after) {
  std::vector<Difference> all;
  const std::string was = before.ok ? "" : before.message, is = after.ok ? "" : after.message;
  if (was != is || before.ok != after.ok) {
    all.push_back(
        {"", "outcome", text_json(before.ok ? "done" : was), text_json(after.ok ? "done" : is)});
  }
  const std::size_t count = std::max(before.documents.size(), after.documents.size());
  for (std::size_t i = 0; i < count; ++i) {
    const bool had = i < before.documents.size(), has = i < after.documents.size();
    const auto old_one = json::parse(had ? before.documents[i] : "null");
    const auto new_one = json::parse(has ? after.documents[i] : "null");
    if (!old_one || !new_one) continue;  // no connector of ours: what it pushed is no JSON
    if (had && has) {
      compare(old_one->root(), new_one->root(), all);
    } else if (had) {
      all.push_back({where_of(old_one->root()), "", old_one->root().dump(), ""});
    } else {
      all.push_back({where_of(new_one->root()), "", "", new_one->root().dump()});
    }
  }
  return all;
}

}  // namespace ombud::cli
