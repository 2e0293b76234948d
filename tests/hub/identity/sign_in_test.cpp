// Signing in, in simulated time: equal work for whoever knocks, delays that end.
#include "identity/sign_in.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include "base/bytes.hpp"
#include "identity/accounts.hpp"
#include "identity/totp.hpp"
#include "store/directory.hpp"
#include "support/memory_store.hpp"
#include "support/sim_clock.hpp"

namespace ombud::identity {
namespace {

constexpr const char* kPassword = "fyra grodor plaskar kvickt";

Settings cheap() {
  Settings settings;
  settings.cost = {1, 8192};
  return settings;
}

class SignInTest : public ::testing::Test {
 protected:
  SignInTest() {
    bytes_init();
    const std::string hashed = run(sign_in_.hasher().hash(kPassword)).value();
    store_.run(system_principal("test"), [&](Tx& tx) {
      put_customer(tx, {"alfa", "Alfa AB", {}, "sv"});
      for (const char* name : {"erik", "disabled", "fresh"}) {
        NewAccount account;
        account.name = name;
        account.email = std::string(name) + "@alfa.example";
        account.memberships = {{"alfa", Role::user}};
        if (std::string_view(name) != "fresh") account.password = hashed;
        const Account made = add(tx, account).value();
        if (std::string_view(name) == "disabled") set_disabled(tx, made.id, true).value();
      }
      return 0;
    });
  }

  template <class T>
  T run(net::awaitable<T> work) {
    net::io_context context;
    auto future = net::co_spawn(context, std::move(work), net::use_future);
    context.run();
    return future.get();
  }
  Entry enter(const std::string& email, const std::string& password,
              const std::string& address = "192.0.2.1") {
    Attempt attempt;
    attempt.email = email;
    attempt.password = password;
    attempt.from = {address, "test"};
    return run(sign_in_.enter(attempt)).value();
  }

  SimClock clock_{instant_of(1'800'000'000'000)};
  test::SeededRandom random_{1};
  test::MemoryStore store_{clock_, random_};
  SignIn sign_in_{store_, clock_, cheap()};
};

TEST_F(SignInTest, WhoeverKnocksCostsTheSameWork) {
  for (const auto& [email, password] :
       std::vector<std::pair<std::string, std::string>>{{"erik@alfa.example", kPassword},
                                                        {"erik@alfa.example", "wrong"},
                                                        {"erik@alfa.example", ""},
                                                        {"nobody@alfa.example", kPassword},
                                                        {"disabled@alfa.example", kPassword},
                                                        {"fresh@alfa.example", kPassword},
                                                        {"no address", "\xFF"}}) {
    const std::int64_t before = sign_in_.hasher().jobs();
    const Entry entry = enter(email, password);
    EXPECT_EQ(sign_in_.hasher().jobs() - before, 1) << email;
    const bool right = email == "erik@alfa.example" && password == kPassword;
    EXPECT_EQ(entry.kind, right ? Entry::Kind::signed_in : Entry::Kind::wrong) << email;
  }
}

TEST_F(SignInTest, TheRightPasswordWorksOnceItsDelayIsOver) {
  for (int round = 0; round < 20; ++round) {
    Entry entry = enter("erik@alfa.example", "wrong", "198.51.100." + std::to_string(round));
    if (entry.kind == Entry::Kind::wait) clock_.advance(clock_.now() + entry.wait);
  }
  Entry entry = enter("erik@alfa.example", kPassword, "203.0.113.1");
  if (entry.kind == Entry::Kind::wait) {
    EXPECT_LE(entry.wait, kAccountBrake.most);
    const std::int64_t before = sign_in_.hasher().jobs();
    EXPECT_EQ(enter("erik@alfa.example", kPassword, "203.0.113.1").kind, Entry::Kind::wait);
    EXPECT_EQ(sign_in_.hasher().jobs(), before) << "it is not even looked at";
    clock_.advance(clock_.now() + entry.wait);
    entry = enter("erik@alfa.example", kPassword, "203.0.113.1");
  }
  EXPECT_EQ(entry.kind, Entry::Kind::signed_in);
  // And it has made an end of the counting.
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(enter("erik@alfa.example", "wrong", "203.0.113.2").kind, Entry::Kind::wrong);
  }
}

TEST_F(SignInTest, UnknownAccountsAreSlowedDownLikeKnownOnes) {
  std::vector<std::int64_t> known, unknown;
  for (int i = 0; i < 8; ++i) {
    const std::string address = "198.51.100." + std::to_string(i);
    known.push_back(enter("erik@alfa.example", "wrong", address).wait.count());
    unknown.push_back(enter("nobody@alfa.example", "wrong", address).wait.count());
  }
  EXPECT_EQ(known, unknown);
  EXPECT_GT(known.back(), 0);
}

TEST_F(SignInTest, OneAddressThatTriesManyAccountsIsSlowedDown) {
  Entry entry;
  for (int i = 0; i < kAddressBrake.free_attempts + 1; ++i) {
    entry = enter("user" + std::to_string(i) + "@alfa.example", "wrong", "203.0.113.7");
  }
  EXPECT_EQ(entry.kind, Entry::Kind::wait);
  EXPECT_EQ(enter("erik@alfa.example", kPassword, "203.0.113.8").kind, Entry::Kind::signed_in);
  // This machine's own address may be that of a proxy, with everybody behind it.
  for (int i = 0; i < 2 * kAddressBrake.free_attempts; ++i) {
    entry = enter("other" + std::to_string(i) + "@alfa.example", "wrong", "127.0.0.1");
    EXPECT_EQ(entry.kind, Entry::Kind::wrong);
  }
}

TEST_F(SignInTest, AnotherAddressOfTheSameNetworkIsNobodyNew) {
  Entry entry;
  for (int i = 0; i < kAddressBrake.free_attempts + 1; ++i) {
    entry = enter("user" + std::to_string(i) + "@alfa.example", "wrong",
                  "2001:db8:0:1::" + std::to_string(i));
  }
  EXPECT_EQ(entry.kind, Entry::Kind::wait);
  EXPECT_EQ(enter("nobody@alfa.example", "wrong", "2001:db8:0:2::1").kind, Entry::Kind::wrong);
}

TEST_F(SignInTest, GuessesOfWhoeverSitsAtAnOpenSessionAreSlowedDown) {
  const auto account = store_.run(system_principal("test"), [](Tx& tx) {
    return *find_account_of_email(tx, "erik@alfa.example");
  });
  const auto confirm = [&](const std::string& password) {
    return run(sign_in_.confirm(account, password, "/password"));
  };
  for (int i = 0; i < kAccountBrake.free_attempts; ++i) {
    EXPECT_EQ(confirm("wrong")->kind, ProblemKind::invalid);
  }
  EXPECT_EQ(confirm(kPassword)->kind, ProblemKind::too_many) << "codes and passwords count as one";
  EXPECT_TRUE(sign_in_.before_guess(account.id));
  clock_.advance(clock_.now() + kAccountBrake.most);
  EXPECT_FALSE(confirm(kPassword));
  EXPECT_FALSE(sign_in_.before_guess(account.id));
}

TEST_F(SignInTest, WhatAnAuthenticatorShowsSaysOnceThatItIsHe) {
  const std::string secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
  auto account = store_.run(system_principal("test"), [&](Tx& tx) {
    Account erik = *find_account_of_email(tx, "erik@alfa.example");
    erik.totp_secret = secret;
    erik.totp_since = tx.at();
    update_account(tx, erik);
    put_recovery_codes(tx, erik.id, {recovery_code_digest("k3m9-x7qf-20tv")});
    return erik;
  });
  const auto confirm = [&](const std::string& code) {
    return run(sign_in_.confirm_code(account, code, "/code"));
  };
  const std::string code = totp_code(secret, totp_step_at(clock_.now()));
  EXPECT_EQ(confirm("k3m9-x7qf-20tv")->fields.at(0).pointer, "/code") << "those are for the door";
  EXPECT_FALSE(confirm(code));
  EXPECT_TRUE(confirm(code)) << "used already";
  // Nor does it open the door any more.
  Attempt attempt;
  attempt.email = "erik@alfa.example";
  attempt.password = kPassword;
  attempt.code = code;
  attempt.from = {"192.0.2.1", "test"};
  EXPECT_EQ(run(sign_in_.enter(attempt)).value().kind, Entry::Kind::code_wrong);
}

TEST_F(SignInTest, AHashMadeAtAnOlderCostIsMadeAnew) {
  Settings dearer = cheap();
  dearer.cost.bytes = 16384;
  SignIn later(store_, clock_, dearer);
  Attempt attempt;
  attempt.email = "erik@alfa.example";
  attempt.password = kPassword;
  attempt.from = {"192.0.2.1", "test"};
  EXPECT_EQ(run(later.enter(attempt)).value().kind, Entry::Kind::signed_in);
  const auto account = store_.run(system_principal("test"), [](Tx& tx) {
    return find_account_of_email(tx, "erik@alfa.example");
  });
  EXPECT_FALSE(later.hasher().outdated(account->password));
  EXPECT_EQ(run(later.enter(attempt)).value().kind, Entry::Kind::signed_in);
}

TEST_F(SignInTest, SessionsEndByIdlingAndByTheirTime) {
  const std::string cookie = enter("erik@alfa.example", kPassword).opened.cookie;
  const auto live = [&] {
    return store_.run(system_principal("test"), [&](Tx& tx) {
      auto session = live_session(tx, cookie);
      if (session && session->due_to_touch) touch_session(tx, session->session.id);
      return session.has_value();
    });
  };
  EXPECT_TRUE(live());
  const Instant begun = clock_.now();
  // Used every eleven hours it lives for thirty days, and no longer.
  int alive = 0;
  while (live()) {
    ++alive;
    clock_.advance(clock_.now() + 11 * kHour);
  }
  EXPECT_GE(clock_.now() - begun, kSessionMost);
  EXPECT_LT(clock_.now() - begun, kSessionMost + 12 * kHour);
  const std::string other = enter("erik@alfa.example", kPassword).opened.cookie;
  clock_.advance(clock_.now() + kSessionIdle);
  EXPECT_FALSE(store_.run(system_principal("test"),
                          [&](Tx& tx) { return live_session(tx, other).has_value(); }));
  EXPECT_GT(alive, 60);
}

}  // namespace
}  // namespace ombud::identity
