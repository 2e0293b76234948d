// WebSockets under the server, with a user of its own at this end.
#include "http/websocket.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "http/problem.hpp"
#include "http/server.hpp"
#include "socket_client.hpp"

namespace ombud::http::test {
namespace {

// Says back what it hears; "flood" makes it send without end.
class Parrot final : public SocketUser {
 public:
  explicit Parrot(std::atomic<int>& alive) : alive_(alive) { ++alive_; }
  ~Parrot() override {
    --alive_;
    alive_.notify_all();
  }
  void opened(Socket& socket) override { socket_ = &socket; }
  void received(std::string_view text) override {
    if (text == "flood") big_ = std::make_shared<const std::string>(std::string(1U << 20U, 'x'));
    if (text == "end") return socket_->close(4000, "as you wish");
    said_ = std::make_shared<const std::string>(text);
    socket_->wake();
  }
  std::shared_ptr<const std::string> next() override {
    return big_ != nullptr ? big_ : std::exchange(said_, nullptr);
  }
  void closed() override { socket_ = nullptr; }

 private:
  std::atomic<int>& alive_;
  Socket* socket_ = nullptr;
  std::shared_ptr<const std::string> said_, big_;
};

class Upgrader final : public RequestHandler {
 public:
  net::awaitable<Response> serve(Exchange& exchange) override {
    if (auto refusal = exchange.not_a_handshake()) co_return std::move(*refusal);
    Response response;
    response.status = 101;
    response.socket_user = std::make_shared<Parrot>(alive);
    co_return response;
  }
  void refused(std::string_view, std::string_view, unsigned, std::string_view) override {}
  std::atomic<int> alive{0};
};

ServerLimits quick() {
  ServerLimits limits;
  limits.socket_idle = Millis{200};
  limits.socket_farewell = Millis{50};
  limits.write = Millis{100};
  return limits;
}

ServerLimits quick_to_write() {
  ServerLimits limits;
  limits.write = Millis{100};
  return limits;
}

struct WebSocketTest : testing::Test {
  explicit WebSocketTest(ServerLimits limits = {}) {
    ServerOptions options;
    options.threads = 2;
    options.limits = limits;
    server = std::make_unique<Server>(clock, random, log, handler, options);
    port = server->start().value();
  }
  SocketClient open() { return SocketClient(port, "/"); }
  // Waits until nobody is left at this end.
  void expect_all_gone() {
    for (int left = handler.alive; left > 0; left = handler.alive) handler.alive.wait(left);
    EXPECT_EQ(handler.alive, 0);
  }
  RealClock clock;
  SystemRandom random;
  Log log{clock, Level::error, [](std::string_view) {}};
  Upgrader handler;
  std::unique_ptr<Server> server;
  std::uint16_t port = 0;
};
struct StuckTest : WebSocketTest {
  StuckTest() : WebSocketTest(quick_to_write()) {}
};
struct ImpatientTest : WebSocketTest {
  ImpatientTest() : WebSocketTest(quick()) {}
};

TEST_F(WebSocketTest, AProperHandshakeIsAnsweredAndTextsGoBothWays) {
  SocketClient socket = open();
  ASSERT_EQ(socket.status(), 101);
  EXPECT_EQ(socket.answer()->header("sec-websocket-accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_NE(socket.answer()->header("x-request-id"), "");
  EXPECT_EQ(socket.answer()->header("sec-websocket-extensions"), "");
  socket.text("hej");
  EXPECT_EQ(socket.receive()->payload, "hej");
  socket.frame(kText, "two ", false);
  socket.frame(kPing, "are you there?");
  socket.frame(kMore, "parts");
  const auto pong = socket.receive();
  EXPECT_EQ(pong->opcode, kPong);
  EXPECT_EQ(pong->payload, "are you there?");
  EXPECT_EQ(socket.receive()->payload, "two parts");
}

TEST_F(WebSocketTest, AnImproperHandshakeGetsItsReason) {
  const auto status = [&](const SocketHeaders& headers) {
    return SocketClient(port, "/", headers).answer().value_or(Answer{});
  };
  EXPECT_EQ(status({{"Upgrade", ""}}).status, 426);
  EXPECT_EQ(status({{"Upgrade", "h2c"}}).header("upgrade"), "websocket");
  EXPECT_EQ(status({{"Connection", "close"}}).status, 426);
  for (const char* version : {"", "8", "12", "13, 8", "x"}) {
    const auto answer = status({{"Sec-WebSocket-Version", version}});
    EXPECT_EQ(answer.status, 426) << version;
    EXPECT_EQ(answer.header("sec-websocket-version"), "13");
  }
  for (const char* key : {"", "short", "!!!!", "dGhlIHNhbXBsZSBub25jZTEyMw=="}) {
    EXPECT_EQ(status({{"Sec-WebSocket-Key", key}}).status, 400) << key;
  }
  EXPECT_EQ(status({{"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
                    {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}})
                .status,
            400);
  Client long_winded(port);
  long_winded.send(handshake_of("/", {{"Content-Length", "5"}}) + "hello");
  EXPECT_EQ(long_winded.receive()->status, 400);
  Client early(port);  // frames before the answer
  early.send(handshake_of("/") + "\x81\x80\x01\x02\x03\x04");
  EXPECT_EQ(early.receive()->status, 400);
  Client posted(port);
  posted.send("POST" + handshake_of("/").substr(3));
  EXPECT_EQ(posted.receive()->status, 426);
  EXPECT_EQ(handler.alive, 0);
}

TEST_F(WebSocketTest, WhatBreaksTheProtocolEndsTheConnectionWithItsCode) {
  const auto code_after = [&](const std::function<void(SocketClient&)>& act) {
    SocketClient socket = open();
    act(socket);
    return socket.closed();
  };
  EXPECT_EQ(code_after([](auto& s) { s.frame(kText, "x", true, false); }), 1002);  // unmasked
  EXPECT_EQ(code_after([](auto& s) { s.frame(3, "x"); }), 1002);                   // reserved
  EXPECT_EQ(code_after([](auto& s) { s.bytes(std::string("\xC1\x80\1\2\3\4", 6)); }), 1002);
  EXPECT_EQ(code_after([](auto& s) { s.frame(kMore, "x"); }), 1002);
  EXPECT_EQ(code_after([](auto& s) { s.frame(kPing, std::string(126, 'x')); }), 1002);
  EXPECT_EQ(code_after([](auto& s) { s.frame(kPing, "x", false); }), 1002);
  EXPECT_EQ(code_after([](auto& s) { s.frame(kText, "\xC3\x28"); }), 1007);
  EXPECT_EQ(code_after([](auto& s) { s.frame(kBinary, "x"); }), 1003);
  EXPECT_EQ(code_after([](auto& s) { s.frame(kText, std::string(4097, 'x')); }), 1009);
  EXPECT_EQ(code_after([](auto& s) {  // a length that no memory has
              s.bytes(std::string("\x81\xFF\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF\1\2\3\4", 14));
            }),
            1009);
  EXPECT_EQ(code_after([](auto& s) {  // too much in small parts
              s.frame(kText, std::string(100, 'x'), false);
              for (int i = 0; i < 50; ++i) s.frame(kMore, std::string(100, 'x'), false);
            }),
            1009);
  EXPECT_EQ(code_after([](auto& s) { s.frame(kClose, std::string("\x03\xE8", 2)); }), 1000);
  expect_all_gone();
}

TEST_F(WebSocketTest, AFloodOfMessagesOrPingsIsEnded) {
  for (const int opcode : {kText, kPing, kPong}) {
    SocketClient socket = open();
    for (std::size_t i = 0; i < kSocketFramesBurst + 20U; ++i) socket.frame(opcode, "x");
    EXPECT_EQ(socket.closed(), 1008) << opcode;
  }
  expect_all_gone();
}

TEST_F(WebSocketTest, ThisEndMaySayFarewell) {
  SocketClient socket = open();
  socket.text("end");
  const auto farewell = socket.receive();
  EXPECT_EQ(farewell->code(), 4000);
  EXPECT_EQ(farewell->payload.substr(2), "as you wish");
  socket.frame(kClose, farewell->payload);
  socket.client().finish_sending();
  EXPECT_TRUE(socket.client().closed_by_peer());
  expect_all_gone();
}

TEST_F(WebSocketTest, ADrainSaysFarewellAndWaitsForTheAnswer) {
  SocketClient first = open(), second = open();
  net::io_context waiting;
  net::co_spawn(waiting, server->drain(clock, Millis{60'000}), net::detached);
  std::thread drains([&] { waiting.run(); });
  EXPECT_EQ(first.receive()->code(), 1001);
  EXPECT_EQ(second.receive()->code(), 1001);
  for (SocketClient* socket : {&first, &second}) {
    socket->frame(kClose, "\x03\xE9");
    socket->client().finish_sending();
  }
  drains.join();
  EXPECT_EQ(server->counts().open, 0);
}

TEST_F(WebSocketTest, TheServerMayGoWhileSocketsAreOpenAndBusy) {
  SocketClient idle = open(), busy = open();
  busy.text("flood");
  EXPECT_TRUE(busy.client().take(100'000));
  server.reset();
  expect_all_gone();
}

TEST_F(ImpatientTest, WhoDoesNotAnswerAFarewellIsCutOff) {
  SocketClient socket = open();
  socket.text("end");
  expect_all_gone();
  EXPECT_EQ(socket.receive()->code(), 4000);
}

TEST_F(StuckTest, WhoDoesNotReadIsCutOff) {
  SocketClient socket = open();
  socket.client().read_little();
  socket.text("flood");
  expect_all_gone();
}

TEST_F(ImpatientTest, AHalfOpenConnectionIsFoundByItsSilence) {
  SocketClient socket = open();
  const auto ping = socket.receive();  // and no pong
  EXPECT_EQ(ping->opcode, kPing);
  expect_all_gone();
}

TEST_F(ImpatientTest, WhoAnswersPingsMayStaySilent) {
  SocketClient socket = open();
  for (int i = 0; i < 5; ++i) {
    const auto ping = socket.receive();
    ASSERT_TRUE(ping && ping->opcode == kPing);
    socket.frame(kPong, ping->payload);
  }
  socket.text("still here");
  EXPECT_EQ(socket.receive()->payload, "still here");
}

}  // namespace
}  // namespace ombud::http::test
