#include "notify/letters/template.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/ascii.hpp"
#include "base/nearest.hpp"

namespace ombud::notify {
namespace {

constexpr std::string_view kBlank = " \t\r";

bool has(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::string html_escaped(std::string_view text) {
  std::string safe;
  safe.reserve(text.size() + text.size() / 8);
  for (const char c : text) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\'':
        safe += "&#39;";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

// One pass over the source.
class Compiler {
 public:
  Compiler(std::string_view source, Form form, const Names& names,
           std::vector<TemplateMistake>& mistakes, int first_line)
      : source_(source), form_(form), mistakes_(mistakes), line_(first_line) {
    scopes_.push_back(&names);
  }

  std::vector<Template::Node> run() {
    while (at_ < source_.size()) {
      const std::size_t open = source_.find("{{", at_);
      if (open == std::string_view::npos) break;
      words(source_.substr(at_, open - at_));
      if (!tag(open)) return std::move(nodes_);
    }
    words(source_.substr(std::min(at_, source_.size())));
    for (const Open& open : open_) {
      wrong(open.line, fmt::format("{{{{{}{}}}}} is never closed; write {{{{/{}}}}} where it ends",
                                   open.mark, open.name, open.name));
    }
    return std::move(nodes_);
  }

 private:
  using Part = Template::Part;
  struct Open {
    std::string name;
    char mark;
    int line;
    std::size_t node;
    bool scoped;
  };

  void wrong(int line, std::string detail) { mistakes_.push_back({line, std::move(detail)}); }

  void words(std::string_view text) {
    at_ += text.size();
    line_ += static_cast<int>(std::count(text.begin(), text.end(), '\n'));
    if (!text.empty()) nodes_.push_back({Part::words, std::string(text), 0});
  }

  // The tag alone on its line: the blanks before it and the line's end go.
  void stand_alone(std::size_t open, std::size_t& end) {
    const std::size_t line_begin =
        open == 0 ? 0 : source_.rfind('\n', open - 1) + 1;  // npos + 1 is 0
    const std::string_view before = source_.substr(line_begin, open - line_begin);
    if (before.find_first_not_of(kBlank) != std::string_view::npos) return;
    const std::size_t rest = source_.find_first_not_of(kBlank, end);
    if (rest != std::string_view::npos && source_[rest] != '\n') return;
    if (!before.empty() && !nodes_.empty() && nodes_.back().part == Part::words) {
      std::string& text = nodes_.back().text;
      text.resize(text.size() - std::min(text.size(), before.size()));
    }
    end = rest == std::string_view::npos ? source_.size() : rest + 1;
    if (rest != std::string_view::npos) ++line_;
  }

  bool tag(std::size_t open) {
    const bool triple = source_.substr(open).starts_with("{{{");
    const std::string_view closing = triple ? "}}}" : "}}";
    const std::size_t inside = open + closing.size();
    const std::size_t close = source_.find(closing, inside);
    const std::size_t next_line = source_.find('\n', inside);
    if (close == std::string_view::npos || (next_line < close && source_[inside] != '!')) {
      wrong(line_, fmt::format("\"{}\" is not closed by \"{}\" on its line", triple ? "{{{" : "{{",
                               closing));
      return false;
    }
    std::string_view name = trimmed(source_.substr(inside, close - inside));
    std::size_t end = close + closing.size();
    const char mark = triple ? '{' : name.empty() ? ' ' : name.front();
    const int line = line_;
    line_ +=
        static_cast<int>(std::count(source_.begin() + static_cast<std::ptrdiff_t>(inside),
                                    source_.begin() + static_cast<std::ptrdiff_t>(close), '\n'));
    if (std::string_view("#^/!").find(mark) != std::string_view::npos) {
      stand_alone(open, end);
      name = trimmed(name.substr(1));
    }
    at_ = end;
    if (mark == '!') return true;
    if (mark == '>' || mark == '=' || mark == '&') {
      wrong(line,
            fmt::format("{{{{{}}}}} is not known here: there are {{{{name}}}}, {{{{#name}}}}, "
                        "{{{{^name}}}}, {{{{/name}}}} and {{{{! comments }}}}",
                        name));
      return true;
    }
    if (mark == '/') {
      leave(name, line);
    } else if (mark == '#' || mark == '^') {
      enter(std::string(name), mark, line);
    } else {
      value(std::string(name), triple, line);
    }
    return true;
  }

  void enter(std::string name, char mark, int line) {
    const Names* list = nullptr;
    bool known = false;
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend() && !known; ++scope) {
      known = has((*scope)->texts, name) || has((*scope)->flags, name);
      const auto found = (*scope)->lists.find(name);
      if (!known && found != (*scope)->lists.end()) known = true, list = &found->second;
    }
    if (!known) unknown(name, line);
    if (open_.size() >= kSectionDepthMax) {
      wrong(line, fmt::format("{} sections stand in each other; {} are the most", open_.size() + 1,
                              kSectionDepthMax));
    }
    const bool scoped = list != nullptr && mark == '#';
    if (scoped) scopes_.push_back(list);
    open_.push_back({name, mark, line, nodes_.size(), scoped});
    nodes_.push_back({mark == '#' ? Part::section : Part::absent, std::move(name), 0});
  }

  void leave(std::string_view name, int line) {
    if (open_.empty()) {
      wrong(line, fmt::format("{{{{/{}}}}} closes what was never opened", name));
      return;
    }
    const Open last = open_.back();
    open_.pop_back();
    if (last.scoped) scopes_.pop_back();
    nodes_[last.node].end = nodes_.size();
    if (last.name != name) {
      wrong(line,
            fmt::format("{{{{/{}}}}} stands where {{{{{}{}}}}} of line {} must be closed first",
                        name, last.mark, last.name, last.line));
    }
  }

  void value(std::string name, bool triple, int line) {
    bool text = false, ready = false, section = false;
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend() && !text && !ready; ++scope) {
      text = has((*scope)->texts, name);
      ready = form_ == Form::html && has((*scope)->ready_html, name);
      section = section || has((*scope)->flags, name) || (*scope)->lists.contains(name);
    }
    if (!text && !ready) {
      if (section) {
        wrong(line,
              fmt::format("{{{{{}}}}} has no words of its own: write {{{{#{}}}}} … {{{{/{}}}}}",
                          name, name, name));
      } else {
        unknown(name, line);
      }
    } else if (ready && !triple) {
      wrong(line, fmt::format("{{{{{}}}}} is HTML already: write {{{{{{{}}}}}}}", name, name));
    } else if (text && triple) {
      wrong(
          line,
          form_ == Form::html
              ? fmt::format("{{{{{{{}}}}}}} would let what people wrote become HTML: write "
                            "{{{{{}}}}}{}",
                            name, name,
                            name == "text" ? ", or {{{text_html}}} with its lines and links" : "")
              : fmt::format("{{{{{{{}}}}}}} escapes nothing, and neither does {{{{{}}}}} in plain "
                            "text: write that",
                            name, name));
    }
    nodes_.push_back({ready ? Part::ready : Part::value, std::move(name), 0});
  }

  void unknown(std::string_view name, int line) {
    std::vector<std::string> known;
    for (const Names* scope : scopes_) {
      for (const auto* names : {&scope->texts, &scope->flags}) {
        known.insert(known.end(), names->begin(), names->end());
      }
      if (form_ == Form::html) {
        known.insert(known.end(), scope->ready_html.begin(), scope->ready_html.end());
      }
      for (const auto& [list, inner] : scope->lists) known.push_back(list);
    }
    const auto meant = nearest(name, known);
    std::sort(known.begin(), known.end());
    wrong(line, fmt::format("\"{}\" is not known here. {}", name,
                            meant ? fmt::format("Did you mean \"{}\"?", *meant)
                                  : fmt::format("There are {}.", joined(known, "and"))));
  }

  std::string_view source_;
  Form form_;
  std::vector<TemplateMistake>& mistakes_;
  int line_;
  std::size_t at_ = 0;
  std::vector<const Names*> scopes_;
  std::vector<Open> open_;
  std::vector<Template::Node> nodes_;
};

Template Template::compile(std::string_view source, Form form, const Names& names,
                           std::vector<TemplateMistake>& mistakes, int first_line) {
  Template compiled;
  compiled.form_ = form;
  compiled.nodes_ = Compiler(source, form, names, mistakes, first_line).run();
  return compiled;
}

bool Template::uses(std::string_view name) const {
  return std::any_of(nodes_.begin(), nodes_.end(), [name](const Node& node) {
    return node.part != Part::words && node.text == name;
  });
}

std::string Template::fill(const Values& values) const {
  std::string out;
  std::vector<const Values*> scopes{&values};
  fill(0, nodes_.size(), scopes, out);
  return out;
}

void Template::fill(std::size_t begin, std::size_t end, std::vector<const Values*>& scopes,
                    std::string& out) const {
  for (std::size_t i = begin; i < end; ++i) {
    const Node& node = nodes_[i];
    if (node.part == Part::words) {
      out += node.text;
      continue;
    }
    const std::string* text = nullptr;
    const std::vector<Values>* list = nullptr;
    bool flag = false;
    for (auto scope = scopes.rbegin(); scope != scopes.rend(); ++scope) {
      if (const auto found = (*scope)->texts.find(node.text); found != (*scope)->texts.end()) {
        text = &found->second;
        break;
      }
      if (const auto found = (*scope)->lists.find(node.text); found != (*scope)->lists.end()) {
        list = &found->second;
        break;
      }
      if (const auto found = (*scope)->flags.find(node.text); found != (*scope)->flags.end()) {
        flag = found->second;
        break;
      }
    }
    if (node.part == Part::value) {
      if (text != nullptr) out += form_ == Form::html ? html_escaped(*text) : *text;
      continue;
    }
    if (node.part == Part::ready) {
      if (text != nullptr) out += *text;
      continue;
    }
    const bool there = flag || (text != nullptr && !text->empty()) || (list && !list->empty());
    if (there && node.part == Part::section && list != nullptr) {
      for (const Values& entry : *list) {
        scopes.push_back(&entry);
        fill(i + 1, node.end, scopes, out);
        scopes.pop_back();
      }
    } else if (there == (node.part == Part::section)) {
      fill(i + 1, node.end, scopes, out);
    }
    i = node.end - 1;
  }
}

}  // namespace ombud::notify
