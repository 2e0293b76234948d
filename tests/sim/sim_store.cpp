#include "sim/sim_store.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace ombud::sim {
namespace {

constexpr const char* kWatchRows =
    "CREATE TEMP TABLE row_change (n INTEGER PRIMARY KEY, delivery_id INTEGER, old_state TEXT, "
    "new_state TEXT,"
    " old_doubt INTEGER, new_doubt INTEGER, old_attempts INTEGER, new_attempts INTEGER, old_epoch "
    "INTEGER,"
    " new_epoch INTEGER);"
    "CREATE TEMP TRIGGER row_changed AFTER UPDATE ON main.delivery WHEN old.state <> new.state"
    " OR old.doubt <> new.doubt OR old.attempts <> new.attempts OR old.lease_epoch <> "
    "new.lease_epoch"
    " BEGIN INSERT INTO row_change (delivery_id, old_state, new_state, old_doubt, new_doubt, "
    "old_attempts,"
    " new_attempts, old_epoch, new_epoch) VALUES (new.delivery_id, old.state, new.state, "
    "old.doubt, new.doubt,"
    " old.attempts, new.attempts, old.lease_epoch, new.lease_epoch); END;"
    "CREATE TEMP TABLE arrival (n INTEGER PRIMARY KEY, link_id TEXT, event_id TEXT);"
    "CREATE TEMP TRIGGER arrived AFTER INSERT ON main.inbound_event"
    " BEGIN INSERT INTO arrival (link_id, event_id) VALUES (new.link_id, new.event_id); END;";
constexpr Sql kRowChanges{
    "SELECT delivery_id, old_state, new_state, old_doubt, new_doubt, old_attempts, new_attempts, "
    "old_epoch,"
    " new_epoch FROM temp.row_change ORDER BY n"};
constexpr Sql kForgetChanges{"DELETE FROM temp.row_change"};
constexpr std::int64_t kCommitMs = 6;  // at most, from the first job to the commit
constexpr std::size_t kBatchMax = 8;
constexpr unsigned kDeliveryWeight = 5;

std::vector<RowChange> take_changes(Tx& tx) {
  std::vector<RowChange> changes;
  {
    Rows rows = tx.query(kRowChanges);
    while (rows.next()) {
      changes.push_back({rows.integer(0), rows.text(1), rows.text(2), rows.integer(3) != 0,
                         rows.integer(4) != 0, rows.integer(5), rows.integer(6), rows.integer(7),
                         rows.integer(8)});
    }
  }
  if (!changes.empty()) tx.run(kForgetChanges);
  return changes;
}

std::int64_t pragma(sqlite::Connection& connection, const char* sql) {
  std::int64_t value = 0;
  auto read = [](void* to, int, char** texts, char**) {
    *static_cast<std::int64_t*>(to) = std::atoll(texts[0]);
    return 0;
  };
  sqlite3_exec(connection.raw(), sql, read, &value, nullptr);
  return value;
}

}  // namespace

SimStore::SimStore(World& world, Random& random, CommitWatcher& watcher)
    : world_(world), random_(random), watcher_(watcher), database_(world.clock, random) {
  database_.connection().execute_script(kWatchRows);
}

void SimStore::set_full(bool full) {
  const std::int64_t pages = pragma(database_.connection(), "PRAGMA page_count");
  const std::string limit = fmt::format("PRAGMA max_page_count = {}", full ? pages : 1'000'000);
  pragma(database_.connection(), limit.c_str());
  world_.note("disk", full ? "full" : "has room");
}

void SimStore::write(Principal principal, Work work, Done done) {
  if (down_ || world_.crashed) return unanswered_.push_back(std::move(done));
  waiting_.push_back({{std::move(principal), std::move(work), std::move(done)},
                      std::make_shared<std::vector<RowChange>>(),
                      std::make_shared<bool>(false)});
  if (planned_) return;
  planned_ = true;
  world_.after(world_.up_to(kCommitMs), [this, hub = hub_] {
    if (hub != hub_) return;
    planned_ = false;
    flush();
  });
}

void SimStore::read(Principal principal, Work work, Done done) {
  if (down_ || world_.crashed) return unanswered_.push_back(std::move(done));
  database_.read(std::move(principal), std::move(work), std::move(done));
}

void SimStore::hub_gone() {
  down_ = true;
  ++hub_;
  planned_ = false;
  observer_ = nullptr;
  for (Waiting& one : waiting_) unanswered_.push_back(std::move(one.job.done));
  waiting_.clear();
}

sqlite::Job SimStore::watched(Waiting& waiting) {
  Store::Work work = [inner = waiting.job.work, changes = waiting.changes,
                      kept = waiting.kept](Tx& tx) {
    changes->clear();
    *kept = inner(tx);
    if (*kept) *changes = take_changes(tx);
    return *kept;
  };
  const unsigned weight = waiting.job.principal.actor() == "system:delivery" ? kDeliveryWeight : 1;
  if (world_.happens(weight * world_.options.store.error)) {
    const bool before = world_.random.below(2) == 0;
    work = [inner = std::move(work), before](Tx& tx) -> bool {
      if (!before) inner(tx);
      throw StoreError("disk I/O error");
    };
  }
  return {waiting.job.principal, std::move(work), {}};
}

void SimStore::flush() {
  const StoreFaults& faults = world_.options.store;
  const bool may_crash = crashes_ < faults.crashes_max;
  // Most commits are those of idle pollers: the interesting ones must not drown among them.
  const bool delivers = std::any_of(waiting_.begin(), waiting_.end(), [](const Waiting& one) {
    return one.job.principal.actor() == "system:delivery";
  });
  const unsigned weight = delivers ? kDeliveryWeight : 1;
  if (may_crash && world_.happens(weight * faults.crash_before_commit)) {
    ++crashes_;
    return world_.crash("crashes before a commit");
  }
  std::vector<Waiting> batch;
  std::vector<sqlite::Job> jobs;
  while (!waiting_.empty() && batch.size() < kBatchMax) {
    batch.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  for (Waiting& one : batch) jobs.push_back(watched(one));
  const auto result = sqlite::run_batch(database_.connection(), world_.clock, random_, jobs);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (!result.errors[i] && *batch[i].kept)
      watcher_.on_commit(batch[i].job.principal, *batch[i].changes);
  }
  if (may_crash && world_.happens(weight * faults.crash_after_commit)) {
    ++crashes_;
    for (Waiting& one : batch) unanswered_.push_back(std::move(one.job.done));
    return world_.crash("crashes after a commit");
  }
  for (std::size_t i = 0; i < batch.size(); ++i) batch[i].job.done(result.errors[i]);
  if (observer_) observer_(result.note);
  if (!waiting_.empty() && !planned_) {
    planned_ = true;
    world_.after(world_.up_to(kCommitMs), [this, hub = hub_] {
      if (hub != hub_) return;
      planned_ = false;
      flush();
    });
  }
}

}  // namespace ombud::sim
