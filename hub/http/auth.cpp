#include "http/auth.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>

#include "base/ascii.hpp"
#include "base/bytes.hpp"
#include "http/limits.hpp"
#include "http/problem.hpp"
#include "identity/accounts.hpp"
#include "identity/sessions.hpp"
#include "store/await.hpp"
#include "store/directory.hpp"

namespace ombud::http {
namespace {

bool same_text(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return ascii_lower(x) == ascii_lower(y); });
}
std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// The token of "Bearer <token>", scheme in any case.
std::string_view bearer(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  if (authorization.size() <= kScheme.size() ||
      !same_text(authorization.substr(0, kScheme.size()), kScheme)) {
    return {};
  }
  return authorization.substr(kScheme.size());
}

// "https://desk.example/ombud" begins with the origin "https://desk.example".
std::string_view origin_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  return url.substr(0, url.find('/', scheme + 3));
}

// "192.0.2.7", "192.0.2.7:4711", "2001:db8::7" or "[2001:db8::7]:4711", as proxies write them, in
// the one form that the hub keeps; "::ffff:192.0.2.7" is how an IPv6 socket names an IPv4 peer.
std::optional<std::string> address_from(std::string_view written) {
  namespace ip = boost::asio::ip;
  std::string_view text = written;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    text = text.substr(1, end - 1);
  } else if (std::count(text.begin(), text.end(), ':') == 1) {
    text = text.substr(0, text.find(':'));
  }
  constexpr std::size_t kAddressCharactersMax = 45;
  if (text.size() > kAddressCharactersMax) return std::nullopt;
  boost::system::error_code wrong;
  const ip::address address = ip::make_address(std::string(text), wrong);
  if (wrong) return std::nullopt;
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return ip::make_address_v4(ip::v4_mapped, address.to_v6()).to_string();
  }
  return address.to_string();
}

Problem unknown_token() {
  return problem(ProblemKind::unauthenticated,
                 "The token is unknown, expired or revoked; ask for a new one.");
}
Problem no_session() {
  return problem(ProblemKind::unauthenticated, "The session has ended; sign in again.");
}

struct Found {
  Principal principal;
  std::optional<Instant> expires_at;
};

// A token of the directory, or one that somebody made for himself.
Result<Found> find_bearer(Tx& tx, const std::string& digest, const std::string& speaks_for) {
  if (auto token = find_token(tx, digest)) {
    return Found{std::move(token->principal), token->expires_at};
  }
  const auto own = find_account_token(tx, digest);
  if (!own) return unknown_token();
  const auto account = find_account(tx, own->account);
  if (!account || account->disabled_at) return unknown_token();
  auto who = identity::principal_of(*account, *own);
  if (!who) return who.error();
  if (!speaks_for.empty() && speaks_for != own->customer.value_or("")) {
    return problem(ProblemKind::forbidden, "This token does not speak for that customer.");
  }
  return Found{std::move(*who), own->expires_at};
}

}  // namespace

std::optional<std::string> session_cookie(const Exchange& exchange) {
  std::vector<std::string> found;
  exchange.each_header([&](std::string_view name, std::string_view value) {
    if (!same_text(name, "Cookie")) return;
    while (!value.empty()) {
      const std::size_t end = std::min(value.find(';'), value.size());
      const std::string_view pair = trimmed(value.substr(0, end));
      value.remove_prefix(std::min(end + 1, value.size()));
      const std::size_t equals = pair.find('=');
      if (equals == std::string_view::npos || pair.substr(0, equals) != kSessionCookie) continue;
      found.emplace_back(pair.substr(equals + 1));
    }
  });
  if (found.empty()) return std::string();
  const bool one = std::all_of(found.begin(), found.end(),
                               [&](const std::string& value) { return value == found.front(); });
  return one ? std::optional(found.front()) : std::nullopt;
}

std::string set_cookie(std::string_view value, std::optional<Millis> lasts, bool secure) {
  std::string text = std::string(kSessionCookie) + "=" + std::string(value) +
                     "; Path=/; HttpOnly; SameSite=Lax" + (secure ? "; Secure" : "");
  if (value.empty()) lasts = Millis{0};
  if (lasts) text += "; Max-Age=" + std::to_string(lasts->count() / 1000);
  return text;
}

bool is_cross_origin(const Exchange& exchange, std::string_view public_url) {
  const std::string_view site = exchange.header("Sec-Fetch-Site");
  if (!site.empty() && site != "same-origin") return true;
  const std::string_view origin = exchange.header("Origin");
  if (origin.empty()) return false;
  if (same_text(origin, origin_of(public_url))) return false;
  const std::string_view host = exchange.header("Host");
  return !(same_text(origin, "https://" + std::string(host)) ||
           same_text(origin, "http://" + std::string(host)));
}

bool is_unsafe(Method method) {
  return method != Method::get && method != Method::head && method != Method::options;
}

bool is_from_our_pages(const Exchange& exchange, const SignedIn& session,
                       std::string_view public_url) {
  return !is_cross_origin(exchange, public_url) &&
         equal_constant_time(exchange.header("X-CSRF-Token"), session.csrf);
}

Response csrf_refusal(const Exchange& exchange) {
  return problem_response(403, "csrf",
                          "A session's changes need the header X-CSRF-Token as GET /session gives "
                          "it, and come from pages of this origin. Reload the page.",
                          exchange.id());
}

std::string address_of(const Exchange& exchange, const identity::Settings& settings) {
  const auto is_proxy = [&](const std::string& address) {
    return std::any_of(
        settings.proxies.begin(), settings.proxies.end(),
        [&](const std::string& proxy) { return address_from(proxy).value_or(proxy) == address; });
  };
  std::string address = address_from(exchange.peer()).value_or(exchange.peer());
  if (!is_proxy(address)) return address;
  // Several lines are one list (RFC 9110, 5.3). Each proxy adds the address that it saw at the end.
  std::string list;
  exchange.each_header([&](std::string_view name, std::string_view value) {
    if (same_text(name, "X-Forwarded-For")) list.append(",").append(value);
  });
  // From the right: what a proxy of ours says is believed, what stands before it anybody may have
  // written.
  std::string_view rest = list;
  while (!rest.empty() && is_proxy(address)) {
    const std::size_t comma = rest.rfind(',');
    const std::string_view last = trimmed(rest.substr(comma + 1));
    rest.remove_suffix(rest.size() - comma);
    if (last.empty()) continue;
    auto seen = address_from(last);
    if (!seen) break;
    address = std::move(*seen);
  }
  return address;
}

std::optional<Caller> Authenticator::cached(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end() || found->second.until <= clock_.now()) return std::nullopt;
  return found->second.caller;
}

std::uint64_t Authenticator::generation() {
  const std::lock_guard lock(mutex_);
  return generation_;
}

void Authenticator::keep(const std::string& key, std::uint64_t as_of, const Caller& caller,
                         Instant until) {
  const std::lock_guard lock(mutex_);
  if (as_of != generation_) return;
  if (entries_.size() >= kTokenCacheEntriesMax) entries_.clear();
  entries_.insert_or_assign(key, Entry{caller, std::min(clock_.now() + kTokenCacheFor, until)});
}

net::awaitable<Result<Caller>> Authenticator::authenticate(const Exchange& exchange,
                                                           std::string speaks_for) {
  const std::string_view authorization = exchange.header("Authorization");
  if (!authorization.empty()) {
    std::string secret(bearer(authorization));
    if (secret.empty()) {
      co_return problem(ProblemKind::unauthenticated,
                        "This needs a token: send the header Authorization: Bearer <token>.");
    }
    co_return co_await by_token(std::move(secret), std::move(speaks_for));
  }
  auto cookie = session_cookie(exchange);
  if (!cookie) {
    co_return problem(ProblemKind::unauthenticated,
                      "Your browser sent two different sessions; remove this site's cookies and "
                      "sign in again.");
  }
  if (cookie->empty()) {
    co_return problem(ProblemKind::unauthenticated,
                      "Sign in first, or send a token: Authorization: Bearer <token>.");
  }
  co_return co_await by_session(std::move(*cookie), std::move(speaks_for), true);
}

std::function<net::awaitable<Result<Caller>>()> Authenticator::again(const Exchange& exchange,
                                                                     std::string speaks_for) {
  const std::string_view authorization = exchange.header("Authorization");
  if (!authorization.empty()) {
    return [this, secret = std::string(bearer(authorization)), speaks_for = std::move(speaks_for)] {
      return by_token(secret, speaks_for);
    };
  }
  return [this, cookie = session_cookie(exchange).value_or(""),
          speaks_for = std::move(speaks_for)] { return by_session(cookie, speaks_for, false); };
}

net::awaitable<Result<Caller>> Authenticator::by_token(std::string secret, std::string speaks_for) {
  const std::string digest = sha256_hex(secret);
  const std::string key = digest + " " + speaks_for;
  if (auto known = cached(key)) co_return std::move(*known);
  const std::uint64_t at_first = generation();
  std::function<Result<Found>(Tx&)> look_up = [&](Tx& tx) {
    return find_bearer(tx, digest, speaks_for);
  };
  auto found = co_await read<Found>(store_, system_principal("http"), std::move(look_up));
  if (!found) co_return found.error();
  Caller caller{std::move(found->principal), std::nullopt};
  keep(key, at_first, caller, found->expires_at.value_or(kNever));
  co_return caller;
}

net::awaitable<Result<Caller>> Authenticator::by_session(std::string cookie, std::string speaks_for,
                                                         bool in_use) {
  if (!identity::is_cookie(cookie)) co_return no_session();
  const std::string key = sha256_hex(cookie) + " " + speaks_for;
  if (auto known = cached(key)) co_return std::move(*known);
  const std::uint64_t at_first = generation();
  using Live = std::optional<identity::LiveSession>;
  std::function<Result<Live>(Tx&)> look_up = [&](Tx& tx) -> Result<Live> {
    return identity::live_session(tx, cookie);
  };
  const auto live = co_await read<Live>(store_, system_principal("http"), std::move(look_up));
  if (!live) co_return live.error();
  if (!*live) co_return no_session();
  const AccountSession& session = (*live)->session;
  auto who = identity::principal_of((*live)->account, speaks_for);
  if (!who) co_return who.error();
  if (in_use && (*live)->due_to_touch) {
    std::function<Result<bool>(Tx&)> touch = [&session](Tx& tx) -> Result<bool> {
      touch_session(tx, session.id);
      return true;
    };
    const auto touched = co_await write<bool>(store_, system_principal("http"), std::move(touch));
    if (!touched) co_return touched.error();
  }
  Caller caller{std::move(*who), SignedIn{(*live)->account.id, session.id,
                                          identity::csrf_of(cookie), session.expires_at}};
  keep(key, at_first, caller, identity::session_ends(session));
  co_return caller;
}

void Authenticator::forget_all() {
  {
    const std::lock_guard lock(mutex_);
    ++generation_;
    entries_.clear();
  }
  if (heard_) heard_();
}

}  // namespace ombud::http
