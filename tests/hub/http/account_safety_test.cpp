// What somebody tries who has a browser that was left open, a stolen password, or nothing at all.
#include <atomic>
#include <thread>

#include "base/bytes.hpp"
#include "http/auth.hpp"
#include "hub.hpp"
#include "identity/totp.hpp"
#include "store/audit.hpp"

namespace ombud::http::test {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

class AccountSafetyTest : public HubTest {
 protected:
  std::string path_of(const std::string& name) {
    return "/api/v1/accounts/" + std::to_string(hub_.accounts[name]);
  }
  static std::string with_password(const std::string& members) {
    return "{" + members + R"(,"password":")" + Hub::kPassword + R"("})";
  }
  static std::string own_password() {
    return std::string(R"({"password":")") + Hub::kPassword + R"("})";
  }
  std::string token_of(const std::string& name) {
    return std::string(hub_.expect(201, "POST", "/api/v1/account/tokens", "@" + name,
                                   with_password(R"("name":"script")"))["secret"]
                           .text());
  }
  Answer sign_in(const std::string& email, const std::string& password, Headers headers = {}) {
    json::Writer out;
    out.begin_object().field("email", email).field("password", password).end_object();
    return *hub_.send("POST", "/api/v1/session", "", out.take(), std::move(headers));
  }
  // From where the account's other session is said to be, which ends with that.
  std::string other_address(const std::string& name) {
    const auto list = hub_.expect(200, "GET", "/api/v1/sessions", "@" + name);
    EXPECT_EQ(list["items"].size(), 2U);
    hub_.expect(204, "DELETE", "/api/v1/sessions", "@" + name);
    const std::size_t other = list["items"].at(0)["current"].boolean() ? 1 : 0;
    return std::string(list["items"].at(other)["address"].text());
  }
  // "account.renamed" and its like, newest first.
  std::vector<AuditEntry> noted(const std::string& name) {
    std::vector<AuditEntry> entries;
    hub_.run([&](Tx& tx) {
      AuditFilter filter;
      filter.subject = "account";
      filter.subject_id = std::to_string(hub_.accounts[name]);
      entries = list_audit(tx, filter, INT64_MAX, 20);
    });
    return entries;
  }
  std::string totp_secret_of_erik() {
    return std::string(
        hub_.expect(200, "POST", "/api/v1/account/totp", "@erik", own_password())["secret"].text());
  }
  std::string code_of(const std::string& secret, int later = 0) {
    return identity::totp_code(secret, identity::totp_step_at(hub_.clock.now()) + later);
  }
};

TEST_F(AccountSafetyTest, AnOpenBrowserAloneMakesNoToken) {
  const std::string path = "/api/v1/account/tokens";
  const auto pointer = [](const json::Document& refused) {
    return std::string(refused["errors"].at(0)["pointer"].text());
  };
  EXPECT_EQ(pointer(hub_.expect(400, "POST", path, "@erik", R"({"name":"x"})")), "/password");
  EXPECT_EQ(pointer(hub_.expect(400, "POST", path, "@erik", R"({"name":"x","password":"fel"})")),
            "/password");
  EXPECT_EQ(pointer(hub_.expect(400, "POST", path, "@erik", R"({"name":"x","code":"123456"})")),
            "/code");
  const auto made = hub_.expect(201, "POST", path, "@erik", with_password(R"("name":"x")"));
  EXPECT_TRUE(made["expires_at"].is_text()) << "it ends, although no end was named";
}

TEST_F(AccountSafetyTest, AFreshCodeMakesOneTokenInPlaceOfThePassword) {
  const std::string secret = totp_secret_of_erik();
  hub_.expect(200, "POST", "/api/v1/account/totp/confirm", "@erik",
              R"({"code":")" + code_of(secret) + R"("})");
  const std::string body = R"({"name":"x","code":")" + code_of(secret, 1) + R"("})";
  hub_.expect(201, "POST", "/api/v1/account/tokens", "@erik", body);
  hub_.expect(400, "POST", "/api/v1/account/tokens", "@erik", body);
}

TEST_F(AccountSafetyTest, WhoHasNoPasswordHereMakesATokenSoonAfterSigningIn) {
  const auto age_session = [&](Millis age) {
    hub_.run([&](Tx& tx) {
      Account erik = *find_account(tx, {hub_.accounts["erik"]});
      erik.password.clear();
      update_account(tx, erik);
      end_sessions(tx, erik.id, "");
      AccountSession session;
      session.id = hub_.sessions["erik"];
      session.account = erik.id;
      session.created_at = tx.at() - age;
      session.seen_at = tx.at();
      session.expires_at = tx.at() + Millis{3'600'000};
      put_session(tx, session, sha256_hex(hub_.cookies["erik"]));
    });
  };
  age_session(Millis{11 * 60'000});
  hub_.expect(409, "POST", "/api/v1/account/tokens", "@erik", R"({"name":"x"})");
  age_session(Millis{9 * 60'000});
  hub_.expect(201, "POST", "/api/v1/account/tokens", "@erik", R"({"name":"x"})");
}

TEST_F(AccountSafetyTest, GuessesAtAnOpenBrowserAreSlowedDown) {
  for (int i = 0; i < 5; ++i) {
    hub_.expect(400, "POST", "/api/v1/account/tokens", "@erik",
                R"({"name":"x","password":"fel lösenord"})");
  }
  hub_.expect(429, "POST", "/api/v1/account/tokens", "@erik", with_password(R"("name":"x")"));
  hub_.expect(429, "POST", "/api/v1/account/totp", "@erik", own_password());
}

TEST_F(AccountSafetyTest, SettingUpASecondFactorAsksForThePasswordAndCountsWrongCodes) {
  hub_.expect(400, "POST", "/api/v1/account/totp", "@erik", "{}");
  hub_.expect(400, "POST", "/api/v1/account/totp", "@erik", R"({"password":"fel"})");
  const std::string secret = totp_secret_of_erik();
  for (int i = 0; i < 5; ++i) {
    hub_.expect(400, "POST", "/api/v1/account/totp/confirm", "@erik", R"({"code":"000000x"})");
  }
  hub_.expect(429, "POST", "/api/v1/account/totp/confirm", "@erik",
              R"({"code":")" + code_of(secret) + R"("})");
}

TEST_F(AccountSafetyTest, TokensEndWhenAnAdministratorEndsSessions) {
  const std::string token = token_of("erik"), others = token_of("otto");
  hub_.expect(200, "GET", "/api/v1/tickets", token);
  hub_.expect(200, "POST", path_of("erik") + "/end-sessions", "@ada", "{}");
  hub_.expect(401, "GET", "/api/v1/tickets", token);
  hub_.expect(200, "GET", "/api/v1/tickets", others);
}

TEST_F(AccountSafetyTest, TokensEndWhenThePasswordIsResetByALinkOrByAnAdministrator) {
  const std::string first = token_of("erik");
  hub_.expect(200, "GET", "/api/v1/tickets", first);
  hub_.expect(200, "POST", path_of("erik") + "/reset-password", "@ada",
              R"({"password":"sju lösa tänder i burken"})");
  hub_.expect(401, "GET", "/api/v1/tickets", first);
  const std::string second = token_of("otto");
  const std::string url(
      hub_.expect(200, "POST", path_of("otto") + "/reset-password", "@ada", "{}")["reset_url"]
          .text());
  hub_.expect(200, "GET", "/api/v1/tickets", second);
  hub_.expect(204, "POST", "/api/v1/password-resets/confirm", "",
              R"({"token":")" + url.substr(url.find('=') + 1) +
                  R"(","password":"sju lösa tänder i burken"})");
  hub_.expect(401, "GET", "/api/v1/tickets", second);
}

TEST_F(AccountSafetyTest, WhatANewNameWasBeforeIsKnown) {
  hub_.expect(200, "PATCH", "/api/v1/account", "@erik", R"({"name":"Servicedesk","theme":"dark"})");
  hub_.expect(200, "PATCH", "/api/v1/account", "@erik", R"({"name":"Servicedesk"})");
  hub_.expect(200, "PATCH", "/api/v1/account", "@erik", R"({"language":"en"})");
  const auto entries = noted("erik");
  ASSERT_EQ(entries.size(), 2U) << "the name once, and that the account was added";
  EXPECT_EQ(entries[0].type, "account.renamed");
  EXPECT_EQ(entries[0].data, R"({"before":"erik Andersson","after":"Servicedesk"})");
}

TEST_F(AccountSafetyTest, WhoIsNobodyAnyMoreCanStillSignOut) {
  hub_.expect(200, "PATCH", path_of("mona"), "@ada", R"({"memberships":[]})");
  EXPECT_EQ(hub_.send("DELETE", "/api/v1/session", "", "",
                      {{"Cookie", "ombud_session=" + hub_.cookies["mona"]}})
                ->status,
            403)
      << "by our pages alone, as ever";
  EXPECT_EQ(hub_.send("DELETE", "/api/v1/session", "@mona")->status, 204);
  hub_.expect(200, "PATCH", path_of("mona"), "@ada",
              R"({"memberships":[{"customer":"alfa","role":"manager"}]})");
  hub_.expect(401, "GET", "/api/v1/tickets", "@mona");
}

TEST_F(AccountSafetyTest, AllLinesOfForwardedAddressesAreOneListReadFromTheRight) {
  const auto from = [&](Headers headers) {
    EXPECT_EQ(sign_in("erik@alfa.example", Hub::kPassword, std::move(headers)).status, 200);
    return other_address("erik");
  };
  const std::string name = "X-Forwarded-For";
  EXPECT_EQ(from({{name, "198.51.100.1"}, {name, "203.0.113.9"}}), "203.0.113.9")
      << "the first line is what the sender wrote himself";
  EXPECT_EQ(from({{name, "198.51.100.1, 203.0.113.9"}}), "203.0.113.9");
  EXPECT_EQ(from({{name, "203.0.113.9, 127.0.0.1"}}), "203.0.113.9") << "past our own proxies";
  EXPECT_EQ(from({{name, "203.0.113.9"}, {"x-forwarded-for", "127.0.0.1,, "}}), "203.0.113.9");
  EXPECT_EQ(from({{name, "203.0.113.9:4711"}}), "203.0.113.9");
  EXPECT_EQ(from({{name, "[2001:DB8::0:9]:4711"}}), "2001:db8::9");
  EXPECT_EQ(from({{name, "::ffff:203.0.113.9"}}), "203.0.113.9");
  for (const char* odd :
       {"", " , ", "unknown", "203.0.113.9, unknown", "999.1.1.1", "[::1", "_x"}) {
    EXPECT_EQ(from({{name, odd}}), "127.0.0.1") << odd;
  }
  EXPECT_EQ(from({{"Forwarded", "for=198.51.100.1"}, {"X-Real-IP", "198.51.100.1"}}), "127.0.0.1");
}

TEST_F(AccountSafetyTest, NoBrowserKeepsWhatAnswersSay) {
  const std::string ticket = hub_.new_ticket();
  for (const std::string& path : {std::string("/api/v1/session"), "/api/v1/tickets/" + ticket,
                                  path_of("erik"), std::string("/api/v1/accounts"),
                                  std::string("/api/v1/tickets"), std::string("/api/v1/nothing")}) {
    const auto answer = hub_.send("GET", path, "@ada");
    EXPECT_EQ(answer->header("cache-control"), "no-store") << path;
    EXPECT_EQ(answer->header("x-content-type-options"), "nosniff") << path;
    EXPECT_EQ(answer->header("content-security-policy"),
              "default-src 'none'; frame-ancestors 'none'")
        << path;
  }
  // Its ETag is that of what the reader may see.
  const auto tag_for = [&](const std::string& who) {
    return hub_.send("GET", "/api/v1/tickets/" + ticket, who)->header("etag");
  };
  EXPECT_NE(tag_for("@anna"), tag_for("@erik"));
  const auto unchanged = hub_.send("GET", "/api/v1/tickets/" + ticket, "@erik", "",
                                   {{"If-None-Match", tag_for("@erik")}});
  EXPECT_EQ(unchanged->status, 304);
  EXPECT_EQ(unchanged->header("cache-control"), "no-store");
  // The bytes of a file are the same for whoever may have them; that he may is asked each time.
  const auto file = hub_.send("POST", "/api/v1/tickets/" + ticket + "/attachments?name=a.txt",
                              "@erik", "hej", {{"Content-Type", "text/plain"}});
  const std::string attachment = "/api/v1/attachments/" + file->json()["id"].dump();
  const auto bytes = hub_.send("GET", attachment, "@erik");
  EXPECT_EQ(bytes->header("cache-control"), "private, no-cache");
  EXPECT_EQ(bytes->header("content-security-policy"), "sandbox; default-src 'none'");
  const Headers again{{"If-None-Match", bytes->header("etag")}};
  EXPECT_EQ(hub_.send("GET", attachment, "@erik", "", again)->status, 304);
  EXPECT_EQ(hub_.send("GET", attachment, "@otto", "", again)->status, 404);
}

TEST_F(AccountSafetyTest, AFormOfAnotherSiteChangesNothingWhateverItCallsItself) {
  const std::string body =
      R"({"email":"erik@alfa.example","password":"fyra grodor plaskar kvickt"})";
  for (const char* type : {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data",
                           "text/plain; application/json", "application/jsonp", ""}) {
    const auto answer = hub_.send("POST", "/api/v1/session", "", body, {{"Content-Type", type}});
    EXPECT_EQ(answer->status, 415) << type;
    EXPECT_EQ(answer->header("set-cookie"), "") << type;
    EXPECT_EQ(hub_.send("POST", "/api/v1/password-resets", "", R"({"email":"erik@alfa.example"})",
                        {{"Content-Type", type}})
                  ->status,
              415)
        << type;
  }
  // What a browser asks before it sends JSON from elsewhere is answered without a yes.
  const auto asked = hub_.send("OPTIONS", "/api/v1/session", "", "",
                               {{"Origin", "https://evil.example"},
                                {"Access-Control-Request-Method", "POST"},
                                {"Access-Control-Request-Headers", "content-type"}});
  EXPECT_EQ(asked->header("access-control-allow-origin"), "");
  EXPECT_EQ(asked->header("access-control-allow-credentials"), "");
}

TEST_F(AccountSafetyTest, AMemberThatIsThereTwiceIsRefusedAndNotChosenFrom) {
  for (const auto& [path, body] : std::vector<std::pair<std::string, std::string>>{
           {"/api/v1/session", R"({"email":"erik@alfa.example","password":"x","password":"y"})"},
           {"/api/v1/password-resets", R"({"email":"a@b.example","email":"erik@alfa.example"})"},
           {"/api/v1/password-resets/confirm",
            R"({"token":"x","token":"y","password":"sju lösa tänder"})"}}) {
    EXPECT_EQ(hub_.send("POST", path, "", body)->status, 400) << path;
  }
}

TEST_F(AccountSafetyTest, AnAddressIsOneHoweverItIsWritten) {
  EXPECT_EQ(sign_in(" ERIK@Alfa.Example ", Hub::kPassword).status, 200);
  hub_.expect(
      201, "POST", "/api/v1/accounts", "@ada",
      R"({"name":"Åsa","email":"ÅSA@räksmörgås.example","password":"sju lösa tänder i burken",
                  "memberships":[{"customer":"alfa","role":"user"}]})");
  for (const char* written : {"åsa@räksmörgås.example", "a\xCC\x8Asa@RÄKSMÖRGÅS.example",
                              "åsa@xn--rksmrgs-5wao1o.example"}) {
    EXPECT_EQ(sign_in(written, "sju lösa tänder i burken").status, 200) << written;
    hub_.expect(409, "POST", "/api/v1/accounts", "@ada",
                std::string(R"({"name":"B","email":")") + written +
                    R"(","memberships":[{"customer":"alfa","role":"user"}]})");
  }
  hub_.expect(400, "POST", "/api/v1/accounts", "@ada",
              "{\"name\":\"B\",\"email\":\"e\xE2\x80\x8Brik@alfa.example\","
              "\"memberships\":[{\"customer\":\"alfa\",\"role\":\"user\"}]}");
}

TEST_F(AccountSafetyTest, NobodyGivesHimselfAnotherAddressOrRole) {
  for (const char* body : {R"({"email":"ada@provider.example"})", R"({"role":"admin"})",
                           R"({"memberships":[]})", R"({"agent":{"id":"erik","role":"admin"}})"}) {
    hub_.expect(400, "PATCH", "/api/v1/account", "@erik", body);
    hub_.expect(403, "PATCH", path_of("erik"), "@erik", body);
  }
  const std::string url(
      hub_.expect(200, "POST", path_of("erik") + "/reset-password", "@ada", "{}")["reset_url"]
          .text());
  hub_.expect(200, "PATCH", path_of("erik"), "@ada", R"({"email":"erik@ny.example"})");
  hub_.expect(400, "POST", "/api/v1/password-resets/confirm", "",
              R"({"token":")" + url.substr(url.find('=') + 1) +
                  R"(","password":"sju lösa tänder i burken"})");
}

TEST_F(AccountSafetyTest, AskingForANewPasswordDoesNotWaitForWhetherThereIsSomebody) {
  // Nothing is written as long as the store is held up, and yet the answer comes.
  std::promise<void> go, held;
  auto allowed = go.get_future();
  hub_.store->write(
      system_principal("test"),
      [&](Tx&) {
        held.set_value();
        allowed.wait();
        return true;
      },
      [](std::exception_ptr) {});
  held.get_future().wait();
  for (const char* email : {"erik@alfa.example", "nobody@alfa.example"}) {
    EXPECT_EQ(hub_.send("POST", "/api/v1/password-resets", "",
                        std::string(R"({"email":")") + email + R"("})")
                  ->status,
              202);
  }
  go.set_value();
  hub_.run([&](Tx& tx) {
    EXPECT_EQ(resets_of(tx, {hub_.accounts["erik"]}).size(), 1U) << "and it is done all the same";
  });
}

// Many times, with passwords being hashed: nothing hangs, nobody is answered nonsense, and the
// thread sanitizer sees no thread of the hashers at a connection that is gone.
TEST(AccountsEnd, AHubEndsWhilePeopleSignIn) {
  constexpr int kRounds = 12, kPeople = 4;
  for (int round = 0; round < kRounds; ++round) {
    auto hub = std::make_unique<Hub>();
    const std::uint16_t port = hub->port;
    std::atomic<int> begun{0};
    std::vector<std::thread> people;
    for (int i = 0; i < kPeople; ++i) {
      people.emplace_back([&begun, port] {
        Client client(port);
        const std::string body =
            R"({"email":"erik@alfa.example","password":"fyra grodor plaskar kvickt"})";
        for (;;) {
          if (!client.send(text_of(
                  {"POST", "/api/v1/session", "", body, {{"X-Forwarded-For", "192.0.2.1"}}}))) {
            break;
          }
          ++begun;
          begun.notify_all();
          const auto answer = client.receive();
          if (!answer) break;
          EXPECT_TRUE(answer->status == 200 || answer->status == 429) << answer->body;
        }
        ++begun;
        begun.notify_all();
      });
    }
    while (begun < kPeople) begun.wait(begun.load());
    hub.reset();
    for (std::thread& one : people) one.join();
  }
}

}  // namespace
}  // namespace ombud::http::test
