// ombud customer, user, service, team, agent: list, add and remove. Adding one that is there
// changes it; removing is for those that nothing refers to, and a user may be anonymised instead.
#include <fmt/format.h>

#include <cctype>
#include <ostream>

#include "cli/commands/words.hpp"
#include "cli/context.hpp"

namespace ombud::cli {
namespace {

// A kind of thing in the directory: what it is called, and its members in the API.
struct Kind {
  std::string_view group;  // of the command, and the word for one of them
  std::string_view path;
  std::vector<std::string_view> columns;
};

const Kind kCustomer{"customer", "/customers", {"id", "language", "mail_domains", "name"}};
const Kind kUser{"user", "/people", {"id", "customer", "email", "phone", "language", "name"}};
const Kind kService{"service", "/services", {"id", "words", "name"}};
const Kind kTeam{"team", "/teams", {"id", "name"}};
const Kind kAgent{"agent", "/agents", {"id", "team", "email", "name"}};

std::string cell_text(json::View value) {
  if (value.is_text()) return std::string(value.text());
  if (!value.is_array()) return value.present() ? value.dump() : "";
  std::string all;
  for (std::size_t i = 0; i < value.size(); ++i) {
    all += (i == 0 ? "" : ", ") + std::string(value.at(i).text());
  }
  return all;
}

Exit list_of(const Kind& kind, Context& on, const Values& with) {
  Query query;
  query.add("customer", with.text("--customer")).add("limit", with.text("--limit"));
  query.add("cursor", with.text("--cursor")).add("email", with.text("--email"));
  return on.list(std::string(kind.path) + query.text(), false, [&](json::View page) {
    const json::View items = page["items"];
    if (items.size() == 0) {
      on.out() << fmt::format(
          "No {}s yet. Add one with `ombud {} add --help`, or many: "
          "ombud import FILE\n",
          kind.group, kind.group);
      return;
    }
    std::vector<std::string> titles;
    for (const std::string_view column : kind.columns) {
      std::string title(column);
      for (char& c : title) c = c == '_' ? ' ' : static_cast<char>(std::toupper(c));
      titles.push_back(std::move(title));
    }
    Table table(titles);
    for (std::size_t i = 0; i < items.size(); ++i) {
      std::vector<Cell> row;
      for (const std::string_view column : kind.columns) {
        row.push_back({cell_text(items.at(i)[column]), row.empty() ? Paint::bold : Paint::plain});
      }
      table.add(std::move(row));
    }
    table.print(on.out(), on.style, on.columns);
    on.print_more(page);
  });
}

// With a key: that one, made or changed; else a new one.
Exit keep(const Kind& kind, Context& on, const std::optional<std::string>& key,
          json::Writer& body) {
  if (key && !is_key(*key)) {
    return on.usage(
        fmt::format("\"{}\" is no key; write 1 to 64 of a-z, 0-9, '-', '_' and '.'.", *key));
  }
  const std::string request = body.end_object().take();
  const std::string path(kind.path);
  const auto answer = key ? on.put(path + "/" + *key, request) : on.post(path, request);
  return on.finish(answer, [&](json::View made) {
    on.out() << fmt::format("The {} {} is there: {}\n", kind.group,
                            printable(cell_text(made["id"])), printable(made["name"].text()));
  });
}

void put_list(json::Writer& body, std::string_view name, const std::vector<std::string>& values) {
  if (values.empty()) return;
  body.begin_array(name);
  for (const std::string& value : values) body.value(value);
  body.end_array();
}

Exit add_customer(Context& on, const Values& with) {
  json::Writer body;
  body.begin_object().field("name", with.text("NAME"));
  put_list(body, "mail_domains", with.list("--mail-domain"));
  body.field_if("language", with.maybe("--language"));
  const std::string approval = with.text("--order-approval");
  if (!approval.empty()) {
    body.key("order_approval");
    approval == "auto" ? body.null() : body.value(approval == "yes");
  }
  if (const auto written = with.maybe("--approval-days")) {
    const auto days = on.number(*written, "number of days");
    if (!days) return on.fail(days.error());
    body.field("approval_days", *days);
  }
  return keep(kCustomer, on, with.maybe("KEY"), body);
}

// Members that are named; the others stay as they are.
Exit change(const Kind& kind, Context& on, const std::string& key, json::Writer& body,
            bool nothing) {
  if (nothing) return on.usage("Say what to change; see --help.");
  const auto api = on.hub();
  if (!api) return on.fail(api.error());
  const auto answer =
      (*api)->patch(fmt::format("{}/{}", kind.path, key), body.end_object().take(), "");
  return on.finish(answer, [&](json::View now) {
    on.out() << fmt::format("The {} {} is changed: {}\n", kind.group,
                            printable(cell_text(now["id"])), printable(now["name"].text()));
  });
}

Exit change_customer(Context& on, const Values& with) {
  const std::string key = with.text("KEY");
  if (!is_key(key)) return on.usage(fmt::format("\"{}\" is no key of a customer.", key));
  json::Writer body;
  body.begin_object().field_if("name", with.maybe("--name"));
  put_list(body, "mail_domains", with.list("--mail-domain"));
  body.field_if("language", with.maybe("--language"));
  const std::string approval = with.text("--order-approval"), system = with.text("--system-speaks");
  if (!approval.empty()) {
    body.key("order_approval");
    approval == "auto" ? body.null() : body.value(approval == "yes");
  }
  if (!system.empty()) body.field("system_speaks_for_approvers", system == "yes");
  const auto written = with.maybe("--approval-days");
  if (written) {
    const auto days = on.number(*written, "number of days");
    if (!days) return on.fail(days.error());
    body.field("approval_days", *days);
  }
  const bool nothing = !with.maybe("--name") && with.list("--mail-domain").empty() &&
                       !with.maybe("--language") && approval.empty() && system.empty() && !written;
  return change(kCustomer, on, key, body, nothing);
}

Exit change_user(Context& on, const Values& with) {
  const auto person = on.number(with.text("USER"), "user");
  if (!person) return on.fail(person.error());
  json::Writer body;
  body.begin_object().field_if("name", with.maybe("--name"));
  body.field_if("phone", with.maybe("--phone")).field_if("language", with.maybe("--language"));
  const std::string approver = with.text("--approver");
  if (!approver.empty()) body.field("approver", approver == "yes");
  const bool nothing = !with.maybe("--name") && !with.maybe("--phone") &&
                       !with.maybe("--language") && approver.empty();
  return change(kUser, on, std::to_string(*person), body, nothing);
}

void say_delegates(Context& on, json::View found) {
  const auto line = [&](std::string_view words, json::View one) {
    on.out() << fmt::format("{} {}, from {} until {}{}.\n", words, printable(one["name"].text()),
                            one["from"].text(), one["until"].text(),
                            one["active"].boolean() ? "" : " (not now)");
  };
  if (found["delegate"].is_object()) {
    line("Orders are decided in this approver's place by", found["delegate"]);
  } else {
    on.out() << "Nobody decides orders in this approver's place.\n";
  }
  for (std::size_t i = 0; i < found["stands_for"].size(); ++i) {
    line("Stands in for", found["stands_for"].at(i));
  }
}

// Shows who stands in, names somebody, or ends it.
Exit delegate_of(Context& on, const Values& with) {
  const std::string user = with.text("USER");
  std::string path = "/account/delegate";
  if (user != "me") {
    const auto person = on.number(user, "user");
    if (!person) return on.fail(person.error());
    path = fmt::format("/people/{}/delegate", *person);
  }
  const auto to = with.maybe("--to"), until = with.maybe("--until"), from = with.maybe("--from");
  const bool end = with.flag("--end");
  if (end && (to || until || from)) return on.usage("--end stands alone.");
  if (to.has_value() != until.has_value() || (from && !to)) {
    return on.usage("--to and --until go together; --from may be left out.");
  }
  if (end) {
    return on.finish(on.remove(path), [&](json::View) {
      on.out() << "Nobody decides orders in this approver's place any more.\n";
    });
  }
  json::Writer body;
  body.begin_object().field_if("email", to).field_if("from", from).field_if("until", until);
  const auto answer = to ? on.put(path, body.end_object().take()) : on.get(path);
  return on.finish(answer, [&](json::View found) { say_delegates(on, found); });
}

Exit add_user(Context& on, const Values& with) {
  json::Writer body;
  body.begin_object().field("customer", with.text("--customer")).field("name", with.text("NAME"));
  body.field_if("email", with.maybe("--email")).field_if("phone", with.maybe("--phone"));
  body.field_if("language", with.maybe("--language"));
  if (with.flag("--approver")) body.field("approver", true);
  return keep(kUser, on, std::nullopt, body);
}

Exit add_service(Context& on, const Values& with) {
  json::Writer body;
  body.begin_object().field("name", with.text("NAME"));
  put_list(body, "words", with.list("--word"));
  return keep(kService, on, with.maybe("KEY"), body);
}

Exit add_team(Context& on, const Values& with) {
  json::Writer body;
  body.begin_object().field("name", with.text("NAME"));
  return keep(kTeam, on, with.maybe("KEY"), body);
}

Exit add_agent(Context& on, const Values& with) {
  json::Writer body;
  body.begin_object().field("name", with.text("NAME"));
  body.field("team", with.text("--team", "desk")).field_if("email", with.maybe("--email"));
  return keep(kAgent, on, with.maybe("KEY"), body);
}

// Of a person the number in the list, of anything else its key.
Exit remove(const Kind& kind, Context& on, const std::string& key) {
  if (!is_key(key)) return on.usage(fmt::format("\"{}\" is no {} of a list.", key, kind.group));
  const auto answer = on.remove(fmt::format("{}/{}", kind.path, key));
  return on.finish(answer, [&](json::View) {
    on.out() << fmt::format("The {} {} is removed.\n", kind.group, key);
  });
}

Exit erase_user(Context& on, const Values& with) {
  const auto id = on.number(with.text("USER"), "user");
  if (!id) return on.fail(id.error());
  json::Writer body;
  body.begin_object().field_if("reason", with.maybe("--reason")).end_object();
  return on.finish(on.post(fmt::format("/people/{}/erase", *id), body.take()),
                   [&](json::View erased) {
                     on.out() << fmt::format("User {} is anonymised.", *id);
                     const std::string_view account = erased["account"].text();
                     if (account == "ended") on.out() << " The account has ended.";
                     if (account == "left")
                       on.out() << " The account is somebody's elsewhere, too, and stays.";
                     on.out() << "\nWhat still holds personal data:\n";
                     for (std::size_t i = 0; i < erased["kept"].size(); ++i) {
                       on.out() << "  - " << printable(erased["kept"].at(i).text()) << "\n";
                     }
                   });
}

Command remove_command(const Kind& kind, const Argument& key, std::string_view example) {
  return {.group = std::string(kind.group),
          .name = "remove",
          .summary = fmt::format("Remove one that nothing refers to{}.",
                                 &kind == &kUser ? "; else anonymise: ombud user erase" : ""),
          .arguments = {key},
          .examples = {fmt::format("ombud {} remove {}", kind.group, example)},
          .run = [&kind, name = key.name](Context& on, const Values& with) {
            return remove(kind, on, with.text(name));
          }};
}

Command list_command(const Kind& kind, std::string summary, std::vector<Argument> arguments = {}) {
  return {.group = std::string(kind.group),
          .name = "list",
          .summary = std::move(summary),
          .arguments = std::move(arguments),
          .examples = {fmt::format("ombud {} list{}", kind.group,
                                   &kind == &kUser ? " --customer acme" : "")},
          .run = [&kind](Context& on, const Values& with) { return list_of(kind, on, with); }};
}

}  // namespace

std::vector<Command> directory_commands() {
  using List = Argument::Kind;
  const Argument key{
      .name = "KEY", .help = "short name: a-z, 0-9, '-', '_' and '.'", .required = true};
  const Argument name{.name = "NAME", .help = "as people say it", .required = true};
  const Argument user{.name = "USER", .help = "the number in the list", .required = true};
  const Argument language{
      .name = "--language", .help = "what they are written to in", .choices = {"sv", "en"}};
  const Argument order_approval{
      .name = "--order-approval",
      .help = "orders wait for a yes of its own; auto: if it has an approver",
      .choices = {"yes", "no", "auto"}};
  const Argument approval_days{
      .name = "--approval-days",
      .help = "how long they wait before the desk looks after it (1 to 60)"};
  return {
      list_command(kCustomer, "List the organisations that the desk serves."),
      {.group = "customer",
       .name = "add",
       .summary = "Add a customer, or change one.",
       .arguments = {key,
                     name,
                     {.name = "--mail-domain",
                      .help = "mail from here is theirs",
                      .kind = List::list},
                     language,
                     order_approval,
                     approval_days},
       .examples = {"ombud customer add acme \"Acme AB\" --mail-domain acme.example --language sv"},
       .run = add_customer},
      {.group = "customer",
       .name = "change",
       .summary = "Change what is named of a customer, and leave the rest.",
       .arguments = {key,
                     {.name = "--name", .help = "as people say it"},
                     {.name = "--mail-domain",
                      .help = "mail from here is theirs; instead of those before",
                      .kind = List::list},
                     language,
                     order_approval,
                     approval_days,
                     {.name = "--system-speaks",
                      .help =
                          "an approver's order that its own system brings in needs no other yes",
                      .choices = {"yes", "no"}}},
       .examples = {"ombud customer change acme --order-approval no"},
       .more = "Orders that wait already go on waiting when --order-approval says no: an approver "
               "decides them, or an agent goes on without and says why.",
       .run = change_customer},
      remove_command(kCustomer, key, "acme"),
      list_command(kUser, "List the people at a customer.",
                   {{.name = "--customer", .help = "of this customer"},
                    {.name = "--email", .help = "with exactly this address"},
                    {.name = "--limit", .help = "how many at most (1 to 200)"},
                    {.name = "--cursor", .help = "go on after an earlier list"}}),
      {.group = "user",
       .name = "add",
       .summary = "Add a person at a customer, or change the one with that e-mail address.",
       .arguments = {name,
                     {.name = "--customer", .help = "where they work", .required = true},
                     {.name = "--email", .help = "by which the desk knows them"},
                     {.name = "--phone", .help = "with country code"},
                     language,
                     {.name = "--approver", .help = "may say yes to orders", .kind = List::flag}},
       .examples = {"ombud user add \"Eva Ek\" --customer acme --email eva@acme.example"},
       .run = add_user},
      {.group = "user",
       .name = "change",
       .summary = "Change what is named of a person, and leave the rest.",
       .arguments = {user,
                     {.name = "--name", .help = "as people say it"},
                     {.name = "--phone", .help = "with country code"},
                     language,
                     {.name = "--approver",
                      .help = "whether he says yes or no to orders",
                      .choices = {"yes", "no"}}},
       .examples = {"ombud user change 17 --approver yes"},
       .more = "Who approves orders is said by team leads, operators, administrators, and the "
               "customer's managers.",
       .run = change_user},
      {.group = "user",
       .name = "delegate",
       .summary = "Who decides orders in an approver's place for some time: show, name, end.",
       .arguments = {{.name = "USER",
                      .help = "the number in the list; me: with a token of the approver's",
                      .required = true},
                     {.name = "--to", .help = "the address of somebody of the same customer"},
                     {.name = "--from", .help = "such as 2026-12-01T00:00:00Z; now if left out"},
                     {.name = "--until", .help = "at most 366 days later"},
                     {.name = "--end", .help = "nobody any more", .kind = List::flag}},
       .examples = {"ombud user delegate 17",
                    "ombud user delegate 17 --to nils@acme.example --until 2026-12-07T00:00:00Z",
                    "ombud user delegate me --end"},
       .run = delegate_of},
      remove_command(kUser, user, "17"),
      {.group = "user",
       .name = "erase",
       .summary = "Anonymise a person who asked for it. The tickets stay.",
       .arguments = {user, {.name = "--reason", .help = "who asked, and when; for the audit"}},
       .examples = {"ombud user erase 17 --reason \"Asked by letter, 23 November\""},
       .run = erase_user},
      list_command(kService, "List what tickets can be about."),
      {.group = "service",
       .name = "add",
       .summary = "Add a service, or change one.",
       .arguments = {key,
                     name,
                     {.name = "--word", .help = "what users call it", .kind = List::list}},
       .examples = {"ombud service add print \"Printing\" --word printer --word skrivare"},
       .run = add_service},
      remove_command(kService, key, "print"),
      list_command(kTeam, "List the provider's teams."),
      {.group = "team",
       .name = "add",
       .summary = "Add a team, or rename one.",
       .arguments = {key, name},
       .examples = {"ombud team add network \"Network\""},
       .run = add_team},
      remove_command(kTeam, key, "network"),
      list_command(kAgent, "List the provider's people."),
      {.group = "agent",
       .name = "add",
       .summary = "Add an agent, or change one.",
       .arguments = {key,
                     name,
                     {.name = "--team", .help = "desk if left out"},
                     {.name = "--email", .help = "where the desk reaches them"}},
       .examples = {"ombud agent add anna \"Anna Alm\" --team desk --email anna@desk.example"},
       .run = add_agent},
      remove_command(kAgent, key, "anna"),
  };
}

}  // namespace ombud::cli
