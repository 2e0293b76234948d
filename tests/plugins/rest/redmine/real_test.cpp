// The profile redmine against a real Redmine, which the environment names: OMBUD_TEST_REDMINE_URL,
// _KEY, _PROJECT and _CF; with _STAFF_KEY somebody at the supplier acts, with _NARROW_KEY a user
// who may not hide notes, and _OTHER_PROJECT is where the staff may move an issue to.
// tests/real/redmine-setup starts one and prints all of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <algorithm>
#include <cstdlib>

#include "../profile_json.hpp"
#include "base/random.hpp"
#include "plugins/documents.hpp"
#include "support/connector_bench.hpp"

namespace ombud::test {
namespace {

using sdk::Status;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::string environment(const char* name) {
  const char* value = std::getenv((std::string("OMBUD_TEST_REDMINE_") + name).c_str());
  return value == nullptr ? std::string() : value;
}

class RedmineReal : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* name :
         {"URL", "KEY", "STAFF_KEY", "NARROW_KEY", "PROJECT", "OTHER_PROJECT", "CF"}) {
      if (!environment(name).empty()) continue;
      GTEST_SKIP() << "OMBUD_TEST_REDMINE_" << name
                   << " is not set: run tests/real/redmine-setup DIRECTORY and export its lines";
    }
    bench_ = bench_with(",\"correlation_field\":" + environment("CF"), environment("KEY"));
  }

  static std::unique_ptr<ConnectorBench> bench_with(const std::string& more,
                                                    const std::string& key) {
    return std::make_unique<ConnectorBench>(load_connector(OMBUD_REST_LIBRARY),
                                            R"({"profile":)" + profile_json("redmine") +
                                                R"(,"url":")" + environment("URL") +
                                                R"(","api_key":{"$secret":"key"},"project":")" +
                                                environment("PROJECT") + "\"" + more + "}",
                                            std::map<std::string, std::string>{{"key", key}});
  }

  std::string mint() { return mint_id(random_); }
  std::string create(const TicketText& text = {}) {
    correlation_ = mint();
    const BenchOutcome made =
        bench_->put_ticket({.correlation = correlation_, .body = ticket_json(text)});
    EXPECT_EQ(made.status, Status::ok) << made.message;
    return external_id(made);
  }

  // The issue as the supplier's staff sees it.
  json::Document issue(const std::string& id) {
    const auto got = staff().Get("/issues/" + id + ".json?include=journals,attachments");
    if (!got || got->status != 200) throw std::runtime_error("the staff cannot read issue " + id);
    return parsed(got->body);
  }
  void staff_puts(const std::string& id, const std::string& issue_members) {
    const auto put = staff().Put("/issues/" + id + ".json", "{\"issue\":{" + issue_members + "}}",
                                 "application/json");
    if (!put || put->status != 204) throw std::runtime_error("the staff cannot change issue " + id);
  }
  static httplib::Client staff() {
    httplib::Client client(environment("URL"));
    client.set_default_headers({{"X-Redmine-API-Key", environment("STAFF_KEY")}});
    return client;
  }

  // The events of one ticket.
  std::vector<json::Document> events_of(const std::string& id, const std::string& cursor = {}) {
    Polled seen = polled(bench_->changes(cursor));
    EXPECT_EQ(seen.status, Status::ok);
    cursor_ = seen.cursor;
    std::erase_if(seen.events,
                  [&](const json::Document& event) { return event["external_id"].text() != id; });
    return std::move(seen.events);
  }

  SystemRandom random_;
  std::unique_ptr<ConnectorBench> bench_;
  std::string correlation_;
  std::string cursor_;
};

TEST_F(RedmineReal, PassesTheCheckAndFailsItWithAWrongKeyOrField) {
  EXPECT_EQ(bench_->check().status, Status::ok) << bench_->check().message;
  EXPECT_EQ(bench_with("", "wrong")->check().status, Status::auth);
  const BenchOutcome field = bench_with(",\"correlation_field\":9999", environment("KEY"))->check();
  EXPECT_EQ(field.status, Status::permanent);
  EXPECT_THAT(field.message, HasSubstr("9999"));
  EXPECT_EQ(bench_with(R"(,"status_to":{"waiting":"Nowhere"})", environment("KEY"))->check().status,
            Status::permanent);
}

TEST_F(RedmineReal, StoresATicketAndFindsItByItsReferenceEvenWhenClosed) {
  const std::string id = create({.due_at = "2030-01-02T15:00:00Z"});
  const BenchOutcome closed = bench_->put_ticket(
      {.correlation = mint(),
       .body = ticket_json({.status = "closed", .due_at = "2030-01-03T15:00:00Z"}),
       .external_id = id});
  EXPECT_EQ(closed.status, Status::ok) << closed.message;
  EXPECT_THAT(changed(closed), IsEmpty());
  const BenchOutcome found = bench_->find("ticket", {.correlation = correlation_});
  ASSERT_EQ(found.documents.size(), 1U) << found.message;
  EXPECT_EQ(external_id(found), id);
  EXPECT_THAT(bench_->find("ticket", {.correlation = mint()}).documents, IsEmpty());
}

TEST_F(RedmineReal, FindsATicketByItsMarkerAlone) {
  bench_ = bench_with("", environment("KEY"));
  const std::string id = create();
  EXPECT_EQ(external_id(bench_->find("ticket", {.correlation = correlation_})), id);
}

TEST_F(RedmineReal, ChangesNothingWhenTheTicketIsAsItShouldBe) {
  const std::string id = create();
  bench_->forget_requests();
  const BenchOutcome again =
      bench_->put_ticket({.correlation = mint(), .body = ticket_json(), .external_id = id});
  EXPECT_EQ(again.status, Status::ok);
  for (const BenchRequest& request : bench_->requests()) EXPECT_EQ(request.method, "GET");
}

TEST_F(RedmineReal, TakesALongSubjectAnOverdueTicketAndNulCharacters) {
  const std::string subject = std::string(300, 'x') + "slut";
  const std::string id = create({.subject = subject,
                                 .description = std::string("a\0b", 3),
                                 .due_at = "2020-01-01T00:00:00Z"});
  const BenchOutcome again = bench_->put_ticket(
      {.correlation = mint(), .body = ticket_json({.subject = subject}), .external_id = id});
  EXPECT_EQ(again.status, Status::ok) << again.message;
  EXPECT_THAT(changed(again), IsEmpty());
}

TEST_F(RedmineReal, ASnapshotTellsWhatAgreesWhatTheStaffDidAndThatTheTicketIsGone) {
  const TicketText text{.subject = "Skrivaren står"};
  const std::string id = create(text);
  const std::string said = mint();
  ASSERT_EQ(bench_
                ->add_comment({.correlation = said,
                               .body = comment_json("Kontoret väntar.", true),
                               .external_id = id})
                .status,
            Status::ok);
  const auto copy = [&] {
    const BenchOutcome told = bench_->snapshot(
        {.correlation = correlation_,
         .body = R"({"schema":"ombud.known/1","tickets":[)" + ticket_json(text) + "]}",
         .external_id = id});
    EXPECT_EQ(told.status, Status::ok) << told.message;
    return parsed(told.documents.at(0));
  };
  const auto agrees = [](const json::Document& told, std::string_view name) {
    for (std::size_t i = 0; i < told["fields"].size(); ++i) {
      const json::View field = told["fields"].at(i);
      if (field["name"].text() == name) return field["agrees_with"].present();
    }
    ADD_FAILURE() << "no field " << name << " in " << told.root().dump();
    return false;
  };
  const json::Document before = copy();
  EXPECT_TRUE(before["exists"].boolean());
  EXPECT_EQ(before["correlation"].text(), correlation_);
  EXPECT_TRUE(agrees(before, "subject")) << before.root().dump();
  ASSERT_EQ(before["changes"].size(), 1U) << before.root().dump();
  EXPECT_EQ(before["changes"].at(0)["echo_of"].text(), said);

  staff_puts(id, R"("subject":"Skrivaren brinner","notes":"Ring brandkåren.")");
  const json::Document after = copy();
  EXPECT_FALSE(agrees(after, "subject")) << after.root().dump();
  ASSERT_EQ(after["changes"].size(), 2U) << after.root().dump();
  EXPECT_EQ(after["changes"].at(1)["comment"]["text"].text(), "Ring brandkåren.");

  const auto gone = staff().Delete("/issues/" + id + ".json");
  ASSERT_TRUE(gone);
  ASSERT_LT(gone->status, 300) << gone->body;
  EXPECT_FALSE(copy()["exists"].boolean(true));
}

TEST_F(RedmineReal, ReportsAStatusThatTheWorkflowDroppedWithoutAWord) {
  // The role that tests/real/redmine-setup gives the API user has no way to Rejected.
  bench_ =
      bench_with(R"(,"status_to":{"withdrawn":"Rejected"},"status_from":{"Rejected":"resolved"})",
                 environment("KEY"));
  const std::string id = create();
  const BenchOutcome withdrawn = bench_->put_ticket(
      {.correlation = mint(), .body = ticket_json({.status = "withdrawn"}), .external_id = id});
  EXPECT_EQ(withdrawn.status, Status::ok) << withdrawn.message;
  EXPECT_THAT(changed(withdrawn), ElementsAre("status"));
}

TEST_F(RedmineReal, StoresPublicAndPrivateNotesAndFindsThem) {
  const std::string id = create();
  for (const bool is_public : {true, false}) {
    const std::string key = mint();
    const BenchOutcome sent = bench_->add_comment(
        {.correlation = key, .body = comment_json("Räksmörgås", is_public), .external_id = id});
    ASSERT_EQ(sent.status, Status::ok) << sent.message;
    EXPECT_THAT(changed(sent), IsEmpty());
    const BenchOutcome found = bench_->find("comment", {.correlation = key, .external_id = id});
    ASSERT_EQ(found.documents.size(), 1U);
    EXPECT_EQ(external_id(found), external_id(sent));
  }
}

TEST_F(RedmineReal, SendsNoPrivateNoteAsAUserWhoseNoteWouldBePublic) {
  const std::string id = create();
  const BenchOutcome sent =
      bench_with("", environment("NARROW_KEY"))
          ->add_comment(
              {.correlation = mint(), .body = comment_json("x", false), .external_id = id});
  EXPECT_EQ(sent.status, Status::permanent);
  EXPECT_EQ(issue(id)["issue"]["journals"].size(), 0U);
}

TEST_F(RedmineReal, AttachesAFileFindsItAndFetchesItBack) {
  const std::string id = create();
  const std::string key = mint();
  const std::string content("bin\0ary", 7);
  const BenchOutcome sent = bench_->add_attachment({.correlation = key,
                                                    .body = attachment_json("röd bild.txt", 7),
                                                    .external_id = id,
                                                    .content = content});
  ASSERT_EQ(sent.status, Status::ok) << sent.message;
  EXPECT_THAT(changed(sent), IsEmpty());
  const BenchOutcome found = bench_->find("attachment", {.correlation = key, .external_id = id});
  ASSERT_EQ(found.documents.size(), 1U);
  EXPECT_EQ(external_id(found), external_id(sent));
  const BenchOutcome fetched = bench_->attachment("{\"id\":" + external_id(sent) + "}");
  EXPECT_EQ(fetched.status, Status::ok) << fetched.message;
  EXPECT_EQ(fetched.joined(), content);
}

TEST_F(RedmineReal, AnUploadOverTheLimitIsRefusedInRedminesWords) {
  bench_ = bench_with(R"(,"attachment_max_bytes":20000000)", environment("KEY"));
  const std::string id = create();
  const BenchOutcome sent = bench_->add_attachment({.correlation = mint(),
                                                    .body = attachment_json("a.bin", 6'000'000),
                                                    .external_id = id,
                                                    .content = std::string(6'000'000, 'x')});
  EXPECT_EQ(sent.status, Status::permanent) << sent.message;
}

TEST_F(RedmineReal, ApplyThenDropIsInDoubtAndThenFoundOnce) {
  correlation_ = mint();
  bench_->on_request(
      [](const BenchRequest& request) { return request.method == "POST" ? drop_after() : pass(); });
  EXPECT_EQ(bench_->put_ticket({.correlation = correlation_, .body = ticket_json()}).status,
            Status::ambiguous);
  bench_->on_request(nullptr);
  EXPECT_EQ(bench_->find("ticket", {.correlation = correlation_}).documents.size(), 1U);
}

TEST_F(RedmineReal, IsNotFooledByTheEmptyListThatAWrongKeyGets) {
  create();
  const auto wrong = bench_with(",\"correlation_field\":" + environment("CF"), "wrong");
  EXPECT_EQ(wrong->find("ticket", {.correlation = correlation_}).status, Status::auth);
  EXPECT_EQ(wrong->changes("").status, Status::auth);
}

TEST_F(RedmineReal, IsNotFooledByAFilterThatRedmineIgnores) {
  create();
  const auto wrong = bench_with(",\"correlation_field\":9999", environment("KEY"));
  EXPECT_EQ(wrong->find("ticket", {.correlation = mint()}).status, Status::permanent);
  EXPECT_EQ(wrong->put_ticket({.correlation = mint(), .body = ticket_json()}).status,
            Status::permanent);
}

TEST_F(RedmineReal, TellsWhatTheStaffDidAndMarksWhatTheDeskDid) {
  const std::string id = create();
  const std::string ours = mint();
  bench_->add_comment({.correlation = ours, .body = comment_json("Hej", true), .external_id = id});
  staff_puts(id, R"("status_id":4,"notes":"Behöver mer")");
  staff_puts(id, R"("notes":"Bara vi","private_notes":true)");
  std::vector<json::Document> events = events_of(id);
  ASSERT_EQ(events.size(), 4U);
  EXPECT_EQ(events[0]["echo_of"].text(), ours);
  EXPECT_EQ(events[1]["type"].text(), "status");
  EXPECT_EQ(events[1]["status"].text(), "waiting");
  EXPECT_EQ(events[2]["comment"]["text"].text(), "Behöver mer");
  EXPECT_TRUE(events[2]["comment"]["public"].boolean());
  EXPECT_FALSE(events[3]["comment"]["public"].boolean(true));
  for (const json::Document& event : events) {
    EXPECT_EQ(event["correlation"].text(), correlation_);
  }
  // Right after, in the same second as likely as not: nothing is lost, nothing gets a new id.
  staff_puts(id, R"("notes":"En sak till")");
  const std::vector<json::Document> later = events_of(id, cursor_);
  ASSERT_EQ(later.size(), 5U);
  for (std::size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ(later[i]["event_id"].text(), events[i]["event_id"].text());
  }
}

TEST_F(RedmineReal, FollowsATicketThatTheStaffMovedToAnotherProject) {
  const std::string other = environment("OTHER_PROJECT");
  const std::string id = create();
  const auto project = staff().Get("/projects/" + other + ".json");
  ASSERT_TRUE(project && project->status == 200);
  const auto number = parsed(project->body)["project"]["id"].integer();
  staff_puts(id, "\"project_id\":" + std::to_string(number) + R"(,"notes":"flyttat")");
  ASSERT_EQ(issue(id)["issue"]["project"]["id"].integer(), number);
  EXPECT_EQ(external_id(bench_->find("ticket", {.correlation = correlation_})), id);
  const std::vector<json::Document> events = events_of(id);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0]["comment"]["text"].text(), "flyttat");
}

}  // namespace
}  // namespace ombud::test
