// Who sees what: customers apart from each other, suppliers nothing but what was handed to them,
// and nobody outside a word that is the desk's own.
#include "world.hpp"

namespace ombud::http::test {
namespace {

std::string without_id(const Answer& answer) {
  return answer.body;  // errors of this side carry no request id
}

TEST(Tmf621PartiesTest, AnotherTenantsIdsAnswerExactlyLikeMissingOnes) {
  World world;
  const std::string id = world.created(R"(,"attachment":[{"name":"a","content":"aGVsbG8="}])");
  const std::string copy = world.delegated(id);
  const std::string file(world.expect(200, "GET", "/troubleTicket/" + id, "alfa-itsm")["attachment"]
                             .at(0)["id"]
                             .text());
  struct Case {
    std::string token, there, missing;
  };
  const std::string copy_number = copy.substr(copy.rfind('-') + 1);
  for (const Case& c : {Case{"beta-itsm", id, "OMB-987654"}, Case{"erik", id, "OMB-987654"},
                        Case{"sud-itsm", copy, "OMB-1-987654"}, Case{"nord-itsm", id, "OMB-987654"},
                        Case{"alfa-itsm", copy, "OMB-987654-7"},
                        Case{"nord-itsm", "OMB-2-" + copy_number, "OMB-1-987654"}}) {
    for (const auto& [method, more, body] :
         {std::tuple{"GET", std::string(), std::string()},
          std::tuple{"PATCH", std::string(), std::string(R"({"note":[{"text":"x"}]})")},
          std::tuple{"PATCH", std::string(), std::string(R"({"status":"cancelled"})")},
          std::tuple{"GET", "/attachment/" + file, std::string()}}) {
      const Answer first =
          world.send(404, method, "/troubleTicket/" + c.there + more, c.token, body);
      const Answer second =
          world.send(404, method, "/troubleTicket/" + c.missing + more, c.token, body);
      EXPECT_EQ(without_id(first), without_id(second)) << c.token;
    }
    const Answer list = world.send(200, "GET", "/troubleTicket?id=" + c.there, c.token);
    EXPECT_EQ(list.header("x-total-count"), "0") << c.token;
  }
  EXPECT_EQ(world.send(200, "GET", "/troubleTicket", "beta-itsm").header("x-total-count"), "0");
  EXPECT_EQ(world.send(200, "GET", "/troubleTicket", "sud-itsm").header("x-total-count"), "0");
  EXPECT_EQ(world.send(200, "GET", "/troubleTicket", "nord-itsm").header("x-total-count"), "1");
  EXPECT_EQ(world.send(200, "GET", "/troubleTicket", "alfa-portal").header("x-total-count"), "1");
}

TEST(Tmf621PartiesTest, ASuppliersTokenOpensNothingElse) {
  World world;
  const std::string id = world.created();
  world.delegated(id);
  for (const auto& route : world.hub.app->router().routes()) {
    if (!route->described || route->needs == Permission::anyone || route->id == "whoami") continue;
    std::string path(route->path);
    for (std::size_t open = path.find('{'); open != std::string::npos; open = path.find('{')) {
      path.replace(open, path.find('}') - open + 1, "1");
    }
    const auto answer = world.hub.send(std::string(to_text(route->method)), path, "nord-itsm");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 403) << route->id << answer->body;
  }
}

TEST(Tmf621PartiesTest, NothingInternalShowsAnywhere) {
  World world;
  const std::string id = world.created(), path = "/troubleTicket/" + id;
  const std::string copy = "/troubleTicket/" + world.delegated(id);
  const Answer customer = world.send(200, "GET", path, "alfa-itsm");
  const Answer supplier = world.send(200, "GET", copy, "nord-itsm");
  world.hub.expect(201, "POST", "/api/v1/tickets/" + id + "/messages", "anna",
                   R"({"text":"Han ringer ofta.","visibility":"internal"})");
  world.hub.send("POST", "/api/v1/tickets/" + id + "/attachments?name=log.txt&internal=true",
                 "anna", "secret", {{"Content-Type", "text/plain"}});
  world.hub.expect(200, "POST", "/api/v1/tickets/" + id + "/assign", "anna", R"({"agent":"anna"})");
  const Answer customer_after = world.send(200, "GET", path, "alfa-itsm");
  const Answer supplier_after = world.send(200, "GET", copy, "nord-itsm");
  EXPECT_EQ(customer.body, customer_after.body) << "not even the date of the last change";
  EXPECT_EQ(customer.header("etag"), customer_after.header("etag"));
  EXPECT_EQ(supplier.body, supplier_after.body);
  const std::string since(customer.json()["lastUpdate"].text());
  EXPECT_EQ(
      world.expect(200, "GET", "/troubleTicket?lastUpdate.gt=" + since, "alfa-itsm").root().size(),
      0U);
  EXPECT_EQ(world.expect(200, "GET", "/troubleTicket?note.text=Han%20ringer%20ofta.", "alfa-itsm")
                .root()
                .size(),
            0U);
}

TEST(Tmf621PartiesTest, ASupplierSeesWhatWasSharedAndNothingThatWasWithheld) {
  World world;
  const std::string id = world.created(
      R"(,"name":"Printer 4","externalId":"ALFA-77","note":[{"text":"By the window"}],)"
      R"("relatedParty":[{"id":"erik@alfa.example","role":"requester","@referredType":"Individual"}])");
  const std::string copy = "/troubleTicket/" + world.delegated(id);
  const auto seen = world.expect(200, "GET", copy, "nord-itsm");
  EXPECT_EQ(seen["name"].text(), "Printer 4") << "shared by the agreement";
  EXPECT_EQ(seen["description"].text(), "Var god laga.") << "the desk's brief";
  const std::string all = seen.root().dump();
  for (const char* withheld : {"eats paper", "window", "ALFA-77", "erik", "Erik", "Alfa", "alfa"}) {
    EXPECT_EQ(all.find(withheld), std::string::npos) << withheld << "\n" << all;
  }
  for (const char* query : {"description=The%20printer%20eats%20paper.", "externalId=ALFA-77",
                            "note.text=By%20the%20window"}) {
    EXPECT_EQ(
        world.expect(200, "GET", "/troubleTicket?" + std::string(query), "nord-itsm").root().size(),
        0U)
        << query;
  }
  const auto customers = world.expect(200, "GET", "/troubleTicket/" + id, "alfa-itsm");
  EXPECT_EQ(customers.root().dump().find("Nordprint"), std::string::npos);
  EXPECT_EQ(customers.root().dump().find("Var god laga"), std::string::npos);
}

TEST(Tmf621PartiesTest, ASuppliersWordMovesItsCopyAndReachesTheDeskAlone) {
  World world;
  const std::string id = world.created();
  const std::string copy = "/troubleTicket/" + world.delegated(id);
  const auto worked = world.expect(
      200, "PATCH", copy, "nord-itsm",
      R"({"status":"inProgress","externalId":"NP-5","note":[{"text":"On my way","author":"Nils"}]})");
  EXPECT_EQ(worked["status"].text(), "inProgress");
  EXPECT_EQ(worked["externalId"].text(), "NP-5");
  EXPECT_EQ(worked["note"].at(0)["author"].text(), "Nils (Nordprint AB)");
  world.expect(409, "PATCH", copy, "nord-itsm", R"({"status":"acknowledged"})");
  world.expect(403, "PATCH", copy, "nord-itsm", R"({"status":"closed"})");
  world.expect(403, "PATCH", copy, "nord-itsm", R"({"priority":"Critical"})");
  world.expect(403, "POST", "/troubleTicket", "nord-itsm",
               R"({"description":"d","severity":"s","ticketType":"t"})");
  const auto solved = world.expect(
      200, "PATCH", copy, "nord-itsm",
      R"({"status":"resolved","statusChangeReason":"New fuser",)"
      R"("attachment":[{"name":"photo.txt","mimeType":"text/plain","content":"aGVsbG8="}]})");
  EXPECT_EQ(solved["status"].text(), "resolved");
  const auto photo =
      world.hub.send("GET", std::string(solved["attachment"].at(0)["url"].text()), "nord-itsm");
  EXPECT_EQ(photo->body, "hello");

  const auto desk = world.hub.expect(200, "GET", "/api/v1/tickets/" + id, "anna");
  EXPECT_EQ(desk["status"].text(), "in_progress") << "the desk must verify";
  EXPECT_EQ(desk["delegations"].at(0)["state"].text(), "resolved");
  EXPECT_EQ(desk["delegations"].at(0)["external_status"].text(), "resolved: New fuser");
  const auto customer = world.expect(200, "GET", "/troubleTicket/" + id, "alfa-itsm");
  EXPECT_EQ(customer["status"].text(), "inProgress");
  EXPECT_EQ(customer["note"].size(), 0U);
  EXPECT_EQ(customer["attachment"].size(), 0U);

  const std::string number = copy.substr(copy.rfind('-') + 1);
  world.hub.expect(200, "POST", "/api/v1/delegations/" + number + "/reject", "anna",
                   R"({"reason":"It still jams."})");
  const auto back = world.expect(200, "GET", copy, "nord-itsm");
  EXPECT_EQ(back["status"].text(), "inProgress");
  EXPECT_EQ(back["statusChangeReason"].text(), "It still jams.");
  world.expect(200, "PATCH", copy, "nord-itsm", R"({"status":"resolved"})");
  world.hub.expect(200, "POST", "/api/v1/delegations/" + number + "/accept", "anna", "{}");
  EXPECT_EQ(world.expect(200, "GET", copy, "nord-itsm")["status"].text(), "closed");
  world.expect(409, "PATCH", copy, "nord-itsm", R"({"status":"inProgress"})");
}

TEST(Tmf621PartiesTest, ACustomersSystemMayNameOneOfItsPeopleAndAService) {
  World world;
  const std::string id = world.created(
      R"(,"relatedParty":[{"id":"erik@alfa.example","role":"requester","@referredType":"Individual"}],)"
      R"("relatedEntity":[{"id":"printing","role":"service","@referredType":"Service"}])");
  const auto desk = world.hub.expect(200, "GET", "/api/v1/tickets/" + id, "anna");
  EXPECT_EQ(desk["requester_name"].text(), "Erik Ek");
  EXPECT_EQ(desk["service"].text(), "printing");
  EXPECT_EQ(desk["messages"].at(0)["text"].text(), "The printer eats paper.");
  world.expect(200, "GET", "/troubleTicket/" + id, "erik");
  world.expect(404, "GET", "/troubleTicket/" + id, "maja");
  // Otto belongs to another customer, so nobody is named.
  const std::string other = world.created(
      R"(,"relatedParty":[{"id":"otto@beta.example","role":"requester","@referredType":"Individual"}])");
  EXPECT_EQ(world.hub.expect(200, "GET", "/api/v1/tickets/" + other, "anna")["requester"].integer(),
            0);
}

TEST(Tmf621PartiesTest, AnAnswerToTheDeskGoesOnWithATicketThatWaits) {
  World world;
  const std::string id = world.created(), path = "/troubleTicket/" + id;
  world.hub.expect(201, "POST", "/api/v1/tickets/" + id + "/messages", "anna",
                   R"({"text":"Which floor?"})");
  EXPECT_EQ(world.expect(200, "GET", path, "alfa-itsm")["note"].at(0)["text"].text(),
            "Which floor?");
  world.hub.run([&](Tx& tx) {
    append(tx, ticket_of_reference(id), event::StatusChanged{TicketStatus::waiting_user, ""});
  });
  EXPECT_EQ(world.expect(200, "GET", path, "alfa-itsm")["status"].text(), "pending");
  world.expect(409, "PATCH", path, "alfa-itsm", R"({"status":"inProgress"})");
  const auto on = world.expect(200, "PATCH", path, "alfa-itsm",
                               R"({"status":"inProgress","note":[{"text":"The third"}]})");
  EXPECT_EQ(on["status"].text(), "inProgress");
}

}  // namespace
}  // namespace ombud::http::test
