#include "redmine/settings.hpp"

#include <charconv>
#include <stdexcept>

#include "base/json.hpp"
#include "redmine/text.hpp"

namespace ombud::redmine {
namespace {

[[noreturn]] void refuse(const std::string& why) {
  throw std::invalid_argument(why);
}

// A name, or a number as text.
std::string word(json::View value, const std::string& where) {
  if (value.is_integer()) return std::to_string(value.integer());
  if (value.is_text() && !value.text().empty()) return std::string(value.text());
  refuse("settings." + where + " must be a name or a number of Redmine's.");
}

std::optional<std::int64_t> number(const json::Document& config, const char* name,
                                   std::int64_t least, std::int64_t most) {
  const json::View value = config[name];
  if (!value.present()) return std::nullopt;
  if (!value.is_integer() || value.integer() < least || value.integer() > most) {
    refuse(std::string("settings.") + name + " must be a whole number from " +
           std::to_string(least) + " to " + std::to_string(most) + ".");
  }
  return value.integer();
}

std::string url_of(const json::Document& config) {
  std::string url(config["url"].text());
  while (!url.empty() && url.back() == '/') url.pop_back();
  const bool web = url.starts_with("https://") || url.starts_with("http://");
  if (!web || url.find_first_of("?# \t\r\n") != std::string::npos || url.ends_with(":")) {
    refuse(
        "settings.url must be the address of Redmine's start page, such as "
        "\"https://redmine.example.com\".");
  }
  return url;
}

void read_map(const json::Document& config, const char* name,
              std::map<std::string, std::string, std::less<>>& into) {
  const json::View table = config[name];
  if (!table.present()) return;
  if (!table.is_object()) refuse(std::string("settings.") + name + " must be a table.");
  for (std::size_t i = 0; i < table.size(); ++i) {
    const std::string key(table.name_at(i));
    if (!into.contains(key)) {
      refuse(std::string("settings.") + name + " has no \"" + key + "\".");
    }
    into[key] = word(table.member_at(i), std::string(name) + "." + key);
  }
}

void read_status_from(const json::Document& config, Settings& settings) {
  const json::View table = config["status_from"];
  if (!table.present()) return;
  if (!table.is_object()) refuse("settings.status_from must be a table.");
  for (std::size_t i = 0; i < table.size(); ++i) {
    const std::string canonical(table.member_at(i).text());
    if (canonical == "withdrawn" || !settings.status_to.contains(canonical)) {
      refuse("settings.status_from." + std::string(table.name_at(i)) +
             " must be new, in_progress, waiting, resolved or closed.");
    }
    settings.status_from[to_lower(table.name_at(i))] = canonical;
  }
}

void read_custom_fields(const json::Document& config, Settings& settings) {
  const json::View table = config["custom_fields"];
  if (!table.present()) return;
  if (!table.is_object()) refuse("settings.custom_fields must be a table.");
  for (std::size_t i = 0; i < table.size(); ++i) {
    const std::string_view name = table.name_at(i);
    std::int64_t id = 0;
    const auto read = std::from_chars(name.data(), name.data() + name.size(), id);
    if (read.ec != std::errc() || read.ptr != name.data() + name.size() || id < 1 ||
        !table.member_at(i).is_text()) {
      refuse("settings.custom_fields must hold the number of a custom field = its text.");
    }
    settings.custom_fields.emplace_back(id, table.member_at(i).text());
  }
}

}  // namespace

Settings read_settings(std::string_view config_json) {
  const auto parsed = json::parse(config_json);
  if (!parsed) refuse("The settings could not be read: " + parsed.error().detail);
  const json::Document& config = *parsed;
  if (!config.root().is_object()) refuse("The settings must be a table.");

  Settings settings;
  settings.url = url_of(config);
  settings.api_key_token = config["api_key"]["$secret"].text();
  if (settings.api_key_token.empty()) {
    refuse("settings.api_key must name a secret, such as { file = \"/etc/ombud/redmine.key\" }.");
  }
  settings.project = config["project"].present() ? word(config["project"], "project") : "";
  if (settings.project.empty()) {
    refuse("settings.project must be the identifier or the number of a Redmine project.");
  }
  settings.tracker_id = number(config, "tracker_id", 1, INT32_MAX);
  settings.correlation_field = number(config, "correlation_field", 1, INT32_MAX);
  settings.status_to = {{"new", "New"},          {"in_progress", "In Progress"},
                        {"waiting", "Feedback"}, {"resolved", "Resolved"},
                        {"closed", "Closed"},    {"withdrawn", "Closed"}};
  settings.status_from = {{"new", "new"},          {"in progress", "in_progress"},
                          {"feedback", "waiting"}, {"resolved", "resolved"},
                          {"closed", "closed"},    {"rejected", "closed"}};
  settings.priority_to = {
      {"low", "Low"}, {"normal", "Normal"}, {"high", "High"}, {"urgent", "Urgent"}};
  read_map(config, "status_to", settings.status_to);
  read_map(config, "priority_to", settings.priority_to);
  read_status_from(config, settings);
  read_custom_fields(config, settings);
  if (config["private_notes"].present() && !config["private_notes"].is_boolean()) {
    refuse("settings.private_notes must be true or false.");
  }
  settings.private_notes = config["private_notes"].boolean(true);
  settings.attachment_bytes_max =
      number(config, "attachment_max_bytes", 1, 1'073'741'824).value_or(kAttachmentBytesMax);
  settings.poll_overlap_seconds =
      number(config, "poll_overlap_seconds", 2, 3'600).value_or(kPollOverlapSeconds);
  return settings;
}

}  // namespace ombud::redmine
