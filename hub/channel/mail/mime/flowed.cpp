#include "channel/mail/mime/flowed.hpp"

namespace ombud::mail {

std::string unflow(std::string_view text, bool delsp) {
  std::string joined;
  joined.reserve(text.size());
  bool open = false;  // the paragraph goes on
  std::size_t open_depth = 0;
  while (!text.empty()) {
    std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);

    const std::size_t depth = std::min(line.find_first_not_of('>'), line.size());
    line.remove_prefix(depth);
    if (line.starts_with(' ')) line.remove_prefix(1);  // space-stuffing
    const bool signature = line == "-- ";
    const bool goes_on = line.ends_with(' ') && !signature;

    const bool joins = open && depth == open_depth && !signature;
    if (!joins) {
      if (open) joined += '\n';
      joined.append(depth, '>');
      if (depth > 0) joined += ' ';
    }
    if (goes_on && delsp) line.remove_suffix(1);
    joined += line;
    open = goes_on;
    open_depth = depth;
    if (!goes_on) joined += '\n';
  }
  return joined;
}

}  // namespace ombud::mail
