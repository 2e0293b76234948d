// Plain text of an HTML mail body: enough to read a reply, never to show HTML.
#pragma once

#include <string>
#include <string_view>

namespace ombud::email {

// Block elements become lines, quoted blocks lines that begin with "> ", entities their characters;
// scripts, styles and the head are left out. UTF-8 in, UTF-8 out; any input is accepted.
std::string html_to_text(std::string_view html);

}  // namespace ombud::email
