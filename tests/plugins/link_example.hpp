// Reads the [settings] of a connector's link.example.toml as the connector would get them.
#pragma once

#include <toml++/toml.h>

#include <sstream>
#include <string>

namespace ombud::bench {

// Every secret becomes a reference with the token "t".
inline std::string settings_of(toml::table link) {
  toml::table& settings = *link["settings"].as_table();
  const auto hide = [](toml::table& in, const char* name) {
    if (in.contains(name)) in.insert_or_assign(name, toml::table{{"$secret", "t"}});
  };
  hide(settings, "secret_key");
  for (const char* server : {"smtp", "imap", "amqp"}) {
    if (toml::table* table = settings[server].as_table()) hide(*table, "password");
  }
  std::ostringstream json;
  json << toml::json_formatter{settings};
  return json.str();
}

inline std::string settings_of_example(const std::string& file) {
  return settings_of(toml::parse_file(file));
}
inline std::string settings_of_toml(const std::string& text) {
  return settings_of(toml::parse(text));
}

}  // namespace ombud::bench
