// Subscriptions and what they are told: to whom, what, in which order, and what never.
#include "http/tmf621/events.hpp"
#include "http/tmf621/subscriptions.hpp"
#include "store/systems.hpp"
#include "world.hpp"

namespace ombud::http::test {
namespace {

// Newest first.
std::vector<Delivery> to_subscribers(Tx& tx) {
  DeliveryFilter filter;
  filter.link = "subscribers";
  return list_deliveries(tx, filter, {}, 1000);
}

class Tmf621EventsTest : public ::testing::Test {
 protected:
  explicit Tmf621EventsTest(std::string version = "v4") : world_({}, std::move(version)) {
    world_.hub.run([](Tx& tx) {
      auto links = list_links(tx);
      links.push_back({"subscribers",
                       "subscribers",
                       "Subscribers",
                       "subscriber",
                       true,
                       "open",
                       "",
                       {},
                       "",
                       {}});
      sync_links(tx, links);
      put_callback_origins(tx, {"https://itsm.alfa.example:443", "https://desk.nord.example:443"});
    });
  }
  std::string subscribed(const std::string& token, const std::string& query = "",
                         const std::string& callback = "https://itsm.alfa.example/tickets") {
    const auto made = world_.expect(201, "POST", "/hub", token, body(callback, query));
    return std::string(made["id"].text());
  }
  virtual std::string body(const std::string& callback, const std::string& query) {
    return R"({"callback":")" + callback + R"(","query":")" + query + "\"}";
  }
  // Tells everything and takes it: the documents on their way to subscribers, oldest first.
  std::vector<json::Document> told() {
    std::vector<json::Document> all;
    world_.hub.run([&](Tx& tx) {
      while (tmf::publish_some(tx, settings_)) {
      }
      auto deliveries = to_subscribers(tx);
      std::reverse(deliveries.begin(), deliveries.end());
      for (std::size_t i = seen_; i < deliveries.size(); ++i) {
        auto document = json::parse(deliveries[i].body);
        all.push_back(std::move(*document));
      }
      seen_ = deliveries.size();
    });
    return all;
  }
  static std::vector<std::string> types_of(const std::vector<json::Document>& documents) {
    std::vector<std::string> types;
    for (const auto& document : documents) types.emplace_back(document["type"].text());
    return types;
  }
  void check(const std::vector<json::Document>& documents, std::string_view text) {
    const tmf::Contract contract(text);
    for (const auto& document : documents) {
      const json::View event = document["event"];
      EXPECT_EQ(event["eventType"].text(), document["type"].text());
      EXPECT_EQ(event["eventId"].text(), document["id"].text());
      for (const auto& mistake : contract.mistakes(document["type"].text(), event, true)) {
        ADD_FAILURE() << mistake.pointer << " " << mistake.detail << event.dump();
      }
      const json::View known = contract.schema(document["type"].text())["properties"];
      for (const std::string& name : names_of(event)) EXPECT_TRUE(known[name].present()) << name;
    }
  }
  void desk_says(const std::string& id, const std::string& text, const char* visibility = "user") {
    world_.hub.expect(201, "POST", "/api/v1/tickets/" + id + "/messages", "anna",
                      R"({"text":")" + text + R"(","visibility":")" + visibility + "\"}");
  }

  World world_;
  tmf::Settings settings_;
  std::size_t seen_ = 0;
};

using Types = std::vector<std::string>;

TEST_F(Tmf621EventsTest, ASubscriptionIsItsOwnersAloneAndEndsOnce) {
  const std::string id = subscribed("alfa-itsm", "eventType=TroubleTicketCreateEvent");
  world_.expect(409, "POST", "/hub", "alfa-itsm",
                body("https://itsm.alfa.example/tickets", "eventType=TroubleTicketCreateEvent"));
  subscribed("alfa-portal", "eventType=TroubleTicketCreateEvent");
  world_.expect(404, "DELETE", "/hub/" + id, "alfa-portal");
  world_.expect(404, "DELETE", "/hub/" + id, "beta-itsm");
  EXPECT_EQ(world_.send(405, "GET", "/hub/" + id, "alfa-itsm").header("allow"), "DELETE, OPTIONS");
  world_.send(405, "GET", "/hub", "alfa-itsm");
  world_.expect(204, "DELETE", "/hub/" + id, "alfa-itsm");
  world_.expect(404, "DELETE", "/hub/" + id, "alfa-itsm");
}

TEST_F(Tmf621EventsTest, OnlyAllowedPlacesAndKnownEventsAreTaken) {
  for (const char* callback :
       {"https://evil.example/x", "http://itsm.alfa.example/x", "https://itsm.alfa.example:8443/x",
        "https://itsm.alfa.example@evil.example/", "https://itsm.alfa.example\\\\@evil.example/",
        "ftp://itsm.alfa.example/", "itsm.alfa.example", "", "https://", "http://127.0.0.1/",
        "https://itsm.alfa.example.evil.example/", "https://itsm.alfa.example/#x"}) {
    const auto refused = world_.expect(400, "POST", "/hub", "alfa-itsm", body(callback, ""));
    EXPECT_NE(refused["message"].text().find("callback"), std::string_view::npos) << callback;
  }
  for (const char* query : {"eventType=Nonsense", "id=3", "eventType", "eventType=%ff"}) {
    world_.expect(400, "POST", "/hub", "alfa-itsm", body("https://itsm.alfa.example/x", query));
  }
  subscribed("alfa-itsm",
             "eventType=TroubleTicketCreateEvent,TroubleTicketDeleteEvent&eventType="
             "TroubleTicketResolvedEvent",
             "https://ITSM.alfa.example/x");
  world_.hub.run([](Tx& tx) {
    auto links = list_links(tx);
    std::erase_if(links, [](const Link& link) { return link.id == "subscribers"; });
    sync_links(tx, links);
  });
  world_.expect(403, "POST", "/hub", "alfa-itsm", body("https://itsm.alfa.example/y", ""));
}

TEST_F(Tmf621EventsTest, EveryEventIsToldOnceInOrderAndAsTheContractSays) {
  subscribed("alfa-itsm");
  const std::string id = world_.created(R"(,"externalId":"X")", "alfa-portal");
  EXPECT_EQ(types_of(told()), Types{"TroubleTicketCreateEvent"}) << "one commit is one event";
  desk_says(id, "We look at it.");
  const auto answered = told();
  EXPECT_EQ(types_of(answered),
            (Types{"TroubleTicketAttributeValueChangeEvent", "TroubleTicketStatusChangeEvent"}));
  check(answered, tmf::kV4Text);
  EXPECT_EQ(answered[0]["event"]["fieldPath"].text(), "note");
  EXPECT_TRUE(answered[0]["event"]["timeOcurred"].is_text()) << "v4 spells it so";
  EXPECT_EQ(answered[1]["event"]["event"]["troubleTicket"]["status"].text(), "inProgress");
  EXPECT_EQ(answered[1]["callback"].text(), "https://itsm.alfa.example/tickets");
  world_.hub.run([&](Tx& tx) {
    append(tx, ticket_of_reference(id), event::StatusChanged{TicketStatus::waiting_user, ""});
  });
  const auto asked = told();
  EXPECT_EQ(types_of(asked),
            (Types{"TroubleTicketStatusChangeEvent", "TroubleTicketInformationRequiredEvent"}));
  check(asked, tmf::kV4Text);
  world_.hub.expect(200, "POST", "/api/v1/tickets/" + id + "/resolve", "anna", "{}");
  const auto solved = told();
  EXPECT_EQ(types_of(solved),
            (Types{"TroubleTicketStatusChangeEvent", "TroubleTicketResolvedEvent"}));
  check(solved, tmf::kV4Text);
  EXPECT_TRUE(told().empty()) << "nothing is told twice";
  std::set<std::string> ids;
  world_.hub.run([&](Tx& tx) {
    for (const Delivery& d : to_subscribers(tx)) {
      const auto document = json::parse(d.body);
      EXPECT_TRUE(ids.emplace((*document)["id"].text()).second) << "each has an id of its own";
      EXPECT_EQ(reference_of(d.lane.ticket), id);
    }
  });
  EXPECT_EQ(ids.size(), 7U);
}

TEST_F(Tmf621EventsTest, WhatIsNotSeenIsNotToldEither) {
  subscribed("alfa-itsm");
  subscribed("beta-itsm");
  subscribed("erik");
  subscribed("nord-itsm", "", "https://desk.nord.example/tickets");
  subscribed("sud-itsm", "", "https://desk.nord.example/tickets");
  const std::string id = world_.created("", "alfa-portal");
  EXPECT_EQ(told().size(), 1U) << "alfa-itsm alone: neither beta, nor erik whose it is not";
  desk_says(id, "Han ringer ofta.", "internal");
  world_.hub.expect(200, "POST", "/api/v1/tickets/" + id + "/assign", "anna",
                    R"({"agent":"anna"})");
  EXPECT_TRUE(told().empty()) << "internal";
  const std::string copy = world_.delegated(id);
  const auto handed = told();
  ASSERT_EQ(handed.size(), 2U);
  for (const auto& document : handed) {
    const bool supplier = document["callback"].text() == "https://desk.nord.example/tickets";
    EXPECT_EQ(document["type"].text(),
              supplier ? "TroubleTicketCreateEvent" : "TroubleTicketStatusChangeEvent");
    EXPECT_EQ(document["event"]["event"]["troubleTicket"]["id"].text(), supplier ? copy : id);
    EXPECT_EQ(document.root().dump().find("Nordprint"), std::string::npos);
    if (supplier) {
      EXPECT_EQ(document.root().dump().find("eats paper"), std::string::npos);
    }
  }
  // The supplier's own word reaches the desk alone; the desk's answer to it the supplier alone.
  world_.expect(200, "PATCH", "/troubleTicket/" + copy, "nord-itsm",
                R"({"status":"pending","note":[{"text":"Which tray?"}]})");
  EXPECT_TRUE(told().empty()) << "who said it knows it, and nobody else hears it";
  const std::string number = copy.substr(copy.rfind('-') + 1);
  world_.hub.expect(201, "POST", "/api/v1/delegations/" + number + "/messages", "anna",
                    R"({"text":"Tray two."})");
  const auto answer = told();
  EXPECT_EQ(types_of(answer),
            (Types{"TroubleTicketAttributeValueChangeEvent", "TroubleTicketStatusChangeEvent"}));
  for (const auto& document : answer) {
    EXPECT_EQ(document["callback"].text(), "https://desk.nord.example/tickets");
  }
}

TEST_F(Tmf621EventsTest, ASubscriberIsNotToldWhatItDidItself) {
  subscribed("alfa-itsm");
  const std::string id = world_.created();
  world_.expect(200, "PATCH", "/troubleTicket/" + id, "alfa-itsm", R"({"note":[{"text":"x"}]})");
  EXPECT_TRUE(told().empty());
}

TEST_F(Tmf621EventsTest, AQueryChoosesAndTheAddressMayNameTheEvent) {
  settings_.append_listener = true;
  subscribed("alfa-itsm", "eventType=TroubleTicketResolvedEvent", "https://itsm.alfa.example/t/");
  const std::string id = world_.created("", "alfa-portal");
  world_.hub.expect(200, "POST", "/api/v1/tickets/" + id + "/resolve", "anna", R"({"text":"x"})");
  const auto all = told();
  ASSERT_EQ(types_of(all), Types{"TroubleTicketResolvedEvent"});
  EXPECT_EQ(all[0]["callback"].text(),
            "https://itsm.alfa.example/t/listener/troubleTicketResolvedEvent");
}

TEST_F(Tmf621EventsTest, WhoHasNoTokenAnyMoreIsToldNothing) {
  subscribed("alfa-itsm");
  world_.hub.expect(204, "DELETE", "/api/v1/tokens/alfa-itsm", "ada");
  world_.created("", "alfa-portal");
  EXPECT_TRUE(told().empty());
}

TEST_F(Tmf621EventsTest, WhatWasNotToldIsTakenBackWithTheSubscription) {
  const std::string id = subscribed("alfa-itsm");
  world_.created("", "alfa-portal");
  told();
  world_.expect(204, "DELETE", "/hub/" + id, "alfa-itsm");
  world_.hub.run([](Tx& tx) { EXPECT_EQ(to_subscribers(tx).front().state, "cancelled"); });
}

TEST_F(Tmf621EventsTest, ASubscriptionHearsOfWhatComesAfterIt) {
  const std::string old = world_.created("", "alfa-portal");
  subscribed("alfa-itsm");
  EXPECT_TRUE(told().empty());
  desk_says(old, "Now");
  EXPECT_EQ(types_of(told()),
            (Types{"TroubleTicketAttributeValueChangeEvent", "TroubleTicketStatusChangeEvent"}));
}

class Tmf621EventsV5Test : public Tmf621EventsTest {
 protected:
  Tmf621EventsV5Test() : Tmf621EventsTest("v5") {}
  std::string body(const std::string& callback, const std::string& query) override {
    return R"({"@type":"Hub","callback":")" + callback + R"(","query":")" + query + "\"}";
  }
};

TEST_F(Tmf621EventsV5Test, V5SpellsItRightAndNamesTheTicketAlways) {
  const std::string id = subscribed("alfa-itsm");
  world_.expect(200, "GET", "/hub/" + id, "alfa-itsm");
  world_.expect(400, "POST", "/hub", "alfa-itsm", R"({"callback":"https://itsm.alfa.example/z"})");
  const std::string ticket = world_.created("", "alfa-portal");
  desk_says(ticket, "Hello");
  const auto all = told();
  check(all, tmf::kV5Text);
  ASSERT_EQ(all.size(), 3U);
  for (const auto& document : all) {
    EXPECT_TRUE(document["event"]["timeOccurred"].is_text());
    EXPECT_EQ(document["event"]["id"].text(), ticket);
    EXPECT_EQ(document["event"]["event"]["troubleTicket"]["note"].at(0)["@type"].text(
                  document["type"].text() == "TroubleTicketCreateEvent" ? "" : "none"),
              document["type"].text() == "TroubleTicketCreateEvent" ? "" : "Note");
  }
}

}  // namespace
}  // namespace ombud::http::test
