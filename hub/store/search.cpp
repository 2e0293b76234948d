#include "store/search.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace ombud {
namespace {

constexpr Sql kLatest{
    "SELECT s.rowid, CASE WHEN $tenant IS NULL OR e.customer_id = $tenant THEN e.ticket_id END"
    " FROM (SELECT rowid FROM message_search WHERE message_search MATCH $1"
    " ORDER BY rowid DESC LIMIT $2) s JOIN event e ON e.event_id = s.rowid"};
constexpr Sql kFirstText{
    "SELECT text FROM message WHERE ticket_id = $1 AND ($tenant IS NULL OR customer_id = $tenant)"
    " ORDER BY message_id LIMIT 1"};
constexpr Sql kNewest{"SELECT max(event_id) FROM event -- all tenants: a number"};

}  // namespace

WordHits latest_with(Tx& tx, std::string_view word, int limit) {
  WordHits hits;
  // In quotes, which no word has in it, so that nothing is an operator.
  const std::string expression = fmt::format("\"{}\"", word);
  Rows rows = tx.query(kLatest, expression, limit);
  while (rows.next()) {
    ++hits.messages;
    hits.oldest = hits.messages == 1 ? rows.integer(0) : std::min(hits.oldest, rows.integer(0));
    const TicketId ticket{rows.integer(1)};
    const bool known =
        std::find(hits.tickets.begin(), hits.tickets.end(), ticket) != hits.tickets.end();
    if (ticket.value != 0 && !known) hits.tickets.push_back(ticket);
  }
  return hits;
}

std::string first_text_of(Tx& tx, TicketId ticket) {
  Rows rows = tx.query(kFirstText, ticket);
  return rows.next() ? rows.text(0) : std::string();
}

EventId newest_event(Tx& tx) {
  Rows rows = tx.query(kNewest);
  return {rows.next() ? rows.integer(0) : 0};
}

}  // namespace ombud
