// What a provider says of a person, in our words: pure functions over claims that have been
// checked.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "identity/oidc/settings.hpp"

namespace ombud::oidc {

// Who came.
struct Identity {
  std::string issuer, subject;
  std::string email;            // lower case; empty: none, or none that could be one
  bool email_verified = false;  // the provider says so, and the domain is one it may speak for
  std::string name;             // never empty
  std::string language;         // "sv", "en" or empty
};
Identity identity_of(json::View claims, const ProviderSettings& provider);

// What they may do, as far as this provider has a say in it.
struct Entitlement {
  std::string customer;     // empty: no customer's
  std::string member_role;  // there; empty: none
  std::string staff_role;   // at the desk; empty: none
  friend bool operator==(const Entitlement&, const Entitlement&) = default;
};
Entitlement entitlement_of(json::View claims, const ProviderSettings& provider);

// Whether the roles of its people are decided by the provider's claims, and not here.
bool decides_roles(const ProviderSettings& provider);
// Whether it may give roles at the desk, or let in people who have such a role.
bool is_for_staff(const ProviderSettings& provider);
// Whether people of this customer may come in by it.
bool is_for_customer(const ProviderSettings& provider, std::string_view customer);

// A claim by its name, or by steps: "realm_access.roles". Absent if there is none.
json::View claim_of(json::View claims, std::string_view name);
// Every claim that the two functions above look at and that is not there: worth asking for.
bool lacks_claims(json::View claims, const ProviderSettings& provider);

}  // namespace ombud::oidc
