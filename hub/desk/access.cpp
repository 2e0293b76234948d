#include "desk/access.hpp"

#include "desk/approvals.hpp"
#include "store/approvals.hpp"
#include "store/directory.hpp"
#include "store/ticket_ties.hpp"

namespace ombud::desk {

std::optional<Problem> needs_whole_desk(const Tx& tx) {
  if (role_may(tx.principal().role, Permission::template_share) && !tx.principal().tenant) {
    return std::nullopt;
  }
  return problem(ProblemKind::forbidden, "Only agents who work for all customers may do this.");
}

std::optional<Problem> refuse_move(Tx& tx, const Ticket& ticket, std::string_view team) {
  if (team == ticket.team || may(tx.principal(), Permission::ticket_reassign)) return std::nullopt;
  const auto agent = find_agent(tx, own_agent(tx.principal()));
  if (agent && agent->team == team) return std::nullopt;
  return problem(ProblemKind::forbidden,
                 "Only team leads move a ticket to another team than their own. Escalate it, with "
                 "the reason, instead.");
}

bool sees_organisation(const Principal& who) {
  return who.sees_whole_organisation();
}

bool takes_part(Tx& tx, const Ticket& ticket) {
  const Principal& who = tx.principal();
  if (who.is_supplier()) return false;
  if (who.inside() || sees_organisation(who)) return true;
  return who.person.value != 0 &&
         (ticket.requester == who.person || is_participant(tx, ticket.id, who.person));
}

std::optional<Problem> needs_part(Tx& tx, const Ticket& ticket) {
  if (takes_part(tx, ticket)) return std::nullopt;
  return problem(
      ProblemKind::forbidden,
      "You may read this order as an approver, but you take no part in it. Its requester "
      "or the desk can add you.");
}

bool sees_ticket(Tx& tx, const Ticket& ticket) {
  return takes_part(tx, ticket) || reads_order(tx, ticket);
}

bool sees_legs(const Principal& who) {
  return who.inside() && may(who, Permission::delegation_read);
}

bool owns_ticket(const Principal& who, const Ticket& ticket) {
  if (sees_organisation(who)) return true;
  return who.person.value != 0 && ticket.requester == who.person;
}

bool knows_people(const Principal& who) {
  return who.inside() || sees_organisation(who);
}

std::string own_agent(const Principal& who) {
  return who.is_agent() || (who.inside() && who.account.value != 0) ? who.agent : std::string();
}

}  // namespace ombud::desk
