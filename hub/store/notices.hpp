// Notices: what suppliers announce, and what the desk itself does (their link is empty). What is
// known of each, whom it concerns, and its own log. The rules are in desk/supplier_notices.hpp and
// desk/own_notices.hpp. Scoped to the principal's tenant: of another customer's notices
// nothing is there.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/notice.hpp"
#include "store/store.hpp"

namespace ombud {

struct Notice {
  NoticeId id;
  std::string link, supplier;  // empty: the desk's own
  Announcement told;           // as the supplier told it last
  NoticeReview review = NoticeReview::fresh;
  std::string public_title, public_text;  // what users read
  std::string reason;                     // of the dismissal
  bool news = false;                      // the supplier told more since the desk decided
  std::int64_t version = 0;
  Instant created_at, updated_at;
  bool for_all = false;  // also for customers that come later; only the desk's own
  // Published again with other words after it was withdrawn: who was told of one is told of the
  // next.
  int edition = 1;
  bool tell_start = false;  // of one that was planned: people are told again when it begins
};
// Whom a notice concerns, and what came of that.
struct NoticeCustomer {
  std::string customer;
  std::vector<std::string> services;  // keys
  bool shown = false;                 // published to this customer
  TicketId ticket;                    // its major incident; 0: none
};
struct NoticeEvent {
  EventId id;
  std::int64_t version = 0;
  Instant at;
  std::string actor, type, data;
};

std::optional<Notice> find_notice(Tx& tx, NoticeId id);
std::optional<Notice> find_notice_of(Tx& tx, std::string_view link, std::string_view remote_id);
std::int64_t count_new_notices(Tx& tx, std::string_view link);

// All but id, version and times, which follow from the event that is appended with it.
NoticeId add_notice(Tx& tx, const Notice& notice);
void put_notice(Tx& tx, const Notice& notice);
// Appends to the notice's log; call after add_notice or put_notice.
void log_notice(Tx& tx, NoticeId id, std::string_view type, std::string_view data);
std::vector<NoticeEvent> events_of_notice(Tx& tx, NoticeId id);  // oldest first

std::vector<NoticeCustomer> customers_of_notice(Tx& tx, NoticeId id);
void put_notice_customer(Tx& tx, NoticeId id, const NoticeCustomer& customer);
void drop_notice_customer(Tx& tx, NoticeId id, std::string_view customer);

struct NoticeFilter {
  std::string link;  // empty: any
  std::optional<NoticeReview> review;
  bool current_only = false;  // neither over nor cancelled
  bool shown_only = false;    // published to the principal's customer
};
struct NoticeKey {
  std::int64_t updated_at = 0;
  NoticeId id;
};
// The newest change first; `before`: the last one seen.
std::vector<Notice> list_notices(Tx& tx, const NoticeFilter& filter,
                                 std::optional<NoticeKey> before, int limit);

// What the links' files say; `ask` for a link that none says anything of.
void put_notice_policy(Tx& tx, std::string_view link, NoticePolicy policy);
NoticePolicy notice_policy(Tx& tx, std::string_view link);

}  // namespace ombud
