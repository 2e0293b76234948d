// What the portal says of one notification: one sentence in the reader's language.
#pragma once

#include <string>
#include <string_view>

#include "notify/kinds.hpp"
#include "store/notifications.hpp"

namespace ombud::notify {

// `reference`: of the ticket; empty: it is about a notice. `incident`: of a major incident.
std::string sentence_of(Kind kind, std::string_view language, std::string_view reference,
                        LetterFacts::Phase incident = LetterFacts::Phase::under_way);
// What is to be said of a notice; `told`: null if it is not known any more. `at`: when it is said.
LetterFacts::Phase incident_phase(Phase phase, const Announcement* told, Instant at);
// The status as its user has it; empty for one that tells him nothing.
std::string_view status_words(TicketStatus status, std::string_view language);

}  // namespace ombud::notify
