// ombud/json.hpp - just enough JSON for a connector that has no JSON library: reads any text,
// writes objects. C++20, no dependency but connector.hpp. A connector with a library of its own
// needs none of this.
//
//   const auto ticket = ombud::sdk::Json::parse(write.body());
//   if (!ticket) …                                     // no JSON
//   (*ticket)["user"]["email"].text()                  // "" if it is not there
//   for (const Json& one : (*ticket)["comments"].items()) …
//   JsonObject().add("subject", subject).add("public", true).text()
#ifndef OMBUD_JSON_HPP
#define OMBUD_JSON_HPP
#include <ombud/connector.hpp>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ombud::sdk {

// True if the whole text is valid UTF-8 (RFC 3629: no surrogates, no overlong forms).
inline bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = [&](std::size_t at) {
      return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
    };
    const unsigned first = byte(i);
    if (first < 0x80) {
      ++i;
      continue;
    }
    const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    unsigned code = first & (0x7FU >> length);
    for (std::size_t k = 1; k < length; ++k) {
      if ((byte(i + k) & 0xC0U) != 0x80U) return false;
      code = code << 6U | (byte(i + k) & 0x3FU);
    }
    const unsigned least = length == 2 ? 0x80U : length == 3 ? 0x800U : 0x10000U;
    if (first < 0xC2 || first > 0xF4 || code < least || code > 0x10FFFF ||
        (code >= 0xD800 && code <= 0xDFFF)) {
      return false;
    }
    i += length;
  }
  return true;
}

// One value, immutable. What is missing is a null value, which answers the fallback to everything.
class Json {
 public:
  static constexpr int kDepthMax = 64;

  // The whole text as one value. Empty: it is no JSON (RFC 8259), no UTF-8, or nested deeper than
  // kDepthMax.
  static std::optional<Json> parse(std::string_view text) {
    if (!is_utf8(text)) return std::nullopt;
    Reader reader{text};
    Json value;
    reader.blanks();
    if (!reader.value(value, 0)) return std::nullopt;
    reader.blanks();
    if (!reader.rest.empty()) return std::nullopt;
    return value;
  }

  bool is_null() const { return kind_ == Kind::null; }
  bool is_text() const { return kind_ == Kind::text; }
  bool is_number() const { return kind_ == Kind::number; }
  bool is_boolean() const { return kind_ == Kind::boolean; }
  bool is_object() const { return kind_ == Kind::object; }
  bool is_array() const { return kind_ == Kind::array; }

  const Json& operator[](std::string_view name) const {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (names_[i] == name) return items_[i];
    }
    return none();
  }
  // Elements of an array, or the values of an object in their order.
  const std::vector<Json>& items() const { return items_; }
  const std::vector<std::string>& names() const { return names_; }

  std::string_view text(std::string_view fallback = {}) const {
    return is_text() ? std::string_view(text_) : fallback;
  }
  bool boolean(bool fallback = false) const { return is_boolean() ? text_ == "true" : fallback; }
  // A number without a fraction that fits, else the fallback.
  std::int64_t integer(std::int64_t fallback = 0) const {
    std::int64_t number = 0;
    const char* end = text_.data() + text_.size();
    const auto read = std::from_chars(text_.data(), end, number);
    return is_number() && read.ec == std::errc() && read.ptr == end ? number : fallback;
  }

 private:
  enum class Kind { null, boolean, number, text, array, object };

  static const Json& none() {
    static const Json kNone;
    return kNone;
  }

  struct Reader {
    std::string_view rest;

    void blanks() {
      const std::size_t end = rest.find_first_not_of(" \t\r\n");
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end);
    }
    bool take(std::string_view word) {
      if (!rest.starts_with(word)) return false;
      rest.remove_prefix(word.size());
      return true;
    }
    bool value(Json& into, int depth) {
      if (rest.empty() || depth > kDepthMax) return false;
      if (rest[0] == '{' || rest[0] == '[') return nested(into, depth);
      if (rest[0] == '"') {
        into.kind_ = Kind::text;
        return string(into.text_);
      }
      for (const std::string_view word : {"true", "false"}) {
        if (!take(word)) continue;
        into.kind_ = Kind::boolean;
        into.text_ = word;
        return true;
      }
      return take("null") || number(into);
    }
    bool nested(Json& into, int depth) {
      const bool object = rest[0] == '{';
      const char* close = object ? "}" : "]";
      into.kind_ = object ? Kind::object : Kind::array;
      rest.remove_prefix(1);
      blanks();
      if (take(close)) return true;
      for (;;) {
        if (object) {
          if (!rest.starts_with('"') || !string(into.names_.emplace_back())) return false;
          blanks();
          if (!take(":")) return false;
          blanks();
        }
        if (!value(into.items_.emplace_back(), depth + 1)) return false;
        blanks();
        if (take(close)) return true;
        if (!take(",")) return false;
        blanks();
      }
    }
    bool number(Json& into) {
      const auto digits = [this](std::size_t from) {
        std::size_t at = from;
        while (at < rest.size() && rest[at] >= '0' && rest[at] <= '9') ++at;
        return at;
      };
      std::size_t at = rest.starts_with('-') ? 1 : 0;
      std::size_t end = digits(at);
      if (end == at || (rest[at] == '0' && end > at + 1)) return false;
      if (end < rest.size() && rest[end] == '.') {
        at = end + 1;
        end = digits(at);
        if (end == at) return false;
      }
      if (end < rest.size() && (rest[end] == 'e' || rest[end] == 'E')) {
        at = end + 1;
        if (at < rest.size() && (rest[at] == '+' || rest[at] == '-')) ++at;
        end = digits(at);
        if (end == at) return false;
      }
      into.kind_ = Kind::number;
      into.text_ = rest.substr(0, end);
      rest.remove_prefix(end);
      return true;
    }
    bool string(std::string& into) {
      rest.remove_prefix(1);
      while (!rest.empty()) {
        const char c = rest[0];
        rest.remove_prefix(1);
        if (c == '"') return true;
        if (static_cast<unsigned char>(c) < 0x20) return false;
        if (c != '\\') {
          into += c;
        } else if (!escape(into)) {
          return false;
        }
      }
      return false;
    }
    bool escape(std::string& into) {
      static constexpr std::string_view kFrom = "\"\\/bfnrt", kTo = "\"\\/\b\f\n\r\t";
      if (rest.empty()) return false;
      const char c = rest[0];
      rest.remove_prefix(1);
      if (const std::size_t at = kFrom.find(c); at != std::string_view::npos) {
        into += kTo[at];
        return true;
      }
      std::uint32_t code = 0, low = 0;
      if (c != 'u' || !hex(code)) return false;
      if (code >= 0xD800 && code < 0xDC00 && take("\\u")) {
        if (!hex(low) || low < 0xDC00 || low > 0xDFFF) return false;
        code = 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00);
      }
      if (code >= 0xD800 && code <= 0xDFFF) code = 0xFFFD;  // half a character
      utf8(code, into);
      return true;
    }
    bool hex(std::uint32_t& code) {
      if (rest.size() < 4) return false;
      const auto read = std::from_chars(rest.data(), rest.data() + 4, code, 16);
      if (read.ptr != rest.data() + 4) return false;
      rest.remove_prefix(4);
      return true;
    }
    static void utf8(std::uint32_t code, std::string& into) {
      const auto put = [&](std::uint32_t byte) {
        into += static_cast<char>(static_cast<unsigned char>(byte));
      };
      if (code < 0x80) return put(code);
      if (code < 0x800) {
        put(0xC0U | code >> 6U);
      } else {
        if (code < 0x10000) {
          put(0xE0U | code >> 12U);
        } else {
          put(0xF0U | code >> 18U);
          put(0x80U | (code >> 12U & 0x3FU));
        }
        put(0x80U | (code >> 6U & 0x3FU));
      }
      put(0x80U | (code & 0x3FU));
    }
  };

  Kind kind_ = Kind::null;
  std::string text_;
  std::vector<std::string> names_;
  std::vector<Json> items_;
};

// Writes one object, member by member.
class JsonObject {
 public:
  JsonObject& add(std::string_view name, std::string_view text) {
    return add_json(name, json_quote(text));
  }
  JsonObject& add(std::string_view name, const char* text) {
    return add(name, std::string_view(text));
  }
  JsonObject& add(std::string_view name, bool flag) {
    return add_json(name, flag ? "true" : "false");
  }
  JsonObject& add(std::string_view name, std::int64_t number) {
    return add_json(name, std::to_string(number));
  }
  // Already JSON.
  JsonObject& add_json(std::string_view name, std::string_view json) {
    text_ += (text_.empty() ? "" : ",") + json_quote(name) + ":" + std::string(json);
    return *this;
  }
  std::string text() const { return "{" + text_ + "}"; }

 private:
  std::string text_;
};

// Everything but unreserved characters (RFC 3986, 2.3) as %XX: for the parts of a URL.
inline std::string percent_encode(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  static constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string out;
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (kPlain.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += '%';
      out += kHex[code >> 4U];
      out += kHex[code & 15U];
    }
  }
  return out;
}

}  // namespace ombud::sdk
#endif
