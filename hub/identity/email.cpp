#include "identity/email.hpp"

#include <glib.h>

#include <memory>

#include "base/bytes.hpp"
#include "identity/limits.hpp"

namespace ombud::identity {
namespace {

using Text = std::unique_ptr<char, decltype(&g_free)>;

// No space, control or format character (such as one that turns the direction of writing), and none
// that separates addresses or gives them a name.
bool is_plain(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  for (; at < end; at = g_utf8_next_char(at)) {
    const gunichar c = g_utf8_get_char(at);
    if (!g_unichar_isgraph(c)) return false;
    if (c < 0x80 &&
        std::string_view("<>,;\"()").find(static_cast<char>(c)) != std::string_view::npos) {
      return false;
    }
  }
  return true;
}

std::string lower_composed(std::string_view text) {
  const Text lower(g_utf8_strdown(text.data(), static_cast<gssize>(text.size())), &g_free);
  const Text composed(g_utf8_normalize(lower.get(), -1, G_NORMALIZE_NFC), &g_free);
  return composed == nullptr ? std::string() : std::string(composed.get());
}

}  // namespace

std::optional<std::string> email_from(std::string_view written) {
  while (!written.empty() && written.front() == ' ') written.remove_prefix(1);
  while (!written.empty() && written.back() == ' ') written.remove_suffix(1);
  if (written.empty() || written.size() > kEmailBytesMax || !is_utf8(written) ||
      !is_plain(written)) {
    return std::nullopt;
  }
  std::string email = lower_composed(written);
  const std::size_t at = email.find('@');
  if (at == std::string::npos || at == 0 || email.find('@', at + 1) != std::string::npos) {
    return std::nullopt;
  }
  if (g_hostname_is_non_ascii(email.c_str() + at + 1)) {
    const Text domain(g_hostname_to_ascii(email.c_str() + at + 1), &g_free);
    if (domain == nullptr) return std::nullopt;
    email.replace(at + 1, std::string::npos, domain.get());
  }
  if (at + 1 >= email.size() || email.size() > kEmailBytesMax) return std::nullopt;
  return email;
}

}  // namespace ombud::identity
