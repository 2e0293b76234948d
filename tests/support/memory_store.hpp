// The real SQLite and the real schema in memory, run at once on the caller's thread: a Store for
// tests and for the simulator.
#pragma once

#include <functional>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "store/migrations/migrations.hpp"
#include "store/sqlite/batch.hpp"
#include "store/store.hpp"

namespace ombud::test {

// splitmix64 (Steele, Lea, Flood 2014): small, good enough for tests, the same everywhere.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() override {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31U);
  }

 private:
  std::uint64_t state_;
};

class MemoryStore final : public Store {
 public:
  MemoryStore(const Clock& clock, Random& random)
      : clock_(clock), random_(random), connection_(":memory:", sqlite::Mode::read_write) {
    for (const Migration& step : migrations()) connection_.execute_script(step.sql);
  }

  void write(Principal principal, Work work, Done done) override {
    std::vector<sqlite::Job> jobs;
    jobs.push_back({std::move(principal), std::move(work), {}});
    const auto result = sqlite::run_batch(connection_, clock_, random_, jobs);
    done(result.errors.front());
    if (observer_) observer_(result.note);
  }
  void read(Principal principal, Work work, Done done) override {
    std::vector<sqlite::Job> jobs;
    Work undone = [work = std::move(work)](Tx& tx) {
      work(tx);
      return false;
    };
    jobs.push_back({std::move(principal), std::move(undone), {}});
    done(sqlite::run_batch(connection_, clock_, random_, jobs).errors.front());
  }
  void observe(Observer observer) override { observer_ = std::move(observer); }

  // Runs a use case now and answers what it answered; a refusal is undone.
  template <class F>
  auto run(const Principal& principal, F f) {
    using Answer = std::invoke_result_t<F, Tx&>;
    std::optional<Answer> answer;
    std::exception_ptr failed;
    write(
        principal,
        [&](Tx& tx) {
          answer.emplace(f(tx));
          if constexpr (requires { answer->has_value(); }) return answer->has_value();
          return true;
        },
        [&](std::exception_ptr error) { failed = error; });
    if (failed) std::rethrow_exception(failed);
    return std::move(*answer);
  }

  sqlite::Connection& connection() { return connection_; }

 private:
  const Clock& clock_;
  Random& random_;
  Observer observer_;
  sqlite::Connection connection_;
};

}  // namespace ombud::test
