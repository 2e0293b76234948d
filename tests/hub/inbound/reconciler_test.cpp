// A link that is compared by a schedule, and whose connector cannot tell what the supplier has.
#include "inbound/reconciler.hpp"

#include <gmock/gmock.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "base/bytes.hpp"
#include "store/directory.hpp"
#include "support/memory_store.hpp"
#include "support/sim_clock.hpp"

namespace ombud::test {
namespace {

class OneWire final : public Wire {
 public:
  void on_receive(Receive receive) override { receive_ = std::move(receive); }
  bool send(std::string_view, std::string) override { return true; }
  void forget(std::string_view) override {}
  void bring(const std::string& host, const wire::Message& message) {
    receive_(host, wire::encode(message));
  }

 private:
  Receive receive_;
};

class OneProcess final : public Spawner {
 public:
  bool spawn(const HostSpec& wanted, Ended ended, std::string&) override {
    spec = wanted;
    ended_ = std::move(ended);
    return true;
  }
  void kill(std::string_view) override {
    if (const Ended ended = std::exchange(ended_, nullptr)) ended({});
  }
  HostSpec spec;

 private:
  Ended ended_;
};

struct ReconcilerTest : testing::Test {
  ReconcilerTest() {
    bytes_init();
    store.run(who, [](Tx& tx) {
      sync_links(tx, {{"acme", "supplier", "Acme AB", "acme", true, "open", "", {}, "", {}}});
      return true;
    });
    reconciler.configure({Millis{24 * 3'600'000}, Millis{0}});
    start_host("1.0.0", "ombud.outbound/1");
    net::co_spawn(context, reconciler.run(), net::detached);
    run_for(Millis{5'000});
  }
  ~ReconcilerTest() override {
    reconciler.close();
    hosts.reset();
    run_for(Millis{5'000});
  }

  void run_for(Millis duration) { clock.run_for(context, duration); }
  void start_host(const std::string& version, const std::string& extension) {
    HostSpec wanted;
    wanted.link = "acme";
    wanted.connector_dir = "/opt/acme/" + version;
    wanted.settings_json = "{}";
    hosts->start(wanted, &changed);
    run_for(Millis{0});
    if (process.spec.connector_dir != wanted.connector_dir) process.kill("");  // it was told to end
    run_for(Millis{0});
    ASSERT_EQ(process.spec.connector_dir, wanted.connector_dir);
    wire::Message hello;
    hello.kind = wire::Kind::hello;
    hello.text = json::Writer()
                     .begin_object()
                     .field("wire", wire::kWireVersion)
                     .field("secret", process.spec.hello_secret)
                     .field("connector", "com.example.acme")
                     .field("version", version)
                     .begin_array("extensions")
                     .value(extension)
                     .end_array()
                     .end_object()
                     .take();
    wire.bring(process.spec.host, hello);
    run_for(Millis{0});
    ASSERT_EQ(hosts->status("acme").state, HostState::up);
    ASSERT_EQ(hosts->status("acme").version, version);
    reconciler.poke();
  }
  std::optional<Reconciliation> last() {
    return store.run(who, [](Tx& tx) { return last_reconciliation(tx, "acme"); });
  }

  net::io_context context;
  SimClock clock;
  SeededRandom random{1};
  MemoryStore store{clock, random};
  const Principal who = system_principal("test");
  const Log log{clock, Level::error, [](std::string_view) {}};
  OneWire wire;
  OneProcess process;
  Doorbell changed;
  std::optional<Hosts> hosts{
      std::in_place, context.get_executor(), clock, random, wire, process, log, HostLimits()};
  inbound::Reconciler reconciler{
      {clock, store, *hosts, log, [this] { return clock.now(); }, [] { return false; }, [] {}},
      "acme",
      {}};
};

TEST_F(ReconcilerTest, WhoAsksIsRefusedAtOnceWhateverTheScheduleWaitsFor) {
  EXPECT_FALSE(last()) << "nobody has asked";
  store.run(who, [](Tx& tx) { return start_reconciliation(tx, "acme", "command", 0); });
  reconciler.poke();
  run_for(Millis{5'000});
  EXPECT_EQ(last()->state, "failed");
  EXPECT_THAT(last()->reason, testing::HasSubstr("cannot tell what the supplier has"));
}

TEST_F(ReconcilerTest, AVersionThatCanCompareIsNotWaitedForADay) {
  start_host("2.0.0", "ombud.snapshot/1");
  run_for(Millis{5'000});
  ASSERT_TRUE(last());
  EXPECT_EQ(last()->cause, "schedule");
}

}  // namespace
}  // namespace ombud::test
