// ombud delegation show, accept, reject, withdraw, recreate, write-off, message.
#include <fmt/format.h>

#include <ostream>

#include "cli/commands/words.hpp"
#include "cli/context.hpp"

namespace ombud::cli {
namespace {

Exit show(Context& on, const Values& with) {
  const auto id = on.number(with.text("DELEGATION"), "delegation");
  if (!id) return on.fail(id.error());
  return on.finish(on.get(fmt::format("/delegations/{}", *id)), [&](json::View delegation) {
    print_delegation(on, delegation);
    on.out() << fmt::format("  of ticket OMB-{}\n", delegation["ticket"].integer());
  });
}

Exit move(Context& on, const Values& with, std::string_view action, std::string_view said) {
  const auto id = on.number(with.text("DELEGATION"), "delegation");
  if (!id) return on.fail(id.error());
  json::Writer body;
  body.begin_object().field("reason", with.text("--reason")).end_object();
  return on.finish(on.post(fmt::format("/delegations/{}/{}", *id, action), body.take()),
                   [&](json::View delegation) {
                     on.out() << fmt::format("Delegation {} is {}. {}\n", *id,
                                             printable(delegation["state"].text()), said);
                   });
}

Exit accept(Context& on, const Values& with) {
  return move(on, with, "accept", "The supplier's copy will be closed.");
}
Exit reject(Context& on, const Values& with) {
  return move(on, with, "reject", "The supplier gets it back with the reason.");
}
Exit withdraw(Context& on, const Values& with) {
  return move(on, with, "withdraw", "What had not left yet is taken back.");
}

Exit write_off(Context& on, const Values& with) {
  return move(on, with, "write-off",
              "The supplier is told nothing; the ticket is the desk's again.");
}
Exit recreate(Context& on, const Values& with) {
  const auto id = on.number(with.text("DELEGATION"), "delegation");
  if (!id) return on.fail(id.error());
  json::Writer body;
  body.begin_object().field("reason", with.text("--reason")).end_object();
  return on.finish(
      on.post(fmt::format("/delegations/{}/recreate", *id), body.take()), [&](json::View fresh) {
        on.out() << fmt::format("Handed over again: delegation {} to {}.\n", fresh["id"].integer(),
                                printable(fresh["supplier"].text()));
      });
}

Exit message(Context& on, const Values& with) {
  const auto id = on.number(with.text("DELEGATION"), "delegation");
  if (!id) return on.fail(id.error());
  const auto text = on.text_or_input(with.maybe("TEXT"));
  if (!text) return on.fail(text.error());
  json::Writer body;
  body.begin_object().field("text", *text).end_object();
  return on.finish(
      on.post(fmt::format("/delegations/{}/messages", *id), body.take()),
      [&](json::View) { on.out() << "Written to the supplier; the user does not see it.\n"; });
}

}  // namespace

std::vector<Command> delegation_commands() {
  const Argument delegation{
      .name = "DELEGATION", .help = "its number in `ombud ticket show`", .required = true};
  const Argument reason{.name = "--reason", .help = "why, for the history and the supplier"};
  Argument needed = reason;
  needed.required = true;
  return {
      {.group = "delegation",
       .name = "show",
       .summary = "Show what a supplier was asked, and where it stands.",
       .arguments = {delegation},
       .examples = {"ombud delegation show 118"},
       .run = show},
      {.group = "delegation",
       .name = "accept",
       .summary = "The supplier's solution has been verified.",
       .arguments = {delegation, reason},
       .examples = {"ombud delegation accept 118 --reason \"tested with the user\""},
       .run = accept},
      {.group = "delegation",
       .name = "reject",
       .summary = "It is not solved: back to the supplier.",
       .arguments = {delegation, needed},
       .examples = {"ombud delegation reject 118 --reason \"still no network on floor 3\""},
       .run = reject},
      {.group = "delegation",
       .name = "withdraw",
       .summary = "Ask the supplier to stop.",
       .arguments = {delegation, needed},
       .examples = {"ombud delegation withdraw 118 --reason \"solved by the desk\""},
       .run = withdraw},
      {.group = "delegation",
       .name = "recreate",
       .summary = "The supplier has lost its copy: hand the ticket over again.",
       .arguments = {delegation, reason},
       .examples = {"ombud delegation recreate 118 --reason \"deleted there by mistake\""},
       .more = "Only after a delivery has found the supplier's ticket gone.",
       .run = recreate},
      {.group = "delegation",
       .name = "write-off",
       .summary = "The supplier has lost its copy: end the hand-over.",
       .arguments = {delegation, reason},
       .examples = {"ombud delegation write-off 118 --reason \"solved by the desk meanwhile\""},
       .more = "Only after a delivery has found the supplier's ticket gone.",
       .run = write_off},
      {.group = "delegation",
       .name = "message",
       .summary = "Write to the supplier alone, in the desk's name.",
       .arguments = {delegation, {.name = "TEXT", .help = "in quotes; - or none: standard input"}},
       .examples = {"ombud delegation message 118 \"When do you arrive?\""},
       .run = message},
  };
}

}  // namespace ombud::cli
