#include "redmine/text.hpp"

#include <vector>

#include "base/bytes.hpp"

namespace ombud::redmine {
namespace {

constexpr std::string_view kBlank = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  for (;;) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return lines;
    text.remove_prefix(end + 1);
  }
}

std::optional<std::string> of_line(std::string_view line) {
  line = trimmed(line);
  if (!line.starts_with(kMarkerStart) || !line.ends_with(']')) return std::nullopt;
  line.remove_prefix(kMarkerStart.size());
  line.remove_suffix(1);
  if (line.empty() || line.find_first_of(" []") != std::string_view::npos) return std::nullopt;
  return std::string(line);
}

bool continues_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

}  // namespace

std::string marker(std::string_view correlation) {
  return std::string(kMarkerStart) + std::string(correlation) + "]";
}

std::optional<std::string> marked_last(std::string_view text) {
  const std::vector<std::string_view> lines = lines_of(text);
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
    if (!trimmed(*line).empty()) return of_line(*line);
  }
  return std::nullopt;
}

std::optional<std::string> marked(std::string_view text) {
  const std::vector<std::string_view> lines = lines_of(text);
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
    if (auto found = of_line(*line)) return found;
  }
  return std::nullopt;
}

std::string without_markers(std::string_view text) {
  std::string kept;
  for (const std::string_view line : lines_of(text)) {
    const std::size_t start = line.find_first_not_of("> \t");
    if (start != std::string_view::npos && of_line(line.substr(start))) continue;
    kept += line;
    kept += '\n';
  }
  return normalized(kept);
}

std::string percent_encode(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  static constexpr std::string_view kUnreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string encoded;
  for (const char c : text) {
    if (kUnreserved.find(c) != std::string_view::npos) {
      encoded += c;
      continue;
    }
    const auto code = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += kHex[code >> 4U];
    encoded += kHex[code & 15U];
  }
  return encoded;
}

std::string to_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

std::string normalized(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    plain += text[i];
  }
  plain.erase(plain.find_last_not_of(kBlank) + 1);
  return plain;
}

std::string subject_line(std::string_view text, bool& cut) {
  std::string line = to_valid_utf8(text);
  for (char& c : line) c = static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  line = std::string(trimmed(line));
  std::size_t characters = 0;
  cut = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (continues_character(line[i])) continue;
    if (++characters <= kSubjectCharactersMax) continue;
    line.erase(i);
    cut = true;
  }
  return line;
}

}  // namespace ombud::redmine
