// Where TMF621 leaves a choice, suppliers take different ones: what the two profiles do then.
#include "profile_bench.hpp"

namespace ombud::test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kOne = "/troubleTicket/T7";
constexpr const char* kList = "/troubleTicket?";

class Tmf621Profile : public ProfileBench {
 protected:
  void link(const std::string& settings = "", const std::string& name = "tmf621-v4") {
    load(name, R"("token":{"$secret":"t"},"events_key":{"$secret":"t"})" +
                   (settings.empty() ? "" : "," + settings));
  }
  void ticket(const std::string& more) {
    on("GET", kOne, answer(200, R"({"id":"T7","externalId":"c0",)" + more + "}", {}));
  }
  std::string patched() const { return sent("PATCH", kOne).body; }
};

TEST_F(Tmf621Profile, TellsUnderWhichNamesATicketCameThroughOtherDesks) {
  link(R"("service":"print")");
  on("POST", "/troubleTicket", answer(201, R"({"id":"T7","externalId":"c1"})"));
  std::string body = ticket_json();
  body.insert(body.size() - 1, R"(,"origins":["o1","o2"])");
  EXPECT_EQ(bench_->put_ticket({.correlation = "c1", .body = body}).status, Status::ok);
  const json::Document v4 = parsed(sent("POST", "/troubleTicket").body);
  EXPECT_EQ(v4["externalId"].text(), "c1");
  EXPECT_EQ(v4["relatedEntity"].dump(),
            R"([{"@referredType":"TroubleTicket","id":"o1","role":"origin"},)"
            R"({"@referredType":"TroubleTicket","id":"o2","role":"origin"},)"
            R"({"@referredType":"Service","id":"print","role":"service"}])");
  link("", "tmf621-v5");
  bench_->put_ticket({.correlation = "c1", .body = body});
  const json::Document v5 = parsed(sent("POST", "/troubleTicket").body);
  EXPECT_EQ(v5["externalIdentifier"].at(0)["id"].text(), "c1");
  EXPECT_EQ(v5["relatedEntity"].at(1)["role"].text(), "origin");
  EXPECT_EQ(v5["relatedEntity"].at(1)["entity"]["id"].text(), "o2");
  EXPECT_EQ(v5["relatedEntity"].at(1)["entity"]["@referredType"].text(), "TroubleTicket");
}

TEST_F(Tmf621Profile, ATicketThatWouldTurnInACircleIsRefusedInPlainWords) {
  link();
  on("POST", "/troubleTicket",
     answer(409,
            R"({"code":"conflict","reason":"Conflict","message":"This ticket came from here."})"));
  on("GET", kList, answer(200, "[]"));
  const BenchOutcome refused = put();
  EXPECT_EQ(refused.status, Status::permanent);
  EXPECT_THAT(refused.message, HasSubstr("This ticket came from here."));
  // A conflict with the ticket that an earlier attempt has made is no refusal.
  on("GET", kList, answer(200, R"([{"id":"T7","externalId":"c1"}])"));
  EXPECT_EQ(put().status, Status::ambiguous);
}

TEST_F(Tmf621Profile, DoesNotBelieveASupplierThatIgnoresTheFilter) {
  link();
  on("GET", kList, answer(200, R"([{"id":"T1","externalId":"another"},{"id":"T2"}])"));
  const BenchOutcome found = find("ticket");
  EXPECT_NE(found.status, Status::ok);
  EXPECT_THAT(found.message, HasSubstr("ignores the filter"));
  EXPECT_EQ(bench_->check().status, Status::permanent);
  on("GET", kList, answer(200, "[]"));
  EXPECT_EQ(bench_->check().status, Status::ok);
  on("GET", kList, answer(400, R"({"code":20,"reason":"unknown filter","status":"400"})"));
  EXPECT_THAT(bench_->check().message, HasSubstr("unknown filter"));
}

TEST_F(Tmf621Profile, SendsTheWholeListWhereAPatchReplacesIt) {
  link();
  on("GET", kOne,
     answer(200, R"({"id":"T7","note":[{"id":"1","text":"theirs"}]})", {{"ETag", "\"v3\""}}));
  on("PATCH", kOne,
     answer(
         200,
         R"({"id":"T7","note":[{"id":"1","text":"theirs"},{"id":"2","text":"Hej\n[ombud:c1]"}]})"));
  const BenchOutcome done = comment("T7", true);
  EXPECT_EQ(external_id(done), "2");
  const json::Document body = parsed(patched());
  ASSERT_EQ(body["note"].size(), 2U);
  EXPECT_EQ(body["note"].at(0)["id"].text(), "1");
  EXPECT_EQ(body["note"].at(1)["text"].text(), "Hej\n[ombud:c1]");
  EXPECT_FALSE(body["note"].at(1)["id"].present());
  EXPECT_EQ(sent("PATCH", kOne).headers["if-match"], "\"v3\"");
  // Somebody wrote in between: nothing was stored, and it is tried again from the start.
  on("PATCH", kOne, answer(412, "{}"));
  EXPECT_EQ(comment("T7", true).status, Status::retry);
}

TEST_F(Tmf621Profile, SendsOnlyTheNewNoteUnderItsIdWhereThoseAreKept) {
  link(R"("arrays":"added","marks":"id")");
  on("PATCH", kOne, answer(200, R"({"id":"T7","note":[{"id":"ombud-c1","text":"Hej"}]})"));
  EXPECT_EQ(external_id(comment("T7", true)), "ombud-c1");
  const json::Document body = parsed(patched());
  ASSERT_EQ(body["note"].size(), 1U);
  EXPECT_EQ(body["note"].at(0)["id"].text(), "ombud-c1");
  EXPECT_EQ(body["note"].at(0)["text"].text(), "Hej") << "no mark in what people read";
  EXPECT_EQ(sent("GET", kOne).method, "");
  // A supplier that gives ids of its own is told of: the note could not be found again.
  on("PATCH", kOne, answer(200, R"({"id":"T7","note":[{"id":"5","text":"Hej"}]})"));
  EXPECT_THAT(changed(comment("T7", true)), Contains("correlation"));
}

TEST_F(Tmf621Profile, NeverShowsAPrivateNote) {
  link();
  const BenchOutcome refused = comment("T7", false);
  EXPECT_EQ(refused.status, Status::permanent);
  EXPECT_THAT(bench_->requests(), IsEmpty());
}

TEST_F(Tmf621Profile, LeavesTheStatesInBetweenToTheSupplier) {
  link();
  ticket(R"("status":"pending","name":"[OMB-1042] Skrivaren svarar inte","priority":"Medium")");
  EXPECT_EQ(put("T7", {.status = "in_progress"}).status, Status::ok);
  EXPECT_EQ(sent("PATCH", kOne).method, "") << "there is nothing to change";
  on("PATCH", kOne, answer(200, R"({"id":"T7","status":"cancelled"})"));
  put("T7", {.status = "withdrawn"});
  EXPECT_EQ(parsed(patched())["status"].text(), "cancelled");
  ticket(R"("status":"resolved")");
  put("T7", {.status = "withdrawn"});
  EXPECT_EQ(parsed(patched())["status"].text(), "closed") << "cancelled cannot follow resolved";
  put("T7", {.status = "in_progress"});
  EXPECT_EQ(parsed(patched())["status"].text(), "inProgress") << "not solved to our liking";

  link(R"("steers":"all")");
  ticket(R"("status":"acknowledged")");
  put("T7", {.status = "waiting"});
  EXPECT_EQ(parsed(patched())["status"].text(), "pending");
}

TEST_F(Tmf621Profile, DoesNotReopenWhatWasSolvedAfterItsLastWord) {
  link();
  const std::string ours =
      R"("name":"[OMB-1042] Skrivaren svarar inte","priority":"Medium",)"
      R"("note":[{"id":"1","date":"2026-11-22T09:30:00Z","text":"Nej\n[ombud:c9]"}])";
  ticket(R"("status":"resolved","statusChangeDate":"2026-11-22T09:30:00.500Z",)" + ours);
  EXPECT_EQ(put("T7", {.status = "in_progress"}).status, Status::ok);
  EXPECT_EQ(sent("PATCH", kOne).method, "");
  ticket(R"("status":"resolved","statusChangeDate":"2026-11-22T09:29:59Z",)" + ours);
  on("PATCH", kOne, answer(200, R"({"id":"T7","status":"inProgress"})"));
  put("T7", {.status = "in_progress"});
  EXPECT_EQ(parsed(patched())["status"].text(), "inProgress");
}

TEST_F(Tmf621Profile, SaysThatWhatIsClosedCannotBeReopened) {
  link();
  ticket(R"("status":"closed")");
  const BenchOutcome done = put("T7", {.status = "in_progress"});
  EXPECT_EQ(done.status, Status::ok);
  EXPECT_THAT(changed(done), Contains("status"));
  EXPECT_EQ(sent("PATCH", kOne).method, "");
}

TEST_F(Tmf621Profile, ARefusalOfOneTicketDoesNotCloseTheLink) {
  link();
  ticket(R"("status":"inProgress")");
  on("PATCH", kOne, answer(403, R"({"code":"forbidden","reason":"Only the desk moves a ticket"})"));
  const BenchOutcome refused = put("T7", {.status = "withdrawn"});
  EXPECT_EQ(refused.status, Status::permanent);
  EXPECT_THAT(refused.message, HasSubstr("Only the desk moves a ticket"));
  on("GET", kList, answer(403, R"({"code":"forbidden","reason":"no role"})"));
  EXPECT_EQ(find("ticket").status, Status::auth);
}

TEST_F(Tmf621Profile, ReadsEveryPageHoweverLongAndInAnyOrder) {
  link(R"("marks":"id")");
  const auto rows = [](int from, int count) {
    std::string all = "[";
    for (int i = from; i < from + count; ++i) {
      all += (i > from ? "," : "") + std::string(R"({"id":"T)") + std::to_string(i) +
             R"(","externalId":"c)" + std::to_string(i) + R"(","lastUpdate":"2026-11-22T1)" +
             std::to_string(i % 10) + R"(:00:00Z","note":[{"id":"n","text":"x","date":)" +
             R"("2026-11-22T09:00:00Z"}],"status":"acknowledged"})";
    }
    return all + "]";
  };
  // The cap of the supplier is lower than what was asked for; pages overlap.
  on("GET", "offset=0", answer(206, rows(0, 25), {{"X-Total-Count", "40"}}));
  on("GET", "offset=15", answer(206, rows(15, 25), {{"X-Total-Count", "40"}}));
  const Polled poll = polled(bench_->changes(kSince));
  EXPECT_EQ(poll.events.size(), 40U);
  EXPECT_EQ(bench_->requests().size(), 2U);
  EXPECT_THAT(bench_->requests()[0].target,
              HasSubstr("lastUpdate.gte=2026-11-22T09%3A29%3A00.000Z"));
  // Without a total it reads on until there is nothing more.
  bench_->forget_requests();
  rules_.clear();
  on("GET", kList, answer(200, "[]"));
  on("GET", "offset=0", answer(200, rows(0, 3)));
  EXPECT_EQ(polled(bench_->changes(kSince)).events.size(), 3U);
  EXPECT_EQ(bench_->requests().size(), 2U);
}

TEST_F(Tmf621Profile, ASupplierThatPagesForEverIsNotTakenForRead) {
  link(R"("marks":"id")");
  on("GET", kList,
     answer(200,
            R"([{"id":"T1","externalId":"c1","lastUpdate":"2026-11-22T10:00:00Z","note":[]}])"));
  const BenchOutcome endless = bench_->changes(kSince);
  EXPECT_EQ(endless.status, Status::permanent);
  EXPECT_THAT(endless.message, HasSubstr("too many to read at once"));
  EXPECT_THAT(endless.documents, IsEmpty()) << "and no cursor moves on";
}

TEST_F(Tmf621Profile, TakesOnlyTicketsOfOursFromASharedList) {
  link();
  on("GET", kList,
     answer(200, R"([
     {"id":"T1","externalId":"theirs","description":"x","lastUpdate":"2026-11-22T10:00:00Z","note":[{"id":"1","text":"a"}]},
     {"id":"T2","description":"[ombud:c2]","lastUpdate":"2026-11-22T10:00:00Z","note":[{"id":"2","text":"b"}]},
     {"id":"T3","externalId":"c3","description":"x\n\n[ombud:c3]","lastUpdate":"2026-11-22T10:00:00Z",
      "note":[{"id":"3","text":"c","author":"Sven"},{"id":"4","text":"d\n[ombud:c4]"},
              {"id":"5","text":"e","@type":"work_notes"}],
      "status":"paused","statusChange":[{"status":"acknowledged","changeDate":"2026-11-22T09:00:00Z"},
        {"status":"cancelled","changeDate":"2026-11-22T09:10:00Z","changeReason":"Spare part"}]}])",
            {{"X-Total-Count", "3"}}));
  const Polled poll = polled(bench_->changes(""));
  ASSERT_EQ(poll.events.size(), 4U);
  EXPECT_EQ(poll.events[0]["status"].text(), "waiting") << "the desk must see to it";
  EXPECT_EQ(poll.events[0]["status_text"].text(), "cancelled: Spare part");
  EXPECT_EQ(poll.events[1]["comment"]["text"].text(), "c");
  EXPECT_TRUE(poll.events[1]["comment"]["public"].boolean());
  EXPECT_EQ(poll.events[2]["echo_of"].text(), "c4");
  EXPECT_FALSE(poll.events[3]["comment"]["public"].boolean(true)) << "their own staff's words";
}

TEST_F(Tmf621Profile, SubscribesOnceAndGoesOnPollingIfItIsRefused) {
  link(R"("callback":"https://desk.example/hooks/suppliers/itsm")");
  on("GET", kList, answer(200, "[]", {{"X-Total-Count", "0"}}));
  on("POST", "/hub", answer(400, R"({"code":"invalid","reason":"lies elsewhere"})"));
  EXPECT_EQ(bench_->changes(kSince).status, Status::ok);
  EXPECT_THAT(bench_->log_lines(), Contains(HasSubstr("only polled: lies elsewhere")));
  EXPECT_EQ(parsed(sent("POST", "/hub").body)["callback"].text(),
            "https://desk.example/hooks/suppliers/itsm");
  bench_->forget_requests();
  EXPECT_EQ(bench_->changes(kSince).status, Status::ok);
  EXPECT_EQ(sent("POST", "/hub").method, "");
}

TEST_F(Tmf621Profile, AnEventWithNothingButAnIdIsTakenAndThePollTellsTheRest) {
  link();
  const std::string body =
      R"({"eventType":"TroubleTicketStatusChangeEvent","event":{"troubleTicket":{"id":"T7"}}})";
  const BenchOutcome bare = bench_->decode(  // openssl dgst -sha256 -hmac s3cret-4711
      R"({"X-Ombud-Signature":"sha256=a8293a56fb7f16081c71b7029ec66c721103aa1876b95ee94d0e273bdb78f118"})",
      body);
  EXPECT_EQ(bare.status, Status::ok) << bare.message;
  EXPECT_THAT(bare.documents, IsEmpty());
  EXPECT_EQ(bench_->decode(R"({"X-Ombud-Signature":"sha256=00"})", body).status, Status::auth);
}

TEST_F(Tmf621Profile, SendsCredentialsForFilesToNoOtherPlace) {
  link();
  on("GET", "/attachment/12", answer(200, "bytes"));
  EXPECT_EQ(
      bench_
          ->attachment(
              R"({"ticket":"T7","id":"12","url":"https://acme.example/troubleTicket/T7/attachment/12"})")
          .joined(),
      "bytes");
  EXPECT_EQ(sent("GET", "/attachment/12").headers["authorization"], "Bearer s3cret-4711");
  on("GET", "/elsewhere", answer(200, "other"));
  EXPECT_EQ(bench_->attachment(R"({"ticket":"T7","url":"https://files.example/elsewhere?sig=1"})")
                .joined(),
            "other");
  EXPECT_EQ(sent("GET", "/elsewhere").headers.count("authorization"), 0U);
  EXPECT_NE(bench_->attachment(R"({"ticket":"T7","url":"file:///etc/passwd"})").status, Status::ok);
  EXPECT_NE(bench_->attachment(R"({"id":"12"})").status, Status::ok);
}

TEST_F(Tmf621Profile, ReadsAChangeThatWasAnswered202) {
  link(R"("arrays":"added","marks":"id")", "tmf621-v5");
  on("PATCH", kOne, answer(202, ""));
  on("GET", kOne, answer(200, R"({"id":"T7","note":[{"id":"ombud-c1","text":"Hej"}]})"));
  EXPECT_EQ(external_id(comment("T7", true)), "ombud-c1");
  EXPECT_EQ(sent("PATCH", kOne).headers["content-type"], "application/merge-patch+json");
  EXPECT_EQ(parsed(patched())["note"].at(0)["@type"].text(), "Note");
}

}  // namespace
}  // namespace ombud::test
