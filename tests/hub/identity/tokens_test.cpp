// Tokens of one's own: they end by themselves, and with whatever they stood on.
#include "identity/tokens.hpp"

#include <gtest/gtest.h>

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "identity/accounts.hpp"
#include "identity/limits.hpp"
#include "identity/resets.hpp"
#include "store/directory.hpp"
#include "store/outbox.hpp"
#include "support/memory_store.hpp"
#include "support/sim_clock.hpp"

namespace ombud::identity {
namespace {

class TokensTest : public ::testing::Test {
 protected:
  TokensTest() {
    bytes_init();
    store_.run(system_principal("test"), [&](Tx& tx) {
      put_customer(tx, {"alfa", "Alfa AB", {}, "en"});
      put_customer(tx, {"beta", "Beta AB", {}, "sv"});
      put_team(tx, {"desk", "Desk"});
      NewAccount wanted;
      wanted.email = "eva@alfa.example";
      wanted.name = "Eva Ek";
      wanted.memberships = {{"alfa", Role::manager}, {"beta", Role::user}};
      wanted.staff = NewStaff{"eva", "", Role::lead, ""};
      eva_ = add(tx, wanted).value();
      return 0;
    });
  }
  template <class F>
  auto run(F f) {
    return store_.run(system_principal("test"), f);
  }
  Result<MadeToken> try_to_make(NewToken wanted) {
    return run([&](Tx& tx) { return make_token(tx, eva_, wanted, "https://desk.example"); });
  }
  std::string make(std::optional<std::string> customer, std::vector<std::string> scopes) {
    return try_to_make({"script", std::move(customer), std::move(scopes), {}}).value().secret;
  }
  bool is_good(const std::string& secret) {
    return run([&](Tx& tx) { return find_account_token(tx, sha256_hex(secret)).has_value(); });
  }
  void change_to(std::optional<NewStaff> staff, std::vector<NewMembership> memberships) {
    AccountChange what;
    what.staff.emplace(std::move(staff));
    what.memberships = std::move(memberships);
    run([&](Tx& tx) { return change(tx, eva_.id, what, {}); }).value();
  }

  SimClock clock_{instant_of(1'800'000'000'000)};
  test::SeededRandom random_{1};
  test::MemoryStore store_{clock_, random_};
  Account eva_;
};

TEST_F(TokensTest, OneEndsAfterNinetyDaysIfNothingElseIsSaid) {
  const auto made = try_to_make({"script", {}, {"ticket.read"}, {}}).value();
  EXPECT_EQ(made.token.expires_at, clock_.now() + 90 * kDay);
  clock_.advance(clock_.now() + 90 * kDay - Millis{1});
  EXPECT_TRUE(is_good(made.secret));
  clock_.advance(clock_.now() + Millis{1});
  EXPECT_FALSE(is_good(made.secret));
}

TEST_F(TokensTest, NoneIsGoodForMoreThanAYear) {
  const Instant now = clock_.now();
  EXPECT_TRUE(try_to_make({"a", {}, {}, now + 366 * kDay}));
  for (const Instant wrong : {now + 366 * kDay + Millis{1}, now, now - Millis{1}}) {
    const auto refused = try_to_make({"a", {}, {}, wrong});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().fields.at(0).pointer, "/expires_at");
  }
}

TEST_F(TokensTest, FiftyAreEnoughOfThoseThatAreStillGood) {
  for (std::size_t i = 0; i < kAccountTokensMax; ++i) ASSERT_TRUE(try_to_make({"a", {}, {}, {}}));
  EXPECT_EQ(try_to_make({"a", {}, {}, {}}).error().kind, ProblemKind::conflict);
  clock_.advance(clock_.now() + kTokenFor);
  EXPECT_TRUE(try_to_make({"a", {}, {}, {}})) << "the others have ended";
}

TEST_F(TokensTest, AResetPasswordEndsThemAndAChangedOneDoesNot) {
  const std::string token = make({}, {"ticket.read"});
  run([&](Tx& tx) {
    set_password(tx, eva_, "$argon2id$one", "this session");
    return 0;
  });
  EXPECT_TRUE(is_good(token));
  run([&](Tx& tx) {
    return redeem(tx, make_reset(tx, eva_, Purpose::reset), "$argon2id$two");
  }).value();
  EXPECT_FALSE(is_good(token));
}

TEST_F(TokensTest, ADisabledAccountHasNoneAndGetsNoneBack) {
  const std::string token = make({}, {"ticket.read"});
  run([&](Tx& tx) { return set_disabled(tx, eva_.id, true); }).value();
  run([&](Tx& tx) { return set_disabled(tx, eva_.id, false); }).value();
  EXPECT_FALSE(is_good(token));
}

TEST_F(TokensTest, AMembershipTakesItsOwnAlong) {
  const std::string staff = make({}, {"ticket.read"}), alfa = make("alfa", {"ticket.read"}),
                    beta = make("beta", {"ticket.read"});
  change_to(NewStaff{"eva", "", Role::lead, ""}, {{"beta", Role::user}});
  EXPECT_FALSE(is_good(alfa));
  EXPECT_TRUE(is_good(beta));
  EXPECT_TRUE(is_good(staff));
  change_to(NewStaff{"eva", "", Role::lead, ""}, {{"alfa", Role::manager}, {"beta", Role::user}});
  EXPECT_FALSE(is_good(alfa)) << "it does not wake when the membership comes back";
}

TEST_F(TokensTest, ALowerRoleEndsWhatItDoesNotCarry) {
  const std::string wide = make({}, {"ticket.read", "ticket.reassign"}),
                    narrow = make({}, {"ticket.read"}), person = make("alfa", {"ticket.read"});
  const std::vector<NewMembership> same{{"alfa", Role::manager}, {"beta", Role::user}};
  change_to(NewStaff{"eva", "", Role::agent, ""}, same);
  EXPECT_FALSE(is_good(wide));
  EXPECT_TRUE(is_good(narrow));
  change_to(std::nullopt, same);
  EXPECT_FALSE(is_good(narrow)) << "none of the desk's any more";
  EXPECT_TRUE(is_good(person));
}

TEST_F(TokensTest, ANewNameOrAddressEndsNone) {
  const std::string token = make({}, {"ticket.read"});
  AccountChange what;
  what.name = "Eva Alm";
  run([&](Tx& tx) { return change(tx, eva_.id, what, {}); }).value();
  EXPECT_TRUE(is_good(token));
}

TEST_F(TokensTest, ItsOwnerIsToldByMail) {
  run([](Tx& tx) {
    sync_links(tx, {{"mail", "notices", "Users", "email", true, "open", "", {}, "", {}}});
    put_desk_identity(tx, {"Service desk", "desk@provider.example"});
    return 0;
  });
  const auto made =
      try_to_make({"script\nSee https://evil.example", "alfa", {"ticket.read"}, {}}).value();
  const auto letters = run([](Tx& tx) { return list_deliveries(tx, {}, std::nullopt, 10); });
  ASSERT_EQ(letters.size(), 1U);
  const auto letter = json::parse(letters[0].body);
  const std::string text((*letter)["text"].text());
  EXPECT_EQ((*letter)["to"]["address"].text(), "eva@alfa.example");
  EXPECT_EQ((*letter)["subject"].text(), "New API token at Service desk");
  EXPECT_NE(text.find("“script See https://evil.example”"), std::string::npos) << text;
  EXPECT_NE(text.find("until 2027-04-15"), std::string::npos) << text;
  EXPECT_NE(text.find("https://desk.example/account/tokens"), std::string::npos) << text;
  EXPECT_EQ(text.find(made.secret), std::string::npos);
}

}  // namespace
}  // namespace ombud::identity
