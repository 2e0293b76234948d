// What tickets and delegations share: putting work and news into suppliers' lanes.
#pragma once

#include <vector>

#include "desk/documents.hpp"
#include "store/outbox.hpp"

namespace ombud::desk {

// Hands the ticket over under this agreement: event, lane, documents. The caller has checked that
// it may.
DelegationId hand_over(Tx& tx, const Ticket& ticket, const Agreement& agreement,
                       const std::string& brief);

// A new ticket whose service falls under exactly one agreement that asks for it goes out at once.
// If that cannot be done, the desk reads why on the ticket. True if the ticket changed.
bool hand_over_by_agreement(Tx& tx, const Ticket& ticket);

// The documents of a hand-over, in order, as they would be enqueued.
std::vector<NewDelivery> hand_over_documents(Tx& tx, const Handover& handover);

// Passes a user's message (0: none) and files on to every open delegation whose agreement shares
// them. True if a supplier now has the ball.
// `words`: what of the message leaves, if not all of it.
bool share_with_suppliers(Tx& tx, const Ticket& ticket, MessageId message,
                          const std::vector<AttachmentId>& files,
                          const std::optional<std::string>& words = std::nullopt);

// Brings the suppliers' copies of a changed ticket up to date.
void update_suppliers(Tx& tx, const Ticket& ticket);

// Enqueues put_ticket with this status word for one delegation.
void put_copy(Tx& tx, const Ticket& ticket, const Delegation& delegation, std::string_view status);

// The status word of ombud.ticket/1 for an open delegation.
std::string_view copy_status(DelegationState state);

}  // namespace ombud::desk
