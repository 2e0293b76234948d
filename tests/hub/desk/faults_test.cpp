// What a person reads on the ticket when a supplier renames a status or has lost its copy, and what
// he can do about it.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "base/bytes.hpp"
#include "desk/lost_copies.hpp"
#include "store/link_troubles.hpp"
#include "store/outbox.hpp"
#include "support/desk_world.hpp"

namespace ombud::test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

struct DeskFaults : testing::Test {
  DeskFaults() {
    bytes_init();
    ticket = world.new_ticket();
    delegation = world.delegate(ticket).id;
    world.done(world.claim().at(0), "4711");
  }
  std::vector<std::string> notes() {
    std::vector<std::string> words;
    for (const Message& m : world.view(world.agent, ticket).messages) {
      if (m.from == Party::system) words.push_back(m.text);
    }
    return words;
  }
  Delegation now() { return world.view(world.agent, ticket).delegations.back(); }
  // The supplier answers so to an update.
  Delivery refused_with(int code) {
    world.store.run(world.agent, [&](Tx& tx) {
      return bool(desk::message_supplier(tx, delegation, "Hur går det?"));
    });
    const Delivery head = world.claim().at(0);
    world.store.run(world.system, [&](Tx& tx) {
      record_attempt(tx, head.id,
                     {head.epoch, "write", "permanent", tx.at(), tx.at(), code, "no", 0});
      const bool kept = finish(tx, head, {Finish::dead, {}, {}, "no", false});
      desk::undeliverable(tx, head, "no");
      return kept;
    });
    return head;
  }
  void copy_is_gone() { refused_with(404); }
  DeskWorld world;
  TicketId ticket;
  DelegationId delegation;
};

TEST_F(DeskFaults, ARenamedStatusKeepsTheLastOneShowsTheWordAndTellsTheLineToWrite) {
  world.store.run(world.system, [](Tx& tx) {
    sync_links(tx,
               {{"nordprint", "supplier", "Nordprint AB", "rest", true, "open", "", {}, "", {}}});
    return true;
  });
  world.change(R"({"event_id":"1","external_id":"4711","type":"status","status":"in_progress"})");
  world.change(
      R"({"event_id":"2","external_id":"4711","type":"status","status":"unknown","status_text":"På \"is\""})");
  EXPECT_EQ(now().state, DelegationState::in_progress);
  EXPECT_EQ(now().external_status, "På \"is\"");
  const auto line = AllOf(HasSubstr("config/suppliers/nordprint.toml"),
                          HasSubstr("[settings.status_from]"), HasSubstr(R"("På \"is\"" = )"));
  EXPECT_THAT(notes(), Contains(line));
  const auto troubles =
      world.store.run(world.system, [](Tx& tx) { return troubles_of(tx, "nordprint"); });
  ASSERT_THAT(troubles, SizeIs(1));
  EXPECT_EQ(troubles[0].about, "status");
  EXPECT_THAT(troubles[0].message, HasSubstr("which this link does not map"));
  EXPECT_THAT(troubles[0].next_step, line);
}

TEST_F(DeskFaults, ATicketThatTheSupplierDeletedCanBeHandedOverAgain) {
  copy_is_gone();
  const auto fresh = world.store.run(
      world.agent, [&](Tx& tx) { return desk::recreate(tx, delegation, "deleted there"); });
  ASSERT_TRUE(fresh) << fresh.error().detail;
  EXPECT_NE(fresh->id, delegation);
  const auto all = world.view(world.agent, ticket).delegations;
  EXPECT_EQ(all.front().state, DelegationState::withdrawn);
  EXPECT_EQ(all.front().reason, "deleted there");
  const auto next = world.claim();
  ASSERT_THAT(next, SizeIs(1));
  EXPECT_EQ(next[0].op, "put_ticket");
  EXPECT_THAT(next[0].lane.external_id, IsEmpty()) << "a new ticket there";
}

TEST_F(DeskFaults, OrWrittenOffWithoutAWordToTheSupplier) {
  copy_is_gone();
  const auto ended =
      world.store.run(world.agent, [&](Tx& tx) { return desk::write_off(tx, delegation, ""); });
  ASSERT_TRUE(ended) << ended.error().detail;
  EXPECT_EQ(ended->state, DelegationState::withdrawn);
  EXPECT_THAT(world.claim(), IsEmpty()) << "nothing is left to tell it";
  EXPECT_EQ(world.view(world.agent, ticket).ticket.status, TicketStatus::in_progress);
}

TEST_F(DeskFaults, ACommentThatWasRefusedIsNoLostCopyAndMakesNoSecondTicket) {
  const Delivery dead = refused_with(422);
  const auto again =
      world.store.run(world.agent, [&](Tx& tx) { return desk::recreate(tx, delegation, ""); });
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ProblemKind::conflict);
  for (const std::string& words :
       {std::string("answered 422"), fmt::format("ombud delivery retry {}", dead.id.value),
        fmt::format("ombud delivery skip {} ", dead.id.value),
        fmt::format("ombud delegation withdraw {}", delegation.value)}) {
    EXPECT_THAT(again.error().detail, HasSubstr(words));
  }
  EXPECT_THAT(world.view(world.agent, ticket).delegations, SizeIs(1));
  EXPECT_THAT(world.claim(), IsEmpty());
  // It is tried again, and this time the ticket is not there: the last answer counts.
  world.store.run(world.agent,
                  [&](Tx& tx) { return bool(operator_retry(tx, dead.id, "once more")); });
  const Delivery head = world.claim().at(0);
  world.store.run(world.system, [&](Tx& tx) {
    record_attempt(tx, head.id,
                   {head.epoch, "write", "permanent", tx.at(), tx.at(), 410, "gone", 0});
    return finish(tx, head, {Finish::dead, {}, {}, "gone", false});
  });
  const auto fresh =
      world.store.run(world.agent, [&](Tx& tx) { return desk::recreate(tx, delegation, ""); });
  EXPECT_TRUE(fresh) << fresh.error().detail;
}

TEST_F(DeskFaults, ACopyThatNothingSaysIsLostIsNotWrittenOff) {
  const auto refused =
      world.store.run(world.agent, [&](Tx& tx) { return desk::write_off(tx, delegation, ""); });
  EXPECT_EQ(refused.error().kind, ProblemKind::conflict);
  EXPECT_THAT(refused.error().detail, HasSubstr("withdraw it"));
}

}  // namespace
}  // namespace ombud::test
