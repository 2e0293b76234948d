// Knowledge articles: what is written, what is published, who reads which text, and what is found.
#include "hub.hpp"

namespace ombud::http::test {
namespace {

class ArticlesTest : public HubTest {
 protected:
  std::string add(const std::string& members, const char* token = "anna") {
    const auto article = hub_.expect(201, "POST", "/api/v1/articles", token, "{" + members + "}");
    return std::to_string(article["id"].integer());
  }
  std::string published(const std::string& members) {
    const std::string id = add(members);
    hub_.expect(200, "POST", "/api/v1/articles/" + id + "/publish", "anna", "{}");
    return id;
  }
  std::vector<std::string> titles(const std::string& query, const char* token = "erik") {
    const auto page = hub_.expect(200, "GET", "/api/v1/articles" + query, token);
    std::vector<std::string> all;
    for (std::size_t i = 0; i < page["items"].size(); ++i) {
      all.emplace_back(page["items"].at(i)["title"].text());
    }
    return all;
  }
  using Titles = std::vector<std::string>;
};

TEST_F(ArticlesTest, UsersReadTheTextThatWasPublishedLastAndTheDeskTheNewest) {
  const std::string id = add(R"("title":"Byt toner","text":"Öppna *luckan*.")");
  const std::string path = "/api/v1/articles/" + id;
  hub_.expect(404, "GET", path, "erik");
  EXPECT_EQ(titles(""), Titles{});
  hub_.expect(200, "POST", path + "/publish", "anna", "{}");
  const auto seen = hub_.send("GET", path, "erik");
  EXPECT_EQ(seen->header("etag"), "\"1\"");
  EXPECT_EQ(
      seen->json()["blocks"].dump(),
      R"([{"t":"p","c":[{"t":"text","v":"Öppna "},{"t":"em","c":[{"t":"text","v":"luckan"}]},)"
      R"({"t":"text","v":"."}]}])");
  EXPECT_FALSE(seen->json()["text"].present()) << "the source is the desk's";
  EXPECT_FALSE(seen->json()["author"].present());

  const auto changed =
      hub_.expect(200, "PUT", path, "anna", R"({"title":"Byt toner nu","text":"Ring oss."})");
  EXPECT_EQ(changed["version"].integer(), 2);
  EXPECT_EQ(changed["published_version"].integer(), 1);
  EXPECT_EQ(titles(""), Titles{"Byt toner"});
  EXPECT_EQ(titles("", "olof"), Titles{"Byt toner nu"});
  EXPECT_EQ(titles("?q=ring"), Titles{}) << "not published yet";
  EXPECT_EQ(titles("?q=ring", "anna"), Titles{"Byt toner nu"});
  EXPECT_EQ(titles("?q=luckan"), Titles{"Byt toner"});
  hub_.expect(200, "POST", path + "/publish", "anna", "{}");
  EXPECT_EQ(titles("?q=ring"), Titles{"Byt toner nu"});
  EXPECT_EQ(titles("?q=luckan"), Titles{});
  EXPECT_EQ(titles("?q=luckan", "anna"), Titles{});

  const auto versions = hub_.expect(200, "GET", path + "/versions", "anna");
  ASSERT_EQ(versions["items"].size(), 2U);
  EXPECT_EQ(versions["items"].at(0)["author"].text(), "agent:anna");
  const auto old = hub_.expect(200, "GET", path + "/versions/1", "anna");
  EXPECT_EQ(old["text"].text(), "Öppna *luckan*.");
  hub_.expect(404, "GET", path + "/versions/3", "anna");
  hub_.expect(403, "GET", path + "/versions", "erik");

  hub_.expect(200, "POST", path + "/archive", "anna", "{}");
  hub_.expect(404, "GET", path, "erik");
  EXPECT_EQ(titles(""), Titles{});
  EXPECT_EQ(titles("?state=archived", "anna"), Titles{"Byt toner nu"});
}

TEST_F(ArticlesTest, AnArticleForOneCustomerDoesNotExistForAnother) {
  const std::string id =
      published(R"("title":"Alfas VPN","text":"Bara här.","customers":["alfa"])");
  EXPECT_EQ(titles("?q=vpn", "erik"), Titles{"Alfas VPN"});
  EXPECT_EQ(titles("", "alfa-itsm"), Titles{"Alfas VPN"});
  for (const char* other : {"otto", "beta-itsm", "bea"}) {
    EXPECT_EQ(titles("?q=vpn", other), Titles{}) << other;
    EXPECT_EQ(titles("", other), Titles{}) << other;
    hub_.expect(404, "GET", "/api/v1/articles/" + id, other);
  }
  // A wider audience counts when it is published.
  hub_.expect(200, "PUT", "/api/v1/articles/" + id, "anna", R"({"title":"VPN","text":"Alla."})");
  hub_.expect(404, "GET", "/api/v1/articles/" + id, "otto");
  hub_.expect(200, "POST", "/api/v1/articles/" + id + "/publish", "anna", "{}");
  hub_.expect(200, "GET", "/api/v1/articles/" + id, "otto");
}

TEST_F(ArticlesTest, AnAgentOfOneCustomerWritesForThatCustomerAlone) {
  hub_.expect(403, "POST", "/api/v1/articles", "bea", R"({"title":"a","text":"b"})");
  const auto no = hub_.send("POST", "/api/v1/articles", "bea",
                            R"({"title":"a","text":"b","customers":["alfa"]})");
  EXPECT_EQ(no->status, 400);
  const std::string own = add(R"("title":"Beta","text":"b","customers":["beta"])", "bea");
  hub_.expect(200, "POST", "/api/v1/articles/" + own + "/publish", "bea", "{}");
  EXPECT_EQ(titles("", "otto"), Titles{"Beta"});
  const std::string all = published(R"("title":"Alla","text":"b")");
  hub_.expect(403, "PUT", "/api/v1/articles/" + all, "bea",
              R"({"title":"x","text":"b","customers":["beta"]})");
  hub_.expect(403, "POST", "/api/v1/articles/" + all + "/archive", "bea", "{}");
  hub_.expect(403, "POST", "/api/v1/articles", "erik", R"({"title":"a","text":"b"})");
}

TEST_F(ArticlesTest, SearchFindsBeginningsTheBestFirstAndSomethingRatherThanNothing) {
  published(R"("title":"Lösenord","text":"Så byter du det.","language":"sv")");
  published(R"("title":"Konto","text":"Ett konto har ett lösenord.","language":"sv")");
  published(R"("title":"Password","text":"How to change lösenord.","language":"en")");
  EXPECT_EQ(titles("?q=l%C3%B6sen&language=sv"), (Titles{"Lösenord", "Konto", "Password"}));
  EXPECT_EQ(titles("?q=losen&language=en").front(), "Password");
  EXPECT_EQ(titles("?q=konto+lösenord"), Titles{"Konto"});
  EXPECT_EQ(titles("?q=konto+finns+inte"), Titles{"Konto"}) << "any, if not all";
  EXPECT_EQ(titles("?q=inget"), Titles{});
  for (const char* hostile : {"%22", "*", "NEAR(", "a%22%20OR%20%22b", "title:konto", "-", "%00"}) {
    const auto answer = hub_.send("GET", std::string("/api/v1/articles?q=") + hostile, "erik");
    EXPECT_TRUE(answer->status == 200 || answer->status == 400) << hostile << answer->body;
  }
  hub_.expect(400, "GET", "/api/v1/articles?q=" + std::string(600, 'a'), "erik");
}

TEST_F(ArticlesTest, AReaderHasOneWordAndMayChangeIt) {
  const std::string path = "/api/v1/articles/" + published(R"("title":"a","text":"b")");
  EXPECT_FALSE(hub_.expect(200, "GET", path, "erik")["yours"].present());
  hub_.expect(200, "POST", path + "/feedback", "erik", R"({"helpful":true})");
  hub_.expect(200, "POST", path + "/feedback", "maja", R"({"helpful":true})");
  const auto after = hub_.expect(200, "POST", path + "/feedback", "erik", R"({"helpful":false})");
  EXPECT_EQ(after["helpful"].integer(), 1);
  EXPECT_EQ(after["unhelpful"].integer(), 1);
  EXPECT_FALSE(after["yours"].boolean(true));
  hub_.expect(400, "POST", path + "/feedback", "erik", "{}");
  const std::string draft = "/api/v1/articles/" + add(R"("title":"a","text":"b")");
  hub_.expect(404, "POST", draft + "/feedback", "erik", R"({"helpful":true})");
  hub_.expect(409, "POST", draft + "/feedback", "anna", R"({"helpful":true})");
}

TEST_F(ArticlesTest, TwoWhoWriteAtOnceDoNotLoseEachOthersText) {
  const std::string path = "/api/v1/articles/" + add(R"("title":"a","text":"b")");
  const std::string body = R"({"title":"a","text":"c"})";
  EXPECT_EQ(hub_.send("PUT", path, "anna", body, {{"If-Match", "\"1\""}})->status, 200);
  EXPECT_EQ(hub_.send("PUT", path, "ada", body, {{"If-Match", "\"1\""}})->status, 412);
}

TEST_F(ArticlesTest, WhatIsNoArticleIsRefusedWithItsPlace) {
  const auto refused = [&](const std::string& members) {
    const auto answer = hub_.expect(400, "POST", "/api/v1/articles", "anna", "{" + members + "}");
    return std::string(answer["errors"].at(0)["pointer"].text());
  };
  EXPECT_EQ(refused(R"("title":" ","text":"b")"), "/title");
  EXPECT_EQ(refused(R"("title":"a","text":"b","services":["none"])"), "/services");
  EXPECT_EQ(refused(R"("title":"a","text":"b","customers":["none"])"), "/customers");
  EXPECT_EQ(refused(R"("title":"a","text":"b","audience":"customers")"), "/customers");
  EXPECT_EQ(refused(R"("title":"a","text":"b","audience":"all","customers":["alfa"])"),
            "/audience");
  EXPECT_EQ(refused(R"("title":"a","text":"b","language":"fi")"), "/language");
  EXPECT_EQ(refused("\"title\":\"a\",\"text\":\"" + std::string(100, '>') + " b\""), "/text");
  for (const char* id : {"0", "-1", "x", "99999999999999999999", "1x", "OMB-1"}) {
    hub_.expect(404, "GET", std::string("/api/v1/articles/") + id, "anna");
  }
}

TEST_F(ArticlesTest, TheListGoesPageByPageAndThePreferredLanguageComesFirst) {
  for (int i = 0; i < 5; ++i) {
    published("\"title\":\"a" + std::to_string(i) + R"(","text":"b","language":")" +
              (i % 2 == 0 ? "sv" : "en") + "\"");
  }
  std::string cursor, order;
  std::size_t pages = 0;
  do {
    const auto page = hub_.expect(
        200, "GET",
        "/api/v1/articles?limit=2&language=en" + (cursor.empty() ? "" : "&cursor=" + cursor),
        "erik");
    for (std::size_t i = 0; i < page["items"].size(); ++i) {
      order += page["items"].at(i)["title"].text();
    }
    cursor = page["next"].text();
    ++pages;
  } while (!cursor.empty());
  EXPECT_EQ(order, "a3a1a4a2a0");
  EXPECT_EQ(pages, 3U);
  for (const char* wrong : {"?cursor=1", "?cursor=2-1-1", "?cursor=1-x-1", "?cursor=0-1-",
                            "?cursor=0--1-1", "?language=fi", "?state=odd", "?limit=0"}) {
    hub_.expect(400, "GET", std::string("/api/v1/articles") + wrong, "anna");
  }
  hub_.expect(403, "GET", "/api/v1/articles", "nord-itsm");
}

}  // namespace
}  // namespace ombud::http::test
