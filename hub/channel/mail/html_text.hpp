// HTML mail as plain text that reads well. Takes anything, in linear time; knows no scripts, no
// styles and no remote content. Pure.
#pragma once

#include <string>
#include <string_view>

namespace ombud::mail {

// `html` is valid UTF-8. Paragraphs become empty lines, list items "- ", quotes "> ", links their
// text with the address behind it where it differs, images their alternative text in brackets.
std::string html_to_text(std::string_view html);

// The charset that a page declares of itself in its first kilobyte; empty if none.
std::string html_charset(std::string_view bytes);

}  // namespace ombud::mail
