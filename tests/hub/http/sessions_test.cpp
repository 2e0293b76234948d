// People sign in: sessions, what guards them, and what hostile browsers send.
#include "http/auth.hpp"
#include "hub.hpp"
#include "identity/totp.hpp"
#include "store/audit.hpp"

namespace ombud::http::test {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

constexpr const char* kOwnPassword = R"({"password":"fyra grodor plaskar kvickt"})";
std::string with_password(const std::string& members) {
  return "{" + members + R"(,"password":")" + Hub::kPassword + R"("})";
}

std::string without_instance(const Answer& answer) {
  std::string body = answer.body;
  const std::string id = answer.header("x-request-id");
  if (const std::size_t at = body.find(id); at != std::string::npos) body.erase(at, id.size());
  return body;
}

std::string credentials(const std::string& email, const std::string& password,
                        const std::string& code = "") {
  json::Writer out;
  out.begin_object().field("email", email).field("password", password);
  if (!code.empty()) out.field("code", code);
  return out.end_object().take();
}

// The value of the cookie that an answer sets.
std::string cookie_of(const Answer& answer) {
  const std::string line = answer.header("set-cookie");
  const std::size_t begin = line.find('=') + 1;
  return line.substr(begin, line.find(';') - begin);
}

class SessionsTest : public HubTest {
 protected:
  Answer sign_in(const std::string& email, const std::string& password = Hub::kPassword,
                 const std::string& code = "", Headers headers = {}) {
    const auto answer = hub_.send("POST", "/api/v1/session", "", credentials(email, password, code),
                                  std::move(headers));
    if (!answer) throw std::runtime_error("no answer");
    return *answer;
  }
  int status_with(const std::string& cookie_header, const std::string& path = "/api/v1/tickets") {
    const auto answer = hub_.send("GET", path, "", "", {{"Cookie", cookie_header}});
    return answer ? answer->status : 0;
  }
  bool is_open(const std::string& cookie) { return status_with("ombud_session=" + cookie) == 200; }
  std::string code_of(const Answer& answer) { return std::string(answer.json()["code"].text()); }

  // The links in the letters that wait for this address, oldest first.
  std::vector<std::string> mailed_tokens(const std::string& address) {
    std::vector<std::string> tokens;
    hub_.run([&](Tx& tx) {
      DeliveryFilter filter;
      filter.link = "desk-mail";
      for (const Delivery& letter : list_deliveries(tx, filter, std::nullopt, 50)) {
        const auto document = json::parse(letter.body);
        if ((*document)["to"]["address"].text() != address) continue;
        const std::string text((*document)["text"].text());
        const std::size_t at = text.find("/reset?token=");
        if (at != std::string::npos) tokens.insert(tokens.begin(), text.substr(at + 13, 52));
      }
    });
    return tokens;
  }
};

TEST_F(SessionsTest, SigningInAnswersWhoOneIsAndSetsACookieThatScriptsCannotRead) {
  const Answer answer = sign_in(" Lena@Provider.Example ");
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto session = answer.json();
  EXPECT_TRUE(session["signed_in"].boolean());
  EXPECT_EQ(session["role"].text(), "lead");
  EXPECT_EQ(session["agent"]["id"].text(), "lena");
  EXPECT_FALSE(session["customer"].present());
  EXPECT_NE(session["may"].dump().find("ticket.reassign"), std::string::npos);
  EXPECT_EQ(session["may"].dump().find("token.manage"), std::string::npos);
  const std::string cookie = answer.header("set-cookie");
  EXPECT_TRUE(cookie.starts_with("ombud_session="));
  for (const char* part : {"; HttpOnly", "; SameSite=Lax", "; Path=/"}) {
    EXPECT_NE(cookie.find(part), std::string::npos) << cookie;
  }
  EXPECT_TRUE(is_open(cookie_of(answer)));
  EXPECT_EQ(answer.header("cache-control"), "no-store");
}

TEST(SessionCookie, IsForHttpsAloneWhereTheHubIsReachedByIt) {
  EXPECT_EQ(set_cookie("abc", Millis{60'000}, true),
            "ombud_session=abc; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=60");
  EXPECT_EQ(set_cookie("", std::nullopt, false),
            "ombud_session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
}

TEST_F(SessionsTest, WithoutASessionThePageHearsWhoseDeskItIs) {
  const auto session = hub_.expect(200, "GET", "/api/v1/session");
  EXPECT_FALSE(session["signed_in"].boolean(true));
  EXPECT_EQ(session["desk"]["name"].text(), "Servicedesk");
  EXPECT_FALSE(session["account"].present());
}

TEST_F(SessionsTest, NobodyLearnsWhetherAnAccountExists) {
  hub_.expect(200, "POST", "/api/v1/accounts/" + std::to_string(hub_.accounts["asta"]) + "/disable",
              "@ada", "{}");
  hub_.expect(201, "POST", "/api/v1/accounts", "ada",
              R"({"name":"Ny","email":"ny@alfa.example","invite":true,
                  "memberships":[{"customer":"alfa","role":"user"}]})");
  const Answer wrong = sign_in("erik@alfa.example", "inte det lösenordet");
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(code_of(wrong), "credentials");
  // Unknown, disabled with the right password, without a password yet, no address at all.
  for (const char* email : {"nobody@alfa.example", "asta@alfa.example", "ny@alfa.example", "x"}) {
    const Answer other = sign_in(email);
    EXPECT_EQ(other.status, 401) << email;
    EXPECT_EQ(without_instance(other), without_instance(wrong)) << email;
    EXPECT_EQ(other.header("set-cookie"), "") << email;
  }
  for (const char* email : {"erik@alfa.example", "nobody@alfa.example", "asta@alfa.example"}) {
    const auto asked = hub_.send("POST", "/api/v1/password-resets", "",
                                 std::string(R"({"email":")") + email + R"("})");
    EXPECT_EQ(asked->status, 202);
    EXPECT_EQ(asked->body, "");
  }
  EXPECT_EQ(mailed_tokens("erik@alfa.example").size(), 1U);
  EXPECT_TRUE(mailed_tokens("asta@alfa.example").empty());
}

TEST_F(SessionsTest, AChangeMustComeFromOurOwnPages) {
  const std::string body = R"({"subject":"Skrivare"})";
  const auto post = [&](Headers headers) {
    headers.emplace_back("Cookie", "ombud_session=" + hub_.cookies["erik"]);
    return *hub_.send("POST", "/api/v1/tickets", "", body, std::move(headers));
  };
  const std::string csrf = hub_.csrfs["erik"];
  for (const Headers& headers : {
           Headers{},
           Headers{{"X-CSRF-Token", "x"}},
           Headers{{"X-CSRF-Token", hub_.csrfs["maja"]}},
           Headers{{"X-CSRF-Token", hub_.csrfs["otto"]}},
           Headers{{"X-CSRF-Token", csrf}, {"Origin", "https://evil.example"}},
           Headers{{"X-CSRF-Token", csrf}, {"Origin", "null"}},
           Headers{{"X-CSRF-Token", csrf}, {"Sec-Fetch-Site", "cross-site"}},
           Headers{{"X-CSRF-Token", csrf}, {"Sec-Fetch-Site", "same-site"}},
       }) {
    const Answer refused = post(headers);
    EXPECT_EQ(refused.status, 403) << refused.body;
    EXPECT_EQ(code_of(refused), "csrf");
  }
  EXPECT_EQ(post({{"X-CSRF-Token", csrf}}).status, 201);
  EXPECT_EQ(post({{"X-CSRF-Token", csrf},
                  {"Sec-Fetch-Site", "same-origin"},
                  {"Origin", "http://127.0.0.1:8080"}})  // public_url
                .status,
            201);
  // Reading is free, and a token is nothing that a browser adds by itself.
  EXPECT_TRUE(is_open(hub_.cookies["erik"]));
  hub_.expect(201, "POST", "/api/v1/tickets", "erik", body);
}

TEST_F(SessionsTest, NobodyIsSignedInOrOutByAnotherSitesPage) {
  const Headers evil{{"Origin", "https://evil.example"}};
  EXPECT_EQ(code_of(sign_in("erik@alfa.example", Hub::kPassword, "", evil)), "csrf");
  const auto out = hub_.send("DELETE", "/api/v1/session", "", "",
                             {{"Cookie", "ombud_session=" + hub_.cookies["erik"]}});
  EXPECT_EQ(out->status, 403);
  EXPECT_TRUE(is_open(hub_.cookies["erik"]));
  EXPECT_EQ(hub_.send("POST", "/api/v1/password-resets", "", R"({"email":"erik@alfa.example"})",
                      {{"Sec-Fetch-Site", "cross-site"}})
                ->status,
            403);
}

TEST_F(SessionsTest, ACookieThatIsNoneOfOursIsNobodys) {
  const std::string good = hub_.cookies["erik"];
  std::string upper = good;
  upper.front() = 'U';
  for (const std::string& value :
       {std::string(), std::string("x"), good + "x", good.substr(1), upper, "\"" + good + "\"",
        std::string(5'000, 'a'), std::string("' OR 1=1 --"), std::string(52, '0'),
        std::string("\xC3\x28")}) {
    const std::string header = "ombud_session=" + value;
    EXPECT_EQ(status_with(header), 401) << value;
    const auto session = hub_.send("GET", "/api/v1/session", "", "", {{"Cookie", header}});
    EXPECT_EQ(session->status, 200) << value;
    EXPECT_FALSE(session->json()["signed_in"].boolean(true)) << value;
  }
  EXPECT_EQ(status_with("a=b; ombud_session=" + good + " ;c=\"d\""), 200);
  EXPECT_EQ(status_with("Ombud_session=" + good), 401) << "names of cookies have a case";
}

TEST_F(SessionsTest, OfTwoDifferentSessionsNoneIsTaken) {
  const std::string mine = "ombud_session=" + hub_.cookies["erik"];
  const std::string planted = "ombud_session=" + hub_.cookies["otto"];
  EXPECT_EQ(status_with(mine + "; " + planted), 401);
  EXPECT_EQ(
      hub_.send("GET", "/api/v1/tickets", "", "", {{"Cookie", planted}, {"Cookie", mine}})->status,
      401);
  EXPECT_EQ(status_with(mine + "; " + mine), 200);
}

TEST_F(SessionsTest, SigningInNeverGoesOnWithTheSessionThatTheBrowserHad) {
  // Somebody else's session, planted in the browser before its owner signs in.
  const std::string planted = hub_.cookies["otto"];
  const Answer answer =
      sign_in("erik@alfa.example", Hub::kPassword, "", {{"Cookie", "ombud_session=" + planted}});
  ASSERT_EQ(answer.status, 200);
  EXPECT_NE(cookie_of(answer), planted);
  EXPECT_FALSE(is_open(planted));
  EXPECT_EQ(answer.json()["account"]["email"].text(), "erik@alfa.example");
  const Answer chosen = sign_in("erik@alfa.example", Hub::kPassword, "",
                                {{"Cookie", "ombud_session=" + std::string(52, 'a')}});
  EXPECT_NE(cookie_of(chosen), std::string(52, 'a'));
  EXPECT_FALSE(is_open(std::string(52, 'a')));
}

TEST_F(SessionsTest, SigningOutEndsTheSessionAndNoOther) {
  const Answer other = sign_in("erik@alfa.example");
  const auto out = hub_.send("DELETE", "/api/v1/session", "@erik");
  EXPECT_EQ(out->status, 204);
  EXPECT_NE(out->header("set-cookie").find("Max-Age=0"), std::string::npos);
  EXPECT_FALSE(is_open(hub_.cookies["erik"]));
  EXPECT_TRUE(is_open(cookie_of(other)));
  EXPECT_EQ(hub_.send("DELETE", "/api/v1/session")->status, 204) << "also when one is out already";
}

TEST_F(SessionsTest, OneSeesAndEndsOnesOwnSessionsOnly) {
  const Answer second = sign_in("erik@alfa.example", Hub::kPassword, "",
                                {{"User-Agent", "Firefox"}, {"X-Forwarded-For", "203.0.113.9"}});
  const auto list = hub_.expect(200, "GET", "/api/v1/sessions", "@erik");
  ASSERT_EQ(list["items"].size(), 2U);
  const json::View newest = list["items"].at(0);
  EXPECT_EQ(newest["agent_text"].text(), "Firefox");
  EXPECT_EQ(newest["address"].text(), "203.0.113.9");
  EXPECT_FALSE(newest["current"].boolean(true));
  EXPECT_TRUE(list["items"].at(1)["current"].boolean());
  hub_.expect(404, "DELETE", "/api/v1/sessions/" + hub_.sessions["otto"], "@erik");
  EXPECT_TRUE(is_open(hub_.cookies["otto"]));
  hub_.expect(204, "DELETE", "/api/v1/sessions/" + std::string(newest["id"].text()), "@erik");
  EXPECT_FALSE(is_open(cookie_of(second)));
  const Answer third = sign_in("erik@alfa.example");
  hub_.expect(204, "DELETE", "/api/v1/sessions", "@erik");
  EXPECT_FALSE(is_open(cookie_of(third)));
  EXPECT_TRUE(is_open(hub_.cookies["erik"]));
}

TEST_F(SessionsTest, WhatAnAdministratorTakesAwayIsGoneAtOnce) {
  const std::string mona = "/api/v1/accounts/" + std::to_string(hub_.accounts["mona"]);
  const std::string ticket = hub_.new_ticket();
  hub_.expect(200, "GET", "/api/v1/tickets/" + ticket, "@mona");  // and now it is in the cache
  hub_.expect(200, "PATCH", mona, "@ada", R"({"memberships":[{"customer":"alfa","role":"user"}]})");
  hub_.expect(404, "GET", "/api/v1/tickets/" + ticket, "@mona");
  hub_.expect(200, "PATCH", mona, "@ada", R"({"memberships":[]})");
  hub_.expect(403, "GET", "/api/v1/tickets", "@mona");
  EXPECT_EQ(sign_in("mona@alfa.example").status, 401);

  const std::string lena = "/api/v1/accounts/" + std::to_string(hub_.accounts["lena"]);
  hub_.expect(200, "GET", "/api/v1/accounts", "@lena");
  hub_.expect(200, "PATCH", lena, "@ada", R"({"agent":{"id":"lena","role":"agent"}})");
  hub_.expect(403, "GET", "/api/v1/accounts", "@lena");
  hub_.expect(200, "POST", lena + "/disable", "@ada", "{}");
  hub_.expect(401, "GET", "/api/v1/tickets", "@lena");
  hub_.expect(200, "POST", lena + "/enable", "@ada", "{}");
  hub_.expect(401, "GET", "/api/v1/tickets", "@lena");  // its sessions ended
  EXPECT_EQ(sign_in("lena@provider.example").status, 200);
  hub_.expect(409, "POST", "/api/v1/accounts/" + std::to_string(hub_.accounts["ada"]) + "/disable",
              "@ada", "{}");
}

TEST_F(SessionsTest, WhoBelongsToSeveralSaysForWhomHeSpeaks) {
  const std::string ticket = hub_.new_ticket();
  const std::string path = "/api/v1/tickets/" + ticket;
  const auto as = [&](const std::string& customer, const std::string& target) {
    Headers headers;
    if (!customer.empty()) headers.emplace_back("Ombud-Customer", customer);
    return *hub_.send("GET", target, "@dubbel", "", std::move(headers));
  };
  const auto role = [&](const std::string& customer) {
    return std::string(as(customer, "/api/v1/session").json()["role"].text());
  };
  EXPECT_EQ(role(""), "agent");
  EXPECT_EQ(role("alfa"), "manager");
  EXPECT_EQ(role("beta"), "user");
  EXPECT_EQ(as("", path).status, 200);
  EXPECT_EQ(as("alfa", path).status, 200);
  EXPECT_EQ(as("alfa", path + "/events").status, 403) << "a manager is no agent";
  EXPECT_EQ(as("beta", path).status, 404);
  EXPECT_EQ(as("gamma", path).status, 403);
  EXPECT_EQ(as("gamma", "/api/v1/session").status, 403);
  // A download is a link, which cannot carry a header.
  const auto file = hub_.send("POST", path + "/attachments?name=a.txt", "erik", "hej",
                              {{"Content-Type", "text/plain"}});
  const std::string attachment =
      "/api/v1/attachments/" + std::to_string(file->json()["id"].integer());
  EXPECT_EQ(as("", attachment + "?customer=alfa").status, 200);
  EXPECT_EQ(as("", attachment + "?customer=beta").status, 404);
  EXPECT_EQ(as("", attachment + "?customer=gamma").status, 403);
}

TEST_F(SessionsTest, ANewPasswordNeedsTheOldOneAndEndsTheOtherSessions) {
  const Answer other = sign_in("erik@alfa.example");
  const auto change = [&](const std::string& current, const std::string& fresh) {
    json::Writer out;
    out.begin_object().field("current", current).field("new", fresh).end_object();
    return *hub_.send("POST", "/api/v1/account/password", "@erik", out.take());
  };
  const std::string fresh = "sju lösa tänder i burken";
  EXPECT_EQ(change("fel lösenord här", fresh).json()["errors"].at(0)["pointer"].text(), "/current");
  for (const char* poor : {"kort", "password2026!", "erik erik erik", "qwertyuiop123456"}) {
    const Answer refused = change(Hub::kPassword, poor);
    EXPECT_EQ(refused.status, 400) << poor;
    EXPECT_EQ(refused.json()["errors"].at(0)["pointer"].text(), "/new") << poor;
  }
  EXPECT_EQ(change(Hub::kPassword, fresh).status, 204);
  EXPECT_FALSE(is_open(cookie_of(other)));
  EXPECT_TRUE(is_open(hub_.cookies["erik"]));
  EXPECT_EQ(sign_in("erik@alfa.example").status, 401);
  EXPECT_EQ(sign_in("erik@alfa.example", fresh).status, 200);
  // The same letters, typed as a letter and its dots: one password (NFC).
  EXPECT_EQ(sign_in("erik@alfa.example", "sju lo\xCC\x88sa ta\xCC\x88nder i burken").status, 200);
}

TEST_F(SessionsTest, AMailedLinkSetsAPasswordOnceAndEndsEverySession) {
  hub_.expect(202, "POST", "/api/v1/password-resets", "", R"({"email":"Erik@alfa.example"})");
  hub_.expect(202, "POST", "/api/v1/password-resets", "", R"({"email":"erik@alfa.example"})");
  const auto tokens = mailed_tokens("erik@alfa.example");
  ASSERT_EQ(tokens.size(), 2U) << "the second makes the first no less good";
  const auto confirm = [&](const std::string& token, const std::string& password) {
    json::Writer out;
    out.begin_object().field("token", token).field("password", password).end_object();
    return *hub_.send("POST", "/api/v1/password-resets/confirm", "", out.take());
  };
  EXPECT_EQ(confirm(tokens[0], "kort").status, 400);
  EXPECT_EQ(confirm(std::string(52, 'a'), "sju lösa tänder i burken").status, 400);
  EXPECT_TRUE(is_open(hub_.cookies["erik"]));
  EXPECT_EQ(confirm(tokens[0], "sju lösa tänder i burken").status, 204);
  EXPECT_FALSE(is_open(hub_.cookies["erik"]));
  EXPECT_EQ(confirm(tokens[0], "åtta lösa tänder i burken").status, 400);
  EXPECT_EQ(confirm(tokens[1], "åtta lösa tänder i burken").status, 400) << "spent with it";
  EXPECT_EQ(sign_in("erik@alfa.example", "sju lösa tänder i burken").status, 200);
}

TEST_F(SessionsTest, AnAdministratorSetsAPasswordOrSendsALink) {
  const std::string erik =
      "/api/v1/accounts/" + std::to_string(hub_.accounts["erik"]) + "/reset-password";
  const auto link = hub_.expect(200, "POST", erik, "@ada", "{}");
  const std::string url(link["reset_url"].text());
  EXPECT_EQ(mailed_tokens("erik@alfa.example"),
            std::vector<std::string>{url.substr(url.find('=') + 1)});
  EXPECT_TRUE(is_open(hub_.cookies["erik"])) << "not before it is used";
  hub_.expect(400, "POST", erik, "@ada", R"({"password":"kort"})");
  hub_.expect(200, "POST", erik, "@ada", R"({"password":"sju lösa tänder i burken"})");
  EXPECT_FALSE(is_open(hub_.cookies["erik"]));
  EXPECT_EQ(sign_in("erik@alfa.example", "sju lösa tänder i burken").status, 200);
  hub_.expect(404, "POST", "/api/v1/accounts/987654/reset-password", "@ada", "{}");
}

TEST_F(SessionsTest, ALetterHoldsUpNobodyAndShowsItsLinkToNobodyElse) {
  for (int i = 0; i < 5; ++i) {
    hub_.expect(202, "POST", "/api/v1/password-resets", "", R"({"email":"erik@alfa.example"})");
  }
  EXPECT_EQ(mailed_tokens("erik@alfa.example").size(), 3U) << "no more than three at once";
  hub_.expect(202, "POST", "/api/v1/password-resets", "", R"({"email":"otto@beta.example"})");
  EXPECT_EQ(mailed_tokens("otto@beta.example").size(), 1U);  // written by now
  const auto letters = hub_.expect(200, "GET", "/api/v1/deliveries?link=desk-mail", "@olof");
  ASSERT_EQ(letters["items"].size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) {
    const json::View letter = letters["items"].at(i);
    EXPECT_EQ(letter["state"].text(), "ready") << "each at the head of a lane of its own";
    EXPECT_FALSE(letter["ticket"].present());
    const auto shown =
        hub_.expect(200, "GET", "/api/v1/deliveries/" + letter["id"].dump(), "@olof");
    EXPECT_EQ(shown["document"].text(), "");
  }
  const auto limited = hub_.expect(200, "GET", "/api/v1/deliveries?link=desk-mail", "bea");
  EXPECT_EQ(limited["items"].size(), 0U);
}

TEST_F(SessionsTest, AnInvitationIsALinkForTheFirstPassword) {
  const auto made = hub_.expect(201, "POST", "/api/v1/accounts", "@ada",
                                R"({"name":"Nils Ny","email":"nils@alfa.example","invite":true,
                                    "memberships":[{"customer":"alfa","role":"approver"}]})");
  const std::string url(made["invite_url"].text());
  ASSERT_TRUE(url.starts_with("http://127.0.0.1:8080/reset?token=")) << url;
  const std::string token = url.substr(url.find('=') + 1);
  EXPECT_EQ(mailed_tokens("nils@alfa.example"), std::vector<std::string>{token});
  hub_.expect(204, "POST", "/api/v1/password-resets/confirm", "",
              R"({"token":")" + token + R"(","password":"sju lösa tänder i burken"})");
  const Answer in = sign_in("nils@alfa.example", "sju lösa tänder i burken");
  EXPECT_EQ(in.json()["role"].text(), "approver");
  EXPECT_EQ(in.json()["customer"].text(), "alfa");
}

TEST_F(SessionsTest, ASecondFactorIsAskedForAndNoCodeCountsTwice) {
  const auto begun = hub_.expect(200, "POST", "/api/v1/account/totp", "@erik", kOwnPassword);
  const std::string secret(begun["secret"].text());
  EXPECT_TRUE(begun["uri"].text().starts_with("otpauth://totp/Servicedesk:erik%40alfa.example?"));
  const auto code = [&](int later) {
    return identity::totp_code(secret, identity::totp_step_at(hub_.clock.now()) + later);
  };
  EXPECT_EQ(sign_in("erik@alfa.example").status, 200) << "not before it is confirmed";
  hub_.expect(400, "POST", "/api/v1/account/totp/confirm", "@erik", R"({"code":"000000x"})");
  const std::string first = code(0);
  const auto confirmed = hub_.expect(200, "POST", "/api/v1/account/totp/confirm", "@erik",
                                     R"({"code":")" + first + R"("})");
  ASSERT_EQ(confirmed["recovery_codes"].size(), 10U);
  const std::string recovery(confirmed["recovery_codes"].at(3).text());

  const Answer asked = sign_in("erik@alfa.example");
  EXPECT_EQ(asked.status, 401);
  EXPECT_EQ(code_of(asked), "code_required");
  EXPECT_EQ(code_of(sign_in("erik@alfa.example", "fel lösenord här", first)), "credentials");
  EXPECT_EQ(code_of(sign_in("erik@alfa.example", Hub::kPassword, first)), "code_required")
      << "it was used to confirm";
  const std::string next = code(1);
  EXPECT_EQ(sign_in("erik@alfa.example", Hub::kPassword, next).status, 200);
  EXPECT_EQ(sign_in("erik@alfa.example", Hub::kPassword, next).status, 401);
  // The delay after wrong codes is tested where time can be told; a new address has none here.
  std::string typed = recovery;
  for (char& c : typed) c = c == '-' ? ' ' : static_cast<char>(std::toupper(c));
  EXPECT_EQ(sign_in("erik@alfa.example", Hub::kPassword, typed).status, 200);
  EXPECT_EQ(sign_in("erik@alfa.example", Hub::kPassword, recovery).status, 401);

  hub_.expect(400, "DELETE", "/api/v1/account/totp", "@erik", R"({"password":"fel"})");
  hub_.expect(204, "DELETE", "/api/v1/account/totp", "@erik",
              std::string(R"({"password":")") + Hub::kPassword + R"("})");
  EXPECT_EQ(sign_in("erik@alfa.example").status, 200);
}

TEST_F(SessionsTest, AnAdministratorTakesALostSecondFactorAway) {
  const auto begun = hub_.expect(200, "POST", "/api/v1/account/totp", "@erik", kOwnPassword);
  const std::string code =
      identity::totp_code(begun["secret"].text(), identity::totp_step_at(hub_.clock.now()));
  hub_.expect(200, "POST", "/api/v1/account/totp/confirm", "@erik",
              R"({"code":")" + code + R"("})");
  EXPECT_EQ(sign_in("erik@alfa.example").status, 401);
  const std::string erik = "/api/v1/accounts/" + std::to_string(hub_.accounts["erik"]);
  hub_.expect(403, "POST", erik + "/reset-totp", "@lena", "{}");
  hub_.expect(200, "POST", erik + "/reset-totp", "@ada", "{}");
  EXPECT_EQ(sign_in("erik@alfa.example").status, 200);
}

TEST_F(SessionsTest, AnOwnTokenMayNoMoreThanItsScopesAndItsMaker) {
  const auto made = hub_.expect(201, "POST", "/api/v1/account/tokens", "@lena",
                                with_password(R"("name":"script","scopes":["ticket.read"])"));
  const std::string secret(made["secret"].text());
  hub_.expect(200, "GET", "/api/v1/tickets", secret);
  hub_.expect(403, "GET", "/api/v1/accounts", secret);
  hub_.expect(403, "POST", "/api/v1/tickets", secret, R"({"subject":"x","customer":"alfa"})");
  hub_.expect(403, "POST", "/api/v1/account/tokens", secret, R"({"name":"another"})");
  hub_.expect(400, "POST", "/api/v1/account/tokens", "@lena",
              with_password(R"("name":"x","scopes":["token.manage"])"));
  hub_.expect(400, "POST", "/api/v1/account/tokens", "@lena",
              with_password(R"("name":"x","scopes":["account.own"])"));
  hub_.expect(400, "POST", "/api/v1/account/tokens", "@lena",
              with_password(R"("name":"x","expires_at":"2020-01-01T00:00:00Z")"));
  // All that she may; then she may less, and what it stood on is gone.
  const auto all =
      hub_.expect(201, "POST", "/api/v1/account/tokens", "@lena", with_password(R"("name":"all")"));
  const std::string wide(all["secret"].text());
  hub_.expect(200, "GET", "/api/v1/accounts", wide);
  hub_.expect(403, "GET", "/api/v1/sessions", wide);
  const std::string lena = "/api/v1/accounts/" + std::to_string(hub_.accounts["lena"]);
  hub_.expect(200, "PATCH", lena, "@ada", R"({"agent":{"id":"lena","role":"agent"}})");
  hub_.expect(401, "GET", "/api/v1/tickets", wide);
  hub_.expect(200, "GET", "/api/v1/tickets", secret);  // an agent reads tickets, too
  hub_.expect(200, "PATCH", lena, "@ada", R"({"agent":{"id":"lena","role":"lead"}})");
  hub_.expect(401, "GET", "/api/v1/tickets", wide);  // and it does not come back with the role
  hub_.expect(404, "DELETE", "/api/v1/account/tokens/" + std::string(made["id"].text()), "@erik");
  hub_.expect(204, "DELETE", "/api/v1/account/tokens/" + std::string(made["id"].text()), "@lena");
  hub_.expect(401, "GET", "/api/v1/tickets", secret);
}

TEST_F(SessionsTest, AnAccountsTokenSubscribesToNothing) {
  const auto made =
      hub_.expect(201, "POST", "/api/v1/account/tokens", "@mona", with_password(R"("name":"x")"));
  hub_.expect(403, "POST", "/tmf-api/troubleTicket/v4/hub", std::string(made["secret"].text()),
              R"({"callback":"https://listener.example/x"})");
}

TEST_F(SessionsTest, HostilePasswordsAreRefusedBeforeTheyCostAnything) {
  EXPECT_EQ(sign_in("erik@alfa.example", std::string(10'000'000, 'a')).status, 413);
  EXPECT_EQ(sign_in("erik@alfa.example", std::string(1'025, 'a')).status, 400);
  EXPECT_EQ(sign_in("erik@alfa.example", std::string(1'024, 'a')).status, 401);
  EXPECT_EQ(sign_in(std::string(255, 'a') + "@alfa.example").status, 400);
  const auto nul = hub_.send("POST", "/api/v1/session", "",
                             R"({"email":"erik@alfa.example","password":"fyra\u0000grodor"})");
  EXPECT_EQ(nul->status, 400);
  const auto broken = hub_.send("POST", "/api/v1/session", "",
                                "{\"email\":\"erik@alfa.example\",\"password\":\"\xC3\x28\"}");
  EXPECT_EQ(broken->status, 400);
  const auto form = hub_.send("POST", "/api/v1/session", "", "email=erik@alfa.example&password=x",
                              {{"Content-Type", "application/x-www-form-urlencoded"}});
  EXPECT_EQ(form->status, 415);
}

TEST_F(SessionsTest, WhatABrowserSaysOfItselfMayBeAnything) {
  const Headers headers{{"User-Agent", "\xFF\xFE" + std::string(5'000, 'x')},
                        {"X-Forwarded-For", "\xC3\x28, <script>"}};
  EXPECT_EQ(sign_in("erik@alfa.example", "fel lösenord här", "", headers).status, 401);
  EXPECT_EQ(sign_in("erik@alfa.example", Hub::kPassword, "", headers).status, 200);
  const auto list = hub_.expect(200, "GET", "/api/v1/sessions", "@erik");
  EXPECT_LE(list["items"].at(0)["agent_text"].text().size(), 200U);
  EXPECT_EQ(list["items"].at(0)["address"].text(), "127.0.0.1")
      << "the proxy's: that is no address";
}

TEST_F(SessionsTest, AfterAFewWrongPasswordsOneIsToldToWait) {
  const Headers from{{"X-Forwarded-For", "203.0.113.7"}};
  Answer last;
  for (int i = 0; i < 6; ++i) last = sign_in("otto@beta.example", "fel lösenord här", "", from);
  EXPECT_EQ(last.status, 429);
  EXPECT_GE(std::stoi(last.header("retry-after")), 1);
  EXPECT_EQ(sign_in("otto@beta.example", Hub::kPassword, "", from).status, 429)
      << "the right one has to wait too, or it would be told";
  EXPECT_TRUE(is_open(hub_.cookies["otto"])) << "an open session is untouched";
  EXPECT_EQ(sign_in("erik@alfa.example", Hub::kPassword, "", from).status, 200);
  // Where he has a session already (192.0.2.1), others' guesses do not slow him down.
  EXPECT_EQ(
      sign_in("otto@beta.example", Hub::kPassword, "", {{"X-Forwarded-For", "192.0.2.1"}}).status,
      200);
}

TEST_F(SessionsTest, PreferencesAreOnesOwn) {
  const auto set =
      hub_.expect(200, "PATCH", "/api/v1/account", "@erik",
                  R"({"language":"en","zone":"Europe/Stockholm","theme":"dark","name":"Erik Ek"})");
  EXPECT_EQ(set["theme"].text(), "dark");
  const auto cleared =
      hub_.expect(200, "PATCH", "/api/v1/account", "@erik", R"({"language":null})");
  EXPECT_FALSE(cleared["language"].present());
  EXPECT_EQ(cleared["zone"].text(), "Europe/Stockholm");
  for (const char* wrong : {R"({"language":"fr"})", R"({"zone":"../../etc/passwd\n"})",
                            R"({"theme":"pink"})", R"({"email":"x@y.example"})"}) {
    hub_.expect(400, "PATCH", "/api/v1/account", "@erik", wrong);
  }
  hub_.expect(403, "PATCH", "/api/v1/account", "erik", "{}");  // a token of the directory
}

TEST_F(SessionsTest, WhatHappenedToAnAccountIsNoted) {
  sign_in("erik@alfa.example", "fel lösenord här");
  sign_in("erik@alfa.example");
  std::string types;
  hub_.run([&](Tx& tx) {
    AuditFilter of_erik;
    of_erik.subject = "account";
    of_erik.subject_id = std::to_string(hub_.accounts["erik"]);
    for (const AuditEntry& entry : list_audit(tx, of_erik, INT64_MAX, 10)) {
      types += entry.type + " ";
      EXPECT_EQ(entry.data.find("fel"), std::string::npos);
    }
  });
  EXPECT_EQ(types, "account.signed_in account.sign_in_refused account.added ");
}

}  // namespace
}  // namespace ombud::http::test
