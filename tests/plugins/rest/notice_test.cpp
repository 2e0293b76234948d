// Which of a supplier's tickets are announcements, by the profile's [notice], and that ours never
// are.
#include "profile_json.hpp"
#include "scripted.hpp"

namespace ombud::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr const char* kHead = R"(
[map.notice_state]
open = "ongoing"
done = "over"
[poll]
list = [{ request = "GET /list", rows = "answer" }]
paging = "none"
row = { id = "{row.id}", updated = "{row.at}", ours = "row.key" }
ticket = { external_id = "{row.id}", correlation = "{row.key}" }
[[poll.event]]
type = "status"
id = "{row.id}-{row.at}"
at = "{row.at}"
status = "in_progress"
[notice]
is = "row.tag == 'outage'"
id = "t-{row.id}"
kind = "{row.tag}"
state = "{row.status|map:notice_state}"
title = "{row.subject}"
text = "{row.body}"
starts_at = "{row.from}"
updated = "{row.at}"
services = "row.services"
)";
constexpr const char* kRows = R"([
 {"id":1,"key":"c1","tag":"outage","at":"2026-11-22T09:00:00Z","subject":"ours"},
 {"id":2,"tag":"outage","at":"2026-11-22T09:01:00Z","subject":"Nere","body":"Allt.","status":"open",
  "from":"2026-11-22T08:00:00+01:00","services":["mail","vpn"]},
 {"id":3,"tag":"question","at":"2026-11-22T09:02:00Z","subject":"other"},
 {"id":4,"tag":"outage","at":"2026-11-22T09:03:00Z","subject":"","from":"nonsense"}])";

class RestNotices : public Scripted {
 protected:
  // Announcements and changes of one poll; the cursor stays out.
  std::vector<std::string> announced(const BenchOutcome& outcome) {
    std::vector<std::string> found;
    for (const std::string& document : outcome.documents) {
      if (document.find("ombud.announcement/1") != std::string::npos) found.push_back(document);
    }
    return found;
  }
};

TEST_F(RestNotices, RowsOfThePollThatAreNotOursAndFitAreAnnouncements) {
  profile(kHead);
  answers([](const BenchRequest&) { return answer(200, kRows); });
  const BenchOutcome poll = bench_->changes("");
  EXPECT_EQ(poll.status, Status::ok) << poll.message;
  const auto found = announced(poll);
  ASSERT_THAT(found, SizeIs(1)) << "ours is a ticket, a question is none, and one has no title";
  EXPECT_THAT(found[0], AllOf(HasSubstr(R"("remote_id":"t-2")"), HasSubstr(R"("kind":"outage")"),
                              HasSubstr(R"("state":"ongoing")"), HasSubstr(R"("title":"Nere")"),
                              HasSubstr(R"("starts_at":"2026-11-22T07:00:00.000Z")"),
                              HasSubstr(R"("services":["mail","vpn"])")));
  EXPECT_THAT(polled(poll).cursor, Not(IsEmpty()));
  EXPECT_THAT(poll.documents.back(), HasSubstr("cursor")) << "the cursor is the last";
}

TEST_F(RestNotices, AListOfItsOwnIsReadOnlyWhenTheOperatorAskedForIt) {
  const std::string own = std::string(kHead) + R"(when = "settings.user == 'reader'"
[[notice.list]]
request = "GET /news"
rows = "answer"
)";
  profile(own);
  answers([](const BenchRequest& request) {
    return answer(200, request.target == "/api/news" ? kRows : "[]");
  });
  EXPECT_THAT(announced(bench_->changes("")), IsEmpty());
  for (const BenchRequest& request : bench_->requests()) EXPECT_NE(request.target, "/api/news");
}

TEST_F(RestNotices, AListThatCannotBeReadHoldsUpNoTicket) {
  profile(std::string(kHead) + R"(
[[notice.list]]
request = "GET /news"
rows = "answer"
)");
  answers([](const BenchRequest& request) {
    return request.target == "/api/news" ? answer(500) : answer(200, kRows);
  });
  const BenchOutcome poll = bench_->changes("");
  EXPECT_EQ(poll.status, Status::retry) << "and the operator reads why";
  EXPECT_THAT(polled(poll).ids(), ElementsAre("1-2026-11-22T09:00:00Z"));
}

TEST(RedmineNotices, IssuesOfTheTrackerThatTheOperatorNamedAreAnnouncements) {
  ConnectorBench bench(load_connector(OMBUD_REST_LIBRARY),
                       R"({"profile":)" + profile_json("redmine") +
                           R"(,"url":"https://redmine.example","api_key":{"$secret":"t"},)"
                           R"("project":"support","notice_tracker":9,"notice_project":"drift"})",
                       {{"t", "s3cret"}});
  std::vector<std::string> asked;
  bench.on_request([&](const BenchRequest& request) {
    if (request.url.find("/users/current") != std::string::npos) {
      return answer(200, R"({"user":{"id":5,"login":"desk","mail":"d@e.example"}})");
    }
    if (request.url.find("/issue_statuses") != std::string::npos) {
      return answer(200, R"({"issue_statuses":[{"id":2,"name":"In Progress","is_closed":false},)"
                         R"({"id":5,"name":"Closed","is_closed":true}]})");
    }
    if (request.url.find("tracker_id=9") == std::string::npos) {
      return answer(200, R"({"issues":[]})");
    }
    asked.push_back(request.target);
    return answer(200, R"({"issues":[
      {"id":70,"tracker":{"id":9,"name":"Underhåll"},"status":{"id":2},"subject":"Byte av server",
       "description":"Alla skrivare.","start_date":"2026-11-23","updated_on":"2026-11-22T09:00:00Z",
       "category":{"id":1,"name":"Utskrift"}},
      {"id":71,"tracker":{"id":9,"name":"Underhåll"},"status":{"id":5},"subject":"Vårt ärende",
       "description":"Text\n[ombud:01abc]","updated_on":"2026-11-22T09:00:00Z"},
      {"id":72,"tracker":{"id":3,"name":"Support"},"status":{"id":2},"subject":"Annat",
       "updated_on":"2026-11-22T09:00:00Z"}]})");
  });
  const BenchOutcome poll = bench.changes("");
  EXPECT_EQ(poll.status, sdk::Status::ok) << poll.message;
  ASSERT_THAT(asked, SizeIs(1));
  EXPECT_THAT(asked[0], HasSubstr("project_id=drift"));
  ASSERT_THAT(poll.documents, SizeIs(1)) << "ours and other trackers are none";
  EXPECT_THAT(poll.documents[0],
              AllOf(HasSubstr(R"("remote_id":"issue-70")"), HasSubstr(R"("kind":"maintenance")"),
                    HasSubstr(R"("state":"ongoing")"), HasSubstr(R"("services":["Utskrift"])"),
                    HasSubstr("https://redmine.example/issues/70")));
}

}  // namespace
}  // namespace ombud::test
