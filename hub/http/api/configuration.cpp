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

// --- What is loaded -----------------------------------------------------------------------------

constexpr std::string_view kSeverities[] = {"error", "warning"};
std::vector<std::string_view> severity_words() {
  return {std::begin(kSeverities), std::end(kSeverities)};
}
constexpr Member kFindingMembers[] = {
    {.name = "file"},
    {.name = "line", .shape = Shape::integer, .about = "0: the whole file"},
    {.name = "severity", .words = severity_words},
    {.name = "message", .about = "What is wrong, and what to write instead"}};
constexpr Schema kFindingSchema{"ConfigurationFinding", kFindingMembers};
constexpr Member kSettingMembers[] = {{.name = "name", .about = "As in ombud.toml"},
                                      {.name = "value"}};
constexpr Schema kSettingSchema{"ConfigurationSetting", kSettingMembers};
constexpr Member kLoadedMembers[] = {{.name = "id"},
                                     {.name = "file"},
                                     {.name = "kind"},
                                     {.name = "supplier"},
                                     {.name = "connector"},
                                     {.name = "profile", .about = "null: none", .required = false},
                                     {.name = "enabled", .shape = Shape::boolean}};
constexpr Schema kLoadedSchema{"LoadedLink", kLoadedMembers};
constexpr Member kConfigurationMembers[] = {
    {.name = "loaded_at", .shape = Shape::time, .about = "Since when the hub works by it"},
    {.name = "checked_at", .shape = Shape::time, .about = "When its files were read last"},
    {.name = "ok", .shape = Shape::boolean, .about = "The files were right then"},
    {.name = "findings",
     .shape = Shape::many,
     .about = "In them, then; and what keeps people from being told, now",
     .of = &kFindingSchema},
    {.name = "settings",
     .shape = Shape::many,
     .about = "What is loaded; no secrets",
     .of = &kSettingSchema},
    {.name = "links", .shape = Shape::many, .of = &kLoadedSchema}};
constexpr Schema kConfigurationSchema{"Configuration", kConfigurationMembers};

net::awaitable<Result<Response>> read_configuration(Api& api, Call& /*call*/) {
  if (!api.parts.configuration) {
    co_return conflict("This hub was started without configuration files.");
  }
  const ConfigurationReport report = co_await api.parts.configuration();
  json::Writer out;
  out.begin_object();
  write_time(out, "loaded_at", report.loaded_at);
  write_time(out, "checked_at", report.checked_at);
  out.field("ok", report.ok).begin_array("findings");
  for (const auto& finding : report.findings) {
    out.begin_object().field("file", finding.file).field("line", finding.line);
    out.field("severity", kSeverities[finding.error ? 0 : 1]);
    out.field("message", finding.message).end_object();
  }
  out.end_array().begin_array("settings");
  for (const auto& [name, value] : report.settings) {
    out.begin_object().field("name", name).field("value", value).end_object();
  }
  out.end_array().begin_array("links");
  for (const auto& link : report.links) {
    out.begin_object().field("id", link.id).field("file", link.file).field("kind", link.kind);
    out.field("supplier", link.supplier).field("connector", link.connector);
    write_or_null(out, "profile", link.profile);
    out.field("enabled", link.enabled).end_object();
  }
  out.end_array().end_object();
  co_return json_response(out);
}

// --- Reading it again ---------------------------------------------------------------------------

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
  router.add({.method = Method::get,
              .path = "/api/v1/configuration",
              .id = "read_configuration",
              .needs = Permission::configuration_operate,
              .tag = "operations",
              .summary = "What the hub works by, and what was wrong when its files were read last",
              .handler = &read_configuration,
              .answer = &kConfigurationSchema});
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
