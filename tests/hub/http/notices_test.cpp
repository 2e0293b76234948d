// Suppliers' announcements over the API: who sees which, in whose words, and what the desk does.
#include "desk/supplier_notices.hpp"
#include "hub.hpp"

namespace ombud::http::test {
namespace {

class NoticesTest : public HubTest {
 protected:
  void announce(const std::string& json) {
    hub_.run([&](Tx& tx) {
      desk::take_announcement(tx, "nordprint", json::parse(json)->root()).value();
    });
  }
  std::string only(const char* token) {
    const auto all = hub_.expect(200, "GET", "/api/v1/notices", token);
    return all["items"].size() == 1 ? std::to_string(all["items"].at(0)["id"].integer()) : "";
  }
  static constexpr const char* kOutage =
      R"({"remote_id":"INC-7","kind":"outage","state":"ongoing","title":"Server X down",)"
      R"("text":"Internal: rack 4.","url":"https://nord.example/7","updated_at":"2026-11-22T10:00:00Z"})";
};

TEST_F(NoticesTest, TheDeskSeesItAtOnceAndUsersOfConcernedCustomersWhenItIsPublished) {
  announce(kOutage);
  const std::string id = only("anna");
  const auto inside = hub_.expect(200, "GET", "/api/v1/notices/" + id, "anna");
  EXPECT_EQ(inside["supplier"].text(), "Nordprint AB");
  EXPECT_EQ(inside["review"].text(), "new");
  EXPECT_EQ(inside["customers"].at(0)["customer"].text(), "alfa");
  for (const char* token : {"erik", "otto", "alfa-itsm"}) {
    EXPECT_EQ(only(token), "") << token;
    hub_.expect(404, "GET", "/api/v1/notices/" + id, token);
  }
  hub_.expect(200, "POST", "/api/v1/notices/" + id + "/publish", "anna",
              R"({"title":"Utskrift nere","text":"Vi arbetar."})");
  for (const char* token : {"erik", "maja", "alfa-itsm"}) {
    const auto seen = hub_.send("GET", "/api/v1/notices/" + id, token);
    EXPECT_EQ(seen->status, 200) << token;
    EXPECT_EQ(seen->json()["title"].text(), "Utskrift nere");
    for (const char* secret : {"rack 4", "Server X", "Nordprint", "nord.example", "INC-7"}) {
      EXPECT_EQ(seen->body.find(secret), std::string::npos) << token << " reads " << secret;
    }
  }
  EXPECT_EQ(only("otto"), "");
  EXPECT_NE(hub_.send("GET", "/api/v1/notices", "nord-itsm")->status, 200);
  hub_.expect(403, "GET", "/api/v1/notices/" + id + "/events", "erik");
  hub_.expect(403, "POST", "/api/v1/notices/" + id + "/dismiss", "erik", "{}");
  hub_.expect(403, "POST", "/api/v1/notices/" + id + "/promote", "olof", "{}");
}

TEST_F(NoticesTest, AnAgentOfOneCustomerDecidesNothingForTheOthersAndSeesNothingOfThem) {
  hub_.run([](Tx& tx) {
    Agreement a = list_agreements(tx).front();
    a.id = {};
    a.customer = "beta";
    put_agreement(tx, a);
  });
  announce(kOutage);
  const std::string id = only("bea");
  ASSERT_NE(id, "");
  hub_.expect(200, "POST", "/api/v1/notices/" + id + "/publish", "anna", "{}");
  const auto seen = hub_.send("GET", "/api/v1/notices/" + id, "bea");
  EXPECT_EQ(seen->json()["customers"].size(), 1U);
  EXPECT_EQ(seen->body.find("alfa"), std::string::npos);
  hub_.expect(403, "GET", "/api/v1/notices/" + id + "/events", "bea");
  hub_.expect(403, "POST", "/api/v1/notices/" + id + "/publish", "bea", R"({"title":"x"})");
  hub_.expect(403, "POST", "/api/v1/notices/" + id + "/dismiss", "bea", "{}");
  const auto promoted = hub_.send("POST", "/api/v1/notices/" + id + "/promote", "bea", "{}");
  EXPECT_EQ(promoted->status, 200) << promoted->body;
  EXPECT_EQ(promoted->json()["customers"].size(), 1U);
  EXPECT_EQ(promoted->json()["customers"].at(0)["customer"].text(), "beta");
  const auto all = hub_.expect(200, "GET", "/api/v1/notices/" + id, "anna");
  EXPECT_EQ(all["customers"].at(0)["ticket"].maybe_integer(), std::nullopt) << "alfa's, by anna";
}

TEST_F(NoticesTest, WordsForOneCustomerAreNotInTheIncidentOfAnother) {
  hub_.run([](Tx& tx) {
    Agreement a = list_agreements(tx).front();
    a.id = {};
    a.customer = "beta";
    put_agreement(tx, a);
  });
  announce(kOutage);
  const std::string id = only("anna");
  hub_.expect(200, "POST", "/api/v1/notices/" + id + "/publish", "anna",
              R"({"title":"Alfas lager","text":"Bara Alfa.","customers":["alfa"]})");
  const auto made = hub_.expect(200, "POST", "/api/v1/notices/" + id + "/promote", "anna", "{}");
  ASSERT_EQ(made["customers"].size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    const json::View c = made["customers"].at(i);
    const bool alfa = c["customer"].text() == "alfa";
    const std::string ticket = "/api/v1/tickets/" + std::to_string(c["ticket"].integer());
    const auto read = hub_.send("GET", ticket, alfa ? "alfa-itsm" : "beta-itsm");
    EXPECT_EQ(read->status, 200) << read->body;
    EXPECT_EQ(read->body.find("Alfas lager") != std::string::npos, alfa) << read->body;
    EXPECT_EQ(read->body.find("Bara Alfa") != std::string::npos, alfa) << read->body;
  }
}

TEST_F(NoticesTest, PromotingAndDismissingAreInItsLog) {
  announce(kOutage);
  const std::string id = only("anna");
  const auto promoted = hub_.expect(200, "POST", "/api/v1/notices/" + id + "/promote", "anna",
                                    R"({"customer":"alfa"})");
  const std::int64_t ticket = promoted["customers"].at(0)["ticket"].integer();
  const auto incident =
      hub_.expect(200, "GET", "/api/v1/tickets/" + std::to_string(ticket), "anna");
  EXPECT_EQ(incident["priority"].text(), "urgent");
  EXPECT_EQ(incident["delegations"].size(), 0U);
  hub_.expect(409, "POST", "/api/v1/notices/" + id + "/promote", "anna", "{}");
  hub_.expect(400, "POST", "/api/v1/notices/" + id + "/promote", "anna", R"({"customer":"beta"})");
  hub_.expect(200, "POST", "/api/v1/notices/" + id + "/dismiss", "anna", R"({"reason":"klart"})");
  const auto log = hub_.expect(200, "GET", "/api/v1/notices/" + id + "/events", "anna");
  ASSERT_EQ(log["items"].size(), 3U);
  EXPECT_EQ(log["items"].at(0)["type"].text(), "told");
  EXPECT_EQ(log["items"].at(1)["type"].text(), "promoted");
  EXPECT_EQ(log["items"].at(2)["data"]["reason"].text(), "klart");
  EXPECT_EQ(log["items"].at(2)["actor"].text(), "agent:anna");
}

TEST_F(NoticesTest, TheListGoesPageByPageAndRefusesWhatItDoesNotKnow) {
  for (int i = 0; i < 5; ++i) {
    announce(R"({"title":"t","remote_id":")" + std::to_string(i) + R"(","state":")" +
             (i == 0 ? "over" : "ongoing") + "\"}");
  }
  std::string cursor;
  std::size_t seen = 0, pages = 0;
  do {
    const auto page = hub_.expect(
        200, "GET",
        "/api/v1/notices?limit=2&current=true" + (cursor.empty() ? "" : "&cursor=" + cursor),
        "anna");
    seen += page["items"].size();
    cursor = page["next"].text();
    ++pages;
  } while (!cursor.empty());
  EXPECT_EQ(seen, 4U) << "one is over";
  EXPECT_EQ(pages, 2U);
  for (const char* wrong : {"?cursor=1", "?cursor=1-", "?cursor=x-1", "?review=odd", "?limit=0"}) {
    hub_.expect(400, "GET", std::string("/api/v1/notices") + wrong, "anna");
  }
  for (const char* id : {"0", "-1", "x", "99999999999999999999", "1x"}) {
    hub_.expect(404, "GET", std::string("/api/v1/notices/") + id, "anna");
  }
}

}  // namespace
}  // namespace ombud::http::test
