// What an operator asks of a link before and beside its work: is everything as it should be there,
// by which settings does it work, and what has gone through it, for a replay.
#include "desk/limits.hpp"
#include "domain/sample.hpp"
#include "http/api/api.hpp"
#include "http/api/render.hpp"
#include "store/await.hpp"
#include "store/recording.hpp"

namespace ombud::http {
namespace {

constexpr int kDaysMax = 30;
constexpr Millis kDay{86'400'000};

// --- test
// -----------------------------------------------------------------------------------------

std::vector<std::string_view> state_words() {
  return {"ok", "warn", "fail", "skip"};
}
constexpr Member kFindingMembers[] = {
    {.name = "check",
     .about =
         "name, connection, certificate, clock, credentials, rights, setup, values, dry-run …"},
    {.name = "subject", .about = "What was looked at", .required = false},
    {.name = "state", .words = state_words},
    {.name = "detail"},
    {.name = "advice", .about = "What to do", .required = false},
    {.name = "requests",
     .shape = Shape::object,
     .about = "dry-run: a list of the requests that would be sent; secrets are masked",
     .required = false}};
constexpr Schema kFindingSchema{"LinkFinding", kFindingMembers};
constexpr Member kTestMembers[] = {
    {.name = "ok", .shape = Shape::boolean, .about = "Nothing failed"},
    {.name = "took_ms", .shape = Shape::integer},
    {.name = "findings", .shape = Shape::many, .of = &kFindingSchema}};
constexpr Schema kTestSchema{"LinkTest", kTestMembers};
constexpr Member kNoMembers[] = {
    {.name = "reason", .about = "For the log of the operator", .required = false}};
constexpr Schema kNoteSchema{"LinkTestReason", kNoMembers};

void write_finding(json::Writer& out, std::string_view check, std::string_view detail) {
  out.begin_object().field("check", check).field("state", "fail").field("detail", detail);
  out.end_object();
}

net::awaitable<Result<Response>> test_one(Api& api, Call& call) {
  json::Reader in(call.body.root(), "");
  in.text("reason", {.bytes_max = desk::kReasonBytesMax, .blank_allowed = true});
  if (auto refused = in.finish()) co_return *refused;
  const Instant began = api.parts.clock.now();
  Question question;
  question.operation = "probe";
  question.body = sample_question(began);
  const auto answer = co_await api.parts.links.ask(call.params.at(0), std::move(question));
  if (!answer && answer.error().kind == ProblemKind::not_found) co_return answer.error();
  bool ok = true;
  json::Writer findings;
  findings.begin_array();
  if (!answer) {
    ok = false;
    write_finding(findings, "process", answer.error().detail);
  } else {
    for (const std::string& text : answer->documents) {
      const auto finding = json::parse(text);
      if (!finding || !(*finding)["check"].is_text()) continue;
      ok = ok && (*finding)["state"].text() != "fail";
      findings.value(finding->root());
    }
    if (answer->status != "ok") {
      ok = false;
      write_finding(findings, answer->status == "auth" ? "credentials" : "supplier",
                    answer->message);
    }
  }
  json::Writer out;
  out.begin_object().field("ok", ok);
  out.field("took_ms", (api.parts.clock.now() - began).count());
  out.key("findings").raw(findings.end_array().take()).end_object();
  co_return json_response(out);
}

// --- settings
// -------------------------------------------------------------------------------------

constexpr Member kWorksMembers[] = {
    {.name = "connector", .about = "Its folder among the connectors"},
    {.name = "settings",
     .shape = Shape::object,
     .about =
         "As the connector gets them; in place of each secret stands {\"$secret\":\"token\"}"}};
constexpr Schema kWorksSchema{"LinkSettings", kWorksMembers};

net::awaitable<Result<Response>> read_settings(Api& api, Call& call) {
  const auto works = co_await api.parts.links.works(call.params.at(0));
  if (!works) co_return works.error();
  json::Writer out;
  out.begin_object().field("connector", works->connector);
  out.key("settings").raw(works->settings_json).end_object();
  co_return json_response(out);
}

// --- recordings
// -----------------------------------------------------------------------------------

constexpr Member kDays{.name = "days",
                       .shape = Shape::integer,
                       .about = "Back from now, 1 to 30; 30 by default",
                       .required = false};
constexpr Member kRecordingQuery[] = {kDays, kCursor, kLimit};

constexpr Member kWriteMembers[] = {
    {.name = "id", .shape = Shape::integer},
    {.name = "ticket", .about = "Its reference"},
    {.name = "operation", .about = "put_ticket, add_comment or add_attachment"},
    {.name = "state"},
    {.name = "at", .shape = Shape::time},
    {.name = "correlation"},
    {.name = "external_id", .about = "The supplier's ticket; empty: it was made by this"},
    {.name = "document", .shape = Shape::object, .about = "What the connector was given"}};
constexpr Schema kWriteSchema{"RecordedWrite", kWriteMembers};

constexpr Member kChangeMembers[] = {
    {.name = "id", .shape = Shape::integer},
    {.name = "at", .shape = Shape::time},
    {.name = "ticket", .about = "Its reference; empty if it is not known"},
    {.name = "raw", .shape = Shape::object, .about = "As the supplier told it"},
    {.name = "changes", .shape = Shape::object, .about = "What it was taken for: a list"}};
constexpr Schema kChangeSchema{"RecordedChange", kChangeMembers};

struct Page {
  std::string link;
  Instant since;
  std::int64_t before = INT64_MAX;
  int limit = 0;
};

Result<Page> page_of(Tx& tx, const Call& call) {
  const auto days = call.query.integer("days", 1, kDaysMax, kDaysMax);
  if (!days) return days.error();
  const auto before = number_cursor(call);
  if (!before) return before.error();
  const auto limit = page_limit(call);
  if (!limit) return limit.error();
  const std::string& link = call.params.at(0);
  if (!find_link(tx, link)) return not_found("link");
  return Page{link, tx.at() - *days * kDay, before->value_or(INT64_MAX), *limit};
}

Result<Response> list_writes(Tx& tx, const Call& call) {
  const auto page = page_of(tx, call);
  if (!page) return page.error();
  const auto all = recorded_writes(tx, page->link, page->since, page->before, page->limit);
  json::Writer out;
  begin_items(out);
  for (const RecordedWrite& write : all) {
    out.begin_object().field("id", write.id).field("ticket", reference_of(write.ticket));
    out.field("operation", write.operation).field("state", write.state);
    write_time(out, "at", write.at);
    out.field("correlation", write.correlation).field("external_id", write.external_id);
    out.key("document").raw(write.document).end_object();
  }
  const bool more = static_cast<int>(all.size()) == page->limit;
  end_items(out, more ? std::to_string(all.back().id) : std::string());
  return json_response(out);
}

Result<Response> list_changes(Tx& tx, const Call& call) {
  const auto page = page_of(tx, call);
  if (!page) return page.error();
  const auto all = recorded_changes(tx, page->link, page->since, page->before, page->limit);
  json::Writer out;
  begin_items(out);
  for (const RecordedChange& change : all) {
    out.begin_object().field("id", change.id);
    write_time(out, "at", change.at);
    out.field("ticket", change.ticket.value > 0 ? reference_of(change.ticket) : std::string());
    out.key("raw").raw(change.raw).key("changes").raw(change.changes).end_object();
  }
  const bool more = static_cast<int>(all.size()) == page->limit;
  end_items(out, more ? std::to_string(all.back().id) : std::string());
  return json_response(out);
}

}  // namespace

void declare_link_questions(Router& router) {
  router.add({.method = Method::post,
              .path = "/api/v1/links/{link}/test",
              .id = "test_link",
              .needs = Permission::link_operate,
              .tag = "links",
              .summary = "Look at everything that can be looked at without changing anything there",
              .handler = &test_one,
              .body = &kNoteSchema,
              .answer = &kTestSchema});
  router.add({.method = Method::get,
              .path = "/api/v1/links/{link}/settings",
              .id = "read_link_settings",
              .needs = Permission::link_operate,
              .tag = "links",
              .summary = "The settings that it works by, without its secrets",
              .handler = &read_settings,
              .answer = &kWorksSchema});
  router.add({.method = Method::get,
              .path = "/api/v1/links/{link}/recorded-writes",
              .id = "list_recorded_writes",
              .needs = Permission::link_operate,
              .tag = "links",
              .summary = "What the connector was given to write, newest first",
              .handler = &list_writes,
              .query = kRecordingQuery,
              .answer = &kWriteSchema,
              .list = true});
  router.add({.method = Method::get,
              .path = "/api/v1/links/{link}/recorded-changes",
              .id = "list_recorded_changes",
              .needs = Permission::link_operate,
              .tag = "links",
              .summary = "What the supplier told and what it was taken for, newest first",
              .handler = &list_changes,
              .query = kRecordingQuery,
              .answer = &kChangeSchema,
              .list = true});
}

}  // namespace ombud::http
