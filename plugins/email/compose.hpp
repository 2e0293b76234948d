// Builds one mail (RFC 5322, MIME) from plain values. Nothing in a value can add or end a header:
// control characters become spaces before GMime sees them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "email/settings.hpp"

namespace ombud::email {

struct File {
  std::string name;
  std::string
      media_type;  // "application/octet-stream" is used if it is not of the form type/subtype
  std::string bytes;
};

struct Letter {
  Mailbox from;
  Mailbox to;
  std::string subject;      // UTF-8, without the ticket's tag
  std::string reference;    // such as OMB-1042: put before the subject in brackets, once
  std::string text;         // UTF-8, lines ended by \n
  std::string html;         // the same as a whole HTML document, UTF-8; may be empty
  std::string message_id;   // with angle brackets
  std::string in_reply_to;  // with angle brackets; may be empty
  std::vector<std::string> references;  // oldest first, with angle brackets
  std::string language;                 // sv, en
  std::string link;                     // X-Ombud-Link: who sent it, for people who trace a loop
  bool automatic = false;               // RFC 3834: Auto-Submitted: auto-generated
  std::string reply_to;                 // an address; empty: answers go to `from`
  std::string unsubscribe;              // where one click ends mails like this one (RFC 8058)
  std::vector<File> files;
};

// The raw mail with CRLF line ends, ready for SMTP DATA. `sent_at` is in seconds since 1970.
std::string compose(const Letter& letter, std::int64_t sent_at);

// "[OMB-1042] Skrivaren" whatever tags of the same reference the subject already held.
std::string tagged_subject(std::string_view reference, std::string_view subject);

// The address with its domain as DNS has it (IDNA A-labels), which every mail server takes.
std::string wire_address(std::string_view address);

// An http or https address that can stand in a header.
bool is_link(std::string_view text);

// The text with every control character made a space and invalid UTF-8 replaced.
std::string header_text(std::string_view text);

// The message ids in a header or a document's text, each with its brackets; whatever is no message
// id is left out.
std::vector<std::string> message_ids(std::string_view text);

}  // namespace ombud::email
