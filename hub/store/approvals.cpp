#include "store/approvals.hpp"

#include "domain/policy.hpp"
#include "store/ticket_rows.hpp"

namespace ombud {
namespace {

constexpr Sql kApproval{
    "SELECT ticket_id, state, requested_at, remind_at, due_at, reminded_at, hand_over, writer,"
    " decided_by, decided_at, comment, decided_for FROM approval WHERE ticket_id = $1"
    " AND ($tenant IS NULL OR customer_id = $tenant)"};
constexpr Sql kDecided{
    "SELECT 1 FROM approval_decision WHERE person_id = $1 AND ticket_id = $2"
    " AND ($tenant IS NULL OR customer_id = $tenant)"};
constexpr Sql kAsked{
    "SELECT 1 FROM approval_asked WHERE person_id = $1 AND ticket_id = $2"
    " AND ($tenant IS NULL OR customer_id = $tenant)"};
constexpr Sql kRegistrar{
    "SELECT actor FROM event WHERE ticket_id = $1 AND version = 1"
    " AND ($tenant IS NULL OR customer_id = $tenant)"};
constexpr Sql kOrderer{
    "SELECT coalesce(json_extract(data, '$.requester'), 0) FROM event"
    " WHERE ticket_id = $1 AND version = 1 AND ($tenant IS NULL OR customer_id = $tenant)"};

#define OMBUD_AGENT_OF(person)                                                                  \
  "coalesce((SELECT g.agent_id FROM membership n JOIN account g ON g.account_id = n.account_id" \
  " WHERE n.person_id = " person "), '')"
#define OMBUD_ENABLED(person)                                                            \
  "NOT EXISTS (SELECT 1 FROM membership d JOIN account a ON a.account_id = d.account_id" \
  " WHERE d.person_id = " person " AND a.disabled_at IS NOT NULL)"

constexpr Sql kAgentOf{"SELECT " OMBUD_AGENT_OF("$1") " -- all tenants: of a person who was found"};
// $2: whether the role of manager may.
constexpr Sql kApprovers{
    "SELECT p.person_id, p.name, " OMBUD_AGENT_OF("p.person_id")
    " FROM person p WHERE p.person_id IN"
    " (SELECT f.person_id FROM person f INDEXED BY person_approver"
    " WHERE f.customer_id = $1 AND f.approver = 1"
    " UNION SELECT m.person_id FROM membership m INDEXED BY membership_approver"
    " WHERE m.customer_id = $1 AND m.role <> 'user' AND $2 = 1 AND m.role = 'manager')"
    " AND " OMBUD_ENABLED("p.person_id")
    " AND ($tenant IS NULL OR p.customer_id = $tenant) ORDER BY p.name, p.person_id"};
constexpr Sql kIsApprover{
    "SELECT 1 FROM person p LEFT JOIN membership m ON m.person_id = p.person_id"
    " LEFT JOIN account a ON a.account_id = m.account_id"
    " WHERE p.person_id = $1 AND a.disabled_at IS NULL"
    " AND (p.approver = 1 OR ($2 = 1 AND m.role = 'manager'))"
    " AND ($tenant IS NULL OR p.customer_id = $tenant)"};

constexpr Sql kPutDeputy{
    "INSERT INTO approval_deputy (person_id, customer_id, deputy_id, from_at, until_at)"
    " VALUES ($1, $2, $3, $4, $5)"
    " ON CONFLICT (person_id) DO UPDATE SET deputy_id = $3, from_at = $4, until_at = $5"
    " -- all tenants: both people were found by who names them"};
constexpr Sql kRemoveDeputy{
    "DELETE FROM approval_deputy WHERE person_id = $1"
    " AND ($tenant IS NULL OR customer_id = $tenant)"};
#define OMBUD_DEPUTIES \
  "SELECT x.person_id, x.deputy_id, p.name, q.name, x.from_at, x.until_at, "                 \
  OMBUD_AGENT_OF("x.deputy_id")                                                              \
  " FROM approval_deputy x JOIN person p ON p.person_id = x.person_id"                       \
  " JOIN person q ON q.person_id = x.deputy_id"                                              \
  " WHERE ($tenant IS NULL OR x.customer_id = $tenant) AND x.until_at > $2"
constexpr Sql kDeputyOf{OMBUD_DEPUTIES " AND x.person_id = $1"};
constexpr Sql kStandsInFor{OMBUD_DEPUTIES " AND x.deputy_id = $1 ORDER BY p.name, x.person_id"};
constexpr Sql kActiveDeputies{
    OMBUD_DEPUTIES
    " AND x.customer_id = $1 AND x.from_at <= $2"
    " AND " OMBUD_ENABLED("x.deputy_id") " ORDER BY q.name, p.name, x.person_id"};

constexpr Sql kToRemind{
    "SELECT a.ticket_id FROM approval a INDEXED BY approval_remind"
    " JOIN ticket t ON t.ticket_id = a.ticket_id"
    " WHERE a.state = 'needed' AND a.reminded_at IS NULL AND a.remind_at <= $1"
    " AND t.status <> 'resolved' AND t.status <> 'closed'"
    " AND ($tenant IS NULL OR a.customer_id = $tenant) ORDER BY a.remind_at LIMIT $2"};

Deputy deputy_from(const Rows& row) {
  return {{row.integer(0)}, {row.integer(1)}, row.text(2), row.text(3),
          row.instant(4),   row.instant(5),   row.text(6)};
}

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
  a.decided_for = {row.integer(11)};
  return a;
}

bool has_decided(Tx& tx, TicketId ticket, PersonId person) {
  return person.value != 0 && tx.query(kDecided, person, ticket).next();
}

bool was_asked(Tx& tx, TicketId ticket, PersonId person) {
  return person.value != 0 && tx.query(kAsked, person, ticket).next();
}

std::string registrar_of(Tx& tx, TicketId ticket) {
  Rows row = tx.query(kRegistrar, ticket);
  return row.next() ? row.text(0) : std::string();
}

PersonId orderer_of(Tx& tx, TicketId ticket) {
  Rows row = tx.query(kOrderer, ticket);
  return {row.next() ? row.integer(0) : 0};
}

std::string agent_of(Tx& tx, PersonId person) {
  if (person.value == 0) return {};
  Rows row = tx.query(kAgentOf, person);
  return row.next() ? row.text(0) : std::string();
}

std::vector<Approver> approvers_of(Tx& tx, std::string_view customer) {
  std::vector<Approver> all;
  Rows rows = tx.query(kApprovers, customer, role_may(Role::manager, Permission::order_approve));
  while (rows.next()) all.push_back({{rows.integer(0)}, rows.text(1), rows.text(2)});
  return all;
}

bool is_approver(Tx& tx, PersonId person) {
  return person.value != 0 &&
         tx.query(kIsApprover, person, role_may(Role::manager, Permission::order_approve)).next();
}

bool has_approver(Tx& tx, std::string_view customer) {
  return tx.query(kApprovers, customer, false).next();
}

void put_deputy(Tx& tx, std::string_view customer, const Deputy& deputy) {
  tx.run(kPutDeputy, deputy.approver, customer, deputy.person, deputy.from, deputy.until);
}

bool remove_deputy(Tx& tx, PersonId approver) {
  return tx.run(kRemoveDeputy, approver) > 0;
}

std::optional<Deputy> deputy_of(Tx& tx, PersonId approver) {
  Rows row = tx.query(kDeputyOf, approver, tx.at());
  return row.next() ? std::optional(deputy_from(row)) : std::nullopt;
}

std::vector<Deputy> stands_in_for(Tx& tx, PersonId person) {
  std::vector<Deputy> all;
  Rows rows = tx.query(kStandsInFor, person, tx.at());
  while (rows.next()) all.push_back(deputy_from(rows));
  return all;
}

std::vector<Deputy> active_deputies(Tx& tx, std::string_view customer) {
  std::vector<Deputy> all;
  Rows rows = tx.query(kActiveDeputies, customer, tx.at());
  while (rows.next()) all.push_back(deputy_from(rows));
  return all;
}

std::vector<TicketId> approvals_to_remind(Tx& tx, int limit) {
  std::vector<TicketId> all;
  Rows rows = tx.query(kToRemind, tx.at(), limit);
  while (rows.next()) all.push_back({rows.integer(0)});
  return all;
}

}  // namespace ombud
