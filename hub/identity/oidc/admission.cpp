#include "identity/oidc/admission.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.hpp"
#include "domain/ids.hpp"
#include "identity/accounts.hpp"
#include "identity/audit.hpp"
#include "identity/oidc/text.hpp"
#include "store/account_subjects.hpp"
#include "store/directory.hpp"

namespace ombud::oidc {
namespace {

constexpr int kAgentKeysTried = 100;
constexpr std::size_t kAgentKeyBytesMax = 60;  // room for a number behind it

Admission refuse(Trouble trouble, std::string detail) {
  return {{}, Failure{trouble, std::move(detail)}};
}

std::string name_of(AccountId account) {
  return "account " + std::to_string(account.value);
}

std::string audit_of(const ProviderSettings& provider, const Identity& who) {
  json::Writer out;
  out.begin_object()
      .field("provider", provider.id)
      .field("issuer", who.issuer)
      .field("subject", who.subject)
      .end_object();
  return out.take();
}

// What it may that this provider has no business with; nothing if there is nothing.
std::optional<std::string> foreign_right(const Account& account, const ProviderSettings& provider) {
  if (account.staff && !is_for_staff(provider)) {
    return "is one of the desk's, for whom this provider does not speak";
  }
  for (const Membership& one : account.memberships) {
    if (!is_for_customer(provider, one.customer)) {
      return fmt::format("belongs to {}, for which this provider does not speak", one.customer);
    }
  }
  return std::nullopt;
}

// "erik.ek@…" → "erik.ek", or with a number behind it. The agent of that address, if there is one.
std::optional<std::string> agent_key(Tx& tx, const Identity& who) {
  std::string wanted;
  for (const char c : who.email.substr(0, who.email.find('@'))) {
    const bool fits = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (fits || (!wanted.empty() && (c == '-' || c == '_' || c == '.'))) wanted += c;
  }
  wanted = wanted.empty() ? "agent" : wanted.substr(0, kAgentKeyBytesMax);
  for (int number = 1; number <= kAgentKeysTried; ++number) {
    const std::string key = number == 1 ? wanted : fmt::format("{}-{}", wanted, number);
    const auto agent = find_agent(tx, key);
    if (!agent || (lower_ascii(agent->email) == who.email && !account_of_agent(tx, key))) {
      return key;
    }
  }
  return std::nullopt;
}

Role role_of(std::string_view text) {
  return role_from(text).value_or(Role::user);
}

std::optional<identity::NewStaff> wanted_staff(Tx& tx, const Account& account,
                                               const ProviderSettings& provider,
                                               const Identity& who, const Entitlement& may) {
  if (may.staff_role.empty()) return std::nullopt;
  identity::NewStaff staff;
  staff.role = role_of(may.staff_role);
  if (account.staff) {
    staff.agent = account.staff->agent;
    staff.tenant = account.staff->tenant.value_or("");
    // Somebody limited him to one customer, which only agents and leads can be.
    if (!staff.tenant.empty() && staff.role != Role::agent) staff.role = Role::lead;
    return staff;
  }
  const auto key = agent_key(tx, who);
  if (!key) return std::nullopt;
  staff.agent = *key;
  if (!find_agent(tx, *key)) staff.team = provider.team;
  return staff;
}

bool names_approvers(const ProviderSettings& provider) {
  return std::any_of(provider.roles.begin(), provider.roles.end(),
                     [](const auto& entry) { return role_of(entry.second) == Role::approver; });
}

// Where the provider does not decide what people are, they stay it: as members, or, joining only
// now, as the directory calls the person of that address. So do approvers where it decides, but
// has no word for them.
std::vector<identity::NewMembership> wanted_memberships(Tx& tx, const Account& account,
                                                        const ProviderSettings& provider,
                                                        const Identity& who,
                                                        const Entitlement& may) {
  if (may.customer.empty()) return {};
  identity::NewMembership wanted{may.customer, role_of(may.member_role)};
  const bool decides = decides_roles(provider);
  if (decides && (wanted.role != Role::user || names_approvers(provider))) return {wanted};
  for (const Membership& known : account.memberships) {
    if (known.customer != may.customer) continue;
    const auto person = find_person(tx, known.person);
    if (!decides) {
      wanted.role = known.role;
    } else if (person && person->approver) {
      wanted.role = Role::approver;
    }
    return {wanted};
  }
  const std::string& email = account.id.value != 0 ? account.email : who.email;
  for (const Person& known : people_of_email(tx, email)) {
    const bool approver = known.customer == may.customer && known.approver;
    if (approver && wanted.role == Role::user) wanted.role = Role::approver;
  }
  return {wanted};
}

bool same(const std::optional<Staff>& has, const std::optional<identity::NewStaff>& wanted) {
  if (has.has_value() != wanted.has_value()) return false;
  return !has || (has->agent == wanted->agent && has->role == wanted->role);
}

bool same(const std::vector<Membership>& has, const std::vector<identity::NewMembership>& wanted) {
  return std::equal(has.begin(), has.end(), wanted.begin(), wanted.end(),
                    [](const Membership& one, const identity::NewMembership& other) {
                      return one.customer == other.customer && one.role == other.role;
                    });
}

// Makes its roles what they shall be.
Result<Admission> set_roles(Tx& tx, Account account, const ProviderSettings& provider,
                            const Identity& who, const Entitlement& may) {
  identity::AccountChange change;
  if (decides_roles(provider) && is_for_staff(provider)) {
    auto staff = wanted_staff(tx, account, provider, who, may);
    if (!same(account.staff, staff)) change.staff.emplace(std::move(staff));
  }
  auto memberships = wanted_memberships(tx, account, provider, who, may);
  if (!same(account.memberships, memberships)) change.memberships = std::move(memberships);
  if (change.staff || change.memberships) {
    auto changed = identity::change(tx, account.id, change, std::nullopt);
    if (!changed) return changed.error();
    account = std::move(*changed);
  }
  if (!account.staff && account.memberships.empty()) {
    end_sessions(tx, account.id, "");
    return refuse(Trouble::no_role,
                  fmt::format("the provider's claims give {} no role here", name_of(account.id)));
  }
  return Admission{std::move(account), std::nullopt};
}

Result<Admission> create(Tx& tx, const ProviderSettings& provider, const Identity& who,
                         const Entitlement& may) {
  identity::NewAccount wanted;
  wanted.email = who.email;
  wanted.name = who.name;
  wanted.staff = wanted_staff(tx, Account{}, provider, who, may);
  wanted.memberships = wanted_memberships(tx, Account{}, provider, who, may);
  if (!wanted.staff && wanted.memberships.empty()) {
    return refuse(Trouble::no_role, "the provider's claims give this person no role here");
  }
  auto made = identity::add(tx, wanted);
  if (!made) return made.error();
  if (!who.language.empty()) {
    made->language = who.language;
    update_account(tx, *made);
    ++made->version;
  }
  return Admission{std::move(*made), std::nullopt};
}

}  // namespace

Result<Admission> admit(Tx& tx, const ProviderSettings& provider, const Identity& who,
                        const Entitlement& may) {
  const auto known = find_subject(tx, who.issuer, who.subject);
  AccountSubject subject{who.issuer, who.subject, known ? known->account : AccountId{},
                         provider.id};
  std::optional<Account> account;
  if (known) {
    account = find_account(tx, known->account);
  } else if (!who.email_verified) {
    return refuse(Trouble::email,
                  "nobody is linked to this subject yet, and its e-mail address is missing, not "
                  "verified by the provider, or not in the provider's domains");
  } else {
    account = find_account_of_email(tx, who.email);
    // The address may have been given to somebody else there.
    if (account && subject_of_account(tx, account->id, who.issuer)) {
      return refuse(Trouble::not_linked, name_of(account->id) +
                                             " with this e-mail address is "
                                             "another subject of this provider");
    }
  }
  if (!account && !provider.create_accounts) {
    return refuse(Trouble::no_account,
                  "there is no account with this e-mail address, and this "
                  "provider's people get none (create_accounts)");
  }
  if (account && account->disabled_at) {
    return refuse(Trouble::disabled, name_of(account->id) + " is disabled");
  }
  if (account) {
    if (const auto foreign = foreign_right(*account, provider)) {
      return refuse(Trouble::not_linked, name_of(account->id) + " " + *foreign);
    }
  }
  auto admission = account ? set_roles(tx, std::move(*account), provider, who, may)
                           : create(tx, provider, who, may);
  if (!admission || admission->refused) return admission;
  const AccountId id = admission->account.id;
  if (known) {
    touch_subject(tx, subject);
  } else {
    subject.account = id;
    add_subject(tx, subject);
    identity::note_audit(tx, id, "provider_linked", audit_of(provider, who));
  }
  identity::note_audit(tx, id, "signed_in", audit_of(provider, who));
  return admission;
}

}  // namespace ombud::oidc
