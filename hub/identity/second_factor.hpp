// Setting up, using and losing the second factor of an account.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/random.hpp"
#include "store/identity.hpp"

namespace ombud::identity {

// A fresh secret, not asked for until a code of it has come; refused (conflict) where there is a
// confirmed one.
Result<Account> begin_totp(Tx& tx, AccountId account, const std::string& secret);
// The first code proves that the authenticator has it. `codes`: fresh recovery codes.
Result<Account> confirm_totp(Tx& tx, AccountId account, std::string_view code,
                             const std::vector<std::string>& codes);
// Takes it away, with its recovery codes.
void remove_totp(Tx& tx, Account& account);
// True: it is what the authenticator shows, and cannot be used again.
bool use_totp(Tx& tx, Account& account, std::string_view code);
// The same of a recovery code too.
bool use_code(Tx& tx, Account& account, std::string_view code);

}  // namespace ombud::identity
