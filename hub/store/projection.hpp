// Brings the state tables up to one event. Used by append(), and by the rebuild that proves the
// tables are nothing but the log.
#pragma once

#include "domain/event.hpp"
#include "store/store.hpp"

namespace ombud {

struct Stamp {
  EventId id;
  TicketId ticket;
  std::int64_t version = 0;
  std::string customer;
  Instant at;
  std::string actor;
};
void project(Tx& tx, const Stamp& stamp, const Event& event);

// Differences between the state tables and what the log says they must be; empty: equal. Rebuilds
// into temporary tables, so give it a writing transaction and let that be undone.
std::vector<std::string> verify_projection(Tx& tx);

}  // namespace ombud
