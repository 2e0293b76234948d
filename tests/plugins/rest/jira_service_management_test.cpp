// Where Jira misleads: what the profile for it does then.
#include "profile_bench.hpp"

namespace ombud::test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kIssue = "/rest/api/2/issue/7";

class JiraProfile : public ProfileBench {
 protected:
  JiraProfile() {
    load("jira-service-management",
         R"("user":"desk@example.com","token":{"$secret":"t"},"project":"SUP","service_desk":1,
            "request_type":10,"correlation_field":"customfield_10100")");
    on("GET", "/myself", answer(200, R"({"accountId":"desk-1"})"));
    on("GET", "/rest/api/2/status",
       answer(200, R"([{"id":"1","name":"Open","statusCategory":{"key":"new"}}])"));
    on("GET", "/requesttype/10/field",
       answer(200, R"({"requestTypeFields":[{"fieldId":"customfield_10100"}]})"));
    on("GET", kIssue,
       answer(200, R"({"id":"7","key":"SUP-7","fields":{"summary":"x","description":"x",
          "status":{"id":"1","name":"Open"},"priority":{"name":"Low"},"customfield_10100":"c0"}})"));
    on("PUT", kIssue, answer(204));
    on("GET", "/transitions", answer(200, R"({"transitions":[{"id":"11","name":"Finish",
       "to":{"name":"resolved"},"fields":{"resolution":{"required":true}}}]})"));
    on("POST", "/transitions", answer(204));
    on("GET", "/search/jql", answer(200, R"({"issues":[],"isLast":true})"));
  }
};

TEST_F(JiraProfile, AsksForChangesInMillisecondsBecauseADateIsReadInTheAccountsZone) {
  EXPECT_EQ(bench_->changes(kSince).status, Status::ok);
  const std::string asked = sent("GET", "/search/jql").target;
  EXPECT_THAT(asked, HasSubstr("updated%20%3E%3D%201795339500000"));  // five minutes before
  EXPECT_THAT(asked, Not(HasSubstr("2026-11-22")));
}

TEST_F(JiraProfile, WritesThePriorityByItselfBecauseAFieldOffTheScreenFailsTheWholeEdit) {
  on_body("PUT", "priority", answer(400, R"({"errors":{"priority":"not on the screen"}})"));
  const BenchOutcome done = put("7");
  EXPECT_EQ(done.status, Status::ok) << done.message;
  EXPECT_THAT(changed(done), Contains("priority"));
  EXPECT_THAT(bench_->log_lines(), Contains(HasSubstr("not on the screen")));
}

TEST_F(JiraProfile, TellsAStatusThatTheWorkflowHasNoWayTo) {
  const BenchOutcome done = put("7", {.status = "waiting"});
  EXPECT_EQ(done.status, Status::ok) << done.message;
  EXPECT_THAT(changed(done), Contains("status"));
  EXPECT_THAT(bench_->log_lines(), Contains(HasSubstr("Finish to resolved")));
  EXPECT_EQ(sent("POST", "/transitions").method, "");
}

TEST_F(JiraProfile, GivesAResolutionWhereTheTransitionAsksForOne) {
  put("7", {.status = "resolved"});
  EXPECT_EQ(parsed(sent("POST", "/transitions").body)["fields"]["resolution"]["name"].text(),
            "Done");
}

TEST_F(JiraProfile, WritesAgainOnlyWhatDiffersHoweverWikiTextIsEscaped) {
  const TicketText text{.subject = "[A] {b}", .description = "a_b *c* \\d |e| ~f^\n[x]!"};
  on_body("PUT", "summary", answer(400, "{}"));  // it ends there
  put("7", text);
  rules_.pop_back();
  const json::Document edit = parsed(sent("PUT", kIssue).body);
  json::Writer issue;
  issue.begin_object().field("id", "7").begin_object("fields");
  issue.field("summary", edit["fields"]["summary"].text());
  issue.field("description", edit["fields"]["description"].text());
  issue.begin_object("status").field("id", "1").field("name", "Open").end_object();
  issue.begin_object("priority").field("name", "Medium").end_object();
  issue.field("customfield_10100", "c0").end_object().end_object();
  on("GET", kIssue, answer(200, issue.take()));
  bench_->forget_requests();
  EXPECT_EQ(put("7", text).status, Status::ok);
  EXPECT_EQ(sent("PUT", kIssue).method, "") << sent("PUT", kIssue).body;
}

TEST_F(JiraProfile, TriesAgainWhenTwoTransitionsMet) {
  on("POST", "/request/7/comment", answer(409, "{}"));
  EXPECT_EQ(comment("7", true).status, Status::retry);
}

TEST_F(JiraProfile, WaitsUntilTheTimeThatJiraNames) {
  on("POST", "/request/7/comment",
     answer(429, "{}",
            {{"X-RateLimit-Reset", "2026-11-22T08:30:45Z"},
             {"RateLimit-Reason", "jira-per-issue-on-write"},
             {"Date", "Sun, 22 Nov 2026 08:30:15 GMT"}}));
  const BenchOutcome limited = comment("7", true);
  EXPECT_EQ(limited.status, Status::rate_limited);
  EXPECT_EQ(limited.retry_after_ms, 30'000);
  EXPECT_THAT(limited.message, HasSubstr("jira-per-issue-on-write"));
}

TEST_F(JiraProfile, MakesNothingThatItCouldNotFindAgain) {
  on("GET", "/requesttype/10/field",
     answer(200, R"({"requestTypeFields":[{"fieldId":"summary"}]})"));
  EXPECT_EQ(put().status, Status::permanent);
  EXPECT_EQ(sent("POST", "/").method, "");
}

TEST_F(JiraProfile, TakesFromAFuzzySearchOnlyWhatHasOurReference) {
  on("GET", "/search/jql", answer(200, R"({"issues":[{"id":"7","key":"SUP-7","fields":{
     "customfield_10100":"c1x","description":"See \\[ombud:c10\\]"}}],"isLast":true})"));
  const BenchOutcome found = find("ticket");
  EXPECT_EQ(found.status, Status::ok) << found.message;
  EXPECT_THAT(found.documents, testing::IsEmpty());
}

TEST_F(JiraProfile, TellsANoteThatWasStoredWithAnotherVisibility) {
  on("POST", "/request/7/comment", answer(201, R"({"id":"9","public":true})"));
  const BenchOutcome done = comment("7", false);
  EXPECT_EQ(parsed(sent("POST", "/request/7/comment").body)["public"].boolean(true), false);
  EXPECT_THAT(changed(done), Contains("public"));
}

TEST_F(JiraProfile, CountsACommentAsInternalUnlessJiraSaysThatItIsPublic) {
  on("GET", "/search/jql", answer(200, R"({"issues":[{"id":"7","fields":{
     "updated":"2026-11-22T09:31:00.000+0000","customfield_10100":"c0"}}],"isLast":true})"));
  on("GET", "/issue/7/comment",
     answer(
         200,
         R"({"comments":[{"id":"9","body":"Not \\[yet\\] a\\_b \\*c\\* \\\\d \\|e\\| \\~f\\^ \\! \\{\\}",
     "created":"2026-11-22T10:31:00.000+0100","author":{"accountId":"x","displayName":"Sven"}}]})"));
  const Polled poll = polled(bench_->changes(""));
  ASSERT_EQ(poll.events.size(), 1U);
  EXPECT_EQ(poll.events[0]["comment"]["text"].text(), "Not [yet] a_b *c* \\d |e| ~f^ ! {}");
  EXPECT_FALSE(poll.events[0]["comment"]["public"].boolean(true));
  EXPECT_EQ(poll.events[0]["at"].text(), "2026-11-22T09:31:00.000Z");
}

TEST_F(JiraProfile, FollowsNoRedirectToTheHostThatKeepsTheFiles) {
  on("GET", "/attachment/content/5", answer(303, "", {{"Location", "https://media.example/5"}}));
  EXPECT_NE(bench_->attachment(R"({"id":"5"})").status, Status::ok);
  ASSERT_EQ(bench_->requests().size(), 1U);
  EXPECT_THAT(bench_->requests()[0].target, HasSubstr("redirect=false"));
}

}  // namespace
}  // namespace ombud::test
