// Sessions of the pages: a random cookie, of which only the digest is kept.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "store/identity.hpp"

namespace ombud::identity {

// Where a sign-in came from.
struct Origin {
  std::string address, agent_text;
};

struct Opened {
  std::string cookie;  // 256 random bits; shown to nobody but its browser
  AccountSession session;
};
// A new session with a new cookie, whatever the browser had before (`old_cookie` ends, so nobody
// signs in on a session that somebody else gave him). Past kSessionsMax the oldest ends.
Opened open_session(Tx& tx, const Account& account, const Origin& from,
                    std::string_view old_cookie);

struct LiveSession {
  AccountSession session;
  Account account;
  bool due_to_touch = false;  // seen_at is older than kSeenEvery: touch_session
};
// The session of a cookie, if neither its time nor its idling has ended; with its account as it is
// now, disabled or not.
std::optional<LiveSession> live_session(Tx& tx, std::string_view cookie);
Instant session_ends(const AccountSession& session);  // by idling or by its time

// What X-CSRF-Token must say. It follows from the cookie, which other sites' pages cannot read.
std::string csrf_of(std::string_view cookie);
bool is_cookie(std::string_view text);  // could be one of ours

}  // namespace ombud::identity
