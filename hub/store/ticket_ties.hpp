// Who and what else belongs to a ticket: participants, related tickets, its rating, and how far
// somebody has read it; and what a list shows beside the ticket itself.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/tickets.hpp"

namespace ombud {

struct Participant {
  PersonId person;
  std::string name, email;
};
std::vector<Participant> participants_of(Tx& tx, TicketId ticket);  // first come, first
bool is_participant(Tx& tx, TicketId ticket, PersonId person);

struct Relation {
  RelationKind kind = RelationKind::related;
  TicketId other;
};
std::vector<Relation> relations_of(Tx& tx, TicketId ticket);
std::optional<Relation> find_relation(Tx& tx, TicketId ticket, TicketId other);

struct Rating {
  std::int64_t score = 0;
  std::string text;
  Instant at;
};
std::optional<Rating> rating_of(Tx& tx, TicketId ticket);

// The ticket that this one has gone on in, at the end of all merges; itself if it was not merged.
// Nothing if it, or that one, is not there for the principal.
std::optional<Ticket> followed(Tx& tx, TicketId ticket);

// `reader` has seen the ticket up to this version; never goes back.
void mark_read(Tx& tx, std::string_view reader, TicketId ticket, std::int64_t version);

// Beside one ticket in a list.
struct SupplierMark {
  DelegationId delegation;
  std::string link, supplier;
  DelegationState state = DelegationState::draft;
  bool trouble = false;  // a delivery to it is dead, parked or in doubt
  std::optional<Instant> due_at;
};
struct LastMessage {
  Party from = Party::user;
  Instant at;
  std::string author;
};
struct TicketExtras {
  std::string requester_name, customer_name;  // may be empty
  std::optional<LastMessage> last;
  std::vector<SupplierMark> suppliers;  // oldest first; `legs` only
  bool unread = false;
};
// One for each ticket, in their order. `inside`: unread by whatever happened, else by what the user
// sees; `legs`: with suppliers and their words.
std::vector<TicketExtras> extras_of(Tx& tx, const std::vector<Ticket>& tickets,
                                    std::string_view reader, bool inside, bool legs);

}  // namespace ombud
