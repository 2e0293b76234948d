// Rows of those who sign in: accounts, memberships, sessions, resets, recovery codes, tokens of
// accounts. Rules are in identity/. Secrets come here as digests only.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.hpp"

namespace ombud {

struct Membership {
  std::string customer, customer_name;
  PersonId person;
  Role role = Role::user;  // user, manager; approver: a user whom the directory calls one
  bool stands_in = false;  // for an approver, just now (store/approvals.hpp); read only
};

// One of the provider's people.
struct Staff {
  std::string agent;                  // key
  Role role = Role::agent;            // agent, lead, operator_ or admin
  std::optional<std::string> tenant;  // only this customer exists for him
};

struct Account {
  AccountId id;
  std::string email, name;  // e-mail in lower case
  std::string password;     // libsodium's text form; empty: cannot sign in by one
  std::optional<std::string> language, zone;
  std::string theme = "system";
  std::optional<Staff> staff;
  std::vector<Membership> memberships;  // by customer
  std::string totp_secret;
  std::optional<Instant> totp_since;  // none: no second factor is asked for
  std::int64_t totp_step = 0;
  std::optional<Instant> disabled_at;
  Instant created_at;
  std::int64_t version = 1;
};

// Inserts; the e-mail must be free (find_account_of_email). Memberships are put apart.
AccountId add_account(Tx& tx, const Account& account);
// Everything but memberships; counts the version up.
void update_account(Tx& tx, const Account& account);
std::optional<Account> find_account(Tx& tx, AccountId id);
std::optional<Account> find_account_of_email(Tx& tx, std::string_view email);  // lower case
std::optional<AccountId> account_of_agent(Tx& tx, std::string_view agent);
std::optional<AccountId> account_of_person(Tx& tx, PersonId person);
// Whose name or e-mail holds `words` (any case, empty: all), at one customer (empty: any), with one
// role (none: any). By id. A principal with a tenant sees those who have a membership there.
struct AccountFilter {
  std::string words, customer;
  std::optional<Role> role;
};
std::vector<Account> list_accounts(Tx& tx, const AccountFilter& filter, AccountId after, int limit);

// By customer. The role of a user or an approver says whether he is one (set_approver); a manager,
// who approves by his role, stays what he was.
void put_membership(Tx& tx, AccountId account, const Membership& membership);
// His right to approve ends with it. False: there was none.
bool remove_membership(Tx& tx, AccountId account, std::string_view customer);

struct AccountSession {
  std::string id;
  AccountId account;
  Instant created_at, seen_at, expires_at;
  std::string address, agent_text;
};
void put_session(Tx& tx, const AccountSession& session, std::string_view cookie_sha256);
std::optional<AccountSession> find_session(Tx& tx, std::string_view cookie_sha256);
void touch_session(Tx& tx, std::string_view id);                     // seen at tx.at()
std::vector<AccountSession> sessions_of(Tx& tx, AccountId account);  // newest first
bool end_session(Tx& tx, AccountId account, std::string_view id);
int end_sessions(Tx& tx, AccountId account, std::string_view except_id);  // empty: all
void forget_expired_sessions(Tx& tx, Instant seen_before);  // also those past expires_at
bool has_session_from(Tx& tx, AccountId account, std::string_view address);

struct Reset {
  AccountId account;
  std::string purpose;  // "invitation" or "reset"
  Instant created_at, expires_at;
};
void put_reset(Tx& tx, const Reset& reset, std::string_view token_sha256);
std::optional<Reset> find_reset(Tx& tx, std::string_view token_sha256);  // valid at tx.at()
std::vector<Reset> resets_of(Tx& tx, AccountId account);                 // valid at tx.at()
void forget_resets(Tx& tx, AccountId account);                           // all of the account's
void forget_expired_resets(Tx& tx);

void put_recovery_codes(Tx& tx, AccountId account, const std::vector<std::string>& sha256s);
// True, once: it was one of them, and is none any more.
bool use_recovery_code(Tx& tx, AccountId account, std::string_view sha256);

struct AccountToken {
  std::string id, name;
  AccountId account;
  std::optional<std::string> customer;  // none: as one of the desk's
  std::vector<std::string> scopes;      // names of permissions
  Instant created_at;
  std::optional<Instant> expires_at, revoked_at;
};
void put_account_token(Tx& tx, const AccountToken& token, std::string_view secret_sha256);
std::optional<AccountToken> find_account_token(Tx& tx, std::string_view secret_sha256);  // valid
std::vector<AccountToken> account_tokens_of(Tx& tx, AccountId account);
bool revoke_account_token(Tx& tx, AccountId account, std::string_view id);

}  // namespace ombud
