#include "channel/mail/imap/access_tokens.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <new>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "channel/mail/imap/curl_handle.hpp"
#include "store/await.hpp"
#include "store/mailboxes.hpp"

namespace ombud::mail {
namespace {

constexpr std::size_t kAnswerBytesMax = 256U << 10U;
constexpr std::int64_t kGoodSeconds = 300;        // an access token, if nothing is said
constexpr std::int64_t kGoodSecondsMax = 86'400;  // whatever is said
constexpr Millis kMargin{60'000};                 // it is renewed so long before its end
constexpr std::size_t kNonceBytes = crypto_secretbox_NONCEBYTES;
constexpr std::string_view kKeyName = "ombud mailbox refresh token";

const auto* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
auto* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

std::string key_of(std::string_view written) {
  std::string key(crypto_secretbox_KEYBYTES, '\0');
  crypto_generichash(bytes_of(key), key.size(), bytes_of(written), written.size(),
                     bytes_of(kKeyName), kKeyName.size());
  return key;
}

std::size_t take_body(char* bytes, std::size_t size, std::size_t count, void* to) {
  auto& body = *static_cast<std::string*>(to);
  if (body.size() + size * count > kAnswerBytesMax) return 0;
  body.append(bytes, size * count);
  return size * count;
}

std::string escaped(const Easy& handle, const std::string& text) {
  char* made = curl_easy_escape(handle.get(), text.data(), static_cast<int>(text.size()));
  if (made == nullptr) throw std::bad_alloc();
  std::string copy(made);
  curl_free(made);
  return copy;
}

struct Fetched {
  std::string access;
  std::string refresh;  // that takes the place of the one asked with; empty: none does
  Millis good_for{};
};

// Blocks. `refresh` is empty for client credentials.
Result<Fetched> fetch(const MailboxSettings& mailbox, const std::string& refresh,
                      std::atomic<bool>& closing) {
  const MailboxOauth& oauth = mailbox.oauth;
  CurlWords words{};
  Easy handle = open_handle(oauth.authority, closing, words);
  set(handle, CURLOPT_URL, oauth.token_url);
  set(handle, CURLOPT_PROTOCOLS_STR, "https,http");
  std::string form = "client_id=" + escaped(handle, oauth.client_id);
  if (!oauth.client_secret.empty()) {
    form += "&client_secret=" + escaped(handle, oauth.client_secret);
  }
  if (!oauth.scope.empty()) form += "&scope=" + escaped(handle, oauth.scope);
  form += refresh.empty() ? std::string("&grant_type=client_credentials")
                          : "&grant_type=refresh_token&refresh_token=" + escaped(handle, refresh);
  set(handle, CURLOPT_POSTFIELDS, form.c_str());
  std::string body;
  set(handle, CURLOPT_WRITEFUNCTION, &take_body);
  set(handle, CURLOPT_WRITEDATA, &body);
  const CURLcode code = curl_easy_perform(handle.get());
  long status = 0;
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
  const auto answer = json::parse(body);
  if (code != CURLE_OK || status != 200 || !answer) {
    std::string why = code != CURLE_OK ? std::string(curl_easy_strerror(code))
                                       : fmt::format("it answered {}", status);
    if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE) {
      why += " (the certificates that count are the system's, or those of oauth.authority)";
    }
    if (answer) {
      const std::string_view error = (*answer)["error"].text();
      if (!error.empty()) why += fmt::format(" {}", error);
    }
    return problem(
        status == 400 || status == 401 ? ProblemKind::unauthenticated : ProblemKind::unavailable,
        fmt::format("No access token from {}: {}. See oauth of the mailbox \"{}\".",
                    oauth.token_url, why, mailbox.name));
  }
  Fetched token;
  token.access = std::string((*answer)["access_token"].text());
  if (!refresh.empty()) token.refresh = std::string((*answer)["refresh_token"].text());
  if (token.refresh == refresh) token.refresh.clear();
  const std::int64_t seconds = (*answer)["expires_in"].integer(kGoodSeconds);
  token.good_for = Millis(1000 * std::clamp<std::int64_t>(seconds, 0, kGoodSecondsMax)) - kMargin;
  if (token.access.empty()) {
    return problem(ProblemKind::unauthenticated,
                   fmt::format("{} answered without an access token. See oauth of the mailbox "
                               "\"{}\".",
                               oauth.token_url, mailbox.name));
  }
  return token;
}

boost::asio::awaitable<Result<Fetched>> fetch_there(MailboxSettings mailbox, std::string refresh,
                                                    std::shared_ptr<std::atomic<bool>> closing) {
  co_return fetch(mailbox, refresh, *closing);
}

}  // namespace

// The nonce follows from the token, so that nothing random is needed and none is used twice.
std::string seal_token(std::string_view token, std::string_view written) {
  const std::string key = key_of(written);
  std::string sealed(kNonceBytes + crypto_secretbox_MACBYTES + token.size(), '\0');
  crypto_generichash(bytes_of(sealed), kNonceBytes, bytes_of(token), token.size(),
                     bytes_of(std::string_view(key)), key.size());
  crypto_secretbox_easy(bytes_of(sealed) + kNonceBytes, bytes_of(token), token.size(),
                        bytes_of(sealed), bytes_of(std::string_view(key)));
  return to_base64(sealed);
}

std::optional<std::string> unseal_token(std::string_view sealed, std::string_view written) {
  const auto bytes = from_base64(sealed);
  if (!bytes || bytes->size() < kNonceBytes + crypto_secretbox_MACBYTES) return std::nullopt;
  const std::string key = key_of(written);
  std::string token(bytes->size() - kNonceBytes - crypto_secretbox_MACBYTES, '\0');
  const std::string_view whole(*bytes);
  if (crypto_secretbox_open_easy(bytes_of(token), bytes_of(whole) + kNonceBytes,
                                 whole.size() - kNonceBytes, bytes_of(whole),
                                 bytes_of(std::string_view(key))) != 0) {
    return std::nullopt;
  }
  return token;
}

AccessTokens::AccessTokens(Clock& clock, Store& store, const Log& log,
                           boost::asio::any_io_executor fetching,
                           std::shared_ptr<std::atomic<bool>> closing)
    : clock_(clock),
      store_(store),
      log_(log),
      fetching_(std::move(fetching)),
      closing_(std::move(closing)) {}

boost::asio::awaitable<Result<std::string>> AccessTokens::token_for(MailboxSettings mailbox) {
  if (const auto unkept = unkept_.find(mailbox.name); unkept != unkept_.end()) {
    const std::string sealed = unkept->second;
    co_await keep(mailbox.name, sealed);
  }
  const auto held = by_mailbox_.find(mailbox.name);
  if (held != by_mailbox_.end() && held->second.oauth == mailbox.oauth &&
      clock_.now() < held->second.until) {
    co_return held->second.text;
  }
  const std::string written = mailbox.oauth.refresh_token;
  std::vector<std::string> candidates{written};
  if (!written.empty()) {
    auto kept = co_await kept_token(mailbox.name, written);
    if (!kept) co_return kept.error();
    if (!kept->empty()) candidates.insert(candidates.begin(), std::move(*kept));
  }
  Problem refused;
  for (const std::string& refresh : candidates) {
    const Instant asked = clock_.now();
    auto fetching = fetch_there(mailbox, refresh, closing_);
    auto fresh =
        co_await boost::asio::co_spawn(fetching_, std::move(fetching), boost::asio::use_awaitable);
    if (!fresh) {
      refused = fresh.error();
      if (refused.kind != ProblemKind::unauthenticated) break;
      continue;
    }
    if (!fresh->refresh.empty()) {
      std::string sealed = seal_token(fresh->refresh, written);
      co_await keep(mailbox.name, std::move(sealed));
    }
    by_mailbox_[mailbox.name] = {mailbox.oauth, fresh->access, asked + fresh->good_for};
    co_return fresh->access;
  }
  co_return refused;
}

boost::asio::awaitable<Result<std::string>> AccessTokens::kept_token(std::string mailbox,
                                                                     std::string written) {
  const auto unkept = unkept_.find(mailbox);
  if (unkept != unkept_.end()) co_return unseal_token(unkept->second, written).value_or("");
  std::function<Result<std::string>(Tx&)> work = [mailbox](Tx& tx) -> Result<std::string> {
    return kept_mailbox_token(tx, mailbox);
  };
  const Result<std::string> sealed =
      co_await read<std::string>(store_, system_principal("mail"), std::move(work));
  if (!sealed) {
    log_.error("mailbox's kept refresh token cannot be read",
               {{"mailbox", mailbox}, {"reason", sealed.error().detail}});
    co_return problem(ProblemKind::unavailable,
                      fmt::format("The refresh token that is kept for the mailbox \"{}\" cannot be "
                                  "read: {} It is tried again.",
                                  mailbox, sealed.error().detail));
  }
  co_return unseal_token(*sealed, written).value_or("");
}

boost::asio::awaitable<void> AccessTokens::keep(std::string mailbox, std::string sealed) {
  std::function<Result<std::monostate>(Tx&)> work = [mailbox,
                                                     sealed](Tx& tx) -> Result<std::monostate> {
    keep_mailbox_token(tx, mailbox, sealed);
    return std::monostate();
  };
  const auto kept =
      co_await write<std::monostate>(store_, system_principal("mail"), std::move(work));
  if (kept) {
    unkept_.erase(mailbox);
    co_return;
  }
  // Good for as long as this process lives, which goes on trying.
  unkept_[mailbox] = sealed;
  log_.error("mailbox's new refresh token could not be kept",
             {{"mailbox", mailbox}, {"reason", kept.error().detail}});
}

}  // namespace ombud::mail
