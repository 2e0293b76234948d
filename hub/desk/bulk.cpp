#include "desk/bulk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/assert.hpp"
#include "desk/access.hpp"
#include "desk/limits.hpp"
#include "desk/rearrange.hpp"
#include "desk/ticket_list.hpp"
#include "desk/ticket_people.hpp"

namespace ombud::desk {
namespace {

std::string_view name_of(BulkAction action) {
  switch (action) {
    case BulkAction::none:
      return "";
    case BulkAction::resolve:
      return "resolve";
    case BulkAction::close:
      return "close";
    case BulkAction::reopen:
      return "reopen";
  }
  return "";
}

Result<Ticket> act(Tx& tx, TicketId ticket, const Bulk& request) {
  switch (request.action) {
    case BulkAction::none:
      return visible_ticket(tx, ticket);
    case BulkAction::resolve:
      return resolve(tx, ticket, request.text);
    case BulkAction::close:
      return close(tx, ticket, request.text);
    case BulkAction::reopen:
      return reopen(tx, ticket, request.text);
  }
  return visible_ticket(tx, ticket);
}

constexpr Sql kTicketOfEvent{
    "SELECT ticket_id FROM event WHERE event_id = $1"
    " AND ($tenant IS NULL OR customer_id = $tenant)"};

TicketId ticket_of(Tx& tx, EventId event) {
  Rows rows = tx.query(kTicketOfEvent, event);
  return rows.next() ? TicketId{rows.integer(0)} : TicketId{};
}

// Each once, and not too many.
template <class Id>
std::optional<Problem> refuse_list(const std::vector<Id>& ids, std::string_view name,
                                   std::string_view one) {
  const std::string pointer = fmt::format("/{}", name);
  if (ids.empty()) return invalid(pointer, fmt::format("must name at least one {}", one));
  if (ids.size() > kBulkMax) {
    return invalid(pointer, fmt::format("names more than {} {}", kBulkMax, name));
  }
  std::set<std::int64_t> seen;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (!seen.insert(ids[i].value).second) {
      return invalid(fmt::format("{}/{}", pointer, i), "stands twice");
    }
  }
  return std::nullopt;
}

std::optional<Problem> do_one(Tx& tx, TicketId id, const Bulk& request) {
  const auto ticket = visible_ticket(tx, id);
  if (!ticket) return ticket.error();
  if (request.action != BulkAction::none) {
    // A use case refuses before it writes, but the change must not be made if the action is
    // refused.
    const auto allowed = may(tx.principal(), *ticket, delegations_of(tx, id));
    if (std::find(allowed.begin(), allowed.end(), name_of(request.action)) == allowed.end()) {
      const auto refused = act(tx, id, request);
      OMBUD_ASSERT(!refused.has_value());
      return refused.error();
    }
    const bool speaks = request.action == BulkAction::resolve &&
                        request.text.find_first_not_of(" \t\r\n") != std::string::npos;
    if (speaks) {
      if (auto refused = needs_listener(tx, *ticket)) return refused;
    }
  }
  const auto changed = change(tx, id, std::nullopt, request.change);
  if (!changed) return changed.error();
  const auto acted = act(tx, id, request);
  OMBUD_ASSERT(acted.has_value());
  return std::nullopt;
}

}  // namespace

Result<std::vector<BulkOutcome>> do_all(Tx& tx, const Bulk& request) {
  if (auto refused = needs_desk(tx)) return *refused;
  if (auto refused = refuse_list(request.tickets, "tickets", "ticket")) return *refused;
  if (request.text.size() > kReasonBytesMax) {
    return invalid("/text", fmt::format("is longer than {} bytes", kReasonBytesMax));
  }
  std::vector<BulkOutcome> outcomes;
  for (const TicketId ticket : request.tickets) {
    const EventId before = tx.last_event();
    auto refused = do_one(tx, ticket, request);
    const EventId last = tx.last_event();
    outcomes.push_back({ticket, std::move(refused), last == before ? EventId{} : last});
  }
  return outcomes;
}

Result<std::vector<BulkOutcome>> undo_all(Tx& tx, const std::vector<EventId>& events) {
  if (auto refused = needs_desk(tx)) return *refused;
  if (auto refused = refuse_list(events, "events", "event")) return *refused;
  std::vector<BulkOutcome> outcomes;
  for (const EventId event : events) {
    const TicketId ticket = ticket_of(tx, event);
    const EventId before = tx.last_event();
    const auto undone = undo(tx, ticket, event);
    const EventId last = tx.last_event();
    // Half of it was done when the other half was refused: nothing of the whole request is.
    if (!undone && last != before) return undone.error();
    outcomes.push_back({ticket, {}, last == before ? EventId{} : last});
    if (!undone) outcomes.back().problem = undone.error();
  }
  return outcomes;
}

}  // namespace ombud::desk
