#include "base/html_text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/ascii.hpp"

namespace ombud {
namespace {

constexpr std::size_t kQuoteDepthMax = 20;
constexpr std::size_t kHeadBytes = 1024;
constexpr std::size_t kAttributeBytesMax = 2048;

constexpr std::array<std::pair<std::string_view, std::uint32_t>, 67> kEntities = {{
    {"amp", '&'},       {"lt", '<'},       {"gt", '>'},       {"quot", '"'},     {"apos", '\''},
    {"nbsp", 0xA0},     {"iexcl", 0xA1},   {"cent", 0xA2},    {"pound", 0xA3},   {"yen", 0xA5},
    {"sect", 0xA7},     {"copy", 0xA9},    {"laquo", 0xAB},   {"reg", 0xAE},     {"deg", 0xB0},
    {"plusmn", 0xB1},   {"acute", 0xB4},   {"micro", 0xB5},   {"para", 0xB6},    {"middot", 0xB7},
    {"raquo", 0xBB},    {"frac12", 0xBD},  {"iquest", 0xBF},  {"Agrave", 0xC0},  {"Aacute", 0xC1},
    {"Auml", 0xC4},     {"Aring", 0xC5},   {"AElig", 0xC6},   {"Ccedil", 0xC7},  {"Eacute", 0xC9},
    {"Ouml", 0xD6},     {"times", 0xD7},   {"Oslash", 0xD8},  {"Uuml", 0xDC},    {"szlig", 0xDF},
    {"agrave", 0xE0},   {"aacute", 0xE1},  {"acirc", 0xE2},   {"auml", 0xE4},    {"aring", 0xE5},
    {"aelig", 0xE6},    {"ccedil", 0xE7},  {"egrave", 0xE8},  {"eacute", 0xE9},  {"ecirc", 0xEA},
    {"euml", 0xEB},     {"iacute", 0xED},  {"ntilde", 0xF1},  {"ouml", 0xF6},    {"oslash", 0xF8},
    {"uuml", 0xFC},     {"ndash", 0x2013}, {"mdash", 0x2014}, {"lsquo", 0x2018}, {"rsquo", 0x2019},
    {"sbquo", 0x201A},  {"ldquo", 0x201C}, {"rdquo", 0x201D}, {"bdquo", 0x201E}, {"bull", 0x2022},
    {"hellip", 0x2026}, {"euro", 0x20AC},  {"trade", 0x2122}, {"rarr", 0x2192},  {"larr", 0x2190},
    {"zwnj", 0x200C},   {"shy", 0xAD},
}};

void append(std::string& text, std::uint32_t point) {
  if (point < 0x80) {
    text += static_cast<char>(point);
  } else if (point < 0x800) {
    text += static_cast<char>(0xC0U | (point >> 6U));
    text += static_cast<char>(0x80U | (point & 0x3FU));
  } else if (point < 0x10000) {
    text += static_cast<char>(0xE0U | (point >> 12U));
    text += static_cast<char>(0x80U | ((point >> 6U) & 0x3FU));
    text += static_cast<char>(0x80U | (point & 0x3FU));
  } else {
    text += static_cast<char>(0xF0U | (point >> 18U));
    text += static_cast<char>(0x80U | ((point >> 12U) & 0x3FU));
    text += static_cast<char>(0x80U | ((point >> 6U) & 0x3FU));
    text += static_cast<char>(0x80U | (point & 0x3FU));
  }
}

// Appends the entity at the front of `html` ("&…") and says how long it was; 1 ("&" itself) if it
// is none.
std::size_t append_entity(std::string& text, std::string_view html) {
  const std::size_t end = html.substr(0, 12).find(';');
  if (end == std::string_view::npos || end < 2) {
    text += '&';
    return 1;
  }
  std::string_view name = html.substr(1, end - 1);
  if (name[0] != '#') {
    for (const auto& [word, point] : kEntities) {
      if (word == name) {
        append(text, point);
        return end + 1;
      }
    }
    text += '&';
    return 1;
  }
  name.remove_prefix(1);
  const bool hex = !name.empty() && (name[0] == 'x' || name[0] == 'X');
  if (hex) name.remove_prefix(1);
  std::uint32_t point = 0;
  bool number = !name.empty();
  for (const char c : name) {
    const std::uint32_t digit = c >= '0' && c <= '9'   ? static_cast<std::uint32_t>(c - '0')
                                : c >= 'a' && c <= 'f' ? static_cast<std::uint32_t>(c - 'a' + 10)
                                : c >= 'A' && c <= 'F' ? static_cast<std::uint32_t>(c - 'A' + 10)
                                                       : 99U;
    if (digit >= (hex ? 16U : 10U)) number = false;
    point = point * (hex ? 16U : 10U) + (number ? digit : 0U);
  }
  if (!number) {
    text += '&';
    return 1;
  }
  const bool usable = (point >= ' ' && point < 0xD800) || (point > 0xDFFF && point <= 0x10FFFF) ||
                      point == '\n' || point == '\t';
  append(text, usable ? point : 0xFFFDU);
  return end + 1;
}

struct Tag {
  std::string name;  // lower case
  bool closing = false;
  std::string_view attributes;
};

void skip_space(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
}

std::string attribute(const Tag& tag, std::string_view wanted) {
  std::string_view rest = tag.attributes;
  while (!rest.empty()) {
    const std::size_t name_end = std::min(rest.find_first_of("= \t\r\n/"), rest.size());
    if (name_end == 0) {
      rest.remove_prefix(1);
      continue;
    }
    const std::string name = ascii_lower(rest.substr(0, std::min<std::size_t>(name_end, 32)));
    rest.remove_prefix(name_end);
    skip_space(rest);
    if (rest.empty() || rest[0] != '=') continue;
    rest.remove_prefix(1);
    skip_space(rest);
    if (rest.empty()) break;
    const bool quoted = rest[0] == '"' || rest[0] == '\'';
    const std::size_t start = quoted ? 1 : 0;
    const std::size_t end =
        std::min(quoted ? rest.find(rest[0], 1) : rest.find_first_of(" \t\r\n"), rest.size());
    if (name == wanted)
      return html_unescaped(rest.substr(start, std::min(end - start, kAttributeBytesMax)));
    rest.remove_prefix(std::min(end + start, rest.size()));
  }
  return {};
}

// Collects text with the breaks between blocks; the one place that knows about white space.
class Page {
 public:
  void space() { space_ = true; }
  void want_lines(int count) { breaks_ = std::max(breaks_, count); }
  void line_break() {
    if (breaks_ > 0 || text_.empty()) {
      breaks_ = std::min(breaks_ + 1, 3);
    } else {
      breaks_ = 1;
    }
    space_ = false;
  }
  void put(std::string_view word) {
    if (word.empty()) return;
    begin();
    text_ += word;
  }
  void newline() {  // in preformatted text
    begin();
    text_ += '\n';
    fresh_line_ = true;
  }
  void quote(int by) {
    if (by > 0 || quotes_ > 0) quotes_ += by;
    want_lines(1);
  }
  std::size_t size() const { return text_.size(); }
  std::string_view since(std::size_t start) const { return std::string_view(text_).substr(start); }
  std::string take() { return std::move(text_); }

 private:
  void begin() {
    if (text_.empty()) {
      breaks_ = 0;
      fresh_line_ = true;
    }
    const bool breaks = breaks_ > 0;
    for (; breaks_ > 0; --breaks_) text_ += '\n';
    if (breaks) fresh_line_ = true;
    if (fresh_line_) {
      for (int i = 0; i < std::min(quotes_, static_cast<int>(kQuoteDepthMax)); ++i) text_ += "> ";
    } else if (space_) {
      text_ += ' ';
    }
    fresh_line_ = space_ = false;
  }
  std::string text_;
  int breaks_ = 0, quotes_ = 0;
  bool space_ = false, fresh_line_ = true;
};

bool one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

class Reader {
 public:
  explicit Reader(std::string_view html) : html_(html) {}

  std::string read() {
    while (!html_.empty()) {
      const std::size_t plain = std::min(html_.find('<'), html_.size());
      if (plain > 0) words(html_.substr(0, plain));
      html_.remove_prefix(plain);
      if (!html_.empty()) markup();
    }
    close_link();
    return page_.take();
  }

 private:
  // At a '<': a comment, a tag, or just that character.
  void markup() {
    if (html_.starts_with("<!--")) return skip_past("-->");
    if (html_.starts_with("<!") || html_.starts_with("<?")) return skip_past(">");
    const char next = html_.size() > 1 ? html_[1] : ' ';
    const bool letter = (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z') || next == '/';
    if (!letter) {
      page_.put("<");
      html_.remove_prefix(1);
      return;
    }
    const std::size_t end = tag_end();
    Tag tag;
    std::string_view inside = html_.substr(1, end - 1);
    html_.remove_prefix(std::min(end + 1, html_.size()));
    tag.closing = inside.starts_with('/');
    if (tag.closing) inside.remove_prefix(1);
    const std::size_t name_end = std::min(inside.find_first_of(" \t\r\n/"), inside.size());
    tag.name = ascii_lower(inside.substr(0, std::min<std::size_t>(name_end, 32)));
    tag.attributes = inside.substr(name_end);
    apply(tag);
  }

  std::size_t tag_end() const {
    char quote = 0;
    for (std::size_t i = 1; i < html_.size() && i < (64U << 10U); ++i) {
      const char c = html_[i];
      if (quote != 0) {
        if (c == quote) quote = 0;
      } else if (c == '>') {
        return i;
      } else if ((c == '"' || c == '\'') && html_[i - 1] == '=') {
        quote = c;
      }
    }
    return std::min(html_.find('>'), html_.size());
  }

  void skip_past(std::string_view mark) {
    const std::size_t at = html_.find(mark);
    html_.remove_prefix(at == std::string_view::npos ? html_.size() : at + mark.size());
  }

  void apply(const Tag& tag) {
    const std::string_view name = tag.name;
    if (!tag.closing && one_of(name, {"script", "style", "title"})) return skip_element(name);
    if (name == "br") return page_.line_break();
    if (name == "hr") return page_.want_lines(1), page_.put("----"), page_.want_lines(1);
    if (name == "img" && !tag.closing) return image(tag);
    if (name == "a") return tag.closing ? close_link() : open_link(tag);
    if (name == "pre") {
      pre_ = std::max(0, pre_ + (tag.closing ? -1 : 1));
      return page_.want_lines(2);
    }
    if (name == "blockquote") return page_.quote(tag.closing ? -1 : 1);
    if (name == "li") {
      page_.want_lines(1);
      if (!tag.closing) page_.put("- ");
      return;
    }
    if (one_of(name, {"td", "th"})) return page_.space();
    if (one_of(name, {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "dl"})) {
      return page_.want_lines(
          name == "p" && tag.attributes.find("MsoNormal") != std::string_view::npos ? 1 : 2);
    }
    if (one_of(name, {"div", "tr", "section", "article", "header", "footer", "dt", "dd", "form",
                      "fieldset", "address", "center", "body"})) {
      page_.want_lines(1);
    }
  }

  // To the end tag of `name`, or of everything.
  void skip_element(std::string_view name) {
    while (!html_.empty()) {
      const std::size_t at = html_.find("</");
      if (at == std::string_view::npos) {
        html_ = {};
        return;
      }
      html_.remove_prefix(at + 2);
      if (ascii_lower(html_.substr(0, name.size())) == name) return skip_past(">");
    }
  }

  void image(const Tag& tag) {
    const std::string alternative = attribute(tag, "alt");
    if (!alternative.empty()) page_.put("[" + alternative + "]");
  }

  void open_link(const Tag& tag) {
    close_link();
    const std::string written = attribute(tag, "href");
    std::string_view address(written);
    skip_space(address);
    link_ = ascii_lower(address.substr(0, 4)) == "http" ? std::string(address) : "";
    link_start_ = page_.size();
  }

  void close_link() {
    if (!link_.empty()) {
      const std::string_view shown = page_.since(link_start_);
      if (shown.find(link_) == std::string_view::npos) {
        page_.space();
        page_.put("<" + link_ + ">");
      }
    }
    link_.clear();
  }

  void words(std::string_view raw) {
    std::size_t i = 0;
    while (i < raw.size()) {
      const char c = raw[i];
      if (c == '\n' && pre_ > 0) {
        page_.newline();
        ++i;
      } else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
        pre_ > 0 && c != '\r' ? page_.put(" ") : page_.space();
        ++i;
      } else if (c == '&') {
        std::string character;
        i += append_entity(character, raw.substr(i));
        if (character == "\xC2\xA0") {
          page_.space();
        } else if (character != "\xC2\xAD" && character != "\xE2\x80\x8C") {
          page_.put(character);
        }
      } else if (raw.substr(i).starts_with("\xC2\xA0")) {
        page_.space();
        i += 2;
      } else {
        std::size_t end = i + 1;
        while (end < raw.size() && raw[end] != ' ' && raw[end] != '\t' && raw[end] != '\r' &&
               raw[end] != '\n' && raw[end] != '&' && raw[end] != '\xC2') {
          ++end;
        }
        page_.put(raw.substr(i, end - i));
        i = end;
      }
    }
  }

  std::string_view html_;
  Page page_;
  int pre_ = 0;
  std::string link_;
  std::size_t link_start_ = 0;
};

}  // namespace

std::string html_to_text(std::string_view html) {
  return Reader(html).read();
}

std::string html_unescaped(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  while (!text.empty()) {
    const std::size_t before = std::min(text.find('&'), text.size());
    plain += text.substr(0, before);
    text.remove_prefix(before);
    if (!text.empty()) text.remove_prefix(append_entity(plain, text));
  }
  return plain;
}

std::string html_charset(std::string_view bytes) {
  const std::string head = ascii_lower(bytes.substr(0, kHeadBytes));
  const std::size_t at = head.find("charset=");
  if (at == std::string::npos) return {};
  const std::size_t start = head.find_first_not_of("\"' ", at + 8);
  if (start == std::string::npos) return {};
  return head.substr(start, head.find_first_of("\"' />;", start) - start);
}

}  // namespace ombud
