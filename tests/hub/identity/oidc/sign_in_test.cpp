// Signing in against a provider that lies, drips, redirects, dies and changes its keys.
#include "identity/oidc/sign_in.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <thread>

#include "base/bytes.hpp"
#include "hub/connector_host/tls_server.hpp"
#include "identity/oidc/curl_fetcher.hpp"
#include "identity/oidc/limits.hpp"
#include "identity/oidc/text.hpp"
#include "support.hpp"
#include "support/memory_store.hpp"

namespace ombud::oidc::test {
namespace {

constexpr const char* kMetadata = "/.well-known/openid-configuration";

struct OidcSignIn : ::testing::Test {
  FaultProvider provider;
  HandClock clock;
  SystemRandom random;
  ombud::test::MemoryStore store{clock, random};
  CurlFetcher fetcher{kFetchesMax};
  SignIn sign_in{clock,
                 random,
                 store,
                 fetcher,
                 SealKey::from_bytes(std::string(32, 'k')),
                 "http://127.0.0.1:8080"};

  OidcSignIn() { sign_in.configure({provider.settings()}); }

  void advance(Millis by) {
    clock.advance(by);
    provider.at(clock.now());
  }
  Outcome<Begun> begin(const std::string& to = "/tickets") {
    return run(sign_in.begin("alfa", to));
  }
  static std::string cookie_of(const Begun& begun) {
    const std::string pair = begun.cookie.substr(0, begun.cookie.find(';'));
    return std::string(cookie_in(pair, "ombud_oidc").value_or(""));
  }
  Outcome<Arrived> finish(const std::string& query, const std::string& cookie) {
    return run(sign_in.finish("alfa", query, cookie));
  }
  // There and back.
  Outcome<Arrived> go() {
    const auto begun = begin();
    if (!begun) return begun.error();
    return finish(provider.consent(begun->location), cookie_of(*begun));
  }
  void expect(Trouble trouble, std::string_view detail) {
    const auto arrived = go();
    ASSERT_FALSE(arrived);
    EXPECT_EQ(to_text(arrived.error().trouble), to_text(trouble)) << arrived.error().detail;
    EXPECT_NE(arrived.error().detail.find(detail), std::string::npos) << arrived.error().detail;
  }
};

TEST_F(OidcSignIn, ThereAndBack) {
  const auto begun = begin();
  ASSERT_TRUE(begun) << begun.error().detail;
  EXPECT_TRUE(begun->location.starts_with(provider.issuer() + "/authorize?"));
  EXPECT_EQ(query_value(begun->location, "response_type"), "code");
  EXPECT_EQ(query_value(begun->location, "scope"), "openid email profile");
  EXPECT_EQ(query_value(begun->location, "code_challenge_method"), "S256");
  EXPECT_EQ(query_value(begun->location, "redirect_uri"),
            "http://127.0.0.1:8080/auth/oidc/alfa/callback");
  EXPECT_EQ(query_value(begun->location, "state").size(), 43U);
  const auto arrived = finish(provider.consent(begun->location), cookie_of(*begun));
  ASSERT_TRUE(arrived) << arrived.error().detail;
  EXPECT_EQ(arrived->who.subject, "s-1");
  EXPECT_EQ(arrived->who.email, "erik@alfa.example");
  EXPECT_TRUE(arrived->who.email_verified);
  EXPECT_EQ(arrived->may, (Entitlement{"alfa", "user", ""}));
  EXPECT_EQ(arrived->to, "/tickets");
  EXPECT_EQ(provider.asked(kMetadata), 1);
}

TEST_F(OidcSignIn, TheSecretGoesInTheHeaderOrInTheBodyAsTheProviderWants) {
  provider.answer("/token", {.status = 401, .body = R"({"error":"invalid_client"})"});
  expect(Trouble::unreachable, "invalid_client");
  EXPECT_EQ(provider.last_header("Authorization"),
            "Basic " + to_base64("desk:s%26cret%2F%20with%20space"));
}

TEST_F(OidcSignIn, EveryWayBackIsTakenOnceAndOnlyByTheBrowserThatAsked) {
  const auto begun = begin(), other = begin();
  const std::string query = provider.consent(begun->location), cookie = cookie_of(*begun);
  for (const auto& [bad_query, bad_cookie] : std::vector<std::pair<std::string, std::string>>{
           {query, ""},
           {query, "nonsense"},
           {query, cookie_of(*other)},
           {"code=code-1", cookie},
           {"code=code-1&state=", cookie},
           {query + "&state=x", cookie},
           {"code=code-1&state=" + query_value(other->location, "state"), cookie}}) {
    const auto refused = finish(bad_query, bad_cookie);
    ASSERT_FALSE(refused) << bad_query;
    EXPECT_EQ(to_text(refused.error().trouble), "expired");
  }
  EXPECT_EQ(provider.asked("/token"), 0);
  EXPECT_TRUE(finish(query, cookie));
  const auto replayed = finish(query, cookie);
  ASSERT_FALSE(replayed);
  EXPECT_NE(replayed.error().detail.find("replayed"), std::string::npos);
  EXPECT_EQ(provider.asked("/token"), 1);
}

TEST_F(OidcSignIn, AWayBackCountsOnceAlsoForAHubThatWasStartedAnew) {
  const auto begun = begin();
  const std::string query = provider.consent(begun->location), cookie = cookie_of(*begun);
  ASSERT_TRUE(finish(query, cookie));
  SignIn anew{clock,
              random,
              store,
              fetcher,
              SealKey::from_bytes(std::string(32, 'k')),
              "http://127.0.0.1:8080"};
  anew.configure({provider.settings()});
  const auto replayed = run(anew.finish("alfa", query, cookie));
  ASSERT_FALSE(replayed);
  EXPECT_NE(replayed.error().detail.find("replayed"), std::string::npos) << replayed.error().detail;
  EXPECT_EQ(provider.asked("/token"), 1) << "and the provider is not asked";
}

TEST_F(OidcSignIn, TheProviderIsToldWhoSignsOutThere) {
  const std::string at = provider.issuer();
  provider.answer(kMetadata,
                  {.body = R"({"issuer":")" + at + R"(","authorization_endpoint":")" + at +
                           R"(/authorize","token_endpoint":")" + at + R"(/token","jwks_uri":")" +
                           at + R"(/jwks","end_session_endpoint":")" + at + R"(/end"})"});
  const auto arrived = go();
  ASSERT_TRUE(arrived) << arrived.error().detail;
  EXPECT_EQ(std::count(arrived->id_token.begin(), arrived->id_token.end(), '.'), 2);
  const std::string hinted = run(sign_in.sign_out("alfa", arrived->id_token)).value();
  EXPECT_EQ(query_value(hinted, "id_token_hint"), arrived->id_token);
  EXPECT_EQ(query_value(hinted, "post_logout_redirect_uri"), "http://127.0.0.1:8080/sign-in");
  EXPECT_EQ(run(sign_in.sign_out("alfa", "")).value().find("id_token_hint"), std::string::npos);
}

TEST_F(OidcSignIn, AnIdTokenThatIsLongIsNotKept) {
  provider.claim("groups", "\"" + std::string(kTokenKeptBytesMax, 'g') + "\"");
  const auto arrived = go();
  ASSERT_TRUE(arrived) << arrived.error().detail;
  EXPECT_EQ(arrived->id_token, "");
}

TEST_F(OidcSignIn, AWayBackAfterTenMinutesIsTooLate) {
  const auto begun = begin();
  advance(kSignInWithin);
  const auto late = finish(provider.consent(begun->location), cookie_of(*begun));
  ASSERT_FALSE(late);
  EXPECT_NE(late.error().detail.find("ten minutes"), std::string::npos);
}

TEST_F(OidcSignIn, ACookieForOneProviderIsNoneForAnother) {
  ProviderSettings second = provider.settings();
  second.id = "beta";
  sign_in.configure({provider.settings(), second});
  const auto begun = begin();
  const auto mixed =
      run(sign_in.finish("beta", provider.consent(begun->location), cookie_of(*begun)));
  ASSERT_FALSE(mixed);
  EXPECT_EQ(to_text(mixed.error().trouble), "expired");
  const auto nobody = run(sign_in.finish("gamma", "code=x", ""));
  EXPECT_EQ(to_text(nobody.error().trouble), "unknown_provider");
}

TEST_F(OidcSignIn, WhoAnswersIsWhoWasAsked) {
  const auto begun = begin();
  const std::string query = provider.consent(begun->location);
  const auto mixed = finish(query + "&iss=https%3A%2F%2Fevil.example", cookie_of(*begun));
  ASSERT_FALSE(mixed);
  EXPECT_NE(mixed.error().detail.find("iss"), std::string::npos);
  EXPECT_EQ(provider.asked("/token"), 0);
}

TEST_F(OidcSignIn, WhoeverSaysNoIsToldSo) {
  const auto begun = begin();
  const std::string state = "&state=" + query_value(begun->location, "state");
  const auto denied = finish("error=access_denied" + state, cookie_of(*begun));
  EXPECT_EQ(to_text(denied.error().trouble), "denied");
  const auto again = begin();
  const auto failed = finish(
      "error=server_error&error_description=x&state=" + query_value(again->location, "state"),
      cookie_of(*again));
  EXPECT_EQ(to_text(failed.error().trouble), "unreachable");
}

// --- ID tokens that lie -------------------------------------------------------------------------

TEST_F(OidcSignIn, AWrongSignatureIsRefused) {
  provider.sign([](const std::string& claims) {
    const std::string good = token(SigningKey::rsa(), "RS256", claims);
    return good.substr(0, good.rfind('.') + 1) + std::string(342, 'A');
  });
  expect(Trouble::untrusted, "not signed by a key");
}

TEST_F(OidcSignIn, ASignatureByAnotherKeyOfThatNameIsRefused) {
  provider.sign([](const std::string& claims) {
    return token(SigningKey::rsa("evil"), "RS256", claims, R"({"alg":"RS256","kid":"rsa-1"})");
  });
  expect(Trouble::untrusted, "not signed by a key");
}

TEST_F(OidcSignIn, AnotherPayloadUnderAGoodSignatureIsRefused) {
  provider.sign([](const std::string& claims) {
    const std::string good = token(SigningKey::rsa(), "RS256", claims);
    std::string other = claims;
    other.replace(other.find("s-1"), 3, "s-2");
    return good.substr(0, good.find('.') + 1) + to_base64url(other) + good.substr(good.rfind('.'));
  });
  expect(Trouble::untrusted, "not signed by a key");
}

TEST_F(OidcSignIn, NoSignatureIsRefused) {
  provider.sign([](const std::string& claims) {
    return to_base64url(R"({"alg":"none"})") + "." + to_base64url(claims) + ".";
  });
  expect(Trouble::untrusted, "\"none\"");
}

TEST_F(OidcSignIn, AnHmacWithThePublicKeyIsRefused) {
  for (const std::string& secret :
       {SigningKey::rsa().public_pem(), SigningKey::rsa().jwk(), std::string()}) {
    provider.sign(
        [secret](const std::string& claims) { return hmac_token(secret, claims, "rsa-1"); });
    expect(Trouble::untrusted, "\"HS256\"");
  }
}

TEST_F(OidcSignIn, AnHmacKeyInTheKeySetChangesNothing) {
  provider.publish(jwks({SigningKey::rsa().jwk(), R"({"kty":"oct","kid":"h","k":"c2VjcmV0"})"}));
  provider.sign([](const std::string& claims) { return hmac_token("secret", claims, "h"); });
  expect(Trouble::untrusted, "\"HS256\"");
}

TEST_F(OidcSignIn, AKeyThatTheTokenBringsAlongIsNotLookedAt) {
  provider.sign([](const std::string& claims) {
    return token(SigningKey::rsa("evil"), "RS256", claims,
                 R"({"alg":"RS256","kid":"evil","jwk":)" + SigningKey::rsa("evil").jwk() + "}");
  });
  expect(Trouble::untrusted, "not signed by a key");
}

TEST_F(OidcSignIn, ExpiredForOthersByOthersOrForAnotherRequestIsRefused) {
  const struct {
    const char* claim;
    std::string json;
    const char* detail;
  } lies[] = {{"exp", std::to_string(ms_of(clock.now()) / 1000 - 3600), "expired"},
              {"exp", "null", "from when until when"},
              {"iat", std::to_string(ms_of(clock.now()) / 1000 + 3600), "future"},
              {"aud", R"("another")", "somebody else"},
              {"aud", R"(["desk","another"])", "several audiences"},
              {"azp", R"("another")", "azp"},
              {"iss", R"("https://evil.example")", "evil.example"},
              {"nonce", R"("another")", "nonce"},
              {"nonce", "null", "nonce"},
              {"sub", "null", "subject"}};
  for (const auto& lie : lies) {
    provider.claim(lie.claim, lie.json);
    expect(Trouble::untrusted, lie.detail);
    provider.forget_claims();
  }
  EXPECT_TRUE(go());
}

// --- Keys that change ---------------------------------------------------------------------------

TEST_F(OidcSignIn, ANewKeyIsFetchedAndTheOldOneForgotten) {
  ASSERT_TRUE(go());
  provider.publish(jwks({SigningKey::p256("new").jwk()}));
  provider.sign(
      [](const std::string& claims) { return token(SigningKey::p256("new"), "ES256", claims); });
  EXPECT_TRUE(go());
  EXPECT_EQ(provider.asked("/jwks"), 2);
  provider.sign(
      [](const std::string& claims) { return token(SigningKey::rsa(), "RS256", claims); });
  expect(Trouble::untrusted, "not signed by a key");
}

TEST_F(OidcSignIn, UnknownKeysMakeUsAskOnceAMinute) {
  ASSERT_TRUE(go());
  provider.sign(
      [](const std::string& claims) { return token(SigningKey::rsa("unknown"), "RS256", claims); });
  for (int i = 0; i < 5; ++i) expect(Trouble::untrusted, "not signed by a key");
  EXPECT_EQ(provider.asked("/jwks"), 2);
  advance(kKeysAgainAfter);
  expect(Trouble::untrusted, "not signed by a key");
  EXPECT_EQ(provider.asked("/jwks"), 3);
}

TEST_F(OidcSignIn, AWithdrawnKeyIsBelievedForTenMinutesAtMost) {
  ASSERT_TRUE(go());
  provider.publish(jwks({SigningKey::rsa("other").jwk()}));
  EXPECT_TRUE(go());
  advance(kKeysFor);
  expect(Trouble::untrusted, "not signed by a key");
}

TEST_F(OidcSignIn, AKeyWithoutANameMayChangeToo) {
  provider.publish(jwks({SigningKey::rsa("").jwk()}));
  provider.sign([](const std::string& claims) {
    return token(SigningKey::rsa(""), "RS256", claims, R"({"alg":"RS256"})");
  });
  ASSERT_TRUE(go());
  provider.publish(jwks({SigningKey::ed25519("").jwk()}));
  provider.sign([](const std::string& claims) {
    return token(SigningKey::ed25519(""), "EdDSA", claims, R"({"alg":"EdDSA"})");
  });
  EXPECT_TRUE(go());
}

// --- Answers that are none ----------------------------------------------------------------------

TEST_F(OidcSignIn, AnswersThatAreNoneAreToldApart) {
  const std::string huge = R"({"keys":[],"x":")" + std::string(kAnswerBytesMax, 'x') + R"("})";
  const struct {
    const char* path;
    Reply reply;
    const char* detail;
  } faults[] = {
      {"/jwks", {.body = huge}, "larger than 256 KiB"},
      {"/jwks", {.body = "<html>", .type = "text/html"}, "text/html"},
      {"/jwks", {.body = "{"}, "no JSON object"},
      {"/jwks", {.body = R"({"keys":[]})"}, "no key"},
      {"/jwks", {.body = "[]"}, "no JSON object"},
      {"/jwks", {.status = 500, .body = "{}"}, "500"},
      {"/jwks", {.status = 302, .headers = {{"Location", "/elsewhere"}}}, "redirect"},
      {"/token", {.status = 307, .headers = {{"Location", "http://127.0.0.1:1/"}}}, "redirect"},
      {"/token", {.body = "{}"}, "no ID token"},
      {"/token", {.body = R"({"id_token":17})"}, "no ID token"},
      {"/token", {.body = R"({"id_token":"a.b.c"})"}, "header"},
      {"/token", {.body = "id_token=x", .type = "text/plain"}, "text/plain"},
      {"/token", {.status = 503, .body = "{}"}, "503"},
      {"/token", {.status = 400, .body = R"({"error":"invalid_grant"})"}, "invalid_grant"},
      {"/token", {.status = 400, .body = "<html>"}, "400"},
  };
  for (const auto& fault : faults) {
    provider.answer(fault.path, fault.reply);
    const auto arrived = go();
    ASSERT_FALSE(arrived) << fault.detail;
    EXPECT_NE(arrived.error().detail.find(fault.detail), std::string::npos)
        << fault.detail << ": " << arrived.error().detail;
    provider.behave(fault.path);
  }
  EXPECT_EQ(provider.asked("/elsewhere"), 0);
  EXPECT_TRUE(go());
}

TEST_F(OidcSignIn, AProviderThatSpeaksForAnotherIsNotSpokenTo) {
  provider.answer(kMetadata, {.body = R"({"issuer":"https://id.example"})"});
  expect(Trouble::unreachable, "calls itself \"https://id.example\"");
  // Not asked again at once …
  provider.behave(kMetadata);
  expect(Trouble::unreachable, "calls itself");
  EXPECT_EQ(provider.asked(kMetadata), 1);
  advance(kTroubleFor);  // … but soon.
  EXPECT_TRUE(go());
}

TEST_F(OidcSignIn, ADeadProviderIsToldOfAndTheOthersGoOn) {
  const int port_of_nobody = [] {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(socket, reinterpret_cast<sockaddr*>(&address), size);
    ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
    ::close(socket);
    return ntohs(address.sin_port);
  }();
  ProviderSettings dead = provider.settings();
  dead.id = "dead";
  dead.issuer = "http://127.0.0.1:" + std::to_string(port_of_nobody);
  sign_in.configure({dead, provider.settings()});
  const auto begun = run(sign_in.begin("dead", "/"));
  ASSERT_FALSE(begun);
  EXPECT_EQ(to_text(begun.error().trouble), "unreachable");
  EXPECT_TRUE(go());
}

TEST_F(OidcSignIn, WhatTheIdTokenDoesNotSayIsAskedOfUserinfo) {
  const std::string at = provider.issuer();
  provider.answer(kMetadata,
                  {.body = R"({"issuer":")" + at + R"(","authorization_endpoint":")" + at +
                           R"(/authorize","token_endpoint":")" + at + R"(/token","jwks_uri":")" +
                           at + R"(/jwks","userinfo_endpoint":")" + at + R"(/userinfo"})"});
  provider.claim("email", "null");
  provider.answer("/userinfo",
                  {.body = R"({"sub":"s-1","email":"erik@alfa.example","name":"Not he"})"});
  const auto arrived = go();
  ASSERT_TRUE(arrived) << arrived.error().detail;
  EXPECT_EQ(arrived->who.email, "erik@alfa.example");
  EXPECT_EQ(arrived->who.name, "Erik Ek");  // what was signed goes first
  provider.answer("/userinfo", {.body = R"({"sub":"s-2","email":"erik@alfa.example"})"});
  expect(Trouble::untrusted, "another subject");
  provider.answer("/userinfo", {.status = 500, .body = "{}"});
  expect(Trouble::unreachable, "500");  // or roles that only it tells would be taken away
}

TEST_F(OidcSignIn, AnAccessTokenThatIsNoneNeverReachesAHeader) {
  provider.access_token("a\\r\\nX-Evil: 1");
  expect(Trouble::untrusted, "access token");
}

TEST_F(OidcSignIn, AProviderThatIsAsItWasKeepsWhatItKnows) {
  ASSERT_TRUE(go());
  ProviderSettings added = provider.settings();
  added.id = "beta";
  sign_in.configure({provider.settings(), added});
  ASSERT_TRUE(go());
  EXPECT_EQ(provider.asked(kMetadata), 1);
  EXPECT_EQ(sign_in.providers().size(), 2U);
  sign_in.configure({});
  EXPECT_EQ(to_text(begin().error().trouble), "unknown_provider");
}

// --- The HTTP client ----------------------------------------------------------------------------

struct OidcFetcher : ::testing::Test {
  FaultProvider provider;
  CurlFetcher fetcher{2};

  std::future<Fetched> ask(const std::string& path, Millis within) {
    auto promise = std::make_shared<std::promise<Fetched>>();
    fetcher.fetch({.url = provider.issuer() + path, .within = within},
                  [promise](Fetched fetched) { promise->set_value(std::move(fetched)); });
    return promise->get_future();
  }
};

TEST_F(OidcFetcher, AnAnswerThatDoesNotComeIsWaitedForSoLongAndNoLonger) {
  std::promise<void> release;
  auto released = release.get_future().share();
  provider.answer_by("/slow", [released] {
    released.wait();
    return Reply{};
  });
  const auto answer = ask("/slow", Millis{200}).get();
  EXPECT_EQ(answer.status, 0);
  EXPECT_NE(answer.error.find("no answer within"), std::string::npos) << answer.error;
  release.set_value();
}

// A byte every 20 ms, for as long as anybody listens.
TEST_F(OidcFetcher, AnAnswerThatDripsIsWaitedForNoLonger) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(listener, 1), 0);
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  std::thread dripping([listener] {
    const int peer = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    const std::string_view head = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n";
    ::send(peer, head.data(), head.size(), MSG_NOSIGNAL);
    pollfd gone{peer, POLLRDHUP, 0};
    while (::poll(&gone, 1, 20) == 0) ::send(peer, "x", 1, MSG_NOSIGNAL);
    ::close(peer);
  });
  std::promise<Fetched> told;
  fetcher.fetch({.url = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/",
                 .within = Millis{300}},
                [&](Fetched fetched) { told.set_value(std::move(fetched)); });
  EXPECT_NE(told.get_future().get().error.find("no answer within"), std::string::npos);
  dripping.join();
  ::close(listener);
}

TEST_F(OidcFetcher, OneThatHangsHoldsUpNobodyElseAndTooManyAreRefused) {
  std::promise<void> release;
  auto released = release.get_future().share();
  provider.answer_by("/slow", [released] {
    released.wait();
    return Reply{};
  });
  auto first = ask("/slow", Millis{10'000});
  EXPECT_EQ(ask("/jwks", Millis{10'000}).get().status, 200);
  auto second = ask("/slow", Millis{10'000});
  const auto third = ask("/jwks", Millis{10'000}).get();
  EXPECT_EQ(third.status, 0);
  EXPECT_NE(third.error.find("too many"), std::string::npos);
  release.set_value();
  EXPECT_EQ(first.get().status, 200);
  EXPECT_EQ(second.get().status, 200);
}

TEST_F(OidcFetcher, WhatIsUnderWayAtTheEndIsAnsweredToo) {
  std::promise<void> release;
  auto released = release.get_future().share();
  provider.answer_by("/slow", [released] {
    released.wait();
    return Reply{};
  });
  std::promise<Fetched> told;
  {
    CurlFetcher ending{2};
    ending.fetch({.url = provider.issuer() + "/slow", .within = Millis{10'000}},
                 [&](Fetched fetched) { told.set_value(std::move(fetched)); });
  }
  EXPECT_EQ(told.get_future().get().status, 0);
  release.set_value();
}

TEST_F(OidcFetcher, AServerThatNobodyVouchesForHearsNothing) {
  TlsServer server("localhost");
  std::promise<Fetched> told;
  fetcher.fetch({.url = server.origin() + "/tickets", .form = "secret=1", .within = Millis{10'000}},
                [&](Fetched fetched) { told.set_value(std::move(fetched)); });
  const Fetched fetched = told.get_future().get();
  EXPECT_EQ(fetched.status, 0);
  EXPECT_NE(fetched.error.find("certificate"), std::string::npos) << fetched.error;
  EXPECT_EQ(server.requests, 0);
}

TEST_F(OidcFetcher, OtherAddressesAreNotEvenTried) {
  for (const char* bad : {"http://id.example/", "file:///etc/passwd", "gopher://127.0.0.1/"}) {
    std::promise<Fetched> told;
    fetcher.fetch({.url = bad, .within = Millis{10'000}},
                  [&](Fetched fetched) { told.set_value(std::move(fetched)); });
    EXPECT_NE(told.get_future().get().error.find("the address"), std::string::npos) << bad;
  }
}

}  // namespace
}  // namespace ombud::oidc::test
