#include "channel/mail/apply.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "base/json.hpp"
#include "channel/mail/addresses.hpp"
#include "channel/mail/mime/blocks.hpp"
#include "desk/limits.hpp"
#include "store/outbox.hpp"
#include "store/tickets.hpp"

namespace ombud::mail {
namespace {

constexpr std::size_t kPersonNameBytesMax = 255;
constexpr Millis kHour{3'600'000};
// Receipts for the same words from one address within an hour. A machine that answers each of them
// and hides it mostly says the same: its loop ends within five mails. A person says other things.
constexpr int kReceiptsAlikeMax = 2;

using Nothing = std::monostate;

// Undoes the unit of work: somebody else has done the mail in the meantime.
Problem already_done() {
  return problem(ProblemKind::stale, "The mail was processed already.");
}

// An internal note of the intake itself, whoever the transaction runs for. The original may be
// larger than what the desk takes from people, so it does not go through the use case.
MessageId add_note(Tx& tx, TicketId ticket, std::string_view text,
                   const std::vector<desk::NewAttachment>& files) {
  event::MessageAdded added;
  added.visibility = Visibility::internal;
  added.from = Party::system;
  added.author = "mail";
  added.text = std::string(cut_utf8(text, desk::kTextBytesMax));
  const MessageId message{append(tx, ticket, added).event.value};
  for (const desk::NewAttachment& file : files) {
    event::AttachmentAdded attached;
    attached.message = message;
    attached.visibility = Visibility::internal;
    attached.from = Party::system;
    attached.name = file.name;
    attached.media_type = file.media_type;
    attached.bytes = file.bytes;
    attached.sha256 = file.sha256;
    append(tx, ticket, attached);
  }
  return message;
}

// The formatted body, with the ids of the files that its images show.
std::string blocks_for(Tx& tx, TicketId ticket, MessageId message, const Prepared& prepared) {
  if (prepared.blocks.empty()) return {};
  std::vector<std::int64_t> files;  // of the message, in the order of prepared.attachments
  for (const Attachment& file : attachments_of(tx, ticket)) {
    if (file.message == message) files.push_back(file.id.value);
  }
  std::vector<std::optional<std::int64_t>> ids;
  for (const auto& place : prepared.places) {
    ids.push_back(place && *place < files.size() ? std::optional(files[*place]) : std::nullopt);
  }
  return blocks_with_ids(prepared.blocks, ids);
}

// Says of a message that it was this mail.
void mark_message(Tx& tx, const MailRow& row, const Route& route, const Prepared& prepared,
                  TicketId ticket, MessageId message, PersonId person, bool quiet) {
  MailMessage mail;
  mail.message = message;
  mail.ticket = ticket;
  mail.mail = row.id;
  mail.person = person;
  mail.sender = route.sender;
  mail.sender_name = route.sender_name;
  mail.shown = prepared.shown;
  mail.body = blocks_for(tx, ticket, message, prepared);
  mail.signed_by = prepared.signed_by;
  mail.encrypted = prepared.encrypted;
  mail.quiet = quiet;
  add_mail_message(tx, mail);
}

// The address that a delivery went to; empty if it is none of the desk's own mails.
std::string address_of(const Delivery& delivery) {
  const auto document = json::parse(delivery.body);
  return document ? folded(document->root()["to"]["address"].text()) : std::string();
}

// Notes what a report says of a mail of ours; false if it says of none that it did not arrive.
bool take_report(Tx& tx, const Route& route, const Prepared& prepared) {
  if (route.reported.value == 0) return false;
  const auto delivery = find_delivery(tx, route.reported);
  if (!delivery) return false;
  const std::string address = address_of(*delivery);
  bool any = false;
  for (const DeliveryStatus& status : prepared.statuses) {
    if (status.what == DeliveryStatus::What::delivered) continue;
    event::MailBounced bounced;
    // A mail of the desk has one recipient; where it was passed on to is not ours to mark.
    bounced.address = address.empty() ? status.address : address;
    bounced.delivery = delivery->id;
    bounced.permanent = status.what == DeliveryStatus::What::failed;
    bounced.why = status.what == DeliveryStatus::What::delayed ? "late, still tried: " + status.why
                                                               : status.why;
    for (const Person& person : people_of_email(tx, bounced.address)) {
      const auto ticket = find_ticket(tx, route.ticket);
      if (ticket && person.customer == ticket->customer) bounced.person = person.id;
    }
    add_mail_bounce(tx, route.ticket, bounced);
    any = true;
    if (!address.empty()) break;
  }
  return any;
}

// A mail that a person sent from there proves that the address works.
void note_alive(Tx& tx, const Route& route, const NatureFound& nature) {
  if (!route.doubted && nature.nature == Nature::person) clear_bounces(tx, route.sender);
}

// The customer of that key, or the one for mails of nobody known, which is made if need be.
std::string customer_for(Tx& tx, const Route& route, const ApplyOptions& options) {
  if (find_customer(tx, route.customer)) return route.customer;
  if (!find_customer(tx, options.unknown_customer)) {
    Customer unknown;
    unknown.id = options.unknown_customer;
    unknown.name = options.unknown_customer_name;
    put_customer(tx, unknown);
  }
  return options.unknown_customer;
}

PersonId make_person(Tx& tx, const Route& route) {
  Person person;
  person.customer = route.customer;
  person.name = std::string(cut_utf8(
      route.sender_name.empty() ? std::string(local_part_of(route.sender)) : route.sender_name,
      kPersonNameBytesMax));
  person.email = route.sender;
  person.language = route.language;
  return put_person(tx, person);
}

MessageId first_message_of(Tx& tx, TicketId ticket) {
  const auto messages = messages_of(tx, ticket);
  OMBUD_ASSERT(!messages.empty());
  return messages.front().id;
}

void relate(Tx& tx, TicketId one, TicketId other) {
  append(tx, one, event::Related{other, RelationKind::related, {}});
  append(tx, other, event::Related{one, RelationKind::related, {}});
}

Result<Nothing> gather(Tx& tx, const MailRow& row, const Route& route, const NatureFound& nature,
                       const Prepared& prepared, TicketId ticket, int tickets_per_hour) {
  Prepared gathered = prepared;
  gathered.remarks.push_back(
      fmt::format("This address has opened {} tickets within an hour, which is the most, so this "
                  "mail is put here. If it is about something else, make a ticket of it. If a "
                  "machine sends them, ask its owner to slow it down, or have the operator raise "
                  "[mail] tickets_per_hour.",
                  tickets_per_hour));
  Route to = route;
  to.ticket = ticket;
  if (!finish_mail(tx, row, "gathered", ticket, "")) return already_done();
  std::vector<desk::NewAttachment> files = gathered.attachments;
  if (gathered.with_original) files.push_back(gathered.original);
  const MessageId note = add_note(tx, ticket, as_note_text(to, nature, gathered), files);
  mark_message(tx, row, to, gathered, ticket, note, route.person, true);
  return Nothing{};
}

}  // namespace

Result<Nothing> apply_note(Tx& tx, const MailRow& row, const Route& route,
                           const NatureFound& nature, const Prepared& prepared,
                           std::string_view outcome) {
  if (!find_ticket(tx, route.ticket)) return not_found("ticket");
  const bool bounced = take_report(tx, route, prepared);
  if (!finish_mail(tx, row, bounced ? "bounce" : outcome, route.ticket, route.link)) {
    return already_done();
  }
  std::vector<desk::NewAttachment> files = prepared.attachments;
  if (prepared.with_original) files.push_back(prepared.original);
  const MessageId note = add_note(tx, route.ticket, prepared.text, files);
  mark_message(tx, row, route, prepared, route.ticket, note, route.person, true);
  note_alive(tx, route, nature);
  return Nothing{};
}

Result<Nothing> apply_mail_note(Tx& tx, const MailRow& row, const Route& route,
                                const NatureFound& nature, const Prepared& prepared) {
  Prepared note = prepared;
  note.text = as_note_text(route, nature, prepared);
  note.with_original |= nature.nature == Nature::report;
  return apply_note(tx, row, route, nature, note, "note");
}

Result<Nothing> apply_reply(Tx& tx, const MailRow& row, const Route& route,
                            const Prepared& prepared) {
  if (!finish_mail(tx, row, "reply", route.ticket, "")) return already_done();
  desk::Reply reply;
  reply.ticket = route.ticket;
  reply.text = prepared.text;
  reply.attachments = prepared.attachments;
  reply.mail_message_id = prepared.message_id;
  reply.shown = prepared.shown;
  const Result<Message> replied = desk::reply(tx, reply);
  if (!replied) return replied.error();
  mark_message(tx, row, route, prepared, replied->ticket, replied->id, route.person, false);
  note_alive(tx, route, {});
  std::vector<desk::NewAttachment> files;
  if (prepared.with_original) files.push_back(prepared.original);
  if (!prepared.remarks.empty()) add_note(tx, route.ticket, note_text(prepared.remarks), files);
  return Nothing{};
}

Result<Nothing> apply_ticket(Tx& tx, const MailRow& row, const Route& route,
                             const NatureFound& nature, const Prepared& prepared,
                             const ApplyOptions& options, bool plain) {
  std::vector<std::string> remarks = prepared.remarks;
  const std::string customer_key = customer_for(tx, route, options);
  const SenderTally tally = tally_of_sender(tx, route.sender, route.doubted, customer_key,
                                            std::min(row.received_at, tx.at()) - kHour);
  if (tally.tickets >= options.tickets_per_hour && !plain) {
    const auto last = followed(tx, tally.last);
    if (last) {
      return gather(tx, row, route, nature, prepared, last->id, options.tickets_per_hour);
    }
  }
  PersonId requester = route.person;
  if (route.new_person) {
    requester = make_person(tx, route);
    remarks.push_back(fmt::format("{} is new: made a person of this customer by the mail domain.",
                                  who_wrote(route)));
  }
  bool quiet = nature.nature != Nature::person;
  if (quiet) {
    remarks.push_back(fmt::format("{} wrote this by machine or list ({}): no receipt was sent.",
                                  who_wrote(route), nature.why));
  } else if (requester.value == 0) {
    if (!route.doubted) {
      remarks.push_back(fmt::format(
          "The sender {} is not known, so nothing was sent to that address.", who_wrote(route)));
    }
  } else if (tally.receipts >= kReceiptsAlikeMax &&
             receipts_for_alike(tx, route.sender, prepared.shown.value_or(prepared.text),
                                std::min(row.received_at, tx.at()) - kHour) >= kReceiptsAlikeMax) {
    quiet = true;
    remarks.push_back(
        fmt::format("This address wrote the same words within an hour and got {} receipts for "
                    "them: no further one was sent. The ticket is registered all the same.",
                    kReceiptsAlikeMax));
  } else if (tally.receipts >= options.receipts_per_hour) {
    quiet = true;
    remarks.push_back(fmt::format(
        "This address got {} receipts within an hour, as many as receipts_per_hour allows: no "
        "further one was sent. The ticket is registered all the same.",
        tally.receipts));
  }
  if (route.doubted && route.claimed.value != 0) {
    if (const auto claimed = find_person(tx, route.claimed)) {
      remarks.push_back(
          fmt::format("{} of customer {} has that address.", claimed->name, claimed->customer));
    }
  }
  if (route.mentioned.value != 0) {
    remarks.push_back(
        fmt::format("It names {}, but {}.", reference_of(route.mentioned),
                    plain ? "could not be added there" : "its sender has no part in that ticket"));
  }
  const bool other_team = !route.also_team.empty() && route.also_team != route.team;
  if (other_team) {
    remarks.push_back(fmt::format("It was sent to team {}, too.", route.also_team));
  }
  if (route.twin.value != 0) {
    remarks.emplace_back(
        "A mail with the same words came before whose sender may be somebody else than he says.");
  }
  desk::Register request;
  request.customer = customer_key;
  request.requester = plain ? PersonId{} : requester;
  request.channel = Channel::mail;
  request.subject = prepared.subject;
  request.text = prepared.text;
  if (find_team(tx, route.team)) request.team = route.team;
  request.language = route.language;
  if (!plain) request.attachments = prepared.attachments;
  request.quiet = quiet || plain;
  request.held = nature.nature != Nature::person || plain || route.doubted;
  if (!request.quiet) request.mail_message_id = prepared.message_id;
  const Result<Ticket> ticket = desk::register_ticket(tx, request);
  if (!ticket) return ticket.error();
  if (!finish_mail(tx, row, quiet ? "quiet" : "registered", ticket->id, "")) {
    return already_done();
  }
  Prepared shown = prepared;
  if (plain) shown.blocks.clear();  // its images are not attached
  mark_message(tx, row, route, shown, ticket->id, first_message_of(tx, ticket->id),
               request.requester, request.quiet);
  if (route.twin.value != 0) relate(tx, ticket->id, route.twin);
  note_alive(tx, route, nature);
  std::vector<desk::NewAttachment> files;
  if (prepared.with_original || plain) files.push_back(prepared.original);
  if (plain) remarks.emplace_back("The original is attached to this note.");
  if (!remarks.empty()) add_note(tx, ticket->id, note_text(remarks), files);
  return Nothing{};
}

Result<Nothing> apply_copy(Tx& tx, const MailRow& row, const Route& route) {
  MailRow copy = row;
  copy.copy_of = route.copy_of;
  std::string note;
  if (!route.also_team.empty()) {
    note = fmt::format("The same mail was sent to {} of team {}, too.", row.envelope_to,
                       route.also_team);
  } else if (route.other_customer) {
    note = "The same mail was sent to another customer's address, too.";
  }
  return apply_outcome(tx, copy, "duplicate", route.ticket, "", note);
}

Result<Nothing> apply_outcome(Tx& tx, const MailRow& row, std::string_view outcome, TicketId ticket,
                              std::string_view link, std::string_view note) {
  if (!finish_mail(tx, row, outcome, ticket, link)) return already_done();
  if (!note.empty() && find_ticket(tx, ticket)) add_note(tx, ticket, note, {});
  return Nothing{};
}

}  // namespace ombud::mail
