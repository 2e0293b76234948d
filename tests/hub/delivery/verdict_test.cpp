// The outcome table of the delivery design, row by row: what an answer means for a delivery and its
// link.
#include "delivery/verdict.hpp"

#include <gtest/gtest.h>

#include "delivery/limits.hpp"
#include "support/memory_store.hpp"

namespace ombud::delivery {
namespace {

using wire::Status;

class VerdictTest : public ::testing::Test {
 protected:
  VerdictTest() {
    row.op = "add_comment";
    row.lane.external_id = "4711";
    row.attempts = 1;
    row.correlation = "corr";
    row.created_at = context.now - Millis{60'000};
    context.unsettled = Millis{71'000};
  }

  static wire::Reply reply(Status status, std::vector<std::string> documents = {}) {
    wire::Reply answer;
    answer.status = status;
    answer.message = "as the supplier says";
    answer.documents = std::move(documents);
    return answer;
  }
  Ruling write(const wire::Reply& answer) { return judge_write(row, answer, context, random); }
  std::optional<Ruling> find(const wire::Reply& answer) {
    return judge_find(row, answer, context, random);
  }
  void expect_backoff(const Ruling& ruling) const {
    EXPECT_GE(ruling.verdict.run_at, context.now + Millis{2'000});
    EXPECT_LE(ruling.verdict.run_at, context.now + Millis{4'000});
  }

  test::SeededRandom random{1};
  Context context{instant_of(1'795'000'000'000), Millis{0}, true};
  Delivery row;
};

TEST_F(VerdictTest, OkIsDoneUnderTheIdThatTheSupplierGave) {
  const Ruling ruling = write(reply(Status::ok, {R"({"external_id":"c-9"})"}));
  EXPECT_EQ(ruling.verdict.finish, Finish::done);
  EXPECT_EQ(ruling.verdict.external_id, "c-9");
  EXPECT_FALSE(ruling.failure);
}

TEST_F(VerdictTest, ACommentNeedsNoIdToBeDone) {
  EXPECT_EQ(write(reply(Status::ok)).verdict.finish, Finish::done);
  EXPECT_EQ(write(reply(Status::ok, {"not json"})).verdict.finish, Finish::done);
}

TEST_F(VerdictTest, ACreateWithoutAnIdWaitsForAPersonInDoubt) {
  row.op = "put_ticket";
  row.lane.external_id.clear();
  const Ruling ruling = write(reply(Status::ok, {"{}"}));
  EXPECT_EQ(ruling.verdict.finish, Finish::dead);
  EXPECT_TRUE(ruling.verdict.keep_doubt);
  EXPECT_NE(ruling.verdict.error.find("confirm it with its id"), std::string::npos);
}

TEST_F(VerdictTest, AnUpdateNeedsNoId) {
  row.op = "put_ticket";
  EXPECT_EQ(write(reply(Status::ok, {"{}"})).verdict.finish, Finish::done);
}

TEST_F(VerdictTest, RetryWaitsWithBackoffAndCountsForTheCircuit) {
  const Ruling ruling = write(reply(Status::retry));
  EXPECT_EQ(ruling.verdict.finish, Finish::retry);
  EXPECT_TRUE(ruling.failure);
  EXPECT_FALSE(ruling.verdict.keep_doubt);
  EXPECT_EQ(ruling.verdict.error, "as the supplier says");
  expect_backoff(ruling);
}

TEST_F(VerdictTest, RateLimitGivesTheAttemptBackAndHoldsTheWholeLink) {
  wire::Reply answer = reply(Status::rate_limited);
  answer.retry_after_ms = 90'000;
  const Ruling ruling = write(answer);
  EXPECT_EQ(ruling.verdict.finish, Finish::give_back);
  EXPECT_EQ(ruling.link_not_before, context.now + Millis{90'000});
  EXPECT_EQ(ruling.verdict.run_at, context.now + Millis{90'000});
  EXPECT_FALSE(ruling.failure);
}

TEST_F(VerdictTest, ARateLimitOfHoursIsAFailedAttempt) {
  wire::Reply answer = reply(Status::rate_limited);
  answer.retry_after_ms = 24LL * 3'600'000;
  const Ruling ruling = write(answer);
  EXPECT_EQ(ruling.verdict.finish, Finish::retry);
  EXPECT_FALSE(ruling.link_not_before.has_value());
}

TEST_F(VerdictTest, AuthGivesTheAttemptBackAndClosesTheLink) {
  const Ruling ruling = write(reply(Status::auth));
  EXPECT_EQ(ruling.verdict.finish, Finish::give_back);
  EXPECT_TRUE(ruling.close_for_auth);
  EXPECT_FALSE(ruling.failure);
}

TEST_F(VerdictTest, CancelledGivesTheAttemptBackAndWaitsAMoment) {
  const Ruling ruling = write(reply(Status::cancelled));
  EXPECT_EQ(ruling.verdict.finish, Finish::give_back);
  EXPECT_EQ(ruling.verdict.run_at, context.now + kNotSentWait);
  EXPECT_FALSE(ruling.failure);
}

TEST_F(VerdictTest, AmbiguousIsDoubtUntilWhatWasSentHasSettledAndShows) {
  const Ruling ruling = write(reply(Status::ambiguous));
  EXPECT_EQ(ruling.verdict.finish, Finish::doubt);
  EXPECT_TRUE(ruling.verdict.keep_doubt);
  EXPECT_EQ(ruling.verdict.run_at, context.now + context.unsettled);
  EXPECT_TRUE(ruling.failure);
}

TEST_F(VerdictTest, AmbiguousWithoutAnySearchGoesToAPerson) {
  context.lookup_works = false;
  const Ruling ruling = write(reply(Status::ambiguous));
  EXPECT_EQ(ruling.verdict.finish, Finish::dead);
  EXPECT_TRUE(ruling.verdict.keep_doubt);
  EXPECT_NE(ruling.verdict.error.find("Ask whether it arrived"), std::string::npos);
}

TEST_F(VerdictTest, PermanentIsDeadWithTheSuppliersWords) {
  const Ruling ruling = write(reply(Status::permanent));
  EXPECT_EQ(ruling.verdict.finish, Finish::dead);
  EXPECT_FALSE(ruling.verdict.keep_doubt);
  EXPECT_EQ(ruling.verdict.error, "as the supplier says");
}

TEST_F(VerdictTest, WhatIsOlderThanThreeDaysIsGivenUpByAgeAndNotByCount) {
  row.attempts = 1'000;
  row.created_at = context.now - kGiveUpAge;
  EXPECT_EQ(write(reply(Status::retry)).verdict.finish, Finish::retry);
  row.created_at -= Millis{1};
  const Ruling ruling = write(reply(Status::retry));
  EXPECT_EQ(ruling.verdict.finish, Finish::dead);
  EXPECT_FALSE(ruling.verdict.keep_doubt);
  EXPECT_NE(ruling.verdict.error.find("72 hours"), std::string::npos);
}

TEST_F(VerdictTest, AnOldOneThatIsOnlyRateLimitedIsNotGivenUp) {
  row.created_at = context.now - kGiveUpAge * 2;
  EXPECT_EQ(write(reply(Status::rate_limited)).verdict.finish, Finish::give_back);
}

TEST_F(VerdictTest, FoundOnceIsDoneUnderThatId) {
  const auto ruling = find(reply(Status::ok, {R"({"external_id":"c-9"})"}));
  ASSERT_TRUE(ruling.has_value());
  EXPECT_EQ(ruling->verdict.finish, Finish::done);
  EXPECT_EQ(ruling->verdict.external_id, "c-9");
}

TEST_F(VerdictTest, FoundTwiceGoesToAPerson) {
  const auto ruling = find(reply(Status::ok, {R"({"external_id":"1"})", R"({"external_id":"2"})"}));
  ASSERT_TRUE(ruling.has_value());
  EXPECT_EQ(ruling->verdict.finish, Finish::dead);
  EXPECT_TRUE(ruling->verdict.keep_doubt);
  EXPECT_NE(ruling->verdict.error.find("2 copies"), std::string::npos);
  EXPECT_NE(ruling->verdict.error.find("1 and 2"), std::string::npos) << "both, none is chosen";
  EXPECT_NE(ruling->verdict.error.find("ombud delivery confirm"), std::string::npos);
  EXPECT_TRUE(ruling->verdict.external_id.empty());
}

TEST_F(VerdictTest, ATicketThatTheSupplierNoLongerHasGoesToAPersonWithHisChoices) {
  row.lane.delegation = {118};
  for (const int code : {404, 410}) {
    wire::Reply gone = reply(Status::permanent);
    gone.supplier_code = code;
    const std::string error = write(gone).verdict.error;
    EXPECT_EQ(write(gone).verdict.finish, Finish::dead);
    for (const char* words : {"its ticket 4711", "ombud delegation recreate 118",
                              "ombud delegation write-off 118", "as the supplier says"}) {
      EXPECT_NE(error.find(words), std::string::npos) << error;
    }
  }
  row.lane.external_id.clear();  // a create: there was nothing that could be gone
  wire::Reply nowhere = reply(Status::permanent);
  nowhere.supplier_code = 404;
  EXPECT_EQ(write(nowhere).verdict.error, "as the supplier says");
}

TEST_F(VerdictTest, FoundATicketWithoutItsIdGoesToAPerson) {
  row.op = "put_ticket";
  row.lane.external_id.clear();
  const auto ruling = find(reply(Status::ok, {"{}"}));
  ASSERT_TRUE(ruling.has_value());
  EXPECT_EQ(ruling->verdict.finish, Finish::dead);
  EXPECT_TRUE(ruling->verdict.keep_doubt);
}

TEST_F(VerdictTest, NotFoundMeansWrite) {
  EXPECT_FALSE(find(reply(Status::ok)).has_value());
}

TEST_F(VerdictTest, ALookUpThatFailsKeepsTheDoubt) {
  for (const Status status : {Status::retry, Status::ambiguous}) {
    const auto ruling = find(reply(status));
    ASSERT_TRUE(ruling.has_value());
    EXPECT_EQ(ruling->verdict.finish, Finish::retry);
    EXPECT_TRUE(ruling->verdict.keep_doubt);
    expect_backoff(*ruling);
  }
  for (const Status status : {Status::rate_limited, Status::auth, Status::cancelled}) {
    const auto ruling = find(reply(status));
    ASSERT_TRUE(ruling.has_value());
    EXPECT_EQ(ruling->verdict.finish, Finish::give_back);
    EXPECT_TRUE(ruling->verdict.keep_doubt);
  }
}

TEST_F(VerdictTest, ALookUpThatIsRefusedGoesToAPersonInDoubt) {
  const auto ruling = find(reply(Status::permanent));
  ASSERT_TRUE(ruling.has_value());
  EXPECT_EQ(ruling->verdict.finish, Finish::dead);
  EXPECT_TRUE(ruling->verdict.keep_doubt);
}

TEST_F(VerdictTest, AWriteThatWaitsForAPersonInDoubtMayBeLookedUpOnlyWhenItHasSettled) {
  context.lookup_works = true;
  row.op = "put_ticket";
  row.lane.external_id.clear();
  EXPECT_EQ(write(reply(Status::ok, {"{}"})).verdict.run_at, context.now + context.unsettled);
}

}  // namespace
}  // namespace ombud::delivery
