// URLs as far as ombud.http/1 needs them: which origin, and what to ask of it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ombud {

// Scheme, host and port, all three compared. The port is always there.
struct Origin {
  bool tls = true;
  std::string host;  // lower case; an IPv6 address without its brackets
  int port = 443;
  bool operator==(const Origin&) const = default;
  auto operator<=>(const Origin&) const = default;
  std::string text() const;  // "https://host:443"
};

struct Url {
  Origin origin;
  std::string target;  // path and query, as given; "/" if empty
};

// Strict: http or https, no user name, no fragment, only visible ASCII, nothing to be guessed.
std::optional<Url> parse_url(std::string_view text);

}  // namespace ombud
