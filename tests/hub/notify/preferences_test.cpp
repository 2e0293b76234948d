// What people chose is kept as they chose it; an approval can never be switched off altogether.
#include "notify/preferences.hpp"

#include <gtest/gtest.h>

#include "support/desk_world.hpp"

namespace ombud::notify {
namespace {

TEST(Preferences, ComeBackAsTheyWereChosen) {
  Preferences chosen;
  chosen.of(Kind::replied) = {false, true};
  chosen.of(Kind::solved) = {false, false};
  chosen.of(Kind::status_changed) = {true, true};
  chosen.digest = Digest::weekly;
  chosen.digest_at = 0;
  chosen.quiet = Quiet{1320, 360};
  EXPECT_EQ(preferences_from(row_of(chosen)), chosen);
  EXPECT_EQ(preferences_from(row_of({})), Preferences());
}

TEST(Preferences, OfWhoeverChoseNothingAreSensible) {
  test::DeskWorld world;
  const auto given =
      world.store.run(world.system, [&](Tx& tx) { return preferences_of(tx, world.user.person); });
  EXPECT_EQ(given, Preferences());
  EXPECT_EQ(given.of(Kind::registered), (Ways{true, false}));
  EXPECT_EQ(given.of(Kind::status_changed), (Ways{false, true}));
  EXPECT_EQ(given.of(Kind::major_incident), (Ways{true, true}));
}

TEST(Preferences, RefuseWhatWouldLeaveSomebodyWaiting) {
  test::DeskWorld world;
  const auto choose_now = [&](const Preferences& chosen) {
    return world.store.run(
        world.user, [&](Tx& tx) { return choose(tx, world.user.person, chosen).has_value(); });
  };
  Preferences chosen;
  chosen.of(Kind::approval_needed) = {false, true};
  EXPECT_TRUE(choose_now(chosen));
  chosen.of(Kind::approval_needed) = {false, false};
  EXPECT_FALSE(choose_now(chosen));
  chosen = {};
  chosen.quiet = Quiet{600, 600};
  EXPECT_FALSE(choose_now(chosen));
  chosen = {};
  chosen.digest_at = kMinutesOfDay;
  EXPECT_FALSE(choose_now(chosen));
}

}  // namespace
}  // namespace ombud::notify
