#include "identity/passwords.hpp"

#include <glib.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "base/bytes.hpp"
#include "identity/limits.hpp"

namespace ombud::identity {
namespace {

// What passwords are made of all over the world, and here in particular. A password that falls into
// these pieces, counted digits and rows of the keyboard is refused, however long it is, unless it
// has enough pieces to be a passphrase.
constexpr std::string_view kCommonWords[] = {
    "password", "passwort",  "passord",   "losenord", "lösenord",      "letmein",
    "welcome",  "valkommen", "välkommen", "hej",      "hello",         "hallo",
    "hemligt",  "hemlig",    "secret",    "admin",    "administrator", "root",
    "user",     "guest",     "test",      "demo",     "login",         "logga",
    "changeme", "change",    "default",   "temp",     "service",       "servicedesk",
    "support",  "helpdesk",  "ombud",     "desk",     "company",       "foretag",
    "företag",  "kontor",    "office",    "summer",   "sommar",        "winter",
    "vinter",   "spring",    "var",       "vår",      "autumn",        "host",
    "höst",     "january",   "januari",   "february", "februari",      "march",
    "mars",     "april",     "may",       "maj",      "june",          "juni",
    "july",     "juli",      "august",    "augusti",  "september",     "october",
    "oktober",  "november",  "december",  "monday",   "mandag",        "måndag",
    "friday",   "fredag",    "sverige",   "sweden",   "stockholm",     "goteborg",
    "göteborg", "malmo",     "malmö",     "football", "fotboll",       "hockey",
    "dragon",   "monkey",    "master",    "shadow",   "sunshine",      "princess",
    "love",     "iloveyou",  "alskling",  "älskling", "mamma",         "pappa",
    "baby",     "superman",  "batman",    "star",     "computer",      "dator",
    "internet", "qwerty",    "azerty",    "asdf",     "zxcv",          "abc"};
constexpr std::string_view kKeyboardRows[] = {"1234567890", "qwertyuiopå", "asdfghjklöä",
                                              "zxcvbnm"};
constexpr std::size_t kPhrasePieces = 5;  // so many words chosen at random are a passphrase
constexpr std::size_t kRunMin = 3;        // "345", "ytr": so long a piece of a row counts as one
constexpr std::size_t kOwnPartMin = 4;    // a shorter part of a name stands in many words

// "p@ssw0rd" is meant as "password".
bool is_meant_as(char typed, char meant) {
  if (typed == meant) return true;
  switch (typed) {
    case '@':
    case '4':
      return meant == 'a';
    case '0':
      return meant == 'o';
    case '3':
      return meant == 'e';
    case '$':
    case '5':
      return meant == 's';
    case '1':
    case '!':
      return meant == 'i' || meant == 'l';
    case '7':
      return meant == 't';
    default:
      return false;
  }
}

bool begins_with(std::string_view text, std::string_view word) {
  return text.size() >= word.size() &&
         std::equal(word.begin(), word.end(), text.begin(),
                    [](char meant, char typed) { return is_meant_as(typed, meant); });
}

// How many bytes at the front count up, count down, repeat, or run along a row of the keyboard.
std::size_t run_at(std::string_view text) {
  std::size_t most = 1;
  for (const int step : {0, 1, -1}) {
    std::size_t n = 1;
    while (n < text.size() && text[n] - text[n - 1] == step) ++n;
    most = std::max(most, n);
  }
  for (const std::string_view row : kKeyboardRows) {
    const std::size_t at = row.find(text.front());
    if (at == std::string_view::npos) continue;
    std::size_t right = 1, left = 1;
    while (right < text.size() && at + right < row.size() && row[at + right] == text[right]) {
      ++right;
    }
    while (left < text.size() && left <= at && row[at - left] == text[left]) ++left;
    most = std::max({most, right, left});
  }
  return most;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80;
}

// The fewest pieces, of words, runs, years and punctuation, that the text falls into; nothing if
// something of it is none of them. Punctuation and short numbers are no pieces of their own.
std::optional<std::size_t> pieces_of(std::string_view text) {
  constexpr std::size_t kNever = SIZE_MAX;
  std::vector<std::size_t> fewest(text.size() + 1, kNever);
  fewest[0] = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (fewest[i] == kNever) continue;
    const auto reach = [&](std::size_t bytes, std::size_t cost) {
      fewest[i + bytes] = std::min(fewest[i + bytes], fewest[i] + cost);
    };
    const std::string_view rest = text.substr(i);
    for (const std::string_view word : kCommonWords) {
      if (begins_with(rest, word)) reach(word.size(), 1);
    }
    if (const std::size_t run = run_at(rest); run >= kRunMin) {
      for (std::size_t n = kRunMin; n <= run; ++n) reach(n, 1);
    }
    if (!is_letter(rest.front())) reach(1, 0);
    if (is_letter(rest.front()) && i + 1 == text.size())
      reach(1, 0);  // one at the end hides little
  }
  return fewest.back() == kNever ? std::nullopt : std::optional(fewest.back());
}

std::string lower_of(std::string_view text) {
  const std::unique_ptr<char, decltype(&g_free)> lower(
      g_utf8_strdown(text.data(), static_cast<gssize>(text.size())), &g_free);
  return lower == nullptr ? std::string() : std::string(lower.get());
}

std::size_t characters_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

// The words of a name, and what stands before and after the @ of an e-mail, if long enough to say
// anything.
std::vector<std::string> own_parts(std::string_view lower) {
  std::vector<std::string> parts;
  std::string part;
  for (const char c : lower) {
    if (is_letter(c) || is_digit(c)) {
      part += c;
      continue;
    }
    if (part.size() >= kOwnPartMin) parts.push_back(part);
    part.clear();
  }
  if (part.size() >= kOwnPartMin) parts.push_back(part);
  return parts;
}

}  // namespace

std::optional<std::string> prepare_password(std::string_view typed) {
  if (typed.empty() || typed.size() > kPasswordBytesMax || !is_utf8(typed) ||
      typed.find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  const std::unique_ptr<char, decltype(&g_free)> composed(
      g_utf8_normalize(typed.data(), static_cast<gssize>(typed.size()), G_NORMALIZE_NFC), &g_free);
  if (composed == nullptr) return std::nullopt;
  return std::string(composed.get());
}

bool is_common_password(std::string_view lower) {
  const auto pieces = pieces_of(lower);
  return pieces && *pieces < kPhrasePieces;
}

Result<std::string> acceptable_password(std::string_view typed, std::string_view email,
                                        std::string_view name, std::string_view pointer) {
  const std::string at(pointer);
  if (typed.size() > kPasswordBytesMax) {
    return invalid(at, "is longer than " + std::to_string(kPasswordBytesMax) + " bytes");
  }
  const bool control = std::any_of(typed.begin(), typed.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  });
  if (control) return invalid(at, "holds a control character, which nobody can type again");
  auto password = prepare_password(typed);
  if (!password || characters_of(*password) < kPasswordCharactersMin) {
    return invalid(at, "must have at least " + std::to_string(kPasswordCharactersMin) +
                           " characters; a few words that do not belong together are easy to keep "
                           "in mind");
  }
  const std::string lower = lower_of(*password);
  for (const std::string_view own : {email, name}) {
    for (const std::string& part : own_parts(lower_of(own))) {
      if (lower.find(part) != std::string::npos) {
        return invalid(at, "holds your name or e-mail address, which is what guessers try first");
      }
    }
  }
  if (is_common_password(lower)) {
    return invalid(at, "is made of common words, years and rows of keys, which guessers try first");
  }
  return std::move(*password);
}

}  // namespace ombud::identity
