// Who of the webhooks may come in, and what is said about those that may not.
#include <gtest/gtest.h>

#include "inbound/limits.hpp"
#include "inbound/webhook_gate.hpp"

namespace ombud::inbound {
namespace {

using Door = WebhookGate::Door;

const Instant kNow = instant_of(1'795'000'000'000);

TEST(WebhookGate, LetsInSoManyOfALinkAndEachPlaceIsFreeAgainAfterwards) {
  WebhookGate gate;
  gate.set_links({"acme", "nord"});
  std::vector<WebhookGate::Admission> inside;
  for (std::size_t i = 0; i < kWebhooksPerLinkMax; ++i) {
    inside.push_back(gate.admit("acme"));
    ASSERT_EQ(inside.back().door, Door::open);
    ASSERT_NE(inside.back().place, nullptr);
  }
  EXPECT_EQ(gate.admit("acme").door, Door::busy);
  EXPECT_EQ(gate.admit("nord").door, Door::open) << "a flood of one is nothing to another";
  inside.pop_back();
  EXPECT_EQ(gate.admit("acme").door, Door::open);
}

TEST(WebhookGate, KnowsOnlyLinksThatAreConfiguredNow) {
  WebhookGate gate;
  EXPECT_EQ(gate.admit("acme").door, Door::no_link);
  gate.set_links({"acme"});
  const auto place = gate.admit("acme");
  EXPECT_EQ(place.door, Door::open);
  gate.set_links({"nord"});
  EXPECT_EQ(gate.admit("acme").door, Door::no_link);
}

TEST(WebhookGate, APlaceMayOutliveTheGate) {
  WebhookGate::Admission place;
  {
    WebhookGate gate;
    gate.set_links({"acme"});
    place = gate.admit("acme");
  }
  place.place.reset();
}

TEST(WebhookGate, TellsOfAKindOnceAMinuteAndHowManyThereWere) {
  WebhookGate gate;
  gate.set_links({"acme", "nord"});
  EXPECT_EQ(gate.count("acme", WebhookEnd::taken, kNow), std::nullopt);
  EXPECT_EQ(gate.count("acme", WebhookEnd::busy, kNow), 1);
  EXPECT_EQ(gate.count("acme", WebhookEnd::busy, kNow), std::nullopt);
  EXPECT_EQ(gate.count("acme", WebhookEnd::refused, kNow), 1) << "of another kind";
  EXPECT_EQ(gate.count("nord", WebhookEnd::busy, kNow), 1) << "of another link";
  EXPECT_EQ(gate.count("acme", WebhookEnd::busy, kNow + kWebhookTellEvery), 2);
  const auto counts = gate.counts();
  ASSERT_EQ(counts.size(), 2U);
  EXPECT_EQ(counts[0].ended[static_cast<std::size_t>(WebhookEnd::busy)], 3);
  EXPECT_EQ(counts[0].ended[static_cast<std::size_t>(WebhookEnd::taken)], 1);
}

}  // namespace
}  // namespace ombud::inbound
