// Links to suppliers: how each is doing, and what an operator does with it.
#include "desk/limits.hpp"
#include "http/api/api.hpp"
#include "http/api/link_troubles.hpp"
#include "http/api/render.hpp"
#include "store/await.hpp"
#include "store/held_changes.hpp"
#include "store/link_steps.hpp"
#include "store/outbox.hpp"
#include "store/reconciliation.hpp"

namespace ombud::http {
namespace {

constexpr Member kHostMembers[] = {
    {.name = "state", .about = "stopped, starting, up, backing_off or held"},
    {.name = "reason", .about = "Why it is not up"},
    {.name = "connector"},
    {.name = "version"},
    {.name = "capabilities", .shape = Shape::texts},
    {.name = "extensions", .shape = Shape::texts},
    {.name = "pid", .shape = Shape::integer},
    {.name = "restarts", .shape = Shape::integer},
    {.name = "next_start", .shape = Shape::time, .required = false},
    {.name = "certificate_until",
     .shape = Shape::time,
     .about = "End of the supplier's certificate, as seen last",
     .required = false},
    {.name = "clock_ahead_seconds",
     .shape = Shape::integer,
     .about = "Of the supplier's clock, by the Date of its answers",
     .required = false}};
constexpr Schema kHostSchema{"Host", kHostMembers};
constexpr Member kBacklogMembers[] = {
    {.name = "unfinished", .shape = Shape::integer},
    {.name = "dead", .shape = Shape::integer},
    {.name = "in_doubt", .shape = Shape::integer},
    {.name = "oldest_at", .shape = Shape::time, .required = false},
    {.name = "last_done_at", .shape = Shape::time, .required = false}};
constexpr Schema kBacklogSchema{"Backlog", kBacklogMembers};
constexpr Member kHeldMembers[] = {
    {.name = "changes", .shape = Shape::integer},
    {.name = "since", .shape = Shape::time, .about = "Of the oldest", .required = false}};
constexpr Schema kHeldSchema{"HeldChanges", kHeldMembers};
constexpr Member kTestedMembers[] = {{.name = "against", .about = "real or documentation"},
                                     {.name = "with", .about = "Which system, which version"},
                                     {.name = "on", .about = "A day", .required = false}};
constexpr Schema kTestedSchema{"LinkTested", kTestedMembers};
constexpr Member kComparedMembers[] = {
    {.name = "run", .shape = Shape::integer},
    {.name = "state", .about = "reading, settling, done, failed or cancelled"},
    {.name = "at", .shape = Shape::time, .about = "When it began"},
    {.name = "drift", .shape = Shape::integer, .about = "Differences that were found"},
    {.name = "left", .shape = Shape::integer, .about = "Those that are not repaired"}};
constexpr Schema kComparedSchema{"LastReconciliation", kComparedMembers};
constexpr Member kLinkMembers[] = {
    {.name = "id"},
    {.name = "kind", .about = "supplier, notices for the desk's own mail to users, or subscribers"},
    {.name = "supplier"},
    {.name = "connector"},
    {.name = "profile", .about = "That the connector runs; null if none", .required = false},
    {.name = "tested",
     .shape = Shape::one,
     .about = "What its profile or connector was proven against; null if it does not say",
     .required = false,
     .of = &kTestedSchema},
    {.name = "configured", .shape = Shape::boolean, .about = "false: its file is gone"},
    {.name = "state", .about = "open, auth or paused"},
    {.name = "reason"},
    {.name = "not_before",
     .shape = Shape::time,
     .about = "The supplier asked to wait until then",
     .required = false},
    {.name = "troubles",
     .shape = Shape::many,
     .about = "What does not work now, and what to do",
     .of = &kLinkTroubleSchema},
    {.name = "polled_at", .shape = Shape::time, .required = false},
    {.name = "backlog", .shape = Shape::one, .of = &kBacklogSchema},
    {.name = "held",
     .shape = Shape::one,
     .about =
         "What the supplier has told and is not in its ticket yet: it waits for a write of ours "
         "that is not settled, or for an attachment",
     .of = &kHeldSchema},
    {.name = "reconciliation",
     .shape = Shape::one,
     .about = "The last one; null if it was never compared",
     .required = false,
     .of = &kComparedSchema},
    {.name = "host",
     .shape = Shape::one,
     .about = "Its process; null if it has none",
     .required = false,
     .of = &kHostSchema}};
constexpr Schema kLinkSchema{"Link", kLinkMembers};

struct LinkView {
  Link link;
  LinkBacklog backlog;
  HeldBacklog held;
  std::optional<Reconciliation> compared = std::nullopt;
  std::vector<LinkTrouble> troubles;
  Instant at;
};

void write_host(json::Writer& out, const HostReport& host) {
  out.begin_object("host")
      .field("state", host.state)
      .field("reason", host.reason)
      .field("connector", host.connector)
      .field("version", host.version);
  write_texts(out, "capabilities", host.capabilities);
  write_texts(out, "extensions", host.extensions);
  out.field("pid", host.pid).field("restarts", host.restarts);
  write_time(out, "next_start", host.next_start);
  write_time(out, "certificate_until", host.certificate_until);
  std::optional<std::int64_t> ahead;
  if (host.clock_ahead) {
    ahead = std::chrono::duration_cast<std::chrono::seconds>(*host.clock_ahead).count();
  }
  out.field("clock_ahead_seconds", ahead);
  out.end_object();
}

void write_link(json::Writer& out, const LinkView& view, const std::vector<HostReport>& hosts) {
  const Link& link = view.link;
  out.begin_object()
      .field("id", link.id)
      .field("kind", link.kind)
      .field("supplier", link.supplier)
      .field("connector", link.connector)
      .field("configured", link.configured)
      .field("state", link.state)
      .field("reason", link.reason);
  const auto host = std::find_if(hosts.begin(), hosts.end(),
                                 [&](const HostReport& report) { return report.link == link.id; });
  write_time(out, "not_before",
             link.not_before > view.at ? std::optional(link.not_before) : std::nullopt);
  write_troubles(
      out, all_troubles(view.troubles, link.id, host == hosts.end() ? nullptr : &*host, view.at));
  write_time(out, "polled_at", link.polled_at);
  out.begin_object("backlog")
      .field("unfinished", view.backlog.unfinished)
      .field("dead", view.backlog.dead)
      .field("in_doubt", view.backlog.in_doubt);
  write_time(out, "oldest_at", view.backlog.oldest_at);
  write_time(out, "last_done_at", view.backlog.last_done_at);
  out.end_object().begin_object("held").field("changes", view.held.count);
  write_time(out, "since", view.held.since);
  out.end_object();
  if (view.compared) {
    out.begin_object("reconciliation")
        .field("run", view.compared->id)
        .field("state", view.compared->state);
    write_time(out, "at", view.compared->created_at);
    out.field("drift", view.compared->found).field("left", view.compared->left).end_object();
  } else {
    out.key("reconciliation").null();
  }
  const bool runs = host != hosts.end();
  if (runs) {
    write_host(out, *host);
  } else {
    out.key("host").null();
  }
  write_or_null(out, "profile", runs ? std::string_view(host->profile) : std::string_view());
  out.key("tested").raw(runs && !host->tested.empty() ? host->tested : "null");
  out.end_object();
}

// A link serves many customers, and what the supplier said may be about a ticket of any of them:
// who works for one reads what kind of fault it is and what to do, in our words alone.
void leave_out_quotes(const Tx& tx, Link& link, std::vector<LinkTrouble>& troubles) {
  if (!tx.principal().tenant) return;
  if (link.state == "auth") link.reason = "The supplier refused the credentials.";
  for (LinkTrouble& trouble : troubles) {
    trouble.message.clear();
    if (trouble.about == "status") {  // its next step has the supplier's word
      trouble.next_step =
          "Somebody who works for all customers sees which status it is, and can map it.";
    }
  }
}

Result<std::vector<LinkView>> all_links(Tx& tx) {
  std::vector<LinkView> views;
  for (Link& link : list_links(tx)) {
    LinkBacklog backlog = backlog_of(tx, link.id);
    HeldBacklog held = held_backlog(tx, link.id);
    auto compared = last_reconciliation(tx, link.id);
    auto troubles = troubles_of(tx, link.id);
    leave_out_quotes(tx, link, troubles);
    views.push_back(
        {std::move(link), backlog, held, std::move(compared), std::move(troubles), tx.at()});
  }
  return views;
}

Result<LinkView> one_link(Tx& tx, const std::string& id) {
  auto link = find_link(tx, id);
  if (!link) return not_found("link");
  LinkBacklog backlog = backlog_of(tx, id);
  auto troubles = troubles_of(tx, id);
  leave_out_quotes(tx, *link, troubles);
  return LinkView{std::move(*link),    backlog, held_backlog(tx, id), last_reconciliation(tx, id),
                  std::move(troubles), tx.at()};
}

net::awaitable<Result<Response>> list_all(Api& api, Call& call) {
  std::function<Result<std::vector<LinkView>>(Tx&)> look = all_links;
  const auto views = co_await read<std::vector<LinkView>>(api.parts.store, call.principal, look);
  if (!views) co_return views.error();
  const auto hosts = co_await api.parts.links.reports();
  json::Writer out;
  begin_items(out);
  for (const LinkView& view : *views) write_link(out, view, hosts);
  end_items(out, {});
  co_return json_response(out);
}

net::awaitable<Result<Response>> read_one(Api& api, Call& call) {
  std::function<Result<LinkView>(Tx&)> look = [&call](Tx& tx) {
    return one_link(tx, call.params.at(0));
  };
  const auto view = co_await read<LinkView>(api.parts.store, call.principal, look);
  if (!view) co_return view.error();
  const auto hosts = co_await api.parts.links.reports();
  json::Writer out;
  write_link(out, *view, hosts);
  co_return json_response(out);
}

// --- How it has been doing ----------------------------------------------------------------------

constexpr std::int64_t kHistoryHoursMax = 14 * 24;
constexpr Member kHistoryQuery[] = {{.name = "hours",
                                     .shape = Shape::integer,
                                     .about = "How far back, 1 to 336; 24 by default",
                                     .required = false}};
constexpr Member kPointMembers[] = {
    {.name = "at", .shape = Shape::time, .about = "The end of the step"},
    {.name = "done", .shape = Shape::integer, .about = "Deliveries that arrived in it"},
    {.name = "failed", .shape = Shape::integer, .about = "Attempts that did not succeed"},
    {.name = "backlog", .shape = Shape::integer, .about = "Unfinished at its end"},
    {.name = "oldest_ms",
     .shape = Shape::integer,
     .about = "Age of the oldest of them; null if there is none",
     .required = false}};
constexpr Schema kPointSchema{"LinkPoint", kPointMembers};
constexpr Member kHistoryMembers[] = {
    {.name = "step_minutes", .shape = Shape::integer},
    {.name = "points",
     .shape = Shape::many,
     .about = "Oldest first; none for the time in which the hub was down",
     .of = &kPointSchema}};
constexpr Schema kHistorySchema{"LinkHistory", kHistoryMembers};

Result<Response> read_history(Tx& tx, const Call& call) {
  const auto hours = call.query.integer("hours", 1, kHistoryHoursMax, 24);
  if (!hours) return hours.error();
  const std::string& link = call.params.at(0);
  if (!find_link(tx, link)) return not_found("link");
  json::Writer out;
  out.begin_object().field(
      "step_minutes",
      std::int64_t{std::chrono::duration_cast<std::chrono::minutes>(kLinkStep).count()});
  out.begin_array("points");
  for (const LinkStep& step : link_steps(tx, link, tx.at() - Millis{*hours * 3'600'000})) {
    out.begin_object();
    write_time(out, "at", step.at);
    out.field("done", step.done).field("failed", step.failed).field("backlog", step.backlog);
    std::optional<std::int64_t> oldest_ms;
    if (step.oldest_at) oldest_ms = (step.at - *step.oldest_at).count();
    out.field("oldest_ms", oldest_ms).end_object();
  }
  out.end_array().end_object();
  return json_response(out);
}

// --- What an operator does
// ------------------------------------------------------------------------

constexpr Member kPauseMembers[] = {{.name = "reason", .about = "Shown to whoever asks why"}};
constexpr Schema kPauseSchema{"Pause", kPauseMembers};
constexpr Member kNoMembers[] = {
    {.name = "reason", .about = "For the log of the operator", .required = false}};
constexpr Schema kNoteSchema{"LinkReason", kNoMembers};
constexpr Member kStateMembers[] = {{.name = "id"}, {.name = "state"}, {.name = "reason"}};
constexpr Schema kStateSchema{"LinkState", kStateMembers};

Response state_response(std::string_view id, std::string_view state, std::string_view reason) {
  json::Writer out;
  out.begin_object().field("id", id).field("state", state).field("reason", reason).end_object();
  return json_response(out);
}

Result<Work> pause_one(const Call& call) {
  json::Reader in(call.body.root(), "");
  std::string reason = in.text("reason", {.required = true, .bytes_max = desk::kReasonBytesMax});
  if (auto refused = in.finish()) return *refused;
  return Work([&call, reason = std::move(reason)](Tx& tx) -> Result<Response> {
    const std::string& id = call.params.at(0);
    if (!find_link(tx, id)) return not_found("link");
    set_link_state(tx, id, "paused", reason);
    audit_act(tx, "link.paused", "link", id, reason);
    return state_response(id, "paused", reason);
  });
}

Result<std::string> note_of(const Call& call) {
  json::Reader in(call.body.root(), "");
  std::string reason =
      in.text("reason", {.bytes_max = desk::kReasonBytesMax, .blank_allowed = true});
  if (auto refused = in.finish()) return *refused;
  return reason;
}

Result<Response> open_link(Tx& tx, const Call& call, const std::string& note) {
  const std::string& id = call.params.at(0);
  const auto link = find_link(tx, id);
  if (!link) return not_found("link");
  if (!link->configured) {  // nothing would go out, whatever is said here
    return conflict(id + " is off: its file is gone or says enabled = false. Turn it on with: " +
                    "ombud supplier enable " + id);
  }
  set_link_state(tx, id, "open", "");
  audit_act(tx, "link.resumed", "link", id, note);
  return state_response(id, "open", "");
}

Result<Work> resume_one(const Call& call) {
  const auto note = note_of(call);
  if (!note) return note.error();
  return Work([&call, note = *note](Tx& tx) { return open_link(tx, call, note); });
}

// A fresh process, also where it was held. Whether the link is open stays as it is.
Result<Response> restarted(Tx& tx, const Call& call, const std::string& note) {
  const std::string& id = call.params.at(0);
  const auto link = find_link(tx, id);
  if (!link) return not_found("link");
  audit_act(tx, "link.restarted", "link", id, note);
  return state_response(id, link->state, link->reason);
}

net::awaitable<Result<Response>> restart_one(Api& api, Call& call) {
  const auto note = note_of(call);
  if (!note) co_return note.error();
  Work work = [&call, note = *note](Tx& tx) { return restarted(tx, call, note); };
  auto response = co_await run_change(api, call, std::move(work));
  if (!response || response->status != 200) co_return response;
  if (!response->header_of("Idempotent-Replay").empty()) co_return response;
  const auto begun = co_await api.parts.links.restart(call.params.at(0));
  if (!begun) co_return begun.error();
  co_return response;
}

constexpr Member kCheckMembers[] = {{.name = "ok", .shape = Shape::boolean},
                                    {.name = "message", .about = "What the connector said"},
                                    {.name = "took_ms", .shape = Shape::integer}};
constexpr Schema kCheckSchema{"LinkCheck", kCheckMembers};

net::awaitable<Result<Response>> check_one(Api& api, Call& call) {
  const auto note = note_of(call);
  if (!note) co_return note.error();
  std::function<Result<LinkView>(Tx&)> look = [&call](Tx& tx) {
    return one_link(tx, call.params.at(0));
  };
  const auto view = co_await read<LinkView>(api.parts.store, call.principal, look);
  if (!view) co_return view.error();
  const auto report = co_await api.parts.links.check(call.params.at(0));
  if (!report) co_return report.error();
  json::Writer out;
  out.begin_object()
      .field("ok", report->ok)
      .field("message", report->message)
      .field("took_ms", report->took_ms)
      .end_object();
  co_return json_response(out);
}

}  // namespace

void declare_links(Router& router) {
  router.add({.method = Method::get,
              .path = "/api/v1/links",
              .id = "list_links",
              .needs = Permission::link_read,
              .tag = "links",
              .summary = "Every link with its backlog and its process",
              .handler = &list_all,
              .answer = &kLinkSchema,
              .list = true});
  router.add({.method = Method::get,
              .path = "/api/v1/links/{link}",
              .id = "read_link",
              .needs = Permission::link_read,
              .tag = "links",
              .summary = "One link",
              .handler = &read_one,
              .answer = &kLinkSchema});
  router.add({.method = Method::get,
              .path = "/api/v1/links/{link}/history",
              .id = "read_link_history",
              .needs = Permission::link_read,
              .tag = "links",
              .summary = "How it has been doing, in steps of five minutes",
              .handler = &read_history,
              .query = kHistoryQuery,
              .answer = &kHistorySchema});
  router.add({.method = Method::post,
              .path = "/api/v1/links/{link}/pause",
              .id = "pause_link",
              .needs = Permission::link_operate,
              .tag = "links",
              .summary = "Send nothing until it is resumed; everything is kept",
              .handler = &pause_one,
              .body = &kPauseSchema,
              .answer = &kStateSchema});
  router.add({.method = Method::post,
              .path = "/api/v1/links/{link}/resume",
              .id = "resume_link",
              .needs = Permission::link_operate,
              .tag = "links",
              .summary = "Open it again, from whatever state",
              .handler = &resume_one,
              .body = &kNoteSchema,
              .answer = &kStateSchema});
  router.add({.method = Method::post,
              .path = "/api/v1/links/{link}/restart",
              .id = "restart_link",
              .needs = Permission::link_operate,
              .tag = "links",
              .summary = "A fresh connector process; lifts a hold",
              .handler = &restart_one,
              .body = &kNoteSchema,
              .answer = &kStateSchema});
  router.add({.method = Method::post,
              .path = "/api/v1/links/{link}/check",
              .id = "check_link",
              .needs = Permission::link_operate,
              .tag = "links",
              .summary = "Let the connector try its connection; changes nothing",
              .handler = &check_one,
              .body = &kNoteSchema,
              .answer = &kCheckSchema});
}

}  // namespace ombud::http
