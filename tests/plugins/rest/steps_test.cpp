// Operations of several steps: what is said of them when one of the steps fails.
#include "scripted.hpp"

namespace ombud::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kTwoWrites = R"(
[create]
step = [
  { name = "made", request = "POST /tickets", json = { subject = "{ticket.subject}" } },
  { request = "POST /tickets/{made.id}/transition", json = { to = "{ticket.status}" } },
]
reply = { external_id = "{made.id}" }
[update]
step = [
  { request = "PUT /tickets/{external_id}" },
  { request = "POST /tickets/{external_id}/transition", optional = "status" },
]
reply = { external_id = "{external_id}" }
[comment]
step = [
  { request = "POST /tickets/{external_id}/comments" },
  { name = "list", request = "GET /tickets/{external_id}/comments", read_back = true },
  { require = [{ is = "list.stored", proof = true, message = "It was not stored." }] },
]
)";

class RestSteps : public Scripted {
 protected:
  RestSteps() { profile("", kTwoWrites); }
  BenchOutcome comment() {
    return bench_->add_comment(
        {.correlation = "c1", .body = comment_json("Hej", true), .external_id = "7"});
  }
};

TEST_F(RestSteps, AreInDoubtWhenALaterOneFailsHoweverSurely) {
  for (const int code : {400, 401, 404, 429, 500}) {
    answers([&](const BenchRequest& request) {
      return request.target.ends_with("transition") ? answer(code) : answer(201, R"({"id":7})");
    });
    const BenchOutcome made = put();
    EXPECT_EQ(made.status, Status::ambiguous) << code;
    EXPECT_EQ(made.retry_after_ms, -1);
    EXPECT_EQ(made.fail_calls, 1);
  }
  answers([&](const BenchRequest& request) {
    return request.target.ends_with("transition") ? refuse() : answer(201, R"({"id":7})");
  });
  EXPECT_EQ(put().status, Status::ambiguous);
}

TEST_F(RestSteps, AreSureWhenTheFirstWasRefused) {
  for (const auto& [code, status] : {std::pair(400, Status::permanent),
                                     {401, Status::auth},
                                     {429, Status::rate_limited},
                                     {408, Status::retry}}) {
    answers([&](const BenchRequest&) { return answer(code); });
    EXPECT_EQ(put().status, status) << code;
  }
}

TEST_F(RestSteps, ThatAreOptionalBecomeADifferenceForTheOperator) {
  answers([&](const BenchRequest& request) {
    return request.target.ends_with("transition")
               ? answer(409, R"({"error":"no transition from here"})")
               : answer(200, "{}");
  });
  const BenchOutcome done = put("7");
  EXPECT_EQ(done.status, Status::ok) << done.message;
  EXPECT_THAT(changed(done), ElementsAre("status"));
  EXPECT_THAT(bench_->log_lines(), Contains(HasSubstr("no transition from here")));
}

TEST_F(RestSteps, ThatAreOptionalStillLeaveADoubtIfTheirAnswerWasLost) {
  answers([&](const BenchRequest& request) {
    return request.target.ends_with("transition") ? drop_before() : answer(200, "{}");
  });
  EXPECT_EQ(put("7").status, Status::ambiguous);
}

TEST_F(RestSteps, ThatReadBackDoNotUndoASuccess) {
  answers([&](const BenchRequest& request) {
    return request.method == "GET" ? answer(500) : answer(201, "{}");
  });
  EXPECT_EQ(comment().status, Status::ok);
}

TEST_F(RestSteps, MayProveThatNothingWasStored) {
  answers([&](const BenchRequest& request) {
    return request.method == "GET" ? answer(200, R"({"stored":false})") : answer(201, "{}");
  });
  const BenchOutcome refused = comment();
  EXPECT_EQ(refused.status, Status::permanent);
  EXPECT_EQ(refused.message, "It was not stored.");
}

TEST_F(RestSteps, WithoutAnIdAreInDoubt) {
  profile("");
  answers([&](const BenchRequest&) { return answer(201, "{}"); });
  EXPECT_EQ(put().status, Status::ambiguous);
}

TEST_F(RestSteps, NeverPutAStrangeIdIntoAnotherPath) {
  answers([&](const BenchRequest&) { return answer(200, "{}"); });
  put("7/../../users/1");
  for (const BenchRequest& request : bench_->requests()) {
    EXPECT_THAT(request.target, testing::StartsWith("/api/tickets/7%2F..%2F..%2Fusers%2F1"));
  }
}

TEST_F(RestSteps, AreJudgedByTheProfilesTableFirst) {
  profile(R"(
[[error]]
code = 200
when = "answer.Error"
outcome = "permanent"
message = "Refused in a 200: {answer.Error}."
[[error]]
code = 403
when = "header.x-left == '0'"
outcome = "rate_limited"
wait_until = "{header.x-reset}"
message = "Too much."
)");
  answers([&](const BenchRequest&) { return answer(200, R"({"Error":"no queue"})"); });
  EXPECT_THAT(put().message, HasSubstr("Refused in a 200: no queue."));
  EXPECT_EQ(put().status, Status::permanent);
  answers([&](const BenchRequest&) {
    return answer(
        403, "",
        {{"X-Left", "0"}, {"X-Reset", "1795336245"}, {"Date", "Sun, 22 Nov 2026 08:30:15 GMT"}});
  });
  const BenchOutcome limited = put();
  EXPECT_EQ(limited.status, Status::rate_limited);
  EXPECT_EQ(limited.retry_after_ms, 30'000);
  answers([&](const BenchRequest&) { return answer(403); });
  EXPECT_EQ(put().status, Status::auth);
}

TEST_F(RestSteps, HaveHeadersThatReplaceTheProfilesOwn) {
  profile("[headers]\nAccept = \"application/json\"\n", R"(
[create]
step = [{ name = "made", request = "POST /tickets", headers = { accept = "*/*" } }]
reply = { external_id = "{made.id}" }
[update]
step = [{ request = "PUT /tickets/{external_id}" }]
reply = { external_id = "{external_id}" }
[comment]
step = [{ request = "POST /tickets/{external_id}/comments" }]
)");
  answers([](const BenchRequest&) { return answer(201, R"({"id":7})"); });
  EXPECT_EQ(put().status, Status::ok);
  EXPECT_EQ(last().headers.at("accept"), "*/*");
  EXPECT_EQ(put("7").status, Status::ok);
  EXPECT_EQ(last().headers.at("accept"), "application/json");
}

TEST_F(RestSteps, SendOurCorrelationAsIdempotencyKey) {
  profile(R"(
[headers]
"Idempotency-Key" = "{if not external_id then correlation}"
)");
  answers([&](const BenchRequest&) { return answer(201, R"({"id":7})"); });
  put();
  EXPECT_EQ(last().headers.at("idempotency-key"), "c1");
  put("7");
  EXPECT_FALSE(last().headers.contains("idempotency-key"));
}

}  // namespace
}  // namespace ombud::test
