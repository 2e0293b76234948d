// What belongs to one customer does not exist for another: not by status, not by wording.
#include <map>
#include <set>

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
    token_ =
        hub_.expect(201, "POST", "/api/v1/account/tokens", "@erik",
                    std::string(R"({"name":"x","password":")") + Hub::kPassword + R"("})")["id"]
            .text();
    mail_ = hub_.new_mail(ticket_);
  }
  Hub::NewMail mail_;
  std::string ticket_, delegation_, attachment_, delivery_, notice_, article_, token_;
};

// A body that gets as far as the question whose it is.
std::string body_for(const Route& route) {
  static const std::map<std::string_view, std::string> bodies = {
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
      {"tmf_v5_patch", R"({"@type":"TroubleTicket"})"},
      {"add_participant", R"({"email":"maja@alfa.example"})"},
      {"rate_ticket", R"({"score":5})"},
      {"read_ticket_until", R"({"version":1})"},
      {"escalate_ticket", R"({"team":"desk","reason":"x"})"},
      {"merge_ticket", R"({"into":1})"},
      {"split_ticket", R"({"messages":[1],"subject":"x"})"},
      {"relate_ticket", R"({"kind":"related","ticket":1})"},
      {"undo_event", R"({"event":1})"},
      {"decide_order", R"({"decision":"approve"})"},
      {"waive_approval", R"({"reason":"x"})"},
      {"change_person", R"({"approver":true})"},
      {"name_delegate", R"({"email":"maja@alfa.example","until":"2099-01-01T00:00:00Z"})"},
      {"undo_events", R"({"events":[1]})"},
      {"replace_agreement", R"({"customer":"alfa","link":"nordprint","services":["printing"]})"}};
  const auto body = bodies.find(route.id);
  if (body != bodies.end()) return body->second;
  return route.body != nullptr || !route.raw_body.empty() ? "{}" : "";
}

std::string replaced(std::string path, std::string_view name, const std::string& value) {
  if (const std::size_t at = path.find(name); at != std::string::npos) {
    path.replace(at, name.size(), value);
  }
  return path;
}

// With an id that was never given out in every place.
std::string absent_path(const Route& route) {
  std::string path(route.path);
  for (std::size_t open = path.find('{'); open != std::string::npos; open = path.find('{')) {
    path.replace(open, path.find('}') - open + 1, "987654");
  }
  return route.id == "add_attachment" ? path + "?name=x" : path;
}

TEST_F(TenantTest, AnotherTenantsIdsAnswerExactlyLikeMissingOnes) {
  const std::string missing = "987654";
  const std::map<std::string, std::string> ids = {
      {"{ticket}", ticket_},
      {"{delegation}", delegation_},
      {"{attachment}", attachment_},
      {"{delivery}", delivery_},
      {"{notice}", notice_},
      {"{article}", article_},
      {"{person}", std::to_string(hub_.erik)},
      {"{agreement}", std::to_string(hub_.agreement)},
      {"{customer}", "alfa"},
      {"{account}", std::to_string(hub_.accounts["erik"])},
      {"{session}", hub_.sessions["erik"]},
      {"{token}", token_},
      {"{mail}", mail_.mail},
      {"{message}", mail_.message},
      {"{other}", ticket_},
      {"{id}", ticket_}};  // of TMF621
  // Not any customer's: the provider's own directory, and links, which serve all.
  const std::set<std::string> shared = {"{team}",    "{agent}",    "{service}", "{link}",
                                        "{run}",     "{template}", "{letter}",  "{view}",
                                        "{version}", "{provider}"};
  int hidden = 0;
  for (const auto& route : hub_.app->router().routes()) {
    std::string_view rest = route->path;
    for (std::size_t open = rest.find('{'); open != std::string_view::npos; open = rest.find('{')) {
      const std::string name(rest.substr(open, rest.find('}') - open + 1));
      rest.remove_prefix(open + name.size());
      if (shared.contains(name)) continue;
      const auto theirs = ids.find(name);
      ASSERT_NE(theirs, ids.end()) << route->id << ": teach this test an id of alfa's for " << name
                                   << ", or say that it is nobody's";
      const auto with = [&](const std::string& id) {
        std::string path = replaced(std::string(route->path), name, id);
        for (const auto& [other, value] : ids) path = replaced(path, other, missing);
        for (const std::string& other : shared) path = replaced(path, other, missing);
        return route->id == "add_attachment" ? path + "?name=x" : path;
      };
      const std::string method(to_text(route->method)), body = body_for(*route);
      // Beta's user and manager, by token and session; an agent for beta alone; its own system; a
      // supplier that has no part in it.
      for (const char* caller :
           {"otto", "@otto", "@mats", "bea", "@bea", "beta-itsm", "sud-itsm"}) {
        const auto first = hub_.send(method, with(theirs->second), caller, body);
        const auto second = hub_.send(method, with(missing), caller, body);
        ASSERT_TRUE(first && second) << route->id;
        EXPECT_EQ(first->status, second->status) << route->id << " " << caller;
        EXPECT_EQ(without_instance(*first), without_instance(*second))
            << route->id << " " << caller;
        if (route->needs != Permission::anyone) {
          EXPECT_TRUE(first->status == 404 || first->status == 403)
              << route->id << " " << caller << " " << first->status << first->body;
        }
        EXPECT_EQ(first->body.find("alfa"), std::string::npos) << first->body;
        hidden += first->status == 404 ? 1 : 0;
      }
    }
  }
  EXPECT_GE(hidden, 100) << "most are hidden, not forbidden";
}

// What the table says, the doors do: every route, every role, also those that were added since.
TEST_F(TenantTest, EveryRouteLetsInExactlyTheRolesOfItsPermission) {
  const std::map<Role, std::string> callers = {
      {Role::user, "@erik"},  {Role::approver, "@asta"},     {Role::manager, "@mona"},
      {Role::agent, "@anna"}, {Role::lead, "@lena"},         {Role::operator_, "@olof"},
      {Role::admin, "@ada"},  {Role::customer, "alfa-itsm"}, {Role::supplier, "nord-itsm"}};
  for (const Role role : kRoles) ASSERT_TRUE(callers.contains(role)) << to_text(role);
  int let_in = 0, kept_out = 0;
  for (const auto& route : hub_.app->router().routes()) {
    const std::string method(to_text(route->method)), path = absent_path(*route);
    const std::string body = body_for(*route);
    const auto refused = [](const Answer& answer) {
      return answer.status == 403 &&
             answer.body.find("Your role does not allow this.") != std::string::npos;
    };
    const auto nobody = hub_.send(method, path, "", body);
    ASSERT_TRUE(nobody) << route->id;
    if (route->needs == Permission::anyone) {
      EXPECT_FALSE(refused(*nobody)) << route->id;
      continue;
    }
    EXPECT_EQ(nobody->status, 401) << route->id << " lets in whoever comes";
    const PermissionRow& row = row_of(route->needs);
    for (const auto& [role, caller] : callers) {
      const auto answer = hub_.send(method, path, caller, body);
      ASSERT_TRUE(answer) << route->id;
      EXPECT_EQ(!refused(*answer), row.has(role))
          << route->id << " (" << row.name << ") for " << to_text(role) << ": " << answer->status;
      EXPECT_NE(answer->status, 401) << route->id << " " << caller << answer->body;
      EXPECT_LT(answer->status, 500) << route->id << " " << caller << answer->body;
      ++(row.has(role) ? let_in : kept_out);
    }
    // Whoever serves one customer alone is kept from what concerns all.
    const auto limited = hub_.send(method, path, "@bea", body);
    ASSERT_TRUE(limited) << route->id;
    EXPECT_EQ(!refused(*limited), row.has(Role::agent) && !row.all_customers) << route->id;
  }
  EXPECT_GT(let_in, 300);
  EXPECT_GT(kept_out, 200);
}

TEST_F(TenantTest, AManagerSeesTheWholeOrganisationAndNothingOfTheDesk) {
  const std::string path = "/api/v1/tickets/" + ticket_;
  hub_.expect(404, "GET", path, "@asta");  // an approver is a user
  const auto seen = hub_.expect(200, "GET", path, "@mona");
  EXPECT_EQ(seen["delegations"].size(), 0U);
  hub_.expect(201, "POST", path + "/messages", "@mona", R"({"text":"Hur går det?"})");
  hub_.expect(403, "POST", path + "/messages", "@mona", R"({"text":"x","visibility":"internal"})");
  EXPECT_EQ(hub_.expect(200, "GET", "/api/v1/tickets", "@mona")["items"].size(), 1U);
  EXPECT_EQ(hub_.expect(200, "GET", "/api/v1/tickets", "@asta")["items"].size(), 0U);
  hub_.expect(404, "GET", path, "@mats");
  const auto people = hub_.send("GET", "/api/v1/people", "@mona");
  EXPECT_NE(people->body.find("maja@alfa.example"), std::string::npos);
  EXPECT_EQ(people->body.find("beta"), std::string::npos);
  const auto accounts = hub_.send("GET", "/api/v1/accounts", "@mona");
  EXPECT_NE(accounts->body.find("erik@alfa.example"), std::string::npos);
  EXPECT_EQ(accounts->body.find("beta"), std::string::npos) << accounts->body;
  hub_.expect(404, "GET", "/api/v1/accounts/" + std::to_string(hub_.accounts["otto"]), "@mona");
  // Registered for herself, whomever she names.
  hub_.expect(400, "POST", "/api/v1/tickets", "@mona",
              R"({"subject":"x","requester":)" + std::to_string(hub_.erik) + "}");
}

TEST_F(TenantTest, ListsHoldNothingOfAnotherTenant) {
  hub_.expect(201, "POST", "/api/v1/tickets", "@erik", R"({"subject":"Ny skärm","kind":"order"})");
  for (const char* list :
       {"/api/v1/tickets", "/api/v1/tickets?q=Skrivare", "/api/v1/tickets?customer=alfa",
        "/api/v1/deliveries", "/api/v1/notices", "/api/v1/articles", "/api/v1/articles?q=alfa",
        "/api/v1/customers", "/api/v1/people", "/api/v1/people?customer=alfa",
        "/api/v1/people?email=erik@alfa.example", "/api/v1/people?q=e",
        "/api/v1/tickets?approval=needed", "/api/v1/tickets?open=true&sort=priority",
        "/api/v1/tickets?link=nordprint", "/api/v1/agreements", "/api/v1/mailboxes"}) {
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
