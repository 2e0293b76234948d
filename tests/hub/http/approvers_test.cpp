// Who says who approves orders, and who stands in for an approver: over HTTP, by every role.
#include "hub.hpp"

namespace ombud::http::test {
namespace {

class ApproversTest : public HubTest {
 protected:
  std::string person(const std::string& name, const std::string& as = "ada") {
    const auto found =
        hub_.expect(200, "GET", "/api/v1/people?email=" + name + "@alfa.example", as);
    return std::to_string(found["items"].at(0)["id"].integer());
  }
  bool approves(const std::string& name) {
    return hub_.expect(200, "GET", "/api/v1/people/" + person(name), "ada")["approver"].boolean();
  }
  std::string role_at_alfa(const std::string& name) {
    const auto account =
        hub_.expect(200, "GET", "/api/v1/accounts/" + std::to_string(hub_.accounts[name]), "@ada");
    return std::string(account["memberships"].at(0)["role"].text());
  }
  std::string order(const std::string& who = "@erik") {
    const auto made =
        hub_.expect(201, "POST", "/api/v1/tickets", who, R"({"subject":"Skärm","kind":"order"})");
    return std::to_string(made["id"].integer());
  }
  int decide(const std::string& ticket, const std::string& who) {
    return hub_
        .send("POST", "/api/v1/tickets/" + ticket + "/approval", who, R"({"decision":"approve"})")
        ->status;
  }
  std::string audit(const std::string& type) {
    return hub_.send("GET", "/api/v1/audit?type=" + type, "ada")->body;
  }
  static std::string from_now(int days) {
    return to_rfc3339(RealClock().now() + Millis{days * 86'400'000LL});
  }
  static std::string until(int days) { return R"(,"until":")" + from_now(days) + R"("})"; }
};

TEST_F(ApproversTest, OnlyWhoMayNameApproversDoesAndTheAuditTellsWhoDid) {
  const std::string maja = "/api/v1/people/" + person("maja");
  for (const char* who : {"@anna", "anna", "@asta", "@erik", "maja", "alfa-itsm"}) {
    EXPECT_EQ(hub_.send("PATCH", maja, who, R"({"approver":true})")->status, 403) << who;
  }
  for (const char* stranger : {"@mats", "@bea"}) {
    EXPECT_GE(hub_.send("PATCH", maja, stranger, R"({"approver":true})")->status, 403);
  }
  hub_.expect(404, "PATCH", maja, "@mats", R"({"approver":true})");
  EXPECT_FALSE(approves("maja"));
  const auto refused = hub_.expect(403, "PATCH", maja, "@anna", R"({"approver":true})");
  EXPECT_EQ(refused["errors"].at(0)["pointer"].text(), "/approver") << refused.root().dump();
  for (const char* who : {"@mona", "@lena", "@olof", "@ada"}) {
    EXPECT_TRUE(hub_.expect(200, "PATCH", maja, who, R"({"approver":true})")["approver"].boolean());
    EXPECT_FALSE(
        hub_.expect(200, "PATCH", maja, who, R"({"approver":false})")["approver"].boolean());
    EXPECT_FALSE(approves("maja"));
  }
  EXPECT_NE(audit("person.approver_named").find("mona"), std::string::npos)
      << audit("person.approver_named");
  EXPECT_NE(audit("person.approver_ended").find("olof"), std::string::npos);
  // A manager names approvers; the rest of a person is the desk's.
  hub_.expect(403, "PATCH", maja, "@mona", R"({"name":"M. Malm"})");
  hub_.expect(403, "PATCH", maja, "@olof", R"({"phone":"+46"})");
  EXPECT_EQ(hub_.expect(200, "PATCH", maja, "@anna", R"({"name":"M. Malm"})")["name"].text(),
            "M. Malm");
  for (const char* wrong : {R"({"approver":"yes"})", R"({"approver":1})", R"({"email":"x@y.z"})",
                            R"({"name":""})", R"({"language":"de"})", R"({"approver":{}})"}) {
    hub_.expect(400, "PATCH", maja, "@ada", wrong);
  }
}

TEST_F(ApproversTest, AddingAPersonAgainSaysNothingOfApprovingUnlessItDoes) {
  const std::string asta = R"({"customer":"alfa","name":"Asta A","email":"asta@alfa.example")";
  EXPECT_TRUE(hub_.expect(201, "POST", "/api/v1/people", "@anna", asta + "}")["approver"].boolean())
      << "whoever does not speak of it leaves it";
  const auto refused =
      hub_.expect(403, "POST", "/api/v1/people", "@anna", asta + R"(,"approver":false})");
  EXPECT_EQ(refused["errors"].at(0)["pointer"].text(), "/approver");
  EXPECT_TRUE(approves("asta"));
  hub_.expect(201, "POST", "/api/v1/people", "@lena", asta + R"(,"approver":false})");
  EXPECT_FALSE(approves("asta"));
  const auto made = hub_.expect(
      201, "POST", "/api/v1/people", "@lena",
      R"({"customer":"alfa","name":"Nils","email":"nils@alfa.example","approver":true})");
  EXPECT_TRUE(made["approver"].boolean());
}

TEST_F(ApproversTest, TheRoleAndTheDirectorysWordAreOneFact) {
  const std::string id = order();
  EXPECT_EQ(role_at_alfa("asta"), "approver");
  hub_.expect(200, "GET", "/api/v1/tickets/" + id, "@asta");
  // Taken away in the directory: at once, wholly, also for who is signed in.
  hub_.expect(200, "PATCH", "/api/v1/people/" + person("asta"), "@ada", R"({"approver":false})");
  EXPECT_EQ(role_at_alfa("asta"), "user");
  EXPECT_EQ(decide(id, "@asta"), 403);
  EXPECT_EQ(hub_.expect(200, "GET", "/api/v1/whoami", "@asta")["role"].text(), "user");
  const auto listed = hub_.expect(200, "GET", "/api/v1/accounts?role=approver", "@ada");
  EXPECT_EQ(listed["items"].size(), 0U);
  // Given there: the role follows; given as a role: the directory follows.
  hub_.expect(200, "PATCH", "/api/v1/people/" + person("erik"), "@mona", R"({"approver":true})");
  EXPECT_EQ(role_at_alfa("erik"), "approver");
  EXPECT_EQ(hub_.expect(200, "GET", "/api/v1/accounts?role=approver", "@ada")["items"].size(), 1U);
  const std::string account = "/api/v1/accounts/" + std::to_string(hub_.accounts["asta"]);
  hub_.expect(200, "PATCH", account, "@ada",
              R"({"memberships":[{"customer":"alfa","role":"approver"}]})");
  EXPECT_TRUE(approves("asta"));
  EXPECT_EQ(decide(id, "@asta"), 200);
  hub_.expect(200, "PATCH", account, "@ada",
              R"({"memberships":[{"customer":"alfa","role":"user"}]})");
  EXPECT_FALSE(approves("asta"));
  // A manager may approve whatever else he is called, and may be called an approver, too.
  hub_.expect(200, "PATCH", "/api/v1/people/" + person("mona"), "@ada", R"({"approver":true})");
  EXPECT_EQ(role_at_alfa("mona"), "manager");
}

TEST_F(ApproversTest, ADeputyDecidesInAnApproversPlaceAndTheOrderSaysForWhom) {
  const std::string own = "/api/v1/account/delegate", id = order();
  hub_.expect(403, "GET", own, "@erik");
  hub_.expect(403, "PUT", own, "@erik", R"({"email":"maja@alfa.example")" + until(7));
  EXPECT_FALSE(hub_.expect(200, "GET", own, "@asta")["delegate"].is_object());
  EXPECT_EQ(decide(id, "maja"), 403);
  const auto named =
      hub_.expect(200, "PUT", own, "@asta", R"({"email":"Maja@alfa.example")" + until(7));
  EXPECT_EQ(named["delegate"]["name"].text(), "Maja Malm");
  EXPECT_TRUE(named["delegate"]["active"].boolean());
  EXPECT_EQ(hub_.expect(200, "GET", own, "maja")["stands_for"].at(0)["name"].text(),
            "asta Andersson");
  hub_.expect(409, "PUT", own, "maja", R"({"email":"erik@alfa.example")" + until(7));
  const auto seen = hub_.expect(200, "GET", "/api/v1/tickets/" + id, "maja");
  bool listed = false;
  for (std::size_t i = 0; i < seen["approval"]["approvers"].size(); ++i) {
    const auto one = seen["approval"]["approvers"].at(i);
    if (one["name"].text() != "Maja Malm") continue;
    listed = one["for"]["name"].text() == "asta Andersson" && one["may_decide"].boolean();
  }
  EXPECT_TRUE(listed) << seen["approval"].dump();
  EXPECT_EQ(hub_.expect(200, "GET", "/api/v1/tickets?approval=mine", "maja")["items"].size(), 1U);
  EXPECT_EQ(decide(id, "maja"), 200);
  const auto decided = hub_.expect(200, "GET", "/api/v1/tickets/" + id, "@erik");
  EXPECT_EQ(decided["approval"]["decided_by"]["name"].text(), "Maja Malm");
  EXPECT_EQ(decided["approval"]["decided_for"]["name"].text(), "asta Andersson");
  EXPECT_NE(audit("person.deputy_named").find("asta"), std::string::npos);
  hub_.expect(204, "DELETE", own, "@asta");
  hub_.expect(204, "DELETE", own, "@asta");
  hub_.expect(403, "GET", own, "maja");
  EXPECT_EQ(decide(order(), "maja"), 403);
}

TEST_F(ApproversTest, WhoMayNameApproversNamesTheirDeputies) {
  const std::string path = "/api/v1/people/" + person("asta") + "/delegate";
  const std::string maja = R"({"person":)" + person("maja");
  for (const char* who : {"@asta", "@erik", "@anna"}) {
    EXPECT_EQ(hub_.send("PUT", path, who, maja + until(1))->status, 403) << who;
    EXPECT_EQ(hub_.send("GET", path, who)->status, 403) << who;
  }
  hub_.expect(404, "PUT", path, "@mats", maja + until(1));
  hub_.expect(404, "GET", path, "@mats");
  hub_.expect(404, "DELETE", path, "@mats");
  for (const char* who : {"@mona", "@lena", "@olof", "@ada"}) {
    hub_.expect(200, "PUT", path, who, maja + until(1));
  }
  EXPECT_EQ(decide(order(), "maja"), 200);
  hub_.expect(409, "PUT", "/api/v1/people/" + person("maja") + "/delegate", "@ada",
              R"({"email":"erik@alfa.example")" + until(1));
  hub_.expect(204, "DELETE", path, "@mona");
  EXPECT_FALSE(hub_.expect(200, "GET", path, "@mona")["delegate"].is_object());
  // The right to approve ends, and with it that of the deputy.
  hub_.expect(200, "PUT", path, "@ada", maja + until(1));
  hub_.expect(200, "PATCH", "/api/v1/people/" + person("asta"), "@ada", R"({"approver":false})");
  EXPECT_EQ(decide(order(), "maja"), 403);
  hub_.expect(200, "PATCH", "/api/v1/people/" + person("asta"), "@ada", R"({"approver":true})");
  EXPECT_FALSE(hub_.expect(200, "GET", path, "@ada")["delegate"].is_object());
}

TEST_F(ApproversTest, ATokenForOtherThingsNamesNobodyAndDecidesNothing) {
  const auto token = [&](const std::string& who, const std::string& scopes) {
    const std::string body =
        R"({"name":"script","scopes":[)" + scopes + R"(],"password":")" + Hub::kPassword + R"("})";
    return std::string(
        hub_.expect(201, "POST", "/api/v1/account/tokens", who, body)["secret"].text());
  };
  const std::string maja = "/api/v1/people/" + person("maja"), id = order();
  const std::string reads = token("@mona", R"("person.read","ticket.read","ticket.answer")");
  hub_.expect(200, "GET", maja, reads);
  hub_.expect(403, "PATCH", maja, reads, R"({"approver":true})");
  EXPECT_EQ(hub_.send("PUT", maja + "/delegate", reads, R"({"person":1)" + until(1))->status, 403);
  EXPECT_EQ(
      hub_.send("PUT", "/api/v1/account/delegate", reads, R"({"person":1)" + until(1))->status,
      403);
  EXPECT_EQ(decide(id, reads), 403);
  const std::string writes = token("@lena", R"("person.write","person.read")");
  hub_.expect(403, "POST", "/api/v1/people", writes,
              R"({"customer":"alfa","name":"N","email":"n@alfa.example","approver":true})");
  EXPECT_FALSE(approves("maja"));
  const std::string names = token("@lena", R"("approver.name","person.read")");
  hub_.expect(200, "PATCH", maja, names, R"({"approver":true})");
  hub_.expect(403, "PATCH", maja, names, R"({"name":"x"})");
}

TEST_F(ApproversTest, AWrongDeputyIsRefusedAtItsMember) {
  const std::string own = "/api/v1/account/delegate";
  const std::string maja = R"({"email":"maja@alfa.example")";
  const auto refused = [&](const std::string& body, const std::string& pointer,
                           const std::string& who = "@asta") {
    const auto answer = hub_.send("PUT", own, who, body);
    EXPECT_EQ(answer->status, 400) << body << answer->body;
    EXPECT_NE(answer->body.find("\"" + pointer + "\""), std::string::npos) << body << answer->body;
  };
  refused(maja + "}", "/until");
  refused(maja + R"(,"until":"tomorrow"})", "/until");
  refused(maja + R"(,"until":7})", "/until");
  refused(maja + until(-1), "/until");
  refused(maja + until(400), "/until");
  refused(maja + R"(,"from":")" + from_now(3) + "\"" + until(2), "/until");
  refused(maja + R"(,"from":")" + from_now(500) + "\"" + until(501), "/from");
  refused(R"({"email":"otto@beta.example")" + until(1), "/email");
  refused(R"({"email":"nobody@alfa.example")" + until(1), "/email");
  refused(R"({"email":"asta@alfa.example")" + until(1), "/email");
  refused(R"({"email":["maja@alfa.example"])" + until(1), "/email");
  refused(R"({"email":")" + std::string(300, 'x') + "\"" + until(1), "/email");
  refused(R"({"person":)" + person("maja") + until(1), "/person");
  refused(R"({"person":"maja")" + until(1), "/person");
  refused(R"({"person":-1)" + until(1), "/person");
  refused(R"({"x":1)" + until(1), "/x");
  const auto otto = hub_.expect(200, "GET", "/api/v1/people?email=otto@beta.example", "ada");
  const std::string of_beta = std::to_string(otto["items"].at(0)["id"].integer());
  refused(R"({"person":)" + of_beta + until(1), "/person", "@mona");
  EXPECT_FALSE(hub_.expect(200, "GET", own, "@asta")["delegate"].is_object());
}

TEST_F(ApproversTest, ACustomersSystemSpeaksForItsApproversOnlyIfTheCustomerSaysSo) {
  const std::string body = R"({"subject":"Skärm","kind":"order","requester":)" + person("asta");
  const auto state = [&] {
    const auto made = hub_.expect(201, "POST", "/api/v1/tickets", "alfa-itsm", body + "}");
    const auto id = std::to_string(made["id"].integer());
    return std::string(
        hub_.expect(200, "GET", "/api/v1/tickets/" + id, "anna")["approval"]["state"].text());
  };
  EXPECT_EQ(state(), "needed") << "anybody could name her there";
  const std::string alfa = "/api/v1/customers/alfa";
  EXPECT_FALSE(hub_.expect(200, "GET", alfa, "ada")["system_speaks_for_approvers"].boolean(true));
  hub_.expect(400, "PATCH", alfa, "ada", R"({"system_speaks_for_approvers":"yes"})");
  hub_.expect(200, "PATCH", alfa, "ada", R"({"system_speaks_for_approvers":true})");
  EXPECT_EQ(state(), "not_needed");
  EXPECT_TRUE(
      hub_.expect(200, "PUT", alfa, "ada", R"({"name":"Alfa AB"})")["system_speaks_for_approvers"]
          .boolean())
      << "whoever does not name it leaves it";
}

TEST_F(ApproversTest, AColleaguesLinkStillOpensTheOrderAfterADecision) {
  const std::string id = order(), path = "/api/v1/tickets/" + id;
  EXPECT_EQ(decide(id, "@mona"), 200);
  const auto seen = hub_.expect(200, "GET", path, "@asta");
  EXPECT_EQ(seen["may"].size(), 0U);
  EXPECT_EQ(seen["approval"]["decided_by"]["name"].text(), "mona Andersson");
  EXPECT_EQ(decide(id, "@asta"), 409);
  EXPECT_EQ(hub_.send("POST", path + "/messages", "@asta", R"({"text":"x"})")->status, 403);
  EXPECT_EQ(hub_.expect(200, "GET", "/api/v1/tickets", "@asta")["items"].size(), 0U)
      << "lists hold what is his";
  hub_.expect(404, "GET", path, "maja");
  hub_.expect(404, "GET", path, "@mats");
  hub_.expect(200, "PATCH", "/api/v1/people/" + person("asta"), "@ada", R"({"approver":false})");
  hub_.expect(404, "GET", path, "@asta");
}

TEST_F(ApproversTest, TurnedOffWhatWaitsGoesOnWaitingAndNothingNewDoes) {
  const std::string waiting = order();
  hub_.expect(200, "PATCH", "/api/v1/customers/alfa", "ada", R"({"order_approval":false})");
  const auto state = [&](const std::string& id) {
    return std::string(
        hub_.expect(200, "GET", "/api/v1/tickets/" + id, "anna")["approval"]["state"].text());
  };
  EXPECT_EQ(state(waiting), "needed");
  EXPECT_EQ(state(order()), "not_needed");
  EXPECT_EQ(decide(waiting, "@asta"), 200);
}

}  // namespace
}  // namespace ombud::http::test
