// The hub as a process: killed under load, told to end or to read its configuration again, started
// twice.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <mutex>
#include <set>
#include <thread>

#include "process/hub_world.hpp"

namespace ombud::testing {
namespace {

constexpr int kClients = 8, kAcknowledgedMin = 200, kKills = 3;

std::set<std::string> subjects_in(Hub& hub) {
  std::set<std::string> all;
  std::string cursor;
  do {
    const Answer page =
        hub.must("GET", "/tickets?limit=200" + (cursor.empty() ? "" : "&cursor=" + cursor));
    const json::View items = page.json["items"];
    for (std::size_t i = 0; i < items.size(); ++i) {
      EXPECT_TRUE(all.insert(std::string(items.at(i)["subject"].text())).second) << "twice";
    }
    cursor = page.json["next"].text();
  } while (!cursor.empty());
  return all;
}

// A connection by hand, for requests that come in pieces.
class Wire {
 public:
  explicit Wire(int port) : file_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(file_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
  }
  ~Wire() { ::close(file_); }
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;
  bool connected() const { return connected_; }
  bool say(std::string_view text) const {
    return ::send(file_, text.data(), text.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(text.size());
  }
  std::string hear_all() const {
    std::string all;
    char piece[4096];
    for (ssize_t got = 0; (got = ::recv(file_, piece, sizeof piece, 0)) > 0;)
      all.append(piece, static_cast<std::size_t>(got));
    return all;
  }

 private:
  int file_;
  bool connected_ = false;
};

TEST(HubProcess, EveryAcknowledgedTicketOutlivesAKill) {
  LoneHub lone;
  lone.start();
  lone.add_customer();
  std::mutex mutex;
  std::set<std::string> acknowledged;
  const auto count = [&] {
    const std::scoped_lock lock(mutex);
    return static_cast<int>(acknowledged.size());
  };
  std::atomic<bool> enough{false};
  std::vector<std::thread> clients;
  for (int c = 0; c < kClients; ++c) {
    clients.emplace_back([&, c] {
      for (int i = 0; !enough; ++i) {
        const std::string subject = fmt::format("Ticket {} of client {}", i, c);
        if (lone.hub.api("POST", "/tickets", ticket_body(subject)).status != 201) continue;
        const std::scoped_lock lock(mutex);
        acknowledged.insert(subject);
      }
    });
  }
  bool came_back = true;
  for (int kill = 1; kill <= kKills && came_back; ++kill) {
    const bool loaded = until(kSoon, [&] { return count() >= kill * kAcknowledgedMin / kKills; });
    lone.hub.kill_hard();
    lone.hub.start();
    came_back = loaded && lone.hub.await_ready();
  }
  enough = true;
  for (std::thread& client : clients) client.join();
  ASSERT_TRUE(came_back) << lone.hub.log();
  const std::set<std::string> there = subjects_in(lone.hub);
  for (const std::string& subject : acknowledged)
    EXPECT_TRUE(there.contains(subject)) << subject << " was lost";
  EXPECT_GE(acknowledged.size(), static_cast<std::size_t>(kAcknowledgedMin / kKills * kKills));
  const Ran audit = lone.hub.ombud({"audit", "verify"});
  EXPECT_EQ(audit.code, 0) << audit.output;
}

TEST(HubProcess, ASecondHubOnTheSameDataSaysWhoHasIt) {
  LoneHub lone;
  lone.start();
  const Ran second = lone.hub.ombud({"serve"});
  EXPECT_EQ(second.code, 1);
  EXPECT_NE(second.output.find(std::to_string(lone.hub.process().pid())), std::string::npos)
      << second.output;
  EXPECT_EQ(std::count(second.output.begin(), second.output.end(), '\n'), 1) << second.output;
  EXPECT_EQ(http(lone.hub.port(), "GET", "/readyz").status, 200)
      << "the first one is not disturbed";
}

TEST(HubProcess, ARequestThatIsUnderWayIsAnsweredBeforeTheHubEnds) {
  LoneHub lone;
  lone.start();
  lone.add_customer();
  const std::string token =
      std::string((*json::parse(read_text(lone.hub.data() / "run/local.json")))["token"].text());
  const std::string body = ticket_body("Half of it");
  const Wire wire(lone.hub.port());
  ASSERT_TRUE(wire.connected());
  ASSERT_TRUE(wire.say(
      fmt::format("POST /api/v1/tickets HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n"
                  "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
                  token, body.size(), body.substr(0, 10))));
  // The hub has begun to read it when it counts the connection.
  ASSERT_TRUE(until(kSoon, [&] { return http(lone.hub.port(), "GET", "/healthz").status == 200; }));
  lone.hub.process().signal(SIGTERM);
  ASSERT_TRUE(
      until(kSoon, [&] { return lone.hub.log().find("\"draining\"") != std::string::npos; }));
  ASSERT_TRUE(wire.say(body.substr(10)));
  const std::string answer = wire.hear_all();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 201")) << answer;
  EXPECT_EQ(lone.hub.process().wait(kSoon), 0);
  lone.start();
  EXPECT_TRUE(subjects_in(lone.hub).contains("Half of it"));
}

TEST(HubProcess, ABrokenConfigurationIsNotTakenAndSaysWhereItIsBroken) {
  LoneHub lone;
  const std::string link =
      "supplier = \"S\"\nconnector = \"rest\"\n[settings]\nprofile = \"redmine\"\nurl = "
      "\"http://127.0.0.1:1\"\n"
      "api_key = { file = \"secrets/key\" }\nproject = \"p\"\n";
  const std::filesystem::path key = lone.hub.config() / "suppliers/secrets/key";
  write_text(key, "key");
  std::filesystem::permissions(key, std::filesystem::perms::owner_read);
  lone.hub.write_link("s", link);
  lone.start();
  lone.hub.write_link("s", "supplier = \"S\"\nconector = \"rest\"\n");
  lone.hub.process().signal(SIGHUP);
  ASSERT_TRUE(until(kSoon, [&] {
    return lone.hub.log().find("configuration not reloaded") != std::string::npos;
  }));
  EXPECT_TRUE(until(kSoon, [&] { return lone.hub.log().find("s.toml:2") != std::string::npos; }))
      << lone.hub.log();
  const Answer links = lone.hub.must("GET", "/links");
  EXPECT_TRUE(links.json["items"].at(0)["configured"].boolean()) << links.body;

  lone.hub.write_link("s", link);
  lone.hub.write_link("t", link);
  lone.hub.process().signal(SIGHUP);
  EXPECT_TRUE(until(kSoon, [&] {
    return lone.hub.must("GET", "/links").json["items"].size() == 2;
  })) << lone.hub.log();

  lone.hub.write_link("u", link);
  EXPECT_EQ(lone.hub.must("POST", "/configuration/reload", "{}").json["links"].size(), 3U);
  EXPECT_EQ(lone.hub.must("GET", "/links").json["items"].size(), 3U);
}

}  // namespace
}  // namespace ombud::testing
