#include "cli/offers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <tuple>

#include "cli/terminal.hpp"

namespace ombud::cli {
namespace {

namespace fs = std::filesystem;

constexpr int kCommentWidth = 100;
constexpr int kSchemaDepthMax = 4;

bool has(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// The lines of comment that a profile begins with, without their "#".
std::string head_of(const fs::path& file) {
  std::ifstream in(file);
  std::string head;
  for (std::string line; std::getline(in, line) && line.starts_with('#');) {
    head += line.substr(std::min<std::size_t>(line.starts_with("# ") ? 2 : 1, line.size())) + "\n";
  }
  return head;
}

// The part of the head that tells what the supplier does: from the first line that ends with ':' to
// the next empty one.
std::string preparation_in(const std::string& head) {
  const auto start = head.find("\n\n");
  if (start == std::string::npos) return {};
  const auto end = head.find("\n\n", start + 2);
  return head.substr(start + 2, end == std::string::npos ? std::string::npos : end - start - 1);
}

std::string toml_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) >= 0x20) out += c;
  }
  return out + "\"";
}

// A first letter is large: comments are sentences, descriptions are not always.
std::string sentence(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') {
    text[0] = static_cast<char>(text[0] - 'a' + 'A');
  }
  return text;
}

std::string fill_in(std::string_view what, std::string_view example) {
  if (what.find("such as") != std::string_view::npos) example = {};
  return toml_text(fmt::format("{}{}{}>", kFillIn, what,
                               example.empty() ? "" : fmt::format(", such as {}", example)));
}

bool is_bare(std::string_view key) {
  return !key.empty() && key.find_first_not_of(
                             "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
                             std::string_view::npos;
}

std::string key_text(std::string_view key) {
  return is_bare(key) ? std::string(key) : toml_text(key);
}

std::string comment(std::string text) {
  return wrap(sentence(std::move(text)), kCommentWidth, "# ");
}

std::string secret(const std::string& link, std::string name) {
  std::string variable = link + "_" + name;
  std::replace(name.begin(), name.end(), '_', '-');
  std::transform(variable.begin(), variable.end(), variable.begin(), [](char c) {
    const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return !word ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return fmt::format("{{ file = \"secrets/{}-{}\" }}   # or {{ env = \"{}\" }}", link, name,
                     variable);
}

// ---- settings of a profile ----

std::string shown_default(const profile::Setting& setting) {
  if (!setting.default_json.empty() && setting.type != profile::SettingType::table) {
    return setting.default_json;
  }
  using profile::SettingType;
  switch (setting.type) {
    case SettingType::number:
      return setting.example.empty() ? std::to_string(setting.min) : setting.example;
    case SettingType::boolean:
      return "true";
    case SettingType::table:
      return "{}";
    case SettingType::choice:
      return toml_text(setting.choices.empty() ? "" : setting.choices.front());
    case SettingType::text:
    case SettingType::word:
    case SettingType::url:
    case SettingType::secret:
      break;
  }
  return toml_text(setting.example.empty() ? "…" : setting.example);
}

std::string range_of(const profile::Setting& setting) {
  if (setting.type == profile::SettingType::choice) {
    std::string all;
    for (const std::string& choice : setting.choices) all += (all.empty() ? "" : ", ") + choice;
    return "one of " + all;
  }
  if (setting.type == profile::SettingType::number && setting.max < INT64_MAX) {
    return fmt::format("{} to {}", setting.min, setting.max);
  }
  return {};
}

std::string setting_text(const std::string& link, const std::string& name,
                         const profile::Setting& setting) {
  std::string about = setting.description;
  if (const std::string range = range_of(setting); !range.empty()) about += " (" + range + ")";
  if (!setting.required) {
    about += setting.default_json.empty() ? ". May be left out"
                                          : ". If left out: " + setting.default_json;
  }
  std::string text = comment(about);
  if (setting.type == profile::SettingType::secret) {
    text += fmt::format("{}{} = {}\n", setting.required ? "" : "# ", key_text(name),
                        secret(link, name));
  } else if (setting.required) {
    text += fmt::format("{} = {}\n", key_text(name), fill_in(setting.description, setting.example));
  } else {
    text += fmt::format("# {} = {}\n", key_text(name), shown_default(setting));
  }
  return text;
}

std::string maps_text(const profile::Profile& rules) {
  std::string text;
  for (const auto& [name, map] : rules.maps) {
    const bool ours = name.ends_with("_to");
    text +=
        fmt::format("\n{}# [settings.{}]\n",
                    comment(ours ? "Our word = the supplier's. Only what differs need stand here"
                                 : "The supplier's word = ours. Only what differs need stand "
                                   "here"),
                    name);
    for (const auto& [key, value] : map.entries) {
      text += fmt::format("# {} = {}\n", key_text(key), toml_text(value));
    }
  }
  return text;
}

std::string profile_settings(const Offer& offer, const std::string& link) {
  std::string must, may;
  for (const auto& [name, setting] : offer.rules->settings) {
    (setting.required ? must : may) += "\n" + setting_text(link, name, setting);
  }
  return fmt::format("[settings]\nprofile = {}\n{}{}{}", toml_text(offer.profile), must, may,
                     maps_text(*offer.rules));
}

// ---- settings of a connector by its schema ----

struct SchemaText {
  const std::string& link;
  std::string out;

  // Asked for, or not but seldom done without ("x-usual").
  static bool is_required(json::View schema, std::string_view name) {
    if (schema["properties"][name]["x-usual"].boolean()) return true;
    const json::View required = schema["required"];
    for (std::size_t i = 0; i < required.size(); ++i) {
      if (required.at(i).text() == name) return true;
    }
    return false;
  }

  static std::string sample(json::View property) {
    if (property["default"].present()) return property["default"].dump();
    if (property["examples"].size() > 0) return property["examples"].at(0).dump();
    if (property["enum"].size() > 0) return property["enum"].at(0).dump();
    const std::string_view type = property["type"].text();
    if (type == "integer" || type == "number")
      return property["minimum"].present() ? property["minimum"].dump() : "1";
    if (type == "boolean") return "true";
    if (type == "array") return "[]";
    if (type == "object") return "{}";
    return "\"…\"";
  }

  static std::string about(json::View property, bool required) {
    std::string text(property["description"].text());
    std::string range;
    for (std::size_t i = 0; i < property["enum"].size(); ++i) {
      range += (i == 0 ? "one of " : ", ") + std::string(property["enum"].at(i).text());
    }
    if (property["minimum"].present() && property["maximum"].present()) {
      range = fmt::format("{} to {}", property["minimum"].dump(), property["maximum"].dump());
    }
    if (!range.empty()) text += (text.empty() ? "" : " ") + ("(" + range + ")");
    if (required) return text;
    return text + (text.empty() ? "" : ". ") +
           (property["default"].present() ? "If left out: " + property["default"].dump()
                                          : "May be left out");
  }

  void members(json::View schema, const std::string& path, bool off, int depth) {
    const json::View properties = schema["properties"];
    const std::string mark = off ? "# " : "";
    std::vector<std::string> tables;
    for (const bool required : {true, false}) {
      for (std::size_t i = 0; i < properties.size(); ++i) {
        const std::string name(properties.name_at(i));
        const json::View property = properties.member_at(i);
        if (is_required(schema, name) != required) continue;
        if (property["properties"].is_object()) {
          tables.push_back(name);
          continue;
        }
        const std::string words = about(property, required);
        if (!words.empty()) out += "\n" + comment(words);
        std::string last =
            path.substr(path.rfind('.') == std::string::npos ? path.size() : path.rfind('.') + 1);
        if (property["x-secret"].boolean()) {
          out += fmt::format("{}{} = {}\n", required ? mark : "# ", key_text(name),
                             secret(link, last.empty() ? name : last + "-" + name));
        } else if (!required || off) {
          out += fmt::format("# {} = {}\n", key_text(name), sample(property));
        } else {
          const std::string filled =
              fill_in(property["description"].text("what the connector asks for"),
                      property["examples"].at(0).text());
          out += fmt::format("{} = {}\n", key_text(name),
                             property["type"].text() == "array" ? "[" + filled + "]" : filled);
        }
      }
    }
    for (const std::string& name : tables) {
      const json::View table = properties[name];
      const bool without = off || !is_required(schema, name);
      out += "\n" + comment(about(table, !without));
      out += fmt::format("{}[{}.{}]\n", without ? "# " : "", path, name);
      if (depth < kSchemaDepthMax) members(table, path + "." + name, without, depth + 1);
    }
  }
};

std::string schema_settings(const Offer& offer, const std::string& link) {
  SchemaText text{link, "[settings]\n"};
  text.members(offer.schema.root(), "settings", false, 0);
  return text.out;
}

// ---- the file ----

std::string promise_words(char promise) {
  switch (promise) {
    case 'A':
      return "class A: the supplier takes an idempotency key. Never twice, never lost, in order";
    case 'C':
      return "class C: the supplier can neither take a key nor be searched. Never lost, in order, "
             "never silently twice: what is unknown is shown to a person";
    default:
      return "class B: the supplier can be searched by our reference. Never twice, never lost, in "
             "order";
  }
}

std::string kind_text(const Offer& offer) {
  if (has(offer.capabilities, "subscribers")) return "kind = \"subscribers\"\n";
  if (!has(offer.capabilities, "notices")) return {};
  return "# kind = \"supplier\"         # \"notices\": the desk's own mail to users\n";
}

Offer of_connector(const std::string& name, const Connector& connector) {
  Offer offer;
  offer.name = offer.connector = name;
  offer.version = connector.version;
  offer.capabilities = connector.capabilities;
  offer.promise = promise_of(connector.capabilities);
  if (auto schema = json::parse(connector.schema.root().dump())) offer.schema = std::move(*schema);
  const json::View said = offer.schema["x-tested"];
  offer.title = offer.schema["title"].text(connector.id);
  offer.against = said["against"].text();
  offer.with = said["with"].text();
  offer.on = said["on"].text();
  return offer;
}

Result<Offer> of_profile(const std::string& connector_name, const Connector& connector,
                         const fs::path& file) {
  toml::Mistakes mistakes;
  const auto text = profile::read_file(file, mistakes);
  if (!text) return mistakes.problem();
  const auto parsed = json::parse(text->text);
  if (!parsed) return parsed.error();
  std::vector<profile::Mistake> wrong;
  auto rules = profile::compile(parsed->root(), wrong);
  for (const profile::Mistake& mistake : wrong) {
    std::string place = mistake.pointer.empty() ? "the profile" : mistake.pointer.substr(1);
    std::replace(place.begin(), place.end(), '/', '.');
    mistakes.add(file.string(), profile::line_of(*text, mistake.pointer),
                 fmt::format("{} {}", place, mistake.detail));
  }
  if (!mistakes.empty()) return mistakes.problem();
  Offer offer = of_connector(connector_name, connector);
  offer.name = offer.profile = file.stem().string();
  offer.title = rules->title;
  offer.version = rules->version;
  offer.promise = promise_of(rules->capabilities);
  offer.against = rules->tested_against;
  offer.with = rules->tested_with;
  offer.on = rules->tested_on;
  offer.preparation = preparation_in(head_of(file));
  offer.rules = std::move(rules);
  return offer;
}

Offer broken(const std::string& name, const std::string& connector, const Problem& problem) {
  Offer offer;
  offer.name = name;
  offer.connector = connector;
  offer.wrong = problem.fields.empty()
                    ? problem.detail
                    : problem.fields.front().pointer + ": " + problem.fields.front().detail;
  return offer;
}

}  // namespace

char promise_of(const std::vector<std::string>& capabilities) {
  return has(capabilities, "idempotent-create") ? 'A' : has(capabilities, "no-lookup") ? 'C' : 'B';
}

std::string Offer::tested_text() const {
  if (against == "real") return "against the real " + with;
  if (against == "documentation") return "against documentation only: " + with;
  return "not said";
}

std::vector<Offer> offers(const fs::path& connectors_dir) {
  std::vector<Offer> all;
  for (const std::string& name : connector_names(connectors_dir)) {
    const auto connector = inspect_connector(connectors_dir / name);
    if (!connector) {
      all.push_back(broken(name, name, connector.error()));
      continue;
    }
    if (!connector->has("profiles")) {
      all.push_back(of_connector(name, *connector));
      continue;
    }
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(connector->dir / "profiles", error)) {
      if (entry.path().extension() != ".toml") continue;
      auto offer = of_profile(name, *connector, entry.path());
      all.push_back(offer ? std::move(*offer)
                          : broken(entry.path().stem().string(), name, offer.error()));
    }
  }
  // What cannot be used comes last; of two with one name the profile is meant.
  const auto order = [](const Offer& offer) {
    return std::tuple(!offer.wrong.empty(), offer.name, offer.profile.empty());
  };
  std::sort(all.begin(), all.end(),
            [&](const Offer& a, const Offer& b) { return order(a) < order(b); });
  return all;
}

Result<Offer> offer_of_file(const fs::path& connectors_dir, const fs::path& file,
                            const std::string& as) {
  for (const std::string& name : connector_names(connectors_dir)) {
    const auto connector = inspect_connector(connectors_dir / name);
    if (!connector || !connector->has("profiles")) continue;
    auto offer = of_profile(name, *connector, file);
    if (offer) offer->profile = as;
    return offer;
  }
  return problem(ProblemKind::not_found,
                 fmt::format("No connector in {} runs profiles.", connectors_dir.string()));
}

std::string link_file_text(const Offer& offer, const std::string& link) {
  const bool supplier = !has(offer.capabilities, "subscribers");
  const std::string tested =
      offer.against.empty()
          ? "It does not say what it was tested against"
          : "Tested " + offer.tested_text() + (offer.on.empty() ? "" : ", on " + offer.on);
  std::string text =
      comment(fmt::format("{}: {}. {}.", offer.title, promise_words(offer.promise), tested));
  if (!offer.preparation.empty()) {
    text += "#\n";
    std::string_view left = offer.preparation;
    while (!left.empty()) {
      const auto end = std::min(left.find('\n'), left.size());
      text += fmt::format("# {}\n", left.substr(0, end));
      left.remove_prefix(std::min(end + 1, left.size()));
    }
  }
  text += fmt::format(
      "#\n"
      "# Next, one after the other:\n"
      "#   ombud check                    tells every place that is to be filled in, by line\n"
      "#   ombud supplier test {0}\n"
      "#                                  address, certificate, credentials, rights; creates "
      "nothing\n"
      "#   ombud supplier enable {0}\n"
      "{1}"
      "# A secret is a file beside this one that only the hub's user can read, or a variable of "
      "the\n"
      "# environment. Where a line is commented out, what it says is the default or an "
      "example.\n\n",
      link,
      supplier ? fmt::format("#   ombud agreement add --help     who may hand tickets to it, and "
                             "what of them it sees: --link {}\n#\n",
                             link)
               : "#\n");
  text += comment(supplier ? "Its name, as agents and users see it" : "Its name, as agents see it");
  text +=
      fmt::format("supplier = {}\n", fill_in("the supplier's name, as people know it", "Acme IT"));
  text += fmt::format("connector = {}\n", toml_text(offer.connector));
  text += kind_text(offer);
  text += "enabled = false             # turned on by: ombud supplier enable\n";
  if (supplier)
    text += "# poll_every = \"1m\"         # how often the supplier is asked for changes\n";
  if (has(offer.capabilities, "parallel")) {
    text += "# parallel = 4              # tickets sent at once, 1 to 32\n";
  }
  text += "\n" + (offer.rules ? profile_settings(offer, link) : schema_settings(offer, link));
  if (has(offer.capabilities, "mail-replies")) {
    text += "\n" +
            comment(
                "Answers that come to the desk's own address: the senders that are this "
                "supplier") +
            "# [mail]\n# addresses = [\"servicedesk@acme-it.example\"]\n";
  }
  text +=
      "\n" + comment("What this link may use. If left out, as in ombud.toml, [delivery]") +
      "# [limits]\n"
      "# rate_per_second = 5         # requests of deliveries; 0: as fast as it answers\n"
      "# soft_deadline = \"30s\"       # of one operation\n"
      "# settle = \"10s\"              # how long a request that was cut off may still take effect "
      "there\n"
      "# memory = \"512MiB\"           # of the connector's process\n";
  return text;
}

}  // namespace ombud::cli
