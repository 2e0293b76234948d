// How what the desk keeps is written as JSON, with the schema of each beside its writer.
#pragma once

#include <span>

#include "http/route.hpp"
#include "notify/reach.hpp"
#include "store/exchanges.hpp"
#include "store/mails.hpp"
#include "store/notifications.hpp"
#include "store/outbox.hpp"
#include "store/tickets.hpp"

namespace ombud::http {

extern const Schema kTicketSchema, kMessageSchema, kAttachmentSchema, kDelegationSchema,
    kEventSchema, kDeliverySchema, kDeliveryDetailSchema, kAuthenticationSchema, kReachSchema;

#define OMBUD_TICKET_MEMBERS                                                                      \
  {.name = "id", .shape = Shape::integer},                                                        \
      {.name = "reference", .about = "What people see, such as OMB-1042"}, {.name = "customer"},  \
      {.name = "requester", .shape = Shape::integer, .about = "Person", .required = false},       \
      {.name = "kind", .words = words_of<TicketKind>},                                            \
      {.name = "status", .words = words_of<TicketStatus>},                                        \
      {.name = "priority", .words = words_of<Priority>},                                          \
      {.name = "channel", .words = words_of<Channel>}, {.name = "subject"},                       \
      {.name = "service", .required = false}, {.name = "team"},                                   \
      {.name = "agent", .required = false}, {.name = "language"},                                 \
      {.name = "version", .shape = Shape::integer, .about = "The ETag, without its quotes"},      \
      {.name = "created_at", .shape = Shape::time}, {.name = "updated_at", .shape = Shape::time}, \
      {.name = "resolved_at", .shape = Shape::time, .required = false},                           \
      {.name = "closed_at", .shape = Shape::time, .required = false}, {                           \
    .name = "merged_into", .shape = Shape::integer, .about = "The ticket that it has gone on in", \
    .required = false                                                                             \
  }

void write_members(json::Writer& out, const Ticket& ticket);  // without the braces
void write(json::Writer& out, const Ticket& ticket);
// `mail`: what it was as a mail, null if it was none. `told`: who was told of it by mail. Who may
// know what of that is decided here.
void write(json::Writer& out, const Message& message, const MailMessage* mail,
           std::span<const ToldByMail> told, const Principal& who);
void write(json::Writer& out, const Attachment& attachment);
void write(json::Writer& out, const Delegation& delegation);
void write(json::Writer& out, const LoggedEvent& event);
void write_members(json::Writer& out, const Delivery& delivery);
void write(json::Writer& out, const Attempt& attempt, const std::vector<WireExchange>& exchanges);

void write_time(json::Writer& out, std::string_view name, const std::optional<Instant>& at);
void write_texts(json::Writer& out, std::string_view name, const std::vector<std::string>& texts);
void write_or_null(json::Writer& out, std::string_view name, std::string_view text);
template <class Tag>
void write_or_null(json::Writer& out, std::string_view name, Id<Tag> id) {
  out.key(name);
  if (id.value == 0) {
    out.null();
  } else {
    out.value(id.value);
  }
}

// A table (base/csv.hpp) that browsers save under this name.
Response csv_response(std::string csv, std::string_view file_name);

// null if nothing is known of it yet.
void write_authentication(json::Writer& out, const MailAuthentication& authentication);

// A message that the principal has just written.
// `reach`: of what the desk said to the user.
Response message_response(const Message& message, const Principal& who,
                          const notify::Reach* reach = nullptr);
void write_reach(json::Writer& out, const notify::Reach& reach);  // as the member "reach"

// One of them as an answer; a ticket with its ETag.
Response ticket_response(const Ticket& ticket, unsigned status = 200);
template <class T>
Response one_response(const T& thing, unsigned status = 200) {
  json::Writer out;
  write(out, thing);
  return json_response(out, status);
}

}  // namespace ombud::http
