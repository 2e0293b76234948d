// For those who run the hub: is it alive, is it ready, how is it doing; and the API's description.
#include "http/api/api.hpp"
#include "store/await.hpp"
#include "store/migrations/migrations.hpp"

namespace ombud::http {
namespace {

constexpr Member kHealthMembers[] = {{.name = "status"}};
constexpr Schema kHealthSchema{"Health", kHealthMembers};

net::awaitable<Result<Response>> health(Api& /*api*/, Call& /*call*/) {
  json::Writer out;
  out.begin_object().field("status", "ok").end_object();
  co_return json_response(out);
}

constexpr Member kReadyMembers[] = {
    {.name = "status"},
    {.name = "version", .about = "Of the hub"},
    {.name = "schema", .shape = Shape::integer, .about = "Number of the last migration"}};
constexpr Schema kReadySchema{"Ready", kReadyMembers};

net::awaitable<Result<Response>> ready(Api& api, Call& /*call*/) {
  // The store opens only a database that is at the schema of this binary; a row proves that it
  // reads.
  std::function<Result<bool>(Tx&)> look = [](Tx& tx) -> Result<bool> {
    if (list_teams(tx).empty()) return problem(ProblemKind::unavailable, "the store holds no team");
    return true;
  };
  const auto answered =
      co_await read<bool>(api.parts.store, system_principal("readiness"), std::move(look));
  if (!answered) co_return answered.error();
  json::Writer out;
  out.begin_object()
      .field("status", "ready")
      .field("version", api.parts.version)
      .field("schema", migrations().back().number)
      .end_object();
  co_return json_response(out);
}

net::awaitable<Result<Response>> metrics(Api& api, Call& /*call*/) {
  MetricText out;
  api.metrics->write(out);
  for (MetricSource* source : api.sources) co_await source->collect(out);
  Response response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = out.take();
  co_return response;
}

net::awaitable<Result<Response>> description(Api& api, Call& /*call*/) {
  Response response;
  response.content_type = "application/json";
  response.body = api.openapi;
  co_return response;
}

}  // namespace

void declare_operations(Router& router) {
  router.add({.path = "/healthz",
              .id = "health",
              .needs = Permission::anyone,
              .tag = "operations",
              .summary = "The process is alive",
              .handler = &health,
              .answer = &kHealthSchema});
  router.add({.path = "/readyz",
              .id = "ready",
              .needs = Permission::anyone,
              .tag = "operations",
              .summary = "The store answers; 503 if it does not",
              .handler = &ready,
              .answer = &kReadySchema});
  router.add({.path = "/metrics",
              .id = "metrics",
              .needs = Permission::anyone,
              .tag = "operations",
              .summary = "Numbers for Prometheus",
              .handler = &metrics,
              .answer_media = "text/plain"});
  router.add({.path = "/api/v1/openapi.json",
              .id = "openapi",
              .needs = Permission::anyone,
              .tag = "operations",
              .summary = "This description",
              .handler = &description});
}

}  // namespace ombud::http
