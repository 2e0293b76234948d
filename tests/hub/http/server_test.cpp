#include "http/server.hpp"

#include <gtest/gtest.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <filesystem>
#include <future>
#include <thread>

#include "base/bytes.hpp"
#include "client.hpp"
#include "http/problem.hpp"

namespace ombud::http::test {
namespace {

using namespace std::string_literals;

// Answers with the method, target and body it was given. "/wait" answers when it is let go;
// "/unread" does not look at its body; "/throw" fails.
class Echo final : public RequestHandler {
 public:
  net::awaitable<Response> serve(Exchange& exchange) override {
    if (exchange.target() == "/throw") throw std::runtime_error("on purpose");
    if (exchange.target() == "/wait") {
      net::steady_timer gate(co_await net::this_coro::executor,
                             net::steady_timer::time_point::max());
      gate_ = &gate;
      ++waiting;
      waiting.notify_all();
      co_await gate.async_wait(net::as_tuple(net::use_awaitable));
    }
    Response response;
    response.content_type = "text/plain";
    response.body = std::string(to_text(exchange.method())) + " " + std::string(exchange.target());
    if (exchange.target() == "/unread") co_return response;
    auto body = co_await exchange.read_body(bytes_max);
    if (!body) co_return problem_response(body.error(), exchange.id());
    response.body += " " + *body;
    ++served;
    co_return response;
  }
  void refused(std::string_view, std::string_view, unsigned, std::string_view) override {
    ++refusals;
  }
  void server_ends() override {
    ++ends;
    served_at_end = served.load();
  }
  // Lets the one request at /wait go on. Any thread.
  void let_go() {
    net::steady_timer* gate = gate_;
    net::post(gate->get_executor(), [gate] { gate->cancel(); });
  }

  std::atomic<int> served{0}, refusals{0}, waiting{0}, ends{0}, served_at_end{-1};
  std::size_t bytes_max = 2U << 20U;

 private:
  std::atomic<net::steady_timer*> gate_{nullptr};
};

class ServerTest : public ::testing::Test {
 protected:
  ServerTest() { bytes_init(); }
  void start(ServerLimits limits = {}) {
    ServerOptions options;
    options.threads = 2;
    options.limits = limits;
    server_ = std::make_unique<Server>(clock_, random_, log_, echo_, options);
    const auto port = server_->start();
    ASSERT_TRUE(port) << port.error().detail;
    port_ = *port;
  }
  // Drains on an executor of its own, as main does.
  void drain(Millis grace) {
    net::io_context context;
    net::co_spawn(context, server_->drain(clock_, grace), net::detached);
    context.run();
  }
  // Sends the bytes and expects one refusal, then the end of the connection.
  void expect_refused(const std::string& bytes, int status, const char* what) {
    SCOPED_TRACE(what);
    Client client(port_);
    client.send(bytes);
    const auto answer = client.receive();
    ASSERT_TRUE(answer) << "no answer";
    EXPECT_EQ(answer->status, status) << answer->body;
    EXPECT_EQ(answer->header("content-type"), "application/problem+json");
    EXPECT_EQ(answer->header("connection"), "close");
    EXPECT_EQ(answer->json()["instance"].text(), answer->header("x-request-id"));
    client.finish_sending();
    EXPECT_TRUE(client.closed_by_peer());
  }

  RealClock clock_;
  SystemRandom random_;
  Log log_{clock_, Level::error, [](std::string_view) {}};
  Echo echo_;
  std::unique_ptr<Server> server_;
  std::uint16_t port_ = 0;
};

TEST_F(ServerTest, AnswersOneRequestAfterTheOtherOnAConnection) {
  start();
  Client client(port_);
  for (int i = 0; i < 3; ++i) {
    client.send("POST /a HTTP/1.1\r\nHost: desk\r\nContent-Length: 2\r\n\r\nhi");
    const auto answer = client.receive();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body, "POST /a hi");
    EXPECT_NE(answer->header("date"), "");
    EXPECT_EQ(answer->header("connection"), "");
  }
}

TEST_F(ServerTest, AnswersPipelinedRequestsInTheirOrder) {
  start();
  Client client(port_);
  std::string all;
  for (int i = 0; i < 50; ++i) {
    all += "POST /" + std::to_string(i) +
           " HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: chunked\r\n\r\n" + "3\r\nabc\r\n0\r\n\r\n";
  }
  client.send(all);
  for (int i = 0; i < 50; ++i) {
    const auto answer = client.receive();
    ASSERT_TRUE(answer) << i;
    EXPECT_EQ(answer->body, "POST /" + std::to_string(i) + " abc");
  }
}

TEST_F(ServerTest, AnswersARequestThatArrivesByteByByte) {
  start();
  Client client(port_);
  for (const char c :
       std::string("POST /slow HTTP/1.1\r\nHost: d\r\nContent-Length: 3\r\n\r\nabc")) {
    client.send(std::string(1, c));
  }
  const auto answer = client.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "POST /slow abc");
}

TEST_F(ServerTest, HeadHasTheLengthOfAGetAndNoBody) {
  start();
  Client client(port_);
  client.send("HEAD /a HTTP/1.1\r\nHost: d\r\n\r\nGET /b HTTP/1.1\r\nHost: d\r\n\r\n");
  const auto head = client.receive(true);
  ASSERT_TRUE(head);
  EXPECT_EQ(head->header("content-length"), "8");
  const auto get = client.receive();
  ASSERT_TRUE(get);
  EXPECT_EQ(get->body, "GET /b ");
}

TEST_F(ServerTest, ClosesAfterHttp10AndWhenAsked) {
  start();
  for (const char* request :
       {"GET /a HTTP/1.0\r\n\r\n", "GET /a HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n"}) {
    Client client(port_);
    client.send(request);
    const auto answer = client.receive();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->header("connection"), "close");
    EXPECT_TRUE(client.closed_by_peer());
  }
}

TEST_F(ServerTest, AcceptsTheAbsoluteFormOfATarget) {
  start();
  const auto answer = ask(port_, {.target = "http://desk/a?b=1"});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "GET /a?b=1 ");
}

TEST_F(ServerTest, RefusesWhatIsNoRequest) {
  start();
  expect_refused("\x16\x03\x01\x02\x01\r\n\r\n", 400, "TLS");
  expect_refused("hello world\r\n\r\n", 400, "words");
  expect_refused("GET / HTTP/3.0\r\nHost: d\r\n\r\n", 400, "version");
  expect_refused("GET / HTTP/1.1\nHost: d\n\n", 400, "bare LF");
  expect_refused("GET / HTTP/1.1\r\nHost: d\r\nA: b\nC: d\r\n\r\n", 400, "bare LF between fields");
  expect_refused("GET / HTTP/1.1\r\nHost : d\r\n\r\n", 400, "space before the colon");
  expect_refused("GET / HTTP/1.1\r\nHost: d\r\nA: \0\r\n\r\n"s, 400, "NUL");
  expect_refused("GET nowhere HTTP/1.1\r\nHost: d\r\n\r\n", 400, "target without a slash");
  EXPECT_EQ(echo_.served, 0);
}

TEST_F(ServerTest, RefusesWhatProxiesReadDifferently) {
  start();
  const std::string smuggled = "GET /smuggled HTTP/1.1\r\nHost: d\r\n\r\n";
  const auto post = [](const std::string& fields) {
    return "POST /a HTTP/1.1\r\n" + fields + "\r\n";
  };
  expect_refused(post("Host: d\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n") + smuggled,
                 400, "length and chunked");
  expect_refused(post("Host: d\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n") + smuggled,
                 400, "chunked and length");
  expect_refused(post("Host: d\r\nTransfer-Encoding: xchunked\r\n") + smuggled, 400,
                 "unknown coding");
  expect_refused(post("Host: d\r\nTransfer-Encoding: gzip, chunked\r\n") + smuggled, 400,
                 "two codings");
  expect_refused(post("Host: d\r\nTransfer-Encoding: chunked, identity\r\n") + smuggled, 400,
                 "chunked not last");
  expect_refused(
      post("Host: d\r\nTransfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n") + smuggled,
      400, "two fields of codings");
  expect_refused("POST /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled, 400,
                 "chunked in HTTP/1.0");
  expect_refused(post("Host: d\r\nContent-Length: 5\r\nContent-Length: 6\r\n") + smuggled, 400,
                 "two lengths");
  expect_refused(post("Host: d\r\nContent-Length: +5\r\n") + smuggled, 400, "signed length");
  expect_refused(post("Host: d\r\nContent-Length: -5\r\n") + smuggled, 400, "negative length");
  expect_refused(post("Content-Length: 0\r\n") + smuggled, 400, "no Host");
  expect_refused(post("Host: d\r\nHost: e\r\nContent-Length: 0\r\n") + smuggled, 400, "two Hosts");
  expect_refused(post("Host: d\r\nContent-Length: 0\r\nA: b\r\n c\r\n") + smuggled, 400,
                 "folded line");
  expect_refused(post("Host: d\r\n Content-Length: 5\r\n") + smuggled, 400, "folded length");
  EXPECT_EQ(echo_.served, 0);
}

TEST_F(ServerTest, FindsAFoldedLineThatArrivesInTwoPieces) {
  start();
  Client client(port_);
  client.send("GET / HTTP/1.1\r\nHost: d\r\nA: b\r\n");
  client.send("\tc\r\n\r\n");
  const auto answer = client.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 400);
}

TEST_F(ServerTest, RefusesBrokenChunks) {
  start();
  const std::string head = "POST /a HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: chunked\r\n\r\n";
  expect_refused(head + "x\r\nabc\r\n0\r\n\r\n", 400, "no number");
  expect_refused(head + "3\r\nabcd\r\n0\r\n\r\n", 400, "longer than it says");
  expect_refused(head + "3;" + std::string(64U << 10U, 'e'), 400, "an extension without end");
}

TEST_F(ServerTest, LimitsHeaderTargetAndFields) {
  start();
  expect_refused("GET / HTTP/1.1\r\nHost: d\r\nA: " + std::string(20U << 10U, 'a') + "\r\n\r\n",
                 431, "one long field");
  std::string many = "GET / HTTP/1.1\r\nHost: d\r\n";
  for (int i = 0; i < 101; ++i) many += "A: b\r\n";
  expect_refused(many + "\r\n", 431, "many fields");
  expect_refused("GET /" + std::string(5U << 10U, 'a') + " HTTP/1.1\r\nHost: d\r\n\r\n", 414,
                 "target");
}

TEST_F(ServerTest, LimitsAHeaderThatIsSentFieldByField) {
  start();
  Client client(port_);
  client.send("GET / HTTP/1.1\r\nHost: d\r\n");
  const std::string field = "A: " + std::string(500, 'a') + "\r\n";
  client.send_until_answered(field, 64U << 10U);
  const auto answer = client.receive();
  ASSERT_TRUE(answer) << "64 KiB of fields, each of them short, were taken";
  EXPECT_EQ(answer->status, 431);
}

TEST_F(ServerTest, RefusesABigBodyWithoutReadingIt) {
  start();
  Client client(port_);
  constexpr std::size_t kBytes = 100'000'000;
  client.send("POST /a HTTP/1.1\r\nHost: d\r\nContent-Length: " + std::to_string(kBytes) +
              "\r\n\r\n");
  const std::size_t sent = client.send_until_answered(std::string(65536, 'x'), kBytes);
  const auto answer = client.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 413);
  EXPECT_EQ(answer->header("connection"), "close");
  EXPECT_LT(sent, kBytes / 2);
  EXPECT_EQ(echo_.served, 0);
}

TEST_F(ServerTest, RefusesAChunkedBodyAtItsLimit) {
  echo_.bytes_max = 100;
  start();
  const std::string head = "POST /a HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string chunk = "40\r\n" + std::string(64, 'x') + "\r\n";
  expect_refused(head + chunk + chunk + "0\r\n\r\n", 413, "second chunk");
  const auto exact = [&] {
    Client client(port_);
    client.send(head + chunk + "24\r\n" + std::string(36, 'y') + "\r\n0\r\n\r\n");
    return client.receive();
  }();
  ASSERT_TRUE(exact);
  EXPECT_EQ(exact->status, 200);
}

TEST_F(ServerTest, GoesOnAfterASmallBodyThatNobodyRead) {
  start();
  Client client(port_);
  client.send("POST /unread HTTP/1.1\r\nHost: d\r\nContent-Length: 5\r\n\r\nhello");
  client.send("GET /next HTTP/1.1\r\nHost: d\r\n\r\n");
  ASSERT_EQ(client.receive()->body, "POST /unread");
  ASSERT_EQ(client.receive()->body, "GET /next ");
}

TEST_F(ServerTest, SaysContinueOnlyWhenItWantsTheBody) {
  start();
  Client client(port_);
  client.send("POST /a HTTP/1.1\r\nHost: d\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  client.send("hi");
  EXPECT_EQ(client.receive()->body, "POST /a hi");

  Client refused(port_);
  refused.send(
      "POST /unread HTTP/1.1\r\nHost: d\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  const auto answer = refused.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->header("connection"), "close") << "the peer will not send the body";
  expect_refused("POST /a HTTP/1.1\r\nHost: d\r\nContent-Length: 2\r\nExpect: tea\r\n\r\n", 417,
                 "tea");
}

TEST_F(ServerTest, EndsAConnectionWhoseHeaderOrBodyIsSlow) {
  ServerLimits limits;
  limits.header = Millis{30};
  limits.body = Millis{30};
  limits.idle = Millis{30};
  start(limits);
  Client idle(port_), header(port_), body(port_);
  header.send("GET / HTT");
  body.send("POST /a HTTP/1.1\r\nHost: d\r\nContent-Length: 2\r\n\r\nh");
  EXPECT_TRUE(idle.closed_by_peer());
  EXPECT_TRUE(header.closed_by_peer());
  EXPECT_TRUE(body.closed_by_peer());
}

TEST_F(ServerTest, AnswersATruncatedBodyWithNothing) {
  start();
  Client client(port_);
  client.send("POST /a HTTP/1.1\r\nHost: d\r\nContent-Length: 9\r\n\r\nhi");
  client.finish_sending();
  EXPECT_FALSE(client.receive());
  EXPECT_EQ(echo_.served, 0);
}

TEST_F(ServerTest, TurnsAwayConnectionsOverTheLimitWithARetryTime) {
  ServerLimits limits;
  limits.connections_max = 2;
  start(limits);
  Client first(port_), second(port_);
  first.send("GET /1 HTTP/1.1\r\nHost: d\r\n\r\n");
  second.send("GET /2 HTTP/1.1\r\nHost: d\r\n\r\n");
  ASSERT_TRUE(first.receive());
  ASSERT_TRUE(second.receive());
  Client third(port_);
  const auto answer = third.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 503);
  EXPECT_NE(answer->header("retry-after"), "");
}

TEST_F(ServerTest, DrainFinishesWhatRunsAndClosesWhatIsIdle) {
  start();
  Client idle(port_), busy(port_);
  idle.send("GET /1 HTTP/1.1\r\nHost: d\r\n\r\n");
  ASSERT_TRUE(idle.receive());
  busy.send("GET /wait HTTP/1.1\r\nHost: d\r\n\r\n");
  echo_.waiting.wait(0);
  std::thread drainer([&] { drain(Millis{10'000}); });
  EXPECT_TRUE(idle.closed_by_peer());
  echo_.let_go();
  const auto answer = busy.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->header("connection"), "close");
  drainer.join();
  EXPECT_EQ(server_->counts().open, 0);
}

TEST_F(ServerTest, DrainCutsOffWhatOverstaysItsGrace) {
  start();
  Client busy(port_);
  busy.send("GET /wait HTTP/1.1\r\nHost: d\r\n\r\n");
  echo_.waiting.wait(0);
  drain(Millis{20});
  EXPECT_TRUE(busy.closed_by_peer());
  echo_.let_go();
  server_.reset();  // waits for the handler, which now runs to its end
}

TEST_F(ServerTest, TellsWhomItServesOnceNothingRunsAnyMore) {
  start();
  Client busy(port_);
  busy.send("GET /wait HTTP/1.1\r\nHost: d\r\n\r\n");
  echo_.waiting.wait(0);
  std::thread ender([&] { server_.reset(); });
  EXPECT_TRUE(busy.closed_by_peer());
  EXPECT_EQ(echo_.ends, 0) << "a handler still runs";
  echo_.let_go();
  ender.join();
  EXPECT_EQ(echo_.ends, 1);
  EXPECT_EQ(echo_.served_at_end, echo_.served);
}

TEST_F(ServerTest, SaysWhyItCannotListen) {
  start();
  ServerOptions options;
  options.port = port_;
  Server second(clock_, random_, log_, echo_, options);
  const auto port = second.start();
  ASSERT_FALSE(port);
  EXPECT_NE(port.error().detail.find(std::to_string(port_)), std::string::npos)
      << port.error().detail;
}

}  // namespace
}  // namespace ombud::http::test
