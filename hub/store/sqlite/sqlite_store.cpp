#include "store/sqlite/sqlite_store.hpp"

#include <algorithm>

namespace ombud::sqlite {
namespace {

void log_store_error(const Log& log, const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const StoreError& failed) {
    log.error("store refused a write", {{"reason", failed.what()}});
  } catch (...) {
    // the caller's own; he is told
  }
}

}  // namespace

SqliteStore::SqliteStore(const std::string& path, Clock& clock, Random& random, const Log& log,
                         StoreLimits limits)
    : clock_(clock),
      random_(random),
      log_(log),
      limits_(limits),
      writer_(path, Mode::read_write),
      wal_(writer_, path),
      checkpointer_(writer_, path, log) {
  // called inside COMMIT, before any reader can see it
  sqlite3_commit_hook(
      writer_.raw(),
      [](void* self) {
        auto& store = *static_cast<SqliteStore*>(self);
        store.visible_.store(store.number_);
        return 0;
      },
      this);
  for (std::size_t i = 0; i < limits_.readers; ++i) {
    readers_.push_back(std::make_unique<Connection>(path, Mode::read_only));
  }
  threads_.emplace_back([this] { write_loop(); });
  threads_.emplace_back([this] { sync_loop(); });
  for (auto& reader : readers_) {
    threads_.emplace_back([this, &connection = *reader] { read_loop(connection); });
  }
}

SqliteStore::~SqliteStore() {
  for (Lane* lane : {&writes_, &reads_}) {
    const std::lock_guard lock(lane->mutex);
    lane->closing = true;
    lane->more.notify_all();
  }
  for (std::thread& thread : threads_) thread.join();
}

void SqliteStore::enqueue(Lane& lane, Job job) {
  bool refused = false;
  {
    const std::lock_guard lock(lane.mutex);
    refused = lane.closing || lane.jobs.size() >= limits_.queue_max;
    if (!refused) lane.jobs.push_back(std::move(job));
  }
  if (refused) {
    // NOLINTNEXTLINE(bugprone-use-after-move): it was not moved if it is refused
    job.done(std::make_exception_ptr(StoreError("The hub has too much to do: try again shortly.")));
  } else {
    lane.more.notify_one();
  }
}

void SqliteStore::write(Principal principal, Work work, Done done) {
  enqueue(writes_, {std::move(principal), std::move(work), std::move(done)});
}

void SqliteStore::read(Principal principal, Work work, Done done) {
  enqueue(reads_, {std::move(principal), std::move(work), std::move(done)});
}

void SqliteStore::write_loop() {
  for (;;) {
    std::vector<Job> batch;
    {
      std::unique_lock lock(writes_.mutex);
      writes_.more.wait(lock, [this] { return writes_.closing || !writes_.jobs.empty(); });
      if (writes_.jobs.empty()) break;
      while (!writes_.jobs.empty() && batch.size() < limits_.batch_max) {
        batch.push_back(std::move(writes_.jobs.front()));
        writes_.jobs.pop_front();
      }
    }
    if (const auto broken = what_is_broken()) {
      for (Job& job : batch) job.done(broken);
      continue;
    }
    ++number_;
    BatchResult result = run_batch(writer_, clock_, random_, batch);
    hand_to_disk({std::move(batch), std::move(result), number_});
    checkpointer_.between_commits();
  }
  const std::lock_guard lock(mutex_);
  no_more_commits_ = true;
  committed_.notify_all();
}

std::exception_ptr SqliteStore::what_is_broken() {
  const std::lock_guard lock(mutex_);
  return broken_;
}

// When nothing else waits for the writer he brings his batch to the disk himself, which saves a
// change of threads.
void SqliteStore::hand_to_disk(Committed batch) {
  bool more_waits = false;
  {
    const std::lock_guard lock(writes_.mutex);
    more_waits = !writes_.jobs.empty();
  }
  std::vector<Committed> mine;
  {
    std::unique_lock lock(mutex_);
    synced_changed_.wait(lock, [this] { return unsynced_.size() < limits_.unsynced_max; });
    unsynced_.push_back(std::move(batch));
    if (syncing_) return;
    if (more_waits) {
      committed_.notify_one();
      return;
    }
    syncing_ = true;
    mine.swap(unsynced_);
  }
  settle(mine);
}

void SqliteStore::sync_loop() {
  for (;;) {
    std::vector<Committed> mine;
    {
      std::unique_lock lock(mutex_);
      committed_.wait(lock,
                      [this] { return !syncing_ && (no_more_commits_ || !unsynced_.empty()); });
      if (unsynced_.empty()) return;
      syncing_ = true;
      mine.swap(unsynced_);
    }
    settle(mine);
  }
}

// Brings these commits to the disk and answers everybody in them.
void SqliteStore::settle(std::vector<Committed>& batches) {
  std::exception_ptr broken;
  const bool wrote = std::any_of(batches.begin(), batches.end(),
                                 [](const Committed& batch) { return batch.result.wrote; });
  try {
    if (wrote) wal_.sync();
  } catch (const StoreError& failed) {
    log_.error("store is broken", {{"reason", failed.what()}});
    broken = std::current_exception();
  }
  {
    const std::lock_guard lock(mutex_);
    // After a failed sync the system may have dropped what it could not write: a later one that
    // works proves nothing.
    if (!broken_) broken_ = broken;
    broken = broken_;
    if (!broken) synced_.store(batches.back().number);
    synced_changed_.notify_all();
  }
  for (Committed& batch : batches) {
    for (std::size_t i = 0; i < batch.jobs.size(); ++i) {
      std::exception_ptr error = std::exchange(batch.result.errors[i], nullptr);
      if (!error) error = broken;
      if (error) log_store_error(log_, error);
      batch.jobs[i].done(std::move(error));
    }
    const CommitNote& note = batch.result.note;
    if (!broken && observer_ && !note.empty()) observer_(note);
  }
  const std::lock_guard lock(mutex_);
  syncing_ = false;
}

std::exception_ptr SqliteStore::wait_until_synced(std::uint64_t number) {
  if (synced_.load() >= number) return nullptr;
  std::unique_lock lock(mutex_);
  synced_changed_.wait(lock, [&] { return broken_ || synced_.load() >= number; });
  return synced_.load() >= number ? nullptr : broken_;
}

void SqliteStore::read_loop(Connection& connection) {
  for (;;) {
    Job job;
    {
      std::unique_lock lock(reads_.mutex);
      reads_.more.wait(lock, [this] { return reads_.closing || !reads_.jobs.empty(); });
      if (reads_.jobs.empty()) return;
      job = std::move(reads_.jobs.front());
      reads_.jobs.pop_front();
    }
    std::exception_ptr error;
    try {
      connection.execute_script("BEGIN");
      SqliteTx tx(connection, random_, std::move(job.principal), clock_.now());
      job.work(tx);
    } catch (...) {
      error = std::current_exception();
    }
    // never leave a snapshot open: it would keep the WAL from being reset
    if (sqlite3_get_autocommit(connection.raw()) == 0) {
      sqlite3_exec(connection.raw(), "ROLLBACK", nullptr, nullptr, nullptr);
    }
    if (const auto broken = wait_until_synced(visible_.load()); broken && !error) error = broken;
    job.done(std::move(error));
  }
}

}  // namespace ombud::sqlite
