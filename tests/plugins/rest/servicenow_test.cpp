// Where ServiceNow misleads: what the profile for it does then.
#include "profile_bench.hpp"

namespace ombud::test {
namespace {

using testing::HasSubstr;

constexpr const char* kRecord = "/api/now/v2/table/incident/ab12";
constexpr const char* kTable = "/api/now/v2/table/incident?";

class ServiceNowProfile : public ProfileBench {
 protected:
  ServiceNowProfile() {
    load("servicenow", R"("user":"ombud","password":{"$secret":"t"})");
    on("GET", kRecord,
       answer(200, R"({"result":{"sys_id":"ab12","short_description":"x","state":"1"}})"));
    on("PATCH", kRecord, answer(200, R"({"result":{"sys_id":"ab12","state":"1"}})"));
    on("GET", "/sys_journal_field", answer(200, R"({"result":[]})"));
  }
};

TEST_F(ServiceNowProfile, DoesNotBelieveAnAnswerToAQueryThatWasCutShort) {
  on("GET", kTable, answer(200, R"({"result":[{"sys_id":"ff","correlation_id":"another"}]})"));
  const BenchOutcome found = find("ticket");
  EXPECT_NE(found.status, Status::ok);
  EXPECT_THAT(found.message, HasSubstr("ignores the search"));
}

TEST_F(ServiceNowProfile, ReadsOnAfterAShortPageIfALinkSaysSo) {
  on("GET", kTable, answer(200, R"({"result":[]})", {{"Link", "<https://x/>;rel=\"next\""}}));
  on("GET", "sysparm_offset=90",
     answer(200, R"({"result":[]})", {{"Link", "<https://x/>;rel=\"first\""}}));
  EXPECT_EQ(bench_->changes(kSince).status, Status::ok);
  EXPECT_EQ(bench_->requests().size(), 2U);
  EXPECT_THAT(bench_->requests()[1].target, HasSubstr("sysparm_offset=90"));
}

TEST_F(ServiceNowProfile, TellsARuleOfTheSuppliersFromAMissingRole) {
  on("PATCH", kRecord,
     answer(
         403,
         R"({"error":{"message":"Operation Failed","detail":"Data Policy Exception: The following fields are mandatory: Resolution code"}})"));
  const BenchOutcome ruled = put("ab12", {.status = "resolved"});
  EXPECT_EQ(ruled.status, Status::permanent);
  EXPECT_THAT(ruled.message, HasSubstr("Resolution code"));
  on("PATCH", kRecord,
     answer(
         403,
         R"({"error":{"message":"Operation Failed","detail":"ACL Exception Update Failed due to security constraints"}})"));
  EXPECT_EQ(put("ab12", {.status = "resolved"}).status, Status::auth);
}

TEST_F(ServiceNowProfile, SendsWhatAStateAsksFor) {
  put("ab12", {.status = "resolved"});
  EXPECT_EQ(parsed(sent("PATCH", kRecord).body)["close_code"].text(), "Solution provided");
  put("ab12", {.status = "waiting"});
  const json::Document held = parsed(sent("PATCH", kRecord).body);
  EXPECT_EQ(held["hold_reason"].text(), "1");
  EXPECT_EQ(held["comments"].text(), "Waiting for the user.\n[ombud:c1]");  // known again as ours
  EXPECT_FALSE(held["close_code"].present());
}

TEST_F(ServiceNowProfile, DoesNotBelieveAJournalThatItMayNotRead) {
  on("GET", "/sys_journal_field", answer(200, R"({"result":[]})", {{"X-Total-Count", "2"}}));
  EXPECT_EQ(find("comment", "ab12").status, Status::auth);
  on("GET", "/sys_journal_field", answer(200, R"({"result":[]})", {{"X-Total-Count", "0"}}));
  EXPECT_EQ(find("comment", "ab12").status, Status::ok);
}

TEST_F(ServiceNowProfile, SaysThatANoteWasDroppedWithSuccess) {
  const BenchOutcome dropped = comment("ab12", false);
  EXPECT_EQ(dropped.status, Status::permanent);
  EXPECT_THAT(dropped.message, HasSubstr("work_notes"));
  const json::Document body = parsed(sent("PATCH", kRecord).body);
  EXPECT_TRUE(body["work_notes"].present());
  EXPECT_FALSE(body["comments"].present());
}

TEST_F(ServiceNowProfile, IsInNoDoubtOnlyIfTheJournalCouldBeRead) {
  on("GET", "/sys_journal_field", answer(200, R"({"result":[]})", {{"X-Total-Count", "1"}}));
  EXPECT_EQ(comment("ab12", true).status, Status::ok);  // stored, as far as can be known
}

TEST_F(ServiceNowProfile, WaitsUntilTheTimeOfTheLimit) {
  on("GET", kTable,
     answer(429, "{}",
            {{"X-RateLimit-Reset", "1795336245"},
             {"X-RateLimit-Rule", "desk"},
             {"Date", "Sun, 22 Nov 2026 08:30:15 GMT"}}));
  const BenchOutcome limited = find("ticket");
  EXPECT_EQ(limited.status, Status::rate_limited);
  EXPECT_EQ(limited.retry_after_ms, 30'000);
}

}  // namespace
}  // namespace ombud::test
