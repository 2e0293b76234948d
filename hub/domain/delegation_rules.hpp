// The life of a delegation as pure rules:
// draft → sent → acknowledged → in_progress ⇄ waiting_on_us → resolved → accepted | rejected →
// closed, and withdrawn from anywhere before accepted.
#pragma once

#include <optional>
#include <string_view>

#include "domain/words.hpp"

namespace ombud {

// Nothing more is expected of the supplier.
bool is_ended(DelegationState state);
// The desk waits for the supplier.
bool is_with_supplier(DelegationState state);
// What the delegation becomes when the supplier says `status` of its copy; empty: no change. A
// supplier cannot undo what the desk has accepted, closed or withdrawn, and its "closed" means
// resolved: only the desk accepts.
std::optional<DelegationState> after_supplier(DelegationState now, SupplierStatus status);
// Whether the ticket may be handed over at all: no order leaves before its own organisation has
// said yes, if it is asked.
bool may_leave(TicketKind kind, std::optional<ApprovalState> approval);
inline constexpr std::string_view kOrderNotApproved = "order_not_approved";  // Problem::code
// Whether the desk may move it so.
bool may_become(DelegationState now, DelegationState next);

}  // namespace ombud
