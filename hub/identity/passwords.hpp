// Which passwords are taken, and how one is brought into the form that is hashed.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace ombud::identity {

// In Unicode's composed form (NFC, as RFC 8265 asks for): "å" typed as one character or as a letter
// and a ring is the same password. Nothing if it is empty, too long or not UTF-8: never right then.
std::optional<std::string> prepare_password(std::string_view typed);

// Refuses, at `pointer`, what is too short or too long, common, made of one thing repeated or
// counted up, or holds the name or e-mail of its owner. No rules about kinds of characters.
// Answers the prepared password.
Result<std::string> acceptable_password(std::string_view typed, std::string_view email,
                                        std::string_view name, std::string_view pointer);

// True if its letters are made of common words, years, counted digits and rows of the keyboard
// alone. Told of the lower-case text.
bool is_common_password(std::string_view lower);

}  // namespace ombud::identity
