// Events that lie in a queue: none leaves it before the next cursor proves it committed, none is
// skipped, and one that cannot be read holds up no other. The line is scripted.
#include "queue/events.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "base/bytes.hpp"
#include "plugins/bench.hpp"
#include "queue/connector.hpp"

namespace ombud::queue {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// A broker in memory: what is handed over and not acknowledged is there again.
struct Scripted {
  std::deque<Delivered> queue;
  std::vector<std::string> rejected;
  std::size_t window = 100;
  bool reachable = true;
  std::uint64_t next_tag = 1;
  void publish(const std::string& body) { queue.push_back({next_tag++, body}); }
  std::vector<std::string> bodies() const {
    std::vector<std::string> all;
    for (const Delivered& one : queue) all.push_back(one.body);
    return all;
  }
};

class ScriptedLine final : public Line, public EventQueue {
 public:
  explicit ScriptedLine(Scripted& script) : script_(script) {}
  Answer ask(const Question&) override { return {}; }
  Answer examine() override { return {}; }
  EventQueue* events() override { return this; }
  Answer receive(std::vector<Delivered>& waiting) override {
    Answer answer;
    answer.why = "the broker is gone";
    if (!script_.reachable) return answer;
    answer.heard = Heard::answer;
    const auto count = static_cast<std::ptrdiff_t>(std::min(script_.window, script_.queue.size()));
    waiting.assign(script_.queue.begin(), script_.queue.begin() + count);
    return answer;
  }
  bool acknowledge(std::uint64_t tag) override {
    return std::erase_if(script_.queue, [tag](const Delivered& one) { return one.tag == tag; }) > 0;
  }
  bool reject(std::uint64_t tag) override {
    for (const Delivered& one : script_.queue) {
      if (one.tag == tag) script_.rejected.push_back(one.body);
    }
    return acknowledge(tag);
  }

 private:
  Scripted& script_;
};

class ScriptedCarrier final : public Carrier {
 public:
  explicit ScriptedCarrier(Scripted& script) : script_(script) {}
  std::unique_ptr<Line> open(const sdk::Call&) override {
    return std::make_unique<ScriptedLine>(script_);
  }

 private:
  Scripted& script_;
};

std::string event(const std::string& id, const std::string& more = "") {
  return R"({"schema":"ombud.change/1","event_id":")" + id +
         R"(","external_id":"Q-1","type":"comment")" + more + "}";
}

class QueuedEvents : public ::testing::Test {
 protected:
  QueuedEvents() { bytes_init(); }

  struct Polled {
    bench::Outcome outcome;
    std::vector<std::string> events;
    std::string cursor;
  };
  Polled poll(const std::string& cursor) {
    const ombud_host host{OMBUD_ABI_MAJOR, OMBUD_ABI_MINOR, nullptr,
                          [](const ombud_host*, const char*) -> const void* { return nullptr; }};
    QueueConnector connector(sdk::Host(&host), settings_,
                             std::make_unique<ScriptedCarrier>(broker_));
    bench::Frame frame(10'000);
    const sdk::Call call(frame.call());
    sdk::Sink out(frame.sink());
    const sdk::Status status = connector.changes(call, cursor, out);
    Polled polled{frame.finish(static_cast<ombud_status>(status)), {}, cursor};
    for (const std::string& document : polled.outcome.documents) {
      const auto parsed = json::parse(document);
      if ((*parsed)["cursor"].is_text()) {
        polled.cursor = (*parsed)["cursor"].text();
      } else {
        polled.events.emplace_back((*parsed)["event_id"].text());
      }
    }
    return polled;
  }

  Settings settings_;
  Scripted broker_;
};

TEST_F(QueuedEvents, LeaveTheQueueOnlyWhenTheNextCursorProvesThemCommitted) {
  broker_.publish(event("e1"));
  broker_.publish(event("e2"));
  const Polled first = poll("");
  EXPECT_EQ(first.outcome.status, sdk::Status::ok);
  EXPECT_THAT(first.events, ElementsAre("e1", "e2"));
  EXPECT_THAT(broker_.queue, SizeIs(2));

  // The hub fell before its commit and asks with the old cursor: the same again.
  EXPECT_THAT(poll("").events, ElementsAre("e1", "e2"));

  broker_.publish(event("e3"));
  const Polled second = poll(first.cursor);
  EXPECT_THAT(second.events, ElementsAre("e3"));
  EXPECT_THAT(broker_.bodies(), ElementsAre(event("e3")));
  const Polled third = poll(second.cursor);
  EXPECT_THAT(third.events, IsEmpty());
  EXPECT_THAT(broker_.queue, IsEmpty());
}

TEST_F(QueuedEvents, ARedeliveryOfWhatIsCommittedIsNotHandedOverAgain) {
  broker_.publish(event("e1"));
  const Polled first = poll("");
  broker_.queue.clear();
  broker_.publish(event("e1"));  // under another tag, as after a lost connection
  broker_.publish(event("e2"));
  EXPECT_THAT(poll(first.cursor).events, ElementsAre("e2"));
}

TEST_F(QueuedEvents, TheCursorOfAnotherTransportProvesNothing) {
  broker_.publish(event("e1"));
  EXPECT_THAT(poll("17").events, ElementsAre("e1"));
  EXPECT_THAT(broker_.queue, SizeIs(1));
}

TEST_F(QueuedEvents, MoreThanTheWindowComesPollByPollAndInOrder) {
  broker_.window = 3;
  for (int i = 1; i <= 7; ++i) broker_.publish(event("e" + std::to_string(i)));
  std::string cursor;
  std::vector<std::string> all;
  for (int i = 0; i < 4; ++i) {
    const Polled polled = poll(cursor);
    all.insert(all.end(), polled.events.begin(), polled.events.end());
    cursor = polled.cursor;
  }
  EXPECT_THAT(all, ElementsAre("e1", "e2", "e3", "e4", "e5", "e6", "e7"));
  EXPECT_THAT(broker_.queue, IsEmpty());
}

TEST_F(QueuedEvents, WhatDoesNotFitOneReplyWaitsForTheNext) {
  for (int i = 1; i <= 8; ++i) {
    broker_.publish(
        event("e" + std::to_string(i), R"(,"text":")" + std::string(900'000, 'x') + "\""));
  }
  const Polled first = poll("");
  EXPECT_THAT(first.events, SizeIs(6));
  EXPECT_THAT(poll(first.cursor).events, ElementsAre("e7", "e8"));
}

TEST_F(QueuedEvents, OneThatCannotBeReadStaysAndHoldsUpNoOther) {
  broker_.publish(event("e1"));
  broker_.publish("no json \xff at all");
  broker_.publish(R"({"schema":"ombud.change/1","event_id":"e?","type":"comment"})");
  broker_.publish(event("e2", R"(,"text":")" + std::string(kEventBytesMax, 'x') + "\""));
  broker_.publish(event("e3"));
  const Polled first = poll("");
  EXPECT_EQ(first.outcome.status, sdk::Status::retry);
  EXPECT_THAT(first.outcome.message, HasSubstr("3 of the supplier's events"));
  EXPECT_THAT(first.outcome.message, HasSubstr("it is no JSON"));
  EXPECT_TRUE(is_utf8(first.outcome.message));
  EXPECT_THAT(first.events, ElementsAre("e1", "e3"));
  poll(first.cursor);
  EXPECT_THAT(broker_.queue, SizeIs(3));
}

TEST_F(QueuedEvents, OneThatCannotBeReadGoesToTheDeadLettersIfThereAreAny) {
  settings_.amqp.emplace().reject_unreadable = true;
  broker_.publish("no json");
  broker_.publish(event("e1"));
  const Polled polled = poll("");
  EXPECT_EQ(polled.outcome.status, sdk::Status::ok);
  EXPECT_THAT(polled.events, ElementsAre("e1"));
  EXPECT_THAT(broker_.rejected, ElementsAre("no json"));
}

TEST_F(QueuedEvents, AQueueOutOfReachIsRetryAndSaysWhy) {
  broker_.reachable = false;
  const Polled polled = poll("");
  EXPECT_EQ(polled.outcome.status, sdk::Status::retry);
  EXPECT_THAT(polled.outcome.message, HasSubstr("the broker is gone"));
}

TEST(Events, AnAnnouncementIsTakenAndIdsAreTextWhateverTheSupplierSends) {
  const auto events = json::parse(
      R"([{"schema":"ombud.announcement/1","remote_id":7,"title":"Nere"},)"
      R"({"schema":"ombud.change/1","event_id":1,"external_id":17,"type":"status","status":"new"}])");
  const Batch batch = batch_of(events->root());
  EXPECT_THAT(batch.fault, IsEmpty());
  ASSERT_THAT(batch.documents, SizeIs(2));
  EXPECT_THAT(batch.documents[0], HasSubstr(R"("remote_id":"7")"));
  EXPECT_THAT(batch.documents[1], HasSubstr(R"("external_id":"17")"));
  EXPECT_THAT(batch.documents[1], HasSubstr(R"("event_id":"1")"));
  const auto nameless = json::parse(R"({"schema":"ombud.announcement/1","remote_id":"7"})");
  EXPECT_THAT(fault_of(nameless->root()), HasSubstr("without a title"));
}

}  // namespace
}  // namespace ombud::queue
