#include "channel/mail/smtp/smtp_commands.hpp"

#include <array>
#include <charconv>
#include <utility>

#include "base/ascii.hpp"

namespace ombud::mail {
namespace {

bool space(char c) {
  return c == ' ' || c == '\t';
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && space(text.front())) text.remove_prefix(1);
  while (!text.empty() && space(text.back())) text.remove_suffix(1);
  return text;
}

bool same_word(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (ascii_lower(a[i]) != ascii_lower(b[i])) return false;
  }
  return true;
}

constexpr std::array kVerbs = {
    std::pair{std::string_view("HELO"), Verb::helo},
    std::pair{std::string_view("EHLO"), Verb::ehlo},
    std::pair{std::string_view("LHLO"), Verb::lhlo},
    std::pair{std::string_view("MAIL"), Verb::mail},
    std::pair{std::string_view("RCPT"), Verb::rcpt},
    std::pair{std::string_view("DATA"), Verb::data},
    std::pair{std::string_view("RSET"), Verb::rset},
    std::pair{std::string_view("NOOP"), Verb::noop},
    std::pair{std::string_view("QUIT"), Verb::quit},
    std::pair{std::string_view("VRFY"), Verb::vrfy},
    std::pair{std::string_view("HELP"), Verb::help},
};

// Where the path that starts with '<' ends, its '>' included; npos if it does not.
std::size_t path_end(std::string_view text) {
  bool quoted = false;
  for (std::size_t i = 1; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '\\') {
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && (c == '<' || space(c))) {
      return std::string_view::npos;
    } else if (!quoted && c == '>') {
      return i + 1;
    }
  }
  return std::string_view::npos;
}

void read_parameter(std::string_view word, Path& path) {
  const std::size_t equals = word.find('=');
  const std::string_view name = word.substr(0, equals);
  const std::string_view value =
      equals == std::string_view::npos ? std::string_view() : word.substr(equals + 1);
  if (same_word(name, "SIZE")) {
    std::int64_t bytes = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), bytes);
    if (value.empty() || error != std::errc() || end != value.data() + value.size() || bytes < 0) {
      path.bad_parameter = true;
    } else {
      path.size = bytes;
    }
  } else if (same_word(name, "BODY")) {
    if (!same_word(value, "7BIT") && !same_word(value, "8BITMIME")) path.bad_parameter = true;
  } else if (same_word(name, "SMTPUTF8") && equals == std::string_view::npos) {
    path.utf8 = true;
  } else if (path.unknown.empty()) {
    path.unknown = std::string(name.substr(0, 64));
  }
}

}  // namespace

Command parse_command(std::string_view line) {
  const std::size_t end = line.find_first_of(" \t");
  const std::string_view word = line.substr(0, end);
  Command command;
  if (end != std::string_view::npos) command.rest = trimmed(line.substr(end));
  for (const auto& [text, verb] : kVerbs) {
    if (same_word(word, text)) command.verb = verb;
  }
  return command;
}

std::optional<Path> parse_path(std::string_view rest, std::string_view keyword) {
  const std::size_t colon = rest.find(':');
  if (colon == std::string_view::npos || !same_word(rest.substr(0, colon), keyword)) {
    return std::nullopt;
  }
  rest = trimmed(rest.substr(colon + 1));  // "FROM: <a@b>" is wrong, common and harmless
  if (rest.empty() || rest.front() != '<') return std::nullopt;
  const std::size_t end = path_end(rest);
  if (end == std::string_view::npos) return std::nullopt;
  std::string_view address = rest.substr(1, end - 2);
  if (!address.empty() && address.front() == '@') {  // source route: <@relay.se:anna@a.se>
    const std::size_t route = address.find(':');
    if (route == std::string_view::npos) return std::nullopt;
    address.remove_prefix(route + 1);
  }
  Path path;
  path.address = std::string(address);
  rest = rest.substr(end);
  if (!rest.empty() && !space(rest.front())) return std::nullopt;
  for (rest = trimmed(rest); !rest.empty(); rest = trimmed(rest)) {
    const std::size_t length = std::min(rest.find_first_of(" \t"), rest.size());
    read_parameter(rest.substr(0, length), path);
    rest.remove_prefix(length);
  }
  return path;
}

std::size_t DataDecoder::take(std::string_view input) {
  std::size_t i = 0;
  while (i < input.size() && state_ != State::end) {
    const char c = input[i];
    switch (state_) {
      case State::line_start:
        if (c == '.') {
          state_ = State::dot;
          ++i;
        } else {
          state_ = State::text;
        }
        break;
      case State::dot:  // a dot at the start of a line: the end, or stuffing that goes away
        if (c == '\r') {
          state_ = State::dot_cr;
          ++i;
        } else {
          state_ = State::text;
        }
        break;
      case State::dot_cr:
        if (c == '\n') {
          state_ = State::end;
          ++i;
        } else {  // ". CR x": the dot was stuffing, the CR is text
          keep("\r");
          state_ = c == '\r' ? State::cr : State::text;
          if (c == '\r') {
            keep("\r");
            ++i;
          }
        }
        break;
      case State::text: {
        const std::size_t end = std::min(input.find('\r', i), input.size());
        keep(input.substr(i, end - i));
        i = end;
        if (i < input.size()) {
          keep("\r");
          ++i;
          state_ = State::cr;
        }
        break;
      }
      case State::cr:
        if (c == '\n') {
          keep("\n");
          ++i;
          state_ = State::line_start;
        } else if (c == '\r') {
          keep("\r");
          ++i;
        } else {
          state_ = State::text;
        }
        break;
      case State::end:
        break;
    }
  }
  return i;
}

void DataDecoder::keep(std::string_view bytes) {
  if (dropped_) return;
  if (bytes.size() > bytes_max_ - bytes_) {
    too_large_ = true;
    drop();
    return;
  }
  bytes_ += bytes.size();
  message_.append(bytes);
}

void DataDecoder::drop() {
  dropped_ = true;
  std::string().swap(message_);
}

}  // namespace ombud::mail
