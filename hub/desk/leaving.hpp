// What leaves the directory. Who may was asked at the door.
#pragma once

#include <string_view>

#include "base/result.hpp"
#include "store/leaving.hpp"

namespace ombud::desk {

// Refused (conflict) while anything refers to it: the refusal says what, and how many. What stands
// in the log and in the audit is no reference: it stays, with the key.
Result<void> remove_from_directory(Tx& tx, Entry entry, std::string_view key);

// A person of a customer asked to be forgotten. Name, address and telephone in the directory are
// replaced, his account ends unless it is also somebody else's (of another customer, of the desk),
// and so do his tokens and subscriptions. Tickets stay, with all that was said in them: the log is
// only appended to. Once more does no harm.
struct Erased {
  std::int64_t tickets = 0;  // that he asked for or takes part in
  enum class Account { none, ended, left } account = Account::none;
};
Result<Erased> erase_person(Tx& tx, PersonId person);

}  // namespace ombud::desk
