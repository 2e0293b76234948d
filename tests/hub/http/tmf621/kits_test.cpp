// The sequences of the public conformance kits, each in the mode that it asks for.
#include "world.hpp"

namespace ombud::http::test {
namespace {

constexpr const char* kMandatory[] = {"description", "severity", "ticketType"};

TEST(Tmf621KitsTest, TheKitOf2018HoldsInExactAndLenientMode) {
  tmf::Settings settings;
  settings.exact_fields = true;
  settings.lenient_status = true;
  settings.unique_external_id = false;
  World world(settings);
  const std::string token = "alfa-itsm";
  for (int run = 0; run < 2; ++run) {  // it must hold when it is run again, with the same payloads
    world.expect(200, "GET", "/troubleTicket", token);
    const auto first = world.expect(
        201, "POST", "/troubleTicket", token,
        R"({"description":"Some description","severity":"High","ticketType":"device"})");
    for (const char* name : {"description", "severity", "ticketType", "id", "href"}) {
      EXPECT_TRUE(first[name].is_text()) << name;
    }
    EXPECT_EQ(first["severity"].text(), "High");
    EXPECT_EQ(first["ticketType"].text(), "device");
    const auto second = world.expect(
        201, "POST", "/troubleTicket", token,
        R"({"description":"Another","severity":"Low","ticketType":"connectivity",)"
        R"("status":"nanana","externalId":"123","note":[{"date":"2018-05-01T00:00:00Z",)"
        R"("author":"Mr Homer","text":"one"},{"date":"2018-05-01T00:00:00Z","author":"Mr Homer",)"
        R"("text":"two"}]})");
    EXPECT_EQ(second["note"].size(), 2U);
    const std::string id(second["id"].text());
    world.expect(200, "GET", "/troubleTicket/" + id, token);
    const auto all = world.expect(200, "GET", "/troubleTicket", token);
    ASSERT_GE(all.root().size(), 2U);
    for (std::size_t i = 0; i < all.root().size(); ++i) {
      for (const char* name : {"description", "severity", "ticketType", "id", "href"}) {
        EXPECT_TRUE(all.root().at(i)[name].is_text()) << name;
      }
    }
    for (const auto& [name, value] :
         {std::pair{"severity", "High"}, {"ticketType", "connectivity"}}) {
      const auto some =
          world.expect(200, "GET", "/troubleTicket?" + std::string(name) + "=" + value, token);
      ASSERT_EQ(some.root().size(), static_cast<std::size_t>(run) + 1) << name;
      EXPECT_EQ(some.root().at(0)[name].text(), value);
    }
    for (const auto& [fields, names] :
         {std::pair{"description", std::set<std::string>{"description"}},
          std::pair{"severity,status", std::set<std::string>{"severity", "status"}}}) {
      const auto some =
          world.expect(200, "GET", "/troubleTicket/" + id + "?fields=" + fields, token);
      EXPECT_EQ(names_of(some.root()), names);
    }
  }
  world.expect(404, "GET", "/troubleTicket/46846846846", token);
  world.expect(400, "POST", "/troubleTicket", token, R"({"description":"x","severity":"High"})");
  world.expect(
      400, "POST", "/troubleTicket/", token,
      R"({"description":"x","severity":"High","ticketType":"device","note":{"text":"x"}})");
}

TEST(Tmf621KitsTest, AKitOfTheGenerationOfV4HoldsAsItIs) {
  tmf::Settings settings;
  settings.replace_arrays = true;
  World world(settings);
  const std::string token = "alfa-itsm";
  const auto made = world.expect(
      201, "POST", "/troubleTicket", token,
      R"({"description":"A line is down & out","severity":"Major","ticketType":"Connectivity"})");
  const std::string id(made["id"].text());
  for (const char* name : {"description", "severity", "ticketType", "id", "href"}) {
    EXPECT_FALSE(made[name].text().empty()) << name;
  }
  for (const std::string& path : {std::string("/troubleTicket"), "/troubleTicket/" + id}) {
    const auto got = world.expect(200, "GET", path, token);
    const json::View one = got.root().is_array() ? got.root().at(0) : got.root();
    for (const char* name : kMandatory) EXPECT_FALSE(one[name].text().empty()) << path << name;
  }
  for (const std::string name : kMandatory) {
    const auto list = world.expect(200, "GET", "/troubleTicket?fields=" + name, token);
    ASSERT_GT(list.root().size(), 0U);
    EXPECT_EQ(names_of(list.root().at(0)), (std::set<std::string>{"id", "href", name}));
  }
  for (const auto& [name, value] :
       {std::pair{"description", std::string("A%20line%20is+down%20%26%20out")},
        {"severity", std::string("Major")},
        {"ticketType", std::string("Connectivity")},
        {"id", id}}) {
    const auto list =
        world.expect(200, "GET", "/troubleTicket?" + std::string(name) + "=" + value, token);
    ASSERT_EQ(list.root().size(), 1U) << name;
    EXPECT_EQ(list.root().at(0)["id"].text(), id);
  }
  const std::map<std::string, std::string> patches = {
      {"description", R"("Worded anew")"},
      {"severity", R"("Critical")"},
      {"ticketType", R"("Billing")"},
      {"name", R"("A title")"},
      {"priority", R"("High")"},
      {"statusChangeReason", R"("because")"},
      {"externalId", R"("T-1")"},
      {"expectedResolutionDate", R"("2026-12-01T08:00:00.000Z")"},
      {"requestedResolutionDate", R"("2026-12-02T08:00:00.000Z")"},
      {"resolutionDate", R"("2026-12-03T08:00:00.000Z")"},
      {"channel", R"({"id":"3","name":"Self care"})"},
      {"relatedEntity", R"([{"id":"p1","role":"product","@referredType":"Product"}])"},
      {"relatedParty", R"([{"id":"9","role":"reporter","@referredType":"Individual"}])"},
      {"troubleTicketRelationship", R"([{"id":"7","relationshipType":"dependent"}])"},
      {"@type", R"("MyTicket")"},
      {"@schemaLocation", R"("https://alfa.example/ticket.json")"}};
  for (const auto& [name, value] : patches) {
    world.expect(200, "PATCH", "/troubleTicket/" + id, token, "{\"" + name + "\":" + value + "}");
    const auto now = world.expect(200, "GET", "/troubleTicket/" + id, token);
    const auto wanted = json::parse(value);
    EXPECT_EQ(now[name].dump(), wanted->root().dump()) << name;
  }
  // The array is replaced in the client's view; of what it cannot set, the server keeps its own.
  world.expect(200, "PATCH", "/troubleTicket/" + id, token, R"({"note":[{"text":"a"}]})");
  const auto noted =
      world.expect(200, "PATCH", "/troubleTicket/" + id, token, R"({"note":[{"text":"b"}]})");
  ASSERT_EQ(noted["note"].size(), 1U);
  EXPECT_EQ(noted["note"].at(0)["text"].text(), "b");
  world.expect(404, "GET", "/troubleTicket/5b2d3a1c-0000-4000-8000-000000000000", token);
}

TEST(Tmf621KitsTest, TheServerSendsWhatTheRunnersOf2016LookFor) {
  World world;
  const Answer made = world.send(201, "POST", "/troubleTicket", "alfa-itsm",
                                 R"({"description":"d","severity":"s","ticketType":"t"})");
  EXPECT_EQ(made.header("location"), made.json()["href"].text());
  const auto followed = world.hub.send("GET", made.header("location"), "alfa-itsm");
  EXPECT_EQ(followed->status, 200);
  const auto chosen = world.expect(
      200, "GET", "/troubleTicket/" + std::string(made.json()["id"].text()) + "?fields=description",
      "alfa-itsm");
  EXPECT_TRUE(chosen["id"].is_text());
}

}  // namespace
}  // namespace ombud::http::test
