// The outbox on the real schema: one head per lane, leases, doubt, and what an operator may do.
#include "store/outbox.hpp"

#include <gtest/gtest.h>

#include "support/desk_world.hpp"
#include "support/tell.hpp"

namespace ombud {
namespace {

using test::DeskWorld;

class OutboxTest : public ::testing::Test {
 protected:
  OutboxTest() : ticket(world.new_ticket()) {
    world.store.run(world.system, [&](Tx& tx) {
      lane = lane_of_delegation(tx, {900}, "nordprint", ticket, "alfa");
      other = lane_of_delegation(tx, {901}, "nordprint", ticket, "alfa");
      return true;
    });
  }

  DeliveryId add(const Lane& to, const std::string& op, const std::string& body = "{}") {
    return world.store.run(world.system, [&](Tx& tx) {
      return enqueue(tx, to, {op, body, "", 0});
    });
  }
  std::vector<Delivery> claim_due(int room = 16) {
    return world.store.run(world.system,
                           [&](Tx& tx) { return claim(tx, "nordprint", now() + kLease, room); });
  }
  Delivery claim_one() {
    auto all = claim_due(1);
    EXPECT_EQ(all.size(), 1U);
    return all.front();
  }
  bool end(const Delivery& delivery, const Verdict& verdict) {
    return world.store.run(world.system, [&](Tx& tx) { return finish(tx, delivery, verdict); });
  }
  bool done(const Delivery& delivery, const std::string& id = "") {
    return end(delivery, {Finish::done, {}, id, "", false});
  }
  Delivery row(DeliveryId id) {
    return *world.store.run(world.system, [&](Tx& tx) { return find_delivery(tx, id); });
  }
  std::string state(DeliveryId id) { return row(id).state; }
  Instant due() {
    return world.store.run(world.system, [](Tx& tx) { return next_due(tx, "nordprint"); });
  }
  template <class F>
  Result<Delivery> operate(F f) {
    return world.store.run(world.system, [&](Tx& tx) -> Result<Delivery> { return f(tx); });
  }
  // A row that is dead, in doubt or not.
  DeliveryId dead(bool doubt) {
    const DeliveryId id = add(lane, "put_ticket");
    end(claim_one(), {Finish::dead, {}, "", "refused", doubt});
    return id;
  }
  Instant now() const { return world.clock.now(); }

  static constexpr Millis kLease{81'000};
  DeskWorld world;
  TicketId ticket;
  Lane lane, other;
};

TEST_F(OutboxTest, OnlyTheHeadOfALaneCanBeClaimed) {
  const DeliveryId first = add(lane, "put_ticket"), second = add(lane, "add_comment"),
                   alone = add(other, "put_ticket");
  EXPECT_EQ(state(second), "waiting");
  const auto claimed = claim_due();
  ASSERT_EQ(claimed.size(), 2U);
  EXPECT_EQ(claimed[0].id, first);
  EXPECT_EQ(claimed[1].id, alone);
  EXPECT_TRUE(claim_due().empty());
}

TEST_F(OutboxTest, WhoFinishesTheHeadPromotesTheNextInTheSameTransaction) {
  add(lane, "put_ticket");
  const DeliveryId second = add(lane, "add_comment"), third = add(lane, "add_comment");
  EXPECT_TRUE(done(claim_one(), "4711"));
  EXPECT_EQ(state(second), "ready");
  EXPECT_EQ(state(third), "waiting");
  EXPECT_EQ(claim_one().lane.external_id, "4711");
}

TEST_F(OutboxTest, AWaitingUpdateIsOverwrittenByANewerOneACommentNever) {
  add(lane, "put_ticket", R"({"n":1})");
  const DeliveryId update = add(lane, "put_ticket", R"({"n":2})");
  EXPECT_EQ(add(lane, "put_ticket", R"({"n":3})"), update);
  EXPECT_EQ(row(update).body, R"({"n":3})");
  const DeliveryId comment = add(lane, "add_comment");
  EXPECT_NE(add(lane, "add_comment"), comment);
  EXPECT_NE(add(lane, "put_ticket"), update);  // not across a comment: that would change the order
}

TEST_F(OutboxTest, WhatIsUnderWayIsNotOverwritten) {
  const DeliveryId first = add(lane, "put_ticket", R"({"n":1})");
  claim_one();
  EXPECT_NE(add(lane, "put_ticket", R"({"n":2})"), first);
  EXPECT_EQ(row(first).body, R"({"n":1})");
}

TEST_F(OutboxTest, ALostLeaseChangesNothing) {
  const DeliveryId id = add(lane, "put_ticket");
  const Delivery stale = claim_one();
  world.store.run(world.system, [&](Tx& tx) { return recover(tx, "nordprint", now()); });
  const Delivery fresh = claim_one();
  EXPECT_EQ(fresh.epoch, stale.epoch + 1);
  EXPECT_FALSE(done(stale, "stale"));
  EXPECT_EQ(state(id), "leased");
  EXPECT_TRUE(done(fresh, "fresh"));
  EXPECT_EQ(row(id).external_id, "fresh");
  EXPECT_FALSE(done(fresh, "again"));
}

TEST_F(OutboxTest, AfterAStopEveryLeaseComesBackInDoubtAndLater) {
  const DeliveryId id = add(lane, "put_ticket");
  claim_one();
  const Instant later = now() + Millis{11'000};
  EXPECT_EQ(world.store.run(world.system, [&](Tx& tx) { return recover(tx, "nordprint", later); }),
            1);
  EXPECT_TRUE(row(id).doubt);
  EXPECT_EQ(row(id).run_at, later);
  EXPECT_TRUE(claim_due().empty());
  world.clock.set(later);
  EXPECT_EQ(claim_one().attempts, 2);
}

TEST_F(OutboxTest, ALeaseThatNobodyEndedIsTakenBackInDoubtWhenItsTimeIsOver) {
  const DeliveryId id = add(lane, "put_ticket");
  claim_one();
  EXPECT_EQ(due(), now() + kLease);
  const auto take_back = [&] {
    return world.store.run(world.system,
                           [&](Tx& tx) { return expire(tx, "nordprint", now() + Millis{5}); });
  };
  world.clock.advance(kLease - Millis{1});
  EXPECT_EQ(take_back(), 0);
  world.clock.advance(Millis{1});
  EXPECT_EQ(take_back(), 1);
  EXPECT_EQ(state(id), "ready");
  EXPECT_TRUE(row(id).doubt);
  EXPECT_EQ(row(id).run_at, now() + Millis{5});
}

TEST_F(OutboxTest, GivenBackDoesNotCountAsAnAttempt) {
  const DeliveryId id = add(lane, "put_ticket");
  end(claim_one(), {Finish::give_back, now() + Millis{1'000}, "", "not sent", true});
  EXPECT_EQ(row(id).attempts, 0);
  EXPECT_FALSE(row(id).doubt);
  EXPECT_EQ(due(), now() + Millis{1'000});
}

TEST_F(OutboxTest, NothingIsClaimedFromALinkThatIsClosedOrMustWait) {
  add(lane, "put_ticket");
  world.store.run(world.system,
                  [&](Tx& tx) { return set_link_state(tx, "nordprint", "auth", "401"), true; });
  EXPECT_TRUE(claim_due().empty());
  EXPECT_EQ(due(), kNever);
  world.store.run(world.system, [&](Tx& tx) {
    set_link_state(tx, "nordprint", "open", "");
    set_link_not_before(tx, "nordprint", now() + Millis{60'000});
    return true;
  });
  EXPECT_TRUE(claim_due().empty());
  EXPECT_EQ(due(), now() + Millis{60'000});
  world.clock.advance(Millis{60'000});
  EXPECT_EQ(claim_due().size(), 1U);
}

TEST_F(OutboxTest, ADeadHeadHoldsItsLaneUntilAnOperatorActs) {
  const DeliveryId head = dead(false);
  const DeliveryId next = add(lane, "add_comment");
  EXPECT_EQ(state(next), "waiting");
  EXPECT_TRUE(operate([&](Tx& tx) { return operator_skip(tx, head, "never mind"); }).has_value());
  EXPECT_EQ(state(head), "cancelled");
  EXPECT_EQ(state(next), "cancelled");  // there is no ticket that it could be added to
}

TEST_F(OutboxTest, ACreateInDoubtCanBeConfirmedWithItsNumberButNotSkipped) {
  const DeliveryId head = dead(true);
  const DeliveryId next = add(lane, "add_comment");
  EXPECT_FALSE(operate([&](Tx& tx) { return operator_skip(tx, head, ""); }).has_value());
  EXPECT_FALSE(operate([&](Tx& tx) { return operator_confirm(tx, head, "", ""); }).has_value());
  EXPECT_TRUE(operate([&](Tx& tx) { return operator_confirm(tx, head, "77", ""); }).has_value());
  EXPECT_EQ(state(head), "done");
  EXPECT_EQ(state(next), "ready");
}

TEST_F(OutboxTest, AnOperatorsRetryOfWhatSurelyDidNotArriveIsTriedAtOnce) {
  const DeliveryId id = dead(false);
  world.clock.advance(Millis{5});
  EXPECT_TRUE(operate([&](Tx& tx) { return operator_retry(tx, id, "fixed"); }).has_value());
  EXPECT_EQ(row(id).run_at, now());
  EXPECT_FALSE(claim_one().doubt);
}

TEST_F(OutboxTest, AnOperatorsRetryOfADoubtKeepsItAndItsWaitWhereTheSupplierCanBeSearched) {
  const DeliveryId id = add(lane, "put_ticket");
  const Instant settled = now() + Millis{71'000};
  end(claim_one(), {Finish::doubt, settled, "", "no answer", true});
  EXPECT_TRUE(operate([&](Tx& tx) { return operator_retry(tx, id, "hurry"); }).has_value());
  EXPECT_TRUE(row(id).doubt);
  EXPECT_EQ(row(id).run_at, settled);  // a search before would not know it yet
}

TEST_F(OutboxTest, ParkingAndRetryingADoubtDoesNotShortenItsWaitEither) {
  const DeliveryId id = add(lane, "put_ticket");
  const Instant settled = now() + Millis{71'000};
  end(claim_one(), {Finish::dead, settled, "", "without an id", true});
  EXPECT_TRUE(operate([&](Tx& tx) { return operator_park(tx, id, "later"); }).has_value());
  EXPECT_TRUE(operate([&](Tx& tx) { return operator_retry(tx, id, "now"); }).has_value());
  EXPECT_TRUE(row(id).doubt);
  EXPECT_EQ(row(id).run_at, settled);
}

TEST_F(OutboxTest, WhereNothingCanBeSearchedTheOperatorHasLookedHimself) {
  world.store.run(world.system,
                  [](Tx& tx) { return set_link_lookup(tx, "nordprint", false), true; });
  const DeliveryId id = dead(true);
  EXPECT_TRUE(
      operate([&](Tx& tx) { return operator_retry(tx, id, "it did not arrive"); }).has_value());
  EXPECT_FALSE(row(id).doubt);
  EXPECT_EQ(row(id).run_at, now());
}

TEST_F(OutboxTest, OnlyADoubtCanBeConfirmedAndItsIdIsKept) {
  const DeliveryId id = dead(true);
  const DeliveryId next = add(lane, "add_comment");
  EXPECT_TRUE(
      operate([&](Tx& tx) { return operator_confirm(tx, id, "4711", "asked"); }).has_value());
  EXPECT_EQ(state(id), "done");
  EXPECT_EQ(state(next), "ready");
  EXPECT_EQ(claim_one().lane.external_id, "4711");
  const DeliveryId sure = add(other, "put_ticket");
  EXPECT_FALSE(operate([&](Tx& tx) { return operator_confirm(tx, sure, "1", ""); }).has_value());
}

TEST_F(OutboxTest, WhatIsUnderWayOrFinishedIsNobodysToChange) {
  const DeliveryId id = add(lane, "put_ticket");
  const Delivery leased = claim_one();
  for (const bool finished : {false, true}) {
    if (finished) done(leased, "4711");
    EXPECT_FALSE(operate([&](Tx& tx) { return operator_retry(tx, id, ""); }).has_value());
    EXPECT_FALSE(operate([&](Tx& tx) { return operator_skip(tx, id, ""); }).has_value());
    EXPECT_FALSE(operate([&](Tx& tx) { return operator_park(tx, id, ""); }).has_value());
    EXPECT_FALSE(operate([&](Tx& tx) { return operator_confirm(tx, id, "", ""); }).has_value());
  }
}

TEST_F(OutboxTest, EveryOrderOfAnOperatorLeavesATrace) {
  const DeliveryId id = dead(true);
  operate([&](Tx& tx) { return operator_retry(tx, id, "because"); });
  const auto attempts = world.store.run(world.system, [&](Tx& tx) { return attempts_of(tx, id); });
  ASSERT_EQ(attempts.size(), 1U);
  EXPECT_EQ(attempts[0].step, "retry");
  EXPECT_EQ(attempts[0].message, "because");
}

TEST_F(OutboxTest, TakingBackALaneLeavesWhatMayHaveArrived) {
  const DeliveryId head = dead(true);
  const DeliveryId waiting = add(lane, "add_comment");
  world.store.run(world.system, [&](Tx& tx) { return cancel_waiting(tx, lane.id, "withdrawn"); });
  EXPECT_EQ(state(waiting), "cancelled");
  EXPECT_EQ(state(head), "dead");
  EXPECT_TRUE(world.store.run(world.system, [&](Tx& tx) { return may_have_left(tx, lane.id); }));
}

TEST_F(OutboxTest, TakingBackALaneTakesAllThatSurelyDidNotArrive) {
  const DeliveryId head = dead(false);
  const DeliveryId failed = add(other, "put_ticket");
  end(claim_one(), {Finish::retry, now(), "", "503", false});
  for (const Lane& each : {lane, other}) {
    world.store.run(world.system, [&](Tx& tx) { return cancel_waiting(tx, each.id, "withdrawn"); });
    EXPECT_FALSE(world.store.run(world.system, [&](Tx& tx) { return may_have_left(tx, each.id); }));
  }
  EXPECT_EQ(state(head), "cancelled");
  EXPECT_EQ(state(failed), "cancelled");
}

TEST_F(OutboxTest, TheSweepFindsALaneWithoutAHeadAndGivesItOne) {
  add(lane, "put_ticket");
  const DeliveryId second = add(lane, "add_comment");
  const auto sweep = [&] {
    return world.store.run(world.system, [](Tx& tx) { return sweep_headless(tx); });
  };
  EXPECT_EQ(sweep(), 0);
  world.store.connection().execute_script(
      "UPDATE delivery SET state = 'done', finished_at = 1 WHERE state = 'ready' AND link_id = "
      "'nordprint'");
  EXPECT_EQ(sweep(), 1);
  EXPECT_EQ(state(second), "ready");
  EXPECT_EQ(sweep(), 0);
}

// How SQLite walks the statement that begins so, after it was used once.
std::string plan_of(sqlite::Connection& connection, std::string_view beginning) {
  sqlite3* db = connection.raw();
  for (sqlite3_stmt* s = sqlite3_next_stmt(db, nullptr); s != nullptr;
       s = sqlite3_next_stmt(db, s)) {
    const std::string sql = sqlite3_sql(s);
    if (!sql.starts_with(beginning)) continue;
    std::string plan;
    auto add_line = [](void* to, int, char** texts, char**) {
      *static_cast<std::string*>(to) += std::string(texts[3]) + "\n";
      return 0;
    };
    sqlite3_exec(db, ("EXPLAIN QUERY PLAN " + sql).c_str(), add_line, &plan, nullptr);
    return plan;
  }
  return "no such statement";
}

TEST_F(OutboxTest, TheHotStatementsWalkTheirIndexesAndNeverTheTable) {
  add(lane, "put_ticket");
  add(lane, "add_comment");
  due();
  world.store.run(world.system, [&](Tx& tx) { return expire(tx, "nordprint", now()); });
  done(claim_one(), "4711");
  auto& connection = world.store.connection();
  const std::string claiming = plan_of(connection, "UPDATE delivery SET state = 'leased'");
  EXPECT_NE(claiming.find("delivery_ready"), std::string::npos) << claiming;
  const std::string due_next = plan_of(connection, "SELECT max(min(o.run_at)");
  EXPECT_NE(due_next.find("delivery_ready"), std::string::npos) << due_next;
  const std::string expiring =
      plan_of(connection,
              "UPDATE delivery SET state = 'ready', doubt = 1, lease_until = NULL, run_at = $3");
  EXPECT_NE(expiring.find("delivery_leased"), std::string::npos) << expiring;
  const std::string promoting =
      plan_of(connection, "UPDATE delivery SET state = 'ready', run_at = max");
  EXPECT_NE(promoting.find("delivery_waiting"), std::string::npos) << promoting;
  EXPECT_NE(promoting.find("delivery_head"), std::string::npos) << promoting;
  for (const std::string& plan : {claiming, due_next, expiring, promoting}) {
    EXPECT_EQ(plan.find("SCAN"), std::string::npos) << plan;
  }
}

// The same figures as by going through every row, which the indexes spare it.
TEST_F(OutboxTest, CountsTheBacklogOfALinkInEveryState) {
  static constexpr Sql kEveryRow{
      "SELECT count(*), sum(state = 'dead'), sum(doubt), min(created_at), (SELECT max(finished_at)"
      " FROM delivery WHERE link_id = $1 AND state = 'done') FROM delivery WHERE link_id = $1"
      " AND state NOT IN ('done', 'cancelled') -- all tenants: test"};
  const auto expect_right = [&](const char* link, std::int64_t unfinished) {
    world.store.run(world.system, [&](Tx& tx) {
      const LinkBacklog backlog = backlog_of(tx, link);
      Rows rows = tx.query(kEveryRow, link);
      EXPECT_TRUE(rows.next());
      EXPECT_EQ(backlog.unfinished, unfinished);
      EXPECT_EQ(backlog.unfinished, rows.integer(0));
      EXPECT_EQ(backlog.dead, rows.integer(1));
      EXPECT_EQ(backlog.in_doubt, rows.integer(2));
      EXPECT_EQ(backlog.oldest_at, rows.maybe_instant(3));
      EXPECT_EQ(backlog.last_done_at, rows.maybe_instant(4));
      return true;
    });
  };
  expect_right("nordprint", 0);
  add(lane, "put_ticket");
  add(lane, "add_comment");
  world.clock.advance(Millis{10});
  add(lane, "add_comment");
  add(other, "put_ticket");
  expect_right("nordprint", 4);  // two ready, two waiting
  done(claim_one(), "1");
  world.clock.advance(Millis{10});
  expect_right("nordprint", 3);
  end(claim_one(), {Finish::doubt, now() + Millis{1'000}, "", "no answer", true});
  expect_right("nordprint", 3);
  const Delivery leased = claim_one();
  expect_right("nordprint", 3);
  end(leased, {Finish::dead, {}, "", "refused", true});
  expect_right("nordprint", 3);
  expect_right("desk-mail", 0);
  test::tell_people(world.store);
  expect_right("desk-mail", 1);  // the receipt of the ticket
}

}  // namespace
}  // namespace ombud
