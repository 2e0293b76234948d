// Approvals over HTTP: who may say yes or no, what pages read of it, and what stays hidden.
#include "base/bytes.hpp"
#include "hub.hpp"
#include "store/directory.hpp"

namespace ombud::http::test {
namespace {

class ApprovalsTest : public HubTest {
 protected:
  std::string order(const std::string& who = "@erik", const std::string& more = "") {
    const auto made = hub_.expect(
        201, "POST", "/api/v1/tickets", who,
        R"({"subject":"Ny skärm","text":"27 tum, 3 500 kr.","kind":"order")" + more + "}");
    return std::to_string(made["id"].integer());
  }
  static std::string path(const std::string& ticket, const std::string& rest = "") {
    return "/api/v1/tickets/" + ticket + rest;
  }
  std::size_t listed(const std::string& query, const std::string& who) {
    return hub_.expect(200, "GET", "/api/v1/tickets?" + query, who)["items"].size();
  }
  std::string state(const std::string& ticket, const std::string& who = "anna") {
    return std::string(hub_.expect(200, "GET", path(ticket), who)["approval"]["state"].text());
  }
};

TEST_F(ApprovalsTest, AnOrderShowsWhomItWaitsForAndTheApproverSeesItAmongHis) {
  const std::string id = order();
  const auto own = hub_.expect(200, "GET", path(id), "@erik");
  EXPECT_EQ(own["approval"]["state"].text(), "needed");
  EXPECT_EQ(own["approval"]["approvers"].size(), 3U) << "Asta, and two who manage";
  EXPECT_EQ(own["approval"]["approvers"].at(0)["name"].text(), "asta Andersson");
  EXPECT_TRUE(own["approval"]["due_at"].is_text());
  EXPECT_FALSE(own["approval"]["decided_by"].present());
  EXPECT_EQ(own["next"]["who"].text(), "approver");
  const auto rows = hub_.expect(200, "GET", "/api/v1/tickets?approval=mine", "@asta");
  ASSERT_EQ(rows["items"].size(), 1U);
  EXPECT_EQ(rows["items"].at(0)["approval"]["state"].text(), "needed");
  EXPECT_EQ(rows["items"].at(0)["waiting_for"].text(), "user");
  const auto asked = hub_.expect(200, "GET", path(id), "@asta");
  EXPECT_EQ(asked["next"]["who"].text(), "you");
  EXPECT_EQ(asked["may"].size(), 1U);
  EXPECT_EQ(asked["may"].at(0).text(), "approve");
  EXPECT_EQ(listed("approval=mine", "@mona"), 1U);
  EXPECT_EQ(listed("approval=mine", "@erik"), 0U);
  EXPECT_EQ(listed("approval=needed", "@erik"), 1U);
  EXPECT_EQ(listed("approval=needed", "anna"), 1U);
  EXPECT_EQ(listed("approval=needed", "@mats"), 0U);
  EXPECT_EQ(listed("approval=mine", "@mats"), 0U);
  EXPECT_EQ(listed("approval=needed", "bea"), 0U);
  hub_.expect(400, "GET", "/api/v1/tickets?approval=mine", "anna");
  hub_.expect(400, "GET", "/api/v1/tickets?approval=mine", "alfa-itsm");
  hub_.expect(400, "GET", "/api/v1/tickets?approval=yes", "@asta");
  const auto views = hub_.expect(200, "GET", "/api/v1/views", "anna");
  bool counted = false;
  for (std::size_t i = 0; i < views["items"].size(); ++i) {
    const auto view = views["items"].at(i);
    if (view["id"].text() != "waiting_approval") continue;
    counted = view["count"].integer() == 1 && view["exact"].boolean();
  }
  EXPECT_TRUE(counted);
}

TEST_F(ApprovalsTest, OnlyAnApproverOfTheCustomerWhoHasNotOrderedItDecides) {
  const std::string id = order(), yes = R"({"decision":"approve"})";
  for (const char* who : {"@erik", "erik", "maja", "anna", "@lena", "olof", "ada", "alfa-itsm"}) {
    hub_.expect(403, "POST", path(id, "/approval"), who, yes);
  }
  for (const char* stranger : {"@mats", "@otto", "nord-itsm"}) {
    const auto answer = hub_.send("POST", path(id, "/approval"), stranger, yes);
    EXPECT_TRUE(answer->status == 403 || answer->status == 404) << stranger;
    EXPECT_EQ(answer->body.find("Ny sk"), std::string::npos);
  }
  EXPECT_EQ(hub_.send("POST", path(id, "/approval"), "@mats", yes)->status, 404);
  const auto decided = hub_.expect(200, "POST", path(id, "/approval"), "@mona", yes);
  EXPECT_EQ(decided["status"].text(), "new");
  EXPECT_EQ(state(id), "approved");
  hub_.expect(409, "POST", path(id, "/approval"), "@asta", yes);
  hub_.expect(409, "POST", path(id, "/approval"), "@mona", yes);

  const std::string of_manager = order("@mona");
  EXPECT_EQ(state(of_manager), "not_needed") << "who may approve needs no other's yes";
}

TEST_F(ApprovalsTest, ANoSaysWhyAndTheRequesterReadsIt) {
  const std::string id = order();
  hub_.expect(400, "POST", path(id, "/approval"), "@asta", R"({"decision":"reject"})");
  hub_.expect(400, "POST", path(id, "/approval"), "@asta", R"({"decision":"maybe"})");
  hub_.expect(400, "POST", path(id, "/approval"), "@asta", "{}");
  hub_.expect(400, "POST", path(id, "/approval"), "@asta", R"({"decision":"approve","person":1})");
  const auto no = hub_.expect(200, "POST", path(id, "/approval"), "@asta",
                              R"({"decision":"reject","comment":"Ta en ur förrådet."})");
  EXPECT_EQ(no["status"].text(), "resolved");
  const auto own = hub_.expect(200, "GET", path(id), "@erik");
  EXPECT_EQ(own["approval"]["comment"].text(), "Ta en ur förrådet.");
  EXPECT_EQ(own["approval"]["decided_by"]["name"].text(), "asta Andersson");
  hub_.expect(201, "POST", path(id, "/messages"), "@erik", R"({"text":"Den är trasig."})");
  const auto refused = hub_.expect(409, "POST", path(id, "/delegations"), "anna",
                                   R"({"link":"nordprint","service":"printing","brief":"x"})");
  EXPECT_EQ(refused["code"].text(), "order_not_approved");
  hub_.expect(200, "POST", path(id, "/approval/request"), "anna");
  EXPECT_EQ(state(id), "needed");
}

TEST_F(ApprovalsTest, AVersionThatWasNotSeenIsNotDecided) {
  const std::string id = order();
  const auto read = hub_.send("GET", path(id), "@asta");
  hub_.expect(200, "PATCH", path(id), "anna", R"({"subject":"Två skärmar, 7 000 kr"})");
  const std::string yes = R"({"decision":"approve"})";
  const auto stale =
      hub_.send("POST", path(id, "/approval"), "@asta", yes, {{"If-Match", read->header("etag")}});
  EXPECT_EQ(stale->status, 412) << "the order is no more what was read";
  const auto fresh = hub_.send("GET", path(id), "@asta");
  const auto decided = hub_.send("POST", path(id, "/approval"), "@asta", yes,
                                 {{"If-Match", fresh->header("etag")}, {"Idempotency-Key", "k1"}});
  EXPECT_EQ(decided->status, 200) << decided->body;
  const auto again = hub_.send("POST", path(id, "/approval"), "@asta", yes,
                               {{"If-Match", fresh->header("etag")}, {"Idempotency-Key", "k1"}});
  EXPECT_EQ(again->status, 200);
  EXPECT_EQ(again->header("idempotent-replay"), "true");
}

// It changes without a new version of the ticket.
TEST_F(ApprovalsTest, WhoMayDecideIsSeenByWhoReadsTheTicketAgain) {
  const std::string id = order();
  const auto again = [&](const std::string& who, const std::string& etag) {
    return hub_.send("GET", path(id), who, "", {{"If-None-Match", etag}});
  };
  const std::string desks = hub_.send("GET", path(id), "anna")->header("etag");
  const std::string own = hub_.send("GET", path(id), "@erik")->header("etag");
  EXPECT_EQ(again("anna", desks)->status, 304);
  EXPECT_EQ(again("@erik", own)->status, 304);
  hub_.run([](Tx& tx) {
    for (const Person& asta : people_of_email(tx, "asta@alfa.example")) {
      set_approver(tx, asta.id, false);
    }
  });
  const auto seen = again("anna", desks);
  ASSERT_EQ(seen->status, 200);
  EXPECT_EQ(seen->json()["approval"]["approvers"].size(), 2U) << "those who manage";
  EXPECT_EQ(again("@erik", own)->status, 200);
}

TEST_F(ApprovalsTest, TheDeskGoesOnWithoutAYesWithAReason) {
  const std::string id = order();
  for (const char* who : {"@asta", "@erik", "@mona", "olof"}) {
    hub_.expect(403, "DELETE", path(id, "/approval"), who, R"({"reason":"x"})");
    hub_.expect(403, "POST", path(id, "/approval/request"), who);
  }
  hub_.expect(400, "DELETE", path(id, "/approval"), "anna", "{}");
  hub_.expect(404, "DELETE", path(id, "/approval"), "bea", R"({"reason":"x"})");
  hub_.expect(200, "DELETE", path(id, "/approval"), "anna", R"({"reason":"Vd:n ringde."})");
  const auto seen = hub_.expect(200, "GET", path(id), "anna");
  EXPECT_EQ(seen["approval"]["state"].text(), "not_needed");
  EXPECT_EQ(seen["approval"]["comment"].text(), "Vd:n ringde.");
  hub_.expect(409, "DELETE", path(id, "/approval"), "anna", R"({"reason":"x"})");
  const auto log = hub_.send("GET", path(id, "/events"), "anna");
  EXPECT_NE(log->body.find("approval_waived"), std::string::npos);
  hub_.delegate(id);
  hub_.expect(409, "POST", path(id, "/approval/request"), "anna");
  const std::string incident = hub_.new_ticket();
  hub_.expect(409, "POST", path(incident, "/approval/request"), "anna");
  hub_.expect(409, "DELETE", path(incident, "/approval"), "anna", R"({"reason":"x"})");
  EXPECT_FALSE(hub_.expect(200, "GET", path(incident), "anna")["approval"].present());
}

TEST_F(ApprovalsTest, AnApproverWithoutAPartReadsAndNothingMore) {
  const std::string id = order();
  for (const auto& [method, rest, body] :
       {std::tuple{"POST", "/messages", R"({"text":"Hej"})"},
        std::tuple{"POST", "/participants", R"({"email":"asta@alfa.example"})"},
        std::tuple{"POST", "/reopen", "{}"}, std::tuple{"POST", "/close", "{}"},
        std::tuple{"POST", "/rating", R"({"score":1})"}, std::tuple{"GET", "/events", ""},
        std::tuple{"PATCH", "", R"({"subject":"x"})"}}) {
    EXPECT_EQ(hub_.send(method, path(id, rest), "@asta", body)->status, 403) << rest;
  }
  const auto file = hub_.send("POST", path(id, "/attachments?name=a.txt"), "@asta", "hej",
                              {{"Content-Type", "text/plain"}});
  EXPECT_EQ(file->status, 403);
  const auto erikas = hub_.send("POST", path(id, "/attachments?name=offert.txt"), "@erik", "hej",
                                {{"Content-Type", "text/plain"}});
  const std::string offer = std::to_string(erikas->json()["id"].integer());
  EXPECT_EQ(hub_.send("GET", "/api/v1/attachments/" + offer, "@asta")->status, 200)
      << "what is to be approved can be read";
  hub_.expect(201, "POST", path(id, "/messages"), "anna",
              R"({"text":"Han vill alltid ha mer","visibility":"internal"})");
  EXPECT_EQ(hub_.send("GET", path(id), "@asta")->body.find("alltid ha mer"), std::string::npos);
  hub_.expect(404, "GET", path(id), "maja");
  hub_.expect(200, "POST", path(id, "/close"), "anna", R"({"reason":"x"})");
  hub_.expect(200, "GET", path(id), "@asta");
}

TEST_F(ApprovalsTest, TheDirectorysApproverIsOneWhateverRoleHisTokenHas) {
  const std::string id = order(), yes = R"({"decision":"approve"})";
  hub_.expect(403, "POST", path(id, "/approval"), "maja", yes);
  hub_.run([](Tx& tx) {
    for (const Person& maja : people_of_email(tx, "maja@alfa.example")) {
      set_approver(tx, maja.id, true);
    }
  });
  hub_.run([](Tx& tx) {  // a second token of hers, which nobody has seen before
    for (const Person& maja : people_of_email(tx, "maja@alfa.example")) {
      Token token;
      token.id = "maja-2";
      token.name = "maja";
      token.principal.role = Role::user;
      token.principal.tenant = "alfa";
      token.principal.person = maja.id;
      token.created_at = tx.at();
      put_token(tx, token, sha256_hex("maja-2"));
    }
  });
  EXPECT_EQ(listed("approval=mine", "maja-2"), 1U);
  hub_.expect(200, "POST", path(id, "/approval"), "maja-2", yes);
}

TEST_F(ApprovalsTest, ACustomerSaysWhetherItsOrdersWait) {
  const std::string alfa = "/api/v1/customers/alfa";
  const auto first = hub_.expect(200, "GET", alfa, "ada");
  EXPECT_EQ(first["order_approval"].dump(), "null") << "because it has an approver";
  EXPECT_EQ(first["approval_days"].integer(), 3);
  for (const char* wrong :
       {R"({"order_approval":"yes"})", R"({"order_approval":1})", R"({"approval_days":0})",
        R"({"approval_days":61})", R"({"approval_days":"3"})", R"({"language":"de"})",
        R"({"mail_domains":["a b"]})", R"({"name":""})", R"({"approval":true})"}) {
    hub_.expect(400, "PATCH", alfa, "ada", wrong);
  }
  hub_.expect(403, "PATCH", alfa, "@mona", R"({"order_approval":false})");
  hub_.expect(404, "PATCH", "/api/v1/customers/none", "ada", "{}");
  const auto off =
      hub_.expect(200, "PATCH", alfa, "ada", R"({"order_approval":false,"approval_days":10})");
  EXPECT_FALSE(off["order_approval"].boolean(true));
  EXPECT_EQ(off["name"].text(), "Alfa AB");
  EXPECT_EQ(off["mail_domains"].size(), 1U);
  EXPECT_EQ(state(order()), "not_needed");
  const auto put = hub_.expect(200, "PUT", alfa, "ada", R"({"name":"Alfa"})");
  EXPECT_FALSE(put["order_approval"].boolean(true)) << "whoever does not name it leaves it";
  EXPECT_EQ(put["approval_days"].integer(), 10);
  hub_.expect(200, "PATCH", alfa, "ada", R"({"order_approval":null})");
  EXPECT_EQ(state(order()), "needed");
  const auto audit = hub_.send("GET", "/api/v1/audit?subject=customer", "ada");
  EXPECT_NE(audit->body.find("order_approval"), std::string::npos);
}

}  // namespace
}  // namespace ombud::http::test
