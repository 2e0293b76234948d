// Who changed what, besides tickets: for administrators of all customers.
#include "store/audit.hpp"

#include "base/csv.hpp"
#include "http/api/api.hpp"
#include "http/api/render.hpp"

namespace ombud::http {
namespace {

constexpr int kCsvRowsMax = 50'000;

// clang-format off
#define OMBUD_AUDIT_QUERY                                                                       \
  {.name = "from", .shape = Shape::time, .about = "Then or later", .required = false},          \
  {.name = "to", .shape = Shape::time, .about = "Before then", .required = false},              \
  {.name = "actor", .about = "Such as agent:anna", .required = false},                          \
  {.name = "type", .about = "Such as agreement.changed; link. has all that begin so",           \
   .required = false},                                                                          \
  {.name = "subject", .about = "Such as customer", .required = false},                          \
  {.name = "subject_id", .required = false}
// clang-format on
constexpr Member kQuery[] = {OMBUD_AUDIT_QUERY, kLimit, kCursor};
constexpr Member kCsvQuery[] = {OMBUD_AUDIT_QUERY};

constexpr Member kEntryMembers[] = {
    {.name = "id", .shape = Shape::integer},
    {.name = "at", .shape = Shape::time},
    {.name = "actor"},
    {.name = "actor_name"},
    {.name = "type", .about = "What was done: customer.changed, link.paused, …"},
    {.name = "subject", .about = "To what: customer, link, agreement, …"},
    {.name = "subject_id"},
    {.name = "summary", .about = "In one line"},
    {.name = "data", .shape = Shape::object}};
constexpr Schema kEntrySchema{"AuditEntry", kEntryMembers};

Result<AuditFilter> filter_of(const Call& call) {
  AuditFilter filter;
  for (const auto& [name, at] : {std::pair{"from", &filter.from}, std::pair{"to", &filter.to}}) {
    if (!call.query.has(name)) continue;
    *at = parse_rfc3339(call.query.text(name));
    if (!*at) {
      return invalid("?" + std::string(name), "must be a time such as 2026-11-22T09:30:00Z");
    }
  }
  filter.actor = call.query.text("actor");
  filter.type = call.query.text("type");
  filter.subject = call.query.text("subject");
  filter.subject_id = call.query.text("subject_id");
  return filter;
}

Result<Response> list_all(Tx& tx, const Call& call) {
  const auto filter = filter_of(call);
  if (!filter) return filter.error();
  const auto before = number_cursor(call);
  if (!before) return before.error();
  const auto limit = page_limit(call);
  if (!limit) return limit.error();
  const auto entries = list_audit(tx, *filter, before->value_or(INT64_MAX), *limit);
  json::Writer out;
  begin_items(out);
  for (const AuditEntry& entry : entries) {
    out.begin_object().field("id", entry.id);
    write_time(out, "at", entry.at);
    out.field("actor", entry.actor)
        .field("actor_name", entry.actor_name)
        .field("type", entry.type)
        .field("subject", entry.subject)
        .field("subject_id", entry.subject_id)
        .field("summary", entry.summary)
        .key("data")
        .raw(entry.data)
        .end_object();
  }
  const bool more = static_cast<int>(entries.size()) == *limit;
  end_items(out, more ? std::to_string(entries.back().id) : std::string());
  return json_response(out);
}

Result<Response> read_csv(Tx& tx, const Call& call) {
  const auto filter = filter_of(call);
  if (!filter) return filter.error();
  Csv csv;
  for (const char* title :
       {"id", "at", "actor", "actor_name", "type", "subject", "subject_id", "summary", "data"}) {
    csv.text(title);
  }
  csv.end_row();
  for (const AuditEntry& entry : list_audit(tx, *filter, INT64_MAX, kCsvRowsMax)) {
    csv.number(entry.id).text(to_rfc3339(entry.at)).text(entry.actor).text(entry.actor_name);
    csv.text(entry.type).text(entry.subject).text(entry.subject_id).text(entry.summary);
    csv.text(entry.data).end_row();
  }
  return csv_response(csv.take(), "audit.csv");
}

}  // namespace

void declare_audit(Router& router) {
  router.add({.method = Method::get,
              .path = "/api/v1/audit",
              .id = "list_audit",
              .needs = Permission::audit_read,
              .tag = "figures",
              .summary = "Who changed what, besides tickets; the newest first",
              .handler = &list_all,
              .query = kQuery,
              .answer = &kEntrySchema,
              .list = true});
  router.add({.method = Method::get,
              .path = "/api/v1/audit.csv",
              .id = "read_audit_csv",
              .needs = Permission::audit_read,
              .tag = "figures",
              .summary = "The same for a spreadsheet, the newest 50,000",
              .handler = &read_csv,
              .query = kCsvQuery,
              .answer_media = "text/csv"});
}

}  // namespace ombud::http
