// ombud supplier list, show, test, pause, resume, restart: what the hub does with its links.
#include <fmt/format.h>

#include <ostream>

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

Exit list(Context& on, const Values& with) {
  return on.list("/links", with.flag("--watch"), [&](json::View page) {
    const json::View items = page["items"];
    if (items.size() == 0) {
      on.out() << "No suppliers yet. Copy an example to config/suppliers/<link>.toml, then: ombud "
                  "check\n";
      return;
    }
    Table table({"LINK", "SUPPLIER", "STATE", "HOST", "BEHIND", "OLDEST", "DEAD", "DOUBT",
                 "LAST SENT", "POLLED", "WHY"});
    for (std::size_t i = 0; i < items.size(); ++i) {
      const json::View link = items.at(i);
      const std::int64_t behind = link["backlog"]["unfinished"].integer();
      table.add({{std::string(link["id"].text()), Paint::bold},
                 {std::string(link["supplier"].text())},
                 status_cell(link["state"].text()),
                 status_cell(host_state(link)),
                 {std::to_string(behind), behind > 0 ? Paint::yellow : Paint::dim},
                 {on.when(link["backlog"]["oldest_at"])},
                 trouble_cell(link["backlog"]["dead"]),
                 trouble_cell(link["backlog"]["in_doubt"]),
                 {on.when(link["backlog"]["last_done_at"])},
                 {on.when(link["polled_at"])},
                 {std::string(link["reason"].text())}});
    }
    table.print(on.out(), on.style, on.columns);
  });
}

Exit show(Context& on, const Values& with) {
  const std::string path = "/links/" + escape_url(with.text("LINK"));
  return on.finish(on.get(path), [&](json::View link) {
    on.out() << on.style(Paint::bold, printable(link["supplier"].text())) << "  "
             << printable(link["id"].text()) << '\n';
    Facts facts(on);
    facts.add("state", status_cell(link["state"].text())).add("reason", link["reason"]);
    facts.add("kind", link["kind"]).add("connector", link["connector"]);
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
    facts.add_time("oldest", link["backlog"]["oldest_at"]);
    facts.add_time("last sent", link["backlog"]["last_done_at"]);
    facts.add_time("not before", link["not_before"]).add_time("polled", link["polled_at"]);
    facts.print();
    if (link["backlog"]["dead"].integer() + link["backlog"]["in_doubt"].integer() > 0) {
      on.out() << "\nWhat needs you: ombud delivery list --trouble --link "
               << printable(link["id"].text()) << '\n';
    }
  });
}

Exit act(Context& on, const Values& with, std::string_view action, std::string_view said) {
  const std::string link = with.text("LINK");
  json::Writer body;
  body.begin_object().field_if("reason", with.maybe("--reason")).end_object();
  return on.finish(on.post(fmt::format("/links/{}/{}", escape_url(link), action), body.take()),
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

Exit test(Context& on, const Values& with) {
  const std::string link = with.text("LINK");
  const auto answer = on.post("/links/" + escape_url(link) + "/check", "{}");
  Exit exit = on.finish(answer, [&](json::View report) {
    const bool ok = report["ok"].boolean();
    on.out() << on.style(ok ? Paint::green : Paint::red, ok ? "works" : "does not work") << "  "
             << printable(report["message"].text());
    if (const auto took = report["took_ms"].maybe_integer())
      on.out() << fmt::format("  ({} ms)", *took);
    on.out() << '\n';
  });
  if (exit == Exit::ok && !answer->root()["ok"].boolean(true)) exit = Exit::failed;
  return exit;
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
       .summary = "List all links: who is behind, who is in trouble, and why.",
       .arguments = {{.name = "--watch",
                      .help = "show it again every 2 s",
                      .kind = Argument::Kind::flag}},
       .examples = {"ombud supplier list --watch", "ombud supplier list --json"},
       .run = list},
      {.group = "supplier",
       .name = "show",
       .summary = "Show one link with its connector's process and its backlog.",
       .arguments = {link},
       .examples = {"ombud supplier show acme-it"},
       .run = show},
      {.group = "supplier",
       .name = "test",
       .summary = "Try address and credentials at the supplier without creating anything.",
       .arguments = {link},
       .examples = {"ombud supplier test acme-it"},
       .more = "Ends with 1 if the supplier does not answer as it should.",
       .run = test},
      {.group = "supplier",
       .name = "pause",
       .summary = "Stop sending to a supplier; work waits.",
       .arguments = {link, needed},
       .examples = {"ombud supplier pause acme-it --reason \"their maintenance until 18:00\""},
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
