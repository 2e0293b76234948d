// Where GLPI misleads: what the profile for it does then.
#include <ombud/conformance/dialect.hpp>

#include "profile_bench.hpp"

namespace ombud::test {
namespace {

using testing::HasSubstr;

class GlpiProfile : public ProfileBench {
 protected:
  GlpiProfile() {
    load("glpi", R"("user_token":{"$secret":"t"})");
    on("GET", "/initSession", answer(200, R"({"session_token":"s1"})"));
    clock("2026-11-22 08:30:15");
    on("GET", "/listSearchOptions", answer(200, R"({"common":"x",
       "2":{"table":"glpi_tickets","field":"id"},"31":{"table":"glpi_tickets","field":"status"},
       "32":{"table":"glpi_tickets","field":"date_mod"},"33":{"table":"glpi_tickets","field":"content"}})"));
    on("GET", "/search/Ticket", answer(200, R"({"totalcount":0,"count":0})"));
    on("GET", "/Ticket/7",
       answer(200, R"({"id":7,"name":"x","content":"x","status":1,"urgency":3})"));
    for (const char* below : {"/ITILFollowup", "/ITILSolution", "/Log"}) {
      on("GET", std::string("/Ticket/7") + below, answer(200, "[]"));
    }
  }
  void clock(const std::string& shown) {
    on("GET", "/getFullSession",
       answer(200, R"({"session":{"glpiID":5,"glpi_currenttime":")" + shown + R"("}})",
              {{"Date", "Sun, 22 Nov 2026 08:30:15 GMT"}}));
  }
};

TEST_F(GlpiProfile, AsksByTheNumbersThatTheSupplierHasAndFromTheSecondBefore) {
  EXPECT_EQ(bench_->changes(kSince).status, Status::ok);
  const std::string asked = conformance::percent_decode(sent("GET", "/search/Ticket").target);
  EXPECT_THAT(asked, HasSubstr("criteria[0][field]=33"));
  EXPECT_THAT(asked, HasSubstr("criteria[1][field]=32"));
  EXPECT_THAT(asked, HasSubstr("criteria[1][value]=2026-11-22 09:27:59"));  // overlap, and a second
}

TEST_F(GlpiProfile, RefusesAClockThatIsNotUtc) {
  clock("2026-11-22 09:30:15");
  const BenchOutcome outcome = bench_->changes("");
  EXPECT_EQ(outcome.status, Status::permanent);
  EXPECT_THAT(outcome.message, HasSubstr("not UTC"));
}

TEST_F(GlpiProfile, ReadsInsideASuccessWhetherAnUpdateTookEffect) {
  on("PUT", "/Ticket/7", answer(200, R"([{"7":false,"message":"The status may not change"}])"));
  const BenchOutcome refused = put("7");
  EXPECT_EQ(refused.status, Status::permanent);
  EXPECT_THAT(refused.message, HasSubstr("The status may not change"));
  on("PUT", "/Ticket/7", answer(207, R"([{"7":false,"message":"Partly"}])"));
  EXPECT_EQ(put("7").status, Status::permanent);
}

TEST_F(GlpiProfile, BeginsANewSessionWhenTheOldOneEnded) {
  int sessions = 0;
  bench_->on_request([&](const BenchRequest& request) {
    if (request.target.find("/initSession") != std::string::npos) {
      EXPECT_EQ(request.headers.at("authorization"), "user_token s3cret-4711");
      return answer(200, R"({"session_token":"s)" + std::to_string(++sessions) + R"("})");
    }
    if (request.headers.at("session-token") == "s1") {
      return answer(401, R"(["ERROR_SESSION_TOKEN_INVALID","session_token seems invalid"])");
    }
    return request.method == "POST" ? answer(201, R"({"id":9,"message":""})")
                                    : answer(200, R"({"id":9,"is_private":1})");
  });
  EXPECT_EQ(comment("7", false).status, Status::ok);
  EXPECT_EQ(sessions, 2);
  EXPECT_EQ(parsed(sent("POST", "/ITILFollowup").body)["input"]["is_private"].integer(), 1);
}

TEST_F(GlpiProfile, TakesAPageBeyondTheEndForTheEnd) {
  on("GET", "/search/Ticket",
     answer(400, R"(["ERROR_RANGE_EXCEED_TOTAL","Provided range exceed total count of data"])"));
  EXPECT_EQ(bench_->changes(kSince).status, Status::ok);
  on("GET", "/search/Ticket", answer(400, R"(["ERROR","Field ID not found"])"));
  EXPECT_EQ(bench_->changes(kSince).status, Status::permanent);
}

TEST_F(GlpiProfile, ReadsTextsThatAreEncodedOnceMoreAndThoseThatAreNot) {
  on("GET", "/search/Ticket",
     answer(206, R"({"totalcount":1,"count":1,"data":[{"2":7,"32":"2026-11-22 09:30:00",
     "33":"&#60;p&#62;x&#60;br&#62;[ombud:c0]&#60;/p&#62;"}]})"));
  on("GET", "/Ticket/7/ITILFollowup", answer(200, R"([
     {"id":1,"users_id":8,"is_private":0,"date_creation":"2026-11-22 09:30:00","content":"&#60;p&#62;A &#38;lt; B&#60;/p&#62;"},
     {"id":2,"users_id":8,"is_private":1,"date_creation":"2026-11-22 09:30:01","content":"<p>A &lt; B</p>"}])"));
  const BenchOutcome outcome = bench_->changes("");
  ASSERT_EQ(outcome.status, Status::ok) << outcome.message;
  const Polled poll = polled(outcome);
  ASSERT_EQ(poll.events.size(), 2U);
  EXPECT_EQ(poll.events[0]["correlation"].text(), "c0");
  for (const json::Document& event : poll.events)
    EXPECT_EQ(event["comment"]["text"].text(), "A < B");
  EXPECT_TRUE(poll.events[0]["comment"]["public"].boolean());
  EXPECT_FALSE(poll.events[1]["comment"]["public"].boolean(true));
}

TEST_F(GlpiProfile, DoesNotBelieveASearchThatWasIgnored) {
  on("GET", "/search/Ticket",
     answer(200, R"({"totalcount":1,"count":1,"data":[{"2":8,"33":"another"}]})"));
  EXPECT_NE(find("ticket").status, Status::ok);
}

}  // namespace
}  // namespace ombud::test
