// Asking an IMAP server, one command after the other. A NO or BAD is a refusal of kind `conflict`
// with the server's words: the connection is good for the next command. Every other refusal ends
// it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "channel/mail/imap/responses.hpp"
#include "channel/mail/imap/wire.hpp"

namespace ombud::mail {

class ImapSession {
 public:
  // `literal_bytes_max`: of one mail.
  ImapSession(std::unique_ptr<ImapWire> wire, Clock& clock, std::string server,
              std::size_t literal_bytes_max);

  // The untagged responses to it.
  net::awaitable<Result<std::vector<ImapResponse>>> command(std::string text);
  // A command's answer said that mail has come since; asking forgets it.
  bool heard_of_mail() { return std::exchange(heard_, false); }
  // Waits until the server says that something changed (RFC 2177), at most so long.
  net::awaitable<Result<std::monostate>> idle(Millis at_most);

 private:
  net::awaitable<Result<ImapResponse>> next(Instant until);
  Problem broken() const;

  std::unique_ptr<ImapWire> wire_;
  Clock& clock_;
  std::string server_;
  ResponseReader reader_;
  int tag_ = 0;
  bool heard_ = false;
};

}  // namespace ombud::mail
