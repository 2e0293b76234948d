// Tokens, and who one is.
#include "base/bytes.hpp"
#include "desk/limits.hpp"
#include "http/api/api.hpp"
#include "http/api/render.hpp"
#include "store/await.hpp"

namespace ombud::http {
namespace {

constexpr std::size_t kTokenLinksMax = 100;

std::vector<std::string_view> role_words() {
  return {"user", "agent", "operator", "admin", "customer", "supplier"};
}

#define OMBUD_TOKEN_MEMBERS                                                                 \
  {.name = "id"}, {.name = "name"}, {.name = "role", .words = role_words},                  \
      {.name = "customer", .about = "Only this customer exists for it", .required = false}, \
      {.name = "person", .shape = Shape::integer, .required = false},                       \
      {.name = "agent", .required = false},                                                 \
      {.name = "links", .shape = Shape::texts, .about = "Of a supplier's system"},          \
      {.name = "created_at", .shape = Shape::time},                                         \
      {.name = "expires_at", .shape = Shape::time, .required = false}, {                    \
    .name = "revoked_at", .shape = Shape::time, .required = false                           \
  }
constexpr Member kTokenMembers[] = {OMBUD_TOKEN_MEMBERS};
constexpr Schema kTokenSchema{"Token", kTokenMembers};
constexpr Member kIssuedMembers[] = {
    OMBUD_TOKEN_MEMBERS,
    {.name = "secret",
     .about = "The token itself. It is shown this once and not kept; a replay leaves it out",
     .required = false}};
constexpr Schema kIssuedSchema{"IssuedToken", kIssuedMembers};
constexpr Member kNewMembers[] = {
    {.name = "name", .about = "What it is for"},
    {.name = "role", .words = role_words},
    {.name = "person", .shape = Shape::integer, .about = "For role user", .required = false},
    {.name = "agent", .about = "For role agent", .required = false},
    {.name = "customer",
     .about = "For role customer; limits an agent to this customer",
     .required = false},
    {.name = "links",
     .shape = Shape::texts,
     .about = "For role supplier: whose delegations it sees",
     .required = false},
    {.name = "expires_at", .shape = Shape::time, .required = false}};
constexpr Schema kNewSchema{"NewToken", kNewMembers};

void write(json::Writer& out, const Token& token, std::string_view secret) {
  const Principal& principal = token.principal;
  out.begin_object()
      .field("id", token.id)
      .field("name", token.name)
      .field("role", to_text(principal.role))
      .field("customer", principal.tenant);
  write_or_null(out, "person", principal.person);
  write_or_null(
      out, "agent",
      principal.role == Role::agent ? std::string_view(principal.agent) : std::string_view());
  write_texts(out, "links", principal.links);
  out.field("created_at", to_rfc3339(token.created_at));
  write_time(out, "expires_at", token.expires_at);
  write_time(out, "revoked_at", token.revoked_at);
  if (!secret.empty()) out.field("secret", secret);
  out.end_object();
}

Result<Response> list_all(Tx& tx, const Call& /*call*/) {
  json::Writer out;
  begin_items(out);
  for (const Token& token : list_tokens(tx)) write(out, token, {});
  end_items(out, {});
  return json_response(out);
}

// Whom the token stands for; what it names must be there.
std::optional<Problem> complete(Tx& tx, Token& token) {
  Principal& principal = token.principal;
  if (principal.role == Role::user) {
    const auto person = find_person(tx, principal.person);
    if (!person) return invalid("/person", "is not a person; see /api/v1/people");
    principal.tenant = person->customer;
  }
  if (principal.role == Role::agent && !find_agent(tx, principal.agent)) {
    return invalid("/agent", "is not an agent; see /api/v1/agents");
  }
  if (principal.tenant && !find_customer(tx, *principal.tenant)) {
    return invalid("/customer", "is not a customer; see /api/v1/customers");
  }
  for (const std::string& link : principal.links) {
    const auto known = find_link(tx, link);
    if (!known || known->kind != "supplier") {
      return invalid("/links", "\"" + link + "\" is not a supplier's link; see /api/v1/links");
    }
  }
  return std::nullopt;
}

Response issue(Tx& tx, Token token) {
  token.id = tx.mint();
  token.created_at = tx.at();
  const std::string secret = "omb_" + tx.mint() + tx.mint();
  put_token(tx, token, sha256_hex(secret));
  json::Writer shown, stored, kept;
  write(shown, token, secret);
  write(stored, token, {});
  write(kept, token, {});
  audit_change(tx, "token", token.id, "", kept.take());
  Response response = json_response(shown, 201);
  response.stored_body = stored.take();
  response.header("Location", "/api/v1/tokens/" + token.id);
  return response;
}

Result<Work> issue_one(const Call& call) {
  json::Reader in(call.body.root(), "");
  Token token;
  Principal& principal = token.principal;
  token.name = in.text("name", {.required = true, .bytes_max = desk::kNameBytesMax});
  const std::string role_text = in.text("role", {.required = true});
  const auto role = token_role_from(role_text);
  if (!role_text.empty() && !role) {
    in.refuse("role", "must be user, agent, operator, admin, customer or supplier");
  }
  principal.role = role.value_or(Role::user);
  principal.person = {in.maybe_integer("person", 1, INT64_MAX).value_or(0)};
  principal.agent = key_text(in, "agent", false);
  const std::string customer = key_text(in, "customer", false);
  token.expires_at = maybe_time(in, "expires_at");
  if ((principal.role == Role::user) != (principal.person.value != 0)) {
    in.refuse("person", "belongs to role user, and that to it");
  }
  if ((principal.role == Role::agent) != !principal.agent.empty()) {
    in.refuse("agent", "belongs to role agent, and that to it");
  }
  principal.links = in.texts("links", kTokenLinksMax, {.bytes_max = 64});
  if ((principal.role == Role::supplier) != !principal.links.empty()) {
    in.refuse("links", "belongs to role supplier, and that to it");
  }
  if (principal.role == Role::customer && customer.empty()) {
    in.refuse("customer", "is required for role customer");
  }
  if (!customer.empty()) {
    if (principal.role != Role::agent && principal.role != Role::customer) {
      in.refuse("customer", "belongs to role customer, or limits an agent");
    }
    principal.tenant = customer;
  }
  if (auto refused = in.finish()) return *refused;
  return Work([token = std::move(token)](Tx& tx) -> Result<Response> {
    Token complete_token = token;
    if (auto unknown = complete(tx, complete_token)) return *unknown;
    if (complete_token.expires_at && *complete_token.expires_at <= tx.at()) {
      return invalid("/expires_at", "lies in the past");
    }
    return issue(tx, std::move(complete_token));
  });
}

net::awaitable<Result<Response>> revoke_one(Api& api, Call& call) {
  Work work = [&call](Tx& tx) -> Result<Response> {
    if (!revoke_token(tx, call.params.at(0))) return not_found("token");
    audit_act(tx, "token.revoked", "token", call.params.at(0), {});
    Response response;
    response.status = 204;
    return response;
  };
  auto response = co_await write<Response>(api.parts.store, call.principal, std::move(work));
  api.auth.forget_all();
  co_return response;
}

constexpr Member kWhoMembers[] = {{.name = "role", .words = role_words},
                                  {.name = "name"},
                                  {.name = "actor", .about = "How the log names you"},
                                  {.name = "customer", .required = false},
                                  {.name = "person", .shape = Shape::integer, .required = false},
                                  {.name = "agent", .required = false},
                                  {.name = "links", .shape = Shape::texts}};
constexpr Schema kWhoSchema{"Whoami", kWhoMembers};

net::awaitable<Result<Response>> who(Api& /*api*/, Call& call) {
  const Principal& principal = call.principal;
  json::Writer out;
  out.begin_object()
      .field("role", to_text(principal.role))
      .field("name", principal.name)
      .field("actor", principal.actor())
      .field("customer", principal.tenant);
  write_or_null(out, "person", principal.person);
  write_or_null(
      out, "agent",
      principal.role == Role::agent ? std::string_view(principal.agent) : std::string_view());
  write_texts(out, "links", principal.links);
  out.end_object();
  co_return json_response(out);
}

}  // namespace

void declare_tokens(Router& router) {
  router.add({.method = Method::get,
              .path = "/api/v1/tokens",
              .id = "list_tokens",
              .needs = Permission::token_manage,
              .tag = "tokens",
              .summary = "List tokens, without their secrets",
              .handler = &list_all,
              .answer = &kTokenSchema,
              .list = true});
  router.add({.method = Method::post,
              .path = "/api/v1/tokens",
              .id = "issue_token",
              .needs = Permission::token_manage,
              .tag = "tokens",
              .summary = "Issue a token; its secret is shown once",
              .handler = &issue_one,
              .body = &kNewSchema,
              .answer = &kIssuedSchema,
              .status = 201});
  router.add({.method = Method::delete_,
              .path = "/api/v1/tokens/{token}",
              .id = "revoke_token",
              .needs = Permission::token_manage,
              .tag = "tokens",
              .summary = "Revoke a token, at once",
              .handler = &revoke_one,
              .status = 204});
  router.add({.method = Method::get,
              .path = "/api/v1/whoami",
              .id = "whoami",
              .needs = Permission::known,
              .tag = "tokens",
              .summary = "Who this token stands for",
              .handler = &who,
              .answer = &kWhoSchema});
}

}  // namespace ombud::http
