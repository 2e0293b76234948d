// What the desk does with whole tickets: escalate, merge, split, relate, undo, many at once; and
// what it looks at before: similar ones.
#include <algorithm>

#include "desk/bulk.hpp"
#include "desk/limits.hpp"
#include "desk/rearrange.hpp"
#include "desk/similar.hpp"
#include "http/api/api.hpp"
#include "http/api/render.hpp"
#include "http/api/ticket_render.hpp"

namespace ombud::http {
namespace {

// The work on the ticket of the path, if the condition of the request holds.
template <class Act>
Result<Work> on_ticket(const Call& call, Act act) {
  return Work([&call, act = std::move(act)](Tx& tx) -> Result<Response> {
    const TicketId id = ticket_param(call);
    const auto checked = checked_ticket(tx, call, id);
    if (!checked) return checked.error();
    return act(tx, id);
  });
}

Result<Response> answer(const Result<Ticket>& ticket, unsigned status = 200) {
  if (!ticket) return ticket.error();
  return ticket_response(*ticket, status);
}

constexpr Member kEscalateMembers[] = {
    {.name = "team"},
    {.name = "agent", .about = "Nobody in particular if it is absent", .required = false},
    {.name = "priority", .required = false, .words = words_of<Priority>},
    {.name = "reason"}};
constexpr Schema kEscalateSchema{"Escalate", kEscalateMembers};

Result<Work> escalate_one(const Call& call) {
  json::Reader in(call.body.root(), "");
  desk::Escalate request;
  request.team = in.text("team", {.required = true, .bytes_max = 64});
  request.agent = in.text("agent", {.bytes_max = 64, .blank_allowed = true});
  request.priority = maybe_word<Priority>(in, "priority");
  request.reason = in.text("reason", {.required = true, .bytes_max = desk::kReasonBytesMax});
  if (auto refused = in.finish()) return *refused;
  return on_ticket(call, [request](Tx& tx, TicketId id) {
    desk::Escalate of_ticket = request;
    of_ticket.ticket = id;
    return answer(desk::escalate(tx, of_ticket));
  });
}

constexpr Member kMergeMembers[] = {
    {.name = "into", .shape = Shape::integer, .about = "The ticket that goes on"}};
constexpr Schema kMergeSchema{"Merge", kMergeMembers};

Result<Work> merge_one(const Call& call) {
  json::Reader in(call.body.root(), "");
  const TicketId into{in.integer("into", 1, INT64_MAX)};
  if (auto refused = in.finish()) return *refused;
  return on_ticket(call, [into](Tx& tx, TicketId id) { return answer(desk::merge(tx, id, into)); });
}

constexpr Member kSplitMembers[] = {
    {.name = "messages", .shape = Shape::integers, .about = "Ids of messages of this ticket"},
    {.name = "subject"},
    {.name = "attachments",
     .shape = Shape::integers,
     .about = "Files of the ticket that hang on no message and come along, too; those of the "
              "messages come with them",
     .required = false},
    {.name = "participants",
     .shape = Shape::integers,
     .about = "Who of the ticket's participants takes part in the new one, too: people's ids; all "
              "of them if it is left out",
     .required = false}};
constexpr Schema kSplitSchema{"Split", kSplitMembers};

Result<Work> split_one(const Call& call) {
  json::Reader in(call.body.root(), "");
  desk::Split request;
  for (const std::int64_t id : read_ids(in, "messages", desk::kSplitMessagesMax)) {
    request.messages.push_back({id});
  }
  request.subject = in.text("subject", {.required = true, .bytes_max = desk::kSubjectBytesMax});
  if (in.has("attachments")) {
    for (const std::int64_t id : read_ids(in, "attachments", desk::kAttachmentsPerTicketMax)) {
      request.attachments.push_back({id});
    }
  }
  if (call.body["participants"].is_array() && call.body["participants"].size() == 0) {
    in.has("participants");
    request.participants.emplace();
  } else if (in.has("participants")) {
    request.participants.emplace();
    for (const std::int64_t id : read_ids(in, "participants", desk::kParticipantsMax)) {
      request.participants->push_back({id});
    }
  }
  if (auto refused = in.finish()) return *refused;
  return on_ticket(call, [request](Tx& tx, TicketId id) {
    desk::Split of_ticket = request;
    of_ticket.ticket = id;
    const auto made = desk::split(tx, of_ticket);
    auto response = answer(made, 201);
    if (response) {
      response->header("Location", "/api/v1/tickets/" + std::to_string(made->id.value));
    }
    return response;
  });
}

constexpr Member kRelateMembers[] = {
    {.name = "kind", .about = "What the other is to this one", .words = words_of<RelationKind>},
    {.name = "ticket", .shape = Shape::integer}};
constexpr Schema kRelateSchema{"NewTicketRelation", kRelateMembers};

Result<Work> relate_one(const Call& call) {
  json::Reader in(call.body.root(), "");
  const auto kind = maybe_word<RelationKind>(in, "kind");
  if (!kind && !call.body["kind"].present()) in.refuse("kind", "is required");
  const TicketId other{in.integer("ticket", 1, INT64_MAX)};
  if (auto refused = in.finish()) return *refused;
  return on_ticket(call, [kind = *kind, other](Tx& tx, TicketId id) -> Result<Response> {
    const auto related = desk::relate(tx, id, kind, other);
    if (!related) return related.error();
    json::Writer out;
    write(out, *related);
    // It stood before: nothing was done, and nothing is there to undo.
    const bool made = tx.last_event().value != 0;
    return json_response(out, made ? 201 : 200);
  });
}

Result<Work> unrelate_one(const Call& call) {
  return on_ticket(call, [&call](Tx& tx, TicketId id) -> Result<Response> {
    const auto removed = desk::unrelate(tx, id, ticket_of_reference(call.params.at(1)));
    if (!removed) return removed.error();
    return no_content();
  });
}

constexpr Member kUndoMembers[] = {
    {.name = "event",
     .shape = Shape::integer,
     .about = "Of an assignment, an escalation, a change, a status or a relation"}};
constexpr Schema kUndoSchema{"Undo", kUndoMembers};

Result<Work> undo_one(const Call& call) {
  json::Reader in(call.body.root(), "");
  const EventId event{in.integer("event", 1, INT64_MAX)};
  if (auto refused = in.finish()) return *refused;
  return on_ticket(call,
                   [event](Tx& tx, TicketId id) { return answer(desk::undo(tx, id, event)); });
}

Result<Response> list_similar(Tx& tx, const Call& call) {
  const auto similar = desk::similar_tickets(tx, ticket_param(call));
  if (!similar) return similar.error();
  json::Writer out;
  begin_items(out);
  for (const desk::Similar& one : *similar) {
    out.begin_object();
    write_members(out, one.row);
    out.field("score", one.score).end_object();
  }
  end_items(out, {});
  return json_response(out);
}

// --- Many at once --------------------------------------------------------------------------------

constexpr Member kBulkChangeMembers[] = {
    {.name = "team", .required = false},
    {.name = "agent", .about = "Empty: nobody in particular", .required = false},
    {.name = "priority", .required = false, .words = words_of<Priority>},
    {.name = "kind", .required = false, .words = words_of<TicketKind>},
    {.name = "service", .about = "Empty: none", .required = false}};
constexpr Schema kBulkChangeSchema{"BulkChange", kBulkChangeMembers};
constexpr Member kBulkMembers[] = {
    {.name = "tickets", .shape = Shape::integers, .about = "At most 200, each once"},
    {.name = "change", .shape = Shape::one, .required = false, .of = &kBulkChangeSchema},
    {.name = "action", .about = "resolve, close or reopen", .required = false},
    {.name = "text", .about = "To the user with resolve, else the reason", .required = false}};
constexpr Schema kBulkSchema{"Bulk", kBulkMembers};
constexpr Member kOutcomeMembers[] = {
    {.name = "ticket",
     .shape = Shape::integer,
     .about = "null: there is no such event",
     .required = false},
    {.name = "ok", .shape = Shape::boolean},
    {.name = "problem", .about = "Why this one was left as it was", .required = false},
    {.name = "event",
     .shape = Shape::integer,
     .about = "For undo; null: nothing was changed",
     .required = false}};
constexpr Schema kOutcomeSchema{"BulkOutcome", kOutcomeMembers};

desk::Change bulk_change(json::Reader& in, const Call& call) {
  desk::Change change;
  if (!in.has("change") || !call.body["change"].present()) return change;
  if (!call.body["change"].is_object()) {
    in.refuse("change", "must be an object");
    return change;
  }
  json::Reader fields(call.body["change"], "/change");
  change.team = fields.maybe_text("team", {.bytes_max = 64});
  change.agent = fields.maybe_text("agent", {.bytes_max = 64, .blank_allowed = true});
  change.priority = maybe_word<Priority>(fields, "priority");
  change.kind = maybe_word<TicketKind>(fields, "kind");
  change.service = fields.maybe_text("service", {.bytes_max = 64, .blank_allowed = true});
  if (fields.finish()) in.absorb(fields);
  return change;
}

std::string told(const Problem& problem) {
  std::string text = problem.detail;
  for (const FieldProblem& field : problem.fields) {
    text += " " + field.pointer + " " + field.detail + ".";
  }
  return text;
}

Response told(const std::vector<desk::BulkOutcome>& outcomes) {
  json::Writer out;
  begin_items(out);
  for (const desk::BulkOutcome& one : outcomes) {
    out.begin_object();
    write_or_null(out, "ticket", one.ticket);
    out.field("ok", !one.problem.has_value());
    write_or_null(out, "problem", one.problem ? told(*one.problem) : std::string());
    write_or_null(out, "event", one.event);
    out.end_object();
  }
  end_items(out, {});
  return json_response(out);
}

Result<Work> bulk(const Call& call) {
  json::Reader in(call.body.root(), "");
  desk::Bulk request;
  for (const std::int64_t id : read_ids(in, "tickets", desk::kBulkMax)) {
    request.tickets.push_back({id});
  }
  request.change = bulk_change(in, call);
  const std::string action = in.maybe_text("action", {}).value_or("");
  request.text = in.text("text", {.bytes_max = desk::kReasonBytesMax, .blank_allowed = true});
  if (action == "resolve") {
    request.action = desk::BulkAction::resolve;
  } else if (action == "close") {
    request.action = desk::BulkAction::close;
  } else if (action == "reopen") {
    request.action = desk::BulkAction::reopen;
  } else if (!action.empty()) {
    in.refuse("action", "must be resolve, close or reopen");
  } else if (!call.body["change"].present()) {
    in.refuse("action", "or change is required");
  }
  if (auto refused = in.finish()) return *refused;
  return Work([request = std::move(request)](Tx& tx) -> Result<Response> {
    const auto outcomes = desk::do_all(tx, request);
    if (!outcomes) return outcomes.error();
    return told(*outcomes);
  });
}

constexpr Member kBulkUndoMembers[] = {
    {.name = "events", .shape = Shape::integers, .about = "Of a bulk's outcomes; at most 200"}};
constexpr Schema kBulkUndoSchema{"BulkUndo", kBulkUndoMembers};

Result<Work> bulk_undo(const Call& call) {
  json::Reader in(call.body.root(), "");
  std::vector<EventId> events;
  for (const std::int64_t id : read_ids(in, "events", desk::kBulkMax)) events.push_back({id});
  if (auto refused = in.finish()) return *refused;
  return Work([events = std::move(events)](Tx& tx) -> Result<Response> {
    const auto outcomes = desk::undo_all(tx, events);
    if (!outcomes) return outcomes.error();
    return told(*outcomes);
  });
}

}  // namespace

void declare_ticket_moves(Router& router) {
  router.add({.method = Method::post,
              .path = "/api/v1/tickets/{ticket}/escalate",
              .id = "escalate_ticket",
              .needs = Permission::ticket_work,
              .tag = "tickets",
              .summary = "Give it on inside the provider, with the reason",
              .handler = &escalate_one,
              .body = &kEscalateSchema,
              .answer = &kTicketSchema});
  router.add({.method = Method::post,
              .path = "/api/v1/tickets/{ticket}/merge",
              .id = "merge_ticket",
              .needs = Permission::ticket_work,
              .tag = "tickets",
              .summary = "Close it and let it go on in another ticket of the customer",
              .handler = &merge_one,
              .body = &kMergeSchema,
              .answer = &kTicketSchema});
  router.add({.method = Method::post,
              .path = "/api/v1/tickets/{ticket}/split",
              .id = "split_ticket",
              .needs = Permission::ticket_work,
              .tag = "tickets",
              .summary = "A new ticket with copies of some messages and files",
              .handler = &split_one,
              .body = &kSplitSchema,
              .answer = &kTicketSchema,
              .status = 201});
  router.add({.method = Method::post,
              .path = "/api/v1/tickets/{ticket}/relations",
              .id = "relate_ticket",
              .needs = Permission::ticket_work,
              .tag = "tickets",
              .summary = "Say what another ticket is to this one; 200: it stood so",
              .handler = &relate_one,
              .body = &kRelateSchema,
              .answer = &kRelationSchema,
              .status = 201});
  router.add({.method = Method::delete_,
              .path = "/api/v1/tickets/{ticket}/relations/{other}",
              .id = "unrelate_ticket",
              .needs = Permission::ticket_work,
              .tag = "tickets",
              .summary = "The two have nothing to do with each other",
              .handler = &unrelate_one,
              .status = 204});
  router.add({.method = Method::post,
              .path = "/api/v1/tickets/{ticket}/undo",
              .id = "undo_event",
              .needs = Permission::ticket_work,
              .tag = "tickets",
              .summary = "Take back what nobody has changed since",
              .handler = &undo_one,
              .body = &kUndoSchema,
              .answer = &kTicketSchema});
  router.add({.method = Method::get,
              .path = "/api/v1/tickets/{ticket}/similar",
              .id = "list_similar_tickets",
              .needs = Permission::ticket_work,
              .tag = "tickets",
              .summary = "Tickets with the same words, best first",
              .handler = &list_similar,
              .answer = &kSimilarSchema,
              .list = true});
  router.add({.method = Method::post,
              .path = "/api/v1/tickets/bulk",
              .id = "change_tickets",
              .needs = Permission::ticket_work,
              .tag = "tickets",
              .summary = "The same change or action on many, each for itself",
              .handler = &bulk,
              .body = &kBulkSchema,
              .answer = &kOutcomeSchema,
              .list = true});
  router.add({.method = Method::post,
              .path = "/api/v1/tickets/bulk-undo",
              .id = "undo_events",
              .needs = Permission::ticket_work,
              .tag = "tickets",
              .summary = "Take back what a bulk did, but where somebody has changed it since",
              .handler = &bulk_undo,
              .body = &kBulkUndoSchema,
              .answer = &kOutcomeSchema,
              .list = true});
}

}  // namespace ombud::http
