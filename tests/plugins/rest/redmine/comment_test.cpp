#include "fixture.hpp"

namespace ombud::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class RedmineComment : public RedmineTest {
 protected:
  BenchOutcome send(const std::string& text, bool is_public, const std::string& correlation) {
    return bench_->add_comment({.correlation = correlation,
                                .body = comment_json(text, is_public),
                                .external_id = ticket_});
  }
  const example_redmine::Journal& last() { return issue(ticket_).journals.back(); }
  std::string ticket_ = create();
};

TEST_F(RedmineComment, EndsWithWhoWroteItAndTheMarker) {
  const BenchOutcome sent = send("Har ni provat att starta om?", true, "c1");
  ASSERT_EQ(sent.status, Status::ok) << sent.message;
  EXPECT_EQ(last().notes, "Har ni provat att starta om?\n\nServicedesk, OMB-1042\n[ombud:c1]");
  EXPECT_FALSE(last().is_private);
  EXPECT_EQ(external_id(sent), std::to_string(last().id));
  EXPECT_EQ(first(sent)["url"].text(), url() + "/issues/1#change-" + external_id(sent));
}

TEST_F(RedmineComment, ThatIsNotPublicBecomesAPrivateNote) {
  ASSERT_EQ(send("Kunden är irriterad", false, "c1").status, Status::ok);
  EXPECT_TRUE(last().is_private);
}

TEST_F(RedmineComment, ThatIsNotPublicIsNotSentIfRedmineWouldShowItToEverybody) {
  // Redmine stores a private note as a public one if its author may not hide notes.
  model_.users()[1].may_hide_notes = false;
  const BenchOutcome sent = send("Kunden är irriterad", false, "c1");
  EXPECT_EQ(sent.status, Status::permanent);
  EXPECT_THAT(sent.message, HasSubstr("Set notes as private"));
  EXPECT_THAT(issue(ticket_).journals, IsEmpty());
}

TEST_F(RedmineComment, ThatIsNotPublicIsRefusedIfTheLinkTakesNone) {
  bench_ = bench_with(R"(,"private_notes":false)");
  EXPECT_EQ(send("Kunden är irriterad", false, "c1").status, Status::permanent);
  EXPECT_THAT(issue(ticket_).journals, IsEmpty());
  EXPECT_EQ(send("Hej", true, "c2").status, Status::ok);
}

TEST_F(RedmineComment, IsFoundBelowItsTicket) {
  send("ett", true, "c1");
  const std::string second = external_id(send("två", false, "c2"));
  const BenchOutcome found = bench_->find("comment", {.correlation = "c2", .external_id = ticket_});
  ASSERT_EQ(found.documents.size(), 1U);
  EXPECT_EQ(external_id(found), second);
  EXPECT_THAT(bench_->find("comment", {.correlation = "c3", .external_id = ticket_}).documents,
              IsEmpty());
  EXPECT_THAT(bench_->find("comment", {.correlation = "c2", .external_id = "99"}).documents,
              IsEmpty());
}

TEST_F(RedmineComment, IsToldFromAnAnswerThatEndsWithItUnquoted) {
  const std::string ours = external_id(send("ett", true, "c1"));
  model_.comment(issue(ticket_), "staff", "Svar\n\nServicedesk\n[ombud:c1]", false);
  const BenchOutcome found = bench_->find("comment", {.correlation = "c1", .external_id = ticket_});
  ASSERT_EQ(found.documents.size(), 1U);
  EXPECT_EQ(external_id(found), ours);
}

TEST_F(RedmineComment, ToATicketThatIsGoneSaysSo) {
  ticket_ = "99";
  EXPECT_EQ(send("ett", true, "c1").status, Status::permanent);
  EXPECT_EQ(send("ett", false, "c1").status, Status::permanent);
}

}  // namespace
}  // namespace ombud::test
