// What the API tells of the configuration: never a secret.
#pragma once

#include "base/result.hpp"
#include "cli/settings.hpp"
#include "http/link_control.hpp"
#include "notify/letters/book.hpp"

namespace ombud {

// Taken from files that are right. `running`: what the hub was started with, for what is read once.
http::ConfigurationReport report_of(const cli::Settings& settings, const cli::Settings& running,
                                    const notify::LetterBook& letters, Instant now);
// The files were read again and refused; what is loaded stays.
void note_refused(http::ConfigurationReport& report, const Problem& refused, Instant now);

}  // namespace ombud
