#include "identity/audit.hpp"

#include "store/audit.hpp"

namespace ombud::identity {

void note_audit(Tx& tx, AccountId account, std::string_view type, std::string_view data) {
  record_audit(tx, "account." + std::string(type), "account", std::to_string(account.value), data);
}

}  // namespace ombud::identity
