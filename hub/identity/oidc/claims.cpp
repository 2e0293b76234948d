#include "identity/oidc/claims.hpp"

#include <algorithm>

#include "base/bytes.hpp"
#include "identity/email.hpp"
#include "identity/oidc/limits.hpp"
#include "identity/oidc/text.hpp"

namespace ombud::oidc {
namespace {

// In lower case, if it is an address; else empty. One that only looks like another's until it is
// brought into the form that accounts have (a Kelvin sign for a k) was verified for somebody else.
std::string email_from(std::string_view text) {
  const auto email = identity::email_from(text);
  return email && *email == lower_ascii(text) ? *email : std::string();
}

// Providers say it as true, as "true" (Cognito) and as 1 (Entra).
bool is_true(json::View value) {
  return value.boolean() || value.text() == "true" || value.integer() == 1;
}

// One line without control characters.
std::string name_from(std::string_view text) {
  std::string name;
  for (const char c : text) {
    const bool space = static_cast<unsigned char>(c) <= 0x20 || c == 0x7F;
    if (!space) {
      name += c;
    } else if (!name.empty() && name.back() != ' ') {
      name += ' ';
    }
  }
  while (!name.empty() && name.back() == ' ') name.pop_back();
  return std::string(cut_utf8(name, kNameBytesMax));
}

std::string name_of(json::View claims, const std::string& email) {
  std::string name = name_from(claims["name"].text());
  if (name.empty()) {
    name = name_from(std::string(claims["given_name"].text()) + " " +
                     std::string(claims["family_name"].text()));
  }
  if (name.empty()) name = name_from(claims["preferred_username"].text());
  if (name.empty()) name = email.substr(0, email.find('@'));
  return name.empty() ? std::string(cut_utf8(claims["sub"].text(), kNameBytesMax)) : name;
}

bool has_mapping_for(const ProviderSettings& provider, int (*rank)(std::string_view)) {
  return std::any_of(provider.roles.begin(), provider.roles.end(),
                     [rank](const auto& entry) { return rank(entry.second) >= 0; });
}

void raise(std::string& role, const std::string& to, int (*rank)(std::string_view)) {
  if (rank(to) > rank(role)) role = to;
}

std::string customer_of(json::View claims, const ProviderSettings& provider) {
  if (provider.customer_claim.empty()) return provider.customer;
  const json::View value = claim_of(claims, provider.customer_claim);
  const auto found = provider.customers.find(std::string(value.text()));
  return value.is_text() && found != provider.customers.end() ? found->second : std::string();
}

}  // namespace

json::View claim_of(json::View claims, std::string_view name) {
  if (claims[name].present()) return claims[name];  // "https://app.example/roles"
  json::View at = claims;
  for (std::size_t steps = 0; steps < kClaimPathMax; ++steps) {
    const std::string_view step = name.substr(0, name.find('.'));
    at = at[step];
    if (step.size() == name.size()) return at;
    name.remove_prefix(step.size() + 1);
  }
  return {};
}

bool lacks_claims(json::View claims, const ProviderSettings& provider) {
  const auto lacks = [&](std::string_view name) { return !claim_of(claims, name).present(); };
  return lacks("email") || lacks(provider.verified_claim) || lacks("name") ||
         (!provider.roles.empty() && lacks(provider.roles_claim)) ||
         (!provider.customer_claim.empty() && lacks(provider.customer_claim));
}

bool decides_roles(const ProviderSettings& provider) {
  return !provider.roles.empty();
}

bool is_for_staff(const ProviderSettings& provider) {
  const bool no_customers = provider.customer.empty() && provider.customers.empty();
  return decides_roles(provider) ? has_mapping_for(provider, &staff_rank) : no_customers;
}

bool is_for_customer(const ProviderSettings& provider, std::string_view customer) {
  if (customer.empty()) return false;
  if (provider.customer == customer) return true;
  return std::any_of(provider.customers.begin(), provider.customers.end(),
                     [&](const auto& entry) { return entry.second == customer; });
}

Identity identity_of(json::View claims, const ProviderSettings& provider) {
  Identity who;
  who.issuer = provider.issuer;
  who.subject = claims["sub"].text();
  who.email = email_from(claims["email"].text());
  const std::string domain = who.email.substr(who.email.find('@') + 1);
  const bool ours =
      std::find(provider.domains.begin(), provider.domains.end(), domain) != provider.domains.end();
  who.email_verified =
      !who.email.empty() && ours && is_true(claim_of(claims, provider.verified_claim));
  who.name = name_of(claims, who.email);
  const std::string locale = lower_ascii(claims["locale"].text()).substr(0, 2);
  if (locale == "sv" || locale == "en") who.language = locale;
  return who;
}

Entitlement entitlement_of(json::View claims, const ProviderSettings& provider) {
  Entitlement may;
  may.customer = customer_of(claims, provider);
  if (!may.customer.empty()) may.member_role = kMemberRoles[0];
  const auto take = [&](std::string_view value) {
    const auto found = provider.roles.find(std::string(value));
    if (found == provider.roles.end()) return;
    if (!may.customer.empty()) raise(may.member_role, found->second, &member_rank);
    raise(may.staff_role, found->second, &staff_rank);
  };
  const json::View values = claim_of(claims, provider.roles_claim);
  if (values.is_text()) take(values.text());
  for (std::size_t i = 0; values.is_array() && i < std::min(values.size(), kClaimValuesMax); ++i) {
    if (values.at(i).is_text()) take(values.at(i).text());
  }
  return may;
}

}  // namespace ombud::oidc
