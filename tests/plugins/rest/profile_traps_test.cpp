// What the shipped profiles know about their suppliers beyond the conformance kit: one trap each.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plugins/documents.hpp"
#include "profile_json.hpp"
#include "support/connector_bench.hpp"

namespace ombud::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using Status = sdk::Status;

constexpr const char* kDate = "Sun, 22 Nov 2026 08:30:00 GMT";  // 1795336200

class Traps : public testing::Test {
 protected:
  // Answers by the first of the entries whose method and part of the target fit; then by 404.
  struct Entry {
    std::string method, part;
    int code;
    std::string body;
    std::map<std::string, std::string> headers = {};
  };
  void supplier(const std::string& profile, const std::string& settings, std::vector<Entry> all) {
    bench_ = std::make_unique<ConnectorBench>(
        load_connector(OMBUD_REST_LIBRARY),
        R"({"profile":)" + profile_json(profile) + "," + settings + "}",
        std::map<std::string, std::string>{{"t", "s3cret-token"}, {"h", kHookSecret}});
    bench_->on_request([all](const BenchRequest& request) {
      for (const Entry& entry : all) {
        if (request.method != entry.method || request.url.find(entry.part) == std::string::npos) {
          continue;
        }
        auto headers = entry.headers;
        headers.emplace("Date", kDate);
        return answer(entry.code, entry.body, headers);
      }
      return answer(404, "{}");
    });
  }
  BenchOutcome update(const TicketText& text) {
    return bench_->put_ticket({.correlation = "c2", .body = ticket_json(text), .external_id = "7"});
  }
  BenchOutcome comment(const std::string& text, bool is_public) {
    return bench_->add_comment(
        {.correlation = "c2", .body = comment_json(text, is_public), .external_id = "7"});
  }
  std::vector<std::string> sent() const {
    std::vector<std::string> all;
    for (const BenchRequest& one : bench_->requests()) all.push_back(one.method + " " + one.target);
    return all;
  }

  static constexpr const char* kHookSecret = "It's a Secret to Everybody";
  std::unique_ptr<ConnectorBench> bench_;
};

// ---- Zendesk ----

class ZendeskTraps : public Traps {
 protected:
  void zendesk(std::vector<Entry> all) {
    supplier("zendesk",
             R"("url":"https://acme.zendesk.example","email":"desk@example.org",
                "token":{"$secret":"t"},"webhook_secret":{"$secret":"h"})",
             std::move(all));
  }
  static std::string ticket(const std::string& status) {
    return R"({"ticket":{"id":7,"external_id":"c1","subject":"x","status":")" + status +
           R"(","priority":"normal","description":"x","updated_at":"2026-11-22T08:00:00Z"}})";
  }
  const Entry me_{"GET", "/users/me", 200, R"({"user":{"id":3,"role":"agent"}})"};
};

TEST_F(ZendeskTraps, ACreateCarriesAKeyAndAKnownKeyIsADoubt) {
  for (const auto& [code, body] :
       {std::pair(400, R"({"error":"IdempotencyKeyMismatch"})"), {409, "{}"}}) {
    zendesk({{"POST", "/tickets", code, body}});
    EXPECT_EQ(bench_->put_ticket({.correlation = "c1", .body = ticket_json()}).status,
              Status::ambiguous);
    EXPECT_EQ(bench_->requests().back().headers.at("idempotency-key"), "c1");
  }
  zendesk({{"POST", "/tickets", 400, R"({"error":"BadRequest"})"}});
  EXPECT_EQ(bench_->put_ticket({.correlation = "c1", .body = ticket_json()}).status,
            Status::permanent);
}

TEST_F(ZendeskTraps, AClosedTicketIsNeverWritten) {
  zendesk({{"GET", "/tickets/7", 200, ticket("closed")}});
  EXPECT_EQ(update({.status = "in_progress"}).status, Status::permanent);
  const BenchOutcome done = update({.status = "closed"});
  EXPECT_EQ(done.status, Status::ok) << done.message;
  EXPECT_THAT(changed(done), Contains("subject"));
  EXPECT_THAT(changed(done), Not(Contains("status")));
  EXPECT_THAT(sent(), Not(Contains(HasSubstr("PUT"))));
}

TEST_F(ZendeskTraps, AnUpdateBesideAnotherOneIsTriedAgain) {
  zendesk({{"GET", "/tickets/7", 200, ticket("open")}, {"PUT", "/tickets/7", 409, "{}"}});
  EXPECT_EQ(update({.status = "waiting"}).status, Status::retry);
  EXPECT_THAT(bench_->requests().back().body,
              HasSubstr(R"("updated_stamp":"2026-11-22T08:00:00Z")"));
}

TEST_F(ZendeskTraps, TheLaggingSearchIsNeverAskedAndOtherRowsAreNotBelieved) {
  zendesk({me_, {"GET", "/tickets", 200, R"({"tickets":[{"id":8,"external_id":"other"}]})"}});
  const BenchOutcome found = bench_->find("ticket", {.correlation = "c1"});
  EXPECT_NE(found.status, Status::ok);
  EXPECT_THAT(found.documents, IsEmpty());
  EXPECT_THAT(sent(), Not(Contains(HasSubstr("search"))));
  EXPECT_THAT(sent(), Contains("GET /api/v2/tickets?external_id=c1&per_page=100"));
}

TEST_F(ZendeskTraps, ThatNobodyIsKnownIsAWrongSecret) {
  zendesk({{"GET", "/users/me", 200, R"({"user":{"id":null,"name":"Anonymous user"}})"}});
  EXPECT_EQ(bench_->check().status, Status::auth);
}

TEST_F(ZendeskTraps, EveryCommentSaysWhetherItIsPublic) {
  zendesk({{"PUT", "/tickets/7", 200, ticket("open")}, {"GET", "/comments", 500, ""}});
  comment("Internt", false);
  EXPECT_THAT(bench_->requests().front().body, HasSubstr(R"("public":false)"));
  bench_->forget_requests();
  comment("Till alla", true);
  EXPECT_THAT(bench_->requests().front().body, HasSubstr(R"("public":true)"));
}

TEST_F(ZendeskTraps, ThePollGoesByTheStampOfTheExportAndNeverAsksForTheNewestMinute) {
  // A system change moved the stamp and not updated_at; the second page follows by its cursor.
  zendesk(
      {me_,
       {"GET", "cursor=two", 200, R"({"tickets":[],"after_cursor":"three","end_of_stream":true})"},
       {"GET", "/incremental/", 200,
        R"({"tickets":[{"id":7,"external_id":"c1","description":"x\n[ombud:c1]","status":"open",
                "updated_at":"2020-01-01T00:00:00Z","generated_timestamp":1795336195}],
                "after_cursor":"two","end_of_stream":false})"},
       {"GET", "/comments", 200, R"({"comments":[]})"},
       {"GET", "/audits", 200, R"({"audits":[]})"}});
  const BenchOutcome first = bench_->changes("");
  ASSERT_EQ(first.status, Status::ok) << first.message;
  EXPECT_THAT(first.documents.back(), HasSubstr("2026-11-22T08:29:55Z"));
  EXPECT_THAT(sent(), Contains(HasSubstr("cursor.json?cursor=two")));
  EXPECT_THAT(sent(), Contains(HasSubstr("start_time=1577836800")));  // settings.poll_from
  bench_->forget_requests();
  // One second old: its start would be refused.
  bench_->changes(R"({"at":"2026-11-22T08:29:59Z","id":"7","tip":"2026-11-22T08:29:59Z"})");
  EXPECT_THAT(sent(), Contains(HasSubstr("start_time=1795336110")));
}

TEST_F(ZendeskTraps, AFileOnAnotherHostIsFetchedWithoutCredentials) {
  zendesk(
      {{"GET", "https://files.example/b", 200, "bytes", {{"Content-Type", "text/plain"}}},
       {"GET", "/attachments/token/a", 302, "", {{"Location", "https://files.example/b?sig=1"}}},
       {"GET", "/api/v2/attachments/9", 200,
        R"({"attachment":{"content_url":"https://acme.zendesk.example/attachments/token/a"}})"}});
  const BenchOutcome got = bench_->attachment(R"({"id":"9"})");
  EXPECT_EQ(got.joined(), "bytes") << got.message;
  ASSERT_EQ(bench_->requests().size(), 3U);
  EXPECT_TRUE(bench_->requests()[0].headers.contains("authorization"));
  EXPECT_FALSE(bench_->requests()[1].headers.contains("authorization"));
  EXPECT_FALSE(bench_->requests()[2].headers.contains("authorization"));
}

TEST_F(ZendeskTraps, AnAddressOfAFileThatIsNotHttpsOrNamesASecretIsNotAsked) {
  for (const char* address : {"http://files.example/b", "https://files.example/?x={{secret:t}}"}) {
    zendesk({{"GET", "/api/v2/attachments/9", 200,
              R"({"attachment":{"content_url":")" + std::string(address) + R"("}})"}});
    EXPECT_EQ(bench_->attachment(R"({"id":"9"})").status, Status::permanent);
    EXPECT_EQ(bench_->requests().size(), 1U);
  }
}

TEST_F(ZendeskTraps, AFileIsNoAttachmentUntilACommentNamesItsToken) {
  zendesk({{"POST", "/uploads", 201, R"({"upload":{"token":"up1"}})"},
           {"PUT", "/tickets/7", 200, ticket("open")},
           {"GET", "/comments", 200, R"({"comments":[]})"}});
  bench_->add_attachment({.correlation = "a1",
                          .body = attachment_json("a.txt", 1),
                          .external_id = "7",
                          .content = "x"});
  EXPECT_EQ(parsed(bench_->requests()[1].body)["ticket"]["comment"]["uploads"].at(0).text(), "up1");
  // What no comment names is seen by nobody, so a lost upload is simply done again.
  bench_->on_request([](const BenchRequest&) { return drop_after(); });
  EXPECT_EQ(bench_
                ->add_attachment({.correlation = "a2",
                                  .body = attachment_json("a.txt", 1),
                                  .external_id = "7",
                                  .content = "x"})
                .status,
            Status::retry);
}

TEST_F(ZendeskTraps, ALimitIsWaitedOut) {
  zendesk({{"PUT", "/tickets/7", 429, "{}", {{"Retry-After", "93"}}}});
  const BenchOutcome limited = comment("Hej", true);
  EXPECT_EQ(limited.status, Status::rate_limited);
  EXPECT_EQ(limited.retry_after_ms, 93'000);
}

// ---- GitLab ----

class GitLabTraps : public Traps {
 protected:
  void gitlab(std::vector<Entry> all) {
    supplier("gitlab-issues",
             R"("url":"https://gitlab.example","token":{"$secret":"t"},"project":"support/desk",
                "webhook_token":{"$secret":"h"})",
             std::move(all));
  }
};

TEST_F(GitLabTraps, AUsersWordsNeverBecomeAQuickAction) {
  gitlab({{"POST", "/notes", 201, R"({"id":9,"internal":false})"},
          {"POST", "/issues", 201,
           R"({"iid":7,"id":4711,"labels":["service-desk"],"state":"opened"})"}});
  comment("/close\nok\n/label ~x", true);
  EXPECT_THAT(bench_->requests().back().body, HasSubstr(R"("body":"\\/close\nok\n\\/label ~x)"));
  const BenchOutcome made = bench_->put_ticket(
      {.correlation = "c1", .body = ticket_json({.description = "/assign @boss\n/close"})});
  EXPECT_THAT(bench_->requests().back().body,
              HasSubstr(R"("description":"\\/assign @boss\n\\/close)"));
  EXPECT_EQ(external_id(made), "7") << "the iid stands in addresses, the id does not";
}

TEST_F(GitLabTraps, AnInternalNoteIsNotSentWhereItWouldBePublic) {
  gitlab({{"GET", "/version", 200, R"({"version":"14.9.0"})"},
          {"POST", "/notes", 201, R"({"id":9})"}});
  EXPECT_EQ(comment("Internt", false).status, Status::permanent);
  EXPECT_THAT(sent(), ElementsAre("GET /api/v4/version"));
  gitlab({{"GET", "/version", 200, R"({"version":"17.5.1-ee"})"},
          {"POST", "/notes", 201, R"({"id":9})"}});
  EXPECT_THAT(changed(comment("Internt", false)), Contains("public")) << "the flag was dropped";
  EXPECT_THAT(bench_->requests().back().body, HasSubstr(R"("internal":true)"));
}

TEST_F(GitLabTraps, ALimitWithoutRetryAfterIsReadFromTheReset) {
  gitlab({{"POST", "/notes", 429, "{}", {{"RateLimit-Reset", "1795336230"}}}});
  EXPECT_EQ(comment("Hej", true).retry_after_ms, 30'000);
  gitlab({{"POST", "/notes", 429, "Retry later"}});
  const BenchOutcome bare = comment("Hej", true);
  EXPECT_EQ(bare.status, Status::rate_limited);
  EXPECT_EQ(bare.retry_after_ms, -1) << "the hub's own pause";
}

TEST_F(GitLabTraps, AHiddenProjectIsToldInWords) {
  gitlab({});
  const BenchOutcome made = bench_->put_ticket({.correlation = "c1", .body = ticket_json()});
  EXPECT_EQ(made.status, Status::permanent);
  EXPECT_THAT(made.message, HasSubstr("also when access is missing"));
}

TEST_F(GitLabTraps, AWebhookIsTakenOnlyWithItsToken) {
  gitlab({});
  const std::string push = R"({"object_kind":"push"})";
  EXPECT_EQ(bench_->decode(R"({"X-Gitlab-Token":"It's a Secret to Everybody"})", push).status,
            Status::ok);
  EXPECT_EQ(bench_->decode(R"({"X-Gitlab-Token":"It's a Secret to Everybod"})", push).status,
            Status::auth);
  EXPECT_EQ(bench_->decode("{}", push).status, Status::auth);
}

TEST_F(GitLabTraps, StatesAndLabelsArePolledAndSystemNotesAreNot) {
  gitlab({{"GET", "/user", 200, R"({"id":3})"},
          {"GET", "/notes", 200, R"([{"id":1,"body":"changed the description","system":true,
            "author":{"id":4},"created_at":"2026-11-22T08:00:00.000Z"}])"},
          {"GET", "/resource_state_events", 200, R"([{"id":2,"user":{"id":4},"state":"closed",
            "created_at":"2026-11-22T08:00:02.000Z"}])"},
          {"GET", "/resource_label_events", 200, R"([{"id":3,"user":{"id":4},"action":"add",
            "label":{"name":"waiting"},"created_at":"2026-11-22T08:00:01.000Z"},
            {"id":4,"user":{"id":4},"action":"remove","label":{"name":"waiting"},
            "created_at":"2026-11-22T08:00:01.500Z"}])"},
          {"GET", "/issues", 200, R"([{"iid":7,"description":"x\n<!-- ombud:c1 -->",
            "updated_at":"2026-11-22T08:00:02.000Z"}])"}});
  const BenchOutcome polled = bench_->changes("");
  ASSERT_EQ(polled.documents.size(), 3U) << polled.message;
  EXPECT_EQ(parsed(polled.documents[0])["status"].text(), "waiting");
  EXPECT_EQ(parsed(polled.documents[1])["status"].text(), "resolved");
  EXPECT_THAT(sent(), Contains(HasSubstr("scope=all")));
}

// ---- Freshservice ----

class FreshserviceTraps : public Traps {
 protected:
  void freshservice(std::vector<Entry> all, const std::string& more = {}) {
    supplier("freshservice",
             R"("url":"https://acme.freshservice.example","api_key":{"$secret":"t"},
                "requester":"desk@example.org")" +
                 more,
             std::move(all));
  }
};

TEST_F(FreshserviceTraps, EveryNoteSaysThatItIsPublicForTheDefaultIsPrivate) {
  freshservice({{"POST", "/notes", 201, R"({"conversation":{"id":9,"private":true,
                 "attachments":[{"id":1,"name":"a.txt"}]}})"}});
  EXPECT_THAT(changed(comment("Hej", true)), Contains("public")) << "it was stored as private";
  EXPECT_THAT(bench_->requests().back().body, HasSubstr(R"("private":false)"));
  comment("Internt", false);
  EXPECT_THAT(bench_->requests().back().body, HasSubstr(R"("private":true)"));
  bench_->add_attachment({.correlation = "c2",
                          .body = attachment_json("a.txt", 3),
                          .external_id = "7",
                          .content = "abc"});
  EXPECT_THAT(bench_->requests().back().body, HasSubstr("name=\"private\"\r\n\r\nfalse\r\n"));
}

TEST_F(FreshserviceTraps, WhatTheLaggingIndexDoesNotHaveIsFoundInTheList) {
  freshservice({{"GET", "/tickets/filter", 200, R"({"tickets":[]})"},
                {"GET", "/tickets", 200,
                 R"({"tickets":[{"id":8,"custom_fields":{"ombud_reference":"other"}},
                     {"id":7,"custom_fields":{"ombud_reference":"c1"}}]})"}});
  const BenchOutcome found = bench_->find("ticket", {.correlation = "c1"});
  EXPECT_EQ(external_id(found), "7") << found.message;
  // The quotes are part of the query.
  EXPECT_THAT(sent(), Contains(HasSubstr("filter?query=%22ombud_reference%3A%27c1%27%22")));
  EXPECT_THAT(sent(), Contains(HasSubstr("updated_since=2026-11-22T07%3A30%3A00Z")));
}

TEST_F(FreshserviceTraps, TheFirstPollDoesNotEndAfterThirtyDays) {
  freshservice({{"GET", "/tickets", 200, R"({"tickets":[]})"}});
  EXPECT_EQ(bench_->changes("").status, Status::ok);
  EXPECT_THAT(sent().back(), HasSubstr("updated_since=2020-01-01"));
}

TEST_F(FreshserviceTraps, ARefusedClosingSaysWhichFieldIsMissing) {
  freshservice({{"GET", "/tickets/7", 200, R"({"ticket":{"id":7,"status":2,"priority":2}})"},
                {"PUT", "/tickets/7", 400, R"({"description":"Validation failed","errors":[
                  {"field":"category","message":"It should be set","code":"missing_field"}]})"}});
  const BenchOutcome closed = update({.status = "closed"});
  EXPECT_EQ(closed.status, Status::permanent);
  EXPECT_THAT(closed.message, HasSubstr("category: It should be set"));
}

// It does not tell who set a status, so the desk notes which one it set, and when.
TEST_F(FreshserviceTraps, AStatusIsWrittenTogetherWithANoteOfIt) {
  const Entry before{"GET", "/tickets/7", 200, R"({"ticket":{"id":7,"status":2,"priority":2}})"};
  freshservice({before, {"PUT", "/tickets/7", 200, "{}"}}, R"(,"status_field":"ombud_status")");
  update({.status = "resolved"});
  const auto put = [&] {
    for (const BenchRequest& one : bench_->requests()) {
      if (one.method == "PUT") return parsed(one.body);
    }
    throw std::runtime_error("nothing was put");
  };
  EXPECT_EQ(put()["status"].integer(), 4);
  EXPECT_EQ(put()["custom_fields"]["ombud_status"].text(), "4 2026-11-22T08:30:00Z");
  freshservice({before, {"PUT", "/tickets/7", 200, "{}"}});
  update({.status = "resolved"});
  EXPECT_FALSE(put()["custom_fields"]["ombud_status"].present());
}

TEST_F(FreshserviceTraps, AStatusThatTheDeskNotedIsItsOwnAndEveryOtherTheSuppliers) {
  const auto statuses = [&](const std::string& status, const std::string& since,
                            const std::string& note, const std::string& field) {
    const std::string ticket =
        R"({"id":7,"updated_at":"2026-11-22T08:00:00Z","created_at":"2026-11-20T08:00:00Z","status":)" +
        status + R"(,"custom_fields":{"ombud_reference":"c1","ombud_status":")" + note +
        R"("},"stats":{"status_updated_at":")" + since + R"("}})";
    freshservice({{"GET", "/conversations", 200, R"({"conversations":[]})"},
                  {"GET", "/tickets/7", 200, R"({"ticket":)" + ticket + "}"},
                  {"GET", "/tickets", 200, R"({"tickets":[)" + ticket + "]}"}},
                 field);
    return polled(bench_->changes("")).events.size();
  };
  const std::string noted = R"(,"status_field":"ombud_status")";
  const std::string note = "4 2026-11-22T07:59:58Z";
  EXPECT_EQ(statuses("4", "2026-11-22T08:00:00Z", note, noted), 0U) << "set by the desk";
  EXPECT_EQ(statuses("2", "2026-11-22T08:00:00Z", note, noted), 1U) << "another status";
  EXPECT_EQ(statuses("4", "2026-11-22T09:00:00Z", note, noted), 1U)
      << "left and set again by the supplier's people";
  EXPECT_EQ(statuses("4", "2026-11-22T08:00:00Z", "", noted), 1U) << "never noted";
  EXPECT_EQ(statuses("4", "2026-11-22T08:00:00Z", "by hand", noted), 1U) << "not our note";
  EXPECT_EQ(statuses("4", "2026-11-22T08:00:00Z", note, ""), 1U) << "nothing to note it in";
}

TEST_F(FreshserviceTraps, ALimitIsWaitedOut) {
  freshservice({{"POST", "/notes", 429, "{}", {{"Retry-After", "42"}}}});
  EXPECT_EQ(comment("Hej", true).retry_after_ms, 42'000);
}

TEST_F(FreshserviceTraps, TheSignedAddressOfAFileIsAskedForAnewAndGetsNoCredentials) {
  freshservice({{"GET", "https://files.example/b", 200, "bytes"},
                {"GET", "/tickets/7/conversations", 200,
                 R"({"conversations":[{"id":1,"attachments":[
                     {"id":9,"attachment_url":"https://files.example/b?Signature=new"}]}]})"}});
  EXPECT_EQ(bench_->attachment(R"({"ticket":"7","id":"9"})").joined(), "bytes");
  EXPECT_THAT(bench_->requests().back().url, HasSubstr("Signature=new"));
  EXPECT_FALSE(bench_->requests().back().headers.contains("authorization"));
}

// ---- GitHub ----

class GitHubTraps : public Traps {
 protected:
  void github(std::vector<Entry> all) {
    supplier("github-issues",
             R"("url":"https://api.github.example","token":{"$secret":"t"},"owner":"acme",
                "repository":"support","webhook_secret":{"$secret":"h"})",
             std::move(all));
  }
};

TEST_F(GitHubTraps, WhatIsNotPublicIsRefusedAndNeverSent) {
  github({});
  EXPECT_EQ(comment("Internt", false).status, Status::permanent);
  EXPECT_THAT(bench_->requests(), IsEmpty());
}

TEST_F(GitHubTraps, ALimitMayComeAs403) {
  github(
      {{"POST", "/comments", 403, R"({"message":"You have exceeded a secondary rate limit."})"}});
  EXPECT_EQ(comment("Hej", true).status, Status::rate_limited);
  github({{"POST",
           "/comments",
           403,
           "{}",
           {{"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset", "1795336260"}}}});
  EXPECT_EQ(comment("Hej", true).retry_after_ms, 60'000);
  github({{"POST", "/comments", 403, R"({"message":"Resource not accessible"})"}});
  EXPECT_EQ(comment("Hej", true).status, Status::auth);
}

TEST_F(GitHubTraps, ARepositoryWithoutIssuesIsToldInWords) {
  github({{"POST", "/issues", 410, R"({"message":"Issues are disabled for this repo"})"}});
  const BenchOutcome made = bench_->put_ticket({.correlation = "c1", .body = ticket_json()});
  EXPECT_EQ(made.status, Status::permanent);
  EXPECT_THAT(made.message, HasSubstr("ssues"));
  github({});
  EXPECT_EQ(bench_->put_ticket({.correlation = "c1", .body = ticket_json()}).status,
            Status::permanent)
      << "404 is a private repository too";
}

TEST_F(GitHubTraps, APullRequestIsNoTicketThoughItIsListedAsOne) {
  github({{"GET", "/user", 200, R"({"login":"desk"})"},
          {"GET", "/repos/acme/support/issues", 200,
           R"([{"number":8,"body":"x\n<!-- ombud:c1 -->","pull_request":{},
                "updated_at":"2026-11-22T08:00:00Z"},
               {"number":9,"body":"x\n<!-- ombud:c1 -->","pull_request":{"url":"x"},
                "updated_at":"2026-11-22T08:00:00Z"}])"}});
  bench_->changes("");
  EXPECT_THAT(sent(), Contains(HasSubstr("/issues/8/")));
  EXPECT_THAT(sent(), Not(Contains(HasSubstr("/issues/9/"))));
  EXPECT_THAT(bench_->find("ticket", {.correlation = "c1"}).documents,
              Not(Contains(HasSubstr("9"))));
}

TEST_F(GitHubTraps, TheSignatureOfGitHubsOwnExampleIsTaken) {
  github({});
  const std::string header =
      R"({"X-Hub-Signature-256":"sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"})";
  EXPECT_EQ(bench_->decode(header, "Hello, World!").status, Status::permanent)
      << "signed, but no JSON";
  EXPECT_EQ(bench_->decode(header, "Hello, World?").status, Status::auth);
}

}  // namespace
}  // namespace ombud::test
