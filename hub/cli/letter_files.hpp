// The operator's letters, as the settings name their folder.
#pragma once

#include <memory>

#include "cli/settings.hpp"
#include "notify/letters/book.hpp"

namespace ombud::cli {

// Never refuses: what is wrong stands in the book's findings, and the built-in letter is used.
std::shared_ptr<const notify::LetterBook> read_letters(const Settings& settings);

}  // namespace ombud::cli
