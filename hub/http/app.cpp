#include "http/app.hpp"

#include <algorithm>
#include <filesystem>

#include "base/ascii.hpp"
#include "base/bytes.hpp"
#include "http/api/api.hpp"
#include "http/limits.hpp"
#include "http/openapi.hpp"
#include "http/problem.hpp"
#include "http/tmf621/error.hpp"
#include "store/await.hpp"
#include "store/idempotency.hpp"

namespace ombud::http {
namespace {

// "application/json; charset=utf-8" is JSON too, and so is a patch.
bool is_json(std::string_view content_type) {
  const std::string type = ascii_lower(trimmed(content_type.substr(0, content_type.find(';'))));
  return type == "application/json" || type == "application/merge-patch+json";
}

bool is_idempotency_key(std::string_view key) {
  return key.size() <= kIdempotencyKeyBytesMax &&
         std::all_of(key.begin(), key.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

// Method, path with query, and body.
std::string request_digest(const Call& call) {
  Sha256 digest;
  digest.update(to_text(call.exchange.method()));
  digest.update(" ");
  digest.update(call.exchange.target());
  digest.update(" ");
  digest.update(call.body_sha256);
  return digest.finish_hex();
}

Response replay(const KeptAnswer& kept) {
  Response response;
  response.status = static_cast<unsigned>(kept.status);
  if (!kept.body.empty()) response.content_type = "application/json";
  response.body = kept.body;
  if (!kept.location.empty()) response.header("Location", kept.location);
  if (!kept.etag.empty()) response.header("ETag", kept.etag);
  response.header("Idempotent-Replay", "true");
  return response;
}

Result<Response> once(Tx& tx, const Call& call, const std::string& digest, const Work& work) {
  if (const auto kept = find_answer(tx, call.idempotency_key)) {
    if (kept->request_sha256 == digest) return replay(*kept);
    return problem_response(
        422, "idempotency_key_reused",
        "This Idempotency-Key was already used for another request; take a new one.",
        call.exchange.id());
  }
  auto response = work(tx);
  if (!response) return response;
  KeptAnswer kept;
  kept.request_sha256 = digest;
  kept.status = static_cast<int>(response->status);
  kept.location = response->header_of("Location");
  kept.etag = response->header_of("ETag");
  kept.body = response->stored_body.empty() ? response->body : response->stored_body;
  keep_answer(tx, call.idempotency_key, kept);
  return response;
}

// What was coming in when the hub was killed. Nobody else has files of that name.
void remove_broken_uploads(const std::string& directory) {
  std::error_code ignored;
  std::vector<std::filesystem::path> broken;
  for (const auto& entry : std::filesystem::directory_iterator(directory, ignored)) {
    if (entry.path().filename().string().starts_with(kUploadPrefix)) broken.push_back(entry.path());
  }
  for (const auto& path : broken) std::filesystem::remove(path, ignored);
}

}  // namespace

net::awaitable<Result<Response>> run_change(Api& api, const Call& call, Work change) {
  // The caller can name what it did: to undo it, or to know its own echo in the stream.
  Work work = [change = std::move(change)](Tx& tx) {
    auto response = change(tx);
    if (response && tx.last_event().value != 0) {
      response->header("Ombud-Event", std::to_string(tx.last_event().value));
    }
    return response;
  };
  if (call.idempotency_key.empty()) {
    co_return co_await write<Response>(api.parts.store, call.principal, std::move(work));
  }
  std::string digest = request_digest(call);
  Work guarded = [&call, digest = std::move(digest), work = std::move(work)](Tx& tx) {
    return once(tx, call, digest, work);
  };
  co_return co_await write<Response>(api.parts.store, call.principal, std::move(guarded));
}

struct App::Passage {
  const Route* route = nullptr;
  std::string actor;
};

App::App(AppParts parts, std::vector<Route> more)
    : parts_(std::move(parts)),
      pages_route_{.id = "pages", .needs = Permission::anyone},
      api_{parts_,
           {parts_.store, parts_.clock},
           {parts_.store, parts_.clock, parts_.identity},
           Router(),
           nullptr,
           {},
           {}} {
  remove_broken_uploads(parts_.upload_dir);
  if (parts_.stream != nullptr) {
    api_.auth.on_forget([stream = parts_.stream] { stream->rights_changed(); });
    api_.sources.push_back(parts_.stream);
  }
  declare_routes(api_.router);
  for (const Route& route : more) api_.router.add(route);
  std::vector<std::string> names;
  for (const auto& route : api_.router.routes()) names.emplace_back(route->id);
  pages_route_.index = names.size();
  names.emplace_back(pages_route_.id);
  api_.metrics = std::make_unique<RequestMetrics>(std::move(names));
  api_.openapi = openapi_of(api_.router, parts_.version);
}

void App::refused(std::string_view peer, std::string_view id, unsigned status,
                  std::string_view detail) {
  api_.metrics->count(api_.metrics->no_route(), status, Millis{0});
  parts_.log.info("connection refused", {{"id", id},
                                         {"peer", peer},
                                         {"status", static_cast<std::int64_t>(status)},
                                         {"detail", detail}});
}

void App::note(const Exchange& exchange, const Passage& passage, const Response& response) {
  const Millis took = std::max(Millis{0}, parts_.clock.now() - exchange.received_at());
  api_.metrics->count(passage.route == nullptr ? api_.metrics->no_route() : passage.route->index,
                      response.status, took);
  if (!parts_.access_log) return;
  const std::string_view target = exchange.target();
  parts_.log.info("request", {{"id", exchange.id()},
                              {"method", to_text(exchange.method())},
                              {"path", target.substr(0, target.find('?'))},
                              {"route", passage.route == nullptr ? std::string_view("none")
                                                                 : passage.route->id},
                              {"status", static_cast<std::int64_t>(response.status)},
                              {"ms", took.count()},
                              {"actor", passage.actor},
                              {"peer", exchange.peer()}});
}

net::awaitable<Response> App::serve(Exchange& exchange) {
  Passage passage;
  Response response;
  try {
    response = co_await dispatch(exchange, passage);
  } catch (const std::exception& thrown) {
    parts_.log.error("request failed", {{"id", exchange.id()}, {"error", thrown.what()}});
    response = problem_response(500, "internal",
                                "Something went wrong in the hub. Its log has more under this id.",
                                exchange.id());
  }
  tmf::translate_refusal(exchange.target().substr(0, exchange.target().find('?')), response);
  // What an answer says depends on who asks and as whom, also where its ETag does not: no browser
  // keeps it for whoever sits there next.
  if (response.header_of("Cache-Control").empty()) response.header("Cache-Control", "no-store");
  if (!response.content_type.empty() && response.header_of("Content-Security-Policy").empty()) {
    response.header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  }
  note(exchange, passage, response);
  co_return response;
}

// Who it is, whether a page of ours sent it, and whether he may. A refusal, if any.
net::awaitable<std::optional<Response>> App::know_caller(Call& call, Passage& passage) {
  const Exchange& exchange = call.exchange;
  std::string speaks_for(exchange.header("Ombud-Customer"));
  if (call.route.speaks_by_query && speaks_for.empty()) {
    speaks_for = call.query.text(kSpeaksFor.name);
  }
  auto caller = co_await api_.auth.authenticate(exchange, std::move(speaks_for));
  if (!caller) co_return problem_response(caller.error(), exchange.id());
  call.principal = std::move(caller->principal);
  call.session = std::move(caller->session);
  passage.actor = call.principal.actor();
  if (call.session && is_unsafe(exchange.method())) {
    if (!is_from_our_pages(exchange, *call.session, parts_.identity.public_url)) {
      co_return csrf_refusal(exchange);
    }
  }
  if (!may(call.principal, call.route.needs)) {
    const Problem refusal = problem(ProblemKind::forbidden, "Your role does not allow this.");
    co_return problem_response(refusal, exchange.id());
  }
  co_return std::nullopt;
}

// The body of a JSON route, its digest if that is needed, and its document. A refusal, if any.
net::awaitable<std::optional<Response>> App::take_body(Call& call) {
  if (!call.route.raw_body.empty()) co_return std::nullopt;  // the handler reads it
  auto body = co_await call.exchange.read_body(call.route.body == nullptr ? 0 : kJsonBodyBytesMax);
  if (!body) co_return problem_response(body.error(), call.exchange.id());
  if (!call.idempotency_key.empty()) call.body_sha256 = sha256_hex(*body);
  if (call.route.body == nullptr) co_return std::nullopt;
  const std::string_view type = call.exchange.header("Content-Type");
  if (!body->empty() && !is_json(type)) {
    co_return problem_response(415, "unsupported_media_type",
                               "The body must be JSON; send Content-Type: application/json.",
                               call.exchange.id());
  }
  auto document = json::parse(body->empty() ? std::string_view("{}") : std::string_view(*body));
  if (!document) co_return problem_response(document.error(), call.exchange.id());
  call.body = std::move(*document);
  co_return std::nullopt;
}

net::awaitable<Result<Response>> App::handle(Call& call) {
  if (const auto* reading = std::get_if<Reading>(&call.route.handler)) {
    Work work = [reading = *reading, &call](Tx& tx) { return reading(tx, call); };
    co_return co_await read<Response>(parts_.store, call.principal, std::move(work));
  }
  if (const auto* changing = std::get_if<Changing>(&call.route.handler)) {
    auto work = (*changing)(call);
    if (!work) co_return work.error();
    co_return co_await run_change(api_, call, std::move(*work));
  }
  const Doing doing = std::get<Doing>(call.route.handler);
  co_return co_await doing(api_, call);
}

net::awaitable<Response> App::dispatch(Exchange& exchange, Passage& passage) {
  const std::string_view target = exchange.target();
  const std::size_t mark = target.find('?');
  std::string_view path = target.substr(0, mark);
  if (tmf::is_tmf(path) && path.ends_with('/')) path.remove_suffix(1);  // both forms are in use
  const std::string_view query_text =
      mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);

  Router::Match match = api_.router.find(exchange.method(), path);
  if (match.bad_escape) {
    co_return problem_response(400, "invalid", "The address is not properly percent-encoded UTF-8.",
                               exchange.id());
  }
  if (match.route == nullptr && match.allow.empty()) {
    if (parts_.pages != nullptr) {
      if (auto page = parts_.pages->answer(exchange)) {
        passage.route = &pages_route_;
        co_return std::move(*page);
      }
    }
    co_return problem_response(404, "not_found", "There is no such address.", exchange.id());
  }
  if (match.route == nullptr) {
    if (exchange.method() == Method::options) {
      Response response;
      response.status = 204;
      response.header("Allow", match.allow);
      co_return response;
    }
    Response response = problem_response(
        405, "method_not_allowed", "This address takes only " + match.allow + ".", exchange.id());
    response.header("Allow", match.allow);
    co_return response;
  }
  passage.route = match.route;

  Call call{exchange, *match.route, std::move(match.params), {}, {}, {}, {}, {}, {}};
  // Before the query is looked at, so that nobody unknown hears what it may hold; what it says of
  // whom one speaks for is heard first.
  auto query =
      call.route.free_query ? Result<Query>(Query()) : Query::parse(query_text, call.route.query);
  if (query) call.query = std::move(*query);
  if (call.route.needs != Permission::anyone) {
    if (auto refusal = co_await know_caller(call, passage)) co_return std::move(*refusal);
  }
  if (!query) co_return problem_response(query.error(), exchange.id());
  if (call.route.method == Method::post && call.route.needs != Permission::anyone) {
    call.idempotency_key = exchange.header("Idempotency-Key");
    if (!is_idempotency_key(call.idempotency_key)) {
      co_return problem_response(400, "invalid",
                                 "An Idempotency-Key has at most 200 visible ASCII characters.",
                                 exchange.id());
    }
  }
  if (auto refusal = co_await take_body(call)) co_return std::move(*refusal);
  auto response = co_await handle(call);
  if (!response) {
    if (response.error().kind == ProblemKind::unavailable) {
      parts_.log.error("request could not be served",
                       {{"id", exchange.id()}, {"detail", response.error().detail}});
    }
    co_return problem_response(response.error(), exchange.id());
  }
  co_return std::move(*response);
}

}  // namespace ombud::http
