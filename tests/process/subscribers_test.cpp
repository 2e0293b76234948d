// Events on their way to a subscriber: through the log, the outbox and the connector's process,
// with the hub killed and the subscriber failing in between.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <thread>

#include "process/hub_world.hpp"

namespace ombud::testing {
namespace {

// A subscriber: keeps what it is told, and refuses while it is told to.
class Receiver {
 public:
  Receiver() {
    server_.Post("/tickets", [this](const httplib::Request& request, httplib::Response& response) {
      const std::scoped_lock lock(mutex_);
      if (failing_) {
        ++refused_;
        response.status = 500;
        return;
      }
      auto event = json::parse(request.body);
      ASSERT_TRUE(event) << request.body;
      const std::string id((*event)["eventId"].text());
      EXPECT_EQ(request.get_header_value("X-Ombud-Event"), id);
      if (bodies_.emplace(id, request.body).second) {
        order_.push_back(std::move(*event));
      } else {
        EXPECT_EQ(bodies_[id], request.body) << "a repetition is the same to the byte";
      }
      response.status = 201;
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
  }
  ~Receiver() {
    server_.stop();
    thread_.join();
  }
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;

  int port() const { return port_; }
  void fail(bool failing) {
    const std::scoped_lock lock(mutex_);
    failing_ = failing;
  }
  int refused() {
    const std::scoped_lock lock(mutex_);
    return refused_;
  }
  std::size_t count() {
    const std::scoped_lock lock(mutex_);
    return order_.size();
  }
  // The texts of the newest note of each event about this ticket, in the order in which they came.
  std::vector<std::string> notes_of(const std::string& id) {
    const std::scoped_lock lock(mutex_);
    std::vector<std::string> all;
    for (const auto& event : order_) {
      const json::View ticket = event["event"]["troubleTicket"];
      if (ticket["id"].text() != id ||
          event["eventType"].text() != "TroubleTicketAttributeValueChangeEvent") {
        continue;
      }
      all.emplace_back(ticket["note"].at(ticket["note"].size() - 1)["text"].text());
    }
    return all;
  }

 private:
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
  std::mutex mutex_;
  bool failing_ = false;
  int refused_ = 0;
  std::vector<json::Document> order_;
  std::map<std::string, std::string> bodies_;
};

struct Told {
  LoneHub lone;
  Receiver receiver;
  std::string token;

  Told() {
    lone.hub.write_link("subscribers", fmt::format(R"(supplier = "Subscribers"
connector = "subscriber"
kind = "subscribers"
[settings]
callbacks = ["http://127.0.0.1:{}"]
[limits]
settle = "100ms"
)",
                                                   receiver.port()));
    lone.start();
    lone.add_customer();
    const Answer made =
        lone.hub.must("POST", "/tokens", R"({"name":"itsm","role":"customer","customer":"acme"})");
    token = made.json["secret"].text();
  }
  Answer tmf(const std::string& method, const std::string& path, const std::string& body = {}) {
    std::map<std::string, std::string> headers{{"Authorization", "Bearer " + token}};
    if (!body.empty()) headers["Content-Type"] = "application/json";
    return http(lone.hub.port(), method, "/tmf-api/troubleTicket/v4" + path, body, headers);
  }
  std::string created() {
    const Answer made = tmf("POST", "/troubleTicket",
                            R"({"description":"d","severity":"s","ticketType":"incident"})");
    EXPECT_EQ(made.status, 201) << made.body;
    return std::string(made.json["id"].text());
  }
  void desk_says(const std::string& id, const std::string& text) {
    lone.hub.must("POST", "/tickets/" + id + "/messages", object({{"text", text}}));
  }
};

TEST(SubscribersProcess, EveryEventArrivesOnceAndInOrderWhateverDies) {
  Told told;
  const std::string callback = fmt::format("http://127.0.0.1:{}/tickets", told.receiver.port());
  EXPECT_EQ(told.tmf("POST", "/hub", R"({"callback":"http://127.0.0.1:1/x"})").status, 400);
  ASSERT_EQ(told.tmf("POST", "/hub", object({{"callback", callback}})).status, 201);
  const std::string first = told.created(), second = told.created();
  std::vector<std::string> texts;
  for (int round = 0; round < 4; ++round) {
    if (round == 1) told.receiver.fail(true);
    for (int i = 0; i < 3; ++i) {
      texts.push_back(fmt::format("{}.{}", round, i));
      told.desk_says(first, texts.back());
      told.desk_says(second, texts.back());
    }
    if (round == 1) {
      EXPECT_TRUE(until(kSoon, [&] { return told.receiver.refused() > 0; }));
      EXPECT_NE(told.lone.hub.ombud({"delivery", "list", "--link", "subscribers"})
                    .output.find("subscribers"),
                std::string::npos)
          << "an operator sees what waits";
    }
    told.lone.hub.kill_hard();
    if (round == 2) told.receiver.fail(false);
    told.lone.start();
  }
  const auto all_there = [&] {
    return told.receiver.notes_of(first).size() == texts.size() &&
           told.receiver.notes_of(second).size() == texts.size();
  };
  EXPECT_TRUE(until(Millis{120'000}, all_there)) << told.lone.hub.log();
  EXPECT_EQ(told.receiver.notes_of(first), texts);
  EXPECT_EQ(told.receiver.notes_of(second), texts);
  const Answer seen = told.tmf("GET", "/troubleTicket?status=inProgress");
  EXPECT_EQ(seen.json.root().size(), 2U);
}

TEST(SubscribersProcess, OneThatFailsHoldsUpNobodyElse) {
  Told told;
  Receiver dead;
  told.lone.hub.kill_hard();
  told.lone.hub.write_link("subscribers", fmt::format(R"(supplier = "Subscribers"
connector = "subscriber"
kind = "subscribers"
[settings]
callbacks = ["http://127.0.0.1:{}", "http://127.0.0.1:{}"]
)",
                                                      told.receiver.port(), dead.port()));
  told.lone.start();
  dead.fail(true);
  for (const int port : {told.receiver.port(), dead.port()}) {
    const std::string callback = fmt::format("http://127.0.0.1:{}/tickets", port);
    ASSERT_EQ(told.tmf("POST", "/hub", object({{"callback", callback}})).status, 201);
  }
  std::vector<std::string> ids;
  for (int i = 0; i < 20; ++i) ids.push_back(told.created());
  for (const std::string& id : ids) told.desk_says(id, "Ett.");
  ASSERT_TRUE(until(kSoon, [&] { return dead.refused() >= 20; })) << "each ticket has failed";
  for (const std::string& id : ids) told.desk_says(id, "Två.");
  const std::vector<std::string> both{"Ett.", "Två."};
  EXPECT_TRUE(until(Millis{5'000}, [&] {
    return std::all_of(ids.begin(), ids.end(),
                       [&](const std::string& id) { return told.receiver.notes_of(id) == both; });
  })) << "and nothing waits for it";
  EXPECT_EQ(dead.count(), 0U);
  const std::string list =
      told.lone.hub.ombud({"delivery", "list", "--link", "subscribers"}).output;
  EXPECT_NE(list.find("event"), std::string::npos) << list;
  EXPECT_EQ(list.find("add_comment"), std::string::npos) << list;
}

}  // namespace
}  // namespace ombud::testing
