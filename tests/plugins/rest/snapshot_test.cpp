// What a snapshot says where a supplier misleads, with the profiles for Request Tracker and Redmine
// and scripted answers.
#include "profile_bench.hpp"

namespace ombud::test {
namespace {

using testing::HasSubstr;

std::string known(const std::string& ticket) {
  return R"({"schema":"ombud.known/1","tickets":[)" + ticket + "]}";
}

class RequestTrackerSnapshot : public ProfileBench {
 protected:
  RequestTrackerSnapshot() {
    load("request-tracker", R"("token":{"$secret":"t"},"user":"ombud","queue":"support")");
    on("GET", "/queue/support",
       answer(200, R"({"TicketCustomFields":[{"name":"Ombud reference","id":"1"}]})"));
    on("GET", "/user/ombud", answer(200, R"({"Timezone":"UTC"})"));
    on("GET", "/ticket/7", answer(200, kTicket));
    on("GET", "/ticket/7/history", answer(200, R"({"items":[
         {"id":"31","Type":"Correspond","Creator":{"id":"sven"},"Created":"2026-11-22T10:00:00Z"},
         {"id":"30","Type":"Correspond","Creator":{"id":"ombud"},"Created":"2026-11-22T09:00:00Z"},
         {"id":"29","Type":"Status","NewValue":"open","Creator":{"id":"sven"},
          "Created":"2026-11-22T08:30:00Z"}]})"));
    on("GET", "/ticket/7/attachments", answer(200, R"({"items":[
         {"id":"51","TransactionId":"31","ContentType":"text/plain","Content":"Ny del.",
          "Creator":{"id":"sven"}},
         {"id":"50","TransactionId":"30","ContentType":"text/plain",
          "Content":"Ett.\n\nAnna\n\n[ombud:c2]","Creator":{"id":"ombud"}}]})"));
  }
  BenchOutcome snapshot() {
    return bench_->snapshot({.correlation = "c1",
                             .body = known(ticket_json({.subject = "Papper"})),
                             .external_id = "7"});
  }
  json::Document copy() {
    const BenchOutcome outcome = snapshot();
    EXPECT_EQ(outcome.status, Status::ok) << outcome.message;
    return parsed(outcome.documents.at(0));
  }
  static constexpr const char* kTicket = R"({"id":7,"Subject":"[OMB-1042] Papper","Status":"open",
    "Priority":"50","LastUpdated":"2026-11-22T10:00:00Z",
    "CustomFields":[{"name":"Ombud reference","values":["c1"]}]})";
};

TEST_F(RequestTrackerSnapshot, TellsWhatWasSaidByWhom) {
  const json::Document told = copy();
  EXPECT_TRUE(told["exists"].boolean());
  EXPECT_TRUE(told["complete"].boolean());
  EXPECT_EQ(told["correlation"].text(), "c1");
  EXPECT_EQ(told["status"].text(), "in_progress");
  ASSERT_EQ(told["changes"].size(), 3U) << told.root().dump();
  EXPECT_EQ(told["changes"].at(0)["event_id"].text(), "transaction-29");
  EXPECT_EQ(told["changes"].at(1)["echo_of"].text(), "c2");
  EXPECT_EQ(told["changes"].at(2)["comment"]["text"].text(), "Ny del.");
  EXPECT_FALSE(told["changes"].at(2)["echo_of"].present());
}

TEST_F(RequestTrackerSnapshot, SaysThatAFullPageIsPerhapsNotAll) {
  std::string items;
  for (int i = 0; i < 100; ++i) {
    items += (i == 0 ? "" : ",") + std::string(R"({"id":")") + std::to_string(900 - i) +
             R"(","Type":"Set","Creator":{"id":"sven"},"Created":"2026-11-22T10:00:00Z"})";
  }
  on("GET", "/ticket/7/history", answer(200, R"({"items":[)" + items + "]}"));
  EXPECT_FALSE(copy()["complete"].boolean(true));
}

TEST_F(RequestTrackerSnapshot, CallsATicketThatWasDeletedGone) {
  std::string deleted = kTicket;
  deleted.replace(deleted.find("open"), 4, "deleted");
  on("GET", "/ticket/7", answer(200, deleted));
  EXPECT_FALSE(copy()["exists"].boolean(true));
  on("GET", "/ticket/7", answer(404, R"({"message":"Not Found"})"));
  EXPECT_FALSE(copy()["exists"].boolean(true));
}

TEST_F(RequestTrackerSnapshot, WhatItMayNotSeeIsNeitherGoneNorARefusedLogin) {
  on("GET", "/ticket/7", answer(403, R"({"message":"Forbidden"})"));
  EXPECT_EQ(snapshot().status, Status::permanent);
  on("GET", "/ticket/7", answer(401, R"({"message":"Unauthorized"})"));
  EXPECT_EQ(snapshot().status, Status::auth);
  on("GET", "/ticket/7", answer(503, "<html>"));
  EXPECT_EQ(snapshot().status, Status::rate_limited);
  on("GET", "/ticket/7", answer(200, "<html>Log in</html>"));
  EXPECT_NE(snapshot().status, Status::ok);
}

TEST_F(RequestTrackerSnapshot, ARepairWritesNothingButItsField) {
  std::string repair = ticket_json({.status = "resolved", .subject = "Toner"});
  repair.insert(repair.size() - 1, R"(,"only":["status"])");
  on("PUT", "/ticket/7", answer(200, R"(["ok"])"));
  bench_->put_ticket({.correlation = "c9", .body = repair, .external_id = "7"});
  EXPECT_THAT(sent("PUT", "/ticket/7").body, HasSubstr("resolved"));
  EXPECT_THAT(sent("PUT", "/ticket/7").body, testing::Not(HasSubstr("Toner")));
}

}  // namespace
}  // namespace ombud::test
