// Parts of a request target (RFC 3986).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ombud::http {

// Nothing if an escape is broken or the result is not UTF-8 or holds a NUL.
// `form`: a plus is a space, as in queries.
std::optional<std::string> percent_decode(std::string_view text, bool form);

// Everything but letters, digits and "-._~" escaped: fit for any part of an address, and for the
// filename* of a Content-Disposition (RFC 8187).
std::string percent_encode(std::string_view text);

}  // namespace ombud::http
