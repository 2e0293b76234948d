// What went over a link is kept for a replay: once, for a while, and without the bytes of files.
#include "store/recording.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"
#include "store/outbox.hpp"
#include "support/desk_world.hpp"

namespace ombud {
namespace {

using test::DeskWorld;

class RecordingTest : public ::testing::Test {
 protected:
  RecordingTest() : ticket(world.new_ticket()) {}

  template <class F>
  auto run(F f) {
    return world.store.run(world.system, [&](Tx& tx) { return f(tx); });
  }
  void record(const std::string& raw, const std::vector<std::string>& changes = {}) {
    run([&](Tx& tx) {
      record_changes(tx, "nordprint", raw, changes);
      return true;
    });
  }
  std::vector<RecordedChange> changes() {
    return run(
        [&](Tx& tx) { return recorded_changes(tx, "nordprint", Instant{}, INT64_MAX, 5'000); });
  }

  DeskWorld world;
  TicketId ticket;
};

TEST_F(RecordingTest, WhatAPollTellsAgainIsKeptOnce) {
  record(R"({"a":1})");
  record(R"({"a":1})");
  record(R"({"a":2})");
  ASSERT_EQ(changes().size(), 2U);
  EXPECT_EQ(changes().front().raw, R"({"a":2})") << "newest first";
}

TEST_F(RecordingTest, ItNamesTheTicketAndHasNoBytesOfFiles) {
  run([&](Tx& tx) {
    const Lane lane = lane_of_delegation(tx, {900}, "nordprint", ticket, "alfa");
    enqueue(tx, lane, {"put_ticket", "{}", "", 0});
    for (const Delivery& one : claim(tx, "nordprint", tx.at() + Millis{1000}, 1)) {
      finish(tx, one, {Finish::done, {}, "E-1", "", false});
    }
    return true;
  });
  record(R"({"row":1})",
         {R"({"external_id":"E-1","type":"attachment","attachment":{"id":"4","content":"AAAA"}})"});
  ASSERT_EQ(changes().size(), 1U);
  EXPECT_EQ(changes().front().ticket.value, ticket.value);
  EXPECT_EQ(changes().front().changes,
            R"([{"external_id":"E-1","type":"attachment","attachment":{"id":"4"}}])");
  const auto writes =
      run([&](Tx& tx) { return recorded_writes(tx, "nordprint", Instant{}, INT64_MAX, 100); });
  ASSERT_EQ(writes.size(), 1U);
  EXPECT_EQ(writes.front().external_id, "") << "this write made the ticket over there";
  run([&](Tx& tx) {
    const Lane lane = *lane_of_external(tx, "nordprint", "E-1");
    enqueue(tx, lane, {"put_ticket", R"({"status":"closed"})", "", 0});
    return !claim(tx, "nordprint", tx.at() + Millis{1000}, 1).empty();
  });
  const auto later =
      run([&](Tx& tx) { return recorded_writes(tx, "nordprint", Instant{}, INT64_MAX, 100); });
  ASSERT_EQ(later.size(), 2U);
  EXPECT_EQ(later.front().external_id, "E-1") << "and this one changed it";
}

TEST_F(RecordingTest, TheOldestGoFirstAndNothingStaysForever) {
  for (int i = 0; i < kRecordingsMax + 5; ++i) {
    record("{\"n\":" + std::to_string(i) + "}");
    world.clock.advance(Millis{1});
  }
  EXPECT_EQ(static_cast<std::int64_t>(changes().size()), kRecordingsMax);
  EXPECT_EQ(changes().back().raw, R"({"n":5})");
  EXPECT_EQ(run([](Tx& tx) { return forget_recordings(tx); }), 0);
  world.clock.advance(kRecordingsKept + Millis{1});
  EXPECT_EQ(run([](Tx& tx) { return forget_recordings(tx); }), kRecordingsMax);
}

TEST_F(RecordingTest, WhatComesInOneTransactionIsTrimmedOnce) {
  run([&](Tx& tx) {
    for (int i = 0; i < kRecordingsMax + 5; ++i) {
      record_changes(tx, "nordprint", "{\"n\":" + std::to_string(i) + "}", {});
    }
    return true;
  });
  EXPECT_EQ(static_cast<std::int64_t>(changes().size()), kRecordingsMax + 5);
  world.clock.advance(Millis{1});
  record(R"({"n":"next"})");
  EXPECT_EQ(static_cast<std::int64_t>(changes().size()), kRecordingsMax);
}

TEST_F(RecordingTest, AWriteThatNeverLeftIsNoTraffic) {
  run([&](Tx& tx) {
    const Lane lane = lane_of_delegation(tx, {901}, "nordprint", ticket, "alfa");
    enqueue(tx, lane, {"put_ticket", "{}", "", 0});
    return true;
  });
  EXPECT_TRUE(run([&](Tx& tx) {
                return recorded_writes(tx, "nordprint", Instant{}, INT64_MAX, 100);
              }).empty());
}

}  // namespace
}  // namespace ombud
