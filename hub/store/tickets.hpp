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
// must exist and be visible, except for Registered, which makes it (ticket 0: the next number).
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

// Lists are newest change first, in pages by key: `before` is the (updated_at, id) of the last one
// seen.
struct TicketFilter {
  std::optional<TicketStatus> status;
  bool open_only = false;                      // neither resolved nor closed
  std::string customer, team, agent, service;  // empty: any
  std::optional<TicketKind> kind;
  PersonId requester;  // 0: any
};
struct TicketKey {
  std::int64_t updated_at = 0;
  TicketId id;
};
std::vector<Ticket> list_tickets(Tx& tx, const TicketFilter& filter,
                                 std::optional<TicketKey> before, int limit);

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
