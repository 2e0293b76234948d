#include "cli/link_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <fstream>
#include <set>

#include "base/json_schema.hpp"
#include "base/nearest.hpp"
#include "cli/connectors.hpp"
#include "cli/mail_addresses.hpp"
#include "cli/offers.hpp"
#include "domain/ids.hpp"
#include "profile/profile.hpp"

namespace ombud::cli {
namespace {

namespace fs = std::filesystem;

constexpr Millis kSecond{1'000};
constexpr Millis kMinute{60'000};
constexpr Millis kHour{3'600'000};
constexpr std::int64_t kMiB = 1LL << 20U;
constexpr std::int64_t kGiB = 1LL << 30U;
constexpr int kFillInLinesMax = 10'000;  // of one file

void collect_origins(json::View value, std::set<std::string>& origins) {
  for (std::size_t i = 0; i < value.size(); ++i) {
    collect_origins(value.is_object() ? value.member_at(i) : value.at(i), origins);
  }
  const std::string text = lower(std::string(value.text()));
  for (const std::string_view scheme : {"https", "http"}) {
    if (!text.starts_with(fmt::format("{}://", scheme))) continue;
    std::string_view rest = std::string_view(text).substr(scheme.size() + 3);
    rest = rest.substr(0, rest.find_first_of("/?#"));
    rest = rest.substr(rest.rfind('@') == std::string_view::npos ? 0 : rest.rfind('@') + 1);
    if (rest.empty()) continue;
    const auto bracket = rest.rfind(']');
    const bool ported =
        rest.find(':', bracket == std::string_view::npos ? 0 : bracket) != std::string_view::npos;
    origins.insert(fmt::format("{}://{}{}", scheme, rest,
                               ported              ? ""
                               : scheme == "https" ? ":443"
                                                   : ":80"));
  }
}

// Connectors that links name, each looked at once.
class Connectors {
 public:
  explicit Connectors(fs::path dir) : dir_(std::move(dir)) {}

  const Result<Connector>& get(const std::string& name) {
    const auto known = seen_.find(name);
    if (known != seen_.end()) return known->second;
    return seen_.emplace(name, look(name)).first->second;
  }

 private:
  Result<Connector> look(const std::string& name) const {
    std::error_code error;
    if (fs::is_directory(dir_ / name, error)) return inspect_connector(dir_ / name);
    const auto names = connector_names(dir_);
    const auto meant = nearest(name, names);
    return problem(
        ProblemKind::invalid,
        fmt::format("there is no folder {}; {}", (dir_ / name).string(),
                    meant           ? fmt::format("did you mean \"{}\"?", *meant)
                    : names.empty() ? "no connector is installed there: check "
                                      "[suppliers] connectors in ombud.toml"
                                    : fmt::format("installed are {}", joined(names, "and"))));
  }

  fs::path dir_;
  std::map<std::string, Result<Connector>> seen_;
};

// The line of the place itself, or of the nearest table around it.
int line_of(const toml::Json& settings, std::string pointer) {
  for (;;) {
    const auto found = settings.lines.find(pointer);
    if (found != settings.lines.end()) return found->second;
    if (pointer.empty()) return 0;
    pointer.resize(pointer.rfind('/'));
  }
}

std::string dotted(std::string_view pointer) {
  std::string path = "settings";
  for (const char c : pointer) path += c == '/' ? '.' : c;
  return path;
}

void check_link_settings(toml::Reader& in, const toml::Json& settings, const Connector& connector) {
  const auto parsed = json::parse(settings.text);
  if (!parsed) {
    in.refuse_at(in.line("settings"),
                 "settings cannot be written as JSON: " + parsed.error().detail);
    return;
  }
  for (const auto& mistake : json::check_schema(connector.schema.root(), parsed->root())) {
    in.refuse_at(line_of(settings, mistake.pointer),
                 fmt::format("{} {}", dotted(mistake.pointer), mistake.detail));
  }
}

// The file that settings.profile means: a name beside the connector, or a path from the link's
// file.
fs::path profile_file(const std::string& named, const fs::path& link_file,
                      const Connector& connector) {
  const bool is_path = named.find('/') != std::string::npos || named.ends_with(".toml");
  if (!is_path) return connector.dir / "profiles" / (named + ".toml");
  return (link_file.parent_path() / named).lexically_normal();
}

std::vector<std::string> profile_names(const Connector& connector) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(connector.dir / "profiles", error)) {
    if (entry.path().extension() == ".toml") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// Reads and checks the profile that the settings name, and the settings by it; then the connector
// gets the profile itself in place of its name.
void take_profile(toml::Reader& in, const toml::Json& settings, const Connector& connector,
                  toml::Mistakes& mistakes, LinkSettings& link) {
  const auto given = json::parse(settings.text);
  if (!given || !(*given)["profile"].is_text()) return;  // told by the schema
  link.profile = (*given)["profile"].text();
  const fs::path file = profile_file(link.profile, link.file, connector);
  std::error_code error;
  if (!fs::is_regular_file(file, error)) {
    const auto names = profile_names(connector);
    const auto meant = nearest(link.profile, names);
    in.refuse_at(line_of(settings, "/profile"),
                 fmt::format("settings.profile is \"{}\", and there is no file {}; {}",
                             link.profile, file.string(),
                             meant ? fmt::format("did you mean \"{}\"?", *meant)
                                   : fmt::format("write one of {}, or the path of your own file, "
                                                 "such as \"./acme.profile.toml\"",
                                                 joined(names, "and"))));
    return;
  }
  const auto text = profile::read_file(file, mistakes);
  const auto parsed = text ? json::parse(text->text) : Result<json::Document>(json::Document());
  if (!text || !parsed) return;
  std::vector<profile::Mistake> wrong;
  const auto compiled = profile::compile(parsed->root(), wrong);
  for (const profile::Mistake& mistake : wrong) {
    std::string place = mistake.pointer.empty() ? "the profile" : mistake.pointer.substr(1);
    std::replace(place.begin(), place.end(), '/', '.');
    mistakes.add(file.string(), line_of(*text, mistake.pointer),
                 fmt::format("{} {}", place, mistake.detail));
  }
  if (!wrong.empty()) return;
  wrong = profile::check_settings(*compiled, given->root());
  for (const profile::Mistake& mistake : wrong) {
    in.refuse_at(line_of(settings, mistake.pointer),
                 fmt::format("{} {}", dotted(mistake.pointer), mistake.detail));
  }
  if (!wrong.empty()) return;
  json::Writer tested;
  tested.begin_object().field("against", compiled->tested_against);
  tested.field("with", compiled->tested_with).field("on", compiled->tested_on);
  link.tested = tested.end_object().take();
  if (link.reconcile_every.count() > 0 && !compiled->snapshot.present) {
    in.refuse("reconcile",
              fmt::format("asks for what the profile {} cannot do: it has no [snapshot], so "
                          "nobody can see what the supplier has; leave the line out",
                          link.profile));
  }
  link.origins = origins_in(profile::bind(compiled, given->root()).settings.root().dump());
  json::Writer out;
  out.begin_object();
  for (std::size_t i = 0; i < given->root().size(); ++i) {
    const std::string_view name = given->root().name_at(i);
    out.key(name).value(name == "profile" ? parsed->root() : given->root().member_at(i));
  }
  link.settings_json = out.end_object().take();
}

// A connector whose work a profile of another one does now. An old link's file still names it.
struct Moved {
  std::string_view connector;
  std::string_view to;
  std::string_view profile;
};
constexpr Moved kMoved[] = {{"redmine", "rest", "redmine"}};

// Why the connector of that name cannot be used, and what to write instead.
std::string no_connector(const std::string& name, const std::string& why) {
  for (const Moved& moved : kMoved) {
    if (name != moved.connector) continue;
    return fmt::format(
        "is \"{}\", which is a profile now: write connector = \"{}\", and in [settings] the line "
        "profile = \"{}\"; all other lines stay as they are",
        name, moved.to, moved.profile);
  }
  return fmt::format("is \"{}\": {}", name, why);
}

// How often the hub compares by itself what it believes with what the supplier has.
Millis read_reconcile(toml::Reader& in) {
  if (!in.has("reconcile")) return Millis{0};
  const std::string word = in.text("reconcile", "off", {.example = "daily"});
  if (word == "off") return Millis{0};
  if (word == "daily") return 24 * kHour;
  if (word == "weekly") return 7 * 24 * kHour;
  const auto every = duration_from(word);
  if (every && *every >= kHour && *every <= 31 * 24 * kHour) return *every;
  in.refuse("reconcile", fmt::format("is \"{}\"; write off, daily, weekly, or a time from 1h to "
                                     "31d, such as \"12h\"",
                                     word));
  return Millis{0};
}

void read_link_as_it_is(const fs::path& path, const DeliverySettings& defaults,
                        const LoadOptions& options, Connectors& connectors,
                        toml::Mistakes& mistakes, Settings& settings) {
  LinkSettings link;
  link.file = path.string();
  link.id = path.stem().string();
  if (!is_key(link.id)) {
    mistakes.add(link.file, 0,
                 fmt::format("\"{}\" cannot be the name of a link; rename the file: a-z, "
                             "0-9, '-', '_' and '.', such as acme.toml",
                             link.id));
  }
  const auto file = toml::File::load(path, mistakes);
  if (!file) return;
  toml::Reader in = file->root();
  link.supplier = in.text("supplier", "", {.required = true, .example = "Acme Ltd"});
  link.connector = in.text("connector", "", {.required = true, .example = "email"});
  const std::string kind = in.choice("kind", "supplier", {"supplier", "notices", "subscribers"});
  link.kind = kind == "notices"       ? LinkKind::notices
              : kind == "subscribers" ? LinkKind::subscribers
                                      : LinkKind::supplier;
  link.enabled = in.boolean("enabled", true);
  link.reconcile_every = read_reconcile(in);
  if (in.has("reconcile") && link.kind != LinkKind::supplier) {
    in.refuse("reconcile", "is for suppliers: leave it out of a link of another kind");
  }
  const std::string notices = in.choice("notices", "ask", {"ask", "publish", "ignore"});
  link.notices = from_text<NoticePolicy>(notices).value_or(NoticePolicy::ask);
  link.poll_every = in.duration("poll_every", defaults.poll_every, kSecond, 24 * kHour);
  constexpr std::int64_t kUnsaid = 0;
  const std::int64_t parallel =
      in.has("parallel") ? in.integer("parallel", 1, 1, kParallelMax) : kUnsaid;

  const toml::Json json = in.json("settings", options.environment);
  link.settings_json = json.text;
  link.secrets = json.secrets;
  link.origins = origins_in(json.text);

  toml::Reader limits = in.table("limits");
  link.limits = read_limits(limits, defaults.limits);
  limits.finish();
  toml::Reader mail = in.table("mail");
  link.mail_addresses = mail_addresses(mail, "addresses");
  mail.finish();

  if (link.connector.find('/') != std::string::npos || link.connector.starts_with('.')) {
    in.refuse("connector", fmt::format("is \"{}\"; write the name of a folder in {}",
                                       link.connector, settings.connectors_dir.string()));
  } else if (!link.connector.empty()) {
    link.connector_dir = settings.connectors_dir / link.connector;
    const auto& connector = connectors.get(link.connector);
    if (!connector) {
      in.refuse("connector", no_connector(link.connector, connector.error().detail));
    } else {
      check_link_settings(in, json, *connector);
      const bool can = connector->has("parallel");
      link.parallel = static_cast<int>(parallel != kUnsaid ? parallel : can ? kParallelDefault : 1);
      if (link.parallel > 1 && !can) {
        in.refuse("parallel",
                  fmt::format("is {}, and the connector {} can do one thing at a time only; "
                              "leave the line out",
                              link.parallel, link.connector));
      }
      if (connector->schema["x-tested"].is_object())
        link.tested = connector->schema["x-tested"].dump();
      if (connector->has("profiles")) take_profile(in, json, *connector, mistakes, link);
      if (link.kind == LinkKind::notices && !connector->has("notices")) {
        in.refuse("kind",
                  fmt::format("is \"notices\", and the connector {} cannot carry mail to users; "
                              "use one that can, such as email",
                              link.connector));
      }
      if ((link.kind == LinkKind::subscribers) != connector->has("subscribers")) {
        in.refuse("kind", fmt::format("is \"{}\"; the kind \"subscribers\" and a connector that "
                                      "tells subscribers, such as subscriber, belong together",
                                      kind));
      }
    }
  }
  in.finish();
  settings.links.push_back(std::move(link));
}

// The lines of a file that `supplier new` made where nothing has been written yet, and what to
// write there.
std::map<int, std::string> unfilled_lines(const fs::path& path) {
  std::map<int, std::string> all;
  std::ifstream in(path, std::ios::binary);
  std::string text;
  for (int line = 1; std::getline(in, text) && line <= kFillInLinesMax; ++line) {
    const auto first = text.find_first_not_of(" \t");
    const auto mark = text.find(fmt::format("\"{}", kFillIn));
    if (first == std::string::npos || text[first] == '#' || mark == std::string::npos) continue;
    const auto from = mark + 1 + kFillIn.size();
    const std::string what = text.substr(from, text.rfind('>') - from);
    const std::string name = text.substr(first, text.find_first_of(" =", first) - first);
    all.emplace(line, fmt::format("{} is not filled in yet: {}", name, what));
  }
  return all;
}

// What is not filled in yet is told as that, and as nothing else.
void read_link(const fs::path& path, const DeliverySettings& defaults, const LoadOptions& options,
               Connectors& connectors, toml::Mistakes& mistakes, Settings& settings) {
  const std::map<int, std::string> unfilled = unfilled_lines(path);
  toml::Mistakes others;
  const std::size_t before = settings.links.size();
  read_link_as_it_is(path, defaults, options, connectors, others, settings);
  const bool off = settings.links.size() > before && !settings.links.back().enabled;
  if (options.leave_out_unfinished && off && (!unfilled.empty() || !others.empty())) {
    settings.links.pop_back();
    settings.left_out.push_back(path.string());
    return;
  }
  for (const auto& [line, what] : unfilled) mistakes.add(path.string(), line, what);
  for (const toml::Mistake& mistake : others.sorted()) {
    const bool told = mistake.file == path.string() && unfilled.contains(mistake.line);
    if (!told) mistakes.add(mistake.file, mistake.line, mistake.detail);
  }
}

}  // namespace

LinkLimits read_limits(toml::Reader& in, LinkLimits limits) {
  limits.rate_per_second = in.number("rate_per_second", limits.rate_per_second, 0, 10'000);
  limits.soft_deadline = in.duration("soft_deadline", limits.soft_deadline, kSecond, 10 * kMinute);
  limits.settle = in.duration("settle", limits.settle, Millis{100}, 60 * kMinute);
  limits.memory_bytes_max = in.bytes("memory", limits.memory_bytes_max, 32 * kMiB, 64 * kGiB);
  return limits;
}

std::string_view to_text(LinkKind kind) {
  switch (kind) {
    case LinkKind::supplier:
      return "supplier";
    case LinkKind::notices:
      return "notices";
    case LinkKind::subscribers:
      return "subscribers";
  }
  return "supplier";
}

std::vector<std::string> origins_in(std::string_view json) {
  std::set<std::string> origins;
  if (const auto parsed = json::parse(json)) collect_origins(parsed->root(), origins);
  return {origins.begin(), origins.end()};
}

void read_link_file(const fs::path& path, const LoadOptions& options, toml::Mistakes& mistakes,
                    Settings& settings) {
  Connectors connectors(settings.connectors_dir);
  read_link(path, settings.delivery, options, connectors, mistakes, settings);
}

void read_links(const LoadOptions& options, toml::Mistakes& mistakes, Settings& settings) {
  std::vector<fs::path> files;
  std::error_code error;
  // Relative to where ombud.toml was named, so that messages show the path that people know.
  const fs::path folder = settings.suppliers_dir.lexically_proximate(fs::current_path());
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".toml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  if (files.size() > kLinksMax) {
    mistakes.add(
        folder.string(), 0,
        fmt::format("holds {} links; at most {} are run by one hub", files.size(), kLinksMax));
    return;
  }
  Connectors connectors(settings.connectors_dir);
  for (const fs::path& file : files) {
    read_link(file, settings.delivery, options, connectors, mistakes, settings);
  }
  std::map<std::string, std::string> senders;
  std::map<LinkKind, const LinkSettings*> only;  // of these kinds a hub has one
  for (const LinkSettings& link : settings.links) {
    for (const std::string& address : link.mail_addresses) {
      const auto [first, fresh] = senders.emplace(address, link.file);
      if (!fresh && first->second != link.file) {
        mistakes.add(link.file, 0,
                     fmt::format("mail.addresses names {}, which {} names too; a sender "
                                 "can belong to one link only",
                                 address, first->second));
      }
    }
    if (link.kind == LinkKind::supplier || !link.enabled) continue;
    const auto [first, fresh] = only.emplace(link.kind, &link);
    if (!fresh) {
      mistakes.add(link.file, 0,
                   fmt::format("is a second enabled link of kind \"{}\" beside {}; "
                               "set enabled = false in one of them",
                               to_text(link.kind), first->second->file));
    }
  }
}

}  // namespace ombud::cli
