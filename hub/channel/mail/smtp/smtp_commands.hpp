// The words of SMTP (RFC 5321) and LMTP (RFC 2033): reading one command line, and the message after
// DATA. Pure and byte-exact; no I/O, no clock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace ombud::mail {

enum class Verb { helo, ehlo, lhlo, mail, rcpt, data, rset, noop, quit, vrfy, help, other };

struct Command {
  Verb verb = Verb::other;
  std::string_view rest;  // behind the verb, without white space around; borrowed from the line
};
// `line` is without its line end.
Command parse_command(std::string_view line);

// What MAIL FROM and RCPT TO carry.
struct Path {
  std::string address;  // without brackets and source route; empty: the null sender <>
  std::optional<std::int64_t> size;
  bool utf8 = false;           // SMTPUTF8
  std::string unknown;         // the first parameter that we do not know; empty: none
  bool bad_parameter = false;  // a known one with a wrong value
};
// `keyword` is "FROM" or "TO". Empty if `rest` is not of the form keyword:<path> [parameters].
std::optional<Path> parse_path(std::string_view rest, std::string_view keyword);

// Takes the bytes after DATA and gives back the message: leading dots unstuffed, everything else as
// it came, NUL and 8-bit included. Only CR LF . CR LF ends it: a dot between bare line feeds is
// text (otherwise a second mail could be smuggled in behind it).
class DataDecoder {
 public:
  explicit DataDecoder(std::size_t bytes_max) : bytes_max_(bytes_max) {}
  // How many bytes of `input` belong to the message; when done(), the rest is the next command.
  std::size_t take(std::string_view input);
  bool done() const { return state_ == State::end; }
  bool too_large() const {
    return too_large_;
  }  // the message was dropped, reading goes on to its end
  const std::string& message() const { return message_; }
  // What has come since the last time, and it is kept here no longer.
  std::string release() { return std::exchange(message_, {}); }
  void drop();  // forgets the message and keeps nothing of what follows

 private:
  enum class State { line_start, dot, dot_cr, text, cr, end };
  void keep(std::string_view bytes);

  std::size_t bytes_max_;
  State state_ = State::line_start;
  bool too_large_ = false;
  bool dropped_ = false;
  std::size_t bytes_ = 0;  // of the whole message so far
  std::string message_;    // of it, what was not released
};

}  // namespace ombud::mail
