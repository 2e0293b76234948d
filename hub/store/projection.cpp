#include "store/projection.hpp"

#include <fmt/format.h>

#include "base/assert.hpp"

namespace ombud {
namespace {

// The projector replays events that were scoped when they were appended; each names its own ticket.
constexpr Sql kInsertTicket{
    "INSERT INTO ticket (ticket_id, customer_id, requester_id, kind, status, priority, channel, "
    "subject,"
    " service_id, team_id, agent_id, language, version, created_at, updated_at)"
    " VALUES ($1, $2, $3, $4, 'new', $5, $6, $7, $8, $9, '', $10, $11, $12, $12)"};
constexpr Sql kInsertMessage{
    "INSERT INTO message (message_id, ticket_id, customer_id, visibility, party, author, "
    "delegation_id,"
    " relays, at, text) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"};
constexpr Sql kInsertSearch{
    "INSERT INTO message_search (rowid, subject, text) VALUES ($1, $2, $3)"};
constexpr Sql kInsertAttachment{
    "INSERT INTO attachment (attachment_id, ticket_id, customer_id, message_id, delegation_id, "
    "visibility,"
    " party, name, media_type, bytes, sha256, at)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"};
constexpr Sql kInsertDelegation{
    "INSERT INTO delegation (delegation_id, ticket_id, customer_id, agreement_id, link_id, "
    "supplier, state,"
    " brief, shared, withheld, external_id, external_url, external_status, reason, due_at, "
    "created_at,"
    " updated_at) VALUES ($1, $2, $3, $4, $5, $6, 'sent', $7, $8, $9, '', '', '', '', $10, $11, "
    "$11)"};
constexpr Sql kChangeDelegation{
    "UPDATE delegation SET state = $2, reason = $3, updated_at = $4,"
    " external_id = CASE WHEN $5 = '' THEN external_id ELSE $5 END,"
    " external_url = CASE WHEN $6 = '' THEN external_url ELSE $6 END,"
    " external_status = CASE WHEN $7 = '' THEN external_status ELSE $7 END"
    " WHERE delegation_id = $1 -- all tenants: projector"};
// Four indexes hold the time of the last change: several events at once change it once.
constexpr Sql kTouchAgain{
    "UPDATE ticket SET version = $2 WHERE ticket_id = $1 AND updated_at = $3 -- all tenants: "
    "projector"};
constexpr Sql kTouch{
    "UPDATE ticket SET version = $2, updated_at = $3 WHERE ticket_id = $1 -- all tenants: "
    "projector"};
constexpr Sql kAssign{
    "UPDATE ticket SET team_id = $2, agent_id = $3 WHERE ticket_id = $1 -- all tenants: projector"};
#define OMBUD_SET_STATUS                                                      \
  "UPDATE ticket SET status = $2, version = $4,"                              \
  " resolved_at = CASE WHEN $2 = 'resolved' THEN $3 WHEN $2 = 'closed' THEN " \
  "coalesce(resolved_at, $3)"                                                 \
  " END, closed_at = CASE WHEN $2 = 'closed' THEN $3 END"
constexpr Sql kStatusAgain{OMBUD_SET_STATUS
                           " WHERE ticket_id = $1 AND updated_at = $3 -- all tenants: projector"};
constexpr Sql kStatus{OMBUD_SET_STATUS
                      ", updated_at = $3 WHERE ticket_id = $1 -- all tenants: projector"};
constexpr Sql kEdit{
    "UPDATE ticket SET subject = coalesce($2, subject), priority = coalesce($3, priority),"
    " kind = coalesce($4, kind), service_id = coalesce($5, service_id)"
    " WHERE ticket_id = $1 -- all tenants: projector"};

constexpr Sql kPutAttributes{
    "INSERT INTO attributes (ticket_id, delegation_id, customer_id, client, external_id, data)"
    " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (ticket_id, delegation_id)"
    " DO UPDATE SET client = $4, external_id = $5, data = $6 -- all tenants: projector"};

std::string joined(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, " "));
}

struct Projector {
  Tx& tx;
  const Stamp& stamp;

  void operator()(const event::Registered& e) {
    tx.run(kInsertTicket, stamp.ticket, e.customer, e.requester, to_text(e.kind),
           to_text(e.priority), to_text(e.channel), e.subject, e.service, e.team, e.language,
           stamp.version, stamp.at);
    const bool known = e.requester.value != 0;
    tx.run(kInsertMessage, stamp.id, stamp.ticket, e.customer, to_text(Visibility::user),
           to_text(known || e.channel == Channel::mail ? Party::user : Party::desk), e.author,
           std::nullopt, std::nullopt, stamp.at, e.text);
    tx.run(kInsertSearch, stamp.id, e.subject, e.text);
  }
  void operator()(const event::MessageAdded& e) {
    tx.run(kInsertMessage, stamp.id, stamp.ticket, stamp.customer, to_text(e.visibility),
           to_text(e.from), e.author, or_null(e.delegation), or_null(e.relays), stamp.at, e.text);
    tx.run(kInsertSearch, stamp.id, "", e.text);
    touch();
  }
  void operator()(const event::AttachmentAdded& e) {
    tx.run(kInsertAttachment, stamp.id, stamp.ticket, stamp.customer, or_null(e.message),
           or_null(e.delegation), to_text(e.visibility), to_text(e.from), e.name, e.media_type,
           e.bytes, e.sha256, stamp.at);
    touch();
  }
  void operator()(const event::Assigned& e) {
    tx.run(kAssign, stamp.ticket, e.team, e.agent);
    touch();
  }
  void operator()(const event::StatusChanged& e) {
    for (const Sql* sql : {&kStatusAgain, &kStatus}) {
      if (tx.run(*sql, stamp.ticket, to_text(e.status), stamp.at, stamp.version) > 0) return;
    }
  }
  void operator()(const event::Edited& e) {
    const auto priority = e.priority ? std::optional(to_text(*e.priority)) : std::nullopt;
    const auto kind = e.kind ? std::optional(to_text(*e.kind)) : std::nullopt;
    tx.run(kEdit, stamp.ticket, e.subject, priority, kind, e.service);
    if (e.subject) tx.run(kInsertSearch, stamp.id, *e.subject, "");
    touch();
  }
  void operator()(const event::Delegated& e) {
    tx.run(kInsertDelegation, stamp.id, stamp.ticket, stamp.customer, e.agreement, e.link,
           e.supplier, e.brief, joined(e.shared), joined(e.withheld), e.due, stamp.at);
    touch();
  }
  void operator()(const event::DelegationChanged& e) {
    tx.run(kChangeDelegation, e.delegation, to_text(e.state), e.reason, stamp.at, e.external_id,
           e.external_url, e.external_status);
    touch();
  }
  void operator()(const event::Attributed& e) {
    tx.run(kPutAttributes, stamp.ticket, e.delegation, stamp.customer, e.client, e.external_id,
           e.attributes);
    touch();
  }
  void touch() {
    if (tx.run(kTouchAgain, stamp.ticket, stamp.version, stamp.at) > 0) return;
    tx.run(kTouch, stamp.ticket, stamp.version, stamp.at);
  }
};

}  // namespace

void project(Tx& tx, const Stamp& stamp, const Event& event) {
  std::visit(Projector{tx, stamp}, event);
}

namespace {

struct Table {
  Sql keep, restore, clear, missing, extra;
  const char* name;
};

// What the log says is compared with what the tables say, row by row and column by column.
#define OMBUD_VERIFY_TABLE(table)                                                               \
  Table {                                                                                       \
    {"CREATE TEMP TABLE kept_" table " AS SELECT * FROM main." table " -- all tenants: audit"}, \
        {"DROP TABLE temp.kept_" table}, {"DELETE FROM main." table " -- all tenants: audit"},  \
        {"SELECT count(*) FROM (SELECT * FROM main." table                                      \
         " EXCEPT SELECT * FROM temp.kept_" table ") -- all tenants: audit"},                   \
        {"SELECT count(*) FROM (SELECT * FROM temp.kept_" table                                 \
         " EXCEPT SELECT * FROM main." table ") -- all tenants: audit"},                        \
        table                                                                                   \
  }

const Table kTables[] = {OMBUD_VERIFY_TABLE("ticket"), OMBUD_VERIFY_TABLE("message"),
                         OMBUD_VERIFY_TABLE("attachment"), OMBUD_VERIFY_TABLE("delegation"),
                         OMBUD_VERIFY_TABLE("attributes")};
#undef OMBUD_VERIFY_TABLE

constexpr Sql kWholeLog{
    "SELECT event_id, ticket_id, version, customer_id, at, type, data FROM event WHERE event_id > "
    "$1"
    " ORDER BY event_id LIMIT 1000 -- all tenants: audit"};
constexpr Sql kClearSearch{"INSERT INTO message_search (message_search) VALUES ('delete-all')"};

}  // namespace

std::vector<std::string> verify_projection(Tx& tx) {
  std::vector<std::string> differences;
  for (const Table& table : kTables) {
    tx.run(table.keep);
    tx.run(table.clear);
  }
  tx.run(kClearSearch);
  std::int64_t after = 0;
  for (bool more = true; more;) {
    more = false;
    std::vector<std::pair<Stamp, Event>> page;
    Rows rows = tx.query(kWholeLog, after);
    while (rows.next()) {
      more = true;
      after = rows.integer(0);
      const auto data = json::parse(rows.view(6));
      const auto event =
          data ? event_from(rows.view(5), data->root()) : Result<Event>(data.error());
      if (!event) {
        differences.push_back(fmt::format("event {}: {}", after, event.error().detail));
        continue;
      }
      page.emplace_back(
          Stamp{{after}, {rows.integer(1)}, rows.integer(2), rows.text(3), rows.instant(4)},
          *event);
    }
    for (const auto& [stamp, event] : page) project(tx, stamp, event);
  }
  for (const Table& table : kTables) {
    for (const auto& [sql, what] :
         {std::pair{&table.missing, "rows that the log says are missing or differ"},
          std::pair{&table.extra, "rows that the log does not explain"}}) {
      Rows rows = tx.query(*sql);
      if (rows.next() && rows.integer(0) > 0) {
        differences.push_back(fmt::format("table {}: {} {}", table.name, rows.integer(0), what));
      }
    }
  }
  for (const Table& table : kTables) tx.run(table.restore);
  return differences;
}

}  // namespace ombud
