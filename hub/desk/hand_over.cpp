#include "desk/hand_over.hpp"

#include "base/assert.hpp"
#include "domain/delegation_rules.hpp"
#include "store/mails.hpp"

namespace ombud::desk {
namespace {

Handover handover_for(Tx& tx, const Ticket& ticket, const Delegation& delegation) {
  auto agreement = find_agreement(tx, delegation.agreement);
  OMBUD_ASSERT(agreement.has_value());
  return handover_of(tx, ticket, *agreement, delegation.brief, delegation.due_at);
}

}  // namespace

std::vector<NewDelivery> hand_over_documents(Tx& tx, const Handover& h) {
  std::vector<NewDelivery> documents;
  documents.push_back({"put_ticket", ticket_document(h, "new"), "", 0});
  if (h.policy.allows("attachments")) {
    for (const Attachment& file : attachments_of(tx, h.ticket.id)) {
      if (file.visibility != Visibility::user || file.from != Party::user) continue;
      documents.push_back(
          {"add_attachment", attachment_document(h, file), file.sha256, file.id.value});
    }
  }
  if (h.policy.allows("messages")) {
    const auto mails = mail_messages_of(tx, h.ticket.id);
    for (std::size_t i = 1; i < h.messages.size(); ++i) {  // the first is the description
      const Message& m = h.messages[i];
      if (m.visibility != Visibility::user || m.from != Party::user) continue;
      const auto mail = mails.find(m.id);
      const std::string& words =
          mail != mails.end() && mail->second.shown ? *mail->second.shown : m.text;
      documents.push_back({"add_comment", comment_document(h, words, true, m.at), "", m.id.value});
    }
  }
  return documents;
}

DelegationId hand_over(Tx& tx, const Ticket& ticket, const Agreement& agreement,
                       const std::string& brief) {
  const auto link = find_link(tx, agreement.link);
  OMBUD_ASSERT(link.has_value());
  std::optional<Instant> due;
  if (agreement.resolve_within) due = tx.at() + *agreement.resolve_within;
  const Handover h = handover_of(tx, ticket, agreement, brief, due);
  const auto documents = hand_over_documents(tx, h);

  event::Delegated delegated;
  delegated.agreement = agreement.id;
  delegated.link = agreement.link;
  delegated.supplier = link->supplier;
  delegated.brief = brief;
  delegated.shared = h.policy.shared();
  delegated.withheld = h.policy.withheld();
  delegated.due = due;
  const DelegationId delegation{append(tx, ticket.id, delegated).event.value};
  const Lane lane = lane_of_delegation(tx, delegation, agreement.link, ticket.id, ticket.customer);
  for (const NewDelivery& document : documents) enqueue(tx, lane, document);
  if (ticket.status != TicketStatus::waiting_supplier) {
    append(tx, ticket.id, event::StatusChanged{TicketStatus::waiting_supplier, "handed over"});
  }
  return delegation;
}

bool hand_over_by_agreement(Tx& tx, const Ticket& ticket) {
  std::vector<Agreement> automatic =
      agreements_for(tx, ticket.customer, ticket.service, "", tx.at());
  std::erase_if(automatic, [](const Agreement& a) { return !a.delegate_automatically; });
  if (automatic.size() != 1) return false;
  const Agreement& agreement = automatic.front();
  const auto link = find_link(tx, agreement.link);
  const PrivacyPolicy policy(agreement.share);
  std::string why_not;
  if (!link || !link->configured)
    why_not = "the link \"" + agreement.link + "\" is not configured on this hub";
  if (!policy.allows("subject") && !policy.allows("description")) {
    why_not = "the agreement shares neither subject nor description, so a brief is needed";
  }
  if (why_not.empty()) {
    hand_over(tx, ticket, agreement, "");
    return true;
  }
  event::MessageAdded note;
  note.visibility = Visibility::internal;
  note.from = Party::system;
  note.text = "The agreement asks to hand this over, but " + why_not + ".";
  append(tx, ticket.id, note);
  return true;
}

bool share_with_suppliers(Tx& tx, const Ticket& ticket, MessageId message,
                          const std::vector<AttachmentId>& files,
                          const std::optional<std::string>& words) {
  bool with_supplier = false;
  for (const Delegation& d : delegations_of(tx, ticket.id)) {
    if (is_ended(d.state)) continue;
    const Handover h = handover_for(tx, ticket, d);
    const Lane lane = lane_of_delegation(tx, d.id, d.link, ticket.id, ticket.customer);
    if (message.value != 0 && h.policy.allows("messages")) {
      const auto m = find_message(tx, message);
      enqueue(tx, lane,
              {"add_comment", comment_document(h, words.value_or(m->text), true, m->at), "",
               message.value});
      with_supplier = with_supplier || is_with_supplier(d.state);
    }
    if (h.policy.allows("attachments")) {
      for (const AttachmentId id : files) {
        const auto file = find_attachment(tx, id);
        enqueue(tx, lane,
                {"add_attachment", attachment_document(h, *file), file->sha256, id.value});
        with_supplier = with_supplier || is_with_supplier(d.state);
      }
    }
  }
  return with_supplier;
}

void update_suppliers(Tx& tx, const Ticket& ticket) {
  for (const Delegation& d : delegations_of(tx, ticket.id)) {
    if (!is_ended(d.state)) put_copy(tx, ticket, d, copy_status(d.state));
  }
}

void put_copy(Tx& tx, const Ticket& ticket, const Delegation& delegation, std::string_view status) {
  const Handover h = handover_for(tx, ticket, delegation);
  const Lane lane =
      lane_of_delegation(tx, delegation.id, delegation.link, ticket.id, ticket.customer);
  enqueue(tx, lane, {"put_ticket", ticket_document(h, status), "", 0});
}

std::string_view copy_status(DelegationState state) {
  switch (state) {
    case DelegationState::draft:
    case DelegationState::sent:
    case DelegationState::acknowledged:
      return "new";
    case DelegationState::in_progress:
    case DelegationState::rejected:
      return "in_progress";
    case DelegationState::waiting_on_us:
      return "waiting";
    case DelegationState::resolved:
      return "resolved";
    case DelegationState::accepted:
    case DelegationState::closed:
      return "closed";
    case DelegationState::withdrawn:
      return "withdrawn";
  }
  return "in_progress";
}

}  // namespace ombud::desk
