#include "identity/second_factor.hpp"

#include "identity/audit.hpp"
#include "identity/totp.hpp"

namespace ombud::identity {

Result<Account> begin_totp(Tx& tx, AccountId id, const std::string& secret) {
  auto account = find_account(tx, id);
  if (!account) return not_found("account");
  if (account->totp_since) {
    return conflict("A second factor is set up already; remove it first.");
  }
  if (account->password.empty()) {
    return conflict("Without a password here, a second factor is your sign-in provider's matter.");
  }
  account->totp_secret = secret;
  account->totp_step = 0;
  update_account(tx, *account);
  return std::move(*account);
}

Result<Account> confirm_totp(Tx& tx, AccountId id, std::string_view code,
                             const std::vector<std::string>& codes) {
  auto account = find_account(tx, id);
  if (!account) return not_found("account");
  if (account->totp_since || account->totp_secret.empty()) {
    return conflict("There is no second factor to confirm; begin setting it up again.");
  }
  const auto step = check_totp(account->totp_secret, code, tx.at(), account->totp_step);
  if (!step) {
    return invalid("/code", "is not what the authenticator should show now; check its clock");
  }
  account->totp_since = tx.at();
  account->totp_step = *step;
  update_account(tx, *account);
  std::vector<std::string> digests;
  for (const std::string& one : codes) digests.push_back(recovery_code_digest(one));
  put_recovery_codes(tx, id, digests);
  note_audit(tx, id, "second_factor_added");
  return std::move(*account);
}

void remove_totp(Tx& tx, Account& account) {
  account.totp_secret.clear();
  account.totp_since.reset();
  account.totp_step = 0;
  update_account(tx, account);
  ++account.version;
  put_recovery_codes(tx, account.id, {});
  note_audit(tx, account.id, "second_factor_removed");
}

bool use_totp(Tx& tx, Account& account, std::string_view code) {
  if (!account.totp_since) return false;
  const auto step = check_totp(account.totp_secret, code, tx.at(), account.totp_step);
  if (!step) return false;
  account.totp_step = *step;
  update_account(tx, account);
  ++account.version;
  return true;
}

bool use_code(Tx& tx, Account& account, std::string_view code) {
  if (use_totp(tx, account, code)) return true;
  if (!use_recovery_code(tx, account.id, recovery_code_digest(code))) return false;
  note_audit(tx, account.id, "recovery_code_used");
  return true;
}

}  // namespace ombud::identity
