#include "store/event_rows.hpp"

namespace ombud {

std::vector<LoggedEvent> events_from(Rows rows) {
  std::vector<LoggedEvent> all;
  while (rows.next()) {
    all.push_back({{rows.integer(0)},
                   {rows.integer(1)},
                   rows.integer(2),
                   rows.instant(3),
                   rows.text(4),
                   rows.text(5),
                   rows.text(6)});
  }
  return all;
}

}  // namespace ombud
