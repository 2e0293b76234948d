// What letters look like before there is a ticket: facts as they usually are.
#pragma once

#include <string_view>

#include "notify/letters/letter.hpp"

namespace ombud::notify {

LetterFacts sample_facts(Kind kind, std::string_view language);
DigestFacts sample_digest(std::string_view language);
// "registered"; none for "digest" and what is no kind.
std::optional<Kind> kind_from(std::string_view text);

}  // namespace ombud::notify
