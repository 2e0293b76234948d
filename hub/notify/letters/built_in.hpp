// The letters that come with the program.
#pragma once

#include "notify/letters/book.hpp"

namespace ombud::notify {

const LetterFiles& built_in_letters();

}  // namespace ombud::notify
