// Tickets as lists show them: a page of rows, who must act next, and what may be done.
#pragma once

#include <string_view>
#include <vector>

#include "desk/tickets.hpp"

namespace ombud::desk {

// Who must act next: user, desk or supplier; nobody once it is closed. An order that waits for a
// yes waits for the user's side.
std::optional<Party> waits_for(const Ticket& ticket);

struct TicketRow {
  Ticket ticket;
  TicketExtras extras;
  std::optional<Instant> due_at;         // the first promise of a supplier that still works on it
  std::optional<ApprovalView> approval;  // nothing: nobody was asked
};
// What a list shows beside the tickets, as this principal may see it: a fixed number of look-ups
// for each.
std::vector<TicketRow> rows_of(Tx& tx, std::vector<Ticket> tickets);

// What this principal may do with a ticket that it sees: reply, note, attach, resolve, close,
// reopen, rate, change, set_requester, assign, escalate, delegate, merge, split, relate,
// add_participant, remove_participant, undo. The use cases decide; this is for buttons. Of
// approvals: may_about_approval.
std::vector<std::string_view> may(const Principal& who, const Ticket& ticket,
                                  const std::vector<Delegation>& delegations);

}  // namespace ombud::desk
