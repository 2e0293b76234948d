// What the people of a run must have been told, read from the log alone, and what they were.
#pragma once

#include "sim/sim_store.hpp"
#include "sim/world.hpp"

namespace ombud::sim {

// The notifier has nothing left to do.
bool is_all_told(SimStore& store);

// At the end: of each event that its people must hear of, each of them has exactly one mail, and
// no mail came of anything else; the mails of one person about one ticket follow the log.
void check_told(World& world, SimStore& store);

}  // namespace ombud::sim
