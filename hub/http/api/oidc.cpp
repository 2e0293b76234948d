// Signing in by a provider of OpenID Connect: a browser is sent there and comes back. Every answer
// is a redirect; what goes wrong is told to people by /sign-in?problem=… and to the operator by the
// log, under the request's id.
#include "http/api/accounts.hpp"
#include "http/api/api.hpp"
#include "identity/oidc/admission.hpp"
#include "identity/oidc/text.hpp"
#include "identity/sessions.hpp"
#include "store/await.hpp"
#include "store/provider_sessions.hpp"

namespace ombud::http {
namespace {

using oidc::Trouble;

constexpr Member kQuery[] = {
    {.name = "to", .about = "A path of the pages to go to afterwards", .required = false}};

Response redirect(std::string to) {
  Response response;
  response.status = 302;
  response.header("Location", std::move(to));
  response.header("Referrer-Policy", "no-referrer");  // the query of the way back is no one's
  return response;
}

// What the person may mend himself is no news for the operator.
bool is_news(Trouble trouble) {
  return trouble != Trouble::denied && trouble != Trouble::expired &&
         trouble != Trouble::unknown_provider;
}

Response turned_away(Api& api, const Call& call, const oidc::Failure& failure) {
  const std::string_view code = oidc::to_text(failure.trouble);
  api.parts.log.write(is_news(failure.trouble) ? Level::warning : Level::info,
                      "sign-in by a provider failed",
                      {{"id", call.exchange.id()},
                       {"provider", call.params.at(0)},
                       {"problem", code},
                       {"detail", failure.detail}});
  Response response = redirect("/sign-in?problem=" + std::string(code));
  // A way back that belongs to no sign-in must not end another one that is under way.
  if (api.parts.providers != nullptr && failure.trouble != Trouble::expired) {
    response.header("Set-Cookie", oidc::cookie_gone(api.parts.providers->secure()));
  }
  return response;
}

oidc::Failure no_provider() {
  return {Trouble::unknown_provider, "there is no provider in ombud.toml"};
}

net::awaitable<Result<Response>> begin(Api& api, Call& call) {
  if (api.parts.providers == nullptr) co_return turned_away(api, call, no_provider());
  const auto begun =
      co_await api.parts.providers->begin(call.params.at(0), std::string(call.query.text("to")));
  if (!begun) co_return turned_away(api, call, begun.error());
  Response response = redirect(begun->location);
  response.header("Set-Cookie", begun->cookie);
  co_return response;
}

struct Entered {
  std::optional<oidc::Failure> refused;
  identity::Opened opened;
};

Result<Entered> enter(Tx& tx, const oidc::Arrived& arrived, const identity::Origin& from,
                      std::string_view old_cookie) {
  auto admission = oidc::admit(tx, arrived.by->settings(), arrived.who, arrived.may);
  if (!admission) return admission.error();
  Entered entered{std::move(admission->refused), {}};
  if (!entered.refused) {
    entered.opened = identity::open_session(tx, admission->account, from, old_cookie);
    put_provider_session(tx, entered.opened.session.id,
                         {arrived.by->settings().id, arrived.id_token});
  }
  return entered;
}

net::awaitable<Result<Response>> finish(Api& api, Call& call) {
  oidc::SignIn* providers = api.parts.providers;
  if (providers == nullptr) co_return turned_away(api, call, no_provider());
  const std::string_view target = call.exchange.target();
  const std::size_t mark = target.find('?');
  std::string query(mark == std::string_view::npos ? "" : target.substr(mark + 1));
  const std::string_view name = oidc::cookie_name(providers->secure());
  std::string cookie(oidc::cookie_in(call.exchange.header("Cookie"), name).value_or(""));
  const auto arrived =
      co_await providers->finish(call.params.at(0), std::move(query), std::move(cookie));
  if (!arrived) co_return turned_away(api, call, arrived.error());
  std::function<Result<Entered>(Tx&)> work =
      [&arrived, from = origin_of_call(api, call),
       old_cookie = session_cookie(call.exchange).value_or("")](Tx& tx) {
        return enter(tx, *arrived, from, old_cookie);
      };
  const auto entered =
      co_await write<Entered>(api.parts.store, system_principal("oidc"), std::move(work));
  api.auth.forget_all();  // of the session that ended, and of roles that may have changed
  if (!entered && entered.error().kind == ProblemKind::unavailable) co_return entered.error();
  if (!entered) {
    const Problem& wrong = entered.error();
    std::string detail = "[[identity.oidc]] cannot be followed: " + wrong.detail;
    for (const FieldProblem& field : wrong.fields) {
      detail += " " + field.pointer + " " + field.detail;
    }
    const oidc::Failure failure{Trouble::no_role, std::move(detail)};
    co_return turned_away(api, call, failure);
  }
  if (entered->refused) co_return turned_away(api, call, *entered->refused);
  const AccountSession& session = entered->opened.session;
  api.parts.log.info("signed in by a provider", {{"id", call.exchange.id()},
                                                 {"provider", call.params.at(0)},
                                                 {"account", session.account.value}});
  Response response = redirect(arrived->to);
  response.header("Set-Cookie",
                  set_cookie(entered->opened.cookie, session.expires_at - session.created_at,
                             api.parts.identity.secure()));
  response.header("Set-Cookie", oidc::cookie_gone(providers->secure()));
  co_return response;
}

net::awaitable<Result<Response>> leave(Api& api, Call& call) {
  if (api.parts.providers == nullptr) co_return turned_away(api, call, no_provider());
  const std::string& provider = call.params.at(0);
  const std::string cookie = session_cookie(call.exchange).value_or("");
  // While the session here lasts, the provider is told whose it is.
  std::function<Result<std::string>(Tx&)> look = [&](Tx& tx) -> Result<std::string> {
    const auto live = identity::live_session(tx, cookie);
    const auto by = live ? provider_of_session(tx, live->session.id) : std::nullopt;
    return by && by->provider == provider ? by->id_token : std::string();
  };
  auto id_token =
      co_await read<std::string>(api.parts.store, system_principal("oidc"), std::move(look));
  if (!id_token) co_return id_token.error();
  const auto there = co_await api.parts.providers->sign_out(provider, std::move(*id_token));
  if (!there) co_return turned_away(api, call, there.error());
  co_return redirect(*there);
}

}  // namespace

void declare_oidc(Router& router) {
  router.add({.method = Method::get,
              .path = "/auth/oidc/{provider}",
              .id = "begin_sign_in_by_provider",
              .needs = Permission::anyone,
              .tag = "session",
              .summary = "Sends a browser to a provider of OpenID Connect, to sign in there",
              .handler = &begin,
              .query = kQuery,
              .status = 302});
  router.add({.method = Method::get,
              .path = "/auth/oidc/{provider}/callback",
              .id = "finish_sign_in_by_provider",
              .needs = Permission::anyone,
              .tag = "session",
              .summary = "Where the provider sends the browser back to: signed in, or to "
                         "/sign-in?problem=…",
              .handler = &finish,
              .status = 302,
              .free_query = true});
  router.add({.method = Method::get,
              .path = "/auth/oidc/{provider}/sign-out",
              .id = "sign_out_at_provider",
              .needs = Permission::anyone,
              .tag = "session",
              .summary = "Sends a browser to where it ends its session at the provider; the one "
                         "here ends by DELETE /session",
              .handler = &leave,
              .status = 302});
}

}  // namespace ombud::http
