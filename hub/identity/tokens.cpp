#include "identity/tokens.hpp"

#include <algorithm>

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "domain/policy.hpp"
#include "identity/accounts.hpp"
#include "identity/audit.hpp"
#include "identity/letters.hpp"
#include "identity/limits.hpp"

namespace ombud::identity {
namespace {

bool is_live(const AccountToken& token, Instant now) {
  return !token.revoked_at && (!token.expires_at || *token.expires_at > now);
}

void note_end(Tx& tx, const AccountToken& token, std::string_view why) {
  json::Writer out;
  out.begin_object().field("token", token.id).field("name", token.name).field("why", why);
  note_audit(tx, token.account, "token_revoked", out.end_object().take());
}

// Everything that it was made for may still be done by whom it acts as.
bool stands(const Account& account, const AccountToken& token) {
  const auto who = principal_of(account, token);
  if (!who) return false;
  return std::all_of(token.scopes.begin(), token.scopes.end(), [&](const std::string& scope) {
    const auto permission = permission_from(scope);
    return !permission || may(*who, *permission);
  });
}

}  // namespace

Result<MadeToken> make_token(Tx& tx, const Account& account, const NewToken& wanted,
                             std::string_view public_url) {
  const Instant now = tx.at();
  const Instant expires_at = wanted.expires_at.value_or(now + kTokenFor);
  if (expires_at <= now) return invalid("/expires_at", "lies in the past");
  if (expires_at > now + kTokenForMost) {
    return invalid("/expires_at",
                   "is more than " + std::to_string(kTokenForMost / kDay) + " days ahead");
  }
  const auto known = account_tokens_of(tx, account.id);
  const auto live = std::count_if(known.begin(), known.end(),
                                  [now](const AccountToken& one) { return is_live(one, now); });
  if (static_cast<std::size_t>(live) >= kAccountTokensMax) {
    return conflict("You have " + std::to_string(kAccountTokensMax) +
                    " tokens already; revoke one of them first.");
  }
  MadeToken made;
  AccountToken& token = made.token;
  token.id = tx.mint();
  token.account = account.id;
  token.name = wanted.name;
  token.customer = wanted.customer;
  token.scopes = wanted.scopes;
  token.created_at = now;
  token.expires_at = expires_at;
  made.secret = "omb_" + tx.mint() + tx.mint();
  put_account_token(tx, token, sha256_hex(made.secret));
  json::Writer out;
  out.begin_object().field("token", token.id).field("name", token.name);
  out.field("expires_at", to_rfc3339(expires_at)).end_object();
  note_audit(tx, account.id, "token_made", out.take());
  send_token_letter(tx, account, token, std::string(public_url) + "/account/tokens");
  return made;
}

bool end_token(Tx& tx, AccountId account, std::string_view id, std::string_view why) {
  for (const AccountToken& token : account_tokens_of(tx, account)) {
    if (token.id != id || !revoke_account_token(tx, account, id)) continue;
    note_end(tx, token, why);
    return true;
  }
  return false;
}

void end_tokens(Tx& tx, AccountId account, std::string_view why) {
  for (const AccountToken& token : account_tokens_of(tx, account)) {
    if (!is_live(token, tx.at())) continue;
    revoke_account_token(tx, account, token.id);
    note_end(tx, token, why);
  }
}

void end_tokens_beyond(Tx& tx, const Account& account) {
  for (const AccountToken& token : account_tokens_of(tx, account.id)) {
    if (!is_live(token, tx.at()) || stands(account, token)) continue;
    revoke_account_token(tx, account.id, token.id);
    note_end(tx, token, "role");
  }
}

}  // namespace ombud::identity
