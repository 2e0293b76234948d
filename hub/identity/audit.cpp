#include "identity/audit.hpp"

namespace ombud::identity {

void note_audit(Tx& tx, AccountId account, std::string_view type, std::string_view data) {
  append_account_event(tx, account, type, data);
}

}  // namespace ombud::identity
