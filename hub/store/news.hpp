// What the logs say since an event, for those who listen live. Of all tenants: who may hear of it
// is decided for each listener.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "domain/notice.hpp"
#include "store/store.hpp"

namespace ombud {

struct TicketNews {
  TicketId ticket;
  std::int64_t version = 0;  // now
  std::string customer;
  std::vector<PersonId> people;  // of the customer, whose ticket it is or who approve it
  std::string event;             // type of the most telling one
  std::string shared_event;      // of those that the user's side sees too; empty: there is none
};
struct NewsPage {
  std::vector<TicketNews> tickets;  // each once
  std::int64_t until = 0;           // the last event that was read; `after` if there was none
  bool more = false;
};
// Of at most `limit` events after that one, oldest first.
NewsPage news_after(Tx& tx, std::int64_t after, int limit);

struct NoticeNews {
  std::vector<std::string> customers;  // whom it concerns
  std::vector<std::string> readers;    // of them those whose people see it, or saw it before
};
NoticeNews news_of_notice(Tx& tx, NoticeId notice);

}  // namespace ombud
