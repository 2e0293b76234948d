// Mailed links: once, not for long, and only for whom they were made.
#include "identity/resets.hpp"

#include <gtest/gtest.h>

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "identity/accounts.hpp"
#include "identity/letters.hpp"
#include "identity/limits.hpp"
#include "identity/sessions.hpp"
#include "store/directory.hpp"
#include "store/outbox.hpp"
#include "support/memory_store.hpp"
#include "support/sim_clock.hpp"

namespace ombud::identity {
namespace {

class ResetsTest : public ::testing::Test {
 protected:
  ResetsTest() {
    bytes_init();
    store_.run(system_principal("test"), [&](Tx& tx) {
      put_customer(tx, {"alfa", "Alfa AB", {}, "en"});
      NewAccount wanted;
      wanted.email = "eva@alfa.example";
      wanted.name = "Eva Ek";
      wanted.memberships = {{"alfa", Role::user}};
      eva_ = add(tx, wanted).value();
      return 0;
    });
  }
  template <class F>
  auto run(F f) {
    return store_.run(system_principal("test"), f);
  }
  std::string make(Purpose purpose) {
    return store_.run(system_principal("test"),
                      [&](Tx& tx) { return make_reset(tx, eva_, purpose); });
  }
  bool spend(const std::string& token) {
    return store_
        .run(system_principal("test"), [&](Tx& tx) { return redeem(tx, token, "$argon2id$new"); })
        .has_value();
  }

  SimClock clock_{instant_of(1'800'000'000'000)};
  test::SeededRandom random_{1};
  test::MemoryStore store_{clock_, random_};
  Account eva_;
};

TEST_F(ResetsTest, ALinkIsGoodOnceAndForItsTime) {
  const std::string token = make(Purpose::reset);
  EXPECT_FALSE(spend(token.substr(1)));
  EXPECT_FALSE(spend(""));
  clock_.advance(clock_.now() + kResetFor - Millis{1});
  EXPECT_TRUE(spend(token));
  EXPECT_FALSE(spend(token));

  const std::string late = make(Purpose::reset);
  clock_.advance(clock_.now() + kResetFor);
  EXPECT_FALSE(spend(late));
  const std::string invitation = make(Purpose::invitation);
  clock_.advance(clock_.now() + kInvitationFor - Millis{1});
  EXPECT_TRUE(spend(invitation));
}

TEST_F(ResetsTest, SpendingOneEndsTheOthersAndEverySession) {
  const std::string first = make(Purpose::reset), second = make(Purpose::reset);
  const std::string cookie = run([&](Tx& tx) {
    return open_session(tx, eva_, {"192.0.2.1", "test"}, "").cookie;
  });
  EXPECT_TRUE(spend(second));
  EXPECT_FALSE(spend(first));
  EXPECT_FALSE(run([&](Tx& tx) { return live_session(tx, cookie).has_value(); }));
}

TEST_F(ResetsTest, WhatHappensToTheAccountHappensToItsLinks) {
  const std::string disabled = make(Purpose::reset);
  run([&](Tx& tx) { return set_disabled(tx, eva_.id, true); }).value();
  EXPECT_FALSE(spend(disabled));
  run([&](Tx& tx) { return set_disabled(tx, eva_.id, false); }).value();
  EXPECT_FALSE(spend(disabled)) << "it does not come back";
  const std::string moved = make(Purpose::reset);
  AccountChange address;
  address.email = "eva@beta.example";
  run([&](Tx& tx) { return change(tx, eva_.id, address, {}); }).value();
  EXPECT_FALSE(spend(moved)) << "it was mailed to another address";
}

TEST_F(ResetsTest, LettersAreWrittenInTheOwnersLanguageAndStandAlone) {
  EXPECT_FALSE(run([&](Tx& tx) { return send_letter(tx, eva_, Letter::reset, "https://x"); }))
      << "the desk sends no mail";
  run([](Tx& tx) {
    sync_links(tx, {{"mail", "notices", "Users", "email", true, "open", "", {}, "", {}}});
    put_desk_identity(tx, {"Service desk", "desk@provider.example"});
    return 0;
  });
  const auto letters = run([&](Tx& tx) {
    const FrameLetter frame = [](std::string_view language, std::string_view desk,
                                 std::string_view subject, std::string_view text) {
      return "<p>" + std::string(language) + "|" + std::string(desk) + "|" + std::string(subject) +
             "|" + std::string(text.substr(0, 5)) + "</p>";
    };
    send_letter(tx, eva_, Letter::reset, "https://x/1", frame);
    Account swedish = eva_;
    swedish.language = "sv";
    send_letter(tx, swedish, Letter::invitation, "https://x/2");
    return list_deliveries(tx, {}, std::nullopt, 10);
  });
  ASSERT_EQ(letters.size(), 2U);
  EXPECT_NE(letters[0].lane.id, letters[1].lane.id);
  EXPECT_EQ(letters[0].state, "ready");
  EXPECT_EQ(letters[1].state, "ready") << "the one waits for the other not at all";
  const auto english = json::parse(letters[1].body), swedish = json::parse(letters[0].body);
  EXPECT_EQ((*english)["subject"].text(), "New password at Service desk");
  EXPECT_NE((*english)["text"].text().find("within 30 minutes:\n\nhttps://x/1\n"),
            std::string_view::npos);
  EXPECT_EQ((*english)["html"].text(), "<p>en|Service desk|New password at Service desk|Hello</p>");
  EXPECT_FALSE((*swedish)["html"].present());
  EXPECT_EQ((*swedish)["subject"].text(), "Välkommen till Service desk");
  EXPECT_NE((*swedish)["text"].text().find("inom 7 dagar:\n\nhttps://x/2\n"),
            std::string_view::npos);
}

}  // namespace
}  // namespace ombud::identity
