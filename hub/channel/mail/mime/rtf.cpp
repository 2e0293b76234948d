#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "channel/mail/mime/charset.hpp"
#include "channel/mail/mime/tnef.hpp"

namespace ombud::mail {
namespace {

constexpr std::string_view kDictionary =  // MS-OXRTFCP section 2.1.2.1
    "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern "
    "\\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0"
    "\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";
static_assert(kDictionary.size() == 207);
constexpr std::size_t kWindowBytes = 4096;
constexpr std::size_t kGroupsMax = 500;

std::uint32_t number32(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;) value = value << 8U | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

void append_point(std::string& text, std::uint32_t point) {
  if (point < 0x80) {
    text += static_cast<char>(point);
  } else if (point < 0x800) {
    text += static_cast<char>(0xC0U | point >> 6U);
    text += static_cast<char>(0x80U | (point & 0x3FU));
  } else if (point < 0x10000) {
    text += static_cast<char>(0xE0U | point >> 12U);
    text += static_cast<char>(0x80U | (point >> 6U & 0x3FU));
    text += static_cast<char>(0x80U | (point & 0x3FU));
  } else {
    text += static_cast<char>(0xF0U | point >> 18U);
    text += static_cast<char>(0x80U | (point >> 12U & 0x3FU));
    text += static_cast<char>(0x80U | (point >> 6U & 0x3FU));
    text += static_cast<char>(0x80U | (point & 0x3FU));
  }
}

class RtfReader {
 public:
  explicit RtfReader(std::string_view rtf) : rtf_(rtf) {}

  RtfWords read() {
    while (at_ < rtf_.size()) {
      const char c = rtf_[at_++];
      if (c == '{') {
        if (groups_.size() >= kGroupsMax) break;
        groups_.push_back(now_);
      } else if (c == '}') {
        flush();
        if (groups_.empty()) break;
        now_ = groups_.back();
        groups_.pop_back();
      } else if (c == '\\') {
        control();
      } else if (c != '\r' && c != '\n') {
        put(c);
      }
    }
    flush();
    return std::move(words_);
  }

 private:
  struct Group {
    bool skip = false;      // a destination that is not text
    bool tag = false;       // \*\htmltag: HTML as it is
    bool rtf_only = false;  // \htmlrtf
    int replacement = 1;    // \uc: characters that stand for one \u
  };

  bool writes() const { return !now_.skip && (now_.tag || !now_.rtf_only); }

  void put(char byte) {
    if (passed_ > 0) {
      --passed_;
      return;
    }
    if (writes()) bytes_ += byte;
  }
  void word(std::string_view text) {
    if (!writes()) return;
    flush();
    words_.words += text;
  }
  void flush() {
    if (bytes_.empty()) return;
    words_.words += to_utf8(bytes_, charset_);
    bytes_.clear();
  }

  void control() {
    if (at_ >= rtf_.size()) return;
    const char first = rtf_[at_];
    const bool letter = (first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z');
    if (!letter) {
      ++at_;
      symbol(first);
      return;
    }
    const std::size_t start = at_;
    while (at_ < rtf_.size() && at_ - start < 32 &&
           ((rtf_[at_] >= 'a' && rtf_[at_] <= 'z') || (rtf_[at_] >= 'A' && rtf_[at_] <= 'Z'))) {
      ++at_;
    }
    const std::string_view name = rtf_.substr(start, at_ - start);
    std::optional<int> value;
    const bool negative = at_ < rtf_.size() && rtf_[at_] == '-';
    if (negative) ++at_;
    for (int digits = 0; at_ < rtf_.size() && rtf_[at_] >= '0' && rtf_[at_] <= '9'; ++at_) {
      if (++digits < 9) value = value.value_or(0) * 10 + (rtf_[at_] - '0');
    }
    if (value && negative) value = -*value;
    if (at_ < rtf_.size() && rtf_[at_] == ' ') ++at_;
    apply(name, value);
  }

  void symbol(char c) {
    if (c == '\'') {
      if (at_ + 2 > rtf_.size()) return;
      const int high = digit(rtf_[at_]), low = digit(rtf_[at_ + 1]);
      at_ += 2;
      if (high >= 0 && low >= 0) put(static_cast<char>(high * 16 + low));
    } else if (c == '*') {
      star_ = true;
    } else if (c == '~') {
      put(' ');
    } else if (c == '\\' || c == '{' || c == '}') {
      put(c);
    } else if (c == '\n' || c == '\r') {
      word("\n");
    }
  }

  static int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
  }

  void apply(std::string_view name, std::optional<int> value) {
    const bool starred = std::exchange(star_, false);
    if (name == "htmltag") {
      now_.tag = true;
      now_.skip = false;
    } else if (starred || name == "fonttbl" || name == "colortbl" || name == "stylesheet" ||
               name == "info" || name == "pict" || name == "object") {
      now_.skip = true;
    } else if (name == "fromhtml") {
      words_.html = value.value_or(1) != 0;
    } else if (name == "htmlrtf") {
      flush();
      now_.rtf_only = value.value_or(1) != 0;
    } else if (name == "ansicpg") {
      flush();
      charset_ = "cp" + std::to_string(value.value_or(1252));
    } else if (name == "uc") {
      now_.replacement = value.value_or(1);
    } else if (name == "u") {
      unicode(value.value_or(0xFFFD));
    } else if (name == "par" || name == "line" || name == "row") {
      word("\n");
    } else if (name == "tab" || name == "cell") {
      word("\t");
    } else if (const char* mark = mark_named(name)) {
      word(mark);
    } else if (name == "bin") {
      at_ += std::min(static_cast<std::size_t>(std::max(value.value_or(0), 0)), rtf_.size() - at_);
    }
  }

  static const char* mark_named(std::string_view name) {
    if (name == "lquote") return "\xE2\x80\x98";
    if (name == "rquote") return "\xE2\x80\x99";
    if (name == "ldblquote") return "\xE2\x80\x9C";
    if (name == "rdblquote") return "\xE2\x80\x9D";
    if (name == "bullet") return "\xE2\x80\xA2";
    if (name == "endash") return "\xE2\x80\x93";
    if (name == "emdash") return "\xE2\x80\x94";
    return nullptr;
  }

  void unicode(int value) {
    const std::uint32_t unit = static_cast<std::uint32_t>(value < 0 ? value + 0x10000 : value);
    if (unit >= 0xD800 && unit < 0xDC00) {
      surrogate_ = unit;
    } else {
      std::uint32_t point = unit;
      if (unit >= 0xDC00 && unit < 0xE000) {
        point =
            surrogate_ == 0 ? 0xFFFD : 0x10000 + ((surrogate_ - 0xD800) << 10U) + (unit - 0xDC00);
      }
      surrogate_ = 0;
      std::string text;
      append_point(text, point > 0x10FFFF || point == 0 ? 0xFFFD : point);
      word(text);
    }
    passed_ = std::clamp(now_.replacement, 0, 8);
  }

  std::string_view rtf_;
  std::size_t at_ = 0;
  RtfWords words_;
  Group now_;
  std::vector<Group> groups_;
  std::string bytes_, charset_ = "cp1252";
  bool star_ = false;
  int passed_ = 0;
  std::uint32_t surrogate_ = 0;
};

}  // namespace

std::string decompress_rtf(std::string_view bytes, std::size_t bytes_max) {
  constexpr std::size_t kHeaderBytes = 16;
  constexpr std::uint32_t kCompressed = 0x75465A4C, kPlain = 0x414C454D;
  if (bytes.size() < kHeaderBytes) return {};
  const std::size_t size = number32(bytes, 4);
  const std::uint32_t kind = number32(bytes, 8);
  if (size > bytes_max) return {};
  bytes.remove_prefix(kHeaderBytes);
  if (kind == kPlain) return std::string(bytes.substr(0, size));
  if (kind != kCompressed) return {};
  std::array<char, kWindowBytes> window{};
  std::copy(kDictionary.begin(), kDictionary.end(), window.begin());
  std::size_t write = kDictionary.size(), at = 0;
  std::string rtf;
  const auto put = [&](char c) {
    rtf += c;
    window[write] = c;
    write = (write + 1) % kWindowBytes;
  };
  while (at < bytes.size() && rtf.size() < size) {
    const auto control = static_cast<unsigned char>(bytes[at++]);
    for (unsigned bit = 0; bit < 8 && rtf.size() < size; ++bit) {
      if ((control >> bit & 1U) == 0) {
        if (at >= bytes.size()) return rtf;
        put(bytes[at++]);
        continue;
      }
      if (at + 2 > bytes.size()) return rtf;
      const unsigned reference = static_cast<unsigned>(static_cast<unsigned char>(bytes[at]))
                                     << 8U |
                                 static_cast<unsigned char>(bytes[at + 1]);
      at += 2;
      const std::size_t from = reference >> 4U;
      if (from == write) return rtf;
      const std::size_t length = (reference & 0xFU) + 2;
      for (std::size_t i = 0; i < length; ++i) put(window[(from + i) % kWindowBytes]);
    }
  }
  return rtf;
}

RtfWords read_rtf(std::string_view rtf) {
  return RtfReader(rtf).read();
}

}  // namespace ombud::mail
