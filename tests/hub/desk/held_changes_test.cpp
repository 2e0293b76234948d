// What a supplier tells too early is kept, holds up nobody else, and gets into its ticket in order.
#include <gmock/gmock.h>

#include "base/bytes.hpp"
#include "desk/deliveries.hpp"
#include "desk/limits.hpp"
#include "store/held_changes.hpp"
#include "support/desk_world.hpp"

namespace ombud::test {
namespace {

using desk::Applied;
using testing::ElementsAre;
using testing::HasSubstr;

struct HeldChanges : testing::Test {
  HeldChanges() { bytes_init(); }

  static std::string comment(const std::string& event, const std::string& external_id,
                             const std::string& text,
                             const std::string& at = "2026-11-22T10:00:00Z") {
    return R"({"event_id":")" + event + R"(","external_id":")" + external_id +
           R"(","type":"comment","at":")" + at + R"(","comment":{"id":"c-)" + event +
           R"(","text":")" + text + R"(","public":true}})";
  }
  static std::string file(const std::string& event, const std::string& external_id) {
    return R"({"event_id":")" + event + R"(","external_id":")" + external_id +
           R"(","type":"attachment","attachment":{"id":"f","name":"bild.png","size":3,)" +
           R"("reference":{"id":"f"}}})";
  }
  // A ticket that the supplier knows as this.
  TicketId known_as(const std::string& external_id) {
    const TicketId ticket = world.new_ticket();
    world.delegate(ticket);
    world.done(world.claim().at(0), external_id);
    return ticket;
  }
  std::vector<std::string> supplier_says(TicketId ticket) {
    std::vector<std::string> words;
    for (const Message& m : world.view(world.agent, ticket).messages) {
      if (m.from == Party::supplier) words.push_back(m.text);
    }
    return words;
  }
  std::vector<std::string> notes(TicketId ticket) {
    std::vector<std::string> words;
    for (const Message& m : world.view(world.agent, ticket).messages) {
      if (m.from == Party::system) words.push_back(m.text);
    }
    return words;
  }
  HeldBacklog backlog() {
    return world.store.run(world.system, [](Tx& tx) { return held_backlog(tx, "nordprint"); });
  }
  HeldFetch wanted() {
    return world.store.run(world.system, [](Tx& tx) { return next_fetch(tx, "nordprint"); });
  }
  DeskWorld world;
};

TEST_F(HeldChanges, OneThatWaitsHoldsUpNoOtherTicket) {
  const TicketId other = known_as("77");
  world.delegate(world.new_ticket());
  world.claim();  // its create is under way
  EXPECT_EQ(world.change(comment("a", "88", "Om den nya.")), Applied::held);
  EXPECT_EQ(world.change(comment("b", "77", "Om den andra.")), Applied::applied);
  EXPECT_THAT(supplier_says(other), ElementsAre("Om den andra."));
  EXPECT_EQ(backlog().count, 1);
  EXPECT_EQ(backlog().since, world.clock.now());
}

TEST_F(HeldChanges, LaterOnesOfTheTicketQueueBehindItWhateverTheirClockSays) {
  const TicketId ticket = world.new_ticket();
  world.delegate(ticket);
  const Delivery create = world.claim().at(0);
  EXPECT_EQ(world.change(comment("e9", "88", "Ett.", "2026-11-23T10:00:00Z")), Applied::held);
  EXPECT_EQ(world.change(comment("e8", "88", "Två.", "2026-11-21T10:00:00Z")), Applied::held);
  world.done(create, "88");
  // Known by now; but it is not its turn.
  EXPECT_EQ(world.change(comment("e7", "88", "Tre.")), Applied::held);
  EXPECT_EQ(world.take_held(), 3);
  EXPECT_THAT(supplier_says(ticket), ElementsAre("Ett.", "Två.", "Tre."));
  EXPECT_EQ(backlog().count, 0);
  EXPECT_EQ(world.change(comment("e9", "88", "Ett.")), Applied::duplicate);
  EXPECT_EQ(world.take_held(), 0);
}

TEST_F(HeldChanges, OneThatComesTwiceWhileItIsHeldIsTakenOnce) {
  const TicketId ticket = world.new_ticket();
  world.delegate(ticket);
  const Delivery create = world.claim().at(0);
  EXPECT_EQ(world.change(comment("e", "88", "Hej.")), Applied::held);
  EXPECT_EQ(world.change(comment("e", "88", "Hej.")), Applied::duplicate);
  world.done(create, "88");
  EXPECT_EQ(world.take_held(), 1);
  EXPECT_THAT(supplier_says(ticket), ElementsAre("Hej."));
}

TEST_F(HeldChanges, AnotherCreateThatBeganLaterIsNotWaitedFor) {
  world.delegate(world.new_ticket());
  const Delivery first = world.claim().at(0);
  EXPECT_EQ(world.change(comment("e", "999", "Någon annans.")), Applied::held);
  world.delegate(world.new_ticket());
  world.claim();
  EXPECT_EQ(world.take_held(), 0);
  world.done(first, "88");
  EXPECT_EQ(world.take_held(), 1);  // decided: nobody's
  EXPECT_EQ(backlog().count, 0);
}

TEST_F(HeldChanges, WhatMayBeAnEchoWaitsForTheWriteAndIsDroppedIfItWasOne) {
  const TicketId ticket = known_as("77");
  const DelegationId delegation = world.view(world.agent, ticket).delegations.at(0).id;
  world.store
      .run(world.agent,
           [&](Tx& tx) { return desk::message_supplier(tx, delegation, "Hur går det?"); })
      .value();
  const Delivery write = world.claim().at(0);
  EXPECT_EQ(world.change(comment("echo", "77", "Hur går det? (skrivet av desken)")), Applied::held);
  EXPECT_EQ(world.change(comment("news", "77", "Bra.")), Applied::held);
  EXPECT_EQ(
      world.change(R"({"event_id":"s","external_id":"77","type":"status","status":"closed"})"),
      Applied::held);
  world.done(write, "c-echo");
  EXPECT_EQ(world.take_held(), 3);
  EXPECT_THAT(supplier_says(ticket), ElementsAre("Bra."));
  EXPECT_EQ(world.view(world.agent, ticket).delegations.at(0).state, DelegationState::resolved);
}

TEST_F(HeldChanges, AnAttachmentWaitsForItsBytesAndItsTicketWithIt) {
  const TicketId ticket = known_as("77");
  EXPECT_EQ(world.change(file("f1", "77")), Applied::held);
  EXPECT_EQ(world.change(comment("after", "77", "Se bilden.")), Applied::held);
  EXPECT_EQ(world.take_held(), 0);
  const HeldFetch fetch = wanted();
  EXPECT_THAT(fetch.document, HasSubstr("bild.png"));
  world.store.run(world.system, [&](Tx& tx) { return put_held_bytes(tx, fetch.id, "ab12", 3); });
  EXPECT_EQ(wanted().id, 0);
  EXPECT_EQ(world.take_held(), 2);
  const auto view = world.view(world.agent, ticket);
  ASSERT_EQ(view.attachments.size(), 1U);
  EXPECT_EQ(view.attachments[0].sha256, "ab12");
  EXPECT_THAT(supplier_says(ticket), ElementsAre("Se bilden."));
}

TEST_F(HeldChanges, AFetchThatFailsIsDueAgainLaterAndInTheEndTheDeskIsTold) {
  const TicketId ticket = known_as("77");
  world.change(file("f1", "77"));
  const Instant again = world.clock.now() + Millis{10'000};
  const auto put_off = [&](bool counts) {
    world.store.run(world.system, [&](Tx& tx) {
      return put_off_fetch(tx, next_fetch(tx, "nordprint").id, again, counts);
    });
  };
  put_off(true);
  EXPECT_EQ(wanted().id, 0);
  EXPECT_EQ(wanted().next_at, again);
  world.clock.set(again);
  const HeldFetch second = wanted();
  EXPECT_EQ(second.fetches, 1);
  EXPECT_EQ(second.first_at, again - Millis{10'000});
  world.store.run(world.system, [&](Tx& tx) { return lose_held_bytes(tx, second.id); });
  EXPECT_EQ(world.take_held(), 1);
  EXPECT_THAT(notes(ticket), ElementsAre(HasSubstr("could not be fetched; ask for it again")));
}

TEST_F(HeldChanges, WhatCameAboutATicketThatOnlyAPersonCouldNameIsTakenInTheOrderOfArrival) {
  const TicketId ticket = world.new_ticket();
  world.delegate(ticket);
  const Delivery create = world.claim().at(0);
  const auto dead_in_doubt = [&](Tx& tx) {
    return finish(tx, create, {Finish::dead, {}, {}, "nobody knows", true});
  };
  world.store.run(world.system, dead_in_doubt);
  EXPECT_EQ(world.change(comment("e10", "88", "Ett.", "2026-11-23T10:00:00Z")),
            Applied::unknown_ticket);
  EXPECT_EQ(world.change(comment("e9", "88", "Två.", "2026-11-22T10:00:00Z")),
            Applied::unknown_ticket);
  EXPECT_EQ(world.change(file("f", "88")), Applied::unknown_ticket);
  EXPECT_EQ(backlog().count, 0);  // nothing that anybody waits for

  Principal operator_;
  operator_.role = Role::operator_;
  world.store
      .run(operator_,
           [&](Tx& tx) {
             return desk::confirm(tx, {create.id, "found it", "88"});
           })
      .value();
  EXPECT_EQ(world.change(comment("e8", "88", "Tre.")), Applied::held);
  EXPECT_EQ(world.take_held(), 2);
  EXPECT_THAT(supplier_says(ticket), ElementsAre("Ett.", "Två."));
  const HeldFetch fetch = wanted();  // also its file is still to be had
  world.store.run(world.system, [&](Tx& tx) { return put_held_bytes(tx, fetch.id, "ab12", 3); });
  EXPECT_EQ(world.take_held(), 2);
  EXPECT_THAT(supplier_says(ticket), ElementsAre("Ett.", "Två.", "Tre."));
}

TEST_F(HeldChanges, NothingIsHeldForEver) {
  const TicketId ticket = known_as("77");
  const DelegationId delegation = world.view(world.agent, ticket).delegations.at(0).id;
  world.store
      .run(world.agent,
           [&](Tx& tx) { return desk::message_supplier(tx, delegation, "Hur går det?"); })
      .value();
  world.claim();
  EXPECT_EQ(world.change(comment("e", "77", "Vi väntar på delar.")), Applied::held);
  const auto pass = [&] {
    return world.store.run(world.system, [](Tx& tx) { return desk::take_held(tx, "nordprint"); });
  };
  EXPECT_EQ(pass().look_again, world.clock.now() + desk::kHeldMax);
  world.clock.advance(desk::kHeldMax);
  const desk::HeldPass last = pass();
  EXPECT_THAT(last.given_up, ElementsAre("e"));
  EXPECT_THAT(supplier_says(ticket), ElementsAre("Vi väntar på delar."));
  EXPECT_THAT(notes(ticket), ElementsAre(HasSubstr("may be the desk's own")));
}

TEST_F(HeldChanges, AGivenUpCreateLeavesItsChangesToNobody) {
  world.delegate(world.new_ticket());
  const Delivery create = world.claim().at(0);
  EXPECT_EQ(world.change(comment("e", "88", "Hej.")), Applied::held);
  world.store.run(world.system, [&](Tx& tx) {
    return finish(tx, create, {Finish::dead, {}, {}, "refused", false});
  });
  EXPECT_EQ(world.take_held(), 1);
  EXPECT_EQ(backlog().count, 0);
}

TEST_F(HeldChanges, ManyAreTakenInPiecesThatLetOthersWrite) {
  const TicketId ticket = world.new_ticket();
  world.delegate(ticket);
  const Delivery create = world.claim().at(0);
  for (int i = 0; i < desk::kHeldPerPass + 5; ++i) {
    world.change(comment("e" + std::to_string(i), "88", "Nummer " + std::to_string(i)));
  }
  world.done(create, "88");
  EXPECT_EQ(world.take_held(), desk::kHeldPerPass);
  EXPECT_EQ(world.take_held(), 5);
  EXPECT_EQ(supplier_says(ticket).back(), "Nummer " + std::to_string(desk::kHeldPerPass + 4));
}

}  // namespace
}  // namespace ombud::test
