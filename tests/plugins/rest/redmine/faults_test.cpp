// Every fault at every exchange of every write; then the hub's rule (find after a doubt, try again
// when surely nothing happened) must leave exactly one of each.
#include "fixture.hpp"

namespace ombud::test {
namespace {

class RedmineFaults : public RedmineTest {
 protected:
  using Write = std::function<BenchOutcome()>;
  using Find = std::function<BenchOutcome()>;

  // How many are at the supplier.
  using Count = std::function<std::size_t()>;

  // Repeats a write with `fault` at its n-th exchange until one run needs no fault.
  void at_every_exchange(const BenchFault& fault, const Write& write, const Find& find,
                         const Count& count) {
    for (std::size_t n = 0; n < kExchangesMax; ++n) {
      const std::size_t before = count();
      bench_ = bench_with();  // so that what it asks only once is disturbed too
      bool hit = false;
      std::size_t seen = 0;
      bench_->on_request([&](const BenchRequest&) {
        if (seen++ != n) return pass();
        hit = true;
        return fault;
      });
      const BenchOutcome first_try = write();
      bench_->on_request(nullptr);
      EXPECT_LE(first_try.fail_calls, 1);
      SCOPED_TRACE("exchange " + std::to_string(n) + ": " + first_try.message);
      switch (first_try.status) {
        case Status::ok:
          EXPECT_EQ(count(), before + 1);
          break;
        case Status::retry:
        case Status::rate_limited:
        case Status::auth:
        case Status::permanent:
        case Status::cancelled:
          EXPECT_EQ(count(), before) << "it said that nothing happened";
          EXPECT_EQ(write().status, Status::ok);
          break;
        case Status::ambiguous:
          if (find().documents.empty()) {
            EXPECT_EQ(count(), before);
            EXPECT_EQ(write().status, Status::ok);
          }
          break;
      }
      EXPECT_EQ(count(), before + 1);
      EXPECT_EQ(find().documents.size(), 1U);
      ++round_;
      if (!hit) return;
    }
    FAIL() << "no run without the fault";
  }

  void with_every_fault(const Write& write, const Find& find, const Count& count) {
    at_every_exchange(refuse(), write, find, count);
    at_every_exchange(drop_before(), write, find, count);
    at_every_exchange(drop_after(), write, find, count);
    for (const int code : {401, 403, 408, 409, 413, 422, 429, 500, 502, 503, 504}) {
      SCOPED_TRACE(code);
      at_every_exchange(answer(code), write, find, count);
    }
    for (const int code : {500, 502, 504}) {
      SCOPED_TRACE("applied, then " + std::to_string(code));
      at_every_exchange(answer_after(code), write, find, count);
    }
    at_every_exchange(answer_after(200, "<html>proxy</html>"), write, find, count);
    at_every_exchange(answer(200, "<html>proxy</html>"), write, find, count);
  }

  std::string key() const { return "k" + std::to_string(round_); }

  static constexpr std::size_t kExchangesMax = 20;
  int round_ = 0;
};

TEST_F(RedmineFaults, LeaveOneTicketForEachReference) {
  with_every_fault(
      [&] { return bench_->put_ticket({.correlation = key(), .body = ticket_json()}); },
      [&] { return bench_->find("ticket", {.correlation = key()}); }, [&] { return issues(); });
}

TEST_F(RedmineFaults, LeaveOnePrivateNoteForEachReference) {
  const std::string id = create();
  with_every_fault(
      [&] {
        return bench_->add_comment(
            {.correlation = key(), .body = comment_json("Hej", false), .external_id = id});
      },
      [&] { return bench_->find("comment", {.correlation = key(), .external_id = id}); },
      [&] { return issue(id).journals.size(); });
  for (const auto& journal : issue(id).journals) EXPECT_TRUE(journal.is_private);
}

TEST_F(RedmineFaults, LeaveOneFileForEachReference) {
  const std::string id = create();
  with_every_fault(
      [&] {
        return bench_->add_attachment({.correlation = key(),
                                       .body = attachment_json("a.txt", 1),
                                       .external_id = id,
                                       .content = "x"});
      },
      [&] { return bench_->find("attachment", {.correlation = key(), .external_id = id}); },
      [&] { return issue(id).attachments.size(); });
}

TEST_F(RedmineFaults, ApplyThenDropIsInDoubtAndThenFoundOnce) {
  bench_->on_request(
      [](const BenchRequest& request) { return request.method == "POST" ? drop_after() : pass(); });
  EXPECT_EQ(bench_->put_ticket({.correlation = "01", .body = ticket_json()}).status,
            Status::ambiguous);
  bench_->on_request(nullptr);
  EXPECT_EQ(bench_->find("ticket", {.correlation = "01"}).documents.size(), 1U);
}

TEST_F(RedmineFaults, AskToWaitAsLongAsRedmineSays) {
  bench_->on_request([](const BenchRequest&) { return answer(429, "", {{"Retry-After", "17"}}); });
  const BenchOutcome made = bench_->put_ticket({.correlation = "01", .body = ticket_json()});
  EXPECT_EQ(made.status, Status::rate_limited);
  EXPECT_EQ(made.retry_after_ms, 17'000);
  EXPECT_EQ(made.supplier_code, 429);
}

TEST_F(RedmineFaults, OfSomebodyElseChangingTheIssueAtTheSameTimeIsTriedAgain) {
  // Redmine says so by 422 with an empty list of errors.
  const std::string id = create();
  bench_->on_request([](const BenchRequest& request) {
    return request.method == "PUT" ? answer(422, R"({"errors":[]})") : pass();
  });
  EXPECT_EQ(
      bench_
          ->put_ticket(
              {.correlation = "02", .body = ticket_json({.status = "resolved"}), .external_id = id})
          .status,
      Status::retry);
}

TEST_F(RedmineFaults, CancelBeforeTheFirstRequestSendsNothing) {
  bench_->on_cancelled([] { return true; });
  EXPECT_EQ(bench_->put_ticket({.correlation = "01", .body = ticket_json()}).status,
            Status::cancelled);
  EXPECT_EQ(bench_->changes("").status, Status::cancelled);
  EXPECT_TRUE(bench_->requests().empty());
}

}  // namespace
}  // namespace ombud::test
