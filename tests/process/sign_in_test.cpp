// People sign in by a provider: a whole hub, a provider of faults, a browser in between.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

#include <csignal>

#include "base/clock.hpp"
#include "hub/identity/oidc/support.hpp"
#include "process/hub_world.hpp"
#include "support/browser.hpp"

namespace ombud::testing {
namespace {

using oidc::test::FaultProvider;
using oidc::test::SigningKey;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kPassword = "correct horse battery staple 17";

struct SignInByProvider : ::testing::Test {
  LoneHub lone;
  std::unique_ptr<FaultProvider> provider = std::make_unique<FaultProvider>();
  Browser browser;
  std::string at = fmt::format("http://127.0.0.1:{}", lone.hub.port());

  void SetUp() override {
    provider->at(RealClock().now());
    configure();
    lone.start();
    lone.add_customer();
    lone.hub.must(
        "POST", "/accounts",
        fmt::format(R"({{"email":"local@acme.example","name":"Lo Cal","password":"{}",)"
                    R"("memberships":[{{"customer":"acme","role":"user"}}],"invite":false}})",
                    kPassword));
  }
  void configure(const std::string& more = "") {
    const auto file = lone.hub.config() / "ombud.toml";
    std::string text = read_text(file);
    text.resize(std::min(text.find("[[identity.oidc]]"), text.size()));
    write_text(lone.hub.config() / "secret", "s3cret");
    ::chmod((lone.hub.config() / "secret").c_str(), 0600);
    write_text(file, text + fmt::format("[[identity.oidc]]\nid = \"alfa\"\nname = \"Alfa AB\"\n"
                                        "issuer = \"{}\"\nclient_id = \"desk\"\n"
                                        "client_secret = {{ file = \"secret\" }}\n"
                                        "domains = [\"alfa.example\"]\ncustomer = \"acme\"\n"
                                        "roles = {{ leads = \"lead\", it = \"approver\" }}\n"
                                        "create_accounts = true\n{}",
                                        provider->issuer(), more));
  }
  Page begin(const std::string& to = "/tickets") {
    return browser.get(at + "/auth/oidc/alfa?to=" + to);
  }
  Page finish(const std::string& query) {
    return browser.get(at + "/auth/oidc/alfa/callback?" + query);
  }
  // There and back.
  Page go() { return finish(provider->consent(begin().location)); }
  json::Document session() {
    auto document = json::parse(browser.get(at + "/api/v1/session").body);
    EXPECT_TRUE(document);
    return document ? std::move(*document) : json::Document();
  }
  int local_sign_in() {
    Browser other;
    return other
        .post(at + "/api/v1/session",
              fmt::format(R"({{"email":"local@acme.example","password":"{}"}})", kPassword),
              "application/json")
        .status;
  }
  std::string problem_of(const Page& page) {
    EXPECT_EQ(page.status, 302);
    const std::string start = at + "/sign-in?problem=";
    return page.location.starts_with(start) ? page.location.substr(start.size()) : page.location;
  }
};

TEST_F(SignInByProvider, ARoleComesAndGoesWithTheClaims) {
  EXPECT_FALSE(session()["signed_in"].boolean(true));
  EXPECT_EQ(session()["providers"].at(0)["url"].text(), "/auth/oidc/alfa");
  EXPECT_EQ(session()["providers"].at(0)["name"].text(), "Alfa AB");

  provider->claim("roles", R"(["it","leads","unheard of"])");
  const Page back = go();
  EXPECT_EQ(back.status, 302);
  EXPECT_EQ(back.location, at + "/tickets");
  EXPECT_EQ(browser.cookie("ombud_oidc"), "");
  auto now = session();
  EXPECT_TRUE(now["signed_in"].boolean());
  EXPECT_EQ(now["role"].text(), "lead");
  EXPECT_EQ(now["agent"]["id"].text(), "erik");
  EXPECT_EQ(now["memberships"].at(0)["role"].text(), "approver");
  const std::string first = browser.cookie("ombud_session");

  provider->claim("roles", "[]");
  EXPECT_EQ(go().location, at + "/tickets");
  EXPECT_NE(browser.cookie("ombud_session"), first);
  now = session();
  EXPECT_EQ(now["role"].text(), "user");
  EXPECT_FALSE(now["agent"].is_object());
  // The session that this browser had before is over.
  browser.set_cookie("ombud_session", first);
  EXPECT_FALSE(session()["signed_in"].boolean(true));
}

TEST_F(SignInByProvider, AWayBackIsTakenOnceAndOnlyFromTheBrowserThatAsked) {
  const Page begun = begin();
  const std::string query = provider->consent(begun.location);
  const std::string sealed = browser.cookie("ombud_oidc");
  Browser other;
  EXPECT_EQ(problem_of(other.get(at + "/auth/oidc/alfa/callback?" + query)), "expired");
  EXPECT_EQ(finish(query).location, at + "/tickets");
  browser.set_cookie("ombud_oidc", sealed);
  EXPECT_EQ(problem_of(finish(query)), "expired");
  EXPECT_EQ(problem_of(finish("")), "expired");
  EXPECT_EQ(problem_of(finish("code=%ff")), "expired");
  EXPECT_EQ(problem_of(browser.get(at + "/auth/oidc/nobody")), "unknown_provider");
  EXPECT_EQ(problem_of(browser.get(at + "/auth/oidc/nobody/callback?code=x&state=y")),
            "unknown_provider");
}

TEST_F(SignInByProvider, NobodyIsSentElsewhereAfterwards) {
  for (const char* to : {"//evil.example", "https:%2F%2Fevil.example", "%2F%5Cevil.example",
                         "/a%0d%0aSet-Cookie:%20x=1"}) {
    EXPECT_EQ(finish(provider->consent(begin(to).location)).location, at + "/") << to;
  }
}

TEST_F(SignInByProvider, NewKeysAreTakenWhileTheHubRuns) {
  EXPECT_EQ(go().location, at + "/tickets");
  provider->publish(oidc::test::jwks({SigningKey::p256("new").jwk()}));
  provider->sign([](const std::string& claims) {
    return oidc::test::token(SigningKey::p256("new"), "ES256", claims);
  });
  EXPECT_EQ(go().location, at + "/tickets");
  provider->publish(oidc::test::jwks({SigningKey::rsa("newer").jwk()}));
  provider->sign([](const std::string& claims) {
    return oidc::test::token(SigningKey::rsa("newer"), "RS256", claims);
  });
  // Twice within a minute: then it takes a minute. That it works then, oidc_sign_in_test shows.
  EXPECT_EQ(problem_of(go()), "untrusted");
}

TEST_F(SignInByProvider, WhenTheProviderIsDownLocalAccountsWork) {
  EXPECT_EQ(local_sign_in(), 200);
  const Ran good = lone.hub.ombud({"check"});
  EXPECT_EQ(good.code, 0) << good.output;
  const Page begun = begin();
  const std::string query = provider->consent(begun.location);
  provider.reset();
  EXPECT_EQ(problem_of(finish(query)), "unreachable");
  EXPECT_EQ(local_sign_in(), 200);
  const Ran bad = lone.hub.ombud({"check"});
  EXPECT_EQ(bad.code, 1);
  EXPECT_THAT(bad.output, HasSubstr("identity.oidc \"alfa\" cannot be used: "));
  EXPECT_EQ(lone.hub.ombud({"check", "--offline"}).code, 0);
}

TEST_F(SignInByProvider, AChangedFileIsTakenWithoutARestart) {
  EXPECT_EQ(go().location, at + "/tickets");
  configure(
      "[[identity.oidc]]\nid = \"beta\"\nissuer = \"https://id.beta.example\"\nclient_id = "
      "\"x\"\n");
  const Ran applied = lone.hub.ombud({"check", "--apply", "--offline"});
  EXPECT_EQ(applied.code, 0) << applied.output;
  EXPECT_EQ(session()["providers"].size(), 2U);
  EXPECT_EQ(session()["providers"].at(1)["name"].text(), "beta");
}

TEST_F(SignInByProvider, TheLogTellsWhyAndKeepsSecrets) {
  provider->claim("aud", R"("another")");
  const Page refused = go();
  EXPECT_EQ(problem_of(refused), "untrusted");
  const std::string log = lone.hub.log();
  EXPECT_THAT(log, HasSubstr("the ID token is for somebody else"));
  EXPECT_THAT(log, HasSubstr(refused.headers.at("x-request-id")));
  for (const char* secret : {"s3cret", "code-1", "a-1\"", "eyJ"}) {
    EXPECT_THAT(log, Not(HasSubstr(secret)));
  }
}

}  // namespace
}  // namespace ombud::testing
