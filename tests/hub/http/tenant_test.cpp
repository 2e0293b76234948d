// What belongs to one customer does not exist for another: not by status, not by wording.
#include <map>

#include "desk/supplier_notices.hpp"
#include "hub.hpp"

namespace ombud::http::test {
namespace {

// The body with its request id cut out: the only thing that may differ.
std::string without_instance(const Answer& answer) {
  std::string body = answer.body;
  const std::string id = answer.header("x-request-id");
  if (const std::size_t at = body.find(id); at != std::string::npos) body.erase(at, id.size());
  return body;
}

class TenantTest : public HubTest {
 protected:
  TenantTest() {
    ticket_ = hub_.new_ticket();
    delegation_ = std::to_string(hub_.delegate(ticket_));
    const auto attachment =
        hub_.send("POST", "/api/v1/tickets/" + ticket_ + "/attachments?name=a.txt", "erik", "hello",
                  {{"Content-Type", "text/plain"}});
    attachment_ = std::to_string(attachment->json()["id"].integer());
    const auto deliveries = hub_.expect(200, "GET", "/api/v1/deliveries?link=nordprint", "olof");
    delivery_ = std::to_string(deliveries["items"].at(0)["id"].integer());
    hub_.run([](Tx& tx) {
      const auto outage = json::parse(R"({"remote_id":"CHG-1","kind":"outage","title":"Nere"})");
      desk::take_announcement(tx, "nordprint", outage->root()).value();
    });
    const auto notices = hub_.expect(200, "GET", "/api/v1/notices", "anna");
    notice_ = std::to_string(notices["items"].at(0)["id"].integer());
    hub_.expect(200, "POST", "/api/v1/notices/" + notice_ + "/publish", "anna", "{}");
    const auto article = hub_.expect(201, "POST", "/api/v1/articles", "anna",
                                     R"({"title":"Till alfa","text":"b","customers":["alfa"]})");
    article_ = std::to_string(article["id"].integer());
    hub_.expect(200, "POST", "/api/v1/articles/" + article_ + "/publish", "anna", "{}");
  }
  std::string ticket_, delegation_, attachment_, delivery_, notice_, article_;
};

TEST_F(TenantTest, AnotherTenantsIdsAnswerExactlyLikeMissingOnes) {
  const std::map<std::string, std::pair<std::string, std::string>> ids = {
      {"{ticket}", {ticket_, "987654"}},
      {"{delegation}", {delegation_, "987654"}},
      {"{attachment}", {attachment_, "987654"}},
      {"{delivery}", {delivery_, "987654"}},
      {"{notice}", {notice_, "987654"}},
      {"{article}", {article_, "987654"}},
      {"{person}", {std::to_string(hub_.erik), "987654"}},
      {"{agreement}", {std::to_string(hub_.agreement), "987654"}},
      {"{customer}", {"alfa", "missing"}}};
  const std::map<std::string_view, std::string> bodies = {
      {"add_message", R"({"text":"x"})"},
      {"change_ticket", R"({"priority":"high"})"},
      {"assign_ticket", R"({"team":"desk"})"},
      {"delegate_ticket", R"({"link":"nordprint","service":"printing"})"},
      {"preview_delegation", R"({"link":"nordprint","service":"printing"})"},
      {"reject_delegation", R"({"reason":"x"})"},
      {"write_to_supplier", R"({"text":"x"})"},
      {"put_customer", R"({"name":"x"})"},
      {"rewrite_article", R"({"title":"x","text":"y","customers":["beta"]})"},
      {"rate_article", R"({"helpful":true})"},
      {"replace_agreement", R"({"customer":"alfa","link":"nordprint","services":["printing"]})"}};
  int hidden = 0;
  for (const auto& route : hub_.app->router().routes()) {
    for (const auto& [name, values] : ids) {
      const std::size_t at = route->path.find(name);
      if (at == std::string_view::npos) continue;
      std::string there(route->path), missing(route->path);
      there.replace(at, name.size(), values.first);
      missing.replace(at, name.size(), values.second);
      if (route->id == "add_attachment") {
        there += "?name=x";
        missing += "?name=x";
      }
      const auto body = bodies.find(route->id);
      const std::string text = body != bodies.end()     ? body->second
                               : route->body != nullptr ? std::string("{}")
                                                        : std::string();
      const std::string method(to_text(route->method));
      for (const char* token : {"otto", "bea"}) {
        const auto first = hub_.send(method, there, token, text);
        const auto second = hub_.send(method, missing, token, text);
        ASSERT_TRUE(first && second) << route->id;
        EXPECT_EQ(first->status, second->status) << route->id << " " << token;
        EXPECT_EQ(without_instance(*first), without_instance(*second)) << route->id << " " << token;
        EXPECT_TRUE(first->status == 404 || first->status == 403)
            << route->id << " " << first->body;
        EXPECT_EQ(first->body.find("alfa"), std::string::npos) << first->body;
        hidden += first->status == 404 ? 1 : 0;
      }
    }
  }
  EXPECT_GE(hidden, 25) << "most are hidden, not forbidden";
}

TEST_F(TenantTest, ListsHoldNothingOfAnotherTenant) {
  for (const char* list :
       {"/api/v1/tickets", "/api/v1/tickets?q=Skrivare", "/api/v1/tickets?customer=alfa",
        "/api/v1/deliveries", "/api/v1/notices", "/api/v1/articles", "/api/v1/articles?q=alfa",
        "/api/v1/customers", "/api/v1/people", "/api/v1/people?customer=alfa",
        "/api/v1/people?email=erik@alfa.example", "/api/v1/agreements"}) {
    const auto all = hub_.send("GET", list, "bea");
    ASSERT_TRUE(all);
    EXPECT_EQ(all->status, 200) << list;
    EXPECT_EQ(all->body.find("alfa"), std::string::npos) << list << all->body;
    const auto full = hub_.send("GET", list, "anna");
    ASSERT_TRUE(full);
    EXPECT_NE(full->body.find("alfa"), std::string::npos) << list << ": nothing to hide";
  }
}

TEST_F(TenantTest, AColleaguesTicketAndInternalWordsAreHiddenFromAUser) {
  hub_.expect(404, "GET", "/api/v1/tickets/" + ticket_, "maja");
  hub_.expect(404, "GET", "/api/v1/attachments/" + attachment_, "maja");
  hub_.expect(201, "POST", "/api/v1/tickets/" + ticket_ + "/messages", "anna",
              R"({"text":"Han ringer ofta.","visibility":"internal"})");
  const auto secret =
      hub_.send("POST", "/api/v1/tickets/" + ticket_ + "/attachments?name=log.txt&internal=true",
                "anna", "secret", {{"Content-Type", "text/plain"}});
  ASSERT_EQ(secret->status, 201) << secret->body;
  const std::string hidden = std::to_string(secret->json()["id"].integer());
  hub_.expect(404, "GET", "/api/v1/attachments/" + hidden, "erik");
  const auto seen = hub_.send("GET", "/api/v1/tickets/" + ticket_, "erik");
  EXPECT_EQ(seen->body.find("Han ringer ofta"), std::string::npos);
  EXPECT_EQ(seen->body.find("log.txt"), std::string::npos);
  EXPECT_EQ(seen->json()["delegations"].size(), 0U);
  hub_.expect(403, "POST", "/api/v1/tickets/" + ticket_ + "/messages", "erik",
              R"({"text":"x","visibility":"internal"})");
  hub_.expect(403, "GET", "/api/v1/tickets/" + ticket_ + "/events", "erik");
}

}  // namespace
}  // namespace ombud::http::test
