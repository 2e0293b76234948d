#include "identity/accounts.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "domain/policy.hpp"
#include "identity/audit.hpp"
#include "identity/limits.hpp"
#include "identity/tokens.hpp"
#include "store/directory.hpp"

namespace ombud::identity {
namespace {

std::string audit_of(const Account& account) {
  json::Writer out;
  out.begin_object().field("email", account.email).field("name", account.name);
  if (account.staff) {
    out.field("agent", account.staff->agent).field("role", to_text(account.staff->role));
    out.field_if("tenant", account.staff->tenant);
  }
  out.begin_array("memberships");
  for (const Membership& m : account.memberships) {
    out.begin_object().field("customer", m.customer).field("role", to_text(m.role)).end_object();
  }
  return out.end_array().end_object().take();
}

// The agent's key, with the agent in the directory.
Result<Staff> employ(Tx& tx, const NewStaff& wanted, const Account& account) {
  const auto holder = account_of_agent(tx, wanted.agent);
  if (holder && *holder != account.id) {
    return conflict("The agent " + wanted.agent + " has an account already.");
  }
  auto agent = find_agent(tx, wanted.agent);
  const bool made = !agent;
  if (made) agent = Agent{wanted.agent, account.name, account.email, "desk"};
  if (!wanted.team.empty()) agent->team = wanted.team;
  if (!find_team(tx, agent->team)) return invalid("/agent/team", "there is no such team");
  if (made || !wanted.team.empty()) put_agent(tx, *agent);
  Staff staff{wanted.agent, wanted.role, std::nullopt};
  if (!wanted.tenant.empty()) {
    if (!find_customer(tx, wanted.tenant)) {
      return invalid("/agent/tenant", "there is no such customer");
    }
    if (wanted.role != Role::agent && wanted.role != Role::lead) {
      return invalid("/agent/tenant", "limits agents and leads alone; leave it out");
    }
    staff.tenant = wanted.tenant;
  }
  return staff;
}

// The person that he is at that customer.
Result<Membership> join(Tx& tx, const NewMembership& wanted, const Account& account) {
  const auto customer = find_customer(tx, wanted.customer);
  if (!customer) return invalid("/memberships", "there is no customer " + wanted.customer);
  Person person;
  person.customer = wanted.customer;
  person.name = account.name;
  person.email = account.email;
  person.language = account.language.value_or(customer->language);
  for (const Person& known : people_of_email(tx, account.email)) {
    if (known.customer == wanted.customer) person = known;
  }
  person.id = put_person(tx, person);
  const auto holder = account_of_person(tx, person.id);
  if (holder && *holder != account.id) {
    return conflict("The person " + std::to_string(person.id.value) + " at " + wanted.customer +
                    " has another account already.");
  }
  const Role as_known = person.approver ? Role::approver : Role::user;
  return Membership{wanted.customer, customer->name, person.id, wanted.role.value_or(as_known)};
}

std::optional<Problem> set_memberships(Tx& tx, Account& account,
                                       const std::vector<NewMembership>& wanted) {
  for (const Membership& old : account.memberships) {
    const bool stays = std::any_of(wanted.begin(), wanted.end(), [&](const NewMembership& m) {
      return m.customer == old.customer;
    });
    if (stays) continue;
    remove_membership(tx, account.id, old.customer);
  }
  std::vector<Membership> before = std::move(account.memberships);
  account.memberships.clear();
  for (const NewMembership& one : wanted) {
    // He stays the person that he was there, whatever his address is by now.
    const auto known = std::find_if(before.begin(), before.end(), [&](const Membership& m) {
      return m.customer == one.customer;
    });
    auto membership =
        known != before.end()
            ? Result<Membership>(Membership{known->customer, known->customer_name, known->person,
                                            one.role.value_or(known->role)})
            : join(tx, one, account);
    if (!membership) return membership.error();
    put_membership(tx, account.id, *membership);
    account.memberships.push_back(std::move(*membership));
  }
  return std::nullopt;
}

std::optional<Problem> check_memberships(const std::vector<NewMembership>& wanted) {
  if (wanted.size() > kMembershipsMax) return invalid("/memberships", "are too many");
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (wanted[i].customer == wanted[j].customer) {
        return invalid("/memberships", "name " + wanted[i].customer + " twice");
      }
    }
  }
  return std::nullopt;
}

}  // namespace

Result<Account> add(Tx& tx, const NewAccount& wanted) {
  if (!wanted.staff && wanted.memberships.empty()) {
    return invalid("/memberships", "needs one, or an agent: else the account is nobody");
  }
  if (auto refused = check_memberships(wanted.memberships)) return *refused;
  if (find_account_of_email(tx, wanted.email)) {
    return conflict("There is an account with this e-mail address already.");
  }
  Account account;
  account.email = wanted.email;
  account.name = wanted.name;
  account.password = wanted.password;
  account.created_at = tx.at();
  if (wanted.staff) {
    auto staff = employ(tx, *wanted.staff, account);
    if (!staff) return staff.error();
    account.staff = std::move(*staff);
  }
  account.id = add_account(tx, account);
  if (auto refused = set_memberships(tx, account, wanted.memberships)) return *refused;
  note_audit(tx, account.id, "added", audit_of(account));
  return account;
}

Result<Account> change(Tx& tx, AccountId id, const AccountChange& what,
                       std::optional<std::int64_t> version) {
  auto account = find_account(tx, id);
  if (!account) return not_found("account");
  if (version && *version != account->version) {
    return problem(ProblemKind::stale,
                   "The account was changed in the meantime; read it again and repeat the change.");
  }
  if (tx.principal().account == id && (what.staff || what.memberships)) {
    return conflict("Nobody changes his own roles; ask another administrator.");
  }
  if (what.name) account->name = *what.name;
  if (what.email && *what.email != account->email) {
    if (find_account_of_email(tx, *what.email)) {
      return conflict("There is an account with this e-mail address already.");
    }
    account->email = *what.email;
    forget_resets(tx, id);  // they were mailed to the other address
  }
  if (what.staff) {
    account->staff.reset();
    if (*what.staff) {
      auto staff = employ(tx, **what.staff, *account);
      if (!staff) return staff.error();
      account->staff = std::move(*staff);
    }
  }
  if (what.memberships) {
    if (auto refused = check_memberships(*what.memberships)) return *refused;
    if (auto refused = set_memberships(tx, *account, *what.memberships)) return *refused;
  }
  update_account(tx, *account);
  ++account->version;
  note_audit(tx, id, "changed", audit_of(*account));
  if (what.staff || what.memberships) end_tokens_beyond(tx, *account);
  return std::move(*account);
}

Result<Account> set_disabled(Tx& tx, AccountId id, bool disabled) {
  auto account = find_account(tx, id);
  if (!account) return not_found("account");
  if (disabled && tx.principal().account == id) {
    return conflict("Nobody disables himself; ask another administrator.");
  }
  if (disabled == account->disabled_at.has_value()) return std::move(*account);
  account->disabled_at = disabled ? std::optional(tx.at()) : std::nullopt;
  update_account(tx, *account);
  ++account->version;
  if (disabled) {
    end_sessions(tx, id, "");
    forget_resets(tx, id);
  }
  note_audit(tx, id, disabled ? "disabled" : "enabled");
  if (disabled) end_tokens(tx, id, "disabled");
  return std::move(*account);
}

Result<Principal> principal_of(const Account& account, std::string_view customer) {
  Principal who;
  who.account = account.id;
  who.name = account.name;
  if (account.disabled_at) return problem(ProblemKind::forbidden, "This account is disabled.");
  if (customer.empty() && account.staff) {
    who.role = account.staff->role;
    who.agent = account.staff->agent;
    who.tenant = account.staff->tenant;
    return who;
  }
  for (const Membership& m : account.memberships) {
    if (!customer.empty() && m.customer != customer) continue;
    who.role = m.role == Role::user && m.stands_in ? Role::approver : m.role;
    who.tenant = m.customer;
    who.person = m.person;
    return who;
  }
  return problem(ProblemKind::forbidden, customer.empty()
                                             ? "This account belongs to no customer any more."
                                             : "You do not belong to this customer.");
}

Result<Principal> principal_of(const Account& account, const AccountToken& token) {
  if (!token.customer && !account.staff) {
    return problem(ProblemKind::forbidden,
                   "Whoever made this token is none of the desk's any more.");
  }
  auto who = principal_of(account, token.customer.value_or(""));
  if (!who) return who;
  who->scopes = 0;
  for (const std::string& name : token.scopes) {
    if (const auto permission = permission_from(name)) who->scopes |= scope_of(*permission);
  }
  who->scopes |= scope_of(Permission::known);
  who->scopes &= ~scope_of(Permission::account_own);
  return who;
}

std::string language_of(Tx& tx, const Account& account) {
  if (account.language) return *account.language;
  for (const Membership& m : account.memberships) {
    if (const auto person = find_person(tx, m.person)) return person->language;
  }
  return "sv";
}

}  // namespace ombud::identity
