#include "fixture.hpp"

namespace ombud::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class RedmineCheck : public RedmineTest {};

TEST_F(RedmineCheck, PassesWhenEverythingIsThereAndChangesNothing) {
  const BenchOutcome checked = bench_->check();
  EXPECT_EQ(checked.status, Status::ok) << checked.message;
  for (const BenchRequest& request : bench_->requests()) EXPECT_EQ(request.method, "GET");
}

TEST_F(RedmineCheck, SaysThatTheKeyIsWrong) {
  bench_ = bench_with("", "wrong");
  const BenchOutcome checked = bench_->check();
  EXPECT_EQ(checked.status, Status::auth);
  EXPECT_THAT(checked.message, HasSubstr("settings.api_key"));
}

TEST_F(RedmineCheck, SaysThatTheReferenceFieldIsNoFilterEvenInAnEmptyProject) {
  model_.fields()[0].is_filter = false;
  EXPECT_THAT(bench_->check().message, HasSubstr("used as a filter"));
  bench_ = bench_with(R"(,"correlation_field":99)");
  EXPECT_THAT(bench_->check().message, HasSubstr("custom field 99"));
}

TEST_F(RedmineCheck, ListsTheWordsThereAreWhenASettingNamesNone) {
  bench_ = bench_with(R"(,"status_to":{"waiting":"Väntar"})");
  const BenchOutcome checked = bench_->check();
  EXPECT_EQ(checked.status, Status::permanent);
  EXPECT_THAT(checked.message, HasSubstr("settings.status_to.waiting"));
  EXPECT_THAT(checked.message, HasSubstr("Feedback (4)"));
  bench_ = bench_with(R"(,"priority_to":{"urgent":99})");
  EXPECT_THAT(bench_->check().message, HasSubstr("settings.priority_to.urgent"));
  bench_ = bench_with(R"(,"tracker_id":99)");
  EXPECT_THAT(bench_->check().message, HasSubstr("Support (3)"));
}

TEST_F(RedmineCheck, SaysThatPrivateNotesWouldBePublic) {
  model_.users()[1].may_hide_notes = false;
  EXPECT_THAT(bench_->check().message, HasSubstr("Set notes as private"));
  bench_ = bench_with(R"(,"private_notes":false)");
  EXPECT_EQ(bench_->check().status, Status::ok);
}

TEST_F(RedmineCheck, SaysThatTheAddressIsNoRedmine) {
  bench_->on_request([](const BenchRequest&) { return answer(200, "<html>"); });
  EXPECT_EQ(bench_->check().status, Status::retry);
  bench_->on_request([](const BenchRequest&) { return answer(200, "{}"); });
  EXPECT_EQ(bench_->check().status, Status::permanent);
  bench_->on_request([](const BenchRequest&) {
    return answer(301, "", {{"Location", "https://new.example/"}});
  });
  EXPECT_THAT(bench_->check().message, HasSubstr("https://new.example/"));
}

// Another web server at that address: said first. Where we are not let in, or a part is known, it
// is a Redmine with its own trouble.
TEST_F(RedmineCheck, AProbeSaysFirstThatSomethingElseAnswersThere) {
  bench_->on_request([](const BenchRequest&) { return answer(404, "<html>Not here</html>"); });
  const BenchOutcome other = bench_->probe("{}");
  ASSERT_FALSE(other.documents.empty());
  EXPECT_THAT(other.documents.front(), HasSubstr("does not look like a Redmine"));
  EXPECT_THAT(other.documents.front(), HasSubstr("settings.url"));
  bench_->on_request([](const BenchRequest&) { return answer(403, "{}"); });
  EXPECT_THAT(bench_->probe("{}").joined(), Not(HasSubstr("does not look like")));
  bench_ = bench_with(R"(,"correlation_field":99)");
  EXPECT_THAT(bench_->probe("{}").joined(), Not(HasSubstr("does not look like")));
}

TEST_F(RedmineCheck, RefusesBadSettingsInWords) {
  EXPECT_THROW(bench_with(R"(,"tracker_id":"x")"), std::runtime_error);
}

}  // namespace
}  // namespace ombud::test
