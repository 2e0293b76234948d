#include "base/clock.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace ombud {

net::awaitable<void> Clock::sleep_until(Instant when, Doorbell* bell) {
  if (bell != nullptr && bell->rung_) {
    bell->rung_ = false;
    co_return;
  }
  if (when <= now()) co_return;
  net::steady_timer gate{co_await net::this_coro::executor, net::steady_timer::time_point::max()};
  arm(gate, when);
  if (bell != nullptr) bell->sleeper_ = &gate;
  co_await gate.async_wait(net::as_tuple(net::use_awaitable));
  if (bell != nullptr) {
    bell->sleeper_ = nullptr;
    bell->rung_ = false;
  }
  disarm(gate);
}

Instant RealClock::now() const {
  return std::chrono::floor<Millis>(std::chrono::system_clock::now());
}

void RealClock::arm(net::steady_timer& gate, Instant when) {
  // A wall clock set back must not stretch a wait for ever: sleepers look again after an hour.
  const Millis wait = std::min<Millis>(when - now(), std::chrono::hours{1});
  gate.expires_after(wait);
}

}  // namespace ombud
