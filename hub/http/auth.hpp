// Who sends a request: tokens and session cookies to principals, with a small cache in front of the
// store. Thread-safe.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "http/caller.hpp"
#include "http/message.hpp"
#include "identity/settings.hpp"
#include "store/store.hpp"

namespace ombud::http {

inline constexpr std::string_view kSessionCookie = "ombud_session";

// The one session cookie of the request; empty: none. Nothing: there are several, and nobody knows
// which of them its sender meant.
std::optional<std::string> session_cookie(const Exchange& exchange);

// "ombud_session=…; Path=/; HttpOnly; SameSite=Lax"; an empty value takes it back.
std::string set_cookie(std::string_view value, std::optional<Millis> lasts, bool secure);

// True: the request says by Origin or Sec-Fetch-Site that a page of another origin sent it. Ours
// are that of `public_url` and that of the request's own Host.
bool is_cross_origin(const Exchange& exchange, std::string_view public_url);

bool is_unsafe(Method method);  // may change something

// True: the page that sent it could read what this session's pages can, and is of our origin.
bool is_from_our_pages(const Exchange& exchange, const SignedIn& session,
                       std::string_view public_url);
Response csrf_refusal(const Exchange& exchange);  // 403, code "csrf"

// From where a request comes: the peer; behind believed proxies, the last address in all lines of
// X-Forwarded-For that is none of theirs. `Forwarded` (RFC 7239) is not looked at.
std::string address_of(const Exchange& exchange, const identity::Settings& settings);

class Authenticator {
 public:
  Authenticator(Store& store, const Clock& clock) : store_(store), clock_(clock) {}

  // By Authorization if that is there, else by the session's cookie; `speaks_for` is a customer's
  // key (Ombud-Customer) or empty. Refused: unauthenticated; forbidden, when he is nobody there.
  // What was looked up is believed for kTokenCacheFor, never beyond its own expiry.
  net::awaitable<Result<Caller>> authenticate(const Exchange& exchange, std::string speaks_for);

  // Asks again, as often as it is called, who it is that sent this request: for connections that
  // outlive it. A session is not thereby in use.
  std::function<net::awaitable<Result<Caller>>()> again(const Exchange& exchange,
                                                        std::string speaks_for);

  // Call after the commit that revoked a token, ended a session or changed an account: nobody is
  // let in by the cache any more.
  void forget_all();
  // Called by forget_all, on its thread: for those who let somebody in for longer than one request.
  void on_forget(std::function<void()> heard) { heard_ = std::move(heard); }

 private:
  struct Entry {
    Caller caller;
    Instant until;
  };
  std::optional<Caller> cached(const std::string& key);
  net::awaitable<Result<Caller>> by_token(std::string secret, std::string speaks_for);
  net::awaitable<Result<Caller>> by_session(std::string cookie, std::string speaks_for,
                                            bool in_use);
  std::uint64_t generation();
  void keep(const std::string& key, std::uint64_t as_of, const Caller& caller, Instant until);

  std::function<void()> heard_;
  Store& store_;
  const Clock& clock_;
  std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;
  std::uint64_t generation_ = 0;  // a look-up that began before a revocation must not be kept
};

}  // namespace ombud::http
