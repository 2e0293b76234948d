#include "desk/bulk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/assert.hpp"
#include "desk/access.hpp"
#include "desk/limits.hpp"
#include "desk/ticket_list.hpp"

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
  if (request.tickets.empty()) return invalid("/tickets", "must name at least one ticket");
  if (request.tickets.size() > kBulkMax) {
    return invalid("/tickets", fmt::format("names more than {} tickets", kBulkMax));
  }
  if (request.text.size() > kReasonBytesMax) {
    return invalid("/text", fmt::format("is longer than {} bytes", kReasonBytesMax));
  }
  std::set<std::int64_t> seen;
  for (std::size_t i = 0; i < request.tickets.size(); ++i) {
    if (!seen.insert(request.tickets[i].value).second) {
      return invalid(fmt::format("/tickets/{}", i), "stands twice");
    }
  }
  std::vector<BulkOutcome> outcomes;
  for (const TicketId ticket : request.tickets) {
    outcomes.push_back({ticket, do_one(tx, ticket, request)});
  }
  return outcomes;
}

}  // namespace ombud::desk
