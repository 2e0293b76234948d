// The stream of changes: the handshake. What is told to whom is in live/.
#include "http/live/stream.hpp"
#include "http/api/api.hpp"
#include "http/problem.hpp"

namespace ombud::http {
namespace {

// "https://desk.example" of "https://desk.example/path".
std::string_view origin_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  return url.substr(0, url.find('/', scheme + 3));
}

// A page of somebody else's must not listen with the reader's rights (RFC 6455, 10.2). What is no
// browser sends no Origin.
bool is_foreign(const Api& api, const Exchange& exchange) {
  const std::string_view origin = exchange.header("Origin");
  if (origin.empty() || origin == origin_of(api.parts.tmf621.public_url)) return false;
  const std::size_t scheme = origin.find("://");
  return scheme == std::string_view::npos || origin.substr(scheme + 3) != exchange.header("Host");
}

net::awaitable<Result<Response>> listen(Api& api, Call& call) {
  if (auto refusal = call.exchange.not_a_handshake()) co_return std::move(*refusal);
  if (is_foreign(api, call.exchange)) {
    co_return problem(ProblemKind::forbidden,
                      "Only the hub's own pages may listen from a browser; this Origin is not "
                      "theirs.");
  }
  if (api.parts.stream == nullptr) {
    co_return problem(ProblemKind::unavailable, "This hub was built without its stream.");
  }
  live::Recheck recheck = [&auth = api.auth,
                           shown = std::string(call.exchange.header("Authorization"))] {
    return auth.authenticate(shown);
  };
  auto listener = api.parts.stream->admit(call.principal, std::move(recheck));
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
              .needs = Needs::token,
              .tag = "stream",
              .summary =
                  "A WebSocket that says what changed: tickets, notices, links, and who else "
                  "looks at a ticket; hub/http/live/README.md has its messages",
              .handler = &listen,
              .status = 101});
}

}  // namespace ombud::http
