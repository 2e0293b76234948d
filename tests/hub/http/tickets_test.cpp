// The walk of a ticket through the API.
#include <atomic>
#include <fstream>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "base/bytes.hpp"
#include "hub.hpp"

namespace ombud::http::test {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

class TicketsTest : public HubTest {};

TEST_F(TicketsTest, AUserRegistersReadsAndAnswers) {
  const auto made =
      hub_.send("POST", "/api/v1/tickets", "erik",
                R"({"subject":"Hjälp","text":"Nu","kind":"question","priority":"high"})");
  ASSERT_EQ(made->status, 201) << made->body;
  const auto ticket = made->json();
  EXPECT_EQ(made->header("location"), "/api/v1/tickets/" + std::to_string(ticket["id"].integer()));
  EXPECT_EQ(ticket["subject"].text(), "Hjälp");
  EXPECT_EQ(ticket["customer"].text(), "alfa");
  EXPECT_EQ(ticket["requester"].integer(), hub_.erik);
  EXPECT_EQ(ticket["kind"].text(), "question");
  EXPECT_TRUE(parse_rfc3339(ticket["created_at"].text()));
  const std::string reference(ticket["reference"].text());
  hub_.expect(201, "POST", "/api/v1/tickets/" + reference + "/messages", "anna",
              R"({"text":"Vi tittar."})");
  const auto read = hub_.expect(200, "GET", "/api/v1/tickets/" + reference, "erik");
  EXPECT_EQ(read["messages"].at(0)["text"].text(), "Nu");
  EXPECT_NE(read.root().dump().find("Vi tittar."), std::string::npos);
}

TEST_F(TicketsTest, AnAgentRegistersForAKnownPersonAndForANewOne) {
  const auto known = hub_.expect(201, "POST", "/api/v1/tickets", "anna",
                                 R"({"subject":"a","customer":"alfa","requester":)" +
                                     std::to_string(hub_.erik) + R"(,"channel":"phone"})");
  EXPECT_EQ(known["requester"].integer(), hub_.erik);
  const auto by_mail = hub_.expect(
      201, "POST", "/api/v1/tickets", "anna",
      R"({"subject":"a","customer":"alfa","requester":{"name":"E","email":"Erik@alfa.example"}})");
  EXPECT_EQ(by_mail["requester"].integer(), hub_.erik) << "a known address is not made anew";
  const auto fresh = hub_.expect(
      201, "POST", "/api/v1/tickets", "anna",
      R"({"subject":"a","customer":"alfa","requester":{"name":"Nils","email":"nils@alfa.example"}})");
  const auto nils = hub_.expect(
      200, "GET", "/api/v1/people/" + std::to_string(fresh["requester"].integer()), "anna");
  EXPECT_EQ(nils["name"].text(), "Nils");
  hub_.expect(400, "POST", "/api/v1/tickets", "anna",
              R"({"subject":"a","customer":"gamma","requester":{"name":"Nils"}})");
  hub_.expect(400, "POST", "/api/v1/tickets", "erik",
              R"({"subject":"a","customer":"alfa","requester":{"name":"Nils"}})");
  for (const char* bad : {R"({"name":7})", R"({"name":"N","colour":"red"})", "{}"}) {
    hub_.expect(400, "POST", "/api/v1/tickets", "anna",
                R"({"subject":"a","customer":"alfa","requester":)" + std::string(bad) + "}");
  }
}

TEST_F(TicketsTest, AChangeNeedsTheVersionThatItNames) {
  const std::string path = "/api/v1/tickets/" + hub_.new_ticket();
  const std::string etag = hub_.send("GET", path, "anna")->header("etag");
  const auto change = [&](const std::string& match) {
    return hub_.send("PATCH", path, "anna", R"({"priority":"urgent"})",
                     Headers{{"If-Match", match}});
  };
  EXPECT_EQ(change("\"9999\"")->status, 412);
  EXPECT_EQ(change("W/" + etag)->status, 412) << "a weak tag never matches";
  const auto changed = change("\"9999\", " + etag);
  ASSERT_EQ(changed->status, 200) << changed->body;
  EXPECT_NE(changed->header("etag"), etag);
  EXPECT_EQ(changed->json()["priority"].text(), "urgent");
  EXPECT_EQ(change(etag)->status, 412);
  EXPECT_EQ(change("*")->status, 200);
  const auto stale =
      hub_.send("POST", path + "/resolve", "anna", "{}", Headers{{"If-Match", etag}});
  EXPECT_EQ(stale->status, 412);
  EXPECT_EQ(stale->json()["code"].text(), "stale");
}

TEST_F(TicketsTest, AnUnchangedTicketIsNotSentAgain) {
  const std::string path = "/api/v1/tickets/" + hub_.new_ticket();
  const std::string etag = hub_.send("GET", path, "erik")->header("etag");
  const auto same = hub_.send("GET", path, "erik", "", Headers{{"If-None-Match", etag}});
  EXPECT_EQ(same->status, 304);
  EXPECT_EQ(same->body, "");
  EXPECT_EQ(same->header("etag"), etag);
  hub_.expect(201, "POST", path + "/messages", "erik", R"({"text":"Hallå?"})");
  EXPECT_EQ(hub_.send("GET", path, "erik", "", Headers{{"If-None-Match", etag}})->status, 200);
}

TEST_F(TicketsTest, ListsAreFilteredAndPaged) {
  std::set<std::int64_t> all;
  for (int i = 0; i < 5; ++i)
    all.insert(std::stoll(hub_.new_ticket("Nummer " + std::to_string(i))));
  std::set<std::int64_t> seen;
  std::string next;
  int pages = 0;
  do {
    const auto page = hub_.expect(
        200, "GET", "/api/v1/tickets?limit=2" + (next.empty() ? "" : "&cursor=" + next), "anna");
    for (std::size_t i = 0; i < page["items"].size(); ++i) {
      EXPECT_TRUE(seen.insert(page["items"].at(i)["id"].integer()).second);
    }
    next = page["next"].text();
    ++pages;
  } while (!next.empty() && pages < 10);
  EXPECT_EQ(seen, all);
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(hub_.expect(200, "GET", "/api/v1/tickets?q=nummer+3", "anna")["items"].size(), 1U);
  EXPECT_EQ(hub_.expect(200, "GET", "/api/v1/tickets?status=closed", "anna")["items"].size(), 0U);
  EXPECT_EQ(
      hub_.expect(200, "GET", "/api/v1/tickets?open=true&customer=alfa&team=desk", "anna")["items"]
          .size(),
      5U);
  hub_.expect(400, "GET", "/api/v1/tickets?status=fresh", "anna");
  hub_.expect(400, "GET", "/api/v1/tickets?limit=0", "anna");
  hub_.expect(400, "GET", "/api/v1/tickets?open=maybe", "anna");
  hub_.expect(400, "GET", "/api/v1/deliveries?cursor=xyz", "anna");
}

TEST_F(TicketsTest, ADelegationIsPreviewedMadeAnsweredAndAccepted) {
  const std::string path = "/api/v1/tickets/" + hub_.new_ticket();
  const auto preview = hub_.expect(200, "POST", path + "/delegations/preview", "anna",
                                   R"({"link":"nordprint","service":"printing","brief":"Laga."})");
  EXPECT_GT(preview["documents"].size(), 0U);
  EXPECT_GT(preview["withheld"].size(), 0U);
  EXPECT_EQ(hub_.expect(200, "GET", path + "/delegations", "anna")["items"].size(), 0U);
  const std::string id = std::to_string(hub_.delegate(path.substr(path.rfind('/') + 1)));
  EXPECT_EQ(hub_.expect(200, "GET", "/api/v1/delegations/" + id, "anna")["link"].text(),
            "nordprint");
  hub_.expect(201, "POST", "/api/v1/delegations/" + id + "/messages", "anna",
              R"({"text":"När kommer ni?"})");
  hub_.expect(201, "POST", path + "/messages", "anna",
              R"({"text":"Hallå?","visibility":"supplier","delegation":)" + id + "}");
  hub_.expect(400, "POST", path + "/messages", "anna", R"({"text":"x","visibility":"supplier"})");
  const std::string other = hub_.new_ticket();
  hub_.expect(404, "POST", "/api/v1/tickets/" + other + "/messages", "anna",
              R"({"text":"x","visibility":"supplier","delegation":)" + id + "}");
  const auto withdrawn =
      hub_.expect(200, "POST", "/api/v1/delegations/" + id + "/withdraw", "anna", "{}");
  EXPECT_EQ(withdrawn["state"].text(), "withdrawn");
  hub_.expect(200, "POST", path + "/resolve", "anna", R"({"text":"Startade om den."})");
  hub_.expect(200, "POST", path + "/reopen", "erik", R"({"reason":"Nej."})");
  hub_.expect(200, "POST", path + "/assign", "anna", R"({"team":"desk","agent":"anna"})");
  hub_.expect(200, "POST", path + "/resolve", "anna");
  EXPECT_EQ(hub_.expect(200, "POST", path + "/close", "erik")["status"].text(), "closed");
  EXPECT_GT(hub_.expect(200, "GET", path + "/events?limit=200", "anna")["items"].size(), 5U);
}

TEST_F(TicketsTest, AFileComesBackAsItWasSentAndCannotActAsAPage) {
  const std::string ticket = hub_.new_ticket();
  std::string bytes(300'000, 'x');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 7);
  const auto made = hub_.send(
      "POST", "/api/v1/tickets/" + ticket + "/attachments?name=r%C3%A4k%22ning%0D%0A.html", "erik",
      bytes, Headers{{"Content-Type", "text/html"}});
  ASSERT_EQ(made->status, 201) << made->body;
  const std::string path = made->header("location");
  const auto file = hub_.send("GET", path, "erik");
  ASSERT_EQ(file->status, 200);
  EXPECT_EQ(file->body, bytes);
  EXPECT_EQ(file->header("etag"), "\"" + sha256_hex(bytes) + "\"");
  EXPECT_EQ(file->header("x-content-type-options"), "nosniff");
  EXPECT_EQ(file->header("content-security-policy"), "sandbox; default-src 'none'");
  EXPECT_TRUE(
      file->header("content-disposition").starts_with("attachment; filename*=UTF-8''r%C3%A4k"));
  EXPECT_EQ(
      hub_.send("GET", path, "erik", "", Headers{{"If-None-Match", file->header("etag")}})->status,
      304);
  EXPECT_EQ(hub_.send("HEAD", path, "erik")->header("content-length"), "300000");
  EXPECT_TRUE(std::filesystem::is_empty(hub_.directory.path + "/uploads"))
      << "nothing is left behind";
}

TEST_F(TicketsTest, ATooBigUploadIsRefusedBeforeItIsTakenIn) {
  const std::string ticket = hub_.new_ticket();
  Client client(hub_.port);
  client.send("POST /api/v1/tickets/" + ticket + "/attachments?name=a HTTP/1.1\r\nHost: d\r\n" +
              "Authorization: Bearer erik\r\nContent-Length: 100000000\r\n\r\n");
  const std::size_t sent = client.send_until_answered(std::string(65536, 'x'), 100'000'000);
  const auto answer = client.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 413) << answer->body;
  EXPECT_LT(sent, 50'000'000U);
  hub_.expect(400, "POST", "/api/v1/tickets/" + ticket + "/attachments", "erik");
}

TEST_F(TicketsTest, AnUploadBrokenOffByACrashIsRemovedAtTheNextStart) {
  const std::string uploads = hub_.directory.path + "/uploads/";
  std::ofstream(uploads + "upload-half") << "half";
  std::ofstream(uploads + "other") << "whole";
  const App restarted(AppParts{hub_.clock, hub_.random, hub_.log, *hub_.store, *hub_.blobs,
                               hub_.links, hub_.webhooks, uploads, "1.2.3"});
  EXPECT_FALSE(std::filesystem::exists(uploads + "upload-half"));
  EXPECT_TRUE(std::filesystem::exists(uploads + "other"));
}

TEST_F(TicketsTest, NothingThatWasAcknowledgedIsLostInADrain) {
  std::atomic<bool> stop{false};
  std::vector<std::vector<std::int64_t>> acknowledged(4);
  std::atomic<int> begun{0};
  std::vector<std::thread> callers;
  for (auto& mine : acknowledged) {
    callers.emplace_back([&] {
      Client client(hub_.port);
      while (!stop) {
        const std::string request =
            text_of({"POST", "/api/v1/tickets", "erik", R"({"subject":"under last"})", {}});
        if (!client.send(request)) return;
        const auto answer = client.receive();
        if (!answer || answer->status != 201) return;
        mine.push_back(answer->json()["id"].integer());
        if (++begun == 40) begun.notify_all();
        if (answer->header("connection") == "close") return;
      }
    });
  }
  for (int seen = begun; seen < 40; seen = begun) begun.wait(seen);
  net::io_context context;
  net::co_spawn(context, hub_.server->drain(hub_.clock, Millis{10'000}), net::detached);
  context.run();
  stop = true;
  for (std::thread& caller : callers) caller.join();
  std::size_t count = 0;
  hub_.run([&](Tx& tx) {
    for (const auto& mine : acknowledged) {
      for (const std::int64_t id : mine) {
        ++count;
        EXPECT_TRUE(find_ticket(tx, TicketId{id})) << id;
      }
    }
  });
  EXPECT_GE(count, 40U);
  EXPECT_EQ(hub_.server->counts().open, 0);
}

}  // namespace
}  // namespace ombud::http::test
