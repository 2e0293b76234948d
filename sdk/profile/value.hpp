// What an expression of a profile evaluates to. A value may look into a JSON document, which must
// outlive it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/json.hpp"

namespace ombud::profile {

class Value {
 public:
  using List = std::vector<Value>;

  Value() = default;
  explicit Value(bool flag) : data_(flag) {}
  explicit Value(std::int64_t number) : data_(number) {}
  explicit Value(std::string text) : data_(std::move(text)) {}
  explicit Value(const char* text) : data_(std::string(text)) {}
  explicit Value(List list) : data_(std::move(list)) {}
  // {"$secret":"token"} reads as the text that the host replaces: "{{secret:token}}".
  explicit Value(json::View view);

  // False: absent, null, false, an empty text, list or table. Numbers are true.
  bool truth() const;
  bool absent() const { return std::holds_alternative<std::monostate>(data_); }
  bool is_text() const;
  bool is_list() const;
  bool is_table() const;
  bool is_boolean() const { return std::holds_alternative<bool>(data_); }
  bool is_number() const { return std::holds_alternative<std::int64_t>(data_); }

  // The text itself if it is one, valid as long as this value; else empty.
  std::string_view text() const;
  // What stands in a template: text as it is, numbers in decimal, nothing for what is absent,
  // tables and lists as JSON.
  std::string shown() const;
  // A whole number, also if it is written as text.
  std::optional<std::int64_t> number() const;

  std::size_t size() const;                   // of a list or table
  Value at(std::size_t index) const;          // of a list; absent beyond its end
  Value member(std::string_view name) const;  // of a table
  std::string_view name_at(std::size_t index) const;
  Value member_at(std::size_t index) const;

  void write(json::Writer& out) const;  // as JSON; null if absent

  // 12 and "12" are equal: suppliers write ids both ways.
  friend bool same(const Value& a, const Value& b);
  friend bool less(const Value& a, const Value& b);

 private:
  std::variant<std::monostate, bool, std::int64_t, std::string, json::View, List> data_;
};

bool same(const Value& a, const Value& b);
bool less(const Value& a, const Value& b);
bool contains(const Value& whole, const Value& part);

}  // namespace ombud::profile
