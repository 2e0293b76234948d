// A tiny SMTP receiver (RFC 5321 without extensions but SIZE and 8BITMIME) for the example
// supplier.
#pragma once

#include <iosfwd>

#include "mail/mailbox.hpp"

namespace ombud::example {

inline constexpr std::size_t kMailBytesMax = 50 * 1024 * 1024;

// Holds one SMTP session until the peer leaves. A mail is answered with 250 after the
// mailbox has it on disk.
void receive_mails(std::istream& from_peer, std::ostream& to_peer, Mailbox& mailbox);

}  // namespace ombud::example
