// What a text/calendar part asks (RFC 5545, RFC 5546): enough to tell a reader what, when and
// where. Pure; takes anything.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "channel/mail/mime/message.hpp"

namespace ombud::mail {

// The first event of the part; empty if there is none. `text` is valid UTF-8.
std::optional<CalendarEvent> read_calendar(std::string_view text);

// Some lines for the reader of the ticket, in Swedish or, for "en", in English:
//   Inbjudan: Genomgång
//   När: 2026-11-25 10:00 – 11:00 (Europe/Stockholm)
//   Var: Rum 4
//   Från: Anna Berg
std::string calendar_words(const CalendarEvent& event, std::string_view language);

}  // namespace ombud::mail
