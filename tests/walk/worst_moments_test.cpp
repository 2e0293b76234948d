// The supplier has applied a write and its answer is still to come: in that moment hub, connector
// process or supplier is killed. Whoever it is, the supplier ends up with one ticket and every
// message once.
#include <gtest/gtest.h>

#include <tuple>

#include "support/hub_world.hpp"

namespace ombud::testing {
namespace {

enum class Victim { hub, host, supplier };

class WorstMoment : public ::testing::TestWithParam<Victim> {
 protected:
  // Ends the victim while the answer is outstanding, and brings everything back.
  void strike(Supplier& supplier, const std::string& link) {
    switch (GetParam()) {
      case Victim::hub:
        world_.hub().kill_hard();
        supplier.fault(R"({"hold_answers":0,"drop_answers":0})");
        world_.restart_hub();
        break;
      case Victim::host:
        world_.kill_host(link);
        supplier.fault(R"({"hold_answers":0,"drop_answers":0})");
        break;
      case Victim::supplier:
        supplier.kill_hard();
        world_.restart(supplier);
        break;
    }
  }
  World world_;
};

TEST_P(WorstMoment, ASupplierThatCanBeSearchedGetsEverythingOnce) {
  const std::int64_t ticket = world_.ticket("acme", "print", "Papper");
  world_.rest().fault(R"({"hold_answers":1})");
  const std::int64_t delegation = world_.delegation(ticket);
  ASSERT_TRUE(until(kSoon, [&] { return world_.rest().count("holding") == 1; }));
  strike(world_.rest(), "skrivarpartner");
  ASSERT_TRUE(world_.await_delegation(ticket, "acknowledged")) << world_.hub().log();
  ASSERT_EQ(world_.rest().seen()["issues"].size(), 1U);

  world_.rest().fault(R"({"hold_answers":1})");
  world_.hub().must("POST", "/delegations/" + std::to_string(delegation) + "/messages",
                    object({{"text", "Ett ord."}}));
  ASSERT_TRUE(until(kSoon, [&] { return world_.rest().count("holding") == 1; }));
  strike(world_.rest(), "skrivarpartner");
  ASSERT_TRUE(world_.come_to_rest()) << world_.hub().log();
  const json::Document seen = world_.rest().seen();
  ASSERT_EQ(seen["issues"].size(), 1U);
  EXPECT_EQ(seen["issues"].at(0)["journals"].size(), 1U) << seen.root().dump();
}

TEST_P(WorstMoment, ASupplierThatTakesAKeyGetsEverythingOnce) {
  world_.queue().fault(R"({"drop_answers":1000})");
  const std::int64_t ticket =
      world_.ticket("granby", "network", "VPN");  // handed over by its agreement
  ASSERT_TRUE(until(kSoon, [&] { return world_.queue().count("dropped") >= 1; }));
  strike(world_.queue(), "drift");
  world_.queue().fault(R"({"drop_answers":0})");
  ASSERT_TRUE(world_.await_delegation(ticket, "acknowledged")) << world_.hub().log();

  const int dropped = world_.queue().count("dropped");
  world_.queue().fault(R"({"drop_answers":1000})");
  world_.hub().must("POST",
                    "/delegations/" + std::to_string(world_.delegation(ticket)) + "/messages",
                    object({{"text", "Ett ord."}}));
  ASSERT_TRUE(until(kSoon, [&] { return world_.queue().count("dropped") > dropped; }));
  strike(world_.queue(), "drift");
  world_.queue().fault(R"({"drop_answers":0})");
  ASSERT_TRUE(world_.come_to_rest()) << world_.hub().log();
  const json::Document seen = world_.queue().seen();
  ASSERT_EQ(seen.root().size(), 1U);
  EXPECT_EQ(seen.root().at(0)["entries"].size(), 1U) << seen.root().dump();
}

TEST_P(WorstMoment, APlainMailboxIsNeverWrittenToTwiceWithoutAPersonSayingSo) {
  const std::int64_t ticket = world_.ticket("acme", "premises", "Passerkort");
  world_.mail().fault(R"({"hold_answers":1})");
  world_.delegation(ticket);
  ASSERT_TRUE(until(kSoon, [&] { return world_.mail().count("holding") == 1; }));
  strike(world_.mail(), "kontorsvakt");
  ASSERT_TRUE(until(kSoon, [&] {
    const Answer trouble = world_.hub().api("GET", "/deliveries?trouble=true&link=kontorsvakt");
    return trouble.json["items"].size() == 1 &&
           trouble.json["items"].at(0)["state"].text() == "dead";
  })) << world_.hub().log();
  EXPECT_EQ(World::mails(world_.mail(), ticket).size(), 1U);
  ASSERT_TRUE(world_.come_to_rest());  // somebody looks, finds it there, and says so
  EXPECT_EQ(World::mails(world_.mail(), ticket).size(), 1U);
  EXPECT_EQ(world_.delegation_state(ticket), "acknowledged");
}

INSTANTIATE_TEST_SUITE_P(Of, WorstMoment,
                         ::testing::Values(Victim::hub, Victim::host, Victim::supplier),
                         [](const auto& instance) {
                           return instance.param == Victim::hub    ? "Hub"
                                  : instance.param == Victim::host ? "Host"
                                                                   : "Supplier";
                         });

// What a link cannot do is not asked of it: a supplier whose answers come to the desk's own address
// has no mailbox to poll.
TEST(Walk, ALinkWithoutAMailboxIsNotPolled) {
  World world;
  ASSERT_TRUE(until(kSoon, [&] {
    return world.hub().api("GET", "/links/kontorsvakt").json["host"]["state"].text() == "up";
  }));
  const Answer link = world.hub().api("GET", "/links/kontorsvakt");
  const std::string offered = link.json["host"]["extensions"].dump();
  EXPECT_EQ(offered.find("ombud.poll"), std::string::npos) << offered;
  EXPECT_NE(offered.find("ombud.outbound"), std::string::npos) << offered;
}

}  // namespace
}  // namespace ombud::testing
