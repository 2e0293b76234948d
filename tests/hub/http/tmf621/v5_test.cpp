// The same resource in the words of v5.
#include "world.hpp"

namespace ombud::http::test {
namespace {

const std::string kItsm = "alfa-itsm";

TEST(Tmf621V5Test, EveryObjectHasItsTypeAndReferencesAreNested) {
  World world({}, "v5");
  world.expect(400, "POST", "/troubleTicket", kItsm,
               R"({"description":"d","severity":"s","ticketType":"t"})");
  const std::string id = world.created(
      R"(,"externalIdentifier":[{"@type":"ExternalIdentifier","id":"X-1","owner":"Alfa"}],)"
      R"("relatedParty":[{"@type":"RelatedPartyRefOrPartyRoleRef","role":"requester",)"
      R"("partyOrPartyRole":{"@type":"PartyRef","id":"erik@alfa.example"}}],)"
      R"("relatedEntity":[{"@type":"RelatedEntity","role":"service",)"
      R"("entity":{"@type":"ServiceRef","id":"printing"}}],)"
      R"("note":[{"@type":"Note","text":"n"}],)"
      R"("attachment":[{"@type":"Attachment","attachmentType":"file","mimeType":"text/plain",)"
      R"("name":"a","content":"aGVsbG8="}],)"
      R"("troubleTicketCharacteristic":[{"@type":"StringCharacteristic","name":"floor","value":"3"}])");
  const auto ticket = world.expect(200, "GET", "/troubleTicket/" + id, kItsm);
  EXPECT_EQ(ticket["externalIdentifier"].at(0)["owner"].text(), "Alfa");
  EXPECT_EQ(ticket["relatedParty"].at(0)["partyOrPartyRole"]["id"].text(), "erik@alfa.example");
  EXPECT_EQ(ticket["relatedEntity"].at(0)["entity"]["id"].text(), "printing");
  EXPECT_EQ(ticket["statusChangeHistory"].at(0)["status"].text(), "acknowledged");
  EXPECT_EQ(ticket["troubleTicketCharacteristic"].at(0)["value"].text(), "3");
  EXPECT_NE(ticket["href"].text().find("/v5/"), std::string_view::npos);
  const auto desk = world.hub.expect(200, "GET", "/api/v1/tickets/" + id, "anna");
  EXPECT_EQ(desk["requester_name"].text(), "Erik Ek");
  EXPECT_EQ(desk["service"].text(), "printing");

  // The other version shows the same ticket in its own words.
  const auto v4 = world.hub.send("GET", "/tmf-api/troubleTicket/v4/troubleTicket/" + id, kItsm);
  EXPECT_EQ(v4->json()["externalId"].text(), "X-1");
  EXPECT_EQ(v4->json()["relatedParty"].at(0)["id"].text(), "erik@alfa.example");
  EXPECT_EQ(v4->json()["relatedParty"].at(0)["role"].text(), "requester");
  EXPECT_EQ(v4->json()["statusChange"].size(), 1U);
}

TEST(Tmf621V5Test, FiltersFieldsAndPatchesUseTheNamesOfTheVersion) {
  World world({}, "v5");
  const std::string id =
      world.created(R"(,"externalIdentifier":[{"@type":"ExternalIdentifier","id":"X-1"}])");
  const auto found = [&](const std::string& query) {
    return world.expect(200, "GET", "/troubleTicket?" + query, kItsm).root().size();
  };
  EXPECT_EQ(found("externalIdentifier.id=X-1"), 1U);
  EXPECT_EQ(found("externalIdentifier.id=X-2"), 0U);
  EXPECT_EQ(found("statusChangeHistory.status=acknowledged"), 1U);
  world.expect(400, "GET", "/troubleTicket?externalId=X-1", kItsm);
  const auto chosen = world.expect(200, "GET", "/troubleTicket/" + id + "?fields=name", kItsm);
  EXPECT_EQ(names_of(chosen.root()), (std::set<std::string>{"@type", "href", "id", "name"}));
  world.expect(400, "PATCH", "/troubleTicket/" + id, kItsm, R"({"name":"x"})");
  const auto named = world.expect(200, "PATCH", "/troubleTicket/" + id + "?fields=name", kItsm,
                                  R"({"@type":"TroubleTicket","name":"x"})");
  EXPECT_EQ(named["name"].text(), "x");
  const auto whole = world.send(200, "GET", "/troubleTicket/" + id, kItsm);
  const auto echoed = world.send(200, "PATCH", "/troubleTicket/" + id, kItsm, whole.body);
  EXPECT_EQ(whole.body, echoed.body) << "sending back what was answered changes nothing";
}

TEST(Tmf621V5Test, PagesGoByCursorAndTheOrderTurnsRound) {
  World world({}, "v5");
  std::vector<std::string> ids;
  for (int i = 0; i < 4; ++i) ids.push_back(world.created());
  const auto listed = [&](const std::string& query) {
    const auto list = world.expect(200, "GET", "/troubleTicket?" + query, kItsm);
    std::vector<std::string> got;
    for (std::size_t i = 0; i < list.root().size(); ++i) {
      got.emplace_back(list.root().at(i)["id"].text());
    }
    return got;
  };
  using Page = std::vector<std::string>;
  EXPECT_EQ(listed("limit=2&after=" + ids[0]), (Page{ids[1], ids[2]}));
  EXPECT_EQ(listed("limit=2&before=" + ids[3]), (Page{ids[1], ids[2]}));
  EXPECT_EQ(listed("sort=-creationDate"), (Page{ids[3], ids[2], ids[1], ids[0]}));
  EXPECT_EQ(listed("sort=-creationDate&limit=1&after=" + ids[2]), Page{ids[1]});
  world.expect(400, "GET", "/troubleTicket?after=OMB-999", kItsm);
  world.expect(400, "GET", "/troubleTicket?sort=name", kItsm);
  world.expect(400, "GET", "/troubleTicket?filter=%24%5B%3F%28true%29%5D", kItsm);
}

TEST(Tmf621V5Test, AJsonPatchIsDoneAllOrNotAtAll) {
  World world({}, "v5");
  const std::string id = world.created(R"(,"note":[{"@type":"Note","text":"zero"}])");
  const std::string path = world.at("/troubleTicket/" + id);
  const auto patch = [&](int status, const std::string& operations) {
    const auto answer = world.hub.send("PATCH", path, kItsm, operations,
                                       {{"Content-Type", "application/json-patch+json"}});
    EXPECT_EQ(answer->status, status) << operations << answer->body;
    return answer->json();
  };
  const auto changed = patch(200, R"([
      {"op":"test","path":"/severity","value":"Minor"},
      {"op":"replace","path":"/name","value":"Printer 4"},
      {"op":"add","path":"/note/-","value":{"@type":"Note","text":"one"}},
      {"op":"add","path":"/channel","value":{"@type":"ChannelRef","id":"c~/1"}},
      {"op":"copy","from":"/name","path":"/statusChangeReason"}])");
  EXPECT_EQ(changed["name"].text(), "Printer 4");
  ASSERT_EQ(changed["note"].size(), 2U);
  EXPECT_EQ(changed["note"].at(1)["text"].text(), "one");
  EXPECT_EQ(changed["channel"]["id"].text(), "c~/1");
  EXPECT_EQ(changed["statusChangeReason"].text(), "Printer 4");
  std::string doubling =
      R"([{"op":"add","path":"/x","value":[")" + std::string(600'000, 'x') + "\"]}";
  for (int i = 0; i < 40; ++i) doubling += R"(,{"op":"copy","from":"/x","path":"/x/-"})";
  patch(400, (doubling + "]").c_str());  // and in no time: it is refused before it has grown
  const auto before = world.send(200, "GET", "/troubleTicket/" + id, kItsm);
  patch(409, R"([{"op":"replace","path":"/name","value":"x"},
                 {"op":"test","path":"/severity","value":"Major"}])");
  for (const char* impossible :
       {R"([{"op":"replace","path":"/name","value":"x"},{"op":"remove","path":"/nothing"}])",
        R"([{"op":"replace","path":"name","value":"x"}])", R"([{"op":"replace","path":"/name"}])",
        R"([{"op":"add","path":"/note/07","value":{"@type":"Note","text":"x"}}])",
        R"([{"op":"add","path":"/note/9","value":{"@type":"Note","text":"x"}}])",
        R"([{"op":"move","from":"/channel","path":"/channel/id"}])",
        R"([{"op":"add","path":"/a~2b","value":1}])", R"([{"op":"burn","path":"/name"}])",
        R"([{"op":"remove","path":""}])", R"([{"op":"remove","path":"/severity"}])",
        R"([{"op":"replace","path":"/lastUpdate","value":"2020-01-01T00:00:00Z"}])",
        R"([{"op":"remove","path":"/note/0"}])",
        R"([{"op":"replace","path":"/note/0/text","value":"never said"}])",
        R"({"op":"replace","path":"/name","value":"x"})"}) {
    patch(400, impossible);
  }
  const auto after = world.send(200, "GET", "/troubleTicket/" + id, kItsm);
  EXPECT_EQ(before.body, after.body) << "nothing of them has stayed";
  patch(200, "[]");
  patch(200, R"([{"op":"remove","path":"/channel"}])");
  patch(200, R"([{"op":"replace","path":"/status","value":"cancelled"}])");
  EXPECT_EQ(world.expect(200, "GET", "/troubleTicket/" + id, kItsm)["status"].text(), "cancelled");
  const auto v4 = world.hub.send("PATCH", "/tmf-api/troubleTicket/v4/troubleTicket/" + id, kItsm,
                                 "[]", {{"Content-Type", "application/json-patch+json"}});
  EXPECT_EQ(v4->status, 415) << "v4 knows merge patch alone";
}

TEST(Tmf621V5Test, WhatATicketCanBeAboutIsListedAndNamedByANewOne) {
  World world({}, "v5");
  const tmf::Contract contract(tmf::kV5Text);
  const auto look = [&](int status, const std::string& rest, const std::string& token = kItsm) {
    const auto answer =
        world.hub.send("GET", world.at("/troubleTicketSpecification" + rest), token);
    EXPECT_EQ(answer->status, status) << rest << answer->body;
    return answer->json();
  };
  const auto all = look(200, "");
  ASSERT_GE(all.root().size(), 1U);
  for (std::size_t i = 0; i < all.root().size(); ++i) {
    const auto wrong = contract.mistakes("TroubleTicketSpecification", all.root().at(i), true);
    EXPECT_TRUE(wrong.empty()) << all.root().dump();
  }
  EXPECT_EQ(look(200, "?id=printing").root().size(), 1U);
  EXPECT_EQ(look(200, "?id=nothing").root().size(), 0U);
  EXPECT_EQ(look(200, "?limit=0").root().size(), 0U);
  look(400, "?status=closed");
  look(404, "/nothing");
  EXPECT_EQ(names_of(look(200, "/printing?fields=name").root()),
            (std::set<std::string>{"@type", "href", "id", "name"}));
  EXPECT_EQ(look(200, "", "nord-itsm").root().size(), 0U) << "a supplier sees no catalogue";
  look(404, "/printing", "nord-itsm");
  EXPECT_EQ(world.hub.send("POST", world.at("/troubleTicketSpecification"), kItsm, "{}")->status,
            405);
  const std::string id = world.created(
      R"(,"troubleTicketSpecification":{"@type":"TroubleTicketSpecificationRef","id":"printing"})");
  const auto desk = world.hub.expect(200, "GET", "/api/v1/tickets/" + id, "anna");
  EXPECT_EQ(desk["service"].text(), "printing");
}

}  // namespace
}  // namespace ombud::http::test
