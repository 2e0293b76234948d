// Letters and white space of ASCII, for names that are not words: header fields, schemes, hosts,
// media types. What is beyond ASCII stays as it is, whatever the locale.
#pragma once

#include <string>
#include <string_view>

namespace ombud {

constexpr bool is_ascii_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}
constexpr bool is_ascii_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr char ascii_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}
constexpr char ascii_upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c;
}
inline std::string ascii_lower(std::string_view text) {
  std::string all(text);
  for (char& c : all) c = ascii_lower(c);
  return all;
}
inline std::string ascii_upper(std::string_view text) {
  std::string all(text);
  for (char& c : all) c = ascii_upper(c);
  return all;
}
// Without white space around.
constexpr std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_ascii_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_ascii_space(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace ombud
