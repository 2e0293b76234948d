// One connection. Beyond what Beast 1.81 checks, a request is refused (400, then close) when it has
// no or two Host fields, a Transfer-Encoding other than exactly `chunked` or on HTTP/1.0, or a
// folded header line: each of them is read differently by some proxy, which is how requests are
// smuggled.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_set>

#include "base/clock.hpp"
#include "http/limits.hpp"
#include "http/message.hpp"

namespace ombud::http {

class Session;

// What all sessions share; its owner outlives them.
struct SessionShared {
  const Clock& clock;
  RequestHandler& handler;
  ServerLimits limits;
  std::string id_prefix;  // of request ids: fresh per start
  std::atomic<std::uint64_t> next_id{1};
  std::atomic<bool> draining{false};
};

// One thread with its io_context. Everything but `context` is used on that thread only.
struct Lane {
  net::io_context context{1};
  std::unordered_set<Session*> sessions;
  std::string date;  // of the current second, for the Date header
  std::int64_t date_second = -1;
  std::thread thread;
};

// Serves a connection until it ends. With `overfull`, only says 503.
net::awaitable<void> run_session(SessionShared& shared, Lane& lane, net::ip::tcp::socket socket,
                                 bool overfull);

// On the lane's thread: ends the connections that wait for a request, or with `all` every one.
void close_sessions(Lane& lane, bool all);

}  // namespace ombud::http
