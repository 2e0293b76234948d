// What an operator reads when a supplier's interface goes wrong in the ways that they do: each in
// plain words with what to do, and with the outcome that lets delivery do right.
#include "scripted.hpp"

namespace ombud::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kPoll = R"(
[map.status_from]
open = "in_progress"
[poll]
overlap_seconds = "60"
list = [{ request = "GET /list", query = { since = "{since}" }, rows = "answer" }]
paging = "none"
row = { id = "{row.id}", updated = "{row.at}", ours = "row.key" }
ticket = { external_id = "{row.id}", correlation = "{row.key}" }
[[poll.event]]
type = "status"
id = "{row.id}-{row.at}"
at = "{row.at}"
status = "{row.status|map:status_from}"
status_text = "{row.status}"
)";
const std::map<std::string, std::string> kHtml = {{"Content-Type", "text/html; charset=utf-8"}};
constexpr const char* kLoginPage =
    "<!DOCTYPE html><html><form><input name=u><input type=\"password\" name=p></form></html>";

class RestFaults : public Scripted {};

TEST_F(RestFaults, ALoginPageInPlaceOfDataClosesTheLinkWithWordsForTheOperator) {
  profile(kPoll);
  answers([](const BenchRequest&) { return answer(200, kLoginPage, kHtml); });
  const BenchOutcome polled = bench_->changes("");
  EXPECT_EQ(polled.status, Status::auth);
  EXPECT_THAT(polled.message, AllOf(HasSubstr("answers with its login page"),
                                    HasSubstr("Renew the secrets"), Not(HasSubstr("<form"))));
  // A write may have been taken all the same: it is looked for, and that closes the link.
  EXPECT_EQ(put().status, Status::ambiguous);
}

TEST_F(RestFaults, ARedirectToALoginPageIsTheSame) {
  profile(kPoll);
  answers([](const BenchRequest&) {
    return answer(302, "", {{"Location", "https://sso.acme.example/login?next=/api"}});
  });
  for (const BenchOutcome& outcome : {put(), bench_->changes("")}) {
    EXPECT_EQ(outcome.status, Status::auth);
    EXPECT_THAT(outcome.message, AllOf(HasSubstr("to its login page"), HasSubstr("(HTTP 302")));
  }
  answers([](const BenchRequest&) {
    return answer(301, "", {{"Location", "https://new.acme.example/api"}});
  });
  EXPECT_EQ(put().status, Status::permanent) << "it has moved, and says where";
  EXPECT_THAT(put().message, HasSubstr("https://new.acme.example/api"));
}

TEST_F(RestFaults, AWebPageWithoutALoginMayBeMaintenance) {
  profile(kPoll);
  answers([](const BenchRequest&) { return answer(200, "<html>Back soon</html>", kHtml); });
  EXPECT_EQ(bench_->changes("").status, Status::retry);
  EXPECT_THAT(bench_->changes("").message, HasSubstr("it may be maintenance"));
  answers([](const BenchRequest&) { return answer(502, "<html>Back soon</html>", kHtml); });
  EXPECT_EQ(bench_->changes("").status, Status::retry);
  EXPECT_EQ(put().status, Status::ambiguous) << "a gateway may have passed it on";
  EXPECT_THAT(put().message, AllOf(HasSubstr("as during maintenance"), HasSubstr("HTTP 502"),
                                   Not(HasSubstr("Back soon"))));
  answers([](const BenchRequest&) { return answer(503, "<html>Back soon</html>", kHtml); });
  EXPECT_EQ(put().status, Status::rate_limited);
  EXPECT_EQ(put().retry_after_ms, -1);
  EXPECT_THAT(put().message, HasSubstr("as during maintenance"));
}

TEST_F(RestFaults, TooManyRequestsWithoutATimeNamesNone) {
  profile(kPoll);
  answers([](const BenchRequest&) { return answer(429, "{}"); });
  EXPECT_EQ(put().status, Status::rate_limited);
  EXPECT_EQ(put().retry_after_ms, -1);
  EXPECT_THAT(put().message, HasSubstr("asks to wait (HTTP 429"));
}

TEST_F(RestFaults, AnIdThatTurnsFromNumberToTextAndBackIsTheSame) {
  profile(kPoll);
  std::string id = "17";
  answers([&](const BenchRequest& request) {
    if (request.method == "POST") return answer(201, R"({"id":)" + id + "}");
    return answer(
        200, R"([{"id":)" + id + R"(,"key":"c1","at":"2026-11-22T09:00:00Z","status":"open"}])");
  });
  for (const char* form : {"17", "\"17\"", "17"}) {
    id = form;
    EXPECT_THAT(put().documents.at(0), HasSubstr(R"("external_id":"17")"));
    EXPECT_THAT(bench_->changes("").documents.at(0), HasSubstr(R"("external_id":"17")"));
  }
}

TEST_F(RestFaults, AStatusThatIsNotMappedIsToldAsUnknownWithTheSuppliersWord) {
  profile(kPoll);
  answers([](const BenchRequest&) {
    return answer(200, R"([{"id":1,"key":"c1","at":"2026-11-22T09:00:00Z","status":"Parked"}])");
  });
  EXPECT_THAT(bench_->changes("").documents.at(0),
              AllOf(HasSubstr(R"("status":"unknown")"), HasSubstr(R"("status_text":"Parked")")));
}

TEST_F(RestFaults, AClockThatIsADayOffLosesNoChange) {
  profile(kPoll);
  for (const std::string day : {"21", "23"}) {  // ours says the 22nd
    std::string at = "2026-11-" + day + "T09:00:00Z";
    const std::map<std::string, std::string> date = {
        {"Date", (day == "21" ? "Sat, 21" : "Mon, 23") + std::string(" Nov 2026 09:00:30 GMT")}};
    answers([&](const BenchRequest& request) {
      // It lists what changed at or after `since`, by its own clock.
      const std::size_t since = request.target.find("since=");
      const bool old = since != std::string::npos &&
                       request.target.substr(since + 6).compare(0, 10, at.substr(0, 10)) > 0;
      return answer(
          200, old ? "[]" : R"([{"id":1,"key":"c1","at":")" + at + R"(","status":"open"}])", date);
    });
    const Polled first = polled(bench_->changes(""));
    EXPECT_THAT(first.ids(), ElementsAre("1-" + at));
    at = "2026-11-" + day + "T09:00:10Z";
    EXPECT_THAT(polled(bench_->changes(first.cursor)).ids(), ElementsAre("1-" + at)) << day;
    EXPECT_THAT(last().target, HasSubstr("2026-11-" + day)) << "asked by the supplier's clock";
  }
}

}  // namespace
}  // namespace ombud::test
