#include "notify/letters/words.hpp"

#include <date/tz.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "base/assert.hpp"
#include "base/bytes.hpp"
#include "notify/letters/template.hpp"

namespace ombud::notify {
namespace {

constexpr std::size_t kUrlBytesMax = 2000;

// U+202A…U+202E and U+2066…U+2069: E2 80 AA…AE and E2 81 A6…A9.
bool turns_direction(std::string_view at) {
  if (at.size() < 3 || at[0] != '\xE2') return false;
  const auto last = static_cast<unsigned char>(at[2]);
  return (at[1] == '\x80' && last >= 0xAA && last <= 0xAE) ||
         (at[1] == '\x81' && last >= 0xA6 && last <= 0xA9);
}
// U+0085, U+2028, U+2029: line ends of their own in some programs.
std::size_t odd_line_end(std::string_view at) {
  if (at.starts_with("\xC2\x85")) return 2;
  if (at.starts_with("\xE2\x80\xA8") || at.starts_with("\xE2\x80\xA9")) return 3;
  return 0;
}
// U+0080…U+009F in UTF-8.
bool is_c1(std::string_view at) {
  return at.size() >= 2 && at[0] == '\xC2' && static_cast<unsigned char>(at[1]) < 0xA0;
}

std::string_view url_at(std::string_view text) {
  const bool http = text.starts_with("http://"), https = text.starts_with("https://");
  if (!http && !https) return {};
  std::size_t end = 0;
  while (end < text.size() && end <= kUrlBytesMax && static_cast<unsigned char>(text[end]) > 0x20 &&
         std::string_view("<>\"`{}|\\^").find(text[end]) == std::string_view::npos) {
    ++end;
  }
  if (end > kUrlBytesMax) return {};
  std::string_view url = text.substr(0, end);
  for (;;) {  // a sentence's end is not the address's
    if (url.empty()) return {};
    const char last = url.back();
    const bool bracket = (last == ')' && url.find('(') == std::string_view::npos) ||
                         (last == ']' && url.find('[') == std::string_view::npos);
    if (!bracket && std::string_view(".,;:!?'*_").find(last) == std::string_view::npos) break;
    url.remove_suffix(1);
  }
  return url.size() > (http ? 7U : 8U) ? url : std::string_view();
}

void append_line(std::string& out, std::string_view line) {
  const std::size_t indent = line.find_first_not_of(" \t");
  for (std::size_t i = 0; i < std::min(indent, line.size()); ++i) {
    out += line[i] == '\t' ? "&nbsp;&nbsp;&nbsp;&nbsp;" : "&nbsp;";
  }
  line.remove_prefix(std::min(indent, line.size()));
  std::size_t plain = 0;
  for (std::size_t at = 0; at < line.size();) {
    const std::string_view url = line[at] == 'h' ? url_at(line.substr(at)) : std::string_view();
    if (url.empty()) {
      ++at;
      continue;
    }
    out += html_escaped(line.substr(plain, at - plain));
    const std::string safe = html_escaped(url);
    out += fmt::format("<a href=\"{0}\">{0}</a>", safe);
    at += url.size();
    plain = at;
  }
  out += html_escaped(line.substr(plain));
}

std::string cut_lines(std::string_view text, std::size_t lines_max, std::string_view before) {
  std::string out;
  std::size_t lines = 0;
  while (!text.empty() || lines == 0) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    if (lines != 0) out += '\n';
    if (lines + 1 == lines_max && end != std::string_view::npos) {
      return out + std::string(before) + "[…]";
    }
    // A quote of a quote is ">>", as mail programs write it.
    const bool nested = !before.empty() && line.starts_with('>');
    std::string_view mark = nested ? std::string_view(">") : before;
    if (line.empty() && !before.empty()) mark = ">";
    out += mark;
    out += line;
    ++lines;
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return out;
}

constexpr std::array<std::string_view, 12> kMonthsSv{
    "januari", "februari", "mars",      "april",   "maj",      "juni",
    "juli",    "augusti",  "september", "oktober", "november", "december"};
constexpr std::array<std::string_view, 12> kMonthsEn{
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};

}  // namespace

std::string one_line(std::string_view text, std::size_t bytes_max) {
  const std::string valid = to_valid_utf8(text);
  std::string line;
  for (std::size_t i = 0; i < valid.size();) {
    const std::string_view rest = std::string_view(valid).substr(i);
    const auto code = static_cast<unsigned char>(valid[i]);
    const std::size_t odd = odd_line_end(rest);
    if (turns_direction(rest)) {
      i += 3;
    } else if (code <= 0x20 || code == 0x7F || odd != 0 || is_c1(rest)) {
      if (!line.empty() && line.back() != ' ') line += ' ';
      i += odd != 0 ? odd : is_c1(rest) ? 2 : 1;
    } else {
      line += valid[i++];
    }
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  if (line.size() <= bytes_max) return line;
  std::string_view cut = cut_utf8(line, bytes_max - 3);
  while (!cut.empty() && cut.back() == ' ') cut.remove_suffix(1);
  return std::string(cut) + "…";
}

std::string many_lines(std::string_view text) {
  const std::string valid = to_valid_utf8(text);
  std::string out;
  const auto end_line = [&out] {
    while (!out.empty() && (out.back() == ' ' || out.back() == '\t')) out.pop_back();
    if (!out.empty() && !out.ends_with("\n\n\n")) out += '\n';
  };
  for (std::size_t i = 0; i < valid.size();) {
    const std::string_view rest = std::string_view(valid).substr(i);
    const auto code = static_cast<unsigned char>(valid[i]);
    const std::size_t odd = odd_line_end(rest);
    if (rest.starts_with("\r\n")) {
      end_line();
      i += 2;
    } else if (code == '\n' || code == '\r') {
      end_line();
      ++i;
    } else if (odd != 0) {
      end_line();
      i += odd;
    } else if (is_c1(rest)) {
      i += 2;
    } else if ((code < 0x20 && code != '\t') || code == 0x7F) {
      ++i;
    } else {
      out += valid[i++];
    }
  }
  while (!out.empty() && (out.back() == '\n' || out.back() == ' ' || out.back() == '\t')) {
    out.pop_back();
  }
  return out;
}

std::string html_of(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    append_line(out, text.substr(0, end));
    if (end == std::string_view::npos) break;
    out += "<br>\n";
    text.remove_prefix(end + 1);
  }
  return out;
}

std::string quoted(std::string_view text, std::size_t lines_max) {
  return cut_lines(text, lines_max, "> ");
}
std::string first_lines(std::string_view text, std::size_t lines_max) {
  return cut_lines(text, lines_max, "");
}

std::string time_words(Instant at, std::string_view zone, std::string_view language) {
  const date::time_zone* place = nullptr;
  try {
    place = date::locate_zone(std::string(zone));
  } catch (const std::runtime_error&) {
    place = date::locate_zone("UTC");
  }
  const auto local = place->to_local(at);
  const auto day = date::floor<date::days>(local);
  const date::year_month_day date{day};
  const date::hh_mm_ss<Millis> time{std::chrono::floor<Millis>(local - day)};
  const auto month = static_cast<unsigned>(date.month()) - 1;
  OMBUD_ASSERT(month < 12);
  if (language == "en") {
    return fmt::format("{} {} {}, {:02}:{:02}", static_cast<unsigned>(date.day()), kMonthsEn[month],
                       static_cast<int>(date.year()), time.hours().count(), time.minutes().count());
  }
  return fmt::format("{} {} {} kl. {:02}.{:02}", static_cast<unsigned>(date.day()),
                     kMonthsSv[month], static_cast<int>(date.year()), time.hours().count(),
                     time.minutes().count());
}

std::string size_words(std::int64_t bytes, std::string_view language) {
  if (bytes < 1000) return fmt::format("{} B", std::max<std::int64_t>(bytes, 0));
  if (bytes < 999'500) return fmt::format("{} kB", (bytes + 500) / 1000);
  std::string text = fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
  if (language != "en") std::replace(text.begin(), text.end(), '.', ',');
  return text;
}

std::string_view what_words(Kind kind, std::string_view language) {
  const bool en = language == "en";
  switch (kind) {
    case Kind::registered:
      return en ? "Received" : "Mottaget";
    case Kind::replied:
      return en ? "New answer" : "Nytt svar";
    case Kind::status_changed:
      return en ? "New status" : "Ny status";
    case Kind::waiting_for_you:
      return en ? "Waits for you" : "Väntar på dig";
    case Kind::approval_needed:
      return en ? "Waits for approval" : "Väntar på godkännande";
    case Kind::approval_decided:
      return en ? "Approval answered" : "Besked om godkännande";
    case Kind::solved:
      return en ? "Solved" : "Löst";
    case Kind::closed:
      return en ? "Closed" : "Avslutat";
    case Kind::reopened:
      return en ? "Open again" : "Öppnat igen";
    case Kind::added:
      return en ? "You were added" : "Du har lagts till";
    case Kind::major_incident:
      return en ? "Major incident" : "Större störning";
  }
  OMBUD_ASSERT(false);
  return {};
}

std::string_view no_subject(std::string_view language) {
  return language == "en" ? "Your ticket" : "Ditt ärende";
}

std::string_view to_text(Kind kind) {
  switch (kind) {
    case Kind::registered:
      return "registered";
    case Kind::replied:
      return "replied";
    case Kind::status_changed:
      return "status_changed";
    case Kind::waiting_for_you:
      return "waiting_for_you";
    case Kind::approval_needed:
      return "approval_needed";
    case Kind::approval_decided:
      return "approval_decided";
    case Kind::solved:
      return "solved";
    case Kind::closed:
      return "closed";
    case Kind::reopened:
      return "reopened";
    case Kind::added:
      return "added";
    case Kind::major_incident:
      return "major_incident";
  }
  OMBUD_ASSERT(false);
  return {};
}

}  // namespace ombud::notify
