// The description, the routes and what they do agree with each other.
#include <map>
#include <set>

#include "desk/supplier_notices.hpp"
#include "hub.hpp"
#include "store/reconciliation.hpp"
#include "store/recording.hpp"

namespace ombud::http::test {
namespace {

// Every operation of the description: "GET /path", with the operation's JSON.
std::map<std::string, json::View> operations_of(const json::Document& description) {
  std::map<std::string, json::View> all;
  const json::View paths = description["paths"];
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const json::View path = paths.member_at(i);
    for (std::size_t j = 0; j < path.size(); ++j) {
      std::string method(path.name_at(j));
      for (char& c : method) c = static_cast<char>(std::toupper(c));
      all[method + " " + std::string(paths.name_at(i))] = path.member_at(j);
    }
  }
  return all;
}

std::string with_ids(std::string path) {
  for (std::size_t open = path.find('{'); open != std::string::npos; open = path.find('{')) {
    path.replace(open, path.find('}') - open + 1, "1");
  }
  return path;
}

class ContractTest : public HubTest {
 protected:
  json::Document description_ = hub_.expect(200, "GET", "/api/v1/openapi.json");
};

TEST_F(ContractTest, EveryRouteIsDescribedAndNothingElse) {
  std::set<std::string> declared, described;
  for (const auto& route : hub_.app->router().routes()) {
    if (!route->described) continue;  // TMF621 has contracts of its own
    declared.insert(std::string(to_text(route->method)) + " " + std::string(route->path));
  }
  for (const auto& [name, operation] : operations_of(description_)) described.insert(name);
  EXPECT_EQ(declared, described);
  EXPECT_GT(declared.size(), 50U);
  EXPECT_EQ(description_["openapi"].text(), "3.1.0");
}

TEST_F(ContractTest, EveryOperationHasItsOwnIdAndEveryReferenceATarget) {
  std::set<std::string> ids;
  for (const auto& [name, operation] : operations_of(description_)) {
    EXPECT_TRUE(ids.insert(std::string(operation["operationId"].text())).second) << name;
    EXPECT_NE(operation["summary"].text(), "") << name;
  }
  const std::string text = description_.root().dump();
  const std::string mark = "#/components/schemas/";
  for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1)) {
    const std::size_t begin = at + mark.size();
    const std::string name = text.substr(begin, text.find('"', begin) - begin);
    EXPECT_TRUE(description_["components"]["schemas"][name].present()) << name;
  }
}

TEST_F(ContractTest, NothingButTheOpenAddressesAnswersWithoutAToken) {
  std::set<std::string> open;
  for (const auto& [name, operation] : operations_of(description_)) {
    if (operation["security"].present()) {
      open.insert(std::string(operation["operationId"].text()));
      continue;
    }
    const std::size_t space = name.find(' ');
    for (const char* token : {"", "wrong"}) {
      const auto answer = hub_.send(name.substr(0, space), with_ids(name.substr(space + 1)), token);
      ASSERT_TRUE(answer) << name;
      EXPECT_EQ(answer->status, 401) << name;
      EXPECT_EQ(answer->header("www-authenticate"), "Bearer realm=\"ombud\"") << name;
    }
  }
  EXPECT_EQ(open, (std::set<std::string>{
                      "health", "ready", "metrics", "openapi", "supplier_webhook", "read_session",
                      "sign_in", "sign_out", "ask_password_reset", "confirm_password_reset",
                      "begin_sign_in_by_provider", "finish_sign_in_by_provider",
                      "sign_out_at_provider", "read_linked_file", "show_preferences_by_token",
                      "choose_by_token", "unsubscribe_by_token"}));
}

TEST_F(ContractTest, ReadersKnowExactlyTheFieldsThatAreDescribed) {
  for (const auto& [name, operation] : operations_of(description_)) {
    const json::View schema = operation["requestBody"]["content"]["application/json"]["schema"];
    if (!schema.present()) continue;
    const std::string reference(schema["$ref"].text());
    const json::View members =
        description_["components"]["schemas"][reference.substr(reference.rfind('/') + 1)]
                    ["properties"];
    std::string body = "{\"surely_unknown\":1";
    for (std::size_t i = 0; i < members.size(); ++i) {
      body +=
          ",\"" + std::string(members.name_at(i)) + "\":[[]]";  // the wrong type for every field
    }
    const std::size_t space = name.find(' ');
    const std::string method = name.substr(0, space), path = with_ids(name.substr(space + 1));
    auto answer = hub_.send(method, path, "@ada", body + "}");
    ASSERT_TRUE(answer) << name;
    // What even an administrator may not is the customer's own.
    if (answer->status == 403) answer = hub_.send(method, path, "@asta", body + "}");
    ASSERT_TRUE(answer) << name;
    ASSERT_EQ(answer->status, 400) << name << answer->body;
    const auto problem = answer->json();
    std::set<std::string> unknown, wrong;
    const json::View errors = problem["errors"];
    for (std::size_t i = 0; i < errors.size(); ++i) {
      const std::string pointer(errors.at(i)["pointer"].text());
      const bool is_unknown =
          errors.at(i)["detail"].text().find("not a known field") != std::string_view::npos;
      (is_unknown ? unknown : wrong).insert(pointer.substr(1, pointer.find('/', 1) - 1));
    }
    EXPECT_EQ(unknown, std::set<std::string>{"surely_unknown"}) << name;
    for (std::size_t i = 0; i < members.size(); ++i) {
      EXPECT_TRUE(wrong.contains(std::string(members.name_at(i))))
          << name << " " << members.name_at(i);
    }
  }
}

// Nothing that anybody sends is a fault of the hub's: deep, long, or more than it takes.
TEST_F(ContractTest, DeepLongAndLargeBodiesAreRefusedByEveryRoute) {
  const std::string deep = std::string(10'000, '['), large(10U << 20U, ' '), text(40'000, 'x');
  for (const auto& [name, operation] : operations_of(description_)) {
    const json::View schema = operation["requestBody"]["content"]["application/json"]["schema"];
    if (!schema.present()) continue;
    const std::string reference(schema["$ref"].text());
    const json::View members =
        description_["components"]["schemas"][reference.substr(reference.rfind('/') + 1)]
                    ["properties"];
    std::string body = "{\"surely_unknown\":\"" + text + "\"";
    for (std::size_t i = 0; i < members.size(); ++i) {
      body += ",\"" + std::string(members.name_at(i)) + "\":\"" + text + "\"";
    }
    const std::size_t space = name.find(' ');
    const std::string method = name.substr(0, space), path = with_ids(name.substr(space + 1));
    for (const std::string& hostile : {"{\"a\":" + deep, body + "}", large}) {
      for (const char* who : {"@ada", "@asta"}) {
        const auto answer = hub_.send(method, path, who, hostile);
        ASSERT_TRUE(answer) << name;
        EXPECT_GE(answer->status, 400) << name << " " << who;
        EXPECT_LT(answer->status, 500) << name << " " << who << answer->body.substr(0, 200);
      }
    }
  }
}

TEST_F(ContractTest, AnswersHoldExactlyWhatIsDescribed) {
  const std::string ticket = hub_.new_ticket();
  const std::string delegation = std::to_string(hub_.delegate(ticket));
  hub_.run([](Tx& tx) {  // something went over the link, both ways
    claim(tx, "nordprint", tx.at() + Millis{60'000}, 16);
    record_changes(tx, "nordprint", R"({"row":1})", {});
  });
  const auto deliveries = hub_.expect(200, "GET", "/api/v1/deliveries", "olof");
  const std::string delivery = std::to_string(deliveries["items"].at(0)["id"].integer());
  hub_.run([](Tx& tx) {
    const auto outage = json::parse(R"({"remote_id":"7","title":"Nere"})");
    desk::take_announcement(tx, "nordprint", outage->root()).value();
  });
  const std::int64_t run_id =
      hub_.expect(201, "POST", "/api/v1/links/nordprint/reconciliations", "olof", "{}")["id"]
          .integer();
  hub_.run([run_id](Tx& tx) {
    Drift row;
    row.run = run_id;
    row.kind = "not_read";
    put_drift(tx, row);
  });
  hub_.new_ticket();  // so that there is a similar one
  hub_.expect(201, "POST", "/api/v1/templates", "ada",
              R"({"name":"Hej","audience":"user","text":"Hej {{user.name}}!"})");
  const std::string run = std::to_string(run_id);
  hub_.expect(201, "POST", "/api/v1/articles", "anna", R"({"title":"a","text":"b"})");
  hub_.expect(201, "POST", "/api/v1/account/tokens", "@ada",
              std::string(R"({"name":"script","password":")") + Hub::kPassword + R"("})");
  hub_.expect(200, "PUT", "/api/v1/teams/desk", "ada", R"({"name":"In the audit"})");
  const auto mail = hub_.new_mail(ticket);
  hub_.expect(201, "POST", "/api/v1/tickets/" + ticket + "/messages", "anna", R"({"text":"x"})");
  hub_.tell();
  const std::map<std::string, std::string> ids = {
      {"{token}", hub_.letter_key.token_of({hub_.erik})},
      {"{run}", run},
      {"{mail}", mail.mail},
      {"{message}", mail.message},
      {"{ticket}", ticket},
      {"{delegation}", delegation},
      {"{delivery}", delivery},
      {"{link}", "nordprint"},
      {"{customer}", "alfa"},
      {"{person}", std::to_string(hub_.erik)},
      {"{team}", "desk"},
      {"{agent}", "anna"},
      {"{service}", "printing"},
      {"{notice}", "1"},
      {"{letter}", "replied"},
      {"{article}", "1"},
      {"{version}", "1"},
      {"{account}", "1"},
      {"{agreement}", std::to_string(hub_.agreement)}};
  int checked = 0;
  for (const auto& [name, operation] : operations_of(description_)) {
    if (!name.starts_with("GET ") || name.find("attachment}") != std::string::npos) continue;
    std::string path = name.substr(4);
    for (const auto& [from, to] : ids) {
      if (const std::size_t at = path.find(from); at != std::string::npos)
        path.replace(at, from.size(), to);
    }
    json::View schema = operation["responses"]["200"]["content"]["application/json"]["schema"];
    if (!schema.present()) continue;
    if (name == "GET /api/v1/statistics/tickets") path += "?figure=registered";
    // What one is told is a person's own.
    const bool own = name.find("/notifications") != std::string::npos;
    const bool approves = name == "GET /api/v1/account/delegate";
    const auto answer = hub_.expect(200, "GET", path, own ? "erik" : approves ? "@asta" : "@ada");
    json::View thing = answer.root();
    if (schema["properties"]["items"].present()) {
      thing = answer["items"].at(0);
      ASSERT_TRUE(thing.present()) << name << ": an empty list shows nothing";
      schema = schema["properties"]["items"]["items"];
    }
    const std::string reference(schema["$ref"].text());
    const json::View members =
        description_["components"]["schemas"][reference.substr(reference.rfind('/') + 1)]
                    ["properties"];
    std::set<std::string> described, answered;
    for (std::size_t i = 0; i < members.size(); ++i)
      described.insert(std::string(members.name_at(i)));
    for (std::size_t i = 0; i < thing.size(); ++i) answered.insert(std::string(thing.name_at(i)));
    EXPECT_EQ(described, answered) << name;
    ++checked;
  }
  EXPECT_GT(checked, 20);
}

TEST_F(ContractTest, UnknownParametersAndAddressesAreRefusedByName) {
  const auto unknown = hub_.expect(400, "GET", "/api/v1/tickets?stauts=new", "anna");
  EXPECT_EQ(unknown["errors"].at(0)["pointer"].text(), "?stauts");
  hub_.expect(400, "GET", "/api/v1/whoami?x=1", "anna");
  hub_.expect(404, "GET", "/api/v1/nothing", "anna");
  const auto method = hub_.send("DELETE", "/api/v1/tickets", "anna");
  ASSERT_TRUE(method);
  EXPECT_EQ(method->status, 405);
  EXPECT_EQ(method->header("allow"), "POST, GET, HEAD, OPTIONS");
  const auto options = hub_.send("OPTIONS", "/api/v1/tickets");
  ASSERT_TRUE(options);
  EXPECT_EQ(options->status, 204);
  EXPECT_EQ(options->header("allow"), "POST, GET, HEAD, OPTIONS");
}

TEST_F(ContractTest, MistakesOfAnInnerObjectAreToldToo) {
  const auto refused = hub_.expect(400, "POST", "/api/v1/tickets", "anna",
                                   R"({"subject":"x","customer":"alfa","requester":{"mail":"a"}})");
  std::set<std::string> pointers;
  for (std::size_t i = 0; i < refused["errors"].size(); ++i) {
    pointers.insert(std::string(refused["errors"].at(i)["pointer"].text()));
  }
  EXPECT_EQ(pointers, (std::set<std::string>{"/requester/name", "/requester/mail"}));
  hub_.expect(400, "POST", "/api/v1/accounts", "ada",
              R"({"name":"x","email":"x@alfa.example","memberships":[{"role":"user"}]})");
}

TEST_F(ContractTest, HostileJsonIsRefusedWithThePlaceAndTheFields) {
  const auto post = [&](const std::string& body) {
    return hub_.expect(400, "POST", "/api/v1/tickets", "erik", body);
  };
  EXPECT_NE(post(std::string(10'000, '['))["detail"].text().find("nested deeper"),
            std::string_view::npos);
  EXPECT_NE(post("{\"subject\":\"\xC3\x28\"}")["detail"].text().find("line 1"),
            std::string_view::npos);
  post("{\"subject\":\"\\ud800\"}");
  post("{\"subject\":");
  post("{} {}");
  post(R"({"subject":"a","subject":"b"})");
  post("[]");
  const auto wrong = post(R"({"subject":7,"kind":"fire","priority":null,"colour":"red"})");
  std::set<std::string> pointers;
  for (std::size_t i = 0; i < wrong["errors"].size(); ++i) {
    pointers.insert(std::string(wrong["errors"].at(i)["pointer"].text()));
  }
  EXPECT_EQ(pointers, (std::set<std::string>{"/subject", "/kind", "/colour"}));
  const auto form = hub_.send("POST", "/api/v1/tickets", "erik", "subject=a",
                              {{"Content-Type", "application/x-www-form-urlencoded"}});
  ASSERT_TRUE(form);
  EXPECT_EQ(form->status, 415);
}

}  // namespace
}  // namespace ombud::http::test
