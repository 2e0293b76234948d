// Approvals of orders: what the log says of them, and who may decide. Written by append() alone.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/tickets.hpp"

namespace ombud {

struct Approval {
  TicketId ticket;
  ApprovalState state = ApprovalState::needed;
  Instant requested_at;       // when the waiting began
  Instant remind_at, due_at;  // of that waiting
  std::optional<Instant> reminded_at;
  bool hand_over = false;  // once it is approved, an agreement may hand it over by itself
  std::string writer;      // key of the agent who registered it for somebody; may be empty
  PersonId decided_by;     // 0: nobody
  std::optional<Instant> decided_at;
  std::string comment;  // of the decision, or why none is needed
};
// Nothing: nobody was ever asked.
std::optional<Approval> approval_of(Tx& tx, TicketId ticket);
// Whether this person has said yes or no to it, at any time.
bool has_decided(Tx& tx, TicketId ticket, PersonId person);

struct Approver {
  PersonId person;
  std::string name;
  bool operator==(const Approver&) const = default;
};
// Who of the customer's people may say yes or no to orders now, by name: whom the directory calls
// an approver, and whose account has a role that may (domain/policy.hpp). Nobody whose account is
// disabled.
std::vector<Approver> approvers_of(Tx& tx, std::string_view customer);
// One of them.
bool is_approver(Tx& tx, PersonId person);
// Whether somebody there is an approver by name or role. A manager may approve, too, but does not
// make an organisation one that wants its orders approved.
bool has_approver(Tx& tx, std::string_view customer);

// Open orders whose half of the time is over and of which nobody was reminded, oldest first.
std::vector<TicketId> approvals_to_remind(Tx& tx, int limit);

}  // namespace ombud
