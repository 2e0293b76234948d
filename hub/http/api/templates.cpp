// Templates: texts that agents write again and again.
#include "desk/templates.hpp"

#include "desk/access.hpp"
#include "desk/limits.hpp"
#include "http/api/api.hpp"
#include "http/api/render.hpp"

namespace ombud::http {
namespace {

constexpr Member kActionsMembers[] = {
    {.name = "status", .required = false, .words = words_of<TicketStatus>},
    {.name = "team", .required = false},
    {.name = "agent", .about = "me: whoever uses it", .required = false},
    {.name = "priority", .required = false, .words = words_of<Priority>}};
constexpr Schema kActionsSchema{"TemplateActions", kActionsMembers};

#define OMBUD_TEMPLATE_MEMBERS                                                              \
  {.name = "name"}, {.name = "language", .about = "sv or en", .required = false},           \
      {.name = "audience", .words = words_of<Visibility>},                                  \
      {.name = "text", .about = "With gaps such as {{user.name}}, {{ticket.reference}}"}, { \
    .name = "actions", .shape = Shape::one, .about = "What the page does when it is used",  \
    .required = false, .of = &kActionsSchema                                                \
  }
constexpr Member kTemplateMembers[] = {{.name = "id", .shape = Shape::integer},
                                       OMBUD_TEMPLATE_MEMBERS};
constexpr Schema kTemplateSchema{"Template", kTemplateMembers};
constexpr Member kNewMembers[] = {OMBUD_TEMPLATE_MEMBERS};
constexpr Schema kNewSchema{"NewTemplate", kNewMembers};

void write_template(json::Writer& out, const Template& one) {
  out.begin_object()
      .field("id", one.id.value)
      .field("name", one.name)
      .field("language", one.language)
      .field("audience", one.audience)
      .field("text", one.text)
      .key("actions")
      .raw(one.actions)
      .end_object();
}

Result<Response> list_all(Tx& tx, const Call&) {
  json::Writer out;
  begin_items(out);
  for (const Template& one : list_templates(tx)) write_template(out, one);
  end_items(out, {});
  return json_response(out);
}

struct Actions {
  std::optional<TicketStatus> status;
  std::optional<std::string> team, agent;
  std::optional<Priority> priority;
};

Actions read_actions(json::Reader& in, const Call& call) {
  Actions actions;
  if (!in.has("actions") || !call.body["actions"].present()) return actions;
  if (!call.body["actions"].is_object()) {
    in.refuse("actions", "must be an object");
    return actions;
  }
  json::Reader fields(call.body["actions"], "/actions");
  actions.status = maybe_word<TicketStatus>(fields, "status");
  actions.team = fields.maybe_text("team", {.bytes_max = 64});
  actions.agent = fields.maybe_text("agent", {.bytes_max = 64, .blank_allowed = true});
  actions.priority = maybe_word<Priority>(fields, "priority");
  if (fields.finish()) in.absorb(fields);
  return actions;
}

std::string written(const Actions& actions) {
  json::Writer out;
  out.begin_object().field_if("team", actions.team).field_if("agent", actions.agent);
  if (actions.status) out.field("status", to_text(*actions.status));
  if (actions.priority) out.field("priority", to_text(*actions.priority));
  out.end_object();
  return out.take();
}

std::optional<Problem> unknown(Tx& tx, const Actions& actions) {
  if (actions.team && !find_team(tx, *actions.team)) {
    return invalid("/actions/team", "there is no such team");
  }
  if (actions.agent && !actions.agent->empty() && *actions.agent != "me" &&
      !find_agent(tx, *actions.agent)) {
    return invalid("/actions/agent", "there is no such agent");
  }
  return std::nullopt;
}

Result<Work> save(const Call& call, TemplateId id) {
  json::Reader in(call.body.root(), "");
  Template one;
  one.id = id;
  one.name = in.text("name", {.required = true, .bytes_max = desk::kNameBytesMax});
  one.language = language_text(in);
  const auto audience = maybe_word<Visibility>(in, "audience");
  if (!audience && !call.body["audience"].present()) in.refuse("audience", "is required");
  one.text = in.text("text", {.required = true, .bytes_max = desk::kTemplateBytesMax});
  Actions actions = read_actions(in, call);
  if (auto refused = in.finish()) return *refused;
  one.audience = to_text(*audience);
  one.actions = written(actions);
  return Work([one = std::move(one), actions = std::move(actions)](Tx& tx) -> Result<Response> {
    if (auto refused = desk::needs_whole_desk(tx)) return *refused;
    if (auto refused = unknown(tx, actions)) return *refused;
    const auto saved = desk::save_template(tx, one);
    if (!saved) return saved.error();
    json::Writer out;
    write_template(out, *saved);
    Response response = json_response(out, one.id.value == 0 ? 201 : 200);
    response.header("Location", "/api/v1/templates/" + std::to_string(saved->id.value));
    return response;
  });
}

Result<Work> add_template(const Call& call) {
  return save(call, {});
}

Result<Work> change_template(const Call& call) {
  const auto id = id_param<TemplateId>(call);
  if (id.value == 0) return not_found("template");
  return save(call, id);
}

Result<Work> delete_template(const Call& call) {
  return Work([&call](Tx& tx) -> Result<Response> {
    const auto removed = desk::remove_template(tx, id_param<TemplateId>(call));
    if (!removed) return removed.error();
    Response response;
    response.status = 204;
    return response;
  });
}

constexpr Member kRenderMembers[] = {{.name = "ticket", .shape = Shape::integer}};
constexpr Schema kRenderSchema{"RenderTemplate", kRenderMembers};
constexpr Member kRenderedMembers[] = {{.name = "text"}};
constexpr Schema kRenderedSchema{"RenderedTemplate", kRenderedMembers};

// Changes nothing; a POST because it asks with a body.
Result<Work> render_one(const Call& call) {
  json::Reader in(call.body.root(), "");
  const TicketId ticket{in.integer("ticket", 1, INT64_MAX)};
  if (auto refused = in.finish()) return *refused;
  return Work([&call, ticket](Tx& tx) -> Result<Response> {
    const auto text = desk::render_template(tx, id_param<TemplateId>(call), ticket);
    if (!text) return text.error();
    json::Writer out;
    out.begin_object().field("text", *text).end_object();
    return json_response(out);
  });
}

}  // namespace

void declare_templates(Router& router) {
  router.add({.method = Method::get,
              .path = "/api/v1/templates",
              .id = "list_templates",
              .needs = Permission::ticket_work,
              .tag = "templates",
              .summary = "List templates by name",
              .handler = &list_all,
              .answer = &kTemplateSchema,
              .list = true});
  router.add({.method = Method::post,
              .path = "/api/v1/templates",
              .id = "add_template",
              .needs = Permission::template_share,
              .tag = "templates",
              .summary = "Add a template",
              .handler = &add_template,
              .body = &kNewSchema,
              .answer = &kTemplateSchema,
              .status = 201});
  router.add({.method = Method::put,
              .path = "/api/v1/templates/{template}",
              .id = "change_template",
              .needs = Permission::template_share,
              .tag = "templates",
              .summary = "Replace a template",
              .handler = &change_template,
              .body = &kNewSchema,
              .answer = &kTemplateSchema});
  router.add({.method = Method::delete_,
              .path = "/api/v1/templates/{template}",
              .id = "remove_template",
              .needs = Permission::template_share,
              .tag = "templates",
              .summary = "Remove a template",
              .handler = &delete_template,
              .status = 204});
  router.add({.method = Method::post,
              .path = "/api/v1/templates/{template}/render",
              .id = "render_template",
              .needs = Permission::ticket_work,
              .tag = "templates",
              .summary = "The text with its gaps filled from a ticket",
              .handler = &render_one,
              .body = &kRenderSchema,
              .answer = &kRenderedSchema});
}

}  // namespace ombud::http
