// Reads a raw mail into plain values. Any bytes are accepted: what is broken is read as far as it
// goes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "email/settings.hpp"

namespace ombud::email {

struct Enclosure {
  int part = 0;  // number of the part in the mail, from 1, in the order they stand
  std::string name;
  std::string media_type;
  std::string bytes;  // empty if `too_large`
  std::int64_t size = 0;
  bool too_large = false;
};

enum class Origin {
  person,
  machine,  // an automatic reply or other automatic mail (RFC 3834 and the marks that came before
            // it)
  bounce,   // a delivery report, or a mail with the null return path
};

struct Incoming {
  std::string message_id;                // with brackets; empty if the mail has none
  std::vector<std::string> in_reply_to;  // with brackets
  std::vector<std::string> references;   // with brackets, oldest first
  Mailbox from;
  std::string subject;
  std::string text;  // UTF-8, lines ended by \n
  std::optional<std::int64_t> sent_at_ms;
  Origin origin = Origin::person;
  std::string link;                   // X-Ombud-Link
  std::vector<std::string> returned;  // message ids found in the mail that a bounce gives back
  std::vector<Enclosure> enclosures;
};

inline constexpr int kPartsMax = 1000;
// Of all files of a mail that are carried over: in base 64 and with the text they fit a reply to
// the hub (8 MiB). The hub keeps the mail itself, so larger ones are not lost.
inline constexpr std::int64_t kEnclosuresBytesMax = 5 << 20;

Incoming read_mail(std::string_view raw);

}  // namespace ombud::email
