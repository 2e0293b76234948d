// The operator's side of a profile: what he may and must set, and what becomes of it.
#include <fmt/format.h>

#include <algorithm>

#include "base/nearest.hpp"
#include "profile/profile.hpp"
#include "profile/text.hpp"

namespace ombud::profile {
namespace {

bool is_url(std::string_view text) {
  const bool web = text.starts_with("https://") || text.starts_with("http://");
  return web && text.find_first_of("?# \t\r\n") == std::string_view::npos &&
         !text.substr(text.find("://") + 3).empty() && text[text.find("://") + 3] != '/';
}

bool is_secret(json::View value) {
  return value.is_object() && value.size() == 1 && !value["$secret"].text().empty();
}

// What is wrong with a value, empty if nothing is.
std::string wrong_with(const Setting& setting, json::View value) {
  const std::string example =
      setting.example.empty() ? std::string() : fmt::format(", such as {}", setting.example);
  switch (setting.type) {
    case SettingType::text:
      return value.is_text() ? "" : "must be text" + example;
    case SettingType::word:
      return (value.is_text() && !value.text().empty()) || value.is_integer()
                 ? ""
                 : "must be a name or a number" + example;
    case SettingType::url:
      return is_url(value.text())
                 ? ""
                 : "must be an address" +
                       (example.empty() ? ", such as https://desk.example.com" : example);
    case SettingType::secret:
      return is_secret(value)
                 ? ""
                 : "must refer to a secret, such as { file = \"/etc/ombud/acme.key\" } "
                   "or { env = \"ACME_KEY\" }";
    case SettingType::number:
      return value.is_integer() && value.integer() >= setting.min && value.integer() <= setting.max
                 ? ""
                 : fmt::format("must be a whole number from {} to {}", setting.min, setting.max);
    case SettingType::boolean:
      return value.is_boolean() ? "" : "must be true or false";
    case SettingType::table:
      if (!value.is_object()) return "must be a table" + example;
      for (std::size_t i = 0; i < value.size(); ++i) {
        const json::View member = value.member_at(i);
        if (!member.is_text() && !member.is_integer()) {
          return "must hold texts or numbers" + example;
        }
      }
      return "";
    case SettingType::choice:
      return std::find(setting.choices.begin(), setting.choices.end(), value.text()) !=
                     setting.choices.end()
                 ? ""
                 : fmt::format("must be {}", joined(setting.choices, "or"));
  }
  return "";
}

void check_map(const std::string& name, const Map& map, json::View given,
               std::vector<Mistake>& mistakes) {
  const std::string pointer = "/" + name;
  if (!given.is_object()) {
    mistakes.push_back({pointer, "must be a table"});
    return;
  }
  std::vector<std::string> keys;
  for (const auto& [key, value] : map.entries) keys.push_back(key);
  for (std::size_t i = 0; i < given.size(); ++i) {
    const std::string key(given.name_at(i));
    const json::View value = given.member_at(i);
    const std::string where = pointer + "/" + key;
    if (map.fixed_keys && !map.entries.contains(to_lower(key))) {
      const auto meant = nearest(key, keys);
      mistakes.push_back(
          {where, meant ? fmt::format("is not known here; did you mean \"{}\"?", *meant)
                        : fmt::format("is not known here; known are {}", joined(keys, "and"))});
    }
    if (!value.is_integer() && (!value.is_text() || value.text().empty())) {
      mistakes.push_back({where, "must be a name or a number of the supplier's"});
    } else if (!map.values.empty() &&
               std::find(map.values.begin(), map.values.end(), value.text()) == map.values.end()) {
      mistakes.push_back({where, fmt::format("must be {}", joined(map.values, "or"))});
    }
  }
}

}  // namespace

std::vector<Mistake> check_settings(const Profile& profile, json::View settings) {
  std::vector<Mistake> mistakes;
  if (!settings.is_object()) return {{"", "must be a table"}};
  std::vector<std::string> known = {"profile"};
  for (const auto& [name, setting] : profile.settings) {
    known.push_back(name);
    const json::View value = settings[name];
    if (value.present()) {
      if (std::string wrong = wrong_with(setting, value); !wrong.empty()) {
        mistakes.push_back({"/" + name, wrong + ": " + setting.description});
      }
    } else if (setting.required) {
      mistakes.push_back(
          {"", fmt::format("lacks {}: {}{}", name, setting.description,
                           setting.example.empty() ? "" : ", such as " + setting.example)});
    }
  }
  for (const auto& [name, map] : profile.maps) {
    known.push_back(name);
    if (settings[name].present()) check_map(name, map, settings[name], mistakes);
  }
  for (std::size_t i = 0; i < settings.size(); ++i) {
    const std::string name(settings.name_at(i));
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const auto meant = nearest(name, known);
    mistakes.push_back(
        {"/" + name, meant ? fmt::format("is not known here; did you mean {}?", *meant)
                           : fmt::format("is not known here; known are {}", joined(known, "and"))});
  }
  return mistakes;
}

Bound bind(std::shared_ptr<const Profile> profile, json::View settings) {
  json::Writer out;
  out.begin_object();
  for (const auto& [name, setting] : profile->settings) {
    const json::View value = settings[name];
    if (setting.type == SettingType::url && value.is_text()) {
      std::string url(value.text());
      while (url.ends_with('/')) url.pop_back();
      out.field(name, url);
    } else if (value.present()) {
      out.field(name, value);
    } else if (!setting.default_json.empty()) {
      out.key(name).raw(setting.default_json);
    }
  }
  out.end_object();
  Bound bound{profile, json::parse(out.take()).value(), profile->maps};
  for (auto& [name, map] : bound.maps) {
    const json::View given = settings[name];
    for (std::size_t i = 0; i < given.size() && given.is_object(); ++i) {
      const json::View value = given.member_at(i);
      map.entries[to_lower(given.name_at(i))] =
          value.is_integer() ? std::to_string(value.integer()) : std::string(value.text());
    }
  }
  return bound;
}

}  // namespace ombud::profile
