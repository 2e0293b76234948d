// The Store of a run: the real SQLite and schema in memory, with group commit in simulated time,
// faults, and crashes of the hub before or after a commit. The database outlives the hub, as of its
// last commit.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "sim/world.hpp"
#include "support/memory_store.hpp"

namespace ombud::sim {

// What one committed unit of work did to one delivery.
struct RowChange {
  std::int64_t delivery = 0;
  std::string old_state, new_state;
  bool old_doubt = false, new_doubt = false;
  std::int64_t old_attempts = 0, new_attempts = 0;
  std::int64_t old_epoch = 0, new_epoch = 0;
};

class CommitWatcher {
 public:
  virtual ~CommitWatcher() = default;
  virtual void on_commit(const Principal& who, const std::vector<RowChange>& changes) = 0;
};

class SimStore final : public Store {
 public:
  SimStore(World& world, Random& random, CommitWatcher& watcher);

  void write(Principal principal, Work work, Done done) override;
  void read(Principal principal, Work work, Done done) override;
  void observe(Observer observer) override { observer_ = std::move(observer); }

  // The hub is gone: nobody is answered any more. What waits is kept until drop_unanswered(),
  // because it owns coroutines of the dead hub.
  void hub_gone();
  void drop_unanswered() { unanswered_.clear(); }
  void hub_is_back() { down_ = false; }

  // The disk has no room for another page, until it has.
  void set_full(bool full);

  // Runs a use case or a look at the tables at once, outside the hub.
  template <class F>
  auto run(const Principal& principal, F f) {
    return database_.run(principal, std::move(f));
  }

 private:
  struct Waiting {
    sqlite::Job job;
    std::shared_ptr<std::vector<RowChange>> changes;
    std::shared_ptr<bool> kept;
  };
  void flush();
  sqlite::Job watched(Waiting& waiting);

  World& world_;
  Random& random_;
  CommitWatcher& watcher_;
  test::MemoryStore database_;
  Observer observer_;
  std::deque<Waiting> waiting_;
  std::vector<Done> unanswered_;
  bool planned_ = false;
  bool down_ = false;
  int hub_ = 0;
  int crashes_ = 0;
};

}  // namespace ombud::sim
