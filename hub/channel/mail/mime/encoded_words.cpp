#include "channel/mail/mime/encoded_words.hpp"

#include <algorithm>
#include <optional>

#include "base/bytes.hpp"
#include "channel/mail/addresses.hpp"
#include "channel/mail/mime/charset.hpp"

namespace ombud::mail {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

std::string decode_q(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '=' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low >= 0) {
      bytes += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      bytes += text[i] == '_' ? ' ' : text[i];
    }
  }
  return bytes;
}

struct Word {
  std::string charset;
  std::string bytes;
  std::size_t length = 0;  // in the header
};

// The encoded word at the front of `text`, if one is there.
std::optional<Word> word_at(std::string_view text) {
  constexpr std::size_t kWordBytesMax = 4096;  // RFC 2047 allows 75; programs do not
  const std::string_view start = text.substr(0, kWordBytesMax);
  if (!start.starts_with("=?")) return std::nullopt;
  const std::size_t charset_end = start.find('?', 2);
  if (charset_end == std::string_view::npos || charset_end == 2 || charset_end > 42 ||
      charset_end + 2 >= start.size() || start[charset_end + 2] != '?') {
    return std::nullopt;
  }
  const char encoding = start[charset_end + 1];
  const bool base64 = encoding == 'B' || encoding == 'b';
  if (!base64 && encoding != 'Q' && encoding != 'q') return std::nullopt;
  const std::size_t begin = charset_end + 3;
  const std::size_t end = start.find("?=", begin);
  if (end == std::string_view::npos ||
      start.substr(begin, end - begin).find_first_of("\r\n") != std::string_view::npos) {
    return std::nullopt;
  }
  Word word;
  const std::string_view label = start.substr(2, charset_end - 2);
  word.charset = folded(label.substr(0, label.find('*')));  // RFC 2231: charset*language
  const std::string_view content = start.substr(begin, end - begin);
  word.bytes = base64 ? loose_base64(content) : decode_q(content);
  word.length = end + 2;
  return word;
}

// Takes the header apart: `plain` for what stands outside of words, `encoded` for a run of words.
template <class Plain, class Encoded>
void walk(std::string_view raw, Plain plain, Encoded encoded) {
  std::size_t outside = 0;  // where the text began that is not taken yet
  std::size_t at = 0;
  while ((at = raw.find("=?", at)) != std::string_view::npos) {
    auto word = word_at(raw.substr(at));
    if (!word) {
      at += 2;
      continue;
    }
    if (at > outside) plain(raw.substr(outside, at - outside));
    std::string text;
    std::string charset = word->charset, bytes;
    while (word) {
      if (word->charset != charset) {
        text += to_utf8(bytes, charset);
        bytes.clear();
        charset = word->charset;
      }
      bytes += word->bytes;
      at += word->length;
      const std::size_t next = std::min(raw.find_first_not_of(" \t\r\n", at), raw.size());
      word = word_at(raw.substr(next));
      if (word) at = next;
    }
    text += to_utf8(bytes, charset);
    encoded(text);
    outside = at;
  }
  if (outside < raw.size()) plain(raw.substr(outside));
}

}  // namespace

std::string loose_base64(std::string_view text) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  unsigned bits = 0, held = 0;
  for (const char c : text) {
    if (c == '=') {
      held = bits = 0;  // another group may follow: some programs join encoded pieces
      continue;
    }
    const std::size_t digit = kAlphabet.find(c);
    if (digit == std::string_view::npos) continue;
    bits = (bits << 6U | static_cast<unsigned>(digit)) & 0xFFFFU;
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes += static_cast<char>((bits >> held) & 0xFFU);
    }
  }
  return bytes;
}

std::string decode_words(std::string_view raw) {
  std::string text;
  walk(
      raw, [&](std::string_view plain) { text += to_utf8(plain, ""); },
      [&](const std::string& words) { text += words; });
  return text;
}

std::string join_words(std::string_view raw) {
  std::string joined;
  walk(
      raw, [&](std::string_view plain) { joined += plain; },
      [&](const std::string& words) {
        joined += "=?utf-8?B?" + to_base64(one_line(words, words.size())) + "?=";
      });
  return joined;
}

}  // namespace ombud::mail
