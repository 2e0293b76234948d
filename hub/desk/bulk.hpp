// The same change or action on many tickets, each for itself.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "desk/tickets.hpp"

namespace ombud::desk {

enum class BulkAction { none, resolve, close, reopen };

struct Bulk {
  std::vector<TicketId> tickets;  // at most kBulkMax, each once
  Change change;
  BulkAction action = BulkAction::none;
  std::string text;  // to the user with resolve, else the reason
};
struct BulkOutcome {
  TicketId ticket;                 // 0: there is none
  std::optional<Problem> problem;  // nothing: done, whole
  EventId event;                   // the last that it appended; 0: it was so already
};
// In one transaction: a ticket that is refused is left as it was, and the others are done.
Result<std::vector<BulkOutcome>> do_all(Tx& tx, const Bulk& request);

// What `undo` does, for the events of a bulk: where somebody has changed the same since, that
// ticket is left as it is. At most kBulkMax, each once; the outcomes are in their order.
Result<std::vector<BulkOutcome>> undo_all(Tx& tx, const std::vector<EventId>& events);

}  // namespace ombud::desk
