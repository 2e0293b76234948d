// Polling a supplier that keeps our place itself.
#include "scripted.hpp"

namespace ombud::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kFeed = R"(
[poll]
by = "feed"
next = "{answer.after}"
end = "answer.end"
row = { id = "{row.id}", ours = "row.key" }
ticket = { external_id = "{row.id}", correlation = "{row.key}" }
list = [{ request = "GET /feed", query = { cursor = "{cursor}" }, rows = "answer.rows" }]
[[poll.detail]]
name = "full"
request = "GET /tickets/{row.id}"
[[poll.event]]
type = "status"
id = "{row.id}-{full.version}"
at = "{full.at}"
status = "{full.status}"
)";

class RestFeed : public Scripted {
 protected:
  RestFeed() {
    profile(kFeed);
    answers([this](const BenchRequest& request) {
      if (request.target.starts_with("/api/tickets/")) {
        return broken_.empty() || !request.target.ends_with(broken_)
                   ? answer(200, R"({"version":1,"at":"2026-11-22T09:30:00Z","status":"waiting"})")
                   : answer(500);
      }
      if (request.target == "/api/feed") {
        return answer(200, R"({"rows":[{"id":1,"key":"a"},{"id":2}],"after":"c1","end":false})");
      }
      if (request.target == "/api/feed?cursor=c1") {
        return answer(200, R"({"rows":[{"id":3,"key":"b"}],"after":"c2","end":true})");
      }
      return answer(200, R"({"rows":[],"after":"c2","end":true})");
    });
  }
  std::string broken_;
};

TEST_F(RestFeed, GoesOnFromTheSuppliersOwnCursorAndTakesOnlyOurs) {
  const Polled all = polled(bench_->changes(""));
  EXPECT_EQ(all.status, Status::ok);
  EXPECT_THAT(all.ids(), ElementsAre("1-1", "3-1"));
  EXPECT_THAT(all.cursor, HasSubstr("c2"));
  const Polled later = polled(bench_->changes(all.cursor));
  EXPECT_TRUE(later.events.empty());
  EXPECT_THAT(last().target, HasSubstr("cursor=c2"));
}

TEST_F(RestFeed, StaysBeforeAPageThatCouldNotBeReadWhole) {
  broken_ = "/3";
  const Polled part = polled(bench_->changes(""));
  EXPECT_THAT(part.ids(), ElementsAre("1-1"));
  EXPECT_THAT(part.cursor, HasSubstr("c1"));
  broken_.clear();
  EXPECT_THAT(polled(bench_->changes(part.cursor)).ids(), ElementsAre("3-1"));
  broken_ = "/1";
  EXPECT_EQ(bench_->changes("").status, Status::retry);
}

}  // namespace
}  // namespace ombud::test
