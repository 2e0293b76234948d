// Major incidents: their beginning and their end are told to all people of the customers whom a
// published notice concerns, a page of them in each transaction.
#pragma once

#include "notify/telling.hpp"

namespace ombud::notify {

// Adds to the plan what is to be broadcast now.
void plan_broadcasts(Tx& tx, const Desk& desk, Plan& plan);

}  // namespace ombud::notify
