#include "http/problem.hpp"

#include "base/json.hpp"
#include "http/limits.hpp"

namespace ombud::http {
namespace {

Response render(unsigned status, std::string_view code, std::string_view detail,
                std::string_view request_id, const std::vector<FieldProblem>& fields) {
  json::Writer out;
  out.begin_object()
      .field("type", "about:blank")
      .field("title", reason_of(status))
      .field("status", static_cast<std::int64_t>(status))
      .field("code", code)
      .field("detail", detail)
      .field("instance", request_id);
  if (!fields.empty()) {
    out.begin_array("errors");
    for (const FieldProblem& field : fields) {
      out.begin_object().field("pointer", field.pointer).field("detail", field.detail).end_object();
    }
    out.end_array();
  }
  out.end_object();
  Response response;
  response.status = status;
  response.content_type = "application/problem+json";
  response.body = out.take();
  response.header("Cache-Control", "no-store");
  if (status == 401) response.header("WWW-Authenticate", "Bearer realm=\"ombud\"");
  if (status == 429 || status == 503) {
    response.header("Retry-After", std::to_string(kRetryAfterSeconds));
  }
  return response;
}

}  // namespace

unsigned status_of(ProblemKind kind) {
  switch (kind) {
    case ProblemKind::invalid:
      return 400;
    case ProblemKind::unauthenticated:
      return 401;
    case ProblemKind::forbidden:
      return 403;
    case ProblemKind::not_found:
      return 404;
    case ProblemKind::conflict:
      return 409;
    case ProblemKind::stale:
      return 412;
    case ProblemKind::too_large:
      return 413;
    case ProblemKind::too_many:
      return 429;
    case ProblemKind::unavailable:
      return 503;
  }
  return 500;
}

std::string_view code_of(ProblemKind kind) {
  switch (kind) {
    case ProblemKind::invalid:
      return "invalid";
    case ProblemKind::unauthenticated:
      return "unauthenticated";
    case ProblemKind::forbidden:
      return "forbidden";
    case ProblemKind::not_found:
      return "not_found";
    case ProblemKind::conflict:
      return "conflict";
    case ProblemKind::stale:
      return "stale";
    case ProblemKind::too_large:
      return "too_large";
    case ProblemKind::too_many:
      return "too_many";
    case ProblemKind::unavailable:
      return "unavailable";
  }
  return "error";
}

Response problem_response(const Problem& problem, std::string_view request_id) {
  const std::string_view detail =
      problem.kind == ProblemKind::unavailable
          ? std::string_view(
                "This cannot be done at the moment. Nothing was changed; try again soon.")
          : std::string_view(problem.detail);
  const std::string_view code = problem.code.empty() ? code_of(problem.kind) : problem.code;
  return render(status_of(problem.kind), code, detail, request_id, problem.fields);
}

Response problem_response(unsigned status, std::string_view code, std::string_view detail,
                          std::string_view request_id) {
  return render(status, code, detail, request_id, {});
}

}  // namespace ombud::http
