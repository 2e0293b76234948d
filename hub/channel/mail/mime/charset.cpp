#include "channel/mail/mime/charset.hpp"

#include <iconv.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <utility>

#include "base/bytes.hpp"
#include "channel/mail/addresses.hpp"

namespace ombud::mail {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// windows-1252 where it differs from ISO 8859-1: bytes 0x80 to 0x9F (unicode.org, CP1252.TXT; the
// five free places stay as they are).
constexpr std::array<std::uint16_t, 32> kWindows1252 = {
    0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0xFFFD, 0x017D, 0xFFFD, 0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178};

void append(std::string& text, unsigned point) {  // below U+10000
  if (point < 0x80) {
    text += static_cast<char>(point);
  } else if (point < 0x800) {
    text += static_cast<char>(0xC0 | (point >> 6U));
    text += static_cast<char>(0x80 | (point & 0x3FU));
  } else {
    text += static_cast<char>(0xE0 | (point >> 12U));
    text += static_cast<char>(0x80 | ((point >> 6U) & 0x3FU));
    text += static_cast<char>(0x80 | (point & 0x3FU));
  }
}

std::string from_windows_1252(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size() + bytes.size() / 8);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte == 0) continue;
    append(text, byte >= 0x80 && byte < 0xA0 ? kWindows1252[byte - 0x80U] : byte);
  }
  return text;
}

// Of text that is declared UTF-8 and is not: true if most of its bytes beyond ASCII make no sense.
bool rather_windows_1252(std::string_view bytes) {
  const std::string valid = to_valid_utf8(bytes);
  std::size_t broken = 0, characters = 0;
  for (std::size_t i = 0; i < valid.size(); ++i) {
    if (static_cast<unsigned char>(valid[i]) < 0xC0) continue;
    const bool replacement = valid.compare(i, kReplacement.size(), kReplacement) == 0;
    ++(replacement ? broken : characters);
  }
  return broken > characters;
}

class Converter {
 public:
  explicit Converter(const std::string& from) : handle_(iconv_open("UTF-8", from.c_str())) {}
  ~Converter() {
    if (known()) iconv_close(handle_);
  }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;
  bool known() const { return handle_ != reinterpret_cast<iconv_t>(-1); }

  std::string convert(std::string_view bytes) {
    std::string text;
    std::array<char, 4096> room{};
    char* in = const_cast<char*>(bytes.data());  // iconv's interface; it does not write there
    std::size_t in_left = bytes.size();
    while (in_left > 0) {
      char* out = room.data();
      std::size_t out_left = room.size();
      const std::size_t answer = iconv(handle_, &in, &in_left, &out, &out_left);
      const int why = errno;
      text.append(room.data(), room.size() - out_left);
      if (answer != static_cast<std::size_t>(-1) || why == E2BIG) continue;
      text += kReplacement;
      if (why == EINVAL || in_left == 0) break;  // cut in the middle of a character
      ++in;
      --in_left;
    }
    return text;
  }

 private:
  iconv_t handle_;
};

std::string converted(const std::string& charset, std::string_view bytes) {
  Converter converter(charset);
  return converter.known() ? to_valid_utf8(converter.convert(bytes)) : std::string();
}

// Japanese as mail writes it: shifted by escape sequences, in seven bits.
bool looks_like_iso_2022_jp(std::string_view bytes) {
  return bytes.find("\x1B$B") != std::string_view::npos ||
         bytes.find("\x1B$@") != std::string_view::npos;
}

std::string undeclared(std::string_view bytes) {
  if (bytes.starts_with("\xFF\xFE")) return converted("utf-16le", bytes.substr(2));
  if (bytes.starts_with("\xFE\xFF")) return converted("utf-16be", bytes.substr(2));
  if (looks_like_iso_2022_jp(bytes)) return converted("iso-2022-jp", bytes);
  return is_utf8(bytes) ? to_valid_utf8(bytes) : from_windows_1252(bytes);
}

// Names that mail programs use and iconv does not know, or for which they mean more than they say.
std::string meant(const std::string& name) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 22> kNames = {{
      {"gb2312", "gb18030"},
      {"gbk", "gb18030"},
      {"x-gbk", "gb18030"},
      {"gb_2312-80", "gb18030"},
      {"shift_jis", "cp932"},
      {"shift-jis", "cp932"},
      {"sjis", "cp932"},
      {"x-sjis", "cp932"},
      {"windows-31j", "cp932"},
      {"ks_c_5601-1987", "cp949"},
      {"ks_c_5601", "cp949"},
      {"euc-kr", "cp949"},
      {"iso-2022-jp", "iso-2022-jp-2"},
      {"unicode-1-1-utf-7", "utf-7"},
      {"utf7", "utf-7"},
      {"iso-8859-8-i", "iso-8859-8"},
      {"iso-8859-8-e", "iso-8859-8"},
      {"iso-8859-9", "windows-1254"},
      {"iso-8859-11", "windows-874"},
      {"tis-620", "windows-874"},
      {"x-mac-roman", "macintosh"},
      {"macroman", "macintosh"},
  }};
  for (const auto& [said, real] : kNames) {
    if (name == said) return std::string(real);
  }
  return name;
}

// One byte a character: text in them is never valid UTF-8 by chance.
bool is_single_byte(std::string_view name) {
  return name.starts_with("iso-8859-") || name.starts_with("windows-125") ||
         name.starts_with("koi8");
}

// A name that is safe to give to iconv: no "//TRANSLIT" or other instructions.
bool is_charset_name(std::string_view label) {
  if (label.empty() || label.size() > 40) return false;
  for (const char c : label) {
    const bool fine = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
                      c == ':' || c == '.';
    if (!fine) return false;
  }
  return true;
}

}  // namespace

std::string to_utf8(std::string_view bytes, std::string_view label) {
  std::string name = folded(label);
  std::erase_if(name, [](char c) { return c == '"' || c == '\''; });
  std::string text;
  const bool wide = name.starts_with("utf-16") || name.starts_with("utf-32") ||
                    name.starts_with("ucs-") || name.starts_with("iso-10646-ucs");
  if (wide && is_utf8(bytes) && bytes.find('\0') == std::string_view::npos) name.clear();
  if (name == "utf-8" || name == "utf8") {
    text = is_utf8(bytes) || !rather_windows_1252(bytes) ? to_valid_utf8(bytes)
                                                         : from_windows_1252(bytes);
  } else if (name == "iso-8859-1" || name == "iso8859-1" || name == "iso_8859-1" ||
             name == "latin1" || name == "windows-1252" || name == "cp1252" || name == "cp-1252") {
    // Bytes beyond ASCII that are valid UTF-8 are hardly ever anything else: "Ã¥" is no Swedish.
    text = undeclared(bytes);
  } else if (name.empty() || name == "us-ascii" || name == "ascii" || !is_charset_name(name)) {
    text = undeclared(bytes);
  } else {
    if (is_single_byte(name) && is_utf8(bytes)) {
      text = to_valid_utf8(bytes);
    } else {
      Converter converter(meant(name));
      text = converter.known() ? to_valid_utf8(converter.convert(bytes)) : undeclared(bytes);
    }
  }
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.erase(0, kByteOrderMark.size());
  return text;
}

std::string repair_c1(std::string_view utf8) {
  std::string text;
  text.reserve(utf8.size());
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto next = i + 1 < utf8.size() ? static_cast<unsigned char>(utf8[i + 1]) : 0U;
    if (static_cast<unsigned char>(utf8[i]) == 0xC2 && next >= 0x80 && next < 0xA0) {
      append(text, kWindows1252[next - 0x80U]);
      ++i;
    } else {
      text += utf8[i];
    }
  }
  return text;
}

std::string one_line(std::string_view utf8, std::size_t bytes_max) {
  const std::string valid = repair_c1(to_valid_utf8(utf8));
  std::string line;
  bool gap = false;
  for (const char c : valid) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= ' ' || byte == 0x7F) {
      gap = !line.empty();
      continue;
    }
    if (gap) line += ' ';
    gap = false;
    line += c;
  }
  line.resize(cut_utf8(line, bytes_max).size());
  return line;
}

std::string body_text(std::string_view written) {
  const std::string utf8 = repair_c1(written);
  std::string text;
  text.reserve(utf8.size());
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const char c = utf8[i];
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\r') {
      if (i + 1 >= utf8.size() || utf8[i + 1] != '\n') text += '\n';
    } else if (byte >= ' ' || c == '\n' || c == '\t') {
      if (byte != 0x7F) text += c;
    }
  }
  const std::size_t end = text.find_last_not_of(" \t\n");
  text.resize(end == std::string::npos ? 0 : end + 1);
  std::size_t start = 0;  // of the first line with something in it
  for (std::size_t i = 0; i < text.size() && (text[i] == ' ' || text[i] == '\t' || text[i] == '\n');
       ++i) {
    if (text[i] == '\n') start = i + 1;
  }
  text.erase(0, start);
  return text;
}

}  // namespace ombud::mail
