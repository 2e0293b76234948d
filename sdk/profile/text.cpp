#include "profile/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <vector>

#include "base/bytes.hpp"
#include "base/html_text.hpp"
#include "base/time.hpp"

namespace ombud::profile {
namespace {

constexpr std::string_view kBlank = " \t\r\n";
constexpr std::string_view kHiddenStart = "<!-- ombud:";
constexpr std::string_view kHiddenEnd = " -->";
constexpr std::int64_t kRetryAfterSecondsMax = 31'536'000;

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  for (;;) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return lines;
    text.remove_prefix(end + 1);
  }
}

std::optional<std::string> between(std::string_view line, std::string_view start,
                                   std::string_view end) {
  if (!line.starts_with(start) || !line.ends_with(end)) return std::nullopt;
  if (line.size() <= start.size() + end.size()) return std::nullopt;
  line.remove_prefix(start.size());
  line.remove_suffix(end.size());
  if (line.find_first_of(" []<>") != std::string_view::npos) return std::nullopt;
  return std::string(line);
}

std::optional<std::string> of_line(std::string_view line) {
  line = trimmed(line);
  if (line.starts_with('\\')) line.remove_prefix(1);  // as wiki and Markdown texts escape it
  if (auto shown = between(line, kMarkerStart, "]")) return shown;
  return between(line, kHiddenStart, kHiddenEnd);
}

bool continues_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string backslashed(std::string_view text, std::string_view special) {
  std::string escaped;
  escaped.reserve(text.size() + 16);
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || read.ec != std::errc() || read.ptr != text.data() + text.size()) {
    return std::nullopt;
  }
  return number;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::string marker(std::string_view correlation) {
  return std::string(kMarkerStart) + std::string(correlation) + "]";
}

std::string hidden_marker(std::string_view correlation) {
  return std::string(kHiddenStart) + std::string(correlation) + std::string(kHiddenEnd);
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

std::string one_line(std::string_view text) {
  std::string line = to_valid_utf8(text);
  for (char& c : line) c = static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  return std::string(trimmed(line));
}

std::string truncated(std::string_view text, std::size_t characters) {
  std::size_t seen = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (continues_character(text[i])) continue;
    if (++seen > characters) return std::string(text.substr(0, i));
  }
  return std::string(text);
}

std::string to_lower(std::string_view text) {
  std::string all(text);
  for (char& c : all) c = lower(c);
  return all;
}

std::string to_upper(std::string_view text) {
  std::string all(text);
  for (char& c : all) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return all;
}

std::string percent_encode(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size() + 16);
  for (const char c : text) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
        c == '.' || c == '_' || c == '~') {
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

std::string html_escaped(std::string_view text) {
  std::string html;
  html.reserve(text.size() + 32);
  for (const char c : text) {
    switch (c) {
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '&':
        html += "&amp;";
        break;
      case '"':
        html += "&quot;";
        break;
      case '\r':
        break;
      case '\n':
        html += "<br>\n";
        break;
      default:
        html += c;
    }
  }
  return html;
}

std::string entities_decoded(std::string_view text) {
  constexpr std::string_view kNoBreak = "&nbsp;";  // an editor's, where the writer put a space
  std::string plain;
  for (std::size_t end = text.find(kNoBreak); end != std::string_view::npos;
       end = text.find(kNoBreak)) {
    plain += html_unescaped(text.substr(0, end)) + " ";
    text.remove_prefix(end + kNoBreak.size());
  }
  return plain + html_unescaped(text);
}

// Not that of base, which makes a mail pleasant to read: here every line must come back as it was
// sent, or each update would write the text again.
std::string html_to_text(std::string_view html) {
  std::string plain;
  plain.reserve(html.size());
  for (std::size_t i = 0; i < html.size(); ++i) {
    const char c = html[i];
    if (c == '\r' || c == '\n') {  // white space only, in HTML
      if (!plain.empty() && plain.back() != '\n' && plain.back() != ' ') plain += ' ';
      continue;
    }
    if (c != '<') {
      plain += c;
      continue;
    }
    if (html.substr(i).starts_with(kHiddenStart)) {  // our own marker stays, on a line of its own
      const std::size_t end = html.find(kHiddenEnd, i);
      if (end != std::string_view::npos) {
        plain += "\n" + std::string(html.substr(i, end + kHiddenEnd.size() - i)) + "\n";
        i = end + kHiddenEnd.size() - 1;
        continue;
      }
    }
    const std::size_t end = html.find('>', i);
    if (end == std::string_view::npos) break;
    const std::string tag = to_lower(html.substr(i + 1, end - i - 1));
    std::string name = tag.substr(0, tag.find_first_of(" \t\r\n"));
    if (name.ends_with('/') && name.size() > 1) name.pop_back();
    if (name == "script" || name == "style") {
      const std::size_t close = to_lower(html.substr(end)).find("</" + name);
      if (close == std::string::npos) break;
      const std::size_t closed = html.find('>', end + close);
      if (closed == std::string_view::npos) break;
      i = closed;
      continue;
    }
    static constexpr std::array<std::string_view, 14> kBreaks = {
        "br",  "/p",  "/div",        "/li", "/tr",  "/h1", "/h2",
        "/h3", "/h4", "/blockquote", "hr",  "/pre", "/ul", "/ol"};
    if (std::find(kBreaks.begin(), kBreaks.end(), name) != kBreaks.end()) {
      while (plain.ends_with(' ')) plain.pop_back();
      plain += '\n';
    }
    i = end;
  }
  std::string lines;
  for (const std::string_view line : lines_of(plain)) {
    const std::size_t first = line.find_first_not_of(' ');
    if (first != std::string_view::npos) lines += line.substr(first);
    lines += '\n';
  }
  return normalized(entities_decoded(lines));
}

std::string markdown_escaped(std::string_view text) {
  return backslashed(text, "\\`*_{}[]<>#|~");
}

// Redmine's Textile has no escape but <notextile>; what would become markup gets an entity.
std::string textile_escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (std::string_view("*_@|{}<>").find(c) != std::string_view::npos) {
      escaped += "&#" + std::to_string(static_cast<int>(c)) + ";";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string jira_escaped(std::string_view text) {
  return backslashed(text, "\\{}[]*_!|~^");
}

std::int64_t http_date_seconds(std::string_view text) {
  std::tm parts{};
  const std::string copy(text);
  const char* end = strptime(copy.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (end == nullptr || *end != '\0') return -1;
  return timegm(&parts);
}

std::int64_t retry_after_ms(std::string_view retry_after, std::string_view date) {
  retry_after = trimmed(retry_after);
  std::int64_t seconds = whole_number(retry_after).value_or(-1);
  if (!whole_number(retry_after)) {
    const std::int64_t until = http_date_seconds(retry_after);
    const std::int64_t from = http_date_seconds(date);
    if (until < 0 || from < 0) return -1;
    seconds = std::max<std::int64_t>(until - from, 0);
  }
  return seconds < 0 ? -1 : std::min(seconds, kRetryAfterSecondsMax) * 1000;
}

std::optional<std::int64_t> time_ms(std::string_view text) {
  constexpr std::size_t kMillisecondDigits = 12;
  text = trimmed(text);
  if (text.size() < 4) return std::nullopt;
  if (const auto number = whole_number(text)) {
    return text.size() >= kMillisecondDigits ? *number : *number * 1000;
  }
  if (const auto at = parse_rfc3339(text)) return ms_of(*at);
  if (const std::int64_t seconds = http_date_seconds(text); seconds >= 0) return seconds * 1000;
  std::string copy(text);
  // "+0000" without a colon, as Jira writes it.
  if (copy.size() > 5 && (copy[copy.size() - 5] == '+' || copy[copy.size() - 5] == '-') &&
      copy.find('T') != std::string::npos) {
    copy.insert(copy.size() - 2, ":");
    if (const auto at = parse_rfc3339(copy)) return ms_of(*at);
    return std::nullopt;
  }
  for (const char* format :
       {"%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"}) {
    std::tm parts{};
    const char* end = strptime(copy.c_str(), format, &parts);
    if (end != nullptr && *end == '\0') return static_cast<std::int64_t>(timegm(&parts)) * 1000;
  }
  return std::nullopt;
}

std::string time_text(std::int64_t ms_since_1970, std::string_view format) {
  std::string wanted;
  const std::int64_t ms = ((ms_since_1970 % 1000) + 1000) % 1000;
  for (std::size_t i = 0; i < format.size(); ++i) {
    const bool percent = format[i] == '%' && i + 1 < format.size();
    if (percent && format[i + 1] == 'L') {
      const std::string digits = std::to_string(1000 + ms);
      wanted += digits.substr(1);
    } else if (percent && format[i + 1] == 's') {
      wanted += std::to_string((ms_since_1970 - ms) / 1000);
    } else if (percent && format[i + 1] == 'Q') {
      wanted += std::to_string(ms_since_1970);
    } else {
      wanted += format[i];
      if (percent) wanted += format[i + 1];
    }
    if (percent) ++i;
  }
  const std::time_t seconds = static_cast<std::time_t>((ms_since_1970 - ms) / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 256> room{};
  const std::size_t size = std::strftime(room.data(), room.size(), wanted.c_str(), &parts);
  return std::string(room.data(), size);
}

}  // namespace ombud::profile
