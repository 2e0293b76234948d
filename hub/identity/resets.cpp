#include "identity/resets.hpp"

#include "base/bytes.hpp"
#include "identity/audit.hpp"
#include "identity/limits.hpp"
#include "identity/tokens.hpp"

namespace ombud::identity {

std::string make_reset(Tx& tx, const Account& account, Purpose purpose) {
  forget_expired_resets(tx);
  const bool invitation = purpose == Purpose::invitation;
  std::string token = tx.mint() + tx.mint();
  put_reset(tx,
            {account.id, invitation ? "invitation" : "reset", tx.at(),
             tx.at() + (invitation ? kInvitationFor : kResetFor)},
            sha256_hex(token));
  note_audit(tx, account.id, invitation ? "invited" : "reset_made");
  return token;
}

std::string reset_url(std::string_view public_url, std::string_view token) {
  return std::string(public_url) + "/reset?token=" + std::string(token);
}

Result<Account> account_of_reset(Tx& tx, std::string_view token) {
  const auto reset = find_reset(tx, sha256_hex(token));
  auto account = reset ? find_account(tx, reset->account) : std::nullopt;
  if (!account || account->disabled_at) {
    return invalid(
        "/token",
        "is unknown, too old or was used already; ask for a new link on the sign-in page");
  }
  return std::move(*account);
}

void set_password(Tx& tx, Account& account, const std::string& hashed, std::string_view stays) {
  account.password = hashed;
  update_account(tx, account);
  ++account.version;
  forget_resets(tx, account.id);
  end_sessions(tx, account.id, stays);
  note_audit(tx, account.id, "password_set");
}

void reset_password(Tx& tx, Account& account, const std::string& hashed) {
  set_password(tx, account, hashed, "");
  end_tokens(tx, account.id, "password");
}

Result<Account> redeem(Tx& tx, std::string_view token, const std::string& hashed) {
  auto account = account_of_reset(tx, token);
  if (account) reset_password(tx, *account, hashed);
  return account;
}

}  // namespace ombud::identity
