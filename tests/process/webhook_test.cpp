// Webhooks over real HTTP: what each is answered, and that a supplier who floods harms nobody else.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <thread>

#include "process/hub_world.hpp"

namespace ombud::testing {
namespace {

using std::chrono::steady_clock;

constexpr const char* kHookToml = R"(supplier = "Hook AB"
connector = "hook"
[settings]
)";
// So many that 32 can wait inside and the rest still knocks 2 000 times a second.
constexpr int kFlooders = 80;
constexpr std::chrono::milliseconds kFlooderPause{24};
constexpr std::chrono::seconds kFloodFor{4};
// Far above what an idle hub needs (1-3 ms), far below what waiting behind a flood would cost; the
// sanitizers' builds share a busy machine.
constexpr std::int64_t kCalmMs = 250;
constexpr std::int64_t kGrowthKibMax = 128 << 10;

std::int64_t resident_kib(pid_t process) {
  const std::string status = read_text(fmt::format("/proc/{}/status", process));
  const std::size_t at = status.find("VmRSS:");
  return at == std::string::npos ? 0 : std::atoll(status.c_str() + at + 6);
}

class Webhooks : public ::testing::Test {
 protected:
  void SetUp() override {
    hub_.hub.write_link("quiet", kHookToml);
    hub_.hub.write_link("loud", kHookToml);
    hub_.start();
    ASSERT_TRUE(until(kSoon, [&] { return post("loud", "x").status == 204; })) << hub_.hub.log();
    ASSERT_TRUE(until(kSoon, [&] { return post("quiet", "x").status == 204; })) << hub_.hub.log();
  }
  Answer post(const std::string& link, const std::string& body) {
    return http(hub_.hub.port(), "POST", "/hooks/suppliers/" + link, body);
  }
  std::int64_t counted(const std::string& link, const std::string& outcome) {
    const std::string metrics = http(hub_.hub.port(), "GET", "/metrics").body;
    const std::string name =
        fmt::format("ombud_webhooks_total{{link=\"{}\",outcome=\"{}\"}} ", link, outcome);
    const std::size_t at = metrics.find(name);
    return at == std::string::npos ? -1 : std::atoll(metrics.c_str() + at + name.size());
  }
  LoneHub hub_;
};

TEST_F(Webhooks, EachIsAnsweredByWhatItsConnectorMakesOfIt) {
  const Answer never = post("quiet", "nonsense");
  EXPECT_EQ(never.status, 422);
  EXPECT_EQ(never.json["detail"].text(), "this is no issue of ours");
  EXPECT_EQ(post("quiet", "forged").status, 401);
  EXPECT_EQ(post("quiet", "later").status, 503);
  EXPECT_EQ(post("nobody", "x").status, 404);
  EXPECT_EQ(counted("quiet", "refused"), 1);
  EXPECT_EQ(counted("quiet", "bad_signature"), 1);
  EXPECT_GE(counted("quiet", "unavailable"), 1);
  EXPECT_GE(counted("quiet", "taken"), 1);
  EXPECT_NE(hub_.hub.log().find("this is no issue of ours"), std::string::npos);
}

// How long each of some calls took, sorted, while a condition holds.
template <class Call>
std::vector<std::int64_t> timed(std::chrono::milliseconds duration, Call call) {
  std::vector<std::int64_t> took;
  const auto end = steady_clock::now() + duration;
  while (steady_clock::now() < end) {
    const auto began = steady_clock::now();
    call();
    took.push_back(
        std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - began).count());
    std::this_thread::sleep_until(began + std::chrono::milliseconds{20});
  }
  std::sort(took.begin(), took.end());
  return took;
}

TEST_F(Webhooks, AFloodOfOneLinkRaisesNeitherTheOthersLatencyNorTheHubsMemory) {
  const std::int64_t before_kib = resident_kib(hub_.hub.process().pid());
  std::atomic<bool> over{false};
  std::atomic<std::int64_t> sent{0}, taken{0}, busy{0}, without_time{0}, other{0};
  const std::string body = "slow" + std::string(64 << 10, 'x');
  const auto flood = [&] {
    httplib::Client client("127.0.0.1", hub_.hub.port());
    client.set_keep_alive(true);
    client.set_tcp_nodelay(true);
    while (!over) {
      const auto next = steady_clock::now() + kFlooderPause;
      const auto answer = client.Post("/hooks/suppliers/loud", body, "text/plain");
      ++sent;
      const int status = answer ? answer->status : 0;
      if (status == 204) ++taken;
      if (status == 503) ++busy;
      if (status == 503 && answer->get_header_value("Retry-After").empty()) ++without_time;
      if (status != 204 && status != 503) ++other;
      std::this_thread::sleep_until(next);
    }
  };
  std::vector<std::thread> flooders;
  for (int i = 0; i < kFlooders; ++i) flooders.emplace_back(flood);

  httplib::Client quiet("127.0.0.1", hub_.hub.port());
  quiet.set_keep_alive(true);
  quiet.set_tcp_nodelay(true);
  int refused = 0;
  const auto took = timed(kFloodFor, [&] {
    const auto answer = quiet.Post("/hooks/suppliers/quiet", "x", "text/plain");
    if (!answer || answer->status != 204) ++refused;
  });
  const std::int64_t grown_kib = resident_kib(hub_.hub.process().pid()) - before_kib;
  over = true;
  for (std::thread& one : flooders) one.join();

  EXPECT_EQ(refused, 0);
  EXPECT_LT(took[took.size() * 95 / 100], kCalmMs) << "95 of 100 calls of the quiet link";
  EXPECT_LT(grown_kib, kGrowthKibMax);
  EXPECT_GT(taken, 0) << "the flooded link still takes what it can";
  EXPECT_GT(busy, 0) << "and refuses the rest";
  EXPECT_EQ(without_time, 0) << "with the time to come back";
  EXPECT_EQ(other, 0);
  RecordProperty("quiet_p50_ms", static_cast<int>(took[took.size() / 2]));
  RecordProperty("quiet_p95_ms", static_cast<int>(took[took.size() * 95 / 100]));
  RecordProperty("quiet_max_ms", static_cast<int>(took.back()));
  RecordProperty("flood_per_second", static_cast<int>(sent / kFloodFor.count()));
  RecordProperty("flood_taken", static_cast<int>(taken));
  RecordProperty("grown_kib", static_cast<int>(grown_kib));
  // A line a minute, not one for each.
  const std::string log = hub_.hub.log();
  std::size_t lines = 0;
  for (std::size_t at = 0; (at = log.find("\"outcome\":\"busy\"", at)) != std::string::npos; ++at)
    ++lines;
  EXPECT_LE(lines, 2U);
}

}  // namespace
}  // namespace ombud::testing
