// ombud token create, list, revoke.
#include <fmt/format.h>

#include <ostream>

#include "base/quantity.hpp"
#include "cli/commands/words.hpp"
#include "cli/context.hpp"

namespace ombud::cli {
namespace {

void say_made(Context& on, std::string_view id, std::string_view secret) {
  on.out() << fmt::format("{}\n", secret);
  on.world.err << fmt::format(
      "This is token {}. It is shown only now; the hub keeps a digest alone.\n"
      "Use it: export OMBUD_TOKEN=…   Take it back: ombud token revoke {}\n",
      id, id);
}

// On the store itself, where no hub runs that could be asked.
Exit create_local(Context& on, const NewToken& token, const Failure& unreachable) {
  if (!on.local.create_token) return on.fail(unreachable);
  const auto made = on.local.create_token(on.data_dir(), token);
  if (!made) return on.fail(made.error());
  if (on.json()) {
    json::Writer out;
    out.begin_object().field("id", made->id).field("secret", made->secret).end_object();
    on.out() << out.take() << '\n';
  } else {
    say_made(on, made->id, made->secret);
  }
  return Exit::ok;
}

Exit create(Context& on, const Values& with) {
  NewToken token{
      with.text("NAME"), with.text("--role"), with.text("--customer"), with.text("--agent"), 0,
      std::nullopt,      with.list("--link")};
  if (const auto user = with.maybe("--user")) {
    const auto number = on.number(*user, "user");
    if (!number) return on.fail(number.error());
    token.person = *number;
  }
  if (const auto written = with.maybe("--expires-in")) {
    token.expires_in = duration_from(*written);
    if (!token.expires_in) {
      return on.usage(
          fmt::format("\"{}\" is no duration; write one such as 90d or 12h.", *written));
    }
  }
  if (token.role == "user" && token.person == 0) return on.usage("A user's token needs --user.");
  if (token.role == "agent" && token.agent.empty())
    return on.usage("An agent's token needs --agent.");
  if (token.role == "customer" && token.customer.empty())
    return on.usage("The token of a customer's system needs --customer.");
  if (token.role == "supplier" && token.links.empty())
    return on.usage("The token of a supplier's system needs --link.");
  json::Writer body;
  body.begin_object().field("name", token.name).field("role", token.role);
  if (!token.customer.empty()) body.field("customer", token.customer);
  if (!token.agent.empty()) body.field("agent", token.agent);
  if (token.person != 0) body.field("person", token.person);
  if (!token.links.empty()) {
    body.begin_array("links");
    for (const std::string& link : token.links) body.value(link);
    body.end_array();
  }
  if (token.expires_in) body.field("expires_at", to_rfc3339(on.world.now() + *token.expires_in));
  const auto answer = on.post("/tokens", body.end_object().take());
  const bool local = !on.globals.url && !on.world.environment("OMBUD_URL");
  if (!answer && answer.error().exit == Exit::unreachable && local) {
    return create_local(on, token, answer.error());
  }
  return on.finish(
      answer, [&](json::View made) { say_made(on, made["id"].text(), made["secret"].text()); });
}

Exit list(Context& on, const Values&) {
  return on.list("/tokens", false, [&](json::View page) {
    const json::View items = page["items"];
    if (items.size() == 0) {
      on.out() << "No tokens. Make one: ombud token create NAME --role operator\n";
      return;
    }
    Table table({"TOKEN", "ROLE", "FOR", "MADE", "EXPIRES", "REVOKED", "NAME"});
    for (std::size_t i = 0; i < items.size(); ++i) {
      const json::View token = items.at(i);
      std::string whose(token["agent"].text());
      if (const auto person = token["person"].maybe_integer(); person && *person != 0) {
        whose = fmt::format("user {}", *person);
      }
      for (std::size_t j = 0; j < token["links"].size(); ++j) {
        whose += (whose.empty() ? "" : ", ") + std::string(token["links"].at(j).text());
      }
      if (const auto customer = token["customer"].text(); !customer.empty()) {
        whose += fmt::format("{}{}", whose.empty() ? "" : " at ", customer);
      }
      table.add({{std::string(token["id"].text()), Paint::bold},
                 {std::string(token["role"].text())},
                 {whose},
                 {on.when(token["created_at"])},
                 {on.when(token["expires_at"])},
                 {on.when(token["revoked_at"]), Paint::red},
                 {std::string(token["name"].text())}});
    }
    table.print(on.out(), on.style, on.columns);
    on.print_more(page);
  });
}

Exit revoke(Context& on, const Values& with) {
  const auto api = on.hub();
  if (!api) return on.fail(api.error());
  const std::string id = with.text("TOKEN");
  return on.finish((*api)->remove("/tokens/" + escape_url(id)), [&](json::View) {
    on.out() << fmt::format("Token {} is worth nothing now.\n", id);
  });
}

}  // namespace

std::vector<Command> token_commands() {
  return {
      {.group = "token",
       .name = "create",
       .summary = "Make a token for a program or a person; also before the hub first runs.",
       .arguments = {{.name = "NAME", .help = "what it is for", .required = true},
                     {.name = "--role",
                      .help = "what it may do",
                      .required = true,
                      .choices = {"user", "agent", "operator", "admin", "customer", "supplier"}},
                     {.name = "--agent", .help = "whose, for the role agent"},
                     {.name = "--user", .help = "whose, for the role user: a number"},
                     {.name = "--customer", .help = "sees only this customer"},
                     {.name = "--link",
                      .help = "whose delegations a supplier's system sees",
                      .kind = Argument::Kind::list},
                     {.name = "--expires-in", .help = "such as 90d; never if left out"}},
       .examples = {"ombud token create monitoring --role operator --expires-in 90d",
                    "export OMBUD_TOKEN=$(ombud token create anna --role agent --agent anna)",
                    "ombud token create itsm --role customer --customer acme",
                    "ombud token create tickets --role supplier --link nordprint"},
       .more =
           "The secret goes to standard output alone. Where no hub runs, the token is made in the "
           "data directory itself.",
       .run = create},
      {.group = "token",
       .name = "list",
       .summary = "List tokens; their secrets are kept nowhere.",
       .examples = {"ombud token list"},
       .run = list},
      {.group = "token",
       .name = "revoke",
       .summary = "Make a token worthless at once.",
       .arguments = {{.name = "TOKEN", .help = "its id in the list", .required = true}},
       .examples = {"ombud token revoke 4h2k9"},
       .run = revoke},
  };
}

}  // namespace ombud::cli
