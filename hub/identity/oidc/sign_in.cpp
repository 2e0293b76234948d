#include "identity/oidc/sign_in.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.hpp"
#include "identity/oidc/limits.hpp"
#include "identity/oidc/text.hpp"
#include "store/await.hpp"
#include "store/provider_sessions.hpp"

namespace ombud::oidc {
namespace {

constexpr Millis kSignOutWithin{2'000};   // nobody who leaves waits long for where else to go
constexpr std::size_t kSecretBytes = 32;  // of state, nonce and verifier: 43 characters

std::string value_of(const std::map<std::string, std::string, std::less<>>& fields,
                     std::string_view name) {
  const auto found = fields.find(name);
  return found == fields.end() ? std::string() : found->second;
}

Failure unknown_provider(std::string_view id) {
  return {Trouble::unknown_provider,
          fmt::format("there is no provider \"{}\" in ombud.toml", cut_utf8(id, 64))};
}

// The `error` of a way back (RFC 6749, 4.1.2.1).
Failure refusal_of(std::string_view error, std::string_view about) {
  const std::string detail = fmt::format("the provider says {}{}{}", cut_utf8(error, 100),
                                         about.empty() ? "" : ": ", cut_utf8(about, 300));
  const bool by_person = error == "access_denied" || error == "login_required" ||
                         error == "interaction_required" || error == "consent_required" ||
                         error == "account_selection_required";
  return {by_person ? Trouble::denied : Trouble::unreachable, detail};
}

}  // namespace

SignIn::SignIn(const Clock& clock, Random& random, Store& store, Fetcher& fetcher, SealKey key,
               std::string public_url)
    : clock_(clock),
      random_(random),
      store_(store),
      fetcher_(fetcher),
      key_(std::move(key)),
      public_url_(std::move(public_url)),
      secure_(public_url_.starts_with("https://")) {}

void SignIn::configure(std::vector<ProviderSettings> providers) {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<Provider>> fresh;
  for (ProviderSettings& settings : providers) {
    const auto same = std::find_if(providers_.begin(), providers_.end(), [&](const auto& known) {
      return known->settings() == settings;
    });
    fresh.push_back(same != providers_.end()
                        ? *same
                        : std::make_shared<Provider>(std::move(settings), clock_, fetcher_));
  }
  providers_ = std::move(fresh);
}

std::vector<ProviderName> SignIn::providers() const {
  const std::lock_guard lock(mutex_);
  std::vector<ProviderName> names;
  for (const auto& provider : providers_) {
    names.push_back({provider->settings().id, provider->settings().name});
  }
  return names;
}

std::shared_ptr<Provider> SignIn::find(std::string_view id) const {
  const std::lock_guard lock(mutex_);
  for (const auto& provider : providers_) {
    if (provider->settings().id == id) return provider;
  }
  return nullptr;
}

std::string SignIn::redirect_uri(std::string_view provider) const {
  return fmt::format("{}/auth/oidc/{}/callback", public_url_, provider);
}

net::awaitable<Outcome<Begun>> SignIn::begin(std::string provider, std::string to) {
  const auto found = find(provider);
  if (!found) co_return unknown_provider(provider);
  const auto about = co_await found->metadata(clock_.now() + kStepWithin);
  if (!about) co_return about.error();
  const ProviderSettings& settings = found->settings();
  Pending pending;
  pending.provider = settings.id;
  pending.state = to_base64url(random_bytes(random_, kSecretBytes));
  pending.nonce = to_base64url(random_bytes(random_, kSecretBytes));
  pending.verifier = to_base64url(random_bytes(random_, kSecretBytes));
  pending.to = safe_return(to);
  pending.until = clock_.now() + kSignInWithin;
  std::string scope;
  for (const std::string& one : settings.scopes) scope += (scope.empty() ? "" : " ") + one;
  Begun begun;
  begun.cookie = cookie_with(key_.seal(pending, random_), secure_);
  const Fields fields{{"response_type", "code"},
                      {"client_id", settings.client_id},
                      {"redirect_uri", redirect_uri(settings.id)},
                      {"scope", scope},
                      {"state", pending.state},
                      {"nonce", pending.nonce},
                      {"code_challenge", to_base64url(sha256(pending.verifier))},
                      {"code_challenge_method", "S256"}};
  begun.location = with_query((*about)->authorization_endpoint, fields);
  co_return begun;
}

// Refused when the state came back before. Remembered until it would be too old anyway; on disk
// before the provider is asked, so that a start of the hub in between changes nothing.
net::awaitable<Outcome<void>> SignIn::use_up(const Pending& pending) {
  std::function<Result<bool>(Tx&)> work = [&pending](Tx& tx) -> Result<bool> {
    return use_state(tx, sha256_hex(pending.state), pending.until, kUsedStatesMax);
  };
  const auto fresh = co_await write<bool>(store_, system_principal("oidc"), std::move(work));
  if (!fresh) co_return unreachable("the state could not be noted: " + fresh.error().detail);
  if (!*fresh) {
    co_return Failure{Trouble::expired, "the same way back was taken before (replayed state)"};
  }
  co_return Outcome<void>();
}

Outcome<Pending> SignIn::pending_of(std::string_view provider, std::string_view state,
                                    std::string_view cookie) {
  if (cookie.empty()) {
    return Failure{Trouble::expired,
                   "the browser sent no cookie of a sign-in: it began elsewhere, more than ten "
                   "minutes ago, or is over already"};
  }
  auto pending = key_.unseal(cookie);
  if (!pending) return Failure{Trouble::expired, "the cookie of the sign-in is not by this hub"};
  if (pending->provider != provider || !equal_constant_time(pending->state, state)) {
    return Failure{Trouble::expired, "the way back belongs to another sign-in (state)"};
  }
  if (pending->until <= clock_.now()) {
    return Failure{Trouble::expired, "the sign-in took more than ten minutes"};
  }
  return std::move(*pending);
}

net::awaitable<Outcome<Arrived>> SignIn::finish(std::string provider, std::string query,
                                                std::string cookie) {
  const Instant until = clock_.now() + kStepWithin;
  const auto found = find(provider);
  if (!found) co_return unknown_provider(provider);
  const auto fields = parse_query(query);
  if (!fields) co_return Failure{Trouble::expired, "the way back has a query that is none"};
  auto pending = pending_of(provider, value_of(*fields, "state"), cookie);
  if (!pending) co_return pending.error();
  const auto used = co_await use_up(*pending);
  if (!used) co_return used.error();
  const auto about = co_await found->metadata(until);
  if (!about) co_return about.error();
  // RFC 9207: who answers says so, and it must be the one that was asked.
  const std::string issuer = value_of(*fields, "iss");
  if (issuer.empty() ? (*about)->tells_issuer : issuer != found->settings().issuer) {
    co_return untrusted("the way back does not come from this provider (iss)");
  }
  const std::string error = value_of(*fields, "error");
  if (!error.empty()) co_return refusal_of(error, value_of(*fields, "error_description"));
  Redeem order;
  order.code = value_of(*fields, "code");
  if (order.code.empty() || order.code.size() > kCodeBytesMax) {
    co_return untrusted("the way back holds no code");
  }
  order.redirect_uri = redirect_uri(provider);
  order.nonce = pending->nonce;
  order.verifier = pending->verifier;
  auto redeemed = co_await found->redeem(std::move(order), until);
  if (!redeemed) co_return redeemed.error();
  const json::View claims = redeemed->claims.root();
  Arrived arrived;
  arrived.by = found;
  arrived.who = identity_of(claims, found->settings());
  arrived.may = entitlement_of(claims, found->settings());
  arrived.to = pending->to;
  if (redeemed->id_token.size() <= kTokenKeptBytesMax) {
    arrived.id_token = std::move(redeemed->id_token);
  }
  co_return arrived;
}

net::awaitable<Outcome<std::string>> SignIn::sign_out(std::string provider, std::string id_token) {
  const auto found = find(provider);
  if (!found) co_return unknown_provider(provider);
  const auto about = co_await found->metadata(clock_.now() + kSignOutWithin);
  if (!about) co_return about.error();
  if ((*about)->end_session_endpoint.empty()) {
    co_return unreachable("the provider has no end_session_endpoint");
  }
  Fields fields{{"client_id", found->settings().client_id},
                {"post_logout_redirect_uri", public_url_ + "/sign-in"}};
  if (!id_token.empty()) fields.emplace_back("id_token_hint", std::move(id_token));
  co_return with_query((*about)->end_session_endpoint, fields);
}

}  // namespace ombud::oidc
