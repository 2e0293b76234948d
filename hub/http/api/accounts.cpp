// Accounts, for administrators; and their own organisation's, read-only, for managers.
#include "http/api/accounts.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "http/api/api.hpp"
#include "http/api/render.hpp"
#include "identity/accounts.hpp"
#include "identity/audit.hpp"
#include "identity/letters.hpp"
#include "identity/passwords.hpp"
#include "identity/resets.hpp"
#include "identity/second_factor.hpp"
#include "identity/tokens.hpp"
#include "store/await.hpp"

namespace ombud::http {
namespace {

constexpr Member kStaffMembers[] = {
    {.name = "id", .about = "Key of the agent"},
    {.name = "team", .about = "Of the agent", .required = false},
    {.name = "role", .words = staff_role_words},
    {.name = "tenant", .about = "Only this customer exists for him", .required = false}};
constexpr Schema kStaffSchema{"AccountAgent", kStaffMembers};
constexpr Member kNewMembershipMembers[] = {
    {.name = "customer"},
    {.name = "role",
     .about = "Left out: what he is there already, or what the directory calls him; an approver's "
              "role and the directory's `approver` are one fact",
     .required = false,
     .words = person_role_words}};
constexpr Schema kNewMembershipSchema{"NewMembership", kNewMembershipMembers};

#define OMBUD_ACCOUNT_MEMBERS                                                               \
  {.name = "id", .shape = Shape::integer}, {.name = "email"}, {.name = "name"},             \
      {.name = "agent", .shape = Shape::one, .required = false, .of = &kStaffSchema},       \
      {.name = "memberships", .shape = Shape::many, .of = &kMembershipSchema},              \
      {.name = "disabled", .shape = Shape::boolean},                                        \
      {.name = "password", .shape = Shape::boolean, .about = "It has one"},                 \
      {.name = "totp", .shape = Shape::boolean, .about = "A second factor is asked for"}, { \
    .name = "created_at", .shape = Shape::time                                              \
  }
constexpr Member kAccountMembers[] = {OMBUD_ACCOUNT_MEMBERS};
constexpr Schema kAccountSchema{"Account", kAccountMembers};
constexpr Member kAddedMembers[] = {
    OMBUD_ACCOUNT_MEMBERS,
    {.name = "invite_url",
     .about = "Where he sets his password; shown this once, a replay leaves it out",
     .required = false}};
constexpr Schema kAddedSchema{"AddedAccount", kAddedMembers};
constexpr Member kNewMembers[] = {
    {.name = "name"},
    {.name = "email"},
    {.name = "agent",
     .shape = Shape::one,
     .about = "One of the provider's people; the agent is made where there is none",
     .required = false,
     .of = &kStaffSchema},
    {.name = "memberships",
     .shape = Shape::many,
     .about = "A person at customers, found by the e-mail address or made",
     .required = false,
     .of = &kNewMembershipSchema},
    {.name = "invite",
     .shape = Shape::boolean,
     .about = "true: make a link for the first password, good for seven days",
     .required = false},
    {.name = "password", .about = "Instead of an invitation", .required = false}};
constexpr Schema kNewSchema{"NewAccount", kNewMembers};
constexpr Member kChangeMembers[] = {{.name = "name", .required = false},
                                     {.name = "email", .required = false},
                                     {.name = "agent",
                                      .shape = Shape::one,
                                      .about = "null: none of the provider's people any more",
                                      .required = false,
                                      .of = &kStaffSchema},
                                     {.name = "memberships",
                                      .shape = Shape::many,
                                      .about = "Exactly these from now on",
                                      .required = false,
                                      .of = &kNewMembershipSchema}};
constexpr Schema kChangeSchema{"AccountChange", kChangeMembers};
constexpr Member kPasswordMembers[] = {
    {.name = "password",
     .about = "Set it; without one a link is made, good for half an hour",
     .required = false}};
constexpr Schema kPasswordSchema{"AccountPassword", kPasswordMembers};
constexpr Member kResetMembers[] = {
    {.name = "reset_url",
     .about = "Where he sets a new one; shown this once, a replay leaves it out",
     .required = false}};
constexpr Schema kResetSchema{"AccountReset", kResetMembers};
constexpr Member kListQuery[] = {
    {.name = "q", .about = "Part of name or e-mail", .required = false},
    {.name = "role", .required = false, .words = account_role_words},
    {.name = "customer", .required = false},
    kLimit,
    kCursor};

void write_account_members(Tx& tx, json::Writer& out, const Account& account) {
  out.field("id", account.id.value).field("email", account.email).field("name", account.name);
  out.key("agent");
  if (account.staff && tx.principal().inside()) {
    const auto agent = find_agent(tx, account.staff->agent);
    out.begin_object()
        .field("id", account.staff->agent)
        .field("team", agent ? std::optional(agent->team) : std::nullopt)
        .field("role", to_text(account.staff->role))
        .field("tenant", account.staff->tenant)
        .end_object();
  } else {
    out.null();
  }
  write_memberships(out, account.memberships);
  out.field("disabled", account.disabled_at.has_value())
      .field("password", !account.password.empty())
      .field("totp", account.totp_since.has_value())
      .field("created_at", to_rfc3339(account.created_at));
}

Response account_response(Tx& tx, const Account& account) {
  json::Writer out;
  out.begin_object();
  write_account_members(tx, out, account);
  out.end_object();
  Response response = json_response(out);
  response.header("ETag", etag_of(account.version));
  return response;
}

AccountId account_param(const Call& call) {
  return id_param<AccountId>(call);
}

// The account, if this principal may see it.
Result<Account> visible_account(Tx& tx, AccountId id) {
  auto account = find_account(tx, id);
  if (!account || (tx.principal().tenant && account->memberships.empty())) {
    return not_found("account");
  }
  return std::move(*account);
}

Result<Response> list_all(Tx& tx, const Call& call) {
  AccountFilter filter;
  filter.words = ascii_lower(call.query.text("q"));
  filter.customer = call.query.text("customer");
  if (call.query.has("role")) {
    filter.role = role_from(call.query.text("role"));
    const auto words = account_role_words();
    const bool known =
        filter.role && std::find(words.begin(), words.end(), to_text(*filter.role)) != words.end();
    if (!known) return invalid("?role", "is not a role of accounts; see GET /api/v1/permissions");
  }
  const auto limit = page_limit(call);
  if (!limit) return limit.error();
  const auto cursor = number_cursor(call);
  if (!cursor) return cursor.error();
  auto found = list_accounts(tx, filter, {cursor->value_or(0)}, *limit + 1);
  const bool more = found.size() > static_cast<std::size_t>(*limit);
  if (more) found.pop_back();
  json::Writer out;
  begin_items(out);
  for (const Account& account : found) {
    out.begin_object();
    write_account_members(tx, out, account);
    out.end_object();
  }
  end_items(out, more ? std::to_string(found.back().id.value) : "");
  return json_response(out);
}

Result<Response> read_one(Tx& tx, const Call& call) {
  const auto account = visible_account(tx, account_param(call));
  if (!account) return account.error();
  return account_response(tx, *account);
}

// --- Reading requests ---------------------------------------------------------------------------

std::optional<std::string> read_email(json::Reader& in, bool required) {
  const auto written =
      in.maybe_text("email", {.required = required, .bytes_max = identity::kEmailBytesMax});
  if (!written) return std::nullopt;
  auto email = identity::email_from(*written);
  if (!email) in.refuse("email", "must be an e-mail address alone, such as erik@alfa.example");
  return email;
}

std::optional<identity::NewStaff> read_staff(json::Reader& in) {
  const json::View object = in.object("agent");
  if (!object.is_object()) return std::nullopt;
  json::Reader agent(object, in.pointer_of("agent"));
  identity::NewStaff staff;
  staff.agent = key_text(agent, "id", true);
  staff.team = key_text(agent, "team", false);
  staff.tenant = key_text(agent, "tenant", false);
  const std::string written = agent.text("role", {.required = true});
  const auto role = role_from(written);
  const auto words = staff_role_words();
  if (!role || std::find(words.begin(), words.end(), written) == words.end()) {
    agent.refuse("role", "must be agent, lead, operator or admin");
  } else {
    staff.role = *role;
  }
  if (agent.finish()) in.absorb(agent);
  return staff;
}

std::vector<identity::NewMembership> read_memberships(json::Reader& in) {
  std::vector<identity::NewMembership> all;
  const json::View list = in.array("memberships", identity::kMembershipsMax);
  for (std::size_t i = 0; i < list.size(); ++i) {
    json::Reader one(list.at(i), in.pointer_of("memberships") + "/" + std::to_string(i));
    identity::NewMembership membership;
    membership.customer = key_text(one, "customer", true);
    const auto written = one.maybe_text("role", {});
    const auto words = person_role_words();
    membership.role = written ? role_from(*written) : std::nullopt;
    if (written && std::find(words.begin(), words.end(), *written) == words.end()) {
      one.refuse("role", "must be user, approver or manager");
    }
    if (one.finish()) in.absorb(one);
    all.push_back(std::move(membership));
  }
  return all;
}

constexpr json::Reader::Text kPasswordText{.bytes_max = identity::kPasswordBytesMax,
                                           .blank_allowed = true};

// --- Changes ------------------------------------------------------------------------------------

net::awaitable<Result<Response>> add_one(Api& api, Call& call) {
  json::Reader in(call.body.root(), "");
  identity::NewAccount wanted;
  wanted.name = in.text("name", {.required = true, .bytes_max = identity::kNameBytesMax});
  wanted.email = read_email(in, true).value_or("");
  wanted.staff = read_staff(in);
  wanted.memberships = read_memberships(in);
  const bool invite = in.boolean("invite", false);
  const auto typed = in.maybe_text("password", kPasswordText);
  if (typed && invite) in.refuse("password", "and `invite` exclude each other");
  if (auto refused = in.finish()) co_return *refused;
  if (typed) {
    const auto password =
        identity::acceptable_password(*typed, wanted.email, wanted.name, "/password");
    if (!password) co_return password.error();
    auto hashed = co_await api.sign_in.hasher().hash(*password);
    if (!hashed) co_return hashed.error();
    wanted.password = std::move(*hashed);
    call.idempotency_key.clear();  // it would keep a quick digest of the password
  }
  Work work = [&api, wanted = std::move(wanted), invite](Tx& tx) -> Result<Response> {
    const auto account = identity::add(tx, wanted);
    if (!account) return account.error();
    json::Writer shown, stored;
    shown.begin_object();
    stored.begin_object();
    write_account_members(tx, shown, *account);
    write_account_members(tx, stored, *account);
    if (invite) {
      const std::string token = identity::make_reset(tx, *account, identity::Purpose::invitation);
      const std::string url = identity::reset_url(api.parts.identity.public_url, token);
      identity::send_letter(tx, *account, identity::Letter::invitation, url,
                            api.parts.identity.frame_letter);
      shown.field("invite_url", url);
    }
    shown.end_object();
    stored.end_object();
    Response response = json_response(shown, 201);
    response.stored_body = stored.take();
    response.header("Location", "/api/v1/accounts/" + std::to_string(account->id.value));
    response.header("ETag", etag_of(account->version));
    return response;
  };
  co_return co_await run_change(api, call, std::move(work));
}

net::awaitable<Result<Response>> change_one(Api& api, Call& call) {
  json::Reader in(call.body.root(), "");
  identity::AccountChange what;
  what.name = in.maybe_text("name", {.bytes_max = identity::kNameBytesMax});
  what.email = read_email(in, false);
  const bool with_agent = call.body["agent"].raw() != nullptr;
  auto staff = read_staff(in);
  if (with_agent) what.staff = std::move(staff);
  auto memberships = read_memberships(in);
  if (call.body["memberships"].present()) what.memberships = std::move(memberships);
  if (auto refused = in.finish()) co_return *refused;
  Work work = [&call, what = std::move(what)](Tx& tx) -> Result<Response> {
    const auto versions = if_match(call);
    std::optional<std::int64_t> version;
    if (versions) version = versions->size() == 1 ? versions->front() : 0;
    const auto account = identity::change(tx, account_param(call), what, version);
    if (!account) return account.error();
    return account_response(tx, *account);
  };
  auto response = co_await run_change(api, call, std::move(work));
  api.auth.forget_all();
  co_return response;
}

net::awaitable<Result<Response>> change_by(Api& api, Call& call,
                                           Result<Account> (*change)(Tx&, AccountId)) {
  if (auto refused = read_nothing(call)) co_return *refused;
  Work work = [&call, change](Tx& tx) -> Result<Response> {
    const auto account = change(tx, account_param(call));
    if (!account) return account.error();
    return account_response(tx, *account);
  };
  auto response = co_await run_change(api, call, std::move(work));
  api.auth.forget_all();
  co_return response;
}

Result<Account> disabled(Tx& tx, AccountId id) {
  return identity::set_disabled(tx, id, true);
}
Result<Account> enabled(Tx& tx, AccountId id) {
  return identity::set_disabled(tx, id, false);
}
Result<Account> without_sessions(Tx& tx, AccountId id) {
  auto account = find_account(tx, id);
  if (!account) return not_found("account");
  end_sessions(tx, id, "");
  identity::note_audit(tx, id, "sessions_ended");
  identity::end_tokens(tx, id, "sessions_ended");
  return std::move(*account);
}
Result<Account> without_totp(Tx& tx, AccountId id) {
  auto account = find_account(tx, id);
  if (!account) return not_found("account");
  identity::remove_totp(tx, *account);
  return std::move(*account);
}

net::awaitable<Result<Response>> disable(Api& api, Call& call) {
  return change_by(api, call, &disabled);
}
net::awaitable<Result<Response>> enable(Api& api, Call& call) {
  return change_by(api, call, &enabled);
}
net::awaitable<Result<Response>> end_all_sessions(Api& api, Call& call) {
  return change_by(api, call, &without_sessions);
}
net::awaitable<Result<Response>> reset_totp(Api& api, Call& call) {
  return change_by(api, call, &without_totp);
}

Response reset_response(std::string_view url) {
  json::Writer shown, stored;
  shown.begin_object();
  write_or_null(shown, "reset_url", url);
  shown.end_object();
  stored.begin_object().end_object();
  Response response = json_response(shown);
  response.stored_body = stored.take();
  return response;
}

net::awaitable<Result<Response>> reset_password(Api& api, Call& call) {
  json::Reader in(call.body.root(), "");
  const auto typed = in.maybe_text("password", kPasswordText);
  if (auto refused = in.finish()) co_return *refused;
  std::function<Result<Account>(Tx&)> look = [&call](Tx& tx) {
    return visible_account(tx, account_param(call));
  };
  const auto account = co_await read<Account>(api.parts.store, call.principal, std::move(look));
  if (!account) co_return account.error();
  std::string hashed;
  if (typed) {
    const auto password =
        identity::acceptable_password(*typed, account->email, account->name, "/password");
    if (!password) co_return password.error();
    auto made = co_await api.sign_in.hasher().hash(*password);
    if (!made) co_return made.error();
    hashed = std::move(*made);
    call.idempotency_key.clear();  // it would keep a quick digest of the password
  }
  Work work = [&api, &call, hashed = std::move(hashed)](Tx& tx) -> Result<Response> {
    auto now = find_account(tx, account_param(call));
    if (!now) return not_found("account");
    if (!hashed.empty()) {
      identity::reset_password(tx, *now, hashed);
      return reset_response("");
    }
    forget_resets(tx, now->id);
    const std::string token = identity::make_reset(tx, *now, identity::Purpose::reset);
    const std::string url = identity::reset_url(api.parts.identity.public_url, token);
    identity::send_letter(tx, *now, identity::Letter::reset, url, api.parts.identity.frame_letter);
    return reset_response(url);
  };
  auto response = co_await run_change(api, call, std::move(work));
  api.auth.forget_all();
  co_return response;
}

void declare_action(Router& router, std::string_view path, std::string_view id,
                    std::string_view summary, Doing handler) {
  router.add({.method = Method::post,
              .path = path,
              .id = id,
              .needs = Permission::account_write,
              .tag = "accounts",
              .summary = summary,
              .handler = handler,
              .body = &kNothingSchema,
              .answer = &kAccountSchema});
}

}  // namespace

void declare_accounts(Router& router) {
  router.add({.method = Method::get,
              .path = "/api/v1/accounts",
              .id = "list_accounts",
              .needs = Permission::account_read,
              .tag = "accounts",
              .summary = "List accounts; a manager sees those of his organisation",
              .handler = &list_all,
              .query = kListQuery,
              .answer = &kAccountSchema,
              .list = true});
  router.add({.method = Method::post,
              .path = "/api/v1/accounts",
              .id = "add_account",
              .needs = Permission::account_write,
              .tag = "accounts",
              .summary = "Add an account",
              .handler = &add_one,
              .body = &kNewSchema,
              .answer = &kAddedSchema,
              .status = 201});
  router.add({.method = Method::get,
              .path = "/api/v1/accounts/{account}",
              .id = "read_account",
              .needs = Permission::account_read,
              .tag = "accounts",
              .summary = "Read an account",
              .handler = &read_one,
              .answer = &kAccountSchema});
  router.add({.method = Method::patch,
              .path = "/api/v1/accounts/{account}",
              .id = "change_account",
              .needs = Permission::account_write,
              .tag = "accounts",
              .summary = "Change name, e-mail and roles; takes effect at once",
              .handler = &change_one,
              .body = &kChangeSchema,
              .answer = &kAccountSchema});
  declare_action(router, "/api/v1/accounts/{account}/disable", "disable_account",
                 "Let nobody in by it any more, and end its sessions", &disable);
  declare_action(router, "/api/v1/accounts/{account}/enable", "enable_account",
                 "Let its owner in again", &enable);
  declare_action(router, "/api/v1/accounts/{account}/reset-totp", "reset_account_totp",
                 "Take the second factor away from whoever lost it", &reset_totp);
  declare_action(router, "/api/v1/accounts/{account}/end-sessions", "end_account_sessions",
                 "End all its sessions and its own tokens", &end_all_sessions);
  router.add(
      {.method = Method::post,
       .path = "/api/v1/accounts/{account}/reset-password",
       .id = "reset_account_password",
       .needs = Permission::account_write,
       .tag = "accounts",
       .summary = "Set its password, or make a link by which its owner does, and mail it to him",
       .handler = &reset_password,
       .body = &kPasswordSchema,
       .answer = &kResetSchema});
}

}  // namespace ombud::http
