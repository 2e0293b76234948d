// The two halves of signing in by a provider: sending the browser there, and understanding with
// what it comes back. Who may come in as whom is for accounts.hpp. Thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "identity/oidc/claims.hpp"
#include "identity/oidc/provider.hpp"
#include "identity/oidc/state_cookie.hpp"
#include "store/store.hpp"

namespace ombud::oidc {

struct ProviderName {
  std::string id, name;
};

struct Begun {
  std::string location;  // at the provider
  std::string cookie;    // value of Set-Cookie
};

struct Arrived {
  std::shared_ptr<const Provider> by;
  Identity who;
  Entitlement may;
  std::string to;        // where he wanted to go
  std::string id_token;  // to be kept with his session; empty: too long for that
};

class SignIn {
 public:
  // All but the key and the address must outlive it and what it has under way.
  SignIn(const Clock& clock, Random& random, Store& store, Fetcher& fetcher, SealKey key,
         std::string public_url);

  // These and no others from now on. A provider that is as it was keeps what it knows.
  void configure(std::vector<ProviderSettings> providers);
  std::vector<ProviderName> providers() const;  // in the order of the file
  bool secure() const { return secure_; }       // the cookie's flag

  // `to` may be anything; only a path of ours is kept.
  net::awaitable<Outcome<Begun>> begin(std::string provider, std::string to);
  // `query` as it came; `cookie` as cookie_in gives it, empty if there is none.
  net::awaitable<Outcome<Arrived>> finish(std::string provider, std::string query,
                                          std::string cookie);
  // Where a browser ends its session at the provider too; unreachable if the provider has no such
  // place. By the ID token, which may be empty, the provider knows whose session that is.
  net::awaitable<Outcome<std::string>> sign_out(std::string provider, std::string id_token);

 private:
  std::shared_ptr<Provider> find(std::string_view id) const;
  Outcome<Pending> pending_of(std::string_view provider, std::string_view state,
                              std::string_view cookie);
  net::awaitable<Outcome<void>> use_up(const Pending& pending);
  std::string redirect_uri(std::string_view provider) const;

  const Clock& clock_;
  Random& random_;
  Store& store_;
  Fetcher& fetcher_;
  const SealKey key_;
  const std::string public_url_;
  const bool secure_;
  mutable std::mutex mutex_;  // guards what follows
  std::vector<std::shared_ptr<Provider>> providers_;
};

}  // namespace ombud::oidc
