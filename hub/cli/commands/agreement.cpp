// ombud agreement list, add, show, end.
#include <fmt/format.h>

#include <ostream>

#include "base/quantity.hpp"
#include "cli/commands/words.hpp"
#include "cli/context.hpp"
#include "domain/privacy.hpp"

namespace ombud::cli {
namespace {

std::string texts(json::View list) {
  std::string all;
  for (std::size_t i = 0; i < list.size(); ++i) {
    all += (i == 0 ? "" : ", ") + std::string(list.at(i).text());
  }
  return all;
}

std::string shareable() {
  std::string all;
  for (const ShareField& field : share_fields()) {
    all += fmt::format("{}{}", all.empty() ? "" : ", ", field.name);
  }
  return all;
}

Exit list(Context& on, const Values&) {
  return on.list("/agreements", false, [&](json::View page) {
    const json::View items = page["items"];
    if (items.size() == 0) {
      on.out() << "No agreements yet, so no ticket can be handed to a supplier. Add one:\n"
                  "  ombud agreement add --customer acme --link acme-it --service print --share "
                  "subject\n";
      return;
    }
    Table table({"AGREEMENT", "CUSTOMER", "LINK", "UNTIL", "SERVICES", "SHARES"});
    for (std::size_t i = 0; i < items.size(); ++i) {
      const json::View agreement = items.at(i);
      table.add({{agreement["id"].dump(), Paint::bold},
                 {std::string(agreement["customer"].text())},
                 {std::string(agreement["link"].text())},
                 {on.when(agreement["valid_until"])},
                 {texts(agreement["services"])},
                 {texts(agreement["share"])}});
    }
    table.print(on.out(), on.style, on.columns);
    on.print_more(page);
  });
}

Exit show(Context& on, const Values& with) {
  const auto id = on.number(with.text("AGREEMENT"), "agreement");
  if (!id) return on.fail(id.error());
  return on.finish(on.get(fmt::format("/agreements/{}", *id)), [&](json::View agreement) {
    on.out() << on.style(Paint::bold, fmt::format("Agreement {}", *id)) << '\n';
    Facts facts(on);
    facts.add("customer", agreement["customer"]).add("link", agreement["link"]);
    facts.add("services", agreement["services"]);
    facts.add("shares", {texts(agreement["share"]).empty() ? "nothing but the desk's own words"
                                                           : texts(agreement["share"])});
    facts.add("supplier's words reach the user",
              {agreement["relay_automatically"].boolean() ? "at once" : "when an agent says so"});
    facts.add(
        "tickets go out",
        {agreement["delegate_automatically"].boolean() ? "at once" : "when an agent says so"});
    facts.add_time("from", agreement["valid_from"]).add_time("until", agreement["valid_until"]);
    if (const auto within = agreement["resolve_within_ms"].maybe_integer()) {
      facts.add("promised within", {duration_text(Millis(*within))});
    }
    facts.print();
  });
}

Exit add(Context& on, const Values& with) {
  json::Writer body;
  body.begin_object().field("customer", with.text("--customer")).field("link", with.text("--link"));
  body.begin_array("services");
  for (const std::string& service : with.list("--service")) body.value(service);
  body.end_array().begin_array("share");
  for (const std::string& field : with.list("--share")) body.value(field);
  body.end_array();
  body.field("relay_automatically", with.flag("--relay-automatically"));
  body.field("delegate_automatically", with.flag("--delegate-automatically"));
  body.field_if("valid_from", with.maybe("--from")).field_if("valid_until", with.maybe("--until"));
  if (const auto within = with.maybe("--resolve-within")) {
    const auto duration = duration_from(*within);
    if (!duration) {
      return on.usage(fmt::format("\"{}\" is no duration; write one such as 8h or 2d.", *within));
    }
    body.field("resolve_within_ms", static_cast<std::int64_t>(duration->count()));
  }
  auto made = on.post("/agreements", body.end_object().take());
  if (!made) {
    Failure refused = made.error();
    for (const FieldProblem& field : refused.fields) {
      if (field.pointer.starts_with("/share")) {
        refused.advice = fmt::format("What can be shared: {}.", shareable());
      }
    }
    return on.fail(refused);
  }
  return on.finish(made, [&](json::View agreement) {
    on.out() << fmt::format("Agreement {} is in force.\n", agreement["id"].dump());
  });
}

Exit end(Context& on, const Values& with) {
  const auto id = on.number(with.text("AGREEMENT"), "agreement");
  if (!id) return on.fail(id.error());
  const std::string path = fmt::format("/agreements/{}", *id);
  const auto before = on.get(path);
  if (!before) return on.fail(before.error());
  json::Writer change;
  change.begin_object();
  change.field("valid_until", with.text("--until", to_rfc3339(on.world.now()))).end_object();
  const auto changed = json::parse(change.take());
  return on.finish(on.put(path, merged(before->root(), changed->root()), before->etag),
                   [&](json::View agreement) {
                     on.out() << fmt::format(
                         "Agreement {} ends {}. Tickets already handed over go on.\n", *id,
                         on.when(agreement["valid_until"]));
                   });
}

}  // namespace

std::vector<Command> agreement_commands() {
  using Kind = Argument::Kind;
  const Argument agreement{.name = "AGREEMENT", .help = "its number in the list", .required = true};
  return {
      {.group = "agreement",
       .name = "list",
       .summary = "List all agreements.",
       .examples = {"ombud agreement list"},
       .run = list},
      {.group = "agreement",
       .name = "show",
       .summary = "Show one agreement and what it lets leave.",
       .arguments = {agreement},
       .examples = {"ombud agreement show 3"},
       .run = show},
      {.group = "agreement",
       .name = "add",
       .summary = "Let a supplier have a customer's tickets about some services.",
       .arguments =
           {{.name = "--customer", .help = "whose tickets", .required = true},
            {.name = "--link", .help = "to which supplier", .required = true},
            {.name = "--service", .help = "about what", .kind = Kind::list, .required = true},
            {.name = "--share",
             .help = "a field that may leave; nothing else does: " + shareable(),
             .kind = Kind::list},
            {.name = "--relay-automatically",
             .help = "the supplier's public words reach the user without an agent",
             .kind = Kind::flag},
            {.name = "--delegate-automatically",
             .help = "tickets about these services go out as they are registered",
             .kind = Kind::flag},
            {.name = "--from", .help = "RFC 3339 time; now if left out"},
            {.name = "--until", .help = "RFC 3339 time; until ended if left out"},
            {.name = "--resolve-within", .help = "what the supplier promises, such as 8h"}},
       .examples =
           {"ombud agreement add --customer acme --link acme-it --service print --share subject",
            "ombud agreement add --customer acme --link acme-it --service vpn --resolve-within 8h"},
       .run = add},
      {.group = "agreement",
       .name = "end",
       .summary = "End an agreement; nothing new is handed over by it.",
       .arguments = {agreement, {.name = "--until", .help = "RFC 3339 time; now if left out"}},
       .examples = {"ombud agreement end 3"},
       .run = end},
  };
}

}  // namespace ombud::cli
