// Answers that stay away: a supplier that has applied a write and is then stopped, or cut off,
// before anybody hears of it. The worst moment there is, brought about on purpose. Thread-safe.
#pragma once

#include <condition_variable>
#include <mutex>

namespace ombud::example {

class HeldAnswers {
 public:
  // The next `writes` answers wait; those that wait already go out if it is 0.
  void hold(int writes) {
    const std::scoped_lock lock(mutex_);
    left_ = writes;
    if (writes == 0) ++round_;
    released_.notify_all();
  }
  // Called between applying a write and answering it: returns at once, or when the answer may go.
  void pass() {
    std::unique_lock lock(mutex_);
    if (left_ == 0) return;
    --left_;
    ++waiting_;
    const int round = round_;
    released_.wait(lock, [&] { return round_ != round; });
    --waiting_;
  }
  int waiting() const {
    const std::scoped_lock lock(mutex_);
    return waiting_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable released_;
  int left_ = 0, waiting_ = 0, round_ = 0;
};

}  // namespace ombud::example
