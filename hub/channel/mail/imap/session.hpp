// Asking an IMAP server, one command after the other. A NO or BAD is a refusal of kind `conflict`
// with the server's words: the connection is good for the next command. Every other refusal ends
// it. What a server may say to one command is bounded in bytes and in time, however it comes: one
// that talks without end costs its connection and no memory.
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

// Besides the text of one mail: a SEARCH of a large folder has some megabytes.
inline constexpr std::size_t kAnswerBytesMax = 8U << 20U;
inline constexpr Millis kAnswerWithin{10 * 60'000};  // all of it; the largest mail on a slow line
inline constexpr std::size_t kIdleBytesMax = 1U << 20U;

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
  // What the server may still say to the command at hand.
  struct Budget {
    std::size_t bytes;
    Instant until;
  };
  // The next response; an empty one after so long a silence, or when the time is over.
  net::awaitable<Result<ImapResponse>> next(Millis silence, Budget& budget);
  // The next response to a command, which has to come soon.
  net::awaitable<Result<ImapResponse>> answer(Budget& budget);
  Problem broken() const;

  std::unique_ptr<ImapWire> wire_;
  Clock& clock_;
  std::string server_;
  std::size_t literal_bytes_max_;
  ResponseReader reader_;
  int tag_ = 0;
  bool heard_ = false;
};

}  // namespace ombud::mail
