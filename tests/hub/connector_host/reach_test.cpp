// What is told of an address before anything is sent there.
#include "connector_host/host/reach.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>

#include "base/json.hpp"
#include "connector_host/scripted_server.hpp"
#include "connector_host/tls_server.hpp"

namespace ombud {
namespace {

using testing::HasSubstr;

constexpr std::int64_t kNow = 1'795'388'075;  // Sun, 22 Nov 2026 22:54:35 GMT

struct Told {
  std::vector<std::string> documents;
  // "ok The clocks are 0 s apart.", empty if nothing was told.
  std::string of(std::string_view check) const {
    for (const std::string& text : documents) {
      const auto finding = json::parse(text);
      if ((*finding)["check"].text() != check) continue;
      return std::string((*finding)["state"].text()) + " " +
             std::string((*finding)["detail"].text());
    }
    return {};
  }
};

Told look(const Origin& origin, std::int64_t most_ms = 2'000, std::int64_t now_s = kNow) {
  Told told;
  reach(origin, most_ms, now_s,
        [&](std::string text) { told.documents.push_back(std::move(text)); });
  return told;
}

Told look_at(const std::string& head) {
  ScriptedServer server([&](int socket, int) {
    read_request(socket);
    write_all(socket, head);
  });
  return look({false, "127.0.0.1", server.port()});
}

TEST(Reach, TellsNameWayAndClock) {
  const Told told =
      look_at("HTTP/1.1 404 Not Found\r\nDate: Sun, 22 Nov 2026 22:54:30 GMT\r\n\r\n");
  EXPECT_THAT(told.of("name"), HasSubstr("ok 127.0.0.1 is 127.0.0.1."));
  EXPECT_THAT(told.of("connection"), HasSubstr("ok "));
  EXPECT_EQ(told.of("clock"), "ok The clocks are 5 s apart.");
  EXPECT_EQ(told.of("certificate"), "") << "plain HTTP has none";
}

TEST(Reach, WarnsOfClocksThatAreFarApart) {
  const Told ahead = look_at("HTTP/1.1 200 OK\r\nDATE: Sun, 22 Nov 2026 23:54:35 GMT\r\n\r\n");
  EXPECT_THAT(ahead.of("clock"), HasSubstr("warn The supplier's clock is 3600 s ahead of ours"));
  const Told behind = look_at("HTTP/1.1 200 OK\r\ndate: Sun, 22 Nov 2026 22:53:35 GMT\r\n\r\n");
  EXPECT_THAT(behind.of("clock"), HasSubstr("60 s behind ours"));
}

TEST(Reach, BelievesNoDateThatIsNone) {
  for (const char* head : {"HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nDate: now\r\n\r\n",
                           "SSH-2.0", "", "HTTP/1.1 200 OK\r\nDate: "}) {
    EXPECT_THAT(look_at(head).of("clock"), HasSubstr("skip")) << head;
  }
}

TEST(Reach, SaysWhichNameIsUnknownAndWhichPortIsDead) {
  EXPECT_THAT(look({true, "nosuch.invalid", 443}).of("name"),
              HasSubstr("fail The name nosuch.invalid"));
  const Told dead = look({false, "127.0.0.1", 1});
  EXPECT_THAT(dead.of("connection"), HasSubstr("fail Nothing answers at port 1"));
}

TEST(Reach, SaysThatItIsNoTlsAndDoesNotWaitForever) {
  ScriptedServer plain([](int socket, int) { write_all(socket, "220 mail.example ESMTP\r\n"); });
  EXPECT_THAT(look({true, "127.0.0.1", plain.port()}).of("certificate"),
              HasSubstr("does not speak TLS"));
  ScriptedServer silent([](int socket, int) { read_request(socket); });
  EXPECT_THAT(look({true, "127.0.0.1", silent.port()}, 200).of("certificate"), HasSubstr("fail"));
}

TEST(Reach, JudgesTheCertificateByTrustNameAndEnd) {
  constexpr long kDayS = 86'400;
  const std::string file =
      (std::filesystem::temp_directory_path() / ("ombud-reach-ca-" + std::to_string(::getpid())))
          .string();
  const auto judged = [](const TlsServer& server) {
    return look({true, "localhost", server.port()}, 5'000, std::time(nullptr)).of("certificate");
  };
  const TlsServer unknown("localhost", 90 * kDayS);
  EXPECT_THAT(judged(unknown), HasSubstr("fail The certificate is not trusted"));
  unknown.trust(file);
  EXPECT_THAT(judged(unknown), HasSubstr("ok The certificate is trusted. It is valid until 20"));
  const TlsServer ending("localhost", 10 * kDayS + 60);
  ending.trust(file);
  EXPECT_THAT(judged(ending), HasSubstr("warn The certificate ends in 10 days."));
  const TlsServer misnamed("elsewhere.example", 90 * kDayS);
  misnamed.trust(file);
  EXPECT_THAT(judged(misnamed), HasSubstr("fail"));
  const TlsServer ended("localhost", -60);
  ended.trust(file);
  EXPECT_THAT(judged(ended), HasSubstr("expired"));
  ::unsetenv("SSL_CERT_FILE");
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace ombud
