// The embedded store: one file, one writer thread with group commit, a thread that brings commits
// to the disk while the writer is at the next batch, and a pool of snapshot readers. Nobody is
// answered, reader or writer, before what he has done or seen is on disk.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/log.hpp"
#include "store/sqlite/batch.hpp"
#include "store/sqlite/wal.hpp"

namespace ombud::sqlite {

struct StoreLimits {
  std::size_t batch_max = 256;     // units of work in one commit
  std::size_t queue_max = 20'000;  // waiting writes; more are refused as unavailable
  std::size_t unsynced_max = 16;   // commits that may wait for the disk before the writer does
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
  // A batch whose commit is in the log, but perhaps not on disk yet.
  struct Committed {
    std::vector<Job> jobs;
    BatchResult result;
    std::uint64_t number = 0;
  };
  void enqueue(Lane& lane, Job job);
  void write_loop();
  void sync_loop();
  void read_loop(Connection& connection);
  void hand_to_disk(Committed batch);
  void settle(std::vector<Committed>& batches);
  std::exception_ptr what_is_broken();
  std::exception_ptr wait_until_synced(std::uint64_t number);

  Clock& clock_;
  Random& random_;
  const Log& log_;
  StoreLimits limits_;
  Observer observer_;
  Connection writer_;
  WalFile wal_;
  Checkpointer checkpointer_;
  std::vector<std::unique_ptr<Connection>> readers_;
  Lane writes_, reads_;

  std::mutex mutex_;
  std::condition_variable committed_, synced_changed_;
  std::vector<Committed> unsynced_;
  bool syncing_ = false;  // somebody is at settle()
  bool no_more_commits_ = false;
  std::exception_ptr broken_;              // the disk failed to keep what was committed
  std::atomic<std::uint64_t> visible_{0};  // readers may see commits up to this one
  std::atomic<std::uint64_t> synced_{0};   // commits up to this one are on disk
  std::uint64_t number_ = 0;               // of the writer's batch

  std::vector<std::thread> threads_;
};

}  // namespace ombud::sqlite
