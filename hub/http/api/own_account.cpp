// What somebody does about his own account: preferences, password, second factor, tokens. And the
// two addresses for whoever cannot sign in, which tell nobody whether an account exists.
#include <algorithm>

#include "base/bytes.hpp"
#include "http/api/accounts.hpp"
#include "http/api/api.hpp"
#include "http/api/render.hpp"
#include "http/problem.hpp"
#include "identity/accounts.hpp"
#include "identity/audit.hpp"
#include "identity/letters.hpp"
#include "identity/passwords.hpp"
#include "identity/resets.hpp"
#include "identity/second_factor.hpp"
#include "identity/tokens.hpp"
#include "identity/totp.hpp"
#include "store/account_subjects.hpp"
#include "store/await.hpp"

namespace ombud::http {
namespace {

constexpr std::size_t kZoneBytesMax = 64;
constexpr std::size_t kCodeBytesMax = 64;
constexpr std::size_t kResetTokenBytesMax = 200;
constexpr json::Reader::Text kPasswordText{
    .required = true, .bytes_max = identity::kPasswordBytesMax, .blank_allowed = true};

Response no_content(unsigned status = 204) {
  Response response;
  response.status = status;
  return response;
}

net::awaitable<Result<Account>> own_account(Api& api, Call& call) {
  std::function<Result<Account>(Tx&)> look = [&call](Tx& tx) -> Result<Account> {
    auto account = find_account(tx, call.principal.account);
    if (!account) return not_found("account");
    return std::move(*account);
  };
  co_return co_await read<Account>(api.parts.store, call.principal, std::move(look));
}

// The session that the request came with; empty with a token.
std::string_view this_session(const Call& call) {
  return call.session ? std::string_view(call.session->session) : std::string_view();
}

// --- Preferences --------------------------------------------------------------------------------

constexpr Member kPreferenceMembers[] = {
    {.name = "name", .required = false},
    {.name = "language", .about = "sv or en; null: the browser's", .required = false},
    {.name = "zone", .about = "Such as Europe/Stockholm; null: the browser's", .required = false},
    {.name = "theme", .about = "system, light or dark", .required = false}};
constexpr Schema kPreferencesSchema{"AccountPreferences", kPreferenceMembers};

bool is_zone(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '+' || c == '/';
  });
}

// A member that may be absent (nothing), null (an empty one inside) or a text.
std::optional<std::optional<std::string>> maybe_null(const Call& call, json::Reader& in,
                                                     std::string_view name, std::size_t bytes_max) {
  auto text = in.maybe_text(name, {.bytes_max = bytes_max});
  if (call.body[name].raw() == nullptr) return std::nullopt;
  return text;
}

Result<Work> set_preferences(const Call& call) {
  json::Reader in(call.body.root(), "");
  const auto name = in.maybe_text("name", {.bytes_max = identity::kNameBytesMax});
  const auto language = maybe_null(call, in, "language", 2);
  const auto zone = maybe_null(call, in, "zone", kZoneBytesMax);
  const auto theme = in.maybe_text("theme", {});
  if (language && *language && **language != "sv" && **language != "en") {
    in.refuse("language", "must be sv or en");
  }
  if (zone && *zone && !is_zone(**zone)) {
    in.refuse("zone", "must be a name such as Europe/Stockholm");
  }
  if (theme && *theme != "system" && *theme != "light" && *theme != "dark") {
    in.refuse("theme", "must be system, light or dark");
  }
  if (auto refused = in.finish()) return *refused;
  return Work([=](Tx& tx) -> Result<Response> {
    auto account = find_account(tx, tx.principal().account);
    if (!account) return not_found("account");
    if (name && *name != account->name) {
      json::Writer renamed;
      renamed.begin_object().field("before", account->name).field("after", *name).end_object();
      identity::note_audit(tx, account->id, "renamed", renamed.take());
      account->name = *name;
    }
    if (language) account->language = *language;
    if (zone) account->zone = *zone;
    if (theme) account->theme = *theme;
    update_account(tx, *account);
    json::Writer out;
    write_own_account(out, *account);
    return json_response(out);
  });
}

// --- Passwords ----------------------------------------------------------------------------------

constexpr Member kNewPasswordMembers[] = {{.name = "current"}, {.name = "new"}};
constexpr Schema kNewPasswordSchema{"NewPassword", kNewPasswordMembers};

net::awaitable<Result<Response>> change_password(Api& api, Call& call) {
  json::Reader in(call.body.root(), "");
  const std::string current = in.text("current", kPasswordText);
  const std::string typed = in.text("new", kPasswordText);
  if (auto refused = in.finish()) co_return *refused;
  const auto account = co_await own_account(api, call);
  if (!account) co_return account.error();
  if (auto wrong = co_await api.sign_in.confirm(*account, current, "/current")) co_return *wrong;
  const auto password = identity::acceptable_password(typed, account->email, account->name, "/new");
  if (!password) co_return password.error();
  auto hashed = co_await api.sign_in.hasher().hash(*password);
  if (!hashed) co_return hashed.error();
  Work work = [&call, checked = account->password, hashed = *hashed](Tx& tx) -> Result<Response> {
    auto now = find_account(tx, call.principal.account);
    if (!now || now->password != checked) return conflict("The password was changed meanwhile.");
    identity::set_password(tx, *now, hashed, this_session(call));
    return no_content();
  };
  auto response = co_await write<Response>(api.parts.store, call.principal, std::move(work));
  api.auth.forget_all();
  co_return response;
}

constexpr Member kResetMembers[] = {{.name = "email"}};
constexpr Schema kResetSchema{"PasswordReset", kResetMembers};
constexpr Member kConfirmResetMembers[] = {{.name = "token"}, {.name = "password"}};
constexpr Schema kConfirmResetSchema{"PasswordResetConfirmation", kConfirmResetMembers};

void mail_reset(Tx& tx, const std::string& email, const identity::Settings& settings) {
  const auto account = find_account_of_email(tx, email);
  // Whoever signs in by a provider alone gets no second way in past it.
  const bool somebody = account && identity::principal_of(*account, "") &&
                        !(account->password.empty() && has_subject(tx, account->id));
  identity::note_audit(tx, account ? account->id : AccountId{}, "reset_asked");
  if (!somebody || resets_of(tx, account->id).size() >= identity::kResetsMax) return;
  const std::string token = identity::make_reset(tx, *account, identity::Purpose::reset);
  identity::send_letter(tx, *account, identity::Letter::reset,
                        identity::reset_url(settings.public_url, token), settings.frame_letter);
}

void note_lost_reset(const Log& log, const std::exception_ptr& error) {
  if (!error) return;
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& failed) {
    log.error("a wish for a new password is lost", {{"error", failed.what()}});
  }
}

net::awaitable<Result<Response>> ask_reset(Api& api, Call& call) {
  if (is_cross_origin(call.exchange, api.parts.identity.public_url)) {
    co_return csrf_refusal(call.exchange);
  }
  json::Reader in(call.body.root(), "");
  const std::string written =
      in.text("email", {.required = true, .bytes_max = identity::kEmailBytesMax});
  if (auto refused = in.finish()) co_return *refused;
  const identity::Origin from = origin_of_call(api, call);
  if (const auto wait = api.sign_in.wait_for_reset(from)) {
    co_return wait_response(*wait, "Too many wishes; wait a moment before the next one.",
                            call.exchange.id());
  }
  const std::string email = identity::email_from(written).value_or("");
  // Answered before it is known whether there is somebody of that address, so that the time which
  // an answer takes tells nobody.
  api.parts.store.write(
      system_principal("sign-in"),
      [email, settings = api.parts.identity](Tx& tx) {
        mail_reset(tx, email, settings);
        return true;
      },
      [&log = api.parts.log](std::exception_ptr error) { note_lost_reset(log, error); });
  co_return no_content(202);
}

net::awaitable<Result<Response>> confirm_reset(Api& api, Call& call) {
  if (is_cross_origin(call.exchange, api.parts.identity.public_url)) {
    co_return csrf_refusal(call.exchange);
  }
  json::Reader in(call.body.root(), "");
  const std::string token = in.text("token", {.required = true, .bytes_max = kResetTokenBytesMax});
  const std::string typed = in.text("password", kPasswordText);
  if (auto refused = in.finish()) co_return *refused;
  std::function<Result<Account>(Tx&)> look = [&token](Tx& tx) {
    return identity::account_of_reset(tx, token);
  };
  const auto account =
      co_await read<Account>(api.parts.store, system_principal("sign-in"), std::move(look));
  if (!account) co_return account.error();
  const auto password =
      identity::acceptable_password(typed, account->email, account->name, "/password");
  if (!password) co_return password.error();
  auto hashed = co_await api.sign_in.hasher().hash(*password);
  if (!hashed) co_return hashed.error();
  Work work = [&token, hashed = *hashed](Tx& tx) -> Result<Response> {
    const auto done = identity::redeem(tx, token, hashed);
    if (!done) return done.error();
    return no_content();
  };
  auto response =
      co_await write<Response>(api.parts.store, system_principal("sign-in"), std::move(work));
  api.auth.forget_all();
  co_return response;
}

// --- Second factor ------------------------------------------------------------------------------

constexpr Member kTotpMembers[] = {
    {.name = "secret", .about = "To be typed where a QR code cannot be read", .required = false},
    {.name = "uri", .about = "otpauth://…, shown as a QR code", .required = false}};
constexpr Schema kTotpSchema{"TotpSecret", kTotpMembers};
constexpr Member kTotpCodeMembers[] = {{.name = "code"}};
constexpr Schema kTotpCodeSchema{"TotpCode", kTotpCodeMembers};
constexpr Member kRecoveryMembers[] = {
    {.name = "recovery_codes",
     .shape = Shape::texts,
     .about = "Each signs in once without the authenticator. Shown this once",
     .required = false}};
constexpr Schema kRecoverySchema{"RecoveryCodes", kRecoveryMembers};
constexpr Member kOwnPasswordMembers[] = {{.name = "password"}};
constexpr Schema kOwnPasswordSchema{"OwnPassword", kOwnPasswordMembers};

net::awaitable<Result<Response>> begin_totp(Api& api, Call& call) {
  json::Reader in(call.body.root(), "");
  const std::string password = in.text("password", kPasswordText);
  if (auto refused = in.finish()) co_return *refused;
  const auto mine = co_await own_account(api, call);
  if (!mine) co_return mine.error();
  if (!mine->password.empty()) {  // without one it is refused below, by its reason
    if (auto wrong = co_await api.sign_in.confirm(*mine, password, "/password")) co_return *wrong;
  }
  std::string fresh = identity::new_totp_secret(api.parts.random);
  Work work = [&call, fresh](Tx& tx) -> Result<Response> {
    const auto account = identity::begin_totp(tx, call.principal.account, fresh);
    if (!account) return account.error();
    json::Writer out;
    out.begin_object()
        .field("secret", fresh)
        .field("uri", identity::totp_uri(desk_identity(tx).name, account->email, fresh))
        .end_object();
    return json_response(out);
  };
  // No answer is kept under an Idempotency-Key: it would keep a quick digest of the password.
  co_return co_await write<Response>(api.parts.store, call.principal, std::move(work));
}

net::awaitable<Result<Response>> confirm_totp(Api& api, Call& call) {
  json::Reader in(call.body.root(), "");
  const std::string code = in.text("code", {.required = true, .bytes_max = kCodeBytesMax});
  if (auto refused = in.finish()) co_return *refused;
  const AccountId guesser = call.principal.account;
  if (auto wait = api.sign_in.before_guess(guesser)) co_return *wait;
  const auto codes = identity::new_recovery_codes(api.parts.random);
  Work work = [&call, code, codes](Tx& tx) -> Result<Response> {
    const auto account = identity::confirm_totp(tx, call.principal.account, code, codes);
    if (!account) return account.error();
    end_sessions(tx, account->id, this_session(call));  // they were begun without it
    json::Writer out;
    out.begin_object();
    write_texts(out, "recovery_codes", codes);
    out.end_object();
    Response response = json_response(out);
    response.stored_body = "{}";
    return response;
  };
  auto response = co_await run_change(api, call, std::move(work));
  if (response) api.sign_in.guessed_right(guesser);
  api.auth.forget_all();
  co_return response;
}

net::awaitable<Result<Response>> remove_totp(Api& api, Call& call) {
  json::Reader in(call.body.root(), "");
  const std::string password = in.text("password", kPasswordText);
  if (auto refused = in.finish()) co_return *refused;
  const auto account = co_await own_account(api, call);
  if (!account) co_return account.error();
  if (auto wrong = co_await api.sign_in.confirm(*account, password, "/password")) {
    co_return *wrong;
  }
  Work work = [&call](Tx& tx) -> Result<Response> {
    auto now = find_account(tx, call.principal.account);
    if (!now) return not_found("account");
    identity::remove_totp(tx, *now);
    return no_content();
  };
  co_return co_await write<Response>(api.parts.store, call.principal, std::move(work));
}

// --- Tokens -------------------------------------------------------------------------------------

#define OMBUD_OWN_TOKEN_MEMBERS                                                                 \
  {.name = "id"}, {.name = "name"},                                                             \
      {.name = "customer", .about = "As whose person; null: as the desk's", .required = false}, \
      {.name = "scopes", .shape = Shape::texts, .about = "Names of permissions"},               \
      {.name = "created_at", .shape = Shape::time},                                             \
      {.name = "expires_at", .shape = Shape::time, .required = false}, {                        \
    .name = "revoked_at", .shape = Shape::time, .required = false                               \
  }
constexpr Member kOwnTokenMembers[] = {OMBUD_OWN_TOKEN_MEMBERS};
constexpr Schema kOwnTokenSchema{"OwnToken", kOwnTokenMembers};
constexpr Member kMadeTokenMembers[] = {
    OMBUD_OWN_TOKEN_MEMBERS,
    {.name = "secret", .about = "The token itself. It is shown this once and not kept"}};
constexpr Schema kMadeTokenSchema{"MadeOwnToken", kMadeTokenMembers};
constexpr Member kNewTokenMembers[] = {
    {.name = "name", .about = "What it is for"},
    {.name = "expires_at",
     .shape = Shape::time,
     .about = "In at most 366 days; in 90 if left out",
     .required = false},
    {.name = "scopes",
     .shape = Shape::texts,
     .about = "Permissions that one has; all of them if left out. Never account.own",
     .required = false},
    {.name = "password",
     .about =
         "One's own, again; or `code`. Whoever has no password here must have signed in within "
         "the last ten minutes",
     .required = false},
    {.name = "code", .about = "What one's authenticator shows now", .required = false}};
constexpr Schema kNewTokenSchema{"NewOwnToken", kNewTokenMembers};

void write_token(json::Writer& out, const AccountToken& token, std::string_view secret) {
  out.begin_object()
      .field("id", token.id)
      .field("name", token.name)
      .field("customer", token.customer);
  write_texts(out, "scopes", token.scopes);
  out.field("created_at", to_rfc3339(token.created_at));
  write_time(out, "expires_at", token.expires_at);
  write_time(out, "revoked_at", token.revoked_at);
  if (!secret.empty()) out.field("secret", secret);
  out.end_object();
}

Result<Response> list_tokens(Tx& tx, const Call& call) {
  json::Writer out;
  begin_items(out);
  for (const AccountToken& token : account_tokens_of(tx, call.principal.account)) {
    write_token(out, token, {});
  }
  end_items(out, {});
  return json_response(out);
}

// What a token of this principal may be made for.
bool can_be_scope(const Principal& who, Permission permission) {
  return permission != Permission::anyone && permission != Permission::account_own &&
         may(who, permission);
}

// That it is its owner who asks, and not somebody at a browser that he left open.
net::awaitable<std::optional<Problem>> show_oneself(Api& api, const Call& call,
                                                    const Account& account,
                                                    std::optional<std::string> password,
                                                    std::optional<std::string> code) {
  if (code) co_return co_await api.sign_in.confirm_code(account, *code, "/code");
  if (!account.password.empty()) {
    if (!password) co_return invalid("/password", "is needed, or `code` of your authenticator");
    co_return co_await api.sign_in.confirm(account, *password, "/password");
  }
  const Instant fresh_since = api.parts.clock.now() - identity::kFreshSignIn;
  std::function<Result<bool>(Tx&)> look = [&](Tx& tx) -> Result<bool> {
    const auto known = sessions_of(tx, account.id);
    return std::any_of(known.begin(), known.end(), [&](const AccountSession& session) {
      return session.id == this_session(call) && session.created_at >= fresh_since;
    });
  };
  const auto fresh = co_await read<bool>(api.parts.store, call.principal, std::move(look));
  if (!fresh) co_return fresh.error();
  if (*fresh) co_return std::nullopt;
  co_return conflict(
      "You have no password here: sign in by your provider again, then make the "
      "token within ten minutes.");
}

net::awaitable<Result<Response>> make_token(Api& api, Call& call) {
  json::Reader in(call.body.root(), "");
  identity::NewToken token;
  token.name = in.text("name", {.required = true, .bytes_max = identity::kNameBytesMax});
  token.expires_at = maybe_time(in, "expires_at");
  token.scopes = in.texts("scopes", kPermissions, {.bytes_max = 64});
  for (const std::string& scope : token.scopes) {
    const auto permission = permission_from(scope);
    if (!permission || !can_be_scope(call.principal, *permission)) {
      in.refuse("scopes", "names \"" + scope + "\", which you may not; see `may` of GET /session");
    }
  }
  const auto password =
      in.maybe_text("password", {.bytes_max = identity::kPasswordBytesMax, .blank_allowed = true});
  const auto code = in.maybe_text("code", {.bytes_max = kCodeBytesMax});
  if (auto refused = in.finish()) co_return *refused;
  if (token.scopes.empty()) {
    for (const Permission permission : permissions_of(call.principal)) {
      if (!can_be_scope(call.principal, permission)) continue;
      token.scopes.emplace_back(row_of(permission).name);
    }
  }
  if (call.principal.is_person()) token.customer = call.principal.tenant;
  const auto account = co_await own_account(api, call);
  if (!account) co_return account.error();
  if (auto refused = co_await show_oneself(api, call, *account, password, code)) {
    co_return *refused;
  }
  Work work = [&api, &call, token = std::move(token)](Tx& tx) -> Result<Response> {
    const auto now = find_account(tx, call.principal.account);
    if (!now) return not_found("account");
    const auto made = identity::make_token(tx, *now, token, api.parts.identity.public_url);
    if (!made) return made.error();
    json::Writer out;
    write_token(out, made->token, made->secret);
    return json_response(out, 201);
  };
  // No answer is kept under an Idempotency-Key: it would keep a quick digest of the password.
  // The letter to him belongs to no customer, and neither does his account.
  Principal himself = call.principal;
  himself.tenant.reset();
  co_return co_await write<Response>(api.parts.store, std::move(himself), std::move(work));
}

net::awaitable<Result<Response>> revoke_token(Api& api, Call& call) {
  Work work = [&call](Tx& tx) -> Result<Response> {
    if (!identity::end_token(tx, call.principal.account, call.params.at(0), "owner")) {
      return not_found("token");
    }
    return no_content();
  };
  auto response = co_await write<Response>(api.parts.store, call.principal, std::move(work));
  api.auth.forget_all();
  co_return response;
}

}  // namespace

void declare_own_account(Router& router) {
  router.add({.method = Method::patch,
              .path = "/api/v1/account",
              .id = "change_own_account",
              .needs = Permission::account_own,
              .tag = "session",
              .summary = "Change one's own name, language, time zone and theme",
              .handler = &set_preferences,
              .body = &kPreferencesSchema,
              .answer = &kOwnAccountSchema});
  router.add({.method = Method::post,
              .path = "/api/v1/account/password",
              .id = "change_own_password",
              .needs = Permission::account_own,
              .tag = "session",
              .summary = "Change one's password; all other sessions end",
              .handler = &change_password,
              .body = &kNewPasswordSchema,
              .status = 204});
  router.add({.method = Method::post,
              .path = "/api/v1/password-resets",
              .id = "ask_password_reset",
              .needs = Permission::anyone,
              .tag = "session",
              .summary = "Ask for a link to a new password by mail; always accepted, and answered "
                         "before it is looked at",
              .handler = &ask_reset,
              .body = &kResetSchema,
              .status = 202});
  router.add({.method = Method::post,
              .path = "/api/v1/password-resets/confirm",
              .id = "confirm_password_reset",
              .needs = Permission::anyone,
              .tag = "session",
              .summary = "Set a first or new password by a link's token; all sessions end",
              .handler = &confirm_reset,
              .body = &kConfirmResetSchema,
              .status = 204});
  router.add({.method = Method::post,
              .path = "/api/v1/account/totp",
              .id = "begin_totp",
              .needs = Permission::account_own,
              .tag = "session",
              .summary = "Begin setting up a second factor; asks for the password again",
              .handler = &begin_totp,
              .body = &kOwnPasswordSchema,
              .answer = &kTotpSchema});
  router.add({.method = Method::post,
              .path = "/api/v1/account/totp/confirm",
              .id = "confirm_totp",
              .needs = Permission::account_own,
              .tag = "session",
              .summary = "Turn the second factor on by a first code; all other sessions end",
              .handler = &confirm_totp,
              .body = &kTotpCodeSchema,
              .answer = &kRecoverySchema});
  router.add({.method = Method::delete_,
              .path = "/api/v1/account/totp",
              .id = "remove_totp",
              .needs = Permission::account_own,
              .tag = "session",
              .summary = "Remove one's second factor",
              .handler = &remove_totp,
              .body = &kOwnPasswordSchema,
              .status = 204});
  router.add({.method = Method::get,
              .path = "/api/v1/account/tokens",
              .id = "list_own_tokens",
              .needs = Permission::account_own,
              .tag = "session",
              .summary = "List one's own tokens, without their secrets",
              .handler = &list_tokens,
              .answer = &kOwnTokenSchema,
              .list = true});
  router.add({.method = Method::post,
              .path = "/api/v1/account/tokens",
              .id = "make_own_token",
              .needs = Permission::account_own,
              .tag = "session",
              .summary =
                  "Make a token that may no more than oneself; its secret is shown once. Asks for "
                  "the password or a code again",
              .handler = &make_token,
              .body = &kNewTokenSchema,
              .answer = &kMadeTokenSchema,
              .status = 201});
  router.add({.method = Method::delete_,
              .path = "/api/v1/account/tokens/{token}",
              .id = "revoke_own_token",
              .needs = Permission::account_own,
              .tag = "session",
              .summary = "Revoke one of one's tokens, at once",
              .handler = &revoke_token,
              .status = 204});
}

}  // namespace ombud::http
