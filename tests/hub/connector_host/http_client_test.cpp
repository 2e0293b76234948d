// ombud.http/1 against servers that fail in every way: the verdict must be true each time.
#include "connector_host/host/http_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <thread>

#include "base/json.hpp"
#include "connector_host/limits.hpp"
#include "connector_host/scripted_server.hpp"
#include "connector_host/tls_server.hpp"

namespace ombud {
namespace {

constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

// What a connector keeps of an answer.
struct Answer {
  ombud_sink sink{this, &Answer::put};
  std::string head, body;
  bool has_head = false;
  std::size_t stop_after = SIZE_MAX;  // bytes of body
  static std::int32_t put(ombud_sink* raw, ombud_bytes piece) {
    auto& self = *static_cast<Answer*>(raw->impl);
    (self.has_head ? self.body : self.head).append(piece.data, piece.size);
    self.has_head = true;
    return self.body.size() >= self.stop_after ? 1 : 0;
  }
};

struct Body {
  ombud_source source{this, &Body::read};
  std::string text;
  std::size_t at = 0, fail_at = SIZE_MAX;
  static std::int64_t read(ombud_source* raw, char* to, std::size_t room) {
    auto& self = *static_cast<Body*>(raw->impl);
    if (self.at >= self.fail_at) return -1;
    const std::size_t count = std::min(room, self.text.size() - self.at);
    std::memcpy(to, self.text.data() + self.at, count);
    self.at += count;
    return static_cast<std::int64_t>(count);
  }
};

struct Exchange {
  ombud_status status = -1;
  std::string note;
  bool doubt = false;
  wire::Peer peer;
  std::vector<wire::Exchange> kept;
  Answer answer;
  double seconds = 0;
};

struct Ask {
  std::string method = "POST";
  std::string path = "/tickets";
  std::map<std::string, std::string> headers = {};
  std::string body = "{}";
  std::int64_t timeout_ms = 0;
  bool secrets_in_body = false;
  bool keep = false;  // the exchange, for the hub
  std::size_t fail_at = SIZE_MAX, stop_after = SIZE_MAX;
};

class Http : public ::testing::Test {
 protected:
  HttpClient& client(const std::vector<std::string>& origins) {
    client_ = std::make_unique<HttpClient>(
        origins,
        std::map<std::string, std::string>{{"token", "s&cr\"t"}, {"lines", "a\r\nX-Evil: 1"}},
        std::filesystem::temp_directory_path().string());
    return *client_;
  }
  Exchange send(const std::string& origin, Ask ask, std::int64_t soft_ms = 20'000) {
    json::Writer request;
    request.begin_object()
        .field("method", ask.method)
        .field("url", origin + ask.path)
        .field("timeout_ms", ask.timeout_ms)
        .field("secrets_in_body", ask.secrets_in_body)
        .begin_object("headers");
    for (const auto& [name, value] : ask.headers) request.field(name, value);
    request.end_object().end_object();
    Body body;
    body.text = ask.body;
    body.fail_at = ask.fail_at;
    Exchange done;
    done.answer.stop_after = ask.stop_after;
    CallState call(soft_ms);
    if (ask.keep) call.keep_exchanges();
    const auto begun = std::chrono::steady_clock::now();
    const bool bodiless = ask.method == "GET" || ask.method == "HEAD";
    done.status =
        client_->send(call, request.take(), bodiless ? nullptr : &body.source, &done.answer.sink);
    done.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    done.note = call.failure().message;
    done.doubt = call.in_doubt();
    done.peer = call.peer();
    done.kept = call.take_exchanges();
    done.answer.sink.impl = nullptr;
    return done;
  }
  std::unique_ptr<HttpClient> client_;
};

// Keeps the requests and gives each the same answer, as often as the client asks.
struct Steady {
  std::mutex mutex;
  std::vector<std::string> requests;
  ScriptedServer server;
  explicit Steady(std::string answer = std::string(kOk))
      : server([this, answer](int socket, int) {
          for (std::string request = read_request(socket); !request.empty();
               request = read_request(socket)) {
            {
              const std::lock_guard lock(mutex);
              requests.push_back(request);
            }
            if (!write_all(socket, answer)) return;
          }
        }) {}
};

TEST_F(Http, AnswersWithHeadThenBody) {
  Steady steady("HTTP/1.1 422 No\r\nContent-Length: 5\r\nX-A: 1\r\n\r\nwrong");
  client({steady.server.origin()});
  const Exchange done = send(steady.server.origin(), {});
  EXPECT_EQ(done.status, OMBUD_OK) << done.note;
  EXPECT_TRUE(done.answer.head.starts_with("HTTP/1.1 422 No\r\n")) << done.answer.head;
  EXPECT_NE(done.answer.head.find("X-A: 1\r\n"), std::string::npos);
  EXPECT_EQ(done.answer.body, "wrong");
}

TEST_F(Http, KeepsWhatWentOverTheWireForWhoLooksForAFault) {
  Steady steady("HTTP/1.1 422 No\r\nContent-Length: 5\r\nX-A: 1\r\n\r\nwrong");
  client({steady.server.origin()});
  Ask ask;
  ask.headers = {{"X-Plain", "1"}};
  EXPECT_EQ(send(steady.server.origin(), ask).kept.size(), 0U) << "only where it is asked for";
  ask.keep = true;
  const Exchange done = send(steady.server.origin(), ask);
  ASSERT_EQ(done.kept.size(), 1U);
  const wire::Exchange& kept = done.kept.front();
  EXPECT_EQ(kept.method, "POST");
  EXPECT_EQ(kept.url, steady.server.origin() + "/tickets");
  EXPECT_EQ(kept.status, 422);
  EXPECT_NE(kept.request_headers.find("X-Plain: 1\n"), std::string::npos);
  EXPECT_EQ(kept.request_body, "{}");
  EXPECT_TRUE(kept.response_headers.starts_with("HTTP/1.1 422 No\n")) << kept.response_headers;
  EXPECT_EQ(kept.response_body, "wrong");
  EXPECT_EQ(kept.error, "");
  ask.body = std::string(100'000, 'b');
  EXPECT_EQ(send(steady.server.origin(), ask).kept.front().request_body.size(),
            host_limits::kExchangeBodyBytesMax + host_limits::kExchangeMarginBytes);
}

TEST_F(Http, KeepsARequestThatGotNoAnswer) {
  client({"http://127.0.0.1:1"});
  Ask ask;
  ask.keep = true;
  const Exchange done = send("http://127.0.0.1:1", ask);
  ASSERT_EQ(done.kept.size(), 1U);
  EXPECT_EQ(done.kept.front().status, 0);
  EXPECT_NE(done.kept.front().error, "");
}

TEST_F(Http, KeepsItsConnection) {
  Steady steady;
  client({steady.server.origin()});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(send(steady.server.origin(), {}).status, OMBUD_OK);
  EXPECT_EQ(steady.server.connections(), 1);
}

TEST_F(Http, ARefusedConnectionIsARetry) {
  std::string origin;
  {
    ScriptedServer closed([](int, int) {});
    origin = closed.origin();
  }
  client({origin});
  const Exchange done = send(origin, {});
  EXPECT_EQ(done.status, OMBUD_RETRY);
  EXPECT_FALSE(done.doubt);
  EXPECT_NE(done.note.find("no connection"), std::string::npos);
}

TEST_F(Http, AnUnknownNameIsARetry) {
  client({"http://nobody.invalid:80"});
  EXPECT_EQ(send("http://nobody.invalid:80", {}).status, OMBUD_RETRY);
}

TEST_F(Http, AResetBeforeTheAnswerIsDoubtForAWrite) {
  ScriptedServer server([](int socket, int) {
    read_request(socket);
    reset(socket);
  });
  client({server.origin()});
  Exchange done = send(server.origin(), {});
  EXPECT_EQ(done.status, OMBUD_AMBIGUOUS);
  EXPECT_TRUE(done.doubt);
  Ask read;
  read.method = "GET";
  done = send(server.origin(), read);
  EXPECT_EQ(done.status, OMBUD_AMBIGUOUS);
  EXPECT_FALSE(done.doubt);  // nothing could have changed
}

TEST_F(Http, AppliedThenDroppedIsDoubt) {
  ScriptedServer server([](int socket, int) { read_request(socket); });
  client({server.origin()});
  const Exchange done = send(server.origin(), {});
  EXPECT_EQ(done.status, OMBUD_AMBIGUOUS);
  EXPECT_TRUE(done.doubt);
  EXPECT_EQ(server.connections(), 1);  // never sent twice
}

TEST_F(Http, ATruncatedAnswerIsDoubt) {
  ScriptedServer server([](int socket, int) {
    read_request(socket);
    write_all(socket, "HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{\"id\"");
  });
  client({server.origin()});
  EXPECT_EQ(send(server.origin(), {}).status, OMBUD_AMBIGUOUS);
}

// Drips an answer for ever, from `start` on.
ScriptedServer::Script drip(std::string start, std::string drop) {
  return [start, drop](int socket, int) {
    read_request(socket);
    for (bool open = write_all(socket, start); open; open = write_all(socket, drop)) {
      std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
  };
}

TEST_F(Http, ASlowDripEndsAtTheTotalDeadline) {
  for (const char* start : {"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
                            "HTTP/1.1 200 OK\r\n\r\n",  // its end would be the connection's
                            "HTTP/1.1 200 OK\r\nX-Long: ", ""}) {
    ScriptedServer server(drip(start, "x"));
    client({server.origin()});
    Ask ask;
    ask.timeout_ms = 200;
    const Exchange done = send(server.origin(), ask);
    EXPECT_EQ(done.status, OMBUD_AMBIGUOUS) << start;
    EXPECT_LT(done.seconds, 3.0) << start;
    client_.reset();
  }
}

TEST_F(Http, TheDeadlineOfTheOperationCountsToo) {
  ScriptedServer server(drip("", "H"));
  client({server.origin()});
  const Exchange done = send(server.origin(), {}, 200);
  EXPECT_EQ(done.status, OMBUD_AMBIGUOUS);
  EXPECT_LT(done.seconds, 3.0);
  client_.reset();
}

TEST_F(Http, AfterTheDeadlineNothingIsSent) {
  Steady steady;
  client({steady.server.origin()});
  EXPECT_EQ(send(steady.server.origin(), {}, 0).status, OMBUD_RETRY);
  EXPECT_EQ(steady.server.connections(), 0);
}

TEST_F(Http, ABodyOverTheLimitIsRefusedWithoutReadingIt) {
  ScriptedServer announced([](int socket, int) {
    read_request(socket);
    write_all(socket, "HTTP/1.1 200 OK\r\nContent-Length: 67108864\r\n\r\n");
  });
  client({announced.origin()});
  Exchange done = send(announced.origin(), {});
  EXPECT_EQ(done.status, OMBUD_AMBIGUOUS);
  EXPECT_NE(done.note.find("32 MiB"), std::string::npos);

  ScriptedServer endless([](int socket, int) {
    read_request(socket);
    const std::string piece(1U << 20U, 'x');
    for (bool open = write_all(socket, "HTTP/1.1 200 OK\r\n\r\n"); open;) {
      open = write_all(socket, piece);
    }
  });
  client({endless.origin()});
  done = send(endless.origin(), {});
  EXPECT_EQ(done.status, OMBUD_AMBIGUOUS);
  EXPECT_LE(done.answer.body.size(), host_limits::kResponseBodyBytesMax);
}

TEST_F(Http, AHeadOverTheLimitIsRefused) {
  ScriptedServer large([](int socket, int) {
    read_request(socket);
    std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n";
    for (int i = 0; i < 300; ++i) head += "X-" + std::to_string(i) + ": 1\r\n";
    write_all(socket, head + "\r\n");
  });
  client({large.origin()});
  EXPECT_EQ(send(large.origin(), {}).status, OMBUD_AMBIGUOUS);

  ScriptedServer endless([](int socket, int) {
    read_request(socket);
    std::string lines;
    while (lines.size() < 65536) lines += "X-Header: value\r\n";
    for (bool open = write_all(socket, "HTTP/1.1 200 OK\r\n"); open;) {
      open = write_all(socket, lines);
    }
  });
  client({endless.origin()});
  const Exchange done = send(endless.origin(), {});
  EXPECT_EQ(done.status, OMBUD_AMBIGUOUS);
  EXPECT_NE(done.note.find("head"), std::string::npos) << done.note;
}

TEST_F(Http, ARedirectIsGivenToTheConnectorAndNotFollowed) {
  Steady other;
  Steady steady("HTTP/1.1 302 Found\r\nLocation: " + other.server.origin() +
                "/\r\nContent-Length: 0\r\n\r\n");
  client({steady.server.origin()});
  Ask ask;
  ask.headers = {{"Authorization", "Bearer {{secret:token}}"}};
  const Exchange done = send(steady.server.origin(), ask);
  EXPECT_EQ(done.status, OMBUD_OK);
  EXPECT_TRUE(done.answer.head.starts_with("HTTP/1.1 302"));
  EXPECT_EQ(other.server.connections(), 0);
  const Exchange followed = send(other.server.origin(), ask);
  EXPECT_EQ(followed.status, OMBUD_PERMANENT);
  EXPECT_NE(followed.note.find("may not talk to"), std::string::npos);
  EXPECT_EQ(other.server.connections(), 0);
}

TEST_F(Http, FillsSecretsIntoHeaders) {
  Steady steady;
  client({steady.server.origin()});
  Ask ask;
  ask.headers = {{"X-Key", "k={{secret:token}};"}, {"Content-Type", "application/json"}};
  EXPECT_EQ(send(steady.server.origin(), ask).status, OMBUD_OK);
  EXPECT_NE(steady.requests[0].find("X-Key: k=s&cr\"t;\r\n"), std::string::npos);
}

TEST_F(Http, FillsSecretsIntoAFormPercentEncoded) {
  Steady steady;
  client({steady.server.origin()});
  Ask ask;
  ask.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
  ask.body = "secret={{secret:token}}&x=1";
  EXPECT_EQ(send(steady.server.origin(), ask).status, OMBUD_OK);
  EXPECT_TRUE(steady.requests[0].ends_with("\r\n\r\nsecret=s%26cr%22t&x=1"));
}

TEST_F(Http, FillsSecretsIntoTheQueryAndIntoBasicCredentials) {
  Steady steady;
  client({steady.server.origin()});
  Ask ask;
  ask.path = "/a?key={{secret:token}}&x=1";
  ask.headers = {{"Authorization", "Basic {{base64:desk:{{secret:token}}}}"}};
  EXPECT_EQ(send(steady.server.origin(), ask).status, OMBUD_OK);
  EXPECT_THAT(steady.requests[0], ::testing::HasSubstr(" /a?key=s%26cr%22t&x=1 HTTP"));
  EXPECT_THAT(steady.requests[0], ::testing::HasSubstr("Basic ZGVzazpzJmNyInQ=\r\n"));
}

// A user may write {{secret:token}} into a ticket; it must stay words.
TEST_F(Http, LeavesOtherBodiesAloneUnlessAsked) {
  Steady steady;
  client({steady.server.origin()});
  Ask ask;
  ask.headers = {{"Content-Type", "application/json"}};
  ask.body = R"({"text":"{{secret:token}}"})";
  EXPECT_EQ(send(steady.server.origin(), ask).status, OMBUD_OK);
  EXPECT_TRUE(steady.requests[0].ends_with(ask.body));
  ask.secrets_in_body = true;
  EXPECT_EQ(send(steady.server.origin(), ask).status, OMBUD_OK);
  EXPECT_TRUE(steady.requests[1].ends_with(R"({"text":"s&cr\"t"})"));
}

TEST_F(Http, RefusesRequestsThatCouldBeReadInTwoWays) {
  Steady steady;
  const std::string origin = steady.server.origin();
  client({origin});
  std::vector<Ask> bad(8);
  bad[0].headers = {{"X-A", "1\r\nX-B: 2"}};
  bad[1].headers = {{"X A", "1"}};
  bad[2].headers = {{"Transfer-Encoding", "chunked"}};
  bad[3].headers = {{"host", "elsewhere"}};
  bad[4].headers = {{"X-Key", "{{secret:lines}}"}};
  bad[5].headers = {{"X-Key", "{{secret:unknown}}"}};
  bad[6].path = "/a{{secret:token}}?key=x";
  bad[7].method = "CONNECT";
  for (std::size_t i = 0; i < bad.size(); ++i) {
    const Exchange done = send(origin, bad[i]);
    EXPECT_EQ(done.status, OMBUD_PERMANENT) << i;
    EXPECT_FALSE(done.note.empty()) << i;
  }
  EXPECT_EQ(steady.server.connections(), 0);
}

TEST_F(Http, SendsALargeBodyWithItsLength) {
  Steady steady;
  client({steady.server.origin()});
  Ask ask;
  ask.body.assign(3U << 20U, 'b');
  ask.headers = {{"Content-Type", "application/octet-stream"}, {"Content-Length", "7"}};
  EXPECT_EQ(send(steady.server.origin(), ask).status, OMBUD_OK);
  EXPECT_NE(steady.requests[0].find("Content-Length: 3145728\r\n"), std::string::npos);
  EXPECT_TRUE(steady.requests[0].ends_with("\r\n\r\n" + ask.body));
}

TEST_F(Http, ASourceThatFailsHasSentNothing) {
  Steady steady;
  client({steady.server.origin()});
  Ask ask;
  ask.body.assign(1U << 20U, 'b');
  ask.fail_at = 500'000;
  EXPECT_EQ(send(steady.server.origin(), ask).status, OMBUD_RETRY);
  EXPECT_EQ(steady.server.connections(), 0);
}

TEST_F(Http, ASinkThatSaysStopEndsTheTransferWell) {
  ScriptedServer server([](int socket, int) {
    read_request(socket);
    const std::string piece(1U << 16U, 'x');
    for (bool open = write_all(socket, "HTTP/1.1 200 OK\r\n\r\n"); open;) {
      open = write_all(socket, piece);
    }
  });
  client({server.origin()});
  Ask ask;
  ask.stop_after = 1;
  EXPECT_EQ(send(server.origin(), ask).status, OMBUD_OK);
}

TEST_F(Http, AKeptConnectionThatTheServerClosedIsNotUsed) {
  ScriptedServer server([](int socket, int) {
    read_request(socket);
    write_all(socket, kOk);
  });
  client({server.origin()});
  for (int count = 1; count <= 3; ++count) {
    EXPECT_EQ(send(server.origin(), {}).status, OMBUD_OK);
    EXPECT_EQ(server.connections(), count);
    while (server.closed() < count) std::this_thread::yield();
  }
}

// The server takes a second request on the kept connection and drops it.
TEST_F(Http, ADropOnAKeptConnectionIsDoubtForAWriteAndRepeatedForARead) {
  const auto script = [](int socket, int count) {
    read_request(socket);
    write_all(socket, kOk);
    if (count == 1) read_request(socket);
  };
  ScriptedServer writes(script);
  client({writes.origin()});
  EXPECT_EQ(send(writes.origin(), {}).status, OMBUD_OK);
  EXPECT_EQ(send(writes.origin(), {}).status, OMBUD_AMBIGUOUS);
  EXPECT_EQ(writes.connections(), 1);

  ScriptedServer reads(script);
  client({reads.origin()});
  Ask read;
  read.method = "GET";
  EXPECT_EQ(send(reads.origin(), read).status, OMBUD_OK);
  EXPECT_EQ(send(reads.origin(), read).status, OMBUD_OK);
  EXPECT_EQ(reads.connections(), 2);
}

TEST_F(Http, AnswersWithoutABodyDoNotWaitForOne) {
  for (const char* answer :
       {"HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n"}) {
    Steady steady(answer);
    client({steady.server.origin()});
    Ask ask;
    ask.method = "GET";
    const Exchange done = send(steady.server.origin(), ask);
    EXPECT_EQ(done.status, OMBUD_OK);
    EXPECT_LT(done.seconds, 3.0);
    EXPECT_TRUE(done.answer.head.starts_with(std::string_view(answer).substr(0, 12)));
    client_.reset();
  }
}

TEST_F(Http, TalkingTlsToAPlainServerIsARetry) {
  ScriptedServer server([](int socket, int) {
    char piece[16];
    [[maybe_unused]] const auto got = ::recv(socket, piece, sizeof piece, 0);
    write_all(socket, "HTTP/1.1 400 Bad Request\r\n\r\n");
  });
  const std::string origin = "https://127.0.0.1:" + std::to_string(server.port());
  client({origin});
  const Exchange done = send(origin, {});
  EXPECT_EQ(done.status, OMBUD_RETRY);
  EXPECT_NE(done.note.find("TLS"), std::string::npos);
}

TEST_F(Http, ATlsHandshakeThatDripsEndsAtTheDeadline) {
  ScriptedServer server([](int socket, int) {
    for (bool open = true; open; open = write_all(socket, "\x16")) {
      std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
  });
  const std::string origin = "https://127.0.0.1:" + std::to_string(server.port());
  client({origin});
  Ask ask;
  ask.timeout_ms = 200;
  const Exchange done = send(origin, ask);
  EXPECT_EQ(done.status, OMBUD_RETRY);
  EXPECT_LT(done.seconds, 3.0);
}

TEST_F(Http, ACertificateThatIsNotTrustedOrOfAnotherNameIsARetryAndNothingIsSent) {
  const std::string file =
      (std::filesystem::temp_directory_path() / ("ombud-ca-" + std::to_string(::getpid())))
          .string();
  TlsServer unknown("localhost");
  client({unknown.origin()});
  const Exchange done = send(unknown.origin(), {});
  EXPECT_EQ(done.status, OMBUD_RETRY);
  EXPECT_NE(done.note.find("not trusted"), std::string::npos) << done.note;
  EXPECT_EQ(unknown.requests, 0);

  TlsServer misnamed("elsewhere.example");
  misnamed.trust(file);
  client({misnamed.origin()});
  EXPECT_EQ(send(misnamed.origin(), {}).status, OMBUD_RETRY);
  EXPECT_EQ(misnamed.requests, 0);

  unknown.trust(file);
  client({unknown.origin()});
  for (int i = 0; i < 2; ++i) {
    const Exchange trusted = send(unknown.origin(), {});
    EXPECT_EQ(trusted.status, OMBUD_OK) << trusted.note;
    EXPECT_EQ(trusted.answer.body, "hi");
  }
  EXPECT_EQ(unknown.requests, 2);
  ::unsetenv("SSL_CERT_FILE");
  std::filesystem::remove(file);
  client_.reset();
}

TEST_F(Http, AnExpiredCertificateIsNamedWithItsDayAndWhatToDo) {
  const std::string file =
      (std::filesystem::temp_directory_path() / ("ombud-old-" + std::to_string(::getpid())))
          .string();
  TlsServer expired("localhost", -24 * 3600);
  expired.trust(file);
  client({expired.origin()});
  const Exchange done = send(expired.origin(), {});
  EXPECT_EQ(done.status, OMBUD_RETRY);
  EXPECT_NE(done.note.find("certificate expired on 2"), std::string::npos) << done.note;
  EXPECT_NE(done.note.find("ask the supplier to renew it"), std::string::npos) << done.note;
  EXPECT_EQ(expired.requests, 0);
  EXPECT_EQ(done.peer.certificate_until_s, expired.until_s());
  ::unsetenv("SSL_CERT_FILE");
  std::filesystem::remove(file);
  client_.reset();
}

TEST_F(Http, HowLongACertificateLastsAndTheSuppliersClockAreSeen) {
  const std::string file =
      (std::filesystem::temp_directory_path() / ("ombud-new-" + std::to_string(::getpid())))
          .string();
  TlsServer server("localhost", 5 * 24 * 3600);
  server.date = "Sun, 22 Nov 2026 08:30:00 GMT";
  server.trust(file);
  client({server.origin()});
  for (int i = 0; i < 2; ++i) {  // the second on the kept connection, without a handshake
    const Exchange done = send(server.origin(), {});
    EXPECT_EQ(done.status, OMBUD_OK) << done.note;
    EXPECT_EQ(done.peer.certificate_until_s, server.until_s());
    EXPECT_EQ(done.peer.date_s, 1'795'336'200);
  }
  ::unsetenv("SSL_CERT_FILE");
  std::filesystem::remove(file);
  client_.reset();
}

TEST_F(Http, ANameThatNobodyKnowsIsToldApartFromARefusal) {
  const std::string nowhere = "http://supplier.invalid:8080";  // RFC 2606: never resolves
  client({nowhere});
  const Exchange done = send(nowhere, {});
  EXPECT_EQ(done.status, OMBUD_RETRY);
  EXPECT_NE(done.note.find("the name supplier.invalid is not known (DNS)"), std::string::npos)
      << done.note;
  EXPECT_NE(done.note.find("check the address in the link's file"), std::string::npos);
}

TEST_F(Http, OriginsMustBeOrigins) {
  EXPECT_THROW(client({"https://h/path"}), std::invalid_argument);
  EXPECT_THROW(client({"h"}), std::invalid_argument);
}

}  // namespace
}  // namespace ombud
