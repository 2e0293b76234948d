#include "domain/ids.hpp"

#include <algorithm>
#include <charconv>

namespace ombud {

std::string reference_of(TicketId ticket) {
  return "OMB-" + std::to_string(ticket.value);
}

TicketId ticket_of_reference(std::string_view text) {
  if (text.size() > 4 && text[3] == '-' && (text[0] | 0x20) == 'o' && (text[1] | 0x20) == 'm' &&
      (text[2] | 0x20) == 'b') {
    text.remove_prefix(4);
  }
  TicketId ticket;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ticket.value);
  if (error != std::errc() || end != text.data() + text.size() || ticket.value < 0) return {};
  return ticket;
}

bool is_key(std::string_view text) {
  const auto alphanumeric = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !text.empty() && text.size() <= 64 && alphanumeric(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [&](char c) { return alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

}  // namespace ombud
