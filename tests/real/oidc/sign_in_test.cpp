// People sign in by a real OpenID provider, through its own login and consent pages.
// tests/real/oidc-setup starts it and says where it is.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdlib>

#include "process/hub_world.hpp"
#include "support/browser.hpp"

namespace ombud::testing {
namespace {

std::string fact(const char* name) {
  const char* value = std::getenv(fmt::format("OMBUD_TEST_OIDC_{}", name).c_str());
  return value == nullptr ? std::string() : std::string(value);
}

struct RealProvider : ::testing::Test {
  LoneHub lone;
  Browser browser;
  std::string at = fmt::format("http://127.0.0.1:{}", lone.hub.port());

  void SetUp() override {
    if (fact("ISSUER").empty())
      GTEST_SKIP() << "start the provider: tests/real/oidc-setup DIRECTORY";
    tell("/rotate", R"({"alg":"RS256"})");
    tell("/client", fmt::format(R"({{"redirect_uris":["{0}/auth/oidc/real/callback"],)"
                                R"("post_logout_redirect_uris":["{0}/sign-in"]}})",
                                at));
    person("erik", R"("desk-leads")");
    write_text(lone.hub.config() / "secret", fact("SECRET"));
    ::chmod((lone.hub.config() / "secret").c_str(), 0600);
    const auto file = lone.hub.config() / "ombud.toml";
    write_text(file,
               read_text(file) +
                   fmt::format("[[identity.oidc]]\nid = \"real\"\nissuer = \"{}\"\n"
                               "client_id = \"ombud\"\nclient_secret = {{ file = \"secret\" }}\n"
                               "scopes = [\"openid\", \"email\", \"profile\", \"groups\"]\n"
                               "domains = [\"acme.example\"]\ncustomer = \"acme\"\n"
                               "roles_claim = \"groups\"\n"
                               "roles = {{ desk-leads = \"lead\", it = \"approver\" }}\n"
                               "create_accounts = true\n",
                               fact("ISSUER")));
    lone.start();
    lone.add_customer();
  }

  static void tell(const std::string& what, const std::string& json) {
    const auto answer = http(std::atoi(fact("CONTROL").c_str()), "POST", what, json);
    ASSERT_EQ(answer.status, 204) << what;
  }
  static void person(const std::string& login, const std::string& groups,
                     const std::string& verified = "true") {
    tell("/person", fmt::format(R"({{"login":"{0}","claims":{{"email":"{0}@acme.example",)"
                                R"("email_verified":{2},"name":"Erik Ek","locale":"sv-SE",)"
                                R"("groups":[{1}]}}}})",
                                login, groups, verified));
  }
  // From the button, through the provider's pages, back to the hub's answer.
  Page sign_in(const std::string& login, const std::string& to = "/tickets") {
    const std::string back = at + "/auth/oidc/real/callback";
    Page page = browser.follow(browser.get(at + "/auth/oidc/real?to=" + to), back);
    while (page.status == 200) {  // its forms: who one is, and whether the desk may know it
      const bool asks_who = page.body.find("name=\"login\"") != std::string::npos;
      std::vector<std::pair<std::string, std::string>> fields;
      if (asks_who) fields = {{"login", login}, {"password", "any"}};
      page = browser.follow(browser.submit(page, fields), back);
    }
    EXPECT_TRUE(page.location.starts_with(back)) << page.status << " " << page.url << "\n"
                                                 << page.body;
    return browser.get(page.location);
  }
  void restart() {
    lone.hub.process().signal(SIGTERM);
    ASSERT_TRUE(lone.hub.process().wait(kSoon));
    lone.start();
  }
  int occurrences(const std::string& words) {
    const std::string log = lone.hub.log();
    int found = 0;
    for (std::size_t i = log.find(words); i != std::string::npos; i = log.find(words, i + 1)) {
      ++found;
    }
    return found;
  }
  json::Document session() {
    auto document = json::parse(browser.get(at + "/api/v1/session").body);
    EXPECT_TRUE(document);
    return document ? std::move(*document) : json::Document();
  }
};

TEST_F(RealProvider, ThroughItsLoginToTheMappedRole) {
  const Page back = sign_in("erik");
  ASSERT_EQ(back.status, 302) << lone.hub.log();
  EXPECT_EQ(back.location, at + "/tickets") << lone.hub.log();
  const auto now = session();
  EXPECT_TRUE(now["signed_in"].boolean());
  EXPECT_EQ(now["role"].text(), "lead");
  EXPECT_EQ(now["account"]["email"].text(), "erik@acme.example");
  EXPECT_EQ(now["account"]["language"].text(), "sv");
  EXPECT_EQ(now["memberships"].at(0)["customer"].text(), "acme");
  EXPECT_EQ(browser.get(at + "/api/v1/tickets").status, 200);
  EXPECT_EQ(lone.hub.ombud({"check"}).code, 0);
}

TEST_F(RealProvider, WhatTheClaimsNoLongerSayIsTakenAway) {
  EXPECT_EQ(sign_in("erik").location, at + "/tickets");
  EXPECT_EQ(session()["role"].text(), "lead");
  person("erik", R"("it")");
  EXPECT_EQ(sign_in("erik").location, at + "/tickets");  // without a word: he is signed in there
  EXPECT_EQ(session()["role"].text(), "approver");
}

TEST_F(RealProvider, ANewKeyIsTakenWhileTheHubRuns) {
  EXPECT_EQ(sign_in("erik").location, at + "/tickets");
  tell("/rotate", R"({"alg":"ES256"})");
  EXPECT_EQ(sign_in("erik").location, at + "/tickets") << lone.hub.log();
}

TEST_F(RealProvider, KeysOfEveryKindAreUnderstood) {
  for (const char* algorithm : {"PS256", "ES256", "EdDSA"}) {
    tell("/rotate", fmt::format(R"({{"alg":"{}"}})", algorithm));
    restart();
    EXPECT_EQ(sign_in("erik").location, at + "/tickets") << algorithm << "\n" << lone.hub.log();
  }
}

TEST_F(RealProvider, AnAddressThatItHasNotVerifiedIsNobodys) {
  person("stranger", "", "false");
  EXPECT_EQ(sign_in("stranger").location, at + "/sign-in?problem=email");
  EXPECT_FALSE(session()["signed_in"].boolean(true));
}

TEST_F(RealProvider, ACodeIsGoodOnce) {
  const std::string back = at + "/auth/oidc/real/callback";
  EXPECT_EQ(sign_in("erik").location, at + "/tickets");
  const Page page = browser.follow(browser.get(at + "/auth/oidc/real"), back);
  const std::string sealed = browser.cookie("ombud_oidc");
  EXPECT_EQ(browser.get(page.location).location, at + "/");
  browser.set_cookie("ombud_oidc", sealed);
  EXPECT_EQ(browser.get(page.location).location, at + "/sign-in?problem=expired");
  // A hub that was started anew knows it still, and asks the provider nothing.
  restart();
  browser.set_cookie("ombud_oidc", sealed);
  EXPECT_EQ(browser.get(page.location).location, at + "/sign-in?problem=expired");
  EXPECT_TRUE(until(kSoon, [&] { return occurrences("replayed state") == 2; })) << lone.hub.log();
  EXPECT_EQ(occurrences("invalid_grant"), 0) << lone.hub.log();
}

TEST_F(RealProvider, WhoeverGoesBackFromItsLoginIsToldThatHeSaidNo) {
  const std::string back = at + "/auth/oidc/real/callback";
  browser.forget_cookies();
  Page page = browser.follow(browser.get(at + "/auth/oidc/real"), back);
  ASSERT_EQ(page.status, 200);
  const std::string abort = page.url + "/abort";
  page = browser.follow(browser.get(abort), back);
  EXPECT_EQ(browser.get(page.location).location, at + "/sign-in?problem=denied");
}

TEST_F(RealProvider, SigningOutThereIsAPageOfTheProviders) {
  EXPECT_EQ(sign_in("erik").location, at + "/tickets");
  const Page there = browser.get(at + "/auth/oidc/real/sign-out");
  EXPECT_TRUE(there.location.starts_with(fact("ISSUER") + "/session/end?")) << there.location;
  EXPECT_NE(there.location.find("&id_token_hint=ey"), std::string::npos) << there.location;
  const Page asks = browser.get(there.location);
  EXPECT_EQ(asks.status, 200) << asks.body;
  const Page left = browser.follow(browser.submit(asks, {{"logout", "yes"}}), at);
  EXPECT_TRUE(left.location.starts_with(at + "/sign-in")) << left.location;
}

TEST_F(RealProvider, SigningOutHereSaysWhereToDoSoThere) {
  EXPECT_EQ(sign_in("erik").location, at + "/tickets");
  const std::string csrf(session()["csrf"].text());
  Page out = browser.remove(at + "/api/v1/session", {{"X-CSRF-Token", csrf}});
  EXPECT_EQ(out.status, 204) << out.body;
  EXPECT_FALSE(session()["signed_in"].boolean(true));
  const std::string there = out.headers["ombud-sign-out"];
  EXPECT_TRUE(there.starts_with(fact("ISSUER") + "/session/end?")) << there;
  // The provider takes the hint for its own: it knows where the browser may go back to.
  const Page left = browser.follow(browser.submit(browser.get(there), {{"logout", "yes"}}), at);
  EXPECT_TRUE(left.location.starts_with(at + "/sign-in")) << left.location;
  // And there he is somebody unknown again.
  EXPECT_NE(browser.follow(browser.get(at + "/auth/oidc/real"), at).body.find("name=\"login\""),
            std::string::npos);
}

}  // namespace
}  // namespace ombud::testing
