// A link that does not work as it should says so over the API, each time with what to do next.
#include "desk/link_health.hpp"
#include "hub.hpp"

namespace ombud::http::test {
namespace {

class LinkTroubles : public HubTest {
 protected:
  std::vector<json::Document> told() {
    std::vector<json::Document> all;
    const auto link = hub_.expect(200, "GET", "/api/v1/links/nordprint", "olof");
    for (std::size_t i = 0; i < link["troubles"].size(); ++i) {
      all.push_back(json::parse(link["troubles"].at(i).dump()).value());
    }
    return all;
  }
};

TEST_F(LinkTroubles, AFaultIsThereUntilItWorksAgain) {
  EXPECT_TRUE(told().empty());
  for (int i = 0; i < 3; ++i) {
    hub_.run([](Tx& tx) {
      note_trouble(tx, desk::trouble_with("nordprint", "poll", "auth", "It shows a login page."));
    });
  }
  const auto all = told();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0]["message"].text(), "It shows a login page.");
  EXPECT_EQ(all[0]["times"].integer(), 3);
  EXPECT_NE(all[0]["next_step"].text().find("ombud supplier resume nordprint"), std::string::npos);
  hub_.run([](Tx& tx) { end_trouble(tx, "nordprint", "poll"); });
  EXPECT_TRUE(told().empty());
}

TEST_F(LinkTroubles, ACertificateThatEndsSoonIsAWarningAndOneThatEndedIsMore) {
  hub_.links.certificate_until = hub_.clock.now() + Millis{5LL * 86'400'000 + 60'000};
  auto all = told();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0]["about"].text(), "certificate");
  EXPECT_EQ(all[0]["status"].text(), "warning");
  EXPECT_NE(all[0]["message"].text().find("in 5 days"), std::string::npos);
  EXPECT_NE(all[0]["next_step"].text().find("Ask the supplier to renew it"), std::string::npos);
  hub_.links.certificate_until = hub_.clock.now() - Millis{86'400'000};
  EXPECT_EQ(told().at(0)["status"].text(), "expired");
  hub_.links.certificate_until = hub_.clock.now() + Millis{60LL * 86'400'000};
  EXPECT_TRUE(told().empty());
}

TEST_F(LinkTroubles, AClockThatIsADayOffIsShown) {
  hub_.links.clock_ahead = Millis{-26LL * 3'600'000};
  const auto all = told();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0]["about"].text(), "clock");
  EXPECT_NE(all[0]["message"].text().find("26 hours behind ours"), std::string::npos);
  EXPECT_NE(all[0]["next_step"].text().find("No change is lost"), std::string::npos);
  hub_.links.clock_ahead = Millis{20'000};
  EXPECT_TRUE(told().empty()) << "so long may an answer be on its way";
}

TEST_F(LinkTroubles, WhoWorksForOneCustomerReadsNothingThatTheSupplierSaid) {
  hub_.run([](Tx& tx) {
    note_trouble(tx, desk::trouble_with("nordprint", "write", "permanent",
                                        "It refused: \"Erik Ek at Alfa has left\"."));
    note_trouble(tx, desk::unmapped_status("nordprint", "rest", "Nordprint AB", "Väntar på Erik"));
    set_link_state(tx, "nordprint", "auth",
                   "The supplier refused the credentials: Erik Ek is locked");
  });
  hub_.links.clock_ahead = Millis{-26LL * 3'600'000};
  for (const char* address : {"/api/v1/links", "/api/v1/links/nordprint"}) {
    const auto whole = hub_.send("GET", address, "anna");
    EXPECT_NE(whole->body.find("Alfa has left"), std::string::npos) << address;
    const auto limited = hub_.send("GET", address, "bea");
    ASSERT_EQ(limited->status, 200);
    EXPECT_EQ(limited->body.find("Erik"), std::string::npos) << limited->body;
  }
  const auto link = hub_.expect(200, "GET", "/api/v1/links/nordprint", "bea");
  ASSERT_EQ(link["troubles"].size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    const json::View trouble = link["troubles"].at(i);
    EXPECT_FALSE(trouble["status"].text().empty());
    EXPECT_FALSE(trouble["next_step"].text().empty());
    // The hub's own finding quotes nobody.
    EXPECT_EQ(trouble["message"].text().empty(), trouble["about"].text() != "clock");
  }
  const auto openapi = hub_.expect(200, "GET", "/api/v1/openapi.json", "bea");
  const json::View required = openapi["components"]["schemas"]["LinkTrouble"]["required"];
  ASSERT_GT(required.size(), 0U);
  for (std::size_t i = 0; i < required.size(); ++i) EXPECT_NE(required.at(i).text(), "message");
}

}  // namespace
}  // namespace ombud::http::test
