// The expressions of profiles: compiled once, evaluated against a scope of named values.
//
//   ticket.subject|truncate:255           a path, through filters
//   issue.custom_fields[id=7].value       the first element whose `id` is 7; [?…] all of them
//   journals[*].notes                     of every element
//   if code == 404 then 'gone' else 'here'
//   status in ['new', 'open'] and not row.pull_request
//
// A name means, inside brackets and in the arguments of where, each and any, first a member of the
// element, then what it means outside. A path that leads nowhere is absent; nothing fails for it.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "profile/value.hpp"

namespace ombud::profile {

// How an operation ends; the connector's statuses, without ties to the SDK.
enum class Outcome { ok, retry, rate_limited, auth, permanent, ambiguous, cancelled };
std::optional<Outcome> outcome_of(std::string_view word);

// Thrown while evaluating: a value that must be there is not, in words for the operator.
struct Refused {
  Outcome outcome = Outcome::permanent;
  std::string message;
};

class Template;
class Expression;

// One entry of a list that the supplier keeps, such as its statuses.
struct ListEntry {
  std::string id, name;
  std::string otherwise;  // our word for it where no map has it; may be empty
};

// What expressions may ask for beyond their scope.
class Surroundings {
 public:
  virtual ~Surroundings() = default;
  // `again`: read anew from the supplier, because something was missing. Throws Refused.
  virtual const std::vector<ListEntry>& list(std::string_view name, bool again) = 0;
  // Of the map with the operator's changes; none if it has no such key.
  virtual std::optional<std::string> mapped(std::string_view map, std::string_view key) const = 0;
  virtual const Template* defined(std::string_view name) const = 0;
};

// Named values, the latest first. An inner scope sees the outer one, which must outlive it.
class Scope {
 public:
  explicit Scope(Surroundings& surroundings) : surroundings_(surroundings) {}
  explicit Scope(Scope& outer) : surroundings_(outer.surroundings_), outer_(&outer) {}
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

  void set(std::string_view name, Value value);
  Value get(std::string_view name);
  // Every name that is set here or around here, as a JSON table; what is larger than `bytes_max`
  // and the names in `without` are left out.
  std::string written(std::size_t bytes_max, const std::vector<std::string_view>& without) const;
  // Keeps a document as long as this scope.
  json::View keep(json::Document document);
  Surroundings& surroundings() { return surroundings_; }

  // While it lives, names mean members of `item` first.
  class Within {
   public:
    Within(Scope& scope, const Value& item) : scope_(scope), before_(scope.item_) {
      frame_ = {&item, before_};
      scope.item_ = &frame_;
    }
    ~Within() { scope_.item_ = before_; }
    Within(const Within&) = delete;
    Within& operator=(const Within&) = delete;

   private:
    friend class Scope;
    struct Frame {
      const Value* item = nullptr;
      const Frame* before = nullptr;
    };
    Scope& scope_;
    const Frame* before_;
    Frame frame_;
  };

 private:
  Surroundings& surroundings_;
  Scope* outer_ = nullptr;
  const Within::Frame* item_ = nullptr;
  std::vector<std::pair<std::string, Value>> values_;
  std::deque<json::Document> documents_;
};

// What a text may speak of where it stands; unknown names are mistakes with a suggestion.
struct Names {
  std::set<std::string, std::less<>> roots;
  // Members that are known of a root, such as those of `ticket`; a root not named here may have
  // any.
  std::map<std::string, std::set<std::string, std::less<>>, std::less<>> members;
  std::set<std::string, std::less<>> maps, lists;
  bool any_root = false;  // inside an element
};

class Node;

class Expression {
 public:
  Expression() = default;
  // Throws std::invalid_argument with a sentence that says what is wrong and what to write instead.
  static Expression parse(std::string_view text, const Names& names);
  Value evaluate(Scope& scope) const;
  bool is_setting()
      const;  // starts at `settings`: the profile's or the operator's words, no user's

 private:
  std::shared_ptr<const Node> node_;
};

// Text with expressions in braces; {{ and }} are braces. A text that is one expression and nothing
// else keeps its value's type.
class Template {
 public:
  Template() = default;
  static Template parse(std::string_view text, const Names& names);
  Value evaluate(Scope& scope) const;
  std::string text(Scope& scope) const { return evaluate(scope).shown(); }
  // As text, each inserted value passed through `change`, which hears whether it is a setting; what
  // stands around them too if `whole`.
  std::string text(Scope& scope,
                   const std::function<std::string(std::string, bool setting)>& change,
                   bool whole = false) const;
  bool empty() const { return parts_.empty(); }

 private:
  struct Part {
    std::string text;
    Expression expression;
    bool is_expression = false;
  };
  std::vector<Part> parts_;
};

// A table or list of the profile with templates in it, written as JSON.
//   - a member whose value is absent is left out
//   - the member "*" puts the members of a table in its place; as the only member of a list's
//     element it puts the elements of a list in its place, each through `each` if that is there
class JsonTemplate {
 public:
  // Adds to `mistakes` the pointer (below `pointer`) and sentence of each mistake.
  static JsonTemplate parse(json::View view, const Names& names, const std::string& pointer,
                            std::vector<std::pair<std::string, std::string>>& mistakes);
  std::string text(Scope& scope) const;
  // The members alone, into an object that is open.
  void write_members(Scope& scope, json::Writer& out) const;

 private:
  enum class Kind { table, list, text, literal };
  bool write(Scope& scope, json::Writer& out, const std::string* key) const;
  void write_element(Scope& scope, json::Writer& out) const;
  Kind kind_ = Kind::literal;
  Template text_;
  std::string literal_;
  std::vector<std::pair<Template, JsonTemplate>> members_;
  std::vector<JsonTemplate> elements_;
};

struct Filter {
  const char* name;
  std::size_t arguments_min, arguments_max;
  Value (*apply)(Scope& scope, const Value& in, const std::vector<Value>& arguments);
};
const Filter* filter_of(std::string_view name);
std::vector<std::string> filter_names();

}  // namespace ombud::profile
