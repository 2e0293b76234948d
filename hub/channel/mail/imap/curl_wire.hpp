// Connections to IMAP servers by libcurl: names, TLS, STARTTLS and every login that it knows. What
// is said after that goes by its sockets (CURLOPT_CONNECT_ONLY), because libcurl itself has no
// IDLE.
#pragma once

#include <boost/asio/any_io_executor.hpp>

#include <memory>
#include <string>

#include "channel/mail/imap/wire.hpp"

namespace ombud::mail {

class ImapTokens;

// `connecting` is where connecting blocks (up to kConnectWithin each): not the hub's own thread.
// Everything passed must outlive its wires.
class CurlImapConnector final : public ImapConnector {
 public:
  CurlImapConnector(Clock& clock, net::any_io_executor executor, net::any_io_executor connecting);
  ~CurlImapConnector() override;  // gives up what is being connected, within a second
  net::awaitable<Result<std::unique_ptr<ImapWire>>> connect(MailboxSettings mailbox) override;

 private:
  Clock& clock_;
  net::any_io_executor executor_, connecting_;
  std::shared_ptr<ImapTokens> tokens_;  // access tokens, by mailbox
};

}  // namespace ombud::mail
