// Who acts, and what that allows. Every transaction carries one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/ids.hpp"

namespace ombud {

enum class Role {
  user,       // a person at a customer: own tickets (approver: the customer's orders, later)
  agent,      // the provider's desk: tickets of all customers
  operator_,  // runs Ombud: links and deliveries, and what an agent may read
  admin,      // everything
  system,     // the hub itself: mail intake, pollers, timers
  customer,   // a customer's own system: all tickets of its organisation, as their users see them
  supplier,   // a supplier's own system: what was handed over by its links, and nothing else
};
std::string_view to_text(Role role);
std::optional<Role> role_from(std::string_view text);

struct Principal {
  Role role = Role::user;
  // Only what belongs to this customer exists for the principal; none: all customers.
  std::optional<std::string> tenant;
  PersonId person;                 // for Role::user
  std::vector<std::string> links;  // for Role::supplier
  std::string agent;  // agent key for Role::agent, token name for operator, admin and systems
  std::string name;   // how the log shows it

  // "agent:anna", "user:17", "system:mail", "customer:alfa:itsm", "supplier:nordprint:itsm": what
  // events record, and whose an Idempotency-Key or an external id is.
  std::string actor() const;
  bool works_desk() const {
    return role == Role::agent || role == Role::admin || role == Role::system;
  }
  bool operates() const {
    return role == Role::operator_ || role == Role::admin || role == Role::system;
  }
  // Sees internal notes and supplier threads.
  bool inside() const { return works_desk() || operates(); }
  // Speaks for the customer: a person, or the organisation's own system.
  bool is_customer() const { return role == Role::user || role == Role::customer; }
  bool owns_link(std::string_view link) const;  // a supplier's system, and it is its link
};

Principal system_principal(std::string part);

}  // namespace ombud
