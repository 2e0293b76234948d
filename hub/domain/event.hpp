// Everything that happens to a ticket is one of these. An event is appended once, never changed,
// and holds all that the state tables are derived from, so that they can be rebuilt from the log
// alone.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/json.hpp"
#include "base/time.hpp"
#include "domain/ids.hpp"
#include "domain/words.hpp"

namespace ombud {

namespace event {

// The first of every ticket. `text` becomes its first message (visible to the user).
struct Registered {
  std::string customer;
  PersonId requester;  // 0: unknown person (a mail that nobody matched)
  TicketKind kind = TicketKind::incident;
  Priority priority = Priority::normal;
  Channel channel = Channel::api;
  std::string subject;
  std::string text;
  std::string service;       // key; may be empty
  std::string team;          // owning team of the provider, never empty
  std::string language;      // "sv" or "en": what the user is written to in
  std::string author;        // who wrote the text, as shown; empty: nobody known
  PersonId writer = {};      // the person who wrote it, if not the requester
  bool quiet = false;        // nobody is told of it: a machine wrote it, or too many came at once
  std::string answers = {};  // the mail that it was, by Message-ID: a receipt answers it; may be ""
};

// A message was added. Its id is this event's id. A user's was written by the person who acted,
// unless `writer` names another.
struct MessageAdded {
  Visibility visibility = Visibility::user;
  Party from = Party::desk;
  std::string author;       // as shown: a person's, the desk's or the supplier's name
  DelegationId delegation;  // 0 unless it came from or goes to a supplier
  MessageId relays;         // the supplier's message that this one tells the user about; 0: none
  std::string text;
  std::optional<Instant> said_at = {};  // a copy from another ticket: when it was said there
  PersonId writer = {};                 // and by whom
  std::vector<AttachmentId> files =
      {};  // added to the ticket before; they belong to it from now on
};

// A file was added; its bytes are in the blob store under their SHA-256. Its id is this event's id.
struct AttachmentAdded {
  MessageId message;        // 0: belongs to the ticket itself
  DelegationId delegation;  // from or for one supplier; 0: neither
  Visibility visibility = Visibility::user;
  Party from = Party::user;
  std::string name;
  std::string media_type;
  std::int64_t bytes = 0;
  std::string sha256;
};

// `undoes`, here and below: the event whose inverse this one is; 0: none.
struct Assigned {
  std::string team;
  std::string agent;  // empty: nobody in particular
  EventId undoes = {};
};

// Given on inside the provider, with the reason: team and agent are the new ones.
struct Escalated {
  std::string team;
  std::string agent;  // may be empty
  std::optional<Priority> priority;
  std::string reason;
};

struct StatusChanged {
  TicketStatus status = TicketStatus::in_progress;
  std::string reason;
  EventId undoes = {};
};

struct Edited {  // only what changed is set
  std::optional<std::string> subject;
  std::optional<Priority> priority;
  std::optional<TicketKind> kind;
  std::optional<std::string> service;
  EventId undoes = {};
  std::optional<PersonId> requester = {};  // a person of the ticket's customer; 0: unknown again
  std::string requester_name = {};         // as known then
};

// A person of the ticket's customer who sees and answers it besides the requester.
struct ParticipantAdded {
  PersonId person;
  std::string name;  // as known then
};
struct ParticipantRemoved {
  PersonId person;
};

// What the requester thinks of the help; the last one counts.
struct Rated {
  std::int64_t score = 0;  // 1 to 5
  std::string text;        // may be empty
};

// This ticket went on in another one; whoever writes to it from here on writes to that.
struct Merged {
  TicketId into;
};

// Messages of this ticket were copied into a new one.
struct SplitOff {
  TicketId into;
  std::vector<MessageId> messages;
};

// What the other ticket is to this one; the other has the opposite in its own log.
struct Related {
  TicketId other;
  RelationKind kind = RelationKind::related;
  EventId undoes = {};
};
struct Unrelated {
  TicketId other;
  EventId undoes = {};
};

// The ticket was handed to a supplier. The delegation's id is this event's id.
struct Delegated {
  AgreementId agreement;
  std::string link;
  std::string supplier;               // its name as shown
  std::string brief;                  // what the desk asks for, in its own words; may be empty
  std::vector<std::string> shared;    // fields that left, by the agreement's policy
  std::vector<std::string> withheld;  // fields that did not
  std::optional<Instant> due;         // promised resolution
};

struct DelegationChanged {
  DelegationId delegation;
  DelegationState state = DelegationState::sent;
  std::string reason;       // the person's or the supplier's words
  std::string external_id;  // the supplier's ticket, when it became known
  std::string external_url;
  std::string external_status;  // the supplier's own word
};

// What a system of the other side keeps with the ticket (TMF621): its own words and references.
// The desk never writes them and they never leave to anybody else.
struct Attributed {
  DelegationId delegation;  // 0: the customer's; else the supplier's of this delegation
  std::string client;       // whose external id it is: a principal's actor()
  std::string external_id;  // may be empty
  std::string attributes;   // a JSON object, whole
};

// A mail of the desk did not reach whom it was for, as a report of his mail server says.
struct MailBounced {
  PersonId person;  // 0: nobody has that address any more
  std::string address;
  DeliveryId delivery;
  bool permanent = false;  // the address does not take mail; else it was given up, or is late
  std::string why;         // the server's words
};

// The order waits for one of the customer's approvers. A reminder is one more request with the
// same `due`; any other begins the waiting anew. Who may decide is asked when somebody does.
struct ApprovalRequested {
  ApprovalOccasion occasion = ApprovalOccasion::registered;
  Instant remind_at, due;       // of a new waiting: half the time, and all of it
  bool hand_over = false;       // once it is approved, an agreement may hand it over by itself
  std::vector<PersonId> asked;  // who might decide then; empty: nobody
};
// An approver has said yes or no.
struct ApprovalDecided {
  bool approved = false;
  PersonId person;
  std::string comment;       // never empty with a no
  PersonId instead_of = {};  // the approver in whose place; 0: he is one himself
};
// No yes is needed after all: the desk says so, or it is no order any more.
struct ApprovalWaived {
  std::string reason;
};

}  // namespace event

using Event =
    std::variant<event::Registered, event::MessageAdded, event::AttachmentAdded, event::Assigned,
                 event::StatusChanged, event::Edited, event::Delegated, event::DelegationChanged,
                 event::Attributed, event::Escalated, event::ParticipantAdded,
                 event::ParticipantRemoved, event::Rated, event::Merged, event::SplitOff,
                 event::Related, event::Unrelated, event::MailBounced, event::ApprovalRequested,
                 event::ApprovalDecided, event::ApprovalWaived>;

// "registered", "message_added", …: the `type` column.
std::string_view type_of(const Event& event);
// The `data` column.
std::string data_of(const Event& event);
// Reads a row back. Refuses a type or data it does not know: the log was written by a newer hub.
Result<Event> event_from(std::string_view type, json::View data);

}  // namespace ombud
