#include "domain/principal.hpp"

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
  }
  return "user";
}

std::optional<Role> role_from(std::string_view text) {
  for (const Role role : {Role::user, Role::agent, Role::operator_, Role::admin}) {
    if (to_text(role) == text) return role;
  }
  return std::nullopt;  // "system" is never given out
}

std::string Principal::actor() const {
  if (role == Role::user) return "user:" + std::to_string(person.value);
  return std::string(to_text(role)) + ":" + agent;
}

Principal system_principal(std::string part) {
  Principal principal;
  principal.role = Role::system;
  principal.agent = part;
  principal.name = std::move(part);
  return principal;
}

}  // namespace ombud
