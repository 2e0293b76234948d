#include "store/approvals.hpp"

#include "domain/policy.hpp"
#include "store/ticket_rows.hpp"

namespace ombud {
namespace {

constexpr Sql kApproval{
    "SELECT ticket_id, state, requested_at, remind_at, due_at, reminded_at, hand_over, writer,"
    " decided_by, decided_at, comment FROM approval WHERE ticket_id = $1"
    " AND ($tenant IS NULL OR customer_id = $tenant)"};
constexpr Sql kDecided{
    "SELECT 1 FROM approval_decision WHERE person_id = $1 AND ticket_id = $2"
    " AND ($tenant IS NULL OR customer_id = $tenant)"};

// $2, $3: whether the role of approver, of manager, may.
constexpr Sql kApprovers{
    "SELECT p.person_id, p.name FROM person p WHERE p.person_id IN"
    " (SELECT f.person_id FROM person f INDEXED BY person_approver"
    " WHERE f.customer_id = $1 AND f.approver = 1"
    " UNION SELECT m.person_id FROM membership m INDEXED BY membership_approver"
    " WHERE m.customer_id = $1 AND m.role <> 'user'"
    " AND (($2 = 1 AND m.role = 'approver') OR ($3 = 1 AND m.role = 'manager')))"
    " AND NOT EXISTS (SELECT 1 FROM membership d JOIN account a ON a.account_id = d.account_id"
    " WHERE d.person_id = p.person_id AND a.disabled_at IS NOT NULL)"
    " AND ($tenant IS NULL OR p.customer_id = $tenant) ORDER BY p.name, p.person_id"};
constexpr Sql kIsApprover{
    "SELECT 1 FROM person p LEFT JOIN membership m ON m.person_id = p.person_id"
    " LEFT JOIN account a ON a.account_id = m.account_id"
    " WHERE p.person_id = $1 AND a.disabled_at IS NULL"
    " AND (p.approver = 1 OR ($2 = 1 AND m.role = 'approver') OR ($3 = 1 AND m.role = 'manager'))"
    " AND ($tenant IS NULL OR p.customer_id = $tenant)"};
constexpr Sql kToRemind{
    "SELECT a.ticket_id FROM approval a INDEXED BY approval_remind"
    " JOIN ticket t ON t.ticket_id = a.ticket_id"
    " WHERE a.state = 'needed' AND a.reminded_at IS NULL AND a.remind_at <= $1"
    " AND t.status <> 'resolved' AND t.status <> 'closed'"
    " AND ($tenant IS NULL OR a.customer_id = $tenant) ORDER BY a.remind_at LIMIT $2"};

}  // namespace

std::optional<Approval> approval_of(Tx& tx, TicketId ticket) {
  Rows row = tx.query(kApproval, ticket);
  if (!row.next()) return std::nullopt;
  Approval a;
  a.ticket = {row.integer(0)};
  a.state = word_from<ApprovalState>(row.view(1));
  a.requested_at = row.instant(2);
  a.remind_at = row.instant(3);
  a.due_at = row.instant(4);
  a.reminded_at = row.maybe_instant(5);
  a.hand_over = row.integer(6) != 0;
  a.writer = row.text(7);
  a.decided_by = {row.integer(8)};
  a.decided_at = row.maybe_instant(9);
  a.comment = row.text(10);
  return a;
}

bool has_decided(Tx& tx, TicketId ticket, PersonId person) {
  return person.value != 0 && tx.query(kDecided, person, ticket).next();
}

std::vector<Approver> approvers_of(Tx& tx, std::string_view customer) {
  std::vector<Approver> all;
  Rows rows = tx.query(kApprovers, customer, role_may(Role::approver, Permission::order_approve),
                       role_may(Role::manager, Permission::order_approve));
  while (rows.next()) all.push_back({{rows.integer(0)}, rows.text(1)});
  return all;
}

bool is_approver(Tx& tx, PersonId person) {
  return person.value != 0 &&
         tx.query(kIsApprover, person, role_may(Role::approver, Permission::order_approve),
                  role_may(Role::manager, Permission::order_approve))
             .next();
}

bool has_approver(Tx& tx, std::string_view customer) {
  return tx.query(kApprovers, customer, true, false).next();
}

std::vector<TicketId> approvals_to_remind(Tx& tx, int limit) {
  std::vector<TicketId> all;
  Rows rows = tx.query(kToRemind, tx.at(), limit);
  while (rows.next()) all.push_back({rows.integer(0)});
  return all;
}

}  // namespace ombud
