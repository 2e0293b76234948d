// [[mail.mailbox]] of ombud.toml: mailboxes that the desk reads by IMAP.
#pragma once

#include <vector>

#include "channel/mail/imap/settings.hpp"
#include "cli/settings.hpp"

namespace ombud::cli {

// Every mistake goes to the reader's; what is wrong reads as its default. `bytes_max`: of one mail.
std::vector<MailboxEntry> read_mailboxes(toml::Reader& mail, const LoadOptions& options,
                                         std::int64_t bytes_max);

}  // namespace ombud::cli
