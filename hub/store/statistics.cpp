#include "store/statistics.hpp"

namespace ombud {
namespace {

// $1, $2: the time; $3 … $8: the scope.
#define OMBUD_FIGURE_SCOPE                                                                     \
  " AND ($tenant IS NULL OR t.customer_id = $tenant)"                                          \
  " AND ($3 IS NULL OR t.customer_id = $3) AND ($4 IS NULL OR t.service_id = $4)"              \
  " AND ($5 IS NULL OR t.team_id = $5) AND ($6 IS NULL OR t.kind = $6)"                        \
  " AND ($7 IS NULL OR t.priority = $7) AND ($8 IS NULL OR EXISTS (SELECT 1 FROM delegation x" \
  " WHERE x.ticket_id = t.ticket_id AND x.link_id = $8))"
#define OMBUD_FIGURE_ROWS(key, more)                                                   \
  "SELECT t.ticket_id, t.created_at, t.resolved_at, t.closed_at, r.at, " key           \
  " FROM ticket t INDEXED BY ticket_figures"                                           \
  " LEFT JOIN ticket_response r ON r.ticket_id = t.ticket_id" more                     \
  " WHERE t.created_at < $2 AND (t.closed_at IS NULL OR t.closed_at >= $1 OR r.at >= " \
  "$1)" OMBUD_FIGURE_SCOPE " ORDER BY t.created_at, t.ticket_id"

constexpr Sql kByDay{OMBUD_FIGURE_ROWS("''", "")};
constexpr Sql kByCustomer{OMBUD_FIGURE_ROWS("t.customer_id", "")};
constexpr Sql kByService{OMBUD_FIGURE_ROWS("t.service_id", "")};
constexpr Sql kByTeam{OMBUD_FIGURE_ROWS("t.team_id", "")};
constexpr Sql kByKind{OMBUD_FIGURE_ROWS("t.kind", "")};
constexpr Sql kByPriority{OMBUD_FIGURE_ROWS("t.priority", "")};
constexpr Sql kBySupplier{
    OMBUD_FIGURE_ROWS("d.link_id", " LEFT JOIN delegation d ON d.ticket_id = t.ticket_id")};

constexpr Sql kGaps{
    "SELECT g.ticket_id, g.resolved_at, g.reopened_at FROM ticket_gap g"
    " JOIN ticket t ON t.ticket_id = g.ticket_id WHERE g.reopened_at >= $1 AND g.resolved_at < $2"
    " AND ($tenant IS NULL OR t.customer_id = $tenant) ORDER BY g.ticket_id, g.event_id"};

// A ticket was open at a moment if it was registered before, and not resolved before, or opened
// again before.
constexpr Sql kCounted{
    "SELECT t.ticket_id FROM ticket t INDEXED BY ticket_figures"
    " LEFT JOIN ticket_response r ON r.ticket_id = t.ticket_id WHERE t.created_at < $2"
    " AND CASE $9 WHEN 0 THEN t.created_at >= $1"
    " WHEN 1 THEN t.resolved_at >= $1 AND t.resolved_at < $2"
    " WHEN 2 THEN t.closed_at >= $1 AND t.closed_at < $2"
    " WHEN 3 THEN EXISTS (SELECT 1 FROM ticket_gap g WHERE g.ticket_id = t.ticket_id"
    "  AND g.reopened_at >= $1 AND g.reopened_at < $2)"
    " WHEN 4 THEN coalesce(t.resolved_at >= $2, 1) AND NOT EXISTS (SELECT 1 FROM ticket_gap g"
    "  WHERE g.ticket_id = t.ticket_id AND g.resolved_at < $2 AND g.reopened_at >= $2)"
    " ELSE r.at >= $1 AND r.at < $2 END" OMBUD_FIGURE_SCOPE
    " AND (t.created_at, t.ticket_id) < ($10, $11)"
    " ORDER BY t.created_at DESC, t.ticket_id DESC LIMIT $12"};

const Sql& rows_by(FigureBy by) {
  switch (by) {
    case FigureBy::day:
      return kByDay;
    case FigureBy::customer:
      return kByCustomer;
    case FigureBy::service:
      return kByService;
    case FigureBy::team:
      return kByTeam;
    case FigureBy::supplier:
      return kBySupplier;
    case FigureBy::kind:
      return kByKind;
    case FigureBy::priority:
      return kByPriority;
  }
  return kByDay;
}

}  // namespace

void each_figure_row(Tx& tx, const FigureScope& s, FigureBy by,
                     const std::function<void(const FigureRow&)>& take) {
  FigureRow figure;
  for (Rows rows = tx.query(rows_by(by), s.from, s.to, s.customer, s.service, s.team, s.kind,
                            s.priority, s.supplier);
       rows.next();) {
    const TicketId ticket{rows.integer(0)};
    figure.again = ticket == figure.ticket;
    figure.ticket = ticket;
    figure.created_at = rows.instant(1);
    figure.resolved_at = rows.maybe_instant(2);
    figure.closed_at = rows.maybe_instant(3);
    figure.responded_at = rows.maybe_instant(4);
    figure.key = rows.view(5);
    take(figure);
  }
}

std::unordered_map<std::int64_t, std::vector<Gap>> gaps_between(Tx& tx, Instant from, Instant to) {
  std::unordered_map<std::int64_t, std::vector<Gap>> all;
  for (Rows rows = tx.query(kGaps, from, to); rows.next();) {
    all[rows.integer(0)].push_back({rows.instant(1), rows.instant(2)});
  }
  return all;
}

std::vector<TicketId> counted_tickets(Tx& tx, const FigureScope& s, Figure figure,
                                      const std::optional<CountedKey>& before, int limit) {
  const CountedKey from = before.value_or(CountedKey{INT64_MAX, {INT64_MAX}});
  std::vector<TicketId> all;
  for (Rows rows =
           tx.query(kCounted, s.from, s.to, s.customer, s.service, s.team, s.kind, s.priority,
                    s.supplier, static_cast<int>(figure), from.created_at, from.id, limit);
       rows.next();) {
    all.push_back({rows.integer(0)});
  }
  return all;
}

}  // namespace ombud
