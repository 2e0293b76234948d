// What the suppliers of a run announce by themselves, as a function of the time alone, told again
// with every poll together with old news and with tickets of ours; and what must have come of it.
#pragma once

#include <string>
#include <vector>

#include "sim/sim_store.hpp"
#include "sim/world.hpp"

namespace ombud::sim {

// As ombud.announcement/1, in the order in which a poll tells them.
std::vector<std::string> announcements_of(const Supplier& supplier, Instant now);

// At the end: each announcement is one notice at its last state, and no ticket of ours is any.
void check_announcements(World& world, SimStore& store, const Supplier& supplier);

}  // namespace ombud::sim
