// One link's deliveries against a host that exists in the test only, on the real outbox: what runs
// at once, and what stands still when it must.
#include "delivery/link_runner.hpp"

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "base/json.hpp"
#include "delivery/limits.hpp"
#include "store/link_troubles.hpp"
#include "support/desk_world.hpp"
#include "support/sim_clock.hpp"

namespace ombud::delivery {
namespace {

class NoBlobs final : public Blobs {
 public:
  net::awaitable<Result<BlobRef>> put(std::string) override { co_return BlobRef(); }
  net::awaitable<Result<BlobRef>> adopt(std::string) override { co_return BlobRef(); }
  net::awaitable<std::optional<std::string>> get(std::string) override { co_return std::nullopt; }
  std::string path_of(std::string_view sha256) const override {
    return "/blobs/" + std::string(sha256);
  }
};

// Says hello as soon as it is started, and answers when the test says so.
class TestHost final : public Wire, public Spawner {
 public:
  explicit TestHost(int parallel) : parallel_(parallel) {}
  void on_receive(Receive receive) override { receive_ = std::move(receive); }
  bool send(std::string_view, std::string frame) override {
    auto message = *wire::decode(frame);
    if (message.kind == wire::Kind::call) calls.push_back(std::move(message));
    return true;
  }
  void forget(std::string_view) override {}
  bool spawn(const HostSpec& spec, Ended, std::string&) override {
    spec_ = spec;
    return true;
  }
  void kill(std::string_view) override {}
  void say_hello() {
    wire::Message hello;
    hello.text = json::Writer()
                     .begin_object()
                     .field("wire", wire::kWireVersion)
                     .field("secret", spec_.hello_secret)
                     .field("parallel", parallel_)
                     .field("reads_apart", true)
                     .end_object()
                     .take();
    receive_(spec_.host, wire::encode(hello));
  }
  void answer(std::size_t call, wire::Status status = wire::Status::ok,
              std::int64_t retry_after_ms = -1) {
    wire::Message message;
    message.kind = wire::Kind::reply;
    message.id = calls[call].id;
    message.reply.status = status;
    message.reply.retry_after_ms = retry_after_ms;
    if (status == wire::Status::ok && wire::is_write(calls[call].call.operation)) {
      message.reply.documents = {R"({"external_id":")" + std::to_string(message.id) + "\"}"};
    }
    receive_(spec_.host, wire::encode(message));
  }

  std::vector<wire::Message> calls;

 private:
  const int parallel_;
  HostSpec spec_;
  Receive receive_;
};

class LinkRunnerTest : public ::testing::Test {
 protected:
  void TearDown() override {
    runner->close();
    runner->abandon();
    hosts.reset();
    for (int i = 0; i < 3; ++i) run_for(Millis{5'000});
  }

  // So many tickets handed over, and a host with so many instances.
  void start(int tickets, int parallel, LinkSettings settings = {}) {
    for (int i = 0; i < tickets; ++i) hand_over();
    host.emplace(parallel);
    hosts.emplace(context.get_executor(), clock, world.random, *host, *host, log, HostLimits());
    settings.link = "nordprint";
    runner.emplace(context.get_executor(), clock, world.random, world.store, blobs, *hosts, log,
                   settings);
    world.store.observe([this](const CommitNote& note) {
      if (!note.links.empty()) runner->poke();
    });
    HostSpec spec;
    spec.link = "nordprint";
    hosts->start(std::move(spec), &changed);
    net::co_spawn(context, runner->run(), net::detached);
    run_for(Millis{0});
    host->say_hello();
    runner->poke();
    run_for(Millis{0});
  }
  void hand_over() {
    const TicketId ticket = world.new_ticket();
    const auto delegated = world.store.run(world.agent, [&](Tx& tx) {
      desk::Delegate request;
      request.ticket = ticket;
      request.service = "printing";
      return desk::delegate(tx, request);
    });
    ASSERT_TRUE(delegated) << delegated.error().detail;
  }
  void set_state(const std::string& state) {
    world.store.run(world.system, [&](Tx& tx) {
      set_link_state(tx, "nordprint", state, "");
      return true;
    });
    run_for(Millis{0});
  }
  std::size_t rows(const std::string& state) {
    DeliveryFilter filter;
    filter.link = "nordprint";
    filter.state = state;
    return world.store
        .run(world.system, [&](Tx& tx) { return list_deliveries(tx, filter, {}, 100); })
        .size();
  }
  std::size_t sent() const { return host->calls.size(); }
  void answer(std::size_t call, wire::Status status = wire::Status::ok,
              std::int64_t retry_after_ms = -1) {
    host->answer(call, status, retry_after_ms);
    run_for(Millis{0});
  }
  void run_for(Millis duration) {
    const Instant until = clock.now() + duration;
    do {
      world.clock.set(clock.now());
      context.restart();
      context.poll();
    } while (clock.advance(until));
    world.clock.set(clock.now());
  }

  test::DeskWorld world;
  SimClock clock{world.clock.now()};
  net::io_context context;
  Log log{clock, Level::error, [](std::string_view) {}};
  NoBlobs blobs;
  Doorbell changed;
  std::optional<TestHost> host;
  std::optional<Hosts> hosts;
  std::optional<LinkRunner> runner;
};

TEST_F(LinkRunnerTest, SendsAsManyAtOnceAsTheHostRunsAndLeasesNoMore) {
  start(5, 3);
  EXPECT_EQ(sent(), 3U);
  EXPECT_EQ(rows("leased"), 3U);
  EXPECT_EQ(rows("ready"), 2U);
  answer(1);
  EXPECT_EQ(sent(), 4U);
  answer(0);
  EXPECT_EQ(sent(), 5U);
  for (const std::size_t call : {2U, 3U, 4U}) answer(call);
  EXPECT_EQ(rows("done"), 5U);
}

TEST_F(LinkRunnerTest, FilesGoWithTheirMailAndARefusedRecipientHoldsUpNoOther) {
  start(0, 1);
  world.store.run(world.system, [](Tx& tx) {
    enqueue(tx, lane_of_letter(tx, "nordprint"), {"put_ticket", "{}", "aa bb", 0});
    enqueue(tx, lane_of_letter(tx, "nordprint"), {"put_ticket", "{}", "", 0});
    return true;
  });
  run_for(Millis{0});
  ASSERT_EQ(sent(), 1U);
  EXPECT_EQ(host->calls[0].call.content_path, "/blobs/aa\n/blobs/bb");
  answer(0, wire::Status::permanent);
  EXPECT_EQ(rows("dead"), 1U);
  ASSERT_EQ(sent(), 2U);
  EXPECT_EQ(host->calls[1].call.content_path, "");
}

TEST_F(LinkRunnerTest, APausedLinkSendsNothingMoreAtOnce) {
  start(5, 2);
  set_state("paused");
  answer(0);
  answer(1);
  run_for(Millis{600'000});
  EXPECT_EQ(sent(), 2U);
  EXPECT_EQ(rows("ready"), 3U);
  set_state("open");
  EXPECT_EQ(sent(), 4U);
}

TEST_F(LinkRunnerTest, TooManyRequestsHoldsTheWholeLinkUntilAnOperatorResumesIt) {
  start(5, 2);
  answer(0, wire::Status::rate_limited, 3'000'000);
  answer(1);
  run_for(Millis{600'000});
  EXPECT_EQ(sent(), 2U);
  set_state("open");
  EXPECT_EQ(sent(), 4U);
}

TEST_F(LinkRunnerTest, RefusedCredentialsCloseTheLinkButDoNotReopenAPausedOne) {
  start(3, 2);
  set_state("paused");
  answer(0, wire::Status::auth);
  EXPECT_EQ(world.store.run(world.system, [](Tx& tx) { return find_link(tx, "nordprint"); })->state,
            "paused");
  set_state("open");
  answer(1, wire::Status::auth);
  EXPECT_EQ(world.store.run(world.system, [](Tx& tx) { return find_link(tx, "nordprint"); })->state,
            "auth");
}

TEST_F(LinkRunnerTest, OurOwnRateLimitIsForAllThatRunAtOnce) {
  LinkSettings settings;
  settings.interval = Millis{1'000};
  start(4, 4, settings);
  EXPECT_EQ(sent(), 1U);
  run_for(Millis{999});
  EXPECT_EQ(sent(), 1U);
  run_for(Millis{1});
  EXPECT_EQ(sent(), 2U);
  run_for(Millis{2'000});
  EXPECT_EQ(sent(), 4U);
}

TEST_F(LinkRunnerTest, WhatItCannotReachOpensTheCircuitAndThenProbesOneAtATime) {
  start(16, 16);
  EXPECT_EQ(sent(), 16U);
  for (std::size_t call = 0; call < 16; ++call) answer(call, wire::Status::retry);
  run_for(Millis{3'600'000});
  EXPECT_EQ(sent(), 17U);  // and it is never answered
  EXPECT_LE(rows("leased"), 1U);
}

TEST_F(LinkRunnerTest, WhereEachHasAReceiverOfItsOwnFailuresOfOneHoldUpNobodyElse) {
  LinkSettings settings;
  settings.one_receiver = false;
  start(32, 16, settings);
  for (std::size_t call = 0; call < 16; ++call) answer(call, wire::Status::retry);
  run_for(Millis{0});
  EXPECT_EQ(sent(), 32U);
}

TEST_F(LinkRunnerTest, WhenTheProbeArrivesAllGoOnAtOnce) {
  start(16, 16);
  for (std::size_t call = 0; call < 16; ++call) answer(call, wire::Status::retry);
  run_for(Millis{10'000});
  ASSERT_EQ(sent(), 17U);
  answer(16);
  EXPECT_EQ(sent(), 16U + 16U);  // the other fifteen, not one after the other behind the probe
}

TEST_F(LinkRunnerTest, TenFailedLookUpsWriteNothingAndAreToldWithTheirNextStep) {
  start(1, 1);
  answer(0, wire::Status::ambiguous);
  for (std::size_t look_up = 1; look_up <= 10; ++look_up) {
    for (int i = 0; i < 1000 && sent() <= look_up; ++i) run_for(Millis{1'000});
    ASSERT_EQ(sent(), look_up + 1);
    ASSERT_EQ(host->calls[look_up].call.operation, wire::Operation::find);
    answer(look_up, wire::Status::retry);
  }
  auto troubles = [this] {
    return world.store.run(world.system, [](Tx& tx) { return troubles_of(tx, "nordprint"); });
  };
  ASSERT_EQ(troubles().size(), 2U);  // the write whose answer was lost, and the look-ups after it
  const LinkTrouble lookups = troubles().back();
  EXPECT_EQ(lookups.about, "lookup");
  EXPECT_EQ(lookups.times, 10);
  EXPECT_NE(lookups.next_step.find("nothing can be doubled"), std::string::npos);
  EXPECT_NE(lookups.next_step.find("ombud supplier test nordprint"), std::string::npos);
  for (int i = 0; i < 2000 && sent() <= 11; ++i) run_for(Millis{1'000});
  ASSERT_EQ(sent(), 12U);
  answer(11);  // not there: it is written again, and that works
  for (int i = 0; i < 1000 && sent() <= 12; ++i) run_for(Millis{1'000});
  answer(12);
  EXPECT_EQ(rows("done"), 1U);
  EXPECT_TRUE(troubles().empty());
}

TEST_F(LinkRunnerTest, TooManyRequestsWithoutATimeWaitsAndSaysSo) {
  start(1, 1);
  answer(0, wire::Status::rate_limited);
  const auto troubles =
      world.store.run(world.system, [](Tx& tx) { return troubles_of(tx, "nordprint"); });
  ASSERT_EQ(troubles.size(), 1U);
  EXPECT_EQ(troubles[0].status, "rate_limited");
  EXPECT_NE(troubles[0].next_step.find("goes on by itself"), std::string::npos);
  run_for(kRetryAfterUnknown - Millis{1'000});
  EXPECT_EQ(sent(), 1U);
  run_for(Millis{2'000});
  EXPECT_EQ(sent(), 2U);
}

TEST_F(LinkRunnerTest, ClosingLetsWhatIsUnderWayEnd) {
  start(3, 2);
  runner->close();
  answer(0);
  answer(1);
  EXPECT_EQ(sent(), 2U);
  EXPECT_EQ(rows("done"), 2U);
  EXPECT_EQ(rows("ready"), 1U);
}

}  // namespace
}  // namespace ombud::delivery
