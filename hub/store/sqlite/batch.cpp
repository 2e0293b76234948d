#include "store/sqlite/batch.hpp"

namespace ombud::sqlite {
namespace {

struct Ran {
  bool keep = false;  // asked to be committed
  bool wrote = false;
  std::exception_ptr error;
};

Ran run_one(Connection& connection, const Clock& clock, Random& random, const Job& job,
            CommitNote& note) {
  Ran ran;
  const std::int64_t before = connection.total_changes();
  try {
    SqliteTx tx(connection, random, job.principal, clock.now());
    ran.keep = job.work(tx);
    if (ran.keep) note.add(tx.note());
  } catch (...) {
    ran.keep = false;
    ran.error = std::current_exception();
  }
  ran.wrote = connection.total_changes() != before || sqlite3_get_autocommit(connection.raw()) != 0;
  return ran;
}

std::exception_ptr run_alone(Connection& connection, const Clock& clock, Random& random,
                             const Job& job, CommitNote& note) {
  CommitNote mine;
  try {
    connection.begin();
    const Ran ran = run_one(connection, clock, random, job, mine);
    if (!ran.keep) {
      connection.roll_back();
      return ran.error;
    }
    connection.commit();
  } catch (...) {
    connection.roll_back();
    return std::current_exception();
  }
  note.add(mine);
  return nullptr;
}

}  // namespace

BatchResult run_batch(Connection& connection, const Clock& clock, Random& random,
                      const std::vector<Job>& jobs) {
  BatchResult result;
  result.errors.resize(jobs.size());
  const std::int64_t before = connection.total_changes();
  if (jobs.size() > 1) {
    try {
      connection.begin();
      bool whole = true;
      for (std::size_t i = 0; i < jobs.size() && whole; ++i) {
        const Ran ran = run_one(connection, clock, random, jobs[i], result.note);
        result.errors[i] = ran.error;
        whole = ran.keep || !ran.wrote;
      }
      if (whole) {
        connection.commit();
        result.wrote = connection.total_changes() != before;
        return result;
      }
    } catch (const StoreError&) {
      // BEGIN or COMMIT failed: each job tries alone below and hears its own reason
    }
    connection.roll_back();
    result = {};
    result.errors.resize(jobs.size());
  }
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    result.errors[i] = run_alone(connection, clock, random, jobs[i], result.note);
  }
  result.wrote = connection.total_changes() != before;
  return result;
}

}  // namespace ombud::sqlite
