// What is done with a ticket as a whole: resolve, close, reopen, assign.
#include "desk/limits.hpp"
#include "desk/tickets.hpp"
#include "http/api/api.hpp"
#include "http/api/render.hpp"

namespace ombud::http {
namespace {

using Action = Result<Ticket> (*)(Tx&, TicketId, const std::string&);

constexpr Member kResolveMembers[] = {
    {.name = "text", .about = "Tells the user how it was solved", .required = false},
    {.name = "attachments",
     .shape = Shape::integers,
     .about = "With a text: files that you have added to the ticket before the user's eyes, of no "
              "message yet, and send with it",
     .required = false}};
constexpr Schema kResolveSchema{"Resolve", kResolveMembers};
constexpr Member kReasonMembers[] = {{.name = "reason", .required = false}};
constexpr Schema kReasonSchema{"OptionalReason", kReasonMembers};

Work act(const Call& call, Action action, std::string words) {
  return [&call, action, words = std::move(words)](Tx& tx) -> Result<Response> {
    const TicketId id = ticket_param(call);
    const auto checked = checked_ticket(tx, call, id);
    if (!checked) return checked.error();
    const auto ticket = action(tx, id, words);
    if (!ticket) return ticket.error();
    return ticket_response(*ticket);
  };
}

Result<Work> resolve_one(const Call& call) {
  json::Reader in(call.body.root(), "");
  std::string text = in.text("text", {.bytes_max = desk::kTextBytesMax, .blank_allowed = true});
  std::vector<AttachmentId> files;
  if (in.has("attachments")) {
    for (const std::int64_t id : read_ids(in, "attachments", desk::kAttachmentsPerTicketMax)) {
      files.push_back({id});
    }
  }
  if (auto refused = in.finish()) return *refused;
  return Work(
      [&call, text = std::move(text), files = std::move(files)](Tx& tx) -> Result<Response> {
        const TicketId id = ticket_param(call);
        const auto checked = checked_ticket(tx, call, id);
        if (!checked) return checked.error();
        const auto ticket = desk::resolve(tx, id, text, files);
        if (!ticket) return ticket.error();
        return ticket_response(*ticket);
      });
}

Result<Work> with_reason(const Call& call, Action action) {
  json::Reader in(call.body.root(), "");
  std::string reason =
      in.text("reason", {.bytes_max = desk::kReasonBytesMax, .blank_allowed = true});
  if (auto refused = in.finish()) return *refused;
  return act(call, action, std::move(reason));
}

Result<Work> close_one(const Call& call) {
  return with_reason(call, &desk::close);
}
Result<Work> reopen_one(const Call& call) {
  return with_reason(call, &desk::reopen);
}

constexpr Member kAssignMembers[] = {
    {.name = "team", .required = false},
    {.name = "agent", .about = "Empty: nobody in particular", .required = false}};
constexpr Schema kAssignSchema{"Assign", kAssignMembers};

Result<Work> assign_one(const Call& call) {
  json::Reader in(call.body.root(), "");
  desk::Change change;
  change.team = in.maybe_text("team", {.bytes_max = 64});
  change.agent = in.maybe_text("agent", {.bytes_max = 64, .blank_allowed = true});
  if (!change.team && !change.agent && !in.has("team")) {
    in.refuse("team", "is required, unless there is an agent");
  }
  if (auto refused = in.finish()) return *refused;
  return Work([&call, change = std::move(change)](Tx& tx) -> Result<Response> {
    const TicketId id = ticket_param(call);
    const auto checked = checked_ticket(tx, call, id);
    if (!checked) return checked.error();
    const auto ticket = desk::change(tx, id, std::nullopt, change);
    if (!ticket) return ticket.error();
    return ticket_response(*ticket);
  });
}

}  // namespace

void declare_ticket_actions(Router& router) {
  router.add({.method = Method::post,
              .path = "/api/v1/tickets/{ticket}/resolve",
              .id = "resolve_ticket",
              .needs = Permission::ticket_work,
              .tag = "tickets",
              .summary = "The desk has solved it",
              .handler = &resolve_one,
              .body = &kResolveSchema,
              .answer = &kTicketSchema});
  router.add({.method = Method::post,
              .path = "/api/v1/tickets/{ticket}/close",
              .id = "close_ticket",
              .needs = Permission::ticket_answer,
              .tag = "tickets",
              .summary = "Confirmed: the ticket ends",
              .handler = &close_one,
              .body = &kReasonSchema,
              .answer = &kTicketSchema});
  router.add({.method = Method::post,
              .path = "/api/v1/tickets/{ticket}/reopen",
              .id = "reopen_ticket",
              .needs = Permission::ticket_answer,
              .tag = "tickets",
              .summary = "Not solved after all",
              .handler = &reopen_one,
              .body = &kReasonSchema,
              .answer = &kTicketSchema});
  router.add({.method = Method::post,
              .path = "/api/v1/tickets/{ticket}/assign",
              .id = "assign_ticket",
              .needs = Permission::ticket_work,
              .tag = "tickets",
              .summary = "To a team, an agent, or both",
              .handler = &assign_one,
              .body = &kAssignSchema,
              .answer = &kTicketSchema});
}

}  // namespace ombud::http
