// Lists of deliveries under filters, many acted upon at once, and how a link has been doing.
#include "base/bytes.hpp"
#include "hub.hpp"
#include "store/exchanges.hpp"
#include "store/link_steps.hpp"

namespace ombud::http::test {
namespace {

class DeliveriesTest : public HubTest {
 protected:
  // A ticket that is handed over; its delivery.
  std::int64_t delivery() {
    const std::string ticket = hub_.new_ticket();
    hub_.delegate(ticket);
    const auto page =
        hub_.expect(200, "GET", "/api/v1/deliveries?link=nordprint&ticket=" + ticket, "olof");
    return page["items"].at(0)["id"].integer();
  }
  // The delivery ends so.
  void finish_one(std::int64_t id, Finish how, const std::string& status) {
    hub_.run([&](Tx& tx) {
      std::vector<Delivery> claimed = claim(tx, "nordprint", tx.at() + Millis{60'000}, 100);
      for (const Delivery& d : claimed) {
        const bool wanted = d.id.value == id;
        if (wanted)
          record_attempt(tx, d.id, {d.epoch, "write", status, tx.at(), tx.at(), 0, "", 0});
        finish(tx, d,
               {wanted ? how : Finish::give_back,
                wanted ? Instant{} : tx.at(),
                {},
                "",
                how == Finish::doubt});
      }
    });
  }
  std::size_t count(const std::string& query, const char* token = "olof") {
    return hub_.expect(200, "GET", "/api/v1/deliveries?link=nordprint&" + query, token)["items"]
        .size();
  }
};

TEST_F(DeliveriesTest, TheListKnowsDoubtCustomerAndTime) {
  const std::int64_t first = delivery();
  delivery();
  finish_one(first, Finish::doubt, "ambiguous");
  EXPECT_EQ(count("doubt=true"), 1U);
  EXPECT_EQ(count("doubt=false"), 2U);
  EXPECT_EQ(count("customer=alfa"), 2U);
  EXPECT_EQ(count("customer=beta"), 0U);
  EXPECT_EQ(count("since=2020-01-01T00:00:00Z"), 2U);
  EXPECT_EQ(count("since=2100-01-01T00:00:00Z"), 0U);
  EXPECT_EQ(count("customer=alfa", "bea"), 0U);
  hub_.expect(400, "GET", "/api/v1/deliveries?since=today", "olof");
  hub_.expect(400, "GET", "/api/v1/deliveries?doubt=maybe", "olof");
}

TEST_F(DeliveriesTest, ManyAreActedUponAtOnceAndEachIsAnsweredForItself) {
  const std::int64_t dead = delivery(), done = delivery(), ready = delivery();
  finish_one(dead, Finish::dead, "permanent");
  finish_one(done, Finish::done, "ok");
  const std::string body = "{\"deliveries\":[" + std::to_string(dead) + "," + std::to_string(done) +
                           ",987654," + std::to_string(ready) + "," + std::to_string(dead) +
                           R"(],"action":"park","reason":"helg"})";
  const auto answer = hub_.expect(200, "POST", "/api/v1/deliveries/bulk", "olof", body);
  ASSERT_EQ(answer["items"].size(), 4U) << "one that stands twice is taken once";
  EXPECT_TRUE(answer["items"].at(0)["ok"].boolean());
  EXPECT_EQ(answer["items"].at(1)["problem"]["code"].text(), "conflict");
  EXPECT_EQ(answer["items"].at(2)["problem"]["code"].text(), "not_found");
  EXPECT_TRUE(answer["items"].at(3)["ok"].boolean());
  EXPECT_EQ(count("state=parked"), 2U);
  const auto detail =
      hub_.expect(200, "GET", "/api/v1/deliveries/" + std::to_string(ready), "olof");
  EXPECT_NE(detail.root().dump().find("helg"), std::string::npos);
  std::string many = "{\"action\":\"retry\",\"deliveries\":[1";
  for (int i = 2; i <= 201; ++i) many += "," + std::to_string(i);
  for (const std::string& wrong : {many + "]}", std::string(R"({"action":"retry"})"),
                                   std::string(R"({"action":"confirm","deliveries":[1]})"),
                                   std::string(R"({"action":"retry","deliveries":["1"]})")}) {
    hub_.expect(400, "POST", "/api/v1/deliveries/bulk", "olof", wrong);
  }
  hub_.expect(403, "POST", "/api/v1/deliveries/bulk", "anna", body);
}

TEST_F(DeliveriesTest, AnAttemptShowsWhatWentOverTheWireToWhoWorksForAllCustomers) {
  const std::int64_t id = delivery();
  hub_.run([&](Tx& tx) {
    const std::int64_t attempt = record_attempt(
        tx, {id}, {1, "write", "permanent", tx.at(), tx.at(), 422, "Subject is too long", 0});
    keep_exchange(tx, "nordprint", attempt,
                  {"POST", "https://nord.example/issues.json", 422, "X-Key: [secret]\n", "{}",
                   "Content-Type: application/json\n", R"({"errors":["Subject is too long"]})", "",
                   31, false});
  });
  const std::string path = "/api/v1/deliveries/" + std::to_string(id);
  const auto seen = hub_.expect(200, "GET", path, "olof");
  const json::View exchange = seen["history"].at(0)["exchanges"].at(0);
  EXPECT_EQ(exchange["url"].text(), "https://nord.example/issues.json");
  EXPECT_EQ(exchange["status"].integer(), 422);
  EXPECT_EQ(exchange["response_body"].text(), R"({"errors":["Subject is too long"]})");
  // An agent of this customer alone: the supplier's answer may speak of others.
  hub_.run([](Tx& tx) {
    Token token;
    token.id = token.name = "alva";
    token.principal.role = Role::agent;
    token.principal.tenant = "alfa";
    token.principal.agent = "anna";
    token.created_at = tx.at();
    put_token(tx, token, sha256_hex("alva"));
  });
  const auto less = hub_.expect(200, "GET", path, "alva");
  EXPECT_EQ(less["history"].size(), 1U);
  EXPECT_EQ(less["history"].at(0)["exchanges"].size(), 0U);
}

TEST_F(DeliveriesTest, OfExchangesTheNewestAreKept) {
  hub_.run([](Tx& tx) {
    for (int i = 0; i < kExchangesKept + 200; ++i) keep_exchange(tx, "nordprint", i, {});
    keep_exchange(tx, "sudprint", 1, {});
    static constexpr Sql kCount{
        "SELECT count(*), min(attempt_id) FROM exchange WHERE link_id = $1"};
    {
      Rows rows = tx.query(kCount, "nordprint");
      ASSERT_TRUE(rows.next());
      EXPECT_LT(rows.integer(0), kExchangesKept + 64);
      EXPECT_GE(rows.integer(0), kExchangesKept);
      EXPECT_GT(rows.integer(1), 100);
    }
    static constexpr Sql kOlder{"UPDATE exchange SET at = at - $1 WHERE link_id = 'nordprint'"};
    tx.run(kOlder, kExchangesKeptFor.count() + 1);
    forget_exchanges(tx);
    Rows rows = tx.query(kCount, "sudprint");
    ASSERT_TRUE(rows.next());
    EXPECT_EQ(rows.integer(0), 1);
  });
}

TEST_F(DeliveriesTest, TheHistoryOfALinkHasAPointForEveryStepInWhichTheHubRan) {
  const auto points = [&](const std::string& query = "") {
    return hub_.expect(200, "GET", "/api/v1/links/nordprint/history" + query, "olof");
  };
  hub_.run([](Tx& tx) { write_link_steps(tx); });
  EXPECT_EQ(points()["points"].size(), 0U) << "what was before is not counted";
  const std::int64_t done = delivery(), failed = delivery();
  finish_one(done, Finish::done, "ok");
  finish_one(failed, Finish::dead, "permanent");
  const auto one_step_on = [&] {
    hub_.run([](Tx& tx) {
      static constexpr Sql kBack{"UPDATE link_step_mark SET at = at - $1"};
      tx.run(kBack, kLinkStep.count());
      write_link_steps(tx);
      write_link_steps(tx);  // nothing new
    });
  };
  one_step_on();
  const auto history = points();
  EXPECT_EQ(history["step_minutes"].integer(), 5);
  ASSERT_EQ(history["points"].size(), 1U);
  const json::View point = history["points"].at(0);
  EXPECT_EQ(point["done"].integer(), 1);
  EXPECT_EQ(point["failed"].integer(), 1);
  EXPECT_EQ(point["backlog"].integer(), 1);
  EXPECT_TRUE(point["oldest_ms"].is_integer());
  hub_.run([](Tx& tx) {  // a day later
    static constexpr Sql kOlder{"UPDATE link_step SET at = at - $1"};
    tx.run(kOlder, std::int64_t{86'400'000});
  });
  EXPECT_EQ(points()["points"].size(), 0U);
  EXPECT_EQ(points("?hours=48")["points"].size(), 1U);
  hub_.expect(400, "GET", "/api/v1/links/nordprint/history?hours=0", "olof");
  hub_.expect(404, "GET", "/api/v1/links/none/history", "olof");
  hub_.expect(403, "GET", "/api/v1/links/nordprint/history", "erik");
}

}  // namespace
}  // namespace ombud::http::test
