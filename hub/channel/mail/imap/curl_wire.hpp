// Connections to IMAP servers by libcurl: names, TLS, STARTTLS and every login that it knows. What
// is said after that goes by its sockets (CURLOPT_CONNECT_ONLY), because libcurl itself has no
// IDLE.
#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <atomic>
#include <memory>

#include "base/log.hpp"
#include "channel/mail/imap/access_tokens.hpp"
#include "channel/mail/imap/wire.hpp"

namespace ombud::mail {

// `connecting` is where connecting blocks (up to kConnectWithin each): not the hub's own thread.
// Everything passed must outlive its wires.
class CurlImapConnector final : public ImapConnector {
 public:
  CurlImapConnector(Clock& clock, Store& store, const Log& log, net::any_io_executor executor,
                    net::any_io_executor connecting);
  ~CurlImapConnector() override;  // gives up what is being connected, within a second
  net::awaitable<Result<std::unique_ptr<ImapWire>>> connect(MailboxSettings mailbox) override;

 private:
  Clock& clock_;
  net::any_io_executor executor_, connecting_;
  std::shared_ptr<std::atomic<bool>> closing_;
  AccessTokens tokens_;
};

}  // namespace ombud::mail
