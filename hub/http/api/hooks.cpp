// Where suppliers call us. Who may is decided by the connector, from the signature of the body.
#include <map>

#include "http/api/api.hpp"
#include "http/problem.hpp"

namespace ombud::http {
namespace {

// {"content-type":"…", …}; a repeated field is one text, joined by ", ".
std::string headers_json(const Exchange& exchange) {
  std::map<std::string, std::string> all;
  exchange.each_header([&](std::string_view name, std::string_view value) {
    std::string lower(name);
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    std::string& known = all[lower];
    if (!known.empty()) known += ", ";
    known += value;
  });
  json::Writer out;
  out.begin_object();
  for (const auto& [name, value] : all) out.field(name, value);
  out.end_object();
  return out.take();
}

net::awaitable<Result<Response>> take_webhook(Api& api, Call& call) {
  if (!is_key(call.params.at(0))) co_return not_found("link");
  auto body = co_await call.exchange.read_body(kWebhookBodyBytesMax);
  if (!body) co_return body.error();
  std::string headers = headers_json(call.exchange);
  const WebhookAnswer answer =
      co_await api.parts.webhooks.take(call.params.at(0), std::move(headers), std::move(*body));
  switch (answer.verdict) {
    case WebhookVerdict::taken: {
      Response response;
      response.status = 204;
      co_return response;
    }
    case WebhookVerdict::bad_signature:
      api.parts.log.warning(
          "webhook refused",
          {{"id", call.exchange.id()}, {"link", call.params.at(0)}, {"detail", answer.detail}});
      co_return problem(ProblemKind::unauthenticated, "The signature of this call is not good.");
    case WebhookVerdict::unknown_link:
      co_return not_found("link");
    case WebhookVerdict::unavailable:
      break;
  }
  api.parts.log.warning(
      "webhook not taken",
      {{"id", call.exchange.id()}, {"link", call.params.at(0)}, {"detail", answer.detail}});
  Response response =
      problem_response(problem(ProblemKind::unavailable, answer.detail), call.exchange.id());
  if (answer.retry_after_s > 0) {
    for (auto& [name, value] : response.headers) {
      if (name == "Retry-After") value = std::to_string(answer.retry_after_s);
    }
  }
  co_return response;
}

}  // namespace

void declare_hooks(Router& router) {
  router.add({.method = Method::post,
              .path = "/hooks/suppliers/{link}",
              .id = "supplier_webhook",
              .needs = Needs::nothing,
              .tag = "hooks",
              .summary = "A supplier tells of a change; at most 1 MiB",
              .handler = &take_webhook,
              .raw_body = "*/*",
              .status = 204});
}

}  // namespace ombud::http
