#include "profile/value.hpp"

#include <charconv>

namespace ombud::profile {

Value::Value(json::View view) {
  if (!view.present()) return;
  if (view.is_boolean()) {
    data_ = view.boolean();
  } else if (view.is_integer()) {
    data_ = view.integer();
  } else if (view.is_object() && view.size() == 1 && view.name_at(0) == "$secret") {
    data_ = "{{secret:" + std::string(view.member_at(0).text()) + "}}";
  } else if (!view.is_text() && !view.is_object() && !view.is_array()) {
    data_ = view.dump();  // a number with a fraction
  } else {
    data_ = view;
  }
}

bool Value::truth() const {
  if (absent()) return false;
  if (const bool* flag = std::get_if<bool>(&data_)) return *flag;
  if (is_number()) return true;
  if (is_text()) return !text().empty();
  return size() > 0;
}

bool Value::is_text() const {
  if (std::holds_alternative<std::string>(data_)) return true;
  const auto* view = std::get_if<json::View>(&data_);
  return view != nullptr && view->is_text();
}

bool Value::is_list() const {
  if (std::holds_alternative<List>(data_)) return true;
  const auto* view = std::get_if<json::View>(&data_);
  return view != nullptr && view->is_array();
}

bool Value::is_table() const {
  const auto* view = std::get_if<json::View>(&data_);
  return view != nullptr && view->is_object();
}

std::string_view Value::text() const {
  if (const auto* own = std::get_if<std::string>(&data_)) return *own;
  if (const auto* view = std::get_if<json::View>(&data_)) return view->text();
  return {};
}

std::string Value::shown() const {
  if (absent()) return {};
  if (const bool* flag = std::get_if<bool>(&data_)) return *flag ? "true" : "false";
  if (const auto* number = std::get_if<std::int64_t>(&data_)) return std::to_string(*number);
  if (is_text()) return std::string(text());
  json::Writer out;
  write(out);
  return out.take();
}

std::optional<std::int64_t> Value::number() const {
  if (const auto* own = std::get_if<std::int64_t>(&data_)) return *own;
  if (!is_text()) return std::nullopt;
  const std::string_view digits = text();
  std::int64_t number = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (digits.empty() || read.ec != std::errc() || read.ptr != digits.data() + digits.size()) {
    return std::nullopt;
  }
  return number;
}

std::size_t Value::size() const {
  if (const auto* list = std::get_if<List>(&data_)) return list->size();
  const auto* view = std::get_if<json::View>(&data_);
  return view == nullptr ? 0 : view->size();
}

Value Value::at(std::size_t index) const {
  if (const auto* list = std::get_if<List>(&data_)) {
    return index < list->size() ? (*list)[index] : Value();
  }
  const auto* view = std::get_if<json::View>(&data_);
  return view == nullptr || !view->is_array() ? Value() : Value(view->at(index));
}

Value Value::member(std::string_view name) const {
  const auto* view = std::get_if<json::View>(&data_);
  return view == nullptr ? Value() : Value((*view)[name]);
}

std::string_view Value::name_at(std::size_t index) const {
  const auto* view = std::get_if<json::View>(&data_);
  return view == nullptr ? std::string_view() : view->name_at(index);
}

Value Value::member_at(std::size_t index) const {
  const auto* view = std::get_if<json::View>(&data_);
  return view == nullptr ? Value() : Value(view->member_at(index));
}

void Value::write(json::Writer& out) const {
  if (absent()) {
    out.null();
  } else if (const bool* flag = std::get_if<bool>(&data_)) {
    out.value(*flag);
  } else if (const auto* number = std::get_if<std::int64_t>(&data_)) {
    out.value(*number);
  } else if (is_text()) {
    out.value(text());
  } else if (const auto* list = std::get_if<List>(&data_)) {
    out.begin_array();
    for (const Value& element : *list) element.write(out);
    out.end_array();
  } else {
    out.value(std::get<json::View>(data_));
  }
}

bool same(const Value& a, const Value& b) {
  if (a.absent() || b.absent()) return a.absent() == b.absent();
  if (a.is_number() && b.is_number()) return *a.number() == *b.number();
  if (a.is_text() && b.is_text()) return a.text() == b.text();
  return a.shown() == b.shown();
}

bool less(const Value& a, const Value& b) {
  const auto left = a.number(), right = b.number();
  if (left && right) return *left < *right;
  return a.shown() < b.shown();
}

bool contains(const Value& whole, const Value& part) {
  if (whole.is_text()) {
    return part.truth() && whole.text().find(part.shown()) != std::string_view::npos;
  }
  if (whole.is_table()) return !whole.member(part.shown()).absent();
  for (std::size_t i = 0; i < whole.size(); ++i) {
    if (same(whole.at(i), part)) return true;
  }
  return false;
}

}  // namespace ombud::profile
