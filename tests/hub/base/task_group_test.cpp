#include "base/task_group.hpp"

#include <gtest/gtest.h>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>

#include <stdexcept>

#include "support/sim_clock.hpp"

namespace ombud {
namespace {

net::awaitable<void> nap(Clock& clock, Millis length, int& ended) {
  co_await clock.sleep_for(length);
  ++ended;
}

net::awaitable<void> until_told(Clock& clock, int& ended) {
  co_await net::this_coro::reset_cancellation_state(net::enable_total_cancellation());
  co_await net::this_coro::throw_if_cancelled(false);
  for (;;) {
    const auto state = co_await net::this_coro::cancellation_state;
    if (state.cancelled() != net::cancellation_type::none) break;
    co_await clock.sleep_until(kNever);
  }
  ++ended;
}

net::awaitable<void> fail(Clock& clock) {
  co_await clock.sleep_for(Millis{1});
  throw std::runtime_error("oops");
}

net::awaitable<void> wait_for(TaskGroup& group, Clock& clock, Instant until, bool& returned) {
  co_await group.wait(clock, until);
  returned = true;
}

TEST(TaskGroup, WaitsForEveryTask) {
  net::io_context context;
  SimClock clock;
  int ended = 0;
  bool returned = false;
  TaskGroup group(context.get_executor(), {});
  group.spawn(nap(clock, Millis{10}, ended));
  group.spawn(nap(clock, Millis{20}, ended));
  net::co_spawn(context, wait_for(group, clock, kNever, returned), net::detached);
  clock.run_for(context, Millis{15});
  EXPECT_EQ(ended, 1);
  EXPECT_FALSE(returned);
  clock.run_for(context, Millis{15});
  EXPECT_EQ(ended, 2);
  EXPECT_TRUE(returned);
}

TEST(TaskGroup, StopsWaitingAtTheGivenInstant) {
  net::io_context context;
  SimClock clock;
  int ended = 0;
  bool returned = false;
  TaskGroup group(context.get_executor(), {});
  group.spawn(nap(clock, Millis{1000}, ended));
  net::co_spawn(context, wait_for(group, clock, clock.now() + Millis{10}, returned), net::detached);
  clock.run_for(context, Millis{20});
  EXPECT_TRUE(returned);
  EXPECT_FALSE(group.empty());
  clock.run_for(context, Millis{1000});
}

TEST(TaskGroup, TotalCancellationReachesOnlyThoseThatAskedForIt) {
  net::io_context context;
  SimClock clock;
  int polite = 0, deaf = 0;
  TaskGroup group(context.get_executor(), {});
  group.spawn(until_told(clock, polite));
  group.spawn(nap(clock, Millis{100}, deaf));
  clock.run_for(context, Millis{1});
  group.cancel(net::cancellation_type::total);
  clock.run_for(context, Millis{1});
  EXPECT_EQ(polite, 1);
  EXPECT_EQ(group.size(), 1U);
  group.cancel(net::cancellation_type::terminal);
  clock.run_for(context, Millis{1});
  EXPECT_TRUE(group.empty());
}

TEST(TaskGroup, ReportsWhatATaskThrew) {
  net::io_context context;
  SimClock clock;
  std::string heard;
  TaskGroup group(context.get_executor(), [&](std::exception_ptr thrown) {
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& error) {
      heard = error.what();
    }
  });
  group.spawn(fail(clock));
  clock.run_for(context, Millis{2});
  EXPECT_EQ(heard, "oops");
  EXPECT_TRUE(group.empty());
}

}  // namespace
}  // namespace ombud
