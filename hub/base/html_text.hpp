// HTML as plain text that reads well, as mail and tickets need it. Takes anything, in linear time;
// knows no scripts, no styles and no remote content. Pure.
#pragma once

#include <string>
#include <string_view>

namespace ombud {

// `html` is valid UTF-8. Paragraphs become empty lines, list items "- ", quotes "> ", links their
// text with the address behind it where it differs, images their alternative text in brackets.
std::string html_to_text(std::string_view html);

// The text with its entities as the characters they mean, once; what is none stays as it is.
std::string html_unescaped(std::string_view text);

// The charset that a page declares of itself in its first kilobyte; empty if none.
std::string html_charset(std::string_view bytes);

}  // namespace ombud
