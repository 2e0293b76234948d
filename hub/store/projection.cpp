#include "store/projection.hpp"

#include <fmt/format.h>

#include "base/assert.hpp"
#include "domain/principal.hpp"

namespace ombud {
namespace {

// The projector replays events that were scoped when they were appended; each names its own ticket.
constexpr Sql kInsertTicket{
    "INSERT INTO ticket (ticket_id, customer_id, requester_id, kind, status, priority, channel, "
    "subject,"
    " service_id, team_id, agent_id, language, version, created_at, updated_at, said_id, public_id,"
    " priority_rank)"
    " VALUES ($1, $2, $3, $4, 'new', $5, $6, $7, $8, $9, '', $10, $11, $12, $12, $13, $13, $14)"};
constexpr Sql kInsertMessage{
    "INSERT INTO message (message_id, ticket_id, customer_id, visibility, party, author, "
    "delegation_id,"
    " relays, at, text, person_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"};
constexpr Sql kBelongsTo{
    "UPDATE attachment SET message_id = $2, visibility = $3, delegation_id = $4"
    " WHERE attachment_id = $1 -- all tenants: projector"};
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
// Indexes hold the time of the last change: several events at once change it once. $4: the user
// sees it; $5: a message that is no internal one; $6: a message that the user sees.
#define OMBUD_TOUCH                                                     \
  "UPDATE ticket SET version = $2,"                                     \
  " public_version = CASE WHEN $4 = 1 THEN $2 ELSE public_version END," \
  " said_id = CASE WHEN $5 > 0 THEN $5 ELSE said_id END,"               \
  " public_id = CASE WHEN $6 > 0 THEN $6 ELSE public_id END"
constexpr Sql kTouchAgain{OMBUD_TOUCH
                          " WHERE ticket_id = $1 AND updated_at = $3 -- all tenants: projector"};
constexpr Sql kTouch{OMBUD_TOUCH
                     ", updated_at = $3 WHERE ticket_id = $1 -- all tenants: projector"};
constexpr Sql kAssign{
    "UPDATE ticket SET team_id = $2, agent_id = $3 WHERE ticket_id = $1 -- all tenants: projector"};
#define OMBUD_SET_STATUS                                                         \
  "UPDATE ticket SET status = $2, version = $4, public_version = $4,"            \
  " answered = CASE WHEN $2 IN ('resolved', 'closed') THEN 0 ELSE answered END," \
  " resolved_at = CASE WHEN $2 = 'resolved' THEN $3 WHEN $2 = 'closed' THEN "    \
  "coalesce(resolved_at, $3)"                                                    \
  " END, closed_at = CASE WHEN $2 = 'closed' THEN $3 END"
constexpr Sql kStatusAgain{OMBUD_SET_STATUS
                           " WHERE ticket_id = $1 AND updated_at = $3 -- all tenants: projector"};
constexpr Sql kStatus{OMBUD_SET_STATUS
                      ", updated_at = $3 WHERE ticket_id = $1 -- all tenants: projector"};
constexpr Sql kEdit{
    "UPDATE ticket SET subject = coalesce($2, subject), priority = coalesce($3, priority),"
    " kind = coalesce($4, kind), service_id = coalesce($5, service_id),"
    " priority_rank = coalesce($6, priority_rank), requester_id = coalesce($7, requester_id)"
    " WHERE ticket_id = $1 -- all tenants: projector"};
constexpr Sql kPriority{
    "UPDATE ticket SET priority = $2, priority_rank = $3 WHERE ticket_id = $1 -- all tenants: "
    "projector"};
constexpr Sql kAnswered{
    "UPDATE ticket SET answered = $2 WHERE ticket_id = $1 -- all tenants: projector"};
constexpr Sql kRate{
    "UPDATE ticket SET rating = $2, rating_text = $3, rated_at = $4 WHERE ticket_id = $1"
    " -- all tenants: projector"};
constexpr Sql kMerge{
    "UPDATE ticket SET merged_into = $2 WHERE ticket_id = $1 -- all tenants: projector"};

// What a ticket counts as in the views.
constexpr Sql kSort{
    "SELECT customer_id, status, team_id, agent_id, kind, service_id, answered FROM ticket"
    " WHERE ticket_id = $1 -- all tenants: projector"};
#define OMBUD_TALLY_KEY                                                        \
  " WHERE customer_id = $1 AND status = $2 AND team_id = $3 AND agent_id = $4" \
  " AND kind = $5 AND service_id = $6 AND answered = $7"
constexpr Sql kTallyMore{"UPDATE ticket_tally SET n = n + 1" OMBUD_TALLY_KEY
                         " -- all tenants: projector"};
constexpr Sql kTallyFirst{
    "INSERT INTO ticket_tally (customer_id, status, team_id, agent_id, kind, service_id, answered, "
    "n) VALUES ($1, $2, $3, $4, $5, $6, $7, 1) -- all tenants: projector"};
constexpr Sql kTallyLess{"UPDATE ticket_tally SET n = n - 1" OMBUD_TALLY_KEY
                         " AND n > 1 -- all tenants: projector"};
constexpr Sql kTallyLast{"DELETE FROM ticket_tally" OMBUD_TALLY_KEY " -- all tenants: projector"};

constexpr Sql kAddParticipant{
    "INSERT INTO participant (ticket_id, person_id, customer_id, since) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (ticket_id, person_id) DO NOTHING -- all tenants: projector"};
constexpr Sql kRemoveParticipant{
    "DELETE FROM participant WHERE ticket_id = $1 AND person_id = $2 -- all tenants: projector"};
constexpr Sql kRelate{
    "INSERT INTO relation (ticket_id, other_id, customer_id, kind) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (ticket_id, other_id) DO UPDATE SET kind = $4 -- all tenants: projector"};
constexpr Sql kUnrelate{
    "DELETE FROM relation WHERE ticket_id = $1 AND other_id = $2 -- all tenants: projector"};

constexpr Sql kPutAttributes{
    "INSERT INTO attributes (ticket_id, delegation_id, customer_id, client, external_id, data)"
    " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (ticket_id, delegation_id)"
    " DO UPDATE SET client = $4, external_id = $5, data = $6 -- all tenants: projector"};

// Its writer is the agent who registered it, by the first event. With the same end it is the same
// waiting, of which one more hears.
constexpr Sql kAskApproval{
    "INSERT INTO approval (ticket_id, customer_id, state, requested_at, remind_at, due_at,"
    " hand_over, writer) SELECT $1, $2, 'needed', $3, $4, $5, $6,"
    " CASE WHEN actor GLOB 'agent:*' OR actor GLOB 'operator:*' OR actor GLOB 'admin:*'"
    " THEN substr(actor, instr(actor, ':') + 1) ELSE '' END"
    " FROM event WHERE ticket_id = $1 AND version = 1"
    " ON CONFLICT (ticket_id) DO UPDATE SET state = 'needed', remind_at = $4, due_at = $5,"
    " requested_at = CASE WHEN state = 'needed' AND due_at = $5 THEN requested_at ELSE $3 END,"
    " reminded_at = CASE WHEN state = 'needed' AND due_at = $5 THEN reminded_at END,"
    " hand_over = $6, decided_by = 0, decided_at = NULL,"
    " comment = '', decided_for = 0 -- all tenants: projector"};
constexpr Sql kAskedOf{
    "INSERT INTO approval_asked (ticket_id, person_id, customer_id) VALUES ($1, $2, $3)"
    " ON CONFLICT (ticket_id, person_id) DO NOTHING -- all tenants: projector"};
constexpr Sql kRemindApproval{
    "UPDATE approval SET reminded_at = $2 WHERE ticket_id = $1 -- all tenants: projector"};
constexpr Sql kEndApproval{
    "UPDATE approval SET state = $2, decided_by = $3, decided_at = $4, comment = $5,"
    " decided_for = $6"
    " WHERE ticket_id = $1 -- all tenants: projector"};
constexpr Sql kKeepDecision{
    "INSERT INTO approval_decision (event_id, ticket_id, customer_id, person_id)"
    " VALUES ($1, $2, $3, $4) -- all tenants: projector"};
constexpr Sql kSetApproval{
    "UPDATE ticket SET approval = $2 WHERE ticket_id = $1 -- all tenants: projector"};

// For statistics.
constexpr Sql kFirstResponse{
    "INSERT INTO ticket_response (ticket_id, at) VALUES ($1, $2)"
    " ON CONFLICT (ticket_id) DO NOTHING -- all tenants: projector"};
constexpr Sql kGap{
    "INSERT INTO ticket_gap (event_id, ticket_id, resolved_at, reopened_at)"
    " SELECT $1, ticket_id, resolved_at, $3 FROM ticket WHERE ticket_id = $2"
    " AND resolved_at IS NOT NULL -- all tenants: projector"};

std::string joined(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, " "));
}

struct Sort {
  std::string customer, status, team, agent, kind, service;
  bool answered = false;
  bool operator==(const Sort&) const = default;
};

struct Projector {
  Tx& tx;
  const Stamp& stamp;

  void operator()(const event::Registered& e) {
    tx.run(kInsertTicket, stamp.ticket, e.customer, e.requester, to_text(e.kind),
           to_text(e.priority), to_text(e.channel), e.subject, e.service, e.team, e.language,
           stamp.version, stamp.at, stamp.id, static_cast<int>(e.priority));
    enter({e.customer, std::string(to_text(TicketStatus::fresh)), e.team, "",
           std::string(to_text(e.kind)), e.service, false});
    const bool known = e.requester.value != 0;
    tx.run(kInsertMessage, stamp.id, stamp.ticket, e.customer, to_text(Visibility::user),
           to_text(known || e.channel == Channel::mail ? Party::user : Party::desk), e.author,
           std::nullopt, std::nullopt, stamp.at, e.text,
           e.writer.value != 0 ? e.writer : e.requester);
    tx.run(kInsertSearch, stamp.id, e.subject, e.text);
  }
  void operator()(const event::MessageAdded& e) {
    tx.run(kInsertMessage, stamp.id, stamp.ticket, stamp.customer, to_text(e.visibility),
           to_text(e.from), e.author, or_null(e.delegation), or_null(e.relays),
           e.said_at.value_or(stamp.at), e.text, writer_of(e));
    for (const AttachmentId file : e.files) {
      tx.run(kBelongsTo, file, stamp.id, to_text(e.visibility), or_null(e.delegation));
    }
    tx.run(kInsertSearch, stamp.id, "", e.text);
    const bool seen = e.visibility == Visibility::user;
    const MessageId message{stamp.id.value};
    touch(seen, e.visibility == Visibility::internal ? MessageId{} : message,
          seen ? message : MessageId{});
    if (seen && e.from == Party::desk) tx.run(kFirstResponse, stamp.ticket, stamp.at);
    // A supplier's word waits for the desk until that says something to either side.
    if (e.from == Party::supplier && e.visibility == Visibility::supplier) set_answered(true);
    if (e.from == Party::desk && e.visibility != Visibility::internal) set_answered(false);
  }
  void operator()(const event::AttachmentAdded& e) {
    tx.run(kInsertAttachment, stamp.id, stamp.ticket, stamp.customer, or_null(e.message),
           or_null(e.delegation), to_text(e.visibility), to_text(e.from), e.name, e.media_type,
           e.bytes, e.sha256, stamp.at);
    touch(e.visibility == Visibility::user);
  }
  void operator()(const event::Assigned& e) {
    const Sort before = sort();
    tx.run(kAssign, stamp.ticket, e.team, e.agent);
    touch();
    moved(before);
  }
  void operator()(const event::Escalated& e) {
    const Sort before = sort();
    tx.run(kAssign, stamp.ticket, e.team, e.agent);
    if (e.priority) {
      tx.run(kPriority, stamp.ticket, to_text(*e.priority), static_cast<int>(*e.priority));
    }
    touch();
    moved(before);
  }
  void operator()(const event::StatusChanged& e) {
    const Sort before = sort();
    const bool opens = e.status != TicketStatus::resolved && e.status != TicketStatus::closed;
    if (opens) tx.run(kGap, stamp.id, stamp.ticket, stamp.at);
    for (const Sql* sql : {&kStatusAgain, &kStatus}) {
      if (tx.run(*sql, stamp.ticket, to_text(e.status), stamp.at, stamp.version) > 0) break;
    }
    moved(before);
  }
  void operator()(const event::Edited& e) {
    const auto priority = e.priority ? std::optional(to_text(*e.priority)) : std::nullopt;
    const auto rank = e.priority ? std::optional(static_cast<int>(*e.priority)) : std::nullopt;
    const auto kind = e.kind ? std::optional(to_text(*e.kind)) : std::nullopt;
    const Sort before = sort();
    const auto requester = e.requester ? std::optional(e.requester->value) : std::nullopt;
    tx.run(kEdit, stamp.ticket, e.subject, priority, kind, e.service, rank, requester);
    if (e.subject) tx.run(kInsertSearch, stamp.id, *e.subject, "");
    touch(true);
    moved(before);
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
    switch (e.state) {
      case DelegationState::waiting_on_us:
      case DelegationState::resolved:
        return set_answered(true);
      case DelegationState::accepted:
      case DelegationState::rejected:
      case DelegationState::closed:
      case DelegationState::withdrawn:
        return set_answered(false);
      case DelegationState::draft:
      case DelegationState::sent:
      case DelegationState::acknowledged:
      case DelegationState::in_progress:
        return;
    }
  }
  void operator()(const event::Attributed& e) {
    tx.run(kPutAttributes, stamp.ticket, e.delegation, stamp.customer, e.client, e.external_id,
           e.attributes);
    touch();
  }
  void operator()(const event::ParticipantAdded& e) {
    tx.run(kAddParticipant, stamp.ticket, e.person, stamp.customer, stamp.at);
    touch();
  }
  void operator()(const event::ParticipantRemoved& e) {
    tx.run(kRemoveParticipant, stamp.ticket, e.person);
    touch();
  }
  void operator()(const event::Rated& e) {
    tx.run(kRate, stamp.ticket, e.score, e.text, stamp.at);
    touch();
  }
  void operator()(const event::Merged& e) {
    tx.run(kMerge, stamp.ticket, e.into);
    tx.run(kRelate, stamp.ticket, e.into, stamp.customer, to_text(RelationKind::duplicate_of));
    touch();
  }
  void operator()(const event::SplitOff&) { touch(); }
  void operator()(const event::Related& e) {
    tx.run(kRelate, stamp.ticket, e.other, stamp.customer, to_text(e.kind));
    touch();
  }
  void operator()(const event::Unrelated& e) {
    tx.run(kUnrelate, stamp.ticket, e.other);
    touch();
  }
  void operator()(const event::MailBounced&) { touch(); }
  void operator()(const event::ApprovalRequested& e) {
    if (e.occasion == ApprovalOccasion::reminder) {
      tx.run(kRemindApproval, stamp.ticket, stamp.at);
    } else {
      tx.run(kAskApproval, stamp.ticket, stamp.customer, stamp.at, e.remind_at, e.due, e.hand_over);
      set_approval(ApprovalState::needed);
    }
    for (const PersonId person : e.asked) {
      tx.run(kAskedOf, stamp.ticket, person, stamp.customer);
    }
    touch(true);
  }
  void operator()(const event::ApprovalDecided& e) {
    tx.run(kKeepDecision, stamp.id, stamp.ticket, stamp.customer, e.person);
    end_approval(e.approved ? ApprovalState::approved : ApprovalState::rejected, e);
  }
  void operator()(const event::ApprovalWaived& e) {
    event::ApprovalDecided waived;
    waived.comment = e.reason;
    end_approval(ApprovalState::not_needed, waived);
  }

  void set_approval(ApprovalState state) { tx.run(kSetApproval, stamp.ticket, to_text(state)); }
  void end_approval(ApprovalState state, const event::ApprovalDecided& by) {
    tx.run(kEndApproval, stamp.ticket, to_text(state), by.person, stamp.at, by.comment,
           by.instead_of);
    set_approval(state);
    touch(true);
  }
  PersonId writer_of(const event::MessageAdded& e) const {
    if (e.writer.value != 0 || e.from != Party::user) return e.writer;
    return person_of_actor(stamp.actor);
  }

  void touch(bool seen_by_user = false, MessageId said = {}, MessageId public_said = {}) {
    for (const Sql* sql : {&kTouchAgain, &kTouch}) {
      if (tx.run(*sql, stamp.ticket, stamp.version, stamp.at, seen_by_user, said, public_said) >
          0) {
        return;
      }
    }
  }

  Sort sort() {
    Rows row = tx.query(kSort, stamp.ticket);
    OMBUD_ASSERT(row.next());
    return {row.text(0), row.text(1), row.text(2),        row.text(3),
            row.text(4), row.text(5), row.integer(6) != 0};
  }
  void set_answered(bool answered) {
    const Sort before = sort();
    if (before.answered == answered) return;
    tx.run(kAnswered, stamp.ticket, answered);
    moved(before);
  }
  void moved(const Sort& before) {
    const Sort after = sort();
    if (after == before) return;
    leave(before);
    enter(after);
  }
  // Closed tickets are not counted: there are ever more of them, and nobody waits for one.
  static bool counts(const Sort& s) { return s.status != to_text(TicketStatus::closed); }
  void enter(const Sort& s) {
    if (!counts(s)) return;
    for (const Sql* sql : {&kTallyMore, &kTallyFirst}) {
      if (tx.run(*sql, s.customer, s.status, s.team, s.agent, s.kind, s.service, s.answered) > 0) {
        return;
      }
    }
  }
  void leave(const Sort& s) {
    if (!counts(s)) return;
    for (const Sql* sql : {&kTallyLess, &kTallyLast}) {
      if (tx.run(*sql, s.customer, s.status, s.team, s.agent, s.kind, s.service, s.answered) > 0) {
        return;
      }
    }
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

const Table kTables[] = {
    OMBUD_VERIFY_TABLE("ticket"),          OMBUD_VERIFY_TABLE("message"),
    OMBUD_VERIFY_TABLE("attachment"),      OMBUD_VERIFY_TABLE("delegation"),
    OMBUD_VERIFY_TABLE("attributes"),      OMBUD_VERIFY_TABLE("participant"),
    OMBUD_VERIFY_TABLE("relation"),        OMBUD_VERIFY_TABLE("ticket_tally"),
    OMBUD_VERIFY_TABLE("ticket_response"), OMBUD_VERIFY_TABLE("ticket_gap"),
    OMBUD_VERIFY_TABLE("approval"),        OMBUD_VERIFY_TABLE("approval_decision"),
    OMBUD_VERIFY_TABLE("approval_asked")};
#undef OMBUD_VERIFY_TABLE

constexpr Sql kWholeLog{
    "SELECT event_id, ticket_id, version, customer_id, at, type, data, actor FROM event"
    " WHERE event_id > $1"
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
      page.emplace_back(Stamp{{after},
                              {rows.integer(1)},
                              rows.integer(2),
                              rows.text(3),
                              rows.instant(4),
                              rows.text(7)},
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
