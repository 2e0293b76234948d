#include "http/server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <vector>

#include "http/session.hpp"

namespace ombud::http {

using net::ip::tcp;

struct Server::Impl {
  Impl(const Clock& clock, Random& random, const Log& log_to, RequestHandler& handler,
       ServerOptions chosen)
      : options(std::move(chosen)),
        log(log_to),
        shared{clock, handler, options.limits, mint_id(random).substr(16) + "-"} {
    unsigned count = options.threads;
    if (count == 0) count = std::max(1U, std::thread::hardware_concurrency());
    for (unsigned i = 0; i < count; ++i) lanes.push_back(std::make_unique<Lane>());
    acceptor = std::make_unique<tcp::acceptor>(lanes.front()->context);
  }

  Result<std::uint16_t> listen();
  net::awaitable<void> accept_all();
  void begin(tcp::socket socket, Lane& lane);
  void ended(std::exception_ptr error, std::string_view what);
  void stop_accepting();
  void close_all(bool all);

  ServerOptions options;
  const Log& log;
  SessionShared shared;
  std::vector<std::unique_ptr<Lane>> lanes;
  std::vector<net::executor_work_guard<net::io_context::executor_type>> guards;
  std::unique_ptr<tcp::acceptor> acceptor;  // used on the first lane's thread only
  std::atomic<std::int64_t> accepted{0}, refused{0};

  std::mutex mutex;
  std::condition_variable none_left;
  std::int64_t running = 0;           // sessions and the accept loop
  std::atomic<std::int64_t> open{0};  // sessions
  std::function<void()> when_none_left;
};

Result<std::uint16_t> Server::Impl::listen() {
  const auto refuse = [&](const boost::system::error_code& ec) {
    return problem(ProblemKind::unavailable, "The server cannot listen on " + options.address +
                                                 ":" + std::to_string(options.port) + ": " +
                                                 ec.message() + ".");
  };
  boost::system::error_code ec;
  const auto address = net::ip::make_address(options.address, ec);
  if (ec) return refuse(ec);
  const tcp::endpoint endpoint(address, options.port);
  acceptor->open(endpoint.protocol(), ec);
  if (ec) return refuse(ec);
  acceptor->set_option(net::socket_base::reuse_address(true), ec);
  if (ec) return refuse(ec);
  acceptor->bind(endpoint, ec);
  if (ec) return refuse(ec);
  acceptor->listen(net::socket_base::max_listen_connections, ec);
  if (ec) return refuse(ec);
  return acceptor->local_endpoint().port();
}

void Server::Impl::ended(std::exception_ptr error, std::string_view what) {
  if (error) {
    try {
      std::rethrow_exception(error);
    } catch (const std::exception& thrown) {
      log.error(what, {{"error", thrown.what()}});
    }
  }
  const std::lock_guard lock(mutex);
  if (--running > 0) return;
  none_left.notify_all();
  if (when_none_left) when_none_left();
}

void Server::Impl::begin(tcp::socket socket, Lane& lane) {
  const auto now_open = static_cast<std::size_t>(open.fetch_add(1) + 1);
  const bool overfull = now_open > options.limits.connections_max;
  if (overfull) {
    ++refused;
    if (now_open > options.limits.connections_max + options.limits.refusals_max) {
      --open;
      return;  // closes it
    }
  }
  {
    const std::lock_guard lock(mutex);
    ++running;
  }
  net::co_spawn(lane.context, run_session(shared, lane, std::move(socket), overfull),
                [this](std::exception_ptr error) {
                  --open;
                  ended(error, "connection failed");
                });
}

net::awaitable<void> Server::Impl::accept_all() {
  std::size_t turn = 0;
  net::steady_timer pause(lanes.front()->context);
  while (!shared.draining) {
    Lane& lane = *lanes[turn++ % lanes.size()];
    const net::any_io_executor executor = lane.context.get_executor();
    auto [ec, socket] =
        co_await acceptor->async_accept(executor, net::as_tuple(net::use_awaitable));
    if (ec == net::error::operation_aborted) co_return;
    if (ec) {  // out of descriptors, or the peer was gone already
      log.warning("connection not accepted", {{"error", ec.message()}});
      pause.expires_after(options.limits.accept_pause);
      co_await pause.async_wait(net::as_tuple(net::use_awaitable));
      continue;
    }
    ++accepted;
    begin(std::move(socket), lane);
  }
}

void Server::Impl::stop_accepting() {
  shared.draining = true;
  net::post(lanes.front()->context, [this] {
    boost::system::error_code ignored;
    acceptor->close(ignored);
  });
}

void Server::Impl::close_all(bool all) {
  for (const auto& lane : lanes) {
    net::post(lane->context, [&lane = *lane, all] { close_sessions(lane, all); });
  }
}

Server::Server(const Clock& clock, Random& random, const Log& log, RequestHandler& handler,
               ServerOptions options)
    : impl_(std::make_unique<Impl>(clock, random, log, handler, std::move(options))) {}

Result<std::uint16_t> Server::start() {
  auto port = impl_->listen();
  if (!port) return port;
  impl_->running = 1;
  net::co_spawn(
      impl_->lanes.front()->context, impl_->accept_all(),
      [impl = impl_.get()](std::exception_ptr error) { impl->ended(error, "accepting failed"); });
  for (const auto& lane : impl_->lanes) {
    impl_->guards.push_back(net::make_work_guard(lane->context));
    lane->thread = std::thread([&context = lane->context] { context.run(); });
  }
  return port;
}

ServerCounts Server::counts() const {
  return {impl_->open.load(), impl_->accepted.load(), impl_->refused.load()};
}

net::awaitable<void> Server::collect(MetricText& out) {
  const ServerCounts now = counts();
  out.family("ombud_http_connections", "gauge", "Open connections.");
  out.sample("ombud_http_connections", {}, now.open);
  out.family("ombud_http_connections_total", "counter", "Connections accepted.");
  out.sample("ombud_http_connections_total", {}, now.accepted);
  out.family("ombud_http_connections_refused_total", "counter", "Connections over the limit.");
  out.sample("ombud_http_connections_refused_total", {}, now.refused);
  co_return;
}

net::awaitable<void> Server::drain(Clock& clock, Millis grace) {
  // Takes the bell away again however this ends: its executor may be gone soon after.
  struct Bell {
    Impl& impl;
    explicit Bell(Impl& of) : impl(of) {}
    ~Bell() {
      const std::lock_guard lock(impl.mutex);
      impl.when_none_left = nullptr;
    }
    void hang(std::function<void()> ring) const {
      const std::lock_guard lock(impl.mutex);
      impl.when_none_left = std::move(ring);
    }
    bool none_left() const {
      const std::lock_guard lock(impl.mutex);
      return impl.running == 0;
    }
  };
  const auto executor = co_await net::this_coro::executor;
  const auto doorbell = std::make_shared<Doorbell>();
  const Bell bell(*impl_);
  bell.hang([executor, doorbell] { net::post(executor, [doorbell] { doorbell->ring(); }); });
  impl_->stop_accepting();
  impl_->close_all(false);
  const Instant deadline = clock.now() + grace;
  while (!bell.none_left()) {
    if (clock.now() >= deadline) {
      impl_->log.warning("requests were cut off at the end of the drain",
                         {{"connections", impl_->open.load()}});
      impl_->close_all(true);
      co_return;
    }
    co_await clock.sleep_until(deadline, doorbell.get());
  }
}

Server::~Server() {
  if (impl_->guards.empty()) return;  // never started
  impl_->stop_accepting();
  impl_->close_all(true);
  {
    std::unique_lock lock(impl_->mutex);
    impl_->none_left.wait(lock, [&] { return impl_->running == 0; });
  }
  impl_->shared.handler.server_ends();
  impl_->guards.clear();
  for (const auto& lane : impl_->lanes) lane->thread.join();
}

}  // namespace ombud::http
