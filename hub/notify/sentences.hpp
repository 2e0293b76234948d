// What the portal says of one notification: one sentence in the reader's language.
#pragma once

#include <string>
#include <string_view>

#include "notify/kinds.hpp"

namespace ombud::notify {

// `reference`: of the ticket; empty: it is about a notice. `over`: of a major incident.
std::string sentence_of(Kind kind, std::string_view language, std::string_view reference,
                        bool over = false);
// The status as its user has it; empty for one that tells him nothing.
std::string_view status_words(TicketStatus status, std::string_view language);

}  // namespace ombud::notify
