// Who hears what on the stream, and how it ends.
#include "http/live/stream.hpp"

#include "desk/supplier_notices.hpp"
#include "http/live/presence.hpp"
#include "hub.hpp"
#include "identity/accounts.hpp"
#include "socket_client.hpp"

namespace ombud::http::test {
namespace {

StreamLimits small() {
  StreamLimits limits;
  limits.listeners_per_actor_max = 2;
  limits.listeners_max = 4;
  limits.burst = 3;
  limits.resync_every = Millis{50};
  limits.missed_look = Millis{10};
  limits.presence_for = Millis{60};
  limits.presence_look = Millis{10};
  return limits;
}

class Ear : public SocketClient {
 public:
  using SocketClient::SocketClient;
  // The next message must be of that type. A link may be named by a commit of before the greeting.
  json::Document expect(const std::string& type) {
    auto next = message();
    while (type != "link" && next["type"].text() == "link") next = message();
    EXPECT_EQ(next["type"].text(), type) << next.root().dump();
    return next;
  }
};

struct StreamTest : testing::Test {
  explicit StreamTest(const StreamLimits& limits = {}) : hub({}, "/nowhere", limits) {}
  SocketHeaders by(const std::string& who) {
    if (who.starts_with('@')) {
      return {{"Cookie", "ombud_session=" + hub.cookies.at(who.substr(1))},
              {"Origin", "http://desk"}};
    }
    return {{"Authorization", "Bearer " + who}};
  }
  // One who is greeted already. "@anna" comes with a session, "anna" with a token.
  std::unique_ptr<Ear> listen(const std::string& who) {
    auto ear = std::make_unique<Ear>(hub.port, "/api/v1/stream", by(who));
    EXPECT_EQ(ear->status(), 101) << who;
    ear->expect("hello");
    return ear;
  }
  int status(const SocketHeaders& headers) {
    return SocketClient(hub.port, "/api/v1/stream", headers).status();
  }
  void post(const std::string& path, const std::string& who, const std::string& body) {
    hub.expect(201, "POST", "/api/v1/tickets/" + path, who, body);
  }
  std::string ticket_of_otto() {
    return std::to_string(
        hub.expect(201, "POST", "/api/v1/tickets", "otto", R"({"subject":"x","text":"y"})")["id"]
            .integer());
  }
  void expect_ticket(Ear& ear, const std::string& ticket, const std::string& event) {
    const auto next = ear.expect("ticket");
    EXPECT_EQ(std::to_string(next["id"].integer()), ticket);
    EXPECT_EQ(next["event"].text(), event) << next.root().dump();
  }
  Hub hub;
};
struct SmallStreamTest : StreamTest {
  SmallStreamTest() : StreamTest(small()) {}
};

TEST_F(StreamTest, ANotificationIsHeardByThePersonWhoWasToldAlone) {
  const std::string ticket = hub.new_ticket();
  const auto erik = listen("erik"), maja = listen("maja"), anna = listen("anna");
  post(ticket + "/messages", "anna", R"({"text":"Hej"})");
  erik->expect("ticket");
  anna->expect("ticket");
  hub.tell();
  erik->expect("notification");
  // The next that the others hear is something else.
  const std::string hers = std::to_string(
      hub.expect(201, "POST", "/api/v1/tickets", "maja", R"({"subject":"x","text":"y"})")["id"]
          .integer());
  expect_ticket(*maja, hers, "registered");
  expect_ticket(*anna, hers, "registered");
}

// --- The handshake
// --------------------------------------------------------------------------------

TEST_F(StreamTest, WhoMayReadTicketsMayListen) {
  for (const char* who : {"erik", "anna", "olof", "ada", "alfa-itsm", "@erik", "@anna", "@mona"}) {
    listen(who);
  }
  EXPECT_EQ(status(by("nord-itsm")), 403);
  EXPECT_EQ(status(by("nobody")), 401);
  EXPECT_EQ(status({}), 401);
  EXPECT_EQ(hub.send("GET", "/api/v1/stream", "anna")->status, 426);
  EXPECT_EQ(hub.send("HEAD", "/api/v1/stream", "anna")->status, 426);
  EXPECT_EQ(hub.send("POST", "/api/v1/stream", "anna")->status, 405);
}

TEST_F(StreamTest, APageOfSomebodyElseMayNotListen) {
  const SocketHeaders cookie{{"Cookie", "ombud_session=" + hub.cookies.at("anna")}};
  const auto with = [&](SocketHeaders more) {
    more.insert(more.end(), cookie.begin(), cookie.end());
    return status(more);
  };
  EXPECT_EQ(with({}), 403);  // a browser would say whose page it is
  for (const char* origin : {"http://evil.example", "null", "http://desk.evil.example", "desk",
                             "http://desk:81", "http://desk/", "file://"}) {
    EXPECT_EQ(with({{"Origin", origin}}), 403) << origin;
  }
  EXPECT_EQ(with({{"Origin", "http://desk"}, {"Sec-Fetch-Site", "cross-site"}}), 403);
  EXPECT_EQ(with({{"Origin", "http://desk"}, {"Sec-Fetch-Site", "same-origin"}}), 101);
  EXPECT_EQ(with({{"Origin", "https://desk"}}), 101);  // behind a proxy that ends TLS
  EXPECT_EQ(status({{"Authorization", "Bearer anna"}, {"Origin", "http://evil.example"}}), 403);
}

TEST_F(SmallStreamTest, OneMayNotOpenWindowsWithoutEndNorAllTogether) {
  {
    const auto first = listen("anna"), second = listen("@anna");
    EXPECT_EQ(status(by("anna")), 429);
    const auto third = listen("erik"), fourth = listen("olof");
    EXPECT_EQ(status(by("ada")), 429);
    EXPECT_EQ(hub.stream->counts().listeners, 4);
  }
  while (hub.stream->counts().listeners > 0) std::this_thread::yield();
  listen("ada");
}

// --- Who hears what
// -------------------------------------------------------------------------------

TEST_F(StreamTest, AChangeIsHeardByThoseWhoSeeTheTicket) {
  const std::string ticket = hub.new_ticket();
  std::vector<std::unique_ptr<Ear>> all;
  for (const char* who : {"erik", "@erik", "anna", "olof", "ada", "alfa-itsm", "@mona", "@lena"}) {
    all.push_back(listen(who));
  }
  post(ticket + "/messages", "anna", R"({"text":"Vi tittar."})");
  for (const auto& ear : all) {
    const auto told = ear->expect("ticket");
    EXPECT_EQ(std::to_string(told["id"].integer()), ticket);
    EXPECT_EQ(told["event"].text(), "message_added");
    EXPECT_EQ(told["customer"].text(), "alfa");
    EXPECT_EQ(told["version"].integer(), 3);  // the reply also moved the status
  }
}

TEST_F(StreamTest, NobodyElseHearsOfIt) {
  const auto colleague = listen("maja"), other = listen("otto"), limited = listen("bea"),
             system = listen("beta-itsm"), manager = listen("@mats");
  const std::string ticket = hub.new_ticket();
  post(ticket + "/messages", "anna", R"({"text":"Vi tittar."})");
  hub.delegate(ticket);
  const std::string beta = ticket_of_otto();
  for (Ear* ear : {other.get(), limited.get(), system.get(), manager.get()}) {
    expect_ticket(*ear, beta, "registered");
  }
  const std::string hers = std::to_string(
      hub.expect(201, "POST", "/api/v1/tickets", "maja", R"({"subject":"x","text":"y"})")["id"]
          .integer());
  expect_ticket(*colleague, hers, "registered");
}

TEST_F(StreamTest, WhoTakesPartHearsAsItsUserDoes) {
  const std::string ticket = hub.new_ticket();
  const auto colleague = listen("maja");
  post(ticket + "/participants", "erik", R"({"email":"maja@alfa.example"})");
  expect_ticket(*colleague, ticket, "participant_added");
  post(ticket + "/messages", "anna", R"({"text":"intern","visibility":"internal"})");
  post(ticket + "/messages", "anna", R"({"text":"Vi tittar."})");
  expect_ticket(*colleague, ticket, "message_added");
}

TEST_F(StreamTest, WhomOneSpeaksForDecidesWhatOneHears) {
  SocketHeaders headers = by("@dubbel");
  Ear manager(hub.port, "/api/v1/stream?customer=alfa", headers);
  manager.expect("hello");
  Ear user(hub.port, "/api/v1/stream?customer=beta", headers);
  user.expect("hello");
  EXPECT_EQ(SocketClient(hub.port, "/api/v1/stream?customer=gamma", headers).status(), 403);
  const std::string ticket = hub.new_ticket();
  expect_ticket(manager, ticket, "registered");
  ticket_of_otto();  // beta's, but not his own
  post(ticket + "/messages", "anna", R"({"text":"Vi tittar."})");
  expect_ticket(manager, ticket, "message_added");
  user.text(R"({"type":"ping"})");
  user.expect("pong");
}

TEST_F(StreamTest, WhatIsInternalWakesNoUser) {
  const std::string ticket = hub.new_ticket();
  const auto erik = listen("erik"), mona = listen("@mona"), system = listen("alfa-itsm"),
             anna = listen("anna");
  post(ticket + "/messages", "anna", R"({"text":"Ringer ofta.","visibility":"internal"})");
  expect_ticket(*anna, ticket, "message_added");
  hub.expect(200, "POST", "/api/v1/tickets/" + ticket + "/assign", "anna",
             R"({"team":"desk","agent":"anna"})");
  expect_ticket(*anna, ticket, "assigned");
  hub.send("POST", "/api/v1/tickets/" + ticket + "/attachments?name=log.txt&internal=true", "anna",
           "secret", {{"Content-Type", "text/plain"}});
  expect_ticket(*anna, ticket, "attachment_added");
  hub.delegate(ticket);
  expect_ticket(*anna, ticket, "delegated");
  // The hand-over moved the status: of that they hear, and of nothing before.
  for (Ear* ear : {erik.get(), mona.get(), system.get()}) {
    expect_ticket(*ear, ticket, "status_changed");
  }
}

TEST_F(StreamTest, WhatIsToldTogetherIsToldToEachInHisWords) {
  const std::string ticket = hub.new_ticket();
  const auto erik = listen("erik"), anna = listen("anna");
  hub.run([&](Tx& tx) {  // one commit: something for the user, then something for the desk
    event::MessageAdded message;
    message.text = "Hej";
    append(tx, ticket_of_reference(ticket), message);
    message.visibility = Visibility::internal;
    append(tx, ticket_of_reference(ticket), message);
    append(tx, ticket_of_reference(ticket), event::Assigned{"desk", "anna"});
  });
  const auto to_anna = anna->expect("ticket"), to_erik = erik->expect("ticket");
  EXPECT_EQ(to_anna["event"].text(), "message_added");
  EXPECT_EQ(to_erik["event"].text(), "message_added");
  EXPECT_EQ(to_anna["version"].integer(), 4);
  anna->text(R"({"type":"ping"})");
  anna->expect("pong");  // and nothing in between
}

TEST_F(StreamTest, WhatWasUndoneIsNotTold) {
  const auto anna = listen("anna");
  const auto refused = hub.send("POST", "/api/v1/tickets", "erik", R"({"subject":""})");
  EXPECT_EQ(refused->status, 400);
  const std::string ticket = hub.new_ticket();
  expect_ticket(*anna, ticket, "registered");
}

TEST_F(StreamTest, LinksAreTheProvidersBusiness) {
  const auto anna = listen("anna"), olof = listen("olof"), erik = listen("erik");
  hub.expect(200, "POST", "/api/v1/links/nordprint/pause", "olof", R"({"reason":"test"})");
  for (Ear* ear : {anna.get(), olof.get()}) {
    while (ear->expect("link")["id"].text() != "nordprint") {
    }
  }
  const std::string ticket = hub.new_ticket();
  expect_ticket(*erik, ticket, "registered");
}

TEST_F(StreamTest, ANoticeIsHeardByUsersOnceItIsPublished) {
  const auto anna = listen("anna"), erik = listen("erik"), otto = listen("otto"),
             bea = listen("bea");
  hub.run([](Tx& tx) {
    const auto outage = json::parse(R"({"remote_id":"7","title":"Nere"})");
    desk::take_announcement(tx, "nordprint", outage->root()).value();
  });
  const std::string id = std::to_string(anna->expect("notice")["id"].integer());
  hub.expect(200, "POST", "/api/v1/notices/" + id + "/publish", "anna", "{}");
  EXPECT_EQ(std::to_string(anna->expect("notice")["id"].integer()), id);
  EXPECT_EQ(std::to_string(erik->expect("notice")["id"].integer()), id);
  hub.expect(200, "POST", "/api/v1/notices/" + id + "/dismiss", "anna", R"({"reason":"slut"})");
  EXPECT_EQ(std::to_string(erik->expect("notice")["id"].integer()), id);
  const std::string ticket = ticket_of_otto();
  for (Ear* ear : {otto.get(), bea.get()}) expect_ticket(*ear, ticket, "registered");
}

TEST_F(SmallStreamTest, TooMuchAtOnceBecomesOneResync) {
  const auto anna = listen("anna"), erik = listen("erik");
  hub.run([&](Tx& tx) {
    for (int i = 0; i < 5; ++i) {
      event::Registered registered;
      registered.customer = i == 0 ? "alfa" : "beta";
      registered.requester = PersonId{i == 0 ? hub.erik : 0};
      registered.team = "desk";
      registered.language = "sv";
      append(tx, {}, registered);
    }
  });
  anna->expect("resync");
  erik->expect("ticket");  // one of them was his
  // Once the worst is over, changes are told again.
  for (;;) {
    hub.new_ticket();
    const auto next = anna->message();
    if (next["type"].text() == "ticket") break;
    EXPECT_EQ(next["type"].text(), "resync");
  }
  EXPECT_GE(hub.stream->counts().resyncs, 1);
}

TEST_F(StreamTest, ManyChangesOfOneTicketReachTheirLastVersion) {
  const std::string ticket = hub.new_ticket();
  const auto anna = listen("anna");
  for (int i = 0; i < 50; ++i) post(ticket + "/messages", "erik", R"({"text":"Hallå?"})");
  int messages = 0;
  for (std::int64_t version = 0; version < 51; ++messages) {
    const auto next = anna->expect("ticket");
    EXPECT_GT(next["version"].integer(), version);
    version = next["version"].integer();
  }
  EXPECT_LE(messages, 50);
}

// --- What a page says
// -----------------------------------------------------------------------------

TEST_F(StreamTest, APingIsAnsweredAndNonsenseEndsIt) {
  const auto anna = listen("anna");
  anna->text(R"({"type":"ping"})");
  anna->expect("pong");
  anna->text(R"({"type":"something new"})");
  anna->text(R"({"type":"look"})");
  anna->text(R"({"type":"look","ticket":"x","writing":7})");
  anna->text(R"({"type":"look","ticket":1,"writing":"<b>"})");
  anna->text(R"({"type":"leave","ticket":1})");
  anna->text(R"({"type":"ping"})");
  anna->expect("pong");
  for (const char* nonsense : {"", "hello", "[]", "{", "7", R"({"type":"ping"} {})"}) {
    const auto ear = listen("ada");
    ear->text(nonsense);
    EXPECT_EQ(ear->closed(), 1007) << nonsense;
  }
}

// --- Presence
// -------------------------------------------------------------------------------------

std::string looking(const std::string& ticket, const std::string& writing = "null") {
  return R"({"type":"look","ticket":)" + ticket + R"(,"writing":)" + writing + "}";
}

TEST_F(StreamTest, ColleaguesSeeWhoLooksAndWhoWrites) {
  const std::string ticket = hub.new_ticket();
  const auto anna = listen("@anna"), lena = listen("@lena");
  anna->text(looking(ticket));
  EXPECT_EQ(anna->expect("presence")["people"].size(), 0U);
  lena->text(looking(ticket, R"("user")"));
  const auto to_lena = lena->expect("presence");
  ASSERT_EQ(to_lena["people"].size(), 1U);
  EXPECT_EQ(to_lena["people"].at(0)["name"].text(), "Anna Agent");
  EXPECT_EQ(to_lena["people"].at(0)["agent"].text(), "anna");
  EXPECT_FALSE(to_lena["people"].at(0)["writing"].present());
  const auto to_anna = anna->expect("presence");
  EXPECT_EQ(to_anna["ticket"].integer(), std::stoll(ticket));
  EXPECT_EQ(to_anna["people"].at(0)["writing"].text(), "user");
  lena->text(looking(ticket, R"("supplier:12")"));
  EXPECT_EQ(anna->expect("presence")["people"].at(0)["writing"].text(), "supplier:12");
  lena->text(looking(ticket, R"("supplier:12")"));  // the same again is no news
  lena->text(R"({"type":"leave","ticket":)" + ticket + "}");
  EXPECT_EQ(anna->expect("presence")["people"].size(), 0U);
}

TEST_F(StreamTest, AClosedWindowLooksNoMoreAndAnAgentCountsOnce) {
  const std::string ticket = hub.new_ticket();
  const auto anna = listen("@anna");
  auto lena = listen("@lena"), lena_again = listen("@lena");
  anna->text(looking(ticket));
  anna->expect("presence");
  lena->text(looking(ticket));
  EXPECT_EQ(anna->expect("presence")["people"].size(), 1U);
  lena_again->text(looking(ticket, R"("internal")"));
  const auto both = anna->expect("presence");
  ASSERT_EQ(both["people"].size(), 1U);
  EXPECT_EQ(both["people"].at(0)["writing"].text(), "internal");
  lena_again.reset();
  EXPECT_FALSE(anna->expect("presence")["people"].at(0)["writing"].present());
  lena.reset();
  EXPECT_EQ(anna->expect("presence")["people"].size(), 0U);
}

TEST_F(SmallStreamTest, WhoDoesNotSayThatHeStillLooksIsGone) {
  const std::string ticket = hub.new_ticket();
  const auto anna = listen("@anna"), lena = listen("@lena");
  lena->text(looking(ticket));
  lena->expect("presence");
  anna->text(looking(ticket));
  std::size_t seen = 1;
  while (seen > 0) {  // anna looks on, lena does not
    anna->text(looking(ticket));
    const auto next = anna->message();
    if (next["type"].text() == "presence") seen = next["people"].size();
  }
}

TEST_F(StreamTest, PresenceIsForThoseOfTheDeskWhoSeeTheTicket) {
  const std::string ticket = hub.new_ticket();
  const auto anna = listen("@anna"), bea = listen("@bea"), erik = listen("erik");
  bea->text(looking(ticket));   // of another customer
  erik->text(looking(ticket));  // his own, but he is a user
  anna->text(looking(ticket));
  EXPECT_EQ(anna->expect("presence")["people"].size(), 0U);
  for (Ear* ear : {bea.get(), erik.get()}) {
    ear->text(R"({"type":"ping"})");
    ear->expect("pong");
  }
  anna->text(looking("987654"));
  anna->text(R"({"type":"ping"})");
  anna->expect("pong");
}

TEST(PresenceTest, NewsIsWhatOthersSee) {
  using namespace std::chrono_literals;
  live::Presence presence(45s);
  const int one = 0, two = 0;
  const Instant t0{};
  const TicketId ticket{7};
  EXPECT_TRUE(presence.look(ticket, &one, {"agent:a", "A", "a", ""}, t0));
  EXPECT_FALSE(presence.look(ticket, &one, {"agent:a", "A", "a", ""}, t0 + 30s));
  EXPECT_FALSE(presence.look(ticket, &two, {"agent:a", "A", "a", ""}, t0 + 30s));
  EXPECT_TRUE(presence.look(ticket, &two, {"agent:a", "A", "a", "user"}, t0 + 31s));
  EXPECT_EQ(presence.at(ticket).size(), 1U);
  EXPECT_TRUE(presence.expire(t0 + 74s).empty());
  EXPECT_EQ(presence.expire(t0 + 75s), std::vector{ticket});  // the first window
  EXPECT_EQ(presence.at(ticket).at(0).writing, "user");
  EXPECT_EQ(presence.leave_all(&two), std::vector{ticket});
  EXPECT_TRUE(presence.empty());
}

// --- Rights
// ---------------------------------------------------------------------------------------

TEST_F(StreamTest, ARevokedTokenHearsNothingMore) {
  const auto erik = listen("erik"), anna = listen("anna");
  hub.expect(204, "DELETE", "/api/v1/tokens/erik", "ada");
  EXPECT_EQ(erik->closed(), 4401);
  const std::string ticket = ticket_of_otto();
  expect_ticket(*anna, ticket, "registered");
}

TEST_F(StreamTest, SigningOutEndsWhatListensInThatSession) {
  const auto erik = listen("@erik"), by_token = listen("erik");
  hub.expect(204, "DELETE", "/api/v1/session", "@erik");
  EXPECT_EQ(erik->closed(), 4401);
  const std::string ticket = hub.new_ticket();
  expect_ticket(*by_token, ticket, "registered");
}

TEST_F(StreamTest, AnotherRoleIsAnotherStream) {
  const auto mona = listen("@mona");
  hub.run([&](Tx& tx) { remove_membership(tx, AccountId{hub.accounts.at("mona")}, "alfa"); });
  hub.expect(204, "DELETE", "/api/v1/tokens/maja", "ada");  // whatever empties the cache
  EXPECT_EQ(mona->closed(), 4401);
}

// --- The end
// --------------------------------------------------------------------------------------

TEST_F(StreamTest, ADrainSendsEverybodyAway) {
  const auto anna = listen("anna"), erik = listen("@erik");
  net::io_context waiting;
  net::co_spawn(waiting, hub.server->drain(hub.clock, Millis{10'000}), net::detached);
  std::thread drains([&] { waiting.run(); });
  EXPECT_EQ(anna->closed(), 1001);
  EXPECT_EQ(erik->closed(), 1001);
  drains.join();
  EXPECT_EQ(hub.stream->counts().listeners, 0);
}

TEST_F(StreamTest, TheHubMayEndWhileMuchIsTold) {
  std::vector<std::unique_ptr<Ear>> all;
  for (const char* who : {"anna", "erik", "@mona", "olof", "@lena"}) all.push_back(listen(who));
  const std::string ticket = hub.new_ticket();
  for (const auto& ear : all) ear->text(looking(ticket));
  for (int i = 0; i < 20; ++i) post(ticket + "/messages", "anna", R"({"text":"x"})");
}

}  // namespace
}  // namespace ombud::http::test
