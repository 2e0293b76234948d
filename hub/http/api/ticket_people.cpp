// Who takes part in a ticket, how it is rated, and how far it was read.
#include "desk/ticket_people.hpp"
#include "desk/limits.hpp"
#include "http/api/api.hpp"
#include "http/api/render.hpp"
#include "http/api/ticket_render.hpp"

namespace ombud::http {
namespace {

constexpr Member kAddMembers[] = {
    {.name = "person", .shape = Shape::integer, .about = "For the desk", .required = false},
    {.name = "email",
     .about = "Of somebody at the ticket's customer; one or the other",
     .required = false},
    {.name = "name", .about = "Of a person who is not known yet", .required = false}};
constexpr Schema kAddSchema{"NewParticipant", kAddMembers};

Result<Work> add_one(const Call& call) {
  json::Reader in(call.body.root(), "");
  desk::AddParticipant request;
  const auto person = in.maybe_integer("person", 1, INT64_MAX);
  const auto email = in.maybe_text("email", {});
  request.name = in.maybe_text("name", {.blank_allowed = true}).value_or("");
  if (person.has_value() == email.has_value()) {
    in.refuse("email", "or person is required, and only one of them");
  }
  if (auto refused = in.finish()) return *refused;
  request.person = {person.value_or(0)};
  request.email = email.value_or("");
  return Work([&call, request = std::move(request)](Tx& tx) -> Result<Response> {
    const TicketId id = ticket_param(call);
    const auto checked = checked_ticket(tx, call, id);
    if (!checked) return checked.error();
    desk::AddParticipant for_ticket = request;
    for_ticket.ticket = id;
    const auto added = desk::add_participant(tx, for_ticket);
    if (!added) return added.error();
    json::Writer out;
    write(out, *added);
    return json_response(out, 201);
  });
}

Response no_content() {
  Response response;
  response.status = 204;
  return response;
}

Result<Work> remove_one(const Call& call) {
  return Work([&call](Tx& tx) -> Result<Response> {
    const TicketId id = ticket_param(call);
    const auto checked = checked_ticket(tx, call, id);
    if (!checked) return checked.error();
    const auto removed =
        desk::remove_participant(tx, id, PersonId{ticket_of_reference(call.params.at(1)).value});
    if (!removed) return removed.error();
    return no_content();
  });
}

constexpr Member kRateMembers[] = {
    {.name = "score", .shape = Shape::integer, .about = "1 to 5, of which 5 is best"},
    {.name = "text", .required = false}};
constexpr Schema kRateSchema{"NewRating", kRateMembers};

Result<Work> rate_one(const Call& call) {
  json::Reader in(call.body.root(), "");
  const std::int64_t score = in.integer("score", 1, 5);
  std::string text = in.text("text", {.bytes_max = desk::kReasonBytesMax, .blank_allowed = true});
  if (auto refused = in.finish()) return *refused;
  return Work([&call, score, text = std::move(text)](Tx& tx) -> Result<Response> {
    const TicketId id = ticket_param(call);
    const auto checked = checked_ticket(tx, call, id);
    if (!checked) return checked.error();
    const auto rated = desk::rate(tx, id, score, text);
    if (!rated) return rated.error();
    return ticket_response(*rated);
  });
}

constexpr Member kReadMembers[] = {
    {.name = "version", .shape = Shape::integer, .about = "Up to which it was seen"}};
constexpr Schema kReadSchema{"ReadMark", kReadMembers};

Result<Work> read_one(const Call& call) {
  json::Reader in(call.body.root(), "");
  const std::int64_t version = in.integer("version", 1, INT64_MAX);
  if (auto refused = in.finish()) return *refused;
  return Work([&call, version](Tx& tx) -> Result<Response> {
    const auto read = desk::read_until(tx, ticket_param(call), version);
    if (!read) return read.error();
    return no_content();
  });
}

}  // namespace

void declare_ticket_people(Router& router) {
  router.add({.method = Method::post,
              .path = "/api/v1/tickets/{ticket}/participants",
              .id = "add_participant",
              .needs = Permission::ticket_answer,
              .tag = "tickets",
              .summary = "Let one more person of the customer see and answer it",
              .handler = &add_one,
              .body = &kAddSchema,
              .answer = &kParticipantSchema,
              .status = 201});
  router.add({.method = Method::delete_,
              .path = "/api/v1/tickets/{ticket}/participants/{person}",
              .id = "remove_participant",
              .needs = Permission::ticket_answer,
              .tag = "tickets",
              .summary = "The person no longer takes part",
              .handler = &remove_one,
              .status = 204});
  router.add({.method = Method::post,
              .path = "/api/v1/tickets/{ticket}/rating",
              .id = "rate_ticket",
              .needs = Permission::ticket_answer,
              .tag = "tickets",
              .summary = "What the requester thinks of the help; the last one counts",
              .handler = &rate_one,
              .body = &kRateSchema,
              .answer = &kTicketSchema});
  router.add({.method = Method::put,
              .path = "/api/v1/tickets/{ticket}/read",
              .id = "read_ticket_until",
              .needs = Permission::ticket_answer,
              .tag = "tickets",
              .summary = "You have seen it up to this version",
              .handler = &read_one,
              .body = &kReadSchema,
              .status = 204});
}

}  // namespace ombud::http
