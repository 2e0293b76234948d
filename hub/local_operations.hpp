// What the command line does on a data directory itself: backup, restore, audit, a token without a
// hub.
#pragma once

#include "base/clock.hpp"
#include "base/random.hpp"
#include "cli/cli.hpp"

namespace ombud {

// All but `serve`. Clock and random must outlive the functions.
cli::LocalOperations local_operations(const Clock& clock, Random& random);

}  // namespace ombud
