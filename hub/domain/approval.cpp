#include "domain/approval.hpp"

namespace ombud {

bool asks_for_approval(std::optional<bool> setting, bool has_approver) {
  return setting.value_or(has_approver);
}

bool needs_approval(const OrderedBy& order) {
  if (order.kind != TicketKind::order || !order.customer_asks) return false;
  return !order.approver || order.channel == Channel::mail;
}

DecisionRight may_decide(const Decider& who) {
  if (!who.approver || who.person.value == 0) return DecisionRight::not_approver;
  if (who.person == who.requester) return DecisionRight::own;
  if (!who.agent.empty() && who.agent == who.writer) return DecisionRight::written;
  return DecisionRight::yes;
}

ApprovalTimes approval_times(Instant from, int days) {
  const Millis all{days * 24LL * 60 * 60'000};
  return {from + all / 2, from + all};
}

}  // namespace ombud
