#include "store/provider_sessions.hpp"

namespace ombud {
namespace {

constexpr Sql kPut{"UPDATE session SET provider = $2, id_token = $3 WHERE session_id = $1"};
constexpr Sql kProvider{
    "SELECT provider, id_token FROM session WHERE session_id = $1 AND provider <> ''"};
constexpr Sql kForgetOld{"DELETE FROM used_state WHERE expires_at <= $1"};
constexpr Sql kKnown{"SELECT 1 FROM used_state WHERE state_hash = $1"};
constexpr Sql kUse{"INSERT INTO used_state (state_hash, expires_at) VALUES ($1, $2)"};
constexpr Sql kForgetBefore{"DELETE FROM used_state WHERE used_state_id <= $1"};

}  // namespace

void put_provider_session(Tx& tx, std::string_view session_id, const ProviderSession& by) {
  tx.run(kPut, session_id, by.provider, by.id_token);
}

std::optional<ProviderSession> provider_of_session(Tx& tx, std::string_view session_id) {
  Rows rows = tx.query(kProvider, session_id);
  return rows.next() ? std::optional(ProviderSession{rows.text(0), rows.text(1)}) : std::nullopt;
}

bool use_state(Tx& tx, std::string_view state_sha256, Instant until, std::size_t count_max) {
  tx.run(kForgetOld, tx.at());
  if (tx.query(kKnown, state_sha256).next()) return false;
  // Ids go up, so those so far behind the newest are older than the newest `count_max`.
  const std::int64_t newest = tx.insert(kUse, state_sha256, until);
  tx.run(kForgetBefore, newest - static_cast<std::int64_t>(count_max));
  return true;
}

}  // namespace ombud
