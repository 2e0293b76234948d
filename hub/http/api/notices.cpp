// What suppliers announce by themselves, and the desk to its users: the desk publishes, dismisses
// or promotes it; a customer's people see what was published to their organisation.
#include <charconv>

#include "desk/limits.hpp"
#include "desk/own_notices.hpp"
#include "desk/supplier_notices.hpp"
#include "http/api/api.hpp"
#include "http/api/render.hpp"

namespace ombud::http {
namespace {

constexpr Member kCustomerMembers[] = {
    {.name = "customer"},
    {.name = "services", .shape = Shape::texts},
    {.name = "shown", .shape = Shape::boolean, .about = "Published to this customer"},
    {.name = "ticket",
     .shape = Shape::integer,
     .about = "Its major incident; only to those inside",
     .required = false}};
constexpr Schema kCustomerSchema{"NoticeCustomer", kCustomerMembers};
constexpr Member kNoticeMembers[] = {
    {.name = "id", .shape = Shape::integer},
    {.name = "kind", .words = words_of<NoticeKind>},
    {.name = "state",
     .about = "By the supplier's word; the desk's own: by its times",
     .words = words_of<NoticeState>},
    {.name = "title", .about = "To a customer: as published; inside: the supplier's own"},
    {.name = "text"},
    {.name = "starts_at", .shape = Shape::time, .required = false},
    {.name = "ends_at", .shape = Shape::time, .required = false},
    {.name = "review", .words = words_of<NoticeReview>},
    {.name = "customers",
     .shape = Shape::many,
     .about = "Whom it concerns by the agreements; to a customer: his own organisation alone",
     .of = &kCustomerSchema},
    {.name = "version", .shape = Shape::integer},
    {.name = "created_at", .shape = Shape::time},
    {.name = "updated_at", .shape = Shape::time},
    {.name = "link",
     .about = "Empty: the desk's own. Only to those inside, as all that follows",
     .required = false},
    {.name = "supplier", .required = false},
    {.name = "remote_id", .about = "The supplier's own id of it", .required = false},
    {.name = "url", .required = false},
    {.name = "services_named",
     .shape = Shape::texts,
     .about = "In the supplier's words",
     .required = false},
    {.name = "public_title", .about = "What users read", .required = false},
    {.name = "public_text", .required = false},
    {.name = "reason", .about = "Of the dismissal", .required = false},
    {.name = "news",
     .shape = Shape::boolean,
     .about = "The supplier told more since the desk decided",
     .required = false},
    {.name = "for_all",
     .shape = Shape::boolean,
     .about = "Also for customers that come later",
     .required = false},
    {.name = "tell_start",
     .shape = Shape::boolean,
     .about = "Of a planned outage: its users get a mail when it begins, too",
     .required = false}};
constexpr Schema kNoticeSchema{"Notice", kNoticeMembers};

constexpr Member kLogMembers[] = {
    {.name = "id", .shape = Shape::integer},
    {.name = "version", .shape = Shape::integer},
    {.name = "at", .shape = Shape::time},
    {.name = "actor"},
    {.name = "type", .about = "told, announced, edited, ended, published, dismissed, promoted"},
    {.name = "data", .shape = Shape::object}};
constexpr Schema kLogSchema{"NoticeEvent", kLogMembers};

void write_notice(json::Writer& out, const desk::NoticeView& view, bool inside) {
  const Notice& n = view.notice;
  out.begin_object()
      .field("id", n.id.value)
      .field("kind", to_text(n.told.kind))
      .field("state", to_text(n.told.state))
      .field("title", n.told.title)
      .field("text", n.told.text);
  write_time(out, "starts_at", n.told.starts_at);
  write_time(out, "ends_at", n.told.ends_at);
  out.field("review", to_text(n.review)).begin_array("customers");
  for (const NoticeCustomer& c : view.customers) {
    out.begin_object().field("customer", c.customer);
    write_texts(out, "services", c.services);
    out.field("shown", c.shown);
    if (inside) write_or_null(out, "ticket", c.ticket);
    out.end_object();
  }
  out.end_array().field("version", n.version);
  write_time(out, "created_at", n.created_at);
  write_time(out, "updated_at", n.updated_at);
  if (inside) {
    out.field("link", n.link)
        .field("supplier", n.supplier)
        .field("remote_id", n.told.remote_id)
        .field("url", n.told.url);
    write_texts(out, "services_named", n.told.services);
    out.field("public_title", n.public_title)
        .field("public_text", n.public_text)
        .field("reason", n.reason)
        .field("news", n.news)
        .field("for_all", n.for_all)
        .field("tell_start", n.tell_start);
  }
  out.end_object();
}

NoticeId notice_param(const Call& call) {
  const std::string& text = call.params.at(0);
  NoticeId id;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id.value);
  return error == std::errc() && end == text.data() + text.size() ? id : NoticeId{};
}

Response answer(const desk::NoticeView& view, bool inside) {
  json::Writer out;
  write_notice(out, view, inside);
  return json_response(out);
}

// "1795000000000-12", of the last one seen.
std::optional<NoticeKey> key_of(std::string_view cursor) {
  NoticeKey key;
  const char* end = cursor.data() + cursor.size();
  const auto at = std::from_chars(cursor.data(), end, key.updated_at);
  if (at.ec != std::errc() || at.ptr == end || *at.ptr != '-') return std::nullopt;
  const auto id = std::from_chars(at.ptr + 1, end, key.id.value);
  if (id.ec != std::errc() || id.ptr != end) return std::nullopt;
  return key;
}

constexpr Member kListQuery[] = {
    {.name = "review", .required = false, .words = words_of<NoticeReview>},
    {.name = "link", .about = "Only those of this link", .required = false},
    {.name = "current",
     .shape = Shape::boolean,
     .about = "true: neither over nor cancelled; to a customer the rest only with false",
     .required = false},
    kLimit,
    kCursor};

Result<Response> list_all(Tx& tx, const Call& call) {
  desk::ListNotices request;
  const auto review = query_word<NoticeReview>(call, "review");
  if (!review) return review.error();
  const auto current = call.query.flag("current");
  if (!current) return current.error();
  const auto limit = page_limit(call);
  if (!limit) return limit.error();
  request.filter.review = *review;
  const bool outside = !call.principal.inside() && !call.query.has("current");
  request.filter.current_only = *current || outside;
  request.filter.link = call.query.text("link");
  request.limit = *limit;
  if (call.query.has("cursor")) {
    request.before = key_of(call.query.text("cursor"));
    if (!request.before) {
      return invalid("?cursor", "is not a cursor of this list; begin again without it");
    }
  }
  const auto listing = desk::list_notices(tx, request);
  if (!listing) return listing.error();
  json::Writer out;
  begin_items(out);
  for (const desk::NoticeView& view : listing->notices) {
    write_notice(out, view, call.principal.inside());
  }
  end_items(out, listing->next ? std::to_string(listing->next->updated_at) + "-" +
                                     std::to_string(listing->next->id.value)
                               : std::string());
  return json_response(out);
}

Result<Response> read_one(Tx& tx, const Call& call) {
  const auto view = desk::show_notice(tx, notice_param(call));
  if (!view) return view.error();
  return answer(*view, call.principal.inside());
}

Result<Response> read_log(Tx& tx, const Call& call) {
  const auto log = desk::notice_log(tx, notice_param(call));
  if (!log) return log.error();
  json::Writer out;
  begin_items(out);
  for (const NoticeEvent& event : *log) {
    out.begin_object().field("id", event.id.value).field("version", event.version);
    write_time(out, "at", event.at);
    out.field("actor", event.actor).field("type", event.type).key("data").raw(event.data);
    out.end_object();
  }
  end_items(out, {});
  return json_response(out);
}

// --- What the desk does with one ----------------------------------------------------------------

constexpr std::size_t kCustomersMax = 1000;  // named in one request

constexpr Member kPublishMembers[] = {
    {.name = "title",
     .about = "Without title and text: the supplier's words as they are now",
     .required = false},
    {.name = "text", .about = "None, if there is a title alone", .required = false},
    {.name = "customers",
     .shape = Shape::texts,
     .about = "All that it concerns, if it is left out",
     .required = false},
    {.name = "tell_start",
     .shape = Shape::boolean,
     .about = "Of a planned outage: mail its users when it begins, too; as it was, if left out",
     .required = false}};
constexpr Schema kPublishSchema{"NoticePublication", kPublishMembers};

Result<Work> publish_one(const Call& call) {
  json::Reader in(call.body.root(), "");
  desk::Publish request;
  request.notice = notice_param(call);
  request.title = in.maybe_text("title", {.bytes_max = kNoticeTitleBytesMax});
  request.text = in.maybe_text("text", {.bytes_max = kNoticeTextBytesMax, .blank_allowed = true});
  request.customers = in.texts("customers", kCustomersMax, {.bytes_max = 64});
  if (in.has("tell_start")) request.tell_start = in.boolean("tell_start", false);
  if (auto refused = in.finish()) return *refused;
  return Work([request = std::move(request)](Tx& tx) -> Result<Response> {
    const auto view = desk::publish_notice(tx, request);
    if (!view) return view.error();
    return answer(*view, true);
  });
}

// --- The desk's own -----------------------------------------------------------------------------

constexpr std::size_t kNoticeServicesNamedMax = 100;

std::vector<std::string_view> all_word() {
  return {"all"};
}
constexpr Member kNewNoticeMembers[] = {
    {.name = "kind", .words = words_of<NoticeKind>},
    {.name = "title"},
    {.name = "text", .required = false},
    {.name = "customers",
     .shape = Shape::texts,
     .about = "Whom it concerns, by key; all: also those that come later",
     .words = all_word},
    {.name = "services", .shape = Shape::texts, .about = "Keys", .required = false},
    {.name = "starts_at", .shape = Shape::time, .about = "None: now", .required = false},
    {.name = "ends_at",
     .shape = Shape::time,
     .about = "None: until it is ended",
     .required = false},
    {.name = "publish",
     .shape = Shape::boolean,
     .about = "Users see it at once; true, if it is left out",
     .required = false},
    {.name = "tell_start",
     .shape = Shape::boolean,
     .about = "Of a planned outage: mail its users when it begins, too; else when it is announced "
              "and when it is over",
     .required = false}};
constexpr Schema kNewNoticeSchema{"NewNotice", kNewNoticeMembers};

Response created(const desk::NoticeView& view) {
  Response response = answer(view, true);
  response.status = 201;
  response.header("Location", "/api/v1/notices/" + std::to_string(view.notice.id.value));
  return response;
}

Result<Work> announce_one(const Call& call) {
  json::Reader in(call.body.root(), "");
  desk::Announce request;
  const auto kind = maybe_word<NoticeKind>(in, "kind");
  if (!in.has("kind")) in.refuse("kind", "is required: " + choices<NoticeKind>());
  request.kind = kind.value_or(NoticeKind::outage);
  request.title = in.text("title", {.required = true, .bytes_max = kNoticeTitleBytesMax});
  request.text = in.text("text", {.bytes_max = kNoticeTextBytesMax, .blank_allowed = true});
  if (call.body["customers"].is_text()) {
    request.for_all = in.text("customers", {}) == "all";
    if (!request.for_all) in.refuse("customers", "must be a list of keys, or \"all\"");
  } else {
    request.customers = in.texts("customers", kCustomersMax, {.bytes_max = 64});
  }
  request.services = in.texts("services", kNoticeServicesNamedMax, {.bytes_max = 64});
  request.starts_at = maybe_time(in, "starts_at");
  request.ends_at = maybe_time(in, "ends_at");
  request.publish = in.boolean("publish", true);
  request.tell_start = in.boolean("tell_start", false);
  if (auto refused = in.finish()) return *refused;
  return Work([request = std::move(request)](Tx& tx) -> Result<Response> {
    const auto view = desk::announce(tx, request);
    if (!view) return view.error();
    return created(*view);
  });
}

constexpr Member kEditMembers[] = {{.name = "title", .required = false},
                                   {.name = "text", .required = false},
                                   {.name = "ends_at", .shape = Shape::time, .required = false}};
constexpr Schema kEditSchema{"NoticeChange", kEditMembers};

Result<Work> edit_one(const Call& call) {
  json::Reader in(call.body.root(), "");
  desk::EditNotice request;
  request.notice = notice_param(call);
  request.title = in.maybe_text("title", {.bytes_max = kNoticeTitleBytesMax});
  request.text = in.maybe_text("text", {.bytes_max = kNoticeTextBytesMax, .blank_allowed = true});
  request.ends_at = maybe_time(in, "ends_at");
  if (auto refused = in.finish()) return *refused;
  return Work([request = std::move(request)](Tx& tx) -> Result<Response> {
    const auto view = desk::edit_notice(tx, request);
    if (!view) return view.error();
    return answer(*view, true);
  });
}

constexpr Schema kEndSchema{"NoticeEnd", {}};

Result<Work> end_one(const Call& call) {
  json::Reader in(call.body.root(), "");
  if (auto refused = in.finish()) return *refused;
  return Work([&call](Tx& tx) -> Result<Response> {
    const auto view = desk::end_notice(tx, notice_param(call));
    if (!view) return view.error();
    return answer(*view, true);
  });
}

// --- Any ----------------------------------------------------------------------------------------

constexpr Member kDismissMembers[] = {{.name = "reason", .required = false}};
constexpr Schema kDismissSchema{"NoticeDismissal", kDismissMembers};

Result<Work> dismiss_one(const Call& call) {
  json::Reader in(call.body.root(), "");
  std::string reason =
      in.text("reason", {.bytes_max = desk::kReasonBytesMax, .blank_allowed = true});
  if (auto refused = in.finish()) return *refused;
  return Work([&call, reason = std::move(reason)](Tx& tx) -> Result<Response> {
    const auto view = desk::dismiss_notice(tx, notice_param(call), reason);
    if (!view) return view.error();
    return answer(*view, true);
  });
}

constexpr Member kPromoteMembers[] = {
    {.name = "customer",
     .about = "Each that it concerns and has none yet, if it is left out",
     .required = false},
    {.name = "subject",
     .about = "What users may read; the desk's own neutral words, if it is left out",
     .required = false},
    {.name = "text", .about = "Likewise", .required = false},
    {.name = "team", .about = "desk, if it is left out", .required = false}};
constexpr Schema kPromoteSchema{"NoticePromotion", kPromoteMembers};

Result<Work> promote_one(const Call& call) {
  json::Reader in(call.body.root(), "");
  desk::Promote request;
  request.notice = notice_param(call);
  request.customer = key_text(in, "customer", false);
  request.subject = in.maybe_text("subject", {.bytes_max = desk::kSubjectBytesMax});
  request.text = in.maybe_text("text", {.bytes_max = desk::kTextBytesMax, .blank_allowed = true});
  request.team = key_text(in, "team", false);
  if (auto refused = in.finish()) return *refused;
  return Work([request = std::move(request)](Tx& tx) -> Result<Response> {
    const auto view = desk::promote_notice(tx, request);
    if (!view) return view.error();
    return answer(*view, true);
  });
}

}  // namespace

void declare_notices(Router& router) {
  router.add({.method = Method::get,
              .path = "/api/v1/notices",
              .id = "list_notices",
              .needs = Permission::notice_read,
              .tag = "notices",
              .summary =
                  "What suppliers and the desk announce; to a customer: what was published to "
                  "him",
              .handler = &list_all,
              .query = kListQuery,
              .answer = &kNoticeSchema,
              .list = true});
  router.add({.method = Method::post,
              .path = "/api/v1/notices",
              .id = "announce_notice",
              .needs = Permission::notice_work,
              .tag = "notices",
              .summary = "Announce something to the users of some customers, or of all",
              .handler = &announce_one,
              .body = &kNewNoticeSchema,
              .answer = &kNoticeSchema,
              .status = 201});
  router.add({.method = Method::patch,
              .path = "/api/v1/notices/{notice}",
              .id = "edit_notice",
              .needs = Permission::notice_work,
              .tag = "notices",
              .summary = "Change what the desk announced itself",
              .handler = &edit_one,
              .body = &kEditSchema,
              .answer = &kNoticeSchema});
  router.add({.method = Method::post,
              .path = "/api/v1/notices/{notice}/end",
              .id = "end_notice",
              .needs = Permission::notice_work,
              .tag = "notices",
              .summary = "What the desk announced itself is over",
              .handler = &end_one,
              .body = &kEndSchema,
              .answer = &kNoticeSchema});
  router.add({.method = Method::get,
              .path = "/api/v1/notices/{notice}",
              .id = "read_notice",
              .needs = Permission::notice_read,
              .tag = "notices",
              .summary = "Read a notice; also one that is over",
              .handler = &read_one,
              .answer = &kNoticeSchema});
  router.add({.method = Method::get,
              .path = "/api/v1/notices/{notice}/events",
              .id = "list_notice_events",
              .needs = Permission::notice_log,
              .tag = "notices",
              .summary = "Everything that happened to a notice, oldest first",
              .handler = &read_log,
              .answer = &kLogSchema,
              .list = true});
  router.add({.method = Method::post,
              .path = "/api/v1/notices/{notice}/publish",
              .id = "publish_notice",
              .needs = Permission::notice_work,
              .tag = "notices",
              .summary = "Show it to the users of the customers that it concerns",
              .handler = &publish_one,
              .body = &kPublishSchema,
              .answer = &kNoticeSchema});
  router.add({.method = Method::post,
              .path = "/api/v1/notices/{notice}/dismiss",
              .id = "dismiss_notice",
              .needs = Permission::notice_work,
              .tag = "notices",
              .summary = "Nothing for users, or no longer",
              .handler = &dismiss_one,
              .body = &kDismissSchema,
              .answer = &kNoticeSchema});
  router.add({.method = Method::post,
              .path = "/api/v1/notices/{notice}/promote",
              .id = "promote_notice",
              .needs = Permission::notice_work,
              .tag = "notices",
              .summary = "Make it a major incident: one ticket for each customer",
              .handler = &promote_one,
              .body = &kPromoteSchema,
              .answer = &kNoticeSchema});
}

}  // namespace ombud::http
