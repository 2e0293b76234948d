// Who acts, and what that allows. Every transaction carries one.
#pragma once

#include <optional>
#include <string>

#include "domain/ids.hpp"

namespace ombud {

enum class Role {
  user,       // a person at a customer: own tickets (approver: the customer's orders, later)
  agent,      // the provider's desk: tickets of all customers
  operator_,  // runs Ombud: links and deliveries, and what an agent may read
  admin,      // everything
  system,     // the hub itself: mail intake, pollers, timers
};
std::string_view to_text(Role role);
std::optional<Role> role_from(std::string_view text);

struct Principal {
  Role role = Role::user;
  // Only what belongs to this customer exists for the principal; none: all customers.
  std::optional<std::string> tenant;
  PersonId person;    // for Role::user
  std::string agent;  // agent key for Role::agent, token name for operator and admin
  std::string name;   // how the log shows it

  // "agent:anna", "user:17", "system:mail": what events record.
  std::string actor() const;
  bool works_desk() const {
    return role == Role::agent || role == Role::admin || role == Role::system;
  }
  bool operates() const {
    return role == Role::operator_ || role == Role::admin || role == Role::system;
  }
  // Sees internal notes and supplier threads.
  bool inside() const { return role != Role::user; }
};

Principal system_principal(std::string part);

}  // namespace ombud
