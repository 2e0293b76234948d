// The provider's own side: teams, agents, services.
#include "desk/leaving.hpp"
#include "desk/limits.hpp"
#include "http/api/api.hpp"
#include "http/api/render.hpp"

namespace ombud::http {
namespace {

constexpr Member kTeamMembers[] = {{.name = "id"}, {.name = "name"}};
constexpr Schema kTeamSchema{"Team", kTeamMembers};
constexpr Member kNewTeamMembers[] = {{.name = "name"}};
constexpr Schema kNewTeamSchema{"NewTeam", kNewTeamMembers};

void write(json::Writer& out, const Team& team) {
  out.begin_object().field("id", team.id).field("name", team.name).end_object();
}
void write(json::Writer& out, const Agent& agent) {
  out.begin_object()
      .field("id", agent.id)
      .field("name", agent.name)
      .field("email", agent.email)
      .field("team", agent.team)
      .end_object();
}
void write(json::Writer& out, const ombud::Service& service) {
  out.begin_object().field("id", service.id).field("name", service.name);
  write_texts(out, "words", service.words);
  out.end_object();
}

template <class T>
std::string text_of(const T& thing) {
  json::Writer out;
  write(out, thing);
  return out.take();
}
template <class T>
std::string text_of(const std::optional<T>& thing) {
  return thing ? text_of(*thing) : std::string();
}

template <class T>
Response one(const T& thing) {
  json::Writer out;
  write(out, thing);
  return json_response(out);
}
template <class T>
Response many(const std::vector<T>& things) {
  json::Writer out;
  begin_items(out);
  for (const T& thing : things) write(out, thing);
  end_items(out, {});
  return json_response(out);
}

Result<Response> all_teams(Tx& tx, const Call& /*call*/) {
  return many(list_teams(tx));
}
Result<Response> read_team(Tx& tx, const Call& call) {
  const auto team = find_team(tx, call.params.at(0));
  if (!team) return not_found("team");
  return one(*team);
}
Result<Work> replace_team(const Call& call) {
  json::Reader in(call.body.root(), "");
  Team team;
  team.id = call.params.at(0);
  if (!is_key(team.id)) return not_found("team");
  team.name = in.text("name", {.required = true, .bytes_max = desk::kNameBytesMax});
  if (auto refused = in.finish()) return *refused;
  return Work([team = std::move(team)](Tx& tx) -> Result<Response> {
    const std::string before = text_of(find_team(tx, team.id));
    put_team(tx, team);
    audit_change(tx, "team", team.id, before, text_of(team));
    return one(team);
  });
}

constexpr Member kAgentMembers[] = {
    {.name = "id"}, {.name = "name"}, {.name = "email"}, {.name = "team"}};
constexpr Schema kAgentSchema{"Agent", kAgentMembers};
constexpr Member kNewAgentMembers[] = {
    {.name = "name"}, {.name = "email", .required = false}, {.name = "team"}};
constexpr Schema kNewAgentSchema{"NewAgent", kNewAgentMembers};

Result<Response> all_agents(Tx& tx, const Call& /*call*/) {
  return many(list_agents(tx));
}
Result<Response> read_agent(Tx& tx, const Call& call) {
  const auto agent = find_agent(tx, call.params.at(0));
  if (!agent) return not_found("agent");
  return one(*agent);
}
Result<Work> replace_agent(const Call& call) {
  json::Reader in(call.body.root(), "");
  Agent agent;
  agent.id = call.params.at(0);
  if (!is_key(agent.id)) return not_found("agent");
  agent.name = in.text("name", {.required = true, .bytes_max = desk::kNameBytesMax});
  agent.email = in.text("email", {.blank_allowed = true});
  agent.team = key_text(in, "team", true);
  if (auto refused = in.finish()) return *refused;
  return Work([agent = std::move(agent)](Tx& tx) -> Result<Response> {
    if (!find_team(tx, agent.team)) return invalid("/team", "is not a team; see /api/v1/teams");
    const std::string before = text_of(find_agent(tx, agent.id));
    put_agent(tx, agent);
    audit_change(tx, "agent", agent.id, before, text_of(agent));
    return one(agent);
  });
}

constexpr Member kServiceMembers[] = {
    {.name = "id"},
    {.name = "name"},
    {.name = "words", .shape = Shape::texts, .about = "What users call it"}};
constexpr Schema kServiceSchema{"Service", kServiceMembers};
constexpr Member kNewServiceMembers[] = {
    {.name = "name"},
    {.name = "words", .shape = Shape::texts, .about = "What users call it", .required = false}};
constexpr Schema kNewServiceSchema{"NewService", kNewServiceMembers};

Result<Response> all_services(Tx& tx, const Call& /*call*/) {
  return many(list_services(tx));
}
Result<Response> read_service(Tx& tx, const Call& call) {
  const auto service = find_service(tx, call.params.at(0));
  if (!service) return not_found("service");
  return one(*service);
}
Result<Work> replace_service(const Call& call) {
  json::Reader in(call.body.root(), "");
  ombud::Service service;
  service.id = call.params.at(0);
  if (!is_key(service.id)) return not_found("service");
  service.name = in.text("name", {.required = true, .bytes_max = desk::kNameBytesMax});
  service.words = in.texts("words", 100, {});
  for (const std::string& word : service.words) {
    if (word.find(',') != std::string::npos) in.refuse("words", "must not hold a comma");
  }
  if (auto refused = in.finish()) return *refused;
  return Work([service = std::move(service)](Tx& tx) -> Result<Response> {
    const std::string before = text_of(find_service(tx, service.id));
    put_service(tx, service);
    const ombud::Service after = *find_service(tx, service.id);
    audit_change(tx, "service", service.id, before, text_of(after));
    return one(after);
  });
}

template <class T>
Result<Work> remove_one(const Call& call, Entry entry, std::string_view subject,
                        std::optional<T> (*find)(Tx&, std::string_view)) {
  return Work([&call, entry, subject, find](Tx& tx) -> Result<Response> {
    const std::string& key = call.params.at(0);
    const auto before = find(tx, key);
    const auto removed = desk::remove_from_directory(tx, entry, key);
    if (!removed) return removed.error();
    audit_removal(tx, subject, key, text_of(*before));
    return no_content();
  });
}
Result<Work> remove_team(const Call& call) {
  return remove_one(call, Entry::team, "team", &find_team);
}
Result<Work> remove_agent(const Call& call) {
  return remove_one(call, Entry::agent, "agent", &find_agent);
}
Result<Work> remove_service(const Call& call) {
  return remove_one(call, Entry::service, "service", &find_service);
}

struct Kind {
  std::string_view list_path, path, list_id, read_id, put_id, remove_id, list_about, read_about,
      put_about, remove_about;
  Reading list, read;
  Changing put, remove;
  const Schema *answer, *body;
  Permission needs;
};

}  // namespace

void declare_desk(Router& router) {
  const Kind kinds[] = {
      {"/api/v1/teams", "/api/v1/teams/{team}", "list_teams", "read_team", "put_team",
       "remove_team", "List teams", "Read a team", "Add or replace a team",
       "Remove a team that nothing refers to", &all_teams, &read_team, &replace_team, &remove_team,
       &kTeamSchema, &kNewTeamSchema, Permission::directory_read},
      {"/api/v1/agents", "/api/v1/agents/{agent}", "list_agents", "read_agent", "put_agent",
       "remove_agent", "List agents", "Read an agent", "Add or replace an agent",
       "Remove an agent that nothing refers to", &all_agents, &read_agent, &replace_agent,
       &remove_agent, &kAgentSchema, &kNewAgentSchema, Permission::directory_read},
      {"/api/v1/services", "/api/v1/services/{service}", "list_services", "read_service",
       "put_service", "remove_service", "List services", "Read a service",
       "Add or replace a service", "Remove a service that nothing refers to", &all_services,
       &read_service, &replace_service, &remove_service, &kServiceSchema, &kNewServiceSchema,
       Permission::service_read}};
  for (const Kind& kind : kinds) {
    router.add({.method = Method::get,
                .path = kind.list_path,
                .id = kind.list_id,
                .needs = kind.needs,
                .tag = "directory",
                .summary = kind.list_about,
                .handler = kind.list,
                .answer = kind.answer,
                .list = true});
    router.add({.method = Method::get,
                .path = kind.path,
                .id = kind.read_id,
                .needs = kind.needs,
                .tag = "directory",
                .summary = kind.read_about,
                .handler = kind.read,
                .answer = kind.answer});
    router.add({.method = Method::put,
                .path = kind.path,
                .id = kind.put_id,
                .needs = Permission::directory_write,
                .tag = "directory",
                .summary = kind.put_about,
                .handler = kind.put,
                .body = kind.body,
                .answer = kind.answer});
    router.add({.method = Method::delete_,
                .path = kind.path,
                .id = kind.remove_id,
                .needs = Permission::directory_write,
                .tag = "directory",
                .summary = kind.remove_about,
                .handler = kind.remove,
                .status = 204});
  }
}

}  // namespace ombud::http
