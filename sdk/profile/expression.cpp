#include "profile/expression.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "base/nearest.hpp"

namespace ombud::profile {

std::optional<Outcome> outcome_of(std::string_view word) {
  static const std::map<std::string, Outcome, std::less<>> kWords = {
      {"ok", Outcome::ok},
      {"retry", Outcome::retry},
      {"rate_limited", Outcome::rate_limited},
      {"auth", Outcome::auth},
      {"permanent", Outcome::permanent},
      {"ambiguous", Outcome::ambiguous}};
  const auto found = kWords.find(word);
  return found == kWords.end() ? std::nullopt : std::optional(found->second);
}

void Scope::set(std::string_view name, Value value) {
  for (auto& [known, content] : values_) {
    if (known == name) {
      content = std::move(value);
      return;
    }
  }
  values_.emplace_back(name, std::move(value));
}

namespace {

// What a name means of an element: its member; of one that has none, such as a text, `item` itself.
Value in_element(const Value& element, std::string_view name) {
  const bool plain = name == "item" && !element.is_table() && !element.is_list();
  return plain ? element : element.member(name);
}

}  // namespace

Value Scope::get(std::string_view name) {
  for (const auto* frame = item_; frame != nullptr; frame = frame->before) {
    Value member = in_element(*frame->item, name);
    if (!member.absent()) return member;
  }
  for (Scope* scope = this; scope != nullptr; scope = scope->outer_) {
    if (scope != this) {
      for (const auto* frame = scope->item_; frame != nullptr; frame = frame->before) {
        Value member = in_element(*frame->item, name);
        if (!member.absent()) return member;
      }
    }
    for (const auto& [known, content] : scope->values_) {
      if (known == name) return content;
    }
  }
  const Template* text = surroundings_.defined(name);
  return text == nullptr ? Value() : text->evaluate(*this);
}

std::string Scope::written(std::size_t bytes_max,
                           const std::vector<std::string_view>& without) const {
  std::set<std::string_view> told(without.begin(), without.end());
  json::Writer out;
  out.begin_object();
  for (const Scope* scope = this; scope != nullptr; scope = scope->outer_) {
    for (const auto& [name, content] : scope->values_) {
      if (!told.insert(name).second || content.absent()) continue;
      json::Writer one;
      content.write(one);
      if (const std::string text = one.take(); text.size() <= bytes_max) out.key(name).raw(text);
    }
  }
  return out.end_object().take();
}

json::View Scope::keep(json::Document document) {
  documents_.push_back(std::move(document));
  return documents_.back().root();
}

class Node {
 public:
  enum class Kind {
    literal,
    name,
    member,    // of children[0]
    element,   // children[0] [ children[1] ]
    all,       // [*]
    pick,      // [a=b]
    pick_all,  // [?a=b]
    list,
    negation,
    conjunction,
    disjunction,
    equal,
    unequal,
    below,
    at_most,
    above,
    at_least,
    holds,   // contains
    within,  // in
    filter,
    where,  // children[0], sub-expression children[1]
    any,
    each,  // template
    choose,
  };
  Kind kind = Kind::literal;
  Value value;
  std::string name;
  std::vector<Node> children;
  const Filter* filter = nullptr;
  Template text;

  Value evaluate(Scope& scope) const;

 private:
  Value elements(Scope& scope) const;
  Value compare(Scope& scope) const;
};

namespace {

// Every element of a list; of a list of lists (after [*]) every element of each.
template <class Visit>
void for_elements(const Value& value, const Visit& visit) {
  if (!value.is_list()) return;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (!visit(value.at(i))) return;
  }
}

Value member_of(const Value& value, std::string_view name) {
  if (!value.is_list()) return value.member(name);
  Value::List found;  // after [*]: of each
  for_elements(value, [&](const Value& element) {
    Value member = element.member(name);
    if (!member.absent()) found.push_back(std::move(member));
    return true;
  });
  return Value(std::move(found));
}

}  // namespace

Value Node::elements(Scope& scope) const {
  const Value whole = children[0].evaluate(scope);
  Value::List found;
  if (kind == Kind::all) {
    for_elements(whole, [&](const Value& element) {
      if (element.is_list()) {
        for_elements(element, [&](const Value& inner) {
          found.push_back(inner);
          return true;
        });
      } else {
        found.push_back(element);
      }
      return true;
    });
    return Value(std::move(found));
  }
  const bool first_only = kind == Kind::pick;
  const bool by_value = kind == Kind::pick || kind == Kind::pick_all;
  const Value wanted = by_value ? children[2].evaluate(scope) : Value();
  if (by_value && wanted.absent()) return first_only ? Value() : Value(Value::List());
  Value first;
  bool any_found = false;
  for_elements(whole, [&](const Value& element) {
    bool fits = false;
    Value made;
    {
      const Scope::Within within(scope, element);
      if (kind == Kind::each) {
        made = text.evaluate(scope);
      } else {
        const Value seen = children[1].evaluate(scope);
        fits = by_value ? same(seen, wanted) : seen.truth();
      }
    }
    if (kind == Kind::each) {
      if (!made.absent()) found.push_back(std::move(made));
    } else if (fits) {
      any_found = true;
      if (first_only) first = element;
      if (first_only || kind == Kind::any) return false;
      found.push_back(element);
    }
    return true;
  });
  if (first_only) return first;
  return kind == Kind::any ? Value(any_found) : Value(std::move(found));
}

Value Node::compare(Scope& scope) const {
  const Value left = children[0].evaluate(scope);
  const Value right = children[1].evaluate(scope);
  switch (kind) {
    case Kind::equal:
      return Value(same(left, right));
    case Kind::unequal:
      return Value(!same(left, right));
    case Kind::holds:
      return Value(contains(left, right));
    case Kind::within:
      return Value(contains(right, left));
    default:
      break;
  }
  if (left.absent() || right.absent()) return Value(false);
  switch (kind) {
    case Kind::below:
      return Value(less(left, right));
    case Kind::at_most:
      return Value(!less(right, left));
    case Kind::above:
      return Value(less(right, left));
    default:
      return Value(!less(left, right));
  }
}

Value Node::evaluate(Scope& scope) const {
  switch (kind) {
    case Kind::literal:
      return value;
    case Kind::name:
      return scope.get(name);
    case Kind::member:
      return member_of(children[0].evaluate(scope), name);
    case Kind::element: {
      const Value whole = children[0].evaluate(scope);
      const Value key = children[1].evaluate(scope);
      if (whole.is_table()) return whole.member(key.shown());
      const auto index = key.number();
      if (!index) return {};
      const auto size = static_cast<std::int64_t>(whole.size());
      const std::int64_t at = *index < 0 ? size + *index : *index;
      return at < 0 ? Value() : whole.at(static_cast<std::size_t>(at));
    }
    case Kind::all:
    case Kind::pick:
    case Kind::pick_all:
    case Kind::where:
    case Kind::any:
    case Kind::each:
      return elements(scope);
    case Kind::list: {
      Value::List list;
      for (const Node& child : children) list.push_back(child.evaluate(scope));
      return Value(std::move(list));
    }
    case Kind::negation:
      return Value(!children[0].evaluate(scope).truth());
    case Kind::conjunction: {
      Value left = children[0].evaluate(scope);
      return left.truth() ? children[1].evaluate(scope) : left;
    }
    case Kind::disjunction: {
      Value left = children[0].evaluate(scope);
      return left.truth() ? left : children[1].evaluate(scope);
    }
    case Kind::filter: {
      std::vector<Value> arguments;
      for (std::size_t i = 1; i < children.size(); ++i) {
        arguments.push_back(children[i].evaluate(scope));
      }
      return filter->apply(scope, children[0].evaluate(scope), arguments);
    }
    case Kind::choose:
      if (children[0].evaluate(scope).truth()) return children[1].evaluate(scope);
      return children.size() > 2 ? children[2].evaluate(scope) : Value();
    default:
      return compare(scope);
  }
}

namespace {

using Kind = Node::Kind;

Node binary(Kind kind, Node left, Node right) {
  Node node;
  node.kind = kind;
  node.children.push_back(std::move(left));
  node.children.push_back(std::move(right));
  return node;
}

bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '@';
}
bool is_name_part(char c) {
  return is_name_start(c) || (c >= '0' && c <= '9') || c == '-';
}

class Parser {
 public:
  Parser(std::string_view text, const Names& names) : text_(text), names_(names) {}

  Node whole() {
    Node node = expression();
    skip();
    if (at_ < text_.size()) wrong(fmt::format("\"{}\" is not expected there", text_.substr(at_)));
    return node;
  }

 private:
  [[noreturn]] void wrong(const std::string& why) const {
    throw std::invalid_argument(fmt::format("in \"{}\": {}", text_, why));
  }
  void skip() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t')) {
      ++at_;
    }
  }
  bool take(std::string_view symbol) {
    skip();
    if (!text_.substr(at_).starts_with(symbol)) return false;
    at_ += symbol.size();
    return true;
  }
  bool take_word(std::string_view word) {
    skip();
    if (!text_.substr(at_).starts_with(word)) return false;
    const std::size_t end = at_ + word.size();
    if (end < text_.size() && is_name_part(text_[end])) return false;
    at_ = end;
    return true;
  }
  void expect(std::string_view symbol) {
    if (!take(symbol))
      wrong(fmt::format("\"{}\" is missing after \"{}\"", symbol, text_.substr(0, at_)));
  }
  std::string name() {
    skip();
    const std::size_t start = at_;
    if (at_ < text_.size() && is_name_start(text_[at_])) {
      while (at_ < text_.size() && is_name_part(text_[at_])) ++at_;
    }
    if (at_ == start) wrong(fmt::format("a name is missing after \"{}\"", text_.substr(0, at_)));
    return std::string(text_.substr(start, at_ - start));
  }

  Node expression() {
    if (!take_word("if")) return disjunction();
    Node node;
    node.kind = Kind::choose;
    node.children.push_back(disjunction());
    if (!take_word("then")) wrong("an `if` needs a `then`");
    node.children.push_back(expression());
    if (take_word("else")) node.children.push_back(expression());
    return node;
  }
  Node disjunction() {
    Node left = conjunction();
    while (take_word("or")) left = binary(Kind::disjunction, std::move(left), conjunction());
    return left;
  }
  Node conjunction() {
    Node left = negation();
    while (take_word("and")) left = binary(Kind::conjunction, std::move(left), negation());
    return left;
  }
  Node negation() {
    if (!take_word("not")) return comparison();
    Node node;
    node.kind = Kind::negation;
    node.children.push_back(negation());
    return node;
  }
  Node comparison() {
    Node left = piped();
    if (take("==")) return binary(Kind::equal, std::move(left), piped());
    if (take("!=")) return binary(Kind::unequal, std::move(left), piped());
    if (take("<=")) return binary(Kind::at_most, std::move(left), piped());
    if (take(">=")) return binary(Kind::at_least, std::move(left), piped());
    if (take("<")) return binary(Kind::below, std::move(left), piped());
    if (take(">")) return binary(Kind::above, std::move(left), piped());
    if (take_word("contains")) return binary(Kind::holds, std::move(left), piped());
    if (take_word("in")) return binary(Kind::within, std::move(left), piped());
    return left;
  }

  Node piped() {
    Node node = path();
    while (take("|")) node = filtered(std::move(node));
    return node;
  }
  Node filtered(Node in) {
    const std::string called = name();
    if (called == "where" || called == "any" || called == "each") {
      expect(":");
      return inner(called, std::move(in));
    }
    Node node;
    node.kind = Kind::filter;
    node.name = called;
    node.filter = filter_of(called);
    if (node.filter == nullptr) {
      std::vector<std::string> all = filter_names();
      const auto meant = nearest(called, all);
      wrong(fmt::format("there is no filter \"{}\"; {}", called,
                        meant ? fmt::format("did you mean \"{}\"?", *meant)
                              : fmt::format("there are {}", joined(all, "and"))));
    }
    node.children.push_back(std::move(in));
    while (take(":")) node.children.push_back(argument());
    const std::size_t count = node.children.size() - 1;
    if (count < node.filter->arguments_min || count > node.filter->arguments_max) {
      wrong(fmt::format("the filter \"{}\" takes {}{} arguments, not {}", called,
                        node.filter->arguments_min,
                        node.filter->arguments_max == node.filter->arguments_min
                            ? std::string()
                            : fmt::format(" to {}", node.filter->arguments_max),
                        count));
    }
    check_table_name(node);
    return node;
  }
  // The names of maps and lists are known before anything runs.
  void check_table_name(const Node& node) const {
    const auto check = [&](std::size_t index, const auto& known, const char* what) {
      if (node.children.size() <= index || node.children[index].kind != Kind::literal) return;
      const std::string given = node.children[index].value.shown();
      if (known.contains(given)) return;
      const std::vector<std::string> all(known.begin(), known.end());
      const auto meant = nearest(given, all);
      wrong(fmt::format(
          "there is no [{}.{}]; {}", what, given,
          meant ? fmt::format("did you mean \"{}\"?", *meant) : std::string("write that table")));
    };
    if (node.name == "map") check(1, names_.maps, "map");
    if (node.name == "id_of" || node.name == "word_of" || node.name == "name_of") {
      check(1, names_.lists, "list");
      check(2, names_.maps, "map");
    }
  }
  Node inner(const std::string& called, Node in) {
    skip();
    const Node given = argument(true);
    if (given.kind != Kind::literal || !given.value.is_text()) {
      wrong(
          fmt::format("write what \"{}\" does with each element as text, such as "
                      "where:'id == 7' or each:'{{name}}'",
                      called));
    }
    Names inside = names_;
    inside.any_root = true;
    const std::string body(given.value.text());
    Node node;
    node.kind = called == "each" ? Kind::each : called == "any" ? Kind::any : Kind::where;
    node.children.push_back(std::move(in));
    if (called == "each") {
      node.text = Template::parse(body, inside);
    } else {
      node.children.push_back(Parser(body, inside).whole());
    }
    return node;
  }

  // A bare word after a filter's colon is the name of a map or list, unless it is a path.
  Node argument(bool text_only = false) {
    skip();
    if (!text_only && at_ < text_.size() && is_name_start(text_[at_])) {
      const std::size_t start = at_;
      const std::string word = name();
      const bool alone = at_ >= text_.size() || (text_[at_] != '.' && text_[at_] != '[');
      if (alone && !names_.roots.contains(word) &&
          (names_.maps.contains(word) || names_.lists.contains(word))) {
        Node node;
        node.value = Value(word);
        return node;
      }
      at_ = start;
    }
    return path();
  }

  Node path() {
    Node node = atom();
    for (;;) {
      if (at_ < text_.size() && text_[at_] == '.') {
        ++at_;
        Node member;
        member.kind = Kind::member;
        member.name =
            at_ < text_.size() && (text_[at_] == '\'' || text_[at_] == '"') ? quoted() : name();
        check_member(node, member.name);
        member.children.push_back(std::move(node));
        node = std::move(member);
      } else if (at_ < text_.size() && text_[at_] == '[') {
        ++at_;
        node = bracket(std::move(node));
      } else {
        return node;
      }
    }
  }
  void check_member(const Node& root, const std::string& member) const {
    if (root.kind != Kind::name) return;
    const auto known = names_.members.find(root.name);
    if (known == names_.members.end() || known->second.contains(member)) return;
    const std::vector<std::string> all(known->second.begin(), known->second.end());
    const auto meant = nearest(member, all);
    wrong(fmt::format("{} has no \"{}\"; {}", root.name, member,
                      meant ? fmt::format("did you mean \"{}\"?", *meant)
                            : fmt::format("it has {}", joined(all, "and"))));
  }
  Node bracket(Node whole) {
    Node node;
    if (take("*")) {
      node.kind = Kind::all;
      node.children.push_back(std::move(whole));
      expect("]");
      return node;
    }
    const bool every = take("?");
    Names inside = names_;
    inside.any_root = true;
    Parser key_parser(text_, inside);
    key_parser.at_ = at_;
    Node key = key_parser.piped();
    skip();
    if (key_parser.take("=")) {
      at_ = key_parser.at_;
      node.kind = every ? Kind::pick_all : Kind::pick;
      node.children.push_back(std::move(whole));
      node.children.push_back(std::move(key));
      node.children.push_back(piped());
    } else {
      if (every) wrong("write [?name=value]");
      node.kind = Kind::element;
      node.children.push_back(std::move(whole));
      node.children.push_back(piped());
    }
    expect("]");
    return node;
  }

  std::string quoted() {
    const char quote = text_[at_];
    std::string text;
    for (std::size_t i = at_ + 1; i < text_.size(); ++i) {
      if (text_[i] == quote) {
        at_ = i + 1;
        return text;
      }
      if (text_[i] == '\\' && i + 1 < text_.size()) {
        ++i;
        text += text_[i] == 'n' ? '\n' : text_[i] == 't' ? '\t' : text_[i];
      } else {
        text += text_[i];
      }
    }
    wrong("a quotation mark is not closed");
  }

  Node atom() {
    skip();
    if (at_ >= text_.size()) wrong("something is missing at the end");
    const char c = text_[at_];
    Node node;
    if (c == '\'' || c == '"') {
      node.value = Value(quoted());
      return node;
    }
    if ((c >= '0' && c <= '9') || c == '-') {
      std::int64_t number = 0;
      const auto read = std::from_chars(text_.data() + at_, text_.data() + text_.size(), number);
      if (read.ec != std::errc()) wrong("a number is not whole, or too large");
      at_ = static_cast<std::size_t>(read.ptr - text_.data());
      node.value = Value(number);
      return node;
    }
    if (take("(")) {
      node = expression();
      expect(")");
      return node;
    }
    if (take("[")) {
      node.kind = Kind::list;
      if (take("]")) return node;
      do {
        node.children.push_back(expression());
      } while (take(","));
      expect("]");
      return node;
    }
    if (take_word("true")) return node.value = Value(true), node;
    if (take_word("false")) return node.value = Value(false), node;
    node.kind = Kind::name;
    node.name = name();
    if (!names_.any_root && !names_.roots.contains(node.name)) unknown(node.name);
    return node;
  }
  [[noreturn]] void unknown(const std::string& called) const {
    const std::vector<std::string> all(names_.roots.begin(), names_.roots.end());
    const auto meant = nearest(called, all);
    wrong(fmt::format("nothing is called \"{}\" here; {}", called,
                      meant ? fmt::format("did you mean \"{}\"?", *meant)
                            : std::string("a name is a document, a step's or let's name, or one of "
                                          "[define]; a text stands in quotation marks")));
  }

  std::string_view text_;
  const Names& names_;
  std::size_t at_ = 0;
};

}  // namespace

Expression Expression::parse(std::string_view text, const Names& names) {
  Expression expression;
  expression.node_ = std::make_shared<const Node>(Parser(text, names).whole());
  return expression;
}

Value Expression::evaluate(Scope& scope) const {
  return node_ == nullptr ? Value() : node_->evaluate(scope);
}

bool Expression::is_setting() const {
  const Node* node = node_.get();
  while (node != nullptr && (node->kind == Kind::member || node->kind == Kind::element)) {
    node = node->children.data();
  }
  return node != nullptr && node->kind == Kind::name &&
         (node->name == "settings" || node->name == "token");
}

Template Template::parse(std::string_view text, const Names& names) {
  Template made;
  std::string plain;
  const auto flush = [&] {
    if (plain.empty()) return;
    Part part;
    part.text = std::move(plain);
    plain.clear();
    made.parts_.push_back(std::move(part));
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if ((c == '{' || c == '}') && i + 1 < text.size() && text[i + 1] == c) {
      plain += c;
      ++i;
      continue;
    }
    if (c == '}') {
      throw std::invalid_argument(fmt::format(
          "in \"{}\": a \"}}\" stands alone; write }}}} for the character itself", text));
    }
    if (c != '{') {
      plain += c;
      continue;
    }
    // To the brace that closes it: quotes may hold braces, as in each:'{name}'.
    std::size_t end = i + 1;
    char quote = 0;
    while (end < text.size() && (quote != 0 || text[end] != '}')) {
      if (quote != 0 && text[end] == '\\') {
        ++end;
      } else if (quote != 0) {
        if (text[end] == quote) quote = 0;
      } else if (text[end] == '\'' || text[end] == '"') {
        quote = text[end];
      }
      ++end;
    }
    if (end >= text.size()) {
      throw std::invalid_argument(fmt::format(
          "in \"{}\": a \"{{\" is not closed; write {{{{ for the character itself", text));
    }
    flush();
    Part part;
    part.is_expression = true;
    part.expression = Expression::parse(text.substr(i + 1, end - i - 1), names);
    made.parts_.push_back(std::move(part));
    i = end;
  }
  flush();
  return made;
}

Value Template::evaluate(Scope& scope) const {
  if (parts_.empty()) return {};
  if (parts_.size() == 1 && parts_[0].is_expression) return parts_[0].expression.evaluate(scope);
  std::string whole;
  for (const Part& part : parts_) {
    whole += part.is_expression ? part.expression.evaluate(scope).shown() : part.text;
  }
  return Value(std::move(whole));
}

std::string Template::text(Scope& scope,
                           const std::function<std::string(std::string, bool setting)>& change,
                           bool whole) const {
  std::string text;
  for (const Part& part : parts_) {
    if (part.is_expression) {
      text += change(part.expression.evaluate(scope).shown(), part.expression.is_setting());
    } else {
      text += whole ? change(part.text, false) : part.text;
    }
  }
  return text;
}

JsonTemplate JsonTemplate::parse(json::View view, const Names& names, const std::string& pointer,
                                 std::vector<std::pair<std::string, std::string>>& mistakes) {
  JsonTemplate made;
  const auto text_of = [&](std::string_view text, const std::string& where, const Names& known) {
    try {
      return Template::parse(text, known);
    } catch (const std::invalid_argument& wrong) {
      mistakes.emplace_back(where, wrong.what());
      return Template();
    }
  };
  if (view.is_object()) {
    made.kind_ = Kind::table;
    for (std::size_t i = 0; i < view.size(); ++i) {
      const std::string name(view.name_at(i));
      const std::string where = pointer + "/" + name;
      Names known = names;
      if (name == "each" && view["*"].present()) known.any_root = true;
      made.members_.emplace_back(text_of(name, where, known),
                                 parse(view.member_at(i), known, where, mistakes));
    }
  } else if (view.is_array()) {
    made.kind_ = Kind::list;
    for (std::size_t i = 0; i < view.size(); ++i) {
      made.elements_.push_back(
          parse(view.at(i), names, pointer + "/" + std::to_string(i), mistakes));
    }
  } else if (view.is_text()) {
    made.kind_ = Kind::text;
    made.text_ = text_of(view.text(), pointer, names);
  } else {
    made.literal_ = view.dump();
  }
  return made;
}

std::string JsonTemplate::text(Scope& scope) const {
  json::Writer out;
  if (!write(scope, out, nullptr)) out.null();
  return out.take();
}

// False, and nothing written, if there is no value.
bool JsonTemplate::write(Scope& scope, json::Writer& out, const std::string* key) const {
  const auto named = [&]() -> json::Writer& { return key == nullptr ? out : out.key(*key); };
  switch (kind_) {
    case Kind::literal:
      named().raw(literal_);
      return true;
    case Kind::text: {
      const Value value = text_.evaluate(scope);
      if (value.absent()) return false;
      named();
      value.write(out);
      return true;
    }
    case Kind::list:
      named().begin_array();
      for (const JsonTemplate& element : elements_) element.write_element(scope, out);
      out.end_array();
      return true;
    case Kind::table:
      named().begin_object();
      write_members(scope, out);
      out.end_object();
      return true;
  }
  return false;
}

void JsonTemplate::write_members(Scope& scope, json::Writer& out) const {
  for (const auto& [name, member] : members_) {
    const std::string written = name.text(scope);
    if (written != "*") {
      member.write(scope, out, &written);
      continue;
    }
    const Value table = member.text_.evaluate(scope);
    for (std::size_t i = 0; i < table.size(); ++i) {
      out.key(table.name_at(i));
      table.member_at(i).write(out);
    }
  }
}

void JsonTemplate::write_element(Scope& scope, json::Writer& out) const {
  const JsonTemplate* spliced = nullptr;
  const JsonTemplate* each = nullptr;
  for (const auto& [name, member] : members_) {
    const std::string written = name.text(scope);
    if (written == "*") spliced = &member;
    if (written == "each") each = &member;
  }
  if (kind_ != Kind::table || spliced == nullptr || members_.size() > (each == nullptr ? 1U : 2U)) {
    write(scope, out, nullptr);
    return;
  }
  const Value list = spliced->text_.evaluate(scope);
  for (std::size_t i = 0; i < list.size() && list.is_list(); ++i) {
    const Value item = list.at(i);
    if (each == nullptr) {
      item.write(out);
      continue;
    }
    const Scope::Within within(scope, item);
    each->write(scope, out, nullptr);
  }
}

}  // namespace ombud::profile
