// Use cases of other systems (TMF621) beyond those of people: what they keep of their own with a
// ticket, and a supplier's word about what was handed over to it. Everything else they do by the
// use cases of tickets.hpp.
#pragma once

#include <optional>
#include <string>

#include "base/json.hpp"
#include "desk/tickets.hpp"
#include "store/tickets.hpp"

namespace ombud::desk {

// A delegation as its supplier's system may see it: of one of its own links. Else as absent as one
// that was never there.
Result<Delegation> own_delegation(Tx& tx, DelegationId delegation);

// The other system's own words and references, whole; nothing happens if they are as they were.
// `delegation` 0: the customer's, for a principal that sees the ticket; else its supplier's.
struct Keep {
  TicketId ticket;
  DelegationId delegation;
  std::string external_id;  // at most 255 bytes, may be empty
  std::string attributes;   // a JSON object of at most kAttributesBytesMax
};
Result<void> keep(Tx& tx, const Keep& what);

// A supplier's system speaks: exactly what a change does that was polled or sent to the webhook,
// so it moves the delegation, never the ticket's owner, and reaches the user only as the agreement
// says. If an earlier change of this copy is held, so is this one, and is taken after it. `type`
// and what belongs to it as in ombud.change/1.
struct SupplierWord {
  DelegationId delegation;
  std::string type;                   // "status", "comment" or "attachment"
  std::string status;                 // for status
  std::string status_text;            // the supplier's own word
  std::string text, author;           // for comment
  std::optional<NewAttachment> file;  // for attachment
};
Result<void> supplier_says(Tx& tx, const SupplierWord& word);

}  // namespace ombud::desk
