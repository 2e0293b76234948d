#include "email/announcement.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "base/time.hpp"

namespace ombud::email {
namespace {

constexpr std::size_t kNumberLettersMin = 2, kNumberDigitsMin = 3, kNumberMax = 40;

bool is_capital(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// "CHG0012345" or "INC-4711": how suppliers number such things.
std::string number_in(std::string_view subject) {
  for (std::size_t at = 0; at < subject.size(); ++at) {
    const bool inside_word = at > 0 && (is_capital(subject[at - 1]) || is_digit(subject[at - 1]));
    if (!is_capital(subject[at]) || inside_word) continue;
    std::size_t end = at;
    while (end < subject.size() && is_capital(subject[end])) ++end;
    const std::size_t letters = end - at;
    if (end < subject.size() && subject[end] == '-') ++end;
    const std::size_t first = end;
    while (end < subject.size() && is_digit(subject[end])) ++end;
    if (letters >= kNumberLettersMin && end - first >= kNumberDigitsMin && end - at <= kNumberMax) {
      return std::string(subject.substr(at, end - at));
    }
  }
  return {};
}

// The mail that began the thread.
std::string root_of(const Incoming& mail) {
  if (!mail.references.empty()) return mail.references.front();
  return mail.in_reply_to.empty() ? mail.message_id : mail.in_reply_to.front();
}

// The meaning of the first word that stands in the text; empty: none does.
std::string meaning_of(std::string_view text, const std::vector<AnnouncementWord>& words) {
  const auto found = std::find_if(words.begin(), words.end(), [&](const AnnouncementWord& word) {
    return !word.word.empty() && text.find(word.word) != std::string_view::npos;
  });
  return found == words.end() ? std::string() : found->means;
}

}  // namespace

std::string announcement_lower(std::string_view text) {
  std::string out(text);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto code = static_cast<unsigned char>(out[i]);
    if (out[i] >= 'A' && out[i] <= 'Z') out[i] = static_cast<char>(code - 'A' + 'a');
    // U+00C0 to U+00DE in UTF-8: the second byte of the small letter is 0x20 more.
    const bool latin = i > 0 && static_cast<unsigned char>(out[i - 1]) == 0xC3;
    if (latin && code >= 0x80 && code <= 0x9E && code != 0x97) {
      out[i] = static_cast<char>(code + 0x20);
    }
  }
  return out;
}

std::optional<std::string> announcement_of(const Incoming& mail, const std::string& fallback_id,
                                           const Settings& settings) {
  if (settings.kinds.empty() || mail.origin == Origin::bounce) return std::nullopt;
  const std::string subject = announcement_lower(mail.subject);
  const std::string kind = meaning_of(subject, settings.kinds);
  if (kind.empty()) return std::nullopt;
  const std::string number = number_in(mail.subject);
  const std::string root = root_of(mail);
  const std::string state = meaning_of(subject, settings.states);
  json::Writer out;
  out.begin_object()
      .field("schema", "ombud.announcement/1")
      .field("remote_id", !number.empty() ? number
                          : root.empty()  ? fallback_id
                                          : root)
      .field("kind", kind)
      .field("state", state.empty() ? "announced" : state)
      .field("title", mail.subject)
      .field("text", mail.text);
  if (mail.sent_at_ms) out.field("updated_at", to_rfc3339(instant_of(*mail.sent_at_ms)));
  return out.end_object().take();
}

}  // namespace ombud::email
