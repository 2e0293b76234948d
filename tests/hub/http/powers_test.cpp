// What pages ask for: rows, views, participants, merges, bulk, undo, templates, over HTTP.
#include "hub.hpp"

namespace ombud::http::test {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

class PowersTest : public HubTest {
 protected:
  std::string path(const std::string& ticket, const std::string& rest = "") const {
    return "/api/v1/tickets/" + ticket + rest;
  }
  // "mine" → its view.
  json::Document views(const std::string& token) {
    return hub_.expect(200, "GET", "/api/v1/views", token);
  }
  static std::int64_t count_of(const json::Document& list, std::string_view id) {
    for (std::size_t i = 0; i < list["items"].size(); ++i) {
      if (list["items"].at(i)["id"].text() == id) return list["items"].at(i)["count"].integer();
    }
    return -1;
  }
  std::size_t listed(const std::string& query, const std::string& token = "anna") {
    return hub_.expect(200, "GET", "/api/v1/tickets?" + query, token)["items"].size();
  }
};

TEST_F(PowersTest, AListIsFilteredAndSortedAsItsQuerySays) {
  const std::string first = hub_.new_ticket(), second = hub_.new_ticket("Andra");
  hub_.expect(200, "PATCH", path(first), "anna", R"({"priority":"urgent","agent":"anna"})");
  EXPECT_EQ(listed("agent=me"), 1U);
  EXPECT_EQ(listed("unassigned=true"), 1U);
  EXPECT_EQ(listed("statuses=new,in_progress&open=true"), 2U);
  EXPECT_EQ(listed("unread=true"), 2U);
  hub_.send("PUT", path(first, "/read"), "anna", R"({"version":3})");
  EXPECT_EQ(listed("unread=true"), 1U);
  EXPECT_EQ(listed("created_after=2020-01-01T00:00:00Z"), 2U);
  EXPECT_EQ(listed("created_before=2020-01-01T00:00:00Z"), 0U);
  const auto sorted = hub_.expect(200, "GET", "/api/v1/tickets?sort=priority&limit=1", "anna");
  EXPECT_EQ(std::to_string(sorted["items"].at(0)["id"].integer()), first);
  EXPECT_TRUE(sorted["next"].is_text());
  const auto row = sorted["items"].at(0);
  EXPECT_EQ(row["requester_name"].text(), "Erik Ek");
  EXPECT_EQ(row["customer_name"].text(), "Alfa AB");
  EXPECT_EQ(row["waiting_for"].text(), "desk");
  EXPECT_EQ(row["last_message"]["from"].text(), "user");
  for (const char* bad :
       {"sort=size", "order=up", "statuses=new,", "statuses=", "statuses=new,fresh", "unread=yes",
        "created_after=yesterday", "agent=me&unassigned=true", "participant=x",
        "sort=priority&q=andra", "participant=me"}) {
    hub_.expect(400, "GET", std::string("/api/v1/tickets?") + bad, "anna");
  }
  for (const char* inside : {"link=nordprint", "answered=true", "participant=1", "agent=me"}) {
    hub_.expect(400, "GET", std::string("/api/v1/tickets?") + inside, "erik");
  }
  EXPECT_EQ(listed("participant=me", "erik"), 0U);
  EXPECT_EQ(listed("sort=created&order=asc", "erik"), 2U);
}

TEST_F(PowersTest, ViewsCountWhatTheirListsHold) {
  const std::string first = hub_.new_ticket();
  hub_.new_ticket();
  hub_.delegate(first);
  auto counted = views("anna");
  EXPECT_EQ(count_of(counted, "all_open"), 2);
  EXPECT_EQ(count_of(counted, "unassigned"), 2);
  EXPECT_EQ(count_of(counted, "waiting_supplier"), 1);
  EXPECT_EQ(count_of(counted, "team"), 2);
  EXPECT_EQ(count_of(counted, "mine"), 0);
  EXPECT_EQ(count_of(views("bea"), "all_open"), 0) << "another tenant's are not counted";
  EXPECT_EQ(count_of(views("olof"), "mine"), -1) << "an operator is no agent";
  hub_.expect(403, "GET", "/api/v1/views", "erik");

  const auto made = hub_.expect(201, "POST", "/api/v1/views", "anna",
                                R"({"name":"Alfas","filter":{"customer":"alfa","open":true}})");
  hub_.expect(403, "POST", "/api/v1/views", "anna", R"({"name":"x","shared":true,"filter":{}})");
  hub_.expect(403, "POST", "/api/v1/views", "erik", R"({"name":"x","filter":{}})");
  const auto leads = hub_.expect(201, "POST", "/api/v1/views", "@lena",
                                 R"({"name":"Allas","shared":true,"filter":{"open":true}})");
  EXPECT_EQ(count_of(views("anna"), leads["id"].text()), 2) << "it is shared";
  EXPECT_EQ(made["count"].integer(), 2);
  EXPECT_TRUE(made["exact"].boolean());
  const std::string id(made["id"].text());
  const auto changed = hub_.expect(200, "PUT", "/api/v1/views/" + id, "anna",
                                   R"({"name":"Olästa","filter":{"unread":true,"requester":1}})");
  EXPECT_EQ(changed["count"].integer(), 2);
  EXPECT_FALSE(changed["exact"].boolean());
  EXPECT_EQ(count_of(views("ada"), id), -1) << "it is anna's";
  hub_.expect(404, "PUT", "/api/v1/views/" + id, "ada", R"({"name":"x","filter":{}})");
  hub_.expect(403, "PUT", "/api/v1/views/" + std::string(leads["id"].text()), "ada",
              R"({"name":"x","filter":{}})");
  for (const char* bad :
       {R"({"name":"x"})", R"({"name":"x","filter":{"stauts":"new"}})",
        R"({"name":"x","filter":{"open":[]}})", R"({"name":"x","filter":{"status":"fresh"}})",
        R"({"name":"x","filter":{"cursor":"a"}})", R"({"name":" ","filter":{}})",
        R"({"name":"x","filter":[]})", R"({"name":"x","filter":{"q":"a&status=new","open":7}})"}) {
    hub_.expect(400, "POST", "/api/v1/views", "anna", bad);
  }
  EXPECT_EQ(hub_.send("DELETE", "/api/v1/views/" + id, "anna")->status, 204);
  EXPECT_EQ(hub_.send("DELETE", "/api/v1/views/" + id, "anna")->status, 404);
  EXPECT_EQ(hub_.send("DELETE", "/api/v1/views/mine", "anna")->status, 404);
}

TEST_F(PowersTest, AnotherTenantsIdsInABodyAreAsAbsentAsMissingOnes) {
  const std::string ours = hub_.new_ticket();
  const auto beta = hub_.expect(201, "POST", "/api/v1/tickets", "otto", R"({"subject":"b"})");
  const std::string theirs = std::to_string(beta["id"].integer());
  const auto message =
      hub_.expect(200, "GET", path(ours), "anna")["messages"].at(0)["id"].integer();
  const auto same = [&](const std::string& rest, const std::string& there,
                        const std::string& missing) {
    const auto first = hub_.send("POST", path(theirs, rest), "bea", there);
    const auto second = hub_.send("POST", path(theirs, rest), "bea", missing);
    EXPECT_EQ(first->status, second->status) << rest;
    EXPECT_EQ(first->status, 400) << rest << first->body;
    EXPECT_EQ(first->json()["errors"].at(0)["detail"].text(),
              second->json()["errors"].at(0)["detail"].text());
  };
  same("/merge", R"({"into":)" + ours + "}", R"({"into":987654})");
  same("/relations", R"({"kind":"parent","ticket":)" + ours + "}",
       R"({"kind":"parent","ticket":987654})");
  same("/split", R"({"subject":"x","messages":[)" + std::to_string(message) + "]}",
       R"({"subject":"x","messages":[987654]})");
  same("/participants", R"({"person":)" + std::to_string(hub_.erik) + "}", R"({"person":987654})");
  const auto bulk = hub_.expect(
      200, "POST", "/api/v1/tickets/bulk", "bea",
      R"({"tickets":[)" + ours + "," + theirs + R"(,987654],"change":{"priority":"high"}})");
  EXPECT_EQ(bulk["items"].at(0)["problem"].text(), bulk["items"].at(2)["problem"].text());
  EXPECT_TRUE(bulk["items"].at(1)["ok"].boolean());
  EXPECT_EQ(hub_.expect(200, "GET", path(ours), "anna")["priority"].text(), "normal");
}

TEST_F(PowersTest, EveryChangeNamesItsEventAndItCanBeUndone) {
  const std::string ticket = hub_.new_ticket();
  const auto changed = hub_.send("PATCH", path(ticket), "anna", R"({"agent":"anna"})");
  const std::string event = changed->header("ombud-event");
  ASSERT_FALSE(event.empty());
  const auto undone =
      hub_.send("POST", path(ticket, "/undo"), "anna", R"({"event":)" + event + "}");
  ASSERT_EQ(undone->status, 200) << undone->body;
  EXPECT_FALSE(undone->json()["agent"].present());
  EXPECT_EQ(hub_.send("POST", path(ticket, "/undo"), "anna", R"({"event":)" + event + "}")->status,
            409);
  EXPECT_EQ(hub_.send("POST", path(ticket, "/undo"), "erik", R"({"event":)" + event + "}")->status,
            403);
  EXPECT_EQ(hub_.send("GET", path(ticket), "anna")->header("ombud-event"), "");
}

TEST_F(PowersTest, AWalkFromEscalationToRating) {
  const std::string ticket = hub_.new_ticket(), twin = hub_.new_ticket();
  hub_.expect(200, "PUT", "/api/v1/teams/natet", "ada", R"({"name":"Nätet"})");
  const auto escalated =
      hub_.expect(200, "POST", path(ticket, "/escalate"), "anna",
                  R"({"team":"natet","priority":"high","reason":"Switchen är död"})");
  EXPECT_EQ(escalated["team"].text(), "natet");
  const auto similar = hub_.expect(200, "GET", path(ticket, "/similar"), "anna");
  EXPECT_EQ(std::to_string(similar["items"].at(0)["id"].integer()), twin);
  EXPECT_EQ(similar["items"].at(0)["score"].integer(), 100);
  const auto added = hub_.expect(201, "POST", path(ticket, "/participants"), "erik",
                                 R"({"email":"maja@alfa.example"})");
  const auto seen = hub_.expect(200, "GET", path(ticket), "maja");
  EXPECT_EQ(seen["participants"].at(0)["name"].text(), "Maja Malm");
  EXPECT_EQ(seen["next"]["who"].text(), "desk");
  EXPECT_EQ(seen["delegations"].size(), 0U);
  EXPECT_FALSE(seen["requester_detail"].present());
  const std::string maja = std::to_string(added["person"].integer());
  EXPECT_EQ(hub_.send("DELETE", path(ticket, "/participants/" + maja), "erik")->status, 204);
  hub_.expect(404, "GET", path(ticket), "maja");
  const auto merged =
      hub_.expect(200, "POST", path(twin, "/merge"), "anna", R"({"into":)" + ticket + "}");
  EXPECT_EQ(std::to_string(merged["merged_into"].integer()), ticket);
  EXPECT_EQ(merged["status"].text(), "closed");
  hub_.expect(201, "POST", path(twin, "/messages"), "erik", R"({"text":"Och nu?"})");
  const auto detail = hub_.expect(200, "GET", path(ticket), "anna");
  EXPECT_EQ(detail["messages"].at(detail["messages"].size() - 1)["text"].text(), "Och nu?");
  EXPECT_EQ(detail["relations"].at(0)["kind"].text(), "duplicated_by");
  EXPECT_EQ(detail["team_name"].text(), "Nätet");
  EXPECT_EQ(detail["requester_detail"]["email"].text(), "erik@alfa.example");
  EXPECT_EQ(hub_.send("DELETE", path(ticket, "/relations/" + twin), "anna")->status, 409);
  hub_.expect(409, "POST", path(ticket, "/rating"), "erik", R"({"score":5})");
  hub_.expect(200, "POST", path(ticket, "/resolve"), "anna", R"({"text":"Klart."})");
  EXPECT_EQ(hub_.expect(200, "GET", path(ticket), "erik")["next"]["who"].text(), "you");
  hub_.expect(200, "POST", path(ticket, "/rating"), "erik", R"({"score":5,"text":"Tack"})");
  hub_.expect(400, "POST", path(ticket, "/rating"), "erik", R"({"score":6})");
  EXPECT_EQ(hub_.expect(200, "GET", path(ticket), "anna")["rating"]["score"].integer(), 5);
}

TEST_F(PowersTest, AQuestionToTheUserWaitsForHimUntilHeAnswers) {
  const std::string ticket = hub_.new_ticket();
  hub_.expect(201, "POST", path(ticket, "/messages"), "anna",
              R"({"text":"Vilken modell?","status":"waiting_user"})");
  EXPECT_EQ(count_of(views("anna"), "waiting_user"), 1);
  EXPECT_EQ(hub_.expect(200, "GET", path(ticket), "erik")["next"]["who"].text(), "you");
  for (const char* bad : {R"({"text":"x","status":"closed"})", R"({"text":"x","status":"done"})",
                          R"({"text":"x","visibility":"internal","status":"waiting_user"})"}) {
    hub_.expect(400, "POST", path(ticket, "/messages"), "anna", bad);
  }
  hub_.expect(400, "POST", path(ticket, "/messages"), "erik",
              R"({"text":"x","status":"waiting_user"})");
  hub_.expect(201, "POST", path(ticket, "/messages"), "erik", R"({"text":"X-200"})");
  EXPECT_EQ(count_of(views("anna"), "waiting_user"), 0);
  hub_.expect(200, "POST", path(ticket, "/resolve"), "anna", "{}");
  hub_.expect(409, "POST", path(ticket, "/messages"), "anna",
              R"({"text":"x","status":"waiting_user"})");
}

TEST_F(PowersTest, PeopleAreFoundByTheBeginningOfANameOrAnAddress) {
  const auto found = [&](const std::string& query, const std::string& token = "anna") {
    return hub_.expect(200, "GET", "/api/v1/people?q=" + query, token)["items"].size();
  };
  EXPECT_EQ(found("mal"), 1U);
  EXPECT_EQ(found("maja%20alfa"), 1U);
  EXPECT_EQ(found("o"), 1U) << "Otto";
  EXPECT_EQ(found("alfa"), 4U) << "Erik, Maja, Asta and Mona";
  EXPECT_EQ(found("alfa&limit=1"), 1U);
  EXPECT_EQ(found("alfa", "bea"), 0U);
  EXPECT_EQ(found("%22OR%20*"), 0U);
  EXPECT_EQ(found("-"), 0U);
  hub_.expect(201, "POST", "/api/v1/people", "anna",
              R"({"customer":"alfa","name":"Maja Nygift","email":"maja@alfa.example"})");
  EXPECT_EQ(found("malm"), 0U);
  EXPECT_EQ(found("nyg"), 1U);
}

TEST_F(PowersTest, TemplatesAreFilledAndTheirActionsChecked) {
  const std::string ticket = hub_.new_ticket();
  const auto made =
      hub_.expect(201, "POST", "/api/v1/templates", "anna",
                  R"({"name":"Hej","language":"sv","audience":"user","text":"Hej {{user.name}}",)"
                  R"("actions":{"status":"resolved","agent":"me"}})");
  EXPECT_EQ(made["actions"]["status"].text(), "resolved");
  const std::string id = std::to_string(made["id"].integer());
  EXPECT_EQ(hub_.expect(200, "POST", "/api/v1/templates/" + id + "/render", "anna",
                        R"({"ticket":)" + ticket + "}")["text"]
                .text(),
            "Hej Erik Ek");
  hub_.expect(400, "POST", "/api/v1/templates/" + id + "/render", "anna", R"({"ticket":987654})");
  hub_.expect(404, "POST", "/api/v1/templates/987/render", "anna", R"({"ticket":1})");
  for (const char* bad :
       {R"({"name":"x","audience":"user","text":"x","actions":{"status":"fixed"}})",
        R"({"name":"x","audience":"user","text":"x","actions":{"team":"none"}})",
        R"({"name":"x","audience":"user","text":"x","actions":{"colour":"red"}})",
        R"({"name":"x","audience":"all","text":"x"})", R"({"name":"x","audience":"user"})",
        R"({"name":"x","audience":"supplier","text":"{{user.name}}"})"}) {
    hub_.expect(400, "POST", "/api/v1/templates", "anna", bad);
  }
  hub_.expect(403, "POST", "/api/v1/templates", "bea",
              R"({"name":"x","audience":"user","text":"x"})");
  hub_.expect(403, "POST", "/api/v1/templates", "erik",
              R"({"name":"x","audience":"user","text":"x"})");
  EXPECT_EQ(hub_.send("DELETE", "/api/v1/templates/" + id, "anna")->status, 204);
  EXPECT_EQ(hub_.send("DELETE", "/api/v1/templates/" + id, "anna")->status, 404);
}

TEST_F(PowersTest, HostileBodiesAreRefusedInWords) {
  const std::string ticket = hub_.new_ticket();
  std::string many = R"({"action":"close","tickets":[1)";
  for (int i = 2; i <= 201; ++i) many += "," + std::to_string(i);
  hub_.expect(400, "POST", "/api/v1/tickets/bulk", "anna", many + "]}");
  for (const char* bad :
       {R"({"tickets":[]})", R"({"tickets":[1]})", R"({"tickets":[0],"action":"close"})",
        R"({"tickets":["1"],"action":"close"})", R"({"tickets":1,"action":"close"})",
        R"({"tickets":[1,1],"action":"close"})", R"({"tickets":[1],"action":"delete"})",
        R"({"tickets":[1],"change":7})", R"({"tickets":[1],"change":{"subject":"x"}})"}) {
    hub_.expect(400, "POST", "/api/v1/tickets/bulk", "anna", bad);
  }
  hub_.expect(403, "POST", "/api/v1/tickets/bulk", "erik", R"({"tickets":[1],"action":"close"})");
  for (const char* bad :
       {R"({"messages":[],"subject":"x"})", R"({"messages":[-1],"subject":"x"})",
        R"({"messages":{},"subject":"x"})", R"({"messages":[1],"subject":" "})"}) {
    hub_.expect(400, "POST", path(ticket, "/split"), "anna", bad);
  }
  hub_.expect(400, "POST", path(ticket, "/merge"), "anna", R"({"into":)" + ticket + "}");
  hub_.expect(400, "POST", path(ticket, "/relations"), "anna",
              R"({"kind":"related","ticket":)" + ticket + "}");
  hub_.expect(400, "POST", path(ticket, "/relations"), "anna", R"({"kind":"friend","ticket":1})");
  hub_.expect(404, "POST", "/api/v1/tickets/bulkx/merge", "anna", R"({"into":1})");
  hub_.expect(400, "POST", path(ticket, "/participants"), "anna", "{}");
  hub_.expect(400, "POST", path(ticket, "/participants"), "anna",
              R"({"person":1,"email":"a@alfa.example"})");
}

TEST_F(PowersTest, ABulkIsTakenBackTicketByTicket) {
  const std::string one = hub_.new_ticket(), touched = hub_.new_ticket();
  const auto done =
      hub_.expect(200, "POST", "/api/v1/tickets/bulk", "anna",
                  R"({"tickets":[)" + one + "," + touched + R"(],"change":{"priority":"low"}})");
  const std::string first = std::to_string(done["items"].at(0)["event"].integer()),
                    second = std::to_string(done["items"].at(1)["event"].integer());
  hub_.expect(200, "PATCH", path(touched), "@lena", R"({"priority":"urgent"})");
  const auto undone = hub_.expect(200, "POST", "/api/v1/tickets/bulk-undo", "anna",
                                  R"({"events":[)" + first + "," + second + ",987654]}");
  EXPECT_TRUE(undone["items"].at(0)["ok"].boolean());
  EXPECT_GT(undone["items"].at(0)["event"].integer(), std::stoll(second));
  EXPECT_FALSE(undone["items"].at(1)["ok"].boolean());
  EXPECT_NE(undone["items"].at(1)["problem"].text().find("changed the same"), std::string::npos);
  EXPECT_FALSE(undone["items"].at(2)["ticket"].present());
  EXPECT_EQ(hub_.expect(200, "GET", path(one), "anna")["priority"].text(), "normal");
  EXPECT_EQ(hub_.expect(200, "GET", path(touched), "anna")["priority"].text(), "urgent");
  for (const char* bad : {"{}", R"({"events":[]})", R"({"events":["1"]})", R"({"events":[0]})",
                          R"({"events":[1,1]})", R"({"events":7})"}) {
    hub_.expect(400, "POST", "/api/v1/tickets/bulk-undo", "anna", bad);
  }
  hub_.expect(403, "POST", "/api/v1/tickets/bulk-undo", "erik", R"({"events":[1]})");
}

TEST_F(PowersTest, ARelationThatStoodBeforeIsAnsweredAndNamesNoEvent) {
  const std::string one = hub_.new_ticket(), other = hub_.new_ticket();
  const std::string body = R"({"kind":"related","ticket":)" + other + "}";
  const auto made = hub_.send("POST", path(one, "/relations"), "anna", body);
  EXPECT_EQ(made->status, 201);
  EXPECT_NE(made->header("ombud-event"), "");
  const auto again = hub_.send("POST", path(one, "/relations"), "anna", body);
  EXPECT_EQ(again->status, 200);
  EXPECT_EQ(again->header("ombud-event"), "") << "or an undo would take away what stood before";
  EXPECT_EQ(again->json()["reference"].text(), made->json()["reference"].text());
}

TEST_F(PowersTest, FilesThatWereAddedFirstGoWithAMessage) {
  const std::string ticket = hub_.new_ticket();
  const auto add = [&](const std::string& who, const std::string& query) {
    const auto added = hub_.send("POST", path(ticket, "/attachments?name=a.txt" + query), who, "x",
                                 {{"Content-Type", "text/plain"}});
    return std::to_string(added->json()["id"].integer());
  };
  const std::string file = add("erik", ""), desks = add("anna", "&internal=true");
  const auto said = hub_.expect(201, "POST", path(ticket, "/messages"), "erik",
                                R"({"text":"Se bilagan","attachments":[)" + file + "]}");
  EXPECT_EQ(said["person"].integer(), hub_.erik);
  const auto noted =
      hub_.expect(201, "POST", path(ticket, "/messages"), "anna",
                  R"({"text":"x","visibility":"internal","attachments":[)" + desks + "]}");
  EXPECT_FALSE(noted["person"].present());
  const auto seen = hub_.expect(200, "GET", path(ticket), "anna");
  EXPECT_EQ(seen["attachments"].at(0)["message"].integer(), said["id"].integer());
  EXPECT_EQ(seen["attachments"].at(1)["message"].integer(), noted["id"].integer());
  const auto used = hub_.expect(400, "POST", path(ticket, "/messages"), "erik",
                                R"({"text":"Igen","attachments":[)" + file + "]}");
  EXPECT_EQ(used["errors"].at(0)["pointer"].text(), "/attachments/0");
  for (const char* bad : {"[]", R"(["1"])", "[0]", "{}", "1"}) {
    hub_.expect(400, "POST", path(ticket, "/messages"), "erik",
                std::string(R"({"text":"x","attachments":)") + bad + "}");
  }
}

TEST_F(PowersTest, SuppliersPartsAreForWhomTheyAreFor) {
  const std::string ticket = hub_.new_ticket();
  const std::string delegation = std::to_string(hub_.delegate(ticket));
  hub_.expect(201, "POST", path(ticket, "/messages"), "anna",
              R"({"text":"Till dem","visibility":"supplier","delegation":)" + delegation + "}");
  const auto made = hub_.expect(201, "POST", "/api/v1/account/tokens", "@anna",
                                std::string(R"({"name":"script","scopes":["ticket.read"],)") +
                                    R"("password":")" + Hub::kPassword + R"("})");
  const std::string narrow(made["secret"].text());
  const auto seen = hub_.send("GET", path(ticket), narrow);
  ASSERT_EQ(seen->status, 200) << seen->body;
  EXPECT_EQ(seen->json()["delegations"].size(), 0U);
  EXPECT_EQ(seen->body.find("Till dem"), std::string::npos);
  const auto row = hub_.expect(200, "GET", "/api/v1/tickets", narrow)["items"].at(0).dump();
  EXPECT_EQ(row.find("nordprint"), std::string::npos) << row;
  const auto whole = hub_.send("GET", path(ticket), "@anna");
  EXPECT_EQ(whole->json()["delegations"].size(), 1U);
  EXPECT_NE(whole->body.find("Till dem"), std::string::npos);
}

TEST_F(PowersTest, AnAgentEscalatesWhatALeadAssigns) {
  const std::string ticket = hub_.new_ticket();
  hub_.expect(200, "PUT", "/api/v1/teams/natet", "ada", R"({"name":"Nätet"})");
  for (const char* way : {"/assign", ""}) {
    const std::string method = *way == 0 ? "PATCH" : "POST";
    const auto refused =
        hub_.expect(403, method, path(ticket, way), "@anna", R"({"team":"natet"})");
    EXPECT_NE(refused["detail"].text().find("Escalate"), std::string::npos);
  }
  const auto bulk = hub_.expect(200, "POST", "/api/v1/tickets/bulk", "@anna",
                                R"({"tickets":[)" + ticket + R"(],"change":{"team":"natet"}})");
  EXPECT_FALSE(bulk["items"].at(0)["ok"].boolean());
  hub_.expect(200, "POST", path(ticket, "/assign"), "@lena", R"({"team":"natet"})");
  hub_.expect(200, "POST", path(ticket, "/assign"), "@anna", R"({"team":"desk","agent":"anna"})");
}

}  // namespace
}  // namespace ombud::http::test
