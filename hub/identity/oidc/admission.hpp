// Who may come in as whom: from a provider's word to an account with the roles that it may have.
#pragma once

#include <optional>

#include "identity/oidc/claims.hpp"
#include "identity/oidc/outcome.hpp"
#include "store/identity.hpp"

namespace ombud::oidc {

struct Admission {
  Account account;                 // as it is now; only if nothing was refused
  std::optional<Failure> refused;  // commit all the same: what was taken away stays taken away
};

// One transaction, on behalf of the hub itself. The account is found by issuer and subject; else by
// e-mail, if the provider has verified it and may speak for its domain; else it is made, if the
// provider's people get accounts. Then its roles are made what the claims say, where the provider
// decides them. An account with rights that lie outside the provider's file does not come in by it:
// whoever runs a customer's provider must not become somebody elsewhere.
// Refused as a whole when the file names a customer or a team that is not there.
Result<Admission> admit(Tx& tx, const ProviderSettings& provider, const Identity& who,
                        const Entitlement& may);

}  // namespace ombud::oidc
