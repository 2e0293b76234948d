// Deliveries: what is on its way out, and what an operator does when it is stuck.
#include "desk/deliveries.hpp"

#include <algorithm>

#include "desk/limits.hpp"
#include "http/api/api.hpp"
#include "http/api/render.hpp"
#include "http/problem.hpp"
#include "store/outbox.hpp"

namespace ombud::http {
namespace {

constexpr std::string_view kStates[] = {"waiting", "ready",  "leased",   "done",
                                        "dead",    "parked", "cancelled"};
std::vector<std::string_view> state_words() {
  return {std::begin(kStates), std::end(kStates)};
}

constexpr Member kListQuery[] = {
    {.name = "link", .required = false},
    {.name = "state", .required = false, .words = state_words},
    {.name = "trouble",
     .shape = Shape::boolean,
     .about = "true: dead, parked or in doubt",
     .required = false},
    {.name = "doubt",
     .shape = Shape::boolean,
     .about = "true: nobody knows whether it arrived",
     .required = false},
    {.name = "ticket", .about = "OMB-12 or 12", .required = false},
    {.name = "customer", .required = false},
    {.name = "since", .shape = Shape::time, .about = "Enqueued then or later", .required = false},
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
  const auto doubt = call.query.flag("doubt");
  if (!doubt) return doubt.error();
  filter.doubt_only = *doubt;
  filter.customer = call.query.text("customer");
  if (call.query.has("since")) {
    filter.since = parse_rfc3339(call.query.text("since"));
    if (!filter.since) return invalid("?since", "must be a time such as 2026-11-22T09:30:00Z");
  }
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
  // A letter may hold a link that lets its reader in.
  const bool letter = delivery.lane.ticket.value == 0;
  out.field("document", letter ? std::string() : delivery.body);
  write_or_null(out, "blob", delivery.blob);
  out.begin_array("history");
  // A supplier's answer may speak of any of its tickets, whoever's they are.
  const bool all_customers = !letter && !tx.principal().tenant;
  const auto exchanges =
      all_customers ? exchanges_of(tx, delivery.id) : decltype(exchanges_of(tx, delivery.id)){};
  for (const Attempt& attempt : attempts_of(tx, delivery.id)) {
    const auto found = exchanges.find(attempt.id);
    write(out, attempt, found == exchanges.end() ? std::vector<WireExchange>() : found->second);
  }
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

struct Action {
  Result<Delivery> (*act)(Tx&, const desk::Operate&);
  std::string_view type;  // in the audit
  Result<Delivery> operator()(Tx& tx, const desk::Operate& request) const {
    auto done = act(tx, request);
    if (done) {
      audit_act(tx, type, "delivery", std::to_string(request.delivery.value), request.reason);
    }
    return done;
  }
};
constexpr Action kRetry{&desk::retry, "delivery.retried"};
constexpr Action kSkip{&desk::skip, "delivery.skipped"};
constexpr Action kPark{&desk::park, "delivery.parked"};
constexpr Action kConfirm{&desk::confirm, "delivery.confirmed"};

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

// --- Many at once -------------------------------------------------------------------------------

constexpr std::size_t kBulkMax = 200;
constexpr std::string_view kBulkActions[] = {"retry", "skip", "park"};
std::vector<std::string_view> bulk_words() {
  return {std::begin(kBulkActions), std::end(kBulkActions)};
}
constexpr Member kBulkMembers[] = {
    {.name = "deliveries", .shape = Shape::integers, .about = "At most 200"},
    {.name = "action", .words = bulk_words},
    {.name = "reason", .about = "Stays in each delivery's history", .required = false}};
constexpr Schema kBulkSchema{"DeliveryBulk", kBulkMembers};
constexpr Member kBulkProblemMembers[] = {{.name = "code"}, {.name = "detail"}};
constexpr Schema kBulkProblemSchema{"BulkProblem", kBulkProblemMembers};
constexpr Member kBulkItemMembers[] = {{.name = "delivery", .shape = Shape::integer},
                                       {.name = "ok", .shape = Shape::boolean},
                                       {.name = "problem",
                                        .shape = Shape::one,
                                        .about = "Why not, as the single action would say it",
                                        .required = false,
                                        .of = &kBulkProblemSchema}};
constexpr Schema kBulkItemSchema{"DeliveryBulkItem", kBulkItemMembers};

void write_bulk_item(json::Writer& out, DeliveryId id, const Result<Delivery>& done) {
  out.begin_object().field("delivery", id.value).field("ok", done.has_value());
  if (done) {
    out.key("problem").null();
  } else {
    const Problem& why = done.error();
    out.begin_object("problem").field("code", code_of(why.kind));
    out.field("detail", why.fields.empty() ? why.detail
                                           : why.fields.front().pointer.substr(1) + " " +
                                                 why.fields.front().detail);
    out.end_object();
  }
  out.end_object();
}

Result<Work> act_on_many(const Call& call) {
  json::Reader in(call.body.root(), "");
  std::vector<DeliveryId> ids;
  if (!in.has("deliveries")) in.refuse("deliveries", "is required");
  const json::View wanted = in.array("deliveries", kBulkMax);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (!wanted.at(i).is_integer()) {
      in.refuse("deliveries", "must hold the numbers of deliveries");
      break;
    }
    const DeliveryId id{wanted.at(i).integer()};
    if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
  }
  const std::string word = in.text("action", {.required = true});
  const std::string reason =
      in.text("reason", {.bytes_max = desk::kReasonBytesMax, .blank_allowed = true});
  const auto words = bulk_words();
  if (std::find(words.begin(), words.end(), word) == words.end()) {
    in.refuse("action", "must be retry, skip or park");
  }
  const Action action = word == "skip" ? kSkip : word == "park" ? kPark : kRetry;
  if (auto refused = in.finish()) return *refused;
  return Work([ids = std::move(ids), action, reason](Tx& tx) -> Result<Response> {
    json::Writer out;
    begin_items(out);
    for (const DeliveryId id : ids) {  // one that is refused has changed nothing
      desk::Operate request;
      request.delivery = id;
      request.reason = reason;
      write_bulk_item(out, id, action(tx, request));
    }
    end_items(out, {});
    return json_response(out);
  });
}

Result<Work> retry_one(const Call& call) {
  return act(call, kRetry, false);
}
Result<Work> skip_one(const Call& call) {
  return act(call, kSkip, false);
}
Result<Work> park_one(const Call& call) {
  return act(call, kPark, false);
}
Result<Work> confirm_one(const Call& call) {
  return act(call, kConfirm, true);
}

}  // namespace

void declare_deliveries(Router& router) {
  router.add({.method = Method::get,
              .path = "/api/v1/deliveries",
              .id = "list_deliveries",
              .needs = Permission::delivery_read,
              .tag = "deliveries",
              .summary = "List deliveries, newest first",
              .handler = &list_all,
              .query = kListQuery,
              .answer = &kDeliverySchema,
              .list = true});
  router.add({.method = Method::post,
              .path = "/api/v1/deliveries/bulk",
              .id = "act_on_deliveries",
              .needs = Permission::delivery_operate,
              .tag = "deliveries",
              .summary = "Retry, skip or park many at once; each is answered for itself",
              .handler = &act_on_many,
              .body = &kBulkSchema,
              .answer = &kBulkItemSchema,
              .list = true});
  router.add({.method = Method::get,
              .path = "/api/v1/deliveries/{delivery}",
              .id = "read_delivery",
              .needs = Permission::delivery_read,
              .tag = "deliveries",
              .summary = "A delivery with its document and every attempt",
              .handler = &read_one,
              .answer = &kDeliveryDetailSchema});
  router.add({.method = Method::post,
              .path = "/api/v1/deliveries/{delivery}/retry",
              .id = "retry_delivery",
              .needs = Permission::delivery_operate,
              .tag = "deliveries",
              .summary = "Try a dead or parked one again",
              .handler = &retry_one,
              .body = &kReasonSchema,
              .answer = &kDeliveryDetailSchema});
  router.add({.method = Method::post,
              .path = "/api/v1/deliveries/{delivery}/skip",
              .id = "skip_delivery",
              .needs = Permission::delivery_operate,
              .tag = "deliveries",
              .summary = "Give it up and go on with the next of its ticket",
              .handler = &skip_one,
              .body = &kReasonSchema,
              .answer = &kDeliveryDetailSchema});
  router.add({.method = Method::post,
              .path = "/api/v1/deliveries/{delivery}/park",
              .id = "park_delivery",
              .needs = Permission::delivery_operate,
              .tag = "deliveries",
              .summary = "Hold it until somebody retries it",
              .handler = &park_one,
              .body = &kReasonSchema,
              .answer = &kDeliveryDetailSchema});
  router.add({.method = Method::post,
              .path = "/api/v1/deliveries/{delivery}/confirm",
              .id = "confirm_delivery",
              .needs = Permission::delivery_operate,
              .tag = "deliveries",
              .summary = "It was in doubt, and did arrive",
              .handler = &confirm_one,
              .body = &kConfirmSchema,
              .answer = &kDeliveryDetailSchema});
}

}  // namespace ombud::http
