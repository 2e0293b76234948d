// As whom providers of OpenID Connect know an account.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "store/store.hpp"

namespace ombud {

struct AccountSubject {
  std::string issuer, subject;
  AccountId account;
  std::string provider;  // id in ombud.toml
};

std::optional<AccountSubject> find_subject(Tx& tx, std::string_view issuer,
                                           std::string_view subject);
// As whom the issuer knows the account; nothing if it does not.
std::optional<AccountSubject> subject_of_account(Tx& tx, AccountId account,
                                                 std::string_view issuer);
bool has_subject(Tx& tx, AccountId account);  // of any issuer
// Inserts; the account must not have another subject of that issuer.
void add_subject(Tx& tx, const AccountSubject& subject);
void touch_subject(Tx& tx, const AccountSubject& subject);  // came at tx.at(), by its provider

}  // namespace ombud
