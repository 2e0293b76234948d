// The hub's documents as people see them in Redmine.
#include "fixture.hpp"

namespace ombud::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class RedmineDocument : public RedmineTest {
 protected:
  // The issue that a ticket with these members becomes.
  const example_redmine::Issue& made_of(const std::string& members) {
    const BenchOutcome made = bench_->put_ticket(
        {.correlation = "01abc",
         .body = R"({"schema":"ombud.ticket/1","status":"new",)" + members + "}"});
    if (made.status != Status::ok) throw std::runtime_error(made.message);
    return issue(external_id(made));
  }
};

TEST_F(RedmineDocument, ShowsPeopleTheReferenceAndWhoToContactAndEndsWithTheMarker) {
  const auto& seen = made_of(
      R"("reference":"OMB-7","kind":"order","subject":"Ny skärm","description":"24 tum",
         "service":"Arbetsplats","customer":"Alfa","desk":{"name":"Desk","email":"d@x.se"},
         "user":{"name":"Eva"},"due_at":"2026-11-24T15:00:00Z")");
  EXPECT_EQ(seen.subject, "[OMB-7] Ny skärm");
  EXPECT_EQ(seen.description,
            "24 tum\r\n\r\n---\r\n\r\nOMB-7, order\r\nService: Arbetsplats\r\nCustomer: Alfa\r\n"
            "User: Eva\r\nContact: Desk, d@x.se\r\nDue: 2026-11-24T15:00:00Z\r\n[ombud:01abc]");
}

TEST_F(RedmineDocument, PutsASubjectThatMustBeCutInFullIntoTheDescription) {
  const std::string subject(300, 'x');
  const auto& seen =
      made_of(R"("reference":"OMB-7","subject":")" + subject + R"(","description":"d")");
  EXPECT_EQ(seen.subject.size(), example_redmine::kSubjectCharactersMax);
  EXPECT_THAT(seen.description, StartsWith(subject + "\r\n\r\nd\r\n"));
}

TEST_F(RedmineDocument, CutsASubjectByCharactersAndNotByBytesAndKeepsItOnOneLine) {
  std::string swedish;
  for (std::size_t i = 0; i < example_redmine::kSubjectCharactersMax; ++i) swedish += "ö";
  EXPECT_EQ(made_of(R"("subject":")" + swedish + "\"").subject, swedish);
  EXPECT_EQ(made_of(R"("subject":")" + swedish + "x\"").subject, swedish);
  EXPECT_EQ(made_of(R"("subject":" two\nlines ")").subject, "two lines");
}

TEST_F(RedmineDocument, SendsADueDateOnlyTogetherWithAStartThatIsNotLater) {
  const auto& later = made_of(
      R"("subject":"s","opened_at":"2026-11-22T23:30:00Z","due_at":"2026-11-23T01:00:00+02:00")");
  EXPECT_EQ(later.start_date, "2026-11-22");
  EXPECT_EQ(later.due_date, "2026-11-22");
  const auto& earlier = made_of(
      R"("subject":"s","opened_at":"2026-11-22T10:00:00Z","due_at":"2026-11-20T10:00:00Z")");
  EXPECT_THAT(bench_->requests().back().body, Not(HasSubstr("start_date")));
  EXPECT_EQ(earlier.due_date, "");
}

TEST_F(RedmineDocument, LeavesNoCharacterInThatADatabaseRefuses) {
  const auto& seen = made_of(R"("subject":"a\u0000b","description":"c\u0000d")");
  EXPECT_EQ(seen.subject, "ab");
  EXPECT_THAT(seen.description, StartsWith("cd\r\n"));
}

TEST_F(RedmineDocument, TellsChangesUnderTheReferenceInTheFieldEvenIfTheMarkerIsAnothers) {
  made_of(R"("subject":"s","description":"d")");
  model_.comment(issue("1"), "staff", "Hej", false);
  issue("1").description = "x\r\n[ombud:fromtext]";
  EXPECT_EQ(poll().events.at(0)["correlation"].text(), "01abc");
  issue("1").fields.clear();
  EXPECT_EQ(poll().events.at(0)["correlation"].text(), "fromtext");
  bench_ = bench_with("");
  EXPECT_EQ(poll().events.at(0)["correlation"].text(), "fromtext");
}

}  // namespace
}  // namespace ombud::test
