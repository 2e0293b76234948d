// Taking a supplier's change into the ticket (desk/delegations.hpp, apply_change).
#include <fmt/format.h>

#include <set>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "desk/delegations.hpp"
#include "desk/limits.hpp"
#include "desk/link_health.hpp"
#include "domain/delegation_rules.hpp"
#include "store/directory.hpp"
#include "store/held_changes.hpp"
#include "store/ticket_ties.hpp"

namespace ombud::desk {
namespace {

constexpr Sql kTakeEvent{
    "INSERT INTO inbound_event (link_id, event_id, external_id, received_at, outcome, body)"
    " VALUES ($1, $2, $3, $4, $5, $6)"
    " ON CONFLICT DO NOTHING"};
constexpr Sql kDecide{"UPDATE inbound_event SET outcome = $3 WHERE link_id = $1 AND event_id = $2"};
constexpr Sql kKnownEvent{"SELECT 1 FROM inbound_event WHERE link_id = $1 AND event_id = $2"};

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

// Whose change it is: by the supplier's id, by our correlation of the ticket, or by the ticket's
// number.
std::optional<Lane> lane_of(Tx& tx, std::string_view link, json::View change) {
  const std::string_view external_id = change["external_id"].text();
  if (!external_id.empty()) {
    if (auto lane = lane_of_external(tx, link, external_id)) return lane;
  }
  const std::string_view correlation = change["correlation"].text();
  if (!correlation.empty()) {
    const auto delivery = delivery_of_correlation(tx, correlation);
    if (delivery && delivery->lane.link == link) return delivery->lane;
  }
  return lane_of_reference(tx, link, change["reference"].text());
}

// An object of the supplier, as a write of ours would have made it.
struct Made {
  std::string_view op, id, text;
  std::int64_t size = 0;
};
std::optional<Made> made_in(json::View change) {
  const json::View comment = change["comment"], file = change["attachment"];
  if (change["type"].text() == "comment")
    return Made{"add_comment", comment["id"].text(), comment["text"].text()};
  if (change["type"].text() == "attachment") {
    return Made{"add_attachment", file["id"].text(), file["name"].text(), file["size"].integer()};
  }
  return std::nullopt;
}

bool is_echo(Tx& tx, const Lane& lane, json::View change) {
  const std::string_view echo_of = change["echo_of"].text();
  if (!echo_of.empty()) {
    const auto ours = delivery_of_correlation(tx, echo_of);
    if (ours && ours->lane.id == lane.id) return true;
  }
  const auto made = made_in(change);
  return made && !made->id.empty() && made_by_us(tx, lane.id, made->op, made->id);
}

// Nobody said that it is an echo; but a write of ours whose answer never came has made just this.
bool is_silent_echo(Tx& tx, const Lane& lane, json::View change) {
  const auto made = made_in(change);
  return made && !made->id.empty() && change["echo_of"].text().empty() &&
         recognise(tx, lane.id, made->op, made->text, made->size, made->id);
}

// Nobody said so, it looks different, and a write of ours is under way or in doubt that may have
// made it.
bool may_be_echo(Tx& tx, const Lane& lane, json::View change) {
  const auto made = made_in(change);
  return made && change["echo_of"].text().empty() && lane_unsettled(tx, lane.id, made->op);
}

void system_note(Tx& tx, const Delegation& d, std::string text) {
  event::MessageAdded added;
  added.visibility = Visibility::internal;
  added.from = Party::system;
  added.delegation = d.id;
  added.text = std::move(text);
  append(tx, d.ticket, added);
}

bool set_status(Tx& tx, TicketId id, TicketStatus from, TicketStatus to,
                const std::string& reason) {
  const auto ticket = find_ticket(tx, id);
  if (!ticket || ticket->status != from) return false;
  append(tx, id, event::StatusChanged{to, reason});
  return true;
}

// The supplier has renamed a status, or has a new one. What was understood last stays; its own word
// is shown, and who must act is told what to write.
Applied take_unmapped_status(Tx& tx, const Delegation& d, const std::string& own_word) {
  const auto link = find_link(tx, d.link);
  const LinkTrouble trouble =
      unmapped_status(d.link, link ? link->connector : "", d.supplier, own_word);
  note_trouble(tx, trouble);
  event::DelegationChanged changed;
  changed.delegation = d.id;
  changed.state = d.state;
  changed.external_status = own_word;
  append(tx, d.ticket, changed);
  system_note(
      tx, d,
      fmt::format("{} set a status that the link does not map: \"{}\". The delegation stays "
                  "{}. {}",
                  d.supplier, own_word, to_text(d.state), trouble.next_step));
  return Applied::applied;
}

Applied take_status(Tx& tx, const Delegation& d, json::View change) {
  const auto status = from_text<SupplierStatus>(change["status"].text());
  const std::string own_word(cut_utf8(change["status_text"].text(), kNameBytesMax));
  if (!status) return take_unmapped_status(tx, d, own_word);
  const auto next = after_supplier(d.state, *status);
  if (!next) {
    if (!is_ended(d.state)) return Applied::ignored;
    // What the desk has ended stays ended; but the desk should know.
    const bool at_rest = *status == SupplierStatus::closed || *status == SupplierStatus::resolved;
    if (at_rest) return Applied::ignored;
    system_note(tx, d,
                fmt::format("{} set its copy to \"{}\" after the delegation was {}.", d.supplier,
                            own_word.empty() ? to_text(*status) : own_word, to_text(d.state)));
    return Applied::applied;
  }
  event::DelegationChanged changed;
  changed.delegation = d.id;
  changed.state = *next;
  // The id that delivery knows stays: a supplier may hold a second copy, ordered by an operator.
  if (d.external_id.empty()) changed.external_id = std::string(change["external_id"].text());
  changed.external_status = own_word;
  append(tx, d.ticket, changed);
  if (is_with_supplier(*next)) {
    set_status(tx, d.ticket, TicketStatus::in_progress, TicketStatus::waiting_supplier,
               "the supplier works");
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

// A supplier may still write about what is over. If its ticket was merged, nobody looks there any
// more: the desk reads it where the ticket goes on.
void tell_where_it_goes_on(Tx& tx, const Delegation& d, const std::string& what) {
  const auto ticket = followed(tx, d.ticket);
  if (!ticket || ticket->id == d.ticket) return;
  event::MessageAdded note;
  note.visibility = Visibility::internal;
  note.from = Party::system;
  note.text = fmt::format("{} {} on {}, which was merged into this ticket.", d.supplier, what,
                          reference_of(d.ticket));
  append(tx, ticket->id, note);
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
  added.author =
      author.empty() ? d.supplier : fmt::format("{} ({})", cut_utf8(author, 120), d.supplier);
  added.delegation = d.id;
  added.text = text;
  const MessageId message{append(tx, d.ticket, added).event.value};
  tell_where_it_goes_on(tx, d, "wrote");
  if (shown && relays_automatically(tx, d)) {
    event::MessageAdded relay;
    relay.author = desk_identity(tx).name;
    relay.relays = message;
    relay.text = std::move(text);
    append(tx, d.ticket, relay);
  }
  return Applied::applied;
}

Applied take_attachment(Tx& tx, const Delegation& d, const AttachmentBytes& bytes,
                        json::View attachment) {
  const std::string name = to_valid_utf8(cut_utf8(attachment["name"].text("file"), kNameBytesMax));
  if (bytes.sha256.empty()) {
    system_note(tx, d,
                fmt::format("{} attached \"{}\", which could not be fetched; ask for it again.",
                            d.supplier, name));
    return Applied::applied;
  }
  event::AttachmentAdded added;
  added.delegation = d.id;
  added.visibility = !attachment["public"].boolean(true) ? Visibility::internal
                     : relays_automatically(tx, d)       ? Visibility::user
                                                         : Visibility::supplier;
  added.from = Party::supplier;
  added.name = name;
  added.media_type = std::string(attachment["media_type"].text("application/octet-stream"));
  added.bytes = bytes.bytes;
  added.sha256 = bytes.sha256;
  append(tx, d.ticket, added);
  tell_where_it_goes_on(tx, d, fmt::format("attached \"{}\"", name));
  return Applied::applied;
}

Applied take_into(Tx& tx, const Lane& lane, json::View change, const AttachmentBytes& bytes) {
  if (lane.delegation.value == 0) return Applied::unknown_ticket;  // the user's mail thread
  const auto delegation = find_delegation(tx, lane.delegation);
  OMBUD_ASSERT(delegation.has_value());
  const std::string_view type = change["type"].text();
  if (type == "status") return take_status(tx, *delegation, change);
  if (type == "comment") return take_comment(tx, *delegation, change["comment"]);
  if (type == "attachment") return take_attachment(tx, *delegation, bytes, change["attachment"]);
  return Applied::ignored;
}

bool lacks_bytes(const Lane& lane, json::View change, const AttachmentBytes& bytes) {
  const json::View file = change["attachment"];
  const bool there_are = file["content"].is_text() || file["reference"].is_object();
  return lane.delegation.value != 0 && change["type"].text() == "attachment" && there_are &&
         bytes.sha256.empty() && !bytes.lost;
}

// What is to be done with a change whose turn it is: take it as this, or hold it for that.
struct Decision {
  std::optional<HeldFor> hold;
  Applied applied = Applied::held;
  bool gave_up = false;  // it still waited for something, but for too long
};
Decision hold_for(HeldFor why) {
  return {why, Applied::held, false};
}
struct Question {
  json::View change;
  const std::optional<Lane>& lane;
  const AttachmentBytes& bytes;
  // A create is open that had been enqueued when it came.
  bool create_open = false;
  bool too_long = false;
};

Decision decide(Tx& tx, const Question& q, const IntakeRules& rules) {
  if (!q.lane) {
    if (q.create_open && !q.too_long) return hold_for(HeldFor::create);
    return {{}, Applied::unknown_ticket, q.create_open};
  }
  const Lane& lane = *q.lane;
  if (rules.filter_echoes && (is_echo(tx, lane, q.change) || is_silent_echo(tx, lane, q.change))) {
    return {{}, Applied::echo, false};
  }
  const bool doubtful = rules.filter_echoes && may_be_echo(tx, lane, q.change);
  if (doubtful && !q.too_long) return hold_for(HeldFor::write);
  if (lacks_bytes(lane, q.change, q.bytes)) return hold_for(HeldFor::bytes);
  const auto delegation = find_delegation(tx, lane.delegation);
  if (doubtful && delegation) {
    system_note(tx, *delegation,
                fmt::format("What follows from {} may be the desk's own words: it is still unknown "
                            "whether those arrived there.",
                            delegation->supplier));
  }
  return {{}, take_into(tx, lane, q.change, q.bytes), doubtful};
}

// How changes of one supplier ticket know each other.
struct Identity {
  std::string external_id, correlation;
  LaneId lane;
};
Identity identity_of(json::View change, const std::optional<Lane>& lane) {
  Identity identity{std::string(change["external_id"].text()),
                    std::string(change["correlation"].text()), lane ? lane->id : LaneId{}};
  if (identity.external_id.empty() && lane) identity.external_id = lane->external_id;
  return identity;
}

// Whether somebody has told meanwhile whose it is. Costs little: there may be thousands that wait.
bool is_found(Tx& tx, const HeldChange& held) {
  return (!held.external_id.empty() && lane_of_external(tx, held.link, held.external_id)) ||
         (!held.correlation.empty() && delivery_of_correlation(tx, held.correlation));
}

// Those tickets of a link that are still waiting, within one pass.
class Waiting {
 public:
  bool has(const Identity& i) const {
    return external_ids_.contains(i.external_id) || correlations_.contains(i.correlation) ||
           lanes_.contains(i.lane.value);
  }
  void add(const Identity& i) {
    if (!i.external_id.empty()) external_ids_.insert(i.external_id);
    if (!i.correlation.empty()) correlations_.insert(i.correlation);
    if (i.lane.value != 0) lanes_.insert(i.lane.value);
  }

 private:
  std::set<std::string> external_ids_, correlations_;
  std::set<std::int64_t> lanes_;
};

}  // namespace

std::string_view to_text(Applied applied) {
  switch (applied) {
    case Applied::applied:
      return "applied";
    case Applied::duplicate:
      return "duplicate";
    case Applied::echo:
      return "echo";
    case Applied::unknown_ticket:
      return "unknown_ticket";
    case Applied::ignored:
      return "ignored";
    case Applied::held:
      return "held";
  }
  return "ignored";
}

bool is_wanted(Tx& tx, std::string_view link, json::View change) {
  if (tx.query(kKnownEvent, link, change["event_id"].text()).next()) return false;
  const auto lane = lane_of(tx, link, change);
  return lane && !is_echo(tx, *lane, change);
}

Result<Applied> apply_change(Tx& tx, std::string_view link, json::View change,
                             const AttachmentBytes& bytes, const IntakeRules& rules) {
  const std::string_view event_id = change["event_id"].text();
  if (event_id.empty() || event_id.size() > 512) {
    return invalid("/event_id", "is required: without it a change cannot be taken only once");
  }
  const bool known = tx.query(kKnownEvent, link, event_id).next();
  if (known && rules.take_once) return Applied::duplicate;
  const auto lane = lane_of(tx, link, change);
  const Identity identity = identity_of(change, lane);
  const bool create_open = !lane && oldest_open_create(tx, link).has_value();
  const Question question{change, lane, bytes, create_open, false};
  const bool queued = rules.hold_in_order && is_queued(tx, link, identity.external_id,
                                                       identity.correlation, identity.lane);
  const Decision decision = queued ? hold_for(HeldFor::turn) : decide(tx, question, rules);
  const auto taken = tx.run(kTakeEvent, link, event_id, change["external_id"].text(), tx.at(),
                            to_text(decision.applied), change.dump());
  OMBUD_ASSERT(taken == 1 || !rules.take_once);
  const bool unknown = decision.applied == Applied::unknown_ticket;
  if ((decision.hold || unknown) && taken == 1 && rules.keep_held) {
    HeldChange held;
    held.link = link;
    held.event_id = event_id;
    held.external_id = identity.external_id;
    held.correlation = identity.correlation;
    held.lane = identity.lane;
    held.why = decision.hold.value_or(HeldFor::unknown);
    held.after = newest_delivery(tx);
    held.sha256 = bytes.sha256;
    held.bytes = bytes.bytes;
    held.lost = bytes.lost;
    hold(tx, held);
  }
  return decision.applied;
}

HeldPass take_held(Tx& tx, std::string_view link, const IntakeRules& rules) {
  HeldPass pass;
  Waiting waiting;
  const auto open_create = oldest_open_create(tx, link);
  for (const HeldChange& held : held_changes(tx, link)) {
    if (pass.taken >= kHeldPerPass) {
      pass.more = true;
      break;
    }
    const Identity as_it_came{held.external_id, held.correlation, held.lane};
    const Instant too_long_at = held.since + kHeldMax;
    const bool too_long = tx.at() >= too_long_at;
    const bool create_open = open_create && *open_create <= held.after;
    if (rules.hold_in_order && waiting.has(as_it_came)) {
      waiting.add(as_it_came);
      ++pass.left;
      continue;
    }
    if (held.why == HeldFor::create && create_open && !too_long && !is_found(tx, held)) {
      waiting.add(as_it_came);
      pass.look_again = std::min(pass.look_again, too_long_at);
      ++pass.left;
      continue;
    }
    const auto document = json::parse(held_document(tx, held));
    OMBUD_ASSERT(document.has_value());  // it was written by us
    const json::View change = document->root();
    const auto lane = lane_of(tx, link, change);
    const Identity identity = identity_of(change, lane);
    const AttachmentBytes bytes{held.sha256, held.bytes, held.lost};
    const bool queued = rules.hold_in_order && waiting.has(identity);
    const Decision decision = queued
                                  ? hold_for(HeldFor::turn)
                                  : decide(tx, {change, lane, bytes, create_open, too_long}, rules);
    if (decision.hold) {
      ++pass.left;
      waiting.add(as_it_came);
      waiting.add(identity);
      if (*decision.hold != held.why || identity.lane.value != held.lane.value) {
        set_held(tx, held.id, *decision.hold, identity.lane);
        if (*decision.hold == HeldFor::bytes) tx.poke_link(link);
      }
      if (*decision.hold == HeldFor::create || *decision.hold == HeldFor::write) {
        pass.look_again = std::min(pass.look_again, too_long_at);
      }
      continue;
    }
    ++pass.taken;
    tx.run(kDecide, link, held.event_id, to_text(decision.applied));
    if (decision.gave_up) pass.given_up.push_back(held.event_id);
    if (decision.applied == Applied::unknown_ticket) {
      set_held(tx, held.id, HeldFor::unknown, {});
    } else {
      drop_held(tx, held.id);
    }
  }
  return pass;
}

}  // namespace ombud::desk
