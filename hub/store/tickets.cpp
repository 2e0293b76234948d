#include "store/tickets.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.hpp"
#include "store/projection.hpp"

namespace ombud {
namespace {

constexpr Sql kNextTicket{
    "SELECT coalesce(max(ticket_id), 0) + 1 FROM ticket -- all tenants: numbers are shared"};
constexpr Sql kVersion{
    "SELECT version, customer_id FROM ticket WHERE ticket_id = $1"
    " AND ($tenant IS NULL OR customer_id = $tenant)"};
constexpr Sql kInsertEvent{
    "INSERT INTO event (ticket_id, version, customer_id, at, actor, type, data)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7) -- all tenants: insert"};

#define OMBUD_TICKET_COLUMNS                                                                 \
  "t.ticket_id, t.customer_id, t.requester_id, t.kind, t.status, t.priority, t.channel, "    \
  "t.subject,"                                                                               \
  " t.service_id, t.team_id, t.agent_id, t.language, t.version, t.created_at, t.updated_at," \
  " t.resolved_at, t.closed_at"
#define OMBUD_TICKET_FILTER                                                    \
  " AND ($tenant IS NULL OR t.customer_id = $tenant)"                          \
  " AND ($1 IS NULL OR t.status = $1)"                                         \
  " AND ($2 = 0 OR t.status NOT IN ('resolved', 'closed'))"                    \
  " AND ($3 IS NULL OR t.customer_id = $3) AND ($4 IS NULL OR t.team_id = $4)" \
  " AND ($5 IS NULL OR t.agent_id = $5) AND ($6 IS NULL OR t.service_id = $6)" \
  " AND ($7 IS NULL OR t.kind = $7) AND ($8 = 0 OR t.requester_id = $8)"
#define OMBUD_TICKET_ORDER                       \
  " AND (t.updated_at, t.ticket_id) < ($9, $10)" \
  " ORDER BY t.updated_at DESC, t.ticket_id DESC LIMIT $11"

// One text per index that leads: the database must walk the narrowest one.
constexpr Sql kFind{
    "SELECT " OMBUD_TICKET_COLUMNS
    " FROM ticket t WHERE t.ticket_id = $1 AND ($tenant IS NULL OR t.customer_id = $tenant)"};
constexpr Sql kListAll{
    "SELECT " OMBUD_TICKET_COLUMNS
    " FROM ticket t INDEXED BY ticket_updated WHERE 1" OMBUD_TICKET_FILTER OMBUD_TICKET_ORDER};
constexpr Sql kListStatus{
    "SELECT " OMBUD_TICKET_COLUMNS
    " FROM ticket t INDEXED BY ticket_status WHERE t.status = $1" OMBUD_TICKET_FILTER
        OMBUD_TICKET_ORDER};
constexpr Sql kListCustomer{"SELECT " OMBUD_TICKET_COLUMNS
                            " FROM ticket t INDEXED BY ticket_customer WHERE t.customer_id = "
                            "coalesce($tenant, $3)" OMBUD_TICKET_FILTER OMBUD_TICKET_ORDER};
constexpr Sql kListRequester{
    "SELECT " OMBUD_TICKET_COLUMNS
    " FROM ticket t INDEXED BY ticket_requester WHERE t.requester_id = $8" OMBUD_TICKET_FILTER
        OMBUD_TICKET_ORDER};
constexpr Sql kSearch{
    "SELECT s.rowid, " OMBUD_TICKET_COLUMNS
    ", CASE WHEN $13 THEN json_extract(e.data, '$.subject') END"
    ", CASE WHEN $13 THEN json_extract(e.data, '$.text') END"
    " FROM message_search s JOIN event e ON e.event_id = s.rowid JOIN ticket t ON t.ticket_id = "
    "e.ticket_id"
    " LEFT JOIN message m ON m.message_id = s.rowid"  // none: a changed subject
    " WHERE message_search MATCH $9 AND s.rowid < $10"
    " AND ($11 = 1 OR coalesce(m.visibility, 'user') = 'user')" OMBUD_TICKET_FILTER
    " ORDER BY s.rowid DESC LIMIT $12"};

constexpr Sql kMessages{
    "SELECT message_id, ticket_id, visibility, party, author, delegation_id, relays, at, text FROM "
    "message"
    " WHERE ticket_id = $1 AND ($tenant IS NULL OR customer_id = $tenant) ORDER BY message_id"};
constexpr Sql kMessage{
    "SELECT message_id, ticket_id, visibility, party, author, delegation_id, relays, at, text FROM "
    "message"
    " WHERE message_id = $1 AND ($tenant IS NULL OR customer_id = $tenant)"};
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

// What was written by an enum is read back as that enum; anything else is our bug.
template <class Enum>
Enum word(std::string_view text) {
  const auto known = from_text<Enum>(text);
  OMBUD_ASSERT(known.has_value());
  return *known;
}

Ticket ticket_from(const Rows& row, int c = 0) {
  Ticket t;
  t.id = {row.integer(c)};
  t.customer = row.text(c + 1);
  t.requester = {row.integer(c + 2)};
  t.kind = word<TicketKind>(row.view(c + 3));
  t.status = word<TicketStatus>(row.view(c + 4));
  t.priority = word<Priority>(row.view(c + 5));
  t.channel = word<Channel>(row.view(c + 6));
  t.subject = row.text(c + 7);
  t.service = row.text(c + 8);
  t.team = row.text(c + 9);
  t.agent = row.text(c + 10);
  t.language = row.text(c + 11);
  t.version = row.integer(c + 12);
  t.created_at = row.instant(c + 13);
  t.updated_at = row.instant(c + 14);
  t.resolved_at = row.maybe_instant(c + 15);
  t.closed_at = row.maybe_instant(c + 16);
  return t;
}

Message message_from(const Rows& row) {
  return {{row.integer(0)},         {row.integer(1)}, word<Visibility>(row.view(2)),
          word<Party>(row.view(3)), row.text(4),      {row.integer(5)},
          {row.integer(6)},         row.instant(7),   row.text(8)};
}

Attachment attachment_from(const Rows& row) {
  return {{row.integer(0)},
          {row.integer(1)},
          {row.integer(2)},
          {row.integer(3)},
          word<Visibility>(row.view(4)),
          word<Party>(row.view(5)),
          row.text(6),
          row.text(7),
          row.integer(8),
          row.text(9),
          row.instant(10)};
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) words.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

Delegation delegation_from(const Rows& row) {
  Delegation d;
  d.id = {row.integer(0)};
  d.ticket = {row.integer(1)};
  d.customer = row.text(2);
  d.agreement = {row.integer(3)};
  d.link = row.text(4);
  d.supplier = row.text(5);
  d.state = word<DelegationState>(row.view(6));
  d.brief = row.text(7);
  d.shared = words_of(row.view(8));
  d.withheld = words_of(row.view(9));
  d.external_id = row.text(10);
  d.external_url = row.text(11);
  d.external_status = row.text(12);
  d.reason = row.text(13);
  d.due_at = row.maybe_instant(14);
  d.created_at = row.instant(15);
  d.updated_at = row.instant(16);
  return d;
}

// What a user looks for. The index knows which words are in a text, but not where.
struct Wanted {
  // Several words that the user wrote as one, such as "10.0.0.7": they must stand together.
  struct Phrase {
    std::vector<std::string> words;
    bool open = false;  // the last is only a beginning
  };
  std::string expression;  // for FTS5: every word quoted, so that nothing in it is an operator
  std::vector<Phrase> phrases;
};

Wanted wanted_by(Tx& tx, std::string_view text) {
  Wanted wanted;
  for (const std::string& written : words_of(text)) {
    Wanted::Phrase phrase{tx.words_of(written), written.size() > 1 && written.back() == '*'};
    for (std::size_t i = 0; i < phrase.words.size(); ++i) {
      const bool open = phrase.open && i + 1 == phrase.words.size();
      wanted.expression += fmt::format("{}\"{}\"{}", wanted.expression.empty() ? "" : " ",
                                       phrase.words[i], open ? "*" : "");
    }
    if (phrase.words.size() > 1) wanted.phrases.push_back(std::move(phrase));
  }
  return wanted;
}

bool stands_in(const Wanted::Phrase& phrase, const std::vector<std::string>& text) {
  const auto same = [&](const std::string& there, const std::string& word) {
    return phrase.open && &word == &phrase.words.back() ? there.starts_with(word) : there == word;
  };
  return std::search(text.begin(), text.end(), phrase.words.begin(), phrase.words.end(), same) !=
         text.end();
}

bool all_stand_in(Tx& tx, const std::vector<Wanted::Phrase>& phrases, std::string_view subject,
                  std::string_view text) {
  if (phrases.empty()) return true;
  const auto subject_words = tx.words_of(subject), text_words = tx.words_of(text);
  return std::all_of(phrases.begin(), phrases.end(), [&](const Wanted::Phrase& phrase) {
    return stands_in(phrase, subject_words) || stands_in(phrase, text_words);
  });
}

}  // namespace

Appended append(Tx& tx, TicketId ticket, const Event& event) {
  Stamp stamp;
  stamp.at = tx.at();
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
  }
  stamp.ticket = ticket;
  stamp.id = {tx.insert(kInsertEvent, ticket, stamp.version, stamp.customer, stamp.at,
                        tx.principal().actor(), type_of(event), data_of(event))};
  project(tx, stamp, event);
  tx.poke_ticket(ticket);
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
  std::vector<LoggedEvent> all;
  Rows rows = tx.query(kEvents, ticket, after_version, limit);
  while (rows.next()) {
    all.push_back({{rows.integer(0)},
                   {rows.integer(1)},
                   rows.integer(2),
                   rows.instant(3),
                   rows.text(4),
                   rows.text(5),
                   rows.text(6)});
  }
  return all;
}

std::vector<Ticket> list_tickets(Tx& tx, const TicketFilter& f, std::optional<TicketKey> before,
                                 int limit) {
  const TicketKey from = before.value_or(TicketKey{INT64_MAX, {INT64_MAX}});
  const Sql& sql = f.requester.value != 0                         ? kListRequester
                   : tx.principal().tenant || !f.customer.empty() ? kListCustomer
                   : f.status                                     ? kListStatus
                                                                  : kListAll;
  std::vector<Ticket> all;
  Rows rows = tx.query(sql, f.status ? Param(to_text(*f.status)) : Param(std::nullopt), f.open_only,
                       or_null(f.customer), or_null(f.team), or_null(f.agent), or_null(f.service),
                       f.kind ? Param(to_text(*f.kind)) : Param(std::nullopt), f.requester,
                       from.updated_at, from.id, limit);
  while (rows.next()) all.push_back(ticket_from(rows));
  return all;
}

SearchPage search_tickets(Tx& tx, std::string_view words, const TicketFilter& f, bool internal_too,
                          std::optional<std::int64_t> before, int limit) {
  SearchPage page;
  const Wanted wanted = wanted_by(tx, words);
  if (wanted.expression.empty()) return page;
  std::int64_t from = before.value_or(INT64_MAX);
  // A ticket with many matching messages must not fill the page: go on until it is full.
  for (bool more = true; more && page.tickets.size() < static_cast<std::size_t>(limit);) {
    const int room = limit * 2;
    int seen = 0;
    Rows rows =
        tx.query(kSearch, f.status ? Param(to_text(*f.status)) : Param(std::nullopt), f.open_only,
                 or_null(f.customer), or_null(f.team), or_null(f.agent), or_null(f.service),
                 f.kind ? Param(to_text(*f.kind)) : Param(std::nullopt), f.requester,
                 wanted.expression, from, internal_too, room, !wanted.phrases.empty());
    while (page.tickets.size() < static_cast<std::size_t>(limit) && rows.next()) {
      ++seen;
      from = rows.integer(0);
      if (!all_stand_in(tx, wanted.phrases, rows.view(18), rows.view(19))) continue;
      Ticket ticket = ticket_from(rows, 1);
      const bool listed = std::any_of(page.tickets.begin(), page.tickets.end(),
                                      [&](const Ticket& other) { return other.id == ticket.id; });
      if (!listed) page.tickets.push_back(std::move(ticket));
    }
    more = seen == room || page.tickets.size() == static_cast<std::size_t>(limit);
    if (more) page.next = from;
    if (!more) page.next.reset();
  }
  return page;
}

}  // namespace ombud
