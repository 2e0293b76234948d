// Accounts: who somebody is, and what he cannot do to himself.
#include "identity/accounts.hpp"

#include <gtest/gtest.h>

#include "base/bytes.hpp"
#include "domain/policy.hpp"
#include "identity/sessions.hpp"
#include "store/directory.hpp"
#include "support/memory_store.hpp"
#include "support/sim_clock.hpp"

namespace ombud::identity {
namespace {

class AccountsTest : public ::testing::Test {
 protected:
  AccountsTest() {
    bytes_init();
    store_.run(system_principal("test"), [](Tx& tx) {
      put_customer(tx, {"alfa", "Alfa AB", {}, "en"});
      put_customer(tx, {"beta", "Beta AB", {}, "sv"});
      return 0;
    });
  }
  template <class F>
  auto as_system(F f) {
    return store_.run(system_principal("test"), f);
  }
  Result<Account> person(const std::string& email, std::vector<NewMembership> memberships) {
    return as_system([&](Tx& tx) {
      NewAccount account;
      account.email = email;
      account.name = "Eva Ek";
      account.memberships = memberships;
      return add(tx, account);
    });
  }
  Result<Account> staff(const std::string& email, NewStaff who) {
    return as_system([&](Tx& tx) {
      NewAccount account;
      account.email = email;
      account.name = "Anna Alm";
      account.staff = who;
      return add(tx, account);
    });
  }

  SimClock clock_{instant_of(1'800'000'000'000)};
  test::SeededRandom random_{1};
  test::MemoryStore store_{clock_, random_};
};

TEST(Email, IsReadInLowerCaseAndAlone) {
  EXPECT_EQ(email_from(" Erik.Ek@Alfa.Example "), "erik.ek@alfa.example");
  for (const std::string& wrong :
       {std::string(), std::string("erik"), std::string("@alfa"), std::string("erik@"),
        std::string("a@b@c"), std::string("Erik <e@a.example>"),
        std::string("e@a.example\r\nBcc: x"), std::string("a,b@c.example"),
        std::string(250, 'a') + "@a.example"}) {
    EXPECT_FALSE(email_from(wrong)) << wrong;
  }
}

TEST_F(AccountsTest, APersonWhoIsKnownByHisAddressIsTheSameOne) {
  const PersonId known = as_system([](Tx& tx) {
    return put_person(tx, {{}, "alfa", "Eva", "eva@alfa.example", "+46 70", "sv", false});
  });
  const Account account =
      person("eva@alfa.example", {{"alfa", Role::approver}, {"beta", Role::user}}).value();
  ASSERT_EQ(account.memberships.size(), 2U);
  EXPECT_EQ(account.memberships[0].person, known);
  const auto kept = as_system([&](Tx& tx) { return *find_person(tx, known); });
  EXPECT_EQ(kept.phone, "+46 70");
  EXPECT_EQ(kept.name, "Eva");
  EXPECT_TRUE(kept.approver);
  EXPECT_EQ(as_system([&](Tx& tx) { return language_of(tx, account); }), "sv");
}

TEST_F(AccountsTest, WhoBelongsToACustomerNoMoreApprovesNothingThere) {
  Account account =
      person("eva@alfa.example", {{"alfa", Role::approver}, {"beta", Role::user}}).value();
  const PersonId at_alfa = account.memberships[0].person;
  const auto approves = [&] {
    return as_system([&](Tx& tx) { return find_person(tx, at_alfa)->approver; });
  };
  const auto move_to = [&](std::vector<NewMembership> memberships) {
    AccountChange what;
    what.memberships = std::move(memberships);
    return as_system(
        [&](Tx& tx) { return change(tx, account.id, what, std::nullopt).has_value(); });
  };
  EXPECT_TRUE(approves());
  ASSERT_TRUE(move_to({{"beta", Role::user}}));
  EXPECT_FALSE(approves());
  // Whatever the person was made in the meantime: the role that he joins with counts.
  as_system([&](Tx& tx) { return set_approver(tx, at_alfa, true), true; });
  ASSERT_TRUE(move_to({{"alfa", Role::user}, {"beta", Role::user}}));
  EXPECT_FALSE(approves());
}

TEST_F(AccountsTest, WhoeverSaysNoRoleLeavesWhatTheDirectorySays) {
  const PersonId eva = as_system([](Tx& tx) {
    const PersonId made = put_person(tx, {{}, "alfa", "Eva", "eva@alfa.example", "", "sv"});
    set_approver(tx, made, true);
    return made;
  });
  const Account account = person("eva@alfa.example", {{"alfa", std::nullopt}}).value();
  EXPECT_EQ(account.memberships.at(0).role, Role::approver);
  AccountChange what;
  what.memberships = {{"alfa", std::nullopt}, {"beta", std::nullopt}};
  const auto changed =
      as_system([&](Tx& tx) { return change(tx, account.id, what, std::nullopt); }).value();
  EXPECT_EQ(changed.memberships.at(0).role, Role::approver);
  EXPECT_EQ(changed.memberships.at(1).role, Role::user);
  EXPECT_TRUE(as_system([&](Tx& tx) { return find_person(tx, eva)->approver; }));
}

TEST_F(AccountsTest, TheRightToApproveEndsWithTheMembershipWhicheverWordGaveIt) {
  Account account =
      person("eva@alfa.example", {{"alfa", Role::user}, {"beta", Role::manager}}).value();
  const PersonId at_alfa = account.memberships[0].person, at_beta = account.memberships[1].person;
  const auto approves = [&](PersonId who) {
    return as_system([&](Tx& tx) { return find_person(tx, who)->approver; });
  };
  as_system([&](Tx& tx) {  // as the directory names them
    set_approver(tx, at_alfa, true);
    set_approver(tx, at_beta, true);
    return true;
  });
  const auto now = as_system([&](Tx& tx) { return *find_account(tx, account.id); });
  EXPECT_EQ(now.memberships[0].role, Role::approver) << "one fact, read by either word";
  EXPECT_EQ(now.memberships[1].role, Role::manager);
  AccountChange what;
  what.memberships = {{"alfa", Role::approver}};
  as_system([&](Tx& tx) { return change(tx, account.id, what, std::nullopt).has_value(); });
  EXPECT_TRUE(approves(at_alfa));
  EXPECT_FALSE(approves(at_beta));
  as_system([&](Tx& tx) { return remove_membership(tx, account.id, "alfa"); });
  EXPECT_FALSE(approves(at_alfa));
}

TEST_F(AccountsTest, WhatCannotBeIsRefused) {
  EXPECT_TRUE(person("eva@alfa.example", {{"alfa", Role::user}}));
  EXPECT_EQ(person("eva@alfa.example", {{"beta", Role::user}}).error().kind, ProblemKind::conflict);
  EXPECT_EQ(person("x@alfa.example", {}).error().kind, ProblemKind::invalid) << "it is nobody";
  EXPECT_EQ(person("x@alfa.example", {{"gamma", Role::user}}).error().kind, ProblemKind::invalid);
  EXPECT_EQ(person("x@alfa.example", {{"alfa", Role::user}, {"alfa", Role::manager}}).error().kind,
            ProblemKind::invalid);
  EXPECT_TRUE(staff("anna@desk.example", {"anna", "", Role::lead, ""}));
  EXPECT_EQ(staff("other@desk.example", {"anna", "", Role::agent, ""}).error().kind,
            ProblemKind::conflict);
  EXPECT_EQ(staff("b@desk.example", {"b", "nowhere", Role::agent, ""}).error().kind,
            ProblemKind::invalid);
  EXPECT_EQ(staff("b@desk.example", {"b", "", Role::admin, "alfa"}).error().kind,
            ProblemKind::invalid)
      << "an administrator is one for all";
  EXPECT_FALSE(as_system([](Tx& tx) { return find_agent(tx, "b").has_value(); }))
      << "and nothing of it stays";
}

TEST_F(AccountsTest, NobodyGivesHimselfARoleOrLocksHimselfOut) {
  const Account ada = staff("ada@desk.example", {"ada", "", Role::admin, ""}).value();
  const Principal herself = principal_of(ada, "").value();
  AccountChange change_roles;
  change_roles.staff = std::optional<NewStaff>();
  const auto changed =
      store_.run(herself, [&](Tx& tx) { return change(tx, ada.id, change_roles, {}); });
  EXPECT_EQ(changed.error().kind, ProblemKind::conflict);
  const auto disabled = store_.run(herself, [&](Tx& tx) { return set_disabled(tx, ada.id, true); });
  EXPECT_EQ(disabled.error().kind, ProblemKind::conflict);
}

TEST_F(AccountsTest, WhoIsDisabledOrBelongsNowhereIsNobody) {
  Account account = person("eva@alfa.example", {{"alfa", Role::user}}).value();
  EXPECT_EQ(principal_of(account, "").value().actor(),
            "user:" + std::to_string(account.memberships[0].person.value));
  EXPECT_EQ(principal_of(account, "beta").error().kind, ProblemKind::forbidden);
  const std::string cookie = as_system([&](Tx& tx) {
    return open_session(tx, account, {"192.0.2.1", "test"}, "").cookie;
  });
  account = as_system([&](Tx& tx) { return set_disabled(tx, account.id, true); }).value();
  EXPECT_EQ(principal_of(account, "").error().kind, ProblemKind::forbidden);
  EXPECT_FALSE(as_system([&](Tx& tx) { return live_session(tx, cookie).has_value(); }));
  AccountChange none;
  none.memberships.emplace();
  as_system([&](Tx& tx) { return set_disabled(tx, account.id, false); }).value();
  account = as_system([&](Tx& tx) { return change(tx, account.id, none, {}); }).value();
  EXPECT_EQ(principal_of(account, "").error().kind, ProblemKind::forbidden);
}

TEST_F(AccountsTest, ATokenIsWorthWhatItsMakerIsToday) {
  Account account = staff("anna@desk.example", {"anna", "", Role::lead, ""}).value();
  AccountToken token;
  token.account = account.id;
  token.scopes = {"account.read", "ticket.read", "account.own", "no.such"};
  const Principal today = principal_of(account, token).value();
  EXPECT_TRUE(may(today, Permission::account_read));
  EXPECT_FALSE(may(today, Permission::ticket_work));
  EXPECT_FALSE(may(today, Permission::account_own)) << "it cares for no account";
  account.staff->role = Role::agent;
  EXPECT_FALSE(may(principal_of(account, token).value(), Permission::account_read));
  account.staff.reset();
  EXPECT_EQ(principal_of(account, token).error().kind, ProblemKind::forbidden);
  account.memberships = {{"alfa", "Alfa AB", {7}, Role::user}};
  EXPECT_EQ(principal_of(account, token).error().kind, ProblemKind::forbidden)
      << "a desk's token does not become a person's";
}

TEST_F(AccountsTest, AVersionThatIsNotTheLastIsRefused) {
  const Account account = person("eva@alfa.example", {{"alfa", Role::user}}).value();
  AccountChange rename;
  rename.name = "Eva Alm";
  const auto first = as_system([&](Tx& tx) { return change(tx, account.id, rename, 1); });
  EXPECT_EQ(first.value().version, 2);
  const auto second = as_system([&](Tx& tx) { return change(tx, account.id, rename, 1); });
  EXPECT_EQ(second.error().kind, ProblemKind::stale);
}

}  // namespace
}  // namespace ombud::identity
