// The queue connector against the example supplier: lost answers, restarts, wrong keys and noise,
// and always one ticket for one correlation.
#include <zmq.h>

#include <array>
#include <filesystem>
#include <thread>

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "plugins/bench.hpp"
#include "queue/server.hpp"

namespace ombud::queue {
namespace {

using bench::Bench;
using bench::Job;
using sdk::Status;

struct KeyPair {
  std::string public_key, secret_key;
};
KeyPair make_keys() {
  std::array<char, 41> open{}, secret{};
  EXPECT_EQ(zmq_curve_keypair(open.data(), secret.data()), 0);
  return {open.data(), secret.data()};
}

// The example supplier on a thread of its own; may be stopped and started again on the same port.
class Supplier {
 public:
  explicit Supplier(std::string path, std::optional<example::Curve> curve = {})
      : path_(std::move(path)), curve_(std::move(curve)) {
    start("tcp://127.0.0.1:*");
    endpoint_ = server_->endpoint();
  }
  ~Supplier() { stop(); }
  void stop() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
    server_.reset();
    book_.reset();
  }
  void restart() { start(endpoint_); }
  const std::string& endpoint() const { return endpoint_; }
  example::Book& book() { return *book_; }
  example::QueueServer& server() { return *server_; }

 private:
  void start(const std::string& endpoint) {
    book_ = std::make_unique<example::Book>(path_,
                                            [] { return std::string("2026-11-22T10:00:00.000Z"); });
    server_ = std::make_unique<example::QueueServer>(*book_, endpoint, curve_);
    stop_ = false;
    thread_ = std::jthread([this] {
      while (!stop_) server_->serve(20);
    });
  }
  std::string path_, endpoint_;
  std::optional<example::Curve> curve_;
  std::unique_ptr<example::Book> book_;
  std::unique_ptr<example::QueueServer> server_;
  std::atomic<bool> stop_{false};
  std::jthread thread_;
};

class Queue : public testing::Test {
 protected:
  Queue() {
    bytes_init();
    std::string pattern = (std::filesystem::temp_directory_path() / "queue-test-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~Queue() override { std::filesystem::remove_all(folder_); }
  std::string data() const { return folder_ + "/tickets.jsonl"; }
  static std::string plain(const std::string& endpoint) {
    return R"({"resend_after_ms":200,"endpoint":")" + endpoint + "\"}";
  }
  static std::string keyed(const std::string& endpoint, const std::string& server_key) {
    return R"({"endpoint":")" + endpoint + R"(","server_public_key":)" +
           sdk::json_quote(server_key) + R"(,"secret_key":{"$secret":"k"}})";
  }

 private:
  std::string folder_;
};

const Job kTicket{"corr-1", "",
                  R"({"schema":"ombud.ticket/1","reference":"OMB-1042","subject":"Växeln är död"})",
                  "", false};

TEST_F(Queue, ATicketItsCommentAndItsFileReachTheSupplier) {
  Supplier supplier(data());
  Bench bench(QUEUE_LIBRARY, plain(supplier.endpoint()), {});
  ASSERT_TRUE(bench.created()) << bench.refusal;
  const auto created = bench.put_ticket(kTicket);
  ASSERT_EQ(created.status, Status::ok) << created.message;
  EXPECT_EQ(created.documents, std::vector<std::string>{R"({"external_id":"Q-1"})"});
  const auto comment = bench.add_comment(
      {"corr-2", "Q-1", R"({"schema":"ombud.comment/1","text":"Hej"})", "", false});
  EXPECT_EQ(comment.status, Status::ok) << comment.message;
  const auto file =
      bench.add_attachment({"corr-3", "Q-1", R"({"schema":"ombud.attachment/1","name":"a.bin"})",
                            std::string(300'000, '\x7f'), true});
  EXPECT_EQ(file.status, Status::ok) << file.message;
  const std::string tickets = supplier.book().tickets_json();
  EXPECT_NE(tickets.find("Växeln är död"), std::string::npos) << tickets;
  EXPECT_NE(tickets.find("a.bin"), std::string::npos) << tickets;
  EXPECT_EQ(bench.check().status, Status::ok);
}

TEST_F(Queue, ALostAnswerIsAskedForAgainAndMakesOneTicket) {
  Supplier supplier(data());
  supplier.server().drop_answers = 3;
  Bench bench(QUEUE_LIBRARY, plain(supplier.endpoint()), {});
  const auto outcome = bench.put_ticket(kTicket);
  EXPECT_EQ(outcome.status, Status::ok) << outcome.message;
  EXPECT_EQ(supplier.server().drop_answers, 0);
  EXPECT_EQ(supplier.book().ticket_count(), 1U);
}

TEST_F(Queue, NoAnswerAtAllIsAmbiguousAndTheNextAttemptStillMakesOneTicket) {
  Supplier supplier(data());
  supplier.server().drop_answers = 1'000;
  Bench bench(QUEUE_LIBRARY, plain(supplier.endpoint()), {});
  bench.budget_ms(1'500);
  const auto first = bench.put_ticket(kTicket);
  EXPECT_EQ(first.status, Status::ambiguous) << first.message;
  EXPECT_FALSE(first.message.empty());

  supplier.server().drop_answers = 0;
  const auto found = bench.find("ticket", kTicket);
  EXPECT_EQ(found.status, Status::ok);
  EXPECT_EQ(found.documents, std::vector<std::string>{R"({"external_id":"Q-1"})"});
  EXPECT_EQ(bench.put_ticket(kTicket).documents,
            std::vector<std::string>{R"({"external_id":"Q-1"})"});
  EXPECT_EQ(supplier.book().ticket_count(), 1U);
}

TEST_F(Queue, ASupplierThatRestartsAmidTheCallAnswersFromItsFile) {
  Supplier supplier(data());
  supplier.server().drop_answers = 1'000;
  Bench bench(QUEUE_LIBRARY, plain(supplier.endpoint()), {});
  bench::Outcome outcome;
  std::jthread desk([&] { outcome = bench.put_ticket(kTicket); });
  while (supplier.book().ticket_count() == 0) std::this_thread::yield();
  supplier.stop();  // applied, on disk, and the answer is lost
  supplier.restart();
  desk.join();
  EXPECT_EQ(outcome.status, Status::ok) << outcome.message;
  EXPECT_EQ(outcome.documents, std::vector<std::string>{R"({"external_id":"Q-1"})"});
  EXPECT_EQ(supplier.book().ticket_count(), 1U);
}

TEST_F(Queue, NobodyThereIsRetryAndSaysSo) {
  std::string gone;
  {
    Supplier supplier(data());
    gone = supplier.endpoint();
  }
  Bench bench(QUEUE_LIBRARY, plain(gone), {});
  bench.budget_ms(800);
  const auto outcome = bench.put_ticket(kTicket);
  EXPECT_EQ(outcome.status, Status::retry);
  EXPECT_NE(outcome.message.find("cannot be reached"), std::string::npos) << outcome.message;
}

TEST_F(Queue, CancelEndsTheWait) {
  Bench bench(QUEUE_LIBRARY, plain("tcp://127.0.0.1:9"), {});
  bench.budget_ms(60'000);
  const std::atomic<bool> stop{true};
  bench.cancel_with(&stop);
  EXPECT_EQ(bench.put_ticket(kTicket).status, Status::cancelled);
}

TEST_F(Queue, EventsWaitUntilTheCursorHasPassedThem) {
  Supplier supplier(data());
  Bench bench(QUEUE_LIBRARY, plain(supplier.endpoint()), {});
  ASSERT_EQ(bench.put_ticket(kTicket).status, Status::ok);
  ASSERT_TRUE(supplier.book().comment("Q-1", "Vi tittar.", true));
  ASSERT_TRUE(supplier.book().set_status("Q-1", "resolved", "Färdig"));
  for (int again = 0; again < 2; ++again) {  // the same cursor gives the same events
    const auto outcome = bench.changes("");
    ASSERT_EQ(outcome.status, Status::ok) << outcome.message;
    ASSERT_EQ(outcome.documents.size(), 3U);
    EXPECT_NE(outcome.documents[0].find("Vi tittar."), std::string::npos);
    EXPECT_NE(outcome.documents[1].find("\"status\":\"resolved\""), std::string::npos);
    EXPECT_EQ(outcome.documents[2], R"({"cursor":"2"})");
  }
  EXPECT_EQ(bench.changes("1").documents.size(), 2U);
  EXPECT_TRUE(bench.changes("2").documents.empty());
  supplier.stop();
  supplier.restart();
  EXPECT_EQ(bench.changes("1").documents.size(), 2U);
}

TEST_F(Queue, ManyEventsComeInBatchesAndInOrder) {
  Supplier supplier(data());
  Bench bench(QUEUE_LIBRARY, plain(supplier.endpoint()), {});
  ASSERT_EQ(bench.put_ticket(kTicket).status, Status::ok);
  for (int i = 0; i < 250; ++i) supplier.book().comment("Q-1", "nr " + std::to_string(i), true);
  const auto outcome = bench.changes("");
  ASSERT_EQ(outcome.documents.size(), 251U);
  for (std::size_t i = 0; i < 250; ++i) {
    EXPECT_NE(outcome.documents[i].find("\"nr " + std::to_string(i) + "\""), std::string::npos);
  }
  EXPECT_EQ(outcome.documents.back(), R"({"cursor":"250"})");
}

// 16 events of 400 kB are more than one reply to the hub holds.
TEST_F(Queue, LargeEventsComeInSmallerBatchesUntilAllAreThere) {
  Supplier supplier(data());
  Bench bench(QUEUE_LIBRARY, R"({"endpoint":")" + supplier.endpoint() + "\"}", {});
  bench.budget_ms(60'000);
  ASSERT_EQ(bench.put_ticket(kTicket).status, Status::ok);
  for (int i = 0; i < 16; ++i) supplier.book().comment("Q-1", std::string(400'000, 'a'), true);
  std::string cursor;
  std::size_t events = 0;
  for (int poll = 0; cursor != "16" && poll < 10; ++poll) {
    const auto outcome = bench.changes(cursor);
    ASSERT_EQ(outcome.status, Status::ok) << outcome.message;
    ASSERT_FALSE(outcome.documents.empty()) << "no progress after cursor " << cursor;
    std::size_t bytes = 0;
    for (const std::string& document : outcome.documents) bytes += document.size();
    EXPECT_LT(bytes, 8U << 20U);
    events += outcome.documents.size() - 1;
    cursor = (*json::parse(outcome.documents.back()))["cursor"].text();
  }
  EXPECT_EQ(events, 16U);
}

TEST_F(Queue, TheSuppliersFilesAreFetchedWhole) {
  Supplier supplier(data());
  Bench bench(QUEUE_LIBRARY, plain(supplier.endpoint()), {});
  ASSERT_EQ(bench.put_ticket(kTicket).status, Status::ok);
  const std::string bytes(200'000, 'z');
  ASSERT_TRUE(supplier.book().attach("Q-1", "logg.txt", "text/plain", bytes));
  const auto events = bench.changes("");
  ASSERT_EQ(events.documents.size(), 2U);
  const auto event = json::parse(events.documents[0]);
  const auto fetched = bench.attachment((*event)["attachment"]["reference"].dump());
  ASSERT_EQ(fetched.status, Status::ok) << fetched.message;
  std::string all;
  for (const std::string& piece : fetched.documents) all += piece;
  EXPECT_EQ(all, bytes);
  EXPECT_EQ(bench.attachment(R"({"file":"none"})").status, Status::permanent);
}

TEST_F(Queue, WithTheRightKeysEverythingWorksEncrypted) {
  const KeyPair server = make_keys(), desk = make_keys();
  Supplier supplier(data(), example::Curve{server.secret_key, {desk.public_key}});
  Bench bench(QUEUE_LIBRARY, keyed(supplier.endpoint(), server.public_key),
              {{"k", desk.secret_key}});
  ASSERT_TRUE(bench.created()) << bench.refusal;
  EXPECT_EQ(bench.put_ticket(kTicket).status, Status::ok);
}

TEST_F(Queue, AWrongServerKeyDoesNotHangAndIsExplained) {
  const KeyPair server = make_keys(), other = make_keys(), desk = make_keys();
  Supplier supplier(data(), example::Curve{server.secret_key, {desk.public_key}});
  Bench bench(QUEUE_LIBRARY, keyed(supplier.endpoint(), other.public_key),
              {{"k", desk.secret_key}});
  bench.budget_ms(2'000);
  const auto outcome = bench.put_ticket(kTicket);
  EXPECT_EQ(outcome.status, Status::retry);
  EXPECT_NE(outcome.message.find("server_public_key"), std::string::npos) << outcome.message;
  EXPECT_EQ(outcome.message.find(desk.secret_key), std::string::npos);
  EXPECT_EQ(supplier.book().ticket_count(), 0U);
}

TEST_F(Queue, AnUnknownDeskKeyIsAuthAtOnceAndNamesThePublicKey) {
  const KeyPair server = make_keys(), known = make_keys(), desk = make_keys();
  Supplier supplier(data(), example::Curve{server.secret_key, {known.public_key}});
  Bench bench(QUEUE_LIBRARY, keyed(supplier.endpoint(), server.public_key),
              {{"k", desk.secret_key}});
  bench.budget_ms(20'000);
  const auto before = std::chrono::steady_clock::now();
  const auto outcome = bench.put_ticket(kTicket);
  EXPECT_EQ(outcome.status, Status::auth) << outcome.message;
  EXPECT_NE(outcome.message.find(desk.public_key), std::string::npos) << outcome.message;
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(10));
}

TEST_F(Queue, ADeskWithoutKeysAtASupplierWithKeysDoesNotHang) {
  const KeyPair server = make_keys();
  Supplier supplier(data(), example::Curve{server.secret_key, {}});
  Bench bench(QUEUE_LIBRARY, plain(supplier.endpoint()), {});
  bench.budget_ms(2'000);
  const auto outcome = bench.put_ticket(kTicket);
  EXPECT_TRUE(outcome.status == Status::retry || outcome.status == Status::auth);
  EXPECT_FALSE(outcome.message.empty());
  EXPECT_EQ(supplier.book().ticket_count(), 0U);
}

// A supplier of the test's own: says what it is told to whatever is asked.
class Parrot {
 public:
  using Script = std::function<std::vector<std::vector<std::string>>(json::View request)>;
  explicit Parrot(Script script) : router_(context_, zmq::socket_type::router) {
    router_.set(zmq::sockopt::linger, 0);
    router_.bind("tcp://127.0.0.1:*");
    endpoint_ = router_.get(zmq::sockopt::last_endpoint);
    thread_ = std::jthread([this, script = std::move(script)] {
      while (!stop_) {
        zmq::pollitem_t item{router_.handle(), 0, ZMQ_POLLIN, 0};
        zmq::poll(&item, 1, std::chrono::milliseconds(20));
        if (item.revents == 0) continue;
        std::vector<zmq::message_t> frames;
        bool more = true;
        while (more) {
          zmq::message_t frame;
          static_cast<void>(router_.recv(frame));
          more = frame.more();
          frames.push_back(std::move(frame));
        }
        if (frames.size() < 3) continue;
        const auto request = json::parse(frames[2].to_string_view());
        for (const auto& message : script(request->root())) {
          router_.send(zmq::buffer(frames[0].to_string_view()), zmq::send_flags::sndmore);
          for (std::size_t i = 0; i < message.size(); ++i) {
            router_.send(zmq::buffer(message[i]),
                         i + 1 < message.size() ? zmq::send_flags::sndmore : zmq::send_flags::none);
          }
        }
      }
    });
  }
  ~Parrot() {
    stop_ = true;
    thread_.join();
  }
  const std::string& endpoint() const { return endpoint_; }

 private:
  zmq::context_t context_;
  zmq::socket_t router_;
  std::string endpoint_;
  std::atomic<bool> stop_{false};
  std::jthread thread_;
};

std::vector<std::string> say(const std::string& text) {
  return {"ombud-queue/1", text};
}

TEST_F(Queue, FramesThatAreNoAnswerAreIgnored) {
  const Parrot parrot([](json::View request) -> std::vector<std::vector<std::string>> {
    if (request["type"].text() == "hello") {
      return {{"noise"},
              {"ombud-queue/9", R"({"type":"welcome","re":"hello"})"},
              say("no json"),
              say(R"({"type":"welcome","re":"another question"})"),
              say(R"({"type":"news","text":"unasked"})"),
              {"", "", "", "", "", "", "", "", "", "", ""},
              say(R"({"type":"welcome","re":"hello","version":1})")};
    }
    return {
        say(R"({"type":"ack","re":"corr-0","external_id":"WRONG"})"),
        say(R"({"type":"working","re":"corr-1"})"),
        say(R"({"type":"ack","re":"corr-1","external_id":"P-1","color":"red","changed":["status"]})")};
  });
  Bench bench(QUEUE_LIBRARY, plain(parrot.endpoint()), {});
  const auto outcome = bench.put_ticket(kTicket);
  EXPECT_EQ(outcome.status, Status::ok) << outcome.message;
  EXPECT_EQ(outcome.documents,
            std::vector<std::string>{R"({"external_id":"P-1","changed":["status"]})"});
}

struct Nack {
  const char* members;
  Status status;
};
class QueueNacks : public testing::TestWithParam<Nack> {};

TEST_P(QueueNacks, BecomeTheVerdictTheyName) {
  const Parrot parrot([](json::View request) -> std::vector<std::vector<std::string>> {
    if (request["type"].text() == "hello")
      return {say(R"({"type":"welcome","re":"hello","version":1})")};
    return {say(std::string(R"({"re":"corr-1",)") + GetParam().members + "}")};
  });
  Bench bench(QUEUE_LIBRARY, R"({"endpoint":")" + parrot.endpoint() + "\"}", {});
  const auto outcome = bench.put_ticket(kTicket);
  EXPECT_EQ(outcome.status, GetParam().status) << outcome.message;
  EXPECT_FALSE(outcome.message.empty());
  if (outcome.status == Status::rate_limited) {
    EXPECT_EQ(outcome.retry_after_ms, 1234);
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, QueueNacks,
    testing::Values(Nack{R"("type":"nack","verdict":"retry","message":"busy")", Status::retry},
                    Nack{R"("type":"nack","verdict":"permanent","message":"no")",
                         Status::permanent},
                    Nack{R"("type":"nack","verdict":"auth","message":"who?")", Status::auth},
                    Nack{R"("type":"nack","verdict":"rate_limited","retry_after_ms":1234)",
                         Status::rate_limited},
                    Nack{R"("type":"nack","verdict":"perhaps")", Status::ambiguous},
                    Nack{R"("type":"ack")", Status::ambiguous},
                    Nack{R"("type":"pong")", Status::ambiguous}));

TEST_F(Queue, ADamagedEventStopsThePollBeforeItsBatch) {
  const Parrot parrot([](json::View request) -> std::vector<std::vector<std::string>> {
    if (request["type"].text() == "hello")
      return {say(R"({"type":"welcome","re":"hello","version":1})")};
    return {
        say(R"({"type":"events","re":"events-1","cursor":"9","events":[{"schema":"ombud.change/1",)"
            R"("event_id":"e1","external_id":"P-1","type":"comment"},{"event_id":"e2"}]})")};
  });
  Bench bench(QUEUE_LIBRARY, plain(parrot.endpoint()), {});
  const auto outcome = bench.changes("7");
  EXPECT_EQ(outcome.status, Status::retry);
  EXPECT_NE(outcome.message.find("Event 2"), std::string::npos) << outcome.message;
  for (const std::string& document : outcome.documents)
    EXPECT_EQ(document.find("cursor"), std::string::npos);
}

TEST_F(Queue, ATornLastLineOfTheSuppliersFileIsCutOff) {
  {
    Supplier supplier(data());
    Bench bench(QUEUE_LIBRARY, plain(supplier.endpoint()), {});
    ASSERT_EQ(bench.put_ticket(kTicket).status, Status::ok);
  }
  std::filesystem::resize_file(data(), std::filesystem::file_size(data()) - 5);
  Supplier supplier(data());
  EXPECT_EQ(supplier.book().ticket_count(), 0U);
  Bench bench(QUEUE_LIBRARY, plain(supplier.endpoint()), {});
  EXPECT_EQ(bench.put_ticket(kTicket).status, Status::ok);
  EXPECT_EQ(supplier.book().ticket_count(), 1U);
}

}  // namespace
}  // namespace ombud::queue
