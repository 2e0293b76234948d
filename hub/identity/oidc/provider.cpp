#include "identity/oidc/provider.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.hpp"
#include "identity/oidc/claims.hpp"
#include "identity/oidc/limits.hpp"
#include "identity/oidc/text.hpp"
#include "identity/oidc/waiting.hpp"

namespace ombud::oidc {
namespace {

Outcome<KeySet> read_keys(json::View document, std::string_view /*issuer*/) {
  return KeySet::from_jwks(document);
}

// Why a token endpoint refuses (RFC 6749, 5.2).
Failure refusal_of(const Fetched& fetched) {
  const auto document = json::parse(fetched.body);
  const json::View said = document ? document->root() : json::View();
  const std::string error(cut_utf8(said["error"].text(), 100));
  const std::string about(cut_utf8(said["error_description"].text(), 300));
  const std::string shown =
      fmt::format("the token endpoint answered {}{}{}{}{}", fetched.status,
                  error.empty() ? "" : ": ", error, about.empty() ? "" : ": ", about);
  if (error == "invalid_grant") return {Trouble::expired, shown};  // the code is used up or too old
  if (error == "invalid_client") {
    return unreachable(shown +
                       "; look at client_id and client_secret, and at what the provider "
                       "has registered");
  }
  return unreachable(shown);
}

// What may stand in a header line (RFC 6750, 2.1, and a little more).
bool is_header_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

// Both objects as one; what `first` has goes before what `second` has.
json::Document joined(json::View first, json::View second) {
  json::Writer out;
  out.begin_object();
  for (std::size_t i = 0; i < first.size(); ++i) {
    out.field(first.name_at(i), first.member_at(i));
  }
  for (std::size_t i = 0; i < second.size(); ++i) {
    if (!first[second.name_at(i)].present()) out.field(second.name_at(i), second.member_at(i));
  }
  out.end_object();
  return json::parse(out.take()).value();
}

}  // namespace

Provider::Provider(ProviderSettings settings, const Clock& clock, Fetcher& fetcher)
    : settings_(std::move(settings)), clock_(clock), fetcher_(fetcher) {}

Millis Provider::left(Instant until) const {
  return std::clamp(until - clock_.now(), Millis{0}, kStepWithin);
}

void Provider::fetch_one(FetchRequest request, Fetcher::Done done) {
  Fetched refused;
  {
    const std::lock_guard lock(mutex_);
    if (request.within <= Millis{0}) {
      refused.error = fmt::format("no answer within {} s", kStepWithin.count() / 1000);
    } else if (under_way_ >= kFetchesPerProviderMax) {
      refused.error = "too many requests to this provider are under way";
    } else {
      ++under_way_;
    }
  }
  if (!refused.error.empty()) {
    done(std::move(refused));
    return;
  }
  fetcher_.fetch(std::move(request),
                 [self = shared_from_this(), done = std::move(done)](Fetched fetched) {
                   {
                     const std::lock_guard lock(self->mutex_);
                     --self->under_way_;
                   }
                   done(std::move(fetched));
                 });
}

net::awaitable<Fetched> Provider::fetch(FetchRequest request) {
  std::function<void(Fetcher::Done)> start = [this,
                                              request = std::move(request)](Fetcher::Done done) {
    fetch_one(request, std::move(done));
  };
  co_return co_await answer_of<Fetched>(std::move(start));
}

// Whoever comes while a fetch is under way waits for that one.
template <class T>
void Provider::refresh(Kept<T>& kept, FetchRequest request, std::string_view what,
                       Outcome<T> (*read)(json::View, std::string_view), Got<T> done) {
  {
    const std::lock_guard lock(mutex_);
    kept.waiting.push_back(std::move(done));
    if (kept.waiting.size() > 1) return;
    kept.tried_at = clock_.now();
  }
  fetch_one(std::move(request),
            [self = shared_from_this(), &kept, what = std::string(what), read](Fetched fetched) {
              auto document = json_of(fetched, what);
              Outcome<T> value = document ? read(document->root(), self->settings_.issuer)
                                          : Outcome<T>(document.error());
              std::vector<Got<T>> waiting;
              std::optional<Outcome<std::shared_ptr<const T>>> outcome;
              {
                const std::lock_guard lock(self->mutex_);
                waiting.swap(kept.waiting);
                kept.trouble.reset();
                if (value) {
                  kept.value = std::make_shared<const T>(std::move(*value));
                  kept.fetched_at = self->clock_.now();
                  outcome.emplace(kept.value);
                } else {
                  kept.trouble = value.error();
                  outcome.emplace(value.error());
                }
              }
              for (const Got<T>& got : waiting) got(*outcome);
            });
}

net::awaitable<Outcome<std::shared_ptr<const Metadata>>> Provider::metadata(Instant until) {
  {
    const std::lock_guard lock(mutex_);
    const Instant now = clock_.now();
    if (metadata_.value && now < metadata_.fetched_at + kMetadataFor) co_return metadata_.value;
    if (metadata_.trouble && now < metadata_.tried_at + kTroubleFor) co_return *metadata_.trouble;
  }
  FetchRequest request{.url = discovery_address(settings_.issuer), .within = left(until)};
  using Answer = Outcome<std::shared_ptr<const Metadata>>;
  std::function<void(Got<Metadata>)> start = [this,
                                              request = std::move(request)](Got<Metadata> done) {
    const std::string what = request.url;
    refresh<Metadata>(metadata_, request, what, &metadata_from, std::move(done));
  };
  co_return co_await answer_of<Answer>(std::move(start));
}

net::awaitable<Outcome<std::shared_ptr<const KeySet>>> Provider::keys(Instant until) {
  {
    const std::lock_guard lock(mutex_);
    if (keys_.value && clock_.now() < keys_.fetched_at + kKeysFor) co_return keys_.value;
  }
  co_return co_await fetch_keys(until);
}

net::awaitable<Outcome<std::shared_ptr<const KeySet>>> Provider::fetch_keys(Instant until) {
  const auto about = co_await metadata(until);
  if (!about) co_return about.error();
  FetchRequest request{.url = (*about)->jwks_uri, .within = left(until)};
  using Answer = Outcome<std::shared_ptr<const KeySet>>;
  std::function<void(Got<KeySet>)> start = [this, request = std::move(request)](Got<KeySet> done) {
    const std::string what = request.url;
    refresh<KeySet>(keys_, request, what, &read_keys, std::move(done));
  };
  co_return co_await answer_of<Answer>(std::move(start));
}

net::awaitable<Outcome<Redeemed>> Provider::redeem(Redeem order, Instant until) {
  const auto about = co_await metadata(until);
  if (!about) co_return about.error();
  co_return co_await redeem_code(order, **about, until);
}

net::awaitable<Outcome<Redeemed>> Provider::redeem_code(const Redeem& order, const Metadata& about,
                                                        Instant until) {
  FetchRequest request{.url = about.token_endpoint, .within = left(until)};
  Fields fields{{"grant_type", "authorization_code"},
                {"code", order.code},
                {"redirect_uri", order.redirect_uri},
                {"code_verifier", order.verifier}};
  if (settings_.client_secret.empty() || about.secret_in_body) {
    fields.emplace_back("client_id", settings_.client_id);
  }
  if (!settings_.client_secret.empty() && about.secret_in_body) {
    fields.emplace_back("client_secret", settings_.client_secret);
  } else if (!settings_.client_secret.empty()) {
    request.headers.emplace_back(
        "Authorization",
        "Basic " + to_base64(escape(settings_.client_id) + ":" + escape(settings_.client_secret)));
  }
  request.form = form_of(fields);
  const Fetched fetched = co_await fetch(std::move(request));
  if (fetched.status >= 400 && fetched.status < 500) co_return refusal_of(fetched);
  const auto answer = json_of(fetched, about.token_endpoint);
  if (!answer) co_return answer.error();
  if (!(*answer)["id_token"].is_text()) {
    co_return untrusted("the token endpoint gave no ID token; the scope \"openid\" is needed");
  }
  auto token = take_apart((*answer)["id_token"].text());
  if (!token) co_return token.error();
  const auto made_by_it = co_await check_signature(*token, until);
  if (!made_by_it) co_return made_by_it.error();
  const Expected expected{settings_.issuer, settings_.client_id, order.nonce, clock_.now()};
  const auto good = check_claims(token->claims.root(), expected);
  if (!good) co_return good.error();
  const std::string access_token((*answer)["access_token"].text());
  if (!is_header_text(access_token)) co_return untrusted("the access token is none");
  if (about.userinfo_endpoint.empty() || access_token.empty() ||
      !lacks_claims(token->claims.root(), settings_)) {
    co_return Redeemed{std::move(token->claims), std::string((*answer)["id_token"].text())};
  }
  auto all = co_await userinfo(about, access_token, std::move(token->claims), until);
  if (!all) co_return all.error();
  co_return Redeemed{std::move(*all), std::string((*answer)["id_token"].text())};
}

// A signature that no known key made may be by a new key: then the keys are fetched again, at most
// once a minute, and those that are not there any more are forgotten.
net::awaitable<Outcome<void>> Provider::check_signature(const IdToken& token, Instant until) {
  auto known = co_await keys(until);
  if (!known) co_return known.error();
  const auto made_it = [&token](const KeySet& set) {
    return set.verify(token.algorithm, token.key_id, token.signed_bytes, token.signature);
  };
  if (made_it(**known)) co_return Outcome<void>();
  bool again = false;
  {
    const std::lock_guard lock(mutex_);
    if (keys_.value != *known) known = keys_.value;  // another sign-in has just fetched them
    const Instant now = clock_.now();
    const bool under_way = !keys_.waiting.empty();
    again = under_way || now >= keys_again_at_;
    if (again && !under_way) keys_again_at_ = now + kKeysAgainAfter;
  }
  if (made_it(**known)) co_return Outcome<void>();
  if (again) {
    known = co_await fetch_keys(until);
    if (!known) co_return known.error();
    if (made_it(**known)) co_return Outcome<void>();
  }
  co_return untrusted("the ID token is not signed by a key of the provider");
}

net::awaitable<Outcome<json::Document>> Provider::userinfo(const Metadata& about,
                                                           std::string access_token,
                                                           json::Document claims, Instant until) {
  FetchRequest request{.url = about.userinfo_endpoint, .within = left(until)};
  request.headers.emplace_back("Authorization", "Bearer " + access_token);
  const Fetched fetched = co_await fetch(std::move(request));
  const auto more = json_of(fetched, about.userinfo_endpoint);
  if (!more) co_return more.error();
  // OpenID Connect Core, 5.3.2: or it is about somebody else.
  if ((*more)["sub"].text() != claims["sub"].text()) {
    co_return untrusted("userinfo is about another subject than the ID token");
  }
  co_return joined(claims.root(), more->root());
}

}  // namespace ombud::oidc
