// ombud supplier replay: a changed mapping over traffic that was, before it meets traffic that is.
#include <fmt/format.h>

#include <algorithm>
#include <ostream>
#include <set>

#include "cli/commands/words.hpp"
#include "cli/context.hpp"
#include "cli/replay.hpp"
#include "profile/profile.hpp"

namespace ombud::cli {
namespace {

namespace fs = std::filesystem;

constexpr int kDaysMax = 30;
constexpr std::size_t kValueShownMax = 160;
constexpr std::string_view kNoReplay =
    "The connector {} cannot be replayed: it does not offer ombud.replay/1.";

// One recording: what it was, and the question that lets a mapping speak of it.
struct Recording {
  bool outbound = true;
  std::string ticket, operation, at;
  std::int64_t id = 0;
  ConnectorQuestion question;
};

struct Found {
  const Recording* recording = nullptr;
  std::vector<Difference> differences;
};

Failure failed(Exit exit, std::string detail, std::string advice) {
  return Failure{exit, std::move(detail), {}, std::move(advice), {}};
}

// A file that says which connector is a link's; any other is a profile.
bool is_link_file(const fs::path& file) {
  toml::Mistakes unread;
  const auto parsed = toml::File::load(file, unread);
  return parsed && parsed->root().has("connector");
}

// The link as the hub runs it, with no secret in it.
Outcome<LinkSettings> running(Context& on, const std::string& link) {
  const auto answer = on.get("/links/" + escape_url(link) + "/settings");
  if (!answer) {
    Failure failure = answer.error();
    if (failure.exit == Exit::not_found) {
      const bool there = on.get("/links/" + escape_url(link)).has_value();
      failure.body.clear();
      failure.detail = there ? fmt::format(
                                   "The hub does not run the link \"{}\", or is of a version "
                                   "without replay.",
                                   link)
                             : fmt::format("There is no link \"{}\".", link);
      failure.advice = there ? "Turn it on (ombud supplier enable), or update the hub."
                             : "ombud supplier list shows all.";
    }
    return failure;
  }
  const json::View works = answer->root();
  LinkSettings settings;
  settings.id = link;
  settings.connector = works["connector"].text();
  settings.connector_dir =
      link_folders(on.load_options(), on.world.directory).connectors / settings.connector;
  settings.settings_json = works["settings"].dump();
  std::error_code error;
  if (!fs::is_directory(settings.connector_dir, error)) {
    return failed(Exit::not_found,
                  fmt::format("The connector {} is not on this machine: there is no folder {}.",
                              settings.connector, settings.connector_dir.string()),
                  "Run the replay where the connectors are installed, or set OMBUD_CONNECTORS.");
  }
  return settings;
}

// The running link with another profile.
Outcome<LinkSettings> with_profile(const LinkSettings& now, const fs::path& file) {
  toml::Mistakes mistakes;
  const auto text = profile::read_file(file, mistakes);
  const auto parsed = text ? json::parse(text->text) : Result<json::Document>(json::Document());
  if (text && parsed) {
    std::vector<profile::Mistake> wrong;
    const auto rules = profile::compile(parsed->root(), wrong);
    for (const profile::Mistake& mistake : wrong) {
      std::string place = mistake.pointer.empty() ? "the profile" : mistake.pointer.substr(1);
      std::replace(place.begin(), place.end(), '/', '.');
      mistakes.add(file.string(), profile::line_of(*text, mistake.pointer),
                   fmt::format("{} {}", place, mistake.detail));
    }
  }
  if (!mistakes.empty()) {
    Failure failure = failure_of(mistakes.problem());
    failure.exit = Exit::usage;
    failure.advice =
        "Correct them and try again. A link's file has a line connector = …; "
        "this one has none, so it was read as a profile.";
    return failure;
  }
  const auto given = json::parse(now.settings_json);
  if (!given || !(*given)["profile"].is_object()) {
    return failed(Exit::usage,
                  fmt::format("{} is a profile, and the connector {} runs none.", file.string(),
                              now.connector),
                  "Name a changed copy of the link's own file.");
  }
  LinkSettings changed = now;
  json::Writer out;
  out.begin_object();
  for (std::size_t i = 0; i < given->root().size(); ++i) {
    const std::string_view name = given->root().name_at(i);
    out.key(name).value(name == "profile" ? parsed->root() : given->root().member_at(i));
  }
  changed.settings_json = out.end_object().take();
  return changed;
}

Outcome<LinkSettings> changed_link(Context& on, const std::string& link, const LinkSettings& now,
                                   const std::optional<std::string>& named) {
  const LoadOptions options = on.load_options();
  const fs::path file =
      named ? (on.world.directory / *named).lexically_normal()
            : link_folders(options, on.world.directory).suppliers / (link + ".toml");
  const fs::path shown = file.lexically_proximate(fs::current_path());
  std::error_code error;
  if (!fs::is_regular_file(file, error)) {
    return failed(Exit::not_found, fmt::format("There is no file {}.", shown.string()),
                  named ? "Name a changed copy of the link's file, or of its profile, with --file."
                        : "Name the changed file with --file.");
  }
  if (named && !is_link_file(file)) return with_profile(now, shown);
  auto changed = load_link(options, shown);
  if (!changed) {
    Failure failure = failure_of(changed.error());
    failure.exit = Exit::usage;
    failure.advice = "Correct them and try again.";
    return failure;
  }
  if (changed->connector != now.connector) {
    return failed(Exit::usage,
                  fmt::format("{} is of the connector {}, and the link runs {}.", shown.string(),
                              changed->connector, now.connector),
                  "Only two mappings of one connector can be compared.");
  }
  return *changed;
}

Outcome<std::vector<Recording>> recordings(Context& on, const std::string& link, int days) {
  std::vector<Recording> all;
  const Query query = Query().add("days", std::to_string(days)).add("limit", "200");
  const std::string path = "/links/" + escape_url(link);
  const auto writes = on.get_all(path + "/recorded-writes", query);
  if (!writes) return writes.error();
  const auto changes = on.get_all(path + "/recorded-changes", query);
  if (!changes) return changes.error();
  for (const json::Document& page : *writes) {
    for (std::size_t i = 0; i < page["items"].size(); ++i) {
      const json::View item = page["items"].at(i);
      Recording one{true,
                    std::string(item["ticket"].text()),
                    std::string(item["operation"].text()),
                    std::string(item["at"].text()),
                    item["id"].integer(),
                    {}};
      one.question = {"render", one.operation, std::string(item["correlation"].text()),
                      std::string(item["external_id"].text()), item["document"].dump()};
      all.push_back(std::move(one));
    }
  }
  for (const json::Document& page : *changes) {
    for (std::size_t i = 0; i < page["items"].size(); ++i) {
      const json::View item = page["items"].at(i);
      Recording one{false,
                    std::string(item["ticket"].text()),
                    "received",
                    std::string(item["at"].text()),
                    item["id"].integer(),
                    {}};
      one.question = {"interpret", {}, {}, {}, item["raw"].dump()};
      all.push_back(std::move(one));
    }
  }
  // As it happened: the oldest first.
  std::stable_sort(all.begin(), all.end(),
                   [](const Recording& a, const Recording& b) { return a.at < b.at; });
  return all;
}

Outcome<std::vector<ConnectorAnswer>> run_over(Context& on, LinkSettings link,
                                               const std::vector<Recording>& all,
                                               std::string_view which) {
  link.secrets.clear();
  link.origins.clear();
  std::vector<ConnectorQuestion> questions;
  questions.reserve(all.size());
  for (const Recording& one : all) questions.push_back(one.question);
  auto answers = on.local.ask_connector(link, false, questions);
  if (!answers) {
    return failed(
        Exit::usage,
        fmt::format("The connector does not start with {}: {}", which, answers.error().detail), "");
  }
  const bool none =
      std::all_of(answers->begin(), answers->end(), [](const ConnectorAnswer& answer) {
        return !answer.ok && answer.message.starts_with("The connector does not offer ");
      });
  if (none && !answers->empty()) {
    return failed(Exit::usage, fmt::format(fmt::runtime(kNoReplay), link.connector),
                  "Only connectors that run profiles can be replayed so far.");
  }
  return std::move(*answers);
}

std::string shown_value(const std::string& json_text) {
  if (json_text.empty()) return "nothing";
  if (json_text.size() <= kValueShownMax) return printable(json_text);
  return printable(json_text.substr(0, kValueShownMax)) + "…";
}

void print(Context& on, const std::string& link, int days, const std::vector<Recording>& all,
           const std::vector<Found>& found, std::size_t places) {
  std::set<std::string> tickets;
  for (const Found& one : found) {
    const Recording& recording = *one.recording;
    tickets.insert(recording.ticket);
    on.out() << on.style(Paint::bold,
                         printable(recording.ticket.empty() ? "no ticket known" : recording.ticket))
             << "  " << (recording.outbound ? "→ " : "← ") << printable(recording.operation) << "  "
             << printable(recording.at) << '\n';
    std::string where;
    for (const Difference& difference : one.differences) {
      if (!difference.where.empty() && difference.where != where) {
        where = difference.where;
        on.out() << "    " << printable(where) << '\n';
      }
      on.out() << "      " << printable(difference.field.empty() ? "as a whole" : difference.field)
               << ": " << on.style(Paint::red, shown_value(difference.before)) << " → "
               << on.style(Paint::green, shown_value(difference.after)) << '\n';
    }
  }
  const auto writes =
      std::count_if(all.begin(), all.end(), [](const Recording& one) { return one.outbound; });
  on.out() << fmt::format(
      "{}{}: {} write{} and {} received change{} of {} days: ", found.empty() ? "" : "\n", link,
      writes, writes == 1 ? "" : "s", all.size() - static_cast<std::size_t>(writes),
      all.size() - static_cast<std::size_t>(writes) == 1 ? "" : "s", days);
  if (found.empty()) {
    on.out() << (all.empty() ? "there is nothing to compare.\n" : "nothing would differ.\n");
  } else {
    on.out() << fmt::format("{} place{} in {} ticket{} would differ.\n", places,
                            places == 1 ? "" : "s", tickets.size(), tickets.size() == 1 ? "" : "s");
  }
}

void print_json(Context& on, const std::string& link, int days, const std::vector<Recording>& all,
                const std::vector<Found>& found) {
  const auto writes =
      std::count_if(all.begin(), all.end(), [](const Recording& one) { return one.outbound; });
  json::Writer out;
  out.begin_object().field("link", link).field("days", days);
  out.field("writes", static_cast<std::int64_t>(writes));
  out.field("changes", static_cast<std::int64_t>(all.size()) - static_cast<std::int64_t>(writes));
  out.field("same", found.empty()).begin_array("differences");
  for (const Found& one : found) {
    for (const Difference& difference : one.differences) {
      out.begin_object().field("ticket", one.recording->ticket);
      out.field("direction", one.recording->outbound ? "out" : "in");
      out.field("id", one.recording->id).field("operation", one.recording->operation);
      out.field("at", one.recording->at).field("where", difference.where);
      out.field("field", difference.field);
      out.key("before").raw(difference.before.empty() ? "null" : difference.before);
      out.key("after").raw(difference.after.empty() ? "null" : difference.after).end_object();
    }
  }
  on.out() << out.end_array().end_object().take() << '\n';
}

Exit replay(Context& on, const Values& with) {
  const std::string link = with.text("LINK");
  const auto written = on.number(with.text("--days", std::to_string(kDaysMax)), "day");
  if (!written || *written < 1 || *written > kDaysMax) {
    return on.usage(
        fmt::format("--days is from 1 to {}: recordings are kept no longer.", kDaysMax));
  }
  const int days = static_cast<int>(*written);
  const auto now = running(on, link);
  if (!now) return on.fail(now.error());
  const auto changed = changed_link(on, link, *now, with.maybe("--file"));
  if (!changed) return on.fail(changed.error());
  const auto all = recordings(on, link, days);
  if (!all) return on.fail(all.error());
  const auto before = run_over(on, *now, *all, "the settings that the hub runs");
  if (!before) return on.fail(before.error());
  const auto after = run_over(on, *changed, *all, "the changed settings");
  if (!after) return on.fail(after.error());
  std::vector<Found> found;
  std::size_t places = 0;
  for (std::size_t i = 0; i < all->size(); ++i) {
    std::vector<Difference> some = differences((*before)[i], (*after)[i]);
    if (some.empty()) continue;
    places += some.size();
    found.push_back({&(*all)[i], std::move(some)});
  }
  if (on.json()) {
    print_json(on, link, days, *all, found);
  } else {
    print(on, link, days, *all, found, places);
  }
  return found.empty() ? Exit::ok : Exit::failed;
}

}  // namespace

std::vector<Command> supplier_replay_commands() {
  return {
      {.group = "supplier",
       .name = "replay",
       .summary = "Run a changed mapping over recorded traffic and list what would differ.",
       .arguments = {{.name = "LINK",
                      .help = "the name of its file, such as acme-it",
                      .required = true},
                     {.name = "--days", .help = "how far back, 1 to 30; 30 if left out"},
                     {.name = "--file",
                      .help = "the changed copy of the link's file or of its profile; else the "
                              "link's own file as it stands now"}},
       .examples = {"ombud supplier replay acme-it",
                    "ombud supplier replay acme-it --file acme-it.new.toml --days 7"},
       .more =
           "Both mappings, the one that the hub runs and the changed one, are run over every "
           "document that was sent and everything that was received, without any network: "
           "nothing is sent and nothing is changed. What an answer of the supplier would decide "
           "is left out, and its own words (statuses, priorities) stand for their ids. "
           "Ends with 0 if nothing would differ, 1 if something would, 2 if the changed file "
           "has mistakes, 4 if no hub answers.",
       .run = replay}};
}

}  // namespace ombud::cli
