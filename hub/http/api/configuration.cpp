// The configuration's files, read again while the hub runs.
#include "desk/limits.hpp"
#include "http/api/api.hpp"
#include "http/api/render.hpp"
#include "store/await.hpp"

namespace ombud::http {
namespace {

constexpr Member kNoMembers[] = {
    {.name = "reason", .about = "For the log of the operator", .required = false}};
constexpr Schema kNoteSchema{"ReloadReason", kNoMembers};
constexpr Member kReloadMembers[] = {
    {.name = "links", .shape = Shape::texts, .about = "The links that are enabled now"}};
constexpr Schema kReloadSchema{"Reload", kReloadMembers};

net::awaitable<Result<Response>> reload(Api& api, Call& call) {
  json::Reader in(call.body.root(), "");
  const std::string reason =
      in.text("reason", {.bytes_max = desk::kReasonBytesMax, .blank_allowed = true});
  if (auto refused = in.finish()) co_return *refused;
  if (!api.parts.reload) co_return conflict("This hub was started without configuration files.");
  api.parts.log.info("told to read the configuration again",
                     {{"by", call.principal.name}, {"reason", reason}});
  const auto report = co_await api.parts.reload();
  const bool taken = report.has_value();
  std::function<Result<bool>(Tx&)> note = [taken, reason](Tx& tx) -> Result<bool> {
    audit_act(tx, taken ? "configuration.reloaded" : "configuration.refused", "configuration", "",
              reason);
    return true;
  };
  const auto noted = co_await write<bool>(api.parts.store, call.principal, std::move(note));
  if (!noted) co_return noted.error();
  if (!report) {
    Problem refused = report.error();
    if (refused.kind == ProblemKind::invalid) {  // the files are, the request is not
      refused.kind = ProblemKind::conflict;
      refused.detail = "The configuration has mistakes; the hub goes on by the former one.";
    }
    co_return refused;
  }
  json::Writer out;
  out.begin_object();
  write_texts(out, "links", report->links);
  out.end_object();
  co_return json_response(out);
}

}  // namespace

void declare_configuration(Router& router) {
  router.add({.method = Method::post,
              .path = "/api/v1/configuration/reload",
              .id = "reload_configuration",
              .needs = Permission::configuration_operate,
              .tag = "operations",
              .summary = "Read ombud.toml and suppliers/ again; a mistake changes nothing",
              .handler = &reload,
              .body = &kNoteSchema,
              .answer = &kReloadSchema});
}

}  // namespace ombud::http
