// Yes or no to an order, of the customer's own organisation; and the desk's part in it.
#include "desk/approvals.hpp"

#include "desk/limits.hpp"
#include "http/api/api.hpp"
#include "http/api/render.hpp"

namespace ombud::http {
namespace {

template <class Act>
Work on_ticket(const Call& call, Act act) {
  return [&call, act = std::move(act)](Tx& tx) -> Result<Response> {
    const TicketId id = ticket_param(call);
    const auto checked = checked_ticket(tx, call, id);
    if (!checked) return checked.error();
    const Result<Ticket> ticket = act(tx, id);
    if (!ticket) return ticket.error();
    return ticket_response(*ticket);
  };
}

constexpr Member kDecideMembers[] = {{.name = "decision", .about = "approve or reject"},
                                     {.name = "comment",
                                      .about = "Required with reject: the requester reads it",
                                      .required = false}};
constexpr Schema kDecideSchema{"ApprovalDecision", kDecideMembers};

Result<Work> decide_one(const Call& call) {
  json::Reader in(call.body.root(), "");
  desk::Decision decision;
  const std::string word = in.text("decision", {.required = true});
  if (!word.empty() && word != "approve" && word != "reject") {
    in.refuse("decision", "must be approve or reject");
  }
  decision.approve = word == "approve";
  decision.comment =
      in.text("comment", {.bytes_max = desk::kReasonBytesMax, .blank_allowed = true});
  if (auto refused = in.finish()) return *refused;
  return on_ticket(call, [decision](Tx& tx, TicketId id) {
    desk::Decision of_ticket = decision;
    of_ticket.ticket = id;
    return desk::decide(tx, of_ticket);
  });
}

Result<Work> ask_one(const Call& call) {
  if (auto refused = read_nothing(call)) return *refused;
  return on_ticket(call, &desk::ask_approval);
}

constexpr Member kWaiveMembers[] = {{.name = "reason", .about = "Kept in the log"}};
constexpr Schema kWaiveSchema{"ApprovalWaiver", kWaiveMembers};

Result<Work> waive_one(const Call& call) {
  json::Reader in(call.body.root(), "");
  const std::string reason =
      in.text("reason", {.required = true, .bytes_max = desk::kReasonBytesMax});
  if (auto refused = in.finish()) return *refused;
  return on_ticket(call,
                   [reason](Tx& tx, TicketId id) { return desk::waive_approval(tx, id, reason); });
}

}  // namespace

void declare_approvals(Router& router) {
  router.add({.method = Method::post,
              .path = "/api/v1/tickets/{ticket}/approval",
              .id = "decide_order",
              .needs = Permission::order_approve,
              .tag = "tickets",
              .summary = "Say yes or no to an order of your organisation that somebody else made",
              .handler = &decide_one,
              .body = &kDecideSchema,
              .answer = &kTicketSchema});
  router.add({.method = Method::post,
              .path = "/api/v1/tickets/{ticket}/approval/request",
              .id = "request_approval",
              .needs = Permission::ticket_work,
              .tag = "tickets",
              .summary = "Ask the customer's approvers, or ask them again",
              .handler = &ask_one,
              .body = &kNothingSchema,
              .answer = &kTicketSchema});
  router.add({.method = Method::delete_,
              .path = "/api/v1/tickets/{ticket}/approval",
              .id = "waive_approval",
              .needs = Permission::ticket_work,
              .tag = "tickets",
              .summary = "Go on without a yes, and say why",
              .handler = &waive_one,
              .body = &kWaiveSchema,
              .answer = &kTicketSchema});
}

}  // namespace ombud::http
