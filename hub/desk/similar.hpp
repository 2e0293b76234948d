// Tickets that are about the same, by their words.
#pragma once

#include <vector>

#include "desk/ticket_list.hpp"

namespace ombud::desk {

struct Similar {
  TicketRow row;
  int score =
      0;  // 1 to 100: how much of this ticket's words the other has, rare ones counting more
};
// The best kSimilarMax, never the ticket itself, only such as the principal sees. Inside only. The
// work is bounded however many tickets there are: of each word only the latest messages are looked
// at, and only the best candidates are compared word by word.
Result<std::vector<Similar>> similar_tickets(Tx& tx, TicketId ticket);

}  // namespace ombud::desk
