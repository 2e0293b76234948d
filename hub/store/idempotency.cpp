#include "store/idempotency.hpp"

namespace ombud {

std::optional<KeptAnswer> find_answer(Tx& tx, std::string_view key) {
  static constexpr Sql kFind{
      "SELECT request, status, location, etag, body FROM idempotency"
      " WHERE actor = $1 AND key = $2 -- all tenants: an actor sees only his own keys"};
  const std::string actor = tx.principal().actor();
  Rows rows = tx.query(kFind, actor, key);
  if (!rows.next()) return std::nullopt;
  KeptAnswer answer;
  answer.request_sha256 = rows.text(0);
  answer.status = static_cast<int>(rows.integer(1));
  answer.location = rows.text(2);
  answer.etag = rows.text(3);
  answer.body = rows.text(4);
  return answer;
}

void keep_answer(Tx& tx, std::string_view key, const KeptAnswer& answer) {
  static constexpr Sql kKeep{
      "INSERT INTO idempotency (actor, key, request, status, location, etag, body, created_at)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) -- all tenants: an actor sees only his own keys"};
  const std::string actor = tx.principal().actor();
  tx.run(kKeep, actor, key, answer.request_sha256, answer.status, answer.location, answer.etag,
         answer.body, tx.at());
}

std::int64_t drop_old_answers(Tx& tx) {
  static constexpr Sql kDrop{
      "DELETE FROM idempotency WHERE created_at < $1 -- all tenants: age alone decides"};
  return tx.run(kDrop, tx.at() - kAnswersKeptFor);
}

}  // namespace ombud
