// What is noted about accounts: sign-ins, refusals, resets, changes of roles.
#pragma once

#include <string>
#include <string_view>

#include "store/identity.hpp"

namespace ombud::identity {

// In the transaction of what it tells about; `data` is a JSON object. Account 0: nobody's.
void note_audit(Tx& tx, AccountId account, std::string_view type, std::string_view data = "{}");

}  // namespace ombud::identity
