// Tokens that somebody makes for programs of his own: for how long they are good, and what ends
// them. One transaction each.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "store/identity.hpp"

namespace ombud::identity {

struct NewToken {
  std::string name;
  std::optional<std::string> customer;  // as the person of this customer; none: as the desk's
  std::vector<std::string> scopes;      // names of permissions that he has
  std::optional<Instant> expires_at;    // none: kTokenFor from now
};
struct MadeToken {
  AccountToken token;
  std::string secret;  // shown once; only its digest is kept
};
// Its owner is told by mail, with a link to `public_url`, where the desk sends any. Refused: an end
// in the past or beyond kTokenForMost (invalid, /expires_at), too many (conflict).
Result<MadeToken> make_token(Tx& tx, const Account& account, const NewToken& wanted,
                             std::string_view public_url);

// True: it was one of the account's, and is good no more.
bool end_token(Tx& tx, AccountId account, std::string_view id, std::string_view why);
// All of them. `why` is for the audit log.
void end_tokens(Tx& tx, AccountId account, std::string_view why);
// Those that were made for something that the account may no longer: a role or a membership on
// which a token stood is gone, and does not wake it when it comes back.
void end_tokens_beyond(Tx& tx, const Account& account);

}  // namespace ombud::identity
