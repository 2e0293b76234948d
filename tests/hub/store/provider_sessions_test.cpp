// What a sign-in by a provider leaves behind: the session's provider, and states that are used up.
#include "store/provider_sessions.hpp"

#include <gtest/gtest.h>

#include "store/identity.hpp"
#include "support/memory_store.hpp"
#include "support/sim_clock.hpp"

namespace ombud {
namespace {

constexpr Millis kTenMinutes{600'000};

class ProviderSessionsTest : public ::testing::Test {
 protected:
  template <class F>
  auto run(F f) {
    return store_.run(system_principal("test"), f);
  }
  bool use(const std::string& state, std::size_t count_max = 100) {
    const Instant until = clock_.now() + kTenMinutes;
    return run([&](Tx& tx) { return use_state(tx, state, until, count_max); });
  }

  SimClock clock_{instant_of(1'800'000'000'000)};
  test::SeededRandom random_{1};
  test::MemoryStore store_{clock_, random_};
};

TEST_F(ProviderSessionsTest, AStateCountsOnceUntilItIsTooOldAnyway) {
  EXPECT_TRUE(use("a"));
  EXPECT_FALSE(use("a"));
  EXPECT_TRUE(use("b"));
  clock_.advance(clock_.now() + kTenMinutes - Millis{1});
  EXPECT_FALSE(use("a"));
  clock_.advance(clock_.now() + Millis{1});
  EXPECT_TRUE(use("a")) << "forgotten: its sign-in took too long";
}

TEST_F(ProviderSessionsTest, NoMoreThanTheNewestAreRemembered) {
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(use("s" + std::to_string(i), 4));
  for (int i = 6; i < 10; ++i) EXPECT_FALSE(use("s" + std::to_string(i), 4)) << i;
  EXPECT_TRUE(use("s0", 4));
}

TEST_F(ProviderSessionsTest, ASessionKnowsItsProviderUntilItEnds) {
  run([&](Tx& tx) {
    Account account;
    account.email = "eva@alfa.example";
    account.name = "Eva";
    account.created_at = tx.at();
    AccountSession session;
    session.account = add_account(tx, account);
    session.created_at = session.seen_at = tx.at();
    session.expires_at = tx.at() + kTenMinutes;
    for (const char* id : {"by-password", "by-provider"}) {
      session.id = id;
      put_session(tx, session, id);
    }
    put_provider_session(tx, "by-provider", {"alfa", "header.claims.signature"});
    EXPECT_FALSE(provider_of_session(tx, "by-password"));
    EXPECT_EQ(provider_of_session(tx, "by-provider")->id_token, "header.claims.signature");
    end_session(tx, session.account, "by-provider");
    EXPECT_FALSE(provider_of_session(tx, "by-provider"));
    return 0;
  });
}

}  // namespace
}  // namespace ombud
