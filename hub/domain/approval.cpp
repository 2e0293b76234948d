#include "domain/approval.hpp"

namespace ombud {

bool asks_for_approval(std::optional<bool> setting, bool has_approver) {
  return setting.value_or(has_approver);
}

bool needs_approval(const OrderedBy& order) {
  if (order.kind != TicketKind::order || !order.customer_asks) return false;
  const bool forgeable =
      order.channel == Channel::mail || (order.by_system && !order.system_speaks);
  return !order.approver || forgeable;
}

DecisionRight may_decide(const Decider& who) {
  if (!who.approver || who.person.value == 0) return DecisionRight::not_approver;
  if (who.person == who.requester || who.person == who.orderer) return DecisionRight::own;
  if (!who.agent.empty() && who.agent == who.writer) return DecisionRight::written;
  return DecisionRight::yes;
}

DecisionRight may_decide_for(const Decider& approver, const Decider& deputy) {
  Decider himself = deputy;
  himself.approver = true;
  if (const auto right = may_decide(himself); right != DecisionRight::yes) return right;
  switch (may_decide(approver)) {
    case DecisionRight::yes:
      return DecisionRight::yes;
    case DecisionRight::own:
    case DecisionRight::written:
    case DecisionRight::stands_for_own:
      return DecisionRight::stands_for_own;
    case DecisionRight::not_approver:
      return DecisionRight::not_approver;
  }
  return DecisionRight::not_approver;
}

ApprovalTimes approval_times(Instant from, int days) {
  const Millis all{days * 24LL * 60 * 60'000};
  return {from + all / 2, from + all};
}

}  // namespace ombud
