// Who may do what: one table of permissions and roles, which the HTTP routes, the desk, the OpenAPI
// description and `GET /permissions` all read. What somebody sees of it (his own tickets, his
// organisation's) is the tenant's business and the desk's, not the table's.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "domain/principal.hpp"

namespace ombud {

// In the order of the table in policy.cpp.
enum class Permission : std::uint8_t {
  anyone,  // also without a token or a session
  known,   // everybody who is known, suppliers' systems too
  account_own,
  account_read,
  account_write,
  agreement_read,
  agreement_write,
  approver_name,
  article_publish,
  article_read,
  article_write,
  audit_read,
  configuration_operate,
  customer_read,
  customer_write,
  delegation_read,
  delegation_work,
  delivery_operate,
  delivery_read,
  directory_read,
  directory_write,
  exchange_use,
  link_operate,
  link_read,
  mail_operate,
  mail_read,
  notice_log,
  notice_read,
  notice_work,
  order_approve,
  person_erase,
  person_read,
  person_write,
  policy_read,
  service_read,
  statistics_read,
  template_share,
  ticket_answer,
  ticket_log,
  ticket_read,
  ticket_reassign,
  ticket_register,
  ticket_work,
  token_manage,
  view_share,
  view_write,
};
inline constexpr std::size_t kPermissions = static_cast<std::size_t>(Permission::view_write) + 1;

struct PermissionRow {
  Permission permission;
  std::string_view name;   // "ticket.read"
  std::string_view about;  // one sentence
  std::uint32_t roles;     // bits of Role
  // Not for the provider's people who are limited to one customer.
  bool all_customers = false;

  bool has(Role role) const { return (roles >> static_cast<unsigned>(role) & 1U) != 0; }
};

// The whole table, by name; and one row of it.
std::span<const PermissionRow, kPermissions> permissions();
const PermissionRow& row_of(Permission permission);
std::optional<Permission> permission_from(std::string_view name);

// By role alone: what the desk asks of whoever acts. Scopes and tenants were asked at the door.
bool role_may(Role role, Permission permission);
// By role, tenant and the scopes of the token that he came with.
bool may(const Principal& principal, Permission permission);
// All that he may, in the table's order, without `anyone`.
std::vector<Permission> permissions_of(const Principal& principal);

constexpr std::uint64_t scope_of(Permission permission) {
  return std::uint64_t{1} << static_cast<unsigned>(permission);
}
static_assert(kPermissions <= 64, "Principal::scopes has one bit for each");

}  // namespace ombud
