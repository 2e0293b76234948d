// The text forms that OpenID Connect is made of: base64url, addresses, queries.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.hpp"

namespace ombud::oidc {

std::string to_base64url(std::string_view bytes);  // without padding (RFC 7515)
// Nothing but the alphabet: no padding, no white space, no bits left over.
std::optional<std::string> from_base64url(std::string_view text);

std::string sha256(std::string_view bytes);  // 32 bytes, not hex
std::string random_bytes(Random& random, std::size_t count);

// Why an address must not be talked to; nothing if it may. https, or http to this very machine
// ("127.0.0.1", "[::1]" or "localhost"): no name and password, no fragment.
std::optional<std::string> refused_address(std::string_view url);
bool is_loopback(std::string_view url);  // of an address that is not refused

// Everything but A-Z a-z 0-9 - . _ ~ percent-encoded.
std::string escape(std::string_view text);
using Fields = std::vector<std::pair<std::string_view, std::string>>;
std::string form_of(const Fields& fields);  // "a=b&c=d": a query, or a body
// The address with these added to the query that it may have.
std::string with_query(std::string_view url, const Fields& fields);

// A query as a browser sends it. Nothing if a name comes twice, or it is not properly encoded.
std::optional<std::map<std::string, std::string, std::less<>>> parse_query(std::string_view text);

// Where to go after signing in: a path of our own pages, or "/".
std::string safe_return(std::string_view to);

std::string lower_ascii(std::string_view text);

}  // namespace ombud::oidc
