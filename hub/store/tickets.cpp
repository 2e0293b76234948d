#include "store/tickets.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "store/event_rows.hpp"
#include "store/projection.hpp"
#include "store/spaced.hpp"
#include "store/ticket_rows.hpp"

namespace ombud {
namespace {

constexpr Sql kNextTicket{
    "SELECT coalesce(max(ticket_id), 0) + 1 FROM ticket -- all tenants: numbers are shared"};
constexpr Sql kVersion{
    "SELECT version, customer_id, public_version FROM ticket WHERE ticket_id = $1"
    " AND ($tenant IS NULL OR customer_id = $tenant)"};
constexpr Sql kReadOwn{"INSERT INTO read_mark (reader, ticket_id, version) VALUES ($1, $2, $3)"};
constexpr Sql kReadOn{
    "UPDATE read_mark SET version = $3 WHERE reader = $1 AND ticket_id = $2 AND version >= $4"};
constexpr Sql kInsertEvent{
    "INSERT INTO event (ticket_id, version, customer_id, at, actor, type, data)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7) -- all tenants: insert"};

constexpr Sql kFind{
    "SELECT " OMBUD_TICKET_COLUMNS
    " FROM ticket t WHERE t.ticket_id = $1 AND ($tenant IS NULL OR t.customer_id = $tenant)"};
#define OMBUD_MESSAGE_COLUMNS                                                         \
  "message_id, ticket_id, visibility, party, author, delegation_id, relays, at, text" \
  ", person_id"
constexpr Sql kMessages{"SELECT " OMBUD_MESSAGE_COLUMNS
                        " FROM message WHERE ticket_id = $1 AND ($tenant IS NULL OR customer_id = "
                        "$tenant) ORDER BY message_id"};
constexpr Sql kMessage{
    "SELECT " OMBUD_MESSAGE_COLUMNS
    " FROM message WHERE message_id = $1 AND ($tenant IS NULL OR customer_id = $tenant)"};
#define OMBUD_ATTACHMENT_COLUMNS                                                               \
  "attachment_id, ticket_id, message_id, delegation_id, visibility, party, name, media_type, " \
  "bytes,"                                                                                     \
  " sha256, at"
constexpr Sql kAttachments{
    "SELECT " OMBUD_ATTACHMENT_COLUMNS
    " FROM attachment WHERE ticket_id = $1"
    " AND ($tenant IS NULL OR customer_id = $tenant) ORDER BY attachment_id"};
constexpr Sql kAttachment{"SELECT " OMBUD_ATTACHMENT_COLUMNS
                          " FROM attachment WHERE attachment_id = $1"
                          " AND ($tenant IS NULL OR customer_id = $tenant)"};
#define OMBUD_DELEGATION_COLUMNS                                                                  \
  "delegation_id, ticket_id, customer_id, agreement_id, link_id, supplier, state, brief, shared," \
  " withheld, external_id, external_url, external_status, reason, due_at, created_at, updated_at"
constexpr Sql kDelegations{
    "SELECT " OMBUD_DELEGATION_COLUMNS
    " FROM delegation WHERE ticket_id = $1"
    " AND ($tenant IS NULL OR customer_id = $tenant) ORDER BY delegation_id"};
constexpr Sql kDelegation{"SELECT " OMBUD_DELEGATION_COLUMNS
                          " FROM delegation WHERE delegation_id = $1"
                          " AND ($tenant IS NULL OR customer_id = $tenant)"};
constexpr Sql kEvents{
    "SELECT event_id, ticket_id, version, at, actor, type, data FROM event WHERE ticket_id = $1"
    " AND version > $2 AND ($tenant IS NULL OR customer_id = $tenant) ORDER BY version LIMIT $3"};
constexpr Sql kActor{
    "SELECT actor FROM event WHERE event_id = $1"
    " AND ($tenant IS NULL OR customer_id = $tenant)"};

Message message_from(const Rows& row) {
  return {{row.integer(0)},
          {row.integer(1)},
          word_from<Visibility>(row.view(2)),
          word_from<Party>(row.view(3)),
          row.text(4),
          {row.integer(5)},
          {row.integer(6)},
          row.instant(7),
          row.text(8),
          {row.integer(9)}};
}

Attachment attachment_from(const Rows& row) {
  return {{row.integer(0)},
          {row.integer(1)},
          {row.integer(2)},
          {row.integer(3)},
          word_from<Visibility>(row.view(4)),
          word_from<Party>(row.view(5)),
          row.text(6),
          row.text(7),
          row.integer(8),
          row.text(9),
          row.instant(10)};
}

Delegation delegation_from(const Rows& row) {
  Delegation d;
  d.id = {row.integer(0)};
  d.ticket = {row.integer(1)};
  d.customer = row.text(2);
  d.agreement = {row.integer(3)};
  d.link = row.text(4);
  d.supplier = row.text(5);
  d.state = word_from<DelegationState>(row.view(6));
  d.brief = row.text(7);
  d.shared = parts_of(row.view(8));
  d.withheld = parts_of(row.view(9));
  d.external_id = row.text(10);
  d.external_url = row.text(11);
  d.external_status = row.text(12);
  d.reason = row.text(13);
  d.due_at = row.maybe_instant(14);
  d.created_at = row.instant(15);
  d.updated_at = row.instant(16);
  return d;
}

// Nothing is new to somebody because he did it himself: who had read the ticket up to here, by what
// he sees of it, has read on. What others did before and he has not read stays unread.
void read_on(Tx& tx, const Stamp& stamp, std::int64_t seen_version) {
  if (tx.principal().is_system() || tx.principal().is_supplier()) return;  // nobody reads there
  if (stamp.version == 1) {
    tx.run(kReadOwn, stamp.actor, stamp.ticket, stamp.version);
  } else {
    tx.run(kReadOn, stamp.actor, stamp.ticket, stamp.version, seen_version);
  }
}

}  // namespace

Appended append(Tx& tx, TicketId ticket, const Event& event) {
  Stamp stamp;
  std::int64_t seen_version = 0;  // the last before this that changed what he sees
  stamp.at = tx.at();
  stamp.actor = tx.principal().actor();
  if (const auto* registered = std::get_if<event::Registered>(&event)) {
    OMBUD_ASSERT(!tx.principal().tenant || *tx.principal().tenant == registered->customer);
    if (ticket.value == 0) {
      Rows next = tx.query(kNextTicket);
      OMBUD_ASSERT(next.next());
      ticket = {next.integer(0)};
    }
    stamp.version = 1;
    stamp.customer = registered->customer;
  } else {
    Rows row = tx.query(kVersion, ticket);
    OMBUD_ASSERT(row.next());
    stamp.version = row.integer(0) + 1;
    stamp.customer = row.text(1);
    seen_version = row.integer(tx.principal().inside() ? 0 : 2);
  }
  stamp.ticket = ticket;
  stamp.id = {tx.insert(kInsertEvent, ticket, stamp.version, stamp.customer, stamp.at, stamp.actor,
                        type_of(event), data_of(event))};
  project(tx, stamp, event);
  read_on(tx, stamp, seen_version);
  tx.poke_ticket(ticket);
  tx.note_event(stamp.id);
  return {ticket, stamp.id};
}

std::optional<Ticket> find_ticket(Tx& tx, TicketId ticket) {
  Rows rows = tx.query(kFind, ticket);
  return rows.next() ? std::optional(ticket_from(rows)) : std::nullopt;
}

std::vector<Message> messages_of(Tx& tx, TicketId ticket) {
  std::vector<Message> all;
  Rows rows = tx.query(kMessages, ticket);
  while (rows.next()) all.push_back(message_from(rows));
  return all;
}

std::optional<Message> find_message(Tx& tx, MessageId message) {
  Rows rows = tx.query(kMessage, message);
  return rows.next() ? std::optional(message_from(rows)) : std::nullopt;
}

std::vector<Attachment> attachments_of(Tx& tx, TicketId ticket) {
  std::vector<Attachment> all;
  Rows rows = tx.query(kAttachments, ticket);
  while (rows.next()) all.push_back(attachment_from(rows));
  return all;
}

std::optional<Attachment> find_attachment(Tx& tx, AttachmentId attachment) {
  Rows rows = tx.query(kAttachment, attachment);
  return rows.next() ? std::optional(attachment_from(rows)) : std::nullopt;
}

std::vector<Delegation> delegations_of(Tx& tx, TicketId ticket) {
  std::vector<Delegation> all;
  Rows rows = tx.query(kDelegations, ticket);
  while (rows.next()) all.push_back(delegation_from(rows));
  return all;
}

std::optional<Delegation> find_delegation(Tx& tx, DelegationId delegation) {
  Rows rows = tx.query(kDelegation, delegation);
  return rows.next() ? std::optional(delegation_from(rows)) : std::nullopt;
}

std::vector<LoggedEvent> events_of(Tx& tx, TicketId ticket, std::int64_t after_version, int limit) {
  return events_from(tx.query(kEvents, ticket, after_version, limit));
}

std::string actor_of(Tx& tx, EventId event) {
  Rows rows = tx.query(kActor, event);
  return rows.next() ? rows.text(0) : std::string();
}

}  // namespace ombud
