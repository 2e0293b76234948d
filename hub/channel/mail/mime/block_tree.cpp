#include "channel/mail/mime/block_tree.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/json.hpp"

namespace ombud::mail {
namespace {

constexpr int kQuotesShownMax = 20;
constexpr int kTextQuotesMax = 8;  // of plain text made a tree
constexpr std::string_view kSpaces = " \t";

bool is_leaf(Kind kind) {
  return kind == Kind::paragraph || kind == Kind::heading || kind == Kind::code ||
         kind == Kind::rule || kind == Kind::row;
}

// The address as a reader would type it.
std::string_view typed(std::string_view address) {
  if (address.starts_with("mailto:")) {
    address.remove_prefix(7);
    return address.substr(0, address.find('?'));
  }
  return address;
}

class LineWriter {
 public:
  explicit LineWriter(const Formatted& body) : links_(body.links) {}

  void blocks(std::vector<Block>& all) {
    for (Block& block : all) one(block);
  }
  std::vector<TextLine> take() { return std::move(lines_); }

 private:
  void one(Block& block) {
    switch (block.kind) {
      case Kind::paragraph:
      case Kind::heading:
        gap_ = std::max(gap_, in_item_ ? 0 : 1);
        leaf(block, split(block.runs));
        gap_ = std::max(gap_, in_item_ ? 0 : 1);
        break;
      case Kind::code:
        gap_ = 1;
        code(block);
        gap_ = 1;
        break;
      case Kind::rule:
        gap_ = std::max(gap_, 0);
        leaf(block, {"----"});
        lines_.back().ruler = true;
        break;
      case Kind::unordered:
      case Kind::ordered:
        list(block);
        break;
      case Kind::item:
        blocks(block.children);
        break;
      case Kind::quote: {
        gap_ = 1;
        const bool outer = std::exchange(cited_, cited_ || block.cited);
        const bool item = std::exchange(in_item_, false);
        ++quotes_;
        blocks(block.children);
        --quotes_;
        cited_ = outer;
        in_item_ = item;
        gap_ = 1;
        break;
      }
      case Kind::table:
        gap_ = 1;
        for (Block& row : block.children) {
          std::string line;
          for (Block& cell : row.children) {
            line += line.empty() && &cell == &row.children.front() ? "" : " | ";
            line += flat(cell);
          }
          leaf(row, {line});
        }
        gap_ = 1;
        break;
      case Kind::row:
      case Kind::head_cell:
      case Kind::cell:
        break;  // by its table
      case Kind::quoted:
        blocks(block.children);
        break;
    }
  }

  void list(Block& block) {
    const bool nested = in_item_;
    if (!nested) gap_ = 1;
    const bool outer = std::exchange(in_item_, true);
    int number = block.number == 0 ? 1 : block.number;
    for (Block& item : block.children) {
      const std::string mark =
          block.kind == Kind::ordered ? fmt::format("{}. ", number++) : std::string("- ");
      const std::size_t indent = indent_.size();
      first_ = indent_ + mark;
      indent_.append(mark.size(), ' ');
      blocks(item.children);
      indent_.resize(indent);
      first_.clear();
      gap_ = 0;
    }
    in_item_ = outer;
    if (!nested) gap_ = 1;
  }

  void code(Block& block) {
    std::vector<std::string> texts;
    std::string_view rest = block.code;
    while (true) {
      const std::size_t end = rest.find('\n');
      texts.emplace_back(rest.substr(0, end));
      if (end == std::string_view::npos) break;
      rest.remove_prefix(end + 1);
    }
    leaf(block, texts);
  }

  void leaf(Block& block, const std::vector<std::string>& texts) {
    bool words = false;
    for (const std::string& text : texts) {
      words |= text.find_first_not_of(kSpaces) != std::string::npos;
    }
    if (!words) {
      block.first_line = lines_.size();
      block.lines = 0;
      return;
    }
    if (gap_ > 0 && !lines_.empty()) {
      TextLine empty;
      empty.quotes = std::min(quotes_, lines_.back().quotes);
      empty.cited = cited_ && lines_.back().cited;
      lines_.push_back(std::move(empty));
    }
    gap_ = 0;
    block.first_line = lines_.size();
    block.lines = texts.size();
    for (const std::string& text : texts) {
      TextLine line;
      line.text = first_.empty() ? indent_ + text : first_ + text;
      first_.clear();
      line.text.resize(line.text.find_last_not_of(kSpaces) + 1);
      line.quotes = quotes_;
      line.cited = cited_;
      line.mark = block.mark;
      lines_.push_back(std::move(line));
    }
  }

  // The lines of a paragraph, with the addresses of its links where the words do not say them.
  std::vector<std::string> split(const std::vector<Run>& runs) const {
    std::vector<std::string> texts(1);
    std::string linked;
    for (std::size_t i = 0; i < runs.size(); ++i) {
      const Run& run = runs[i];
      std::string& text = texts.back();
      if (run.type == Run::Type::line_break) {
        texts.emplace_back();
      } else if (run.type == Run::Type::image) {
        if (!run.text.empty()) text += "[" + run.text + "]";
      } else {
        text += run.text;
      }
      if (run.look.link < 0) continue;
      linked += run.text;
      const bool ends = i + 1 == runs.size() || runs[i + 1].look.link != run.look.link;
      if (!ends) continue;
      const std::string& address = links_[static_cast<std::size_t>(run.look.link)];
      if (linked.find(typed(address)) == std::string::npos) {
        std::string& last = texts.back();
        const bool space = last.ends_with(' ');
        if (!last.empty() && !space) last += ' ';
        last += "<" + std::string(typed(address)) + (space ? "> " : ">");
      }
      linked.clear();
    }
    return texts;
  }

  // All words of a cell on one line.
  std::string flat(const Block& cell) const {
    std::string line;
    const auto add = [&](const std::string& text) {
      if (text.empty()) return;
      if (!line.empty()) line += ' ';
      line += text;
    };
    if (cell.kind == Kind::code) {
      std::string code = cell.code;
      std::replace(code.begin(), code.end(), '\n', ' ');
      add(code);
    }
    for (const std::string& text : split(cell.runs)) add(text);
    for (const Block& child : cell.children) add(flat(child));
    return line;
  }

  const std::vector<std::string>& links_;
  std::vector<TextLine> lines_;
  int gap_ = 0, quotes_ = 0;
  bool cited_ = false, in_item_ = false;
  std::string indent_, first_;
};

enum class Part : std::uint8_t { neutral, none, some, all };

Part both(Part a, Part b) {
  if (a == Part::neutral) return b;
  if (b == Part::neutral || a == b) return a;
  return Part::some;
}

Part hidden_part(const Block& block, const std::vector<bool>& hidden) {
  if (is_leaf(block.kind)) {
    Part part = Part::neutral;
    for (std::size_t i = 0; i < block.lines; ++i) {
      part = both(part, hidden[block.first_line + i] ? Part::all : Part::none);
    }
    return part;
  }
  Part part = Part::neutral;
  for (const Block& child : block.children) part = both(part, hidden_part(child, hidden));
  return part;
}

// The lines `from` to `to` of a paragraph or a code block, as one.
Block slice(const Block& block, std::size_t from, std::size_t to) {
  Block piece = block;
  piece.first_line = block.first_line + from;
  piece.lines = to - from;
  piece.runs.clear();
  piece.code.clear();
  std::size_t line = 0;
  for (const Run& run : block.runs) {
    if (run.type == Run::Type::line_break) {
      ++line;
      if (line > from && line < to) piece.runs.push_back(run);
    } else if (line >= from && line < to) {
      piece.runs.push_back(run);
    }
  }
  line = 0;
  for (const char c : block.code) {
    const bool in = line >= from && line < to && !(c == '\n' && line + 1 == to);
    if (in) piece.code += c;
    if (c == '\n') ++line;
  }
  return piece;
}

class Folder {
 public:
  explicit Folder(const std::vector<bool>& hidden) : hidden_(hidden) {}

  std::vector<Block> fold(std::vector<Block> blocks) const {
    std::vector<Block> all, away;
    const auto flush = [&] {
      if (away.empty()) return;
      Block quoted;
      quoted.kind = Kind::quoted;
      quoted.children = std::exchange(away, {});
      all.push_back(std::move(quoted));
    };
    for (Block& block : blocks) {
      switch (hidden_part(block, hidden_)) {
        case Part::all:
          away.push_back(std::move(block));
          continue;
        case Part::neutral:
          (away.empty() ? all : away).push_back(std::move(block));
          continue;
        case Part::none:
          flush();
          all.push_back(std::move(block));
          continue;
        case Part::some:
          break;
      }
      if (block.kind == Kind::paragraph || block.kind == Kind::code) {
        for (std::size_t at = 0; at < block.lines;) {
          std::size_t end = at + 1;
          const bool hide = hidden_[block.first_line + at];
          while (end < block.lines && hidden_[block.first_line + end] == hide) ++end;
          if (!hide) flush();
          (hide ? away : all).push_back(slice(block, at, end));
          at = end;
        }
        continue;
      }
      flush();
      within(block);
      all.push_back(std::move(block));
    }
    flush();
    return all;
  }

 private:
  // A block that stays, with its hidden parts put away inside.
  void within(Block& block) const {
    if (block.kind == Kind::unordered || block.kind == Kind::ordered) {
      for (Block& item : block.children) item.children = fold(std::move(item.children));
    } else if (block.kind == Kind::quote || block.kind == Kind::item) {
      block.children = fold(std::move(block.children));
    }  // a table is one thing
  }

  const std::vector<bool>& hidden_;
};

struct Style {
  bool Look::*flag;
  std::string_view name;
};
constexpr std::array<Style, 7> kStyles = {{{&Look::strong, "strong"},
                                           {&Look::em, "em"},
                                           {&Look::underline, "u"},
                                           {&Look::deleted, "del"},
                                           {&Look::sub, "sub"},
                                           {&Look::sup, "sup"},
                                           {&Look::code, "codespan"}}};

class JsonWriter {
 public:
  explicit JsonWriter(const Formatted& body) : links_(body.links) {}

  std::string write(const std::vector<Block>& blocks, bool& too_large) {
    out_.begin_array();
    for (const Block& block : blocks) one(block);
    out_.end_array();
    too_large = full_;
    return full_ || !any_ ? std::string() : out_.take();
  }

 private:
  static std::string_view name_of(Kind kind) {
    switch (kind) {
      case Kind::paragraph:
        return "p";
      case Kind::heading:
        return "h";
      case Kind::unordered:
        return "ul";
      case Kind::ordered:
        return "ol";
      case Kind::item:
        return "li";
      case Kind::quote:
        return "quote";
      case Kind::code:
        return "code";
      case Kind::rule:
        return "hr";
      case Kind::table:
        return "table";
      case Kind::row:
        return "tr";
      case Kind::head_cell:
        return "th";
      case Kind::cell:
        return "td";
      case Kind::quoted:
        break;
    }
    return "quoted";
  }

  void count(std::size_t bytes) {
    bytes_ += bytes + 16;
    full_ |= ++nodes_ > kBlockNodesMax || bytes_ > kBlockBytesMax;
  }

  void one(const Block& block) {
    count(0);
    if (full_) return;
    out_.begin_object().field("t", name_of(block.kind));
    if (block.kind == Kind::rule) {
      out_.end_object();
      return;
    }
    if (block.kind == Kind::heading) out_.field("level", block.number);
    if (block.kind == Kind::ordered) out_.field("start", block.number);
    out_.begin_array("c");
    if (block.kind == Kind::code) words(block.code);
    runs(block.runs, 0, block.runs.size(), -1);
    const bool cell =
        block.kind == Kind::item || block.kind == Kind::cell || block.kind == Kind::head_cell;
    if (cell && block.children.size() == 1 && block.children[0].kind == Kind::paragraph) {
      const std::vector<Run>& only = block.children[0].runs;
      runs(only, 0, only.size(), -1);
    } else {
      for (const Block& child : block.children) one(child);
    }
    out_.end_array().end_object();
  }

  void words(const std::string& text) {
    count(text.size());
    any_ = true;
    if (!full_) out_.begin_object().field("t", "text").field("v", text).end_object();
  }

  // `style`: -1 for links, then the places of kStyles, then the runs themselves.
  void runs(const std::vector<Run>& all, std::size_t from, std::size_t to, int style) {
    if (style == static_cast<int>(kStyles.size())) {
      for (std::size_t i = from; i < to && !full_; ++i) leaf(all[i]);
      return;
    }
    const auto value = [&](std::size_t i) {
      return style < 0
                 ? all[i].look.link
                 : static_cast<int>(all[i].look.*kStyles[static_cast<std::size_t>(style)].flag) - 1;
    };
    while (from < to && !full_) {
      std::size_t end = from + 1;
      while (end < to && value(end) == value(from)) ++end;
      if (value(from) < 0) {
        runs(all, from, end, style + 1);
      } else if (style >= 0 && kStyles[static_cast<std::size_t>(style)].name == "codespan") {
        codespan(all, from, end);
      } else {
        count(0);
        out_.begin_object();
        if (style < 0) {
          const std::string& address = links_[static_cast<std::size_t>(value(from))];
          count(address.size());
          out_.field("t", "a").field("href", address);
        } else {
          out_.field("t", kStyles[static_cast<std::size_t>(style)].name);
        }
        out_.begin_array("c");
        runs(all, from, end, style + 1);
        out_.end_array().end_object();
      }
      from = end;
    }
  }

  void codespan(const std::vector<Run>& all, std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to && !full_; ++i) {
      if (all[i].type != Run::Type::words) {
        leaf(all[i]);
        continue;
      }
      count(all[i].text.size());
      any_ = true;
      out_.begin_object().field("t", "codespan").field("v", all[i].text).end_object();
    }
  }

  void leaf(const Run& run) {
    if (run.type == Run::Type::words) return words(run.text);
    count(run.text.size());
    if (full_) return;
    if (run.type == Run::Type::line_break) {
      out_.begin_object().field("t", "br").end_object();
      return;
    }
    any_ = true;
    out_.begin_object().field("t", "img").key("attachment");
    run.attachment < 0 ? out_.null() : out_.value(run.attachment);
    out_.field("alt", run.text);
    if (!run.source.empty()) out_.field("source", run.source);
    if (run.width > 0) out_.field("width", run.width);
    if (run.height > 0) out_.field("height", run.height);
    out_.end_object();
  }

  const std::vector<std::string>& links_;
  json::Writer out_;
  std::size_t nodes_ = 0, bytes_ = 0;
  bool full_ = false, any_ = false;
};

// Of lines that all begin with '>', one mark less each.
std::string unquoted(const std::vector<std::string_view>& lines) {
  std::string text;
  for (std::string_view line : lines) {
    line.remove_prefix(1);
    if (line.starts_with(' ')) line.remove_prefix(1);
    text += line;
    text += '\n';
  }
  return text;
}

std::vector<Block> text_blocks(std::string_view text, int depth) {
  std::vector<Block> blocks;
  Block paragraph;
  std::vector<std::string_view> quoted;
  const auto end_paragraph = [&] {
    if (!paragraph.runs.empty()) blocks.push_back(std::exchange(paragraph, {}));
  };
  const auto end_quote = [&] {
    if (quoted.empty()) return;
    Block quote;
    quote.kind = Kind::quote;
    quote.cited = true;
    quote.children = text_blocks(unquoted(quoted), depth + 1);
    if (!quote.children.empty()) blocks.push_back(std::move(quote));
    quoted.clear();
  };
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.starts_with('>') && depth < kTextQuotesMax) {
      end_paragraph();
      quoted.push_back(line);
      continue;
    }
    end_quote();
    if (line.find_first_not_of(kSpaces) == std::string_view::npos) {
      end_paragraph();
      continue;
    }
    if (!paragraph.runs.empty()) {
      Run line_break;
      line_break.type = Run::Type::line_break;
      paragraph.runs.push_back(std::move(line_break));
    }
    Run words;
    words.text = line;
    paragraph.runs.push_back(std::move(words));
  }
  end_quote();
  end_paragraph();
  return blocks;
}

}  // namespace

std::vector<TextLine> lines_of(Formatted& body) {
  LineWriter writer(body);
  writer.blocks(body.blocks);
  return writer.take();
}

std::string join_lines(const std::vector<TextLine>& lines, const std::vector<bool>& hidden) {
  std::string text;
  bool any = false, gap = false;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i < hidden.size() && hidden[i]) continue;
    const TextLine& line = lines[i];
    if (line.text.empty() && line.quotes == 0) {
      gap = any;
      continue;
    }
    if (any) text += gap ? "\n\n" : "\n";
    any = true;
    gap = false;
    const int marks = std::min(line.quotes, kQuotesShownMax);
    for (int mark = 0; mark < marks; ++mark) text += mark == 0 ? ">" : " >";
    if (marks > 0 && !line.text.empty()) text += ' ';
    text += line.text;
  }
  return text;
}

void fold(Formatted& body, const std::vector<bool>& hidden) {
  if (std::find(hidden.begin(), hidden.end(), true) == hidden.end()) return;
  body.blocks = Folder(hidden).fold(std::move(body.blocks));
}

std::string to_json(const Formatted& body, bool& too_large) {
  return JsonWriter(body).write(body.blocks, too_large);
}

std::vector<Block> blocks_of_text(std::string_view text) {
  return text_blocks(text, 0);
}

}  // namespace ombud::mail
