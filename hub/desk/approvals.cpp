#include "desk/approvals.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "desk/access.hpp"
#include "desk/hand_over.hpp"
#include "desk/limits.hpp"
#include "desk/tickets.hpp"
#include "domain/approval.hpp"
#include "domain/delegation_rules.hpp"
#include "store/identity.hpp"

namespace ombud::desk {
namespace {

bool customer_asks(Tx& tx, const Customer& customer) {
  return asks_for_approval(customer.order_approval, has_approver(tx, customer.id));
}

// Nobody approves what he ordered himself.
std::vector<Approver> who_could_decide(Tx& tx, const Ticket& ticket) {
  auto all = approvers_of(tx, ticket.customer);
  std::erase_if(all, [&](const Approver& one) { return one.person == ticket.requester; });
  return all;
}

void request(Tx& tx, const Ticket& ticket, ApprovalOccasion occasion, ApprovalTimes times,
             bool hand_over) {
  event::ApprovalRequested requested;
  requested.occasion = occasion;
  requested.remind_at = times.remind_at;
  requested.due = times.due;
  requested.hand_over = hand_over;
  for (const Approver& one : who_could_decide(tx, ticket)) requested.asked.push_back(one.person);
  append(tx, ticket.id, requested);
}

ApprovalTimes times_for(Tx& tx, const Ticket& ticket) {
  const auto customer = find_customer(tx, ticket.customer);
  OMBUD_ASSERT(customer.has_value());
  return approval_times(tx.at(), customer->approval_days);
}

bool with_supplier(Tx& tx, TicketId ticket) {
  const auto all = delegations_of(tx, ticket);
  return std::any_of(all.begin(), all.end(),
                     [](const Delegation& d) { return !is_ended(d.state); });
}

DecisionRight right_of(Tx& tx, const Ticket& ticket) {
  const Principal& who = tx.principal();
  const auto approval = approval_of(tx, ticket.id);
  const std::string agent = agent_of_person(tx);
  Decider decider;
  decider.approver =
      who.is_person() && who.tenant == ticket.customer && is_approver(tx, who.person);
  decider.person = who.person;
  decider.agent = agent;
  decider.requester = ticket.requester;
  if (approval) decider.writer = approval->writer;
  return may_decide(decider);
}

std::optional<Problem> refuse_decision(DecisionRight right) {
  switch (right) {
    case DecisionRight::yes:
      return std::nullopt;
    case DecisionRight::not_approver:
      return problem(ProblemKind::forbidden,
                     "Only an approver of the organisation that ordered it says yes or no.");
    case DecisionRight::own:
      return problem(ProblemKind::forbidden,
                     "Nobody decides what he ordered himself; another approver must.");
    case DecisionRight::written:
      return problem(ProblemKind::forbidden,
                     "You wrote this order for its requester, so another approver must decide it.");
  }
  return std::nullopt;
}

Problem not_waiting(Tx& tx, const Ticket& ticket) {
  if (!ticket.is_open() && ticket.approval == ApprovalState::needed) {
    return conflict(
        fmt::format("The order is {}; nobody waits for a yes.", to_text(ticket.status)));
  }
  const auto approval = approval_of(tx, ticket.id);
  const auto by = approval ? find_person(tx, approval->decided_by) : std::nullopt;
  if (by) {
    return conflict(fmt::format("{} has {} it already.", by->name, to_text(approval->state)));
  }
  return conflict("This ticket does not wait for a yes.");
}

// An order of the desk's to ask about, or to go on with.
Result<Ticket> open_order(Tx& tx, TicketId id) {
  auto ticket = visible_ticket(tx, id);
  if (!ticket) return ticket.error();
  if (auto refused = needs_desk(tx)) return *refused;
  if (ticket->kind != TicketKind::order) {
    return conflict("Only orders are approved; this is no order.");
  }
  if (!ticket->is_open()) {
    return conflict(fmt::format("The ticket is {}. Reopen it first.", to_text(ticket->status)));
  }
  return ticket;
}

// What an agreement would have done at once, had the order needed no yes.
Ticket go_on(Tx& tx, TicketId id) {
  const auto ticket = find_ticket(tx, id);
  const auto approval = approval_of(tx, id);
  OMBUD_ASSERT(ticket && approval);
  if (!approval->hand_over || !delegations_of(tx, id).empty() ||
      !hand_over_by_agreement(tx, *ticket)) {
    return *ticket;
  }
  return *find_ticket(tx, id);
}

std::optional<Problem> check_words(std::string_view pointer, const std::string& text,
                                   std::string_view why_required) {
  if (!why_required.empty() && text.find_first_not_of(" \t\r\n") == std::string::npos) {
    return invalid(std::string(pointer), std::string(why_required));
  }
  if (text.size() > kReasonBytesMax || !is_utf8(text)) {
    return invalid(std::string(pointer),
                   fmt::format("must be UTF-8 of at most {} bytes", kReasonBytesMax));
  }
  return std::nullopt;
}

}  // namespace

bool begin_approval(Tx& tx, const Ticket& ticket, ApprovalOccasion occasion, bool hand_over) {
  if (ticket.kind != TicketKind::order) return false;
  const auto customer = find_customer(tx, ticket.customer);
  OMBUD_ASSERT(customer.has_value());
  OrderedBy order;
  order.kind = ticket.kind;
  order.customer_asks = customer_asks(tx, *customer);
  order.approver = is_approver(tx, ticket.requester);
  order.channel = ticket.channel;
  if (!needs_approval(order)) return false;
  request(tx, ticket, occasion, approval_times(tx.at(), customer->approval_days), hand_over);
  return true;
}

void kind_changed(Tx& tx, TicketId id, TicketKind before) {
  const auto ticket = find_ticket(tx, id);
  OMBUD_ASSERT(ticket.has_value());
  if (ticket->kind == before) return;
  if (before == TicketKind::order) {
    const bool unanswered = !may_leave(TicketKind::order, ticket->approval);
    if (unanswered) {
      append(tx, id,
             event::ApprovalWaived{
                 fmt::format("it is no order any more, but {}",
                             ticket->kind == TicketKind::incident ? "an incident" : "a question")});
    }
    return;
  }
  // Once it was approved, or is at work, a yes would come too late.
  if (ticket->kind != TicketKind::order || ticket->approval == ApprovalState::approved ||
      !ticket->is_open() || with_supplier(tx, id)) {
    return;
  }
  begin_approval(tx, *ticket, ApprovalOccasion::changed, false);
}

Result<Ticket> decide(Tx& tx, const Decision& decision) {
  const auto ticket = visible_ticket(tx, decision.ticket);
  if (!ticket) return ticket.error();
  if (auto refused = refuse_decision(right_of(tx, *ticket))) return *refused;
  if (!ticket->waits_for_approval()) return not_waiting(tx, *ticket);
  const std::string_view why =
      decision.approve ? "" : "is required with a no: whoever ordered it must know why";
  if (auto refused = check_words("/comment", decision.comment, why)) return *refused;
  append(tx, ticket->id,
         event::ApprovalDecided{decision.approve, tx.principal().person, decision.comment});
  if (decision.approve) return go_on(tx, ticket->id);
  append(tx, ticket->id,
         event::StatusChanged{TicketStatus::resolved,
                              fmt::format("{}: {}", kNotApprovedReason, decision.comment)});
  return *find_ticket(tx, ticket->id);
}

Result<Ticket> ask_approval(Tx& tx, TicketId id) {
  const auto ticket = open_order(tx, id);
  if (!ticket) return ticket.error();
  if (with_supplier(tx, id)) {
    return conflict("A supplier has the order already; withdraw that first.");
  }
  if (who_could_decide(tx, *ticket).empty()) {
    return conflict(fmt::format(
        "Nobody at customer \"{}\" could approve it. Make one of its people an approver, or go on "
        "without a yes and say why.",
        ticket->customer));
  }
  const auto before = approval_of(tx, id);
  request(tx, *ticket, ApprovalOccasion::asked, times_for(tx, *ticket),
          before && before->hand_over);
  return *find_ticket(tx, id);
}

Result<Ticket> waive_approval(Tx& tx, TicketId id, const std::string& reason) {
  const auto ticket = open_order(tx, id);
  if (!ticket) return ticket.error();
  if (auto refused =
          check_words("/reason", reason, "is required: it is kept why the order needed no yes")) {
    return *refused;
  }
  if (may_leave(ticket->kind, ticket->approval)) return not_waiting(tx, *ticket);
  append(tx, id, event::ApprovalWaived{reason});
  return go_on(tx, id);
}

bool is_asked(Tx& tx, const Ticket& ticket) {
  return ticket.waits_for_approval() && right_of(tx, ticket) == DecisionRight::yes;
}

std::string agent_of_person(Tx& tx) {
  const Principal& who = tx.principal();
  if (!who.is_person() || who.account.value == 0) return {};
  const auto account = find_account(tx, who.account);
  return account && account->staff ? account->staff->agent : std::string();
}

std::optional<ApprovalView> approval_view(Tx& tx, const Ticket& ticket) {
  ApprovalView view;
  if (!ticket.approval) {
    if (ticket.kind != TicketKind::order || !tx.principal().inside()) return std::nullopt;
    view.approval.ticket = ticket.id;
    view.approval.state = ApprovalState::not_needed;
    view.approvers = who_could_decide(tx, ticket);
    return view;
  }
  const auto approval = approval_of(tx, ticket.id);
  OMBUD_ASSERT(approval.has_value());
  view.approval = *approval;
  if (approval->state == ApprovalState::needed) view.approvers = who_could_decide(tx, ticket);
  if (const auto by = find_person(tx, approval->decided_by)) view.decided_by_name = by->name;
  return view;
}

std::vector<std::string_view> may_about_approval(Tx& tx, const Ticket& ticket) {
  std::vector<std::string_view> all;
  if (is_asked(tx, ticket)) all.push_back("approve");
  if (!tx.principal().works_desk() || ticket.kind != TicketKind::order || !ticket.is_open()) {
    return all;
  }
  if (!with_supplier(tx, ticket.id)) all.push_back("request_approval");
  if (!may_leave(ticket.kind, ticket.approval)) all.push_back("waive_approval");
  return all;
}

int remind_of_approvals(Tx& tx) {
  const auto due = approvals_to_remind(tx, kRemindedAtOnce);
  for (const TicketId id : due) {
    const auto ticket = find_ticket(tx, id);
    const auto approval = approval_of(tx, id);
    OMBUD_ASSERT(ticket && approval);
    request(tx, *ticket, ApprovalOccasion::reminder, {approval->remind_at, approval->due_at},
            approval->hand_over);
  }
  return static_cast<int>(due.size());
}

}  // namespace ombud::desk
