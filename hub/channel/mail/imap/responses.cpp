#include "channel/mail/imap/responses.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/bytes.hpp"

namespace ombud::mail {
namespace {

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  if (text.empty() || read.ptr != end || read.ec != std::errc()) return std::nullopt;
  return value;
}

std::string upper(std::string_view text) {
  std::string all(text);
  for (char& c : all) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return all;
}

// Takes the next word off `rest`; words stand between spaces.
std::string_view take_word(std::string_view& rest) {
  const std::size_t start = std::min(rest.find_first_not_of(' '), rest.size());
  rest.remove_prefix(start);
  const std::string_view word = rest.substr(0, rest.find(' '));
  rest.remove_prefix(word.size());
  return word;
}

// The n of a line that ends in "{n}" (or "{n+}", or "~{n}").
std::optional<std::uint64_t> announced(std::string_view line) {
  if (!line.ends_with('}')) return std::nullopt;
  const std::size_t open = line.rfind('{');
  if (open == std::string_view::npos) return std::nullopt;
  std::string_view digits = line.substr(open + 1, line.size() - open - 2);
  if (digits.ends_with('+')) digits.remove_suffix(1);
  return number(digits);
}

// The items of a parenthesised list, one by one: an atom with its brackets, a quoted string, a list
// as a whole, or a literal.
class Items {
 public:
  explicit Items(std::string_view text) : rest_(text) {}
  std::optional<std::string_view> next() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size()));
    if (rest_.empty() || rest_.front() == ')') return std::nullopt;
    const std::size_t end = end_of_item();
    const std::string_view item = rest_.substr(0, end);
    rest_.remove_prefix(end);
    return item;
  }

 private:
  std::size_t end_of_item() const {
    std::size_t depth = 0, square = 0;
    bool quoted = false;
    for (std::size_t at = 0; at < rest_.size(); ++at) {
      const char c = rest_[at];
      if (quoted) {
        if (c == '\\')
          ++at;
        else if (c == '"')
          quoted = false;
        continue;
      }
      if (c == '"')
        quoted = true;
      else if (c == '[')
        ++square;
      else if (c == ']' && square > 0)
        --square;
      else if (square > 0)
        continue;
      else if (c == '(')
        ++depth;
      else if (c == ')' && depth == 0)
        return at;
      else if (c == ')')
        --depth;
      else if (c == ' ' && depth == 0)
        return at;
    }
    return rest_.size();
  }
  std::string_view rest_;
};

// RFC 3501, 5.1.3: base64 of UTF-16BE with ',' for '/', without padding.
void append_shifted(std::string& out, const std::u16string& units) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";
  out += '&';
  std::uint32_t bits = 0;
  int held = 0;
  for (const char16_t unit : units) {
    bits = (bits << 16U) | unit;
    held += 16;
    while (held >= 6) {
      held -= 6;
      out += kAlphabet[(bits >> static_cast<unsigned>(held)) & 63U];
    }
    bits &= (1U << static_cast<unsigned>(held)) - 1U;
  }
  if (held > 0) out += kAlphabet[(bits << static_cast<unsigned>(6 - held)) & 63U];
  out += '-';
}

// The character at `at`, which is moved behind it. `utf8` is valid.
char32_t take_character(std::string_view utf8, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(utf8[i]); };
  const unsigned char first = byte(at++);
  if (first < 0x80) return first;
  int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
  char32_t value = first & (0x3FU >> static_cast<unsigned>(more));
  while (more-- > 0 && at < utf8.size()) value = (value << 6U) | (byte(at++) & 0x3FU);
  return value;
}

}  // namespace

void ResponseReader::feed(std::string_view bytes) {
  if (!broken_.empty()) return;
  if (read_ > 0) {
    input_.erase(0, read_);
    looked_at_ -= std::min(looked_at_, read_);
    read_ = 0;
  }
  input_ += bytes;
}

std::optional<ImapResponse> ResponseReader::next() {
  while (broken_.empty() && !whole_) {
    if (!(literal_ ? take_literal() : take_line())) return std::nullopt;
  }
  if (!whole_) return std::nullopt;
  whole_ = false;
  ImapResponse response = std::move(open_);
  open_ = {};
  return response;
}

bool ResponseReader::take_line() {
  const std::size_t end = input_.find('\n', std::max(read_, looked_at_));
  const std::size_t there = (end == std::string::npos ? input_.size() : end) - read_;
  if (open_.text.size() + there > line_bytes_max_) {
    broken_ = fmt::format("it sent a line of more than {} bytes", line_bytes_max_);
    return false;
  }
  if (end == std::string::npos) {
    looked_at_ = input_.size();
    return false;
  }
  std::string_view line(input_.data() + read_, there);
  if (line.ends_with('\r')) line.remove_suffix(1);
  open_.text += line;
  read_ = looked_at_ = end + 1;
  const auto bytes = announced(line);
  if (!bytes) {
    whole_ = true;
    return true;
  }
  if (*bytes > literal_bytes_max_) {
    broken_ = fmt::format("it sent {} bytes at once; {} were the most to be taken", *bytes,
                          literal_bytes_max_);
    return false;
  }
  literal_ = static_cast<std::size_t>(*bytes);
  open_.literals.emplace_back().reserve(*literal_);
  return true;
}

bool ResponseReader::take_literal() {
  const std::size_t taken = std::min(*literal_, input_.size() - read_);
  open_.literals.back().append(input_, read_, taken);
  read_ += taken;
  *literal_ -= taken;
  if (*literal_ > 0) return false;
  literal_.reset();
  looked_at_ = read_;
  return true;
}

std::optional<ImapVerdict> verdict_of(const ImapResponse& response, std::string_view tag) {
  std::string_view rest = response.text;
  if (take_word(rest) != tag) return std::nullopt;
  ImapVerdict verdict;
  verdict.word = upper(take_word(rest));
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  verdict.said = std::string(rest);
  return verdict;
}

std::optional<std::uint64_t> code_number(const ImapResponse& response, std::string_view name) {
  const std::string line = upper(response.text);
  const std::string wanted = "[" + std::string(name) + " ";
  const std::size_t at = line.find(wanted);
  if (at == std::string::npos) return std::nullopt;
  const std::string_view rest = std::string_view(line).substr(at + wanted.size());
  const std::size_t end = rest.find(']');
  return end == std::string_view::npos ? std::nullopt : number(rest.substr(0, end));
}

std::optional<std::uint64_t> count_of(const ImapResponse& response, std::string_view what) {
  std::string_view rest = response.text;
  if (take_word(rest) != "*") return std::nullopt;
  const auto count = number(take_word(rest));
  if (!count || upper(take_word(rest)) != what) return std::nullopt;
  return count;
}

std::vector<std::uint64_t> searched(const ImapResponse& response) {
  std::string_view rest = response.text;
  std::vector<std::uint64_t> uids;
  if (take_word(rest) != "*" || upper(take_word(rest)) != "SEARCH") return uids;
  while (!rest.empty()) {
    if (const auto uid = number(take_word(rest))) uids.push_back(*uid);
  }
  std::sort(uids.begin(), uids.end());
  uids.erase(std::unique(uids.begin(), uids.end()), uids.end());
  return uids;
}

std::vector<std::string> capabilities(const ImapResponse& response) {
  std::string_view rest = response.text;
  std::vector<std::string> words;
  if (take_word(rest) != "*" || upper(take_word(rest)) != "CAPABILITY") return words;
  for (std::string_view word = take_word(rest); !word.empty(); word = take_word(rest)) {
    words.push_back(upper(word));
  }
  return words;
}

std::optional<ImapFetched> fetched(ImapResponse response) {
  std::string_view rest = response.text;
  if (take_word(rest) != "*" || !number(take_word(rest)) || upper(take_word(rest)) != "FETCH") {
    return std::nullopt;
  }
  rest.remove_prefix(std::min(rest.find('('), rest.size()));
  if (rest.empty()) return std::nullopt;
  ImapFetched mail;
  Items items(rest.substr(1));
  std::size_t literals = 0;
  while (const auto name = items.next()) {
    const auto value = items.next();
    if (!value) break;
    const std::string what = upper(*name);
    const auto size = announced(*value);
    const bool literal = size && literals < response.literals.size();
    if (what == "UID") mail.uid = number(*value).value_or(0);
    if (what == "RFC822.SIZE") mail.bytes = number(*value);
    if (what == "INTERNALDATE") mail.arrived = std::string(*value);
    if (what.starts_with("BODY[]")) {
      if (literal) {
        mail.body = std::move(response.literals[literals]);
      } else if (value->size() >= 2 && value->front() == '"') {
        mail.body = std::string(value->substr(1, value->size() - 2));
      }
    }
    if (literal) ++literals;
  }
  return mail;
}

std::string quoted_folder(std::string_view utf8) {
  std::string name;
  std::u16string shifted;
  const auto flush = [&] {
    if (!shifted.empty()) append_shifted(name, shifted);
    shifted.clear();
  };
  for (std::size_t at = 0; at < utf8.size();) {
    const char32_t character = take_character(utf8, at);
    if (character >= 0x20 && character < 0x7F) {
      flush();
      if (character == '"' || character == '\\') name += '\\';
      name += static_cast<char>(character);
      if (character == '&') name += '-';
    } else if (character >= 0x10000) {
      shifted += static_cast<char16_t>(0xD800U + ((character - 0x10000U) >> 10U));
      shifted += static_cast<char16_t>(0xDC00U + ((character - 0x10000U) & 0x3FFU));
    } else {
      shifted += static_cast<char16_t>(character);
    }
  }
  flush();
  return "\"" + name + "\"";
}

}  // namespace ombud::mail
