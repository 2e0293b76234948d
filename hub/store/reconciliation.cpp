#include "store/reconciliation.hpp"

#include "base/assert.hpp"

namespace ombud {
namespace {

#define OMBUD_COMPARABLE                                                                         \
  " FROM delegation WHERE link_id = $1 AND external_id <> ''"                                    \
  " AND ((state <> 'accepted' AND state <> 'closed' AND state <> 'withdrawn') OR updated_at >= " \
  "$2)"                                                                                          \
  " AND ($tenant IS NULL OR customer_id = $tenant)"
constexpr Sql kCountComparable{"SELECT count(*)" OMBUD_COMPARABLE};
constexpr Sql kNextComparable{"SELECT min(delegation_id)" OMBUD_COMPARABLE
                              " AND delegation_id > $3"};

constexpr Sql kStart{
    "INSERT INTO reconciliation (link_id, cause, actor, state, created_at, to_compare)"
    " VALUES ($1, $2, $3, 'reading', $4, $5)"};
#define OMBUD_RUN                                                                                 \
  "SELECT r.run_id, r.link_id, r.cause, r.actor, r.state, r.reason, r.created_at, "               \
  "r.finished_at,"                                                                                \
  " r.last_read_at, r.after_delegation, r.to_compare, r.compared, r.skipped, r.unread,"           \
  " (SELECT count(*) FROM drift d WHERE d.run_id = r.run_id),"                                    \
  " (SELECT count(*) FROM drift d WHERE d.run_id = r.run_id AND d.proposed = 1"                   \
  "   AND d.state = 'found'),"                                                                    \
  " (SELECT count(*) FROM drift d WHERE d.run_id = r.run_id"                                      \
  "   AND d.state IN ('ordered', 'undo_ordered')),"                                               \
  " (SELECT count(*) FROM drift d WHERE d.run_id = r.run_id AND d.state IN ('applied', 'kept'))," \
  " (SELECT count(*) FROM drift d WHERE d.run_id = r.run_id"                                      \
  "   AND d.state IN ('found', 'skipped', 'undone'))"                                             \
  " FROM reconciliation r"
constexpr Sql kRun{OMBUD_RUN " WHERE r.run_id = $1 -- all tenants: counts of a run"};
constexpr Sql kOpenRun{OMBUD_RUN
                       " WHERE r.link_id = $1 AND r.finished_at IS NULL"
                       " -- all tenants: counts of a run"};
constexpr Sql kRuns{OMBUD_RUN
                    " WHERE r.link_id = $1 AND r.run_id < $2 ORDER BY r.run_id DESC LIMIT $3"
                    " -- all tenants: counts of a run"};
constexpr Sql kNote{
    "UPDATE reconciliation SET after_delegation = max(after_delegation, $2), last_read_at = $3,"
    " compared = compared + $4, skipped = skipped + $5, unread = unread + $6 WHERE run_id = $1"};
constexpr Sql kPutAgain{
    "INSERT INTO reconciliation_again (run_id, delegation_id) VALUES ($1, $2)"
    " ON CONFLICT DO NOTHING"};
constexpr Sql kNextAgain{"SELECT min(delegation_id) FROM reconciliation_again WHERE run_id = $1"};
constexpr Sql kDropAgain{
    "DELETE FROM reconciliation_again WHERE run_id = $1 AND delegation_id = $2"};
constexpr Sql kSetState{
    "UPDATE reconciliation SET state = $2, reason = $3, finished_at = $4 WHERE run_id = $1"};
constexpr Sql kOldRuns{
    "SELECT run_id FROM reconciliation WHERE finished_at < $1 ORDER BY run_id LIMIT 100"};
constexpr Sql kDropAgainOf{"DELETE FROM reconciliation_again WHERE run_id = $1"};
constexpr Sql kDropDriftOf{"DELETE FROM drift WHERE run_id = $1 -- all tenants: retention"};
constexpr Sql kDropRun{"DELETE FROM reconciliation WHERE run_id = $1 -- all tenants: foreign keys"};

constexpr Sql kPutDrift{
    "INSERT INTO drift (run_id, link_id, customer_id, ticket_id, delegation_id, kind, about, ours,"
    " theirs, note, repair, proposed, undoable, was, changed_at)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"
    " -- all tenants: insert"};
constexpr Sql kDropDrift{"DELETE FROM drift WHERE drift_id = $1 -- all tenants: reconciliation"};
#define OMBUD_DRIFT                                                                             \
  "SELECT drift_id, run_id, link_id, customer_id, ticket_id, delegation_id, kind, about, ours," \
  " theirs, note, repair, proposed, undoable, was, state, outcome, actor, changed_at FROM drift"
constexpr Sql kDrift{OMBUD_DRIFT
                     " WHERE drift_id = $1 AND ($tenant IS NULL OR customer_id = $tenant)"};
constexpr Sql kDriftOfRun{OMBUD_DRIFT
                          " WHERE run_id = $1 AND drift_id > $2"
                          " AND ($tenant IS NULL OR customer_id = $tenant)"
                          " ORDER BY drift_id LIMIT $3"};
constexpr Sql kOrdered{OMBUD_DRIFT
                       " WHERE link_id = $1 AND delegation_id = $2"
                       " AND (state = 'ordered' OR state = 'undo_ordered')"
                       " AND ($tenant IS NULL OR customer_id = $tenant) ORDER BY drift_id"};
constexpr Sql kNextOrdered{
    "SELECT min(delegation_id) FROM drift WHERE link_id = $1 AND delegation_id > $2"
    " AND (state = 'ordered' OR state = 'undo_ordered')"
    " AND ($tenant IS NULL OR customer_id = $tenant)"};
constexpr Sql kSetDrift{
    "UPDATE drift SET state = $2, outcome = $3, actor = CASE WHEN $4 = '' THEN actor ELSE $4 END,"
    " changed_at = $5 WHERE drift_id = $1 AND ($tenant IS NULL OR customer_id = $tenant)"};

constexpr Sql kOfLane{
    "SELECT delivery_id FROM delivery WHERE lane_id = $1"
    " AND ($tenant IS NULL OR customer_id = $tenant) ORDER BY lane_seq"};
// What came in one commit has one time of arrival: there the supplier's own time decides, and of
// one second the number (999 before 1000). Its clock never stands against ours.
constexpr Sql kTold{
    "SELECT event_id, outcome, body, received_at FROM inbound_event WHERE link_id = $1"
    " AND (external_id = $2 OR (external_id = '' AND json_extract(body, '$.correlation') = $3))"
    " ORDER BY received_at, julianday(json_extract(body, '$.at')), length(event_id), event_id"};
constexpr Sql kHeld{
    "SELECT 1 FROM held_change WHERE link_id = $1 AND why <> 'unknown'"
    " AND (external_id = $2 OR lane_id = $3) LIMIT 1"};

// A head that is dead gives way: whatever is sent again stands before it.
constexpr Sql kSendAgain{
    "UPDATE delivery SET state = 'waiting', doubt = CASE WHEN state = 'dead' THEN 0 ELSE 1 END,"
    " external_id = NULL, run_at = $2, created_at = $2, finished_at = NULL, last_error = $3"
    " WHERE delivery_id = $1 AND (state = 'done' OR (state = 'dead' AND doubt = 0))"
    " AND ($tenant IS NULL OR customer_id = $tenant)"};
// A repair's put writes the fields it names and no other. Of a ticket that is made anew those
// others are as at its creation, so now it writes them all.
constexpr Sql kPutAll{
    "UPDATE delivery SET body = json_remove(body, '$.only') WHERE delivery_id = $1"
    " AND op = 'put_ticket' AND state = 'waiting' AND json_extract(body, '$.only') IS NOT NULL"
    " AND ($tenant IS NULL OR customer_id = $tenant)"};
constexpr Sql kForgetLane{
    "UPDATE lane SET external_id = NULL WHERE lane_id = $1"
    " AND ($tenant IS NULL OR customer_id = $tenant)"};
constexpr Sql kFirst{
    "UPDATE delivery SET state = 'ready' WHERE delivery_id ="
    " (SELECT delivery_id FROM delivery WHERE lane_id = $1 AND state = 'waiting' ORDER BY lane_seq"
    " LIMIT 1) AND ($tenant IS NULL OR customer_id = $tenant)"};
constexpr Sql kForgetObject{
    "UPDATE delivery SET external_id = NULL WHERE lane_id = $1 AND op = $2 AND external_id = $3"
    " AND ($tenant IS NULL OR customer_id = $tenant)"};

Reconciliation run_from(const Rows& row) {
  Reconciliation r;
  r.id = row.integer(0);
  r.link = row.text(1);
  r.cause = row.text(2);
  r.actor = row.text(3);
  r.state = row.text(4);
  r.reason = row.text(5);
  r.created_at = row.instant(6);
  r.finished_at = row.maybe_instant(7);
  r.last_read_at = row.maybe_instant(8);
  r.after = {row.integer(9)};
  r.to_compare = row.integer(10);
  r.compared = row.integer(11);
  r.skipped = row.integer(12);
  r.unread = row.integer(13);
  r.found = row.integer(14);
  r.proposed = row.integer(15);
  r.ordered = row.integer(16);
  r.applied = row.integer(17);
  r.left = row.integer(18);
  return r;
}

std::optional<Reconciliation> one_run(Rows rows) {
  return rows.next() ? std::optional(run_from(rows)) : std::nullopt;
}

Drift drift_from(const Rows& row) {
  Drift d;
  d.id = row.integer(0);
  d.run = row.integer(1);
  d.link = row.text(2);
  d.customer = row.text(3);
  d.ticket = {row.integer(4)};
  d.delegation = {row.integer(5)};
  d.kind = row.text(6);
  d.about = row.text(7);
  d.ours = row.text(8);
  d.theirs = row.text(9);
  d.note = row.text(10);
  d.repair = row.text(11);
  d.proposed = row.integer(12) != 0;
  d.undoable = row.integer(13) != 0;
  d.was = row.text(14);
  d.state = row.text(15);
  d.outcome = row.text(16);
  d.actor = row.text(17);
  d.changed_at = row.instant(18);
  return d;
}

std::vector<Drift> drift_in(Rows rows) {
  std::vector<Drift> all;
  while (rows.next()) all.push_back(drift_from(rows));
  return all;
}

std::optional<DelegationId> one_delegation(Rows rows) {
  if (!rows.next() || rows.is_null(0)) return std::nullopt;
  return DelegationId{rows.integer(0)};
}

}  // namespace

std::int64_t count_comparable(Tx& tx, std::string_view link, Instant ended_after) {
  Rows rows = tx.query(kCountComparable, link, ended_after);
  return rows.next() ? rows.integer(0) : 0;
}

std::optional<DelegationId> next_comparable(Tx& tx, std::string_view link, DelegationId after,
                                            Instant ended_after) {
  return one_delegation(tx.query(kNextComparable, link, ended_after, after));
}

Result<Reconciliation> start_reconciliation(Tx& tx, std::string_view link, std::string_view cause,
                                            std::int64_t to_compare) {
  if (const auto open = open_reconciliation(tx, link)) {
    return conflict("Reconciliation " + std::to_string(open->id) + " of this link is under way.");
  }
  const std::int64_t id =
      tx.insert(kStart, link, cause, tx.principal().actor(), tx.at(), to_compare);
  tx.poke_link(link);
  return *find_reconciliation(tx, id);
}

std::optional<Reconciliation> find_reconciliation(Tx& tx, std::int64_t run) {
  return one_run(tx.query(kRun, run));
}
std::optional<Reconciliation> open_reconciliation(Tx& tx, std::string_view link) {
  return one_run(tx.query(kOpenRun, link));
}
std::optional<Reconciliation> last_reconciliation(Tx& tx, std::string_view link) {
  return one_run(tx.query(kRuns, link, INT64_MAX, 1));
}
std::vector<Reconciliation> list_reconciliations(Tx& tx, std::string_view link,
                                                 std::optional<std::int64_t> before, int limit) {
  std::vector<Reconciliation> all;
  Rows rows = tx.query(kRuns, link, before.value_or(INT64_MAX), limit);
  while (rows.next()) all.push_back(run_from(rows));
  return all;
}

void note_compared(Tx& tx, std::int64_t run, DelegationId delegation, Compared how) {
  tx.run(kNote, run, delegation, tx.at(), how == Compared::compared, how == Compared::skipped,
         how == Compared::unread);
  if (how == Compared::again) tx.run(kPutAgain, run, delegation);
}
std::optional<DelegationId> next_again(Tx& tx, std::int64_t run) {
  return one_delegation(tx.query(kNextAgain, run));
}
void drop_again(Tx& tx, std::int64_t run, DelegationId delegation) {
  tx.run(kDropAgain, run, delegation);
}

void set_reconciliation_state(Tx& tx, std::int64_t run, std::string_view state,
                              std::string_view reason) {
  const bool ends = state == "done" || state == "failed" || state == "cancelled";
  tx.run(kSetState, run, state, reason, ends ? Param(tx.at()) : Param(std::nullopt));
}

std::int64_t drop_old_reconciliations(Tx& tx, Instant before) {
  std::vector<std::int64_t> old;
  {
    Rows rows = tx.query(kOldRuns, before);
    while (rows.next()) old.push_back(rows.integer(0));
  }
  for (const std::int64_t run : old) {
    tx.run(kDropAgainOf, run);
    tx.run(kDropDriftOf, run);
    tx.run(kDropRun, run);
  }
  return static_cast<std::int64_t>(old.size());
}

std::int64_t put_drift(Tx& tx, const Drift& d) {
  return tx.insert(kPutDrift, d.run, d.link, d.customer, d.ticket, d.delegation, d.kind, d.about,
                   d.ours, d.theirs, d.note, d.repair, d.proposed, d.undoable, d.was, tx.at());
}
void drop_drift(Tx& tx, std::int64_t id) {
  tx.run(kDropDrift, id);
}
std::optional<Drift> find_drift(Tx& tx, std::int64_t id) {
  Rows rows = tx.query(kDrift, id);
  return rows.next() ? std::optional(drift_from(rows)) : std::nullopt;
}
std::vector<Drift> list_drift(Tx& tx, std::int64_t run, std::int64_t after, int limit) {
  return drift_in(tx.query(kDriftOfRun, run, after, limit));
}
void set_drift_state(Tx& tx, std::int64_t id, std::string_view state, std::string_view outcome,
                     std::string_view actor) {
  tx.run(kSetDrift, id, state, outcome, actor, tx.at());
}
std::optional<DelegationId> next_ordered(Tx& tx, std::string_view link, DelegationId after) {
  return one_delegation(tx.query(kNextOrdered, link, after));
}
std::vector<Drift> ordered_drift(Tx& tx, std::string_view link, DelegationId delegation) {
  return drift_in(tx.query(kOrdered, link, delegation));
}

std::vector<Delivery> deliveries_of(Tx& tx, LaneId lane) {
  std::vector<DeliveryId> ids;
  {
    Rows rows = tx.query(kOfLane, lane);
    while (rows.next()) ids.push_back({rows.integer(0)});
  }
  std::vector<Delivery> all;
  for (const DeliveryId id : ids) all.push_back(*find_delivery(tx, id));
  return all;
}

std::vector<ToldChange> told_of(Tx& tx, std::string_view link, std::string_view external_id,
                                std::string_view correlation) {
  std::vector<ToldChange> all;
  Rows rows = tx.query(kTold, link, external_id, correlation);
  while (rows.next()) {
    all.push_back({rows.text(0), rows.text(1), rows.text(2), rows.instant(3)});
  }
  return all;
}

bool is_held(Tx& tx, std::string_view link, std::string_view external_id, LaneId lane) {
  return tx.query(kHeld, link, external_id, lane).next();
}

void send_again(Tx& tx, const Lane& lane, const std::vector<DeliveryId>& deliveries, bool anew,
                std::string_view why) {
  if (anew) tx.run(kForgetLane, lane.id);
  for (const DeliveryId id : deliveries) {
    const auto delivery = find_delivery(tx, id);
    OMBUD_ASSERT(delivery && delivery->lane.id == lane.id);
    tx.run(kSendAgain, id, tx.at(), why);
    if (anew) tx.run(kPutAll, id);
    record_attempt(tx, id,
                   {delivery->epoch, "send again", "by " + tx.principal().actor(), tx.at(), tx.at(),
                    0, std::string(why)});
  }
  tx.run(kFirst, lane.id);
  tx.poke_link(lane.link);
}

void forget_object(Tx& tx, LaneId lane, std::string_view op, std::string_view external_id) {
  tx.run(kForgetObject, lane, op, external_id);
}

}  // namespace ombud
