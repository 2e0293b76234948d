// Reads the mails of one IMAP folder that came after a cursor (RFC 3501).
#pragma once

#include <ombud/connector.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "email/smtp.hpp"

namespace ombud::email {

// "UIDVALIDITY:UID" of the last mail taken. If the server's UIDVALIDITY is another one, or the text
// is no cursor, reading starts with the folder's first mail: again is legal, never is not.
struct Cursor {
  std::uint64_t validity = 0;
  std::uint64_t uid = 0;
};
std::optional<Cursor> parse_cursor(std::string_view text);
std::string to_text(const Cursor& cursor);

// A mail over kMailBytesMax arrives cut, with `whole` false. False: it was taken, but send no more.
using TakeMail = std::function<bool(std::string_view raw, bool whole)>;

inline constexpr std::size_t kMailBytesMax = 40U << 20U;
inline constexpr std::size_t kMailsPerPollMax = 50;

// Hands over up to kMailsPerPollMax mails, oldest first, and moves `cursor` past each. Read mails
// are marked \Seen, nothing else is changed. Status ok, auth or retry; `cursor` is right in every
// case.
Verdict read_folder(const sdk::Call& call, const Server& server, const std::string& folder,
                    Cursor& cursor, const TakeMail& take);

// Logs in and says NOOP.
Verdict try_imap(const sdk::Call& call, const Server& server);

}  // namespace ombud::email
