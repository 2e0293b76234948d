// The operator's letters, as the settings name their folder.
#pragma once

#include <memory>

#include "cli/settings.hpp"
#include "notify/letters/book.hpp"

namespace ombud::cli {

// Never refuses: what is wrong stands in the book's findings, and the built-in letter is used.
std::shared_ptr<const notify::LetterBook> read_letters(const Settings& settings);

// Own letters of which only one form was changed: who reads the other gets the built-in words.
std::vector<notify::LetterFinding> half_changed_letters(const Settings& settings);

// The customers for whom there are letters, by the names of their folders.
std::vector<std::string> letter_customers(const Settings& settings);

}  // namespace ombud::cli
