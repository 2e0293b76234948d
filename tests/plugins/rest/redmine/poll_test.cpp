#include <algorithm>
#include <set>

#include "fixture.hpp"

namespace ombud::test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;

class RedminePoll : public RedmineTest {
 protected:
  std::string ticket_ = create();
};

TEST_F(RedminePoll, TellsStatusCommentsAndFilesOldestFirst) {
  model_.set_status(issue(ticket_), "staff", 2);
  wait(10);
  model_.comment(issue(ticket_), "Sven Supplier", "Vi tittar på det.", false);
  wait(10);
  model_.attach(issue(ticket_), "staff", "logg.txt", "text/plain", "x");
  const Polled seen = poll();
  ASSERT_EQ(seen.events.size(), 3U);
  EXPECT_EQ(seen.events[0]["schema"].text(), "ombud.change/1");
  EXPECT_EQ(seen.events[0]["type"].text(), "status");
  EXPECT_EQ(seen.events[0]["status"].text(), "in_progress");
  EXPECT_EQ(seen.events[0]["status_text"].text(), "In Progress");
  EXPECT_EQ(seen.events[0]["external_id"].text(), ticket_);
  EXPECT_EQ(seen.events[0]["correlation"].text(), "01create");
  EXPECT_EQ(seen.events[0]["at"].text(), "2026-11-18T11:06:40Z");
  const json::View comment = seen.events[1]["comment"];
  EXPECT_EQ(comment["text"].text(), "Vi tittar på det.");
  EXPECT_EQ(comment["author"].text(), "Sven Supplier");
  EXPECT_TRUE(comment["public"].boolean());
  EXPECT_EQ(seen.events[2]["type"].text(), "attachment");
}

TEST_F(RedminePoll, SaysThatAPrivateNoteIsNotPublic) {
  model_.comment(issue(ticket_), "staff", "Internt", true);
  EXPECT_FALSE(poll().events.at(0)["comment"]["public"].boolean(true));
}

TEST_F(RedminePoll, PutsJournalsInOrderWhenTheUsersPreferenceReversesThem) {
  model_.rules().journals_reversed = true;
  for (const char* text : {"ett", "två", "tre"}) {
    model_.comment(issue(ticket_), "staff", text, false);  // all in the same second
  }
  const Polled seen = poll();
  ASSERT_EQ(seen.events.size(), 3U);
  EXPECT_EQ(seen.events[0]["comment"]["text"].text(), "ett");
  EXPECT_EQ(seen.events[2]["comment"]["text"].text(), "tre");
}

TEST_F(RedminePoll, MarksWhatTheDeskWroteAndDropsTheStatusItSet) {
  const BenchOutcome comment = bench_->add_comment(
      {.correlation = "c1", .body = comment_json("Hej", true), .external_id = ticket_});
  wait(1);
  bench_->add_attachment({.correlation = "a1",
                          .body = attachment_json("a.txt", 1),
                          .external_id = ticket_,
                          .content = "x"});
  bench_->put_ticket({.correlation = "02",
                      .body = ticket_json({.status = "in_progress"}),
                      .external_id = ticket_});
  const Polled seen = poll();
  ASSERT_EQ(seen.events.size(), 2U);
  EXPECT_EQ(seen.events[0]["echo_of"].text(), "c1");
  EXPECT_EQ(seen.events[1]["echo_of"].text(), "a1");
  EXPECT_EQ(seen.events[0]["comment"]["id"].text(), external_id(comment));
}

TEST_F(RedminePoll, DoesNotTakeAnAnswerThatEndsWithOurNoteForOurs) {
  model_.comment(issue(ticket_), "staff", "Svar\n\nServicedesk\n[ombud:c1]", false);
  const Polled seen = poll();
  ASSERT_EQ(seen.events.size(), 1U);
  EXPECT_FALSE(seen.events[0]["echo_of"].present());
  EXPECT_EQ(seen.events[0]["comment"]["text"].text(), "Svar\n\nServicedesk");
}

TEST_F(RedminePoll, AsksForTimesWithAnEncodedOperator) {
  // A literal ">" in the target is refused by the server's HTTP parser.
  const std::string cursor = poll().cursor;
  bench_->forget_requests();
  ASSERT_EQ(poll(cursor).status, Status::ok);
  std::size_t asked = 0;
  for (const BenchRequest& request : bench_->requests()) {
    EXPECT_THAT(request.target, Not(HasSubstr(">")));
    asked += request.target.find("updated_on=%3E%3D") != std::string::npos ? 1 : 0;
  }
  EXPECT_EQ(asked, 2U);
}

TEST_F(RedminePoll, LosesNothingThatHappensInTheSecondOfTheCursor) {
  model_.comment(issue(ticket_), "staff", "ett", false);
  const Polled before = poll();
  model_.comment(issue(ticket_), "staff", "två", false);  // the clock has not moved
  const Polled after = poll(before.cursor);
  EXPECT_EQ(after.events.size(), 2U);
  // What is told again keeps its id, so the hub takes it once.
  EXPECT_THAT(after.ids(), IsSupersetOf(before.ids()));
}

TEST_F(RedminePoll, LosesNothingThatWasCommittedLate) {
  const std::string other = create("01other");
  wait(30);
  model_.comment(issue(ticket_), "staff", "ung", false);
  const std::string cursor = poll().cursor;
  // Stamped before what the poll saw, but visible only now.
  wait(-20);
  model_.comment(issue(other), "staff", "sen", false);
  const Polled after = poll(cursor);
  EXPECT_TRUE(std::any_of(after.events.begin(), after.events.end(), [](const auto& event) {
    return event["comment"]["text"].text() == "sen";
  }));
}

TEST_F(RedminePoll, TakesItsCursorFromRedminesClockAlone) {
  at(1'000'000'000);  // 2001
  const std::string id = create("01old");
  model_.issue(1)->updated = 1'000'000'000;
  EXPECT_THAT(poll().cursor, HasSubstr("2001-09-09T01:46:40Z"));
}

TEST_F(RedminePoll, KeepsItsCursorAtTheServersTimeIfAnIssueIsDatedAhead) {
  model_.issue(1)->updated = 2'000'000'000;  // 2033
  bench_->on_request([&](const BenchRequest& request) {
    if (!request.target.starts_with("/issues.json")) return pass();
    json::Writer out;
    out.begin_object().begin_array("issues").begin_object().field("id", 1);
    out.field("description", "[ombud:01create]").field("updated_on", "2033-05-18T03:33:20Z");
    out.end_object().end_array().end_object();
    return answer(200, out.take(), {{"Date", "Wed, 18 Nov 2026 11:06:40 GMT"}});
  });
  EXPECT_THAT(poll().cursor, HasSubstr("2026-11-18T11:06:40Z"));
}

TEST_F(RedminePoll, HasNoCursorWhileThereIsNothingOfOurs) {
  bench_ = bench_with("");
  model_.issue(1)->description = "theirs";
  const Polled seen = poll();
  EXPECT_EQ(seen.status, Status::ok);
  EXPECT_THAT(seen.events, IsEmpty());
  EXPECT_EQ(seen.cursor, "");
}

TEST_F(RedminePoll, ReadsOnlyIssuesThatCarryOurReference) {
  std::int64_t id = 0;
  model_.create(*model_.user(3), parsed(R"({"project_id":"support","subject":"theirs"})").root(),
                id);
  model_.comment(*model_.issue(id), "staff", "somebody else's", false);
  EXPECT_THAT(poll().events, IsEmpty());
  for (const BenchRequest& request : bench_->requests()) {
    EXPECT_THAT(request.target, Not(HasSubstr("/issues/" + std::to_string(id))));
  }
}

TEST_F(RedminePoll, FollowsATicketThatTheSupplierMovedToAnotherProject) {
  issue(ticket_).project = 2;
  model_.comment(issue(ticket_), "staff", "flyttad", false);
  EXPECT_EQ(poll().events.size(), 1U);
}

TEST_F(RedminePoll, ReadsAStatusOfTheSuppliersOwnByWhetherItIsClosed) {
  model_.set_status(issue(ticket_), "staff", 6);
  EXPECT_EQ(poll().events.at(0)["status"].text(), "closed");
  bench_ = bench_with(R"(,"status_from":{"6":"resolved"})");
  EXPECT_EQ(poll().events.at(0)["status"].text(), "resolved");
}

TEST_F(RedminePoll, StartsAnewFromACursorThatIsNone) {
  model_.comment(issue(ticket_), "staff", "ett", false);
  EXPECT_EQ(poll("yesterday").events.size(), 1U);
  EXPECT_EQ(poll("{}").events.size(), 1U);
}

TEST_F(RedminePoll, SaysThatTheKeyIsWrongThoughRedmineListsNothingWithSuccess) {
  bench_ = bench_with(R"(,"correlation_field":7)", "revoked");
  EXPECT_EQ(poll().status, Status::auth);
}

TEST_F(RedminePoll, GivesNoCursorForWhatTheHubDidNotTake) {
  model_.comment(issue(ticket_), "staff", "ett", false);
  model_.comment(issue(ticket_), "staff", "två", false);
  bench_->stop_after(1);
  const Polled seen = poll();
  EXPECT_EQ(seen.events.size(), 1U);
  EXPECT_EQ(seen.cursor, "");
}

TEST_F(RedminePoll, GoesOnBehindWhatTheHubTookWhenItTakesLittleAtATime) {
  std::set<std::string> seen;
  for (int i = 0; i < 6; ++i) {
    wait(1);
    model_.comment(issue(create("k" + std::to_string(i))), "staff", "text", false);
  }
  std::string cursor;
  for (int calls = 0; calls < 12 && seen.size() < 6; ++calls) {
    bench_->stop_after(3);
    const Polled part = poll(cursor);
    for (const std::string& id : part.ids()) seen.insert(id);
    if (!part.cursor.empty()) cursor = part.cursor;
  }
  EXPECT_EQ(seen.size(), 6U);
}

TEST_F(RedminePoll, TellsEverythingOfManyPagesInParts) {
  // 250 issues, 230 of them in one second as after a bulk edit; each call may read a few only.
  for (int i = 0; i < 250; ++i) {
    if (i < 20) wait(1);
    const std::string id = create("k" + std::to_string(i));
    model_.comment(issue(id), "staff", "text", false);
  }
  bench_ = bench_with(R"(,"correlation_field":7,"poll_overlap_seconds":3600)");
  std::set<std::string> seen;
  std::string cursor;
  std::size_t calls = 0;
  do {
    std::int64_t left = 60;
    bench_->on_remaining([&] { return --left > 0 ? 30'000 : 0; });
    const Polled part = poll(cursor);
    ASSERT_EQ(part.status, Status::ok);
    ASSERT_NE(part.cursor, cursor) << "no progress";
    for (const std::string& id : part.ids()) seen.insert(id);
    cursor = part.cursor;
  } while (cursor.find("tip") != std::string::npos && ++calls < 100);
  EXPECT_EQ(seen.size(), 250U);
  EXPECT_GT(calls, 3U);
}

TEST_F(RedminePoll, TellsTheOthersAndWaitsForAnIssueThatRedmineCannotShow) {
  const std::string broken = create("k1");
  wait(5);
  const std::string fine = create("k2");
  model_.comment(issue(broken), "staff", "dold", false);
  wait(5);
  model_.comment(issue(fine), "staff", "synlig", false);
  bench_->on_request([&](const BenchRequest& request) {
    return request.target.starts_with("/issues/" + broken) ? answer(500) : pass();
  });
  const Polled first_poll = poll();
  ASSERT_EQ(first_poll.events.size(), 1U);
  EXPECT_EQ(first_poll.events[0]["comment"]["text"].text(), "synlig");
  bench_->on_request(nullptr);
  EXPECT_EQ(poll(first_poll.cursor).events.size(), 2U);
}

TEST_F(RedminePoll, LosesNothingToAnIssueThatMovesWhileItPages) {
  // The rows behind one that moves to the end of the list slip one place up.
  for (int i = 0; i < 150; ++i) {
    wait(1);
    const std::string id = create("k" + std::to_string(i));
    model_.comment(issue(id), "staff", "text", false);
  }
  bool moved = false;
  bench_ = bench_with(R"(,"correlation_field":7)");
  bench_->on_request([&](const BenchRequest& request) {
    if (!moved && request.target.find("offset=0") != std::string::npos &&
        request.target.find("updated_on=") != std::string::npos) {
      moved = true;
      wait(1);
      model_.comment(issue("5"), "staff", "igen", false);
    }
    return pass();
  });
  const Polled seen = poll();
  EXPECT_TRUE(moved);
  EXPECT_EQ(seen.events.size(), 151U);
}

}  // namespace
}  // namespace ombud::test
