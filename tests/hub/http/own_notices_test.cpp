// What the desk itself announces: who sees it, until when, and how it changes.
#include "hub.hpp"

namespace ombud::http::test {
namespace {

class OwnNoticesTest : public HubTest {
 protected:
  std::string announce(const std::string& members) {
    const auto notice = hub_.expect(201, "POST", "/api/v1/notices", "anna", "{" + members + "}");
    return "/api/v1/notices/" + std::to_string(notice["id"].integer());
  }
  std::size_t seen(const char* token, const std::string& query = "") {
    return hub_.expect(200, "GET", "/api/v1/notices" + query, token)["items"].size();
  }
  std::string in(std::int64_t seconds) {
    return to_rfc3339(hub_.clock.now() + Millis{seconds * 1000});
  }
};

TEST_F(OwnNoticesTest, ItIsSeenByWhomItConcernsUntilItIsEnded) {
  const std::string path = announce(
      R"("kind":"outage","title":"Utskrift nere","text":"Vi arbetar.","customers":["alfa"],)"
      R"("services":["printing"])");
  EXPECT_EQ(seen("erik"), 1U);
  EXPECT_EQ(seen("otto"), 0U);
  hub_.expect(404, "GET", path, "otto");
  const auto read = hub_.expect(200, "GET", path, "erik");
  EXPECT_EQ(read["state"].text(), "ongoing");
  EXPECT_EQ(read["customers"].at(0)["services"].at(0).text(), "printing");
  hub_.expect(200, "PATCH", path, "anna", R"({"text":"Snart klart."})");
  EXPECT_EQ(hub_.expect(200, "GET", path, "erik")["text"].text(), "Snart klart.");
  const auto ended = hub_.expect(200, "POST", path + "/end", "anna", "{}");
  EXPECT_EQ(ended["state"].text(), "over");
  EXPECT_EQ(seen("erik"), 0U);
  EXPECT_EQ(seen("erik", "?current=false"), 1U);
  EXPECT_EQ(seen("anna"), 1U);
  EXPECT_EQ(seen("anna", "?current=true"), 0U);
  hub_.expect(409, "POST", path + "/end", "anna", "{}");
  hub_.expect(409, "PATCH", path, "anna", R"({"text":"x"})");
  const auto log = hub_.expect(200, "GET", path + "/events", "anna");
  ASSERT_EQ(log["items"].size(), 4U);
  EXPECT_EQ(log["items"].at(0)["type"].text(), "announced");
  EXPECT_EQ(log["items"].at(2)["type"].text(), "edited");
  EXPECT_EQ(log["items"].at(3)["type"].text(), "ended");
}

TEST_F(OwnNoticesTest, OneForAllIsAlsoForCustomersThatComeLater) {
  announce(R"("kind":"information","title":"Nytt","customers":"all")");
  EXPECT_EQ(seen("erik"), 1U);
  EXPECT_EQ(seen("otto"), 1U);
  hub_.expect(200, "PUT", "/api/v1/customers/gamma", "ada", R"({"name":"Gamma"})");
  const auto notice = hub_.expect(200, "GET", "/api/v1/notices", "anna");
  EXPECT_EQ(notice["items"].at(0)["customers"].size(), 3U);
  EXPECT_TRUE(notice["items"].at(0)["customers"].at(2)["shown"].boolean());
}

TEST_F(OwnNoticesTest, AMaintenanceIsAnnouncedBeforeItBeginsAndOverByItself) {
  const std::string path =
      announce(R"("kind":"maintenance","title":"Lördag","customers":"all","starts_at":")" +
               in(3600) + R"(","ends_at":")" + in(7200) + "\"");
  EXPECT_EQ(hub_.expect(200, "GET", path, "erik")["state"].text(), "announced");
  hub_.run([](Tx& tx) {  // two hours later
    static constexpr Sql kLater{"UPDATE notice SET starts_at = 1, ends_at = $1"};
    tx.run(kLater, tx.at() - Millis{1});
  });
  EXPECT_EQ(hub_.expect(200, "GET", path, "erik")["state"].text(), "over");
  EXPECT_EQ(seen("erik"), 0U);
  hub_.expect(409, "POST", path + "/end", "anna", "{}");
}

TEST_F(OwnNoticesTest, ADraftIsTheDesksUntilItIsPublished) {
  const std::string path =
      announce(R"("kind":"outage","title":"Nere","customers":"all","publish":false)");
  EXPECT_EQ(seen("erik"), 0U);
  EXPECT_EQ(hub_.expect(200, "GET", path, "anna")["review"].text(), "new");
  hub_.expect(200, "POST", path + "/publish", "anna", "{}");
  EXPECT_EQ(seen("erik"), 1U);
  const auto promoted =
      hub_.expect(200, "POST", path + "/promote", "anna", R"({"customer":"alfa"})");
  const std::string ticket = std::to_string(promoted["customers"].at(0)["ticket"].integer());
  const auto incident = hub_.send("GET", "/api/v1/tickets/" + ticket, "anna");
  EXPECT_NE(incident->body.find("The desk announces"), std::string::npos);
  hub_.expect(200, "POST", path + "/dismiss", "anna", "{}");
  EXPECT_EQ(seen("erik"), 0U);
}

TEST_F(OwnNoticesTest, WhatIsNoNoticeIsRefusedAndOnlyTheDeskOfAllCustomersAnnounces) {
  const auto refused = [&](const std::string& members) {
    const auto answer = hub_.expect(400, "POST", "/api/v1/notices", "anna", "{" + members + "}");
    return std::string(answer["errors"].at(0)["pointer"].text());
  };
  const std::string fine = R"("kind":"outage","title":"Nere","customers":)";
  EXPECT_EQ(refused(fine + R"("some")"), "/customers");
  EXPECT_EQ(refused(fine + "[]"), "/customers");
  EXPECT_EQ(refused(fine + R"(["none"])"), "/customers");
  EXPECT_EQ(refused(fine + R"("all","services":["none"])"), "/services");
  EXPECT_EQ(refused(fine + R"("all","ends_at":"2020-01-01T00:00:00Z")"), "/ends_at");
  EXPECT_EQ(refused(R"("title":"Nere","customers":"all")"), "/kind");
  EXPECT_EQ(refused(R"("kind":"outage","title":" ","customers":"all")"), "/title");
  for (const char* token : {"bea", "erik", "olof", "alfa-itsm", "nord-itsm"}) {
    hub_.expect(403, "POST", "/api/v1/notices", token, "{" + fine + "\"all\"}");
  }
}

}  // namespace
}  // namespace ombud::http::test
