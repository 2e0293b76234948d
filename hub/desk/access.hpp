// What every use case asks first, of the one table (domain/policy.hpp). By role: scopes of tokens
// and the operators' "all customers" close doors, which are routes.
#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"
#include "domain/policy.hpp"
#include "store/tickets.hpp"

namespace ombud::desk {

// Empty: allowed. The wording never tells whether the thing exists.
inline std::optional<Problem> needs_desk(const Tx& tx) {
  if (role_may(tx.principal().role, Permission::ticket_work)) return std::nullopt;
  return problem(ProblemKind::forbidden, "Only the desk's agents may do this.");
}
inline std::optional<Problem> needs_operator(const Tx& tx) {
  if (role_may(tx.principal().role, Permission::delivery_operate)) return std::nullopt;
  return problem(ProblemKind::forbidden, "Only an operator may do this.");
}
inline std::optional<Problem> needs_inside(const Tx& tx) {
  if (role_may(tx.principal().role, Permission::ticket_log)) return std::nullopt;
  return problem(ProblemKind::forbidden, "Only the provider's people may do this.");
}
// To this team from the one that it has now: to the own team, or with the permission to. Asked of
// the scopes, too: no route does.
std::optional<Problem> refuse_move(Tx& tx, const Ticket& ticket, std::string_view team);
// What the whole desk uses, such as templates.
std::optional<Problem> needs_whole_desk(const Tx& tx);

// Sees every ticket of its customer, not only those that it has a part in.
bool sees_organisation(const Principal& who);
// Has a part in this ticket, which the store has found for it: inside, requester, participant, or
// the organisation's. Whoever has none may still see an order that waits for his yes
// (approvals.hpp).
bool takes_part(Tx& tx, const Ticket& ticket);
// Refuses to whoever only sees it.
std::optional<Problem> needs_part(Tx& tx, const Ticket& ticket);
// Sees this ticket, which the store has found for it: has a part in it, or reads it as an approver
// (approvals.hpp).
bool sees_ticket(Tx& tx, const Ticket& ticket);
// Sees what was handed to suppliers and what they said, where he sees the ticket. Asked of the
// scopes, too: tickets show it beside what their own routes let in for.
bool sees_legs(const Principal& who);
// Speaks for the customer about the whole ticket: confirms, closes, rates, and says who takes part.
// The requester does; a participant only writes.
bool owns_ticket(const Principal& who, const Ticket& ticket);
// May name a person of the customer by id, and so learn who that is.
bool knows_people(const Principal& who);
// The agent's own key; empty: no agent.
std::string own_agent(const Principal& who);

// A notice is one for all whom it concerns: what is decided or logged of it is not one customer's.
inline std::optional<Problem> needs_all_customers(const Tx& tx) {
  if (!tx.principal().tenant) return std::nullopt;
  return problem(ProblemKind::forbidden,
                 "A notice may concern several customers: only who works for all of them may do "
                 "this.");
}

}  // namespace ombud::desk
