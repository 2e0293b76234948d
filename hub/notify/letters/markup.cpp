#include "notify/letters/markup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/ascii.hpp"

namespace ombud::notify {
namespace {

constexpr std::array<std::string_view, 16> kRefusedTags{
    "script", "iframe", "frame", "object", "embed", "applet", "form",   "input",
    "button", "link",   "style", "base",   "audio", "video",  "source", "svg"};
constexpr std::array<std::string_view, 7> kFetching{"src",    "srcset", "background", "poster",
                                                    "action", "data",   "formaction"};

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}
template <class All>
bool among(const All& all, std::string_view word) {
  return std::find(all.begin(), all.end(), word) != all.end();
}

class Scanner {
 public:
  explicit Scanner(std::string_view html) : html_(html) {}

  std::vector<TemplateMistake> run() {
    while (at_ < html_.size()) {
      if (rest().starts_with("{{")) {
        skip_past("}}");
      } else if (rest().starts_with("<!--")) {
        comment();
      } else if (html_[at_] == '<' && at_ + 1 < html_.size() && is_tag_start(html_[at_ + 1])) {
        tag();
      } else {
        ++at_;
      }
    }
    return std::move(mistakes_);
  }

 private:
  std::string_view rest() const { return html_.substr(at_); }
  static bool is_tag_start(char c) { return (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z'); }
  void skip_past(std::string_view mark) {
    const std::size_t found = html_.find(mark, at_);
    at_ = found == std::string_view::npos ? html_.size() : found + mark.size();
  }
  void wrong(std::size_t where, std::string detail) {
    const auto end = html_.begin() + static_cast<std::ptrdiff_t>(where);
    mistakes_.push_back(
        {1 + static_cast<int>(std::count(html_.begin(), end, '\n')), std::move(detail)});
  }

  // Outlook reads what stands in <!--[if …]> … <![endif]-->, so that is looked at too.
  void comment() {
    if (rest().starts_with("<!--[if")) {
      skip_past("]>");
    } else {
      skip_past("-->");
    }
  }

  void tag() {
    const std::size_t begin = at_++;
    std::size_t end = at_;
    while (end < html_.size() && !is_space(html_[end]) && html_[end] != '>' && html_[end] != '/') {
      ++end;
    }
    const std::string name = ascii_lower(html_.substr(at_, end - at_));
    at_ = end;
    if (among(kRefusedTags, name)) {
      wrong(begin, fmt::format("<{}> has no place in a letter: mail programs drop it or warn of it",
                               name));
    }
    while (attribute(name)) {
    }
  }

  // False: the tag has ended.
  bool attribute(const std::string& tag) {
    while (at_ < html_.size() && (is_space(html_[at_]) || html_[at_] == '/')) ++at_;
    if (at_ >= html_.size()) return false;
    if (html_[at_] == '>') return ++at_, false;
    if (rest().starts_with("{{")) return skip_past("}}"), true;
    const std::size_t begin = at_;
    while (at_ < html_.size() && !is_space(html_[at_]) && html_[at_] != '=' && html_[at_] != '>' &&
           html_[at_] != '/') {
      ++at_;
    }
    const std::string name = ascii_lower(html_.substr(begin, at_ - begin));
    while (at_ < html_.size() && is_space(html_[at_])) ++at_;
    std::string value;
    if (at_ < html_.size() && html_[at_] == '=') {
      ++at_;
      value = attribute_value();
    } else if (at_ == begin) {
      ++at_;  // a stray '='
    }
    judge(tag, name, value, begin);
    return true;
  }

  std::string attribute_value() {
    while (at_ < html_.size() && is_space(html_[at_])) ++at_;
    if (at_ >= html_.size()) return {};
    const char quote = html_[at_];
    if (quote == '"' || quote == '\'') {
      const std::size_t begin = ++at_;
      const std::size_t end = html_.find(quote, begin);
      at_ = end == std::string_view::npos ? html_.size() : end + 1;
      return std::string(html_.substr(begin, end == std::string_view::npos ? end : end - begin));
    }
    const std::size_t begin = at_;
    while (at_ < html_.size() && !is_space(html_[at_]) && html_[at_] != '>') {
      if (rest().starts_with("{{")) {
        wrong(at_, "what is filled in here could end the attribute: put it in quotation marks");
        skip_past("}}");
      } else {
        ++at_;
      }
    }
    return std::string(html_.substr(begin, at_ - begin));
  }

  void judge(const std::string& tag, const std::string& name, const std::string& written,
             std::size_t where) {
    std::string value;  // as a browser reads an address: without controls and blanks
    for (const char c : ascii_lower(written)) {
      if (static_cast<unsigned char>(c) > 0x20) value += c;
    }
    if (name.size() > 2 && name.starts_with("on")) {
      wrong(where, fmt::format("{}=\"…\" is a script, which no mail program runs", name));
    } else if (among(kFetching, name)) {
      wrong(where,
            fmt::format("{}=\"…\" on <{}> would be fetched when the letter is opened: a letter "
                        "holds no pictures and fetches nothing",
                        name, tag));
    } else if (value.starts_with("javascript:") || value.starts_with("vbscript:") ||
               value.starts_with("data:")) {
      wrong(where,
            fmt::format("{} leads to a script: write an address that begins with https://", name));
    } else if (name == "style" && (value.find("url(") != std::string::npos ||
                                   value.find("@import") != std::string::npos ||
                                   value.find("expression(") != std::string::npos)) {
      wrong(where, "this style would fetch something when the letter is opened: leave it out");
    } else if (tag == "meta" && name == "http-equiv") {
      wrong(where, "<meta http-equiv> has no place in a letter");
    }
  }

  std::string_view html_;
  std::size_t at_ = 0;
  std::vector<TemplateMistake> mistakes_;
};

}  // namespace

std::vector<TemplateMistake> markup_mistakes(std::string_view html) {
  return Scanner(html).run();
}

}  // namespace ombud::notify
