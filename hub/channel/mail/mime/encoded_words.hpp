// Encoded words in headers (RFC 2047), by hand: GMime 3.2 loses what follows a padded base64 word
// when the next word has the same charset, as many programs write them. Pure; takes anything.
#pragma once

#include <string>
#include <string_view>

namespace ombud::mail {

// An unstructured header as UTF-8: words decoded, white space between two of them gone, neighbours
// of one charset joined before they are converted (some programs cut within a character).
std::string decode_words(std::string_view raw);

// The same header with every run of encoded words made one word in UTF-8: for GMime to parse.
std::string join_words(std::string_view raw);

// Base64 as far as it can be read: whatever is a digit counts, the rest is passed over.
std::string loose_base64(std::string_view text);

}  // namespace ombud::mail
