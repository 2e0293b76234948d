#include "desk/agreement_preview.hpp"

#include "desk/access.hpp"
#include "desk/hand_over.hpp"
#include "desk/tickets.hpp"

namespace ombud::desk {
namespace {

// A new ticket with everything that an agreement can share.
Handover sample_of(Tx& tx, const Agreement& draft, const std::string& brief) {
  Handover h;
  h.ticket.customer = draft.customer;
  h.ticket.subject = "The printer on floor 3 does not print";
  h.ticket.priority = Priority::high;
  h.ticket.service = draft.services.empty() ? std::string() : draft.services.front();
  h.ticket.created_at = tx.at();
  Person person;
  person.name = "Sam Sample";
  person.email = "sam@customer.example";
  person.phone = "+46 8 000 00 00";
  Message description;
  description.author = person.name;
  description.at = tx.at();
  description.text = "It has a red light. Call Sam Sample at +46 8 000 00 00.";
  Message later = description;
  later.text = "It works again now and then.";
  h.messages = {description, later};
  h.requester = person;
  h.desk = desk_identity(tx);
  if (const auto customer = find_customer(tx, draft.customer)) h.customer_name = customer->name;
  if (const auto service = find_service(tx, h.ticket.service)) h.service_name = service->name;
  h.brief = brief;
  h.policy = PrivacyPolicy(draft.share);
  return h;
}

std::string names_of(const std::vector<Attachment>& files) {
  std::string names;
  for (const Attachment& file : files) {
    if (file.visibility != Visibility::user || file.from != Party::user) continue;
    names += (names.empty() ? "" : ", ") + file.name;
  }
  return names;
}

std::string messages_of_user(const Handover& h) {
  std::string texts;
  for (std::size_t i = 1; i < h.messages.size(); ++i) {  // the first is the description
    const Message& m = h.messages[i];
    if (m.visibility != Visibility::user || m.from != Party::user) continue;
    texts += (texts.empty() ? "" : "\n\n") + m.text;
  }
  return texts;
}

std::string value_of(const Handover& h, const std::string& files, std::string_view field) {
  const Person nobody;
  const Person& person = h.requester ? *h.requester : nobody;
  if (field == "subject") return h.ticket.subject;
  if (field == "description") return h.messages.empty() ? std::string() : h.messages.front().text;
  if (field == "priority") return std::string(to_text(h.ticket.priority));
  if (field == "service") return h.service_name;
  if (field == "customer.name") return h.customer_name;
  if (field == "user.name") return person.name;
  if (field == "user.email") return person.email;
  if (field == "user.phone") return person.phone;
  if (field == "messages") return messages_of_user(h);
  if (field == "attachments") return files;
  return {};
}

}  // namespace

Result<AgreementPreview> preview_agreement(Tx& tx, const Agreement& draft, TicketId id,
                                           const std::string& brief) {
  if (auto refused = needs_inside(tx)) return *refused;
  AgreementPreview preview;
  const auto link = find_link(tx, draft.link);
  if (!link) return invalid("/agreement/link", "is not a link; see /api/v1/links");
  if (!find_customer(tx, draft.customer)) {
    return invalid("/agreement/customer", "is not a customer; see /api/v1/customers");
  }
  preview.supplier = link->supplier;
  preview.sample = id.value == 0;
  std::optional<Instant> due;
  if (draft.resolve_within) due = tx.at() + *draft.resolve_within;
  Handover h;
  std::string files = "red-light.jpg";
  if (preview.sample) {
    h = sample_of(tx, draft, brief);
    h.due_at = due;
    preview.documents.push_back({"put_ticket", ticket_document(h, "new"), "", 0});
    if (h.policy.allows("messages")) {
      const Message& later = h.messages.back();
      preview.documents.push_back(
          {"add_comment", comment_document(h, later.text, true, later.at), "", 0});
    }
  } else {
    const auto ticket = visible_ticket(tx, id);
    if (!ticket) return ticket.error();
    if (ticket->customer != draft.customer) {
      return invalid("/ticket", "is a ticket of another customer than the agreement's");
    }
    h = handover_of(tx, *ticket, draft, brief, due);
    files = names_of(attachments_of(tx, id));
    preview.documents = hand_over_documents(tx, h);
  }
  for (const ShareField& field : share_fields()) {
    preview.fields.push_back(
        {field.name, field.meaning, h.policy.allows(field.name), value_of(h, files, field.name)});
  }
  return preview;
}

}  // namespace ombud::desk
