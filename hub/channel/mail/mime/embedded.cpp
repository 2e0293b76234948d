#include "channel/mail/mime/embedded.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/ascii.hpp"

namespace ombud::mail {
namespace {

std::string_view next_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, std::min(end + 1, text.size()));
  text.remove_prefix(line.size());
  return line;
}
std::string_view bare(std::string_view line) {
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  return line;
}
std::string_view stripped(std::string_view line) {
  line = bare(line);
  while (line.ends_with(' ') || line.ends_with('\t')) line.remove_suffix(1);
  return line;
}

// "begin 644 name"
std::optional<std::string_view> uu_begin(std::string_view line) {
  line = bare(line);
  if (!line.starts_with("begin ")) return std::nullopt;
  line.remove_prefix(6);
  const std::size_t digits = std::min(line.find_first_not_of("01234567"), line.size());
  if (digits < 3 || digits > 4 || digits + 1 >= line.size() || line[digits] != ' ') {
    return std::nullopt;
  }
  return line.substr(digits + 1);
}

// One line; empty optional if it does not hold to the form.
bool uu_line(std::string_view line, std::string& bytes) {
  line = bare(line);
  if (line.empty()) return false;
  const auto value = [](char c) { return (static_cast<unsigned char>(c) - 32U) & 0x3FU; };
  for (const char c : line) {
    if (c < ' ' || c > '`') return false;
  }
  const std::size_t count = value(line[0]);
  line.remove_prefix(1);
  const std::size_t wanted = (count + 2) / 3 * 4;
  if (line.size() > wanted + 2) return false;
  std::string padded(line.substr(0, wanted));
  if (padded.size() + 4 < wanted) return false;
  padded.resize(wanted, ' ');  // programs lose spaces at the end
  std::string decoded;
  for (std::size_t i = 0; i < wanted; i += 4) {
    const unsigned bits = value(padded[i]) << 18U | value(padded[i + 1]) << 12U |
                          value(padded[i + 2]) << 6U | value(padded[i + 3]);
    decoded += static_cast<char>(bits >> 16U);
    decoded += static_cast<char>(bits >> 8U & 0xFFU);
    decoded += static_cast<char>(bits & 0xFFU);
  }
  decoded.resize(count);
  bytes += decoded;
  return true;
}

std::optional<EmbeddedFile> read_uu(std::string_view name, std::string_view& text) {
  EmbeddedFile file;
  file.name = name;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::string_view line = next_line(rest);
    if (stripped(line) == "end") {
      text = rest;
      return file;
    }
    const std::string_view words = stripped(line);
    if (words.empty() || words == "`") continue;
    if (!uu_line(line, file.bytes)) return std::nullopt;
  }
  return std::nullopt;
}

std::optional<std::size_t> yenc_number(std::string_view line, std::string_view key) {
  const std::size_t at = line.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  std::size_t value = 0;
  const char* begin = line.data() + at + key.size();
  const auto [end, error] = std::from_chars(begin, line.data() + line.size(), value);
  if (error != std::errc{}) return std::nullopt;
  return value;
}

std::optional<EmbeddedFile> read_yenc(std::string_view header, std::string_view& text) {
  header = bare(header);
  const auto size = yenc_number(header, " size=");
  const std::size_t name = header.find(" name=");
  if (!size || name == std::string_view::npos || !yenc_number(header, " line="))
    return std::nullopt;
  EmbeddedFile file;
  file.name = header.substr(name + 6);
  std::string_view rest = text;
  std::size_t wanted = *size;
  while (!rest.empty()) {
    std::string_view line = bare(next_line(rest));
    if (line.starts_with("=ypart ")) {
      const auto from = yenc_number(line, " begin="), to = yenc_number(line, " end=");
      if (from && to && *to >= *from) wanted = *to - *from + 1;
      continue;
    }
    if (line.starts_with("=yend")) {
      text = rest;
      file.whole = file.bytes.size() == wanted && wanted == *size;
      return file;
    }
    if (line.starts_with("..")) line.remove_prefix(1);
    for (std::size_t i = 0; i < line.size(); ++i) {
      unsigned byte = static_cast<unsigned char>(line[i]);
      if (byte == '=' && i + 1 < line.size()) {
        byte = static_cast<unsigned char>(line[++i]) - 64U;
      }
      file.bytes += static_cast<char>((byte - 42U) & 0xFFU);
    }
  }
  return std::nullopt;
}

}  // namespace

Extracted extract_files(std::string text, std::size_t files_max) {
  Extracted found;
  if (text.find("begin ") == std::string::npos) {
    found.rest = std::move(text);
    return found;
  }
  std::string_view bytes = text;
  // A false beginning is read to where it breaks; so many of them that this adds up are no mail.
  constexpr int kFalseBeginningsMax = 10;
  int false_beginnings = 0;
  while (!bytes.empty()) {
    const std::string_view line = next_line(bytes);
    std::optional<EmbeddedFile> file;
    if (found.files.size() < files_max && false_beginnings < kFalseBeginningsMax) {
      if (const auto name = uu_begin(line)) {
        file = read_uu(*name, bytes);
        false_beginnings += file ? 0 : 1;
      } else if (line.starts_with("=ybegin ")) {
        file = read_yenc(line, bytes);
        false_beginnings += file ? 0 : 1;
      }
    }
    if (file) {
      found.files.push_back(std::move(*file));
    } else {
      found.rest += line;
    }
  }
  return found;
}

ArmoredText unarmor(std::string whole) {
  ArmoredText found;
  if (whole.find("-----BEGIN PGP ") == std::string::npos) {
    found.text = std::move(whole);
    return found;
  }
  std::string_view text = whole;
  std::string frame;  // of a signature that may turn out not to end
  enum class At { outside, signed_headers, signed_text, signature, cipher } at = At::outside;
  while (!text.empty()) {
    const std::string_view line = next_line(text);
    const std::string_view words = stripped(line);
    switch (at) {
      case At::outside:
        if (words == "-----BEGIN PGP SIGNED MESSAGE-----") {
          found.is_signed = true;
          at = At::signed_headers;
        } else if (words == "-----BEGIN PGP MESSAGE-----") {
          found.encrypted += line;
          at = At::cipher;
        } else {
          found.text += line;
        }
        break;
      case At::signed_headers:
        if (words.empty()) {
          at = At::signed_text;
        } else if (!words.starts_with("Hash:") && !words.starts_with("NotDashEscaped:")) {
          found.text += line;  // some program has eaten the empty line
          at = At::signed_text;
        }
        break;
      case At::signed_text:
        if (words == "-----BEGIN PGP SIGNATURE-----") {
          at = At::signature;
        } else {
          found.text += line.starts_with("- ") ? line.substr(2) : line;
        }
        break;
      case At::signature:
        frame += line;
        if (words == "-----END PGP SIGNATURE-----") {
          at = At::outside;
          frame.clear();
        }
        break;
      case At::cipher:
        found.encrypted += line;
        if (words == "-----END PGP MESSAGE-----") at = At::outside;
        break;
    }
  }
  found.text += frame;
  return found;
}

std::string enriched_to_text(std::string_view text) {
  std::string plain;
  int parameters = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '<') {
      if (parameters == 0) plain += text[i];
      continue;
    }
    if (text.substr(i).starts_with("<<")) {
      plain += '<';
      ++i;
      continue;
    }
    const std::size_t end = text.substr(i, 64).find('>');
    if (end == std::string_view::npos) {
      plain += '<';
      continue;
    }
    const std::string command = ascii_lower(text.substr(i + 1, end - 1));
    if (command == "param") ++parameters;
    if (command == "/param" && parameters > 0) --parameters;
    if (command == "nl" || command == "np") plain += '\n';
    if (command == "lt") plain += '<';
    i += end;
  }
  return plain;
}

}  // namespace ombud::mail
