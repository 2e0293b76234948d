#include "store/recording.hpp"

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "store/outbox.hpp"

namespace ombud {
namespace {

constexpr Sql kWrites{
    "SELECT d.delivery_id, d.ticket_id, d.op, d.state, d.correlation, l.external_id, d.body,"
    " d.created_at, d.lane_seq FROM delivery d JOIN lane l ON l.lane_id = d.lane_id"
    " WHERE d.link_id = $1 AND d.created_at >= $2 AND d.delivery_id < $3 AND d.attempts > 0"
    " AND l.letter = 0"  // one may hold a link that lets its reader in
    " AND ($tenant IS NULL OR d.customer_id = $tenant) ORDER BY d.delivery_id DESC LIMIT $4"};
constexpr Sql kChanges{
    "SELECT recording_id, received_at, ticket_id, raw, changes FROM recording"
    " WHERE link_id = $1 AND received_at >= $2 AND recording_id < $3"
    " ORDER BY recording_id DESC LIMIT $4 -- all tenants: operators of all customers only"};
constexpr Sql kRecorded{
    "SELECT 1 FROM recording WHERE link_id = $1 AND digest = $2 -- all tenants: the intake"};
constexpr Sql kLast{
    "SELECT received_at FROM recording WHERE link_id = $1 ORDER BY recording_id DESC LIMIT 1"
    " -- all tenants: housekeeping"};
constexpr Sql kRecord{
    "INSERT OR IGNORE INTO recording (link_id, received_at, digest, raw, changes, ticket_id)"
    " VALUES ($1, $2, $3, $4, $5, $6) -- all tenants: the intake serves every customer"};
constexpr Sql kTooMany{
    "DELETE FROM recording WHERE link_id = $1 AND recording_id <= (SELECT recording_id"
    " FROM recording WHERE link_id = $1 ORDER BY recording_id DESC LIMIT 1 OFFSET $2)"
    " -- all tenants: housekeeping"};
constexpr Sql kForget{"DELETE FROM recording WHERE received_at < $1 -- all tenants: housekeeping"};

void write_without_bytes(json::Writer& out, json::View change) {
  if (!change["attachment"]["content"].present()) {
    out.value(change);
    return;
  }
  out.begin_object();
  for (std::size_t i = 0; i < change.size(); ++i) {
    const std::string_view name = change.name_at(i);
    const json::View member = change.member_at(i);
    if (name != "attachment") {
      out.field(name, member);
      continue;
    }
    out.begin_object(name);
    for (std::size_t at = 0; at < member.size(); ++at) {
      if (member.name_at(at) != "content") out.field(member.name_at(at), member.member_at(at));
    }
    out.end_object();
  }
  out.end_object();
}

}  // namespace

std::vector<RecordedWrite> recorded_writes(Tx& tx, std::string_view link, Instant since,
                                           std::int64_t before, int limit) {
  std::vector<RecordedWrite> all;
  Rows rows = tx.query(kWrites, link, since, before, limit);
  while (rows.next()) {
    RecordedWrite write;
    write.id = rows.integer(0);
    write.ticket = {rows.integer(1)};
    write.operation = rows.text(2);
    write.state = rows.text(3);
    write.correlation = rows.text(4);
    // The head of a lane makes the ticket over there; everything behind it knows its id.
    const bool makes = write.operation == "put_ticket" && rows.integer(8) == 0;
    if (!makes) write.external_id = rows.text(5);
    write.document = rows.text(6);
    write.at = rows.instant(7);
    all.push_back(std::move(write));
  }
  return all;
}

std::vector<RecordedChange> recorded_changes(Tx& tx, std::string_view link, Instant since,
                                             std::int64_t before, int limit) {
  std::vector<RecordedChange> all;
  Rows rows = tx.query(kChanges, link, since, before, limit);
  while (rows.next()) {
    all.push_back(
        {rows.integer(0), rows.instant(1), {rows.integer(2)}, rows.text(3), rows.text(4)});
  }
  return all;
}

void record_changes(Tx& tx, std::string_view link, std::string_view raw,
                    const std::vector<std::string>& changes) {
  // A poll tells the same again and again, and the whole hub waits for this transaction.
  const std::string digest = sha256_hex(raw);
  if (tx.query(kRecorded, link, digest).next()) return;
  json::Writer list;
  list.begin_array();
  TicketId ticket;
  for (const std::string& text : changes) {
    const auto change = json::parse(text);
    if (!change) continue;
    write_without_bytes(list, change->root());
    const std::string_view external = (*change)["external_id"].text();
    if (ticket.value == 0 && !external.empty()) {
      if (const auto lane = lane_of_external(tx, link, external)) ticket = lane->ticket;
    }
  }
  // Once for all that comes in one transaction.
  const bool trimmed = [&] {
    Rows last = tx.query(kLast, link);
    return last.next() && last.instant(0) == tx.at();
  }();
  tx.run(kRecord, link, tx.at(), digest, raw, list.end_array().take(), or_null(ticket));
  if (!trimmed) tx.run(kTooMany, link, kRecordingsMax);
}

std::int64_t forget_recordings(Tx& tx) {
  return tx.run(kForget, tx.at() - kRecordingsKept);
}

}  // namespace ombud
