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

// What the supplier answered to it last, such as an HTTP status; 0: nothing.
int last_answer(Tx& tx, DeliveryId id) {
  const auto attempts = attempts_of(tx, id);
  return attempts.empty() ? 0 : attempts.back().supplier_code;
}

// The supplier refused a write for another reason than that the ticket is not there: a copy more
// would stand beside the first.
Problem refused_only(const Delegation& d, DeliveryId delivery, int answer) {
  const std::string answered = answer == 0 ? "" : fmt::format(" (answered {})", answer);
  return conflict(fmt::format(
      "Delivery {0} failed{1}, but that does not say that {2}'s copy of delegation {3} is lost: "
      "only an answer 404 or 410 does. A second ticket would stand beside the first. See why: "
      "ombud delivery show {0}. Mend that, then: ombud delivery retry {0} --reason \"…\". Or leave "
      "it out: ombud delivery skip {0} --reason \"…\". To end the hand-over, withdraw it: ombud "
      "delegation withdraw {3}",
      delivery.value, answered, d.supplier, d.id.value));
}

// Why the copy cannot be taken for lost; empty: it is.
std::optional<Problem> is_still_there(Tx& tx, const Delegation& d, const Lane& lane) {
  DeliveryFilter filter;
  filter.link = d.link;
  filter.ticket = d.ticket;
  filter.trouble_only = true;
  bool lost = false;
  std::optional<Problem> refused;
  for (const Delivery& delivery : list_deliveries(tx, filter, {}, kLookedAt)) {
    if (delivery.lane.id != lane.id) continue;
    if (delivery.doubt) {
      return conflict(
          fmt::format("It is not known whether delivery {0} arrived. Settle that first: ombud "
                      "delivery show {0}",
                      delivery.id.value));
    }
    if (delivery.state != "dead") continue;
    const int answer = last_answer(tx, delivery.id);
    if (answer == 404 || answer == 410) {
      lost = true;
    } else if (!refused) {
      refused = refused_only(d, delivery.id, answer);
    }
  }
  if (lost) return std::nullopt;
  if (refused) return refused;
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
