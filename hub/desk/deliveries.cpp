#include "desk/deliveries.hpp"

#include "desk/access.hpp"
#include "desk/delegations.hpp"

namespace ombud::desk {

Result<Delivery> retry(Tx& tx, const Operate& request) {
  if (auto refused = needs_operator(tx)) return *refused;
  return operator_retry(tx, request.delivery, request.reason);
}

Result<Delivery> skip(Tx& tx, const Operate& request) {
  if (auto refused = needs_operator(tx)) return *refused;
  return operator_skip(tx, request.delivery, request.reason);
}

Result<Delivery> park(Tx& tx, const Operate& request) {
  if (auto refused = needs_operator(tx)) return *refused;
  return operator_park(tx, request.delivery, request.reason);
}

Result<Delivery> confirm(Tx& tx, const Operate& request) {
  if (auto refused = needs_operator(tx)) return *refused;
  auto confirmed = operator_confirm(tx, request.delivery, request.external_id, request.reason);
  if (confirmed) delivered(tx, *confirmed, confirmed->external_id, "", {});
  return confirmed;
}

}  // namespace ombud::desk
