// One provider: what it says of itself and its keys, kept for a while and fetched by one at a time,
// and the exchange of an authorization code for claims that have been checked.
// Thread-safe. Held by shared_ptr: a fetch that is under way keeps it.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "identity/oidc/fetch.hpp"
#include "identity/oidc/id_token.hpp"
#include "identity/oidc/keys.hpp"
#include "identity/oidc/metadata.hpp"
#include "identity/oidc/settings.hpp"

namespace ombud::oidc {

struct Redeem {
  std::string code, redirect_uri, nonce, verifier;
};
struct Redeemed {
  json::Document claims;
  std::string id_token;  // as it came
};

class Provider : public std::enable_shared_from_this<Provider> {
 public:
  // Clock and fetcher must outlive it and what it has under way.
  Provider(ProviderSettings settings, const Clock& clock, Fetcher& fetcher);

  const ProviderSettings& settings() const { return settings_; }

  // What it says of itself; at `until` at the latest.
  net::awaitable<Outcome<std::shared_ptr<const Metadata>>> metadata(Instant until);
  // Its keys, no older than kKeysFor.
  net::awaitable<Outcome<std::shared_ptr<const KeySet>>> keys(Instant until);
  // The claims of who has just signed in there: those of the ID token, and those that only its
  // userinfo tells.
  net::awaitable<Outcome<Redeemed>> redeem(Redeem order, Instant until);

 private:
  template <class T>
  using Got = std::function<void(Outcome<std::shared_ptr<const T>>)>;
  template <class T>
  struct Kept {
    std::shared_ptr<const T> value;
    Instant fetched_at{};            // value's
    std::optional<Failure> trouble;  // of the last fetch, if it failed
    Instant tried_at{};
    std::vector<Got<T>> waiting;  // for the fetch that is under way
  };

  template <class T>
  void refresh(Kept<T>& kept, FetchRequest request, std::string_view what,
               Outcome<T> (*read)(json::View, std::string_view), Got<T> done);
  net::awaitable<Outcome<std::shared_ptr<const KeySet>>> fetch_keys(Instant until);
  net::awaitable<Outcome<Redeemed>> redeem_code(const Redeem& order, const Metadata& about,
                                                Instant until);
  net::awaitable<Outcome<void>> check_signature(const IdToken& token, Instant until);
  net::awaitable<Outcome<json::Document>> userinfo(const Metadata& about, std::string access_token,
                                                   json::Document claims, Instant until);
  net::awaitable<Fetched> fetch(FetchRequest request);
  void fetch_one(FetchRequest request, Fetcher::Done done);
  Millis left(Instant until) const;

  const ProviderSettings settings_;
  const Clock& clock_;
  Fetcher& fetcher_;
  std::mutex mutex_;  // guards what follows
  Kept<Metadata> metadata_;
  Kept<KeySet> keys_;
  Instant keys_again_at_{};  // not before, for a signature that no known key made
  std::size_t under_way_ = 0;
};

}  // namespace ombud::oidc
