// ombud delivery list, show, retry, skip, park, confirm.
#include <fmt/format.h>

#include <ostream>

#include "cli/commands/words.hpp"
#include "cli/context.hpp"

namespace ombud::cli {
namespace {

Cell state_cell(json::View delivery) {
  Cell cell = status_cell(delivery["state"].text());
  if (delivery["doubt"].boolean()) {
    cell.text += ", doubt";
    cell.paint = Paint::red;
  }
  return cell;
}

// What goes to a supplier belongs to a delegation; what does not is the desk's mail to a person.
Cell what_of(json::View delivery) {
  const std::string_view op = delivery["op"].text();
  return {std::string(delivery["delegation"].present() || op == "event" ? op : "letter")};
}

Exit list(Context& on, const Values& with) {
  Query query;
  query.add("link", with.text("--link")).add("state", with.text("--state"));
  query.add("trouble", with.flag("--trouble") ? "true" : "");
  if (const auto written = with.maybe("--ticket")) {
    const auto ticket = on.ticket(*written);
    if (!ticket) return on.fail(ticket.error());
    query.add("ticket", std::to_string(ticket->value));
  }
  query.add("limit", with.text("--limit")).add("cursor", with.text("--cursor"));
  return on.list("/deliveries" + query.text(), with.flag("--watch"), [&](json::View page) {
    const json::View items = page["items"];
    if (items.size() == 0) {
      on.out()
          << (with.flag("--trouble")
                  ? "Nothing needs you: no delivery is dead, parked or in doubt.\n"
              : query.text().empty()
                  ? "Nothing has been sent yet. Hand over a ticket: ombud ticket delegate TICKET\n"
                  : "No delivery matches. Leave out an option to see more.\n");
      return;
    }
    Table table(
        {"DELIVERY", "LINK", "TICKET", "WHAT", "STATE", "TRIES", "MADE", "NEXT", "LAST ERROR"});
    for (std::size_t i = 0; i < items.size(); ++i) {
      const json::View delivery = items.at(i);
      const bool waits = delivery["state"].text() == "ready";
      table.add({{delivery["id"].dump(), Paint::bold},
                 {std::string(delivery["link"].text())},
                 {std::string(delivery["reference"].text("-"))},
                 what_of(delivery),
                 state_cell(delivery),
                 {delivery["attempts"].dump()},
                 {on.when(delivery["created_at"])},
                 {waits ? on.when(delivery["run_at"]) : ""},
                 {std::string(delivery["last_error"].text())}});
    }
    table.print(on.out(), on.style, on.columns);
    on.print_more(page);
  });
}

void print_attempts(Context& on, json::View attempts) {
  if (attempts.size() == 0) return;
  on.out() << '\n';
  Table table({"TRY", "STEP", "STARTED", "TOOK", "OUTCOME", "CODE", "MESSAGE"});
  for (std::size_t i = 0; i < attempts.size(); ++i) {
    const json::View attempt = attempts.at(i);
    const auto started = parse_rfc3339(attempt["started_at"].text());
    const auto finished = parse_rfc3339(attempt["finished_at"].text());
    const std::string_view status = attempt["status"].text();
    table.add(
        {{std::to_string(i + 1)},
         {std::string(attempt["step"].text())},
         {on.when(attempt["started_at"])},
         {started && finished ? fmt::format("{} ms", (*finished - *started).count()) : ""},
         {std::string(status), status == "ok"                                   ? Paint::green
                               : status == "permanent" || status == "ambiguous" ? Paint::red
                                                                                : Paint::yellow},
         {attempt["supplier_code"].integer() > 0 ? attempt["supplier_code"].dump() : ""},
         {std::string(attempt["message"].text())}});
  }
  table.print(on.out(), on.style, on.columns);
}

void print_advice(Context& on, json::View delivery) {
  const std::string id = delivery["id"].dump();
  const std::string_view state = delivery["state"].text();
  if (delivery["doubt"].boolean()) {
    on.out() << fmt::format(
        "\nNobody knows whether it arrived. Look at the supplier's, then one of:\n"
        "  ombud delivery confirm {} --external-id THEIRS --reason …   it did arrive\n"
        "  ombud delivery retry {} --reason …                          it did not\n",
        id, id);
  } else if (state == "dead" || state == "parked") {
    on.out() << fmt::format(
        "\nWhat stands behind it waits. One of:\n"
        "  ombud delivery retry {} --reason …   try again\n"
        "  ombud delivery skip {} --reason …    give it up and go on with the next\n",
        id, id);
  }
}

Exit show(Context& on, const Values& with) {
  const auto id = on.number(with.text("DELIVERY"), "delivery");
  if (!id) return on.fail(id.error());
  return on.finish(on.get(fmt::format("/deliveries/{}", *id)), [&](json::View delivery) {
    on.out() << on.style(Paint::bold, fmt::format("Delivery {}", *id)) << "  "
             << printable(delivery["op"].text()) << '\n';
    Facts facts(on);
    facts.add("state", state_cell(delivery)).add("link", delivery["link"]);
    facts.add("ticket", {std::string(delivery["reference"].text("none: a letter"))});
    facts.add("delegation", delivery["delegation"]).add("correlation", delivery["correlation"]);
    facts.add("their id", delivery["external_id"]).add("last error", delivery["last_error"]);
    facts.add_time("made", delivery["created_at"]).add_time("finished", delivery["finished_at"]);
    if (delivery["state"].text() == "ready") facts.add_time("next try", delivery["run_at"]);
    facts.print();
    print_attempts(on, delivery["history"]);
    if (const json::View document = delivery["document"]; document.present()) {
      on.out() << '\n'
               << on.style(Paint::dim, "what leaves, byte for byte:") << '\n'
               << printable(document.text(), true) << '\n';
    }
    print_advice(on, delivery);
  });
}

Exit act(Context& on, const Values& with, std::string_view action, std::string_view said) {
  const auto id = on.number(with.text("DELIVERY"), "delivery");
  if (!id) return on.fail(id.error());
  json::Writer body;
  body.begin_object().field("reason", with.text("--reason"));
  body.field_if("external_id", with.maybe("--external-id")).end_object();
  return on.finish(on.post(fmt::format("/deliveries/{}/{}", *id, action), body.take()),
                   [&](json::View) { on.out() << fmt::format(fmt::runtime(said), *id) << '\n'; });
}

Exit retry(Context& on, const Values& with) {
  return act(on, with, "retry", "Delivery {} is tried again.");
}
Exit skip(Context& on, const Values& with) {
  return act(on, with, "skip", "Delivery {} is given up; the next of its ticket goes on.");
}
Exit park(Context& on, const Values& with) {
  return act(on, with, "park", "Delivery {} is set aside until you retry or skip it.");
}
Exit confirm(Context& on, const Values& with) {
  return act(on, with, "confirm", "Delivery {} is done: it did arrive.");
}

}  // namespace

std::vector<Command> delivery_commands() {
  using Kind = Argument::Kind;
  const Argument delivery{.name = "DELIVERY", .help = "its number in the list", .required = true};
  const Argument reason{.name = "--reason", .help = "why, for the history", .required = true};
  return {
      {.group = "delivery",
       .name = "list",
       .summary = "List what leaves the desk, newest first.",
       .arguments = {{.name = "--link", .help = "to this supplier"},
                     {.name = "--state",
                      .help = "in this state",
                      .choices = {"waiting", "ready", "leased", "done", "dead", "parked",
                                  "cancelled"}},
                     {.name = "--trouble",
                      .help = "only what is dead, parked or in doubt",
                      .kind = Kind::flag},
                     {.name = "--ticket", .help = "of this ticket"},
                     {.name = "--limit", .help = "how many at most (1 to 200)"},
                     {.name = "--cursor", .help = "go on after an earlier list"},
                     {.name = "--watch", .help = "show it again every 2 s", .kind = Kind::flag}},
       .examples = {"ombud delivery list --trouble", "ombud delivery list --link acme-it --watch",
                    "ombud delivery list --ticket OMB-42 --json"},
       .run = list},
      {.group = "delivery",
       .name = "show",
       .summary = "Show one delivery: every attempt, and what leaves byte for byte.",
       .arguments = {delivery},
       .examples = {"ombud delivery show 311"},
       .run = show},
      {.group = "delivery",
       .name = "retry",
       .summary = "Try a dead or parked delivery again.",
       .arguments = {delivery, reason},
       .examples = {"ombud delivery retry 311 --reason \"they fixed the field\""},
       .run = retry},
      {.group = "delivery",
       .name = "skip",
       .summary = "Give a delivery up and go on with the next of its ticket.",
       .arguments = {delivery, reason},
       .examples = {"ombud delivery skip 311 --reason \"told them by phone\""},
       .run = skip},
      {.group = "delivery",
       .name = "park",
       .summary = "Set a delivery aside before it leaves.",
       .arguments = {delivery, reason},
       .examples = {"ombud delivery park 311 --reason \"wrong supplier\""},
       .run = park},
      {.group = "delivery",
       .name = "confirm",
       .summary = "A delivery in doubt did arrive.",
       .arguments = {delivery,
                     reason,
                     {.name = "--external-id", .help = "the supplier's id of what arrived"}},
       .examples =
           {"ombud delivery confirm 311 --external-id INC0042 --reason \"seen in their portal\""},
       .run = confirm},
  };
}

}  // namespace ombud::cli
