#include "channel/mail/mime/html_blocks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/bytes.hpp"
#include "channel/mail/addresses.hpp"
#include "channel/mail/mime/charset.hpp"
#include "channel/mail/mime/html_tree.hpp"

namespace ombud::mail {
namespace {

constexpr std::size_t kPictureBytesMax = 8U << 20U;
constexpr std::size_t kDataCellBytesMax = 400;
constexpr std::size_t kHostBytesMax = 253;
constexpr int kTrackingPixelsMax = 2;

bool one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// The value of one property in a style attribute (lower case); empty if it is not there.
std::string_view property(std::string_view style, std::string_view wanted) {
  std::string_view found;
  while (!style.empty()) {
    const std::size_t end = std::min(style.find(';'), style.size());
    std::string_view one = style.substr(0, end);
    style.remove_prefix(std::min(end + 1, style.size()));
    const std::size_t colon = one.find(':');
    if (colon == std::string_view::npos) continue;
    std::string_view name = one.substr(0, colon);
    const auto trim = [](std::string_view text) {
      const std::size_t first = text.find_first_not_of(" \t\r\n");
      if (first == std::string_view::npos) return std::string_view();
      return text.substr(first, text.find_last_not_of(" \t\r\n") + 1 - first);
    };
    if (trim(name) == wanted) found = trim(one.substr(colon + 1));
  }
  return found;
}

// "0", "0px", "0.0pt", "1px": too small to read.
bool tiny(std::string_view size) {
  if (size.empty() || size[0] < '0' || size[0] > '9') return false;
  const bool zero = size.find_first_of("123456789") == std::string_view::npos;
  return zero || size == "1px" || size == "1pt";
}
bool zero(std::string_view size) {
  return !size.empty() && (size[0] == '0' || size[0] == '.') &&
         size.find_first_of("123456789") == std::string_view::npos;
}

bool is_hidden(const HtmlNode& node) {
  if (node.hidden) return true;
  const std::string_view style = node.style;
  if (style.empty()) return false;
  return property(style, "display").starts_with("none") ||
         property(style, "visibility").starts_with("hidden") || zero(property(style, "opacity")) ||
         zero(property(style, "max-height")) ||
         (zero(property(style, "height")) && property(style, "overflow").starts_with("hidden"));
}

// Where a reader may be sent; empty otherwise.
std::string safe_link(std::string_view written) {
  std::string address;
  for (const char c : written) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte == '\r' || byte == '\n' || byte == '\t') continue;  // as browsers do
    if (byte < 0x20 || byte == 0x7F) return {};
    address += c;
  }
  const std::size_t first = address.find_first_not_of(' ');
  if (first == std::string::npos) return {};
  address = address.substr(first, address.find_last_not_of(' ') + 1 - first);
  const std::size_t colon = address.find(':');
  if (colon == std::string::npos) return {};
  const std::string scheme = folded(std::string_view(address).substr(0, colon));
  if (scheme != "http" && scheme != "https" && scheme != "mailto") return {};
  const std::string_view rest = std::string_view(address).substr(colon + 1);
  if (rest.empty() || (scheme != "mailto" && (!rest.starts_with("//") || rest.size() < 3)))
    return {};
  return scheme + ":" + std::string(rest);
}

// The host of an address of a picture; empty if it has none.
std::string host_of(std::string_view address) {
  const std::string scheme = folded(address.substr(0, std::min<std::size_t>(address.find(':'), 8)));
  const std::size_t slashes = address.find("//");
  if ((scheme != "http" && scheme != "https" && !address.starts_with("//")) ||
      slashes == std::string_view::npos) {
    return {};
  }
  std::string_view host = address.substr(slashes + 2);
  host = host.substr(0, host.find_first_of("/?#\\"));
  const std::size_t user = host.rfind('@');
  if (user != std::string_view::npos) host.remove_prefix(user + 1);
  return one_line(folded(host.substr(0, host.find(':'))), kHostBytesMax);
}

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string percent_decoded(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex(text[i + 1]) >= 0 && hex(text[i + 2]) >= 0) {
      bytes += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
      i += 2;
    } else {
      bytes += text[i];
    }
  }
  return bytes;
}

// Words without what is not meant to be read: controls, soft hyphens, joiners that pad.
std::string readable(std::string_view text) {
  const std::string repaired = repair_c1(text);
  std::string words;
  words.reserve(repaired.size());
  for (std::size_t i = 0; i < repaired.size(); ++i) {
    const std::string_view rest = std::string_view(repaired).substr(i);
    const auto byte = static_cast<unsigned char>(repaired[i]);
    if (rest.starts_with("\xC2\xA0")) {  // no-break space
      words += ' ';
      ++i;
    } else if (rest.starts_with("\xC2\xAD") || rest.starts_with("\xCD\x8F")) {
      ++i;  // soft hyphen; combining grapheme joiner
    } else if (rest.starts_with("\xE2\x80\x8B") || rest.starts_with("\xEF\xBB\xBF")) {
      i += 2;  // zero width space; byte order mark
    } else if (byte >= ' ' ? byte != 0x7F : byte == '\n' || byte == '\t' || byte == '\r') {
      words += repaired[i];
    }
  }
  return words;
}

// True if there is something to see: not only joiners and spaces.
bool visible(std::string_view words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == ' ') continue;
    if (words.substr(i, 3) == "\xE2\x80\x8C" || words.substr(i, 3) == "\xE2\x80\x8D") {
      i += 2;
      continue;
    }
    return true;
  }
  return false;
}

Mark mark_of(const HtmlNode& node) {
  const std::string_view css = node.css_class, id = node.id;
  const auto has = [&](std::string_view word) { return css.find(word) != std::string_view::npos; };
  if (has("gmail_attr") || has("moz-cite-prefix")) return Mark::attribution;
  if (id.ends_with("divRplyFwdMsg") || id.ends_with("appendonsend") ||
      has("OutlookMessageHeader") || id.starts_with("ms-outlook-mobile-reference-message") ||
      has("ms-outlook-mobile-reference-message") ||
      id == "mail-editor-reference-message-container" || has("yahoo_quoted") ||
      has("protonmail_quote") || has("zmail_extra") || id == "zwchr") {
    return Mark::history;
  }
  if (has("gmail_signature") || id == "Signature" || has("moz-signature") ||
      has("ms-outlook-mobile-signature") || id.starts_with("ms-outlook-mobile-signature") ||
      has("protonmail_signature_block")) {
    return Mark::signature;
  }
  return Mark::none;
}

class Converter {
 public:
  Converter(const HtmlTree& tree, const std::function<FoundPicture(std::string_view)>& cid,
            int first_picture, bool with_hidden)
      : tree_(tree), cid_(cid), first_picture_(first_picture), with_hidden_(with_hidden) {
    stack_.emplace_back();
  }

  HtmlBody convert() {
    State state;
    children(tree_.nodes[0], state);
    end_paragraph();
    body_.body.blocks = std::move(stack_.front().children);
    body_.cut = tree_.cut;
    return std::move(body_);
  }

  bool any() const { return any_; }

 private:
  struct State {
    Look look;
    bool tiny = false;        // letters of size 0, until somebody sets another size
    bool keep_lines = false;  // white-space: pre
  };

  void children(const HtmlNode& node, const State& state) {
    for (const std::uint32_t child : node.children) one(tree_.nodes[child], state);
  }

  void one(const HtmlNode& node, State state) {
    if (node.name.empty()) return words(node.text, state);
    if (!with_hidden_ && is_hidden(node)) return;
    style(node, state);
    const Mark mark = mark_of(node);
    if (mark == Mark::none || mark == mark_) return element(node, state);
    end_paragraph();
    const Mark outer = std::exchange(mark_, mark);
    if (mark == Mark::history && node.children.empty()) {
      pending_history_ = true;  // an empty mark: what follows it is the history
    }
    element(node, state);
    end_paragraph();
    mark_ = outer;
  }

  void style(const HtmlNode& node, State& state) const {
    const std::string_view name = node.name;
    if (one_of(name, {"b", "strong"})) state.look.strong = true;
    if (one_of(name, {"i", "em", "cite", "var", "dfn"})) state.look.em = true;
    if (one_of(name, {"u", "ins"})) state.look.underline = true;
    if (one_of(name, {"s", "strike", "del"})) state.look.deleted = true;
    if (name == "sub") state.look.sub = true;
    if (name == "sup") state.look.sup = true;
    if (one_of(name, {"code", "tt", "kbd", "samp"})) state.look.code = true;
    if (node.style.empty()) return;
    const std::string_view css = node.style;
    const std::string_view weight = property(css, "font-weight");
    if (weight.starts_with("bold") || weight == "600" || weight == "700" || weight == "800") {
      state.look.strong = true;
    } else if (weight.starts_with("normal") || weight == "400") {
      state.look.strong = false;
    }
    const std::string_view slant = property(css, "font-style");
    if (slant.starts_with("italic")) state.look.em = true;
    if (slant.starts_with("normal")) state.look.em = false;
    const std::string_view line = property(css, "text-decoration");
    if (line.find("line-through") != std::string_view::npos) state.look.deleted = true;
    if (line.find("underline") != std::string_view::npos && name != "a" && state.look.link < 0)
      state.look.underline = true;
    const std::string_view size = property(css, "font-size");
    if (!size.empty()) state.tiny = tiny(size);
    const std::string_view space = property(css, "white-space");
    if (!space.empty()) state.keep_lines = space.starts_with("pre");
  }

  void element(const HtmlNode& node, State& state) {
    const std::string_view name = node.name;
    if (name == "br") return line_break();
    if (name == "img") return image(node, state);
    if (name == "hr") {
      if (block_of(Kind::rule)) close();
      return;
    }
    if (name == "a") {
      // Links do not stand inside each other: the words are the innermost's.
      const int own = link(node.link);
      if (own >= 0) state.look.link = own;
      return children(node, state);
    }
    if (one_of(name, {"h1", "h2", "h3", "h4", "h5", "h6"})) return heading(node, state);
    if (name == "p") return paragraph(node, state);
    if (one_of(name, {"ul", "ol", "menu", "dir"})) return list(node, state);
    if (name == "li") return stray_item(node, state);
    if (name == "blockquote") return quote(node, state);
    if (name == "pre" || name == "listing" || name == "xmp" || name == "plaintext") {
      return preformatted(node, state);
    }
    if (name == "table") return table(node, state);
    if (one_of(name, {"div",   "section", "article", "header",  "footer",     "main",    "nav",
                      "aside", "address", "center",  "form",    "fieldset",   "dl",      "dt",
                      "dd",    "figure",  "details", "summary", "figcaption", "caption", "tr",
                      "td",    "th",      "body",    "html",    "option",     "legend"})) {
      soft();
      children(node, state);
      return soft();
    }
    children(node, state);
  }

  // --- blocks

  Block& top() { return stack_.back(); }

  // Whether so many blocks more may be opened, each in the one before: a list without its items
  // would hold words that belong into none.
  bool room_for(int levels) const {
    return static_cast<int>(stack_.size()) + levels - 1 <= kBlockDepthMax;
  }

  // False if nothing more fits inside: then what it holds stands in what is around it.
  bool block_of(Kind kind) {
    end_paragraph();
    if (!room_for(1)) return false;
    Block block;
    block.kind = kind;
    block.mark = take_mark();
    stack_.push_back(std::move(block));
    return true;
  }

  void close() {
    end_paragraph();
    Block block = std::move(stack_.back());
    stack_.pop_back();
    const bool cell = block.kind == Kind::cell || block.kind == Kind::head_cell;
    const bool empty = block.children.empty() && block.runs.empty() && block.code.empty();
    if (empty && !cell && block.kind != Kind::rule) return;
    top().children.push_back(std::move(block));
  }

  Mark take_mark() {
    if (pending_history_) {
      pending_history_ = false;
      return Mark::history;
    }
    return mark_;
  }

  void heading(const HtmlNode& node, const State& state) {
    end_paragraph();
    const int outer = std::exchange(heading_, node.name[1] - '0');
    State plain = state;
    plain.look.strong = false;
    children(node, plain);
    end_paragraph();
    heading_ = outer;
  }

  void paragraph(const HtmlNode& node, const State& state) {
    // Outlook's paragraphs are lines; what is between paragraphs it writes as an empty one.
    const bool tight =
        node.css_class.starts_with("Mso") || zero(property(node.style, "margin")) ||
        (zero(property(node.style, "margin-top")) && zero(property(node.style, "margin-bottom")));
    const bool rest = std::exchange(line_has_words_, false);
    tight ? soft() : end_paragraph();
    children(node, state);
    if (tight && !line_has_words_) {
      gap();
    } else if (tight) {
      soft();
    } else {
      end_paragraph();
    }
    line_has_words_ = rest || line_has_words_;
  }

  void list(const HtmlNode& node, const State& state) {
    end_paragraph();
    const bool made = room_for(2) && block_of(node.name == "ol" ? Kind::ordered : Kind::unordered);
    if (made) top().number = node.name == "ol" ? std::max(node.start, 1) : 0;
    for (const std::uint32_t child : node.children) {
      const HtmlNode& item = tree_.nodes[child];
      const bool space = item.name.empty() && !visible(readable_line(item.text));
      if (space || (!with_hidden_ && is_hidden(item))) continue;
      const bool inside = made && block_of(Kind::item);
      State inner = state;
      style(item, inner);
      if (item.name == "li") {
        children(item, inner);
      } else {
        one(item, state);
      }
      if (inside) {
        close();
      } else {
        end_paragraph();
      }
    }
    if (made) close();
  }

  void stray_item(const HtmlNode& node, const State& state) {
    end_paragraph();
    const bool made = room_for(2) && block_of(Kind::unordered);
    const bool inside = made && block_of(Kind::item);
    children(node, state);
    if (inside) close();
    if (made) close();
    end_paragraph();
  }

  void quote(const HtmlNode& node, const State& state) {
    const std::string_view css = node.css_class;
    const bool cited = node.cite || css.find("gmail_quote") != std::string_view::npos ||
                       css.find("_quote") != std::string_view::npos;
    // A mark around a quotation of history is the quotation's.
    const bool made = block_of(Kind::quote);
    if (made) top().cited = cited;
    children(node, state);
    if (made) close();
    end_paragraph();
  }

  void preformatted(const HtmlNode& node, const State& state) {
    if (!block_of(Kind::code)) {
      State inner = state;
      inner.keep_lines = true;
      children(node, inner);
      end_paragraph();
      return;
    }
    std::string text;
    flat(node, text);
    const std::size_t first = text.find_first_not_of('\n');
    const std::size_t last = text.find_last_not_of(" \t\n");
    if (last != std::string::npos) {
      top().code = text.substr(first, last + 1 - first);
      any_ = true;
    }
    close();
  }

  void flat(const HtmlNode& node, std::string& text) {
    if (node.name.empty()) {
      for (const char c : readable(node.text)) {
        if (c != '\r') text += c;
      }
      return;
    }
    if (!with_hidden_ && is_hidden(node)) return;
    if (node.name == "br") text += '\n';
    for (const std::uint32_t child : node.children) flat(tree_.nodes[child], text);
    if (one_of(node.name, {"p", "div", "tr"}) && !text.ends_with('\n')) text += '\n';
  }

  // --- tables

  struct TableFacts {
    int rows = 0, wide_rows = 0, columns_max = 0;
    bool heads = false, heavy = false;
  };

  void look_at_cell(const HtmlNode& node, std::size_t& bytes, int& paragraphs, bool& heavy) const {
    if (node.name.empty()) {
      bytes += node.text.size();
      return;
    }
    if (one_of(node.name, {"table", "ul", "ol", "blockquote", "hr", "pre", "h1", "h2", "h3"})) {
      heavy = true;
    }
    if (node.name == "img" && (node.width > 64 || node.height > 64)) heavy = true;
    if (one_of(node.name, {"p", "div", "br"})) ++paragraphs;
    if (heavy) return;
    for (const std::uint32_t child : node.children) {
      look_at_cell(tree_.nodes[child], bytes, paragraphs, heavy);
    }
  }

  void look_at(const HtmlNode& node, TableFacts& facts) const {
    for (const std::uint32_t place : node.children) {
      const HtmlNode& child = tree_.nodes[place];
      if (one_of(child.name, {"tbody", "thead", "tfoot"})) {
        look_at(child, facts);
      } else if (child.name == "tr") {
        int columns = 0;
        for (const std::uint32_t cell_place : child.children) {
          const HtmlNode& cell = tree_.nodes[cell_place];
          if (cell.name != "td" && cell.name != "th") continue;
          facts.heads |= cell.name == "th";
          std::size_t bytes = 0;
          int paragraphs = 0;
          look_at_cell(cell, bytes, paragraphs, facts.heavy);
          facts.heavy |= bytes > kDataCellBytesMax || paragraphs > 3;
          columns += bytes > 0 ? 1 : 0;
        }
        ++facts.rows;
        facts.wide_rows += columns > 1 ? 1 : 0;
        facts.columns_max = std::max(facts.columns_max, columns);
      }
    }
  }

  bool holds_data(const HtmlNode& node) const {
    if (node.role == "presentation" || node.role == "none") return false;
    TableFacts facts;
    look_at(node, facts);
    if (facts.heavy || facts.columns_max < 2) return false;
    return facts.heads || (facts.wide_rows >= 2 && facts.wide_rows * 2 >= facts.rows);
  }

  void table(const HtmlNode& node, const State& state) {
    // Both a row and a cell must fit.
    if (!holds_data(node) || static_cast<int>(stack_.size()) + 3 > kBlockDepthMax) {
      end_paragraph();
      children(node, state);
      end_paragraph();
      return;
    }
    stray(node, state);  // a caption, and what stands between the rows
    block_of(Kind::table);
    rows(node, state);
    close();
  }

  void stray(const HtmlNode& node, const State& state) {
    for (const std::uint32_t place : node.children) {
      const HtmlNode& child = tree_.nodes[place];
      if (one_of(child.name, {"tbody", "thead", "tfoot"})) {
        stray(child, state);
      } else if (child.name == "tr") {
        for (const std::uint32_t cell : child.children) {
          const HtmlNode& other = tree_.nodes[cell];
          if (other.name != "td" && other.name != "th") one(other, state);
        }
      } else {
        one(child, state);
      }
    }
    end_paragraph();
  }

  void rows(const HtmlNode& node, const State& state) {
    for (const std::uint32_t place : node.children) {
      const HtmlNode& child = tree_.nodes[place];
      if (!with_hidden_ && is_hidden(child)) continue;
      if (one_of(child.name, {"tbody", "thead", "tfoot"})) {
        rows(child, state);
      } else if (child.name == "tr") {
        block_of(Kind::row);
        for (const std::uint32_t cell_place : child.children) {
          const HtmlNode& cell = tree_.nodes[cell_place];
          if (cell.name != "td" && cell.name != "th") continue;
          if (!with_hidden_ && is_hidden(cell)) continue;
          State inner = state;
          style(cell, inner);
          if (cell.name == "th") inner.look.strong = false;
          block_of(cell.name == "th" ? Kind::head_cell : Kind::cell);
          children(cell, inner);
          close();
        }
        close();
      }
    }
  }

  // --- lines and words

  void soft() {
    breaks_ = std::max(breaks_, 1);
    space_ = false;
  }
  void gap() {
    breaks_ = 2;
    space_ = false;
  }
  void line_break() {
    breaks_ = std::min(breaks_ + 1, 2);
    space_ = false;
  }

  // Before something is put on a line.
  void begin() {
    if (runs_.empty()) {
      breaks_ = 0;
      space_ = false;
    } else if (breaks_ == 1) {
      Run line_break;
      line_break.type = Run::Type::line_break;
      line_break.look = runs_.back().look;
      runs_.push_back(std::move(line_break));
    } else if (breaks_ > 1) {
      end_paragraph();
    } else if (space_) {
      put(" ", space_look_);
    }
    breaks_ = 0;
    space_ = false;
    line_has_words_ = true;
    any_ = true;
  }

  void put(std::string_view text, const Look& look) {
    if (!runs_.empty() && runs_.back().type == Run::Type::words && runs_.back().look == look) {
      runs_.back().text += text;
      return;
    }
    Run run;
    run.look = look;
    run.text = text;
    runs_.push_back(std::move(run));
  }

  static std::string readable_line(std::string_view text) {
    std::string words = readable(text);
    std::replace_if(
        words.begin(), words.end(), [](char c) { return c == '\n' || c == '\t' || c == '\r'; },
        ' ');
    return words;
  }

  void words(std::string_view raw, const State& state) {
    if (state.tiny && !with_hidden_) return;
    const std::string text = readable(raw);
    std::string_view rest = text;
    while (!rest.empty()) {
      const std::size_t word = std::min(rest.find_first_of(" \t\r\n"), rest.size());
      if (word > 0) {
        const std::string_view piece = rest.substr(0, word);
        if (!runs_.empty() || visible(piece)) {
          begin();
          put(piece, state.look);
        }
        rest.remove_prefix(word);
        continue;
      }
      if (rest[0] == '\n' && state.keep_lines) {
        line_break();
      } else if (!space_) {
        space_ = true;
        space_look_ = state.look;
      }
      rest.remove_prefix(1);
    }
  }

  int link(std::string_view written) {
    std::string address = safe_link(readable(written));
    if (address.empty()) return -1;
    body_.body.links.push_back(std::move(address));
    return static_cast<int>(body_.body.links.size()) - 1;
  }

  void image(const HtmlNode& node, const State& state) {
    Run run;
    run.type = Run::Type::image;
    run.look = state.look;
    run.look.code = false;
    run.text = one_line(readable(node.alt), node.alt.size());
    run.width = node.width;
    run.height = node.height;
    const std::string scheme = folded(std::string_view(node.link).substr(0, 5));
    if (scheme.starts_with("cid:")) {
      found(percent_decoded(std::string_view(node.link).substr(4)), run);
    } else if (scheme == "data:") {
      if (!picture(node.link, run)) return;
    } else {
      run.source = host_of(node.link);
      if (run.source.empty()) found(percent_decoded(node.link), run);
      const bool tracks = !run.source.empty() && run.text.empty() &&
                          ((node.width > 0 && node.width <= kTrackingPixelsMax) ||
                           (node.height > 0 && node.height <= kTrackingPixelsMax));
      if (tracks) return;
    }
    begin();
    runs_.push_back(std::move(run));
  }

  void found(std::string_view name, Run& run) {
    const FoundPicture picture = cid_(name);
    run.attachment = picture.attachment;
    if (run.text.empty()) run.text = picture.name;
  }

  // "data:image/png;base64,…". False if it is none that can be shown.
  bool picture(std::string_view address, Run& run) {
    const std::size_t comma = address.find(',');
    if (comma == std::string_view::npos) return false;
    const std::string type = folded(address.substr(5, comma - 5));
    const std::string media_type = type.substr(0, type.find(';'));
    if (!type.ends_with(";base64") ||
        !one_of(media_type, {"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"})) {
      ++body_.pictures_left_out;
      return false;
    }
    auto bytes = from_base64(percent_decoded(address.substr(comma + 1)));
    if (!bytes || bytes->empty() || bytes->size() > kPictureBytesMax ||
        body_.pictures.size() >= kHtmlPicturesMax) {
      ++body_.pictures_left_out;
      return false;
    }
    run.attachment = first_picture_ + static_cast<int>(body_.pictures.size());
    body_.pictures.push_back({media_type, std::move(*bytes)});
    return true;
  }

  void end_paragraph() {
    breaks_ = 0;
    space_ = false;
    if (runs_.empty()) return;
    Block block;
    block.kind = heading_ > 0 ? Kind::heading : Kind::paragraph;
    block.number = heading_;
    block.mark = take_mark();
    block.runs = std::exchange(runs_, {});
    top().children.push_back(std::move(block));
  }

  const HtmlTree& tree_;
  const std::function<FoundPicture(std::string_view)>& cid_;
  const int first_picture_;
  const bool with_hidden_;
  HtmlBody body_;
  std::vector<Block> stack_;  // [0] is the body
  std::vector<Run> runs_;     // of the paragraph that is being written
  int breaks_ = 0;            // line ends owed before the next word
  bool space_ = false;
  Look space_look_;
  int heading_ = 0;
  Mark mark_ = Mark::none;
  bool pending_history_ = false;
  bool line_has_words_ = false, any_ = false;
};

}  // namespace

HtmlBody html_blocks(std::string_view html,
                     const std::function<FoundPicture(std::string_view)>& cid, int first_picture) {
  const HtmlTree tree = read_html(html);
  Converter visible_words(tree, cid, first_picture, false);
  HtmlBody body = visible_words.convert();
  if (visible_words.any()) return body;
  Converter all_words(tree, cid, first_picture, true);
  return all_words.convert();
}

}  // namespace ombud::mail
