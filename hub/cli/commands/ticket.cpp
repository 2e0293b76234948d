// ombud ticket list, show, events, new: looking at tickets and registering them.
#include <fmt/format.h>

#include <ostream>

#include "cli/commands/words.hpp"
#include "cli/context.hpp"
#include "domain/words.hpp"

namespace ombud::cli {
namespace {

std::string joined_texts(json::View list) {
  std::string all;
  for (std::size_t i = 0; i < list.size(); ++i) {
    all += (i == 0 ? "" : ", ") + std::string(list.at(i).text());
  }
  return all.empty() ? "nothing" : all;
}

bool has(json::View list, std::string_view text) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list.at(i).text() == text) return true;
  }
  return false;
}

Exit list(Context& on, const Values& with) {
  Query query;
  query.add("status", with.text("--status")).add("customer", with.text("--customer"));
  query.add("team", with.text("--team")).add("agent", with.text("--agent"));
  query.add("service", with.text("--service")).add("kind", with.text("--kind"));
  query.add("open", with.flag("--open") ? "true" : "").add("q", with.text("WORDS"));
  query.add("limit", with.text("--limit")).add("cursor", with.text("--cursor"));
  return on.list("/tickets" + query.text(), with.flag("--watch"), [&](json::View page) {
    const json::View items = page["items"];
    if (items.size() == 0) {
      on.out()
          << (query.text().empty()
                  ? "No tickets yet. Register one: ombud ticket new --customer KEY \"Subject\"\n"
                  : "No ticket matches. Leave out an option to see more.\n");
      return;
    }
    Table table({"TICKET", "STATUS", "PRIORITY", "CUSTOMER", "OWNER", "CHANGED", "SUBJECT"});
    for (std::size_t i = 0; i < items.size(); ++i) {
      const json::View ticket = items.at(i);
      table.add({{reference(ticket), Paint::bold},
                 status_cell(ticket["status"].text()),
                 priority_cell(ticket["priority"].text()),
                 {std::string(ticket["customer"].text())},
                 {owner(ticket)},
                 {on.when(ticket["updated_at"])},
                 {std::string(ticket["subject"].text())}});
    }
    table.print(on.out(), on.style, on.columns);
    on.print_more(page);
  });
}

void print_message(Context& on, json::View message) {
  const std::string_view visibility = message["visibility"].text();
  const Paint paint = visibility == "internal"   ? Paint::yellow
                      : visibility == "supplier" ? Paint::green
                                                 : Paint::bold;
  // Of a sender whom nobody knows there is only what his mail says.
  std::string_view author = message["author"].text();
  if (author.empty()) author = message["mail"]["from_name"].text();
  if (author.empty()) author = message["mail"]["from"].text();
  std::string heading = printable(author.empty() ? message["from"].text() : author);
  if (visibility == "internal") heading += " (internal note)";
  if (visibility == "supplier") {
    heading += fmt::format(" (supplier thread, delegation {})", message["delegation"].dump());
  }
  on.out() << '\n'
           << on.style(paint, heading) << "  "
           << on.style(Paint::dim,
                       fmt::format("{}  #{}", on.when(message["at"]), message["id"].dump()))
           << '\n'
           << wrap(printable(message["text"].text(), true), on.columns > 0 ? on.columns : 100,
                   "  ");
}

// "Nils Nord", or "Nils Nord for Karin Ek".
std::string with_whose_place(std::string_view name, std::string_view instead_of) {
  return instead_of.empty() ? std::string(name) : fmt::format("{} for {}", name, instead_of);
}

// "waits for Karin Ek or Nils Nord", "approved by Maja Malm for Karin Ek": empty where nobody was
// asked.
std::string approval_words(json::View approval) {
  const std::string_view state = approval["state"].text();
  if (state == "needed") {
    const json::View approvers = approval["approvers"];
    std::string names;
    for (std::size_t i = 0; i < approvers.size(); ++i) {
      const json::View one = approvers.at(i);
      if (!one["may_decide"].boolean(true)) continue;
      names += names.empty() ? "" : " or ";
      names += with_whose_place(one["name"].text(), one["for"]["name"].text());
    }
    if (!names.empty()) return "waits for " + names;
    const std::string_view trouble = approval["trouble"].text();
    return trouble.empty() ? "waits, but the customer has nobody who could approve it"
                           : fmt::format("waits. {}", trouble);
  }
  const std::string by = with_whose_place(approval["decided_by"]["name"].text(),
                                          approval["decided_for"]["name"].text());
  const std::string_view comment = approval["comment"].text();
  std::string words(state == "not_needed" ? "not needed" : state);
  if (state == "not_needed" && comment.empty()) return {};
  if (!by.empty()) words += fmt::format(" by {}", by);
  if (!comment.empty()) words += fmt::format(": {}", comment);
  return words;
}

Exit show(Context& on, const Values& with) {
  const auto id = on.ticket(with.text("TICKET"));
  if (!id) return on.fail(id.error());
  return on.finish(on.get(fmt::format("/tickets/{}", id->value)), [&](json::View ticket) {
    on.out() << on.style(Paint::bold, fmt::format("{}  {}", reference(ticket),
                                                  printable(ticket["subject"].text())))
             << '\n';
    Facts facts(on);
    facts.add("status", status_cell(ticket["status"].text()));
    facts.add("kind", ticket["kind"]).add("priority", priority_cell(ticket["priority"].text()));
    facts.add("customer", ticket["customer"]);
    if (const json::View contact = ticket["contact"]; contact.is_object()) {
      // The address is a stranger's words: it stands in no command that somebody copies.
      facts.add("user", Cell{fmt::format("not known: {} (see ombud ticket edit --requester)",
                                         printable(contact["address"].text()))});
    } else {
      facts.add("user", ticket["requester_name"]);
    }
    facts.add("service", ticket["service"]).add("owner", {owner(ticket)});
    facts.add("approval", Cell{printable(approval_words(ticket["approval"]))});
    facts.add_time("registered", ticket["created_at"]).add_time("changed", ticket["updated_at"]);
    facts.add_time("resolved", ticket["resolved_at"]).add_time("closed", ticket["closed_at"]);
    facts.print();
    const json::View delegations = ticket["delegations"];
    for (std::size_t i = 0; i < delegations.size(); ++i) print_delegation(on, delegations.at(i));
    const json::View messages = ticket["messages"];
    for (std::size_t i = 0; i < messages.size(); ++i) print_message(on, messages.at(i));
    const json::View files = ticket["attachments"];
    if (files.size() == 0) return;
    on.out() << '\n';
    Table table({"FILE", "SIZE", "FROM", "ADDED", "NAME"});
    for (std::size_t i = 0; i < files.size(); ++i) {
      const json::View file = files.at(i);
      table.add({{file["id"].dump()},
                 {size_words(file["bytes"].integer())},
                 {std::string(file["from"].text())},
                 {on.when(file["at"])},
                 {std::string(file["name"].text())}});
    }
    table.print(on.out(), on.style, on.columns);
  });
}

Exit events(Context& on, const Values& with) {
  const auto id = on.ticket(with.text("TICKET"));
  if (!id) return on.fail(id.error());
  Query query;
  query.add("limit", with.text("--limit", "200")).add("cursor", with.text("--cursor"));
  const std::string path = fmt::format("/tickets/{}/events{}", id->value, query.text());
  return on.finish(on.get(path), [&](json::View page) {
    Table table({"VERSION", "AT", "BY", "EVENT", "DATA"});
    const json::View items = page["items"];
    for (std::size_t i = 0; i < items.size(); ++i) {
      const json::View event = items.at(i);
      table.add({{event["version"].dump()},
                 {std::string(event["at"].text())},
                 {std::string(event["actor"].text())},
                 {std::string(event["type"].text()), Paint::bold},
                 {event["data"].dump()}});
    }
    table.print(on.out(), on.style, on.columns);
    on.print_more(page);
  });
}

// Whoever orders something must know that somebody else has to act first.
void tell_waiting(Context& on, std::int64_t ticket) {
  const auto seen = on.get(fmt::format("/tickets/{}", ticket));
  if (!seen) return;  // it is registered all the same
  const json::View approval = seen->root()["approval"];
  if (approval["state"].text() != "needed") return;
  on.out() << fmt::format("It {}", printable(approval_words(approval)));
  if (approval["due_at"].is_text()) {
    on.out() << fmt::format("; an answer is due {}", on.when(approval["due_at"]));
  }
  on.out() << "; nothing of it leaves before.\n";
}

Exit create(Context& on, const Values& with) {
  const auto text = on.text_or_input(with.maybe("TEXT"));
  if (!text) return on.fail(text.error());
  json::Writer body;
  body.begin_object().field("subject", with.text("SUBJECT")).field("text", *text);
  body.field_if("customer", with.maybe("--customer")).field_if("service", with.maybe("--service"));
  body.field_if("kind", with.maybe("--kind")).field_if("priority", with.maybe("--priority"));
  body.field_if("team", with.maybe("--team")).field_if("channel", with.maybe("--channel"));
  if (const auto user = with.maybe("--user")) {
    const auto number = on.number(*user, "user");
    if (!number) return on.fail(number.error());
    body.field("requester", *number);
  } else if (const auto name = with.maybe("--name")) {
    body.begin_object("requester").field("name", *name);
    body.field_if("email", with.maybe("--email")).field_if("phone", with.maybe("--phone"));
    body.end_object();
  }
  return on.finish(on.post("/tickets", body.end_object().take()), [&](json::View ticket) {
    on.out() << "Registered " << on.style(Paint::bold, reference(ticket)) << ".\n";
    if (ticket["kind"].text() == "order") tell_waiting(on, ticket["id"].integer());
    on.out() << "Follow it with: ombud ticket show " << reference(ticket) << '\n';
  });
}

Exit preview_or_delegate(Context& on, const Values& with) {
  const auto id = on.ticket(with.text("TICKET"));
  if (!id) return on.fail(id.error());
  json::Writer body;
  body.begin_object().field_if("link", with.maybe("--link"));
  body.field_if("service", with.maybe("--service")).field_if("brief", with.maybe("--brief"));
  const std::string request = body.end_object().take();
  const std::string path = fmt::format("/tickets/{}/delegations", id->value);
  if (!with.flag("--preview")) {
    return on.finish(on.post(path, request), [&](json::View delegation) {
      on.out() << fmt::format("Delegated to {}: delegation {}.\n",
                              printable(delegation["supplier"].text(delegation["link"].text())),
                              delegation["id"].dump())
               << fmt::format("Follow it with: ombud ticket show {}\n", reference_of(*id));
    });
  }
  return on.finish(on.post(path + "/preview", request), [&](json::View preview) {
    on.out() << fmt::format("To {} by link {}. Nothing has been sent.\n",
                            printable(preview["supplier"].text()),
                            printable(preview["link"].text()))
             << "leaves:   " << printable(joined_texts(preview["shared"])) << '\n'
             << "stays:    " << printable(joined_texts(preview["withheld"])) << '\n';
    if (has(preview["withheld"], "priority")) {
      // Suppliers' systems want one (sdk/DOCUMENTS.md).
      on.out() << "          The document says \"normal\" whatever the ticket's priority is.\n";
    }
    const json::View documents = preview["documents"];
    for (std::size_t i = 0; i < documents.size(); ++i) {
      const json::View document = documents.at(i);
      on.out() << '\n'
               << on.style(Paint::bold, printable(document["op"].text("document"))) << '\n'
               << printable(document["document"].text(), true) << '\n';
    }
  });
}

std::vector<std::string> words(std::initializer_list<std::string_view> all) {
  return {all.begin(), all.end()};
}

}  // namespace

std::vector<Command> ticket_commands() {
  using Kind = Argument::Kind;
  const auto kinds = words({"incident", "order", "question"});
  const auto priorities = words({"low", "normal", "high", "urgent"});
  return {
      {.group = "ticket",
       .name = "list",
       .summary = "List tickets, last changed first.",
       .arguments = {{.name = "WORDS",
                      .help = "search subjects and messages; all words must occur"},
                     {.name = "--open", .help = "neither resolved nor closed", .kind = Kind::flag},
                     {.name = "--status",
                      .help = "in this status",
                      .choices = words({"new", "in_progress", "waiting_user", "waiting_supplier",
                                        "resolved", "closed"})},
                     {.name = "--customer", .help = "of this customer"},
                     {.name = "--team", .help = "owned by this team"},
                     {.name = "--agent", .help = "assigned to this agent"},
                     {.name = "--service", .help = "about this service"},
                     {.name = "--kind", .help = "of this kind", .choices = kinds},
                     {.name = "--limit", .help = "how many at most (1 to 200)"},
                     {.name = "--cursor", .help = "go on after an earlier list"},
                     {.name = "--watch", .help = "show it again every 2 s", .kind = Kind::flag}},
       .examples = {"ombud ticket list --open", "ombud ticket list \"vpn login\" --customer acme",
                    "ombud ticket list --status waiting_supplier --json"},
       .run = list},
      {.group = "ticket",
       .name = "show",
       .summary = "Show one ticket with its messages, files and delegations.",
       .arguments = {{.name = "TICKET", .help = "OMB-42 or 42", .required = true}},
       .examples = {"ombud ticket show OMB-42"},
       .run = show},
      {.group = "ticket",
       .name = "events",
       .summary = "Show everything that ever happened to a ticket.",
       .arguments = {{.name = "TICKET", .help = "OMB-42 or 42", .required = true},
                     {.name = "--limit", .help = "how many at most (1 to 200)"},
                     {.name = "--cursor", .help = "go on after an earlier list"}},
       .examples = {"ombud ticket events OMB-42"},
       .run = events},
      {.group = "ticket",
       .name = "new",
       .summary = "Register a ticket.",
       .arguments = {{.name = "SUBJECT", .help = "one line", .required = true},
                     {.name = "TEXT", .help = "what it is about; - or none: standard input"},
                     {.name = "--customer", .help = "whose ticket it is"},
                     {.name = "--user", .help = "who asked: a number from `ombud user list`"},
                     {.name = "--name", .help = "who asked, if the desk may not know them yet"},
                     {.name = "--email", .help = "with --name"},
                     {.name = "--phone", .help = "with --name"},
                     {.name = "--service",
                      .help = "what it is about; recognised from words if left out"},
                     {.name = "--kind", .help = "incident if left out", .choices = kinds},
                     {.name = "--priority", .help = "normal if left out", .choices = priorities},
                     {.name = "--team", .help = "owning team; desk if left out"},
                     {.name = "--channel",
                      .help = "how it came in",
                      .choices = words({"mail", "portal", "phone", "api"})}},
       .examples =
           {"ombud ticket new --customer acme --user 7 \"Printer is on fire\" \"Third floor.\"",
            "ombud ticket new --customer acme \"Log from the night\" - < night.txt"},
       .run = create},
      {.group = "ticket",
       .name = "delegate",
       .summary = "Hand a ticket to a supplier; the desk keeps owning it.",
       .arguments = {{.name = "TICKET", .help = "OMB-42 or 42", .required = true},
                     {.name = "--link",
                      .help = "which supplier; needed if several have an agreement"},
                     {.name = "--service", .help = "the ticket's if left out"},
                     {.name = "--brief", .help = "the desk's own words to the supplier"},
                     {.name = "--preview",
                      .help = "show what would leave, byte for byte, and send nothing",
                      .kind = Kind::flag}},
       .examples =
           {"ombud ticket delegate OMB-42 --preview",
            "ombud ticket delegate OMB-42 --link acme-it --brief \"Please replace the fuser.\""},
       .more =
           "Needs an agreement that is valid now for customer, supplier and service. Only what it "
           "shares leaves; see `ombud agreement show`.",
       .run = preview_or_delegate},
  };
}

}  // namespace ombud::cli
