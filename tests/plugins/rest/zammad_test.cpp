// Where Zammad misleads: what the profile for it does then.
#include <ombud/conformance/dialect.hpp>

#include "profile_bench.hpp"

namespace ombud::test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kOwnText =
    R"({"id":1,"created_by_id":3,"body":"own","content_type":"text/plain","internal":false,
        "created_at":"2026-11-22T09:00:00.000Z","attachments":[]})";

class ZammadProfile : public ProfileBench {
 protected:
  ZammadProfile() {
    load("zammad", R"("token":{"$secret":"t"},"group":"Users","customer":"desk@example.org",
                      "webhook_token":{"$secret":"t"})");
    on("GET", "/users/me", answer(200, R"({"id":3})", {{"Date", "Sun, 22 Nov 2026 09:30:00 GMT"}}));
    on("POST", "/tickets", answer(201, R"({"id":7,"number":"97007"})"));
    ticket("open");
    on("POST", "/ticket_articles",
       answer(201, R"({"id":21,"internal":false,"attachments":[{"id":31}]})"));
    on("GET", "/ticket_history/7", answer(200, R"({"history":[]})"));
    articles("");
  }
  void ticket(const std::string& state, const std::string& reference = "c1") {
    const std::string json = R"({"id":7,"title":"x","state":")" + state +
                             R"(","priority":"2 normal","updated_at":"2026-11-22T09:30:00.123Z",
                                "ombud_reference":")" +
                             reference + "\"}";
    on("GET", "/tickets/7", answer(200, json));
    on("GET", "/tickets/search", answer(200, "[" + json + "]"));
  }
  void articles(const std::string& more) {
    on("GET", "/ticket_articles/by_ticket/7",
       answer(200, "[" + std::string(kOwnText) + more + "]"));
  }
  std::string asked(const std::string& part) const {
    return conformance::percent_decode(sent("GET", part).target);
  }
  Polled poll() { return polled(bench_->changes(kSince)); }
};

TEST_F(ZammadProfile, WaitsForAnIndexThatLags) {
  const json::Document profile = parsed(profile_json("zammad"));
  EXPECT_GE(profile["profile"]["lookup_lag_seconds"].integer(), 90);
  EXPECT_GE(profile["settings"]["poll_overlap_seconds"]["min"].integer(), 90);
  on("GET", "/tickets/search", answer(200, "[]"));
  EXPECT_THAT(find("ticket").documents, IsEmpty());
  EXPECT_THAT(asked("/tickets/search"), HasSubstr("query=ombud_reference:\"c1\""));
}

TEST_F(ZammadProfile, TakesFromTheSearchOnlyWhatHasOurReference) {
  ticket("open", "another");
  EXPECT_THAT(find("ticket").documents, IsEmpty());
  EXPECT_THAT(poll().events, IsEmpty());
}

TEST_F(ZammadProfile, TellsAnAttributeThatWasDroppedAtCreation) {
  ticket("open", "");
  const BenchOutcome made = put();
  EXPECT_EQ(made.status, Status::ok) << made.message;
  EXPECT_THAT(changed(made), Contains("correlation"));
  EXPECT_THAT(bench_->log_lines(), Contains(HasSubstr("update the database")));
}

TEST_F(ZammadProfile, GivesAPendingStateATimeByZammadsOwnClockAndNoOtherOne) {
  put("7", {.status = "waiting"});
  const json::Document waiting = parsed(sent("PUT", "/tickets/7").body);
  EXPECT_EQ(waiting["state"].text(), "pending reminder");
  EXPECT_EQ(waiting["pending_time"].text(), "2026-11-29T09:30:00.000Z");
  put("7", {.status = "closed"});
  EXPECT_FALSE(parsed(sent("PUT", "/tickets/7").body)["pending_time"].present());
}

TEST_F(ZammadProfile, TellsWhatAnotherWriteOverwrote) {
  // The last write wins, whoever's it is: what is read back is still open.
  EXPECT_THAT(changed(put("7", {.status = "closed"})), Contains("status"));
}

TEST_F(ZammadProfile, WritesNotesAloneForAnArticleOfTypeEmailWouldBeMailedEvenIfInternal) {
  put();
  EXPECT_EQ(parsed(sent("POST", "/tickets").body)["article"]["type"].text(), "note");
  comment("7", false);
  EXPECT_EQ(parsed(sent("POST", "/ticket_articles").body)["type"].text(), "note");
  EXPECT_TRUE(parsed(sent("POST", "/ticket_articles").body)["internal"].boolean());
  bench_->add_attachment({.correlation = "a1",
                          .body = attachment_json("a.txt", 1),
                          .external_id = "7",
                          .content = "x"});
  EXPECT_EQ(parsed(sent("POST", "/ticket_articles").body)["type"].text(), "note");
}

TEST_F(ZammadProfile, TellsANoteThatWasStoredWithAnotherVisibility) {
  EXPECT_THAT(changed(comment("7", true)), IsEmpty());
  EXPECT_THAT(changed(comment("7", false)), ElementsAre("public"));
}

TEST_F(ZammadProfile, IsRefusedInZammadsWordsForPeople) {
  on("POST", "/tickets",
     answer(422, R"({"error":"x","error_human":"Group 'Users' cannot be found"})"));
  EXPECT_THAT(put().message, HasSubstr("Group 'Users' cannot be found"));
}

TEST_F(ZammadProfile, AsksForChangesOldestFirstByAQuotedTime) {
  // In the query's language a colon ends a name.
  poll();
  EXPECT_THAT(asked("/tickets/search"),
              AllOf(HasSubstr("updated_at:[2026-11-22T09\\:25\\:00Z TO *]"),
                    HasSubstr("sort_by=updated_at"), HasSubstr("order_by=asc"),
                    HasSubstr("expand=true"), HasSubstr("per_page=100")));
}

TEST_F(ZammadProfile, ReadsStatesThatMeanMoreThanTheirName) {
  const auto moved = [&](const std::string& to) {
    on("GET", "/ticket_history/7",
       answer(200, R"({"history":[{"id":5,"object":"Ticket","type":"updated","attribute":"state",
          "value_to":")" +
                       to + R"(","created_by_id":4,"created_at":"2026-11-22T09:30:00.000Z"}]})"));
    return std::string(poll().events.at(0)["status"].text());
  };
  EXPECT_EQ(moved("pending close"), "resolved") << "it closes by a timer";
  EXPECT_EQ(moved("merged"), "closed");
  EXPECT_EQ(moved("pending reminder"), "waiting");
}

TEST_F(ZammadProfile, SaysThatATicketIsGone) {
  on("GET", "/tickets/7", answer(404, R"({"error":"Couldn't find Ticket"})"));
  EXPECT_THAT(put("7").message, HasSubstr("deleted, merged or moved"));
}

TEST_F(ZammadProfile, TellsArticlesAsTextAndMarksItsOwn) {
  articles(
      R"(,{"id":20,"created_by_id":4,"body":"<p>Vi <b>tittar</b></p>","content_type":"text/html",
     "internal":true,"from":"Sven","created_at":"2026-11-22T09:30:00.000Z","attachments":[]},
    {"id":21,"created_by_id":3,"body":"Hej\n[ombud:c2]","content_type":"text/plain",
     "internal":false,"created_at":"2026-11-22T09:30:01.000Z","attachments":[]},
    {"id":22,"created_by_id":4,"body":"Svar\n[ombud:c2]","content_type":"text/plain",
     "internal":false,"created_at":"2026-11-22T09:30:02.000Z","attachments":[]})");
  const Polled seen = poll();
  ASSERT_EQ(seen.events.size(), 3U);
  EXPECT_EQ(seen.events[0]["comment"]["text"].text(), "Vi tittar");
  EXPECT_FALSE(seen.events[0]["comment"]["public"].boolean(true));
  EXPECT_EQ(seen.events[1]["echo_of"].text(), "c2");
  EXPECT_FALSE(seen.events[2]["echo_of"].present()) << "an answer that quotes us is not ours";
}

TEST_F(ZammadProfile, TellsEveryFileOfAnArticle) {
  articles(R"(,{"id":20,"created_by_id":4,"body":"","content_type":"text/plain","internal":false,
     "created_at":"2026-11-22T09:30:00.000Z","attachments":[
       {"id":31,"filename":"a.txt","size":"3","preferences":{"Content-Type":"text/plain"}},
       {"id":32,"filename":"b.png","size":"4","preferences":{"Mime-Type":"image/png"}}]})");
  std::vector<std::string> names;
  for (const json::Document& event : poll().events) {
    if (event["type"].text() == "attachment") {
      names.emplace_back(event["attachment"]["name"].text());
      EXPECT_EQ(event["attachment"]["reference"]["article"].integer(), 20);
    }
  }
  EXPECT_THAT(names, ElementsAre("a.txt", "b.png"));
}

TEST_F(ZammadProfile, TakesAWebhookOnlyIfItIsSignedAndNotForItsOwnWrites) {
  // Signed with openssl dgst -sha1 -hmac s3cret-4711.
  const auto hook = [&](const std::string& text, const std::string& signature) {
    return bench_->decode(
        R"({"X-Hub-Signature":"sha1=)" + signature + "\"}",
        R"({"ticket":{"id":7,"ombud_reference":"c1"},"article":{"id":20,"body":")" + text +
            R"(","content_type":"text/plain","internal":false,"created_at":"2026-11-22T09:30:00.000Z"}})");
  };
  constexpr const char* kOfStaff = "e88a0d9e23b543659f6d65a026149791b0a400ea";
  const BenchOutcome told = hook("Klart", kOfStaff);
  ASSERT_EQ(told.documents.size(), 1U) << told.message;
  // No order and no only-once is promised: the event has the id that a poll gives it.
  EXPECT_EQ(parsed(told.documents[0])["event_id"].text(), "article-20");
  const BenchOutcome own = hook("Hej\\n[ombud:c2]", "05e4d53b79919cabfd8ea02b3a5abdb1133fbcb0");
  EXPECT_EQ(own.status, Status::ok) << own.message;
  EXPECT_THAT(own.documents, IsEmpty()) << "our own writes fire triggers too";
  EXPECT_EQ(hook("Klar", kOfStaff).status, Status::auth);
}

}  // namespace
}  // namespace ombud::test
