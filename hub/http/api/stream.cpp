// The stream of changes: the handshake. What is told to whom is in live/.
#include "http/live/stream.hpp"
#include "http/api/api.hpp"
#include "http/problem.hpp"

namespace ombud::http {
namespace {

constexpr Member kStreamQuery[] = {kSpeaksFor};

// A page of somebody else's must not listen with the reader's rights (RFC 6455, 10.2): a browser
// says whose page it is, and whoever comes with a cookie is one.
bool is_foreign(const Api& api, const Call& call) {
  if (call.session && call.exchange.header("Origin").empty()) return true;
  return is_cross_origin(call.exchange, api.parts.identity.public_url);
}

net::awaitable<Result<Response>> listen(Api& api, Call& call) {
  if (auto refusal = call.exchange.not_a_handshake()) co_return std::move(*refusal);
  if (is_foreign(api, call)) {
    co_return problem_response(403, "csrf",
                               "Only the hub's own pages may listen from a browser; this Origin is "
                               "not theirs.",
                               call.exchange.id());
  }
  if (api.parts.stream == nullptr) {
    co_return problem(ProblemKind::unavailable, "This hub runs without its stream.");
  }
  std::string speaks_for(call.exchange.header("Ombud-Customer"));
  if (speaks_for.empty()) speaks_for = call.query.text(kSpeaksFor.name);
  auto listener =
      api.parts.stream->admit(call.principal, api.auth.again(call.exchange, std::move(speaks_for)));
  if (!listener) co_return listener.error();
  Response response;
  response.status = 101;
  response.socket_user = std::move(*listener);
  co_return response;
}

}  // namespace

void declare_stream(Router& router) {
  router.add({.method = Method::get,
              .path = "/api/v1/stream",
              .id = "listen",
              .needs = Permission::ticket_read,
              .tag = "stream",
              .summary =
                  "A WebSocket that says what changed: tickets, notices, links, and who else "
                  "looks at a ticket; hub/http/live/README.md has its messages",
              .handler = &listen,
              .query = kStreamQuery,
              .status = 101,
              .speaks_by_query = true});
}

}  // namespace ombud::http
