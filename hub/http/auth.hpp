// Bearer tokens to principals, with a small cache in front of the store. Thread-safe.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "domain/principal.hpp"
#include "store/store.hpp"

namespace ombud::http {

class Authenticator {
 public:
  Authenticator(Store& store, const Clock& clock) : store_(store), clock_(clock) {}

  // By the value of an Authorization header: a principal, or unauthenticated. A token is believed
  // for kTokenCacheFor after it was last looked up, never beyond its own expiry.
  net::awaitable<Result<Principal>> authenticate(std::string_view authorization);

  // Call after the commit that revoked a token: nobody is let in by the cache any more.
  void forget_all();

 private:
  struct Entry {
    Principal principal;
    Instant until;
  };
  std::optional<Principal> cached(const std::string& digest);

  Store& store_;
  const Clock& clock_;
  std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;
  std::uint64_t generation_ = 0;  // a look-up that began before a revocation must not be kept
};

}  // namespace ombud::http
