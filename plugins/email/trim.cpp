#include "email/trim.hpp"

#include <glib.h>

#include <algorithm>
#include <optional>

#include "email/glib_init.hpp"

namespace ombud::email {
namespace {

constexpr int kCommandLines = 3;
constexpr std::size_t kSignatureLinesMax = 15;
constexpr std::size_t kAttributionLinesMax = 4;
constexpr std::size_t kHeaderBlockLinesMax = 8;

using Lines = std::vector<std::string_view>;

Lines split(std::string_view text) {
  Lines lines;
  while (true) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    lines.push_back(line);
    if (end == std::string_view::npos) return lines;
    text.remove_prefix(end + 1);
  }
}

std::string_view strip(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n\f\v";
  while (true) {
    const std::size_t size = text.size();
    while (!text.empty() && kBlank.find(text.front()) != std::string_view::npos)
      text.remove_prefix(1);
    while (!text.empty() && kBlank.find(text.back()) != std::string_view::npos)
      text.remove_suffix(1);
    for (const std::string_view space : {"\xC2\xA0", "\xE2\x80\xAF", "\xEF\xBB\xBF"}) {
      if (text.starts_with(space)) text.remove_prefix(space.size());
      if (text.ends_with(space)) text.remove_suffix(space.size());
    }
    if (text.size() == size) return text;
  }
}

bool blank(std::string_view line) {
  return strip(line).empty();
}
bool quoted(std::string_view line) {
  return strip(line).starts_with('>');
}

// Composed and folded, so that "#LÖST" and a decomposed "#löst" are one word.
std::string fold(std::string_view text) {
  const OwnedText composed(
      g_utf8_normalize(text.data(), static_cast<gssize>(text.size()), G_NORMALIZE_DEFAULT_COMPOSE));
  if (!composed) return std::string(text);
  const OwnedText folded(g_utf8_casefold(composed.get(), -1));
  return folded ? std::string(folded.get()) : std::string(text);
}

bool starts_with_any(std::string_view text, std::initializer_list<std::string_view> heads) {
  return std::any_of(heads.begin(), heads.end(),
                     [&](std::string_view head) { return text.starts_with(head); });
}

// "-----Original Message-----" and its kin. Dashes must enclose the words.
bool is_separator(std::string_view line) {
  line = strip(line);
  if (!line.starts_with("--") || !line.ends_with("--")) return false;
  const std::size_t first = line.find_first_not_of("- ");
  if (first == std::string_view::npos) return false;
  const std::size_t last = line.find_last_not_of("- ");
  const std::string word = fold(line.substr(first, last - first + 1));
  for (const char* known : {"original message", "ursprungligt meddelande", "originalmeddelande",
                            "forwarded message", "vidarebefordrat meddelande", "reply message"}) {
    if (word == fold(known)) return true;
  }
  return false;
}

// Outlook's block: From, then at least two of Sent/To/Subject within a few lines. `*From:*` is how
// a plain-text part shows a bold label.
bool is_header_block(const Lines& lines, std::size_t at) {
  const auto label = [&](std::size_t i) {
    std::string_view line = strip(lines[i]);
    while (line.starts_with('*')) line.remove_prefix(1);
    return fold(line.substr(0, std::min<std::size_t>(line.size(), 24)));
  };
  if (!starts_with_any(label(at), {"from:", "från:", "from :", "från :"})) return false;
  int seen = 0;
  for (std::size_t i = at + 1; i < lines.size() && i < at + kHeaderBlockLinesMax; ++i) {
    if (starts_with_any(label(i), {"sent:", "skickat:", "date:", "datum:", "to:", "till:",
                                   "subject:", "ämne:", "cc:", "kopia:"})) {
      ++seen;
    }
  }
  return seen >= 2;
}

// "On … wrote:", "Den … skrev …:" or "22 nov. 2026 kl. 10:12 skrev …:", which clients wrap over
// several lines. The answer is the first line after it.
std::optional<std::size_t> end_of_attribution(const Lines& lines, std::size_t at) {
  std::string joined;
  for (std::size_t i = at; i < lines.size() && i < at + kAttributionLinesMax; ++i) {
    if (blank(lines[i]) || quoted(lines[i])) return std::nullopt;
    joined += (joined.empty() ? "" : " ") + fold(strip(lines[i]));
    if (!joined.ends_with(':')) continue;
    const bool english = joined.starts_with("on ") && joined.ends_with("wrote:");
    const bool swedish = joined.find("skrev") != std::string::npos &&
                         (joined.starts_with("den ") || joined.ends_with("skrev:") ||
                          (joined.front() >= '0' && joined.front() <= '9'));
    const bool has_digit = joined.find_first_of("0123456789") != std::string::npos;
    const bool has_address = joined.find('@') != std::string::npos;
    if ((english || swedish) && (has_digit || has_address)) return i + 1;
    return std::nullopt;
  }
  return std::nullopt;
}

// True if from here on everything is quoted or blank, so that cutting loses no answer.
bool only_quotes(const Lines& lines, std::size_t from) {
  bool any = false;
  for (std::size_t i = from; i < lines.size(); ++i) {
    if (quoted(lines[i]))
      any = true;
    else if (!blank(lines[i]))
      return false;
  }
  return any;
}

// Below a quoted block a signature may stand; an answer may not.
bool quotes_then_signature(const Lines& lines, std::size_t from) {
  std::size_t i = from;
  bool any = false;
  while (i < lines.size() && (blank(lines[i]) || quoted(lines[i]))) any = quoted(lines[i++]) || any;
  if (!any || i == lines.size()) return any;
  const std::string_view marker = strip(lines[i]);
  return marker == "--" && lines.size() - i <= kSignatureLinesMax;
}

std::size_t start_of_history(const Lines& lines) {
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (is_separator(lines[i]) || is_header_block(lines, i)) {
      std::size_t start = i;
      // The ruler that Outlook puts above the block goes with it.
      while (start > 0 &&
             (blank(lines[start - 1]) ||
              (strip(lines[start - 1]).size() >= 10 &&
               strip(lines[start - 1]).find_first_not_of("_-") == std::string_view::npos))) {
        --start;
      }
      return start;
    }
    if (const auto after = end_of_attribution(lines, i)) {
      if (only_quotes(lines, *after) || quotes_then_signature(lines, *after)) return i;
    }
    if (quoted(lines[i]) && only_quotes(lines, i)) return i;
  }
  return lines.size();
}

bool is_mobile_line(std::string_view line) {
  const std::string folded = fold(strip(line));
  return starts_with_any(folded, {"skickat från min ", "skickat från outlook för ", "sent from my ",
                                  "sent from outlook for ", "hämta outlook för ",
                                  "get outlook for ", "skickades från min ",
                                  "skickat från e-post för windows", "sent from mail for windows"});
}

std::size_t end_without_signature(const Lines& lines, std::size_t end) {
  while (end > 0 && blank(lines[end - 1])) --end;
  for (std::size_t i = 0; i < end; ++i) {
    // "-- " is the marker of RFC 3676; many clients lose the space.
    const bool marker = lines[i] == "-- " || strip(lines[i]) == "--";
    if (marker && end - i <= kSignatureLinesMax) {
      end = i;
      break;
    }
  }
  while (end > 0 && (blank(lines[end - 1]) || is_mobile_line(lines[end - 1]))) --end;
  return end;
}

std::string join(const Lines& lines, std::size_t end) {
  std::size_t start = 0;
  while (start < end && blank(lines[start])) ++start;
  std::string text;
  for (std::size_t i = start; i < end; ++i) {
    std::string_view line = lines[i];
    while (!line.empty() && (line.back() == ' ' || line.back() == '\t')) line.remove_suffix(1);
    text += line;
    if (i + 1 < end) text += '\n';
  }
  return text;
}

}  // namespace

std::string trim_reply(std::string_view text) {
  const Lines lines = split(text);
  const std::string trimmed = join(lines, end_without_signature(lines, start_of_history(lines)));
  return trimmed.empty() ? std::string(strip(text)) : trimmed;
}

Command find_command(std::string_view reply, const std::vector<CommandWord>& words) {
  const Lines lines = split(reply);
  int looked_at = 0;
  for (std::size_t i = 0; i < lines.size() && looked_at < kCommandLines; ++i) {
    if (blank(lines[i])) continue;
    ++looked_at;
    const std::string line = [&] {
      const std::string_view stripped = strip(lines[i]);
      const OwnedText composed(g_utf8_normalize(
          stripped.data(), static_cast<gssize>(stripped.size()), G_NORMALIZE_DEFAULT_COMPOSE));
      return composed ? std::string(composed.get()) : std::string(stripped);
    }();
    const std::string folded = fold(line);
    const CommandWord* best = nullptr;
    for (const CommandWord& word : words) {
      const std::string wanted = fold(word.word);
      if (wanted.empty() || !folded.starts_with(wanted)) continue;
      const bool ends =
          folded.size() == wanted.size() ||
          std::string_view(" \t.,:;!").find(folded[wanted.size()]) != std::string_view::npos;
      if (ends && (best == nullptr || word.word.size() > best->word.size())) best = &word;
    }
    if (best == nullptr) continue;
    // Folding keeps the length of the letters that words are made of; be safe where it does not.
    const std::size_t length = std::min(fold(best->word).size(), line.size());
    Command command{best->status, line.substr(0, length), {}};
    std::string_view rest = std::string_view(line).substr(length);
    while (!rest.empty() &&
           std::string_view(" \t.,:;!").find(rest.front()) != std::string_view::npos) {
      rest.remove_prefix(1);
    }
    std::string without = join(lines, i);
    for (std::string_view part : {rest}) {
      if (!part.empty()) without += (without.empty() ? "" : "\n") + std::string(part);
    }
    for (std::size_t k = i + 1; k < lines.size(); ++k) without += "\n" + std::string(lines[k]);
    command.text_without = strip(without);
    return command;
  }
  return {};
}

}  // namespace ombud::email
