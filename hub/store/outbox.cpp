#include "store/outbox.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.hpp"
#include "base/random.hpp"

namespace ombud {
namespace {

#define OMBUD_LANE_COLUMNS "lane_id, link_id, ticket_id, customer_id, delegation_id, external_id"
constexpr Sql kInsertLane{
    "INSERT INTO lane (link_id, ticket_id, customer_id, delegation_id) VALUES ($1, $2, $3, $4)"
    " -- all tenants: insert"};
constexpr Sql kInsertNoticesLane{
    "INSERT INTO lane (link_id, ticket_id, customer_id, person_id) VALUES ($1, $2, $3, $4)"
    " -- all tenants: insert"};
constexpr Sql kInsertLetterLane{
    "INSERT INTO lane (link_id, ticket_id, customer_id, letter) VALUES ($1, 0, '', 1)"
    " -- all tenants: insert"};
constexpr Sql kLaneOfDelegation{"SELECT " OMBUD_LANE_COLUMNS
                                " FROM lane WHERE delegation_id = $1"
                                " AND ($tenant IS NULL OR customer_id = $tenant)"};
constexpr Sql kLaneOfNotices{"SELECT " OMBUD_LANE_COLUMNS
                             " FROM lane WHERE link_id = $1 AND ticket_id = $2 AND person_id = $3"
                             " AND delegation_id IS NULL AND subscription_id IS NULL AND letter = 0"
                             " AND ($tenant IS NULL OR customer_id = $tenant)"};
constexpr Sql kLane{"SELECT " OMBUD_LANE_COLUMNS
                    " FROM lane WHERE lane_id = $1 AND ($tenant IS NULL OR customer_id = $tenant)"};
constexpr Sql kLaneOfExternal{
    "SELECT " OMBUD_LANE_COLUMNS
    " FROM lane WHERE link_id = $1 AND external_id = $2"
    " AND ($tenant IS NULL OR customer_id = $tenant) ORDER BY lane_id DESC"};
constexpr Sql kLaneExternal{
    "UPDATE lane SET external_id = $2 WHERE lane_id = $1 AND external_id IS NULL"
    " AND ($tenant IS NULL OR customer_id = $tenant)"};
// The row lock of this update orders writers of one lane.
constexpr Sql kNextSeq{
    "UPDATE lane SET next_seq = next_seq + 1 WHERE lane_id = $1"
    " AND ($tenant IS NULL OR customer_id = $tenant)"};
constexpr Sql kLastSeq{
    "SELECT next_seq - 1 FROM lane WHERE lane_id = $1 AND ($tenant IS NULL OR customer_id = "
    "$tenant)"};

#define OMBUD_DELIVERY_COLUMNS                                                                   \
  "d.delivery_id, d.lane_id, d.link_id, d.ticket_id, d.customer_id, l.delegation_id, "           \
  "l.external_id,"                                                                               \
  " d.lane_seq, d.op, d.correlation, d.body, d.blob, d.source_id, d.state, d.doubt, d.attempts," \
  " d.run_at, d.lease_epoch, d.external_id, d.last_error, d.created_at, d.finished_at"
#define OMBUD_DELIVERY_FROM " FROM delivery d JOIN lane l ON l.lane_id = d.lane_id"
constexpr Sql kDeliveryOfCorrelation{"SELECT " OMBUD_DELIVERY_COLUMNS OMBUD_DELIVERY_FROM
                                     " WHERE d.correlation = $1"
                                     " AND ($tenant IS NULL OR d.customer_id = $tenant)"};
constexpr Sql kMadeByUs{
    "SELECT 1 FROM delivery WHERE lane_id = $1 AND op = $2 AND external_id = $3"
    " AND ($tenant IS NULL OR customer_id = $tenant)"};
constexpr Sql kAnyInLane{
    "SELECT 1 FROM delivery WHERE lane_id = $1 AND ($tenant IS NULL OR customer_id = $tenant) "
    "LIMIT 1"};
constexpr Sql kLaneUnsettled{
    "SELECT 1 FROM delivery WHERE lane_id = $1 AND op = $2"
    " AND (state = 'leased' OR (doubt = 1 AND state = 'ready'))"
    " AND ($tenant IS NULL OR customer_id = $tenant) LIMIT 1"};
constexpr Sql kRecognise{
    "UPDATE delivery SET external_id = $5 WHERE delivery_id = (SELECT delivery_id FROM delivery"
    " WHERE lane_id = $1 AND op = $2 AND external_id IS NULL AND (state = 'leased' OR doubt = 1"
    // an answer that came whole settles it; only after a repetition or a person's word is an id
    // still open
    "  OR (state = 'done' AND (attempts > 1 OR last_error <> '')) OR (state = 'cancelled' AND "
    "attempts > 0))"
    " AND coalesce(json_extract(body, '$.text'), json_extract(body, '$.name')) = $3"
    " AND coalesce(json_extract(body, '$.size'), 0) = $4 ORDER BY lane_seq LIMIT 1)"
    " AND ($tenant IS NULL OR customer_id = $tenant)"};
constexpr Sql kMayHaveLeft{
    "SELECT 1 FROM delivery WHERE lane_id = $1 AND (doubt = 1 OR state IN ('leased', 'done'))"
    " AND ($tenant IS NULL OR customer_id = $tenant) LIMIT 1"};
constexpr Sql kLastWaiting{
    "SELECT delivery_id, op, state FROM delivery WHERE lane_id = $1"
    " AND ($tenant IS NULL OR customer_id = $tenant) ORDER BY lane_seq DESC LIMIT 1"};
constexpr Sql kOverwrite{
    "UPDATE delivery SET body = $2 WHERE delivery_id = $1 AND ($tenant IS NULL OR customer_id = "
    "$tenant)"};
// As the condition of the index delivery_head says it: a query must say the same to use it.
#define OMBUD_HEAD_OF_LANE " state <> 'waiting' AND state <> 'done' AND state <> 'cancelled'"
constexpr Sql kInsert{
    "INSERT INTO delivery (link_id, lane_id, lane_seq, customer_id, ticket_id, op, correlation, "
    "body, blob,"
    " source_id, state, run_at, created_at)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,"
    "  CASE WHEN EXISTS (SELECT 1 FROM delivery WHERE lane_id = $2 AND" OMBUD_HEAD_OF_LANE
    ")"
    "    OR EXISTS (SELECT 1 FROM delivery WHERE lane_id = $2 AND state = 'waiting')"
    "   THEN 'waiting' ELSE 'ready' END,"
    "  $11, $11) -- all tenants: insert into the caller's lane"};

constexpr Sql kClaim{
    "UPDATE delivery SET state = 'leased', attempts = attempts + 1, lease_epoch = lease_epoch + 1,"
    " lease_until = $3 WHERE delivery_id IN (SELECT o.delivery_id FROM delivery o JOIN link k "
    "USING (link_id)"
    "  WHERE o.link_id = $1 AND o.state = 'ready' AND o.run_at <= $2 AND k.state = 'open'"
    "  AND k.configured = 1 AND k.not_before <= $2 ORDER BY o.run_at, o.delivery_id LIMIT $4)"
    " RETURNING delivery_id -- all tenants: the link runner serves every customer"};
constexpr Sql kDelivery{
    "SELECT " OMBUD_DELIVERY_COLUMNS OMBUD_DELIVERY_FROM
    " WHERE d.delivery_id = $1 AND ($tenant IS NULL OR d.customer_id = $tenant)"};
constexpr Sql kNextDue{
    "SELECT max(min(o.run_at), k.not_before) FROM link k JOIN delivery o ON o.link_id = k.link_id"
    " AND o.state = 'ready' WHERE k.link_id = $1 AND k.state = 'open' AND k.configured = 1"
    " -- all tenants: the link runner serves every customer"};
constexpr Sql kNextExpiry{
    "SELECT min(lease_until) FROM delivery WHERE link_id = $1 AND state = 'leased'"
    " -- all tenants: the link runner serves every customer"};
constexpr Sql kExpire{
    "UPDATE delivery SET state = 'ready', doubt = 1, lease_until = NULL, run_at = $3,"
    " last_error = 'its time ran out and nobody knows what came of it'"
    " WHERE link_id = $1 AND state = 'leased' AND lease_until <= $2 -- all tenants: expiry"};
constexpr Sql kRecover{
    "UPDATE delivery SET state = 'ready', doubt = 1, lease_until = NULL, run_at = $2,"
    " last_error = 'the hub stopped while this was under way'"
    " WHERE link_id = $1 AND state = 'leased' -- all tenants: recovery"};

constexpr Sql kFinish{
    "UPDATE delivery SET state = $3, doubt = $4, run_at = coalesce($5, run_at), lease_until = NULL,"
    " external_id = coalesce($6, external_id), last_error = $7, finished_at = $8,"
    " attempts = attempts - $9 WHERE delivery_id = $1 AND lease_epoch = $2 AND state = 'leased'"
    " AND ($tenant IS NULL OR customer_id = $tenant)"};
constexpr Sql kPromote{
    "UPDATE delivery SET state = 'ready', run_at = max(run_at, $2) WHERE delivery_id ="
    " (SELECT delivery_id FROM delivery WHERE lane_id = $1 AND state = 'waiting' ORDER BY lane_seq "
    "LIMIT 1)"
    " AND NOT EXISTS (SELECT 1 FROM delivery WHERE lane_id = $1 AND" OMBUD_HEAD_OF_LANE
    ")"
    " AND ($tenant IS NULL OR customer_id = $tenant)"};
constexpr Sql kOperate{
    "UPDATE delivery SET state = $2, doubt = $3, run_at = $4, finished_at = $5, last_error = $6,"
    " external_id = coalesce($7, external_id) WHERE delivery_id = $1"
    " AND ($tenant IS NULL OR customer_id = $tenant)"};
constexpr Sql kLookupWorks{"SELECT 1 FROM link WHERE link_id = $1 AND lookup = 1"};
constexpr Sql kCancelWaiting{
    "UPDATE delivery SET state = 'cancelled', doubt = 0, finished_at = $2, last_error = $3"
    " WHERE lane_id = $1 AND state IN ('waiting', 'ready', 'dead', 'parked') AND doubt = 0"
    " AND ($tenant IS NULL OR customer_id = $tenant)"};
constexpr Sql kHeadless{
    "SELECT DISTINCT w.lane_id, w.link_id FROM delivery w WHERE w.state = 'waiting' AND NOT EXISTS"
    " (SELECT 1 FROM delivery WHERE lane_id = w.lane_id AND" OMBUD_HEAD_OF_LANE
    ") -- all tenants: sweep"};

constexpr Sql kInsertAttempt{
    "INSERT INTO attempt (delivery_id, lease_epoch, step, started_at, finished_at, status, "
    "supplier_code,"
    " message) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) -- all tenants: foreign keys"};
constexpr Sql kAttempts{
    "SELECT lease_epoch, step, status, started_at, finished_at, supplier_code, message, attempt_id"
    " FROM attempt"
    " WHERE delivery_id = $1 ORDER BY attempt_id"};

#define OMBUD_DELIVERY_FILTER                                                              \
  " AND ($1 IS NULL OR d.link_id = $1) AND ($2 IS NULL OR d.state = $2)"                   \
  " AND ($3 = 0 OR d.state NOT IN ('done', 'cancelled')) AND ($4 = 0 OR d.ticket_id = $4)" \
  " AND ($7 = 0 OR d.doubt = 1) AND ($8 IS NULL OR d.customer_id = $8)"                    \
  " AND d.delivery_id < $5 AND ($tenant IS NULL OR d.customer_id = $tenant)"               \
  " ORDER BY d.delivery_id DESC LIMIT $6"
constexpr Sql kList{"SELECT " OMBUD_DELIVERY_COLUMNS OMBUD_DELIVERY_FROM
                    " WHERE 1" OMBUD_DELIVERY_FILTER};
constexpr Sql kListTrouble{
    "SELECT " OMBUD_DELIVERY_COLUMNS OMBUD_DELIVERY_FROM
    " WHERE (d.state IN ('dead', 'parked') OR d.doubt = 1)" OMBUD_DELIVERY_FILTER};
// One arm per partial index, so that what is done costs nothing. What is in doubt stands in the
// index of trouble, whatever its state.
#define OMBUD_OF_LINK " link_id = $1 AND ($tenant IS NULL OR customer_id = $tenant)"
constexpr Sql kBacklog{
    "SELECT sum(open), sum(dead), sum(doubt), min(since) FROM ("
    " SELECT count(*) AS open, 0 AS dead, 0 AS doubt, min(created_at) AS since FROM delivery"
    " INDEXED BY delivery_ready WHERE state = 'ready' AND" OMBUD_OF_LINK
    " UNION ALL SELECT count(*), 0, 0, min(created_at) FROM delivery"
    " INDEXED BY delivery_leased WHERE state = 'leased' AND" OMBUD_OF_LINK
    " UNION ALL SELECT count(*), 0, 0, min(created_at) FROM delivery"
    " INDEXED BY delivery_waiting WHERE state = 'waiting' AND" OMBUD_OF_LINK
    " UNION ALL SELECT sum(state IN ('dead', 'parked')), sum(state = 'dead'),"
    " sum(doubt = 1 AND state NOT IN ('done', 'cancelled')),"
    " min(CASE WHEN state IN ('dead', 'parked') THEN created_at END) FROM delivery"
    " INDEXED BY delivery_trouble WHERE (state IN ('dead', 'parked') OR doubt = 1)"
    " AND" OMBUD_OF_LINK ")"};
constexpr Sql kLastDone{
    "SELECT finished_at FROM delivery INDEXED BY delivery_done WHERE state = 'done' "
    "AND" OMBUD_OF_LINK " ORDER BY finished_at DESC LIMIT 1"};

Lane lane_from(const Rows& row) {
  return {{row.integer(0)}, row.text(1),      {row.integer(2)},
          row.text(3),      {row.integer(4)}, row.text(5)};
}

Delivery delivery_from(const Rows& row) {
  Delivery d;
  d.id = {row.integer(0)};
  d.lane = {{row.integer(1)}, row.text(2),      {row.integer(3)},
            row.text(4),      {row.integer(5)}, row.text(6)};
  d.lane_seq = row.integer(7);
  d.op = row.text(8);
  d.correlation = row.text(9);
  d.body = row.text(10);
  d.blob = row.text(11);
  d.source = row.integer(12);
  d.state = row.text(13);
  d.doubt = row.integer(14) != 0;
  d.attempts = static_cast<int>(row.integer(15));
  d.run_at = row.instant(16);
  d.epoch = row.integer(17);
  d.external_id = row.text(18);
  d.last_error = row.text(19);
  d.created_at = row.instant(20);
  d.finished_at = row.maybe_instant(21);
  return d;
}

std::optional<Lane> one_lane(Rows rows) {
  return rows.next() ? std::optional(lane_from(rows)) : std::nullopt;
}

Lane new_lane(Tx& tx, std::string_view link, TicketId ticket, std::string_view customer,
              DelegationId delegation) {
  const LaneId id{tx.insert(kInsertLane, link, ticket, customer, or_null(delegation))};
  return {id, std::string(link), ticket, std::string(customer), delegation, {}};
}

// The finished head makes room for the next of its lane.
void promote(Tx& tx, const Lane& lane) {
  if (tx.run(kPromote, lane.id, tx.at()) > 0) tx.poke_link(lane.link);
}

Result<Delivery> operate(Tx& tx, DeliveryId id, std::string_view step, std::string_view to_state,
                         std::string_view reason, bool (*allowed)(const Delivery&),
                         std::string_view refusal, std::string_view external_id = {}) {
  auto delivery = find_delivery(tx, id);
  if (!delivery) return not_found("delivery");
  if (!allowed(*delivery)) {
    return conflict(fmt::format("Delivery {} is {}{}. {}", id.value, delivery->state,
                                delivery->doubt ? " and in doubt" : "", refusal));
  }
  const bool makes_copy = delivery->op == "put_ticket" && delivery->lane.external_id.empty();
  const bool lookup = tx.query(kLookupWorks, delivery->lane.link).next();
  // Where nothing can be looked up, such as mail, our own correlation is the name of what was sent.
  if (step == "confirm" && makes_copy && external_id.empty() && !lookup)
    external_id = delivery->correlation;
  if (step == "confirm" && makes_copy && external_id.empty()) {
    return invalid("/external_id",
                   "is required: it is the supplier's number of the ticket that this one made");
  }
  if (step == "skip" && makes_copy && delivery->doubt) {
    return conflict(
        fmt::format("Delivery {} may have made the ticket at the supplier. Find out: confirm it "
                    "with the ticket's number there, "
                    "or retry it.",
                    id.value));
  }
  const bool ends = to_state != "ready";
  // An operator's retry leaves doubt as it is: the next attempt still looks before it writes.
  // Where nothing can be looked up, the operator has looked himself.
  const bool doubt = (to_state == "ready" && lookup && delivery->doubt) ||
                     (to_state == "parked" && delivery->doubt);
  // And not before the supplier's search can know: whoever looks too early writes twice.
  const Instant run_at = doubt ? std::max(delivery->run_at, tx.at()) : tx.at();
  tx.run(kOperate, id, to_state, doubt, run_at, ends ? Param(tx.at()) : Param(std::nullopt), reason,
         or_null(external_id));
  record_attempt(tx, id,
                 {delivery->epoch, std::string(step), "by " + tx.principal().actor(), tx.at(),
                  tx.at(), 0, std::string(reason), 0});
  if (to_state == "done" && delivery->op == "put_ticket" && !external_id.empty()) {
    tx.run(kLaneExternal, delivery->lane.id, external_id);
  }
  if (step == "skip" && makes_copy && delivery->lane.delegation.value != 0) {
    // What should have been added to a ticket that was never made has nowhere to go.
    cancel_waiting(tx, delivery->lane.id, "the ticket was never made at the supplier");
  }
  if (to_state == "done" || to_state == "cancelled") promote(tx, delivery->lane);
  tx.poke_link(delivery->lane.link);
  return *find_delivery(tx, id);
}

}  // namespace

Lane lane_of_delegation(Tx& tx, DelegationId delegation, std::string_view link, TicketId ticket,
                        std::string_view customer) {
  if (auto known = one_lane(tx.query(kLaneOfDelegation, delegation))) return *known;
  return new_lane(tx, link, ticket, customer, delegation);
}

Lane lane_of_notices(Tx& tx, std::string_view link, TicketId ticket, std::string_view customer,
                     PersonId person) {
  if (auto known = one_lane(tx.query(kLaneOfNotices, link, ticket, person))) return *known;
  const LaneId id{tx.insert(kInsertNoticesLane, link, ticket, customer, person)};
  return {id, std::string(link), ticket, std::string(customer), {}, {}};
}

std::optional<Lane> find_lane(Tx& tx, LaneId lane) {
  return one_lane(tx.query(kLane, lane));
}

std::optional<Lane> lane_of_external(Tx& tx, std::string_view link, std::string_view external_id) {
  return one_lane(tx.query(kLaneOfExternal, link, external_id));
}

std::optional<Delivery> delivery_of_correlation(Tx& tx, std::string_view correlation) {
  Rows rows = tx.query(kDeliveryOfCorrelation, correlation);
  return rows.next() ? std::optional(delivery_from(rows)) : std::nullopt;
}

bool made_by_us(Tx& tx, LaneId lane, std::string_view op, std::string_view external_id) {
  return tx.query(kMadeByUs, lane, op, external_id).next();
}

bool lane_unsettled(Tx& tx, LaneId lane, std::string_view op) {
  return tx.query(kLaneUnsettled, lane, op).next();
}

bool recognise(Tx& tx, LaneId lane, std::string_view op, std::string_view text, std::int64_t size,
               std::string_view external_id) {
  return tx.run(kRecognise, lane, op, text, size, external_id) > 0;
}

Lane lane_of_letter(Tx& tx, std::string_view link) {
  const LaneId id{tx.insert(kInsertLetterLane, link)};
  return {id, std::string(link), {}, "", {}, ""};
}

bool lane_is_new(Tx& tx, LaneId lane) {
  return !tx.query(kAnyInLane, lane).next();
}

DeliveryId enqueue(Tx& tx, const Lane& lane, const NewDelivery& delivery) {
  if (delivery.op == "put_ticket") {
    DeliveryId last;
    {
      Rows rows = tx.query(kLastWaiting, lane.id);
      if (rows.next() && rows.view(1) == "put_ticket" && rows.view(2) == "waiting")
        last = {rows.integer(0)};
    }
    if (last.value != 0) {
      tx.run(kOverwrite, last, delivery.body);
      return last;
    }
  }
  std::int64_t seq = 0;
  tx.run(kNextSeq, lane.id);
  {
    Rows rows = tx.query(kLastSeq, lane.id);
    OMBUD_ASSERT(rows.next());
    seq = rows.integer(0);
  }
  const std::string correlation = in_order_of_time(tx.mint(), tx.at());
  const DeliveryId id{
      tx.insert(kInsert, lane.link, lane.id, seq, lane.customer, lane.ticket, delivery.op,
                correlation, delivery.body, or_null(std::string_view(delivery.blob)),
                delivery.source == 0 ? Param(std::nullopt) : Param(delivery.source), tx.at())};
  tx.poke_link(lane.link);
  return id;
}

std::vector<Delivery> claim(Tx& tx, std::string_view link, Instant lease_until, int room) {
  std::vector<DeliveryId> claimed;
  {
    Rows rows = tx.query(kClaim, link, tx.at(), lease_until, room);
    while (rows.next()) claimed.push_back({rows.integer(0)});
  }
  std::vector<Delivery> all;
  for (const DeliveryId id : claimed) {
    all.push_back(*find_delivery(tx, id));
    OMBUD_ASSERT(all.back().state == "leased");
  }
  return all;
}

Instant next_due(Tx& tx, std::string_view link) {
  Instant due = kNever;
  for (const Sql* sql : {&kNextDue, &kNextExpiry}) {
    Rows rows = tx.query(*sql, link);
    if (rows.next() && !rows.is_null(0)) due = std::min(due, rows.instant(0));
  }
  return due;
}

int expire(Tx& tx, std::string_view link, Instant run_at) {
  return static_cast<int>(tx.run(kExpire, link, tx.at(), run_at));
}

int recover(Tx& tx, std::string_view link, Instant run_at) {
  return static_cast<int>(tx.run(kRecover, link, run_at));
}

bool finish(Tx& tx, const Delivery& delivery, const Verdict& verdict) {
  std::string_view state = "ready";
  bool doubt = delivery.doubt && verdict.keep_doubt;
  int give_back = 0;
  switch (verdict.finish) {
    case Finish::done:
      state = "done";
      doubt = false;
      break;
    case Finish::dead:
      state = "dead";
      doubt = verdict.keep_doubt;
      break;
    case Finish::retry:
      break;
    case Finish::doubt:
      doubt = true;
      break;
    case Finish::give_back:
      doubt = delivery.doubt;
      give_back = 1;
      break;
  }
  const bool ends = state != "ready";
  const auto changed =
      tx.run(kFinish, delivery.id, delivery.epoch, state, doubt,
             ends && verdict.run_at == Instant{} ? Param(std::nullopt) : Param(verdict.run_at),
             or_null(std::string_view(verdict.external_id)), verdict.error,
             ends ? Param(tx.at()) : Param(std::nullopt), give_back);
  if (changed == 0) return false;
  tx.touch_link(delivery.lane.link);
  if (state == "done") {
    // Of the desk's mails to a user, whichever is the first to arrive makes the thread.
    const bool makes_copy = delivery.op == "put_ticket" || delivery.lane.delegation.value == 0;
    if (makes_copy && !verdict.external_id.empty()) {
      tx.run(kLaneExternal, delivery.lane.id, verdict.external_id);
    }
    promote(tx, delivery.lane);
  }
  return true;
}

std::int64_t record_attempt(Tx& tx, DeliveryId delivery, const Attempt& a) {
  return tx.insert(kInsertAttempt, delivery, a.epoch, a.step, a.started_at, a.finished_at, a.status,
                   a.supplier_code, a.message);
}

Result<Delivery> operator_retry(Tx& tx, DeliveryId id, std::string_view reason) {
  return operate(
      tx, id, "retry", "ready", reason,
      [](const Delivery& d) {
        return d.state == "dead" || d.state == "parked" || d.state == "ready";
      },
      "Only a dead, parked or ready one can be tried again.");
}

Result<Delivery> operator_skip(Tx& tx, DeliveryId id, std::string_view reason) {
  return operate(
      tx, id, "skip", "cancelled", reason,
      [](const Delivery& d) {
        return d.state == "dead" || d.state == "parked" || d.state == "ready" ||
               d.state == "waiting";
      },
      "Only one that is not under way and not finished can be skipped.");
}

Result<Delivery> operator_park(Tx& tx, DeliveryId id, std::string_view reason) {
  return operate(
      tx, id, "park", "parked", reason,
      [](const Delivery& d) { return d.state == "ready" || d.state == "dead"; },
      "Only the next one of its ticket can be parked, while it is not under way.");
}

Result<Delivery> operator_confirm(Tx& tx, DeliveryId id, std::string_view external_id,
                                  std::string_view reason) {
  return operate(
      tx, id, "confirm", "done", reason.empty() ? "confirmed by a person" : reason,
      [](const Delivery& d) {
        return d.doubt && (d.state == "dead" || d.state == "parked" || d.state == "ready");
      },
      "Only one whose outcome is in doubt can be confirmed.", external_id);
}

int cancel_waiting(Tx& tx, LaneId lane, std::string_view reason) {
  return static_cast<int>(tx.run(kCancelWaiting, lane, tx.at(), reason));
}

bool may_have_left(Tx& tx, LaneId lane) {
  return tx.query(kMayHaveLeft, lane).next();
}

int sweep_headless(Tx& tx) {
  std::vector<Lane> headless;
  {
    Rows rows = tx.query(kHeadless);
    while (rows.next()) headless.push_back({{rows.integer(0)}, rows.text(1), {}, {}, {}, {}});
  }
  for (const Lane& lane : headless) promote(tx, lane);
  return static_cast<int>(headless.size());
}

std::vector<Delivery> list_deliveries(Tx& tx, const DeliveryFilter& f,
                                      std::optional<DeliveryId> before, int limit) {
  std::vector<Delivery> all;
  const bool trouble = f.trouble_only || f.doubt_only;  // doubt stands in the same index
  Rows rows = tx.query(trouble ? kListTrouble : kList, or_null(f.link), or_null(f.state),
                       f.unfinished_only, f.ticket, before.value_or(DeliveryId{INT64_MAX}), limit,
                       f.doubt_only, or_null(f.customer));
  while (rows.next()) {
    Delivery delivery = delivery_from(rows);
    if (f.since && delivery.created_at < *f.since) break;  // ids are given out in time's order
    all.push_back(std::move(delivery));
  }
  return all;
}

std::optional<Delivery> find_delivery(Tx& tx, DeliveryId id) {
  Rows rows = tx.query(kDelivery, id);
  return rows.next() ? std::optional(delivery_from(rows)) : std::nullopt;
}

std::vector<Attempt> attempts_of(Tx& tx, DeliveryId id) {
  std::vector<Attempt> all;
  Rows rows = tx.query(kAttempts, id);
  while (rows.next()) {
    all.push_back({rows.integer(0), rows.text(1), rows.text(2), rows.instant(3), rows.instant(4),
                   static_cast<int>(rows.integer(5)), rows.text(6), rows.integer(7)});
  }
  return all;
}

LinkBacklog backlog_of(Tx& tx, std::string_view link) {
  LinkBacklog backlog;
  {
    Rows rows = tx.query(kBacklog, link);
    if (rows.next()) {
      backlog = {rows.integer(0), rows.integer(1), rows.integer(2), rows.maybe_instant(3), {}};
    }
  }
  Rows rows = tx.query(kLastDone, link);
  if (rows.next()) backlog.last_done_at = rows.maybe_instant(0);
  return backlog;
}

}  // namespace ombud
