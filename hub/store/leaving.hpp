// Rows that leave the directory: what refers to one, its removal, and what of a person is replaced.
// Rules are in desk/leaving.hpp. A new table that names one of these has its line in `references`.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "store/store.hpp"

namespace ombud {

enum class Entry { customer, person, team, service, agent };

// So many of these name it; the words are what people call them.
struct Reference {
  std::string_view one, many;
  std::int64_t count = 0;
};
// Those that there are; empty: it can go. Keys of a person are his number as text. Tokens that were
// revoked or have expired do not count: they go with it.
std::vector<Reference> references(Tx& tx, Entry entry, std::string_view key);

// What it is removed from must have been asked before: the database refuses to break a reference.
void remove_entry(Tx& tx, Entry entry, std::string_view key);

// He is called `name` from now on and has neither address nor telephone; nobody finds him by what
// he was. His subscriptions end, his tokens are revoked, and letters to him that have not left
// never do (store/forgetting.hpp).
void anonymise_person(Tx& tx, PersonId person, std::string_view name);
// The account is nobody's any more: no sign-in, no second factor, no provider knows it.
void anonymise_account(Tx& tx, AccountId account, std::string_view name);
// Tickets that he asked for or takes part in.
std::int64_t count_tickets_of(Tx& tx, PersonId person);

}  // namespace ombud
