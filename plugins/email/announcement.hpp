// A supplier's mail that belongs to no ticket and announces something: maintenance, an outage, or
// something to know. Which mails do is said by words of their subject (settings.announcements).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "email/incoming.hpp"

namespace ombud::email {

// Lower case of ASCII and of the Swedish letters.
std::string announcement_lower(std::string_view text);

// ombud.announcement/1; nothing if it is none. The caller has found that it belongs to no ticket.
// Mails of one thread, or whose subjects bear the same number such as CHG0012345, are one
// announcement.
std::optional<std::string> announcement_of(const Incoming& mail, const std::string& fallback_id,
                                           const Settings& settings);

}  // namespace ombud::email
