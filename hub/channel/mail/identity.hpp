// By what a mail is known again, from its bytes alone. Takes anything; any thread; costs time with
// the size, but little memory.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace ombud::mail {

struct Identity {
  // Of the bytes without trace fields: equal when a server sends the same mail again.
  std::string bytes;
  // Of what the sender wrote: the fields that are his (From, To, Subject, Date, Message-ID, MIME …)
  // in any order, and the body with any line ends. Equal for one mail on whatever ways it came,
  // and not for two that share a Message-ID.
  std::string content;
  std::string message_id;  // with its brackets; may be empty
  // It has no Message-ID, no Date and no way: the next one with the same words looks just like it.
  bool undated = false;
};

// Takes a mail piece by piece, however it is cut.
//
// Printers and alarms write the same to the byte each time and have no Message-ID: what tells them
// apart is the way they came. `bytes` is then of the topmost Received field, too; `content` of the
// lowest one, which the copies of one mail have in common. Where there is none, both are of
// `arrived`: when a mailbox says that the mail came, empty if it did not come by one.
class Identifier {
 public:
  explicit Identifier(std::string_view arrived = {}) : arrived_(arrived) {}
  void update(std::string_view piece);
  Identity finish();  // once

 private:
  void end_header(std::string_view header);
  void add_body(std::string_view piece);

  Sha256 bytes_, content_;
  Identity identity_;
  std::string arrived_;
  std::string last_way_;
  std::string header_;  // until it has ended
  std::string blanks_;  // of the body: left out if nothing follows
  bool in_body_ = false;
};

Identity identify(std::string_view raw, std::string_view arrived = {});
// Reads the file in pieces. Throws std::runtime_error if it cannot.
Identity identify_file(const std::string& path, std::string_view arrived = {});

}  // namespace ombud::mail
