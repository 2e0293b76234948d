// Who says yes or no to orders in an approver's place for some time. He is of the same customer; he
// may decide what the approver himself might, and never what either of them ordered or wrote
// (desk/approvals.hpp). A deputy has no deputy. Naming one stands in the audit, what he decides in
// the ticket's log with the name of whom he stood in for.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "store/approvals.hpp"

namespace ombud::desk {

inline constexpr int kDeputyDaysMax = 366;

struct NameDeputy {
  PersonId approver;
  PersonId person;              // 0: by e-mail
  std::string email;            // of the deputy, in any case
  std::optional<Instant> from;  // nothing: now
  Instant until;
};
// Replaces the one before. By the approver himself, who names a colleague by his address, since
// users know no ids; or by whoever may say who approves orders. Refused (conflict) if he is no
// approver. Whoever stands in at once is asked about the orders that wait already.
Result<void> name_deputy(Tx& tx, const NameDeputy& wanted);
// Nothing happens if there is none.
Result<void> remove_deputy(Tx& tx, PersonId approver);

struct DeputyView {
  std::optional<Deputy> deputy;    // his
  std::vector<Deputy> stands_for;  // whose he is
};
Result<DeputyView> deputies_of(Tx& tx, PersonId person);

}  // namespace ombud::desk
