// Views: lists of tickets with a name and a count, built-in and saved.
#include "desk/views.hpp"

#include "desk/access.hpp"
#include "desk/limits.hpp"
#include "http/api/render.hpp"
#include "http/api/ticket_query.hpp"
#include "http/target.hpp"

namespace ombud::http {
namespace {

constexpr Member kFilterMembers[] = {OMBUD_TICKET_QUERY};

constexpr Member kViewMembers[] = {
    {.name = "id"},
    {.name = "name"},
    {.name = "shared", .shape = Shape::boolean},
    {.name = "builtin", .shape = Shape::boolean},
    {.name = "own", .shape = Shape::boolean, .about = "You may change it"},
    {.name = "filter", .shape = Shape::object, .about = "The names of the list's query"},
    {.name = "count", .shape = Shape::integer},
    {.name = "exact",
     .shape = Shape::boolean,
     .about = "false: counted only among the 1000 tickets that changed last"}};
constexpr Schema kViewSchema{"View", kViewMembers};

// The query that a filter stands for: {"open":true,"agent":"me"} → "open=true&agent=me".
Result<Query> query_of(json::View filter) {
  std::string text;
  for (std::size_t i = 0; i < filter.size(); ++i) {
    const std::string pointer = "/filter/" + std::string(filter.name_at(i));
    const json::View value = filter.member_at(i);
    std::string as_text;
    if (value.is_text()) {
      as_text = value.text();
    } else if (value.is_integer()) {
      as_text = std::to_string(value.integer());
    } else if (value.is_boolean()) {
      as_text = value.boolean() ? "true" : "false";
    } else {
      return invalid(pointer, "must be a text, a whole number, true or false");
    }
    text += (text.empty() ? "" : "&") + percent_encode(filter.name_at(i)) + "=" +
            percent_encode(as_text);
  }
  auto query = Query::parse(text, kFilterMembers);
  if (query) return query;
  Problem wrong = query.error();
  for (FieldProblem& field : wrong.fields) field.pointer = "/filter/" + field.pointer.substr(1);
  return wrong;
}

// The list that a filter stands for; refused where the list's query would be.
Result<desk::List> list_of(json::View filter, const Principal& who) {
  const auto query = query_of(filter);
  if (!query) return query.error();
  auto list = ticket_list_of(*query, who);
  if (list) return list;
  Problem wrong = list.error();
  for (FieldProblem& field : wrong.fields) {
    if (field.pointer.starts_with('?')) field.pointer = "/filter/" + field.pointer.substr(1);
  }
  return wrong;
}

struct Shown {
  std::string id, name, filter;
  bool shared = false, builtin = false, own = false;
};

void write(json::Writer& out, Tx& tx, const Shown& view) {
  TicketCount count;
  count.exact = false;
  const auto filter = json::parse(view.filter);
  // One that was saved before its agent or link went away counts nothing.
  if (const auto list =
          filter ? list_of(filter->root(), tx.principal()) : Result<desk::List>(filter.error());
      list && list->words.empty()) {
    count = count_tickets(tx, list->filter);
  }
  out.begin_object()
      .field("id", view.id)
      .field("name", view.name)
      .field("shared", view.shared)
      .field("builtin", view.builtin)
      .field("own", view.own)
      .key("filter")
      .raw(view.filter)
      .field("count", count.n)
      .field("exact", count.exact)
      .end_object();
}

// Those that every agent needs; `name` is for programs, pages have it in the reader's language.
std::vector<Shown> builtin_views(Tx& tx) {
  std::vector<Shown> all;
  const auto add = [&](const char* id, const char* name, std::string filter) {
    Shown view;
    view.id = id;
    view.name = name;
    view.filter = std::move(filter);
    view.shared = view.builtin = true;
    all.push_back(std::move(view));
  };
  const std::string agent = desk::own_agent(tx.principal());
  if (!agent.empty()) {
    add("mine", "My tickets", R"({"agent":"me","open":true})");
  }
  add("unassigned", "Nobody has it", R"({"unassigned":true,"open":true})");
  if (const auto known = find_agent(tx, agent)) {
    json::Writer team;
    team.begin_object().field("team", known->team).field("open", true).end_object();
    add("team", "My team", team.take());
  }
  add("waiting_user", "Waiting for the user", R"({"status":"waiting_user"})");
  add("waiting_approval", "Waiting for approval", R"({"approval":"needed"})");
  add("waiting_supplier", "Waiting for a supplier", R"({"status":"waiting_supplier"})");
  add("supplier_answered", "A supplier answered", R"({"answered":true,"open":true})");
  add("all_open", "All open", R"({"open":true})");
  add("resolved", "Solved", R"({"status":"resolved"})");
  return all;
}

Shown shown(const SavedView& view, const Principal& who) {
  Shown out;
  out.id = std::to_string(view.id.value);
  out.name = view.name;
  out.filter = view.filter;
  out.shared = view.shared;
  out.own = view.owner == who.actor();
  return out;
}

Result<Response> list_views(Tx& tx, const Call& call) {
  const auto saved = desk::saved_views(tx);
  if (!saved) return saved.error();
  json::Writer out;
  begin_items(out);
  for (const Shown& view : builtin_views(tx)) write(out, tx, view);
  for (const SavedView& view : *saved) write(out, tx, shown(view, call.principal));
  end_items(out, {});
  return json_response(out);
}

constexpr Schema kFilterSchema{"TicketFilter", kFilterMembers};
constexpr Member kNewMembers[] = {
    {.name = "name"},
    {.name = "shared",
     .shape = Shape::boolean,
     .about = "With the whole desk, by team leads and administrators; false by default",
     .required = false},
    {.name = "filter",
     .shape = Shape::one,
     .about = "The names of the list's query, such as {\"open\":true,\"team\":\"desk\"}",
     .of = &kFilterSchema}};
constexpr Schema kNewSchema{"NewView", kNewMembers};

Result<Work> save(const Call& call, ViewId id) {
  json::Reader in(call.body.root(), "");
  SavedView view;
  view.id = id;
  view.name = in.text("name", {.required = true, .bytes_max = desk::kNameBytesMax});
  view.shared = in.boolean("shared", false);
  const json::View filter = in.object("filter", true);
  if (auto refused = in.finish()) return *refused;
  if (const auto list = list_of(filter, call.principal); !list) return list.error();
  view.filter = filter.dump();
  return Work([&call, view = std::move(view)](Tx& tx) -> Result<Response> {
    const auto saved = desk::save_view(tx, view);
    if (!saved) return saved.error();
    json::Writer out;
    write(out, tx, shown(*saved, call.principal));
    Response response = json_response(out, view.id.value == 0 ? 201 : 200);
    response.header("Location", "/api/v1/views/" + std::to_string(saved->id.value));
    return response;
  });
}

Result<Work> add_view(const Call& call) {
  return save(call, {});
}

Result<Work> change_view(const Call& call) {
  const auto id = id_param<ViewId>(call);
  if (id.value == 0) return not_found("view");
  return save(call, id);
}

Result<Work> delete_view(const Call& call) {
  return Work([&call](Tx& tx) -> Result<Response> {
    const auto removed = desk::remove_view(tx, id_param<ViewId>(call));
    if (!removed) return removed.error();
    return no_content();
  });
}

}  // namespace

void declare_views(Router& router) {
  router.add({.method = Method::get,
              .path = "/api/v1/views",
              .id = "list_views",
              .needs = Permission::directory_read,
              .tag = "views",
              .summary = "List views, built-in and saved, with their counts",
              .handler = &list_views,
              .answer = &kViewSchema,
              .list = true});
  router.add({.method = Method::post,
              .path = "/api/v1/views",
              .id = "add_view",
              .needs = Permission::view_write,
              .tag = "views",
              .summary = "Save a list of tickets as a view",
              .handler = &add_view,
              .body = &kNewSchema,
              .answer = &kViewSchema,
              .status = 201});
  router.add({.method = Method::put,
              .path = "/api/v1/views/{view}",
              .id = "change_view",
              .needs = Permission::view_write,
              .tag = "views",
              .summary = "Replace a view of your own",
              .handler = &change_view,
              .body = &kNewSchema,
              .answer = &kViewSchema});
  router.add({.method = Method::delete_,
              .path = "/api/v1/views/{view}",
              .id = "remove_view",
              .needs = Permission::view_write,
              .tag = "views",
              .summary = "Remove a view of your own",
              .handler = &delete_view,
              .status = 204});
}

}  // namespace ombud::http
