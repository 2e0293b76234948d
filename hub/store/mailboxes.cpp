#include "store/mailboxes.hpp"

namespace ombud {
namespace {

#define OMBUD_MAILBOX_COLUMNS                                                             \
  "SELECT name, place, validity, uid, adopted, since, first_at, last_success_at, taken, " \
  "problem, problem_at FROM mailbox "

constexpr Sql kFind{OMBUD_MAILBOX_COLUMNS "WHERE name = $1"};
constexpr Sql kAll{OMBUD_MAILBOX_COLUMNS "ORDER BY name"};
constexpr Sql kPut{
    "INSERT INTO mailbox (name, place, validity, uid, adopted, since, first_at)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (name) DO UPDATE SET place = $2,"
    " validity = $3, uid = $4, adopted = $5, since = $6, first_at = $7"};
constexpr Sql kAdvance{"UPDATE mailbox SET uid = max(uid, $2), taken = taken + $3 WHERE name = $1"};
constexpr Sql kSuccess{
    "UPDATE mailbox SET last_success_at = $2, problem = '', problem_at = NULL WHERE name = $1"};
constexpr Sql kProblem{
    "INSERT INTO mailbox (name, place, first_at, problem, problem_at) VALUES ($1, $2, $4, $3, $4)"
    " ON CONFLICT (name) DO UPDATE SET problem = $3, problem_at = coalesce(problem_at, $4)"};
constexpr Sql kLeave{
    "INSERT INTO mailbox_left (name, validity, uid, why, at) VALUES ($1, $2, $3, $4, $5)"
    " ON CONFLICT (name, validity, uid) DO UPDATE SET why = $4"};
constexpr Sql kForgetLeft{"DELETE FROM mailbox_left WHERE name = $1"};
// By other numbers it is not to be found there any more.
constexpr Sql kLeft{
    "SELECT l.uid, l.why, l.at FROM mailbox_left l JOIN mailbox m ON m.name = l.name"
    " AND m.validity = l.validity WHERE l.name = $1 ORDER BY l.at DESC, l.uid DESC LIMIT $2"};
constexpr Sql kToken{"SELECT sealed FROM mailbox_token WHERE name = $1"};
constexpr Sql kKeepToken{
    "INSERT INTO mailbox_token (name, sealed, at) VALUES ($1, $2, $3)"
    " ON CONFLICT (name) DO UPDATE SET sealed = $2, at = $3"};

#undef OMBUD_MAILBOX_COLUMNS

// UIDs and UIDVALIDITY have 32 bits (RFC 3501, 2.3.1.1).
std::int64_t number_of(std::uint64_t uid) {
  return static_cast<std::int64_t>(uid);
}
std::uint64_t uid_of(std::int64_t number) {
  return static_cast<std::uint64_t>(number);
}

MailboxRow row_from(const Rows& rows) {
  MailboxRow row;
  row.name = rows.text(0);
  row.place = rows.text(1);
  row.validity = uid_of(rows.integer(2));
  row.uid = uid_of(rows.integer(3));
  row.adopted = uid_of(rows.integer(4));
  row.since = rows.text(5);
  row.first_at = rows.instant(6);
  row.last_success_at = rows.maybe_instant(7);
  row.taken = rows.integer(8);
  row.problem = rows.text(9);
  row.problem_at = rows.maybe_instant(10);
  return row;
}

}  // namespace

std::optional<MailboxRow> find_mailbox(Tx& tx, std::string_view name) {
  Rows rows = tx.query(kFind, name);
  return rows.next() ? std::optional(row_from(rows)) : std::nullopt;
}

std::vector<MailboxRow> mailboxes(Tx& tx) {
  std::vector<MailboxRow> all;
  Rows rows = tx.query(kAll);
  while (rows.next()) all.push_back(row_from(rows));
  return all;
}

void put_mailbox(Tx& tx, const MailboxRow& mailbox) {
  tx.run(kPut, mailbox.name, mailbox.place, number_of(mailbox.validity), number_of(mailbox.uid),
         number_of(mailbox.adopted), mailbox.since, mailbox.first_at);
  tx.run(kForgetLeft, mailbox.name);
}

void advance_mailbox(Tx& tx, std::string_view name, std::uint64_t uid, bool counted) {
  tx.run(kAdvance, name, number_of(uid), counted);
}

void note_mailbox_success(Tx& tx, std::string_view name) {
  tx.run(kSuccess, name, tx.at());
}

void note_mailbox_problem(Tx& tx, std::string_view name, std::string_view place,
                          std::string_view problem) {
  tx.run(kProblem, name, place, problem, tx.at());
}

std::string kept_mailbox_token(Tx& tx, std::string_view name) {
  Rows rows = tx.query(kToken, name);
  return rows.next() ? rows.text(0) : std::string();
}

void keep_mailbox_token(Tx& tx, std::string_view name, std::string_view sealed) {
  tx.run(kKeepToken, name, sealed, tx.at());
}

void leave_mail(Tx& tx, std::string_view name, std::uint64_t validity, const MailLeft& mail) {
  tx.run(kLeave, name, number_of(validity), number_of(mail.uid), mail.why, tx.at());
}

std::vector<MailLeft> mails_left(Tx& tx, std::string_view name, int limit) {
  std::vector<MailLeft> left;
  Rows rows = tx.query(kLeft, name, limit);
  while (rows.next()) left.push_back({uid_of(rows.integer(0)), rows.text(1), rows.instant(2)});
  return left;
}

}  // namespace ombud
