// What the desk does with whole tickets: give on, merge, split, relate, and take back what it did.
// For the desk alone; nothing of it leaves to a supplier.
#pragma once

#include <string>
#include <vector>

#include "desk/tickets.hpp"

namespace ombud::desk {

// Routing and escalation stay inside the provider: to another team, perhaps an agent, with the
// reason.
struct Escalate {
  TicketId ticket;
  std::string team;   // key
  std::string agent;  // key; empty: nobody in particular
  std::optional<Priority> priority;
  std::string reason;  // required
};
Result<Ticket> escalate(Tx& tx, const Escalate& request);

// `ticket` closes and points to `into`, of the same customer; its people take part in that, and
// what they say to the closed one goes there. Nothing is copied: what one user wrote to the desk is
// not shown to another. Refused while a supplier has `ticket`: its copy carries that number, and
// only a person can say whether the work goes on.
Result<Ticket> merge(Tx& tx, TicketId ticket, TicketId into);

// A new ticket of the same requester and participants, or only these of them, with copies of these
// messages and their files, and of these files that hang on no message; all of them stay where they
// are, too. Internal ones stay internal, and what a supplier said becomes internal: the new ticket
// has no supplier. It is not handed over by itself.
struct Split {
  TicketId ticket;
  std::vector<MessageId> messages;  // at least one, each once
  std::string subject;
  std::vector<AttachmentId> attachments = {};              // each once
  std::optional<std::vector<PersonId>> participants = {};  // nothing: all of them
};
Result<Ticket> split(Tx& tx, const Split& request);

// `other` is this to `ticket`; the opposite is kept with `other`. A ticket has one parent at most,
// and is never its own ancestor.
Result<RelatedTicket> relate(Tx& tx, TicketId ticket, RelationKind kind, TicketId other);
Result<void> unrelate(Tx& tx, TicketId ticket, TicketId other);

// The inverse of an assignment, an escalation, a change, a status or a relation, with all of these
// that were made in the same moment by the same hand; refused (conflict) once something of the kind
// came later. What has left stays where it is: a mail is not called back.
Result<Ticket> undo(Tx& tx, TicketId ticket, EventId event);

RelationKind opposite(RelationKind kind);

}  // namespace ombud::desk
