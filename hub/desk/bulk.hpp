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
  TicketId ticket;
  std::optional<Problem> problem;  // nothing: done, whole
};
// In one transaction: a ticket that is refused is left as it was, and the others are done.
Result<std::vector<BulkOutcome>> do_all(Tx& tx, const Bulk& request);

}  // namespace ombud::desk
