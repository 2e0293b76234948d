// Logic-less templates: Mustache without partials, lambdas and changed delimiters.
//   {{name}}            the value; in HTML with & < > " ' escaped
//   {{{name}}}          HTML that was made ready; only of names that are such
//   {{#name}}…{{/name}} if it is there; once for each entry of a list
//   {{^name}}…{{/name}} if it is not
//   {{! for whoever reads the template }}
// A line that holds nothing but a section's or comment's tag leaves no line behind. What a value
// holds is never read as a template. A compiled template cannot fail: all that can be wrong is
// found before. Pure; immutable; any thread.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace ombud::notify {

// The names that a template may use, at one level; inside a list's section those of its entries
// come first, then those around it.
struct Names {
  std::vector<std::string> texts;
  std::vector<std::string> ready_html;  // known in HTML only
  std::vector<std::string> flags;
  std::map<std::string, Names> lists;
};

// What a template is filled with. A name that is missing, an empty text, false and an empty list
// are not there.
struct Values {
  std::map<std::string, std::string, std::less<>> texts;  // ready HTML too
  std::map<std::string, bool, std::less<>> flags;
  std::map<std::string, std::vector<Values>, std::less<>> lists;
};

enum class Form { text, html };

struct TemplateMistake {
  int line = 1;
  std::string detail;  // what is wrong and what to write instead
};

class Template {
 public:
  Template() = default;  // empty

  // Every mistake is added to `mistakes`; if there is one, the result is not to be used.
  // `first_line`: what the first line of `source` is called.
  static Template compile(std::string_view source, Form form, const Names& names,
                          std::vector<TemplateMistake>& mistakes, int first_line = 1);

  std::string fill(const Values& values) const;
  bool uses(std::string_view name) const;  // anywhere

 private:
  friend class Compiler;
  enum class Part { words, value, ready, section, absent };
  struct Node {
    Part part = Part::words;
    std::string text;     // the words, or the name
    std::size_t end = 0;  // of a section: one past its last node
  };
  void fill(std::size_t begin, std::size_t end, std::vector<const Values*>& scopes,
            std::string& out) const;
  std::vector<Node> nodes_;
  Form form_ = Form::text;
};

inline constexpr std::size_t kTemplateBytesMax = 64U << 10U;
inline constexpr std::size_t kSectionDepthMax = 8;

// & < > " ' as entities.
std::string html_escaped(std::string_view text);

}  // namespace ombud::notify
