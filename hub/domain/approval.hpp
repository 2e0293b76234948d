// When an order needs a yes of the customer's own organisation, and who may say it: pure rules.
#pragma once

#include <optional>
#include <string_view>

#include "base/time.hpp"
#include "domain/ids.hpp"
#include "domain/words.hpp"

namespace ombud {

// Whether a customer's orders wait: as its setting says, else if somebody there is an approver.
bool asks_for_approval(std::optional<bool> setting, bool has_approver);

struct OrderedBy {
  TicketKind kind = TicketKind::order;
  bool customer_asks = false;  // asks_for_approval
  bool approver = false;       // the requester is one himself
  Channel channel = Channel::portal;
  // The customer's own system brought it in, and names the requester; and whether its word is his.
  bool by_system = false, system_speaks = false;
};
// An approver's own order needs none, unless nobody but the order says that it is his: a mail,
// since anybody can write another's address, and the customer's system, unless that may speak for
// him.
bool needs_approval(const OrderedBy& order);

// One look at an order by somebody who wants to decide it.
struct Decider {
  bool approver = false;    // of the ticket's customer, now
  PersonId person;          // himself
  std::string_view agent;   // the key that he has as one of the desk's agents; may be empty
  PersonId requester;       // of the ticket
  std::string_view writer;  // the agent who registered it for the requester; may be empty
  PersonId orderer = {};    // its requester when it was registered: they stay his words
};
// not_approver: none of this customer's; own: he ordered it; written: he registered it for the
// requester, so it would be his own word that he approves; stands_for_own: he only stands in for
// somebody who did either.
enum class DecisionRight { yes, not_approver, own, written, stands_for_own };
DecisionRight may_decide(const Decider& who);
// Of one who is no approver, but stands in for this one; both look at the same order.
DecisionRight may_decide_for(const Decider& approver, const Decider& deputy);

struct ApprovalTimes {
  Instant remind_at, due;
};
// Half of the time, and all of it.
ApprovalTimes approval_times(Instant from, int days);

}  // namespace ombud
