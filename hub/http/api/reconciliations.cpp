// Reconciliation: what the hub believes beside what a supplier has, and the repairs.
#include "desk/reconcile.hpp"

#include "http/api/api.hpp"
#include "http/api/render.hpp"
#include "store/reconciliation.hpp"

namespace ombud::http {
namespace {

constexpr int kDriftPageMax = 200;

constexpr Member kRunMembers[] = {
    {.name = "id", .shape = Shape::integer},
    {.name = "link"},
    {.name = "cause", .about = "command or schedule"},
    {.name = "actor", .about = "Who asked for it"},
    {.name = "state", .about = "reading, settling, done, failed or cancelled"},
    {.name = "reason", .about = "Why it failed, or what it left out"},
    {.name = "created_at", .shape = Shape::time},
    {.name = "finished_at", .shape = Shape::time, .required = false},
    {.name = "to_compare", .shape = Shape::integer, .about = "Delegations, as it began"},
    {.name = "compared", .shape = Shape::integer},
    {.name = "skipped", .shape = Shape::integer, .about = "They had work under way"},
    {.name = "unread", .shape = Shape::integer, .about = "The supplier did not show them"},
    {.name = "drift", .shape = Shape::integer, .about = "Differences that were found"},
    {.name = "proposed",
     .shape = Shape::integer,
     .about = "Those that are repaired if no rows are named"},
    {.name = "ordered", .shape = Shape::integer, .about = "Being repaired or undone"},
    {.name = "applied", .shape = Shape::integer},
    {.name = "left", .shape = Shape::integer, .about = "Not repaired"}};
constexpr Schema kRunSchema{"Reconciliation", kRunMembers};

constexpr Member kDriftMembers[] = {
    {.name = "id", .shape = Shape::integer},
    {.name = "run", .shape = Shape::integer},
    {.name = "ticket", .about = "The desk's number"},
    {.name = "delegation", .shape = Shape::integer},
    {.name = "kind",
     .about = "ticket_gone, ticket_replaced, ticket_twice, mark_missing, our_message_missing, "
              "their_message_missing, their_status_missing, field_differs, status_differs or "
              "not_read"},
    {.name = "about", .about = "The field, the delivery or the supplier's event that differs"},
    {.name = "ours", .about = "What the hub believes"},
    {.name = "theirs", .about = "What the supplier has"},
    {.name = "note"},
    {.name = "repair",
     .about =
         "send and recreate write again what the hub had written, restore puts a field of "
         "ours back, take brings the supplier's words into the ticket; none: a person decides"},
    {.name = "proposed", .shape = Shape::boolean, .about = "false: only if the row is named"},
    {.name = "undoable", .shape = Shape::boolean, .about = "For 30 days after the repair"},
    {.name = "state",
     .about = "found, ordered, applied, skipped, undo_ordered, undone, or kept (not undone)"},
    {.name = "outcome"},
    {.name = "actor", .about = "Who ordered the repair"},
    {.name = "changed_at", .shape = Shape::time}};
constexpr Schema kDriftSchema{"Drift", kDriftMembers};

constexpr Member kStartMembers[] = {
    {.name = "reason", .about = "For the log of the operator", .required = false}};
constexpr Schema kStartSchema{"ReconciliationStart", kStartMembers};
constexpr Member kOrderMembers[] = {
    {.name = "rows",
     .shape = Shape::texts,
     .about = "Ids of rows, as text; left out: of a repair all that are proposed, of an undo all "
              "that can be undone",
     .required = false}};
constexpr Schema kOrderSchema{"ReconciliationOrder", kOrderMembers};

void write(json::Writer& out, const Reconciliation& run) {
  out.begin_object()
      .field("id", run.id)
      .field("link", run.link)
      .field("cause", run.cause)
      .field("actor", run.actor)
      .field("state", run.state)
      .field("reason", run.reason);
  write_time(out, "created_at", run.created_at);
  write_time(out, "finished_at", run.finished_at);
  out.field("to_compare", run.to_compare)
      .field("compared", run.compared)
      .field("skipped", run.skipped)
      .field("unread", run.unread)
      .field("drift", run.found)
      .field("proposed", run.proposed)
      .field("ordered", run.ordered)
      .field("applied", run.applied)
      .field("left", run.left)
      .end_object();
}

void write(json::Writer& out, const Drift& drift) {
  out.begin_object()
      .field("id", drift.id)
      .field("run", drift.run)
      .field("ticket", reference_of(drift.ticket))
      .field("delegation", drift.delegation.value)
      .field("kind", drift.kind)
      .field("about", drift.about)
      .field("ours", drift.ours)
      .field("theirs", drift.theirs)
      .field("note", drift.note)
      .field("repair", drift.repair)
      .field("proposed", drift.proposed)
      .field("undoable", drift.undoable)
      .field("state", drift.state)
      .field("outcome", drift.outcome)
      .field("actor", drift.actor);
  write_time(out, "changed_at", drift.changed_at);
  out.end_object();
}

Response run_response(const Reconciliation& run, unsigned status = 200) {
  json::Writer out;
  write(out, run);
  return json_response(out, status);
}

Result<Reconciliation> run_of(Tx& tx, const Call& call) {
  auto run = find_reconciliation(tx, id_param<Id<struct RunTag>>(call).value);
  if (!run) return not_found("reconciliation");
  return *run;
}

Result<Work> start(const Call& call) {
  json::Reader in(call.body.root(), "");
  in.text("reason", {.blank_allowed = true});
  if (auto refused = in.finish()) return *refused;
  return Work([&call](Tx& tx) -> Result<Response> {
    const std::string& id = call.params.at(0);
    const auto link = find_link(tx, id);
    if (!link) return not_found("link");
    if (link->kind != "supplier") {
      return conflict("Only a supplier has tickets to compare; this link is of kind \"" +
                      link->kind + "\".");
    }
    if (link->state != "open" || !link->configured) {
      return conflict("The link is not open, so its supplier is not asked. Resume it first.");
    }
    drop_old_reconciliations(tx, tx.at() - desk::kRunsKeptFor);
    const auto run = start_reconciliation(
        tx, id, "command", count_comparable(tx, id, tx.at() - desk::kCompareEndedFor));
    if (!run) return run.error();
    Response response = run_response(*run, 201);
    response.header("Location", "/api/v1/reconciliations/" + std::to_string(run->id));
    return response;
  });
}

constexpr Member kListQuery[] = {kCursor, kLimit};

Result<Response> list_runs(Tx& tx, const Call& call) {
  if (!find_link(tx, call.params.at(0))) return not_found("link");
  const auto before = number_cursor(call);
  if (!before) return before.error();
  const auto limit = page_limit(call);
  if (!limit) return limit.error();
  const auto runs = list_reconciliations(tx, call.params.at(0), *before, *limit);
  json::Writer out;
  begin_items(out);
  for (const Reconciliation& run : runs) write(out, run);
  const bool more = static_cast<int>(runs.size()) == *limit;
  end_items(out, more ? std::to_string(runs.back().id) : std::string());
  return json_response(out);
}

Result<Response> read_run(Tx& tx, const Call& call) {
  const auto run = run_of(tx, call);
  if (!run) return run.error();
  return run_response(*run);
}

Result<Response> list_rows(Tx& tx, const Call& call) {
  const auto run = run_of(tx, call);
  if (!run) return run.error();
  const auto after = number_cursor(call);
  if (!after) return after.error();
  const auto limit = page_limit(call);
  if (!limit) return limit.error();
  const auto rows = list_drift(tx, run->id, after->value_or(0), std::min(*limit, kDriftPageMax));
  json::Writer out;
  begin_items(out);
  for (const Drift& row : rows) write(out, row);
  const bool more = static_cast<int>(rows.size()) == *limit;
  end_items(out, more ? std::to_string(rows.back().id) : std::string());
  return json_response(out);
}

using Order = Result<std::int64_t> (*)(Tx&, std::int64_t, const std::vector<std::int64_t>&);

Result<Work> order(const Call& call, Order carry_out) {
  json::Reader in(call.body.root(), "");
  std::vector<std::int64_t> rows;
  constexpr std::size_t kRowsMax = 10'000;
  for (const std::string& text : in.texts("rows", kRowsMax, {.bytes_max = 18})) {
    if (text.empty() || text.find_first_not_of("0123456789") != std::string::npos) {
      in.refuse("rows", "must be ids of rows, such as [\"17\"]");
      break;
    }
    rows.push_back(std::stoll(text));
  }
  if (in.has("rows") && rows.empty()) in.refuse("rows", "names none; leave it out for all");
  if (auto refused = in.finish()) return *refused;
  return Work([&call, carry_out, rows = std::move(rows)](Tx& tx) -> Result<Response> {
    const auto run = run_of(tx, call);
    if (!run) return run.error();
    const auto ordered = carry_out(tx, run->id, rows);
    if (!ordered) return ordered.error();
    return run_response(*find_reconciliation(tx, run->id), 202);
  });
}

Result<Work> apply(const Call& call) {
  return order(call, &desk::order_repair);
}
Result<Work> undo(const Call& call) {
  return order(call, &desk::order_undo);
}

Result<Work> cancel(const Call& call) {
  json::Reader in(call.body.root(), "");
  in.text("reason", {.blank_allowed = true});
  if (auto refused = in.finish()) return *refused;
  return Work([&call](Tx& tx) -> Result<Response> {
    const auto run = run_of(tx, call);
    if (!run) return run.error();
    if (run->finished_at) return conflict("It has ended; there is nothing to stop.");
    set_reconciliation_state(tx, run->id, "cancelled", "stopped by " + tx.principal().actor());
    return run_response(*find_reconciliation(tx, run->id));
  });
}

}  // namespace

void declare_reconciliations(Router& router) {
  router.add({.method = Method::post,
              .path = "/api/v1/links/{link}/reconciliations",
              .id = "start_reconciliation",
              .needs = Permission::link_operate,
              .tag = "reconciliation",
              .summary = "Compare every delegation of a link with what its supplier has; changes "
                         "nothing",
              .handler = &start,
              .body = &kStartSchema,
              .answer = &kRunSchema,
              .status = 201});
  router.add({.method = Method::get,
              .path = "/api/v1/links/{link}/reconciliations",
              .id = "list_reconciliations",
              .needs = Permission::link_read,
              .tag = "reconciliation",
              .summary = "Runs of a link, newest first",
              .handler = &list_runs,
              .query = kListQuery,
              .answer = &kRunSchema,
              .list = true});
  router.add({.method = Method::get,
              .path = "/api/v1/reconciliations/{run}",
              .id = "read_reconciliation",
              .needs = Permission::link_read,
              .tag = "reconciliation",
              .summary = "One run, with how far it is",
              .handler = &read_run,
              .answer = &kRunSchema});
  router.add({.method = Method::get,
              .path = "/api/v1/reconciliations/{run}/drift",
              .id = "list_drift",
              .needs = Permission::link_read,
              .tag = "reconciliation",
              .summary = "What a run found, and what would be done about it",
              .handler = &list_rows,
              .query = kListQuery,
              .answer = &kDriftSchema,
              .list = true});
  router.add({.method = Method::post,
              .path = "/api/v1/reconciliations/{run}/apply",
              .id = "apply_reconciliation",
              .needs = Permission::link_operate,
              .tag = "reconciliation",
              .summary = "Repair; each row is looked at again before",
              .handler = &apply,
              .body = &kOrderSchema,
              .answer = &kRunSchema,
              .status = 202});
  router.add({.method = Method::post,
              .path = "/api/v1/reconciliations/{run}/undo",
              .id = "undo_reconciliation",
              .needs = Permission::link_operate,
              .tag = "reconciliation",
              .summary = "Put fields back where the supplier still has what the repair brought",
              .handler = &undo,
              .body = &kOrderSchema,
              .answer = &kRunSchema,
              .status = 202});
  router.add({.method = Method::post,
              .path = "/api/v1/reconciliations/{run}/cancel",
              .id = "cancel_reconciliation",
              .needs = Permission::link_operate,
              .tag = "reconciliation",
              .summary = "Stop a run that is under way; what it found stays",
              .handler = &cancel,
              .body = &kStartSchema,
              .answer = &kRunSchema});
}

}  // namespace ombud::http
