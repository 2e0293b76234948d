// The one table: who may what, by role, tenant and scope.
#include "domain/policy.hpp"

#include <gtest/gtest.h>

#include <set>

namespace ombud {
namespace {

Principal of(Role role) {
  Principal who;
  who.role = role;
  return who;
}

TEST(Policy, EveryPermissionHasANameASentenceAndSomebody) {
  std::set<std::string_view> names;
  for (const PermissionRow& row : permissions()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_TRUE(row.about.ends_with(".")) << row.name;
    EXPECT_NE(row.roles, 0U) << row.name;
    EXPECT_EQ(permission_from(row.name), row.permission);
    EXPECT_EQ(&row_of(row.permission), &row);
  }
  EXPECT_FALSE(permission_from("ticket.everything"));
}

TEST(Policy, WhoMayMoreMayEverythingThatOthersOfHisKindMay) {
  for (const PermissionRow& row : permissions()) {
    EXPECT_TRUE(!row.has(Role::user) || row.has(Role::approver)) << row.name;
    EXPECT_TRUE(!row.has(Role::user) || row.has(Role::manager)) << row.name;
    EXPECT_TRUE(!row.has(Role::agent) || row.has(Role::lead)) << row.name;
    // Exchange and approval are a customer's or a supplier's; everything else an administrator's.
    const bool outside =
        row.permission == Permission::exchange_use || row.permission == Permission::order_approve;
    EXPECT_EQ(row.has(Role::admin), !outside) << row.name;
    EXPECT_FALSE(row.has(Role::system)) << row.name << ": it is never given out";
    EXPECT_TRUE(role_may(Role::system, row.permission));
  }
}

TEST(Policy, WhoSaysWhoApprovesDoesNotWorkTicketsAlone) {
  const PermissionRow& row = row_of(Permission::approver_name);
  for (const Role role : kRoles) {
    const bool names = role == Role::manager || role == Role::lead || role == Role::operator_ ||
                       role == Role::admin;
    EXPECT_EQ(row.has(role), names) << to_text(role);
  }
}

TEST(Policy, ASupplierHasItsExchangeAndNothingElse) {
  std::set<std::string_view> allowed;
  for (const Permission permission : permissions_of(of(Role::supplier))) {
    allowed.insert(row_of(permission).name);
  }
  EXPECT_EQ(allowed, (std::set<std::string_view>{"known", "exchange.use"}));
}

TEST(Policy, WhoServesOneCustomerIsKeptFromWhatConcernsAll) {
  Principal limited = of(Role::lead);
  limited.tenant = "alfa";
  EXPECT_TRUE(may(limited, Permission::ticket_work));
  EXPECT_FALSE(may(limited, Permission::account_read));
  EXPECT_TRUE(may(of(Role::lead), Permission::account_read));
  Principal manager = of(Role::manager);  // always of one customer: it is his own
  manager.tenant = "alfa";
  EXPECT_TRUE(may(manager, Permission::account_read));
}

TEST(Policy, AScopeTakesAwayAndNeverGives) {
  Principal who = of(Role::agent);
  who.scopes = scope_of(Permission::ticket_read) | scope_of(Permission::token_manage);
  EXPECT_TRUE(may(who, Permission::ticket_read));
  EXPECT_FALSE(may(who, Permission::ticket_work));
  EXPECT_FALSE(may(who, Permission::token_manage));
}

TEST(Policy, AnOwnAccountNeedsAnAccount) {
  Principal who = of(Role::admin);
  EXPECT_FALSE(may(who, Permission::account_own));
  who.account = {7};
  EXPECT_TRUE(may(who, Permission::account_own));
}

TEST(Policy, RolesReadAsTheyAreWritten) {
  for (const Role role : kRoles) EXPECT_EQ(role_from(to_text(role)), role);
  EXPECT_FALSE(role_from("system")) << "it is never given out";
  for (const Role role : {Role::approver, Role::manager, Role::lead}) {
    EXPECT_FALSE(token_role_from(to_text(role))) << "these come with accounts";
  }
  EXPECT_TRUE(token_role_from("agent"));
}

TEST(Principal, ActsAsTheAgentOrThePersonThatHeIs) {
  Principal lead = of(Role::lead);
  lead.agent = "lena";
  EXPECT_EQ(lead.actor(), "agent:lena");
  Principal manager = of(Role::manager);
  manager.person = {17};
  EXPECT_EQ(manager.actor(), "user:17");
  EXPECT_TRUE(manager.sees_whole_organisation());
  EXPECT_TRUE(of(Role::approver).own_tickets_only());
  EXPECT_FALSE(of(Role::customer).is_person());
  EXPECT_FALSE(manager.inside());
}

}  // namespace
}  // namespace ombud
