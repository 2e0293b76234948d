// Words in the full-text index, with bounded work.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "store/store.hpp"

namespace ombud {

// The latest messages and subjects that hold this word (as Tx::words_of gives it).
struct WordHits {
  int messages = 0;               // of all tenants, `limit` at most
  std::int64_t oldest = 0;        // the event id of the oldest of them
  std::vector<TicketId> tickets;  // of the principal's, each once
};
WordHits latest_with(Tx& tx, std::string_view word, int limit);

// What opened the ticket.
std::string first_text_of(Tx& tx, TicketId ticket);
EventId newest_event(Tx& tx);  // 0: there is none

}  // namespace ombud
