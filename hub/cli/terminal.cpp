#include "cli/terminal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>

#include "base/bytes.hpp"

namespace ombud::cli {
namespace {

constexpr int kFlexibleMin = 12;
constexpr std::string_view kGap = "  ";

// Decodes one character of valid UTF-8.
std::uint32_t next_character(std::string_view text, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(text[at++]);
  int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
  std::uint32_t character = more == 3   ? lead & 0x07U
                            : more == 2 ? lead & 0x0FU
                            : more == 1 ? lead & 0x1FU
                                        : lead;
  while (more-- > 0 && at < text.size()) {
    character = character << 6U | (static_cast<unsigned char>(text[at++]) & 0x3FU);
  }
  return character;
}

int width_of(std::uint32_t c) {
  if ((c >= 0x300 && c <= 0x36F) || c == 0x200B || c == 0x200D || (c >= 0xFE00 && c <= 0xFE0F)) {
    return 0;  // combining marks, joiners
  }
  const bool wide = (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) ||
                    (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) ||
                    (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
                    (c >= 0x1F300 && c <= 0x1FAFF) || (c >= 0x20000 && c <= 0x3FFFD);
  return wide ? 2 : 1;
}

// Controls of ASCII and of Latin 1, and the marks that turn the direction of text around.
bool is_control(std::uint32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x2069);
}

std::string counted(std::int64_t count, std::string_view unit, bool past) {
  return past ? fmt::format("{} {} ago", count, unit) : fmt::format("in {} {}", count, unit);
}

}  // namespace

std::string Style::operator()(Paint paint, std::string_view text) const {
  if (!colours_ || paint == Paint::plain) return std::string(text);
  const int code = paint == Paint::bold    ? 1
                   : paint == Paint::dim   ? 2
                   : paint == Paint::red   ? 31
                   : paint == Paint::green ? 32
                                           : 33;
  return fmt::format("\033[{}m{}\033[0m", code, text);
}

std::string printable(std::string_view text, bool lines) {
  const std::string valid = to_valid_utf8(text);
  std::string clean;
  for (std::size_t at = 0; at < valid.size();) {
    const std::size_t start = at;
    const std::uint32_t character = next_character(valid, at);
    if (lines && character == '\n') {
      clean += '\n';
    } else if (lines && character == '\r') {
      continue;
    } else if (is_control(character)) {
      clean += ' ';
    } else {
      clean.append(valid, start, at - start);
    }
  }
  return clean;
}

int width_of(std::string_view text) {
  int width = 0;
  for (std::size_t at = 0; at < text.size();) width += width_of(next_character(text, at));
  return width;
}

std::string fit(std::string_view text, int width) {
  if (width_of(text) <= width) return std::string(text);
  int used = 0;
  std::size_t end = 0;
  for (std::size_t at = 0; at < text.size();) {
    used += width_of(next_character(text, at));
    if (used > width - 1) break;
    end = at;
  }
  return std::string(text.substr(0, end)) + "…";
}

namespace {

void pretty_into(std::string& out, json::View value, const std::string& indent) {
  const bool object = value.is_object();
  if ((!object && !value.is_array()) || value.size() == 0) {
    out += value.dump();
    return;
  }
  const std::string inner = indent + "  ";
  for (std::size_t i = 0; i < value.size(); ++i) {
    out += (i == 0 ? (object ? "{\n" : "[\n") : ",\n") + inner;
    if (object) out += json::Writer().value(value.name_at(i)).take() + ": ";
    pretty_into(out, object ? value.member_at(i) : value.at(i), inner);
  }
  out += "\n" + indent + (object ? "}" : "]");
}

}  // namespace

std::string pretty(json::View value) {
  std::string out;
  pretty_into(out, value, "");
  return out;
}

std::string wrap(std::string_view text, int width, std::string_view indent) {
  const int room = std::max(20, width - static_cast<int>(indent.size()));
  std::string wrapped;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    int used = 0;
    wrapped += indent;
    for (bool first = true; !line.empty() || first; first = false) {
      const auto space = std::min(line.find(' '), line.size());
      const std::string_view word = line.substr(0, space);
      line.remove_prefix(std::min(space + 1, line.size()));
      const int width_of_word = width_of(word);
      if (!first && used + 1 + width_of_word > room) {
        wrapped += fmt::format("\n{}", indent);
        used = 0;
      } else if (!first) {
        wrapped += ' ';
        ++used;
      }
      wrapped += word;
      used += width_of_word;
    }
    wrapped += '\n';
  }
  return wrapped;
}

std::string relative(Instant at, Instant now) {
  const bool past = at <= now;
  const std::int64_t seconds = (past ? now - at : at - now).count() / 1000;
  if (seconds < 5) return past ? "just now" : "now";
  if (seconds < 60) return counted(seconds, "s", past);
  if (seconds < 3600) return counted(seconds / 60, "min", past);
  if (seconds < 48 * 3600LL) return counted(seconds / 3600, "h", past);
  if (seconds < 30 * 86400LL) return counted(seconds / 86400, "days", past);
  return to_rfc3339(at).substr(0, 10);
}

std::string relative(std::string_view rfc3339, Instant now) {
  const auto at = parse_rfc3339(rfc3339);
  return at ? relative(*at, now) : printable(rfc3339);
}

Table::Table(std::vector<std::string> titles, int flexible)
    : titles_(std::move(titles)),
      flexible_(flexible < 0 ? titles_.size() - 1 : static_cast<std::size_t>(flexible)) {}

void Table::add(std::vector<Cell> row) {
  row.resize(titles_.size());
  for (Cell& cell : row) cell.text = printable(cell.text);
  rows_.push_back(std::move(row));
}

void Table::print(std::ostream& out, const Style& style, int columns) const {
  std::vector<int> widths;
  for (const std::string& title : titles_) widths.push_back(width_of(title));
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], width_of(row[i].text));
    }
  }
  int total = static_cast<int>(kGap.size() * (widths.size() - 1));
  for (const int width : widths) total += width;
  if (columns > 0 && total > columns) {
    widths[flexible_] =
        std::max(std::min(kFlexibleMin, widths[flexible_]), widths[flexible_] - (total - columns));
  }
  const auto print_cell = [&](std::size_t i, const Cell& cell) {
    const std::string text = fit(cell.text, widths[i]);
    out << style(cell.paint, text);
    if (i + 1 == widths.size()) {
      out << '\n';
    } else {
      out << std::string(static_cast<std::size_t>(widths[i] - width_of(text)), ' ') << kGap;
    }
  };
  for (std::size_t i = 0; i < titles_.size(); ++i) print_cell(i, {titles_[i], Paint::dim});
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) print_cell(i, row[i]);
  }
}

}  // namespace ombud::cli
