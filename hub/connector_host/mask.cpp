#include "connector_host/mask.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "base/bytes.hpp"

namespace ombud {
namespace {

// A fragment of base 64 shorter than this would hide innocent text.
constexpr std::size_t kFragmentMin = 6;

std::string percent_encoded(std::string_view text, const char* digits, bool space_as_plus) {
  std::string out;
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
    } else if (c == ' ' && space_as_plus) {
      out += '+';
    } else {
      out += '%';
      out += digits[code >> 4U];
      out += digits[code & 15U];
    }
  }
  return out;
}

std::string json_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

// What stays the same of the base 64 of any text that holds `secret` after `before` bytes (mod 3).
std::string base64_core(std::string_view secret, std::size_t before) {
  const std::string whole = to_base64(std::string(before, '\0') + std::string(secret));
  const std::size_t first =
      before == 0 ? 0 : before + 1;  // characters shared with what stands before
  const std::size_t certain = (before + secret.size()) * 8 / 6;  // whole characters of known bits
  return certain > first ? whole.substr(first, certain - first) : std::string();
}

}  // namespace

Mask::Mask(const std::map<std::string, std::string>& secrets) {
  for (const auto& [token, clear] : secrets) {
    if (clear.empty()) continue;
    forms_.push_back(clear);
    forms_.push_back(percent_encoded(clear, "0123456789ABCDEF", false));
    forms_.push_back(percent_encoded(clear, "0123456789abcdef", false));
    forms_.push_back(percent_encoded(clear, "0123456789ABCDEF", true));
    forms_.push_back(json_escaped(clear));
    for (std::size_t before = 0; before < 3; ++before) {
      std::string core = base64_core(clear, before);
      if (core.size() < kFragmentMin) continue;
      forms_.push_back(core);
      std::replace(core.begin(), core.end(), '+', '-');
      std::replace(core.begin(), core.end(), '/', '_');
      forms_.push_back(std::move(core));
    }
  }
  std::sort(forms_.begin(), forms_.end(), [](const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() > b.size() : a < b;
  });
  forms_.erase(std::unique(forms_.begin(), forms_.end()), forms_.end());
}

std::string Mask::operator()(std::string_view text) const {
  std::string out(text);
  for (const std::string& form : forms_) {
    constexpr std::string_view kInstead = "[secret]";
    for (std::size_t at = out.find(form); at != std::string::npos; at = out.find(form, at)) {
      out.replace(at, form.size(), kInstead);
      at += kInstead.size();
    }
  }
  return out;
}

std::string Mask::cut(std::string_view text, std::size_t bytes_max, bool cut,
                      bool& truncated) const {
  std::string clean = (*this)(to_valid_utf8(text));
  std::size_t room = bytes_max;
  if (cut) {
    const std::size_t longest = forms_.empty() ? 0 : forms_.front().size();
    room = std::min(room, clean.size() - std::min(clean.size(), longest));
  }
  truncated = truncated || cut || clean.size() > room;
  return std::string(cut_utf8(clean, room));
}

namespace {

constexpr std::string_view kInstead = "[secret]";

bool is_name_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.';
}

bool names_a_secret(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    if (c != '_' && c != '-' && c != '.') plain += ascii_lower(c);
  }
  for (const std::string_view word :
       {"token", "password", "passwd", "secret", "apikey", "accesskey", "authorization", "cookie",
        "sessionid", "assertion", "credential"}) {
    if (plain.find(word) != std::string::npos) return true;
  }
  return plain == "pwd";
}

// Where the value that begins at `at` ends: a JSON text with its quote, else up to a separator.
std::size_t end_of_value(std::string_view text, std::size_t at) {
  if (at < text.size() && text[at] == '"') {
    std::size_t end = at + 1;
    while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
    return std::min(end, text.size());
  }
  return std::min(text.find_first_of("&,}] \t\r\n\"<", at), text.size());
}

}  // namespace

std::string mask_named_headers(std::string_view lines) {
  std::string out;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    const std::string_view line = lines.substr(0, end);
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos && names_a_secret(line.substr(0, colon))) {
      std::string_view value = line.substr(colon + 1);
      while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
      const std::size_t space = value.find(' ');
      // "Bearer abc" is two words; a cookie's first word is the secret itself.
      const bool scheme =
          space != std::string_view::npos &&
          std::all_of(value.begin(), value.begin() + static_cast<std::ptrdiff_t>(space),
                      [](char c) { return is_name_byte(c); });
      out.append(line.substr(0, colon)).append(": ");
      if (scheme) out.append(value.substr(0, space + 1));
      out.append(kInstead);
    } else {
      out.append(line);
    }
    if (end < lines.size()) out += '\n';
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  return out;
}

// A name, then `": ` of JSON or `=` of a form, then the value.
std::string mask_named_values(std::string_view text) {
  std::string out;
  std::size_t at = 0;
  while (at < text.size()) {
    if (!is_name_byte(text[at])) {
      out += text[at++];
      continue;
    }
    const std::size_t begin = at;
    while (at < text.size() && is_name_byte(text[at])) ++at;
    const std::string_view name = text.substr(begin, at - begin);
    out.append(name);
    std::size_t value = at;
    if (value < text.size() && text[value] == '"') {
      ++value;
      while (value < text.size() && (text[value] == ' ' || text[value] == '\n')) ++value;
      if (value >= text.size() || text[value] != ':') continue;
      ++value;
      while (value < text.size() && (text[value] == ' ' || text[value] == '\n')) ++value;
      const bool plain =
          value < text.size() && text[value] != '"' && (text[value] < '0' || text[value] > '9');
      if (plain) continue;  // null, true, an object: no secret itself
    } else if (value < text.size() && text[value] == '=') {
      ++value;
    } else {
      continue;
    }
    if (!names_a_secret(name)) continue;
    out.append(text.substr(at, value - at));
    const std::size_t end = end_of_value(text, value);
    const bool quoted = value < text.size() && text[value] == '"';
    if (quoted) out += '"';
    if (end > value + (quoted ? 1 : 0)) out.append(kInstead);
    at = end;  // the closing quote is copied as what it is
  }
  return out;
}

}  // namespace ombud
