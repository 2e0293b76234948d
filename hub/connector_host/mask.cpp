#include "connector_host/mask.hpp"

#include <algorithm>

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

}  // namespace ombud
