// What the desk decides when a supplier no longer has its copy of a ticket: someone deleted it
// there. Delivery has given up on that copy and says so on the ticket; until then these are
// refused. The supplier is told nothing, for there is nothing left to tell it about.
#pragma once

#include <string>

#include "base/result.hpp"
#include "store/tickets.hpp"

namespace ombud::desk {

// Ends the hand-over; what waited for the lost copy is taken back.
Result<Delegation> write_off(Tx& tx, DelegationId delegation, const std::string& reason);
// The same, and hands the ticket over once more under the agreement that is valid now: the new
// delegation.
Result<Delegation> recreate(Tx& tx, DelegationId delegation, const std::string& reason);

}  // namespace ombud::desk
