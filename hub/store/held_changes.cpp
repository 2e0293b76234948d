#include "store/held_changes.hpp"

#include "base/assert.hpp"

namespace ombud {
namespace {

constexpr Sql kNewestDelivery{"SELECT max(delivery_id) FROM delivery -- all tenants: a counter"};
constexpr Sql kOpenCreate{
    "SELECT min(d.delivery_id) FROM delivery d JOIN lane l ON l.lane_id = d.lane_id"
    " WHERE d.link_id = $1 AND d.op = 'put_ticket' AND l.external_id IS NULL"
    " AND (d.state = 'leased' OR (d.doubt = 1 AND d.state = 'ready'))"
    " -- all tenants: the intake serves every customer"};
constexpr Sql kHold{
    "INSERT INTO held_change (link_id, event_id, external_id, correlation, lane_id, why, since,"
    " after_delivery, sha256, bytes, lost) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"};
constexpr Sql kSameTicket{
    "SELECT 1 FROM held_change WHERE link_id = $1 AND external_id = $2 AND $2 <> ''"
    " AND why <> 'unknown' UNION ALL"
    " SELECT 1 FROM held_change WHERE link_id = $1 AND correlation = $3 AND $3 <> ''"
    " AND why <> 'unknown' UNION ALL"
    " SELECT 1 FROM held_change WHERE lane_id = $4 AND why <> 'unknown' LIMIT 1"};
constexpr Sql kHeld{
    "SELECT held_id, link_id, event_id, external_id, correlation, lane_id, why, since,"
    " after_delivery, sha256, bytes, lost FROM held_change"
    " WHERE link_id = $1 AND why <> 'unknown' ORDER BY held_id"};
constexpr Sql kAny{"SELECT 1 FROM held_change WHERE link_id = $1 AND why <> 'unknown' LIMIT 1"};
constexpr Sql kDocument{"SELECT body FROM inbound_event WHERE link_id = $1 AND event_id = $2"};
constexpr Sql kSet{"UPDATE held_change SET why = $2, lane_id = $3 WHERE held_id = $1"};
constexpr Sql kDrop{"DELETE FROM held_change WHERE held_id = $1"};
constexpr Sql kFound{
    "UPDATE held_change SET why = 'turn', since = $3 WHERE link_id = $1 AND external_id = $2"
    " AND external_id <> '' AND why = 'unknown'"};
constexpr Sql kNextFetch{
    "SELECT h.held_id, h.event_id, h.fetches, h.fetch_since, h.fetch_at, i.body FROM held_change h"
    " JOIN inbound_event i ON i.link_id = h.link_id AND i.event_id = h.event_id"
    " WHERE h.link_id = $1 AND h.why = 'bytes' AND h.sha256 = '' AND h.lost = 0"
    " ORDER BY h.fetch_at, h.held_id LIMIT 1"};
constexpr Sql kLinkOf{"SELECT link_id FROM held_change WHERE held_id = $1"};
constexpr Sql kPutBytes{
    "UPDATE held_change SET sha256 = $2, bytes = $3"
    " WHERE held_id = $1 AND why = 'bytes' AND sha256 = '' AND lost = 0"};
constexpr Sql kLoseBytes{
    "UPDATE held_change SET lost = 1"
    " WHERE held_id = $1 AND why = 'bytes' AND sha256 = '' AND lost = 0"};
constexpr Sql kPutOff{
    "UPDATE held_change SET fetches = fetches + 1, fetch_at = $2,"
    " fetch_since = CASE WHEN $3 THEN coalesce(fetch_since, $4) ELSE fetch_since END"
    " WHERE held_id = $1 AND why = 'bytes' AND sha256 = '' AND lost = 0"};
constexpr Sql kBacklog{
    "SELECT count(*), min(since) FROM held_change WHERE link_id = $1 AND why <> 'unknown'"};

std::string_view word_of(HeldFor why) {
  switch (why) {
    case HeldFor::create:
      return "create";
    case HeldFor::write:
      return "write";
    case HeldFor::bytes:
      return "bytes";
    case HeldFor::turn:
      return "turn";
    case HeldFor::unknown:
      return "unknown";
  }
  return "turn";
}

HeldFor held_for(std::string_view word) {
  for (const HeldFor why : {HeldFor::create, HeldFor::write, HeldFor::bytes, HeldFor::unknown}) {
    if (word == word_of(why)) return why;
  }
  return HeldFor::turn;
}

// Runs a change of one row and tells its link.
template <class... Args>
bool change_row(Tx& tx, const Sql& sql, std::int64_t id, const Args&... args) {
  if (tx.run(sql, id, args...) == 0) return false;
  Rows rows = tx.query(kLinkOf, id);
  OMBUD_ASSERT(rows.next());
  tx.poke_link(rows.view(0));
  return true;
}

}  // namespace

DeliveryId newest_delivery(Tx& tx) {
  Rows rows = tx.query(kNewestDelivery);
  return {rows.next() ? rows.integer(0) : 0};
}

std::optional<DeliveryId> oldest_open_create(Tx& tx, std::string_view link) {
  Rows rows = tx.query(kOpenCreate, link);
  if (!rows.next() || rows.is_null(0)) return std::nullopt;
  return DeliveryId{rows.integer(0)};
}

void hold(Tx& tx, const HeldChange& change) {
  tx.run(kHold, change.link, change.event_id, change.external_id, change.correlation,
         or_null(change.lane), word_of(change.why), tx.at(), change.after, change.sha256,
         change.bytes, change.lost);
  if (change.why == HeldFor::bytes) tx.poke_link(change.link);
}

bool is_queued(Tx& tx, std::string_view link, std::string_view external_id,
               std::string_view correlation, LaneId lane) {
  return tx.query(kSameTicket, link, external_id, correlation, or_null(lane)).next();
}

std::vector<HeldChange> held_changes(Tx& tx, std::string_view link) {
  std::vector<HeldChange> all;
  Rows rows = tx.query(kHeld, link);
  while (rows.next()) {
    HeldChange held;
    held.id = rows.integer(0);
    held.link = rows.text(1);
    held.event_id = rows.text(2);
    held.external_id = rows.text(3);
    held.correlation = rows.text(4);
    held.lane = {rows.integer(5)};
    held.why = held_for(rows.view(6));
    held.since = rows.instant(7);
    held.after = {rows.integer(8)};
    held.sha256 = rows.text(9);
    held.bytes = rows.integer(10);
    held.lost = rows.integer(11) != 0;
    all.push_back(std::move(held));
  }
  return all;
}

std::string held_document(Tx& tx, const HeldChange& change) {
  Rows rows = tx.query(kDocument, change.link, change.event_id);
  OMBUD_ASSERT(rows.next());
  return rows.text(0);
}

bool any_held(Tx& tx, std::string_view link) {
  return tx.query(kAny, link).next();
}

void set_held(Tx& tx, std::int64_t id, HeldFor why, LaneId lane) {
  tx.run(kSet, id, word_of(why), or_null(lane));
}

void drop_held(Tx& tx, std::int64_t id) {
  tx.run(kDrop, id);
}

int find_held(Tx& tx, std::string_view link, std::string_view external_id) {
  const auto found = static_cast<int>(tx.run(kFound, link, external_id, tx.at()));
  if (found > 0) tx.poke_link(link);
  return found;
}

HeldFetch next_fetch(Tx& tx, std::string_view link) {
  HeldFetch fetch;
  Rows rows = tx.query(kNextFetch, link);
  if (!rows.next()) return fetch;
  fetch.next_at = rows.instant(4);
  if (fetch.next_at > tx.at()) return fetch;
  fetch.id = rows.integer(0);
  fetch.event_id = rows.text(1);
  fetch.fetches = static_cast<int>(rows.integer(2));
  fetch.first_at = rows.maybe_instant(3);
  fetch.document = rows.text(5);
  return fetch;
}

bool put_held_bytes(Tx& tx, std::int64_t id, std::string_view sha256, std::int64_t bytes) {
  return change_row(tx, kPutBytes, id, sha256, bytes);
}

bool lose_held_bytes(Tx& tx, std::int64_t id) {
  return change_row(tx, kLoseBytes, id);
}

bool put_off_fetch(Tx& tx, std::int64_t id, Instant again, bool counts) {
  return change_row(tx, kPutOff, id, again, counts, tx.at());
}

HeldBacklog held_backlog(Tx& tx, std::string_view link) {
  HeldBacklog backlog;
  Rows rows = tx.query(kBacklog, link);
  if (rows.next()) backlog = {rows.integer(0), rows.maybe_instant(1)};
  return backlog;
}

}  // namespace ombud
