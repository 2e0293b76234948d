// Major incidents: their beginning and their end are told to all people of the customers whom a
// published notice concerns, a page of them in each transaction.
#pragma once

#include "notify/telling.hpp"

namespace ombud::notify {

// Adds to the plan what is to be broadcast now: of so many events of the notices' log, to so many
// people; 0: none of them.
void plan_broadcasts(Tx& tx, const Desk& desk, int events_max, int people_max, Plan& plan);

}  // namespace ombud::notify
