// ombud mail list, show, original, retry.
#include <fmt/format.h>

#include <ostream>

#include "cli/commands/words.hpp"
#include "cli/context.hpp"

namespace ombud::cli {
namespace {

Cell verdict_cell(json::View authentication) {
  const std::string_view verdict = authentication["verdict"].text();
  return {std::string(verdict), verdict == "fail"   ? Paint::red
                                : verdict == "pass" ? Paint::green
                                                    : Paint::dim};
}

Cell outcome_cell(json::View mail) {
  if (!mail["problem"].text().empty()) return {"problem", Paint::red};
  if (mail["state"].text() != "done") return {std::string(mail["state"].text()), Paint::yellow};
  if (mail["copy_of"].integer() != 0) {
    return {fmt::format("copy of mail {}", mail["copy_of"].integer())};
  }
  return {std::string(mail["outcome"].text())};
}

Exit list(Context& on, const Values& with) {
  Query query;
  query.add("state", with.text("--state")).add("outcome", with.text("--outcome"));
  query.add("problem", with.flag("--problem") ? "true" : "").add("q", with.text("--search"));
  query.add("limit", with.text("--limit")).add("cursor", with.text("--cursor"));
  return on.list("/mails" + query.text(), with.flag("--watch"), [&](json::View page) {
    const json::View items = page["items"];
    if (items.size() == 0 && page["next"].text().empty()) {
      on.out() << (with.flag("--problem") ? "Nothing needs you: every mail became something.\n"
                   : query.text().empty()
                       ? "No mail has come in yet. Where the hub takes mail: [mail] in ombud.toml\n"
                       : "No mail matches. Leave out an option to see more.\n");
      return;
    }
    Table table({"MAIL", "CAME", "FROM", "SENDER", "SUBJECT", "SIZE", "BECAME", "TICKET"});
    for (std::size_t i = 0; i < items.size(); ++i) {
      const json::View mail = items.at(i);
      table.add({{mail["id"].dump(), Paint::bold},
                 {on.when(mail["received_at"])},
                 {std::string(mail["from"].text("nobody"))},
                 verdict_cell(mail["authentication"]),
                 {std::string(mail["subject"].text())},
                 {size_words(mail["bytes"].integer())},
                 outcome_cell(mail),
                 {std::string(mail["reference"].text())}});
    }
    table.print(on.out(), on.style, on.columns);
    on.print_more(page);
  });
}

std::string joined(json::View texts) {
  std::string all;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    all += (i == 0 ? "" : ", ") + std::string(texts.at(i).text());
  }
  return all;
}

std::string methods_of(json::View authentication) {
  std::string all;
  for (const char* method : {"spf", "dkim", "dmarc"}) {
    if (const std::string_view said = authentication[method].text(); !said.empty()) {
      all += fmt::format("{}{} {}", all.empty() ? "" : ", ", method, printable(said));
    }
  }
  return all;
}

Exit show(Context& on, const Values& with) {
  const auto id = on.number(with.text("MAIL"), "mail");
  if (!id) return on.fail(id.error());
  return on.finish(on.get(fmt::format("/mails/{}", *id)), [&](json::View mail) {
    on.out() << on.style(Paint::bold, fmt::format("Mail {}", *id)) << "  "
             << printable(mail["subject"].text()) << '\n';
    Facts facts(on);
    facts.add("became", outcome_cell(mail)).add("ticket", mail["reference"]);
    facts.add("problem", mail["problem"]).add_time("came", mail["received_at"]);
    facts.add("by", mail["mailbox"]).add("from", mail["from"]).add("name", mail["from_name"]);
    facts.add("envelope",
              {mail["envelope_from"].text().empty() ? std::string("<>: a machine's")
                                                    : std::string(mail["envelope_from"].text())});
    facts.add("to", {joined(mail["to"])}).add("message id", mail["message_id"]);
    facts.add("sender", verdict_cell(mail["authentication"]));
    facts.add("found by", {methods_of(mail["authentication"])}).add("link", mail["link"]);
    facts.add("size", {size_words(mail["bytes"].integer())});
    facts.add("tries", {mail["attempts"].dump()}).add_time("done", mail["done_at"]);
    facts.print();
    if (const std::string_view remarks = mail["remarks"].text(); !remarks.empty()) {
      on.out() << '\n' << wrap(printable(remarks, true), on.columns > 0 ? on.columns : 100, "  ");
    }
    on.out() << fmt::format("\nThe mail itself: ombud mail original {} --to mail-{}.eml\n", *id,
                            *id);
    if (mail["state"].text() != "done") {
      on.out() << fmt::format("Read it again:   ombud mail retry {}\n", *id);
    }
  });
}

Exit original(Context& on, const Values& with) {
  const auto id = on.number(with.text("MAIL"), "mail");
  if (!id) return on.fail(id.error());
  return download_to(on, fmt::format("/mails/{}/original", *id), with.text("--to", "-"));
}

Exit retry(Context& on, const Values& with) {
  const auto id = on.number(with.text("MAIL"), "mail");
  if (!id) return on.fail(id.error());
  json::Writer body;
  body.begin_object().field_if("reason", with.maybe("--reason")).end_object();
  return on.finish(on.post(fmt::format("/mails/{}/retry", *id), body.take()), [&](json::View) {
    on.out() << fmt::format("Mail {} is read again. Look at it: ombud mail show {}\n", *id, *id);
  });
}

}  // namespace

std::vector<Command> mail_commands() {
  using Kind = Argument::Kind;
  const Argument mail{.name = "MAIL", .help = "its number in the list", .required = true};
  return {
      {.group = "mail",
       .name = "list",
       .summary = "List the mails that came in, newest first, and what became of each.",
       .arguments = {{.name = "--state",
                      .help = "in this state",
                      .choices = {"received", "waiting_link", "done"}},
                     {.name = "--outcome",
                      .help = "that became this",
                      .choices = {"registered", "quiet", "gathered", "reply", "note", "bounce",
                                  "supplier", "notice", "duplicate"}},
                     {.name = "--problem",
                      .help = "only what is not done because something went wrong",
                      .kind = Kind::flag},
                     {.name = "--search", .help = "a part of an address, a name or the subject"},
                     {.name = "--limit", .help = "how many at most (1 to 200)"},
                     {.name = "--cursor", .help = "go on after an earlier list"},
                     {.name = "--watch", .help = "show it again every 2 s", .kind = Kind::flag}},
       .examples = {"ombud mail list --problem", "ombud mail list --search anna@alfa.example",
                    "ombud mail list --outcome bounce --json"},
       .run = list},
      {.group = "mail",
       .name = "show",
       .summary = "Show one mail: whom it is from, whether that was proven, what became of it.",
       .arguments = {mail},
       .examples = {"ombud mail show 17"},
       .run = show},
      {.group = "mail",
       .name = "original",
       .summary = "Get the mail itself, byte for byte as it came.",
       .arguments = {mail,
                     {.name = "--to", .help = "this file, which is not overwritten; \"-\": print"}},
       .examples = {"ombud mail original 17 --to mail-17.eml", "ombud mail original 17 | less"},
       .run = original},
      {.group = "mail",
       .name = "retry",
       .summary = "Have a mail read again that is not done, also one that took the hub down.",
       .arguments = {mail, {.name = "--reason", .help = "why, for the audit"}},
       .examples = {"ombud mail retry 17 --reason \"blobs restored\""},
       .run = retry},
  };
}

}  // namespace ombud::cli
