// JSON, by RapidJSON behind a wrapper that closes its traps: iterative parsing with a depth cap,
// UTF-8 checked both ways, no comparison operators (RapidJSON 1.1 with C++20 never returns from
// `value == 1`), missing members are values and not aborts.
#pragma once

#if defined(__SSE2__) && !defined(RAPIDJSON_SSE2)
#  define RAPIDJSON_SSE2  // strings are looked through 16 bytes at a time
#endif
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace ombud::json {

inline constexpr int kDepthMax = 64;

// A view of one value inside a Document; valid as long as the Document lives. A default or missing
// view answers "absent" to everything.
class View {
 public:
  View() = default;
  explicit View(const rapidjson::Value* value) : value_(value) {}

  bool present() const { return value_ != nullptr && !value_->IsNull(); }
  bool is_object() const { return value_ != nullptr && value_->IsObject(); }
  bool is_array() const { return value_ != nullptr && value_->IsArray(); }
  bool is_text() const { return value_ != nullptr && value_->IsString(); }
  bool is_integer() const { return value_ != nullptr && value_->IsInt64(); }
  bool is_boolean() const { return value_ != nullptr && value_->IsBool(); }

  View operator[](
      std::string_view name) const;  // absent if this is no object or has no such member
  View at(std::size_t index) const;  // absent beyond the end
  std::size_t size() const;          // elements or members; 0 for anything else
  std::string_view name_at(std::size_t index) const;  // of the index-th member
  View member_at(std::size_t index) const;

  // The value if it has that type, else the fallback.
  std::string_view text(std::string_view fallback = {}) const;
  std::int64_t integer(std::int64_t fallback = 0) const;
  bool boolean(bool fallback = false) const;
  std::optional<std::string_view> maybe_text() const;
  std::optional<std::int64_t> maybe_integer() const;

  std::string dump() const;  // compact JSON; "null" if absent
  const rapidjson::Value* raw() const { return value_; }

 private:
  const rapidjson::Value* value_ = nullptr;
};

// A parsed text, movable; its views stay valid when it moves.
class Document {
 public:
  Document();
  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;
  ~Document();
  View root() const;
  View operator[](std::string_view name) const { return root()[name]; }

 private:
  friend Result<Document> parse(std::string_view text);
  struct Held;
  std::unique_ptr<Held> held_;
};

// Refuses (invalid, with line and column) bad JSON, bad UTF-8, depth over kDepthMax, a duplicate
// member name, anything after the value.
Result<Document> parse(std::string_view text);

// Writes compact JSON. Member calls must nest properly; that is asserted by RapidJSON.
class Writer {
 public:
  Writer& begin_object() { return writer_.StartObject(), *this; }
  Writer& begin_object(std::string_view name) { return key(name), begin_object(); }
  Writer& end_object() { return writer_.EndObject(), *this; }
  Writer& begin_array() { return writer_.StartArray(), *this; }
  Writer& begin_array(std::string_view name) { return key(name), begin_array(); }
  Writer& end_array() { return writer_.EndArray(), *this; }
  Writer& key(std::string_view name);

  Writer& value(std::string_view text);
  Writer& value(const char* text) { return value(std::string_view(text)); }
  Writer& value(const std::string& text) { return value(std::string_view(text)); }
  Writer& value(std::int64_t number) { return writer_.Int64(number), *this; }
  Writer& value(int number) { return writer_.Int(number), *this; }
  Writer& value(std::uint64_t number) { return writer_.Uint64(number), *this; }
  Writer& value(double number) { return writer_.Double(number), *this; }
  Writer& value(bool flag) { return writer_.Bool(flag), *this; }
  Writer& null() { return writer_.Null(), *this; }
  Writer& raw(std::string_view json);  // already valid JSON
  Writer& value(View view) { return raw(view.dump()); }

  template <class T>
  Writer& value(const std::optional<T>& maybe) {
    return maybe ? value(*maybe) : null();
  }
  template <class T>
  Writer& field(std::string_view name, const T& content) {
    return key(name), value(content);
  }
  // Leaves the member out when there is no value.
  template <class T>
  Writer& field_if(std::string_view name, const std::optional<T>& maybe) {
    return maybe ? field(name, *maybe) : *this;
  }

  std::string take() { return {buffer_.GetString(), buffer_.GetSize()}; }

 private:
  static constexpr std::size_t kBytesAtFirst = 1024;
  rapidjson::StringBuffer buffer_{nullptr, kBytesAtFirst};
  rapidjson::Writer<rapidjson::StringBuffer> writer_{buffer_};
};

// Reads one object of a request and collects every mistake with its pointer, so that the caller
// hears of all of them at once. Unknown members are mistakes too.
//   Reader in(document.root(), "");
//   request.subject = in.text("subject", {.required = true, .bytes_max = 255});
//   if (auto refused = in.finish()) return *refused;
class Reader {
 public:
  struct Text {
    bool required = false;
    std::size_t bytes_max = 255;
    bool blank_allowed = false;
  };
  Reader(View object, std::string pointer);

  std::string text(std::string_view name, Text rule);
  std::optional<std::string> maybe_text(std::string_view name, Text rule);
  std::optional<std::int64_t> maybe_integer(std::string_view name, std::int64_t min,
                                            std::int64_t max);
  std::int64_t integer(std::string_view name, std::int64_t min, std::int64_t max);  // required
  bool boolean(std::string_view name, bool fallback);
  std::vector<std::string> texts(std::string_view name, std::size_t count_max, Text rule);
  View object(std::string_view name, bool required = false);
  View array(std::string_view name, std::size_t count_max);
  bool has(std::string_view name);  // marks the member as known

  // A mistake found by the caller; pointer is relative to this object, such as "/priority".
  void refuse(std::string_view name, std::string detail);
  void absorb(const Reader& nested);  // takes over the mistakes of a nested reader
  std::string pointer_of(std::string_view name) const;

  // The refusal, if anything was wrong or unknown.
  std::optional<Problem> finish();

 private:
  View take(std::string_view name);
  View object_;
  std::string pointer_;
  std::vector<std::string> known_;
  std::vector<FieldProblem> problems_;
};

}  // namespace ombud::json
