#include "store/sqlite/sqlite_store.hpp"

namespace ombud::sqlite {

SqliteStore::SqliteStore(const std::string& path, Clock& clock, Random& random, const Log& log,
                         StoreLimits limits)
    : clock_(clock), random_(random), log_(log), limits_(limits), writer_(path, Mode::read_write) {
  for (std::size_t i = 0; i < limits_.readers; ++i) {
    readers_.push_back(std::make_unique<Connection>(path, Mode::read_only));
  }
  threads_.emplace_back([this] { write_loop(); });
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
  std::vector<Job> batch;
  for (;;) {
    {
      std::unique_lock lock(writes_.mutex);
      writes_.more.wait(lock, [this] { return writes_.closing || !writes_.jobs.empty(); });
      if (writes_.jobs.empty()) return;
      while (!writes_.jobs.empty() && batch.size() < limits_.batch_max) {
        batch.push_back(std::move(writes_.jobs.front()));
        writes_.jobs.pop_front();
      }
    }
    const BatchResult result = run_batch(writer_, clock_, random_, batch);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (result.errors[i]) {
        try {
          std::rethrow_exception(result.errors[i]);
        } catch (const StoreError& failed) {
          log_.error("store refused a write", {{"reason", failed.what()}});
        } catch (...) {
          // the caller's own; he is told below
        }
      }
      batch[i].done(result.errors[i]);
    }
    if (observer_ && (!result.note.links.empty() || !result.note.tickets.empty())) {
      observer_(result.note);
    }
    batch.clear();
  }
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
    job.done(error);
  }
}

}  // namespace ombud::sqlite
