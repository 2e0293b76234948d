// ombud notice list, show, new, publish, dismiss, promote, end: what suppliers announce by
// themselves, and the desk to its users.
#include <fmt/format.h>

#include <istream>
#include <ostream>

#include "cli/commands/troubles.hpp"
#include "cli/commands/words.hpp"
#include "cli/context.hpp"

namespace ombud::cli {
namespace {

Cell review_cell(json::View notice) {
  const std::string_view review = notice["review"].text();
  const bool news = notice["news"].boolean() && review != "new";
  return {std::string(review) + (news ? " (news)" : ""), review == "new" || news ? Paint::yellow
                                                         : review == "published" ? Paint::green
                                                                                 : Paint::dim};
}

std::string customers_of(json::View notice) {
  std::string all;
  const json::View customers = notice["customers"];
  for (std::size_t i = 0; i < customers.size(); ++i) {
    all += (i == 0 ? "" : ", ") + std::string(customers.at(i)["customer"].text());
  }
  return all;
}

Exit list(Context& on, const Values& with) {
  Query query;
  query.add("review", with.text("--review")).add("link", with.text("--link"));
  query.add("current", with.flag("--all") ? "" : "true");
  return on.list("/notices" + query.text(), false, [&](json::View page) {
    const json::View items = page["items"];
    if (items.size() == 0) {
      on.out() << "Nobody announces anything"
               << (with.flag("--all") ? ".\n" : " now. What is over: ombud notice list --all\n");
      return;
    }
    Table table(
        {"NOTICE", "KIND", "STATE", "DESK", "SUPPLIER", "FROM", "UNTIL", "CUSTOMERS", "TITLE"});
    for (std::size_t i = 0; i < items.size(); ++i) {
      const json::View notice = items.at(i);
      table.add(
          {{notice["id"].dump(), Paint::bold},
           {std::string(notice["kind"].text())},
           {std::string(notice["state"].text())},
           review_cell(notice),
           {notice["link"].text().empty() ? "(the desk)" : std::string(notice["supplier"].text())},
           {on.when(notice["starts_at"])},
           {on.when(notice["ends_at"])},
           {customers_of(notice)},
           {std::string(notice["title"].text())}});
    }
    table.print(on.out(), on.style, on.columns);
    on.print_more(page);
  });
}

void print_notice(Context& on, json::View notice) {
  on.out() << on.style(Paint::bold, fmt::format("Notice {}", notice["id"].integer())) << "  "
           << printable(notice["title"].text()) << '\n';
  Facts facts(on);
  facts.add("kind", notice["kind"]).add("state", notice["state"]);
  facts.add("desk", review_cell(notice)).add("reason", notice["reason"]);
  facts.add("supplier", notice["supplier"]).add("link", notice["link"]);
  facts.add("their id", notice["remote_id"]).add("address", notice["url"]);
  facts.add("services named", notice["services_named"]);
  facts.add_time("from", notice["starts_at"]).add_time("until", notice["ends_at"]);
  facts.add_time("came", notice["created_at"]).add_time("changed", notice["updated_at"]);
  facts.add("users read", notice["public_title"]);
  facts.print();
  const json::View customers = notice["customers"];
  for (std::size_t i = 0; i < customers.size(); ++i) {
    const json::View customer = customers.at(i);
    Facts one(on);
    one.add("concerns", customer["customer"]).add("services", customer["services"]);
    one.add("shown", customer["shown"]);
    if (const auto ticket = customer["ticket"].maybe_integer()) {
      one.add("major incident", {reference_of(TicketId{*ticket})});
    }
    on.out() << '\n';
    one.print("  ");
  }
  if (const std::string_view text = notice["text"].text(); !text.empty()) {
    on.out() << '\n' << printable(text) << '\n';
  }
  if (const std::string_view text = notice["public_text"].text();
      !text.empty() && text != notice["text"].text()) {
    on.out() << "\nUsers read:\n" << printable(text) << '\n';
  }
}

Exit show(Context& on, const Values& with) {
  const auto id = on.number(with.text("NOTICE"), "notice");
  if (!id) return on.fail(id.error());
  return on.finish(on.get(fmt::format("/notices/{}", *id)),
                   [&](json::View notice) { print_notice(on, notice); });
}

// How many people those customers have; of all of them, if none is named.
Outcome<std::int64_t> people_at(Context& on, std::vector<std::string> customers) {
  if (customers.empty()) {
    const auto pages = on.get_all("/customers");
    if (!pages) return pages.error();
    for (const json::Document& page : *pages) {
      const json::View items = page["items"];
      for (std::size_t i = 0; i < items.size(); ++i) {
        customers.emplace_back(items.at(i)["id"].text());
      }
    }
  }
  std::int64_t people = 0;
  for (const std::string& customer : customers) {
    const auto pages = on.get_all("/people", Query().add("customer", customer).add("limit", "200"));
    if (!pages) return pages.error();
    for (const json::Document& page : *pages) {
      const json::View items = page["items"];
      for (std::size_t i = 0; i < items.size(); ++i) {
        people += items.at(i)["email"].text().empty() ? 0 : 1;
      }
    }
  }
  return people;
}

// An outage is mailed to everybody whom it concerns, and no mail comes back. Nothing: go on.
std::optional<Exit> may_mail(Context& on, const Values& with,
                             const std::vector<std::string>& customers) {
  if (with.flag("--yes")) return std::nullopt;
  const auto people = people_at(on, customers);
  if (!people) return on.fail(people.error());
  if (*people == 0 || letters_leave(on) == false) return std::nullopt;
  const std::string who =
      *people == 1 ? "1 person gets a mail" : fmt::format("{} people get a mail", *people);
  if (!on.world.in_is_terminal || !on.world.out_is_terminal || on.json()) {
    return on.usage(
        fmt::format("At once {}, but for those who want none. Add --yes if that is "
                    "meant, or --draft to look at it first.",
                    who));
  }
  on.out() << fmt::format("At once {}, but for those who want none. Announce it? [y/N] ", who)
           << std::flush;
  std::string line;
  std::getline(on.world.in, line);
  if (line == "y" || line == "Y" || line == "yes" || line == "j" || line == "ja") {
    return std::nullopt;
  }
  on.out() << "Nothing was announced. With --draft only the desk sees it.\n";
  return Exit::failed;
}

Exit announce(Context& on, const Values& with) {
  const auto customers = with.list("--customer");
  if (customers.empty() != with.flag("--all")) {
    return on.usage("Say whom it concerns: --customer for each, or --all.");
  }
  const bool mailed = with.text("--kind", "outage") == "outage" && !with.flag("--draft");
  if (mailed) {
    if (const auto ends = may_mail(on, with, customers)) return *ends;
  }
  json::Writer body;
  body.begin_object().field("kind", with.text("--kind", "outage"));
  body.field("title", with.text("TITLE")).field_if("text", with.maybe("TEXT")).key("customers");
  if (customers.empty()) {
    body.value("all");
  } else {
    body.begin_array();
    for (const std::string& customer : customers) body.value(customer);
    body.end_array();
  }
  body.begin_array("services");
  for (const std::string& service : with.list("--service")) body.value(service);
  body.end_array().field_if("starts_at", with.maybe("--from"));
  body.field_if("ends_at", with.maybe("--until")).field("publish", !with.flag("--draft"));
  if (with.flag("--tell-start")) body.field("tell_start", true);
  return on.finish(on.post("/notices", body.end_object().take()), [&](json::View notice) {
    on.out() << fmt::format(
        "Notice {}. {}\n", notice["id"].integer(),
        notice["review"].text() == "published"
            ? "Users see it now."
            : fmt::format("Users see it after: ombud notice publish {}", notice["id"].integer()));
  });
}

Exit end(Context& on, const Values& with) {
  const auto id = on.number(with.text("NOTICE"), "notice");
  if (!id) return on.fail(id.error());
  return on.finish(on.post(fmt::format("/notices/{}/end", *id), "{}"),
                   [&](json::View) { on.out() << fmt::format("Notice {} is over.\n", *id); });
}

Exit publish(Context& on, const Values& with) {
  const auto id = on.number(with.text("NOTICE"), "notice");
  if (!id) return on.fail(id.error());
  if (!with.flag("--yes")) {
    const auto notice = on.get(fmt::format("/notices/{}", *id));
    if (!notice) return on.fail(notice.error());
    std::vector<std::string> customers = with.list("--customer");
    if (customers.empty()) {
      const json::View concerned = notice->root()["customers"];
      for (std::size_t i = 0; i < concerned.size(); ++i) {
        customers.emplace_back(concerned.at(i)["customer"].text());
      }
    }
    if (notice->root()["kind"].text() == "outage") {
      if (const auto ends = may_mail(on, with, customers)) return *ends;
    }
  }
  json::Writer body;
  body.begin_object().field_if("title", with.maybe("--title"));
  body.field_if("text", with.maybe("--text")).begin_array("customers");
  for (const std::string& customer : with.list("--customer")) body.value(customer);
  body.end_array().end_object();
  return on.finish(
      on.post(fmt::format("/notices/{}/publish", *id), body.take()), [&](json::View notice) {
        std::string shown;
        const json::View customers = notice["customers"];
        for (std::size_t i = 0; i < customers.size(); ++i) {
          if (!customers.at(i)["shown"].boolean()) continue;
          shown += (shown.empty() ? "" : ", ") + std::string(customers.at(i)["customer"].text());
        }
        on.out() << fmt::format("Notice {} is shown to the users of {}.\n", *id, printable(shown));
      });
}

Exit dismiss(Context& on, const Values& with) {
  const auto id = on.number(with.text("NOTICE"), "notice");
  if (!id) return on.fail(id.error());
  json::Writer body;
  body.begin_object().field_if("reason", with.maybe("--reason")).end_object();
  return on.finish(on.post(fmt::format("/notices/{}/dismiss", *id), body.take()), [&](json::View) {
    on.out() << fmt::format("Notice {} is shown to nobody.\n", *id);
  });
}

Exit promote(Context& on, const Values& with) {
  const auto id = on.number(with.text("NOTICE"), "notice");
  if (!id) return on.fail(id.error());
  json::Writer body;
  body.begin_object().field_if("customer", with.maybe("--customer"));
  body.field_if("subject", with.maybe("--subject")).field_if("text", with.maybe("--text"));
  body.field_if("team", with.maybe("--team")).end_object();
  return on.finish(on.post(fmt::format("/notices/{}/promote", *id), body.take()),
                   [&](json::View notice) {
                     const json::View customers = notice["customers"];
                     for (std::size_t i = 0; i < customers.size(); ++i) {
                       const auto ticket = customers.at(i)["ticket"].maybe_integer();
                       if (!ticket) continue;
                       on.out() << fmt::format("{} is the major incident of {}.\n",
                                               reference_of(TicketId{*ticket}),
                                               printable(customers.at(i)["customer"].text()));
                     }
                   });
}

}  // namespace

std::vector<Command> notice_commands() {
  using Kind = Argument::Kind;
  const Argument notice{.name = "NOTICE", .help = "its number in the list", .required = true};
  return {
      {.group = "notice",
       .name = "list",
       .summary = "List what suppliers and the desk announce: maintenance, outages, what to know.",
       .arguments = {{.name = "--review",
                      .help = "only those that the desk has left so",
                      .choices = {"new", "published", "dismissed"}},
                     {.name = "--link", .help = "only those of one supplier"},
                     {.name = "--all",
                      .help = "also those that are over or cancelled",
                      .kind = Kind::flag}},
       .examples = {"ombud notice list --review new"},
       .run = list},
      {.group = "notice",
       .name = "show",
       .summary = "Show one notice and whom it concerns.",
       .arguments = {notice},
       .examples = {"ombud notice show 4"},
       .run = show},
      {.group = "notice",
       .name = "new",
       .summary = "Announce something to the users of some customers, or of all.",
       .arguments = {{.name = "TITLE", .help = "what is the matter", .required = true},
                     {.name = "TEXT", .help = "more of it"},
                     {.name = "--kind",
                      .help = "outage, if it is left out",
                      .choices = {"outage", "maintenance", "information"}},
                     {.name = "--customer", .help = "whom it concerns", .kind = Kind::list},
                     {.name = "--all",
                      .help = "all customers, also those that come later",
                      .kind = Kind::flag},
                     {.name = "--service", .help = "what it is about", .kind = Kind::list},
                     {.name = "--from", .help = "such as 2026-11-28T06:00:00Z; now, if left out"},
                     {.name = "--until", .help = "until it is ended, if left out"},
                     {.name = "--tell-start",
                      .help = "of a planned outage: mail its users when it begins, too",
                      .kind = Kind::flag},
                     {.name = "--draft",
                      .help = "users neither see it nor get a mail yet",
                      .kind = Kind::flag},
                     {.name = "--yes",
                      .help = "do not ask whether everybody may get a mail",
                      .kind = Kind::flag}},
       .examples = {"ombud notice new \"E-posten är nere\" \"Vi felsöker.\" --all --draft",
                    "ombud notice new \"E-posten är nere\" --customer alfa --yes",
                    "ombud notice new \"Skrivarna byts\" --kind maintenance --customer alfa"},
       .more =
           "An outage is mailed at once to everybody whom it concerns and who wants such mails; "
           "maintenance and information are shown on the portal alone. How many that are is told "
           "and asked at the terminal; elsewhere --yes must say so. With --draft only the desk "
           "sees it, until: ombud notice publish.",
       .run = announce},
      {.group = "notice",
       .name = "end",
       .summary = "What the desk announced is over.",
       .arguments = {notice},
       .examples = {"ombud notice end 4"},
       .run = end},
      {.group = "notice",
       .name = "publish",
       .summary = "Show it to the users of the customers that it concerns.",
       .arguments = {notice,
                     {.name = "--title", .help = "the desk's own words"},
                     {.name = "--text", .help = "likewise; none if there is a title alone"},
                     {.name = "--customer",
                      .help = "only to this one of those that it concerns",
                      .kind = Kind::list},
                     {.name = "--yes",
                      .help = "do not ask whether everybody may get a mail",
                      .kind = Kind::flag}},
       .examples = {"ombud notice publish 4 --title \"Skrivarna är nere lördag 8-12\""},
       .more =
           "Without --title and --text users read the supplier's words as they are now. What it "
           "writes later is not shown before you publish it again; times and state are. An outage "
           "is "
           "mailed to those people, after the same question as that of: ombud notice new.",
       .run = publish},
      {.group = "notice",
       .name = "dismiss",
       .summary = "It is nothing for users, or no longer.",
       .arguments = {notice, {.name = "--reason", .help = "why, for the desk"}},
       .examples = {"ombud notice dismiss 4 --reason \"nobody uses that floor\""},
       .run = dismiss},
      {.group = "notice",
       .name = "promote",
       .summary = "Make it a major incident: one ticket for each customer.",
       .arguments = {notice,
                     {.name = "--customer", .help = "only for this one"},
                     {.name = "--subject", .help = "what users read; neutral words if left out"},
                     {.name = "--text", .help = "likewise"},
                     {.name = "--team", .help = "which team works it; the desk if left out"}},
       .examples = {"ombud notice promote 4"},
       .more = "It is not handed to the supplier by itself. What the supplier tells of it later "
               "comes as internal notes.",
       .run = promote},
  };
}

}  // namespace ombud::cli
