// The supervisor against a wire and processes that exist in the test only, in simulated time.
#include "supervisor/hosts.hpp"

#include <gtest/gtest.h>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <list>
#include <optional>
#include <set>

#include "base/json.hpp"
#include "connector_host/limits.hpp"
#include "supervisor/limits.hpp"
#include "support/sim_clock.hpp"

namespace ombud {
namespace {

using wire::Call;
using wire::Kind;
using wire::Message;
using wire::Operation;
using wire::Reply;
using wire::Status;

class CountingRandom final : public Random {
 public:
  std::uint64_t next() override { return ++last_ * 0x9E3779B97F4A7C15U; }

 private:
  std::uint64_t last_ = 0;
};

struct Sent {
  std::string host;
  Message message;
};

class FakeWire final : public Wire {
 public:
  void on_receive(Receive receive) override { receive_ = std::move(receive); }
  bool send(std::string_view host, std::string frame) override {
    if (unreachable) return false;
    sent.push_back({std::string(host), *wire::decode(frame)});
    return true;
  }
  void forget(std::string_view host) override { forgotten.emplace_back(host); }
  void bring(const std::string& host, const Message& message) {
    receive_(host, wire::encode(message));
  }
  void bring_bytes(const std::string& host, std::string frame) { receive_(host, std::move(frame)); }

  std::vector<Sent> sent;
  std::vector<std::string> forgotten;
  bool unreachable = false;

 private:
  Receive receive_;
};

class FakeSpawner final : public Spawner {
 public:
  bool spawn(const HostSpec& spec, Ended ended, std::string& why_not) override {
    if (!refuse.empty()) return why_not = refuse, false;
    started.push_back(spec);
    running_[spec.host] = std::move(ended);
    return true;
  }
  void kill(std::string_view host) override {
    killed.emplace_back(host);
    HostExit exit;
    exit.signalled = true;
    exit.code = 9;
    end(std::string(host), exit);
  }
  void end(const std::string& host, HostExit exit) {
    const auto at = running_.find(host);
    if (at == running_.end()) return;
    const Ended ended = std::move(at->second);
    running_.erase(at);
    ended(std::move(exit));
  }
  std::size_t alive() const { return running_.size(); }

  std::vector<HostSpec> started;
  std::vector<std::string> killed;
  std::string refuse;

 private:
  std::map<std::string, Ended> running_;
};

class HostsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    hosts.emplace(context.get_executor(), clock, random, wire, spawner, log, HostLimits());
  }
  void TearDown() override {
    hosts.reset();
    run();  // lets coroutines see the end
  }

  void run() { clock.run_for(context, Millis{0}); }
  void run_for(Millis duration) { clock.run_for(context, duration); }

  static HostSpec spec(std::string settings = "{}") {
    HostSpec wanted;
    wanted.link = "acme";
    wanted.connector_dir = "/opt/acme";
    wanted.settings_json = std::move(settings);
    return wanted;
  }
  std::string host() const { return spawner.started.back().host; }

  void greet(int version = wire::kWireVersion, std::string secret = "", int parallel = 1) {
    Message hello;
    hello.text = json::Writer()
                     .begin_object()
                     .field("wire", version)
                     .field("secret", secret.empty() ? spawner.started.back().hello_secret : secret)
                     .field("connector", "com.example.acme")
                     .field("version", "1.0.0")
                     .field("lookup_lag_ms", 1500)
                     .field("pid", 4711)
                     .field("parallel", parallel)
                     .field("reads_apart", parallel > 1)
                     .begin_array("capabilities")
                     .value("attachments")
                     .end_array()
                     .begin_array("extensions")
                     .value("ombud.outbound/1")
                     .end_array()
                     .end_object()
                     .take();
    wire.bring(host(), hello);
    run();
  }
  void bring_up() {
    hosts->start(spec(), &changed);
    run();
    greet();
    ASSERT_EQ(state(), HostState::up);
  }
  void bring_up_with(int parallel) {
    hosts->start(spec(), &changed);
    run();
    greet(wire::kWireVersion, "", parallel);
    ASSERT_EQ(state(), HostState::up);
  }
  HostState state() const { return hosts->status("acme").state; }

  std::shared_ptr<std::optional<Reply>> call(Operation operation, std::string correlation = "c") {
    auto answer = std::make_shared<std::optional<Reply>>();
    Call wanted;
    wanted.operation = operation;
    wanted.correlation = std::move(correlation);
    auto done = [answer](std::exception_ptr, Reply reply) { *answer = std::move(reply); };
    callers.emplace_back();  // a slot serves one task only
    net::co_spawn(context, hosts->call("acme", std::move(wanted)),
                  net::bind_cancellation_slot(callers.back().slot(), std::move(done)));
    run();
    return answer;
  }
  Message last_sent() const { return wire.sent.back().message; }
  std::size_t sent_of(Kind kind) const {
    std::size_t count = 0;
    for (const Sent& one : wire.sent) count += one.message.kind == kind ? 1 : 0;
    return count;
  }
  void bring(Kind kind, std::uint64_t id, Status status = Status::ok) {
    Message message;
    message.kind = kind;
    message.id = id;
    message.reply.status = status;
    wire.bring(host(), message);
    run();
  }
  void die(std::string last_words = "", int code = 1) {
    HostExit exit;
    exit.code = code;
    exit.last_words = std::move(last_words);
    spawner.end(host(), exit);
    run();
  }

  net::io_context context;
  SimClock clock;
  CountingRandom random;
  FakeWire wire;
  FakeSpawner spawner;
  std::vector<std::string> lines;
  Log log{clock, Level::debug, [this](std::string_view line) { lines.emplace_back(line); }};
  Doorbell changed;
  std::list<net::cancellation_signal> callers;
  std::optional<Hosts> hosts;
};

TEST_F(HostsTest, AHostIsUpOnceItHasShownItsSecret) {
  hosts->start(spec(), &changed);
  run();
  EXPECT_EQ(state(), HostState::starting);
  EXPECT_EQ(host(), "acme#1");
  greet(wire::kWireVersion, "guessed");
  EXPECT_EQ(state(), HostState::starting);
  greet();
  const HostStatus status = hosts->status("acme");
  EXPECT_EQ(status.state, HostState::up);
  EXPECT_EQ(status.connector, "com.example.acme");
  EXPECT_EQ(status.capabilities, std::vector<std::string>{"attachments"});
  EXPECT_EQ(status.extensions, std::vector<std::string>{"ombud.outbound/1"});
  EXPECT_EQ(status.lookup_lag_ms, 1500);
  EXPECT_EQ(status.pid, 4711);
}

TEST_F(HostsTest, EveryStartHasASecretOfItsOwn) {
  bring_up();
  die();
  run_for(Millis{6'000});
  ASSERT_EQ(spawner.started.size(), 2U);
  EXPECT_NE(spawner.started[0].hello_secret, spawner.started[1].hello_secret);
  EXPECT_EQ(spawner.started[1].host, "acme#2");
}

TEST_F(HostsTest, OfManyLinksSomeStartAndTheOthersWaitForTheirTurn) {
  const std::size_t at_once = HostLimits().starting_max;
  const std::size_t all = 3 * at_once;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < all; ++i) {
    HostSpec one = spec();
    one.link = names.emplace_back("link-" + std::to_string(100 + i));
    hosts->start(std::move(one), &changed);
  }
  run();
  ASSERT_EQ(spawner.started.size(), at_once);
  EXPECT_EQ(hosts->status(names.back()).reason, "It waits for other connectors that are starting.");

  greet();  // the last of the first eight is up: one more starts
  ASSERT_EQ(spawner.started.size(), at_once + 1);
  die();  // and one that dies before its hello gives its place on too
  ASSERT_EQ(spawner.started.size(), at_once + 2);

  hosts->stop(names[at_once + 2]);  // the next in line does not want its turn any more
  hosts->stop(names[at_once + 3]);
  run();
  greet();
  ASSERT_EQ(spawner.started.size(), at_once + 3);
  EXPECT_EQ(spawner.started.back().link, names[at_once + 4]);

  run_for(HostLimits().hello * 5);  // those that never say it are killed, and give their place on
  std::set<std::string> started;
  for (const HostSpec& one : spawner.started) started.insert(one.link);
  EXPECT_EQ(started.size(), all - 2);
}

TEST_F(HostsTest, ALinkThatStartsAnewBeforeItsHelloTakesNobodysTurnForGood) {
  const std::size_t at_once = HostLimits().starting_max;
  for (std::size_t i = 0; i <= at_once; ++i) {  // one more than may start
    HostSpec one = spec();
    one.link = "link-" + std::to_string(i);
    hosts->start(std::move(one), &changed);
  }
  run();
  ASSERT_EQ(spawner.started.size(), at_once);

  HostSpec other = spec(R"({"url":"https://other.example"})");
  other.link = "link-0";
  hosts->start(std::move(other), &changed);  // ends the process, and starts in its place
  run();                                     // and comes to an end
  ASSERT_EQ(spawner.started.size(), at_once + 1);
  EXPECT_EQ(spawner.started.back().link, "link-0");

  greet();
  ASSERT_EQ(spawner.started.size(), at_once + 2);
  EXPECT_EQ(spawner.started.back().link, "link-" + std::to_string(at_once));
}

TEST_F(HostsTest, AHostOfAnotherWireVersionIsKilledWithASentence) {
  hosts->start(spec(), &changed);
  run();
  greet(wire::kWireVersion + 1);
  EXPECT_EQ(spawner.killed.size(), 1U);
  EXPECT_NE(hosts->status("acme").reason.find("one release"), std::string::npos);
}

TEST_F(HostsTest, AHostThatNeverSaysHelloIsKilled) {
  hosts->start(spec(), &changed);
  run_for(Millis{9'999});
  EXPECT_TRUE(spawner.killed.empty());
  run_for(Millis{1});
  EXPECT_EQ(spawner.killed.size(), 1U);
  EXPECT_EQ(state(), HostState::backing_off);
}

TEST_F(HostsTest, ACallGetsWhatTheConnectorSaid) {
  bring_up();
  const auto answer = call(Operation::put_ticket, "corr-1");
  ASSERT_EQ(last_sent().kind, Kind::call);
  EXPECT_EQ(last_sent().call.correlation, "corr-1");
  bring(Kind::started, last_sent().id);
  EXPECT_FALSE(answer->has_value());
  bring(Kind::reply, last_sent().id, Status::permanent);
  ASSERT_TRUE(answer->has_value());
  EXPECT_EQ((*answer)->status, Status::permanent);
}

TEST_F(HostsTest, CallsOfALinkRunOneAfterTheOther) {
  bring_up();
  const auto first = call(Operation::put_ticket, "1");
  const auto second = call(Operation::put_ticket, "2");
  EXPECT_EQ(sent_of(Kind::call), 1U);
  bring(Kind::reply, last_sent().id);
  EXPECT_EQ(sent_of(Kind::call), 2U);
  EXPECT_EQ(last_sent().call.correlation, "2");
  EXPECT_FALSE(second->has_value());
  bring(Kind::reply, last_sent().id);
  EXPECT_TRUE(first->has_value() && second->has_value());
}

TEST_F(HostsTest, AsManyCallsRunAtOnceAsTheHostHasInstances) {
  bring_up_with(2);
  const auto first = call(Operation::put_ticket, "1");
  const std::uint64_t first_id = last_sent().id;
  const auto second = call(Operation::find, "2");
  const std::uint64_t second_id = last_sent().id;
  const auto third = call(Operation::put_ticket, "3");
  EXPECT_EQ(sent_of(Kind::call), 2U);
  bring(Kind::reply, second_id);
  EXPECT_TRUE(second->has_value());
  EXPECT_FALSE(first->has_value());
  EXPECT_EQ(sent_of(Kind::call), 3U);
  EXPECT_EQ(last_sent().call.correlation, "3");
  bring(Kind::reply, last_sent().id, Status::retry);
  bring(Kind::reply, first_id);
  EXPECT_EQ((*first)->status, Status::ok);
  EXPECT_EQ((*third)->status, Status::retry);
}

TEST_F(HostsTest, ReadsAndDeliveriesDoNotWaitForEachOther) {
  bring_up_with(2);
  call(Operation::changes);
  const auto check = call(Operation::check);  // waits for the poll
  EXPECT_EQ(sent_of(Kind::call), 1U);
  call(Operation::put_ticket, "1");
  call(Operation::put_ticket, "2");
  EXPECT_EQ(sent_of(Kind::call), 3U);
  EXPECT_FALSE(check->has_value());
}

TEST_F(HostsTest, AKillPutsEveryWriteInDoubtAndLetsEveryReadBeRepeated) {
  bring_up_with(3);
  const auto hanging = call(Operation::put_ticket, "1");
  const auto write = call(Operation::add_comment, "2");
  const auto look_up = call(Operation::find, "3");
  const auto poll = call(Operation::changes);
  const auto queued = call(Operation::put_ticket, "4");
  run_for(Millis{40'000});
  EXPECT_EQ(spawner.killed.size(), 1U);
  EXPECT_EQ((*hanging)->status, Status::ambiguous);
  EXPECT_EQ((*write)->status, Status::ambiguous);
  EXPECT_EQ((*look_up)->status, Status::retry);
  EXPECT_EQ((*poll)->status, Status::retry);
  EXPECT_EQ((*queued)->status, Status::cancelled);
}

TEST_F(HostsTest, NothingIsSentToAProcessThatIsAboutToBeKilled) {
  bring_up_with(2);
  call(Operation::put_ticket, "hangs");
  run_for(Millis{37'999});
  const auto before = call(Operation::put_ticket, "1");
  bring(Kind::reply, last_sent().id);
  EXPECT_TRUE(before->has_value());
  run_for(Millis{1});
  const auto quiet = call(Operation::put_ticket, "2");
  EXPECT_EQ(last_sent().call.correlation, "1");
  run_for(Millis{2'000});
  EXPECT_EQ((*quiet)->status, Status::cancelled);  // surely not applied, so not in doubt
}

TEST_F(HostsTest, EveryCallHasAHardDeadlineOfItsOwn) {
  bring_up_with(2);
  const auto early = call(Operation::put_ticket, "1");
  const std::uint64_t early_id = last_sent().id;
  run_for(Millis{30'000});
  const auto late = call(Operation::put_ticket, "2");
  run_for(Millis{9'000});
  bring(Kind::reply, early_id);
  run_for(Millis{30'999});
  EXPECT_FALSE(late->has_value());
  run_for(Millis{1});
  EXPECT_EQ((*late)->status, Status::ambiguous);
  EXPECT_EQ((*early)->status, Status::ok);
}

TEST_F(HostsTest, DrainCancelsEveryRunningCall) {
  bring_up_with(2);
  call(Operation::put_ticket, "1");
  call(Operation::put_ticket, "2");
  call(Operation::changes);
  bool drained = false;
  auto done = [&](std::exception_ptr) { drained = true; };
  net::co_spawn(context, hosts->drain(Millis{5'000}), done);
  run_for(Millis{5'000});
  EXPECT_EQ(sent_of(Kind::cancel), 3U);
  EXPECT_EQ(sent_of(Kind::stop), 0U);
  for (std::uint64_t id = 1; id <= 3; ++id) bring(Kind::reply, id, Status::cancelled);
  EXPECT_EQ(sent_of(Kind::stop), 1U);
  die("", 0);
  EXPECT_TRUE(drained);
}

TEST_F(HostsTest, AReplyToAnotherCallIsNotTaken) {
  bring_up();
  const auto answer = call(Operation::put_ticket);
  bring(Kind::reply, last_sent().id + 1);
  EXPECT_FALSE(answer->has_value());
}

TEST_F(HostsTest, WithoutAHostACallIsSurelyNotApplied) {
  EXPECT_EQ((*call(Operation::put_ticket))->status, Status::cancelled);
  hosts->start(spec(), &changed);
  run();
  EXPECT_EQ((*call(Operation::put_ticket))->status, Status::cancelled);
  greet();
  die();
  EXPECT_EQ((*call(Operation::put_ticket))->status, Status::cancelled);
}

TEST_F(HostsTest, AFrameThatCannotBeSentIsSurelyNotApplied) {
  bring_up();
  wire.unreachable = true;
  EXPECT_EQ((*call(Operation::put_ticket))->status, Status::cancelled);
  EXPECT_EQ(spawner.killed.size(), 1U);
}

TEST_F(HostsTest, DeathDuringAWriteIsDoubtAndDuringAReadARetry) {
  bring_up();
  const auto write = call(Operation::put_ticket);
  const auto queued = call(Operation::put_ticket);
  bring(Kind::started, last_sent().id);
  die("Segmentation fault");
  EXPECT_EQ((*write)->status, Status::ambiguous);
  EXPECT_NE((*write)->message.find("Segmentation fault"), std::string::npos);
  EXPECT_EQ((*queued)->status, Status::cancelled);
  run_for(Millis{6'000});
  greet();
  const auto read = call(Operation::find);
  die();
  EXPECT_EQ((*read)->status, Status::retry);
}

TEST_F(HostsTest, ASentCallWithoutASignOfItsStartIsInDoubtToo) {
  bring_up();
  const auto write = call(Operation::put_ticket);
  die();  // the frame that said "started" may have died with it
  EXPECT_EQ((*write)->status, Status::ambiguous);
}

TEST_F(HostsTest, AfterTheHardDeadlineTheProcessIsKilled) {
  bring_up();
  const auto answer = call(Operation::put_ticket);  // soft 30 s, hard 10 s later
  bring(Kind::started, last_sent().id);
  run_for(Millis{39'999});
  EXPECT_TRUE(spawner.killed.empty());
  run_for(Millis{1});
  EXPECT_EQ(spawner.killed.size(), 1U);
  EXPECT_EQ((*answer)->status, Status::ambiguous);
  EXPECT_EQ(wire.forgotten, std::vector<std::string>{"acme#1"});
}

TEST_F(HostsTest, ALateReplyOfADeadHostIsNotTaken) {
  bring_up();
  call(Operation::put_ticket);
  const std::uint64_t id = last_sent().id;
  const std::string dead = host();
  die();
  run_for(Millis{6'000});
  greet();
  const auto answer = call(Operation::put_ticket);
  Message late;
  late.kind = Kind::reply;
  late.id = id;
  wire.bring(dead, late);
  late.id = last_sent().id;
  wire.bring(dead, late);
  run();
  EXPECT_FALSE(answer->has_value());
}

TEST_F(HostsTest, ACallTooLargeForAFrameIsRefusedForGood) {
  bring_up();
  auto answer = std::make_shared<std::optional<Reply>>();
  Call big;
  big.operation = Operation::put_ticket;
  big.body.assign(host_limits::kFrameBytesMax, 'x');
  auto done = [answer](std::exception_ptr, Reply reply) { *answer = std::move(reply); };
  net::co_spawn(context, hosts->call("acme", std::move(big)), std::move(done));
  run();
  EXPECT_EQ((*answer)->status, Status::permanent);
  EXPECT_EQ(state(), HostState::up);
}

TEST_F(HostsTest, GarbageFromAHostEndsItsProcessAndNothingElse) {
  bring_up();
  const auto answer = call(Operation::find);
  wire.bring_bytes(host(), "garbage");
  run();
  EXPECT_EQ(spawner.killed.size(), 1U);
  EXPECT_EQ((*answer)->status, Status::retry);
}

TEST_F(HostsTest, RespawnWaitsGrowAndFiveFastDeathsHoldTheLink) {
  hosts->start(spec(), &changed);
  run();
  for (const std::int64_t wait_ms : {6'000, 7'000, 9'000, 13'000}) {
    greet();
    die("no such table");
    EXPECT_EQ(state(), HostState::backing_off);
    EXPECT_EQ(hosts->status("acme").next_start - clock.now(), Millis{wait_ms});
    const std::size_t before = spawner.started.size();
    run_for(Millis{wait_ms - 1});
    EXPECT_EQ(spawner.started.size(), before);
    run_for(Millis{1});
    EXPECT_EQ(spawner.started.size(), before + 1);
  }
  greet();
  die("no such table");
  EXPECT_EQ(state(), HostState::held);
  EXPECT_NE(hosts->status("acme").reason.find("no such table"), std::string::npos);
  run_for(std::chrono::hours{48});
  EXPECT_EQ(spawner.started.size(), 5U);
  hosts->restart("acme");
  run();
  EXPECT_EQ(state(), HostState::starting);
}

TEST_F(HostsTest, ALongLifeIsNotAFastDeath) {
  hosts->start(spec(), &changed);
  run();
  for (int i = 0; i < 10; ++i) {
    greet();
    run_for(Millis{60'000});
    die();
    EXPECT_EQ(state(), HostState::backing_off);
    const Millis wait = hosts->status("acme").next_start - clock.now();
    EXPECT_LE(wait, Millis{600'000});
    run_for(wait);
  }
  EXPECT_EQ(hosts->status("acme").restarts, 10);
}

TEST_F(HostsTest, OnePoisonedTicketDoesNotHoldALinkThatServesTheOthers) {
  hosts->start(spec(), &changed);
  run();
  for (int i = 0; i < 10; ++i) {
    greet();
    const auto served = call(Operation::find);
    bring(Kind::reply, last_sent().id);
    ASSERT_TRUE(served->has_value());
    call(Operation::put_ticket);
    die("poisoned");
    ASSERT_EQ(state(), HostState::backing_off);
    run_for(hosts->status("acme").next_start - clock.now());
  }
  EXPECT_EQ(hosts->status("acme").restarts, 10);
}

TEST_F(HostsTest, AProcessThatCannotStartCountsAsAFastDeath) {
  spawner.refuse = "no memory";
  hosts->start(spec(), &changed);
  run_for(std::chrono::minutes{10});
  EXPECT_EQ(state(), HostState::held);
  EXPECT_NE(hosts->status("acme").reason.find("no memory"), std::string::npos);
}

TEST_F(HostsTest, StopLetsTheRunningCallEnd) {
  bring_up();
  const auto answer = call(Operation::put_ticket);
  const std::uint64_t id = last_sent().id;
  const auto queued = call(Operation::put_ticket);
  hosts->stop("acme");
  run();
  EXPECT_EQ((*queued)->status, Status::cancelled);
  EXPECT_EQ((*call(Operation::put_ticket))->status, Status::cancelled);
  EXPECT_EQ(sent_of(Kind::stop), 0U);
  bring(Kind::reply, id);
  EXPECT_EQ((*answer)->status, Status::ok);
  EXPECT_EQ(sent_of(Kind::stop), 1U);
  die("", 0);
  EXPECT_EQ(state(), HostState::stopped);
  run_for(std::chrono::hours{1});
  EXPECT_EQ(spawner.started.size(), 1U);
}

TEST_F(HostsTest, AHostThatIgnoresStopIsKilled) {
  bring_up();
  hosts->stop("acme");
  run_for(supervisor_limits::kStopGrace);
  EXPECT_EQ(spawner.killed.size(), 1U);
  EXPECT_EQ(state(), HostState::stopped);
}

TEST_F(HostsTest, AnotherSpecReplacesTheProcessAfterItsCallAndTheSameSpecDoesNot) {
  bring_up();
  hosts->start(spec(), &changed);
  run();
  EXPECT_EQ(sent_of(Kind::stop), 0U);
  const auto answer = call(Operation::put_ticket);
  hosts->start(spec("{\"queue\":2}"), &changed);
  run();
  EXPECT_EQ(sent_of(Kind::stop), 0U);
  bring(Kind::reply, last_sent().id);
  EXPECT_EQ(sent_of(Kind::stop), 1U);
  die("", 0);
  ASSERT_EQ(spawner.started.size(), 2U);  // at once, not after a wait
  EXPECT_EQ(spawner.started[1].settings_json, "{\"queue\":2}");
  greet();
  EXPECT_EQ(state(), HostState::up);
}

TEST_F(HostsTest, ACallerThatIsCancelledMakesTheConnectorStop) {
  bring_up();
  call(Operation::put_ticket);
  const std::uint64_t id = last_sent().id;
  callers.back().emit(net::cancellation_type::terminal);
  run();
  EXPECT_EQ(last_sent().kind, Kind::cancel);
  EXPECT_EQ(last_sent().id, id);
}

TEST_F(HostsTest, DrainGivesRunningCallsTheirGraceThenCancelsThenKills) {
  bring_up();
  const auto running = call(Operation::put_ticket);
  const std::uint64_t id = last_sent().id;
  const auto queued = call(Operation::put_ticket);
  bool drained = false;
  auto done = [&](std::exception_ptr) { drained = true; };
  net::co_spawn(context, hosts->drain(Millis{5'000}), done);
  run();
  EXPECT_EQ((*queued)->status, Status::cancelled);
  run_for(Millis{4'999});
  EXPECT_EQ(sent_of(Kind::cancel), 0U);
  run_for(Millis{1});
  EXPECT_EQ(sent_of(Kind::cancel), 1U);
  EXPECT_EQ(last_sent().id, id);
  EXPECT_FALSE(drained);
  run_for(supervisor_limits::kCancelGrace);
  EXPECT_EQ(spawner.killed.size(), 1U);
  EXPECT_EQ((*running)->status, Status::ambiguous);
  EXPECT_TRUE(drained);
  EXPECT_EQ(spawner.alive(), 0U);
}

TEST_F(HostsTest, DrainOfIdleHostsEndsAsSoonAsTheyDo) {
  bring_up();
  bool drained = false;
  auto done = [&](std::exception_ptr) { drained = true; };
  net::co_spawn(context, hosts->drain(Millis{60'000}), done);
  run();
  EXPECT_EQ(sent_of(Kind::stop), 1U);
  die("", 0);
  EXPECT_TRUE(drained);
  EXPECT_EQ(state(), HostState::stopped);
}

TEST_F(HostsTest, DestructionKillsAndAnswersEveryCall) {
  bring_up();
  const auto running = call(Operation::put_ticket);
  const auto queued = call(Operation::put_ticket);
  hosts.reset();
  run();
  EXPECT_EQ(spawner.alive(), 0U);
  EXPECT_EQ((*running)->status, Status::ambiguous);
  EXPECT_EQ((*queued)->status, Status::cancelled);
}

TEST_F(HostsTest, AConnectorsLogRecordBecomesOneLineWithItsLink) {
  bring_up();
  Message record;
  record.kind = Kind::log;
  record.text = R"({"level":"warning","message":"slow","fields":{"ms":812}})";
  wire.bring(host(), record);
  EXPECT_NE(lines.back().find(R"("level":"warning")"), std::string::npos);
  EXPECT_NE(lines.back().find(R"("link":"acme","message":"slow","fields":{"ms":812})"),
            std::string::npos);
}

TEST_F(HostsTest, AFloodOfLogRecordsIsCut) {
  bring_up();
  Message record;
  record.kind = Kind::log;
  record.text = R"({"level":"info","message":"x"})";
  lines.clear();
  for (int i = 0; i < 10'000; ++i) wire.bring(host(), record);
  EXPECT_EQ(lines.size(), static_cast<std::size_t>(supervisor_limits::kLogLinesPerMinute) + 1);
}

}  // namespace
}  // namespace ombud
