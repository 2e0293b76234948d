#include "redmine/document.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "redmine/text.hpp"

namespace ombud::redmine {
namespace {

IssueDraft draft(const std::string& json) {
  return draft_of(json::parse(json).value(), "01abc");
}

TEST(RedmineDocument, ShowsPeopleTheReferenceAndWhoToContactAndEndsWithTheMarker) {
  const IssueDraft issue = draft(
      R"({"reference":"OMB-7","kind":"order","subject":"Ny skärm","description":"24 tum",
          "service":"Arbetsplats","customer":"Alfa","desk":{"name":"Desk","email":"d@x.se"},
          "user":{"name":"Eva"},"due_at":"2026-11-24T15:00:00Z"})");
  EXPECT_EQ(issue.subject, "[OMB-7] Ny skärm");
  EXPECT_EQ(issue.description,
            "24 tum\n\n---\n\nOMB-7, order\nService: Arbetsplats\nCustomer: Alfa\nUser: Eva\n"
            "Contact: Desk, d@x.se\nDue: 2026-11-24T15:00:00Z\n[ombud:01abc]");
}

TEST(RedmineDocument, PutsASubjectThatMustBeCutInFullIntoTheDescription) {
  const std::string subject(300, 'x');
  const IssueDraft issue =
      draft(R"({"reference":"OMB-7","subject":")" + subject + R"(","description":"d"})");
  EXPECT_EQ(issue.subject.size(), kSubjectCharactersMax);
  EXPECT_THAT(issue.description, ::testing::StartsWith(subject + "\n\nd\n"));
}

TEST(RedmineDocument, SendsADueDateOnlyTogetherWithAStartThatIsNotLater) {
  const IssueDraft later =
      draft(R"({"opened_at":"2026-11-22T23:30:00Z","due_at":"2026-11-23T01:00:00+02:00"})");
  EXPECT_EQ(later.start_date, "2026-11-22");
  EXPECT_EQ(later.due_date, "2026-11-22");
  const IssueDraft earlier =
      draft(R"({"opened_at":"2026-11-22T10:00:00Z","due_at":"2026-11-20T10:00:00Z"})");
  EXPECT_FALSE(earlier.due_date);
  EXPECT_FALSE(earlier.start_date);
}

TEST(RedmineDocument, LeavesNoCharacterInThatADatabaseRefuses) {
  const std::string text("{\"subject\":\"a\\u0000b\",\"description\":\"c\\u0000d\"}");
  EXPECT_EQ(draft(text).subject, "ab");
  EXPECT_THAT(draft(text).description, ::testing::StartsWith("cd\n"));
}

TEST(RedmineDocument, PrefersTheFieldToTheMarker) {
  const auto issue = json::parse(
      R"({"description":"x\r\n[ombud:fromtext]","custom_fields":[{"id":3,"value":"fromfield"}]})");
  EXPECT_EQ(IssueView(issue->root()).correlation(3), "fromfield");
  EXPECT_EQ(IssueView(issue->root()).correlation(4), "fromtext");
  EXPECT_EQ(IssueView(issue->root()).correlation(std::nullopt), "fromtext");
}

}  // namespace
}  // namespace ombud::redmine
