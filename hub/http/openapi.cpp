#include "http/openapi.hpp"

#include "base/ascii.hpp"
#include "http/auth.hpp"

#include <vector>

namespace ombud::http {
namespace {

std::string reference_to(std::string_view schema) {
  return "#/components/schemas/" + std::string(schema);
}

class Description {
 public:
  Description(const Router& router, std::string_view version)
      : router_(router), version_(version) {}
  std::string write();

 private:
  void info();
  void path(const std::string& path, const std::vector<const Route*>& routes);
  void operation(const Route& route);
  void parameters(const Route& route);
  void request_body(const Route& route);
  void responses(const Route& route);
  void refusal(std::string_view status, std::string_view about);
  void components();
  void schema(const Schema& schema);
  void type(const Member& member);
  void refer(const Schema& schema);

  const Router& router_;
  std::string version_;
  json::Writer out_;
  std::vector<const Schema*> pending_;
};

void Description::refer(const Schema& schema) {
  out_.begin_object().field("$ref", reference_to(schema.name)).end_object();
  for (const Schema* known : pending_) {
    if (known == &schema) return;
  }
  pending_.push_back(&schema);
}

// The schema of one member or parameter; optional ones may be null.
void Description::type(const Member& member) {
  const auto simple = [&](std::string_view name) {
    if (member.required) {
      out_.field("type", name);
    } else {
      out_.begin_array("type").value(name).value("null").end_array();
    }
  };
  out_.begin_object();
  switch (member.shape) {
    case Shape::text:
      simple("string");
      break;
    case Shape::integer:
      simple("integer");
      break;
    case Shape::boolean:
      simple("boolean");
      break;
    case Shape::object:
      simple("object");
      break;
    case Shape::time:
      simple("string");
      out_.field("format", "date-time");
      break;
    case Shape::texts:
      if (member.words != nullptr) {  // a list, or one of these words instead
        out_.begin_array("type").value("array").value("string");
        if (!member.required) out_.value("null");
        out_.end_array();
      } else {
        simple("array");
      }
      out_.begin_object("items").field("type", "string").end_object();
      break;
    case Shape::integers:
      simple("array");
      out_.begin_object("items").field("type", "integer").end_object();
      break;
    case Shape::many:
      simple("array");
      out_.key("items");
      refer(*member.of);
      break;
    case Shape::one:
      if (member.required) {
        out_.begin_array("allOf");
      } else {
        out_.begin_array("anyOf").begin_object().field("type", "null").end_object();
      }
      refer(*member.of);
      out_.end_array();
      break;
  }
  if (member.words != nullptr && member.shape != Shape::texts) {
    out_.begin_array("enum");
    for (const std::string_view word : member.words()) out_.value(word);
    if (!member.required) out_.null();
    out_.end_array();
  }
  if (!member.about.empty()) out_.field("description", member.about);
  out_.end_object();
}

void Description::schema(const Schema& schema) {
  out_.begin_object(schema.name).field("type", "object").begin_object("properties");
  for (const Member& member : schema.members) {
    out_.key(member.name);
    type(member);
  }
  out_.end_object().begin_array("required");
  for (const Member& member : schema.members) {
    if (member.required) out_.value(member.name);
  }
  out_.end_array().end_object();
}

void Description::parameters(const Route& route) {
  out_.begin_array("parameters");
  std::string_view path = route.path;
  for (std::size_t open = path.find('{'); open != std::string_view::npos; open = path.find('{')) {
    const std::size_t close = path.find('}', open);
    out_.begin_object()
        .field("name", path.substr(open + 1, close - open - 1))
        .field("in", "path")
        .field("required", true)
        .begin_object("schema")
        .field("type", "string")
        .end_object()
        .end_object();
    path.remove_prefix(close + 1);
  }
  for (Member member : route.query) {
    out_.begin_object()
        .field("name", member.name)
        .field("in", "query")
        .field("required", member.required)
        .field("description", member.about)
        .key("schema");
    member.required = true;  // a parameter is absent, never null
    member.about = {};
    type(member);
    out_.end_object();
  }
  if (route.method == Method::post && route.needs != Permission::anyone) {
    out_.begin_object()
        .field("name", "Idempotency-Key")
        .field("in", "header")
        .field("description",
               "A repetition with the same key within 24 hours gets the first answer.")
        .begin_object("schema")
        .field("type", "string")
        .field("maxLength", 200)
        .end_object()
        .end_object();
  }
  out_.end_array();
}

void Description::request_body(const Route& route) {
  if (route.body == nullptr && route.raw_body.empty()) return;
  out_.begin_object("requestBody").begin_object("content");
  if (route.body != nullptr) {
    out_.begin_object("application/json").key("schema");
    refer(*route.body);
    out_.end_object();
  } else {
    out_.begin_object(route.raw_body).end_object();
  }
  out_.end_object().end_object();
}

void Description::refusal(std::string_view status, std::string_view about) {
  out_.begin_object(status)
      .field("description", about)
      .begin_object("content")
      .begin_object("application/problem+json")
      .begin_object("schema")
      .field("$ref", reference_to("Problem"))
      .end_object()
      .end_object()
      .end_object()
      .end_object();
}

void Description::responses(const Route& route) {
  out_.begin_object("responses").begin_object(std::to_string(route.status));
  out_.field("description", reason_of(route.status));
  if (route.status != 204 && route.status != 101 && route.status / 100 != 3) {
    out_.begin_object("content").begin_object(route.answer_media);
    if (route.answer != nullptr && route.list) {
      out_.begin_object("schema").field("type", "object").begin_object("properties");
      out_.begin_object("items").field("type", "array").key("items");
      refer(*route.answer);
      out_.end_object();
      out_.begin_object("next")
          .begin_array("type")
          .value("string")
          .value("null")
          .end_array()
          .field("description", "Send it as `cursor` for the next page; null at the end.")
          .end_object();
      out_.end_object()
          .begin_array("required")
          .value("items")
          .value("next")
          .end_array()
          .end_object();
    } else if (route.answer != nullptr) {
      out_.key("schema");
      refer(*route.answer);
    }
    out_.end_object().end_object();
  }
  out_.end_object();
  if (route.needs != Permission::anyone) {
    refusal("401", "No token or session, or one that is unknown, expired or revoked");
    refusal("403", "Known, but not allowed; `code` is csrf when a session lacks X-CSRF-Token");
  }
  refusal("default", "Refused, with the reason");
  out_.end_object();
}

void Description::operation(const Route& route) {
  out_.begin_object(ascii_lower(to_text(route.method)))
      .field("operationId", route.id)
      .field("summary", route.summary)
      .begin_array("tags")
      .value(route.tag)
      .end_array();
  if (route.needs == Permission::anyone) out_.begin_array("security").end_array();
  const PermissionRow& row = row_of(route.needs);
  out_.field("x-ombud-permission", row.name).begin_array("x-ombud-roles");
  for (const Role role : kRoles) {
    if (row.has(role)) out_.value(to_text(role));
  }
  out_.end_array();
  parameters(route);
  request_body(route);
  responses(route);
  out_.end_object();
}

void Description::path(const std::string& path, const std::vector<const Route*>& routes) {
  out_.begin_object(path);
  for (const Route* route : routes) operation(*route);
  out_.end_object();
}

void Description::info() {
  out_.field("openapi", "3.1.0")
      .begin_object("info")
      .field("title", "Ombud")
      .field("version", version_)
      .field(
          "description",
          "The desk: tickets, hand-overs to suppliers, deliveries and the directory. Refusals are"
          " problem details (RFC 9457). Lists are paged by an opaque cursor. A ticket's ETag is its"
          " version, for staff with what became of its mails; send it as If-Match with a change.")
      .end_object();
  out_.begin_array("security")
      .begin_object()
      .begin_array("token")
      .end_array()
      .end_object()
      .begin_object()
      .begin_array("session")
      .end_array()
      .end_object()
      .end_array();
}

void Description::components() {
  out_.begin_object("components").begin_object("securitySchemes").begin_object("token");
  out_.field("type", "http").field("scheme", "bearer").end_object();
  out_.begin_object("session")
      .field("type", "apiKey")
      .field("in", "cookie")
      .field("name", kSessionCookie)
      .field("description",
             "Of the pages. Changes need the header X-CSRF-Token too. Ombud-Customer says for"
             " which customer one speaks who belongs to several.")
      .end_object()
      .end_object();
  static constexpr Member kErrorMembers[] = {
      {.name = "pointer", .about = "JSON pointer of the field, or ?name of the parameter"},
      {.name = "detail"}};
  static constexpr Schema kError{"ProblemError", kErrorMembers};
  static constexpr Member kProblemMembers[] = {
      {.name = "type"},
      {.name = "title"},
      {.name = "status", .shape = Shape::integer},
      {.name = "code", .about = "Stable word for programs"},
      {.name = "detail", .about = "What was wrong and what to do"},
      {.name = "instance", .about = "The request's id, also in X-Request-Id and in the log"},
      {.name = "errors", .shape = Shape::many, .required = false, .of = &kError}};
  static constexpr Schema kProblem{"Problem", kProblemMembers};
  out_.begin_object("schemas");
  pending_.push_back(&kProblem);
  for (std::size_t i = 0; i < pending_.size(); ++i)
    schema(*pending_[i]);  // grows while it is written
  out_.end_object().end_object();
}

std::string Description::write() {
  std::map<std::string, std::vector<const Route*>, std::less<>> paths;
  for (const auto& route : router_.routes()) {
    if (route->described) paths[std::string(route->path)].push_back(route.get());
  }
  out_.begin_object();
  info();
  out_.begin_object("paths");
  for (const auto& [name, routes] : paths) path(name, routes);
  out_.end_object();
  components();
  out_.end_object();
  return out_.take();
}

}  // namespace

std::string openapi_of(const Router& router, std::string_view version) {
  return Description(router, version).write();
}

}  // namespace ombud::http
