#include "http/api/render.hpp"

#include "http/api/api.hpp"

namespace ombud::http {
namespace {

constexpr Member kTicketMembers[] = {OMBUD_TICKET_MEMBERS};

std::vector<std::string_view> verdict_words() {
  return {"pass", "fail", "none"};
}
constexpr Member kAuthenticationMembers[] = {
    {.name = "verdict",
     .about = "Whether the mail is from whom it says, as a trusted server found",
     .words = verdict_words},
    {.name = "spf", .about = "In that server's words, as the next two", .required = false},
    {.name = "dkim", .required = false},
    {.name = "dmarc", .required = false}};

std::vector<std::string_view> signature_words() {
  return {"smime", "openpgp"};
}
constexpr Member kMessageMailMembers[] = {
    {.name = "id", .shape = Shape::integer},
    {.name = "from", .about = "As the mail says; for the desk", .required = false},
    {.name = "from_name", .about = "For the desk", .required = false},
    {.name = "authentication",
     .shape = Shape::one,
     .about = "For the desk",
     .required = false,
     .of = &kAuthenticationSchema},
    {.name = "signed",
     .about = "It carries a signature, which was not checked",
     .required = false,
     .words = signature_words},
    {.name = "encrypted", .shape = Shape::boolean},
    {.name = "original", .about = "Where the mail is, byte for byte"}};
constexpr Schema kMessageMailSchema{"MessageMail", kMessageMailMembers};

std::vector<std::string_view> mail_state_words() {
  return {"waiting", "sent", "failed", "bounced"};
}
constexpr Member kToldMembers[] = {
    {.name = "person", .shape = Shape::integer},
    {.name = "name"},
    {.name = "address"},
    {.name = "state", .about = "What came of the mail", .words = mail_state_words},
    {.name = "why", .about = "It failed, or waits for another try", .required = false},
    {.name = "delivery",
     .shape = Shape::integer,
     .about = "null: it waits for an hour that the person chose",
     .required = false}};
constexpr Schema kToldSchema{"MessageTold", kToldMembers};

constexpr Member kReachMembers[] = {
    {.name = "way", .about = "The best that any of them has", .words = words_of<notify::Way>},
    {.name = "why",
     .about = "Unless it is mail: no_requester, no_mail_out, no_address or own_choice",
     .required = false},
    {.name = "detail", .about = "The same in a sentence, with the remedy", .required = false}};

}  // namespace
constexpr Schema kReachSchema{"Reach", kReachMembers};
namespace {

constexpr Member kMessageMembers[] = {
    {.name = "id", .shape = Shape::integer},
    {.name = "visibility", .words = words_of<Visibility>},
    {.name = "from", .words = words_of<Party>},
    {.name = "author"},
    {.name = "person",
     .shape = Shape::integer,
     .about = "Who of the customer's people wrote it",
     .required = false},
    {.name = "delegation",
     .shape = Shape::integer,
     .about = "The supplier's leg it belongs to",
     .required = false},
    {.name = "relays",
     .shape = Shape::integer,
     .about = "The supplier's message that this one tells the user about",
     .required = false},
    {.name = "at", .shape = Shape::time},
    {.name = "text", .about = "Whole"},
    {.name = "shown",
     .about = "Of a mail: without what it quotes and its signature; null: equal to `text`",
     .required = false},
    {.name = "body", .about = "Where its formatted text is, if it has one", .required = false},
    {.name = "mail",
     .shape = Shape::one,
     .about = "For the desk and who wrote it: the mail that it was",
     .required = false,
     .of = &kMessageMailSchema},
    {.name = "told",
     .shape = Shape::many,
     .about = "For the desk, of what it said to the user: who was told by mail",
     .required = false,
     .of = &kToldSchema},
    {.name = "reach",
     .shape = Shape::one,
     .about = "For the desk, when it has said something to the user",
     .required = false,
     .of = &kReachSchema}};

constexpr Member kAttachmentMembers[] = {
    {.name = "id", .shape = Shape::integer},
    {.name = "ticket", .shape = Shape::integer},
    {.name = "message", .shape = Shape::integer, .required = false},
    {.name = "delegation", .shape = Shape::integer, .required = false},
    {.name = "visibility", .words = words_of<Visibility>},
    {.name = "from", .words = words_of<Party>},
    {.name = "name"},
    {.name = "media_type"},
    {.name = "bytes", .shape = Shape::integer},
    {.name = "sha256"},
    {.name = "at", .shape = Shape::time}};

constexpr Member kDelegationMembers[] = {
    {.name = "id", .shape = Shape::integer},
    {.name = "ticket", .shape = Shape::integer},
    {.name = "reference"},
    {.name = "agreement", .shape = Shape::integer},
    {.name = "link"},
    {.name = "supplier"},
    {.name = "state", .words = words_of<DelegationState>},
    {.name = "brief"},
    {.name = "shared", .shape = Shape::texts, .about = "Fields that left, by the agreement"},
    {.name = "withheld", .shape = Shape::texts, .about = "Fields that did not"},
    {.name = "external_id", .about = "The supplier's ticket, empty until it is known"},
    {.name = "external_url"},
    {.name = "external_status", .about = "In the supplier's own words"},
    {.name = "reason"},
    {.name = "due_at", .shape = Shape::time, .required = false},
    {.name = "created_at", .shape = Shape::time},
    {.name = "updated_at", .shape = Shape::time}};

constexpr Member kEventMembers[] = {{.name = "id", .shape = Shape::integer},
                                    {.name = "ticket", .shape = Shape::integer},
                                    {.name = "version", .shape = Shape::integer},
                                    {.name = "at", .shape = Shape::time},
                                    {.name = "actor"},
                                    {.name = "type"},
                                    {.name = "data", .shape = Shape::object}};

#define OMBUD_DELIVERY_MEMBERS                                                                    \
  {.name = "id", .shape = Shape::integer}, {.name = "link"},                                      \
      {.name = "ticket",                                                                          \
       .shape = Shape::integer,                                                                   \
       .about = "null: a letter of the hub to one person, about no ticket",                       \
       .required = false},                                                                        \
      {.name = "reference", .required = false}, {.name = "customer", .required = false},          \
      {.name = "delegation", .shape = Shape::integer, .required = false},                         \
      {.name = "op", .about = "put_ticket, add_comment, add_attachment; event: to a subscriber"}, \
      {.name = "state", .about = "waiting, ready, leased, done, dead, parked or cancelled"},      \
      {.name = "doubt",                                                                           \
       .shape = Shape::boolean,                                                                   \
       .about = "It may or may not have reached the supplier"},                                   \
      {.name = "attempts", .shape = Shape::integer}, {.name = "correlation"},                     \
      {.name = "run_at", .shape = Shape::time}, {.name = "external_id"}, {.name = "last_error"},  \
      {.name = "created_at", .shape = Shape::time}, {                                             \
    .name = "finished_at", .shape = Shape::time, .required = false                                \
  }

constexpr Member kDeliveryMembers[] = {OMBUD_DELIVERY_MEMBERS};

constexpr Member kExchangeMembers[] = {
    {.name = "method"},
    {.name = "url"},
    {.name = "status", .shape = Shape::integer, .about = "Of the answer; 0: none came"},
    {.name = "request_headers", .about = "A line for each"},
    {.name = "request_body"},
    {.name = "response_headers"},
    {.name = "response_body"},
    {.name = "error", .about = "Why there is no whole answer"},
    {.name = "ms", .shape = Shape::integer},
    {.name = "truncated", .shape = Shape::boolean, .about = "Something of it was cut"}};
constexpr Schema kExchangeSchema{"Exchange", kExchangeMembers};
constexpr Member kAttemptMembers[] = {{.name = "epoch", .shape = Shape::integer},
                                      {.name = "step"},
                                      {.name = "status"},
                                      {.name = "started_at", .shape = Shape::time},
                                      {.name = "finished_at", .shape = Shape::time},
                                      {.name = "supplier_code", .shape = Shape::integer},
                                      {.name = "message"},
                                      {.name = "exchanges",
                                       .shape = Shape::many,
                                       .about = "What went over HTTP, oldest first; only to who "
                                                "works for all customers, for 30 days",
                                       .of = &kExchangeSchema}};
constexpr Schema kAttemptSchema{"Attempt", kAttemptMembers};
constexpr Member kDeliveryDetailMembers[] = {
    OMBUD_DELIVERY_MEMBERS,
    {.name = "document", .about = "What leaves, to the byte; empty: a letter with a secret link"},
    {.name = "blob", .about = "SHA-256 of the attachment's bytes", .required = false},
    {.name = "history", .shape = Shape::many, .of = &kAttemptSchema}};

}  // namespace

constexpr Schema kTicketSchema{"Ticket", kTicketMembers};
constexpr Schema kAuthenticationSchema{"MailAuthentication", kAuthenticationMembers};
constexpr Schema kMessageSchema{"Message", kMessageMembers};
constexpr Schema kAttachmentSchema{"Attachment", kAttachmentMembers};
constexpr Schema kDelegationSchema{"Delegation", kDelegationMembers};
constexpr Schema kEventSchema{"Event", kEventMembers};
constexpr Schema kDeliverySchema{"Delivery", kDeliveryMembers};
constexpr Schema kDeliveryDetailSchema{"DeliveryDetail", kDeliveryDetailMembers};
void write_time(json::Writer& out, std::string_view name, const std::optional<Instant>& at) {
  out.key(name);
  if (at) {
    out.value(to_rfc3339(*at));
  } else {
    out.null();
  }
}

void write_texts(json::Writer& out, std::string_view name, const std::vector<std::string>& texts) {
  out.begin_array(name);
  for (const std::string& text : texts) out.value(text);
  out.end_array();
}

void write_or_null(json::Writer& out, std::string_view name, std::string_view text) {
  out.key(name);
  if (text.empty()) {
    out.null();
  } else {
    out.value(text);
  }
}

void write_members(json::Writer& out, const Ticket& ticket) {
  out.field("id", ticket.id.value)
      .field("reference", reference_of(ticket.id))
      .field("customer", ticket.customer);
  write_or_null(out, "requester", ticket.requester);
  out.field("kind", to_text(ticket.kind))
      .field("status", to_text(ticket.status))
      .field("priority", to_text(ticket.priority))
      .field("channel", to_text(ticket.channel))
      .field("subject", ticket.subject);
  write_or_null(out, "service", ticket.service);
  out.field("team", ticket.team);
  write_or_null(out, "agent", ticket.agent);
  out.field("language", ticket.language)
      .field("version", ticket.version)
      .field("created_at", to_rfc3339(ticket.created_at))
      .field("updated_at", to_rfc3339(ticket.updated_at));
  write_time(out, "resolved_at", ticket.resolved_at);
  write_time(out, "closed_at", ticket.closed_at);
  write_or_null(out, "merged_into", ticket.merged_into);
}

void write(json::Writer& out, const Ticket& ticket) {
  out.begin_object();
  write_members(out, ticket);
  out.end_object();
}

void write_authentication(json::Writer& out, const MailAuthentication& authentication) {
  if (authentication.verdict.empty()) {
    out.null();
    return;
  }
  out.begin_object().field("verdict", authentication.verdict);
  write_or_null(out, "spf", authentication.spf);
  write_or_null(out, "dkim", authentication.dkim);
  write_or_null(out, "dmarc", authentication.dmarc);
  out.end_object();
}

namespace {

void write_mail(json::Writer& out, const MailMessage& mail, const Principal& who) {
  out.begin_object().field("id", mail.mail);
  const bool inside = who.inside();
  write_or_null(out, "from", inside ? mail.sender : "");
  write_or_null(out, "from_name", inside ? mail.sender_name : "");
  out.key("authentication");
  write_authentication(out, inside ? mail.authentication : MailAuthentication{});
  write_or_null(out, "signed", mail.signed_by);
  out.field("encrypted", mail.encrypted)
      .field("original", "/api/v1/mails/" + std::to_string(mail.mail) + "/original")
      .end_object();
}

}  // namespace

namespace {

// What came of the mail, in the words of whoever waits for it.
std::string_view mail_state(const ToldByMail& told) {
  if (told.bounced) return "bounced";
  if (told.state == "done") return "sent";
  const bool failed = told.state == "dead" || told.state == "parked" || told.state == "cancelled";
  return failed ? "failed" : "waiting";
}

void write_told(json::Writer& out, std::span<const ToldByMail> all) {
  out.begin_array("told");
  for (const ToldByMail& told : all) {
    out.begin_object()
        .field("person", told.person.value)
        .field("name", told.name)
        .field("address", told.address)
        .field("state", mail_state(told));
    write_or_null(out, "why", told.error);
    write_or_null(out, "delivery", told.delivery);
    out.end_object();
  }
  out.end_array();
}

}  // namespace

namespace {

void write_members(json::Writer& out, const Message& message, const MailMessage* mail,
                   std::span<const ToldByMail> told, const Principal& who) {
  out.field("id", message.id.value)
      .field("visibility", to_text(message.visibility))
      .field("from", to_text(message.from))
      .field("author", message.author);
  write_or_null(out, "person", message.person);
  write_or_null(out, "delegation", message.delegation);
  write_or_null(out, "relays", message.relays);
  out.field("at", to_rfc3339(message.at)).field("text", message.text);
  out.key("shown");
  if (mail != nullptr && mail->shown) {
    out.value(*mail->shown);
  } else {
    out.null();
  }
  const bool body = mail != nullptr && !mail->body.empty();
  write_or_null(out, "body",
                body ? "/api/v1/messages/" + std::to_string(message.id.value) + "/body" : "");
  out.key("mail");
  const bool his = who.is_person() && message.person == who.person;
  if (mail != nullptr && (who.inside() || his)) {
    write_mail(out, *mail, who);
  } else {
    out.null();
  }
  if (who.inside() && message.from == Party::desk && message.visibility == Visibility::user) {
    write_told(out, told);
  }
}

}  // namespace

void write(json::Writer& out, const Message& message, const MailMessage* mail,
           std::span<const ToldByMail> told, const Principal& who) {
  out.begin_object();
  write_members(out, message, mail, told, who);
  out.end_object();
}

void write_reach(json::Writer& out, const notify::Reach& reach) {
  out.begin_object("reach").field("way", ombud::to_text(reach.way));
  write_or_null(out, "why", reach.why);
  write_or_null(out, "detail", notify::why_in_words(reach));
  out.end_object();
}

Response message_response(const Message& message, const Principal& who,
                          const notify::Reach* reach) {
  json::Writer out;
  out.begin_object();
  write_members(out, message, nullptr, {}, who);
  if (reach != nullptr) write_reach(out, *reach);
  out.end_object();
  return json_response(out, 201);
}

void write(json::Writer& out, const Attachment& attachment) {
  out.begin_object().field("id", attachment.id.value).field("ticket", attachment.ticket.value);
  write_or_null(out, "message", attachment.message);
  write_or_null(out, "delegation", attachment.delegation);
  out.field("visibility", to_text(attachment.visibility))
      .field("from", to_text(attachment.from))
      .field("name", attachment.name)
      .field("media_type", attachment.media_type)
      .field("bytes", attachment.bytes)
      .field("sha256", attachment.sha256)
      .field("at", to_rfc3339(attachment.at))
      .end_object();
}

void write(json::Writer& out, const Delegation& delegation) {
  out.begin_object()
      .field("id", delegation.id.value)
      .field("ticket", delegation.ticket.value)
      .field("reference", reference_of(delegation.ticket))
      .field("agreement", delegation.agreement.value)
      .field("link", delegation.link)
      .field("supplier", delegation.supplier)
      .field("state", to_text(delegation.state))
      .field("brief", delegation.brief);
  write_texts(out, "shared", delegation.shared);
  write_texts(out, "withheld", delegation.withheld);
  out.field("external_id", delegation.external_id)
      .field("external_url", delegation.external_url)
      .field("external_status", delegation.external_status)
      .field("reason", delegation.reason);
  write_time(out, "due_at", delegation.due_at);
  out.field("created_at", to_rfc3339(delegation.created_at))
      .field("updated_at", to_rfc3339(delegation.updated_at))
      .end_object();
}

void write(json::Writer& out, const LoggedEvent& event) {
  out.begin_object()
      .field("id", event.id.value)
      .field("ticket", event.ticket.value)
      .field("version", event.version)
      .field("at", to_rfc3339(event.at))
      .field("actor", event.actor)
      .field("type", event.type)
      .key("data")
      .raw(event.data)
      .end_object();
}

void write_members(json::Writer& out, const Delivery& delivery) {
  out.field("id", delivery.id.value).field("link", delivery.lane.link);
  const bool letter = delivery.lane.ticket.value == 0;
  write_or_null(out, "ticket", delivery.lane.ticket);
  write_or_null(out, "reference",
                letter ? std::string_view() : std::string_view(reference_of(delivery.lane.ticket)));
  write_or_null(out, "customer", delivery.lane.customer);
  write_or_null(out, "delegation", delivery.lane.delegation);
  // To the connector an event is a comment; nobody else need know.
  const bool event = delivery.body.starts_with(R"({"schema":"ombud.event/1")");
  out.field("op", event ? "event" : delivery.op)
      .field("state", delivery.state)
      .field("doubt", delivery.doubt)
      .field("attempts", delivery.attempts)
      .field("correlation", delivery.correlation)
      .field("run_at", to_rfc3339(delivery.run_at))
      .field("external_id", delivery.external_id)
      .field("last_error", delivery.last_error)
      .field("created_at", to_rfc3339(delivery.created_at));
  write_time(out, "finished_at", delivery.finished_at);
}

namespace {

void write(json::Writer& out, const WireExchange& exchange) {
  out.begin_object()
      .field("method", exchange.method)
      .field("url", exchange.url)
      .field("status", exchange.status)
      .field("request_headers", exchange.request_headers)
      .field("request_body", exchange.request_body)
      .field("response_headers", exchange.response_headers)
      .field("response_body", exchange.response_body)
      .field("error", exchange.error)
      .field("ms", exchange.ms)
      .field("truncated", exchange.truncated)
      .end_object();
}

}  // namespace

void write(json::Writer& out, const Attempt& attempt, const std::vector<WireExchange>& exchanges) {
  out.begin_object()
      .field("epoch", attempt.epoch)
      .field("step", attempt.step)
      .field("status", attempt.status)
      .field("started_at", to_rfc3339(attempt.started_at))
      .field("finished_at", to_rfc3339(attempt.finished_at))
      .field("supplier_code", attempt.supplier_code)
      .field("message", attempt.message)
      .begin_array("exchanges");
  for (const WireExchange& exchange : exchanges) write(out, exchange);
  out.end_array().end_object();
}

Response ticket_response(const Ticket& ticket, unsigned status) {
  Response response = one_response(ticket, status);
  response.header("ETag", etag_of(ticket.version));
  return response;
}

Response csv_response(std::string csv, std::string_view file_name) {
  Response response;
  response.content_type = "text/csv; charset=utf-8; header=present";
  response.body = std::move(csv);
  response.header("Content-Disposition", "attachment; filename=\"" + std::string(file_name) + "\"");
  return response;
}

}  // namespace ombud::http
