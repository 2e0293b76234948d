// ombud account: who may sign in, as what; and an operator's way out when somebody cannot.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <ostream>

#include "cli/commands/troubles.hpp"
#include "cli/commands/words.hpp"
#include "cli/context.hpp"
#include "cli/mail_addresses.hpp"

namespace ombud::cli {
namespace {

constexpr std::size_t kPasswordFileBytesMax = 2048;

bool is_staff_role(const std::string& role) {
  return role == "agent" || role == "lead" || role == "operator" || role == "admin";
}

// The account with exactly this address.
Outcome<json::Document> find(Context& on, const std::string& email) {
  const std::string wanted = lower(email);
  auto pages = on.get_all("/accounts", Query().add("q", wanted));
  if (!pages) return pages.error();
  for (const json::Document& page : *pages) {
    const json::View items = page["items"];
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (items.at(i)["email"].text() != wanted) continue;
      auto one = json::parse(items.at(i).dump());
      if (one) return std::move(*one);
    }
  }
  return Failure{Exit::not_found,
                 fmt::format("There is no account with the address {}.", printable(email)),
                 {},
                 "See: ombud account list",
                 {}};
}

Outcome<std::string> first_line(std::istream& in, std::string_view name) {
  std::string text(kPasswordFileBytesMax + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  text.resize(std::min(text.find('\n'), text.size()));
  if (!text.empty() && text.back() == '\r') text.pop_back();
  if (text.empty() || text.size() >= kPasswordFileBytesMax) {
    return Failure{Exit::usage,
                   fmt::format("{} holds no password; write it on the first line.", name),
                   {},
                   {},
                   {}};
  }
  return text;
}

// From --password-file, or twice from the terminal.
Outcome<std::string> password(Context& on, const std::optional<std::string>& file) {
  if (file && *file == "-") return first_line(on.world.in, "Standard input");
  if (file) {
    const std::filesystem::path path(*file);
    std::ifstream in(path.is_absolute() ? path : on.world.directory / path, std::ios::binary);
    if (!in) {
      return Failure{Exit::usage, fmt::format("{} cannot be read.", printable(*file)), {}, {}, {}};
    }
    std::error_code error;
    const auto mode =
        std::filesystem::status(path.is_absolute() ? path : on.world.directory / path, error)
            .permissions();
    if (!error && (mode & std::filesystem::perms::others_read) != std::filesystem::perms::none) {
      on.world.err << fmt::format("Note: everybody on this machine can read {0}; chmod 600 {0}\n",
                                  printable(*file));
    }
    return first_line(in, printable(*file));
  }
  if (!on.world.in_is_terminal || !on.world.ask_secret) {
    return Failure{Exit::usage,
                   "There is no terminal to ask for the password.",
                   {},
                   "Give it with --password-file FILE (- is standard input), or let its owner "
                   "choose one with --invite.",
                   {}};
  }
  const auto once = on.world.ask_secret("Password: ");
  const auto again = on.world.ask_secret("Once more: ");
  if (!once || once->empty() || once != again) {
    return Failure{Exit::usage, "These are not the same password twice.", {}, {}, {}};
  }
  return *once;
}

// `agent` and `memberships` as the API takes them, from --agent, --team, --customer and --role.
std::optional<std::string> put_roles(json::Writer& body, const Values& with) {
  const auto agent = with.maybe("--agent");
  const auto customers = with.list("--customer");
  const std::string role = with.text("--role");
  if (agent) {
    const std::string as = role.empty() ? "agent" : role;
    if (!is_staff_role(as)) {
      return fmt::format(
          "The role {} belongs to --customer; an agent is agent, lead, operator or "
          "admin.",
          as);
    }
    body.begin_object("agent").field("id", *agent).field_if("team", with.maybe("--team"));
    body.field("role", as);
    if (!customers.empty()) body.field("tenant", customers.front());
    body.end_object();
    if (customers.size() > 1) return "An agent is limited to one --customer, or to none.";
    return std::nullopt;
  }
  if (customers.empty()) return "Say who it is: --agent KEY, or --customer KEY.";
  if (is_staff_role(role)) {
    return fmt::format(
        "The role {} belongs to --agent; a person at a customer is user, approver "
        "or manager.",
        role);
  }
  body.begin_array("memberships");
  for (const std::string& customer : customers) {
    body.begin_object().field("customer", customer);
    if (!role.empty()) body.field("role", role);
    body.end_object();
  }
  body.end_array();
  return std::nullopt;
}

std::string roles_of(json::View account) {
  std::string all;
  const json::View agent = account["agent"];
  if (agent.is_object()) {
    all = fmt::format("{} {}", agent["role"].text(), agent["id"].text());
    if (agent["tenant"].is_text()) all += fmt::format(" at {}", agent["tenant"].text());
  }
  const json::View memberships = account["memberships"];
  for (std::size_t i = 0; i < memberships.size(); ++i) {
    const json::View one = memberships.at(i);
    all += fmt::format("{}{} at {}", all.empty() ? "" : ", ", one["role"].text(),
                       one["customer"].text());
  }
  return all;
}

Exit add(Context& on, const Values& with) {
  const std::string email = with.text("EMAIL");
  json::Writer body;
  body.begin_object().field("email", email).field("name", with.text("--name"));
  if (const auto wrong = put_roles(body, with)) return on.usage(*wrong);
  const auto file = with.maybe("--password-file");
  if (with.flag("--invite")) {
    if (file) return on.usage("--invite and --password-file exclude each other.");
    body.field("invite", true);
  } else {
    const auto typed = password(on, file);
    if (!typed) return on.fail(typed.error());
    body.field("password", *typed);
  }
  const auto answer = on.post("/accounts", body.end_object().take());
  return on.finish(answer, [&](json::View made) {
    if (made["invite_url"].is_text()) {
      on.out() << made["invite_url"].text() << '\n';
      // The hub has written it, too; whether that leaves is another question.
      const std::string whom = printable(email);
      on.world.err << (letters_leave(on) == true
                           ? fmt::format("The hub mails this link to {}, too", whom)
                           : fmt::format("No letter of the hub leaves yet: send this link to {} "
                                         "yourself",
                                         whom))
                   << ": there the first password is set. It is good for seven days.\n";
    } else {
      on.out() << fmt::format("The account {} is there: {}\n", printable(email), roles_of(made));
    }
  });
}

Exit list(Context& on, const Values& with) {
  Query query;
  query.add("q", with.text("--search")).add("customer", with.text("--customer"));
  query.add("role", with.text("--role")).add("limit", with.text("--limit"));
  query.add("cursor", with.text("--cursor"));
  return on.list("/accounts" + query.text(), false, [&](json::View page) {
    const json::View items = page["items"];
    if (items.size() == 0) {
      on.out() << "No accounts. Add one: ombud account add EMAIL --name NAME --agent KEY\n";
      return;
    }
    Table table({"ACCOUNT", "EMAIL", "MAY", "SIGNS IN BY", "NAME"});
    for (std::size_t i = 0; i < items.size(); ++i) {
      const json::View account = items.at(i);
      const bool disabled = account["disabled"].boolean();
      std::string how = account["password"].boolean() ? "password" : "nothing yet";
      if (account["totp"].boolean()) how += " and code";
      if (disabled) how = "disabled";
      table.add({{account["id"].dump(), Paint::bold},
                 {printable(account["email"].text())},
                 {roles_of(account)},
                 {how, disabled ? Paint::red : Paint::plain},
                 {printable(account["name"].text())}});
    }
    table.print(on.out(), on.style, on.columns);
    on.print_more(page);
  });
}

std::string path_of(const json::Document& account, std::string_view action) {
  return fmt::format("/accounts/{}{}", account["id"].dump(), action);
}

// One POST about the account of that address.
Exit act(Context& on, const Values& with, std::string_view action, const std::string& body,
         const std::function<void(json::View)>& say) {
  const auto account = find(on, with.text("EMAIL"));
  if (!account) return on.fail(account.error());
  return on.finish(on.post(path_of(*account, action), body), say);
}

Exit set_password(Context& on, const Values& with) {
  const std::string email = printable(with.text("EMAIL"));
  json::Writer body;
  body.begin_object();
  if (!with.flag("--link")) {
    const auto typed = password(on, with.maybe("--password-file"));
    if (!typed) return on.fail(typed.error());
    body.field("password", *typed);
  }
  return act(on, with, "/reset-password", body.end_object().take(), [&](json::View made) {
    if (made["reset_url"].is_text()) {
      on.out() << made["reset_url"].text() << '\n';
      on.world.err << "By this link a new password is set. It is good for half an hour.\n";
    } else {
      on.out() << fmt::format("The password of {} is set, and its sessions have ended.\n", email);
    }
  });
}

Exit set_role(Context& on, const Values& with) {
  const auto account = find(on, with.text("EMAIL"));
  if (!account) return on.fail(account.error());
  json::Writer body;
  body.begin_object();
  if (const auto wrong = put_roles(body, with)) return on.usage(*wrong);
  const auto api = on.hub();
  if (!api) return on.fail(api.error());
  const auto answer = (*api)->patch(path_of(*account, ""), body.end_object().take(), "");
  return on.finish(answer, [&](json::View now) {
    on.out() << fmt::format("{} is now: {}\n", printable(now["email"].text()), roles_of(now));
  });
}

// disable, enable, reset-totp, end-sessions: the command's name is the action's.
Command simple(std::string name, std::string summary, std::string said) {
  const std::string action = "/" + name;
  return {.group = "account",
          .name = name,
          .summary = std::move(summary),
          .arguments = {{.name = "EMAIL", .help = "whose", .required = true}},
          .examples = {fmt::format("ombud account {} eva@acme.example", name)},
          .run = [action, said = std::move(said)](Context& on, const Values& with) {
            return act(on, with, action, "{}", [&](json::View account) {
              on.out() << fmt::format("{}: {}\n", printable(account["email"].text()), said);
            });
          }};
}

}  // namespace

std::vector<Command> account_commands() {
  using Kind = Argument::Kind;
  const Argument email{.name = "EMAIL", .help = "by which one signs in", .required = true};
  const Argument agent{.name = "--agent", .help = "one of the provider's people: the agent's key"};
  const Argument team{.name = "--team", .help = "of an agent who is new; desk if left out"};
  const Argument customer{.name = "--customer",
                          .help = "a person here; with --agent: sees only this customer",
                          .kind = Kind::list};
  const std::vector<std::string> roles{"user", "approver", "manager", "agent",
                                       "lead", "operator", "admin"};
  const Argument role{.name = "--role",
                      .help = "left out: agent; at a customer what the directory calls them",
                      .choices = roles};
  const Argument file{.name = "--password-file", .help = "holds it; - is standard input"};
  return {
      {.group = "account",
       .name = "add",
       .summary = "Let somebody sign in to the pages.",
       .arguments = {email,
                     {.name = "--name", .help = "as people say it", .required = true},
                     agent,
                     team,
                     customer,
                     role,
                     file,
                     {.name = "--invite",
                      .help = "mail and print a link by which its owner sets the password",
                      .kind = Kind::flag}},
       .examples =
           {"ombud account add anna@desk.example --name \"Anna Alm\" --agent anna --role lead",
            "ombud account add eva@acme.example --name \"Eva Ek\" --customer acme --role "
            "approver --invite"},
       .more =
           "The password is asked for at the terminal, unless it comes from a file or its owner "
           "chooses it. At least 12 characters; none that guessers try first. Agents and people "
           "who are not in the directory yet are made.",
       .run = add},
      {.group = "account",
       .name = "list",
       .summary = "List who may sign in, and as what.",
       .arguments = {{.name = "--search", .help = "part of name or address"},
                     {.name = "--customer", .help = "of this customer"},
                     {.name = "--role", .help = "with this role", .choices = roles},
                     {.name = "--limit", .help = "how many at most (1 to 200)"},
                     {.name = "--cursor", .help = "go on after an earlier list"}},
       .examples = {"ombud account list --role admin"},
       .run = list},
      {.group = "account",
       .name = "password",
       .summary = "Set somebody's password; it ends his sessions.",
       .arguments = {email,
                     file,
                     {.name = "--link",
                      .help = "print a link by which its owner sets it",
                      .kind = Kind::flag}},
       .examples = {"ombud account password eva@acme.example --link"},
       .run = set_password},
      {.group = "account",
       .name = "role",
       .summary = "Change what somebody may; it takes effect at once.",
       .arguments = {email, agent, team, customer, role},
       .examples = {"ombud account role anna@desk.example --agent anna --role lead",
                    "ombud account role eva@acme.example --customer acme --role manager"},
       .more = "With --customer the named customers are all that are left.",
       .run = set_role},
      simple("disable", "Let nobody in by an account any more; its sessions end.", "disabled."),
      simple("enable", "Let its owner in again.", "enabled."),
      simple("reset-totp", "Take the second factor from whoever lost it.",
             "has no second factor any more."),
      simple("end-sessions", "Sign somebody out everywhere.", "signed out everywhere."),
  };
}

}  // namespace ombud::cli
