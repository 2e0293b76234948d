// Delegations: a ticket handed to a supplier, and what the desk does with its answer.
#include "desk/delegations.hpp"

#include "desk/limits.hpp"
#include "desk/lost_copies.hpp"
#include "desk/tickets.hpp"
#include "http/api/api.hpp"
#include "http/api/render.hpp"

namespace ombud::http {
namespace {

constexpr Member kDelegateMembers[] = {
    {.name = "link",
     .about = "The supplier's link; may be left out if the agreements name only one",
     .required = false},
    {.name = "service", .about = "The ticket's, if it is left out", .required = false},
    {.name = "brief",
     .about = "The desk's own words to the supplier; they leave whatever the policy says",
     .required = false}};
constexpr Schema kDelegateSchema{"Delegate", kDelegateMembers};

Result<desk::Delegate> delegate_request(const Call& call) {
  json::Reader in(call.body.root(), "");
  desk::Delegate request;
  request.ticket = ticket_param(call);
  request.link = key_text(in, "link", false);
  request.service = key_text(in, "service", false);
  request.brief = in.text("brief", {.bytes_max = desk::kTextBytesMax, .blank_allowed = true});
  if (auto refused = in.finish()) return *refused;
  return request;
}

Result<Work> delegate_one(const Call& call) {
  auto request = delegate_request(call);
  if (!request) return request.error();
  return Work([&call, request = std::move(*request)](Tx& tx) -> Result<Response> {
    const auto checked = checked_ticket(tx, call, request.ticket);
    if (!checked) return checked.error();
    const auto delegation = desk::delegate(tx, request);
    if (!delegation) return delegation.error();
    Response response = one_response(*delegation, 201);
    response.header("Location", "/api/v1/delegations/" + std::to_string(delegation->id.value));
    return response;
  });
}

constexpr Member kDocumentMembers[] = {
    {.name = "op", .about = "put_ticket, add_comment or add_attachment"},
    {.name = "document", .about = "What would leave, to the byte"},
    {.name = "blob", .about = "SHA-256 of an attachment's bytes", .required = false}};
constexpr Schema kDocumentSchema{"PreviewDocument", kDocumentMembers};
constexpr Member kPreviewMembers[] = {
    {.name = "link"},
    {.name = "supplier"},
    {.name = "shared", .shape = Shape::texts},
    {.name = "withheld", .shape = Shape::texts},
    {.name = "documents", .shape = Shape::many, .about = "In order", .of = &kDocumentSchema}};
constexpr Schema kPreviewSchema{"Preview", kPreviewMembers};

Result<Work> preview_one(const Call& call) {
  auto request = delegate_request(call);
  if (!request) return request.error();
  return Work([request = std::move(*request)](Tx& tx) -> Result<Response> {
    const auto preview = desk::preview(tx, request);
    if (!preview) return preview.error();
    json::Writer out;
    out.begin_object().field("link", preview->link).field("supplier", preview->supplier);
    write_texts(out, "shared", preview->shared);
    write_texts(out, "withheld", preview->withheld);
    out.begin_array("documents");
    for (const NewDelivery& document : preview->documents) {
      out.begin_object().field("op", document.op).field("document", document.body);
      write_or_null(out, "blob", document.blob);
      out.end_object();
    }
    out.end_array().end_object();
    return json_response(out);
  });
}

Result<Response> list_of_ticket(Tx& tx, const Call& call) {
  const TicketId id = ticket_param(call);
  const auto ticket = desk::visible_ticket(tx, id);
  if (!ticket) return ticket.error();
  json::Writer out;
  begin_items(out);
  for (const Delegation& delegation : delegations_of(tx, id)) write(out, delegation);
  end_items(out, {});
  return json_response(out);
}

Result<Response> read_one(Tx& tx, const Call& call) {
  const auto delegation = find_delegation(tx, id_param<DelegationId>(call));
  if (!delegation) return not_found("delegation");
  return one_response(*delegation);
}

// --- What the desk does with one
// ------------------------------------------------------------------

using Action = Result<Delegation> (*)(Tx&, DelegationId, const std::string&);

constexpr Member kOptionalMembers[] = {{.name = "reason", .required = false}};
constexpr Schema kOptionalSchema{"DelegationReason", kOptionalMembers};
constexpr Member kRequiredMembers[] = {{.name = "reason", .about = "Goes to the supplier"}};
constexpr Schema kRequiredSchema{"DelegationRejection", kRequiredMembers};

Result<Work> act(const Call& call, Action action, bool reason_required) {
  json::Reader in(call.body.root(), "");
  std::string reason = in.text("reason", {.required = reason_required,
                                          .bytes_max = desk::kReasonBytesMax,
                                          .blank_allowed = !reason_required});
  if (auto refused = in.finish()) return *refused;
  return Work([&call, action, reason = std::move(reason)](Tx& tx) -> Result<Response> {
    const auto delegation = action(tx, id_param<DelegationId>(call), reason);
    if (!delegation) return delegation.error();
    return one_response(*delegation);
  });
}

Result<Work> accept_one(const Call& call) {
  return act(call, &desk::accept, false);
}
Result<Work> reject_one(const Call& call) {
  return act(call, &desk::reject, true);
}
Result<Work> withdraw_one(const Call& call) {
  return act(call, &desk::withdraw, false);
}

Result<Work> write_off_one(const Call& call) {
  return act(call, &desk::write_off, false);
}
Result<Work> recreate_one(const Call& call) {
  return act(call, &desk::recreate, false);
}

constexpr Member kWriteMembers[] = {
    {.name = "text", .about = "To the supplier, in the desk's name"}};
constexpr Schema kWriteSchema{"SupplierMessage", kWriteMembers};

Result<Work> write_to_supplier(const Call& call) {
  json::Reader in(call.body.root(), "");
  std::string text = in.text("text", {.required = true, .bytes_max = desk::kTextBytesMax});
  if (auto refused = in.finish()) return *refused;
  return Work([&call, text = std::move(text)](Tx& tx) -> Result<Response> {
    const auto message = desk::message_supplier(tx, id_param<DelegationId>(call), text);
    if (!message) return message.error();
    return message_response(*message, tx.principal());
  });
}

}  // namespace

void declare_delegations(Router& router) {
  router.add({.method = Method::get,
              .path = "/api/v1/tickets/{ticket}/delegations",
              .id = "list_delegations",
              .needs = Permission::delegation_read,
              .tag = "delegations",
              .summary = "The hand-overs of a ticket, oldest first",
              .handler = &list_of_ticket,
              .answer = &kDelegationSchema,
              .list = true});
  router.add({.method = Method::post,
              .path = "/api/v1/tickets/{ticket}/delegations",
              .id = "delegate_ticket",
              .needs = Permission::delegation_work,
              .tag = "delegations",
              .summary = "Hand the ticket to a supplier, under an agreement",
              .handler = &delegate_one,
              .body = &kDelegateSchema,
              .answer = &kDelegationSchema,
              .status = 201});
  router.add({.method = Method::post,
              .path = "/api/v1/tickets/{ticket}/delegations/preview",
              .id = "preview_delegation",
              .needs = Permission::delegation_work,
              .tag = "delegations",
              .summary = "Exactly what would leave, and what would not; nothing is done",
              .handler = &preview_one,
              .body = &kDelegateSchema,
              .answer = &kPreviewSchema});
  router.add({.method = Method::get,
              .path = "/api/v1/delegations/{delegation}",
              .id = "read_delegation",
              .needs = Permission::delegation_read,
              .tag = "delegations",
              .summary = "Read a delegation",
              .handler = &read_one,
              .answer = &kDelegationSchema});
  router.add({.method = Method::post,
              .path = "/api/v1/delegations/{delegation}/accept",
              .id = "accept_delegation",
              .needs = Permission::delegation_work,
              .tag = "delegations",
              .summary = "The desk has verified the supplier's solution",
              .handler = &accept_one,
              .body = &kOptionalSchema,
              .answer = &kDelegationSchema});
  router.add({.method = Method::post,
              .path = "/api/v1/delegations/{delegation}/reject",
              .id = "reject_delegation",
              .needs = Permission::delegation_work,
              .tag = "delegations",
              .summary = "Not solved: back to the supplier",
              .handler = &reject_one,
              .body = &kRequiredSchema,
              .answer = &kDelegationSchema});
  router.add({.method = Method::post,
              .path = "/api/v1/delegations/{delegation}/withdraw",
              .id = "withdraw_delegation",
              .needs = Permission::delegation_work,
              .tag = "delegations",
              .summary = "Ask the supplier to stop; what waits unsent is taken back",
              .handler = &withdraw_one,
              .body = &kOptionalSchema,
              .answer = &kDelegationSchema});
  router.add({.method = Method::post,
              .path = "/api/v1/delegations/{delegation}/write-off",
              .id = "write_off_delegation",
              .needs = Permission::delegation_work,
              .tag = "delegations",
              .summary = "The supplier has lost its copy: end the hand-over without telling it",
              .handler = &write_off_one,
              .body = &kOptionalSchema,
              .answer = &kDelegationSchema});
  router.add({.method = Method::post,
              .path = "/api/v1/delegations/{delegation}/recreate",
              .id = "recreate_delegation",
              .needs = Permission::delegation_work,
              .tag = "delegations",
              .summary = "The supplier has lost its copy: hand the ticket over again, as a new one",
              .handler = &recreate_one,
              .body = &kOptionalSchema,
              .answer = &kDelegationSchema});
  router.add({.method = Method::post,
              .path = "/api/v1/delegations/{delegation}/messages",
              .id = "write_to_supplier",
              .needs = Permission::delegation_work,
              .tag = "delegations",
              .summary = "A message to this supplier alone",
              .handler = &write_to_supplier,
              .body = &kWriteSchema,
              .answer = &kMessageSchema,
              .status = 201});
}

}  // namespace ombud::http
