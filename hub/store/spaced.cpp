#include "store/spaced.hpp"

#include <algorithm>

namespace ombud {

std::string spaced(const std::vector<std::string>& entries) {
  std::string text = entries.empty() ? "" : " ";
  for (const std::string& entry : entries) text += entry + " ";
  return text;
}

std::vector<std::string> parts_of(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (end > 0) parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

}  // namespace ombud
