// A provider as [[identity.oidc]] of ombud.toml describes it; cli/ reads and checks it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ombud::oidc {

struct ProviderSettings {
  std::string id;      // a key; part of /auth/oidc/<id>
  std::string name;    // on the button
  std::string issuer;  // exactly as the provider's ID tokens say it
  std::string client_id;
  std::string client_secret;  // empty: a public client, held by PKCE alone
  std::vector<std::string> scopes;
  std::vector<std::string> domains;  // lower case: e-mail addresses that it may speak for

  // Whose people they are. At most one of the two; neither: the desk's own people only.
  std::string customer;                          // all of them are this customer's
  std::string customer_claim;                    // or the claim that says whose …
  std::map<std::string, std::string> customers;  // … and which customer each of its values means

  // What they may do. Without `roles` the provider has no say in it: who is new becomes a user of
  // his customer, and what was given here stays.
  std::string roles_claim = "roles";
  std::map<std::string, std::string> roles;  // value of the claim → role, as words of the API
  std::string verified_claim = "email_verified";
  bool create_accounts = false;
  std::string team = "desk";  // of agents whose accounts it creates

  friend bool operator==(const ProviderSettings&, const ProviderSettings&) = default;
};

// Roles that `roles` may give, from the least to the most: within a customer, and at the desk.
inline constexpr std::string_view kMemberRoles[] = {"user", "approver", "manager"};
inline constexpr std::string_view kStaffRoles[] = {"agent", "lead", "operator", "admin"};

// 0 is the least; -1: not one of these.
int member_rank(std::string_view role);
int staff_rank(std::string_view role);

}  // namespace ombud::oidc
