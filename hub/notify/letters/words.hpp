// People's words in the forms that letters need. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "notify/letters/letter.hpp"

namespace ombud::notify {

// One line of valid UTF-8 without control characters and without the marks that turn the direction
// of what follows; longer than `bytes_max` ends in "…".
std::string one_line(std::string_view text, std::size_t bytes_max);

// Valid UTF-8 with \n as line ends, no other control characters but tabs, no blanks at the end of
// lines, no empty lines at its ends, and never more than two empty lines together.
std::string many_lines(std::string_view text);

// The same words as HTML: escaped, paragraphs and lines kept, indents kept, addresses that begin
// with http:// or https:// as links. `text` as many_lines gives it.
std::string html_of(std::string_view text);

// Each line after "> ", at most `lines_max` of them; if there are more, the last is "> […]".
std::string quoted(std::string_view text, std::size_t lines_max);
// The same cut without the marks.
std::string first_lines(std::string_view text, std::size_t lines_max);

// "22 november 2026 kl. 10.30", "22 November 2026, 10:30" in that zone (UTC if there is none).
std::string time_words(Instant at, std::string_view zone, std::string_view language);
// "1,4 MB", "12 kB" (decimal, as mail programs count).
std::string size_words(std::int64_t bytes, std::string_view language);
// What an entry of a digest is about: "Nytt svar", "New answer".
std::string_view what_words(Kind kind, std::string_view language);
// A ticket's subject if it has none.
std::string_view no_subject(std::string_view language);

// "registered", as files and the API call it.
std::string_view to_text(Kind kind);

}  // namespace ombud::notify
