// Access tokens to log in to mailboxes with (RFC 6749, 4.4 and 6), fetched and renewed.
//
// A provider may answer with a refresh token that takes the place of the operator's. It is kept in
// the store before the access token is used, sealed with the operator's own: whoever has the
// database alone cannot use it, and once the operator writes another one into his file, that one
// counts. Should the provider refuse the kept one, the operator's is tried; not so when the kept
// one cannot be read, since a provider that sees one again which it has replaced revokes them all.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/result.hpp"
#include "channel/mail/imap/settings.hpp"
#include "store/store.hpp"

namespace ombud::mail {

class AccessTokens {
 public:
  // `fetching` is where fetching blocks (up to 15 s each), until `closing` is set. Everything
  // passed by reference must outlive the calls. Not thread-safe: one executor.
  AccessTokens(Clock& clock, Store& store, const Log& log, boost::asio::any_io_executor fetching,
               std::shared_ptr<std::atomic<bool>> closing);
  // The refusal says what the provider answered and which setting decides it.
  boost::asio::awaitable<Result<std::string>> token_for(MailboxSettings mailbox);
  // The mailbox's server did not take it.
  void forget(const std::string& mailbox) { by_mailbox_.erase(mailbox); }

 private:
  struct Held {
    MailboxOauth oauth;  // by which it was fetched
    std::string text;
    Instant until{};
  };
  // Empty: none is kept that was sealed with `written`.
  boost::asio::awaitable<Result<std::string>> kept_token(std::string mailbox, std::string written);
  boost::asio::awaitable<void> keep(std::string mailbox, std::string sealed);

  Clock& clock_;
  Store& store_;
  const Log& log_;
  boost::asio::any_io_executor fetching_;
  std::shared_ptr<std::atomic<bool>> closing_;
  std::map<std::string, Held> by_mailbox_;
  // By mailbox, sealed: came from a provider and could not be kept yet; tried again at each fetch.
  std::map<std::string, std::string> unkept_;
};

// `token` sealed with `written`, base64; nothing if it was not sealed with that one.
std::string seal_token(std::string_view token, std::string_view written);
std::optional<std::string> unseal_token(std::string_view sealed, std::string_view written);

}  // namespace ombud::mail
