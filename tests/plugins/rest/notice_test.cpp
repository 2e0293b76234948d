// Which of a supplier's tickets are announcements, by the profile's [notice], and that ours never are.
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

}  // namespace
}  // namespace ombud::test
