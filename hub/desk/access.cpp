#include "desk/access.hpp"

#include "store/ticket_ties.hpp"

namespace ombud::desk {

std::optional<Problem> needs_whole_desk(const Tx& tx) {
  if (role_may(tx.principal().role, Permission::template_share) && !tx.principal().tenant) {
    return std::nullopt;
  }
  return problem(ProblemKind::forbidden, "Only agents who work for all customers may do this.");
}

bool sees_organisation(const Principal& who) {
  return who.sees_whole_organisation();
}

bool sees_ticket(Tx& tx, const Ticket& ticket) {
  const Principal& who = tx.principal();
  if (who.is_supplier()) return false;
  if (who.inside() || sees_organisation(who)) return true;
  return who.person.value != 0 &&
         (ticket.requester == who.person || is_participant(tx, ticket.id, who.person));
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
