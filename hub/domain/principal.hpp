// Who acts, and what that allows. Every transaction carries one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/ids.hpp"

namespace ombud {

enum class Role {
  user,       // a person at a customer: own tickets
  approver,   // a user who also says yes or no to his organisation's orders
  manager,    // a user who sees all tickets of his organisation, and its people
  agent,      // the provider's desk: tickets of all customers
  lead,       // an agent who leads a team
  operator_,  // runs Ombud: links and deliveries, and what an agent may read
  admin,      // everything
  system,     // the hub itself: mail intake, pollers, timers
  customer,   // a customer's own system: all tickets of its organisation, as their users see them
  supplier,   // a supplier's own system: what was handed over by its links, and nothing else
};
// All but `system`, which is never given out.
inline constexpr Role kRoles[] = {Role::user,  Role::approver, Role::manager,
                                  Role::agent, Role::lead,     Role::operator_,
                                  Role::admin, Role::customer, Role::supplier};
std::string_view to_text(Role role);
std::optional<Role> role_from(std::string_view text);
// What a token of the directory may stand for; the other roles come with accounts.
std::optional<Role> token_role_from(std::string_view text);

struct Principal {
  Role role = Role::user;
  // Only what belongs to this customer exists for the principal; none: all customers.
  std::optional<std::string> tenant;
  PersonId person;                 // of a person at a customer
  std::vector<std::string> links;  // for Role::supplier
  // Agent key of the desk's people who have one, token name for operator, admin and systems.
  std::string agent;
  std::string name;   // how the log shows it
  AccountId account;  // 0: came with a token of the directory, or is no person at all
  // What the token he came with was made for: one bit a permission (policy.hpp).
  std::uint64_t scopes = ~std::uint64_t{0};

  // "agent:anna", "user:17", "system:mail", "customer:alfa:itsm", "supplier:nordprint:itsm": what
  // events record, and whose an Idempotency-Key or an external id is. A team lead acts as the agent
  // that he is, an approver or manager as the user.
  std::string actor() const;
  // A person at a customer.
  bool is_person() const {
    return role == Role::user || role == Role::approver || role == Role::manager;
  }
  // All tickets of the own organisation, not only those that he asked for himself.
  bool sees_whole_organisation() const { return role == Role::manager || role == Role::customer; }
  bool own_tickets_only() const { return is_person() && !sees_whole_organisation(); }
  // One of the desk's agents, with a key in the directory.
  bool is_agent() const { return role == Role::agent || role == Role::lead; }
  bool works_desk() const { return is_agent() || role == Role::admin || role == Role::system; }
  bool operates() const {
    return role == Role::operator_ || role == Role::admin || role == Role::system;
  }
  // Sees internal notes and supplier threads.
  bool inside() const { return works_desk() || operates(); }
  bool is_customer_system() const { return role == Role::customer; }
  bool is_supplier() const { return role == Role::supplier; }
  bool is_system() const { return role == Role::system; }
  // Speaks for the customer: a person, or the organisation's own system.
  bool is_customer() const { return is_person() || is_customer_system(); }
  bool owns_link(std::string_view link) const;  // a supplier's system, and it is its link
  bool operator==(const Principal&) const = default;
};

Principal system_principal(std::string part);
// Whom an actor() names, if it is a person at a customer; 0: it is not.
PersonId person_of_actor(std::string_view actor);

}  // namespace ombud
