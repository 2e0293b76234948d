// What every use case asks first, of the one table (domain/policy.hpp). By role: scopes of tokens
// and the operators' "all customers" close doors, which are routes.
#pragma once

#include <optional>

#include "base/result.hpp"
#include "domain/policy.hpp"
#include "store/store.hpp"

namespace ombud::desk {

// Empty: allowed. The wording never tells whether the thing exists.
inline std::optional<Problem> needs_desk(const Tx& tx) {
  if (role_may(tx.principal().role, Permission::ticket_work)) return std::nullopt;
  return problem(ProblemKind::forbidden, "Only the desk's agents may do this.");
}
inline std::optional<Problem> needs_operator(const Tx& tx) {
  if (role_may(tx.principal().role, Permission::delivery_operate)) return std::nullopt;
  return problem(ProblemKind::forbidden, "Only an operator may do this.");
}
inline std::optional<Problem> needs_inside(const Tx& tx) {
  if (role_may(tx.principal().role, Permission::ticket_log)) return std::nullopt;
  return problem(ProblemKind::forbidden, "Only the provider's people may do this.");
}

// A notice is one for all whom it concerns: what is decided or logged of it is not one customer's.
inline std::optional<Problem> needs_all_customers(const Tx& tx) {
  if (!tx.principal().tenant) return std::nullopt;
  return problem(ProblemKind::forbidden,
                 "A notice may concern several customers: only who works for all of them may do "
                 "this.");
}

}  // namespace ombud::desk
