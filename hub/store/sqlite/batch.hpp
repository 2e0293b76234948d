// Group commit: runs many units of work in one transaction, one fsync for all of them.
#pragma once

#include <exception>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "store/sqlite/connection.hpp"

namespace ombud::sqlite {

struct Job {
  Principal principal;
  Store::Work work;
  Store::Done done;
};

struct BatchResult {
  std::vector<std::exception_ptr> errors;  // one per job; null: answered
  CommitNote note;
  bool wrote = false;
};

// When this returns, everything that was not refused is committed (and on disk, if the connection
// is synchronous=FULL). A job that is refused after it
// wrote something, or that breaks the transaction, makes the rest run again in transactions of
// their own: savepoints would cost every batch a flush of the full-text index for each job.
BatchResult run_batch(Connection& connection, const Clock& clock, Random& random,
                      const std::vector<Job>& jobs);

}  // namespace ombud::sqlite
