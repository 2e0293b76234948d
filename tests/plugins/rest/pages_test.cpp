// Steps that read every page of a list: of a poll's details, and where nothing more is needed.
#include <fmt/format.h>

#include "scripted.hpp"

namespace ombud::test {
namespace {

using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::Not;

constexpr std::int64_t kPageRows = 100;  // of the supplier

class RestPages : public Scripted {
 protected:
  // One ticket with `comments_` comments, the youngest first; comment n is n seconds old.
  void poll_with(const std::string& more_keys) {
    profile(R"(
[poll]
row = { id = "{row.id}", updated = "{row.updated}" }
paging = "none"
ticket = { external_id = "{row.id}" }
list = [{ request = "GET /list", rows = "answer" }]
[[poll.detail]]
name = "said"
request = "GET /tickets/{row.id}/comments"
query = { from = "{page.offset}", page = "{page.number}", most = "{page.rows}" }
page_rows = 100
)" + more_keys +
            R"(
[[poll.event]]
each = "said.comments"
type = "comment"
id = "{item.id}"
at = "{item.at}"
object_id = "{item.id}"
text = "{said.title}"
public = true
)");
    answers([this](const BenchRequest& request) {
      if (request.target.starts_with("/api/list")) {
        return answer(200, R"([{"id":7,"updated":"2026-11-22T09:30:00Z"}])");
      }
      const auto after = [&](const std::string& name) {
        return std::int64_t{
            std::stol(request.target.substr(request.target.find(name) + name.size()))};
      };
      json::Writer out;
      out.begin_object().field("title", "of page " + std::to_string(after("page=")));
      out.begin_array("comments");
      for (std::int64_t i = after("from="); i < std::min(comments_, after("from=") + kPageRows);
           ++i) {
        out.begin_object().field("id", comments_ - i);
        out.field("at", to_rfc3339(instant_of(kNowMs - i * 1000))).end_object();
      }
      out.end_array().field("left", comments_ - after("from=") - kPageRows).end_object();
      return answer(200, out.take());
    });
  }
  std::size_t asked() const {
    return static_cast<std::size_t>(std::count_if(
        bench_->requests().begin(), bench_->requests().end(),
        [](const auto& sent) { return sent.target.find("/comments") != std::string::npos; }));
  }
  static constexpr std::int64_t kNowMs = 1'795'339'800'000;  // 2026-11-22T09:30:00Z
  std::int64_t comments_ = 250;
};

TEST_F(RestPages, AreReadWhileTheyAreFullAndStandOneBehindTheOther) {
  poll_with("");
  const Polled all = polled(bench_->changes(""));
  EXPECT_EQ(all.events.size(), 250U);
  EXPECT_EQ(asked(), 3U);
  EXPECT_THAT(last().target, HasSubstr("from=200&most=100&page=3"));
  EXPECT_EQ(all.events[0]["event_id"].text(), "1") << "oldest first, over all pages";
  EXPECT_EQ(all.events[249]["comment"]["text"].text(), "of page 3")
      << "what is no list is the last's";
}

TEST_F(RestPages, EndAtOneThatIsNotFullAlsoIfItIsEmpty) {
  comments_ = 200;
  poll_with("");
  EXPECT_EQ(polled(bench_->changes("")).events.size(), 200U);
  EXPECT_EQ(asked(), 3U);
  comments_ = 0;
  bench_->forget_requests();
  EXPECT_TRUE(polled(bench_->changes("")).events.empty());
  EXPECT_EQ(asked(), 1U);
}

TEST_F(RestPages, FollowAsTheProfileSays) {
  comments_ = 200;
  poll_with("more = \"answer.left > 0\"\n");
  EXPECT_EQ(polled(bench_->changes("")).events.size(), 200U);
  EXPECT_EQ(asked(), 2U);
}

TEST_F(RestPages, AreNotReadBehindWhatTheLastPollTold) {
  poll_with("until = \"answer.comments[-1].at|date:'%Q'|number < since_ms\"\n");
  const Polled all = polled(bench_->changes(""));
  EXPECT_EQ(all.events.size(), 250U);
  bench_->forget_requests();
  EXPECT_EQ(polled(bench_->changes(all.cursor)).events.size(), 100U);
  EXPECT_EQ(asked(), 1U);
}

TEST_F(RestPages, HaveAnEnd) {
  comments_ = 1'000'000;
  poll_with("");
  EXPECT_EQ(polled(bench_->changes("")).events.size(), 5'000U);
  EXPECT_THAT(bench_->log_lines(), Contains(HasSubstr("lists more than 5000")));
}

TEST_F(RestPages, StandBesideARequestThatChangesNothing) {
  for (const auto& [step, wrong] :
       {std::pair("{ request = \"POST /x\", page_rows = 10 }", "changes something"),
        {"{ request = \"GET /x\", more = \"code == 200\" }", "without page_rows"},
        {"{ request = \"GET /x\", until = \"code == 200\" }", "without for_each and page_rows"},
        {"{ request = \"GET /x\", page_rows = 10, for_each = \"settings\" }", "beside for_each"}}) {
    try {
      profile(fmt::format("[check]\nstep = [{}]\n", step));
      ADD_FAILURE() << step;
    } catch (const std::runtime_error& refused) {
      EXPECT_THAT(refused.what(), HasSubstr(wrong));
    }
  }
}

}  // namespace
}  // namespace ombud::test
