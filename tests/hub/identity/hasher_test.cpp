// Passwords are hashed beside everything else, and a crowd is turned away.
#include "identity/hasher.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <memory>
#include <thread>
#include <vector>

namespace ombud::identity {
namespace {

Settings cheap() {
  Settings settings;
  settings.cost = {1, 8192};
  return settings;
}

template <class T>
Result<T> run(net::awaitable<Result<T>> work) {
  net::io_context context;
  auto future = net::co_spawn(context, std::move(work), net::use_future);
  context.run();
  return future.get();
}

TEST(Hasher, KnowsItsPasswordAndNoOther) {
  Hasher hasher(cheap());
  const std::string stored = run(hasher.hash("fyra grodor")).value();
  EXPECT_TRUE(stored.starts_with("$argon2id$")) << stored;
  EXPECT_TRUE(run(hasher.verify("fyra grodor", stored)).value());
  EXPECT_FALSE(run(hasher.verify("fyra grodor ", stored)).value());
  EXPECT_FALSE(run(hasher.verify("", stored)).value());
  EXPECT_NE(run(hasher.hash("fyra grodor")).value(), stored) << "each has a salt of its own";
}

TEST(Hasher, NoPasswordAtAllIsWrongAfterTheSameWork) {
  Hasher hasher(cheap());
  EXPECT_FALSE(run(hasher.verify("fyra grodor", "")).value());
  EXPECT_FALSE(run(hasher.verify("", "")).value());
  EXPECT_FALSE(run(hasher.verify("x", std::string(10'000, 'x'))).value());
  EXPECT_EQ(hasher.jobs(), 3);
}

TEST(Hasher, SeesWhatWasMadeAtAnotherCost) {
  Hasher hasher(cheap());
  Settings dearer = cheap();
  dearer.cost.bytes = 16384;
  const std::string stored = run(hasher.hash("fyra grodor")).value();
  EXPECT_FALSE(hasher.outdated(stored));
  EXPECT_TRUE(Hasher(dearer).outdated(stored));
  EXPECT_FALSE(hasher.outdated(""));
}

TEST(Hasher, ACrowdIsToldToComeBack) {
  Settings settings = cheap();
  settings.hash_threads = 1;
  settings.hash_queue_max = 2;
  Hasher hasher(settings);
  net::io_context context;
  std::vector<std::future<Result<std::string>>> all;
  // All begin before any of them can go on: their results come back to this context.
  for (int i = 0; i < 10; ++i) {
    all.push_back(net::co_spawn(context, hasher.hash("fyra grodor"), net::use_future));
  }
  context.run();
  int done = 0, turned_away = 0;
  for (auto& one : all) {
    const auto result = one.get();
    if (result) ++done;
    if (!result && result.error().kind == ProblemKind::too_many) ++turned_away;
  }
  EXPECT_EQ(done + turned_away, 10);
  EXPECT_GE(done, 3);
  EXPECT_GE(turned_away, 1);
  EXPECT_TRUE(run(hasher.hash("fyra grodor"))) << "and there is room again";
}

// As the hub ends: whoever waited for a hash is told, its threads let go, and only then the
// executors of those who waited go away. Seen by the thread sanitizer.
TEST(Hasher, EndsBeforeThoseWhoWaitedForItGoAway) {
  constexpr int kRounds = 100, kLanes = 2, kEach = 3;
  for (int round = 0; round < kRounds; ++round) {
    Hasher hasher(cheap());
    std::vector<std::future<Result<std::string>>> all;
    {
      std::vector<std::unique_ptr<net::io_context>> lanes;
      std::vector<std::thread> threads;
      for (int i = 0; i < kLanes; ++i) {
        net::io_context& lane = *lanes.emplace_back(std::make_unique<net::io_context>(1));
        for (int j = 0; j < kEach; ++j) {
          all.push_back(net::co_spawn(lane, hasher.hash("fyra grodor"), net::use_future));
        }
        threads.emplace_back([&lane] { lane.run(); });
      }
      for (auto& one : all) one.wait();
      hasher.end();
      for (std::thread& thread : threads) thread.join();
    }
    for (auto& one : all) EXPECT_TRUE(one.get());
  }
}

}  // namespace
}  // namespace ombud::identity
