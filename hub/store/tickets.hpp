// Reading tickets and their parts, and appending to the log. Everything here is scoped to the
// principal's tenant by the statements themselves; what a *user* may see of his own customer's
// tickets (own tickets, no internal notes) is decided in desk/.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domain/event.hpp"
#include "store/store.hpp"

namespace ombud {

struct Ticket {
  TicketId id;
  std::string customer;
  PersonId requester;  // 0: unknown
  TicketKind kind = TicketKind::incident;
  TicketStatus status = TicketStatus::fresh;
  Priority priority = Priority::normal;
  Channel channel = Channel::api;
  std::string subject;
  std::string service;  // key, may be empty
  std::string team;
  std::string agent;  // may be empty
  std::string language;
  std::int64_t version = 0;  // number of events: the ETag
  Instant created_at, updated_at;
  std::optional<Instant> resolved_at, closed_at;
  TicketId merged_into;         // the ticket it went on in; 0: none
  std::int64_t rating = 0;      // 1 to 5; 0: none
  MessageId said, public_said;  // last message but internal ones; last that the user sees; 0: none
  std::int64_t public_version = 1;        // the last version that changed what the user sees
  bool answered = false;                  // a supplier's word waits for the desk
  std::optional<ApprovalState> approval;  // nothing: nobody was ever asked (store/approvals.hpp)

  bool is_open() const {
    return status != TicketStatus::resolved && status != TicketStatus::closed;
  }
  bool waits_for_approval() const { return approval == ApprovalState::needed && is_open(); }
};

struct Message {
  MessageId id;
  TicketId ticket;
  Visibility visibility = Visibility::user;
  Party from = Party::user;
  std::string author;
  DelegationId delegation;  // 0: none
  MessageId relays;         // 0: none
  Instant at;
  std::string text;
  PersonId person;  // of the customer's people, who wrote it; 0: none of them, or not known
};

struct Attachment {
  AttachmentId id;
  TicketId ticket;
  MessageId message;
  DelegationId delegation;
  Visibility visibility = Visibility::user;
  Party from = Party::user;
  std::string name, media_type;
  std::int64_t bytes = 0;
  std::string sha256;
  Instant at;
};

struct Delegation {
  DelegationId id;
  TicketId ticket;
  std::string customer;
  AgreementId agreement;
  std::string link, supplier;
  DelegationState state = DelegationState::draft;
  std::string brief;
  std::vector<std::string> shared, withheld;
  std::string external_id, external_url, external_status, reason;
  std::optional<Instant> due_at;
  Instant created_at, updated_at;
};

struct LoggedEvent {
  EventId id;
  TicketId ticket;
  std::int64_t version = 0;
  Instant at;
  std::string actor;
  std::string type, data;
};

// Appends one event at tx.at() as tx.principal() and brings the state tables up to it. The ticket
// must exist and be visible, except for Registered, which makes it (ticket 0: the next number). Who
// had read all before has read this, too.
struct Appended {
  TicketId ticket;
  EventId event;
};
Appended append(Tx& tx, TicketId ticket, const Event& event);

std::optional<Ticket> find_ticket(Tx& tx, TicketId ticket);
std::vector<Message> messages_of(Tx& tx, TicketId ticket);  // oldest first
std::optional<Message> find_message(Tx& tx, MessageId message);
std::vector<Attachment> attachments_of(Tx& tx, TicketId ticket);  // oldest first
std::optional<Attachment> find_attachment(Tx& tx, AttachmentId attachment);
std::vector<Delegation> delegations_of(Tx& tx, TicketId ticket);  // oldest first
std::optional<Delegation> find_delegation(Tx& tx, DelegationId delegation);
std::vector<LoggedEvent> events_of(Tx& tx, TicketId ticket, std::int64_t after_version, int limit);

std::string actor_of(Tx& tx, EventId event);  // empty: there is none

struct TicketFilter {
  std::vector<TicketStatus> statuses;          // empty: any
  bool open_only = false;                      // neither resolved nor closed
  bool unassigned = false;                     // nobody in particular has it
  bool answered = false;                       // a supplier's word waits for the desk
  std::string customer, team, agent, service;  // empty: any
  std::string link;                            // was handed to this link at any time; empty: any
  std::optional<TicketKind> kind;
  PersonId requester;    // 0: any
  PersonId participant;  // 0: any
  // Requester or participant, or who said yes or no to it; 0: any.
  PersonId seen_by;
  bool seen_to_approve = false;  // seen_by: also what he may say yes or no to now
  bool approval_needed = false;  // open, and waits for a yes
  PersonId approval_by;          // approval_needed: from this approver; 0: from anybody
  std::string own_agent;         // approval_by's, seen_by's: as which agent he writes; may be empty
  std::string stands_for;        // they are none themselves: for whom they may (store/spaced.hpp)
  std::optional<Instant> created_after, created_before;  // from (inclusive), until (exclusive)
  std::string unread_by;   // the reader whose read marks count; empty: read or not
  bool inside_too = true;  // unread: also by what only the provider's people see
};
enum class TicketSort { updated, created, priority };
template <>
inline constexpr std::array kWords<TicketSort>{
    std::pair{TicketSort::updated, std::string_view("updated")},
    std::pair{TicketSort::created, std::string_view("created")},
    std::pair{TicketSort::priority, std::string_view("priority")}};
struct TicketOrder {
  TicketSort sort = TicketSort::updated;  // equal priorities: by registration
  bool ascending = false;
};
// Lists come in pages by key: `after` is key_of the last one seen.
struct TicketKey {
  std::int64_t first = 0;
  TicketId id;
};
TicketKey key_of(const Ticket& ticket, TicketSort sort);
std::vector<Ticket> list_tickets(Tx& tx, const TicketFilter& filter, std::optional<TicketKey> after,
                                 int limit, TicketOrder order = {});

// How many match. Exact, and at a cost that does not grow with the number of tickets, for filters
// by status (but closed), team, agent, customer, service, kind, unassigned and answered, and for
// those by approval_needed; else only
// among the kCountedMax that changed last.
inline constexpr int kCountedMax = 1'000;
struct TicketCount {
  std::int64_t n = 0;
  bool exact = true;
};
TicketCount count_tickets(Tx& tx, const TicketFilter& filter);

// Full text over subjects and messages, newest message first, each ticket once. Words are joined by
// AND, the last may be a prefix ("skriv*"); anything in the text is a word, never an operator.
// `before`: the message id to go on from; `next` is set when there may be more.
struct SearchPage {
  std::vector<Ticket> tickets;
  std::optional<std::int64_t> next;
};
SearchPage search_tickets(Tx& tx, std::string_view words, const TicketFilter& filter,
                          bool internal_too, std::optional<std::int64_t> before, int limit);

}  // namespace ombud
