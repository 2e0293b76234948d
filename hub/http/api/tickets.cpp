// Tickets: register, list, read, change, and what is said and logged in them.
#include "desk/tickets.hpp"

#include <fmt/format.h>

#include "base/bytes.hpp"
#include "desk/approvals.hpp"
#include "desk/delegations.hpp"
#include "desk/limits.hpp"
#include "desk/ticket_list.hpp"
#include "desk/ticket_people.hpp"
#include "http/api/api.hpp"
#include "http/api/render.hpp"
#include "http/api/ticket_query.hpp"
#include "http/api/ticket_render.hpp"
#include "notify/reach.hpp"

namespace ombud::http {
namespace {

// --- Register ----------------------------------------------------------------------------------

constexpr Member kRequesterMembers[] = {
    {.name = "name"}, {.name = "email", .required = false}, {.name = "phone", .required = false}};
constexpr Schema kRequesterSchema{"NewRequester", kRequesterMembers};
constexpr Member kRegisterMembers[] = {
    {.name = "subject", .about = "At most 255 bytes"},
    {.name = "text", .about = "The first message, at most 1 MiB", .required = false},
    {.name = "kind", .required = false, .words = words_of<TicketKind>},
    {.name = "priority", .required = false, .words = words_of<Priority>},
    {.name = "channel", .required = false, .words = words_of<Channel>},
    {.name = "service",
     .about = "Key; recognised from the words if it is absent",
     .required = false},
    {.name = "team", .about = "For the desk: the owning team", .required = false},
    {.name = "customer", .about = "For the desk; a user's own otherwise", .required = false},
    {.name = "requester",
     .shape = Shape::one,
     .about = "For the desk: a person's id, or a new person by name and e-mail",
     .required = false,
     .of = &kRequesterSchema}};
constexpr Schema kRegisterSchema{"Register", kRegisterMembers};

// The person that an agent named by name and e-mail: a known one as he is, else a new one.
PersonId known_or_new(Tx& tx, const Person& person) {
  for (const Person& known : people_of_email(tx, person.email)) {
    if (known.customer == person.customer) return known.id;
  }
  return put_person(tx, person);
}

Result<Work> register_one(const Call& call) {
  const bool inside = call.principal.inside();
  json::Reader in(call.body.root(), "");
  desk::Register request;
  request.subject = in.text("subject", {.required = true, .bytes_max = desk::kSubjectBytesMax});
  request.text = in.text("text", {.bytes_max = desk::kTextBytesMax, .blank_allowed = true});
  request.kind = maybe_word<TicketKind>(in, "kind").value_or(TicketKind::incident);
  request.priority = maybe_word<Priority>(in, "priority").value_or(Priority::normal);
  request.channel = maybe_word<Channel>(in, "channel").value_or(Channel::api);
  request.service = key_text(in, "service", false);
  request.team = key_text(in, "team", false);
  request.customer = key_text(in, "customer", false);
  std::optional<Person> requester;
  const json::View who = call.body["requester"];
  if (who.is_object() && in.has("requester")) {
    json::Reader person(who, "/requester");
    requester.emplace();
    requester->customer = request.customer;
    requester->name = person.text("name", {.required = true, .bytes_max = desk::kNameBytesMax});
    requester->email = person.text("email", {});
    requester->phone = person.text("phone", {});
    if (auto refused = person.finish()) in.absorb(person);
    if (request.customer.empty()) in.refuse("customer", "is required with a new requester");
    if (!inside) in.refuse("requester", "is always yourself; leave it out");
  } else if (who.present() && !who.is_integer()) {
    in.has("requester");
    in.refuse("requester", "must be a person's id, or an object with name and email");
  } else {
    request.requester = {in.maybe_integer("requester", 1, INT64_MAX).value_or(0)};
  }
  if (auto refused = in.finish()) return *refused;

  return Work(
      [request = std::move(request), requester = std::move(requester)](Tx& tx) -> Result<Response> {
        const auto registered = [&]() -> Result<Ticket> {
          if (!requester) return desk::register_ticket(tx, request);
          if (!find_customer(tx, requester->customer)) {
            return invalid("/customer", "is not a customer; see /api/v1/customers");
          }
          desk::Register for_person = request;
          for_person.requester = known_or_new(tx, *requester);
          return desk::register_ticket(tx, for_person);
        }();
        if (!registered) return registered.error();
        Response response = ticket_response(*registered, 201);
        response.header("Location", "/api/v1/tickets/" + std::to_string(registered->id.value));
        return response;
      });
}

// --- List and read -------------------------------------------------------------------------------

constexpr Member kListQuery[] = {OMBUD_TICKET_QUERY, kCursor, kLimit};

Result<Response> list_all(Tx& tx, const Call& call) {
  auto request = ticket_list_of(call.query, call.principal);
  if (!request) return request.error();
  const auto limit = page_limit(call);
  if (!limit) return limit.error();
  request->cursor = call.query.text("cursor");
  request->limit = *limit;
  auto listing = desk::list(tx, *request);
  if (!listing) return listing.error();
  json::Writer out;
  begin_items(out);
  for (const desk::TicketRow& row : desk::rows_of(tx, std::move(listing->tickets))) {
    write(out, row);
  }
  end_items(out, listing->next);
  return json_response(out);
}

// What a ticket's page says that changes without a new version: what became of the desk's mails and
// whom an answer reaches, for those who see it, and who may decide an order.
struct Surroundings {
  std::vector<ToldByMail> told;
  std::optional<notify::Reach> reach;
  std::optional<desk::ApprovalView> approval;
  std::vector<std::string_view> may;  // about the approval
};

Surroundings surroundings_of(Tx& tx, const Ticket& ticket) {
  Surroundings around;
  if (tx.principal().inside()) {
    around.told = told_by_mail(tx, ticket.id);
    around.reach = notify::reach_of(tx, ticket);
  }
  around.approval = desk::approval_view(tx, ticket);
  around.may = desk::may_about_approval(tx, ticket);
  return around;
}

// The version, and with it all that changes without one.
std::string etag_with(const Ticket& ticket, const Surroundings& around) {
  std::string all;
  for (const ToldByMail& one : around.told) {
    all += fmt::format("{}/{}/{}/{}/{}/{}/{}\n", one.event.value, one.person.value, one.name,
                       one.address, one.state, one.error, one.bounced);
  }
  if (around.reach)
    all += fmt::format("{}/{}\n", ombud::to_text(around.reach->way), around.reach->why);
  if (around.approval) {
    const desk::ApprovalView& view = *around.approval;
    for (const desk::Decides& one : view.approvers) {
      all += fmt::format("{}/{}/{}/{}/{}\n", one.person.value, one.name, one.may,
                         one.instead_of.value, one.instead_of_name);
    }
    all += fmt::format("{}/{}/{}\n", view.trouble, view.decided_by_name, view.decided_for_name);
  }
  for (const std::string_view what : around.may) all += fmt::format("{}\n", what);
  if (all.empty()) return etag_of(ticket.version);
  return fmt::format("\"{}.{}\"", ticket.version, sha256_hex(all).substr(0, 16));
}

Result<Response> read_one(Tx& tx, const Call& call) {
  const TicketId id = ticket_param(call);
  if (!call.exchange.header("If-None-Match").empty()) {
    const auto ticket = desk::visible_ticket(tx, id);
    if (!ticket) return ticket.error();
    std::string etag = etag_with(*ticket, surroundings_of(tx, *ticket));
    if (none_match(call, etag)) return not_modified(std::move(etag));
  }
  const auto view = desk::show(tx, id);
  if (!view) return view.error();
  const Surroundings around = surroundings_of(tx, view->ticket);
  json::Writer out;
  write(out, *view, around.told, around.reach, call.principal);
  Response response = json_response(out);
  response.header("ETag", etag_with(view->ticket, around));
  return response;
}

constexpr Member kEventsQuery[] = {kCursor, kLimit};

Result<Response> list_events(Tx& tx, const Call& call) {
  const auto after = number_cursor(call);
  if (!after) return after.error();
  const auto limit = page_limit(call);
  if (!limit) return limit.error();
  const TicketId id = ticket_param(call);
  const auto ticket = desk::visible_ticket(tx, id);
  if (!ticket) return ticket.error();
  const auto events = events_of(tx, id, after->value_or(0), *limit);
  json::Writer out;
  begin_items(out);
  for (const LoggedEvent& event : events) write(out, event);
  const bool more =
      static_cast<int>(events.size()) == *limit && events.back().version < ticket->version;
  end_items(out, more ? std::to_string(events.back().version) : std::string());
  return json_response(out);
}

// --- Change and speak ----------------------------------------------------------------------------

constexpr Member kNamedMembers[] = {
    {.name = "email"},
    {.name = "name",
     .about = "Of a new person; left out or empty: that of the mail which came from there, else "
              "the address before its @",
     .required = false}};
constexpr Schema kNamedSchema{"NamedPerson", kNamedMembers};
constexpr Member kChangeMembers[] = {
    {.name = "subject", .required = false},
    {.name = "service", .about = "Empty: none", .required = false},
    {.name = "team", .required = false},
    {.name = "agent", .about = "Empty: nobody in particular", .required = false},
    {.name = "priority", .required = false, .words = words_of<Priority>},
    {.name = "kind", .required = false, .words = words_of<TicketKind>},
    {.name = "requester",
     .shape = Shape::one,
     .about = "A person of the ticket's customer: his id, or his e-mail address, of a new one with "
              "a name. He sees the ticket and is told of it from then on, of nothing said before",
     .required = false,
     .of = &kNamedSchema}};
constexpr Schema kChangeSchema{"TicketChange", kChangeMembers};

// Whom the desk names by address.
struct Named {
  std::string email, name;
};

// The refusal of a part of the body, which stands there.
Problem below(Problem refused, std::string_view pointer) {
  for (FieldProblem& field : refused.fields) field.pointer.insert(0, pointer);
  return refused;
}

Result<Work> change_one(const Call& call) {
  json::Reader in(call.body.root(), "");
  desk::Change change;
  change.subject = in.maybe_text("subject", {.bytes_max = desk::kSubjectBytesMax});
  change.service = in.maybe_text("service", {.bytes_max = 64, .blank_allowed = true});
  change.team = in.maybe_text("team", {.bytes_max = 64});
  change.agent = in.maybe_text("agent", {.bytes_max = 64, .blank_allowed = true});
  change.priority = maybe_word<Priority>(in, "priority");
  change.kind = maybe_word<TicketKind>(in, "kind");
  std::optional<Named> named;
  const json::View who = call.body["requester"];
  if (who.is_object() && in.has("requester")) {
    json::Reader person(who, "/requester");
    named.emplace();
    named->email = person.text("email", {.required = true, .bytes_max = desk::kNameBytesMax});
    named->name = person.text("name", {.bytes_max = desk::kNameBytesMax, .blank_allowed = true});
    if (auto refused = person.finish()) in.absorb(person);
  } else if (who.present() && !who.is_integer()) {
    in.has("requester");
    in.refuse("requester", "must be a person's id, or an object with email and name");
  } else if (const auto person = in.maybe_integer("requester", 1, INT64_MAX)) {
    change.requester = PersonId{*person};
  }
  if (auto refused = in.finish()) return *refused;
  return Work([&call, change = std::move(change), named](Tx& tx) -> Result<Response> {
    const TicketId id = ticket_param(call);
    const auto checked = checked_ticket(tx, call, id);
    if (!checked) return checked.error();
    desk::Change wanted = change;
    if (named) {
      const auto ticket = desk::visible_ticket(tx, id);
      if (!ticket) return ticket.error();
      if (!role_may(tx.principal().role, Permission::ticket_work)) {
        return problem(ProblemKind::forbidden, "Only the desk says who the requester is.");
      }
      const auto person = desk::person_of_address(tx, *ticket, named->email, named->name);
      if (!person) return below(person.error(), "/requester");
      wanted.requester = person->id;
    }
    const auto changed = desk::change(tx, id, std::nullopt, wanted);
    if (!changed) return changed.error();
    return ticket_response(*changed);
  });
}

constexpr Member kSpeakMembers[] = {
    {.name = "text", .about = "At most 1 MiB"},
    {.name = "visibility",
     .about = "user by default; internal and supplier are for the desk",
     .required = false,
     .words = words_of<Visibility>},
    {.name = "delegation",
     .shape = Shape::integer,
     .about = "With visibility supplier: to whom",
     .required = false},
    {.name = "relays",
     .shape = Shape::integer,
     .about = "With visibility user: the supplier's message that is passed on",
     .required = false},
    {.name = "status",
     .about = "For the desk, with visibility user: waiting_user (it asks) or in_progress",
     .required = false,
     .words = words_of<TicketStatus>},
    {.name = "attachments",
     .shape = Shape::integers,
     .about = "Files that you have added to the ticket, of no message yet, and send with this one: "
              "to the user those that the user sees, else those that were added with "
              "internal=true",
     .required = false}};
constexpr Schema kSpeakSchema{"NewMessage", kSpeakMembers};

struct Speech {
  std::string text;
  Visibility visibility = Visibility::user;
  DelegationId delegation;
  MessageId relays;
  std::optional<TicketStatus> status;
  std::vector<AttachmentId> files;
};

Result<Message> say(Tx& tx, TicketId ticket, const Speech& speech) {
  switch (speech.visibility) {
    case Visibility::user: {
      desk::Reply reply;
      reply.ticket = ticket;
      reply.text = speech.text;
      reply.relays = speech.relays;
      reply.status = speech.status;
      reply.uploaded = speech.files;
      return desk::reply(tx, reply);
    }
    case Visibility::internal:
      return desk::note(tx, ticket, speech.text, {}, speech.files);
    case Visibility::supplier: {
      const auto delegation = find_delegation(tx, speech.delegation);
      if (!delegation || delegation->ticket != ticket) return not_found("delegation");
      return desk::message_supplier(tx, speech.delegation, speech.text, speech.files);
    }
  }
  return not_found("ticket");
}

Result<Work> speak(const Call& call) {
  json::Reader in(call.body.root(), "");
  Speech speech;
  speech.text = in.text("text", {.required = true, .bytes_max = desk::kTextBytesMax});
  speech.visibility = maybe_word<Visibility>(in, "visibility").value_or(Visibility::user);
  speech.delegation = {in.maybe_integer("delegation", 1, INT64_MAX).value_or(0)};
  speech.relays = {in.maybe_integer("relays", 1, INT64_MAX).value_or(0)};
  if ((speech.visibility == Visibility::supplier) != (speech.delegation.value != 0)) {
    in.refuse("delegation", "belongs to visibility supplier, and that to it");
  }
  if (in.has("attachments")) {
    for (const std::int64_t id : read_ids(in, "attachments", desk::kAttachmentsPerTicketMax)) {
      speech.files.push_back({id});
    }
  }
  speech.status = maybe_word<TicketStatus>(in, "status");
  if (speech.status && speech.visibility != Visibility::user) {
    in.refuse("status", "belongs to visibility user");
  }
  if (speech.relays.value != 0 && speech.visibility != Visibility::user) {
    in.refuse("relays", "belongs to visibility user");
  }
  if (auto refused = in.finish()) return *refused;
  if (speech.visibility != Visibility::user && !call.principal.inside()) {
    return problem(ProblemKind::forbidden, "Only the desk writes internal notes and to suppliers.");
  }
  if (speech.visibility == Visibility::supplier &&
      !may(call.principal, Permission::delegation_work)) {
    return problem(ProblemKind::forbidden, "This needs the permission delegation.work.");
  }
  return Work([&call, speech = std::move(speech)](Tx& tx) -> Result<Response> {
    const TicketId id = ticket_param(call);
    const auto checked = checked_ticket(tx, call, id);
    if (!checked) return checked.error();
    const auto message = say(tx, id, speech);
    if (!message) return message.error();
    const Principal& who = tx.principal();
    const auto ticket = find_ticket(tx, message->ticket);
    if (!ticket || !who.inside() || message->visibility != Visibility::user) {
      return message_response(*message, who);
    }
    const notify::Reach reach = notify::reach_of(tx, *ticket);
    return message_response(*message, who, &reach);
  });
}

}  // namespace

void declare_tickets(Router& router) {
  router.add({.method = Method::post,
              .path = "/api/v1/tickets",
              .id = "register_ticket",
              .needs = Permission::ticket_register,
              .tag = "tickets",
              .summary = "Register a ticket",
              .handler = &register_one,
              .body = &kRegisterSchema,
              .answer = &kTicketSchema,
              .status = 201});
  router.add({.method = Method::get,
              .path = "/api/v1/tickets",
              .id = "list_tickets",
              .needs = Permission::ticket_read,
              .tag = "tickets",
              .summary = "List tickets, latest change first",
              .handler = &list_all,
              .query = kListQuery,
              .answer = &kTicketRowSchema,
              .list = true});
  router.add({.method = Method::get,
              .path = "/api/v1/tickets/{ticket}",
              .id = "read_ticket",
              .needs = Permission::ticket_read,
              .tag = "tickets",
              .summary = "Read a ticket with its messages, attachments and delegations",
              .handler = &read_one,
              .answer = &kTicketDetailSchema});
  router.add({.method = Method::patch,
              .path = "/api/v1/tickets/{ticket}",
              .id = "change_ticket",
              .needs = Permission::ticket_work,
              .tag = "tickets",
              .summary = "Change what is named, leave the rest",
              .handler = &change_one,
              .body = &kChangeSchema,
              .answer = &kTicketSchema});
  router.add({.method = Method::post,
              .path = "/api/v1/tickets/{ticket}/messages",
              .id = "add_message",
              .needs = Permission::ticket_answer,
              .tag = "tickets",
              .summary = "Write to the user, an internal note, or to one supplier",
              .handler = &speak,
              .body = &kSpeakSchema,
              .answer = &kMessageSchema,
              .status = 201});
  router.add({.method = Method::get,
              .path = "/api/v1/tickets/{ticket}/events",
              .id = "list_ticket_events",
              .needs = Permission::ticket_log,
              .tag = "tickets",
              .summary = "Everything that happened, oldest first",
              .handler = &list_events,
              .query = kEventsQuery,
              .answer = &kEventSchema,
              .list = true});
}

}  // namespace ombud::http
