// What a request and an answer are, without a word of how they travel: every file above the session
// compiles against this and never sees Beast.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace ombud::http {

enum class Method { get, head, post, put, patch, delete_, options, other };
std::string_view to_text(Method method);  // "GET"; "OTHER" for one that no route has

// "Not Found".
std::string_view reason_of(unsigned status);

// One open WebSocket, as its user sees it. On the connection's executor only.
class Socket {
 public:
  virtual ~Socket() = default;
  virtual net::any_io_executor executor() const = 0;
  // There may be something to send: asks the user's `next`, now or when the last is written.
  virtual void wake() = 0;
  // Ends it after what is being written; nothing more is asked for. RFC 6455, 7.4.
  virtual void close(unsigned code, std::string_view reason) = 0;
};

// What is at this end of a WebSocket. Called on the connection's executor. Kept until `closed`,
// and not called after it; `opened` may never come.
class SocketUser {
 public:
  virtual ~SocketUser() = default;
  virtual void opened(Socket& socket) = 0;
  virtual void received(std::string_view text) = 0;
  // The next message; null: none now. Pulled one by one, so what waits is the user's to bound.
  virtual std::shared_ptr<const std::string> next() = 0;
  virtual void closed() = 0;
};

struct Response {
  unsigned status = 200;
  std::string content_type;  // empty: there is no body
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string file;  // path; sent instead of `body` when not empty
  // Kept for a repetition under the same Idempotency-Key instead of `body`: what must be shown
  // once.
  std::string stored_body;
  // With status 101: the request was a proper WebSocket handshake, and this is whom it reaches.
  std::shared_ptr<SocketUser> socket_user = nullptr;

  Response& header(std::string name, std::string value) {
    headers.emplace_back(std::move(name), std::move(value));
    return *this;
  }
  std::string_view header_of(std::string_view name) const;  // exact name; empty if absent
};

// A body that went to a file as it came in.
struct Upload {
  std::string path;
  std::int64_t bytes = 0;
};

// One request whose header has been read. The body is read only when a handler asks for it, so that
// nobody sends 25 MiB to be told that his token is wrong. Lives until its answer is on its way;
// used by one coroutine on the connection's own thread.
class Exchange {
 public:
  virtual ~Exchange() = default;

  virtual Method method() const = 0;
  virtual std::string_view target() const = 0;                       // origin form, as sent
  virtual std::string_view header(std::string_view name) const = 0;  // any case; empty if absent
  virtual void each_header(
      const std::function<void(std::string_view name, std::string_view value)>& visit) const = 0;
  virtual const std::string& id() const = 0;    // X-Request-Id of the answer
  virtual const std::string& peer() const = 0;  // address of the other end
  virtual Instant received_at() const = 0;
  // Nothing if this is a WebSocket handshake (RFC 6455, 4.2.1) that can be answered with 101.
  virtual std::optional<Response> not_a_handshake() const = 0;

  // The whole body. Refused: too_large beyond `bytes_max`, invalid when it is broken. Once. It must
  // be here within the server's limit, or within `within` if that is shorter.
  virtual net::awaitable<Result<std::string>> read_body(std::size_t bytes_max,
                                                        Millis within = Millis::max()) = 0;
  // The same into a new file at `path`, which is removed again if the body is refused.
  virtual net::awaitable<Result<Upload>> read_upload(std::string path, std::int64_t bytes_max) = 0;
};

// What the server serves. Called on any of its threads.
class RequestHandler {
 public:
  virtual ~RequestHandler() = default;
  // Must answer, and may throw only what "should never happen": it becomes a 500.
  virtual net::awaitable<Response> serve(Exchange& exchange) = 0;
  // A connection was refused before there was a request to serve. For log and counters.
  virtual void refused(std::string_view peer, std::string_view id, unsigned status,
                       std::string_view detail) = 0;
  // No request runs any more, and none will: the connections' executors go away next. Whoever has
  // threads of his own that handed answers to them ends those first. Called once, where the server
  // ends.
  virtual void server_ends() {}
};

}  // namespace ombud::http
