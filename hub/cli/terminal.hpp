// Text for people: tables that fit the terminal, times as people say them, colours where they help.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/time.hpp"

namespace ombud::cli {

enum class Paint { plain, bold, dim, red, green, yellow };

class Style {
 public:
  explicit Style(bool colours) : colours_(colours) {}
  std::string operator()(Paint paint, std::string_view text) const;
  bool colours() const { return colours_; }

 private:
  bool colours_;
};

// Texts of users and suppliers may hold escape sequences: every control character becomes a space
// (or stays, for a line feed where `lines` is set).
std::string printable(std::string_view text, bool lines = false);
// JSON on lines of its own, indented by two, for people; not yet printable.
std::string pretty(json::View value);
// Columns that a text takes on a terminal (wide East Asian characters count two).
int width_of(std::string_view text);
// The text, cut with "…" if it is wider than `width`.
std::string fit(std::string_view text, int width);
// Lines of at most `width` columns, each with the indent in front.
std::string wrap(std::string_view text, int width, std::string_view indent);

// "just now", "5 min ago", "3 h ago", "2 days ago", "in 4 h", "2026-01-31".
std::string relative(Instant at, Instant now);
// The same from RFC 3339; "" for an empty text.
std::string relative(std::string_view rfc3339, Instant now);

struct Cell {
  std::string text;
  Paint paint = Paint::plain;
};

class Table {
 public:
  // The flexible column is cut when the terminal is too narrow; -1: the last.
  explicit Table(std::vector<std::string> titles, int flexible = -1);
  void add(std::vector<Cell> row);
  bool empty() const { return rows_.empty(); }
  void print(std::ostream& out, const Style& style, int columns) const;

 private:
  std::vector<std::string> titles_;
  std::size_t flexible_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace ombud::cli
