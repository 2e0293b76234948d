// Who takes part in a ticket besides its requester, and what the requester thought of the help.
//
// A participant sees what the user sees, answers it, and is told what the user is told
// (notify/rules.hpp).
#pragma once

#include <string>

#include "desk/tickets.hpp"

namespace ombud::desk {

// A person of the ticket's customer: by id, or by e-mail. For those who do not know the customer's
// people (users) only by e-mail, and a new one only with an address of the customer's own domains.
// Whoever takes part already is answered, and nothing happens.
struct AddParticipant {
  TicketId ticket;
  PersonId person;    // 0: by e-mail
  std::string email;  // any case
  std::string name;   // of a new person; empty: the part of the address before the @
};
Result<Participant> add_participant(Tx& tx, const AddParticipant& request);
// By the desk, by the requester, or by the participant himself.
Result<void> remove_participant(Tx& tx, TicketId ticket, PersonId person);

// The person of that address at the ticket's customer, for who names him by it: a known one, else
// one that is made, with this name, or if it is empty with that of the mail that came from there.
Result<Person> person_of_address(Tx& tx, const Ticket& ticket, const std::string& email,
                                 const std::string& name);

// Who wrote to the desk by mail without being known; nothing: there is a requester, or no such
// mail.
std::optional<Contact> contact_of(const Ticket& ticket, const std::vector<Message>& messages,
                                  const std::map<MessageId, MailMessage>& mails);
// Refuses (conflict, no_recipient) what would be said to nobody: a sender whom nobody knows has
// written, and the ticket has no participants either. His address alone is not written to: people
// are told, who can choose what they hear, and nobody has vouched for it.
inline constexpr std::string_view kNoRecipient = "no_recipient";  // Problem::code
std::optional<Problem> needs_listener(Tx& tx, const Ticket& ticket);

// By the requester of a ticket that is solved or closed; the last one counts.
Result<Ticket> rate(Tx& tx, TicketId ticket, std::int64_t score, const std::string& text);

// The principal has seen the ticket up to this version.
Result<void> read_until(Tx& tx, TicketId ticket, std::int64_t version);

}  // namespace ombud::desk
