#include "desk/ticket_people.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.hpp"
#include "desk/access.hpp"
#include "desk/limits.hpp"
#include "store/directory.hpp"

namespace ombud::desk {
namespace {

std::string lower(std::string_view text) {
  std::string copy(text);
  for (char& c : copy) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return copy;
}

bool is_address(std::string_view text) {
  const std::size_t at = text.find('@');
  return at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
         text.find('@', at + 1) == std::string_view::npos && text.size() <= kNameBytesMax &&
         std::none_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F || c == ',' || c == '<' ||
                  c == '>' || c == '"' || c == ';' || c == '(' || c == ')';
         });
}

bool blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

// The person of that address at the ticket's customer; made if the principal may bring him in.
Result<Person> person_of_email(Tx& tx, const Ticket& ticket, const AddParticipant& request) {
  const std::string email = lower(request.email);
  if (!is_address(email) || !is_utf8(email)) {
    return invalid("/email", "must be an address such as anna@example.se");
  }
  for (Person& known : people_of_email(tx, email)) {
    if (known.customer == ticket.customer) return std::move(known);
  }
  const auto customer = find_customer(tx, ticket.customer);
  if (!customer) return not_found("ticket");
  const std::string domain = email.substr(email.find('@') + 1);
  const auto& domains = customer->mail_domains;
  const bool own = std::find(domains.begin(), domains.end(), domain) != domains.end();
  if (!own && !role_may(tx.principal().role, Permission::person_write)) {
    return invalid("/email", "must belong to somebody of your own organisation");
  }
  Person made;
  made.customer = ticket.customer;
  made.email = email;
  made.name = blank(request.name) ? email.substr(0, email.find('@')) : request.name;
  made.language = customer->language;
  made.id = put_person(tx, made);
  return made;
}

}  // namespace

Result<Person> person_of_address(Tx& tx, const Ticket& ticket, const std::string& email,
                                 const std::string& name) {
  if (name.size() > kNameBytesMax || !is_utf8(name)) {
    return invalid("/name", "must be UTF-8 of at most 255 bytes");
  }
  AddParticipant named{ticket.id, {}, email, name};
  if (blank(name)) {
    const auto contact =
        contact_of(ticket, messages_of(tx, ticket.id), mail_messages_of(tx, ticket.id));
    if (contact && lower(contact->address) == lower(email)) {
      named.name = cut_utf8(contact->name, kNameBytesMax);
    }
  }
  return person_of_email(tx, ticket, named);
}

std::optional<Contact> contact_of(const Ticket& ticket, const std::vector<Message>& messages,
                                  const std::map<MessageId, MailMessage>& mails) {
  if (ticket.requester.value != 0) return std::nullopt;
  for (const Message& message : messages) {
    const auto mail = mails.find(message.id);
    if (message.visibility != Visibility::user || mail == mails.end()) continue;
    const MailMessage& m = mail->second;
    if (m.person.value != 0 || m.sender.empty()) continue;
    return Contact{m.sender, m.sender_name, message.id, m.authentication.verdict};
  }
  return std::nullopt;
}

std::optional<Problem> needs_listener(Tx& tx, const Ticket& ticket) {
  if (ticket.requester.value != 0 || ticket.channel != Channel::mail) return std::nullopt;
  if (!participants_of(tx, ticket.id).empty()) return std::nullopt;
  const auto contact =
      contact_of(ticket, messages_of(tx, ticket.id), mail_messages_of(tx, ticket.id));
  if (!contact) return std::nullopt;
  Problem refused = conflict(
      fmt::format("Nobody would get this: the sender {} is not a known person. Add him as the "
                  "ticket's requester, or choose another person; or write an internal note.",
                  contact->address));
  refused.code = kNoRecipient;
  return refused;
}

Result<Participant> add_participant(Tx& tx, const AddParticipant& request) {
  const auto ticket = visible_ticket(tx, request.ticket);
  if (!ticket) return ticket.error();
  if (auto refused = needs_part(tx, *ticket)) return *refused;
  if (!tx.principal().is_customer()) {
    if (auto refused = needs_desk(tx)) return *refused;
  }
  if (ticket->merged_into.value != 0) {
    return conflict(fmt::format("The ticket has gone on in {}. Add the person there.",
                                reference_of(ticket->merged_into)));
  }
  if (request.name.size() > kNameBytesMax || !is_utf8(request.name)) {
    return invalid("/name", "must be UTF-8 of at most 255 bytes");
  }
  Person person;
  if (request.person.value != 0) {
    if (!knows_people(tx.principal())) {
      return invalid("/person", "is for the desk; name the person by e-mail");
    }
    const auto known = find_person(tx, request.person);
    if (!known || known->customer != ticket->customer) {
      return invalid("/person", "there is no such person at the ticket's customer");
    }
    person = *known;
  } else {
    auto known = person_of_email(tx, *ticket, request);
    if (!known) return known.error();
    person = std::move(*known);
  }
  if (person.id == ticket->requester) {
    return conflict(fmt::format("{} has registered the ticket and sees it already.", person.name));
  }
  const Participant participant{person.id, person.name, person.email};
  if (is_participant(tx, ticket->id, person.id)) return participant;
  if (participants_of(tx, ticket->id).size() >= kParticipantsMax) {
    return problem(ProblemKind::too_large,
                   fmt::format("A ticket has at most {} participants.", kParticipantsMax));
  }
  append(tx, ticket->id, event::ParticipantAdded{person.id, person.name});
  return participant;
}

Result<void> remove_participant(Tx& tx, TicketId id, PersonId person) {
  const auto ticket = visible_ticket(tx, id);
  if (!ticket) return ticket.error();
  const Principal& who = tx.principal();
  const bool himself = who.is_person() && who.person == person;
  if (!is_participant(tx, id, person)) return not_found("participant");
  if (!himself && !owns_ticket(who, *ticket)) {
    if (auto refused = needs_desk(tx)) return *refused;
  }
  append(tx, id, event::ParticipantRemoved{person});
  return {};
}

Result<Ticket> rate(Tx& tx, TicketId id, std::int64_t score, const std::string& text) {
  const auto ticket = visible_ticket(tx, id);
  if (!ticket) return ticket.error();
  if (!tx.principal().is_customer() || !owns_ticket(tx.principal(), *ticket)) {
    return problem(ProblemKind::forbidden, "Only the person who registered the ticket rates it.");
  }
  if (score < 1 || score > 5) return invalid("/score", "must be from 1 to 5");
  if (text.size() > kReasonBytesMax || !is_utf8(text)) {
    return invalid("/text", fmt::format("must be UTF-8 of at most {} bytes", kReasonBytesMax));
  }
  if (ticket->status != TicketStatus::resolved && ticket->status != TicketStatus::closed) {
    return conflict("The ticket is not solved yet; rate it when it is.");
  }
  if (ticket->merged_into.value != 0) {
    return conflict(fmt::format("The ticket has gone on in {}. Rate that one.",
                                reference_of(ticket->merged_into)));
  }
  append(tx, id, event::Rated{score, text});
  return *find_ticket(tx, id);
}

Result<void> read_until(Tx& tx, TicketId id, std::int64_t version) {
  const auto ticket = visible_ticket(tx, id);
  if (!ticket) return ticket.error();
  if (version > ticket->version) {
    return invalid("/version", fmt::format("the ticket is only at version {}", ticket->version));
  }
  mark_read(tx, tx.principal().actor(), id, version);
  return {};
}

}  // namespace ombud::desk
