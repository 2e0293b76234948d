// Use cases of a ticket: each is one synchronous function over one transaction. It checks who may
// do it, checks the rule, appends events, enqueues what must leave, and returns. A ticket of
// another tenant, or of another user, is answered exactly like one that does not exist.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "desk/approvals.hpp"
#include "store/directory.hpp"
#include "store/mails.hpp"
#include "store/ticket_ties.hpp"
#include "store/tickets.hpp"

namespace ombud::desk {

// A file whose bytes are already in the blob store.
struct NewAttachment {
  std::string name;        // any text; cleaned to a plain file name of at most 255 bytes
  std::string media_type;  // empty: application/octet-stream
  std::int64_t bytes = 0;
  std::string sha256;
};

struct Register {
  std::string customer;  // key; a user's own by default
  PersonId requester;    // a user's own by default; 0 for an agent: unknown person
  TicketKind kind = TicketKind::incident;
  Priority priority = Priority::normal;
  Channel channel = Channel::api;
  std::string subject;  // required, at most 255 bytes
  std::string text;     // at most kTextBytesMax
  std::string service;  // key; empty: recognised from the words of subject and text, if possible
  std::string team;     // empty: "desk"
  std::vector<NewAttachment> attachments;
  std::string language;  // of an unknown requester; empty: the customer's
  // Mail only: what the receipt answers to, so that it lands in the user's thread.
  std::string mail_message_id;
  bool quiet = false;  // no receipt
  bool held = false;   // no agreement hands it over by itself: what came was written by a machine
  // From a customer's own system: what it keeps with the ticket (systems.hpp); empty: nothing.
  std::string external_id, attributes;
};
// New ticket, its attachments, the receipt to the user, and a delegation if an agreement asks for
// it.
Result<Ticket> register_ticket(Tx& tx, const Register& request);

// Another ticket that this one has to do with.
struct RelatedTicket {
  RelationKind kind = RelationKind::related;
  Ticket ticket;
};
// Who wrote to the desk by mail and is nobody known: the sender as the mail says.
struct Contact {
  std::string address, name;  // name: may be empty
  MessageId message;          // the mail
  std::string verdict;        // MailAuthentication's: "fail" is somebody else than he says
};
// A ticket as this principal may see it.
struct TicketView {
  Ticket ticket;
  std::optional<std::string> requester_name;  // nothing: unknown
  std::vector<Message> messages;
  std::map<MessageId, MailMessage> mails;  // of messages that were mails
  std::vector<Attachment> attachments;
  std::vector<Delegation> delegations;                             // for who sees_legs (access.hpp)
  std::string customer_name, service_name, team_name, agent_name;  // may be empty
  std::optional<Person> requester;                                 // inside only
  std::optional<MailBounce> requester_bounces;  // inside only: his address takes no mail
  std::optional<Contact> contact;               // inside only: of a ticket without requester
  std::vector<Participant> participants;
  std::vector<RelatedTicket> relations;  // those that the principal sees, too
  std::optional<Rating> rating;
  std::optional<ApprovalView> approval;
  std::optional<Party> waits_for;     // who must act next
  std::vector<std::string_view> may;  // what the principal may do with it now (ticket_list.hpp)
};
Result<TicketView> show(Tx& tx, TicketId ticket);
// The ticket alone, if this principal may see it; with `version`, `stale` unless it is at that
// version.
Result<Ticket> visible_ticket(Tx& tx, TicketId ticket, std::optional<std::int64_t> version = {});
// Where what is said about it belongs now: the ticket that it was merged into, or itself.
Result<Ticket> current_ticket(Tx& tx, TicketId ticket);

struct Listing {
  std::vector<Ticket> tickets;
  std::string next;  // opaque cursor; empty at the end
};
struct List {
  TicketFilter filter;
  TicketOrder order;   // of a plain list; what is found by words comes newest message first
  std::string words;   // full text; empty: a plain list
  std::string cursor;  // from Listing::next
  int limit = 25;
};
Result<Listing> list(Tx& tx, const List& request);

// Files that the principal has attached to this ticket himself, of no message yet, and now sends
// with one: a user's message takes what the user sees, any other what was uploaded for the desk
// alone. Refused (invalid) else, at "/attachments/1".
std::optional<Problem> check_uploaded(Tx& tx, TicketId ticket,
                                      const std::vector<AttachmentId>& files,
                                      Visibility visibility);

struct Reply {
  TicketId ticket;
  std::string text;  // required
  MessageId relays;  // a supplier's message that this one tells the user about
  std::vector<NewAttachment> attachments;
  std::vector<AttachmentId> uploaded = {};  // see check_uploaded
  std::string mail_message_id;              // mail only
  std::string author;  // from a customer's own system: whose words these are; empty: its own
  // From an agent: what the ticket is after it, waiting_user (it was a question) or in_progress.
  std::optional<TicketStatus> status = {};
  // Of a mail: without the history that it quotes, which holds what others wrote and their links.
  // Suppliers get this.
  std::optional<std::string> shown = {};
};
// From a user: reopens a resolved ticket and goes on to suppliers if the agreement shares messages.
// From an agent: goes to the user.
Result<Message> reply(Tx& tx, const Reply& request);
// Internal; inside only; never leaves.
Result<Message> note(Tx& tx, TicketId ticket, const std::string& text,
                     const std::vector<NewAttachment>& attachments,
                     const std::vector<AttachmentId>& uploaded = {});
Result<Attachment> attach(Tx& tx, TicketId ticket, const NewAttachment& file, bool internal);

struct Change {  // only what is set changes
  std::optional<std::string> subject, service, team, agent;
  std::optional<Priority> priority;
  std::optional<TicketKind> kind;
  // A person of the ticket's customer. From then on he sees the ticket and is told of it; nothing
  // that was said before is sent to him, and who was the requester before is no more.
  std::optional<PersonId> requester = {};
};
Result<Ticket> change(Tx& tx, TicketId ticket, std::optional<std::int64_t> version,
                      const Change& what);

// The desk has solved it; `text` (optional) tells the user how, with these files (check_uploaded).
Result<Ticket> resolve(Tx& tx, TicketId ticket, const std::string& text,
                       const std::vector<AttachmentId>& uploaded = {});
// Confirmed. Refused while a delegation is open: accept or withdraw it first.
Result<Ticket> close(Tx& tx, TicketId ticket, const std::string& reason);
// The customer no longer needs help. Refused while a supplier has it: the desk must stop that
// first.
inline constexpr std::string_view kCancelledReason =
    "cancelled";  // how such an ending's reason begins
Result<Ticket> cancel(Tx& tx, TicketId ticket, const std::string& reason);
Result<Ticket> reopen(Tx& tx, TicketId ticket, const std::string& reason);

}  // namespace ombud::desk
