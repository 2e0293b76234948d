#include "desk/lost_copies.hpp"

#include <fmt/format.h>

#include "base/bytes.hpp"
#include "desk/access.hpp"
#include "desk/delegations.hpp"
#include "desk/limits.hpp"
#include "domain/delegation_rules.hpp"
#include "store/outbox.hpp"

namespace ombud::desk {
namespace {

constexpr int kLookedAt = 200;  // deliveries of one ticket that are dead

// Why the copy cannot be taken for lost; empty: it is.
std::optional<Problem> is_still_there(Tx& tx, const Delegation& d, const Lane& lane) {
  DeliveryFilter filter;
  filter.link = d.link;
  filter.ticket = d.ticket;
  filter.trouble_only = true;
  for (const Delivery& delivery : list_deliveries(tx, filter, {}, kLookedAt)) {
    if (delivery.lane.id != lane.id) continue;
    if (delivery.doubt) {
      return conflict(
          fmt::format("It is not known whether delivery {0} arrived. Settle that first: ombud "
                      "delivery show {0}",
                      delivery.id.value));
    }
    if (delivery.state == "dead") return std::nullopt;
  }
  return conflict(
      fmt::format("Nothing says that {}'s copy of delegation {} is lost. To end it, withdraw it.",
                  d.supplier, d.id.value));
}

}  // namespace

Result<Delegation> write_off(Tx& tx, DelegationId id, const std::string& reason) {
  if (auto refused = needs_desk(tx)) return *refused;
  if (reason.size() > kReasonBytesMax || !is_utf8(reason)) {
    return invalid("/reason", "is too long or not UTF-8");
  }
  const auto d = find_delegation(tx, id);
  if (!d) return not_found("delegation");
  if (is_ended(d->state)) {
    return conflict(fmt::format("Delegation {} to {} is {} already.", d->id.value, d->supplier,
                                to_text(d->state)));
  }
  const Lane lane = lane_of_delegation(tx, d->id, d->link, d->ticket, d->customer);
  if (auto refused = is_still_there(tx, *d, lane)) return *refused;
  cancel_waiting(tx, lane.id, "the supplier no longer has the ticket");
  event::DelegationChanged changed;
  changed.delegation = d->id;
  changed.state = DelegationState::withdrawn;
  changed.reason = reason.empty() ? "the supplier no longer has the ticket" : reason;
  append(tx, d->ticket, changed);
  const auto ticket = find_ticket(tx, d->ticket);
  bool waits = false;
  for (const Delegation& other : delegations_of(tx, d->ticket)) {
    waits = waits || is_with_supplier(other.state);
  }
  if (ticket->status == TicketStatus::waiting_supplier && !waits) {
    append(tx, d->ticket,
           event::StatusChanged{TicketStatus::in_progress, "the supplier's copy was lost"});
  }
  return *find_delegation(tx, id);
}

Result<Delegation> recreate(Tx& tx, DelegationId id, const std::string& reason) {
  const auto lost = write_off(tx, id, reason);
  if (!lost) return lost.error();
  Delegate again;
  again.ticket = lost->ticket;
  again.link = lost->link;
  again.brief = lost->brief;
  return delegate(tx, again);
}

}  // namespace ombud::desk
