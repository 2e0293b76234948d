// Links for a first or a new password: one-time, short-lived, of which only the digest is kept.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "store/identity.hpp"

namespace ombud::identity {

enum class Purpose { invitation, reset };

// A fresh token for the account. Those before it stay good, so that nobody makes somebody else's
// link worthless by asking for another: whoever asks in the owner's name holds to kResetsMax.
std::string make_reset(Tx& tx, const Account& account, Purpose purpose);
// Where its owner spends it: "https://desk.example/reset?token=…".
std::string reset_url(std::string_view public_url, std::string_view token);

// Whose token it is; refused (invalid, /token) when it is unknown, spent or too old, or its account
// is disabled.
Result<Account> account_of_reset(Tx& tx, std::string_view token);
// Spends it: the password is reset. Refused as above.
Result<Account> redeem(Tx& tx, std::string_view token, const std::string& hashed);

// The account's password from now on; every session but `stays` ends, and so do mailed links.
void set_password(Tx& tx, Account& account, const std::string& hashed, std::string_view stays);
// The same by somebody who did not know the one before: every session ends, and every token that
// whoever knew it may have made.
void reset_password(Tx& tx, Account& account, const std::string& hashed);

}  // namespace ombud::identity
