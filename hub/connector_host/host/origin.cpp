#include "connector_host/host/origin.hpp"

#include <algorithm>
#include <charconv>

#include "base/ascii.hpp"
#include "connector_host/limits.hpp"

namespace ombud {
namespace {

bool only(std::string_view text, std::string_view marks, bool hex_digits_only) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    const bool letter = (c >= 'a' && c <= (hex_digits_only ? 'f' : 'z'));
    return letter || (c >= '0' && c <= '9') || marks.find(c) != std::string_view::npos;
  });
}

}  // namespace

std::string Origin::text() const {
  const bool v6 = host.find(':') != std::string::npos;
  return (tls ? "https://" : "http://") + (v6 ? "[" + host + "]" : host) + ":" +
         std::to_string(port);
}

std::optional<Url> parse_url(std::string_view text) {
  if (text.size() > host_limits::kUrlBytesMax) return std::nullopt;
  for (const char c : text) {
    if (c <= ' ' || c > '~' || c == '\\' || c == '#' || c == '"' || c == '<' || c == '>' ||
        c == '{' || c == '}' || c == '^' || c == '`' || c == '|') {
      return std::nullopt;
    }
  }
  Url url;
  const std::size_t scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos) return std::nullopt;
  const std::string scheme = ascii_lower(text.substr(0, scheme_end));
  if (scheme != "https" && scheme != "http") return std::nullopt;
  url.origin.tls = scheme == "https";
  url.origin.port = url.origin.tls ? 443 : 80;
  text.remove_prefix(scheme_end + 3);
  const std::size_t authority_end = std::min(text.find_first_of("/?"), text.size());
  std::string_view authority = text.substr(0, authority_end);
  const std::string_view target = text.substr(authority_end);
  if (authority.find('@') != std::string_view::npos) return std::nullopt;
  std::string_view port;
  bool has_port = false;
  if (authority.starts_with('[')) {
    const std::size_t close = authority.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    url.origin.host = ascii_lower(authority.substr(1, close - 1));
    if (!only(url.origin.host, ":.", true)) return std::nullopt;
    authority.remove_prefix(close + 1);
    if (!authority.empty() && authority[0] != ':') return std::nullopt;
    has_port = !authority.empty();
    if (has_port) port = authority.substr(1);
  } else {
    const std::size_t colon = authority.find(':');
    url.origin.host = ascii_lower(authority.substr(0, colon));
    if (!only(url.origin.host, "-._", false)) return std::nullopt;
    has_port = colon != std::string_view::npos;
    if (has_port) port = authority.substr(colon + 1);
  }
  if (has_port) {
    const auto [end, error] =
        std::from_chars(port.data(), port.data() + port.size(), url.origin.port);
    if (error != std::errc() || end != port.data() + port.size() || url.origin.port < 1 ||
        url.origin.port > 65535) {
      return std::nullopt;
    }
  }
  url.target = target.empty()     ? "/"
               : target[0] == '?' ? "/" + std::string(target)
                                  : std::string(target);
  return url;
}

}  // namespace ombud
