// Orders that wait for a yes of the customer's own organisation: from an approver who has neither
// ordered it himself nor written it for its requester, or from who stands in for one
// (deputies.hpp). Who that is, is read when it matters. While an order waits, or after a no, it
// is not handed over (domain/delegation_rules.hpp); a no resolves it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "store/approvals.hpp"

namespace ombud::desk {

// A ticket was made, became an order or none, or was given to another requester. Begins the waiting
// if the rules ask for it, or ends one that makes no sense any more. True: it waits now.
// `hand_over`: once it is approved, an agreement may hand it over by itself.
bool begin_approval(Tx& tx, const Ticket& ticket, ApprovalOccasion occasion, bool hand_over);
// `before`: the ticket as it was.
void order_changed(Tx& tx, const Ticket& before);

// How the reason of a ticket begins that was resolved by a no.
inline constexpr std::string_view kNotApprovedReason = "not approved";

struct Decision {
  TicketId ticket;
  bool approve = false;
  std::string comment;  // required with a no
};
// Of an approver of the ticket's customer. After a yes an agreement that asks for it hands the
// order over, in this transaction; after a no the ticket is resolved.
Result<Ticket> decide(Tx& tx, const Decision& decision);
// The desk asks (again): the waiting begins anew. Refused if nobody could answer.
Result<Ticket> ask_approval(Tx& tx, TicketId ticket);
// The desk goes on without: the reason stays in the log.
Result<Ticket> waive_approval(Tx& tx, TicketId ticket, const std::string& reason);

// Whether the principal may decide this ticket now.
bool is_asked(Tx& tx, const Ticket& ticket);
// Whether he reads this order though he takes no part in it: it waits for him, he has decided it,
// or it was asked of him once and he still approves orders there.
bool reads_order(Tx& tx, const Ticket& ticket);
// For whom the principal may decide orders just now: for these, each an approver still.
std::vector<Deputy> standing_in(Tx& tx);

// One who decides the customer's orders, as far as this one is concerned.
struct Decides {
  PersonId person;
  std::string name;
  bool may = true;           // false: he wrote this one for its requester
  PersonId instead_of = {};  // the approver in whose place; 0: he is one
  std::string instead_of_name = {};
  bool operator==(const Decides&) const = default;
};
// By name, approvers first; never the requester.
std::vector<Decides> who_decides(Tx& tx, const Ticket& ticket);
// Whether this person might decide it if he looked at it now: it waits, and he may.
bool might_decide(Tx& tx, const Ticket& ticket, PersonId person);

// What is told of it.
struct ApprovalView {
  Approval approval;
  std::vector<Decides> approvers;  // now; only while it waits
  std::string decided_by_name;     // empty: nobody
  std::string decided_for_name;    // empty: nobody
  std::string trouble;             // to the desk: why nobody can decide it; empty: somebody can
};
// Nothing: no order, or nobody was asked. To the desk an order that nobody was asked about is one
// that needs no yes, with those who could give it.
std::optional<ApprovalView> approval_view(Tx& tx, const Ticket& ticket);
// What the principal may do about it: approve (or reject), request_approval, waive_approval.
std::vector<std::string_view> may_about_approval(Tx& tx, const Ticket& ticket);

// Reminds of orders whose half of the time is over; of each waiting once. How many; as many as
// kRemindedAtOnce: call again.
inline constexpr int kRemindedAtOnce = 100;
int remind_of_approvals(Tx& tx);

}  // namespace ombud::desk
