#include "store/ticket_ties.hpp"

#include "base/assert.hpp"
#include "store/ticket_rows.hpp"

namespace ombud {
namespace {

constexpr Sql kParticipants{
    "SELECT pa.person_id, p.name, p.email FROM participant pa JOIN person p"
    " ON p.person_id = pa.person_id"
    " WHERE pa.ticket_id = $1 AND ($tenant IS NULL OR pa.customer_id = $tenant)"
    " ORDER BY pa.since, pa.person_id"};
constexpr Sql kParticipant{
    "SELECT 1 FROM participant WHERE ticket_id = $1 AND person_id = $2"
    " AND ($tenant IS NULL OR customer_id = $tenant)"};
constexpr Sql kRelations{
    "SELECT kind, other_id FROM relation WHERE ticket_id = $1"
    " AND ($tenant IS NULL OR customer_id = $tenant) ORDER BY other_id"};
constexpr Sql kRelation{
    "SELECT kind, other_id FROM relation WHERE ticket_id = $1 AND other_id = $2"
    " AND ($tenant IS NULL OR customer_id = $tenant)"};
constexpr Sql kRating{
    "SELECT rating, rating_text, rated_at FROM ticket WHERE ticket_id = $1 AND rating > 0"
    " AND ($tenant IS NULL OR customer_id = $tenant)"};
constexpr Sql kMarkRead{
    "INSERT INTO read_mark (reader, ticket_id, version) VALUES ($1, $2, $3)"
    " ON CONFLICT (reader, ticket_id) DO UPDATE SET version = max(version, $3)"};
// $1: a JSON array of ticket ids. The order of the joins is fixed: every one is a look-up by key.
constexpr Sql kExtras{
    "SELECT j.key, p.name, c.name, m.party, m.at, m.author, r.version"
    " FROM json_each($1) j CROSS JOIN ticket t ON t.ticket_id = j.value"
    " LEFT JOIN person p ON p.person_id = t.requester_id"
    " LEFT JOIN customer c ON c.customer_id = t.customer_id"
    " LEFT JOIN message m ON m.message_id = CASE WHEN $3 = 1 THEN t.said_id ELSE t.public_id END"
    " LEFT JOIN read_mark r ON r.reader = $2 AND r.ticket_id = t.ticket_id"
    " WHERE ($tenant IS NULL OR t.customer_id = $tenant)"};
constexpr Sql kSuppliers{
    "SELECT j.key, d.delegation_id, d.link_id, d.supplier, d.state, d.due_at,"
    " EXISTS (SELECT 1 FROM lane l JOIN delivery y ON y.lane_id = l.lane_id"
    " WHERE l.delegation_id = d.delegation_id AND y.state <> 'waiting' AND y.state <> 'done'"
    " AND y.state <> 'cancelled' AND (y.state = 'dead' OR y.state = 'parked' OR y.doubt = 1))"
    " FROM json_each($1) j CROSS JOIN delegation d INDEXED BY delegation_ticket"
    " ON d.ticket_id = j.value WHERE ($tenant IS NULL OR d.customer_id = $tenant)"
    " ORDER BY d.delegation_id"};

Relation relation_from(const Rows& row) {
  return {word_from<RelationKind>(row.view(0)), {row.integer(1)}};
}

}  // namespace

std::vector<Participant> participants_of(Tx& tx, TicketId ticket) {
  std::vector<Participant> all;
  Rows rows = tx.query(kParticipants, ticket);
  while (rows.next()) all.push_back({{rows.integer(0)}, rows.text(1), rows.text(2)});
  return all;
}

bool is_participant(Tx& tx, TicketId ticket, PersonId person) {
  return person.value != 0 && tx.query(kParticipant, ticket, person).next();
}

std::vector<Relation> relations_of(Tx& tx, TicketId ticket) {
  std::vector<Relation> all;
  Rows rows = tx.query(kRelations, ticket);
  while (rows.next()) all.push_back(relation_from(rows));
  return all;
}

std::optional<Relation> find_relation(Tx& tx, TicketId ticket, TicketId other) {
  Rows rows = tx.query(kRelation, ticket, other);
  return rows.next() ? std::optional(relation_from(rows)) : std::nullopt;
}

std::optional<Rating> rating_of(Tx& tx, TicketId ticket) {
  Rows rows = tx.query(kRating, ticket);
  if (!rows.next()) return std::nullopt;
  return Rating{rows.integer(0), rows.text(1), rows.instant(2)};
}

std::optional<Ticket> followed(Tx& tx, TicketId id) {
  auto ticket = find_ticket(tx, id);
  // A ticket is only ever merged into one that is not merged, so this comes to an end.
  while (ticket && ticket->merged_into.value != 0) ticket = find_ticket(tx, ticket->merged_into);
  return ticket;
}

void mark_read(Tx& tx, std::string_view reader, TicketId ticket, std::int64_t version) {
  tx.run(kMarkRead, reader, ticket, version);
}

std::vector<TicketExtras> extras_of(Tx& tx, const std::vector<Ticket>& tickets,
                                    std::string_view reader, bool inside, bool legs) {
  std::vector<TicketExtras> all(tickets.size());
  json::Writer out;
  out.begin_array();
  for (const Ticket& ticket : tickets) out.value(ticket.id.value);
  out.end_array();
  const std::string ids = out.take();
  Rows rows = tx.query(kExtras, ids, reader, legs);
  while (rows.next()) {
    const auto i = static_cast<std::size_t>(rows.integer(0));
    TicketExtras& extras = all.at(i);
    extras.requester_name = rows.text(1);
    extras.customer_name = rows.text(2);
    if (!rows.is_null(3)) {
      extras.last = LastMessage{word_from<Party>(rows.view(3)), rows.instant(4), rows.text(5)};
    }
    extras.unread = rows.integer(6) < (inside ? tickets[i].version : tickets[i].public_version);
  }
  if (!legs) return all;
  Rows marks = tx.query(kSuppliers, ids);
  while (marks.next()) {
    all.at(static_cast<std::size_t>(marks.integer(0)))
        .suppliers.push_back({{marks.integer(1)},
                              marks.text(2),
                              marks.text(3),
                              word_from<DelegationState>(marks.view(4)),
                              marks.integer(6) != 0,
                              marks.maybe_instant(5)});
  }
  return all;
}

}  // namespace ombud
