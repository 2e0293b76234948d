// Statistics and the audit over the API: who reads them, as what, and that changes are in them.
#include "hub.hpp"
#include "store/audit.hpp"

namespace ombud::http::test {
namespace {

class FiguresTest : public HubTest {
 protected:
  json::Document audit(const std::string& query = "") {
    return hub_.expect(200, "GET", "/api/v1/audit" + query, "ada");
  }
};

TEST_F(FiguresTest, EveryLineSaysHowToListWhatItCounts) {
  hub_.new_ticket();
  hub_.new_ticket();
  const auto all =
      hub_.expect(200, "GET", "/api/v1/statistics?by=customer&zone=Europe/Stockholm", "anna");
  EXPECT_EQ(all["totals"]["registered"].integer(), 2);
  const json::View line = all["rows"].at(0);
  EXPECT_EQ(line["label"].text(), "Alfa AB");
  std::string query = "figure=backlog";
  for (std::size_t i = 0; i < line["counted"].size(); ++i) {
    query += "&" + std::string(line["counted"].name_at(i)) + "=" +
             std::string(line["counted"].member_at(i).text());
  }
  const auto list = hub_.expect(200, "GET", "/api/v1/statistics/tickets?" + query, "anna");
  EXPECT_EQ(static_cast<std::int64_t>(list["items"].size()), line["backlog"].integer());
  EXPECT_EQ(line["filter"]["customer"].text(), "alfa");
  hub_.expect(201, "POST", "/api/v1/tickets", "erik", R"({"subject":"Annat","text":"x"})");
  const auto none = hub_.expect(200, "GET", "/api/v1/statistics?by=service&service=-", "anna");
  EXPECT_EQ(none["rows"].at(0)["counted"]["service"].text(), "-");
  EXPECT_FALSE(none["rows"].at(0)["filter"].present()) << "the list of tickets cannot say it";
}

TEST_F(FiguresTest, AnAgentOfOneCustomerCountsOnlyItsTickets) {
  hub_.new_ticket();
  EXPECT_EQ(hub_.expect(200, "GET", "/api/v1/statistics", "bea")["totals"]["registered"].integer(),
            0);
  const auto answer = hub_.send("GET", "/api/v1/statistics?by=customer", "bea");
  EXPECT_EQ(answer->body.find("alfa"), std::string::npos);
  for (const char* token : {"erik", "nord-itsm", "alfa-itsm"}) {
    hub_.expect(403, "GET", "/api/v1/statistics", token);
    hub_.expect(403, "GET", "/api/v1/statistics.csv", token);
  }
}

TEST_F(FiguresTest, ADayIsNamedOrATimeIsGivenAndNonsenseIsRefused) {
  const auto days = hub_.expect(
      200, "GET", "/api/v1/statistics?from=2026-03-28&to=2026-03-30&zone=Europe/Stockholm", "anna");
  EXPECT_EQ(days["from"].text(), "2026-03-27T23:00:00.000Z");
  EXPECT_EQ(days["to"].text(), "2026-03-30T22:00:00.000Z") << "the last day is included";
  EXPECT_EQ(days["rows"].size(), 3U);
  EXPECT_EQ(hub_.expect(200, "GET", "/api/v1/statistics", "anna")["rows"].size(), 30U);
  for (const char* wrong :
       {"from=yesterday", "zone=Mars/Base", "by=mood", "from=2026-03-30&to=2026-03-28",
        "from=1970-01-01&to=2026-01-01", "kind=x", "priority=x", "from=2026-02-30"}) {
    hub_.expect(400, "GET", std::string("/api/v1/statistics?") + wrong, "anna");
  }
  hub_.expect(400, "GET", "/api/v1/statistics/tickets", "anna");
  hub_.expect(400, "GET", "/api/v1/statistics/tickets?figure=x", "anna");
  hub_.expect(400, "GET", "/api/v1/statistics/tickets?figure=closed&cursor=x", "anna");
}

TEST_F(FiguresTest, TheSpreadsheetHasTheSameLinesAndRunsNoFormula) {
  hub_.expect(200, "PUT", "/api/v1/customers/alfa", "ada", R"({"name":"=cmd|'/C calc'!A0"})");
  hub_.new_ticket();
  const auto csv = hub_.send("GET", "/api/v1/statistics.csv?by=customer", "anna");
  ASSERT_EQ(csv->status, 200);
  EXPECT_EQ(csv->header("content-type"), "text/csv; charset=utf-8; header=present");
  EXPECT_EQ(csv->header("content-disposition"), "attachment; filename=\"statistics.csv\"");
  EXPECT_EQ(csv->body.substr(0, 21), "key,label,registered,");
  EXPECT_NE(csv->body.find("\r\nalfa,'=cmd|'/C calc'!A0,1,0,0,0,1,0,,,0,,,"), std::string::npos)
      << csv->body;
}

TEST_F(FiguresTest, WhatAdministratorsChangeIsInTheAudit) {
  hub_.expect(200, "PUT", "/api/v1/customers/alfa", "ada", R"({"name":"Alfa Nya"})");
  hub_.expect(200, "PUT", "/api/v1/customers/alfa", "ada", R"({"name":"Alfa Nya"})");
  hub_.expect(200, "PUT", "/api/v1/teams/natt", "ada", R"({"name":"Natt"})");
  hub_.expect(200, "POST", "/api/v1/links/nordprint/pause", "olof", R"({"reason":"flytt"})");
  hub_.expect(200, "POST", "/api/v1/links/nordprint/resume", "olof", "{}");
  hub_.expect(200, "POST", "/api/v1/links/nordprint/restart", "olof", "{}");
  hub_.expect(201, "POST", "/api/v1/tokens", "ada", R"({"name":"x","role":"admin"})");
  hub_.expect(200, "POST", "/api/v1/configuration/reload", "olof", "{}");
  hub_.delegate(hub_.new_ticket());
  const auto deliveries = hub_.expect(200, "GET", "/api/v1/deliveries?link=nordprint", "olof");
  hub_.expect(
      200, "POST",
      "/api/v1/deliveries/" + std::to_string(deliveries["items"].at(0)["id"].integer()) + "/park",
      "olof", R"({"reason":"vänta"})");
  const auto all = audit("?to=2100-01-01T00:00:00Z");
  // But for those of the accounts that were there at the start, and of an approver among them.
  std::vector<std::string> types;
  for (std::size_t i = 0; i < all["items"].size(); ++i) {
    const std::string type(all["items"].at(i)["type"].text());
    if (!type.starts_with("account.") && !type.starts_with("person.")) types.push_back(type);
  }
  EXPECT_EQ(types, (std::vector<std::string>{"delivery.parked", "configuration.reloaded",
                                             "token.added", "link.restarted", "link.resumed",
                                             "link.paused", "team.added", "customer.changed"}));
  EXPECT_EQ(all.root().dump().find("omb_"), std::string::npos) << "no secret";
  const json::View changed = all["items"].at(7);
  EXPECT_EQ(changed["subject_id"].text(), "alfa");
  EXPECT_EQ(changed["data"]["before"]["name"].text(), "Alfa AB");
  EXPECT_EQ(changed["data"]["after"]["name"].text(), "Alfa Nya");
  EXPECT_EQ(changed["actor"].text(), "admin:ada");

  EXPECT_EQ(audit("?type=link.")["items"].size(), 3U);
  EXPECT_EQ(audit("?type=link.paused")["items"].size(), 1U);
  EXPECT_EQ(audit("?subject=link&subject_id=nordprint")["items"].size(), 3U);
  EXPECT_EQ(audit("?actor=admin:ada")["items"].size(), 3U);
  EXPECT_EQ(audit("?from=2100-01-01T00:00:00Z")["items"].size(), 0U);
  const auto page = audit("?type=link.&limit=2");
  EXPECT_EQ(audit("?type=link.&limit=2&cursor=" + std::string(page["next"].text()))["items"].size(),
            1U);
  const auto csv = hub_.send("GET", "/api/v1/audit.csv?type=link.paused", "ada");
  EXPECT_NE(csv->body.find("link.paused,link,nordprint"), std::string::npos) << csv->body;
  for (const char* token : {"anna", "erik", "bea"}) {
    hub_.expect(403, "GET", "/api/v1/audit", token);
    hub_.expect(403, "GET", "/api/v1/audit.csv", token);
  }
}

TEST_F(FiguresTest, TheAuditIsOnlyAddedToAndShowsWhenItWasNot) {
  for (const char* name : {"A", "B", "C"}) {
    hub_.expect(200, "PUT", "/api/v1/teams/natt", "ada",
                "{\"name\":\"" + std::string(name) + "\"}");
  }
  const auto differences = [&] {
    std::vector<std::string> found;
    hub_.run([&](Tx& tx) { found = verify_audit(tx); });
    return found;
  };
  EXPECT_EQ(differences(), std::vector<std::string>());
  static constexpr Sql kForge{"UPDATE audit SET actor = 'agent:other' WHERE audit_id = 2"};
  static constexpr Sql kRemove{"DELETE FROM audit WHERE audit_id = 2"};
  EXPECT_THROW(hub_.run([](Tx& tx) { tx.run(kForge); }), StoreError);
  EXPECT_THROW(hub_.run([](Tx& tx) { tx.run(kRemove); }), StoreError);
  hub_.run([](Tx& tx) {  // somebody who can write to the file
    static constexpr Sql kOff{"DROP TRIGGER audit_keeps"};
    static constexpr Sql kOffToo{"DROP TRIGGER audit_stays"};
    tx.run(kOff);
    tx.run(kOffToo);
    tx.run(kForge);
  });
  EXPECT_EQ(differences(), std::vector<std::string>{"audit: entry 2 is not what was written"});
  hub_.run([](Tx& tx) { tx.run(kRemove); });
  EXPECT_EQ(differences(), std::vector<std::string>{"audit: entries 2 to 2 are gone"});
}

TEST_F(FiguresTest, TheConfigurationIsShownWithWhatWasWrongLast) {
  hub_.configuration_mistake = "suppliers/nord.toml:3";
  const auto seen = hub_.expect(200, "GET", "/api/v1/configuration", "olof");
  EXPECT_FALSE(seen["ok"].boolean(true));
  EXPECT_EQ(seen["findings"].at(0)["file"].text(), "suppliers/nord.toml");
  EXPECT_EQ(seen["findings"].at(0)["line"].integer(), 3);
  EXPECT_EQ(seen["findings"].at(0)["severity"].text(), "error");
  EXPECT_EQ(seen["links"].at(0)["id"].text(), "nordprint");
  hub_.expect(403, "GET", "/api/v1/configuration", "anna");
}

TEST_F(FiguresTest, ADraftOfAnAgreementShowsWhatWouldLeave) {
  const std::string draft =
      R"("agreement":{"customer":"alfa","link":"nordprint","services":["printing"],)"
      R"("share":["description","user.name"]})";
  const auto sample =
      hub_.expect(200, "POST", "/api/v1/agreements/preview", "olof", "{" + draft + "}");
  EXPECT_TRUE(sample["sample"].boolean());
  EXPECT_EQ(sample["supplier"].text(), "Nordprint AB");
  EXPECT_EQ(sample["shared"].size(), 2U);
  const std::string document(sample["documents"].at(0)["document"].text());
  EXPECT_NE(document.find("red light"), std::string::npos);
  EXPECT_NE(document.find("Sam Sample"), std::string::npos);
  EXPECT_EQ(document.find("000 00 00"), std::string::npos)
      << "the number is held back in texts, too";
  for (std::size_t i = 0; i < sample["fields"].size(); ++i) {
    const json::View field = sample["fields"].at(i);
    EXPECT_NE(field["value"].text(), "") << field["name"].text();
    EXPECT_EQ(field["leaves"].boolean(),
              field["name"].text() == "description" || field["name"].text() == "user.name");
  }
  const std::string ticket = hub_.new_ticket();
  const auto real = hub_.expect(200, "POST", "/api/v1/agreements/preview", "olof",
                                "{" + draft + ",\"ticket\":" + ticket + ",\"brief\":\"Laga\"}");
  EXPECT_FALSE(real["sample"].boolean(true));
  EXPECT_NE(real["documents"].at(0)["document"].text().find("Den drar inte papper."),
            std::string_view::npos);
  EXPECT_EQ(hub_.expect(200, "GET", "/api/v1/deliveries?link=nordprint", "olof")["items"].size(),
            0U)
      << "nothing is done";
  const std::string other =
      R"({"agreement":{"customer":"beta","link":"nordprint","services":["printing"]},"ticket":)" +
      ticket + "}";
  hub_.expect(400, "POST", "/api/v1/agreements/preview", "olof", other);
  const auto wrong =
      hub_.expect(400, "POST", "/api/v1/agreements/preview", "olof",
                  R"({"agreement":{"customer":"alfa","link":"x","services":[],"colour":1}})");
  EXPECT_EQ(wrong["errors"].size(), 2U);
  EXPECT_EQ(wrong["errors"].at(0)["pointer"].text().substr(0, 11), "/agreement/");
  hub_.expect(403, "POST", "/api/v1/agreements/preview", "erik", "{" + draft + "}");
}

}  // namespace
}  // namespace ombud::http::test
