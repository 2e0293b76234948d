#include "domain/policy.hpp"

#include <array>
#include <initializer_list>

namespace ombud {
namespace {

using enum Role;

constexpr std::uint32_t bits(std::initializer_list<Role> roles) {
  std::uint32_t all = 0;
  for (const Role role : roles) all |= 1U << static_cast<unsigned>(role);
  return all;
}

constexpr std::uint32_t kPeople = bits({user, approver, manager});
constexpr std::uint32_t kDesk = bits({agent, lead, admin});
constexpr std::uint32_t kInside = kDesk | bits({operator_});
constexpr std::uint32_t kOperators = bits({operator_, admin});
constexpr std::uint32_t kTicketParties = kPeople | kInside | bits({customer});
constexpr std::uint32_t kEverybody = kTicketParties | bits({supplier});

using P = Permission;
constexpr std::array<PermissionRow, kPermissions> kTable{{
    {P::anyone, "anyone", "Open to all, without signing in.", kEverybody},
    {P::known, "known", "Ask who one is.", kEverybody},
    {P::account_own, "account.own",
     "Care for the own account: sessions, password, second factor, tokens.", kPeople | kInside},
    {P::account_read, "account.read",
     "See accounts; a customer's manager sees those of the own organisation.",
     bits({manager, lead, admin}), true},
    {P::account_write, "account.write",
     "Make accounts, give roles, disable, reset passwords and second factors.", bits({admin}),
     true},
    {P::agreement_read, "agreement.read", "Read agreements with suppliers.", kInside},
    {P::agreement_write, "agreement.write", "Make and change agreements with suppliers.",
     kOperators, true},
    {P::approver_name, "approver.name",
     "Say who approves orders; a customer's manager in the own organisation.",
     bits({manager, lead, operator_, admin})},
    {P::article_publish, "article.publish", "Publish and archive articles.", kDesk},
    {P::article_read, "article.read", "Search and read guidance.", kTicketParties},
    {P::article_write, "article.write", "Draft and change articles.", kDesk},
    {P::audit_read, "audit.read", "Read who changed what.", kOperators, true},
    {P::configuration_operate, "configuration.operate", "Read the configuration anew.", kOperators,
     true},
    {P::customer_read, "customer.read", "Read customers.", kInside},
    {P::customer_write, "customer.write", "Add and change customers.", bits({admin}), true},
    {P::delegation_read, "delegation.read", "Read what was handed over to suppliers.", kInside},
    {P::delegation_work, "delegation.work",
     "Hand tickets over to suppliers, write to them, accept, reject, withdraw.", kDesk},
    {P::delivery_operate, "delivery.operate", "Retry, skip, park and confirm deliveries.",
     kOperators, true},
    {P::delivery_read, "delivery.read", "Read deliveries and their attempts.", kInside},
    {P::directory_read, "directory.read", "Read teams and agents.", kInside},
    {P::directory_write, "directory.write", "Add and change teams, agents and services.",
     bits({admin}), true},
    {P::exchange_use, "exchange.use", "Exchange tickets by TMF621.",
     kPeople | bits({customer, supplier})},
    {P::link_operate, "link.operate",
     "Pause, resume, restart, check, test and reconcile suppliers' links.", kOperators, true},
    {P::link_read, "link.read", "Read links and reconciliations.", kInside},
    {P::mail_operate, "mail.operate", "Have a mail read again.", kOperators, true},
    {P::mail_read, "mail.read", "Read mails that came in and what became of them.", kInside},
    {P::notice_log, "notice.log", "Read what happened to a notice.", kInside},
    {P::notice_read, "notice.read", "Read notices.", kTicketParties},
    {P::notice_work, "notice.work", "Publish, dismiss and promote notices.", kDesk},
    {P::order_approve, "order.approve", "Say yes or no to an order of the own organisation.",
     bits({approver, manager})},
    {P::person_erase, "person.erase",
     "Anonymise people of customers on request, and remove those that nothing refers to.",
     bits({lead, admin}), true},
    {P::person_read, "person.read",
     "Read people; a customer's manager reads those of the own organisation.",
     kInside | bits({manager})},
    {P::person_write, "person.write", "Add and change people of customers.", kDesk},
    {P::policy_read, "policy.read", "Read this table.", kTicketParties},
    {P::service_read, "service.read", "Read services.", kTicketParties},
    {P::statistics_read, "statistics.read",
     "Read statistics; a manager's are those of the own organisation.", kInside | bits({manager})},
    {P::template_share, "template.share", "Keep templates that all agents share.", kDesk},
    {P::ticket_answer, "ticket.answer", "Write in tickets, attach files, close and reopen them.",
     kTicketParties},
    {P::ticket_log, "ticket.log", "Read the whole log of a ticket.", kInside},
    {P::ticket_read, "ticket.read",
     "Read tickets: a person's own, a manager's organisation's, the desk's all.", kTicketParties},
    {P::ticket_reassign, "ticket.reassign",
     "Assign tickets to other teams than the own; whoever may not escalates with a reason.",
     bits({lead, admin})},
    {P::ticket_register, "ticket.register", "Register tickets.", kTicketParties},
    {P::ticket_work, "ticket.work", "Work tickets: change, assign, solve.", kDesk},
    {P::token_manage, "token.manage", "Issue and revoke tokens for systems.", bits({admin}), true},
    {P::view_share, "view.share", "Keep views that the whole desk shares.", bits({lead, admin}),
     true},
    {P::view_write, "view.write", "Keep views of one's own.", kInside},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kTable.size(); ++i) {
    if (kTable[i].permission != static_cast<Permission>(i)) return false;
  }
  return true;
}
static_assert(in_order(), "row_of finds a row by its permission's number");

}  // namespace

std::span<const PermissionRow, kPermissions> permissions() {
  return kTable;
}

const PermissionRow& row_of(Permission permission) {
  return kTable[static_cast<std::size_t>(permission)];
}

std::optional<Permission> permission_from(std::string_view name) {
  for (const PermissionRow& row : kTable) {
    if (row.name == name) return row.permission;
  }
  return std::nullopt;
}

bool role_may(Role role, Permission permission) {
  return role == Role::system || row_of(permission).has(role);
}

bool may(const Principal& principal, Permission permission) {
  if (permission == Permission::anyone) return true;
  if ((principal.scopes & scope_of(permission)) == 0 || !role_may(principal.role, permission)) {
    return false;
  }
  if (permission == Permission::account_own && principal.account.value == 0) return false;
  return !(row_of(permission).all_customers && principal.inside() && principal.tenant);
}

std::vector<Permission> permissions_of(const Principal& principal) {
  std::vector<Permission> all;
  for (const PermissionRow& row : kTable) {
    if (row.permission != Permission::anyone && may(principal, row.permission)) {
      all.push_back(row.permission);
    }
  }
  return all;
}

}  // namespace ombud
