// Runs coroutines that belong together, so that their owner can end them and wait until they have.
// Not thread-safe; everything on one executor. It must outlive its tasks: wait() before it goes.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>

#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <utility>

#include "base/clock.hpp"

namespace ombud {

class TaskGroup {
 public:
  // Hears what a task threw, which is a bug of ours: a task catches what it expects.
  using Failed = std::function<void(std::exception_ptr)>;

  TaskGroup(net::any_io_executor executor, Failed failed)
      : executor_(std::move(executor)), tasks_(std::make_shared<Tasks>()) {
    tasks_->failed = std::move(failed);
  }

  void spawn(net::awaitable<void> task) {
    const auto at = tasks_->signals.emplace(tasks_->signals.end());
    // The completion holds the list, so a task may end after the group has gone.
    auto done = [tasks = tasks_, at](std::exception_ptr thrown) {
      tasks->signals.erase(at);
      if (thrown && !tasks->cancelled && tasks->failed) tasks->failed(thrown);
      if (tasks->signals.empty()) tasks->idle.ring();
    };
    // Bound to the executor, or the signal would race with the task.
    net::co_spawn(
        executor_, std::move(task),
        net::bind_cancellation_slot(at->slot(), net::bind_executor(executor_, std::move(done))));
  }

  // `total` first: tasks that asked to hear it (reset_cancellation_state) end at a good place;
  // `terminal` ends every one at its next wait.
  void cancel(net::cancellation_type type) {
    if ((type & net::cancellation_type::terminal) != net::cancellation_type::none) {
      tasks_->cancelled = true;
    }
    for (auto at = tasks_->signals.begin(); at != tasks_->signals.end();) (at++)->emit(type);
  }

  bool empty() const { return tasks_->signals.empty(); }
  std::size_t size() const { return tasks_->signals.size(); }

  // Returns when no task is left, or at `until`: look at empty(). One waiter at a time.
  net::awaitable<void> wait(Clock& clock, Instant until) {
    const auto tasks = tasks_;
    while (!tasks->signals.empty() && clock.now() < until) {
      co_await clock.sleep_until(until, &tasks->idle);
    }
  }

 private:
  struct Tasks {
    std::list<net::cancellation_signal> signals;
    Doorbell idle;
    Failed failed;
    bool cancelled = false;
  };
  net::any_io_executor executor_;
  std::shared_ptr<Tasks> tasks_;
};

}  // namespace ombud
