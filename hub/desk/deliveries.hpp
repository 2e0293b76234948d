// What an operator does about a delivery. Each needs Role::operator_ or admin and leaves a trace
// among the delivery's attempts.
#pragma once

#include <string>

#include "store/outbox.hpp"

namespace ombud::desk {

struct Operate {
  DeliveryId delivery;
  std::string reason;       // why, for whoever looks later; may be empty
  std::string external_id;  // confirm only: the other side's id, if known
};
Result<Delivery> retry(Tx& tx, const Operate& request);  // dead, parked or ready: try (again) now
Result<Delivery> skip(Tx& tx,
                      const Operate& request);  // give it up; the next of its ticket goes on
Result<Delivery> park(Tx& tx, const Operate& request);     // set it aside; its ticket's others wait
Result<Delivery> confirm(Tx& tx, const Operate& request);  // in doubt, and it did arrive

}  // namespace ombud::desk
