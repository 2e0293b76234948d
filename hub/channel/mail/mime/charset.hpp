// From what a mail says its bytes are to valid UTF-8, whatever they really are. Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace ombud::mail {

// `label` is the declared character set; may be empty, unknown or wrong.
//  - None, or ASCII: UTF-8 if the bytes are that, else windows-1252.
//  - ISO 8859-1: windows-1252, which is what mail programs mean by it.
//  - UTF-8 that is none: windows-1252 if it looks like that, else with U+FFFD where it is broken.
//  - Others by iconv, with U+FFFD for what cannot be converted; unknown to it: as if none was
//  declared.
// NUL and a byte order mark are left out.
std::string to_utf8(std::string_view bytes, std::string_view label);

// The C1 controls U+0080 to U+009F, which nobody means, as the windows-1252 characters that were
// meant: repairs text that was decoded as ISO 8859-1 by the book.
std::string repair_c1(std::string_view utf8);

// A header's text: one line, no control characters, white space joined, at most `bytes_max`.
std::string one_line(std::string_view utf8, std::size_t bytes_max);

// A body's text: line ends \n, no other control character than tab, no white space at the end of
// the text and no empty lines around it.
std::string body_text(std::string_view utf8);

}  // namespace ombud::mail
