#include "base/json.hpp"

#include <fmt/format.h>
#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <unordered_set>

#include "base/bytes.hpp"

namespace ombud::json {
namespace {

// Strings stay where they are in the text, whose escapes are resolved in place.
constexpr unsigned kParseFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseInsituFlag;
constexpr std::size_t kPoolBytesMin = 1024, kPoolBytesMax = 65'536;

// The names of one object's members. Few are compared one by one; many are kept in a set, so that
// nobody can make us compare all with all.
class Names {
 public:
  bool add(std::string_view name) {
    if (few_.size() < kFew) {
      if (std::find(few_.begin(), few_.end(), name) != few_.end()) return false;
      few_.push_back(name);
      return true;
    }
    if (many_.empty()) many_.insert(few_.begin(), few_.end());
    return many_.insert(name).second;
  }

 private:
  static constexpr std::size_t kFew = 24;
  std::vector<std::string_view> few_;
  std::unordered_set<std::string_view> many_;
};

// Hands on to the document what is read, and stops at too great a depth or a second member of the
// same name, both of which RapidJSON's own document accepts.
class Inspector {
 public:
  explicit Inspector(rapidjson::Document& document) : to_(document) {}

  bool Null() { return to_.Null(); }
  bool Bool(bool flag) { return to_.Bool(flag); }
  bool Int(int number) { return to_.Int(number); }
  bool Uint(unsigned number) { return to_.Uint(number); }
  bool Int64(std::int64_t number) { return to_.Int64(number); }
  bool Uint64(std::uint64_t number) { return to_.Uint64(number); }
  bool Double(double number) { return to_.Double(number); }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool copy) {
    return to_.RawNumber(text, size, copy);
  }
  bool String(const char* text, rapidjson::SizeType size, bool copy) {
    return to_.String(text, size, copy);
  }
  bool Key(const char* text, rapidjson::SizeType size, bool copy) {
    if (names_.back().add({text, size})) return to_.Key(text, size, copy);
    why_ = fmt::format("the member \"{}\" stands twice", std::string_view(text, size));
    return false;
  }
  bool StartObject() { return open() && to_.StartObject(); }
  bool EndObject(rapidjson::SizeType count) { return names_.pop_back(), to_.EndObject(count); }
  bool StartArray() { return open() && to_.StartArray(); }
  bool EndArray(rapidjson::SizeType count) { return names_.pop_back(), to_.EndArray(count); }
  const std::string& why() const { return why_; }

 private:
  bool open() {
    names_.emplace_back();
    if (names_.size() <= kDepthMax) return true;
    why_ = fmt::format("it is nested deeper than {} levels", kDepthMax);
    return false;
  }
  rapidjson::Document& to_;
  std::vector<Names> names_;
  std::string why_;
};

std::string place(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const auto start = before.rfind('\n');
  const auto column = before.size() - (start == std::string_view::npos ? 0 : start + 1) + 1;
  return fmt::format("line {}, column {}", line, column);
}

std::string escape_pointer(std::string_view name) {
  std::string escaped;
  for (char c : name) {
    if (c == '~') {
      escaped += "~0";
    } else if (c == '/') {
      escaped += "~1";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

}  // namespace

// What a parsed text stands in: the text itself and the values that point into it.
struct Document::Held {
  explicit Held(std::string_view text)
      : pool(std::clamp(text.size(), kPoolBytesMin, kPoolBytesMax)), document(&pool) {
    bytes.reserve(text.size() + kReadAhead);
    bytes.assign(text);
  }
  // RapidJSON looks at 16 bytes at a time and ends at a NUL.
  static constexpr std::size_t kReadAhead = 16;
  std::string bytes;
  rapidjson::MemoryPoolAllocator<> pool;
  rapidjson::Document document;
};

Document::Document() = default;
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;
View Document::root() const {
  return View{held_ == nullptr ? nullptr : &held_->document};
}

Result<Document> parse(std::string_view text) {
  const auto refuse = [&](std::string_view why, std::size_t offset) {
    return problem(ProblemKind::invalid,
                   fmt::format("This is not acceptable JSON: {} ({}).", why, place(text, offset)));
  };
  if (!is_utf8(text)) {
    return refuse(rapidjson::GetParseError_En(rapidjson::kParseErrorStringInvalidEncoding),
                  valid_utf8_bytes(text));
  }
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
    return refuse("it holds a NUL character", nul);
  }
  Document parsed;
  parsed.held_ = std::make_unique<Document::Held>(text);
  rapidjson::Document& document = parsed.held_->document;
  Inspector inspector(document);
  rapidjson::ParseResult outcome;
  auto generate = [&](rapidjson::Document&) {
    rapidjson::InsituStringStream stream(parsed.held_->bytes.data());
    outcome = rapidjson::Reader().Parse<kParseFlags>(stream, inspector);
    return !outcome.IsError();
  };
  document.Populate(generate);
  if (outcome.IsError()) {
    return refuse(inspector.why().empty() ? rapidjson::GetParseError_En(outcome.Code())
                                          : std::string_view(inspector.why()),
                  outcome.Offset());
  }
  return parsed;
}

View View::operator[](std::string_view name) const {
  if (!is_object()) return {};
  const rapidjson::Value key(
      rapidjson::StringRef(name.data(), static_cast<rapidjson::SizeType>(name.size())));
  const auto found = value_->FindMember(key);
  return found == value_->MemberEnd() ? View{} : View{&found->value};
}

View View::at(std::size_t index) const {
  if (!is_array() || index >= value_->Size()) return {};
  return View{&(*value_)[static_cast<rapidjson::SizeType>(index)]};
}

std::size_t View::size() const {
  if (is_array()) return value_->Size();
  if (is_object()) return value_->MemberCount();
  return 0;
}

std::string_view View::name_at(std::size_t index) const {
  const auto& name = (value_->MemberBegin() + static_cast<std::ptrdiff_t>(index))->name;
  return {name.GetString(), name.GetStringLength()};
}

View View::member_at(std::size_t index) const {
  return View{&(value_->MemberBegin() + static_cast<std::ptrdiff_t>(index))->value};
}

std::string_view View::text(std::string_view fallback) const {
  return maybe_text().value_or(fallback);
}
std::int64_t View::integer(std::int64_t fallback) const {
  return maybe_integer().value_or(fallback);
}
bool View::boolean(bool fallback) const {
  return is_boolean() ? value_->GetBool() : fallback;
}
std::optional<std::string_view> View::maybe_text() const {
  if (!is_text()) return std::nullopt;
  return std::string_view(value_->GetString(), value_->GetStringLength());
}
std::optional<std::int64_t> View::maybe_integer() const {
  if (!is_integer()) return std::nullopt;
  return value_->GetInt64();
}

std::string View::dump() const {
  if (value_ == nullptr) return "null";
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  value_->Accept(writer);  // recursion is bounded: the document was parsed with a depth cap
  return {buffer.GetString(), buffer.GetSize()};
}

Writer& Writer::key(std::string_view name) {
  writer_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
  return *this;
}

Writer& Writer::value(std::string_view text) {
  if (is_utf8(text)) {
    writer_.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  } else {
    const std::string repaired = to_valid_utf8(text);
    writer_.String(repaired.data(), static_cast<rapidjson::SizeType>(repaired.size()));
  }
  return *this;
}

Writer& Writer::raw(std::string_view json) {
  writer_.RawValue(json.data(), json.size(), rapidjson::kObjectType);
  return *this;
}

Reader::Reader(View object, std::string pointer) : object_(object), pointer_(std::move(pointer)) {
  if (!object_.is_object()) problems_.push_back({pointer_, "must be a JSON object"});
}

View Reader::take(std::string_view name) {
  known_.emplace_back(name);
  return object_[name];
}

bool Reader::has(std::string_view name) {
  return take(name).present();
}

std::string Reader::pointer_of(std::string_view name) const {
  return pointer_ + "/" + escape_pointer(name);
}

void Reader::refuse(std::string_view name, std::string detail) {
  problems_.push_back({pointer_of(name), std::move(detail)});
}

void Reader::absorb(const Reader& nested) {
  problems_.insert(problems_.end(), nested.problems_.begin(), nested.problems_.end());
}

std::optional<std::string> Reader::maybe_text(std::string_view name, Text rule) {
  const View found = take(name);
  if (!found.present()) {
    if (rule.required) refuse(name, "is required");
    return std::nullopt;
  }
  if (!found.is_text()) {
    refuse(name, "must be a text");
    return std::nullopt;
  }
  const std::string_view text = found.text();
  if (text.size() > rule.bytes_max) {
    refuse(name,
           fmt::format("is {} bytes long; at most {} are allowed", text.size(), rule.bytes_max));
    return std::nullopt;
  }
  if (text.find('\0') != std::string_view::npos) {
    refuse(name, "must not hold a NUL character");
    return std::nullopt;
  }
  if (!rule.blank_allowed && text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    refuse(name, "must not be empty");
    return std::nullopt;
  }
  return std::string(text);
}

std::string Reader::text(std::string_view name, Text rule) {
  return maybe_text(name, rule).value_or(std::string());
}

std::optional<std::int64_t> Reader::maybe_integer(std::string_view name, std::int64_t min,
                                                  std::int64_t max) {
  const View found = take(name);
  if (!found.present()) return std::nullopt;
  const auto number = found.maybe_integer();
  if (!number || *number < min || *number > max) {
    refuse(name, fmt::format("must be a whole number from {} to {}", min, max));
    return std::nullopt;
  }
  return number;
}

std::int64_t Reader::integer(std::string_view name, std::int64_t min, std::int64_t max) {
  if (!object_[name].present()) {
    known_.emplace_back(name);
    refuse(name, "is required");
    return min;
  }
  return maybe_integer(name, min, max).value_or(min);
}

bool Reader::boolean(std::string_view name, bool fallback) {
  const View found = take(name);
  if (!found.present()) return fallback;
  if (!found.is_boolean()) refuse(name, "must be true or false");
  return found.boolean(fallback);
}

std::vector<std::string> Reader::texts(std::string_view name, std::size_t count_max, Text rule) {
  std::vector<std::string> all;
  const View list = array(name, count_max);
  for (std::size_t i = 0; i < list.size(); ++i) {
    const View entry = list.at(i);
    const std::string pointer = fmt::format("{}/{}", name, i);
    if (!entry.is_text() || entry.text().empty() || entry.text().size() > rule.bytes_max) {
      problems_.push_back({pointer_ + "/" + pointer,
                           fmt::format("must be a text of 1 to {} bytes", rule.bytes_max)});
    } else {
      all.emplace_back(entry.text());
    }
  }
  return all;
}

View Reader::object(std::string_view name, bool required) {
  const View found = take(name);
  if (!found.present()) {
    if (required) refuse(name, "is required");
    return {};
  }
  if (!found.is_object()) refuse(name, "must be an object");
  return found.is_object() ? found : View{};
}

View Reader::array(std::string_view name, std::size_t count_max) {
  const View found = take(name);
  if (!found.present()) return {};
  if (!found.is_array()) {
    refuse(name, "must be a list");
    return {};
  }
  if (found.size() > count_max) {
    refuse(name, fmt::format("has {} entries; at most {} are allowed", found.size(), count_max));
    return {};
  }
  return found;
}

std::optional<Problem> Reader::finish() {
  if (object_.is_object()) {
    for (std::size_t i = 0; i < object_.size(); ++i) {
      const std::string_view name = object_.name_at(i);
      if (std::find(known_.begin(), known_.end(), name) == known_.end()) {
        refuse(name, "is not a known field; remove it or check its spelling");
      }
    }
  }
  if (problems_.empty()) return std::nullopt;
  // A copy: whoever finishes a nested reader absorbs it afterwards.
  return Problem{ProblemKind::invalid, "The request is not valid.", problems_};
}

}  // namespace ombud::json
