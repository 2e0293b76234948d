// What answers the desk, by whichever transport.
#pragma once

#include <atomic>

namespace ombud::example {

// Use it on one thread; the counters alone may be used from another.
class Serving {
 public:
  virtual ~Serving() = default;
  // Answers what arrives within `wait_ms`.
  virtual void serve(int wait_ms) = 0;

  // So many acks get lost: applied, but nobody hears of it.
  std::atomic<int> drop_answers{0};
  std::atomic<int> dropped{0};  // how many were
};

}  // namespace ombud::example
