#include "desk/delegations.hpp"

#include <fmt/format.h>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "desk/access.hpp"
#include "desk/approvals.hpp"
#include "desk/hand_over.hpp"
#include "desk/limits.hpp"
#include "desk/supplier_notices.hpp"
#include "desk/tickets.hpp"
#include "domain/delegation_rules.hpp"
#include "store/held_changes.hpp"

namespace ombud::desk {
namespace {

// The agreement that a hand-over falls under, or why there is none.
Result<Agreement> agreement_for(Tx& tx, const Ticket& ticket, const Delegate& request,
                                const std::string& service) {
  if (service.empty()) {
    return invalid("/service",
                   "is required: the ticket names no service, and agreements are per service");
  }
  if (!find_service(tx, service)) return invalid("/service", "there is no such service");
  const auto valid = agreements_for(tx, ticket.customer, service, request.link, tx.at());
  if (valid.empty()) {
    return conflict(fmt::format(
        "No agreement of customer \"{}\" covers the service \"{}\"{} now, so the ticket cannot be "
        "handed "
        "over. Refer the user instead, or add an agreement.",
        ticket.customer, service, request.link.empty() ? "" : " with \"" + request.link + "\""));
  }
  if (valid.size() > 1 && request.link.empty()) {
    std::string links;
    for (const Agreement& a : valid) links += (links.empty() ? "" : ", ") + a.link;
    return invalid("/link", "several agreements cover this service; choose one of: " + links);
  }
  return valid.front();
}

struct Ready {
  Ticket ticket;
  Agreement agreement;
};
Result<Ready> prepare(Tx& tx, const Delegate& request) {
  auto ticket = visible_ticket(tx, request.ticket);
  if (!ticket) return ticket.error();
  if (auto refused = needs_desk(tx)) return *refused;
  if (request.brief.size() > kTextBytesMax) return invalid("/brief", "is too long");
  if (!is_utf8(request.brief)) return invalid("/brief", "is not valid UTF-8");
  if (ticket->status == TicketStatus::closed || ticket->status == TicketStatus::resolved) {
    return conflict(fmt::format("The ticket is {}. Reopen it first.", to_text(ticket->status)));
  }
  if (!may_leave(ticket->kind, ticket->approval)) {
    Problem refused = conflict(
        ticket->approval == ApprovalState::needed
            ? "The order waits for a yes of the customer's own organisation. Wait for it, or say "
              "why none is needed."
            : "The customer's own organisation has said no to this order. Ask again, or say why no "
              "yes is needed.");
    refused.code = kOrderNotApproved;
    return refused;
  }
  const std::string service = request.service.empty() ? ticket->service : request.service;
  auto agreement = agreement_for(tx, *ticket, request, service);
  if (!agreement) return agreement.error();
  const auto link = find_link(tx, agreement->link);
  if (!link || !link->configured) {
    return conflict(fmt::format("The link \"{}\" of the agreement is not configured on this hub.",
                                agreement->link));
  }
  for (const Delegation& d : delegations_of(tx, ticket->id)) {
    if (d.link == agreement->link && !is_ended(d.state)) {
      return conflict(fmt::format("{} already has this ticket (delegation {}, {}).", d.supplier,
                                  d.id.value, to_text(d.state)));
    }
  }
  const PrivacyPolicy policy(agreement->share);
  if (request.brief.empty() && !policy.allows("subject") && !policy.allows("description")) {
    return invalid(
        "/brief",
        "is required: the agreement shares neither subject nor description, so the supplier "
        "would learn nothing");
  }
  ticket->service = service;
  return Ready{*ticket, *agreement};
}

struct Open {
  Ticket ticket;
  Delegation delegation;
};
Result<Open> open_delegation(Tx& tx, DelegationId id) {
  if (auto refused = needs_desk(tx)) return *refused;
  auto delegation = find_delegation(tx, id);
  if (!delegation) return not_found("delegation");
  auto ticket = find_ticket(tx, delegation->ticket);
  OMBUD_ASSERT(ticket.has_value());
  return Open{*ticket, *delegation};
}

std::optional<Problem> check_reason(const std::string& reason) {
  if (reason.size() > kReasonBytesMax) return invalid("/reason", "is too long");
  if (!is_utf8(reason)) return invalid("/reason", "is not valid UTF-8");
  return std::nullopt;
}

Problem cannot(const Delegation& d, std::string_view what) {
  return conflict(
      fmt::format("Delegation {} to {} is {}; {}", d.id.value, d.supplier, to_text(d.state), what));
}

MessageId add_supplier_message(Tx& tx, const Delegation& d, const std::string& text, Party from,
                               const std::string& author,
                               Visibility visibility = Visibility::supplier,
                               const std::vector<AttachmentId>& files = {}) {
  event::MessageAdded added;
  added.visibility = visibility;
  added.from = from;
  added.author = author;
  added.delegation = d.id;
  added.text = text;
  added.files = files;
  return {append(tx, d.ticket, added).event.value};
}

// A message of the desk to the supplier: event and deliveries.
MessageId tell_supplier(Tx& tx, const Open& open, const std::string& text,
                        const std::vector<AttachmentId>& files = {}) {
  const MessageId message = add_supplier_message(
      tx, open.delegation, text, Party::desk, desk_identity(tx).name, Visibility::supplier, files);
  const auto agreement = find_agreement(tx, open.delegation.agreement);
  OMBUD_ASSERT(agreement.has_value());
  const Handover h =
      handover_of(tx, open.ticket, *agreement, open.delegation.brief, open.delegation.due_at);
  const Lane lane = lane_of_delegation(tx, open.delegation.id, open.delegation.link, open.ticket.id,
                                       open.ticket.customer);
  enqueue(tx, lane, {"add_comment", comment_document(h, text, false, tx.at()), "", message.value});
  for (const AttachmentId id : files) {
    const auto file = find_attachment(tx, id);
    enqueue(tx, lane, {"add_attachment", attachment_document(h, *file), file->sha256, id.value});
  }
  return message;
}

void move(Tx& tx, const Delegation& d, DelegationState state, const std::string& reason,
          const std::string& external_status = {}) {
  event::DelegationChanged changed;
  changed.delegation = d.id;
  changed.state = state;
  changed.reason = reason;
  changed.external_status = external_status;
  append(tx, d.ticket, changed);
}

void set_status(Tx& tx, TicketId id, TicketStatus from, TicketStatus to,
                const std::string& reason) {
  const auto ticket = find_ticket(tx, id);
  if (ticket && ticket->status == from) append(tx, id, event::StatusChanged{to, reason});
}

// The ticket waits for suppliers only while one of them has the ball.
void after_delegation_moved(Tx& tx, TicketId id, const std::string& reason) {
  for (const Delegation& d : delegations_of(tx, id)) {
    if (is_with_supplier(d.state)) return;
  }
  set_status(tx, id, TicketStatus::waiting_supplier, TicketStatus::in_progress, reason);
}

}  // namespace

Result<Delegation> delegate(Tx& tx, const Delegate& request) {
  auto ready = prepare(tx, request);
  if (!ready) return ready.error();
  const auto before = find_ticket(tx, ready->ticket.id);
  if (before->service != ready->ticket.service) {
    event::Edited edited;
    edited.service = ready->ticket.service;
    append(tx, ready->ticket.id, edited);
  }
  return *find_delegation(tx, hand_over(tx, ready->ticket, ready->agreement, request.brief));
}

Result<Preview> preview(Tx& tx, const Delegate& request) {
  auto ready = prepare(tx, request);
  if (!ready) return ready.error();
  std::optional<Instant> due;
  if (ready->agreement.resolve_within) due = tx.at() + *ready->agreement.resolve_within;
  const Handover h = handover_of(tx, ready->ticket, ready->agreement, request.brief, due);
  Preview preview;
  preview.documents = hand_over_documents(tx, h);
  preview.shared = h.policy.shared();
  preview.withheld = h.policy.withheld();
  preview.link = ready->agreement.link;
  preview.supplier = find_link(tx, preview.link)->supplier;
  return preview;
}

Result<Message> message_supplier(Tx& tx, DelegationId id, const std::string& text,
                                 const std::vector<AttachmentId>& files) {
  auto open = open_delegation(tx, id);
  if (!open) return open.error();
  if (text.find_first_not_of(" \t\r\n") == std::string::npos)
    return invalid("/text", "must not be empty");
  if (text.size() > kTextBytesMax || !is_utf8(text))
    return invalid("/text", "is too long or not UTF-8");
  if (is_ended(open->delegation.state))
    return cannot(open->delegation, "hand the ticket over again to write.");
  if (auto refused = check_uploaded(tx, open->ticket.id, files, Visibility::supplier)) {
    return *refused;
  }
  if (!files.empty() &&
      !PrivacyPolicy(find_agreement(tx, open->delegation.agreement)->share).allows("attachments")) {
    return invalid("/attachments", "may not leave: the agreement shares no attachments");
  }
  const MessageId message = tell_supplier(tx, *open, text, files);
  if (open->delegation.state == DelegationState::waiting_on_us) {
    move(tx, open->delegation, DelegationState::in_progress, "the desk answered");
    set_status(tx, open->ticket.id, TicketStatus::in_progress, TicketStatus::waiting_supplier,
               "the supplier was answered");
    put_copy(tx, open->ticket, *find_delegation(tx, id), "in_progress");
  }
  return *find_message(tx, message);
}

Result<Delegation> withdraw(Tx& tx, DelegationId id, const std::string& reason) {
  auto open = open_delegation(tx, id);
  if (!open) return open.error();
  if (auto refused = check_reason(reason)) return *refused;
  if (!may_become(open->delegation.state, DelegationState::withdrawn)) {
    return cannot(open->delegation, "there is nothing to withdraw.");
  }
  const Lane lane =
      lane_of_delegation(tx, id, open->delegation.link, open->ticket.id, open->ticket.customer);
  cancel_waiting(tx, lane.id, "the delegation was withdrawn");
  // What never reached the supplier needs no recall; what perhaps did is recalled once that is
  // known.
  if (may_have_left(tx, lane.id)) {
    if (!reason.empty()) tell_supplier(tx, *open, reason);
    put_copy(tx, open->ticket, open->delegation, "withdrawn");
  }
  move(tx, open->delegation, DelegationState::withdrawn, reason);
  after_delegation_moved(tx, open->ticket.id, "the delegation was withdrawn");
  return *find_delegation(tx, id);
}

Result<Delegation> accept(Tx& tx, DelegationId id, const std::string& reason) {
  auto open = open_delegation(tx, id);
  if (!open) return open.error();
  if (auto refused = check_reason(reason)) return *refused;
  if (!may_become(open->delegation.state, DelegationState::accepted)) {
    return cannot(open->delegation, "only a resolved one can be accepted.");
  }
  if (!reason.empty()) tell_supplier(tx, *open, reason);
  put_copy(tx, open->ticket, open->delegation, "closed");
  move(tx, open->delegation, DelegationState::accepted, reason);
  return *find_delegation(tx, id);
}

Result<Delegation> reject(Tx& tx, DelegationId id, const std::string& reason) {
  auto open = open_delegation(tx, id);
  if (!open) return open.error();
  if (auto refused = check_reason(reason)) return *refused;
  if (reason.empty())
    return invalid("/reason", "is required: the supplier must know what is still wrong");
  if (!may_become(open->delegation.state, DelegationState::rejected)) {
    return cannot(open->delegation, "only a resolved one can be rejected.");
  }
  tell_supplier(tx, *open, reason);
  put_copy(tx, open->ticket, open->delegation, "in_progress");
  move(tx, open->delegation, DelegationState::rejected, reason);
  set_status(tx, open->ticket.id, TicketStatus::in_progress, TicketStatus::waiting_supplier,
             "the solution was rejected");
  return *find_delegation(tx, id);
}

void delivered(Tx& tx, const Delivery& delivery, std::string_view external_id,
               std::string_view external_url, json::View reply) {
  if (delivery.lane.delegation.value == 0) return;  // the user's mail has no state of its own
  const auto delegation = find_delegation(tx, delivery.lane.delegation);
  OMBUD_ASSERT(delegation.has_value());
  if (delivery.op == "put_ticket") {
    event::DelegationChanged changed;
    changed.delegation = delegation->id;
    changed.state = delegation->state;
    changed.external_id = external_id;
    changed.external_url = external_url;
    if (delegation->state == DelegationState::sent) changed.state = DelegationState::acknowledged;
    const auto body = json::parse(delivery.body);
    if (delegation->state == DelegationState::accepted && body &&
        (*body)["status"].text() == "closed") {
      changed.state = DelegationState::closed;
    }
    const bool learned_id = !external_id.empty() && delegation->external_id != external_id;
    if (changed.state != delegation->state || learned_id) append(tx, delegation->ticket, changed);
    if (learned_id) {
      // What came about it while nobody knew whose it is: the create was given to a person.
      find_held(tx, delivery.lane.link, external_id);
      not_a_notice(tx, delivery.lane.link, external_id);
    }
  }
  const json::View stored_otherwise = reply["changed"];
  if (stored_otherwise.size() > 0) {
    std::string fields;
    for (std::size_t i = 0; i < stored_otherwise.size(); ++i) {
      fields += (i == 0 ? "" : ", ") + std::string(stored_otherwise.at(i).text());
    }
    add_supplier_message(
        tx, *delegation,
        delegation->supplier + " took it, but stored differently from what was sent: " + fields,
        Party::system, "", Visibility::internal);
  }
}

void undeliverable(Tx& tx, const Delivery& delivery, std::string_view reason) {
  // A letter about no ticket has nobody's timeline to stand in: its operator sees the delivery.
  if (delivery.lane.ticket.value == 0) return;
  // A subscriber that is not told is no business of the ticket's: its operator sees the delivery.
  if (const auto link = find_link(tx, delivery.lane.link); link && link->kind == "subscribers") {
    return;
  }
  const bool unknown = delivery.doubt;
  event::MessageAdded added;
  added.visibility = Visibility::internal;
  added.from = Party::system;
  added.delegation = delivery.lane.delegation;
  added.text =
      fmt::format("{} (delivery {} by {}): {}",
                  unknown ? "It is not known whether this arrived" : "This could not be delivered",
                  delivery.id.value, delivery.lane.link, reason);
  append(tx, delivery.lane.ticket, added);
}

}  // namespace ombud::desk
