#include "domain/principal.hpp"

#include <algorithm>

namespace ombud {

std::string_view to_text(Role role) {
  switch (role) {
    case Role::user:
      return "user";
    case Role::agent:
      return "agent";
    case Role::operator_:
      return "operator";
    case Role::admin:
      return "admin";
    case Role::system:
      return "system";
    case Role::customer:
      return "customer";
    case Role::supplier:
      return "supplier";
  }
  return "user";
}

std::optional<Role> role_from(std::string_view text) {
  for (const Role role :
       {Role::user, Role::agent, Role::operator_, Role::admin, Role::customer, Role::supplier}) {
    if (to_text(role) == text) return role;
  }
  return std::nullopt;  // "system" is never given out
}

std::string Principal::actor() const {
  if (role == Role::user) return "user:" + std::to_string(person.value);
  std::string who = std::string(to_text(role)) + ":";
  if (role == Role::customer) who += tenant.value_or("") + ":";
  if (role == Role::supplier) {
    for (const std::string& link : links) who += link + ":";
  }
  return who + agent;
}

bool Principal::owns_link(std::string_view link) const {
  return role == Role::supplier && std::find(links.begin(), links.end(), link) != links.end();
}

Principal system_principal(std::string part) {
  Principal principal;
  principal.role = Role::system;
  principal.agent = part;
  principal.name = std::move(part);
  return principal;
}

}  // namespace ombud
