// The one internal model of both versions: a trouble ticket as one audience may see it, folded from
// the log. What the fold does not take up cannot be told by an answer, a filter, an ETag, a date or
// an event: internal notes, other suppliers, what was withheld.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/systems.hpp"

namespace ombud::http::tmf {

struct Note {
  std::int64_t id = 0;  // of the message
  std::string author, text;
  Instant at;
};
struct File {
  std::int64_t id = 0;  // of the attachment
  std::string name, media_type;
  std::int64_t bytes = 0;
  Instant at;
};
struct Step {
  Instant at;
  std::string status, reason;
};

struct Trouble {
  TicketId ticket;
  DelegationId delegation;  // 0: the customer's view
  std::string customer;     // whose ticket it is; not shown to a supplier
  std::string name, description;
  Priority priority = Priority::normal;
  TicketKind kind = TicketKind::incident;
  Channel channel = Channel::api;
  PersonId requester;
  std::string requester_name;
  std::string status = "acknowledged", status_reason;
  Instant created_at, updated_at, status_at;
  std::optional<Instant> resolved_at, due_at;
  std::vector<Note> notes;
  std::vector<File> files;
  std::vector<Step> steps;
  std::string contact, contact_name;           // for a supplier: the desk
  std::string shared_customer, shared_user;    // for a supplier, if they were shared
  std::string external_id, attributes = "{}";  // what the other system keeps with it

  std::string id() const;  // "OMB-12"; a supplier's copy "OMB-12-57"
};

// The customer's view after these events, which begin with the first of the ticket.
Trouble fold(std::span<const LoggedEvent> events);
// The view of a delegation's supplier after these events, with what had been handed over until
// then (all of it, if there is no `until`).
Trouble fold(std::span<const LoggedEvent> events, DelegationId delegation,
             const std::vector<Handed>& handed, std::optional<Instant> until = {});

// "OMB-12" or "OMB-12-57"; ticket 0 if it is neither.
struct TroubleId {
  TicketId ticket;
  DelegationId delegation;
};
TroubleId trouble_id(std::string_view text);

// As the principal may see it; else not_found. Events of the ticket, too, for those who need them.
Result<Trouble> find_trouble(Tx& tx, TroubleId id);
std::vector<LoggedEvent> all_events_of(Tx& tx, TicketId ticket);

}  // namespace ombud::http::tmf
