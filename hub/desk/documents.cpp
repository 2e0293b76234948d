#include "desk/documents.hpp"

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "base/json.hpp"
#include "desk/limits.hpp"
#include "store/systems.hpp"

namespace ombud::desk {
namespace {

PersonFacts facts_of(const Handover& h) {
  if (!h.requester) return {};
  return {h.requester->name, h.requester->email, h.requester->phone};
}

std::string subject_of(const Handover& h) {
  if (h.policy.allows("subject")) return h.policy.redact(h.ticket.subject, facts_of(h));
  const std::string_view line = std::string_view(h.brief).substr(0, h.brief.find('\n'));
  return line.empty() ? reference_of(h.ticket.id) : std::string(cut_utf8(line, kSubjectBytesMax));
}

std::string description_of(const Handover& h) {
  std::string text = h.brief;
  if (h.policy.allows("description") && !h.messages.empty() && !h.messages.front().text.empty()) {
    if (!text.empty()) text += "\n\n";
    text += h.policy.redact(h.messages.front().text, facts_of(h));
  }
  return text;
}

void put_user(json::Writer& out, const Handover& h) {
  if (!h.requester) return;
  const bool name = h.policy.allows("user.name"), email = h.policy.allows("user.email"),
             phone = h.policy.allows("user.phone");
  if (!name && !email && !phone) return;
  out.begin_object("user");
  if (name) out.field("name", h.requester->name);
  if (email) out.field("email", h.requester->email);
  if (phone) out.field("phone", h.requester->phone);
  out.end_object();
}

// As base/random.hpp mints them: nothing but such an id may travel on.
bool is_correlation(std::string_view text) {
  return text.size() == 26 &&
         text.find_first_not_of("0123456789abcdefghjkmnpqrstvwxyz") == std::string_view::npos;
}

// By which names the ticket came through other hubs, so that one of them knows it again.
std::vector<std::string> origins_of(Tx& tx, TicketId ticket) {
  std::vector<std::string> origins;
  const Attributes kept = attributes_of(tx, ticket, {});
  if (is_correlation(kept.external_id)) origins.push_back(kept.external_id);
  const auto attributes = json::parse(kept.data);
  OMBUD_ASSERT(attributes.has_value());  // it is in our log
  const json::View entities = (*attributes)["relatedEntity"];
  for (std::size_t i = 0; i < entities.size(); ++i) {
    const std::string_view id = entities.at(i)["id"].text();
    if (entities.at(i)["role"].text() == "origin" && is_correlation(id) && id != kept.external_id) {
      origins.emplace_back(id);
    }
  }
  return origins;
}

}  // namespace

Handover handover_of(Tx& tx, const Ticket& ticket, const Agreement& agreement,
                     const std::string& brief, std::optional<Instant> due_at) {
  Handover h;
  h.ticket = ticket;
  h.messages = messages_of(tx, ticket.id);
  if (ticket.requester.value != 0) h.requester = find_person(tx, ticket.requester);
  h.desk = desk_identity(tx);
  if (const auto customer = find_customer(tx, ticket.customer)) h.customer_name = customer->name;
  if (const auto service = find_service(tx, ticket.service)) h.service_name = service->name;
  h.brief = brief;
  h.due_at = due_at;
  h.origins = origins_of(tx, ticket.id);
  h.policy = PrivacyPolicy(agreement.share);
  return h;
}

std::string ticket_document(const Handover& h, std::string_view status) {
  json::Writer out;
  out.begin_object()
      .field("schema", "ombud.ticket/1")
      .field("reference", reference_of(h.ticket.id))
      .field("kind", to_text(h.ticket.kind))
      .field("status", status)
      .field("subject", subject_of(h))
      .field("description", description_of(h));
  // Always there, so that no connector has to guess; it says nothing unless it is shared.
  const Priority priority = h.policy.allows("priority") ? h.ticket.priority : Priority::normal;
  out.field("priority", to_text(priority));
  if (h.policy.allows("service") && !h.service_name.empty()) out.field("service", h.service_name);
  if (h.policy.allows("customer.name")) out.field("customer", h.customer_name);
  put_user(out, h);
  out.begin_object("desk").field("name", h.desk.name).field("email", h.desk.email).end_object();
  out.field("opened_at", to_rfc3339(h.ticket.created_at));
  if (h.due_at) out.field("due_at", to_rfc3339(*h.due_at));
  if (!h.origins.empty()) {
    out.begin_array("origins");
    for (const std::string& origin : h.origins) out.value(origin);
    out.end_array();
  }
  out.end_object();
  return out.take();
}

std::string comment_document(const Handover& h, std::string_view text, bool from_user, Instant at) {
  const bool named = from_user && h.requester && h.policy.allows("user.name");
  json::Writer out;
  out.begin_object()
      .field("schema", "ombud.comment/1")
      .field("reference", reference_of(h.ticket.id))
      .field("subject", subject_of(h))
      .field("text", from_user ? h.policy.redact(text, facts_of(h)) : std::string(text))
      .field("public", true)
      .field("author", named ? h.requester->name : h.desk.name)
      .field("at", to_rfc3339(at))
      .end_object();
  return out.take();
}

std::string attachment_document(const Handover& h, const Attachment& attachment) {
  json::Writer out;
  out.begin_object()
      .field("schema", "ombud.attachment/1")
      .field("reference", reference_of(h.ticket.id))
      .field("subject", subject_of(h))
      .field("name", attachment.name)
      .field("media_type", attachment.media_type)
      .field("size", attachment.bytes)
      .field("sha256", attachment.sha256)
      .end_object();
  return out.take();
}

}  // namespace ombud::desk
