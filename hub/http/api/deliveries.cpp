// Deliveries: what is on its way out, and what an operator does when it is stuck.
#include "desk/deliveries.hpp"

#include <algorithm>

#include "desk/limits.hpp"
#include "http/api/api.hpp"
#include "http/api/render.hpp"
#include "store/outbox.hpp"

namespace ombud::http {
namespace {

constexpr std::string_view kStates[] = {"waiting", "ready",  "leased",   "done",
                                        "dead",    "parked", "cancelled"};
std::vector<std::string_view> state_words() {
  return {std::begin(kStates), std::end(kStates)};
}

constexpr Member kListQuery[] = {{.name = "link", .required = false},
                                 {.name = "state", .required = false, .words = state_words},
                                 {.name = "trouble",
                                  .shape = Shape::boolean,
                                  .about = "true: dead, parked or in doubt",
                                  .required = false},
                                 {.name = "ticket", .about = "OMB-12 or 12", .required = false},
                                 kCursor,
                                 kLimit};

Result<Response> list_all(Tx& tx, const Call& call) {
  DeliveryFilter filter;
  filter.link = call.query.text("link");
  filter.state = call.query.text("state");
  if (!filter.state.empty() &&
      std::find(std::begin(kStates), std::end(kStates), filter.state) == std::end(kStates)) {
    return invalid("?state", "must be waiting, ready, leased, done, dead, parked or cancelled");
  }
  const auto trouble = call.query.flag("trouble");
  if (!trouble) return trouble.error();
  filter.trouble_only = *trouble;
  if (call.query.has("ticket")) {
    filter.ticket = ticket_of_reference(call.query.text("ticket"));
    if (filter.ticket.value == 0) return invalid("?ticket", "must be a ticket's number");
  }
  const auto before = number_cursor(call);
  if (!before) return before.error();
  const auto limit = page_limit(call);
  if (!limit) return limit.error();
  std::optional<DeliveryId> from;
  if (*before) from = DeliveryId{**before};
  const auto deliveries = list_deliveries(tx, filter, from, *limit);
  json::Writer out;
  begin_items(out);
  for (const Delivery& delivery : deliveries) {
    out.begin_object();
    write_members(out, delivery);
    out.end_object();
  }
  const bool more = static_cast<int>(deliveries.size()) == *limit;
  end_items(out, more ? std::to_string(deliveries.back().id.value) : std::string());
  return json_response(out);
}

Response detail(Tx& tx, const Delivery& delivery) {
  json::Writer out;
  out.begin_object();
  write_members(out, delivery);
  out.field("document", delivery.body);
  write_or_null(out, "blob", delivery.blob);
  out.begin_array("history");
  for (const Attempt& attempt : attempts_of(tx, delivery.id)) write(out, attempt);
  out.end_array().end_object();
  return json_response(out);
}

Result<Response> read_one(Tx& tx, const Call& call) {
  const auto delivery = find_delivery(tx, id_param<DeliveryId>(call));
  if (!delivery) return not_found("delivery");
  return detail(tx, *delivery);
}

// --- What an operator does
// ------------------------------------------------------------------------

using Action = Result<Delivery> (*)(Tx&, const desk::Operate&);

constexpr Member kReasonMembers[] = {
    {.name = "reason", .about = "Stays in the delivery's history", .required = false}};
constexpr Schema kReasonSchema{"DeliveryReason", kReasonMembers};
constexpr Member kConfirmMembers[] = {
    {.name = "reason", .about = "Stays in the delivery's history", .required = false},
    {.name = "external_id", .about = "The supplier's id of it, if known", .required = false}};
constexpr Schema kConfirmSchema{"DeliveryConfirmation", kConfirmMembers};

Result<Work> act(const Call& call, Action action, bool confirms) {
  json::Reader in(call.body.root(), "");
  desk::Operate request;
  request.delivery = id_param<DeliveryId>(call);
  request.reason = in.text("reason", {.bytes_max = desk::kReasonBytesMax, .blank_allowed = true});
  if (confirms) request.external_id = in.text("external_id", {.blank_allowed = true});
  if (auto refused = in.finish()) return *refused;
  return Work([action, request = std::move(request)](Tx& tx) -> Result<Response> {
    const auto delivery = action(tx, request);
    if (!delivery) return delivery.error();
    return detail(tx, *delivery);
  });
}

Result<Work> retry_one(const Call& call) {
  return act(call, &desk::retry, false);
}
Result<Work> skip_one(const Call& call) {
  return act(call, &desk::skip, false);
}
Result<Work> park_one(const Call& call) {
  return act(call, &desk::park, false);
}
Result<Work> confirm_one(const Call& call) {
  return act(call, &desk::confirm, true);
}

}  // namespace

void declare_deliveries(Router& router) {
  router.add({.method = Method::get,
              .path = "/api/v1/deliveries",
              .id = "list_deliveries",
              .needs = Needs::inside,
              .tag = "deliveries",
              .summary = "List deliveries, newest first",
              .handler = &list_all,
              .query = kListQuery,
              .answer = &kDeliverySchema,
              .list = true});
  router.add({.method = Method::get,
              .path = "/api/v1/deliveries/{delivery}",
              .id = "read_delivery",
              .needs = Needs::inside,
              .tag = "deliveries",
              .summary = "A delivery with its document and every attempt",
              .handler = &read_one,
              .answer = &kDeliveryDetailSchema});
  router.add({.method = Method::post,
              .path = "/api/v1/deliveries/{delivery}/retry",
              .id = "retry_delivery",
              .needs = Needs::operate,
              .tag = "deliveries",
              .summary = "Try a dead or parked one again",
              .handler = &retry_one,
              .body = &kReasonSchema,
              .answer = &kDeliveryDetailSchema});
  router.add({.method = Method::post,
              .path = "/api/v1/deliveries/{delivery}/skip",
              .id = "skip_delivery",
              .needs = Needs::operate,
              .tag = "deliveries",
              .summary = "Give it up and go on with the next of its ticket",
              .handler = &skip_one,
              .body = &kReasonSchema,
              .answer = &kDeliveryDetailSchema});
  router.add({.method = Method::post,
              .path = "/api/v1/deliveries/{delivery}/park",
              .id = "park_delivery",
              .needs = Needs::operate,
              .tag = "deliveries",
              .summary = "Hold it until somebody retries it",
              .handler = &park_one,
              .body = &kReasonSchema,
              .answer = &kDeliveryDetailSchema});
  router.add({.method = Method::post,
              .path = "/api/v1/deliveries/{delivery}/confirm",
              .id = "confirm_delivery",
              .needs = Needs::operate,
              .tag = "deliveries",
              .summary = "It was in doubt, and did arrive",
              .handler = &confirm_one,
              .body = &kConfirmSchema,
              .answer = &kDeliveryDetailSchema});
}

}  // namespace ombud::http
