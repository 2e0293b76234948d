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

// The agent who registered it for somebody; empty: none did.
std::string writer_of(std::string_view registrar) {
  for (const std::string_view desk : {"agent:", "operator:", "admin:"}) {
    if (registrar.starts_with(desk)) return std::string(registrar.substr(desk.size()));
  }
  return {};
}

bool nobody_decides(const std::vector<Decides>& all) {
  return std::none_of(all.begin(), all.end(), [](const Decides& one) { return one.may; });
}

// Why nobody may, to the desk, and what it can do about it.
std::string why_nobody(Tx& tx, const Ticket& ticket, const std::vector<Decides>& all) {
  constexpr std::string_view kNext =
      "Make another of its people an approver, or go on without a yes and say why.";
  if (!all.empty()) {
    return fmt::format(
        "{} wrote this order for its requester and so may not approve it; nobody "
        "else at customer \"{}\" could. {}",
        all.front().name, ticket.customer, kNext);
  }
  if (is_approver(tx, ticket.requester) || is_approver(tx, orderer_of(tx, ticket.id))) {
    return fmt::format("The only one at customer \"{}\" who approves orders has ordered it. {}",
                       ticket.customer, kNext);
  }
  return fmt::format(
      "Nobody at customer \"{}\" could approve it. Make one of its people an approver, or go on "
      "without a yes and say why.",
      ticket.customer);
}

void request(Tx& tx, const Ticket& ticket, ApprovalOccasion occasion, ApprovalTimes times,
             bool hand_over) {
  event::ApprovalRequested requested;
  requested.occasion = occasion;
  requested.remind_at = times.remind_at;
  requested.due = times.due;
  requested.hand_over = hand_over;
  for (const Decides& one : who_decides(tx, ticket)) {
    if (one.may) requested.asked.push_back(one.person);
  }
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

struct Right {
  DecisionRight right = DecisionRight::not_approver;
  PersonId instead_of;  // with yes: in whose place; 0: his own
};

Right right_of(Tx& tx, const Ticket& ticket) {
  const Principal& who = tx.principal();
  if (!who.is_person() || who.tenant != ticket.customer) return {};
  const std::string agent = agent_of(tx, who.person);
  const std::string writer = writer_of(registrar_of(tx, ticket.id));
  const PersonId orderer = orderer_of(tx, ticket.id);
  const Decider himself{
      is_approver(tx, who.person), who.person, agent, ticket.requester, writer, orderer};
  Right right{may_decide(himself), {}};
  if (right.right != DecisionRight::not_approver) return right;
  for (const Deputy& deputy : standing_in(tx)) {
    const std::string approvers_agent = agent_of(tx, deputy.approver);
    const Decider approver{true,   deputy.approver, approvers_agent, ticket.requester,
                           writer, orderer};
    right.right = may_decide_for(approver, himself);
    if (right.right == DecisionRight::yes) return {DecisionRight::yes, deputy.approver};
  }
  return right;
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
    case DecisionRight::stands_for_own:
      return problem(ProblemKind::forbidden,
                     "You stand in for somebody who ordered or wrote this himself, so another "
                     "approver must decide it.");
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
  order.by_system = registrar_of(tx, ticket.id).starts_with("customer:");
  order.system_speaks = customer->system_speaks_for_approvers;
  if (!needs_approval(order)) return false;
  request(tx, ticket, occasion, approval_times(tx.at(), customer->approval_days), hand_over);
  return true;
}

void order_changed(Tx& tx, const Ticket& before) {
  const TicketId id = before.id;
  const auto ticket = find_ticket(tx, id);
  OMBUD_ASSERT(ticket.has_value());
  const bool was_order = before.kind == TicketKind::order;
  if (was_order && ticket->kind != TicketKind::order) {
    const bool unanswered = !may_leave(TicketKind::order, ticket->approval);
    if (unanswered) {
      append(tx, id,
             event::ApprovalWaived{
                 fmt::format("it is no order any more, but {}",
                             ticket->kind == TicketKind::incident ? "an incident" : "a question")});
    }
    return;
  }
  if (was_order && ticket->requester == before.requester) return;
  // Once it was approved, or is at work, a yes would come too late. What the desk has said of an
  // order that needs none stands, whoever its requester is.
  const bool settled = ticket->approval == ApprovalState::approved ||
                       (was_order && ticket->approval == ApprovalState::not_needed);
  if (ticket->kind != TicketKind::order || settled || !ticket->is_open() || with_supplier(tx, id)) {
    return;
  }
  const auto waited = was_order ? approval_of(tx, id) : std::nullopt;
  begin_approval(tx, *ticket, ApprovalOccasion::changed, waited && waited->hand_over);
}

Result<Ticket> decide(Tx& tx, const Decision& decision) {
  const auto ticket = visible_ticket(tx, decision.ticket);
  if (!ticket) return ticket.error();
  const Right right = right_of(tx, *ticket);
  if (auto refused = refuse_decision(right.right)) return *refused;
  if (!ticket->waits_for_approval()) return not_waiting(tx, *ticket);
  const std::string_view why =
      decision.approve ? "" : "is required with a no: whoever ordered it must know why";
  if (auto refused = check_words("/comment", decision.comment, why)) return *refused;
  append(tx, ticket->id,
         event::ApprovalDecided{decision.approve, tx.principal().person, decision.comment,
                                right.instead_of});
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
  const auto deciders = who_decides(tx, *ticket);
  if (nobody_decides(deciders)) return conflict(why_nobody(tx, *ticket, deciders));
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
  return ticket.waits_for_approval() && right_of(tx, ticket).right == DecisionRight::yes;
}

bool reads_order(Tx& tx, const Ticket& ticket) {
  const PersonId person = tx.principal().person;
  if (person.value == 0) return false;
  if (has_decided(tx, ticket.id, person) || is_asked(tx, ticket)) return true;
  return ticket.kind == TicketKind::order && was_asked(tx, ticket.id, person) &&
         (is_approver(tx, person) || !standing_in(tx).empty());
}

std::vector<Deputy> standing_in(Tx& tx) {
  const Principal& who = tx.principal();
  if (!who.is_person()) return {};
  auto all = stands_in_for(tx, who.person);
  std::erase_if(all, [&](const Deputy& one) {
    return !one.is_active(tx.at()) || !is_approver(tx, one.approver);
  });
  return all;
}

std::vector<Decides> who_decides(Tx& tx, const Ticket& ticket) {
  const std::string writer = writer_of(registrar_of(tx, ticket.id));
  const PersonId orderer = orderer_of(tx, ticket.id);
  const auto approvers = approvers_of(tx, ticket.customer);
  const auto look = [&](PersonId person, std::string_view agent) {
    return Decider{true, person, agent, ticket.requester, writer, orderer};
  };
  std::vector<Decides> all;
  for (const Approver& one : approvers) {
    const DecisionRight right = may_decide(look(one.person, one.agent));
    if (right == DecisionRight::own) continue;
    all.push_back({one.person, one.name, right == DecisionRight::yes});
  }
  for (const Deputy& deputy : active_deputies(tx, ticket.customer)) {
    const auto approver =
        std::find_if(approvers.begin(), approvers.end(),
                     [&](const Approver& one) { return one.person == deputy.approver; });
    const bool listed =
        std::any_of(approvers.begin(), approvers.end(),
                    [&](const Approver& one) { return one.person == deputy.person; }) ||
        std::any_of(all.begin(), all.end(),
                    [&](const Decides& one) { return one.person == deputy.person; });
    if (approver == approvers.end() || listed) continue;
    const DecisionRight right =
        may_decide_for(look(approver->person, approver->agent), look(deputy.person, deputy.agent));
    if (right != DecisionRight::yes) continue;
    all.push_back({deputy.person, deputy.name, true, approver->person, approver->name});
  }
  return all;
}

bool might_decide(Tx& tx, const Ticket& ticket, PersonId person) {
  if (!ticket.waits_for_approval()) return false;
  const auto all = who_decides(tx, ticket);
  return std::any_of(all.begin(), all.end(),
                     [&](const Decides& one) { return one.may && one.person == person; });
}

std::optional<ApprovalView> approval_view(Tx& tx, const Ticket& ticket) {
  ApprovalView view;
  if (!ticket.approval) {
    if (ticket.kind != TicketKind::order || !tx.principal().inside()) return std::nullopt;
    view.approval.ticket = ticket.id;
    view.approval.state = ApprovalState::not_needed;
    view.approvers = who_decides(tx, ticket);
    return view;
  }
  const auto approval = approval_of(tx, ticket.id);
  OMBUD_ASSERT(approval.has_value());
  view.approval = *approval;
  if (approval->state == ApprovalState::needed) {
    view.approvers = who_decides(tx, ticket);
    if (tx.principal().inside() && ticket.is_open() && nobody_decides(view.approvers)) {
      view.trouble = why_nobody(tx, ticket, view.approvers);
    }
  }
  if (const auto by = find_person(tx, approval->decided_by)) view.decided_by_name = by->name;
  if (const auto other = find_person(tx, approval->decided_for)) {
    view.decided_for_name = other->name;
  }
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
