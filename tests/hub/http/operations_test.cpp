// Directory, tokens, links, deliveries, webhooks, health and metrics.
#include "hub.hpp"
#include "store/outbox.hpp"

namespace ombud::http::test {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

class OperationsTest : public HubTest {};

TEST_F(OperationsTest, HealthReadinessAndMetricsAreOpen) {
  EXPECT_EQ(hub_.expect(200, "GET", "/healthz")["status"].text(), "ok");
  const auto ready = hub_.expect(200, "GET", "/readyz");
  EXPECT_GE(ready["schema"].integer(), 1);
  EXPECT_EQ(ready["version"].text(), "1.2.3");
  hub_.expect(404, "GET", "/api/v1/tickets/77", "anna");
  const auto metrics = hub_.send("GET", "/metrics");
  ASSERT_TRUE(metrics);
  EXPECT_NE(
      metrics->body.find("ombud_http_requests_total{route=\"read_ticket\",status=\"404\"} 1\n"),
      std::string::npos)
      << metrics->body;
  EXPECT_NE(metrics->body.find(
                "ombud_http_request_seconds_bucket{route=\"read_ticket\",le=\"+Inf\"} 1\n"),
            std::string::npos);
  EXPECT_NE(metrics->body.find("\nombud_http_connections "), std::string::npos);
}

TEST_F(OperationsTest, EveryRequestIsLoggedWithTheIdOfItsAnswer) {
  const auto answer = hub_.send("GET", "/api/v1/tickets?q=secret", "erik");
  ASSERT_TRUE(answer);
  const std::string id = answer->header("x-request-id");
  const std::lock_guard lock(hub_.log_mutex);
  for (const std::string& line : hub_.log_lines) {
    if (line.find(id) == std::string::npos) continue;
    const auto entry = json::parse(line);
    ASSERT_TRUE(entry) << line;
    EXPECT_EQ((*entry)["route"].text(), "list_tickets");
    EXPECT_EQ((*entry)["status"].integer(), 200);
    EXPECT_EQ((*entry)["actor"].text(), "user:" + std::to_string(hub_.erik));
    EXPECT_EQ(line.find("secret"), std::string::npos) << "queries stay out of the log";
    return;
  }
  ADD_FAILURE() << "no line for " << id;
}

TEST_F(OperationsTest, ATokenWorksUntilItIsRevoked) {
  const auto issued =
      hub_.expect(201, "POST", "/api/v1/tokens", "ada",
                  R"({"name":"portal","role":"user","person":)" + std::to_string(hub_.erik) + "}");
  const std::string secret(issued["secret"].text()), id(issued["id"].text());
  EXPECT_EQ(hub_.expect(200, "GET", "/api/v1/whoami", secret)["customer"].text(), "alfa");
  const auto listed = hub_.send("GET", "/api/v1/tokens", "ada");
  EXPECT_NE(listed->body.find(id), std::string::npos);
  EXPECT_EQ(listed->body.find(secret), std::string::npos);
  hub_.expect(204, "DELETE", "/api/v1/tokens/" + id, "ada");
  hub_.expect(401, "GET", "/api/v1/whoami", secret);
  hub_.expect(404, "DELETE", "/api/v1/tokens/" + id, "ada");
  for (const char* wrong : {R"({"name":"x","role":"system"})", R"({"name":"x","role":"user"})",
                            R"({"name":"x","role":"agent","agent":"nobody"})",
                            R"({"name":"x","role":"admin","customer":"alfa"})",
                            R"({"name":"x","role":"admin","expires_at":"2001-01-01T00:00:00Z"})"}) {
    hub_.expect(400, "POST", "/api/v1/tokens", "ada", wrong);
  }
}

TEST_F(OperationsTest, RolesAreKept) {
  hub_.expect(403, "GET", "/api/v1/tokens", "anna");
  hub_.expect(403, "GET", "/api/v1/deliveries", "erik");
  hub_.expect(403, "POST", "/api/v1/links/nordprint/pause", "anna", R"({"reason":"x"})");
  hub_.expect(403, "PUT", "/api/v1/teams/night", "olof", R"({"name":"Natt"})");
  hub_.expect(403, "PATCH", "/api/v1/tickets/1", "erik", "{}");
}

TEST_F(OperationsTest, TheDirectoryIsKept) {
  hub_.expect(200, "PUT", "/api/v1/teams/night", "ada", R"({"name":"Natt"})");
  EXPECT_EQ(hub_.expect(200, "GET", "/api/v1/teams/night", "anna")["name"].text(), "Natt");
  hub_.expect(200, "PUT", "/api/v1/agents/nils", "ada", R"({"name":"Nils","team":"night"})");
  hub_.expect(400, "PUT", "/api/v1/agents/nils", "ada", R"({"name":"Nils","team":"nowhere"})");
  hub_.expect(404, "PUT", "/api/v1/agents/Nils%20N", "ada", R"({"name":"Nils","team":"night"})");
  hub_.expect(200, "PUT", "/api/v1/services/phone", "ada", R"({"name":"Telefon","words":["Lur"]})");
  EXPECT_EQ(hub_.expect(200, "GET", "/api/v1/services", "erik")["items"].size(), 2U);
  hub_.expect(200, "PUT", "/api/v1/customers/gamma", "ada",
              R"({"name":"Gamma","mail_domains":["Gamma.example"],"language":"en"})");
  EXPECT_EQ(hub_.expect(200, "GET", "/api/v1/customers/gamma", "anna")["mail_domains"].at(0).text(),
            "gamma.example");
  const auto person =
      hub_.expect(201, "POST", "/api/v1/people", "anna",
                  R"({"customer":"gamma","name":"Gun","email":"gun@gamma.example"})");
  EXPECT_EQ(hub_.expect(200, "GET", "/api/v1/people?email=GUN@gamma.example", "anna")["items"]
                .at(0)["id"]
                .integer(),
            person["id"].integer());
  const auto agreement =
      hub_.expect(201, "POST", "/api/v1/agreements", "olof",
                  R"({"customer":"gamma","link":"nordprint","services":["phone"]})");
  const std::string path = "/api/v1/agreements/" + std::to_string(agreement["id"].integer());
  const std::string whole =
      R"({"customer":"gamma","link":"nordprint","services":["phone"],"resolve_within_ms":3600000})";
  hub_.expect(428, "PUT", path, "olof", whole);
  const std::string etag = hub_.send("GET", path, "olof")->header("etag");
  ASSERT_NE(etag, "");
  const auto put = [&](const std::string& seen) {
    return hub_.send("PUT", path, "olof", whole, Headers{{"If-Match", seen}});
  };
  const auto replaced = put(etag);
  ASSERT_EQ(replaced->status, 200) << replaced->body;
  EXPECT_EQ(put(etag)->status, 412) << "a colleague's change is not written over unseen";
  EXPECT_EQ(put(replaced->header("etag"))->status, 200);
  EXPECT_EQ(put("W/\"3\"")->status, 412);
  EXPECT_EQ(hub_.expect(200, "GET", path, "anna")["resolve_within_ms"].integer(), 3'600'000);
  hub_.expect(
      400, "POST", "/api/v1/agreements", "olof",
      R"({"customer":"gamma","link":"nordprint","services":["phone"],"share":["everything"]})");
}

TEST_F(OperationsTest, WhatNothingRefersToIsRemovedAndStandsInTheAudit) {
  hub_.expect(200, "PUT", "/api/v1/teams/night", "ada", R"({"name":"Natt"})");
  hub_.expect(200, "PUT", "/api/v1/agents/nils", "ada", R"({"name":"Nils","team":"night"})");
  hub_.expect(200, "PUT", "/api/v1/services/phone", "ada", R"({"name":"Telefon"})");
  hub_.expect(200, "PUT", "/api/v1/customers/gamma", "ada", R"({"name":"Gamma"})");
  const auto person = hub_.expect(201, "POST", "/api/v1/people", "anna",
                                  R"({"customer":"gamma","name":"Gun","email":"gun@g.example"})");
  const std::string gun = "/api/v1/people/" + std::to_string(person["id"].integer());
  const auto kept = hub_.expect(409, "DELETE", "/api/v1/teams/night", "ada");
  EXPECT_EQ(kept["detail"].text().find("1 agent still refers to this team."), 0U);
  hub_.expect(409, "DELETE", "/api/v1/customers/gamma", "ada");
  for (const char* who : {"anna", "olof", "erik"}) {
    hub_.expect(403, "DELETE", "/api/v1/agents/nils", who);
    hub_.expect(403, "DELETE", gun, who);
  }
  for (const std::string& path :
       {std::string("/api/v1/agents/nils"), std::string("/api/v1/teams/night"),
        std::string("/api/v1/services/phone"), gun, std::string("/api/v1/customers/gamma")}) {
    EXPECT_EQ(hub_.send("DELETE", path, "ada")->status, 204) << path;
    EXPECT_EQ(hub_.send("DELETE", path, "ada")->status, 404) << path;
    EXPECT_EQ(hub_.send("GET", path, "ada")->status, 404) << path;
  }
  const auto audit = hub_.send("GET", "/api/v1/audit?type=customer.removed", "ada");
  EXPECT_NE(audit->body.find("Gamma"), std::string::npos) << audit->body;
  const auto removed = hub_.send("GET", "/api/v1/audit?type=person.removed", "ada");
  EXPECT_NE(removed->body.find("person.removed"), std::string::npos);
  EXPECT_EQ(removed->body.find("gun@g.example"), std::string::npos) << "the audit is for ever";
}

TEST_F(OperationsTest, APersonIsAnonymisedAndToldWhatIsKept) {
  const std::string ticket = hub_.new_ticket();
  const std::string erik = "/api/v1/people/" + std::to_string(hub_.erik);
  hub_.expect(200, "GET", "/api/v1/tickets", "@erik");
  hub_.expect(200, "GET", "/api/v1/tickets", "erik");
  hub_.expect(403, "POST", erik + "/erase", "anna", "{}");
  hub_.expect(409, "DELETE", erik, "ada");
  const auto erased = hub_.expect(200, "POST", erik + "/erase", "ada", R"({"reason":"brev"})");
  EXPECT_EQ(erased["account"].text(), "ended");
  EXPECT_EQ(erased["tickets"].integer(), 1);
  EXPECT_EQ(erased["kept"].size(), 5U);
  hub_.expect(401, "GET", "/api/v1/tickets", "@erik");
  hub_.expect(401, "GET", "/api/v1/tickets", "erik");
  const auto seen = hub_.expect(200, "GET", "/api/v1/tickets/" + ticket, "anna");
  EXPECT_EQ(seen["requester_name"].text(), "Raderad person");
  EXPECT_EQ(seen["requester_detail"]["email"].text(), "");
  hub_.expect(200, "POST", erik + "/erase", "ada", "{}");
  hub_.expect(404, "POST", "/api/v1/people/987654/erase", "ada", "{}");
  const auto audit = hub_.send("GET", "/api/v1/audit?type=person.erased", "ada");
  EXPECT_NE(audit->body.find("brev"), std::string::npos) << audit->body;
  EXPECT_EQ(audit->body.find("erik@"), std::string::npos);
}

TEST_F(OperationsTest, ALinkIsPausedResumedRestartedAndChecked) {
  const auto link = hub_.expect(200, "GET", "/api/v1/links/nordprint", "anna");
  EXPECT_EQ(link["host"]["state"].text(), "up");
  EXPECT_EQ(link["backlog"]["unfinished"].integer(-1), 0);
  EXPECT_EQ(hub_.expect(200, "GET", "/api/v1/links", "olof")["items"].size(), 3U);
  hub_.expect(200, "POST", "/api/v1/links/nordprint/pause", "olof", R"({"reason":"Flytt"})");
  EXPECT_EQ(hub_.expect(200, "GET", "/api/v1/links/nordprint", "anna")["reason"].text(), "Flytt");
  hub_.expect(200, "POST", "/api/v1/links/nordprint/resume", "olof");
  hub_.run([](Tx& tx) { sync_links(tx, {}); });  // its file went away
  hub_.expect(409, "POST", "/api/v1/links/nordprint/resume", "olof");
  EXPECT_EQ(hub_.expect(200, "GET", "/api/v1/links/nordprint", "anna")["state"].text(), "open");
  for (int i = 0; i < 2; ++i) {
    const auto answer = hub_.send("POST", "/api/v1/links/nordprint/restart", "olof", "{}",
                                  Headers{{"Idempotency-Key", "r"}});
    EXPECT_EQ(answer->status, 200) << answer->body;
  }
  EXPECT_EQ(hub_.links.restarts, 1);
  EXPECT_TRUE(hub_.expect(200, "POST", "/api/v1/links/nordprint/check", "olof")["ok"].boolean());
  hub_.expect(404, "POST", "/api/v1/links/none/check", "olof");
  hub_.expect(404, "POST", "/api/v1/links/none/restart", "olof");
}

TEST_F(OperationsTest, ALinkIsTestedByOperatorsAndSaysWhatFailed) {
  const auto report = hub_.expect(200, "POST", "/api/v1/links/nordprint/test", "olof");
  EXPECT_FALSE(report["ok"].boolean(true));
  ASSERT_EQ(report["findings"].size(), 2U) << "what is no finding is left out";
  EXPECT_EQ(report["findings"].at(1)["detail"].text(), "may not write");
  hub_.expect(404, "POST", "/api/v1/links/none/test", "olof");
  hub_.expect(403, "POST", "/api/v1/links/nordprint/test", "anna");
}

TEST_F(OperationsTest, WhatALinkWorksByAndWhatWentOverItIsForOperators) {
  const auto works = hub_.expect(200, "GET", "/api/v1/links/nordprint/settings", "olof");
  EXPECT_EQ(works["connector"].text(), "rest");
  EXPECT_EQ(works["settings"]["key"]["$secret"].text(), "token1");
  hub_.expect(403, "GET", "/api/v1/links/nordprint/settings", "anna");
  hub_.expect(404, "GET", "/api/v1/links/none/settings", "olof");
  for (const std::string kind : {"writes", "changes"}) {
    const std::string path = "/api/v1/links/nordprint/recorded-" + kind;
    EXPECT_EQ(hub_.expect(200, "GET", path, "olof")["items"].size(), 0U);
    hub_.expect(403, "GET", path, "anna");
    hub_.expect(400, "GET", path + "?days=31", "olof");
    hub_.expect(400, "GET", path + "?days=0", "olof");
    hub_.expect(404, "GET", "/api/v1/links/none/recorded-" + kind, "olof");
  }
}

TEST_F(OperationsTest, TheConfigurationIsReadAgainByOperatorsOnly) {
  hub_.expect(403, "POST", "/api/v1/configuration/reload", "anna");
  const auto report = hub_.expect(200, "POST", "/api/v1/configuration/reload", "olof");
  EXPECT_EQ(report["links"].at(0).text(), "nordprint");
  hub_.configuration_mistake = "config/suppliers/x.toml:3";
  const auto refused = hub_.expect(409, "POST", "/api/v1/configuration/reload", "olof");
  EXPECT_EQ(refused["errors"].at(0)["pointer"].text(), "config/suppliers/x.toml:3");
}

TEST_F(OperationsTest, ADeliveryIsListedParkedAndRetried) {
  hub_.delegate(hub_.new_ticket());
  const auto listed = hub_.expect(200, "GET", "/api/v1/deliveries?link=nordprint", "anna");
  ASSERT_GE(listed["items"].size(), 1U);
  const std::string path =
      "/api/v1/deliveries/" + std::to_string(listed["items"].at(0)["id"].integer());
  EXPECT_NE(hub_.expect(200, "GET", path, "anna")["document"].text(), "");
  EXPECT_EQ(
      hub_.expect(200, "POST", path + "/park", "olof", R"({"reason":"Vänta"})")["state"].text(),
      "parked");
  EXPECT_EQ(hub_.expect(200, "GET", "/api/v1/deliveries?trouble=true", "olof")["items"].size(), 1U);
  EXPECT_EQ(hub_.expect(200, "POST", path + "/retry", "olof", "{}")["state"].text(), "ready");
  hub_.expect(409, "POST", path + "/confirm", "olof", R"({"external_id":"7"})");
  EXPECT_EQ(hub_.expect(200, "POST", path + "/skip", "olof", "{}")["state"].text(), "cancelled");
}

TEST_F(OperationsTest, AWebhookIsTakenOrRefusedByTheIntake) {
  const auto hook = [&](const std::string& link, const std::string& body) {
    return hub_.send("POST", "/hooks/suppliers/" + link, "", body,
                     Headers{{"X-Signature", "abc"}, {"X-Twice", "1"}, {"X-Twice", "2"}});
  };
  EXPECT_EQ(hook("nordprint", "good")->status, 204);
  const auto headers = json::parse(hub_.webhooks.last_headers);
  ASSERT_TRUE(headers);
  EXPECT_EQ((*headers)["x-signature"].text(), "abc");
  EXPECT_EQ((*headers)["x-twice"].text(), "1, 2");
  EXPECT_EQ(hook("nordprint", "forged")->status, 401);
  EXPECT_EQ(hook("none", "good")->status, 404);
  const auto later = hook("nordprint", "later");
  EXPECT_EQ(later->status, 503);
  EXPECT_EQ(later->header("retry-after"), "42");
  const auto busy = hook("busy", "good");
  EXPECT_EQ(busy->status, 503);
  EXPECT_EQ(busy->header("retry-after"), "7");
  const auto never = hook("nordprint", "nonsense");
  EXPECT_EQ(never->status, 422);
  const auto told = json::parse(never->body);
  ASSERT_TRUE(told) << never->body;
  EXPECT_EQ((*told)["detail"].text(), "There is no member \"issue\" in it.");
  EXPECT_EQ((*told)["code"].text(), "not_understood");
  EXPECT_EQ(hook("nordprint", std::string((1U << 20U) + 1, 'x'))->status, 413);
}

}  // namespace
}  // namespace ombud::http::test
