// Taking a supplier's change into the ticket (desk/delegations.hpp, apply_change).
#include <fmt/format.h>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "desk/delegations.hpp"
#include "desk/limits.hpp"
#include "desk/notices.hpp"
#include "domain/delegation_rules.hpp"
#include "store/directory.hpp"

namespace ombud::desk {
namespace {

constexpr Sql kTakeEvent{
    "INSERT INTO inbound_event (link_id, event_id, received_at, outcome, body) VALUES ($1, $2, $3, $4, $5)"
    " ON CONFLICT DO NOTHING"};
constexpr Sql kKnownEvent{"SELECT 1 FROM inbound_event WHERE link_id = $1 AND event_id = $2"};

struct Target {
  std::optional<Lane> lane;
  bool echo = false;
};

// The newest delegation of the ticket that bears this number, if this link has one.
std::optional<Lane> lane_of_reference(Tx& tx, std::string_view link, std::string_view reference) {
  const TicketId ticket = ticket_of_reference(reference);
  if (ticket.value == 0) return std::nullopt;
  std::optional<Lane> newest;
  for (const Delegation& d : delegations_of(tx, ticket)) {
    if (d.link == link) newest = lane_of_delegation(tx, d.id, d.link, d.ticket, d.customer);
  }
  return newest;
}

// Whose change it is: by the supplier's id, by our correlation of the ticket, or by the ticket's number.
Target target_of(Tx& tx, std::string_view link, json::View change) {
  Target target;
  const std::string_view external_id = change["external_id"].text();
  if (!external_id.empty()) target.lane = lane_of_external(tx, link, external_id);
  const std::string_view correlation = change["correlation"].text();
  if (!target.lane && !correlation.empty()) {
    const auto delivery = delivery_of_correlation(tx, correlation);
    if (delivery && delivery->lane.link == link) target.lane = delivery->lane;
  }
  if (!target.lane) target.lane = lane_of_reference(tx, link, change["reference"].text());
  if (!target.lane) return target;
  const std::string_view echo_of = change["echo_of"].text();
  if (!echo_of.empty()) {
    const auto ours = delivery_of_correlation(tx, echo_of);
    target.echo = ours && ours->lane.id == target.lane->id;
  }
  const std::string_view comment = change["comment"]["id"].text();
  const std::string_view attachment = change["attachment"]["id"].text();
  if ((!comment.empty() && made_by_us(tx, target.lane->id, "add_comment", comment)) ||
      (!attachment.empty() && made_by_us(tx, target.lane->id, "add_attachment", attachment))) {
    target.echo = true;
  }
  return target;
}

void system_note(Tx& tx, const Delegation& d, std::string text) {
  event::MessageAdded added;
  added.visibility = Visibility::internal;
  added.from = Party::system;
  added.delegation = d.id;
  added.text = std::move(text);
  append(tx, d.ticket, added);
}

bool set_status(Tx& tx, TicketId id, TicketStatus from, TicketStatus to, const std::string& reason) {
  const auto ticket = find_ticket(tx, id);
  if (!ticket || ticket->status != from) return false;
  append(tx, id, event::StatusChanged{to, reason});
  return true;
}

Applied take_status(Tx& tx, const Delegation& d, json::View change) {
  const auto status = from_text<SupplierStatus>(change["status"].text());
  const std::string own_word(cut_utf8(change["status_text"].text(), kNameBytesMax));
  if (!status) {
    system_note(tx, d, fmt::format("{} set a status that the link does not map: \"{}\".", d.supplier, own_word));
    return Applied::applied;
  }
  const auto next = after_supplier(d.state, *status);
  if (!next) {
    if (!is_ended(d.state)) return Applied::ignored;
    // What the desk has ended stays ended; but the desk should know.
    const bool at_rest = *status == SupplierStatus::closed || *status == SupplierStatus::resolved;
    if (at_rest) return Applied::ignored;
    system_note(tx, d, fmt::format("{} set its copy to \"{}\" after the delegation was {}.", d.supplier,
                                   own_word.empty() ? to_text(*status) : own_word, to_text(d.state)));
    return Applied::applied;
  }
  event::DelegationChanged changed;
  changed.delegation = d.id;
  changed.state = *next;
  changed.external_id = std::string(change["external_id"].text());
  changed.external_status = own_word;
  append(tx, d.ticket, changed);
  if (is_with_supplier(*next)) {
    set_status(tx, d.ticket, TicketStatus::in_progress, TicketStatus::waiting_supplier, "the supplier works");
  } else {
    for (const Delegation& other : delegations_of(tx, d.ticket)) {
      if (other.id != d.id && is_with_supplier(other.state)) return Applied::applied;
    }
    set_status(tx, d.ticket, TicketStatus::waiting_supplier, TicketStatus::in_progress,
               *next == DelegationState::resolved ? "the supplier says it is solved"
                                                  : "the supplier waits for the desk");
  }
  return Applied::applied;
}

bool relays_automatically(Tx& tx, const Delegation& d) {
  const auto agreement = find_agreement(tx, d.agreement);
  return agreement && agreement->relay_automatically && !is_ended(d.state);
}

Applied take_comment(Tx& tx, const Delegation& d, json::View comment) {
  std::string text = to_valid_utf8(cut_utf8(comment["text"].text(), kTextBytesMax));
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) return Applied::ignored;
  const bool shown = comment["public"].boolean(false);
  event::MessageAdded added;
  // What the supplier keeps to itself stays inside the desk.
  added.visibility = shown ? Visibility::supplier : Visibility::internal;
  added.from = Party::supplier;
  const std::string_view author = comment["author"].text();
  added.author = author.empty() ? d.supplier : fmt::format("{} ({})", cut_utf8(author, 120), d.supplier);
  added.delegation = d.id;
  added.text = text;
  const MessageId message{append(tx, d.ticket, added).event.value};
  if (shown && relays_automatically(tx, d)) {
    event::MessageAdded relay;
    relay.author = desk_identity(tx).name;
    relay.relays = message;
    relay.text = std::move(text);
    const MessageId told{append(tx, d.ticket, relay).event.value};
    send_message(tx, *find_ticket(tx, d.ticket), *find_message(tx, told));
  }
  return Applied::applied;
}

Applied take_attachment(Tx& tx, const Delegation& d, const std::optional<SupplierAttachment>& fetched,
                        json::View attachment) {
  const std::string name = to_valid_utf8(cut_utf8(attachment["name"].text("file"), kNameBytesMax));
  if (!fetched || fetched->sha256.empty()) {
    system_note(tx, d, fmt::format("{} attached \"{}\", which could not be fetched; ask for it again.",
                                   d.supplier, name));
    return Applied::applied;
  }
  event::AttachmentAdded added;
  added.delegation = d.id;
  added.visibility = !fetched->shown             ? Visibility::internal
                     : relays_automatically(tx, d) ? Visibility::user
                                                   : Visibility::supplier;
  added.from = Party::supplier;
  added.name = name;
  added.media_type = std::string(attachment["media_type"].text("application/octet-stream"));
  added.bytes = fetched->bytes;
  added.sha256 = fetched->sha256;
  append(tx, d.ticket, added);
  return Applied::applied;
}

}  // namespace

std::string_view to_text(Applied applied) {
  switch (applied) {
    case Applied::applied: return "applied";
    case Applied::duplicate: return "duplicate";
    case Applied::echo: return "echo";
    case Applied::unknown_ticket: return "unknown_ticket";
    case Applied::ignored: return "ignored";
    case Applied::deferred: return "deferred";
  }
  return "ignored";
}

bool is_wanted(Tx& tx, std::string_view link, json::View change) {
  if (tx.query(kKnownEvent, link, change["event_id"].text()).next()) return false;
  const Target target = target_of(tx, link, change);
  return target.lane && !target.echo;
}

Result<Applied> apply_change(Tx& tx, std::string_view link, json::View change,
                             const std::optional<SupplierAttachment>& fetched) {
  const std::string_view event_id = change["event_id"].text();
  if (event_id.empty() || event_id.size() > 512) {
    return invalid("/event_id", "is required: without it a change cannot be taken only once");
  }
  if (tx.query(kKnownEvent, link, event_id).next()) return Applied::duplicate;
  const Target target = target_of(tx, link, change);
  if (!target.lane && create_unsettled(tx, link)) return Applied::deferred;

  Applied applied = Applied::unknown_ticket;
  if (target.echo) {
    applied = Applied::echo;
  } else if (target.lane && target.lane->delegation.value != 0) {
    const auto delegation = find_delegation(tx, target.lane->delegation);
    OMBUD_ASSERT(delegation.has_value());
    const std::string_view type = change["type"].text();
    if (type == "status") {
      applied = take_status(tx, *delegation, change);
    } else if (type == "comment") {
      applied = take_comment(tx, *delegation, change["comment"]);
    } else if (type == "attachment") {
      applied = take_attachment(tx, *delegation, fetched, change["attachment"]);
    } else {
      applied = Applied::ignored;
    }
  }
  const auto taken = tx.run(kTakeEvent, link, event_id, tx.at(), to_text(applied), change.dump());
  OMBUD_ASSERT(taken == 1);
  return applied;
}

}  // namespace ombud::desk
