// ombud supplier list, show, status, pause, resume, restart: what the hub does with its links.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <ostream>

#include "cli/commands/troubles.hpp"
#include "cli/commands/words.hpp"
#include "cli/context.hpp"

namespace ombud::cli {
namespace {

std::string count_of(json::View number) {
  return std::to_string(number.integer());
}

Cell trouble_cell(json::View number) {
  return {count_of(number), number.integer() > 0 ? Paint::red : Paint::dim};
}

std::string host_state(json::View link) {
  return std::string(link["host"]["state"].text());
}

std::string connector_of(json::View link) {
  const std::string connector(link["connector"].text());
  const std::string_view profile = link["profile"].text();
  return profile.empty() ? connector : fmt::format("{}: {}", connector, profile);
}

Cell tested_cell(json::View link) {
  const json::View tested = link["tested"];
  if (tested["against"].text() == "real") {
    return {fmt::format("real {}", tested["with"].text()), Paint::green};
  }
  if (tested["against"].text() == "documentation") return {"documentation only"};
  return {link["configured"].boolean(true) ? "not said" : ""};
}

// A link without its file, or whose file says so, is off whatever was said of it last.
Cell state_cell(json::View link) {
  return status_cell(link["configured"].boolean(true) ? link["state"].text() : "off");
}

// Files of links that the hub on this machine does not run.
std::vector<std::string> not_running(const Context& on, json::View items) {
  std::vector<std::string> names;
  if (on.globals.url || on.world.environment("OMBUD_URL")) return names;
  const auto folder = link_folders(on.load_options(), on.world.directory).suppliers;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = entry.path().stem().string();
    if (entry.path().extension() != ".toml" || !is_key(name)) continue;
    bool runs = false;
    for (std::size_t i = 0; i < items.size(); ++i) {
      runs = runs || (items.at(i)["id"].text() == name && items.at(i)["configured"].boolean(true));
    }
    if (!runs) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

void say_not_running(const Context& on, json::View items) {
  const auto names = not_running(on, items);
  for (const std::string& name : names) {
    on.out() << on.style(Paint::dim,
                         fmt::format("{0} has a file and is not on: ombud supplier test "
                                     "{0} && ombud supplier enable {0}",
                                     name))
             << '\n';
  }
  if (items.size() == 0 && names.empty()) {
    on.out() << "No suppliers yet. Begin one: ombud supplier new\n";
  }
}

// What each link is, and whether it works.
Exit list(Context& on, const Values& with) {
  return on.list("/links", with.flag("--watch"), [&](json::View page) {
    const json::View items = page["items"];
    Table table({"LINK", "SUPPLIER", "CONNECTOR", "STATE", "HOST", "BEHIND", "TESTED", "WHY"});
    for (std::size_t i = 0; i < items.size(); ++i) {
      const json::View link = items.at(i);
      const std::int64_t behind = link["backlog"]["unfinished"].integer();
      table.add({{std::string(link["id"].text()), Paint::bold},
                 {std::string(link["supplier"].text())},
                 {connector_of(link)},
                 state_cell(link),
                 status_cell(host_state(link)),
                 {std::to_string(behind), behind > 0 ? Paint::yellow : Paint::dim},
                 tested_cell(link),
                 {why_of(link)}});
    }
    if (!table.empty()) table.print(on.out(), on.style, on.columns);
    say_not_running(on, items);
  });
}

// How each link is doing now.
Exit status(Context& on, const Values& with) {
  return on.list("/links", with.flag("--watch"), [&](json::View page) {
    const json::View items = page["items"];
    if (with.flag("--watch") && !on.world.out_is_terminal) {
      on.out() << "at " << to_rfc3339(on.world.now()) << '\n';
    }
    Table table({"LINK", "STATE", "HOST", "BEHIND", "OLDEST", "DEAD", "DOUBT", "HELD", "LAST SENT",
                 "POLLED", "WHY"});
    for (std::size_t i = 0; i < items.size(); ++i) {
      const json::View link = items.at(i);
      const std::int64_t behind = link["backlog"]["unfinished"].integer();
      table.add({{std::string(link["id"].text()), Paint::bold},
                 state_cell(link),
                 status_cell(host_state(link)),
                 {std::to_string(behind), behind > 0 ? Paint::yellow : Paint::dim},
                 {on.when(link["backlog"]["oldest_at"])},
                 trouble_cell(link["backlog"]["dead"]),
                 trouble_cell(link["backlog"]["in_doubt"]),
                 {count_of(link["held"]["changes"])},
                 {on.when(link["backlog"]["last_done_at"])},
                 {on.when(link["polled_at"])},
                 {why_of(link)}});
    }
    if (!table.empty()) table.print(on.out(), on.style, on.columns);
    say_not_running(on, items);
  });
}

Exit show(Context& on, const Values& with) {
  const auto found = on.get("/links/" + escape_url(with.text("LINK")));
  if (!found) return on.fail(explained(on, with.text("LINK"), found.error()));
  return on.finish(found, [&](json::View link) {
    on.out() << on.style(Paint::bold, printable(link["supplier"].text())) << "  "
             << printable(link["id"].text()) << '\n';
    Facts facts(on);
    facts.add("state", state_cell(link)).add("reason", link["reason"]);
    facts.add("kind", link["kind"]).add("connector", link["connector"]);
    facts.add("profile", link["profile"]).add("tested", tested_cell(link));
    const json::View host = link["host"];
    facts.add("host", status_cell(host_state(link))).add("host's reason", host["reason"]);
    facts.add("version", host["version"]).add("capabilities", host["capabilities"]);
    facts.add("restarts", host["restarts"]).add_time("next start", host["next_start"]);
    facts.add("behind", link["backlog"]["unfinished"]).add("dead", link["backlog"]["dead"]);
    facts.add("in doubt", link["backlog"]["in_doubt"]);
    if (link["held"]["changes"].integer() > 0) {
      facts.add("changes held", link["held"]["changes"]);
      facts.add_time("held since", link["held"]["since"]);
    }
    if (const json::View compared = link["reconciliation"]; compared.present()) {
      facts.add_time("compared", compared["at"]);
      if (compared["left"].integer() > 0) facts.add("drift left", compared["left"]);
    }
    facts.add_time("oldest", link["backlog"]["oldest_at"]);
    facts.add_time("last sent", link["backlog"]["last_done_at"]);
    facts.add_time("not before", link["not_before"]).add_time("polled", link["polled_at"]);
    facts.add_time("certificate until", host["certificate_until"]);
    facts.print();
    print_troubles(on, link);
    if (link["backlog"]["dead"].integer() + link["backlog"]["in_doubt"].integer() > 0) {
      on.out() << "\nWhat needs you: ombud delivery list --trouble --link "
               << printable(link["id"].text()) << '\n';
    }
    if (link["reconciliation"]["left"].integer() > 0) {
      on.out() << "\nHub and supplier differ: ombud supplier reconcile "
               << printable(link["id"].text()) << " --show\n";
    }
  });
}

Exit act(Context& on, const Values& with, std::string_view action, std::string_view said) {
  const std::string link = with.text("LINK");
  json::Writer body;
  body.begin_object().field_if("reason", with.maybe("--reason")).end_object();
  const auto answer = on.post(fmt::format("/links/{}/{}", escape_url(link), action), body.take());
  if (!answer) return on.fail(explained(on, link, answer.error()));
  return on.finish(answer,
                   [&](json::View) { on.out() << fmt::format(fmt::runtime(said), link) << '\n'; });
}

Exit pause(Context& on, const Values& with) {
  return act(on, with, "pause", "{} is paused; work for it waits and is not lost.");
}
Exit resume(Context& on, const Values& with) {
  return act(on, with, "resume", "{} is open; what waited goes out now.");
}
Exit restart(Context& on, const Values& with) {
  return act(on, with, "restart", "{} gets a fresh connector process.");
}

}  // namespace

std::vector<Command> supplier_commands() {
  const Argument link{
      .name = "LINK", .help = "the name of its file, such as acme-it", .required = true};
  const Argument reason{.name = "--reason", .help = "why, for whoever looks next"};
  Argument needed = reason;
  needed.required = true;
  return {
      {.group = "supplier",
       .name = "list",
       .summary = "List all links: what each is made of and was tested against, and its state.",
       .arguments = {{.name = "--watch",
                      .help = "show it again every 2 s",
                      .kind = Argument::Kind::flag}},
       .examples = {"ombud supplier list", "ombud supplier list --json"},
       .run = list},
      {.group = "supplier",
       .name = "status",
       .summary = "How all links are doing: who is behind, who is in trouble, and why.",
       .arguments = {{.name = "--watch",
                      .help = "show it again every 2 s, until Ctrl-C",
                      .kind = Argument::Kind::flag}},
       .examples = {"ombud supplier status --watch", "ombud supplier status --watch --json"},
       .more = "In a pipe every round is told with its time; with --json every round is a line. It "
               "goes on when the hub does not answer for a while.",
       .run = status},
      {.group = "supplier",
       .name = "show",
       .summary = "Show one link with its connector's process and its backlog.",
       .arguments = {link},
       .examples = {"ombud supplier show acme-it"},
       .run = show},
      {.group = "supplier",
       .name = "pause",
       .summary = "Stop sending to a supplier for a while; work waits and is not lost.",
       .arguments = {link, needed},
       .examples = {"ombud supplier pause acme-it --reason \"their maintenance until 18:00\""},
       .more =
           "It outlives a restart of the hub; ombud supplier resume ends it. To take a link out "
           "for good: ombud supplier disable.",
       .run = pause},
      {.group = "supplier",
       .name = "resume",
       .summary = "Send again, after a pause or after credentials were mended.",
       .arguments = {link, reason},
       .examples = {"ombud supplier resume acme-it"},
       .run = resume},
      {.group = "supplier",
       .name = "restart",
       .summary = "Give a link a fresh connector process; lifts a hold.",
       .arguments = {link, reason},
       .examples = {"ombud supplier restart acme-it"},
       .run = restart},
  };
}

}  // namespace ombud::cli
