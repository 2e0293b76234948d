// How addresses, domains and words of services are kept: ASCII letters in lower case, all else as
// it is written.
#pragma once

#include <string>
#include <string_view>

namespace ombud {

inline std::string lower(std::string_view text) {
  std::string copy(text);
  for (char& c : copy) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return copy;
}

}  // namespace ombud
