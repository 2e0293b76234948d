// Time that stands still until a test moves it.
#pragma once

#include <map>
#include <vector>

#include "base/clock.hpp"

namespace ombud::test {

class ManualClock final : public Clock {
 public:
  explicit ManualClock(Instant start) : now_(start) {}
  Instant now() const override { return now_; }
  // Wakes every sleeper whose time has come; run the executor afterwards.
  void advance(Millis by) {
    now_ += by;
    std::vector<net::steady_timer*> due;
    for (const auto& [gate, when] : sleepers_) {
      if (when <= now_) due.push_back(gate);
    }
    for (net::steady_timer* gate : due) gate->cancel();
  }

 protected:
  void arm(net::steady_timer& gate, Instant when) override { sleepers_[&gate] = when; }
  void disarm(net::steady_timer& gate) override { sleepers_.erase(&gate); }

 private:
  Instant now_;
  std::map<net::steady_timer*, Instant> sleepers_;
};

}  // namespace ombud::test
