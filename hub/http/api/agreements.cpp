// Agreements: which supplier may get which customer's tickets, and what of them.
#include <algorithm>

#include "desk/agreement_preview.hpp"
#include "desk/limits.hpp"
#include "domain/privacy.hpp"
#include "http/api/api.hpp"
#include "http/api/render.hpp"
#include "http/problem.hpp"

namespace ombud::http {
namespace {

#define OMBUD_AGREEMENT_MEMBERS                                                                   \
  {.name = "customer"}, {.name = "link"},                                                         \
      {.name = "services", .shape = Shape::texts, .about = "Keys of the services it covers"},     \
      {.name = "share",                                                                           \
       .shape = Shape::texts,                                                                     \
       .about = "Fields that may leave; nothing else does",                                       \
       .required = false},                                                                        \
      {.name = "relay_automatically",                                                             \
       .shape = Shape::boolean,                                                                   \
       .about = "The supplier's public comments reach the user without an agent",                 \
       .required = false},                                                                        \
      {.name = "delegate_automatically", .shape = Shape::boolean, .required = false},             \
      {.name = "valid_from", .shape = Shape::time, .about = "Now by default", .required = false}, \
      {.name = "valid_until", .shape = Shape::time, .required = false}, {                         \
    .name = "resolve_within_ms", .shape = Shape::integer, .about = "What the supplier promised",  \
    .required = false                                                                             \
  }
constexpr Member kNewMembers[] = {OMBUD_AGREEMENT_MEMBERS};
constexpr Schema kNewSchema{"NewAgreement", kNewMembers};
constexpr Member kAgreementMembers[] = {
    {.name = "id", .shape = Shape::integer},
    OMBUD_AGREEMENT_MEMBERS,
    {.name = "version", .shape = Shape::integer, .about = "For If-Match"}};
constexpr Schema kAgreementSchema{"Agreement", kAgreementMembers};

constexpr std::int64_t kTenYearsMs = 10LL * 366 * 24 * 3'600'000;

void write(json::Writer& out, const Agreement& agreement) {
  out.begin_object()
      .field("id", agreement.id.value)
      .field("customer", agreement.customer)
      .field("link", agreement.link);
  write_texts(out, "services", agreement.services);
  write_texts(out, "share", agreement.share);
  out.field("relay_automatically", agreement.relay_automatically)
      .field("delegate_automatically", agreement.delegate_automatically)
      .field("valid_from", to_rfc3339(agreement.valid_from));
  write_time(out, "valid_until", agreement.valid_until);
  out.key("resolve_within_ms");
  if (agreement.resolve_within) {
    out.value(static_cast<std::int64_t>(agreement.resolve_within->count()));
  } else {
    out.null();
  }
  out.field("version", agreement.version).end_object();
}

Response answer(const Agreement& agreement, unsigned status) {
  json::Writer out;
  write(out, agreement);
  Response response = json_response(out, status);
  response.header("ETag", etag_of(agreement.version));
  return response;
}

// An agreement says what may leave: nobody replaces one that he has not seen as it is.
std::optional<Response> refuse_blind(const Call& call) {
  if (!call.exchange.header("If-Match").empty()) return std::nullopt;
  return problem_response(428, "precondition_required",
                          "Read the agreement and send its ETag as If-Match.", call.exchange.id());
}

std::optional<Problem> refuse_stale(const Call& call, const Agreement& now) {
  const auto versions = if_match(call);
  if (!versions || std::find(versions->begin(), versions->end(), now.version) != versions->end()) {
    return std::nullopt;
  }
  return problem(ProblemKind::stale,
                 "The agreement was changed in the meantime; it is at version " +
                     std::to_string(now.version) + ".");
}

Result<Response> list_all(Tx& tx, const Call& /*call*/) {
  json::Writer out;
  begin_items(out);
  for (const Agreement& agreement : list_agreements(tx)) write(out, agreement);
  end_items(out, {});
  return json_response(out);
}

Result<Response> read_one(Tx& tx, const Call& call) {
  const auto agreement = find_agreement(tx, id_param<AgreementId>(call));
  if (!agreement) return not_found("agreement");
  return answer(*agreement, 200);
}

struct Request {
  Agreement agreement;
  bool from_now = false;
};

// Its mistakes stay with the reader.
Request read_agreement(json::Reader& in) {
  Request request;
  Agreement& agreement = request.agreement;
  agreement.customer = key_text(in, "customer", true);
  agreement.link = key_text(in, "link", true);
  agreement.services = in.texts("services", 100, {.bytes_max = 64});
  if (agreement.services.empty()) in.refuse("services", "needs at least one service");
  agreement.share = in.texts("share", 100, {.bytes_max = 64});
  for (const std::string& field : agreement.share) {
    if (!is_share_field(field)) in.refuse("share", "knows no field \"" + field + "\"");
  }
  agreement.relay_automatically = in.boolean("relay_automatically", false);
  agreement.delegate_automatically = in.boolean("delegate_automatically", false);
  const auto from = maybe_time(in, "valid_from");
  request.from_now = !from;
  agreement.valid_from = from.value_or(Instant());
  agreement.valid_until = maybe_time(in, "valid_until");
  if (from && agreement.valid_until && *agreement.valid_until <= *from) {
    in.refuse("valid_until", "must be after valid_from");
  }
  const auto within = in.maybe_integer("resolve_within_ms", 1, kTenYearsMs);
  if (within) agreement.resolve_within = Millis{*within};
  return request;
}

Result<Request> request_of(const Call& call) {
  json::Reader in(call.body.root(), "");
  Request request = read_agreement(in);
  if (auto refused = in.finish()) return *refused;
  return request;
}

// What it names must be there.
std::optional<Problem> unknown_name(Tx& tx, const Agreement& agreement) {
  if (!find_customer(tx, agreement.customer)) {
    return invalid("/customer", "is not a customer; see /api/v1/customers");
  }
  if (!find_link(tx, agreement.link)) return invalid("/link", "is not a link; see /api/v1/links");
  for (std::size_t i = 0; i < agreement.services.size(); ++i) {
    if (!find_service(tx, agreement.services[i])) {
      return invalid("/services/" + std::to_string(i), "is not a service; see /api/v1/services");
    }
  }
  return std::nullopt;
}

std::string written(const Agreement& agreement) {
  json::Writer out;
  write(out, agreement);
  return out.take();
}

Result<Agreement> kept(Tx& tx, Request request) {
  if (auto unknown = unknown_name(tx, request.agreement)) return *unknown;
  if (request.from_now) request.agreement.valid_from = tx.at();
  const auto before = find_agreement(tx, request.agreement.id);
  if (before) {
    request.agreement.version = before->version;
    if (written(*before) == written(request.agreement)) return *before;
  }
  const auto now = find_agreement(tx, put_agreement(tx, request.agreement));
  audit_change(tx, "agreement", std::to_string(now->id.value), before ? written(*before) : "",
               written(*now));
  return *now;
}

Result<Work> add_one(const Call& call) {
  auto request = request_of(call);
  if (!request) return request.error();
  return Work([request = std::move(*request)](Tx& tx) -> Result<Response> {
    const auto agreement = kept(tx, request);
    if (!agreement) return agreement.error();
    Response response = answer(*agreement, 201);
    response.header("Location", "/api/v1/agreements/" + std::to_string(agreement->id.value));
    return response;
  });
}

Result<Work> put_one(const Call& call) {
  auto request = request_of(call);
  if (!request) return request.error();
  request->agreement.id = id_param<AgreementId>(call);
  return Work([&call, request = std::move(*request)](Tx& tx) -> Result<Response> {
    const auto before = find_agreement(tx, request.agreement.id);
    if (!before) return not_found("agreement");
    if (auto blind = refuse_blind(call)) return std::move(*blind);
    if (auto stale = refuse_stale(call, *before)) return *stale;
    // Tickets were handed over under it: whose it is and to whom it leads stays what it was.
    if (before->customer != request.agreement.customer || before->link != request.agreement.link) {
      return conflict(
          "An agreement keeps its customer and its link. End this one and add another instead.");
    }
    const auto agreement = kept(tx, request);
    if (!agreement) return agreement.error();
    return answer(*agreement, 200);
  });
}

// --- What would leave ---------------------------------------------------------------------------

constexpr Member kPreviewMembers[] = {
    {.name = "agreement", .shape = Shape::one, .about = "A draft", .of = &kNewSchema},
    {.name = "ticket",
     .shape = Shape::integer,
     .about = "One of the customer's; a sample, if it is left out",
     .required = false},
    {.name = "brief", .about = "The desk's own words, which always leave", .required = false}};
constexpr Schema kPreviewSchema{"AgreementPreviewRequest", kPreviewMembers};
constexpr Member kSharedMembers[] = {
    {.name = "name"},
    {.name = "meaning"},
    {.name = "leaves", .shape = Shape::boolean, .about = "false: it is held back"},
    {.name = "value", .about = "Of this ticket"}};
constexpr Schema kSharedSchema{"PreviewField", kSharedMembers};
constexpr Member kLeavingMembers[] = {
    {.name = "op", .about = "put_ticket, add_comment or add_attachment"},
    {.name = "document", .about = "What would leave, to the byte"}};
constexpr Schema kLeavingSchema{"AgreementPreviewDocument", kLeavingMembers};
constexpr Member kPreviewedMembers[] = {
    {.name = "link"},
    {.name = "supplier"},
    {.name = "sample", .shape = Shape::boolean, .about = "Of a ticket that nobody has"},
    {.name = "shared", .shape = Shape::texts},
    {.name = "withheld", .shape = Shape::texts},
    {.name = "fields", .shape = Shape::many, .of = &kSharedSchema},
    {.name = "documents", .shape = Shape::many, .about = "In order", .of = &kLeavingSchema}};
constexpr Schema kPreviewedSchema{"AgreementPreview", kPreviewedMembers};

Response previewed(const Agreement& draft, const desk::AgreementPreview& preview) {
  const PrivacyPolicy policy(draft.share);
  json::Writer out;
  out.begin_object().field("link", draft.link).field("supplier", preview.supplier);
  out.field("sample", preview.sample);
  write_texts(out, "shared", policy.shared());
  write_texts(out, "withheld", policy.withheld());
  out.begin_array("fields");
  for (const desk::SharedField& field : preview.fields) {
    out.begin_object().field("name", field.name).field("meaning", field.meaning);
    out.field("leaves", field.leaves).field("value", field.value).end_object();
  }
  out.end_array().begin_array("documents");
  for (const NewDelivery& document : preview.documents) {
    out.begin_object().field("op", document.op).field("document", document.body).end_object();
  }
  out.end_array().end_object();
  return json_response(out);
}

Result<Work> preview_one(const Call& call) {
  json::Reader in(call.body.root(), "");
  json::Reader nested(in.object("agreement", true), "/agreement");
  Request request = read_agreement(nested);
  if (call.body["agreement"].is_object() && nested.finish()) in.absorb(nested);
  const TicketId ticket{in.maybe_integer("ticket", 1, INT64_MAX).value_or(0)};
  std::string brief = in.text("brief", {.bytes_max = desk::kTextBytesMax, .blank_allowed = true});
  if (auto refused = in.finish()) return *refused;
  return Work(
      [request = std::move(request), ticket, brief = std::move(brief)](Tx& tx) -> Result<Response> {
        const auto preview = desk::preview_agreement(tx, request.agreement, ticket, brief);
        if (!preview) return preview.error();
        return previewed(request.agreement, *preview);
      });
}

constexpr Member kFieldMembers[] = {{.name = "name"}, {.name = "meaning"}};
constexpr Schema kFieldSchema{"ShareField", kFieldMembers};

Result<Response> list_fields(Tx& /*tx*/, const Call& /*call*/) {
  json::Writer out;
  begin_items(out);
  for (const ShareField& field : share_fields()) {
    out.begin_object().field("name", field.name).field("meaning", field.meaning).end_object();
  }
  end_items(out, {});
  return json_response(out);
}

}  // namespace

void declare_agreements(Router& router) {
  router.add({.method = Method::get,
              .path = "/api/v1/agreements",
              .id = "list_agreements",
              .needs = Permission::agreement_read,
              .tag = "agreements",
              .summary = "List agreements",
              .handler = &list_all,
              .answer = &kAgreementSchema,
              .list = true});
  router.add({.method = Method::post,
              .path = "/api/v1/agreements",
              .id = "add_agreement",
              .needs = Permission::agreement_write,
              .tag = "agreements",
              .summary = "Add an agreement",
              .handler = &add_one,
              .body = &kNewSchema,
              .answer = &kAgreementSchema,
              .status = 201});
  router.add({.method = Method::post,
              .path = "/api/v1/agreements/preview",
              .id = "preview_agreement",
              .needs = Permission::agreement_read,
              .tag = "agreements",
              .summary = "What would leave under a draft, and what is held back; nothing is done",
              .handler = &preview_one,
              .body = &kPreviewSchema,
              .answer = &kPreviewedSchema});
  router.add({.method = Method::get,
              .path = "/api/v1/agreements/{agreement}",
              .id = "read_agreement",
              .needs = Permission::agreement_read,
              .tag = "agreements",
              .summary = "Read an agreement",
              .handler = &read_one,
              .answer = &kAgreementSchema});
  router.add({.method = Method::put,
              .path = "/api/v1/agreements/{agreement}",
              .id = "replace_agreement",
              .needs = Permission::agreement_write,
              .tag = "agreements",
              .summary = "Replace an agreement; If-Match with its ETag is required",
              .handler = &put_one,
              .body = &kNewSchema,
              .answer = &kAgreementSchema});
  router.add({.method = Method::get,
              .path = "/api/v1/share-fields",
              .id = "list_share_fields",
              .needs = Permission::agreement_read,
              .tag = "agreements",
              .summary = "Every field that an agreement can share",
              .handler = &list_fields,
              .answer = &kFieldSchema,
              .list = true});
}

}  // namespace ombud::http
