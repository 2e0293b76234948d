// A Clock that moves only when told to. Sleepers park on timers that never expire, and advance()
// cancels the earliest. The loop of a simulation:
//   do { context.restart(); context.poll(); } while (clock.advance(until));
#pragma once

#include <boost/asio/io_context.hpp>

#include <map>

#include "base/clock.hpp"

namespace ombud {

class SimClock final : public Clock {
 public:
  explicit SimClock(Instant start = instant_of(1'764'000'000'000)) : now_(start) {}
  Instant now() const override { return now_; }

  // Moves to the earliest sleeper that is due by `until` and wakes it. False, and time stands at
  // `until` (if that is a real instant), when there is none.
  bool advance(Instant until = kNever) {
    if (sleepers_.empty() || sleepers_.begin()->first > until ||
        sleepers_.begin()->first == kNever) {
      if (until != kNever) now_ = std::max(now_, until);
      return false;
    }
    const auto first = sleepers_.begin();
    now_ = std::max(now_, first->first);
    net::steady_timer* gate = first->second;
    sleepers_.erase(first);
    gate->cancel();
    return true;
  }

  // Runs everything that happens until `until`, in simulated order, and stands there.
  void run(net::io_context& context, Instant until) {
    do {
      context.restart();
      context.poll();
    } while (advance(until));
  }
  void run_for(net::io_context& context, Millis duration) { run(context, now_ + duration); }

 protected:
  void arm(net::steady_timer& gate, Instant when) override { sleepers_.emplace(when, &gate); }
  void disarm(net::steady_timer& gate) override {
    for (auto at = sleepers_.begin(); at != sleepers_.end(); ++at) {
      if (at->second == &gate) {
        sleepers_.erase(at);
        return;
      }
    }
  }

 private:
  Instant now_;
  std::multimap<Instant, net::steady_timer*> sleepers_;  // equal instants in the order they slept
};

}  // namespace ombud
