// Lists, searches and counts of tickets.
#include <fmt/format.h>

#include <algorithm>

#include "base/assert.hpp"
#include "store/spaced.hpp"
#include "store/ticket_rows.hpp"
#include "store/tickets.hpp"

namespace ombud {
namespace {

// An open order that waits for a yes; and one that waits for this person's: not his own, now or
// when it was registered, nor one that he, as the agent $21, registered for somebody. Whether he is
// an approver is the caller's to know; one who only stands in for some ($22) has what one of those
// might decide.
#define OMBUD_WAITING "(t.approval = 'needed' AND t.status <> 'resolved' AND t.status <> 'closed')"
#define OMBUD_APPROVAL_WAITS(person)                                                             \
  "(" OMBUD_WAITING " AND t.requester_id <> " person                                             \
  " AND NOT EXISTS (SELECT 1 FROM event eo WHERE eo.ticket_id = t.ticket_id AND eo.version = 1"  \
  " AND json_extract(eo.data, '$.requester') = " person                                          \
  ")"                                                                                            \
  " AND NOT EXISTS (SELECT 1 FROM approval ap"                                                   \
  " WHERE ap.ticket_id = t.ticket_id AND ap.writer <> '' AND ap.writer = $21)"                   \
  " AND ($22 IS NULL OR EXISTS (SELECT 1 FROM approval_deputy dx WHERE dx.deputy_id = " person   \
  " AND instr($22, ' ' || dx.person_id || ' ') > 0 AND dx.person_id <> t.requester_id"           \
  " AND NOT EXISTS (SELECT 1 FROM event ed WHERE ed.ticket_id = t.ticket_id AND ed.version = 1"  \
  " AND json_extract(ed.data, '$.requester') = dx.person_id)"                                    \
  " AND NOT EXISTS (SELECT 1 FROM approval aw JOIN membership mw ON mw.person_id = dx.person_id" \
  " JOIN account cw ON cw.account_id = mw.account_id WHERE aw.ticket_id = t.ticket_id"           \
  " AND aw.writer <> '' AND aw.writer = cw.agent_id))))"

// $1 … $22: TicketFilter, as `filtered` binds it.
#define OMBUD_TICKET_FILTER \
  " AND ($tenant IS NULL OR t.customer_id = $tenant)"                                     \
  " AND ($1 IS NULL OR instr($1, ' ' || t.status || ' ') > 0)"                            \
  " AND ($2 = 0 OR (t.status <> 'resolved' AND t.status <> 'closed'))"                    \
  " AND ($3 IS NULL OR t.customer_id = $3) AND ($4 IS NULL OR t.team_id = $4)"            \
  " AND ($5 IS NULL OR t.agent_id = $5) AND ($6 IS NULL OR t.service_id = $6)"            \
  " AND ($7 IS NULL OR t.kind = $7) AND ($8 = 0 OR t.requester_id = $8)"                  \
  " AND ($9 = 0 OR t.agent_id = '') AND ($10 = 0 OR t.answered = 1)"                      \
  " AND ($11 IS NULL OR t.created_at >= $11) AND ($12 IS NULL OR t.created_at < $12)"     \
  " AND ($13 IS NULL OR t.ticket_id IN"                                                   \
  " (SELECT d.ticket_id FROM delegation d WHERE d.link_id = $13))"                        \
  " AND ($14 = 0 OR t.ticket_id IN"                                                       \
  " (SELECT pa.ticket_id FROM participant pa WHERE pa.person_id = $14))"                  \
  " AND ($15 IS NULL OR coalesce((SELECT r.version FROM read_mark r WHERE r.reader = $15" \
  " AND r.ticket_id = t.ticket_id), 0) < CASE WHEN $17 = 1 THEN t.version"                \
  " ELSE t.public_version END)"                                                           \
  " AND ($16 = 0 OR t.requester_id = $16 OR EXISTS (SELECT 1 FROM participant pa"         \
  " WHERE pa.ticket_id = t.ticket_id AND pa.person_id = $16)"                             \
  " OR EXISTS (SELECT 1 FROM approval_decision ad"                                        \
  " WHERE ad.person_id = $16 AND ad.ticket_id = t.ticket_id)"                             \
  " OR ($18 = 1 AND " OMBUD_APPROVAL_WAITS("$16") "))"                                    \
  " AND ($19 = 0 OR " OMBUD_WAITING ")"                                                   \
  " AND ($20 = 0 OR " OMBUD_APPROVAL_WAITS("$20") ")"

// $23, $24: the key to go on from; $25: how many.
#define OMBUD_LIST(from, key, order)                                                      \
  Sql {                                                                                   \
    "SELECT " OMBUD_TICKET_COLUMNS " FROM ticket t " from OMBUD_TICKET_FILTER " AND " key \
    " ORDER BY " order " LIMIT $25"                                                       \
  }
#define OMBUD_BY_UPDATED(from)                                                                    \
  {                                                                                               \
    OMBUD_LIST(from, "(t.updated_at, t.ticket_id) < ($23, $24)",                                  \
               "t.updated_at DESC, t.ticket_id DESC"),                                            \
        OMBUD_LIST(from, "(t.updated_at, t.ticket_id) > ($23, $24)", "t.updated_at, t.ticket_id") \
  }
// Numbers are given out in the order of registration.
#define OMBUD_BY_CREATED(from)                                 \
  {                                                            \
    OMBUD_LIST(from, "t.ticket_id < $24", "t.ticket_id DESC"), \
        OMBUD_LIST(from, "t.ticket_id > $24", "t.ticket_id")   \
  }
#define OMBUD_BY_PRIORITY(from)                                         \
  {                                                                     \
    OMBUD_LIST(from, "(t.priority_rank, t.ticket_id) < ($23, $24)",     \
               "t.priority_rank DESC, t.ticket_id DESC"),               \
        OMBUD_LIST(from, "(t.priority_rank, t.ticket_id) > ($23, $24)", \
                   "t.priority_rank, t.ticket_id")                      \
  }

// One text per index that leads: the database must walk the narrowest one.
struct Lists {
  Sql by[3][2];  // sort, ascending
};
// In the order of the index that has that order already.
#define OMBUD_WIDE(updated, created, priority)                                            \
  {                                                                                       \
    { OMBUD_BY_UPDATED(updated), OMBUD_BY_CREATED(created), OMBUD_BY_PRIORITY(priority) } \
  }
// Few tickets, sorted as they are found.
#define OMBUD_NARROW(from) OMBUD_WIDE(from, from, from)

#define OMBUD_OPEN "t.status <> 'resolved' AND t.status <> 'closed'"
#define OMBUD_CREATED_ALL "NOT INDEXED WHERE 1"
#define OMBUD_PRIORITY_ALL "INDEXED BY ticket_priority WHERE 1"
constexpr Lists kAll =
    OMBUD_WIDE("INDEXED BY ticket_updated WHERE 1", OMBUD_CREATED_ALL, OMBUD_PRIORITY_ALL);
constexpr Lists kOpen =
    OMBUD_WIDE("INDEXED BY ticket_open WHERE " OMBUD_OPEN,
               "INDEXED BY ticket_open_created WHERE " OMBUD_OPEN, OMBUD_PRIORITY_ALL);
constexpr Lists kOneStatus = OMBUD_WIDE("INDEXED BY ticket_status WHERE t.status = trim($1)",
                                        OMBUD_CREATED_ALL, OMBUD_PRIORITY_ALL);
// Of one that is not closed there are few.
constexpr Lists kOneOpenStatus = OMBUD_NARROW("INDEXED BY ticket_status WHERE t.status = trim($1)");
constexpr Lists kCustomer =
    OMBUD_WIDE("INDEXED BY ticket_customer WHERE t.customer_id = coalesce($tenant, $3)",
               OMBUD_CREATED_ALL, OMBUD_PRIORITY_ALL);
constexpr Lists kRequester = OMBUD_NARROW("INDEXED BY ticket_requester WHERE t.requester_id = $8");
constexpr Lists kAgent =
    OMBUD_NARROW("INDEXED BY ticket_agent WHERE t.agent_id = $5 AND t.agent_id <> ''");
constexpr Lists kAnswered = OMBUD_NARROW("INDEXED BY ticket_answered WHERE t.answered = 1");
constexpr Lists kPeriod =
    OMBUD_NARROW("INDEXED BY ticket_figures WHERE t.created_at >= $11 AND t.created_at < $12");
constexpr Lists kLink = OMBUD_NARROW(
    "WHERE t.ticket_id IN (SELECT d.ticket_id FROM delegation d WHERE d.link_id = $13)");
constexpr Lists kParticipant = OMBUD_NARROW(
    "WHERE t.ticket_id IN (SELECT pa.ticket_id FROM participant pa WHERE pa.person_id = $14)");
constexpr Lists kSeenBy = OMBUD_NARROW(
    "WHERE t.ticket_id IN (SELECT o.ticket_id FROM ticket o INDEXED BY ticket_requester"
    " WHERE o.requester_id = $16"
    " UNION ALL SELECT pa.ticket_id FROM participant pa WHERE pa.person_id = $16"
    " UNION ALL SELECT ad.ticket_id FROM approval_decision ad WHERE ad.person_id = $16"
    " UNION ALL SELECT w.ticket_id FROM ticket w INDEXED BY ticket_approval"
    " WHERE $18 = 1 AND w.approval = 'needed' AND ($tenant IS NULL OR w.customer_id = $tenant))");
constexpr Lists kApproval = OMBUD_NARROW("INDEXED BY ticket_approval WHERE t.approval = 'needed'");

constexpr Sql kSearch{
    "SELECT s.rowid, " OMBUD_TICKET_COLUMNS
    ", CASE WHEN $27 THEN json_extract(e.data, '$.subject') END"
    ", CASE WHEN $27 THEN json_extract(e.data, '$.text') END"
    " FROM message_search s JOIN event e ON e.event_id = s.rowid JOIN ticket t ON t.ticket_id = "
    "e.ticket_id"
    " LEFT JOIN message m ON m.message_id = s.rowid"  // none: a changed subject
    " WHERE message_search MATCH $23 AND s.rowid < $24"
    " AND ($26 = 1 OR coalesce(m.visibility, 'user') = 'user')" OMBUD_TICKET_FILTER
    " ORDER BY s.rowid DESC LIMIT $25"};

constexpr Sql kCountTally{
    "SELECT coalesce(sum(t.n), 0) FROM ticket_tally t"
    " WHERE ($tenant IS NULL OR t.customer_id = $tenant)"
    " AND ($1 IS NULL OR instr($1, ' ' || t.status || ' ') > 0)"
    " AND ($2 = 0 OR t.status <> 'resolved') AND ($3 IS NULL OR t.customer_id = $3)"
    " AND ($4 IS NULL OR t.team_id = $4) AND ($5 IS NULL OR t.agent_id = $5)"
    " AND ($6 IS NULL OR t.service_id = $6) AND ($7 IS NULL OR t.kind = $7)"
    " AND ($8 = 0 OR t.agent_id = '') AND ($9 = 0 OR t.answered = 1)"};
constexpr Sql kCountLast{
    "SELECT count(*) FROM (SELECT * FROM ticket INDEXED BY ticket_updated"
    " WHERE ($tenant IS NULL OR customer_id = $tenant)"
    " ORDER BY updated_at DESC, ticket_id DESC LIMIT $23) t WHERE 1" OMBUD_TICKET_FILTER};

// Few wait: each is looked at.
constexpr Sql kCountApproval{
    "SELECT count(*) FROM ticket t INDEXED BY ticket_approval WHERE t.approval = "
    "'needed'" OMBUD_TICKET_FILTER};

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
  for (const std::string& written : parts_of(text)) {
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

// " new in_progress "
std::string spaced(const std::vector<TicketStatus>& statuses) {
  std::string text = statuses.empty() ? "" : " ";
  for (const TicketStatus status : statuses) text.append(to_text(status)).append(" ");
  return text;
}

bool asks_approval(const TicketFilter& f) {
  return f.approval_needed || f.approval_by.value != 0;
}

template <class... More>
Rows filtered(Tx& tx, const Sql& sql, const TicketFilter& f, const More&... more) {
  const std::string statuses = spaced(f.statuses);
  return tx.query(sql, or_null(statuses), f.open_only, or_null(f.customer), or_null(f.team),
                  or_null(f.agent), or_null(f.service),
                  f.kind ? Param(to_text(*f.kind)) : Param(std::nullopt), f.requester, f.unassigned,
                  f.answered, f.created_after, f.created_before, or_null(f.link), f.participant,
                  or_null(f.unread_by), f.seen_by, f.inside_too, f.seen_to_approve,
                  asks_approval(f), f.approval_by, f.own_agent, or_null(f.stands_for), more...);
}

bool is_open(TicketStatus status) {
  return status != TicketStatus::resolved && status != TicketStatus::closed;
}

const Lists& lists_for(const Tx& tx, const TicketFilter& f) {
  if (asks_approval(f)) return kApproval;
  if (f.participant.value != 0) return kParticipant;
  if (!f.link.empty()) return kLink;
  if (f.requester.value != 0) return kRequester;
  if (f.seen_by.value != 0) return kSeenBy;
  if (!f.agent.empty()) return kAgent;
  if (f.answered) return kAnswered;
  if (f.created_after && f.created_before) return kPeriod;
  if (tx.principal().tenant || !f.customer.empty()) return kCustomer;
  const bool all_open =
      !f.statuses.empty() && std::all_of(f.statuses.begin(), f.statuses.end(), &is_open);
  if (f.open_only || (all_open && f.statuses.size() > 1)) return kOpen;
  if (f.statuses.size() != 1) return kAll;
  return is_open(f.statuses.front()) ? kOneOpenStatus : kOneStatus;
}

}  // namespace

TicketKey key_of(const Ticket& ticket, TicketSort sort) {
  switch (sort) {
    case TicketSort::updated:
      return {ms_of(ticket.updated_at), ticket.id};
    case TicketSort::created:
      return {0, ticket.id};
    case TicketSort::priority:
      return {static_cast<int>(ticket.priority), ticket.id};
  }
  return {};
}

std::vector<Ticket> list_tickets(Tx& tx, const TicketFilter& filter, std::optional<TicketKey> after,
                                 int limit, TicketOrder order) {
  const std::int64_t end = order.ascending ? INT64_MIN : INT64_MAX;
  const TicketKey from = after.value_or(TicketKey{end, {end}});
  const Sql& sql = lists_for(tx, filter).by[static_cast<int>(order.sort)][order.ascending ? 1 : 0];
  std::vector<Ticket> all;
  Rows rows = filtered(tx, sql, filter, from.first, from.id, limit);
  while (rows.next()) all.push_back(ticket_from(rows));
  return all;
}

TicketCount count_tickets(Tx& tx, const TicketFilter& f) {
  const bool closed_too =
      !f.open_only && (f.statuses.empty() || std::find(f.statuses.begin(), f.statuses.end(),
                                                       TicketStatus::closed) != f.statuses.end());
  const bool tallied = !closed_too && f.link.empty() && f.requester.value == 0 &&
                       f.participant.value == 0 && f.seen_by.value == 0 && !f.created_after &&
                       !f.created_before && f.unread_by.empty() && !asks_approval(f);
  TicketCount count;
  count.exact = tallied;
  if (tallied) {
    const std::string statuses = spaced(f.statuses);
    Rows rows =
        tx.query(kCountTally, or_null(statuses), f.open_only, or_null(f.customer), or_null(f.team),
                 or_null(f.agent), or_null(f.service),
                 f.kind ? Param(to_text(*f.kind)) : Param(std::nullopt), f.unassigned, f.answered);
    OMBUD_ASSERT(rows.next());
    count.n = rows.integer(0);
    return count;
  }
  if (asks_approval(f)) {
    count.exact = true;
    Rows rows = filtered(tx, kCountApproval, f);
    OMBUD_ASSERT(rows.next());
    count.n = rows.integer(0);
    return count;
  }
  Rows rows = filtered(tx, kCountLast, f, kCountedMax);
  OMBUD_ASSERT(rows.next());
  count.n = rows.integer(0);
  return count;
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
    Rows rows = filtered(tx, kSearch, f, wanted.expression, from, room, internal_too,
                         !wanted.phrases.empty());
    while (page.tickets.size() < static_cast<std::size_t>(limit) && rows.next()) {
      ++seen;
      from = rows.integer(0);
      if (!all_stand_in(tx, wanted.phrases, rows.view(1 + kTicketColumns),
                        rows.view(2 + kTicketColumns)))
        continue;
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
