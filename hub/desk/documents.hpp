// The canonical documents that leave (sdk/DOCUMENTS.md), composed under a privacy policy.
#pragma once

#include <optional>
#include <string>

#include "domain/privacy.hpp"
#include "store/directory.hpp"
#include "store/tickets.hpp"

namespace ombud::desk {

// Everything about one hand-over that documents are made of.
struct Handover {
  Ticket ticket;
  std::string first_text;          // the user's first message
  std::optional<Person> requester;
  std::string customer_name;
  std::string service_name;
  std::string brief;
  std::optional<Instant> due_at;
  PrivacyPolicy policy{{}};
};
// Reads it together. `policy` and `brief` come from the delegation's agreement and text.
Handover handover_of(Tx& tx, const Ticket& ticket, const Agreement& agreement, const std::string& brief,
                     std::optional<Instant> due_at);

// ombud.ticket/1; `status` is a word of that document.
std::string ticket_document(const Handover& handover, std::string_view status);
// ombud.comment/1. The desk's own words leave as they are, a user's are redacted.
std::string comment_document(const Handover& handover, std::string_view text, bool from_user, Instant at);
std::string attachment_document(const Handover& handover, const Attachment& attachment);

// ombud.notice/1: a mail of the desk to a user.
struct Notice {
  Ticket ticket;
  std::string to_name, to_address;
  std::string text;
  std::string in_reply_to;  // a message id with angle brackets; may be empty
};
std::string notice_document(const Notice& notice);

// The desk as it signs itself; set from configuration once, kept in table-free form by the caller.
struct DeskIdentity {
  std::string name = "Service desk";
  std::string email;
};

}  // namespace ombud::desk
