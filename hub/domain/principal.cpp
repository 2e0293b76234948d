#include "domain/principal.hpp"

#include <algorithm>
#include <charconv>

namespace ombud {

std::string_view to_text(Role role) {
  switch (role) {
    case Role::user:
      return "user";
    case Role::approver:
      return "approver";
    case Role::manager:
      return "manager";
    case Role::agent:
      return "agent";
    case Role::lead:
      return "lead";
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
  for (const Role role : kRoles) {
    if (to_text(role) == text) return role;
  }
  return std::nullopt;
}

std::optional<Role> token_role_from(std::string_view text) {
  const auto role = role_from(text);
  const bool of_accounts = role == Role::approver || role == Role::manager || role == Role::lead;
  return of_accounts ? std::nullopt : role;
}

std::string Principal::actor() const {
  if (is_person()) return "user:" + std::to_string(person.value);
  std::string who = std::string(to_text(is_agent() ? Role::agent : role)) + ":";
  if (is_customer_system()) who += tenant.value_or("") + ":";
  if (is_supplier()) {
    for (const std::string& link : links) who += link + ":";
  }
  return who + agent;
}

bool Principal::owns_link(std::string_view link) const {
  return is_supplier() && std::find(links.begin(), links.end(), link) != links.end();
}

Principal system_principal(std::string part) {
  Principal principal;
  principal.role = Role::system;
  principal.agent = part;
  principal.name = std::move(part);
  return principal;
}

PersonId person_of_actor(std::string_view actor) {
  constexpr std::string_view kPerson = "user:";
  PersonId person;
  if (!actor.starts_with(kPerson)) return person;
  actor.remove_prefix(kPerson.size());
  const char* const end = actor.data() + actor.size();
  const auto read = std::from_chars(actor.data(), end, person.value);
  return read.ec == std::errc() && read.ptr == end ? person : PersonId{};
}

}  // namespace ombud
