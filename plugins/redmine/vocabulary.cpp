#include "redmine/vocabulary.hpp"

#include "redmine/text.hpp"

namespace ombud::redmine {

const Vocabulary::Entry* Vocabulary::entry(const std::vector<Entry>& list, std::int64_t id) {
  for (const Entry& known : list) {
    if (known.id == id) return &known;
  }
  return nullptr;
}

std::vector<Vocabulary::Entry> Vocabulary::entries(json::View list) {
  std::vector<Entry> all;
  for (std::size_t i = 0; i < list.size(); ++i) {
    all.push_back({list.at(i)["id"].integer(), std::string(list.at(i)["name"].text()),
                   list.at(i)["is_closed"].boolean()});
  }
  return all;
}

Answer Vocabulary::load(const Call& call) {
  return statuses_.empty() || priorities_.empty() ? reload(call) : Answer{};
}

Answer Vocabulary::reload(const Call& call) {
  Answer statuses = rest_.get(call, "/issue_statuses.json");
  if (!statuses.ok()) return statuses;
  Answer priorities = rest_.get(call, "/enumerations/issue_priorities.json");
  if (!priorities.ok()) return priorities;
  statuses_ = entries(statuses.body["issue_statuses"]);
  priorities_ = entries(priorities.body["issue_priorities"]);
  return {};
}

std::optional<std::int64_t> Vocabulary::resolve(
    const std::vector<Entry>& list, const std::map<std::string, std::string, std::less<>>& map,
    const char* setting, std::string_view canonical, std::string& why_not) {
  const auto wanted = map.find(canonical);
  if (wanted == map.end()) {
    why_not = "The hub's document says \"" + std::string(canonical) + "\", which settings." +
              setting + " does not have.";
    return std::nullopt;
  }
  const std::string name = to_lower(wanted->second);
  std::string there;
  for (const Entry& known : list) {
    if (std::to_string(known.id) == name || to_lower(known.name) == name) return known.id;
    there += (there.empty() ? "" : ", ") + known.name + " (" + std::to_string(known.id) + ")";
  }
  why_not = "This Redmine has no \"" + wanted->second + "\" for " + std::string(canonical) +
            ". Set settings." + setting + "." + std::string(canonical) + " to one of: " + there +
            ".";
  return std::nullopt;
}

std::optional<std::int64_t> Vocabulary::status_id(std::string_view canonical,
                                                  std::string& why_not) const {
  return resolve(statuses_, settings_.status_to, "status_to", canonical, why_not);
}

std::optional<std::int64_t> Vocabulary::priority_id(std::string_view canonical,
                                                    std::string& why_not) const {
  return resolve(priorities_, settings_.priority_to, "priority_to", canonical, why_not);
}

CanonicalStatus Vocabulary::status_of(std::int64_t id) const {
  const Entry* known = entry(statuses_, id);
  const std::string name = known == nullptr ? "status " + std::to_string(id) : known->name;
  for (const std::string& key : {std::to_string(id), to_lower(name)}) {
    const auto mapped = settings_.status_from.find(key);
    if (mapped != settings_.status_from.end()) return {mapped->second, name};
  }
  return {known != nullptr && known->closed ? "closed" : "in_progress", name};
}

}  // namespace ombud::redmine
