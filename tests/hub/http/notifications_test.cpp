// What one person was told is his alone; what he wants to be told he chooses with his own rights,
// or by the token at the end of a letter, which is good for nothing else.
#include <gmock/gmock.h>

#include "hub.hpp"
#include "notify/preferences.hpp"
#include "store/outbox.hpp"

namespace ombud::http::test {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;
using ::testing::HasSubstr;

class NotificationsTest : public HubTest {
 protected:
  // A ticket of erik's with an answer of the desk's; its id.
  std::string answered() {
    const std::string ticket = hub_.new_ticket();
    hub_.expect(201, "POST", "/api/v1/tickets/" + ticket + "/messages", "anna",
                R"({"text":"Vi tittar på det."})");
    hub_.tell();
    return ticket;
  }
  std::int64_t unread(const std::string& token) {
    return hub_.expect(200, "GET", "/api/v1/notifications/count", token)["unread"].integer();
  }
};

TEST_F(NotificationsTest, AreListedCountedAndRead) {
  const std::string ticket = answered();
  const auto list = hub_.expect(200, "GET", "/api/v1/notifications", "erik");
  ASSERT_EQ(list["items"].size(), 1U);
  const auto one = list["items"].at(0);
  EXPECT_EQ(one["kind"].text(), "replied");
  EXPECT_EQ(one["ticket"].integer(), std::stoll(ticket));
  EXPECT_EQ(one["reference"].text(), "OMB-" + ticket);
  EXPECT_EQ(one["subject"].text(), "Skrivare trasig");
  EXPECT_THAT(std::string(one["text"].text()), HasSubstr("har svarat"));
  EXPECT_FALSE(one["read"].boolean(true));
  EXPECT_EQ(unread("erik"), 1);
  const std::string id = std::to_string(one["id"].integer());
  hub_.expect(204, "POST", "/api/v1/notifications/read", "erik", R"({"ids":[)" + id + "]}");
  EXPECT_EQ(unread("erik"), 0);
  EXPECT_EQ(hub_.expect(200, "GET", "/api/v1/notifications?unread=true", "erik")["items"].size(),
            0U);
}

TEST_F(NotificationsTest, ComeInPages) {
  answered();
  answered();
  answered();
  const auto first = hub_.expect(200, "GET", "/api/v1/notifications?limit=2", "erik");
  ASSERT_EQ(first["items"].size(), 2U);
  const auto second = hub_.expect(
      200, "GET", "/api/v1/notifications?limit=2&cursor=" + std::string(first["next"].text()),
      "erik");
  EXPECT_EQ(second["items"].size(), 1U);
  EXPECT_FALSE(second["next"].present());
  const std::string middle = std::to_string(first["items"].at(1)["id"].integer());
  hub_.expect(204, "POST", "/api/v1/notifications/read", "erik", R"({"until":)" + middle + "}");
  EXPECT_EQ(unread("erik"), 1);
}

TEST_F(NotificationsTest, OfOthersAreNeitherSeenNorRead) {
  answered();
  const auto his = hub_.expect(200, "GET", "/api/v1/notifications", "erik");
  const std::string id = std::to_string(his["items"].at(0)["id"].integer());
  for (const char* other :
       {"maja", "otto", "@asta", "@mona", "@mats", "alfa-itsm", "anna", "olof", "bea"}) {
    EXPECT_EQ(hub_.expect(200, "GET", "/api/v1/notifications", other)["items"].size(), 0U) << other;
    EXPECT_EQ(unread(other), 0) << other;
    hub_.expect(204, "POST", "/api/v1/notifications/read", other, R"({"ids":[)" + id + "]}");
    hub_.expect(204, "POST", "/api/v1/notifications/read", other, R"({"until":)" + id + "}");
  }
  hub_.expect(403, "GET", "/api/v1/notifications", "nord-itsm");
  hub_.expect(401, "GET", "/api/v1/notifications");
  EXPECT_EQ(unread("erik"), 1);
}

TEST_F(NotificationsTest, OfATicketThatOneNoLongerSeesDoNotNameIt) {
  const std::string ticket = hub_.new_ticket();
  hub_.expect(201, "POST", "/api/v1/tickets/" + ticket + "/participants", "anna",
              R"({"email":"maja@alfa.example"})");
  hub_.tell();
  const auto before = hub_.expect(200, "GET", "/api/v1/notifications", "maja");
  ASSERT_EQ(before["items"].size(), 1U);
  EXPECT_EQ(before["items"].at(0)["subject"].text(), "Skrivare trasig");
  hub_.run([&](Tx& tx) {
    const auto maja = people_of_email(tx, "maja@alfa.example").front();
    append(tx, {std::stoll(ticket)}, event::ParticipantRemoved{maja.id});
  });
  const auto after = hub_.expect(200, "GET", "/api/v1/notifications", "maja");
  EXPECT_EQ(after["items"].at(0)["subject"].text(), "");
}

TEST_F(NotificationsTest, ABadOrderToReadIsRefused) {
  for (const char* bad : {"{}", R"({"until":1,"ids":[1]})", R"({"ids":["a"]})", R"({"until":0})",
                          R"({"all":true})"}) {
    hub_.expect(400, "POST", "/api/v1/notifications/read", "erik", bad);
  }
  hub_.expect(400, "GET", "/api/v1/notifications?unread=perhaps", "erik");
  hub_.expect(400, "GET", "/api/v1/notifications?cursor=x", "erik");
}

TEST_F(NotificationsTest, PreferencesAreGivenAndChosen) {
  const std::string path = "/api/v1/account/notifications";
  const auto given = hub_.expect(200, "GET", path, "erik");
  EXPECT_EQ(given["kinds"].size(), notify::kKinds);
  EXPECT_EQ(given["digest"].text(), "off");
  EXPECT_EQ(given["digest_at"].text(), "07:30");
  EXPECT_FALSE(given["quiet"].present());
  const auto chosen =
      hub_.expect(200, "PUT", path, "erik",
                  R"({"kinds":[{"kind":"replied","mail":false,"portal":true}],"digest":"weekly",)"
                  R"("digest_at":"16:05","quiet":{"from":"22:00","until":"06:15"}})");
  const auto kept = hub_.expect(200, "GET", path, "erik");
  EXPECT_EQ(kept.root().dump(), chosen.root().dump());
  EXPECT_FALSE(kept["kinds"].at(1)["mail"].boolean(true));
  EXPECT_EQ(kept["digest_at"].text(), "16:05");
  EXPECT_EQ(kept["quiet"]["until"].text(), "06:15");
  // What was read can be put back as it is.
  hub_.expect(200, "PUT", path, "erik", given.root().dump());
  EXPECT_EQ(hub_.expect(200, "GET", path, "erik").root().dump(), given.root().dump());
  EXPECT_EQ(hub_.expect(200, "GET", path, "maja").root().dump(), given.root().dump());
}

TEST_F(NotificationsTest, PreferencesHaveAnETagThatAChangeMayAskFor) {
  const std::string path = "/api/v1/account/notifications";
  const std::string given = hub_.send("GET", path, "erik")->header("etag");
  EXPECT_EQ(hub_.send("GET", path, "erik", "", Headers{{"If-None-Match", given}})->status, 304U);
  const auto chosen =
      hub_.send("PUT", path, "erik", R"({"digest":"daily"})", Headers{{"If-Match", given}});
  ASSERT_EQ(chosen->status, 200U);
  EXPECT_EQ(chosen->json()["digest"].text(), "daily");
  const auto kept = hub_.send("GET", path, "erik");
  EXPECT_EQ(kept->body, chosen->body);
  EXPECT_EQ(kept->header("etag"), chosen->header("etag"));
  EXPECT_NE(kept->header("etag"), given);
  EXPECT_EQ(hub_.send("PUT", path, "erik", "{}", Headers{{"If-Match", given}})->status, 412U);
  const std::string by_token =
      "/api/v1/notification-preferences/" + hub_.letter_key.token_of({hub_.erik});
  EXPECT_EQ(hub_.send("GET", by_token, "")->header("etag"), kept->header("etag"));
}

TEST_F(NotificationsTest, WhatBecomesOfAMailIsSeenByWhoReadsTheTicketAgain) {
  const std::string path = "/api/v1/tickets/" + answered();
  const std::string before = hub_.send("GET", path, "anna")->header("etag");
  const std::string his = hub_.send("GET", path, "erik")->header("etag");
  EXPECT_EQ(hub_.send("GET", path, "anna", "", Headers{{"If-None-Match", before}})->status, 304U);
  hub_.run([](Tx& tx) {
    // The receipt arrives, and then the answer does not.
    for (const Finish what : {Finish::done, Finish::dead}) {
      for (const Delivery& mail : claim(tx, "desk-mail", tx.at() + Millis{60'000}, 100)) {
        Verdict verdict;
        verdict.finish = what;
        verdict.error = what == Finish::dead ? "550 no such user" : "";
        finish(tx, mail, verdict);
      }
    }
  });
  const auto seen = hub_.send("GET", path, "anna", "", Headers{{"If-None-Match", before}});
  ASSERT_EQ(seen->status, 200U);
  EXPECT_EQ(seen->json()["messages"].at(1)["told"].at(0)["state"].text(), "failed");
  EXPECT_EQ(hub_.send("GET", path, "erik", "", Headers{{"If-None-Match", his}})->status, 304U);
  // It begins with the version, and a change may ask for it.
  const Headers known{{"If-Match", seen->header("etag")}};
  EXPECT_EQ(hub_.send("PATCH", path, "anna", R"({"priority":"high"})", known)->status, 200U);
  EXPECT_EQ(hub_.send("PATCH", path, "anna", R"({"priority":"low"})", known)->status, 412U);
}

TEST_F(NotificationsTest, PreferencesThatCannotBeAreRefused) {
  for (const char* bad :
       {R"({"kinds":[{"kind":"approval_needed","mail":false,"portal":false}]})",
        R"({"kinds":[{"kind":"gossip","mail":true,"portal":true}]})",
        R"({"kinds":[{"kind":"replied","mail":"yes","portal":true}]})",
        R"({"kinds":[{"kind":"replied"}]})", R"({"kinds":{"replied":true}})",
        R"({"digest":"hourly"})", R"({"digest_at":"7:30"})", R"({"digest_at":"24:00"})",
        R"({"quiet":{"from":"07:00"}})", R"({"quiet":{"from":"07:00","until":"07:00"}})",
        R"({"quiet":{"from":"07:00","until":"07:99"}})", R"({"sound":"loud"})"}) {
    hub_.expect(400, "PUT", "/api/v1/account/notifications", "erik", bad);
  }
  hub_.expect(404, "GET", "/api/v1/account/notifications", "anna");
  hub_.expect(404, "PUT", "/api/v1/account/notifications", "anna", "{}");
}

TEST_F(NotificationsTest, WhoeverHasNoAccountChoosesByTheTokenOfALetter) {
  const std::string token = hub_.letter_key.token_of({hub_.erik});
  const std::string path = "/api/v1/notification-preferences/" + token;
  hub_.expect(200, "PUT", path, "", R"({"kinds":[{"kind":"solved","mail":false,"portal":false}]})");
  const auto his = hub_.expect(200, "GET", "/api/v1/account/notifications", "erik");
  EXPECT_EQ(hub_.expect(200, "GET", path).root().dump(), his.root().dump());
  for (const std::string& forged :
       {hub_.letter_key.token_of({hub_.erik + 999}), std::to_string(hub_.erik),
        token.substr(0, token.size() - 1), token + "x", std::string("x"), std::string("%20")}) {
    const std::string wrong = "/api/v1/notification-preferences/" + forged;
    hub_.expect(404, "GET", wrong);
    hub_.expect(404, "PUT", wrong, "", "{}");
    hub_.expect(404, "POST", wrong + "/unsubscribe");
  }
}

TEST_F(NotificationsTest, OneClickOfAMailProgramEndsBroadcastsByMail) {
  const std::string token = hub_.letter_key.token_of({hub_.erik});
  const auto answer = hub_.send(
      "POST", "/api/v1/notification-preferences/" + token + "/unsubscribe", "",
      "List-Unsubscribe=One-Click", {{"Content-Type", "application/x-www-form-urlencoded"}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 204U);
  EXPECT_EQ(hub_.chose_anew, 1) << "what was held may go now";
  const auto his = hub_.expect(200, "GET", "/api/v1/account/notifications", "erik");
  const auto last = his["kinds"].at(notify::kKinds - 1);
  EXPECT_EQ(last["kind"].text(), "major_incident");
  EXPECT_FALSE(last["mail"].boolean(true));
  EXPECT_TRUE(last["portal"].boolean(false));
}

TEST_F(NotificationsTest, TheDeskSeesWhoWasToldOfEachMessage) {
  const std::string ticket = answered();
  const auto seen = hub_.expect(200, "GET", "/api/v1/tickets/" + ticket, "anna");
  EXPECT_FALSE(seen["messages"].at(0)["told"].present());  // the user's own
  const auto told = seen["messages"].at(1)["told"];
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told.at(0)["person"].integer(), hub_.erik);
  EXPECT_EQ(told.at(0)["address"].text(), "erik@alfa.example");
  EXPECT_EQ(told.at(0)["state"].text(), "waiting");
  EXPECT_GT(told.at(0)["delivery"].integer(), 0);
  const auto his = hub_.expect(200, "GET", "/api/v1/tickets/" + ticket, "erik");
  for (std::size_t i = 0; i < his["messages"].size(); ++i) {
    EXPECT_FALSE(his["messages"].at(i)["told"].present());
  }
}

}  // namespace
}  // namespace ombud::http::test
