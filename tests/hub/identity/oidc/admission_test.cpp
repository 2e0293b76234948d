// Who may come in as whom: accounts found, linked and made, roles given and taken away.
#include "identity/oidc/admission.hpp"

#include <gtest/gtest.h>

#include "identity/accounts.hpp"
#include "store/account_subjects.hpp"
#include "store/directory.hpp"
#include "support.hpp"
#include "support/memory_store.hpp"

namespace ombud::oidc::test {
namespace {

struct OidcAdmission : ::testing::Test {
  HandClock clock;
  ombud::test::SeededRandom random{1};
  ombud::test::MemoryStore store{clock, random};
  Principal system = system_principal("oidc");
  ProviderSettings provider;
  Identity who;
  Entitlement may{"alfa", "user", ""};

  OidcAdmission() {
    provider.id = "alfa";
    provider.issuer = who.issuer = "https://id.alfa.example";
    provider.domains = {"alfa.example"};
    provider.customer = "alfa";
    provider.create_accounts = true;
    who.subject = "s-1";
    who.email = "erik@alfa.example";
    who.email_verified = true;
    who.name = "Erik Ek";
    store.run(system, [](Tx& tx) {
      put_customer(tx, {"alfa", "Alfa AB", {}, "sv"});
      put_customer(tx, {"beta", "Beta AB", {}, "en"});
      return true;
    });
  }

  Result<Admission> admit() {
    return store.run(system, [&](Tx& tx) { return oidc::admit(tx, provider, who, may); });
  }
  Account in() {
    auto admission = admit();
    EXPECT_TRUE(admission) << admission.error().detail;
    EXPECT_FALSE(admission->refused) << admission->refused->detail;
    return admission->account;
  }
  std::string refused() {
    const auto admission = admit();
    EXPECT_TRUE(admission) << admission.error().detail;
    return admission->refused ? std::string(to_text(admission->refused->trouble)) : "let in";
  }
  AccountId local(const std::string& email, std::vector<identity::NewMembership> memberships,
                  std::optional<identity::NewStaff> staff = std::nullopt) {
    return store
        .run(system,
             [&](Tx& tx) {
               return identity::add(
                   tx, {email, "Local", std::move(staff), std::move(memberships), "argon"});
             })
        .value()
        .id;
  }
  Account account(AccountId id) {
    return store.run(system, [&](Tx& tx) { return *find_account(tx, id); });
  }
  static std::string roles(const Account& account) {
    std::string all = account.staff ? std::string(to_text(account.staff->role)) : "";
    for (const Membership& one : account.memberships) {
      all += (all.empty() ? "" : " ") + one.customer + ":" + std::string(to_text(one.role));
    }
    return all;
  }
  void desk() {  // the provider's own people
    provider.customer.clear();
    provider.roles = {{"agents", "agent"}, {"leads", "lead"}};
    may = {"", "", "agent"};
  }
};

TEST_F(OidcAdmission, WhoeverIsNewGetsAnAccountAndIsKnownFromThenOn) {
  const Account first = in();
  EXPECT_EQ(roles(first), "alfa:user");
  EXPECT_EQ(first.email, "erik@alfa.example");
  EXPECT_EQ(first.password, "");
  who.email = "erik.ek@alfa.example";  // even under another address, verified or not
  who.email_verified = false;
  EXPECT_EQ(in().id, first.id);
}

TEST_F(OidcAdmission, WithoutPermissionNobodyGetsAnAccount) {
  provider.create_accounts = false;
  EXPECT_EQ(refused(), "no_account");
}

TEST_F(OidcAdmission, AnUnverifiedAddressNeitherFindsNorMakesAnAccount) {
  const AccountId there = local("erik@alfa.example", {{"alfa", Role::user}});
  who.email_verified = false;
  EXPECT_EQ(refused(), "email");
  who.email = "new@alfa.example";
  EXPECT_EQ(refused(), "email");
  who.email.clear();
  EXPECT_EQ(refused(), "email");
  EXPECT_FALSE(store.run(
      system, [&](Tx& tx) { return subject_of_account(tx, there, who.issuer).has_value(); }));
}

TEST_F(OidcAdmission, AVerifiedAddressFindsTheAccountOnce) {
  const AccountId there = local("erik@alfa.example", {{"alfa", Role::user}});
  EXPECT_EQ(in().id, there);
  who.subject = "s-2";  // the address was given to somebody else
  EXPECT_EQ(refused(), "not_linked");
  who.subject = "s-1";
  EXPECT_EQ(in().id, there);
}

TEST_F(OidcAdmission, TheSameSubjectOfAnotherIssuerIsSomebodyElse) {
  const Account first = in();
  provider.issuer = who.issuer = "https://id.other.example";
  provider.create_accounts = false;
  who.email = "other@alfa.example";
  EXPECT_EQ(refused(), "no_account");
}

TEST_F(OidcAdmission, ThePersonThatTheDeskKnowsIsTheSame) {
  const PersonId person = store.run(system, [](Tx& tx) {
    return put_person(tx, {{}, "alfa", "Erik Ek", "erik@alfa.example", "", "sv", false});
  });
  EXPECT_EQ(in().memberships.at(0).person, person);
}

// --- Nobody becomes somebody elsewhere ----------------------------------------------------------

TEST_F(OidcAdmission, AnAccountOfTheDeskIsNotACustomersProviders) {
  local("erik@alfa.example", {{"alfa", Role::user}},
        identity::NewStaff{"erik", "desk", Role::admin, ""});
  EXPECT_EQ(refused(), "not_linked");
}

TEST_F(OidcAdmission, AnAccountOfAnotherCustomerIsNotThisProviders) {
  local("erik@alfa.example", {{"alfa", Role::user}, {"beta", Role::manager}});
  EXPECT_EQ(refused(), "not_linked");
}

TEST_F(OidcAdmission, WhatIsGivenLaterClosesTheDoorToo) {
  const Account first = in();
  store.run(system, [&](Tx& tx) {
    identity::AccountChange change;
    change.memberships = {{"alfa", Role::user}, {"beta", Role::user}};
    return identity::change(tx, first.id, change, std::nullopt);
  });
  EXPECT_EQ(refused(), "not_linked");
  EXPECT_EQ(roles(account(first.id)), "alfa:user beta:user");
}

TEST_F(OidcAdmission, ADisabledAccountStaysOut) {
  const Account first = in();
  store.run(system, [&](Tx& tx) { return identity::set_disabled(tx, first.id, true); });
  EXPECT_EQ(refused(), "disabled");
}

// --- Roles --------------------------------------------------------------------------------------

TEST_F(OidcAdmission, RolesFollowTheClaimsUpAndDown) {
  provider.roles = {{"managers", "manager"}, {"it", "approver"}};
  may.member_role = "manager";
  EXPECT_EQ(roles(in()), "alfa:manager");
  may.member_role = "approver";
  EXPECT_EQ(roles(in()), "alfa:approver");
  may.member_role = "user";
  EXPECT_EQ(roles(in()), "alfa:user");
}

TEST_F(OidcAdmission, WhereTheFileMapsNoRolesTheyAreGivenHere) {
  const AccountId there = local("erik@alfa.example", {{"alfa", Role::approver}});
  EXPECT_EQ(roles(in()), "alfa:approver");
  EXPECT_EQ(account(there).version, 1);  // nothing was changed
}

TEST_F(OidcAdmission, WhomTheDirectoryCallsAnApproverStaysOneUnlessTheClaimsDecide) {
  const PersonId erik = store.run(system, [](Tx& tx) {
    const PersonId made =
        put_person(tx, {{}, "alfa", "Erik Ek", "erik@alfa.example", "", "sv", false});
    set_approver(tx, made, true);
    return made;
  });
  const auto approves = [&] {
    return store.run(system, [&](Tx& tx) { return find_person(tx, erik)->approver; });
  };
  const Account first = in();
  EXPECT_EQ(roles(first), "alfa:approver");
  EXPECT_TRUE(approves());
  // Taken away in the directory, it does not come back by signing in.
  store.run(system, [&](Tx& tx) { return set_approver(tx, erik, false), true; });
  EXPECT_EQ(roles(in()), "alfa:user");
  EXPECT_FALSE(approves());
  provider.roles = {{"it", "approver"}};
  may.member_role = "approver";
  EXPECT_EQ(roles(in()), "alfa:approver");
  EXPECT_TRUE(approves());
  may.member_role = "user";
  EXPECT_EQ(roles(in()), "alfa:user");
  EXPECT_FALSE(approves());
}

TEST_F(OidcAdmission, ClaimsThatNameNoApproverLeaveThemToTheDirectory) {
  const PersonId erik = store.run(system, [](Tx& tx) {
    const PersonId made =
        put_person(tx, {{}, "alfa", "Erik Ek", "erik@alfa.example", "", "sv", false});
    set_approver(tx, made, true);
    return made;
  });
  provider.roles = {{"heads", "manager"}};
  EXPECT_EQ(roles(in()), "alfa:approver") << "joining";
  EXPECT_EQ(roles(in()), "alfa:approver") << "known";
  may.member_role = "manager";
  EXPECT_EQ(roles(in()), "alfa:manager");
  may.member_role = "user";
  EXPECT_EQ(roles(in()), "alfa:approver") << "a manager no more; the directory's word stands";
  store.run(system, [&](Tx& tx) { return set_approver(tx, erik, false), true; });
  EXPECT_EQ(roles(in()), "alfa:user");
}

TEST_F(OidcAdmission, TheDesksPeopleBecomeAgentsOfTheirOwn) {
  desk();
  const Account first = in();
  EXPECT_EQ(roles(first), "agent");
  EXPECT_EQ(first.staff->agent, "erik");
  may.staff_role = "lead";
  EXPECT_EQ(roles(in()), "lead");
  who.subject = "s-2";
  who.email = "erik@alfa2.example";
  EXPECT_EQ(in().staff->agent, "erik-2");
}

TEST_F(OidcAdmission, AnAgentOfTheDirectoryIsTakenOnlyByItsOwnAddress) {
  desk();
  store.run(system, [](Tx& tx) {
    put_agent(tx, {"erik", "Erik", "erik@provider.example", "desk"});
    put_agent(tx, {"maja", "Maja", "Maja@Alfa.example", "desk"});
    return true;
  });
  EXPECT_EQ(in().staff->agent, "erik-2");
  who.subject = "s-2";
  who.email = "maja@alfa.example";
  EXPECT_EQ(in().staff->agent, "maja");
}

TEST_F(OidcAdmission, WhoseClaimsGiveNothingAnyMoreIsOutAndHisSessionsEnd) {
  desk();
  const Account first = in();
  store.run(system, [&](Tx& tx) {
    put_session(tx, {"x", first.id, tx.at(), tx.at(), tx.at() + Millis{1000}, "", ""}, "digest");
    return true;
  });
  may.staff_role.clear();
  EXPECT_EQ(refused(), "no_role");
  EXPECT_EQ(roles(account(first.id)), "");
  EXPECT_TRUE(store.run(system, [&](Tx& tx) { return sessions_of(tx, first.id).empty(); }));
  may.staff_role = "agent";
  const Account again = in();
  EXPECT_EQ(again.id, first.id);
  EXPECT_EQ(again.staff->agent, "erik");
}

TEST_F(OidcAdmission, WhoGetsNoRoleGetsNoAccount) {
  desk();
  may.staff_role.clear();
  EXPECT_EQ(refused(), "no_role");
  EXPECT_FALSE(
      store.run(system, [&](Tx& tx) { return find_account_of_email(tx, who.email).has_value(); }));
}

TEST_F(OidcAdmission, WhoIsLimitedToOneCustomerStaysLimited) {
  desk();
  local("erik@alfa.example", {}, identity::NewStaff{"erik", "desk", Role::agent, "beta"});
  provider.roles["admins"] = "admin";
  may.staff_role = "admin";
  const Account account = in();
  EXPECT_EQ(roles(account), "lead");
  EXPECT_EQ(account.staff->tenant, "beta");
}

TEST_F(OidcAdmission, WhomAClaimMovesToAnotherCustomerLeavesTheFirst) {
  provider.customer.clear();
  provider.customer_claim = "org";
  provider.customers = {{"1", "alfa"}, {"2", "beta"}};
  EXPECT_EQ(roles(in()), "alfa:user");
  may.customer = "beta";
  EXPECT_EQ(roles(in()), "beta:user");
  may = {};
  EXPECT_EQ(refused(), "no_role");
}

TEST_F(OidcAdmission, ACustomerThatIsNotThereIsTheFilesMistakeAndChangesNothing) {
  provider.customer = may.customer = "gamma";
  const auto admission = admit();
  ASSERT_FALSE(admission);
  EXPECT_EQ(admission.error().fields.at(0).detail, "there is no customer gamma");
}

}  // namespace
}  // namespace ombud::oidc::test
