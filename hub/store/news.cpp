#include "store/news.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>

#include "store/approvals.hpp"
#include "store/notices.hpp"
#include "store/ticket_ties.hpp"

namespace ombud {
namespace {

// The id of a message or file is that of its event.
constexpr Sql kNews{
    "SELECT e.event_id, e.ticket_id, e.type, coalesce(m.visibility, a.visibility, ''), t.version,"
    " t.customer_id, t.requester_id, t.approval = 'needed' FROM event e JOIN ticket t ON "
    "t.ticket_id = e.ticket_id"
    " LEFT JOIN message m ON m.message_id = e.event_id"
    " LEFT JOIN attachment a ON a.attachment_id = e.event_id"
    " WHERE e.event_id > $1 ORDER BY e.event_id LIMIT $2"
    " -- all tenants: each listener hears only what he may"};

// Events of which a user sees something; messages and files only if they are not internal.
constexpr std::array<std::string_view, 12> kShared{"registered",
                                                   "message_added",
                                                   "attachment_added",
                                                   "status_changed",
                                                   "edited",
                                                   "merged",
                                                   "participant_added",
                                                   "participant_removed",
                                                   "rated",
                                                   "approval_requested",
                                                   "approval_decided",
                                                   "approval_waived"};

// Of several at once the most telling is told: a message that also changes the status is a message.
int weight_of(std::string_view type) {
  if (type == "registered") return 4;
  if (type == "message_added") return 3;
  if (type == "delegated" || type == "delegation_changed") return 2;
  if (type == "status_changed") return 1;
  return 0;
}

void take(std::string& told, std::string_view type) {
  if (told.empty() || weight_of(type) >= weight_of(told)) told = type;
}

bool is_shared(std::string_view type, std::string_view visibility) {
  return std::find(kShared.begin(), kShared.end(), type) != kShared.end() &&
         (visibility.empty() || visibility == to_text(Visibility::user));
}

}  // namespace

NewsPage news_after(Tx& tx, std::int64_t after, int limit) {
  NewsPage page;
  page.until = after;
  int read = 0;
  std::unordered_map<std::int64_t, std::size_t> place_of;  // in page.tickets
  std::unordered_set<std::int64_t> asked;                  // tickets that concern approvers
  Rows rows = tx.query(kNews, after, limit);
  while (rows.next()) {
    ++read;
    page.until = rows.integer(0);
    const TicketId ticket{rows.integer(1)};
    const auto [known, first] = place_of.emplace(ticket.value, page.tickets.size());
    if (first) {
      page.tickets.push_back({ticket, rows.integer(4), rows.text(5), {}, {}, {}});
      const PersonId requester{rows.integer(6)};
      if (requester.value != 0) page.tickets.back().people.push_back(requester);
    }
    TicketNews& news = page.tickets[known->second];
    // Whoever is or was asked: what waits for him has changed.
    if (rows.integer(7) != 0 || rows.view(2).starts_with("approval_")) asked.insert(ticket.value);
    take(news.event, rows.view(2));
    if (is_shared(rows.view(2), rows.view(3))) take(news.shared_event, rows.view(2));
  }
  page.more = read == limit;
  for (TicketNews& news : page.tickets) {
    for (const Participant& each : participants_of(tx, news.ticket)) {
      news.people.push_back(each.person);
    }
    if (!asked.contains(news.ticket.value)) continue;
    for (const Approver& each : approvers_of(tx, news.customer)) news.people.push_back(each.person);
    for (const Deputy& each : active_deputies(tx, news.customer))
      news.people.push_back(each.person);
  }
  return page;
}

NoticeNews news_of_notice(Tx& tx, NoticeId notice) {
  NoticeNews news;
  const auto events = events_of_notice(tx, notice);
  const auto now = find_notice(tx, notice);
  const bool was_public = std::any_of(events.begin(), events.end(), [](const NoticeEvent& event) {
    return event.type == "published";
  });
  for (const NoticeCustomer& customer : customers_of_notice(tx, notice)) {
    news.customers.push_back(customer.customer);
    const bool taken_back = now && now->review != NoticeReview::published && was_public;
    if (customer.shown || taken_back) news.readers.push_back(customer.customer);
  }
  return news;
}

}  // namespace ombud
