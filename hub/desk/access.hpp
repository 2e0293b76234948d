// The two questions that every use case asks first.
#pragma once

#include <optional>

#include "base/result.hpp"
#include "store/store.hpp"

namespace ombud::desk {

// Empty: allowed. The wording never tells whether the thing exists.
inline std::optional<Problem> needs_desk(const Tx& tx) {
  if (tx.principal().works_desk()) return std::nullopt;
  return problem(ProblemKind::forbidden, "Only the desk's agents may do this.");
}
inline std::optional<Problem> needs_operator(const Tx& tx) {
  if (tx.principal().operates()) return std::nullopt;
  return problem(ProblemKind::forbidden, "Only an operator may do this.");
}
inline std::optional<Problem> needs_inside(const Tx& tx) {
  if (tx.principal().inside()) return std::nullopt;
  return problem(ProblemKind::forbidden, "Only the provider's people may do this.");
}

}  // namespace ombud::desk
