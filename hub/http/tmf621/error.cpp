#include "http/tmf621/error.hpp"

#include "base/json.hpp"

namespace ombud::http::tmf {

bool is_tmf(std::string_view path) {
  return path.starts_with(kBasePath) || path == kBasePath.substr(0, kBasePath.size() - 1);
}

void translate_refusal(std::string_view path, Response& response) {
  if (!is_tmf(path) || response.content_type != "application/problem+json") return;
  const auto problem = json::parse(response.body);
  if (!problem) return;
  std::string message((*problem)["detail"].text());
  const json::View errors = (*problem)["errors"];
  for (std::size_t i = 0; i < errors.size(); ++i) {
    message += (i == 0 ? " " : "; ") + std::string(errors.at(i)["pointer"].text()) + " " +
               std::string(errors.at(i)["detail"].text());
  }
  json::Writer out;
  out.begin_object()
      .field("code", (*problem)["code"].text("error"))
      .field("reason", (*problem)["title"].text(reason_of(response.status)))
      .field("message", message)
      .field("status", std::to_string(response.status));
  if (path.find("/v5") != std::string_view::npos) out.field("@type", "Error");
  out.end_object();
  response.content_type = "application/json";
  response.body = out.take();
}

}  // namespace ombud::http::tmf
