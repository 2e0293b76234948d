// A formatted body while it is being understood: a tree of blocks, its lines as text, and what of
// it a reply only carries along. Becomes the JSON of blocks.hpp. Pure; depth is bounded by its
// makers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ombud::mail {

enum class Kind : std::uint8_t {
  paragraph,
  heading,
  unordered,
  ordered,
  item,
  quote,
  code,
  rule,
  table,
  row,
  head_cell,
  cell,
  quoted,  // made by fold() only
};

// What the mark-up of a mail program says about a block.
enum class Mark : std::uint8_t { none, attribution, history, signature };

// How a stretch of words looks; `link` is a place in the vector of addresses, or -1.
struct Look {
  bool strong = false, em = false, underline = false, deleted = false;
  bool sub = false, sup = false, code = false;
  int link = -1;
  bool operator==(const Look&) const = default;
};

// A stretch of a line: words, a line break, or a picture.
struct Run {
  enum class Type : std::uint8_t { words, line_break, image } type = Type::words;
  Look look;
  std::string text;     // words; of an image its alternative text
  std::string source;   // image that is not in the mail: the host it would come from
  int attachment = -1;  // image: its place among the attachments
  int width = 0, height = 0;
};

struct Block {
  Kind kind = Kind::paragraph;
  Mark mark = Mark::none;
  bool cited = false;     // quote: history, by its mark-up
  int number = 0;         // heading: level; ordered: first number
  std::string code;       // code: lines, each but the last with \n
  std::vector<Run> runs;  // paragraph, heading
  std::vector<Block> children;
  std::size_t first_line = 0, lines = 0;  // paragraph, heading, code, rule, row: set by lines_of
};

struct Formatted {
  std::vector<Block> blocks;
  std::vector<std::string> links;  // http, https or mailto
};

struct TextLine {
  std::string text;    // without the marks of quotes
  int quotes = 0;      // how many quotes it stands in
  bool cited = false;  // one of them is history by its mark-up
  bool ruler = false;  // drawn, not written
  Mark mark = Mark::none;
};

// The tree as lines of text that read well; empty lines between paragraphs.
std::vector<TextLine> lines_of(Formatted& body);
// Those lines with "> " before what is quoted; the ones marked in `hidden` (if any) left out.
std::string join_lines(const std::vector<TextLine>& lines, const std::vector<bool>& hidden = {});
// Puts what stands in the hidden lines into `quoted` blocks.
void fold(Formatted& body, const std::vector<bool>& hidden);

inline constexpr std::size_t kBlockNodesMax = 20'000;     // of one tree as JSON
inline constexpr std::size_t kBlockBytesMax = 2U << 20U;  // likewise
inline constexpr int kBlockDepthMax = 14;                 // blocks inside each other

// Empty if the tree is larger than the limits above; "[]" never: a tree without a word or picture
// gives the empty text too.
std::string to_json(const Formatted& body, bool& too_large);

// Plain text as a tree: paragraphs, and quotes where lines begin with '>'.
std::vector<Block> blocks_of_text(std::string_view text);

}  // namespace ombud::mail
