// Where suppliers call us. Who may is decided by the connector, from the signature of the body.
#include <map>

#include "base/ascii.hpp"
#include "http/api/api.hpp"
#include "http/problem.hpp"

namespace ombud::http {
namespace {

// {"content-type":"…", …}; a repeated field is one text, joined by ", ".
std::string headers_json(const Exchange& exchange) {
  std::map<std::string, std::string> all;
  exchange.each_header([&](std::string_view name, std::string_view value) {
    std::string& known = all[ascii_lower(name)];
    if (!known.empty()) known += ", ";
    known += value;
  });
  json::Writer out;
  out.begin_object();
  for (const auto& [name, value] : all) out.field(name, value);
  out.end_object();
  return out.take();
}

Result<Response> response_to(const WebhookAnswer& answer, std::string_view request_id) {
  switch (answer.verdict) {
    case WebhookVerdict::taken: {
      Response response;
      response.status = 204;
      return response;
    }
    case WebhookVerdict::bad_signature:
      return problem(ProblemKind::unauthenticated, "The signature of this call is not good.");
    case WebhookVerdict::unknown_link:
      return not_found("link");
    case WebhookVerdict::refused:
      return problem_response(422, "not_understood", answer.detail, request_id);
    case WebhookVerdict::busy:
    case WebhookVerdict::unavailable:
      break;
  }
  Response response = problem_response(problem(ProblemKind::unavailable, ""), request_id);
  if (answer.retry_after_s > 0) {
    for (auto& [name, value] : response.headers) {
      if (name == "Retry-After") value = std::to_string(answer.retry_after_s);
    }
  }
  return response;
}

net::awaitable<Result<Response>> take_webhook(Api& api, Call& call) {
  const std::string& link = call.params.at(0);
  const std::string request_id(call.exchange.id());
  if (!is_key(link)) co_return not_found("link");
  const auto admission = api.parts.webhooks.admit(link);
  if (admission.place == nullptr) co_return response_to(admission.answer, request_id);
  auto body = co_await call.exchange.read_body(kWebhookBodyBytesMax, kWebhookBodyWithin);
  if (!body) co_return body.error();
  std::string headers = headers_json(call.exchange);
  const WebhookAnswer answer =
      co_await api.parts.webhooks.take(link, request_id, std::move(headers), std::move(*body));
  co_return response_to(answer, request_id);
}

}  // namespace

void declare_hooks(Router& router) {
  router.add({.method = Method::post,
              .path = "/hooks/suppliers/{link}",
              .id = "supplier_webhook",
              .needs = Permission::anyone,
              .tag = "hooks",
              .summary =
                  "A supplier tells of a change; at most 1 MiB. 204: committed. 422: its connector "
                  "does not understand it and never will. 503: send it again",
              .handler = &take_webhook,
              .raw_body = "*/*",
              .status = 204});
}

}  // namespace ombud::http
