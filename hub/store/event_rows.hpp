// Reading the log's rows. Part of the store.
#pragma once

#include <vector>

#include "store/tickets.hpp"

namespace ombud {

// Of columns event_id, ticket_id, version, at, actor, type, data.
std::vector<LoggedEvent> events_from(Rows rows);

}  // namespace ombud
