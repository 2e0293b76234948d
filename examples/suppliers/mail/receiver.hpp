// A tiny SMTP receiver (RFC 5321 without extensions but SIZE and 8BITMIME) for the example
// supplier.
#pragma once

#include <atomic>
#include <iosfwd>

#include "held_answers.hpp"
#include "mail/mailbox.hpp"

namespace ombud::example {

inline constexpr std::size_t kMailBytesMax = 50 * 1024 * 1024;

// What may go wrong on purpose, at the moment between the final dot and the reply.
struct MailFaults {
  HeldAnswers held;          // the mail is kept, the reply waits
  std::atomic<int> lose{0};  // so many mails are not kept, and the connection ends without a reply
};

// Holds one SMTP session until the peer leaves. A mail is answered with 250 after the
// mailbox has it on disk.
void receive_mails(std::istream& from_peer, std::ostream& to_peer, Mailbox& mailbox,
                   MailFaults* faults = nullptr);

}  // namespace ombud::example
