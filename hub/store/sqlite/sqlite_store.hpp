// The embedded store: one file, one writer thread with group commit, a pool of snapshot readers.
// Only the writer's connection ever writes or checkpoints (SQLite before 3.51.3 can corrupt a WAL
// that two connections reset at once).
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/log.hpp"
#include "store/sqlite/batch.hpp"

namespace ombud::sqlite {

struct StoreLimits {
  std::size_t batch_max = 256;     // units of work in one commit
  std::size_t queue_max = 20'000;  // waiting writes; more are refused as unavailable
  std::size_t readers = 2;
};

class SqliteStore final : public Store {
 public:
  // The schema must be up to date (migrate.hpp). Throws StoreError.
  SqliteStore(const std::string& path, Clock& clock, Random& random, const Log& log,
              StoreLimits limits = {});
  // Finishes what is queued, then joins its threads. Destroy before the executors of its callers.
  ~SqliteStore() override;

  void write(Principal principal, Work work, Done done) override;
  void read(Principal principal, Work work, Done done) override;
  void observe(Observer observer) override { observer_ = std::move(observer); }

 private:
  // A queue of jobs and the threads that empty it.
  struct Lane {
    std::mutex mutex;
    std::condition_variable more;
    std::deque<Job> jobs;
    bool closing = false;
  };
  void enqueue(Lane& lane, Job job);
  void write_loop();
  void read_loop(Connection& connection);

  Clock& clock_;
  Random& random_;
  const Log& log_;
  StoreLimits limits_;
  Observer observer_;
  Connection writer_;
  std::vector<std::unique_ptr<Connection>> readers_;
  Lane writes_, reads_;
  std::vector<std::thread> threads_;
};

}  // namespace ombud::sqlite
