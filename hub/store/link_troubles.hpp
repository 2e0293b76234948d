// What does not work with a link now: one row for each thing, with how often in a row, since when,
// the plain message and what to do next. It goes when the same thing works again.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.hpp"

namespace ombud {

struct LinkTrouble {
  std::string link, about;  // about: "poll", "write", "lookup", "status"
  Instant since, last_at;
  std::int64_t times = 0;
  std::string status;  // the outcome, such as "retry"
  std::string message, next_step;
};

// Once more, at tx.at(): counts it, and keeps the newest words.
void note_trouble(Tx& tx, const LinkTrouble& trouble);
void end_trouble(Tx& tx, std::string_view link, std::string_view about);
// Of all links: what only its configuration can mend, when that was read anew.
void end_troubles_about(Tx& tx, std::string_view about);
std::vector<LinkTrouble> troubles_of(Tx& tx, std::string_view link);  // oldest first

}  // namespace ombud
