#include "channel/mail/mime/trim.hpp"

#include <glib.h>

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <optional>

#include "base/bytes.hpp"

namespace ombud::mail {
namespace {

constexpr std::size_t kSignatureLinesMax = 15;
constexpr std::size_t kAttributionLinesMax = 4;
constexpr std::size_t kHeaderBlockLinesMax = 10;
constexpr std::size_t kLineBytesMax = 300;  // of a line that means something to these rules

using Lines = std::vector<TextLine>;

std::string_view strip(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n\f\v";
  while (true) {
    const std::size_t size = text.size();
    const std::size_t first = text.find_first_not_of(kBlank);
    if (first == std::string_view::npos) return {};
    text = text.substr(first, text.find_last_not_of(kBlank) + 1 - first);
    for (const std::string_view space :
         {"\xC2\xA0", "\xE2\x80\xAF", "\xE2\x80\x8B", "\xEF\xBB\xBF"}) {
      if (text.starts_with(space)) text.remove_prefix(space.size());
      if (text.ends_with(space)) text.remove_suffix(space.size());
    }
    if (text.size() == size) return text;
  }
}

// Lower case of ASCII and of Latin-1's letters; composed first where letters stand apart from their
// marks, as some programs write "ä".
std::string lower(std::string_view text) {
  text = cut_utf8(text, kLineBytesMax);
  std::string all(text);
  if (all.find_first_of("\xCC\xCD") != std::string::npos) {
    struct Release {
      void operator()(char* memory) const { g_free(memory); }
    };
    const std::unique_ptr<char, Release> composed(
        g_utf8_normalize(all.data(), static_cast<gssize>(all.size()), G_NORMALIZE_DEFAULT_COMPOSE));
    if (composed) all = composed.get();
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto byte = static_cast<unsigned char>(all[i]);
    if (byte >= 'A' && byte <= 'Z') all[i] = static_cast<char>(byte + 32);
    if (byte != 0xC3 || i + 1 == all.size()) continue;
    const auto next = static_cast<unsigned char>(all[i + 1]);
    if (next >= 0x80 && next <= 0x9E && next != 0x97) all[i + 1] = static_cast<char>(next + 32);
  }
  return all;
}

bool blank(const TextLine& line) {
  return strip(line.text).empty();
}
bool has(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
    return text.find(word) != std::string_view::npos;
  });
}
bool begins(std::string_view text, std::initializer_list<std::string_view> heads) {
  return std::any_of(heads.begin(), heads.end(),
                     [&](std::string_view head) { return text.starts_with(head); });
}
bool ends(std::string_view text, std::initializer_list<std::string_view> tails) {
  return std::any_of(tails.begin(), tails.end(),
                     [&](std::string_view tail) { return text.ends_with(tail); });
}

enum class Separator { none, reply, forward };

// "-----Original Message-----" and its kin: the words between dashes, or a known line without.
Separator separator(const TextLine& line) {
  std::string_view text = strip(line.text);
  if (text.size() > 100) return Separator::none;
  const std::string plain = lower(text);
  if (begins(plain, {"begin forwarded message:", "vidarebefordrat brev:",
                     "vidarebefordrat meddelande:", "anfang der weitergeleiteten nachricht:"})) {
    return Separator::forward;
  }
  if (!plain.starts_with("--") || !plain.ends_with("--")) return Separator::none;
  const std::size_t first = plain.find_first_not_of("- ");
  if (first == std::string::npos) return Separator::none;
  const std::string word = plain.substr(first, plain.find_last_not_of("- ") + 1 - first);
  for (const std::string_view reply :
       {"original message", "ursprungligt meddelande", "originalmeddelande", "reply message",
        "ursprüngliche nachricht", "originalnachricht", "oprindelig meddelelse",
        "opprinnelig melding", "message d'origine", "original appointment",
        "ursprunglig avtalad tid"}) {
    if (word == reply) return Separator::reply;
  }
  for (const std::string_view forward :
       {"forwarded message", "vidarebefordrat meddelande", "weitergeleitete nachricht",
        "videresendt meddelelse", "videresendt melding", "forwarded by", "message transféré"}) {
    if (word.starts_with(forward)) return Separator::forward;
  }
  return Separator::none;
}

// Outlook's block: From, then at least two of Sent, To and Subject within a few lines. "*From:*" is
// how a plain part shows a bold label.
bool header_block(const Lines& lines, std::size_t at) {
  const auto label = [&](std::size_t i) {
    std::string_view text = strip(lines[i].text);
    while (text.starts_with('*') || text.starts_with('_')) text.remove_prefix(1);
    return lower(cut_utf8(text, 24));
  };
  if (!begins(label(at), {"from:", "från:", "von:", "fra:", "de:", "from :", "från :", "de :"})) {
    return false;
  }
  int seen = 0;
  for (std::size_t i = at + 1; i < lines.size() && i < at + kHeaderBlockLinesMax; ++i) {
    seen += begins(label(i),
                   {"sent:", "skickat:", "gesendet:", "sendt:", "date:",    "datum:", "dato:",
                    "to:",   "till:",    "an:",       "til:",   "subject:", "ämne:",  "betreff:",
                    "emne:", "cc:",      "kopia:",    "envoyé", "à :",      "objet",  "to :"})
                ? 1
                : 0;
  }
  return seen >= 2;
}

// "On … wrote:", "Den … skrev …:" or "22 nov. 2026 kl. 10:12 skrev …:", which programs wrap over
// several lines. The answer is the first line after it.
std::optional<std::size_t> end_of_attribution(const Lines& lines, std::size_t at) {
  if (lines[at].mark == Mark::attribution) {
    std::size_t end = at;
    while (end < lines.size() && (lines[end].mark == Mark::attribution)) ++end;
    return end;
  }
  if (lines[at].quotes > 0 || blank(lines[at])) return std::nullopt;
  const std::string first = lower(strip(lines[at].text));
  const auto wrote_words = {std::string_view("wrote"), std::string_view("skrev"),
                            std::string_view("schrieb"), std::string_view("écrit")};
  const bool dated = begins(first, {"on ", "den ", "am ", "le ", "på ", "ti ", "man ", "mån ",
                                    "tis ", "ons ", "tors ", "fre ", "lör ", "sön "}) ||
                     (first.front() >= '0' && first.front() <= '9') || first.front() == '<';
  if (!dated && !has(first, wrote_words)) return std::nullopt;
  std::string joined;
  for (std::size_t i = at; i < lines.size() && i < at + kAttributionLinesMax; ++i) {
    if (blank(lines[i]) || lines[i].quotes > 0) return std::nullopt;
    joined += (joined.empty() ? "" : " ") + lower(strip(lines[i].text));
    if (!joined.ends_with(':')) continue;
    const bool digit = joined.find_first_of("0123456789") != std::string::npos;
    const bool address = joined.find('@') != std::string::npos;
    const bool wrote =
        has(joined, wrote_words) && (digit || address || ends(joined, {"skrev:", "wrote:"}));
    const bool bare = dated && digit && address;  // "2026-11-23 10:12 GMT+01:00 Anna <a@b.se>:"
    if (wrote || bare) return i + 1;
    return std::nullopt;
  }
  return std::nullopt;
}

bool signature_mark(const TextLine& line) {
  return line.quotes == 0 && (line.text == "-- " || strip(line.text) == "--");
}

bool telephone_line(const TextLine& line) {
  const std::string_view words = strip(line.text);
  if (words.size() > 120) return false;
  const std::string text = lower(words);
  return begins(text, {"skickat från min ",     "skickat från outlook",
                       "skickades från min ",   "skickat från e-post för windows",
                       "skickat från yahoo",    "skickat via ",
                       "skickat från mobilen",  "sent from my ",
                       "sent from outlook",     "sent from mail for ",
                       "sent from yahoo",       "sent from samsung",
                       "hämta outlook",         "get outlook for ",
                       "outlook für ios",       "outlook für android beziehen",
                       "von meinem ",           "gesendet von meinem ",
                       "gesendet von outlook",  "gesendet mit ",
                       "gesendet von mail für", "sendt fra min ",
                       "skickat fran min ",     "envoyé de mon "}) &&
         (!text.starts_with("von meinem ") || text.find("gesendet") != std::string::npos);
}

// Answers for every line in constant time: is there nothing but quotes, empty lines and marks of
// programs from here on, or a signature below them? Then cutting loses no answer.
class Below {
 public:
  explicit Below(const Lines& lines) : quotes_(lines.size() + 1), ends_(lines.size() + 1) {
    ends_[lines.size()] = {lines.size(), true};
    for (std::size_t i = lines.size(); i-- > 0;) {
      const TextLine& line = lines[i];
      quotes_[i] = quotes_[i + 1] + (line.quotes > 0 ? 1 : 0);
      ends_[i] = ends_[i + 1];
      if (line.quotes > 0) continue;
      if (signature_mark(line)) {
        ends_[i] = {i, lines.size() - i <= kSignatureLinesMax};
      } else if (!blank(line) && line.mark != Mark::signature && line.mark != Mark::attribution &&
                 !telephone_line(line)) {
        ends_[i] = {i, false};
      }
    }
  }
  bool only_history(std::size_t from) const {
    const End& end = ends_[from];
    return end.fine && quotes_[from] > quotes_[end.line];
  }

 private:
  struct End {
    std::size_t line = 0;  // the first that is neither quoted nor a mark
    bool fine = false;     // it is a signature's, or there is none
  };
  std::vector<std::size_t> quotes_;  // from this line on
  std::vector<End> ends_;
};

bool ruler(const TextLine& line) {
  const std::string_view text = strip(line.text);
  return line.ruler ||
         (text.size() >= 10 && text.find_first_not_of("_-=*") == std::string_view::npos);
}

// "See my answers below": then what stands below is not only history.
bool answers_below(const Lines& lines, std::size_t end) {
  for (std::size_t i = 0; i < end; ++i) {
    if (lines[i].quotes > 0) continue;
    if (has(lower(lines[i].text),
            {"svar nedan", "svarar nedan", "kommentarer nedan", "inline", "answers below",
             "comments below", "see below", "se nedan", "svar i rött", "in red below",
             "siehe unten", "antworten unten", "mina svar i texten"})) {
      return true;
    }
  }
  return false;
}

struct History {
  std::size_t start;
  bool whole = false;  // forwarded: nothing of the mail goes away
};

History start_of_history(const Lines& lines, bool is_reply) {
  const Below below(lines);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const Separator found = lines[i].quotes == 0 ? separator(lines[i]) : Separator::none;
    if (found == Separator::forward) return {lines.size(), true};
    const bool block = lines[i].quotes == 0 && header_block(lines, i);
    if (found == Separator::reply || block || lines[i].mark == Mark::history) {
      if (!is_reply) return {lines.size(), true};
      std::size_t start = i;
      while (start > 0 && (blank(lines[start - 1]) || ruler(lines[start - 1]))) --start;
      return {answers_below(lines, start) ? lines.size() : start};
    }
    if (const auto after = end_of_attribution(lines, i)) {
      if (below.only_history(*after)) return {answers_below(lines, i) ? lines.size() : i};
    }
    if (lines[i].cited && below.only_history(i)) {
      return {answers_below(lines, i) ? lines.size() : i};
    }
  }
  return {lines.size()};
}

// The line at which a signature above `end` begins; `end` if there is none.
std::size_t start_of_signature(const Lines& lines, std::size_t end) {
  while (end > 0 && blank(lines[end - 1])) --end;
  const std::size_t first = end > kSignatureLinesMax ? end - kSignatureLinesMax : 0;
  for (std::size_t i = first; i < end; ++i) {
    if (signature_mark(lines[i])) {
      end = i;
      break;
    }
  }
  while (end > 0 && (blank(lines[end - 1]) || telephone_line(lines[end - 1]) ||
                     lines[end - 1].mark == Mark::signature)) {
    --end;
  }
  return end;
}

}  // namespace

bool is_forward_subject(std::string_view subject) {
  const std::string text = lower(strip(subject));
  return begins(text, {"fwd:", "fw:", "vb:", "wg:", "tr:", "[fwd:", "videresend:", "rv:"});
}

bool is_reply_subject(std::string_view subject) {
  std::string text = lower(strip(subject));
  while (text.starts_with('[') && text.find(']') != std::string::npos) {
    text = strip(std::string_view(text).substr(text.find(']') + 1));
  }
  const std::size_t end = text.find_first_of(":[(");
  if (end == std::string::npos) return false;
  const std::string_view word = strip(std::string_view(text).substr(0, end));
  for (const std::string_view known :
       {"re", "sv", "aw", "antw", "svar", "antwort", "ref", "vs", "rép", "res", "odp"}) {
    if (word == known) return true;
  }
  return false;
}

std::vector<bool> history_of(const Lines& lines, const TrimFacts& facts) {
  std::vector<bool> hidden(lines.size(), false);
  if (lines.size() > kTrimLinesMax || is_forward_subject(facts.subject)) return hidden;
  const History history = start_of_history(lines, facts.answers || is_reply_subject(facts.subject));
  if (history.whole) return hidden;
  const std::size_t end = start_of_signature(lines, history.start);
  const bool words = std::any_of(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(end),
                                 [](const TextLine& line) { return !blank(line) && !ruler(line); });
  if (!words) return hidden;
  std::fill(hidden.begin() + static_cast<std::ptrdiff_t>(end), hidden.end(), true);
  return hidden;
}

std::vector<TextLine> lines_of_text(std::string_view text) {
  std::vector<TextLine> lines;
  while (true) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    TextLine one;
    while (line.starts_with('>')) {
      ++one.quotes;
      line.remove_prefix(1);
      if (line.starts_with(" >")) line.remove_prefix(1);
    }
    one.cited = one.quotes > 0;
    one.text = one.cited && line.starts_with(' ') ? line.substr(1) : line;
    lines.push_back(std::move(one));
    if (end == std::string_view::npos || lines.size() > kTrimLinesMax) return lines;
    text.remove_prefix(end + 1);
  }
}

std::string shown_of_text(std::string_view text, const TrimFacts& facts) {
  const std::vector<bool> hidden = history_of(lines_of_text(text), facts);
  if (std::find(hidden.begin(), hidden.end(), true) == hidden.end()) return {};
  std::string shown;
  for (const bool away : hidden) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (!away) {
      shown += text.substr(0, end);
      shown += '\n';
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  shown.resize(shown.find_last_not_of(" \t\n") + 1);
  return shown;
}

}  // namespace ombud::mail
