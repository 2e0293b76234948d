// What connectors that own their sockets ask of a server's name in their settings.
#pragma once

#include <string_view>

namespace ombud {

// Whoever listens there is on this machine, so nothing can be overheard. "127.0.0.1.example" is a
// name like any other.
inline bool is_loopback(std::string_view host) {
  const bool numeric = host.find_first_not_of("0123456789.") == std::string_view::npos;
  return host == "localhost" || host == "::1" || (numeric && host.starts_with("127."));
}

// A host name or an IP literal: what can stand in a URL without changing its meaning.
inline bool is_host(std::string_view text) {
  constexpr std::size_t kNameBytesMax = 253;
  if (text.empty() || text.size() > kNameBytesMax) return false;
  for (const char c : text) {
    const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!word && c != '.' && c != '-' && c != ':') return false;
  }
  return true;
}

}  // namespace ombud
