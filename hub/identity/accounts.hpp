// Accounts: who somebody is, and as whom he may act. Use cases as in desk/: one transaction each.
// Who may call them was asked at the door (domain/policy.hpp).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "identity/email.hpp"
#include "store/identity.hpp"

namespace ombud::identity {

// One of the provider's people. His agent is made where there is none of that key.
struct NewStaff {
  std::string agent;  // key
  std::string team;   // of an agent who is made; empty: "desk", or as he is
  Role role = Role::agent;
  std::string tenant;  // only this customer exists for him; empty: all
};
// His person at the customer is found by his e-mail address, or made.
struct NewMembership {
  std::string customer;
  // Nothing: what he is there already; joining only now, what the directory calls him.
  std::optional<Role> role = Role::user;
};
struct NewAccount {
  std::string email, name;
  std::optional<NewStaff> staff;
  std::vector<NewMembership> memberships;
  std::string password;  // argon2id; empty: none yet
};

// Refuses (conflict) an e-mail or an agent that has an account, (invalid) customers that are not
// there, and an account that is nobody.
Result<Account> add(Tx& tx, const NewAccount& wanted);

struct AccountChange {
  std::optional<std::string> name, email;
  std::optional<std::optional<NewStaff>> staff;           // of null: none of the desk's any more
  std::optional<std::vector<NewMembership>> memberships;  // exactly these
};
// Nobody changes his own roles. Tokens end that were for what he may no longer. `version`: refuses
// (stale) another one.
Result<Account> change(Tx& tx, AccountId id, const AccountChange& what,
                       std::optional<std::int64_t> version);
// Disabling ends every session and token; nobody disables himself.
Result<Account> set_disabled(Tx& tx, AccountId id, bool disabled);

// As whom he acts: as the person of `customer`; without one as the desk's, or if he is none as that
// of his first customer. Refused (forbidden) when he is nobody there; disabled ones always.
Result<Principal> principal_of(const Account& account, std::string_view customer);

// The same for a token that he made: only what it is for, never more than he may today.
Result<Principal> principal_of(const Account& account, const AccountToken& token);

// In which language to write to him: his own choice, else that of his person, else Swedish.
std::string language_of(Tx& tx, const Account& account);

}  // namespace ombud::identity
