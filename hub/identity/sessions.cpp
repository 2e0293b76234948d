#include "identity/sessions.hpp"

#include <algorithm>

#include "base/bytes.hpp"
#include "identity/audit.hpp"
#include "identity/limits.hpp"

namespace ombud::identity {
namespace {

constexpr std::size_t kCookieCharacters = 52;  // two ids of 26 (base/random.hpp)

std::string digest_of(std::string_view cookie) {
  return sha256_hex(cookie);
}

}  // namespace

bool is_cookie(std::string_view text) {
  return text.size() == kCookieCharacters && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
         });
}

Opened open_session(Tx& tx, const Account& account, const Origin& from,
                    std::string_view old_cookie) {
  forget_expired_sessions(tx, tx.at() - kSessionIdle);
  if (is_cookie(old_cookie)) {
    if (const auto old = find_session(tx, digest_of(old_cookie))) {
      end_session(tx, old->account, old->id);
    }
  }
  const auto known = sessions_of(tx, account.id);  // newest first
  for (std::size_t i = kSessionsMax - 1; i < known.size(); ++i) {
    end_session(tx, account.id, known[i].id);
  }
  Opened opened;
  opened.cookie = tx.mint() + tx.mint();
  AccountSession& session = opened.session;
  session.id = tx.mint();
  session.account = account.id;
  session.created_at = session.seen_at = tx.at();
  session.expires_at = tx.at() + (account.staff ? kStaffSessionMost : kSessionMost);
  session.address = from.address;
  session.agent_text = cut_utf8(from.agent_text, kAgentTextBytesMax);
  put_session(tx, session, digest_of(opened.cookie));
  return opened;
}

Instant session_ends(const AccountSession& session) {
  return std::min(session.expires_at, session.seen_at + kSessionIdle);
}

std::optional<LiveSession> live_session(Tx& tx, std::string_view cookie) {
  if (!is_cookie(cookie)) return std::nullopt;
  auto session = find_session(tx, digest_of(cookie));
  if (!session || session_ends(*session) <= tx.at()) return std::nullopt;
  auto account = find_account(tx, session->account);
  if (!account) return std::nullopt;
  // Whoever joins the desk has the shorter time from then on.
  if (account->staff) {
    session->expires_at = std::min(session->expires_at, session->created_at + kStaffSessionMost);
    if (session_ends(*session) <= tx.at()) return std::nullopt;
  }
  const bool due = session->seen_at + kSeenEvery <= tx.at();
  return LiveSession{std::move(*session), std::move(*account), due};
}

std::string csrf_of(std::string_view cookie) {
  return sha256_hex("ombud csrf " + std::string(cookie));
}

}  // namespace ombud::identity
