// The canonical documents that leave (sdk/DOCUMENTS.md), composed under a privacy policy.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/privacy.hpp"
#include "store/directory.hpp"
#include "store/tickets.hpp"

namespace ombud::desk {

// Everything about one hand-over that documents are made of.
struct Handover {
  Ticket ticket;
  std::vector<Message> messages;  // oldest first; the first is the user's description
  std::optional<Person> requester;
  DeskIdentity desk;
  std::string customer_name;
  std::string service_name;
  std::string brief;
  std::optional<Instant> due_at;
  std::vector<std::string> origins;  // correlations under which other hubs handed it to us
  PrivacyPolicy policy{{}};
};
// Reads it together. `policy` and `brief` come from the delegation's agreement and text.
Handover handover_of(Tx& tx, const Ticket& ticket, const Agreement& agreement,
                     const std::string& brief, std::optional<Instant> due_at);

// ombud.ticket/1; `status` is a word of that document.
std::string ticket_document(const Handover& handover, std::string_view status);
// ombud.comment/1. The desk's own words leave as they are, a user's are redacted.
std::string comment_document(const Handover& handover, std::string_view text, bool from_user,
                             Instant at);
std::string attachment_document(const Handover& handover, const Attachment& attachment);

}  // namespace ombud::desk
