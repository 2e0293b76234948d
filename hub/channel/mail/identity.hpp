// By what a mail is known again, from its bytes alone. Pure; takes anything; costs time with the
// size.
#pragma once

#include <string>
#include <string_view>

namespace ombud::mail {

struct Identity {
  // Of the bytes without trace fields: equal when a server sends the same mail again.
  std::string bytes;
  // Of what the sender wrote: the fields that are his (From, To, Subject, Date, Message-ID, MIME …)
  // in any order, and the body with any line ends. Equal for one mail on whatever ways it came,
  // and not for two that share a Message-ID.
  std::string content;
  std::string message_id;  // with its brackets; may be empty
};

// Printers and alarms write the same to the byte each time and have no Message-ID: what tells them
// apart is the way they came. `bytes` is then of the topmost Received field, too; `content` of the
// lowest one, which the copies of one mail have in common. Where there is none, both are of
// `arrived`: when a mailbox says that the mail came, empty if it did not come by one.
Identity identify(std::string_view raw, std::string_view arrived = {});

}  // namespace ombud::mail
