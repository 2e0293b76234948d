// format=flowed (RFC 3676): joins the lines that a mail program has broken. Pure.
#pragma once

#include <string>
#include <string_view>

namespace ombud::mail {

// `text` has \n or \r\n as line ends. `delsp`: the space before a soft break goes away too.
std::string unflow(std::string_view text, bool delsp);

}  // namespace ombud::mail
