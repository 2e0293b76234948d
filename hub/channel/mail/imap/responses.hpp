// What an IMAP server says (RFC 3501, RFC 9051), out of the bytes as they come. Pure; takes
// anything.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ombud::mail {

// One response: its line without line end, where each literal stands as "{n}" with its bytes in
// `literals`, in order.
struct ImapResponse {
  std::string text;
  std::vector<std::string> literals;
};

// Cuts a stream into responses. A server that sends lines or literals without end is found out
// before they fill the memory.
class ResponseReader {
 public:
  ResponseReader(std::size_t line_bytes_max, std::size_t literal_bytes_max)
      : line_bytes_max_(line_bytes_max), literal_bytes_max_(literal_bytes_max) {}
  void feed(std::string_view bytes);
  // The next whole one, if there is one.
  std::optional<ImapResponse> next();
  // Why nothing more will come of it; empty while all is well.
  const std::string& broken() const { return broken_; }

 private:
  bool take_line();
  bool take_literal();

  std::size_t line_bytes_max_, literal_bytes_max_;
  std::string input_;
  std::size_t read_ = 0;                // of input_
  std::size_t looked_at_ = 0;           // of input_, for a line's end
  ImapResponse open_;                   // what is there of the next response
  std::optional<std::size_t> literal_;  // bytes that are still wanted of its newest literal
  bool whole_ = false;
  std::string broken_;
};

// "O12 OK [CODE] words" of our own tag.
struct ImapVerdict {
  std::string word;  // upper case: OK, NO or BAD
  std::string said;  // what follows it
};
std::optional<ImapVerdict> verdict_of(const ImapResponse& response, std::string_view tag);

// The number of "[NAME n]" anywhere in the line, such as UIDVALIDITY or UIDNEXT.
std::optional<std::uint64_t> code_number(const ImapResponse& response, std::string_view name);
// "* 17 EXISTS"
std::optional<std::uint64_t> count_of(const ImapResponse& response, std::string_view what);
// "* SEARCH 4 7 9": in ascending order, each once. Empty if it is no such line.
std::vector<std::uint64_t> searched(const ImapResponse& response);
// "* CAPABILITY IMAP4rev1 IDLE": upper case words.
std::vector<std::string> capabilities(const ImapResponse& response);

// "* 3 FETCH (UID 17 RFC822.SIZE 4711 INTERNALDATE "…" BODY[] {5})": what we ask for of one mail.
struct ImapFetched {
  std::uint64_t uid = 0;  // 0: it did not say
  std::optional<std::uint64_t> bytes;
  std::string arrived;  // when it came there, in the server's words; may be empty
  std::optional<std::string> body;
};
std::optional<ImapFetched> fetched(ImapResponse response);

// A folder's name as IMAP writes it: modified UTF-7 (RFC 3501, 5.1.3), quoted. `utf8` is valid.
std::string quoted_folder(std::string_view utf8);

}  // namespace ombud::mail
