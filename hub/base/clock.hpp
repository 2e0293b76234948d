// The Clock seam: the only way to know the time or to wait for it. `main` passes a RealClock,
// the simulator its own. Single-threaded: use one clock's waits on one executor only.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/time.hpp"

namespace ombud {

namespace net = boost::asio;

// Wakes one sleeper early. A ring while nobody sleeps is remembered, so none is missed.
// Not thread-safe; use it on the executor of its sleeper.
class Doorbell {
 public:
  void ring() {
    rung_ = true;
    if (sleeper_ != nullptr) sleeper_->cancel();
  }

 private:
  friend class Clock;
  bool rung_ = false;
  net::steady_timer* sleeper_ = nullptr;
};

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;

  // Returns at `when`, earlier if `bell` rings or the coroutine is cancelled. Check why yourself.
  net::awaitable<void> sleep_until(Instant when, Doorbell* bell = nullptr);
  net::awaitable<void> sleep_for(Millis duration) { return sleep_until(now() + duration); }

 protected:
  // Arms `gate` to expire at `when` by this clock. `disarm` is called before the gate goes away.
  virtual void arm(net::steady_timer& gate, Instant when) = 0;
  virtual void disarm(net::steady_timer& gate) = 0;
};

// Wall-clock time of the machine. now() may be called from any thread.
class RealClock final : public Clock {
 public:
  Instant now() const override;

 protected:
  void arm(net::steady_timer& gate, Instant when) override;
  void disarm(net::steady_timer& /*gate*/) override {}
};

}  // namespace ombud
