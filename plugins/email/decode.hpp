// What a mail of the supplier means for the ticket: the changes (ombud.change/1) that the hub
// takes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "email/settings.hpp"

namespace ombud::email {

// Pure. Every mail gives at least one change, so none can pass unseen: a comment (the reply without
// history, signature and command word), one attachment a file, and last a status if the reply
// begins with a command word. Automatic mail and bounces become a private comment and never a
// status. `event_id` is the Message-ID (or the digest of the mail if it has none) with "#part" or
// "#status".
// But a mail that belongs to no ticket and announces something (announcement.hpp) gives that alone.
std::vector<std::string> changes_of(std::string_view raw, const Settings& settings);

// Of a mail for which the desk has found no ticket: what it announces, if anything.
std::optional<std::string> announcement_in(std::string_view raw, const Settings& settings);

}  // namespace ombud::email
