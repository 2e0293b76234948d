#include "desk/ticket_list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/bytes.hpp"
#include "desk/access.hpp"
#include "desk/approvals.hpp"
#include "desk/limits.hpp"
#include "domain/delegation_rules.hpp"
#include "store/spaced.hpp"

namespace ombud::desk {
namespace {

std::string encode_cursor(std::string_view text) {
  return to_hex(text);
}
std::optional<std::string> decode_cursor(std::string_view hex) {
  std::string text;
  if (hex.size() % 2 != 0 || hex.size() > 128) return std::nullopt;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    unsigned byte = 0;
    const auto [end, error] = std::from_chars(hex.data() + i, hex.data() + i + 2, byte, 16);
    if (error != std::errc() || end != hex.data() + i + 2) return std::nullopt;
    text += static_cast<char>(byte);
  }
  return text;
}
std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "p>3:1042": the order is part of it, so that a cursor is not taken for one of another list.
std::string mark_of(TicketOrder order) {
  return std::string(to_text(order.sort).substr(0, 1)) + (order.ascending ? ">" : "<");
}
std::string text_of(TicketKey key, TicketOrder order) {
  return fmt::format("{}{}:{}", mark_of(order), key.first, key.id.value);
}
std::optional<TicketKey> key_from(std::string_view text, TicketOrder order) {
  if (!text.starts_with(mark_of(order))) return std::nullopt;
  text.remove_prefix(2);
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto first = number(text.substr(0, colon)), id = number(text.substr(colon + 1));
  if (!first || !id) return std::nullopt;
  return TicketKey{*first, {*id}};
}

bool blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

}  // namespace

Result<Listing> list(Tx& tx, const List& request) {
  TicketFilter filter = request.filter;
  const Principal& who = tx.principal();
  if (who.is_supplier()) return not_found("list");  // it has delegations, no tickets
  const bool approver = is_approver(tx, who.person);
  std::vector<std::string> stands_for;
  for (const Deputy& one : approver ? std::vector<Deputy>() : standing_in(tx)) {
    stands_for.push_back(std::to_string(one.approver.value));
  }
  const bool decides = approver || !stands_for.empty();
  if (filter.approval_by.value != 0 && !decides) return Listing{};
  if (!who.inside() && !sees_organisation(who)) {
    filter.seen_by = who.person;
    filter.seen_to_approve = decides;
  }
  if (decides) filter.own_agent = agent_of(tx, who.person);
  filter.stands_for = spaced(stands_for);
  filter.inside_too = who.inside();
  const int limit = std::clamp(request.limit, 1, kPageMax);
  std::optional<std::string> cursor;
  if (!request.cursor.empty()) {
    cursor = decode_cursor(request.cursor);
    if (!cursor) return invalid("/cursor", "is not a cursor that this list gave out");
  }
  Listing listing;
  if (!blank(request.words)) {
    std::optional<std::int64_t> before;
    if (cursor) {
      before = number(*cursor);
      if (!before) return invalid("/cursor", "is not a cursor that this list gave out");
    }
    SearchPage page = search_tickets(tx, request.words, filter, who.inside(), before, limit);
    listing.tickets = std::move(page.tickets);
    if (page.next) listing.next = encode_cursor(std::to_string(*page.next));
    return listing;
  }
  std::optional<TicketKey> after;
  if (cursor) {
    after = key_from(*cursor, request.order);
    if (!after) return invalid("/cursor", "is not a cursor that this list gave out");
  }
  listing.tickets = list_tickets(tx, filter, after, limit + 1, request.order);
  if (listing.tickets.size() > static_cast<std::size_t>(limit)) {
    listing.tickets.pop_back();
    listing.next =
        encode_cursor(text_of(key_of(listing.tickets.back(), request.order.sort), request.order));
  }
  return listing;
}

std::optional<Party> waits_for(const Ticket& ticket) {
  switch (ticket.status) {
    case TicketStatus::fresh:
    case TicketStatus::in_progress:
      return ticket.waits_for_approval() ? Party::user : Party::desk;
    case TicketStatus::waiting_user:
    case TicketStatus::resolved:  // confirms, or objects
      return Party::user;
    case TicketStatus::waiting_supplier:
      return ticket.answered ? Party::desk : Party::supplier;
    case TicketStatus::closed:
      return std::nullopt;
  }
  return std::nullopt;
}

std::vector<TicketRow> rows_of(Tx& tx, std::vector<Ticket> tickets) {
  const Principal& who = tx.principal();
  auto extras = extras_of(tx, tickets, who.actor(), who.inside(), sees_legs(who));
  std::vector<TicketRow> rows(tickets.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    TicketRow& row = rows[i];
    row.ticket = std::move(tickets[i]);
    row.extras = std::move(extras[i]);
    for (const SupplierMark& supplier : row.extras.suppliers) {
      if (is_ended(supplier.state) || !supplier.due_at) continue;
      row.due_at = std::min(row.due_at.value_or(*supplier.due_at), *supplier.due_at);
    }
    if (row.ticket.approval) row.approval = approval_view(tx, row.ticket);
  }
  return rows;
}

std::vector<std::string_view> may(const Principal& who, const Ticket& ticket,
                                  const std::vector<Delegation>& delegations) {
  const bool merged = ticket.merged_into.value != 0;
  const bool ended =
      ticket.status == TicketStatus::resolved || ticket.status == TicketStatus::closed;
  const bool with_supplier = std::any_of(delegations.begin(), delegations.end(),
                                         [](const Delegation& d) { return !is_ended(d.state); });
  const bool own = owns_ticket(who, ticket);
  std::vector<std::string_view> all;
  const auto add = [&](std::string_view what, bool allowed) {
    if (allowed) all.push_back(what);
  };
  if (who.is_customer()) {
    add("reply", true);
    add("attach", true);
    add("close", own && !with_supplier && ticket.status == TicketStatus::resolved);
    add("reopen", ended && !merged);
    add("rate", own && ended && !merged);
    add("add_participant", !merged);
    add("remove_participant", own && !merged);
    return all;
  }
  const bool desk = ombud::may(who, Permission::ticket_work),
             inside = ombud::may(who, Permission::ticket_log);
  add("reply", desk);
  add("note", inside);
  add("attach", inside);
  add("resolve", desk && !ended);
  add("close", desk && !with_supplier && ticket.status != TicketStatus::closed);
  add("reopen", desk && ended && !merged);
  add("change", desk);
  add("set_requester", desk && !merged);
  add("assign", desk);
  add("reassign", desk && ombud::may(who, Permission::ticket_reassign));
  add("escalate", desk && !ended);
  add("delegate", ombud::may(who, Permission::delegation_work) && !ended &&
                      may_leave(ticket.kind, ticket.approval));
  add("merge", desk && !merged && !with_supplier);
  add("split", desk);
  add("relate", desk);
  add("add_participant", desk && !merged);
  add("remove_participant", desk && !merged);
  add("undo", desk && !merged);
  return all;
}

}  // namespace ombud::desk
