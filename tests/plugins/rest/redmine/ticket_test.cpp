#include "fixture.hpp"

namespace ombud::test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class RedmineTicket : public RedmineTest {};

TEST_F(RedmineTicket, BecomesAnIssueThatCarriesOurReferenceTwice) {
  const BenchOutcome made = bench_->put_ticket({.correlation = "01abc", .body = ticket_json()});
  ASSERT_EQ(made.status, Status::ok) << made.message;
  EXPECT_EQ(first(made)["url"].text(), url() + "/issues/1");
  EXPECT_THAT(changed(made), IsEmpty());
  EXPECT_EQ(issue("1").subject, "[OMB-1042] Skrivaren svarar inte");
  EXPECT_THAT(issue("1").description, StartsWith("Den blinkar rött.\r\nRum 12."));
  EXPECT_THAT(issue("1").description, EndsWith("\r\n[ombud:01abc]"));
  EXPECT_EQ(issue("1").fields.at(kReferenceField), "01abc");
}

TEST_F(RedmineTicket, SendsTheKeyAsAHeaderThatOnlyTheHostFillsIn) {
  create();
  for (const BenchRequest& request : bench_->requests()) {
    EXPECT_EQ(request.headers.at("x-redmine-api-key"), "s3cret");
    EXPECT_THAT(request.url, Not(HasSubstr("s3cret")));
  }
}

TEST_F(RedmineTicket, IsBroughtToTheStateThatTheHubWants) {
  const std::string id = create();
  wait(60);
  const BenchOutcome updated = bench_->put_ticket(
      {.correlation = "02",
       .body = ticket_json({.status = "resolved", .subject = "Löst", .priority = "urgent"}),
       .external_id = id});
  ASSERT_EQ(updated.status, Status::ok) << updated.message;
  EXPECT_THAT(changed(updated), IsEmpty());
  EXPECT_EQ(issue(id).status, 3);
  EXPECT_EQ(issue(id).priority, 4);
  EXPECT_EQ(issue(id).subject, "[OMB-1042] Löst");
  // The marker stays that of the creation, or the ticket could not be found by it any more.
  EXPECT_THAT(issue(id).description, EndsWith("[ombud:01create]"));
}

TEST_F(RedmineTicket, IsNotWrittenToWhenNothingDiffers) {
  const std::string id = create();
  bench_->forget_requests();
  const BenchOutcome again =
      bench_->put_ticket({.correlation = "02", .body = ticket_json(), .external_id = id});
  EXPECT_EQ(again.status, Status::ok);
  for (const BenchRequest& request : bench_->requests()) EXPECT_EQ(request.method, "GET");
}

TEST_F(RedmineTicket, KeepsAFinerStatusOfTheSuppliersThatMeansTheSame) {
  bench_ = bench_with(R"(,"correlation_field":7,"status_from":{"Feedback":"in_progress"})");
  const std::string id = create("01", {.status = "in_progress"});
  model_.set_status(issue(id), "staff", 4);
  bench_->put_ticket(
      {.correlation = "02", .body = ticket_json({.status = "in_progress"}), .external_id = id});
  EXPECT_EQ(issue(id).status, 4);
}

TEST_F(RedmineTicket, ReportsAStatusThatTheWorkflowDroppedWithoutAWord) {
  const std::string id = create();
  model_.rules().no_way_to = {3};
  const BenchOutcome updated = bench_->put_ticket(
      {.correlation = "02", .body = ticket_json({.status = "resolved"}), .external_id = id});
  EXPECT_EQ(updated.status, Status::ok);
  EXPECT_THAT(changed(updated), ElementsAre("status"));
}

TEST_F(RedmineTicket, ReportsAReferenceFieldThatDidNotStickAndIsFoundByItsMarkerAllTheSame) {
  model_.rules().read_only = {"cf_7"};
  const BenchOutcome made = bench_->put_ticket({.correlation = "01", .body = ticket_json()});
  EXPECT_EQ(made.status, Status::ok);
  EXPECT_THAT(changed(made), ElementsAre("correlation"));
  EXPECT_THAT(bench_->log_lines(), Contains(HasSubstr("Enable the field")));
  EXPECT_EQ(external_id(bench_->find("ticket", {.correlation = "01"})), external_id(made));
}

TEST_F(RedmineTicket, IsNotMadeAtAllWhenTheReferenceFieldIsNoFilter) {
  model_.fields()[0].is_filter = false;
  const BenchOutcome made = bench_->put_ticket({.correlation = "01", .body = ticket_json()});
  EXPECT_EQ(made.status, Status::permanent);
  EXPECT_THAT(made.message, HasSubstr("custom field 7"));
  EXPECT_EQ(issues(), 0U);
}

TEST_F(RedmineTicket, WithASubjectOver255CharactersKeepsItWholeInTheDescription) {
  const std::string subject = std::string(250, 'x') + "slut";
  const std::string id = create("01", {.subject = subject});
  EXPECT_EQ(issue(id).subject.size(), 255U);
  EXPECT_THAT(issue(id).description, HasSubstr(subject));
}

TEST_F(RedmineTicket, ThatIsAlreadyOverdueIsNotRefusedForItsDates) {
  const BenchOutcome made = bench_->put_ticket(
      {.correlation = "01", .body = ticket_json({.due_at = "2020-01-01T00:00:00Z"})});
  EXPECT_EQ(made.status, Status::ok) << made.message;
}

TEST_F(RedmineTicket, CarriesThePromisedDay) {
  const std::string id = create("01", {.due_at = "2026-11-24T15:00:00Z"});
  EXPECT_EQ(issue(id).due_date, "2026-11-24");
}

TEST_F(RedmineTicket, IsRefusedInRedminesOwnWords) {
  model_.fields().push_back({8, "Cost centre", true, true});
  const BenchOutcome made = bench_->put_ticket({.correlation = "01", .body = ticket_json()});
  EXPECT_EQ(made.status, Status::permanent);
  EXPECT_EQ(made.supplier_code, 422);
  EXPECT_THAT(made.message, HasSubstr("Cost centre cannot be blank"));
  bench_ = bench_with(R"(,"correlation_field":7,"custom_fields":{"8":"4711"})");
  EXPECT_EQ(issue(create()).fields.at(8), "4711");
}

TEST_F(RedmineTicket, ThatIsGoneIsSaidToBeGone) {
  const BenchOutcome updated =
      bench_->put_ticket({.correlation = "02", .body = ticket_json(), .external_id = "99"});
  EXPECT_EQ(updated.status, Status::permanent);
  EXPECT_THAT(updated.message, HasSubstr("deleted, moved"));
}

TEST_F(RedmineTicket, NeverPutsAStrangeIdIntoAPath) {
  bench_->forget_requests();
  const BenchOutcome updated = bench_->put_ticket(
      {.correlation = "02", .body = ticket_json(), .external_id = "1/../../users/1"});
  EXPECT_EQ(updated.status, Status::permanent);
  for (const BenchRequest& request : bench_->requests()) {
    EXPECT_THAT(request.target, Not(HasSubstr("users")));
  }
}

TEST_F(RedmineTicket, OfAModelTheConnectorDoesNotKnowIsRefused) {
  const BenchOutcome made =
      bench_->put_ticket({.correlation = "01", .body = R"({"schema":"ombud.ticket/9"})"});
  EXPECT_EQ(made.status, Status::permanent);
  EXPECT_EQ(made.fail_calls, 1);
}

TEST_F(RedmineTicket, IsFoundAfterItWasClosed) {
  // The supplier lists open issues only, unless asked with status_id=*.
  const std::string id = create("01");
  model_.set_status(issue(id), "staff", 5);
  EXPECT_EQ(external_id(bench_->find("ticket", {.correlation = "01"})), id);
}

TEST_F(RedmineTicket, IsFoundByItsWholeReferenceOnly) {
  create("01abc");
  const BenchOutcome part = bench_->find("ticket", {.correlation = "01ab"});
  EXPECT_EQ(part.status, Status::ok);
  EXPECT_THAT(part.documents, IsEmpty());
}

TEST_F(RedmineTicket, IsFoundTwiceIfItIsThereTwice) {
  create("01");
  create("01");
  EXPECT_EQ(bench_->find("ticket", {.correlation = "01"}).documents.size(), 2U);
}

TEST_F(RedmineTicket, IsFoundByTheFieldWhenSomebodyRewroteTheDescription) {
  const std::string id = create("01");
  issue(id).description = "omskriven";
  EXPECT_EQ(external_id(bench_->find("ticket", {.correlation = "01"})), id);
}

TEST_F(RedmineTicket, IsNotSaidToBeMissingByAFilterThatRedmineIgnores) {
  create("other");
  model_.fields()[0].is_filter = false;
  const BenchOutcome found = bench_->find("ticket", {.correlation = "01"});
  EXPECT_EQ(found.status, Status::permanent);
  EXPECT_THAT(found.message, HasSubstr("used as a filter"));
}

TEST_F(RedmineTicket, IsNotSaidToBeMissingToAKeyThatIsNoLongerValid) {
  // Redmine answers a list with 200 and nothing in it to whoever it does not know.
  create("01");
  bench_ = bench_with(R"(,"correlation_field":7)", "revoked");
  EXPECT_EQ(bench_->find("ticket", {.correlation = "01"}).status, Status::auth);
}

TEST_F(RedmineTicket, WorksWithoutAReferenceField) {
  bench_ = bench_with("");
  const std::string id = create("01");
  EXPECT_TRUE(issue(id).fields.empty());
  EXPECT_EQ(external_id(bench_->find("ticket", {.correlation = "01"})), id);
}

}  // namespace
}  // namespace ombud::test
