// Signing in and out, what the pages must know of whoever looks at them, and his other sessions.
#include "base/bytes.hpp"
#include "http/api/accounts.hpp"
#include "http/api/api.hpp"
#include "http/api/render.hpp"
#include "http/problem.hpp"
#include "identity/accounts.hpp"
#include "identity/audit.hpp"
#include "store/await.hpp"
#include "store/provider_sessions.hpp"

namespace ombud::http {
namespace {

constexpr std::string_view kLanguages[] = {"sv", "en"};

std::vector<std::string_view> theme_words() {
  return {"system", "light", "dark"};
}
std::vector<std::string_view> language_words() {
  return {kLanguages[0], kLanguages[1]};
}

constexpr Member kDeskMembers[] = {{.name = "name"}, {.name = "email"}};
constexpr Schema kDeskSchema{"DeskIdentity", kDeskMembers};
constexpr Member kProviderMembers[] = {
    {.name = "id"}, {.name = "name"}, {.name = "url", .about = "Where signing in there begins"}};
constexpr Schema kProviderSchema{"SignInProvider", kProviderMembers};
constexpr Member kOwnAccountMembers[] = {
    {.name = "id", .shape = Shape::integer},
    {.name = "name"},
    {.name = "email"},
    {.name = "language", .required = false, .words = language_words},
    {.name = "zone", .about = "Such as Europe/Stockholm", .required = false},
    {.name = "theme", .words = theme_words},
    {.name = "password",
     .shape = Shape::boolean,
     .about = "There is one here; without one, a provider signs him in"},
    {.name = "totp", .shape = Shape::boolean, .about = "A second factor is asked for"}};
constexpr Member kAgentMembers[] = {{.name = "id"}, {.name = "team"}, {.name = "name"}};
constexpr Schema kAgentSchema{"SessionAgent", kAgentMembers};
constexpr Member kMembershipMembers[] = {{.name = "customer"},
                                         {.name = "customer_name"},
                                         {.name = "person", .shape = Shape::integer},
                                         {.name = "role", .words = person_role_words}};
constexpr Member kSessionMembers[] = {
    {.name = "signed_in",
     .shape = Shape::boolean,
     .about = "If not, only the next three are there"},
    {.name = "desk", .shape = Shape::one, .of = &kDeskSchema},
    {.name = "providers", .shape = Shape::many, .of = &kProviderSchema},
    {.name = "languages", .shape = Shape::texts},
    {.name = "account", .shape = Shape::one, .required = false, .of = &kOwnAccountSchema},
    {.name = "role",
     .about = "As which this request acts",
     .required = false,
     .words = account_role_words},
    {.name = "agent", .shape = Shape::one, .required = false, .of = &kAgentSchema},
    {.name = "memberships",
     .shape = Shape::many,
     .about = "Choose one of several by the header Ombud-Customer",
     .required = false,
     .of = &kMembershipSchema},
    {.name = "customer", .about = "For whom this request speaks", .required = false},
    {.name = "person", .shape = Shape::integer, .required = false},
    {.name = "may",
     .shape = Shape::texts,
     .about = "Names of permissions, as in GET /permissions",
     .required = false},
    {.name = "csrf", .about = "Send it as X-CSRF-Token with every change", .required = false},
    {.name = "expires_at", .shape = Shape::time, .required = false}};
constexpr Schema kSessionSchema{"Session", kSessionMembers};
constexpr Member kSignInMembers[] = {
    {.name = "email"},
    {.name = "password"},
    {.name = "code", .about = "Of the second factor, or a recovery code", .required = false}};
constexpr Schema kSignInSchema{"SignIn", kSignInMembers};

using Providers = std::vector<oidc::ProviderName>;

Providers providers_of(const Api& api) {
  return api.parts.providers == nullptr ? Providers() : api.parts.providers->providers();
}

// What a page needs before anybody has signed in.
void write_desk(Tx& tx, const Providers& providers, json::Writer& out) {
  const DeskIdentity desk = desk_identity(tx);
  out.begin_object("desk").field("name", desk.name).field("email", desk.email).end_object();
  out.begin_array("providers");
  for (const oidc::ProviderName& provider : providers) {
    out.begin_object()
        .field("id", provider.id)
        .field("name", provider.name)
        .field("url", "/auth/oidc/" + provider.id)
        .end_object();
  }
  out.end_array().begin_array("languages");
  for (const std::string_view language : kLanguages) out.value(language);
  out.end_array();
}

Response signed_out(Tx& tx, const Providers& providers) {
  json::Writer out;
  out.begin_object().field("signed_in", false);
  write_desk(tx, providers, out);
  out.end_object();
  return json_response(out);
}

Result<Response> signed_in(Tx& tx, const Caller& caller, const Providers& providers) {
  const auto account = find_account(tx, caller.session->account);
  if (!account) return signed_out(tx, providers);
  const Principal& who = caller.principal;
  json::Writer out;
  out.begin_object().field("signed_in", true);
  write_desk(tx, providers, out);
  out.key("account");
  write_own_account(out, *account);
  out.field("role", to_text(who.role)).key("agent");
  const auto agent = who.inside() ? find_agent(tx, who.agent) : std::optional<Agent>();
  if (agent) {
    out.begin_object().field("id", agent->id).field("team", agent->team);
    out.field("name", agent->name).end_object();
  } else {
    out.null();
  }
  write_memberships(out, account->memberships);
  out.field("customer", who.is_person() ? who.tenant : std::optional<std::string>());
  write_or_null(out, "person", who.person);
  out.begin_array("may");
  for (const Permission permission : permissions_of(who)) out.value(row_of(permission).name);
  out.end_array()
      .field("csrf", caller.session->csrf)
      .field("expires_at", to_rfc3339(caller.session->expires_at))
      .end_object();
  return json_response(out);
}

net::awaitable<Result<Response>> show(Api& api, Call& call) {
  std::string speaks_for(call.exchange.header("Ombud-Customer"));
  const bool chosen = !speaks_for.empty();
  const auto caller = co_await api.auth.authenticate(call.exchange, std::move(speaks_for));
  if (!caller && caller.error().kind != ProblemKind::unauthenticated &&
      (chosen || caller.error().kind != ProblemKind::forbidden)) {
    co_return caller.error();
  }
  Work work = [&caller, providers = providers_of(api)](Tx& tx) -> Result<Response> {
    return caller && caller->session ? signed_in(tx, *caller, providers)
                                     : signed_out(tx, providers);
  };
  co_return co_await read<Response>(api.parts.store, system_principal("http"), std::move(work));
}

net::awaitable<Result<Response>> enter(Api& api, Call& call) {
  const identity::Settings& settings = api.parts.identity;
  // Nobody is signed in to an account of somebody else's by that one's page.
  if (is_cross_origin(call.exchange, settings.public_url)) co_return csrf_refusal(call.exchange);
  json::Reader in(call.body.root(), "");
  identity::Attempt attempt;
  attempt.email = in.text("email", {.required = true, .bytes_max = identity::kEmailBytesMax});
  attempt.password =
      in.text("password",
              {.required = true, .bytes_max = identity::kPasswordBytesMax, .blank_allowed = true});
  attempt.code = in.maybe_text("code", {.bytes_max = 64, .blank_allowed = true}).value_or("");
  if (auto refused = in.finish()) co_return *refused;
  attempt.from = origin_of_call(api, call);
  attempt.old_cookie = session_cookie(call.exchange).value_or("");
  const auto entry = co_await api.sign_in.enter(std::move(attempt));
  if (!entry) co_return entry.error();
  const std::string& id = call.exchange.id();
  switch (entry->kind) {
    case identity::Entry::Kind::wrong:
      co_return problem_response(401, "credentials",
                                 "This e-mail address and password do not belong together.", id);
    case identity::Entry::Kind::code_required:
      co_return problem_response(401, "code_required",
                                 "Type the code that your authenticator shows, or a recovery code.",
                                 id);
    case identity::Entry::Kind::code_wrong:
      co_return problem_response(
          401, "code_required",
          "This code is not right or was used already; wait for the next one, or use a recovery "
          "code.",
          id);
    case identity::Entry::Kind::wait:
      co_return wait_response(entry->wait, "Too many attempts; wait a moment before the next one.",
                              id);
    case identity::Entry::Kind::signed_in:
      break;
  }
  api.auth.forget_all();  // of the session that ended
  co_return co_await welcome(api, entry->opened, entry->account);
}

// Where the browser ends its session at the provider that it signed in by; empty if there is none,
// or it does not answer.
net::awaitable<std::string> sign_out_at_provider(Api& api, std::optional<ProviderSession> by) {
  if (!by || api.parts.providers == nullptr) co_return std::string();
  auto there = co_await api.parts.providers->sign_out(by->provider, by->id_token);
  co_return there ? std::move(*there) : std::string();
}

// Also without a session: signed out one is then already. And also by whom nobody would let in
// any more: his session ends like any other.
net::awaitable<Result<Response>> leave(Api& api, Call& call) {
  Response response;
  response.status = 204;
  response.header("Set-Cookie", set_cookie("", std::nullopt, api.parts.identity.secure()));
  const std::string cookie = session_cookie(call.exchange).value_or("");
  if (!call.exchange.header("Authorization").empty()) co_return response;  // he came by a token
  using Live = std::optional<identity::LiveSession>;
  std::function<Result<Live>(Tx&)> look = [&cookie](Tx& tx) -> Result<Live> {
    return identity::live_session(tx, cookie);
  };
  const auto live = co_await read<Live>(api.parts.store, system_principal("http"), std::move(look));
  if (!live) co_return live.error();
  if (!*live) co_return response;
  const AccountSession& session = (*live)->session;
  const SignedIn signed_in{session.account, session.id, identity::csrf_of(cookie),
                           session.expires_at};
  if (!is_from_our_pages(call.exchange, signed_in, api.parts.identity.public_url)) {
    co_return csrf_refusal(call.exchange);
  }
  using By = std::optional<ProviderSession>;
  std::function<Result<By>(Tx&)> work = [&session](Tx& tx) -> Result<By> {
    By by = provider_of_session(tx, session.id);
    end_session(tx, session.account, session.id);
    identity::note_audit(tx, session.account, "signed_out");
    return by;
  };
  const auto who = identity::principal_of((*live)->account, "");
  // Named first: g++ 12 mistakes a choice between the co_await and its end.
  Principal by = system_principal("sign-out");
  if (who) by = *who;
  auto ended = co_await write<By>(api.parts.store, std::move(by), std::move(work));
  if (!ended) co_return ended.error();
  api.auth.forget_all();
  const std::string there = co_await sign_out_at_provider(api, std::move(*ended));
  if (!there.empty()) response.header("Ombud-Sign-Out", there);
  co_return response;
}

constexpr Member kListedMembers[] = {
    {.name = "id"},
    {.name = "current", .shape = Shape::boolean},
    {.name = "created_at", .shape = Shape::time},
    {.name = "last_seen_at", .shape = Shape::time, .about = "To within five minutes"},
    {.name = "address"},
    {.name = "agent_text", .about = "What the browser says it is"}};
constexpr Schema kListedSchema{"ListedSession", kListedMembers};

Result<Response> list_own(Tx& tx, const Call& call) {
  json::Writer out;
  begin_items(out);
  for (const AccountSession& session : sessions_of(tx, call.principal.account)) {
    if (identity::session_ends(session) <= tx.at()) continue;
    out.begin_object()
        .field("id", session.id)
        .field("current", call.session && call.session->session == session.id)
        .field("created_at", to_rfc3339(session.created_at))
        .field("last_seen_at", to_rfc3339(session.seen_at))
        .field("address", session.address)
        .field("agent_text", session.agent_text)
        .end_object();
  }
  end_items(out, {});
  return json_response(out);
}

Response done() {
  Response response;
  response.status = 204;
  return response;
}

net::awaitable<Result<Response>> end_one(Api& api, Call& call) {
  Work work = [&call](Tx& tx) -> Result<Response> {
    if (!end_session(tx, call.principal.account, call.params.at(0))) return not_found("session");
    identity::note_audit(tx, call.principal.account, "session_ended");
    return done();
  };
  auto response = co_await write<Response>(api.parts.store, call.principal, std::move(work));
  api.auth.forget_all();
  co_return response;
}

net::awaitable<Result<Response>> end_others(Api& api, Call& call) {
  Work work = [&call](Tx& tx) -> Result<Response> {
    end_sessions(tx, call.principal.account, call.session ? call.session->session : "");
    identity::note_audit(tx, call.principal.account, "other_sessions_ended");
    return done();
  };
  auto response = co_await write<Response>(api.parts.store, call.principal, std::move(work));
  api.auth.forget_all();
  co_return response;
}

constexpr Member kPermissionMembers[] = {
    {.name = "name"}, {.name = "about"}, {.name = "roles", .shape = Shape::texts}};
constexpr Schema kPermissionSchema{"Permission", kPermissionMembers};
constexpr Member kPolicyMembers[] = {
    {.name = "roles", .shape = Shape::texts},
    {.name = "permissions", .shape = Shape::many, .of = &kPermissionSchema}};
constexpr Schema kPolicySchema{"Policy", kPolicyMembers};

Result<Response> show_policy(Tx& /*tx*/, const Call& /*call*/) {
  json::Writer out;
  out.begin_object().begin_array("roles");
  for (const Role role : kRoles) out.value(to_text(role));
  out.end_array().begin_array("permissions");
  for (const PermissionRow& row : permissions()) {
    out.begin_object().field("name", row.name).field("about", row.about).begin_array("roles");
    for (const Role role : kRoles) {
      if (row.has(role)) out.value(to_text(role));
    }
    out.end_array().end_object();
  }
  out.end_array().end_object();
  return json_response(out);
}

}  // namespace

const Schema kOwnAccountSchema{"OwnAccount", kOwnAccountMembers};
const Schema kMembershipSchema{"Membership", kMembershipMembers};

std::vector<std::string_view> person_role_words() {
  return {"user", "approver", "manager"};
}
std::vector<std::string_view> staff_role_words() {
  return {"agent", "lead", "operator", "admin"};
}
std::vector<std::string_view> account_role_words() {
  return {"user", "approver", "manager", "agent", "lead", "operator", "admin"};
}

void write_own_account(json::Writer& out, const Account& account) {
  out.begin_object()
      .field("id", account.id.value)
      .field("name", account.name)
      .field("email", account.email)
      .field("language", account.language)
      .field("zone", account.zone)
      .field("theme", account.theme)
      .field("password", !account.password.empty())
      .field("totp", account.totp_since.has_value())
      .end_object();
}

void write_memberships(json::Writer& out, const std::vector<Membership>& memberships) {
  out.begin_array("memberships");
  for (const Membership& m : memberships) {
    out.begin_object()
        .field("customer", m.customer)
        .field("customer_name", m.customer_name)
        .field("person", m.person.value)
        .field("role", to_text(m.role))
        .end_object();
  }
  out.end_array();
}

identity::Origin origin_of_call(const Api& api, const Call& call) {
  // Headers may hold any bytes, and both are shown and logged.
  return {to_valid_utf8(address_of(call.exchange, api.parts.identity)),
          to_valid_utf8(call.exchange.header("User-Agent"))};
}

Response wait_response(Millis wait, std::string_view detail, const std::string& id) {
  Response response = problem_response(429, "too_many", detail, id);
  for (auto& [name, value] : response.headers) {
    if (name == "Retry-After") value = std::to_string((wait.count() + 999) / 1000);
  }
  return response;
}

net::awaitable<Result<Response>> welcome(Api& api, identity::Opened opened, Account account) {
  auto who = identity::principal_of(account, "");
  if (!who) co_return who.error();
  const AccountSession& session = opened.session;
  const Caller caller{
      std::move(*who),
      SignedIn{account.id, session.id, identity::csrf_of(opened.cookie), session.expires_at}};
  Work work = [&caller, providers = providers_of(api)](Tx& tx) {
    return signed_in(tx, caller, providers);
  };
  auto response =
      co_await read<Response>(api.parts.store, system_principal("http"), std::move(work));
  if (!response) co_return response;
  response->header("Set-Cookie", set_cookie(opened.cookie, session.expires_at - session.created_at,
                                            api.parts.identity.secure()));
  co_return response;
}

void declare_session(Router& router) {
  router.add({.method = Method::get,
              .path = "/api/v1/session",
              .id = "read_session",
              .needs = Permission::anyone,
              .tag = "session",
              .summary = "Who is signed in here, and what he may; also when nobody is",
              .handler = &show,
              .answer = &kSessionSchema});
  router.add({.method = Method::post,
              .path = "/api/v1/session",
              .id = "sign_in",
              .needs = Permission::anyone,
              .tag = "session",
              .summary = "Sign in: sets the cookie ombud_session",
              .handler = &enter,
              .body = &kSignInSchema,
              .answer = &kSessionSchema});
  router.add({.method = Method::delete_,
              .path = "/api/v1/session",
              .id = "sign_out",
              .needs = Permission::anyone,
              .tag = "session",
              .summary = "Sign out; `Ombud-Sign-Out` of the answer is where to go to do so at the "
                         "provider by which one came, too",
              .handler = &leave,
              .status = 204});
  router.add({.method = Method::get,
              .path = "/api/v1/sessions",
              .id = "list_sessions",
              .needs = Permission::account_own,
              .tag = "session",
              .summary = "Where one is signed in",
              .handler = &list_own,
              .answer = &kListedSchema,
              .list = true});
  router.add({.method = Method::delete_,
              .path = "/api/v1/sessions/{session}",
              .id = "end_session",
              .needs = Permission::account_own,
              .tag = "session",
              .summary = "End one of one's sessions, at once",
              .handler = &end_one,
              .status = 204});
  router.add({.method = Method::delete_,
              .path = "/api/v1/sessions",
              .id = "end_other_sessions",
              .needs = Permission::account_own,
              .tag = "session",
              .summary = "End all of one's sessions but this one",
              .handler = &end_others,
              .status = 204});
  router.add({.method = Method::get,
              .path = "/api/v1/permissions",
              .id = "list_permissions",
              .needs = Permission::policy_read,
              .tag = "accounts",
              .summary = "Which role may what",
              .handler = &show_policy,
              .answer = &kPolicySchema});
}

}  // namespace ombud::http
