// A connection to a mailbox's server on which somebody is logged in. Two kinds: libcurl's
// (curl_wire.hpp), and that of tests.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "channel/mail/imap/settings.hpp"

namespace ombud::mail {

// A refusal means that the connection is of no use any more; its detail says how it ended. Not
// thread-safe: one executor.
class ImapWire {
 public:
  virtual ~ImapWire() = default;
  // Sends all of it.
  virtual net::awaitable<Result<std::monostate>> send(std::string bytes, Instant until) = 0;
  // What came, at least one byte; empty if nothing did before `until`.
  virtual net::awaitable<Result<std::string>> receive(Instant until) = 0;
};

class ImapConnector {
 public:
  virtual ~ImapConnector() = default;
  // Connects and logs in. The refusal says which of name, connection, certificate or login failed
  // and what to do.
  virtual net::awaitable<Result<std::unique_ptr<ImapWire>>> connect(MailboxSettings mailbox) = 0;
};

}  // namespace ombud::mail
