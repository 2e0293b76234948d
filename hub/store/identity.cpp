#include "store/identity.hpp"

#include "base/assert.hpp"
#include "store/approver_sql.hpp"
#include "store/directory.hpp"
#include "store/spaced.hpp"

namespace ombud {
namespace {

#define OMBUD_ACCOUNT_COLUMNS                                                                     \
  "account_id, email, name, password, language, zone, theme, agent_id, staff_role, staff_tenant," \
  " totp_secret, totp_since, totp_step, disabled_at, created_at, version"
constexpr Sql kAddAccount{
    "INSERT INTO account (email, name, password, language, zone, theme, agent_id, staff_role,"
    " staff_tenant, disabled_at, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
    " -- all tenants: only an admin comes here"};
constexpr Sql kUpdateAccount{
    "UPDATE account SET email = $2, name = $3, password = $4, language = $5, zone = $6,"
    " theme = $7, agent_id = $8, staff_role = $9, staff_tenant = $10, totp_secret = $11,"
    " totp_since = $12, totp_step = $13, disabled_at = $14, version = version + 1"
    " WHERE account_id = $1 -- all tenants: an account may belong to several"};
constexpr Sql kAccount{"SELECT " OMBUD_ACCOUNT_COLUMNS " FROM account WHERE account_id = $1"};
constexpr Sql kAccountOfEmail{"SELECT " OMBUD_ACCOUNT_COLUMNS " FROM account WHERE email = $1"};
constexpr Sql kAccountOfAgent{"SELECT account_id FROM account WHERE agent_id = $1"};
constexpr Sql kAccountOfPerson{
    "SELECT account_id FROM membership WHERE person_id = $1"
    " AND ($tenant IS NULL OR customer_id = $tenant)"};
constexpr Sql kAccounts{
    "SELECT " OMBUD_ACCOUNT_COLUMNS
    " FROM account a WHERE account_id > $1"
    " AND ($2 = '' OR instr(lower(name), $2) > 0 OR instr(email, $2) > 0)"
    " AND ($3 = '' OR EXISTS (SELECT 1 FROM membership m WHERE m.account_id = a.account_id"
    "  AND m.customer_id = $3 AND ($tenant IS NULL OR m.customer_id = $tenant)))"
    " AND ($4 IS NULL OR ($tenant IS NULL AND staff_role = $4) OR EXISTS (SELECT 1 FROM membership "
    "m JOIN person p ON p.person_id = m.person_id"
    "  WHERE m.account_id = a.account_id AND " OMBUD_MEMBER_ROLE
    " = $4"
    "  AND ($tenant IS NULL OR m.customer_id = $tenant)))"
    " AND ($tenant IS NULL OR EXISTS (SELECT 1 FROM membership m"
    "  WHERE m.account_id = a.account_id AND m.customer_id = $tenant))"
    " ORDER BY account_id LIMIT $5"};

constexpr Sql kMemberships{
    "SELECT m.customer_id, c.name, m.person_id, " OMBUD_MEMBER_ROLE
    ", " OMBUD_STANDS_IN("m.person_id", "$2")
    " FROM membership m JOIN customer c USING (customer_id)"
    " JOIN person p ON p.person_id = m.person_id WHERE m.account_id = $1"
    " AND ($tenant IS NULL OR m.customer_id = $tenant) ORDER BY m.customer_id"};
constexpr Sql kPutMembership{
    "INSERT INTO membership (account_id, customer_id, person_id, role) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (account_id, customer_id) DO UPDATE SET person_id = $3, role = $4"
    " -- all tenants: only an admin comes here"};
constexpr Sql kRemoveMembership{
    "DELETE FROM membership WHERE account_id = $1 AND customer_id = $2"
    " AND ($tenant IS NULL OR customer_id = $tenant)"};
constexpr Sql kPersonOfMembership{
    "SELECT person_id FROM membership WHERE account_id = $1 AND customer_id = $2"
    " AND ($tenant IS NULL OR customer_id = $tenant)"};

#define OMBUD_SESSION_COLUMNS \
  "session_id, account_id, created_at, seen_at, expires_at, address, agent_text"
constexpr Sql kPutSession{
    "INSERT INTO session (session_hash, session_id, account_id, created_at, seen_at, expires_at,"
    " address, agent_text) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"};
constexpr Sql kSession{"SELECT " OMBUD_SESSION_COLUMNS " FROM session WHERE session_hash = $1"};
constexpr Sql kTouch{"UPDATE session SET seen_at = $2 WHERE session_id = $1"};
constexpr Sql kSessions{"SELECT " OMBUD_SESSION_COLUMNS
                        " FROM session WHERE account_id = $1"
                        " ORDER BY created_at DESC, session_id"};
constexpr Sql kEndSession{"DELETE FROM session WHERE account_id = $1 AND session_id = $2"};
constexpr Sql kEndSessions{"DELETE FROM session WHERE account_id = $1 AND session_id <> $2"};
constexpr Sql kForgetSessions{"DELETE FROM session WHERE expires_at <= $1 OR seen_at <= $2"};
constexpr Sql kSessionFrom{"SELECT 1 FROM session WHERE account_id = $1 AND address = $2 LIMIT 1"};

constexpr Sql kPutReset{
    "INSERT INTO reset (reset_hash, account_id, purpose, created_at, expires_at)"
    " VALUES ($1, $2, $3, $4, $5)"};
constexpr Sql kReset{
    "SELECT account_id, purpose, created_at, expires_at FROM reset"
    " WHERE reset_hash = $1 AND expires_at > $2"};
constexpr Sql kResets{
    "SELECT account_id, purpose, created_at, expires_at FROM reset"
    " WHERE account_id = $1 AND expires_at > $2 ORDER BY created_at"};
constexpr Sql kForgetResets{"DELETE FROM reset WHERE account_id = $1"};
constexpr Sql kForgetExpiredResets{"DELETE FROM reset WHERE expires_at <= $1"};

constexpr Sql kPutRecoveryCode{"INSERT INTO recovery_code (account_id, code_hash) VALUES ($1, $2)"};
constexpr Sql kForgetRecoveryCodes{"DELETE FROM recovery_code WHERE account_id = $1"};
constexpr Sql kUseRecoveryCode{
    "DELETE FROM recovery_code WHERE account_id = $1 AND code_hash = $2"};

#define OMBUD_ACCOUNT_TOKEN_COLUMNS \
  "token_id, account_id, name, customer_id, scopes, created_at, expires_at, revoked_at"
constexpr Sql kPutToken{
    "INSERT INTO account_token (token_hash, token_id, account_id, name, customer_id, scopes,"
    " created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) -- all tenants: insert"};
constexpr Sql kToken{"SELECT " OMBUD_ACCOUNT_TOKEN_COLUMNS
                     " FROM account_token WHERE token_hash = $1 AND revoked_at IS NULL"
                     " AND (expires_at IS NULL OR expires_at > $2)"};
constexpr Sql kTokens{"SELECT " OMBUD_ACCOUNT_TOKEN_COLUMNS
                      " FROM account_token WHERE account_id = $1 ORDER BY created_at, token_id"};
constexpr Sql kRevokeToken{
    "UPDATE account_token SET revoked_at = $3 WHERE account_id = $1 AND token_id = $2"
    " AND revoked_at IS NULL"};

Role known_role(std::string_view text) {
  const auto role = role_from(text);
  OMBUD_ASSERT(role.has_value());
  return *role;
}

std::optional<std::string> maybe_text(const Rows& row, int column) {
  return row.is_null(column) ? std::nullopt : std::optional(row.text(column));
}

Account account_from(const Rows& row) {
  Account a;
  a.id = {row.integer(0)};
  a.email = row.text(1);
  a.name = row.text(2);
  a.password = row.text(3);
  a.language = maybe_text(row, 4);
  a.zone = maybe_text(row, 5);
  a.theme = row.text(6);
  if (!row.is_null(7)) a.staff = Staff{row.text(7), known_role(row.view(8)), maybe_text(row, 9)};
  a.totp_secret = row.text(10);
  a.totp_since = row.maybe_instant(11);
  a.totp_step = row.integer(12);
  a.disabled_at = row.maybe_instant(13);
  a.created_at = row.instant(14);
  a.version = row.integer(15);
  return a;
}

std::vector<Membership> memberships_of(Tx& tx, AccountId account) {
  std::vector<Membership> all;
  Rows rows = tx.query(kMemberships, account, tx.at());
  while (rows.next()) {
    all.push_back({rows.text(0),
                   rows.text(1),
                   {rows.integer(2)},
                   known_role(rows.view(3)),
                   rows.integer(4) != 0});
  }
  return all;
}

std::optional<Account> complete(Tx& tx, std::optional<Account> account) {
  if (account) account->memberships = memberships_of(tx, account->id);
  return account;
}

AccountSession session_from(const Rows& row) {
  return {row.text(0),    {row.integer(1)}, row.instant(2), row.instant(3),
          row.instant(4), row.text(5),      row.text(6)};
}
Reset reset_from(const Rows& row) {
  return {{row.integer(0)}, row.text(1), row.instant(2), row.instant(3)};
}

AccountToken token_from(const Rows& row) {
  AccountToken t;
  t.id = row.text(0);
  t.account = {row.integer(1)};
  t.name = row.text(2);
  t.customer = maybe_text(row, 3);
  t.scopes = parts_of(row.view(4));
  t.created_at = row.instant(5);
  t.expires_at = row.maybe_instant(6);
  t.revoked_at = row.maybe_instant(7);
  return t;
}

Param staff_agent(const Account& a) {
  return a.staff ? Param(a.staff->agent) : Param(std::nullopt);
}
Param staff_role(const Account& a) {
  return a.staff ? Param(to_text(a.staff->role)) : Param(std::nullopt);
}
Param staff_tenant(const Account& a) {
  return a.staff ? Param(a.staff->tenant) : Param(std::nullopt);
}

}  // namespace

AccountId add_account(Tx& tx, const Account& a) {
  return {tx.insert(kAddAccount, a.email, a.name, a.password, a.language, a.zone, a.theme,
                    staff_agent(a), staff_role(a), staff_tenant(a), a.disabled_at, tx.at())};
}
void update_account(Tx& tx, const Account& a) {
  tx.run(kUpdateAccount, a.id, a.email, a.name, a.password, a.language, a.zone, a.theme,
         staff_agent(a), staff_role(a), staff_tenant(a), a.totp_secret, a.totp_since, a.totp_step,
         a.disabled_at);
}
std::optional<Account> find_account(Tx& tx, AccountId id) {
  std::optional<Account> found;
  {
    Rows rows = tx.query(kAccount, id);
    if (rows.next()) found = account_from(rows);
  }
  return complete(tx, std::move(found));
}
std::optional<Account> find_account_of_email(Tx& tx, std::string_view email) {
  std::optional<Account> found;
  {
    Rows rows = tx.query(kAccountOfEmail, email);
    if (rows.next()) found = account_from(rows);
  }
  return complete(tx, std::move(found));
}
std::optional<AccountId> account_of_agent(Tx& tx, std::string_view agent) {
  Rows rows = tx.query(kAccountOfAgent, agent);
  return rows.next() ? std::optional(AccountId{rows.integer(0)}) : std::nullopt;
}
std::optional<AccountId> account_of_person(Tx& tx, PersonId person) {
  Rows rows = tx.query(kAccountOfPerson, person);
  return rows.next() ? std::optional(AccountId{rows.integer(0)}) : std::nullopt;
}
std::vector<Account> list_accounts(Tx& tx, const AccountFilter& filter, AccountId after,
                                   int limit) {
  std::vector<Account> all;
  {
    const Param role = filter.role ? Param(to_text(*filter.role)) : Param(std::nullopt);
    Rows rows = tx.query(kAccounts, after, filter.words, filter.customer, role, limit);
    while (rows.next()) all.push_back(account_from(rows));
  }
  for (Account& account : all) account.memberships = memberships_of(tx, account.id);
  return all;
}

void put_membership(Tx& tx, AccountId account, const Membership& m) {
  const bool manager = m.role == Role::manager;
  tx.run(kPutMembership, account, m.customer, m.person,
         to_text(manager ? Role::manager : Role::user));
  if (!manager) set_approver(tx, m.person, m.role == Role::approver);
}
bool remove_membership(Tx& tx, AccountId account, std::string_view customer) {
  PersonId person;
  {
    Rows rows = tx.query(kPersonOfMembership, account, customer);
    if (!rows.next()) return false;
    person = {rows.integer(0)};
  }
  tx.run(kRemoveMembership, account, customer);
  set_approver(tx, person, false);
  return true;
}

void put_session(Tx& tx, const AccountSession& s, std::string_view cookie_sha256) {
  tx.run(kPutSession, cookie_sha256, s.id, s.account, s.created_at, s.seen_at, s.expires_at,
         s.address, s.agent_text);
}
std::optional<AccountSession> find_session(Tx& tx, std::string_view cookie_sha256) {
  Rows rows = tx.query(kSession, cookie_sha256);
  return rows.next() ? std::optional(session_from(rows)) : std::nullopt;
}
void touch_session(Tx& tx, std::string_view id) {
  tx.run(kTouch, id, tx.at());
}
std::vector<AccountSession> sessions_of(Tx& tx, AccountId account) {
  std::vector<AccountSession> all;
  Rows rows = tx.query(kSessions, account);
  while (rows.next()) all.push_back(session_from(rows));
  return all;
}
bool end_session(Tx& tx, AccountId account, std::string_view id) {
  return tx.run(kEndSession, account, id) > 0;
}
int end_sessions(Tx& tx, AccountId account, std::string_view except_id) {
  return static_cast<int>(tx.run(kEndSessions, account, except_id));
}
void forget_expired_sessions(Tx& tx, Instant seen_before) {
  tx.run(kForgetSessions, tx.at(), seen_before);
}
bool has_session_from(Tx& tx, AccountId account, std::string_view address) {
  return tx.query(kSessionFrom, account, address).next();
}

void put_reset(Tx& tx, const Reset& r, std::string_view token_sha256) {
  tx.run(kPutReset, token_sha256, r.account, r.purpose, r.created_at, r.expires_at);
}
std::optional<Reset> find_reset(Tx& tx, std::string_view token_sha256) {
  Rows rows = tx.query(kReset, token_sha256, tx.at());
  return rows.next() ? std::optional(reset_from(rows)) : std::nullopt;
}
std::vector<Reset> resets_of(Tx& tx, AccountId account) {
  std::vector<Reset> all;
  Rows rows = tx.query(kResets, account, tx.at());
  while (rows.next()) all.push_back(reset_from(rows));
  return all;
}
void forget_resets(Tx& tx, AccountId account) {
  tx.run(kForgetResets, account);
}
void forget_expired_resets(Tx& tx) {
  tx.run(kForgetExpiredResets, tx.at());
}

void put_recovery_codes(Tx& tx, AccountId account, const std::vector<std::string>& sha256s) {
  tx.run(kForgetRecoveryCodes, account);
  for (const std::string& hash : sha256s) tx.run(kPutRecoveryCode, account, hash);
}
bool use_recovery_code(Tx& tx, AccountId account, std::string_view sha256) {
  return tx.run(kUseRecoveryCode, account, sha256) > 0;
}

void put_account_token(Tx& tx, const AccountToken& t, std::string_view secret_sha256) {
  tx.run(kPutToken, secret_sha256, t.id, t.account, t.name, t.customer, spaced(t.scopes),
         t.created_at, t.expires_at);
}
std::optional<AccountToken> find_account_token(Tx& tx, std::string_view secret_sha256) {
  Rows rows = tx.query(kToken, secret_sha256, tx.at());
  return rows.next() ? std::optional(token_from(rows)) : std::nullopt;
}
std::vector<AccountToken> account_tokens_of(Tx& tx, AccountId account) {
  std::vector<AccountToken> all;
  Rows rows = tx.query(kTokens, account);
  while (rows.next()) all.push_back(token_from(rows));
  return all;
}
bool revoke_account_token(Tx& tx, AccountId account, std::string_view id) {
  return tx.run(kRevokeToken, account, id, tx.at()) > 0;
}

}  // namespace ombud
