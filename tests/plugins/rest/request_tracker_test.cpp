// Where Request Tracker misleads: what the profile for it does then. The tests against a real one
// are in request_tracker_real_test.cpp.
#include <ombud/conformance/dialect.hpp>

#include "profile_bench.hpp"

namespace ombud::test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class RequestTrackerProfile : public ProfileBench {
 protected:
  RequestTrackerProfile() {
    load("request-tracker", R"("token":{"$secret":"t"},"user":"desk","queue":"support")");
    on("GET", "/queue/support",
       answer(200, R"({"TicketCustomFields":[{"name":"Ombud reference"}]})"));
    on("GET", "/user/desk", answer(200, R"({"Timezone":"UTC"})"));
    on("POST", "/ticket", answer(201, R"({"type":"ticket","id":"7"})"));
    on("PUT", "/ticket/7", answer(200, R"(["Ticket 7: Status 'x' isn't a valid status"])"));
    ticket("c1");
    for (const char* list : {"/tickets", "/history", "/attachments"}) {
      on("GET", list, answer(200, R"({"items":[],"total":null})"));
    }
    for (const char* how : {"/correspond", "/comment"}) {
      on("POST", how,
         answer(201, R"(["added"])",
                {{"Location", "https://acme.example/REST/2.0/transaction/21"}}));
    }
  }
  void ticket(const std::string& reference) {
    on("GET", "/ticket/7", answer(200, shown(reference)));
  }
  static std::string shown(const std::string& reference) {
    return R"({"id":7,"Subject":"x","Status":"open","Priority":"50",
      "LastUpdated":"2026-11-22T09:30:00Z","CustomFields":[{"name":"Ombud reference","values":[")" +
           reference + "\"]}]}";
  }
};

TEST_F(RequestTrackerProfile, MakesNothingThatItCouldNotFindAgain) {
  // RT would create the ticket without the field, and only write that to its log.
  on("GET", "/queue/support", answer(200, R"({"TicketCustomFields":[{"name":"Other"}]})"));
  const BenchOutcome made = put();
  EXPECT_EQ(made.status, Status::permanent);
  EXPECT_THAT(made.message, AllOf(HasSubstr("Ombud reference"), HasSubstr("Other")));
  EXPECT_EQ(sent("POST", "/ticket").method, "");
}

TEST_F(RequestTrackerProfile, TellsAReferenceThatWasDroppedAtCreation) {
  ticket("");
  EXPECT_THAT(changed(put()), Contains("correlation"));
  EXPECT_THAT(bench_->log_lines(), Contains(HasSubstr("ModifyCustomField")));
}

TEST_F(RequestTrackerProfile, ReadsBackWhatASuccessSaysInSentencesDidNotWork) {
  const BenchOutcome updated = put("7", {.status = "resolved"});
  EXPECT_EQ(updated.status, Status::ok);
  EXPECT_THAT(changed(updated), Contains("status"));
}

TEST_F(RequestTrackerProfile, SendsAPriorityAsANumberForAnUnknownLabelWouldBecomeZero) {
  put({}, {.priority = "urgent"});
  const json::Document made = parsed(sent("POST", "/ticket").body);
  EXPECT_EQ(made["Priority"].dump().find_first_not_of("\"0123456789"), std::string::npos);
}

TEST_F(RequestTrackerProfile, RefusesAnAccountWhoseTimeZoneIsNotUtc) {
  // Times of a query are read in it.
  on("GET", "/user/desk", answer(200, R"({"Timezone":"Europe/Stockholm"})"));
  const BenchOutcome polled_outcome = bench_->changes(kSince);
  EXPECT_EQ(polled_outcome.status, Status::permanent);
  EXPECT_THAT(polled_outcome.message, HasSubstr("Europe/Stockholm"));
}

TEST_F(RequestTrackerProfile, TriesAgainWhenTwoWritesMet) {
  for (const int code : {409, 412}) {
    on("PUT", "/ticket/7", answer(code, R"({"message":"Precondition Failed"})"));
    EXPECT_EQ(put("7", {.status = "resolved"}).status, Status::retry) << code;
  }
}

TEST_F(RequestTrackerProfile, CorrespondsForEverybodyAndCommentsForTheStaffAndNamesTheMediaType) {
  EXPECT_EQ(external_id(comment("7", true)), "21");
  EXPECT_EQ(sent("POST", "/comment").method, "");
  comment("7", false);
  for (const char* how : {"/correspond", "/comment"}) {
    EXPECT_EQ(parsed(sent("POST", how).body)["ContentType"].text(), "text/plain") << how;
  }
}

TEST_F(RequestTrackerProfile, IsToldAQueueThatIsClosedToItAsAuth) {
  on("POST", "/ticket",
     answer(403, R"({"message":"No permission to create tickets in the queue"})"));
  const BenchOutcome made = put();
  EXPECT_EQ(made.status, Status::auth);
  EXPECT_THAT(made.message, HasSubstr("No permission to create tickets"));
}

TEST_F(RequestTrackerProfile, TakesFromASearchOnlyWhatHasOurWholeReference) {
  on("GET", "/tickets", answer(200, R"({"items":[)" + shown("c1x") + "]}"));
  EXPECT_THAT(find("ticket").documents, IsEmpty());
}

TEST_F(RequestTrackerProfile, ReadsOnWhereANextPageIsNamedThoughThisOneIsNotFull) {
  // What the user may not see is taken out of a page after it was cut.
  on("GET", "&page=1&", answer(200, R"({"items":[],"total":null,"next_page":"https://x/"})"));
  on("GET", "/tickets", answer(200, R"({"items":[)" + shown("c1") + "]}"));
  EXPECT_EQ(bench_->changes(kSince).status, Status::ok);
  std::vector<std::string> asked;
  for (const BenchRequest& request : bench_->requests()) {
    if (request.target.find("/attachments") == std::string::npos) continue;
    asked.push_back(request.target.substr(request.target.find("&page=") + 1, 6));
  }
  EXPECT_THAT(asked, ElementsAre("page=1", "page=2"));
}

TEST_F(RequestTrackerProfile, FindsATicketBehindAPageOfOthersThatItMayNotSee) {
  on("GET", "/tickets", answer(200, R"({"items":[],"total":null,"next_page":"https://x/"})"));
  on("GET", "page=2", answer(200, R"({"items":[)" + shown("c1") + "]}"));
  EXPECT_EQ(bench_->changes(kSince).status, Status::ok);
  EXPECT_THAT(sent("GET", "/ticket/7/history").target, HasSubstr("/ticket/7/"));
}

TEST_F(RequestTrackerProfile, ReadsADeletedTicketAsClosed) {
  // Deleting one only sets its status.
  on("GET", "/tickets", answer(200, R"({"items":[)" + shown("c1") + "]}"));
  on("GET", "/history", answer(200, R"({"items":[{"id":"30","Type":"Status","NewValue":"deleted",
     "Creator":{"id":"sven"},"Created":"2026-11-22T09:30:00Z"}]})"));
  const Polled seen = polled(bench_->changes(kSince));
  ASSERT_EQ(seen.events.size(), 1U);
  EXPECT_EQ(seen.events[0]["status"].text(), "closed");
}

}  // namespace
}  // namespace ombud::test
