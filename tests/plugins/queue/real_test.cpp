// The queue connector through a real RabbitMQ, with the example supplier at the other end: lost
// answers, a broker that dies between publish and confirm, missing queues and permissions, and
// always one ticket for one correlation. OMBUD_TEST_RABBITMQ_* name the broker;
// tests/real/rabbitmq-setup starts one and prints them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "base/random.hpp"
#include "plugins/bench.hpp"
#include "plugins/queue/cut.hpp"
#include "queue/amqp_server.hpp"

namespace ombud::queue {
namespace {

using bench::Bench;
using bench::Cut;
using bench::Job;
using bench::Outcome;
using sdk::Status;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

std::string fact(const char* name) {
  const char* value = std::getenv((std::string("OMBUD_TEST_RABBITMQ_") + name).c_str());
  return value == nullptr ? std::string() : value;
}

template <class Condition>
bool until(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

// The example supplier on a thread of its own; may be stopped and started again.
class Supplier {
 public:
  Supplier(std::string path, example::Broker broker)
      : path_(std::move(path)), broker_(std::move(broker)) {
    start();
  }
  ~Supplier() { stop(); }
  void start() {
    book_ = std::make_unique<example::Book>(path_,
                                            [] { return std::string("2026-11-22T10:00:00.000Z"); });
    server_ = std::make_unique<example::AmqpServer>(*book_, broker_, path_ + ".told");
    stop_ = false;
    thread_ = std::jthread([this] {
      while (!stop_) server_->serve(20);
    });
    EXPECT_TRUE(until([this] { return server_->connected.load(); }));
  }
  void stop() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
    server_.reset();
  }
  example::Book& book() { return *book_; }
  example::AmqpServer& server() { return *server_; }
  bool told() const {  // every event so far is with the broker
    return server_->events_told.load() == book_->event_count();
  }

 private:
  std::string path_;
  example::Broker broker_;
  std::unique_ptr<example::Book> book_;
  std::unique_ptr<example::AmqpServer> server_;
  std::atomic<bool> stop_{false};
  std::jthread thread_;
};

class AmqpReal : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"PORT", "TLS_PORT", "CA", "VHOST", "DESK", "SUPPLIER", "STATE"}) {
      if (!fact(name).empty()) continue;
      GTEST_SKIP() << "OMBUD_TEST_RABBITMQ_" << name
                   << " is not set: run tests/real/rabbitmq-setup DIRECTORY and export its lines";
    }
    bytes_init();
    std::string pattern = (std::filesystem::temp_directory_path() / "amqp-test-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    const std::string own = mint_id(random_);
    queue_ = "supplier." + own;
    events_ = "desk." + own;
  }
  void TearDown() override {
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }

  example::Broker broker(bool with_events = false) const {
    example::Broker broker;
    broker.port = std::stoi(fact("PORT"));
    broker.vhost = fact("VHOST");
    broker.login = "supplier";
    broker.password = fact("SUPPLIER");
    broker.queue = queue_;
    if (with_events) broker.events_queue = events_;
    return broker;
  }
  std::unique_ptr<Supplier> supplier(bool with_events = false) {
    return std::make_unique<Supplier>(folder_ + "/tickets.jsonl", broker(with_events));
  }
  struct With {
    std::string login = "desk";
    std::string password = fact("DESK");
    std::string vhost = fact("VHOST");
    std::string more = {};  // members of the amqp table
    int port = std::stoi(fact("PORT"));
    std::string scheme = "amqp";
    std::string host = "127.0.0.1";
    std::string routing_key = {};
  };
  std::unique_ptr<Bench> desk(const With& with) const {
    const std::string settings =
        R"({"endpoint":")" + with.scheme + "://" + with.host + ":" + std::to_string(with.port) +
        "/" + with.vhost + R"(","amqp":{"login":")" + with.login +
        R"(","password":{"$secret":"p"},"routing_key":")" +
        (with.routing_key.empty() ? queue_ : with.routing_key) + "\"" + with.more + "}}";
    auto bench = std::make_unique<Bench>(QUEUE_LIBRARY, settings,
                                         std::map<std::string, std::string>{{"p", with.password}});
    EXPECT_TRUE(bench->created()) << bench->refusal;
    return bench;
  }
  std::unique_ptr<Bench> desk() const { return desk(With{}); }
  std::string events_member() const { return R"(,"events_queue":")" + events_ + "\""; }

  SystemRandom random_;
  std::string folder_, queue_, events_;
};

const Job kTicket{"corr-1", "",
                  R"({"schema":"ombud.ticket/1","reference":"OMB-1042","subject":"Växeln är död"})",
                  "", false};
const std::vector<std::string> kQ1{R"({"external_id":"Q-1"})"};

std::vector<std::string> event_ids(const Outcome& outcome) {
  std::vector<std::string> ids;
  for (const std::string& document : outcome.documents) {
    const auto parsed = json::parse(document);
    if ((*parsed)["event_id"].is_text()) ids.emplace_back((*parsed)["event_id"].text());
  }
  return ids;
}
std::string cursor_in(const Outcome& outcome, const std::string& else_cursor = "") {
  if (outcome.documents.empty()) return else_cursor;
  const auto parsed = json::parse(outcome.documents.back());
  return std::string((*parsed)["cursor"].text(else_cursor));
}

TEST_F(AmqpReal, ATicketItsCommentAndAFileOf5MegabytesReachTheSupplier) {
  const auto there = supplier();
  const auto here = desk();
  const auto created = here->put_ticket(kTicket);
  ASSERT_EQ(created.status, Status::ok) << created.message;
  EXPECT_EQ(created.documents, kQ1);
  const auto comment = here->add_comment(
      {"corr-2", "Q-1", R"({"schema":"ombud.comment/1","text":"Hej"})", "", false});
  EXPECT_EQ(comment.status, Status::ok) << comment.message;
  std::string bytes(5'000'000, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 7 % 251);
  const auto file = here->add_attachment(
      {"corr-3", "Q-1", R"({"schema":"ombud.attachment/1","name":"a.bin"})", bytes, true});
  EXPECT_EQ(file.status, Status::ok) << file.message;
  EXPECT_EQ(here->find("attachment", {"corr-3", "Q-1", "{}", "", false}).documents, file.documents);
  EXPECT_THAT(there->book().tickets_json(), HasSubstr("Växeln är död"));
  // It has what we sent, byte for byte: in its journal.
  std::ifstream journal(folder_ + "/tickets.jsonl");
  std::string line, last;
  while (std::getline(journal, line)) last = line;
  EXPECT_EQ(from_base64((*json::parse(last))["content"].text()).value_or(""), bytes);
  EXPECT_EQ(here->check().status, Status::ok);
}

TEST_F(AmqpReal, ASuppliersFileOfAMegabyteIsFetchedWhole) {
  const auto there = supplier();
  const auto here = desk();
  ASSERT_EQ(here->put_ticket(kTicket).status, Status::ok);
  const std::string bytes(1'000'000, 'z');
  ASSERT_TRUE(there->book().attach("Q-1", "logg.txt", "text/plain", bytes));
  const auto events = here->changes("");  // without a queue for events it is asked
  ASSERT_EQ(events.documents.size(), 2U) << events.message;
  const auto event = json::parse(events.documents[0]);
  const auto fetched = here->attachment((*event)["attachment"]["reference"].dump());
  ASSERT_EQ(fetched.status, Status::ok) << fetched.message;
  std::string all;
  for (const std::string& piece : fetched.documents) all += piece;
  EXPECT_EQ(all, bytes);
}

TEST_F(AmqpReal, ASupplierThatIsDownIsRetryAndNothingPilesUp) {
  supplier()->stop();  // it has made its queue and gone home
  const auto here = desk();
  here->budget_ms(2'000);
  for (int i = 0; i < 2; ++i) {
    const auto outcome = here->put_ticket(kTicket);
    EXPECT_EQ(outcome.status, Status::retry) << outcome.message;
    EXPECT_THAT(outcome.message, HasSubstr("nobody reads"));
  }
  const auto there = supplier();
  here->budget_ms(10'000);
  EXPECT_EQ(here->put_ticket(kTicket).documents, kQ1);
  EXPECT_EQ(there->book().ticket_count(), 1U);
}

TEST_F(AmqpReal, ALostAcknowledgementIsAmbiguousAndTheNextAttemptMakesNoSecondTicket) {
  const auto there = supplier();
  there->server().drop_answers = 1;
  const auto here = desk();
  here->budget_ms(1'500);
  const auto outcome = here->put_ticket(kTicket);
  EXPECT_EQ(outcome.status, Status::ambiguous);
  EXPECT_THAT(outcome.message, HasSubstr("the broker has the message in its keeping"));
  here->budget_ms(10'000);
  EXPECT_EQ(here->find("ticket", kTicket).documents, kQ1);
  EXPECT_EQ(here->put_ticket(kTicket).documents, kQ1);
  EXPECT_EQ(there->book().ticket_count(), 1U);
}

TEST_F(AmqpReal, ALineCutBetweenPublishAndConfirmIsRepairedInTheSameCall) {
  const auto there = supplier();
  Cut cut(std::stoi(fact("PORT")));
  const auto here = desk({.port = cut.port()});
  cut.after("\"put_ticket\"");
  const auto outcome = here->put_ticket(kTicket);
  EXPECT_TRUE(cut.fired());
  EXPECT_EQ(outcome.status, Status::ok) << outcome.message;
  EXPECT_EQ(outcome.documents, kQ1);
  EXPECT_EQ(cut.connections(), 2);
  EXPECT_EQ(there->book().ticket_count(), 1U);
}

TEST_F(AmqpReal, ABrokerKilledWithTheTicketInItsQueueHandsItOverWhenItIsBack) {
  const auto there = supplier();
  there->server().hold_writes = true;
  const auto here = desk();
  here->budget_ms(60'000);
  Outcome outcome;
  std::jthread asks([&] { outcome = here->put_ticket(kTicket); });
  ASSERT_TRUE(until([&] { return there->server().held > 0; }));
  int pid = 0;
  std::ifstream(fact("STATE") + "/pid") >> pid;
  ASSERT_GT(pid, 1);
  ASSERT_EQ(::kill(pid, SIGKILL), 0);
  there->server().hold_writes = false;
  const std::string setup = std::string(OMBUD_SOURCE_DIR) + "/tests/real/rabbitmq-setup '" +
                            fact("STATE") + "' >/dev/null 2>&1";
  ASSERT_EQ(std::system(setup.c_str()), 0);
  asks.join();
  EXPECT_EQ(outcome.status, Status::ok) << outcome.message;
  // The broker kept the first sending, and the connector sent it again: one ticket all the same.
  ASSERT_TRUE(until([&] { return there->book().ticket_count() > 0; }));
  EXPECT_EQ(here->find("ticket", kTicket).documents, kQ1);
  EXPECT_EQ(there->book().ticket_count(), 1U);
}

// As one does that is short of memory or disk.
TEST_F(AmqpReal, ABrokerThatStopsReadingDoesNotHoldTheCallForever) {
  const auto there = supplier();
  Cut cut(std::stoi(fact("PORT")));
  const auto here = desk({.port = cut.port()});
  ASSERT_EQ(here->put_ticket(kTicket).status, Status::ok);
  cut.stall_after("\"welcome\"");
  here->budget_ms(3'000);
  const auto before = std::chrono::steady_clock::now();
  const auto outcome =
      here->add_attachment({"corr-2", "Q-1", R"({"schema":"ombud.attachment/1","name":"a.bin"})",
                            std::string(10'000'000, 'x'), true});
  const auto took = std::chrono::steady_clock::now() - before;
  EXPECT_TRUE(cut.fired());
  EXPECT_EQ(outcome.status, Status::retry) << outcome.message;
  EXPECT_LT(took, std::chrono::seconds(6));
}

TEST_F(AmqpReal, AConnectionClosedWhileIdleIsMadeAgainUnnoticed) {
  const auto there = supplier();
  Cut cut(std::stoi(fact("PORT")));
  const auto here = desk({.port = cut.port()});
  ASSERT_EQ(here->check().status, Status::ok);
  ASSERT_EQ(here->put_ticket(kTicket).status, Status::ok);
  const int before = cut.connections();
  ASSERT_EQ(here->put_ticket(kTicket).status, Status::ok);
  EXPECT_EQ(cut.connections(), before) << "a connection is kept from call to call";
  cut.now();
  const auto outcome = here->add_comment(
      {"corr-2", "Q-1", R"({"schema":"ombud.comment/1","text":"Hej"})", "", false});
  EXPECT_EQ(outcome.status, Status::ok) << outcome.message;
  EXPECT_EQ(cut.connections(), before + 1);
}

TEST_F(AmqpReal, AMessageThatNoQueueTakesIsRetryAndNamesTheWay) {
  const auto direct = desk({.routing_key = "nowhere"});
  const auto outcome = direct->put_ticket(kTicket);
  EXPECT_EQ(outcome.status, Status::retry);
  EXPECT_THAT(outcome.message, HasSubstr("there is no queue \"nowhere\""));
  const auto by_exchange = desk({.more = R"(,"exchange":"amq.direct")", .routing_key = "nowhere"});
  EXPECT_THAT(by_exchange->put_ticket(kTicket).message,
              HasSubstr("exchange \"amq.direct\" with routing key \"nowhere\""));
  const auto no_exchange = desk({.more = R"(,"exchange":"no-such")"});
  const auto gone = no_exchange->put_ticket(kTicket);
  EXPECT_EQ(gone.status, Status::retry);
  EXPECT_THAT(gone.message, HasSubstr("no-such"));
}

TEST_F(AmqpReal, AWrongPasswordIsAuthAndIsNotRepeated) {
  const auto here = desk({.password = "not-the-password"});
  const auto outcome = here->put_ticket(kTicket);
  EXPECT_EQ(outcome.status, Status::auth) << outcome.message;
  EXPECT_THAT(outcome.message, HasSubstr("refuses the login \"desk\""));
  EXPECT_THAT(outcome.message, Not(HasSubstr("not-the-password")));
}

TEST_F(AmqpReal, AForbiddenOrMissingVirtualHostIsAuth) {
  for (const char* vhost : {"closed", "no-such"}) {
    const auto outcome = desk({.vhost = vhost})->check();
    EXPECT_EQ(outcome.status, Status::auth) << outcome.message;
    EXPECT_THAT(outcome.message, HasSubstr(std::string("virtual host \"") + vhost));
  }
}

TEST_F(AmqpReal, AMissingPermissionToPublishIsAuth) {
  const auto there = supplier();
  const auto here = desk({.login = "stranger", .password = fact("STRANGER")});
  const auto outcome = here->put_ticket(kTicket);
  EXPECT_EQ(outcome.status, Status::auth) << outcome.message;
  EXPECT_EQ(there->book().ticket_count(), 0U);
}

TEST_F(AmqpReal, TheCheckNamesEverythingThatIsMissingAndMakesNothing) {
  const auto here = desk({.more = R"(,"exchange":"no-exchange","request_queue":"no-requests",)"
                                  R"("reply_queue":"desk.own.no-replies")" +
                                  events_member()});
  for (int again = 0; again < 2; ++again) {
    const auto outcome = here->check();
    EXPECT_EQ(outcome.status, Status::retry);
    for (const std::string& name :
         {std::string("exchange \"no-exchange\""), std::string("request queue \"no-requests\""),
          std::string("reply queue \"desk.own.no-replies\""), "events queue \"" + events_ + "\""}) {
      EXPECT_THAT(outcome.message, HasSubstr("there is no " + name)) << outcome.message;
    }
  }
}

TEST_F(AmqpReal, WithDeclareOurOwnQueuesAreMadeAndServe) {
  const auto there = supplier();
  const std::string own = "desk.own." + mint_id(random_);
  const auto here = desk({.more = R"(,"declare":true,"reply_queue":")" + own +
                                  R"(.replies","events_queue":")" + own + ".events\""});
  EXPECT_EQ(here->check().status, Status::ok);
  EXPECT_EQ(here->put_ticket(kTicket).documents, kQ1);
  const auto polled = here->changes("");
  EXPECT_EQ(polled.status, Status::ok) << polled.message;
  EXPECT_THAT(polled.documents, IsEmpty());
  // Whoever may not make queues is told so.
  const auto refused = desk({.more = R"(,"declare":true)" + events_member()})->changes("");
  EXPECT_EQ(refused.status, Status::auth) << refused.message;
}

TEST_F(AmqpReal, AnswersWithoutCorrelationAreExplained) {
  const auto there = supplier();
  there->server().forget_correlation = true;
  const auto here = desk();
  here->budget_ms(1'500);
  const auto outcome = here->put_ticket(kTicket);
  EXPECT_EQ(outcome.status, Status::retry);
  EXPECT_THAT(outcome.message, HasSubstr("correlation_id"));
}

TEST_F(AmqpReal, EventsStayInTheQueueUntilTheCursorHasPassedThem) {
  const auto there = supplier(true);
  auto here = desk({.more = events_member()});
  ASSERT_EQ(here->put_ticket(kTicket).status, Status::ok);
  ASSERT_TRUE(there->book().comment("Q-1", "Vi tittar.", true));
  ASSERT_TRUE(there->book().set_status("Q-1", "resolved", "Färdig"));
  ASSERT_TRUE(until([&] { return there->told(); }));
  const auto first = here->changes("");
  ASSERT_EQ(first.status, Status::ok) << first.message;
  EXPECT_THAT(event_ids(first), ElementsAre("event-1", "event-2"));
  EXPECT_THAT(event_ids(here->changes("")), ElementsAre("event-1", "event-2"));

  // The connector dies before the hub has committed: delivered again.
  here.reset();
  here = desk({.more = events_member()});
  EXPECT_THAT(event_ids(here->changes("")), ElementsAre("event-1", "event-2"));
  // It dies after the hub has committed: the cursor tells, and they do not come twice.
  here.reset();
  here = desk({.more = events_member()});
  ASSERT_TRUE(there->book().comment("Q-1", "Klart nu.", true));
  ASSERT_TRUE(until([&] { return there->told(); }));
  const auto second = here->changes(cursor_in(first));
  EXPECT_THAT(event_ids(second), ElementsAre("event-3"));
  EXPECT_THAT(event_ids(here->changes(cursor_in(second))), IsEmpty());
  // They have left the queue for good: a new connection with an empty cursor finds none.
  here.reset();
  here = desk({.more = events_member()});
  EXPECT_THAT(event_ids(here->changes("")), IsEmpty());
}

TEST_F(AmqpReal, EventsComeWhileTheSupplierIsDownAndInOrder) {
  {
    const auto there = supplier(true);
    const auto here = desk();
    ASSERT_EQ(here->put_ticket(kTicket).status, Status::ok);
    for (int i = 0; i < 450; ++i) there->book().comment("Q-1", "nr " + std::to_string(i), true);
    ASSERT_TRUE(until([&] { return there->told(); }));
  }
  const auto here = desk({.more = events_member()});
  std::vector<std::string> all;
  std::string cursor;
  for (int poll = 0; poll < 5; ++poll) {
    const auto polled = here->changes(cursor);
    ASSERT_EQ(polled.status, Status::ok) << polled.message;
    const auto ids = event_ids(polled);
    all.insert(all.end(), ids.begin(), ids.end());
    cursor = cursor_in(polled, cursor);
  }
  ASSERT_THAT(all, SizeIs(450));
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i], "event-" + std::to_string(i + 1));
}

TEST_F(AmqpReal, AMissingQueueOfEventsIsRetryAndNamed) {
  const auto outcome = desk({.more = events_member()})->changes("");
  EXPECT_EQ(outcome.status, Status::retry);
  EXPECT_THAT(outcome.message, HasSubstr(events_));
}

TEST_F(AmqpReal, TlsIsVerifiedByAuthorityAndByName) {
  const auto there = supplier();
  const int port = std::stoi(fact("TLS_PORT"));
  const std::string ca = R"(,"ca_file":")" + fact("CA") + "\"";
  const auto outcome =
      desk({.more = ca, .port = port, .scheme = "amqps", .host = "localhost"})->put_ticket(kTicket);
  EXPECT_EQ(outcome.status, Status::ok) << outcome.message;
  const auto unknown = desk({.port = port, .scheme = "amqps", .host = "localhost"})->check();
  EXPECT_EQ(unknown.status, Status::retry);
  EXPECT_THAT(unknown.message, HasSubstr("amqp.ca_file"));
  const auto other_name = desk({.more = ca, .port = port, .scheme = "amqps"})->check();
  EXPECT_EQ(other_name.status, Status::retry);
  EXPECT_THAT(other_name.message, HasSubstr("not made out to \"127.0.0.1\""));
  const auto plain_port = desk({.more = ca, .scheme = "amqps", .host = "localhost"})->check();
  EXPECT_EQ(plain_port.status, Status::retry);
  EXPECT_THAT(plain_port.message, HasSubstr("TLS"));
}

TEST_F(AmqpReal, NobodyListeningIsRetryAndCancelEndsTheWait) {
  const auto nobody = desk({.port = 9});
  const auto outcome = nobody->put_ticket(kTicket);
  EXPECT_EQ(outcome.status, Status::retry);
  EXPECT_THAT(outcome.message, HasSubstr("cannot be reached"));
  const auto there = supplier();
  const std::atomic<bool> stop{true};
  const auto here = desk();
  here->cancel_with(&stop);
  EXPECT_EQ(here->put_ticket(kTicket).status, Status::cancelled);
  EXPECT_EQ(there->book().ticket_count(), 0U);
}

TEST_F(AmqpReal, AFileLargerThanTheBrokerTakesIsPermanent) {
  const auto there = supplier();
  const auto here = desk();
  ASSERT_EQ(here->put_ticket(kTicket).status, Status::ok);
  // The example supplier takes 16 MiB, the test broker 12 MiB in one message.
  const auto outcome =
      here->add_attachment({"corr-2", "Q-1", R"({"schema":"ombud.attachment/1","name":"a.bin"})",
                            std::string(13 << 20, 'x'), true});
  EXPECT_EQ(outcome.status, Status::permanent) << outcome.message;
  EXPECT_THAT(outcome.message, HasSubstr("size"));
  EXPECT_EQ(here->check().status, Status::ok);
}

}  // namespace
}  // namespace ombud::queue
