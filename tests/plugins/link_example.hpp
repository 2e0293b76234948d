// Reads the [settings] of a connector's link.example.toml as the connector would get them.
#pragma once

#include <toml++/toml.h>

#include <sstream>
#include <string>

namespace ombud::bench {

// Every secret becomes a reference with the token "t".
inline std::string settings_of_example(const std::string& file) {
  toml::table link = toml::parse_file(file);
  toml::table& settings = *link["settings"].as_table();
  const auto hide = [](toml::table& in, const char* name) {
    if (in.contains(name)) in.insert_or_assign(name, toml::table{{"$secret", "t"}});
  };
  hide(settings, "secret_key");
  for (const char* server : {"smtp", "imap"}) {
    if (toml::table* table = settings[server].as_table()) hide(*table, "password");
  }
  std::ostringstream json;
  json << toml::json_formatter{settings};
  return json.str();
}

}  // namespace ombud::bench
