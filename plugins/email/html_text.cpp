#include "email/html_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace ombud::email {
namespace {

constexpr std::size_t kEntityMax = 12;
constexpr int kQuoteDepthMax = 10;

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return result;
}

void append_code_point(std::string& out, unsigned long code) {
  const auto put = [&](unsigned long byte) {
    out += static_cast<char>(static_cast<unsigned char>(byte));
  };
  if (code == 0 || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) {
    out += "\xEF\xBF\xBD";
  } else if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | (code >> 6U)), put(0x80 | (code & 0x3FU));
  } else if (code < 0x10000) {
    put(0xE0 | (code >> 12U)), put(0x80 | ((code >> 6U) & 0x3FU)), put(0x80 | (code & 0x3FU));
  } else {
    put(0xF0 | (code >> 18U)), put(0x80 | ((code >> 12U) & 0x3FU));
    put(0x80 | ((code >> 6U) & 0x3FU)), put(0x80 | (code & 0x3FU));
  }
}

// Appends the character of the entity at the front and says how many bytes it took; 1 if it is
// none.
std::size_t append_entity(std::string& out, std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 20> kNamed{{
      {"amp", "&"},    {"lt", "<"},    {"gt", ">"},     {"quot", "\""}, {"apos", "'"},
      {"nbsp", " "},   {"aring", "å"}, {"auml", "ä"},   {"ouml", "ö"},  {"Aring", "Å"},
      {"Auml", "Ä"},   {"Ouml", "Ö"},  {"eacute", "é"}, {"ndash", "–"}, {"mdash", "—"},
      {"hellip", "…"}, {"rsquo", "’"}, {"rdquo", "”"},  {"euro", "€"},  {"shy", ""},
  }};
  const std::size_t end = text.substr(0, kEntityMax).find(';');
  if (end != std::string_view::npos) {
    const std::string_view name = text.substr(1, end - 1);
    if (name.starts_with('#')) {
      const bool hex = name.size() > 1 && (name[1] == 'x' || name[1] == 'X');
      const std::string_view digits = name.substr(hex ? 2 : 1);
      unsigned long code = 0;
      const auto read =
          std::from_chars(digits.data(), digits.data() + digits.size(), code, hex ? 16 : 10);
      if (!digits.empty() && read.ptr == digits.data() + digits.size()) {
        if (code == 0xA0)
          out += ' ';
        else
          append_code_point(out, code);
        return end + 1;
      }
    }
    for (const auto& [known, character] : kNamed) {
      if (name == known) return out += character, end + 1;
    }
  }
  out += '&';
  return 1;
}

class Lines {
 public:
  void character(char c) {
    if (c == ' ' || c == '\n' || c == '\t' || c == '\r') {
      if (!line_.empty() && line_.back() != ' ') line_ += ' ';
    } else {
      line_ += c;
    }
  }
  void raw(std::string_view text) { line_ += text; }
  void end_line() {
    while (!line_.empty() && line_.back() == ' ') line_.pop_back();
    for (int i = 0; i < std::min(depth_, kQuoteDepthMax); ++i) text_ += "> ";
    text_ += line_;
    text_ += '\n';
    line_.clear();
  }
  void block() {  // a new line unless the present one is empty
    if (!line_.empty()) end_line();
  }
  void paragraph() {
    block();
    if (!text_.empty() && !text_.ends_with("\n\n")) end_line();
  }
  void quote(int by) {
    block();
    depth_ = std::max(0, depth_ + by);
  }
  std::string take() {
    block();
    while (!text_.empty() && (text_.back() == '\n' || text_.back() == ' ')) text_.pop_back();
    return std::move(text_);
  }

 private:
  std::string text_, line_;
  int depth_ = 0;
};

bool one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::string html_to_text(std::string_view html) {
  Lines out;
  while (!html.empty()) {
    if (html.front() == '&') {
      std::string character;
      html.remove_prefix(append_entity(character, html));
      out.raw(character);
      continue;
    }
    if (html.front() != '<') {
      out.character(html.front());
      html.remove_prefix(1);
      continue;
    }
    if (html.starts_with("<!--")) {
      const std::size_t end = html.find("-->");
      html.remove_prefix(end == std::string_view::npos ? html.size() : end + 3);
      continue;
    }
    const std::size_t end = html.find('>');
    if (end == std::string_view::npos) {  // no tag: a lone '<'
      out.raw("<");
      html.remove_prefix(1);
      continue;
    }
    std::string_view tag = html.substr(1, end - 1);
    html.remove_prefix(end + 1);
    const bool closing = tag.starts_with('/');
    if (closing) tag.remove_prefix(1);
    const std::string name = lower(tag.substr(0, tag.find_first_of(" \t\r\n/")));
    if (!closing && one_of(name, {"style", "script", "head", "title"})) {
      const std::string tail = "</" + name;
      std::size_t skip = 0;
      while (skip < html.size() && lower(html.substr(skip, tail.size())) != tail) ++skip;
      const std::size_t gone = html.find('>', skip);
      html.remove_prefix(gone == std::string_view::npos ? html.size() : gone + 1);
    } else if (name == "br") {
      out.end_line();
    } else if (name == "blockquote") {
      out.quote(closing ? -1 : 1);
    } else if (name == "p") {
      closing ? out.paragraph() : out.block();
    } else if (name == "li" && !closing) {
      out.block();
      out.raw("- ");
    } else if (name == "hr") {
      out.block();
      out.raw("________________________________");
      out.end_line();
    } else if (one_of(name, {"div", "tr", "table", "ul", "ol", "h1", "h2", "h3", "h4", "pre", "li",
                             "body"})) {
      out.block();
    } else if (one_of(name, {"td", "th"}) && closing) {
      out.character(' ');
    }
  }
  return out.take();
}

}  // namespace ombud::email
