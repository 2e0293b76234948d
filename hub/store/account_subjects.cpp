#include "store/account_subjects.hpp"

namespace ombud {
namespace {

constexpr Sql kOfSubject{
    "SELECT issuer, subject, account_id, provider FROM account_subject"
    " WHERE issuer = $1 AND subject = $2"};
constexpr Sql kOfAccount{
    "SELECT issuer, subject, account_id, provider FROM account_subject"
    " WHERE account_id = $1 AND issuer = $2"};
constexpr Sql kOfAny{"SELECT 1 FROM account_subject WHERE account_id = $1 LIMIT 1"};
constexpr Sql kAdd{
    "INSERT INTO account_subject (issuer, subject, account_id, provider, linked_at, seen_at)"
    " VALUES ($1, $2, $3, $4, $5, $5)"};
constexpr Sql kTouch{
    "UPDATE account_subject SET provider = $3, seen_at = $4 WHERE issuer = $1 AND subject = $2"};

std::optional<AccountSubject> one(Rows rows) {
  if (!rows.next()) return std::nullopt;
  return AccountSubject{rows.text(0), rows.text(1), {rows.integer(2)}, rows.text(3)};
}

}  // namespace

std::optional<AccountSubject> find_subject(Tx& tx, std::string_view issuer,
                                           std::string_view subject) {
  return one(tx.query(kOfSubject, issuer, subject));
}

std::optional<AccountSubject> subject_of_account(Tx& tx, AccountId account,
                                                 std::string_view issuer) {
  return one(tx.query(kOfAccount, account, issuer));
}

bool has_subject(Tx& tx, AccountId account) {
  return tx.query(kOfAny, account).next();
}

void add_subject(Tx& tx, const AccountSubject& subject) {
  tx.run(kAdd, subject.issuer, subject.subject, subject.account, subject.provider, tx.at());
}

void touch_subject(Tx& tx, const AccountSubject& subject) {
  tx.run(kTouch, subject.issuer, subject.subject, subject.provider, tx.at());
}

}  // namespace ombud
