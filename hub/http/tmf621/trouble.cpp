#include "http/tmf621/trouble.hpp"

#include <algorithm>
#include <charconv>

#include "base/assert.hpp"
#include "desk/systems.hpp"
#include "desk/tickets.hpp"
#include "domain/event.hpp"
#include "http/tmf621/words.hpp"
#include "store/directory.hpp"

namespace ombud::http::tmf {
namespace {

constexpr int kEventsPage = 1000;

Event event_of(const LoggedEvent& logged) {
  const auto data = json::parse(logged.data);
  OMBUD_ASSERT(data.has_value());  // we wrote it
  auto event = event_from(logged.type, data->root());
  OMBUD_ASSERT(event.has_value());
  return std::move(*event);
}

bool by_customer(std::string_view actor) {
  return actor.starts_with("user:") || actor.starts_with("customer:");
}

void set_status(Trouble& t, std::string_view status, std::string reason, Instant at) {
  if (t.status == status) return;
  t.status = status;
  t.status_reason = reason;
  t.status_at = t.updated_at = at;
  t.steps.push_back({at, t.status, std::move(reason)});
  if (status == "resolved") t.resolved_at = at;
  if (status == "closed" && !t.resolved_at) t.resolved_at = at;
  if (status != "resolved" && status != "closed") t.resolved_at.reset();
}

void take_attributes(Trouble& t, const event::Attributed& e, Instant at) {
  if (t.external_id == e.external_id && t.attributes == e.attributes) return;
  const auto before = json::parse(t.attributes), after = json::parse(e.attributes);
  OMBUD_ASSERT(before && after);
  const std::string_view reason = (*after)["statusChangeReason"].text();
  if (!reason.empty() && reason != (*before)["statusChangeReason"].text()) t.status_reason = reason;
  t.external_id = e.external_id;
  t.attributes = e.attributes;
  t.updated_at = at;
}

void begin(Trouble& t, TicketId ticket, Instant at) {
  t.ticket = ticket;
  t.created_at = t.updated_at = t.status_at = at;
  t.steps.push_back({at, t.status, ""});
}

// Takes one event into the customer's view.
struct CustomerFold {
  Trouble& t;
  const LoggedEvent& logged;

  void operator()(const event::Registered& e) {
    begin(t, logged.ticket, logged.at);
    t.customer = e.customer;
    t.name = e.subject;
    t.description = e.text;
    t.priority = e.priority;
    t.kind = e.kind;
    t.channel = e.channel;
    t.requester = e.requester;
    if (e.requester.value != 0) t.requester_name = e.author;
  }
  void operator()(const event::MessageAdded& e) {
    if (e.visibility != Visibility::user) return;
    t.notes.push_back({logged.id.value, e.author, e.text, logged.at});
    t.updated_at = logged.at;
  }
  void operator()(const event::AttachmentAdded& e) {
    if (e.visibility != Visibility::user) return;
    t.files.push_back({logged.id.value, e.name, e.media_type, e.bytes, logged.at});
    t.updated_at = logged.at;
  }
  void operator()(const event::StatusChanged& e) {
    const bool cancelled =
        e.status == TicketStatus::closed && e.reason.starts_with(desk::kCancelledReason);
    // Only what the customer itself said: the desk's and the hub's reasons are not for it.
    std::string reason = by_customer(logged.actor) ? e.reason : "";
    if (cancelled && !reason.empty()) {
      reason.erase(0, std::min(reason.size(), desk::kCancelledReason.size() + 2));
    }
    set_status(t, cancelled ? "cancelled" : status_of(e.status), std::move(reason), logged.at);
  }
  void operator()(const event::Edited& e) {
    if (!e.subject && !e.priority && !e.kind) return;
    if (e.subject) t.name = *e.subject;
    if (e.priority) t.priority = *e.priority;
    if (e.kind) t.kind = *e.kind;
    t.updated_at = logged.at;
  }
  void operator()(const event::Attributed& e) {
    if (e.delegation.value == 0) take_attributes(t, e, logged.at);
  }
  void operator()(const event::Escalated& e) {
    if (!e.priority) return;
    t.priority = *e.priority;
    t.updated_at = logged.at;
  }
  void operator()(const event::Assigned&) {}
  void operator()(const event::Delegated&) {}
  void operator()(const event::DelegationChanged&) {}
  // The standard has no words for these.
  void operator()(const event::ParticipantAdded&) {}
  void operator()(const event::ParticipantRemoved&) {}
  void operator()(const event::Rated&) {}
  void operator()(const event::Merged&) {}
  void operator()(const event::SplitOff&) {}
  void operator()(const event::Related&) {}
  void operator()(const event::Unrelated&) {}
  void operator()(const event::MailBounced&) {}
  // Whoever waits for a yes has been heard: the order stays acknowledged. A no resolves it.
  void operator()(const event::ApprovalRequested&) {}
  void operator()(const event::ApprovalDecided&) {}
  void operator()(const event::ApprovalWaived&) {}
};

// Takes one event into the view of the delegation's supplier.
struct SupplierFold {
  Trouble& t;
  const LoggedEvent& logged;

  void operator()(const event::Delegated& e) {
    if (logged.id.value != t.delegation.value) return;
    begin(t, logged.ticket, logged.at);
    t.due_at = e.due;
  }
  void operator()(const event::DelegationChanged& e) {
    if (e.delegation == t.delegation) set_status(t, status_of(e.state), e.reason, logged.at);
  }
  void operator()(const event::MessageAdded& e) {
    if (e.delegation != t.delegation || e.from != Party::supplier ||
        e.visibility == Visibility::internal) {
      return;
    }
    t.notes.push_back({logged.id.value, e.author, e.text, logged.at});
    t.updated_at = logged.at;
  }
  void operator()(const event::AttachmentAdded& e) {
    if (e.delegation != t.delegation || e.from != Party::supplier ||
        e.visibility == Visibility::internal) {
      return;
    }
    t.files.push_back({logged.id.value, e.name, e.media_type, e.bytes, logged.at});
    t.updated_at = logged.at;
  }
  void operator()(const event::Attributed& e) {
    if (e.delegation == t.delegation) take_attributes(t, e, logged.at);
  }
  // Nothing of what happens inside the desk is the supplier's.
  template <class Inside>
  void operator()(const Inside&) {}
};

void take_handed(Trouble& t, const Handed& handed) {
  const auto body = json::parse(handed.body);
  OMBUD_ASSERT(body.has_value());
  const json::Document& d = *body;
  if (handed.op == "put_ticket") {
    t.name = d["subject"].text();
    t.description = d["description"].text();
    t.priority = from_text<Priority>(d["priority"].text()).value_or(Priority::normal);
    t.kind = from_text<TicketKind>(d["kind"].text()).value_or(TicketKind::incident);
    t.contact = d["desk"]["email"].text();
    t.contact_name = d["desk"]["name"].text();
    t.shared_customer = d["customer"].text();
    t.shared_user = d["user"]["name"].text(d["user"]["email"].text());
  } else if (handed.op == "add_comment") {
    t.notes.push_back(
        {handed.source, std::string(d["author"].text()), std::string(d["text"].text()), handed.at});
  } else {
    t.files.push_back({handed.source, std::string(d["name"].text()),
                       std::string(d["media_type"].text()), d["size"].integer(), handed.at});
  }
  t.updated_at = std::max(t.updated_at, handed.at);
}

Result<Trouble> delegation_trouble(Tx& tx, TroubleId id) {
  const auto delegation = desk::own_delegation(tx, id.delegation);
  if (!delegation) return delegation.error();
  if (delegation->ticket != id.ticket) return not_found("ticket");
  return fold(all_events_of(tx, id.ticket), id.delegation, handed_over(tx, id.delegation));
}

}  // namespace

std::string Trouble::id() const {
  std::string text = reference_of(ticket);
  if (delegation.value != 0) text += "-" + std::to_string(delegation.value);
  return text;
}

TroubleId trouble_id(std::string_view text) {
  const std::size_t first = text.find('-'), last = text.rfind('-');
  if (first == last) return {ticket_of_reference(text), {}};
  const std::string_view digits = text.substr(last + 1);
  TroubleId id{ticket_of_reference(text.substr(0, last)), {}};
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), id.delegation.value);
  if (error != std::errc() || end != digits.data() + digits.size() || id.delegation.value <= 0) {
    return {};
  }
  return id;
}

Trouble fold(std::span<const LoggedEvent> events) {
  Trouble t;
  for (const LoggedEvent& logged : events) std::visit(CustomerFold{t, logged}, event_of(logged));
  return t;
}

Trouble fold(std::span<const LoggedEvent> events, DelegationId delegation,
             const std::vector<Handed>& handed, std::optional<Instant> until) {
  Trouble t;
  t.delegation = delegation;
  for (const LoggedEvent& logged : events) std::visit(SupplierFold{t, logged}, event_of(logged));
  for (const Handed& document : handed) {
    if (!until || document.at <= *until) take_handed(t, document);
  }
  std::sort(t.notes.begin(), t.notes.end(),
            [](const Note& a, const Note& b) { return a.id < b.id; });
  std::sort(t.files.begin(), t.files.end(),
            [](const File& a, const File& b) { return a.id < b.id; });
  return t;
}

std::vector<LoggedEvent> all_events_of(Tx& tx, TicketId ticket) {
  std::vector<LoggedEvent> all;
  for (;;) {
    auto page = events_of(tx, ticket, all.empty() ? 0 : all.back().version, kEventsPage);
    const bool last = page.size() < static_cast<std::size_t>(kEventsPage);
    std::move(page.begin(), page.end(), std::back_inserter(all));
    if (last) return all;
  }
}

Result<Trouble> find_trouble(Tx& tx, TroubleId id) {
  if (tx.principal().is_supplier()) return delegation_trouble(tx, id);
  if (id.delegation.value != 0) return not_found("ticket");
  const auto ticket = desk::visible_ticket(tx, id.ticket);
  if (!ticket) return ticket.error();
  return fold(all_events_of(tx, id.ticket));
}

}  // namespace ombud::http::tmf
