// The HTTP/1.1 server: one thread with its own io_context per core, sockets dealt out in turn.
// It reads headers, enforces the limits, refuses what Beast lets through (see session.hpp), and
// hands each request to the handler; requests of one connection are answered one after the other.
//
// Shut-down: `drain` from any executor, then destroy. The destructor waits for handlers that are
// still at work, so the Store and whatever else they wait for must still be running.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "http/limits.hpp"
#include "http/message.hpp"
#include "http/metrics.hpp"

namespace ombud::http {

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  // 0: any free one
  unsigned threads = 0;    // 0: one per core
  ServerLimits limits;
};

struct ServerCounts {
  std::int64_t open = 0;      // connections now
  std::int64_t accepted = 0;  // since the start
  std::int64_t refused = 0;   // over the limit of connections
};

class Server final : public MetricSource {
 public:
  Server(const Clock& clock, Random& random, const Log& log, RequestHandler& handler,
         ServerOptions options);
  ~Server() override;
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Binds, listens and serves. The port, or why not.
  Result<std::uint16_t> start();
  ServerCounts counts() const;  // any thread
  net::awaitable<void> collect(MetricText& out) override;

  // Stops accepting, closes idle connections, lets running requests finish (their answers end the
  // connection); what is left after `grace` is cut off. `clock` waits on the caller's executor.
  net::awaitable<void> drain(Clock& clock, Millis grace);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ombud::http
