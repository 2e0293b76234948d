// The resource as its clients meet it: lists, changes, states, conditions, repetitions, refusals.
#include "world.hpp"

namespace ombud::http::test {
namespace {

const std::string kItsm = "alfa-itsm";

TEST(Tmf621TicketsTest, AListIsFilteredPagedAndCounted) {
  World world;
  std::vector<std::string> ids;
  for (int i = 0; i < 5; ++i) {
    ids.push_back(world.created(",\"name\":\"n" + std::to_string(i) + "\",\"priority\":\"High\""));
  }
  const Answer page = world.send(200, "GET", "/troubleTicket?offset=1&limit=2", kItsm);
  EXPECT_EQ(page.header("x-total-count"), "5");
  EXPECT_EQ(page.json().root().at(0)["id"].text(), ids[1]);
  EXPECT_NE(page.header("link").find("offset=3"), std::string::npos);
  const Answer filtered = world.send(200, "GET", "/troubleTicket?priority=High&limit=2", kItsm);
  EXPECT_EQ(filtered.header("x-total-count"), "5") << "what matches, not what is shown";
  EXPECT_EQ(world.expect(200, "GET", "/troubleTicket?name=n3", kItsm).root().size(), 1U);
  EXPECT_EQ(world.expect(200, "GET", "/troubleTicket?name=N3", kItsm).root().size(), 0U);
  EXPECT_EQ(
      world.expect(200, "GET", "/troubleTicket?status=acknowledged&name=n1", kItsm).root().size(),
      1U);
  EXPECT_EQ(
      world.expect(200, "GET", "/troubleTicket?channel.id=api&limit=500", kItsm).root().size(), 5U);
  EXPECT_EQ(world.expect(200, "GET", "/troubleTicket?status=closed", kItsm).root().size(), 0U);
  for (const char* wrong : {"nonsense=1", "status.regex=a", "severity.gt=Low",
                            "creationDate.gt=soon", "limit=-1", "offset=x", "relatedParty.shoe=4",
                            "filter=%24", "status=%ff", "creationDate=yesterday", "channel=api"}) {
    world.expect(400, "GET", "/troubleTicket?" + std::string(wrong), kItsm);
  }
}

TEST(Tmf621TicketsTest, DatesAreComparedAndADayFindsAllOfIt) {
  World world;
  const std::string id = world.created();
  const auto ticket = world.expect(200, "GET", "/troubleTicket/" + id, kItsm);
  const std::string at(ticket["creationDate"].text());
  const auto found = [&](const std::string& query) {
    return world.expect(200, "GET", "/troubleTicket?" + query, kItsm).root().size();
  };
  EXPECT_EQ(found("creationDate.gte=" + at), 1U);
  EXPECT_EQ(found("creationDate.gt=" + at), 0U);
  EXPECT_EQ(found("creationDate.lte=" + at), 1U);
  EXPECT_EQ(found("creationDate.lt=" + at), 0U);
  EXPECT_EQ(found("lastUpdate.gte=" + at), 1U);
  EXPECT_EQ(found("creationDate=" + at.substr(0, 10)), 1U);
  EXPECT_EQ(found("creationDate=2018-08-21"), 0U);
  EXPECT_EQ(found("creationDate.gte=2000-01-01T00%3A00%3A00%2B02%3A00"), 1U);
}

TEST(Tmf621TicketsTest, APartialListMayBe206) {
  tmf::Settings settings;
  settings.partial_content = true;
  World world(settings);
  world.created();
  world.expect(200, "GET", "/troubleTicket", kItsm);
  world.created();
  world.expect(206, "GET", "/troubleTicket?limit=1", kItsm);
}

TEST(Tmf621TicketsTest, APatchMergesAndAddsNotes) {
  World world;
  const std::string id = "/troubleTicket/" + world.created();
  world.expect(200, "PATCH", id, kItsm, R"({"note":[{"text":"one","author":"Arvid"}]})");
  const auto two = world.expect(200, "PATCH", id, kItsm, R"({"note":[{"text":"two"}]})");
  ASSERT_EQ(two["note"].size(), 2U) << "leaving one out deletes nothing";
  EXPECT_EQ(two["note"].at(0)["author"].text(), "Arvid");
  EXPECT_EQ(two["note"].at(1)["author"].text(), "alfa-itsm");
  const auto same = world.send(200, "GET", id, kItsm);
  const Answer echoed = world.send(200, "PATCH", id, kItsm, same.body,
                                   {{"Content-Type", "application/merge-patch+json"}});
  EXPECT_EQ(echoed.body, same.body) << "sending back what was answered changes nothing";
  EXPECT_EQ(world.send(200, "PATCH", id, kItsm, "{}").body, same.body);
  world.expect(200, "PATCH", id, kItsm, R"({"externalId":"A"})");
  const auto gone = world.expect(200, "PATCH", id, kItsm, R"({"externalId":null})");
  EXPECT_FALSE(gone["externalId"].present());
  world.expect(400, "PATCH", id, kItsm, R"({"severity":null})");
  world.expect(400, "PATCH", id, kItsm, R"({"description":"  "})");
  world.expect(400, "PATCH", id, kItsm, R"({"creationDate":"2020-01-01T00:00:00Z"})");
  world.expect(400, "PATCH", id, kItsm, R"({"id":"OMB-9"})");
  world.expect(415, "PATCH", id, kItsm);
  const auto wrong =
      world.hub.send("PATCH", world.at(id), kItsm, "{}", {{"Content-Type", "text/plain"}});
  EXPECT_EQ(wrong->status, 415);
}

TEST(Tmf621TicketsTest, AClientKnowsItsNotesAndFilesByTheNamesThatItGaveThem) {
  World world;
  const std::string id =
      "/troubleTicket/" +
      world.created(R"(,"note":[{"id":"n-0","text":"zero"}],)"
                    R"("attachment":[{"id":"f-0","name":"a","content":"aGVsbG8=",)"
                    R"("description":"the first"}])");
  const std::string one = R"({"note":[{"id":"n-1","text":"one"},{"id":"77","text":"two"}]})";
  const auto noted = world.expect(200, "PATCH", id, kItsm, one);
  ASSERT_EQ(noted["note"].size(), 3U);
  EXPECT_EQ(noted["note"].at(0)["id"].text(), "n-0");
  EXPECT_EQ(noted["note"].at(1)["id"].text(), "n-1");
  EXPECT_NE(noted["note"].at(2)["id"].text(), "77") << "numbers are ours";
  EXPECT_EQ(noted["attachment"].at(0)["id"].text(), "f-0");
  EXPECT_EQ(noted["attachment"].at(0)["description"].text(), "the first");
  const auto bytes =
      world.hub.send("GET", std::string(noted["attachment"].at(0)["url"].text()), kItsm);
  EXPECT_EQ(bytes->body, "hello");
  // Sent once more after a lost answer, it is known; and an odd name is not kept.
  world.expect(200, "PATCH", id, kItsm, R"({"note":[{"id":"n-1","text":"one"}]})");
  const auto again = world.expect(
      200, "PATCH", id, kItsm,
      R"({"note":[{"id":"../x","text":"three"}],"attachment":[{"id":"f-0","name":"a","content":"aGVsbG8="}]})");
  EXPECT_EQ(again["note"].size(), 4U);
  EXPECT_NE(again["note"].at(3)["id"].text(), "../x");
  EXPECT_EQ(again["attachment"].size(), 1U);
  world.expect(400, "PATCH", id, kItsm,
               R"({"note":[{"id":"t","text":"a"},{"id":"t","text":"b"}]})");
}

TEST(Tmf621TicketsTest, WhatAClientLeavesOutDisappearsFromItsViewUnderItsOwnNameToo) {
  tmf::Settings settings;
  settings.replace_arrays = true;
  World world(settings);
  const std::string id =
      "/troubleTicket/" + world.created(R"(,"note":[{"id":"n-0","text":"zero"}])");
  const auto left =
      world.expect(200, "PATCH", id, kItsm, R"({"note":[{"id":"n-1","text":"one"}]})");
  ASSERT_EQ(left["note"].size(), 1U);
  EXPECT_EQ(left["note"].at(0)["id"].text(), "n-1");
}

TEST(Tmf621TicketsTest, TheDeskMovesATicketAndTheCustomerConfirmsReopensOrCancels) {
  World world;
  const std::string id = world.created(), path = "/troubleTicket/" + id;
  world.expect(403, "PATCH", path, kItsm, R"({"status":"inProgress"})");
  world.expect(409, "PATCH", path, kItsm, R"({"status":"closed"})");
  world.expect(400, "PATCH", path, kItsm, R"({"status":"open"})");
  world.expect(200, "PATCH", path, kItsm, R"({"status":"acknowledged"})");
  world.hub.expect(200, "POST", "/api/v1/tickets/" + id + "/resolve", "anna",
                   R"({"text":"Done."})");
  const auto solved = world.expect(200, "GET", path, kItsm);
  EXPECT_EQ(solved["status"].text(), "resolved");
  EXPECT_TRUE(solved["resolutionDate"].is_text());
  EXPECT_EQ(solved["statusChange"].size(), 2U);
  const auto again = world.expect(200, "PATCH", path, kItsm,
                                  R"({"status":"inProgress","statusChangeReason":"Not at all"})");
  EXPECT_EQ(again["status"].text(), "inProgress");
  EXPECT_EQ(again["statusChangeReason"].text(), "Not at all");
  world.hub.expect(200, "POST", "/api/v1/tickets/" + id + "/resolve", "anna", "{}");
  const auto closed = world.expect(200, "PATCH", path, kItsm, R"({"status":"closed"})");
  EXPECT_EQ(closed["status"].text(), "closed");
  world.expect(409, "PATCH", path, kItsm, R"({"status":"inProgress"})");

  const std::string other = "/troubleTicket/" + world.created();
  const auto cancelled = world.expect(200, "PATCH", other, kItsm,
                                      R"({"status":"cancelled","statusChangeReason":"It works"})");
  EXPECT_EQ(cancelled["status"].text(), "cancelled");
  EXPECT_EQ(cancelled["statusChangeReason"].text(), "It works");
  EXPECT_EQ(world.expect(200, "GET", "/troubleTicket?status=cancelled", kItsm).root().size(), 1U);
  EXPECT_EQ(world.expect(200, "GET", "/troubleTicket?status=closed", kItsm).root().size(), 1U);
}

TEST(Tmf621TicketsTest, ATicketThatASupplierHasIsNotCancelledUnderItsHands) {
  World world;
  const std::string id = world.created();
  world.delegated(id);
  const auto seen = world.expect(200, "GET", "/troubleTicket/" + id, kItsm);
  EXPECT_EQ(seen["status"].text(), "inProgress") << "who works on it is not told";
  world.expect(409, "PATCH", "/troubleTicket/" + id, kItsm, R"({"status":"cancelled"})");
}

TEST(Tmf621TicketsTest, DeletingIsNotOfferedAndMethodsAreNamed) {
  World world;
  const std::string path = "/troubleTicket/" + world.created();
  EXPECT_EQ(world.send(405, "DELETE", path, kItsm).header("allow"), "GET, HEAD, PATCH, OPTIONS");
  EXPECT_EQ(world.send(405, "PUT", path, kItsm, "{}").header("allow"), "GET, HEAD, PATCH, OPTIONS");
  world.send(405, "PATCH", "/troubleTicket", kItsm, "{}");
  world.send(404, "GET", "/nothing", kItsm);
  EXPECT_EQ(world.send(401, "GET", path, "").header("www-authenticate"), "Bearer realm=\"ombud\"");
  world.send(401, "GET", path, "wrong");
  world.send(403, "GET", path, "anna");
  world.send(403, "GET", path, "ada");
}

TEST(Tmf621TicketsTest, AnETagGuardsAChangeAndSparesAnAnswer) {
  World world;
  const std::string path = "/troubleTicket/" + world.created();
  const std::string etag = world.send(200, "GET", path, kItsm).header("etag");
  world.send(304, "GET", path, kItsm, "", {{"If-None-Match", etag}});
  world.send(200, "PATCH", path, kItsm, R"({"name":"New"})", {{"If-Match", etag}});
  world.send(412, "PATCH", path, kItsm, R"({"name":"Newer"})", {{"If-Match", etag}});
}

TEST(Tmf621TicketsTest, ARepeatedCreateIsOneTicket) {
  World world;
  const std::string body =
      R"({"description":"d","severity":"s","ticketType":"t","externalId":"X-1"})";
  const Answer first =
      world.send(201, "POST", "/troubleTicket", kItsm, body, {{"Idempotency-Key", "k1"}});
  const Answer again =
      world.send(201, "POST", "/troubleTicket", kItsm, body, {{"Idempotency-Key", "k1"}});
  EXPECT_EQ(first.body, again.body);
  const auto by_name = world.expect(201, "POST", "/troubleTicket", kItsm, body);
  EXPECT_EQ(by_name["id"].text(), first.json()["id"].text());
  world.expect(409, "POST", "/troubleTicket", kItsm,
               R"({"description":"other","severity":"s","ticketType":"t","externalId":"X-1"})");
  // The name is the client's own: another system of the customer may use it too.
  const auto other = world.expect(201, "POST", "/troubleTicket", "alfa-portal", body);
  EXPECT_NE(other["id"].text(), first.json()["id"].text());
  EXPECT_EQ(world.expect(200, "GET", "/troubleTicket?externalId=X-1", kItsm).root().size(), 2U);
  EXPECT_EQ(world.expect(200, "GET", "/troubleTicket?externalId=X-1", "beta-itsm").root().size(),
            0U);
  world.send(422, "POST", "/troubleTicket", kItsm,
             R"({"description":"e","severity":"s","ticketType":"t"})", {{"Idempotency-Key", "k1"}});
}

TEST(Tmf621TicketsTest, FilesComeAsBase64AndAreAnsweredByAddress) {
  tmf::Settings settings;
  settings.attachment_bytes_max = 100;
  World world(settings);
  const std::string id = world.created(
      R"(,"attachment":[{"name":"a.txt","mimeType":"text/plain","content":"aGVsbG8="},)"
      R"({"name":"manual","url":"https://alfa.example/manual"}])");
  const std::string path = "/troubleTicket/" + id;
  const auto ticket = world.expect(200, "GET", path, kItsm);
  ASSERT_EQ(ticket["attachment"].size(), 2U);
  EXPECT_EQ(ticket["attachment"].at(0)["size"]["amount"].integer(), 5);
  const auto bytes =
      world.hub.send("GET", std::string(ticket["attachment"].at(0)["url"].text()), kItsm);
  EXPECT_EQ(bytes->body, "hello");
  EXPECT_EQ(ticket["attachment"].at(1)["url"].text(), "https://alfa.example/manual");
  EXPECT_EQ(
      world.send(200, "PATCH", path, kItsm, R"({"attachment":)" + ticket["attachment"].dump() + "}")
          .json()["attachment"]
          .size(),
      2U);
  const std::string large(200, 'A');
  world.expect(413, "PATCH", path, kItsm,
               R"({"attachment":[{"name":"b","content":")" + large + "\"}]}");
  world.expect(400, "PATCH", path, kItsm, R"({"attachment":[{"name":"b","content":"no!"}]})");
  world.expect(400, "PATCH", path, kItsm, R"({"attachment":[{"name":"b"}]})");
  const auto hidden =
      world.hub.send("GET", std::string(ticket["attachment"].at(0)["url"].text()), "beta-itsm");
  EXPECT_EQ(hidden->status, 404);
}

TEST(Tmf621TicketsTest, HostileBodiesAreRefusedInWords) {
  World world;
  const std::string begin = R"({"description":"d","severity":"s","ticketType":"t",)";
  std::string deep = begin + "\"my\":";
  for (int i = 0; i < 200; ++i) deep += "[";
  for (int i = 0; i < 200; ++i) deep += "]";
  for (const std::string& body :
       {std::string(),
        std::string("{"),
        std::string("[]"),
        std::string("null"),
        std::string("7"),
        deep + "}",
        begin + "\"severity\":\"twice\"}",
        begin + "\"name\":\"\xff\xfe\"}",
        begin + "\"note\":[7]}",
        begin + "\"note\":[{\"text\":7}]}",
        begin + "\"note\":\"x\"}",
        begin + "\"relatedParty\":[{\"id\":\"1\"}]}",
        begin + "\"channel\":{}}",
        begin + "\"relatedEntity\":[{}]}",
        begin + "\"expectedResolutionDate\":\"soon\"}",
        begin + "\"name\":7}",
        begin + "\"status\":\"nanana\"}",
        begin + "\"status\":\"closed\"}",
        begin + "\"$notes\":[1]}",
        begin + "\"name\":\"" + std::string(300, 'x') + "\"}",
        std::string(R"({"description":null,"severity":"s","ticketType":"t"})"),
        std::string(R"({"description":" ","severity":"s","ticketType":"t"})")}) {
    const auto answer = world.hub.send("POST", world.at("/troubleTicket"), kItsm, body,
                                       {{"Content-Type", "application/json"}});
    ASSERT_TRUE(answer) << body;
    EXPECT_EQ(answer->status, 400) << body << answer->body;
    EXPECT_TRUE(answer->json()["code"].is_text() && answer->json()["reason"].is_text());
  }
  EXPECT_EQ(world.send(200, "GET", "/troubleTicket", kItsm).header("x-total-count"), "0");
  // 100 MB are refused by their length, before they are read.
  Client client(world.hub.port);
  client.send("POST " + world.at("/troubleTicket") +
              " HTTP/1.1\r\nHost: desk\r\nAuthorization: Bearer alfa-itsm\r\n"
              "Content-Type: application/json\r\nContent-Length: 100000000\r\n\r\n");
  const auto refused = client.receive();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 413);
  EXPECT_TRUE(refused->json()["reason"].is_text());
}

TEST(Tmf621TicketsTest, WhatIsUnknownIsKeptOrRefusedAsConfigured) {
  World world;
  const std::string id = world.created(R"(,"mySite":{"floor":3})");
  const auto kept = world.expect(200, "GET", "/troubleTicket/" + id, kItsm);
  EXPECT_EQ(kept["mySite"]["floor"].integer(), 3);
  tmf::Settings settings;
  settings.refuse_unknown = true;
  World strict(settings);
  strict.expect(400, "POST", "/troubleTicket", kItsm,
                R"({"description":"d","severity":"s","ticketType":"t","mySite":1})");
}

TEST(Tmf621TicketsTest, ATicketThatCameFromHereIsRefused) {
  World world;
  const std::string id = world.created();
  world.delegated(id);
  std::string ours;
  world.hub.run([&](Tx& tx) { ours = list_deliveries(tx, {}, {}, 100).front().correlation; });
  const std::string begin = R"({"description":"d","severity":"s","ticketType":"t",)";
  const auto direct = world.expect(409, "POST", "/troubleTicket", "beta-itsm",
                                   begin + "\"externalId\":\"" + ours + "\"}");
  EXPECT_NE(direct["message"].text().find("circles"), std::string_view::npos);
  world.expect(409, "POST", "/troubleTicket", "beta-itsm",
               begin + R"("externalId":"theirs","relatedEntity":[{"role":"origin","id":")" + ours +
                   R"(","@referredType":"TroubleTicket"}]})");
}

TEST(Tmf621TicketsTest, AHandOverNamesTheHubsThatTheTicketCameThrough) {
  World world;
  const std::string first = "0123456789abcdefghjkmnpqrs", second = "zzzzzzzzzzzzzzzzzzzzzzzzzz";
  const std::string id = world.created(
      R"(,"externalId":")" + second + R"(","relatedEntity":[{"role":"origin","id":")" + first +
      R"(","@referredType":"TroubleTicket"},{"role":"origin","id":"Erik's secret",)"
      R"("@referredType":"TroubleTicket"}])");
  world.delegated(id);
  std::string document;
  world.hub.run([&](Tx& tx) { document = list_deliveries(tx, {}, {}, 100).front().body; });
  const auto handed = json::parse(document);
  EXPECT_EQ((*handed)["origins"].dump(), "[\"" + second + "\",\"" + first + "\"]") << document;
}

}  // namespace
}  // namespace ombud::http::test
