// The profile request-tracker against a real Request Tracker, which the environment names:
// OMBUD_TEST_RT_URL, _TOKEN, _STAFF_TOKEN, _QUEUE. tests/real/request-tracker-setup starts one and
// prints them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <cstdlib>
#include <set>

#include "base/random.hpp"
#include "plugins/documents.hpp"
#include "profile_json.hpp"
#include "support/connector_bench.hpp"

namespace ombud::test {
namespace {

using sdk::Status;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

std::string environment(const char* name) {
  const char* value = std::getenv((std::string("OMBUD_TEST_RT_") + name).c_str());
  return value == nullptr ? std::string() : value;
}

class RequestTrackerReal : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"URL", "TOKEN", "STAFF_TOKEN", "QUEUE"}) {
      if (!environment(name).empty()) continue;
      GTEST_SKIP()
          << "OMBUD_TEST_RT_" << name
          << " is not set: run tests/real/request-tracker-setup DIRECTORY and export its lines";
    }
    bench_ = bench_with();
  }
  static std::unique_ptr<ConnectorBench> bench_with(
      const std::string& more = {}, const std::string& token = environment("TOKEN")) {
    return std::make_unique<ConnectorBench>(
        load_connector(OMBUD_REST_LIBRARY),
        R"({"profile":)" + profile_json("request-tracker") + R"(,"url":")" + environment("URL") +
            R"(","token":{"$secret":"t"},"user":"desk","queue":")" + environment("QUEUE") + "\"" +
            more + "}",
        std::map<std::string, std::string>{{"t", token}});
  }
  std::string mint() { return mint_id(random_); }
  std::string create(const TicketText& text = {}) {
    correlation_ = mint();
    const BenchOutcome made =
        bench_->put_ticket({.correlation = correlation_, .body = ticket_json(text)});
    EXPECT_EQ(made.status, Status::ok) << made.message;
    EXPECT_THAT(changed(made), IsEmpty());
    return external_id(made);
  }
  void staff(const std::string& method, const std::string& path, const std::string& body) {
    httplib::Client client(environment("URL"));
    httplib::Request request;
    request.method = method;
    request.path = "/REST/2.0" + path;
    request.headers = {{"Authorization", "token " + environment("STAFF_TOKEN")},
                       {"Content-Type", "application/json"}};
    request.body = body;
    const auto answer = client.send(request);
    ASSERT_TRUE(answer);
    ASSERT_LT(answer->status, 300) << answer->body;
  }
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
  std::string correlation_, cursor_;
};

TEST_F(RequestTrackerReal, PassesTheCheckAndFailsItInWords) {
  EXPECT_EQ(bench_->check().status, Status::ok) << bench_->check().message;
  EXPECT_EQ(bench_with({}, "wrong")->check().status, Status::auth);
  EXPECT_THAT(bench_with(R"(,"correlation_field":"Nope")")->check().message,
              HasSubstr("Ombud reference"));
}

TEST_F(RequestTrackerReal, StoresATicketAndFindsItByItsWholeReferenceEvenWhenResolved) {
  const std::string id = create();
  const BenchOutcome closed = bench_->put_ticket(
      {.correlation = mint(),
       .body = ticket_json({.status = "resolved", .subject = "Löst", .priority = "urgent"}),
       .external_id = id});
  EXPECT_EQ(closed.status, Status::ok) << closed.message;
  EXPECT_THAT(changed(closed), IsEmpty());
  const BenchOutcome found = bench_->find("ticket", {.correlation = correlation_});
  ASSERT_EQ(found.documents.size(), 1U) << found.message << bench_->requests().back().url;
  EXPECT_EQ(external_id(found), id);
  EXPECT_THAT(bench_->find("ticket", {.correlation = correlation_.substr(1)}).documents, IsEmpty());
  EXPECT_THAT(bench_->find("ticket", {.correlation = mint()}).documents, IsEmpty());
}

TEST_F(RequestTrackerReal, BringsANewTicketToTheStatusThatTheDeskHas) {
  const std::string id = create({.status = "waiting"});
  bench_->forget_requests();
  const BenchOutcome again = bench_->put_ticket(
      {.correlation = mint(), .body = ticket_json({.status = "waiting"}), .external_id = id});
  EXPECT_EQ(again.status, Status::ok);
  for (const BenchRequest& request : bench_->requests()) EXPECT_EQ(request.method, "GET");
}

TEST_F(RequestTrackerReal, ASnapshotTellsWhatAgreesWhatTheStaffDidAndThatTheTicketIsGone) {
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
  // Request Tracker opens a ticket by itself when somebody writes in it: a change of status too.
  const auto comments = [](const json::Document& told) {
    std::vector<json::View> all;
    for (std::size_t i = 0; i < told["changes"].size(); ++i) {
      if (told["changes"].at(i)["type"].text() == "comment") all.push_back(told["changes"].at(i));
    }
    return all;
  };
  ASSERT_EQ(comments(before).size(), 1U) << before.root().dump();
  EXPECT_EQ(comments(before)[0]["echo_of"].text(), said);

  staff("PUT", "/ticket/" + id, R"({"Subject":"Skrivaren brinner"})");
  staff("POST", "/ticket/" + id + "/correspond",
        R"({"ContentType":"text/plain","Content":"Ring brandkåren."})");
  const json::Document after = copy();
  EXPECT_FALSE(agrees(after, "subject")) << after.root().dump();
  ASSERT_EQ(comments(after).size(), 2U) << after.root().dump();
  EXPECT_EQ(comments(after)[1]["comment"]["text"].text(), "Ring brandkåren.");

  staff("PUT", "/ticket/" + id, R"({"Status":"deleted"})");
  EXPECT_FALSE(copy()["exists"].boolean(true));
}

TEST_F(RequestTrackerReal, TellsAStatusThatTheLifecycleDoesNotHave) {
  bench_ = bench_with(R"(,"status_to":{"waiting":"parked"})");
  const std::string id = create();
  const BenchOutcome put = bench_->put_ticket(
      {.correlation = mint(), .body = ticket_json({.status = "waiting"}), .external_id = id});
  EXPECT_EQ(put.status, Status::ok) << put.message;
  EXPECT_THAT(changed(put), Contains("status"));
}

TEST_F(RequestTrackerReal, StoresCorrespondenceCommentsAndFilesAndFindsThem) {
  const std::string id = create();
  for (const bool is_public : {true, false}) {
    const std::string key = mint();
    const BenchOutcome sent = bench_->add_comment(
        {.correlation = key, .body = comment_json("Räksmörgås", is_public), .external_id = id});
    ASSERT_EQ(sent.status, Status::ok) << sent.message;
    const BenchOutcome found = bench_->find("comment", {.correlation = key, .external_id = id});
    ASSERT_EQ(found.documents.size(), 1U) << found.message;
    EXPECT_EQ(external_id(found), external_id(sent));
  }
  const std::string key = mint();
  const std::string content("bin\0\xFF\xFE", 6);
  const BenchOutcome sent = bench_->add_attachment({.correlation = key,
                                                    .body = attachment_json("bild.bin", 6),
                                                    .external_id = id,
                                                    .content = content});
  ASSERT_EQ(sent.status, Status::ok) << sent.message;
  EXPECT_THAT(changed(sent), IsEmpty());
  const BenchOutcome found = bench_->find("attachment", {.correlation = key, .external_id = id});
  ASSERT_EQ(found.documents.size(), 1U) << found.message;
  EXPECT_EQ(external_id(found), external_id(sent));
  const BenchOutcome fetched = bench_->attachment("{\"id\":" + external_id(sent) + "}");
  EXPECT_EQ(fetched.joined(), content) << fetched.message;
}

TEST_F(RequestTrackerReal, TellsWhatTheStaffDidAndMarksWhatTheDeskDid) {
  const std::string id = create();
  const std::string ours = mint();
  bench_->add_comment({.correlation = ours, .body = comment_json("Hej", true), .external_id = id});
  staff("POST", "/ticket/" + id + "/correspond",
        R"({"Content":"Vi tittar","ContentType":"text/plain"})");
  staff(
      "POST", "/ticket/" + id + "/comment",
      R"({"Content":"<p>Bara <b>vi</b></p>","ContentType":"text/html","Attachments":[{"FileName":"l.txt","FileType":"text/plain","FileContent":"aGVq"}]})");
  staff("PUT", "/ticket/" + id, R"({"Status":"stalled"})");
  const std::vector<json::Document> events = events_of(id);
  std::map<std::string, const json::Document*> by_text;
  std::vector<std::string> statuses;
  for (const json::Document& event : events) {
    EXPECT_EQ(event["correlation"].text(), correlation_);
    by_text[std::string(event["comment"]["text"].text())] = &event;
    if (event["attachment"].present()) by_text["file"] = &event;
    if (event["type"].text() == "status") statuses.emplace_back(event["status"].text());
  }
  ASSERT_TRUE(by_text.contains("Vi tittar") && by_text.contains("Bara vi") &&
              by_text.contains("file"));
  EXPECT_TRUE((*by_text["Vi tittar"])["comment"]["public"].boolean());
  EXPECT_FALSE((*by_text["Bara vi"])["comment"]["public"].boolean(true));
  EXPECT_FALSE((*by_text["file"])["attachment"]["public"].boolean(true));
  EXPECT_EQ(bench_->attachment((*by_text["file"])["attachment"]["reference"].dump()).joined(),
            "hej");
  EXPECT_EQ(statuses.back(), "waiting");
  EXPECT_TRUE(std::any_of(events.begin(), events.end(), [&](const json::Document& event) {
    return event["echo_of"].text() == ours;
  }));
  staff("POST", "/ticket/" + id + "/correspond", R"({"Content":"Mer","ContentType":"text/plain"})");
  EXPECT_GE(events_of(id, cursor_).size(), events.size() + 1);
}

TEST_F(RequestTrackerReal, TellsALongTalkThatFillsMoreThanAPage) {
  constexpr std::size_t kSaid = 120;
  const std::string id = create();
  events_of(id);
  const std::string before = cursor_;
  for (std::size_t i = 0; i < kSaid; ++i) {
    staff("POST", "/ticket/" + id + "/comment",
          R"({"ContentType":"text/plain","Content":"line )" + std::to_string(i) + "\"}");
  }
  for (const std::string& cursor : {before, std::string()}) {
    std::set<std::string> said;
    for (const json::Document& event : events_of(id, cursor)) {
      said.emplace(event["comment"]["text"].text());
    }
    for (std::size_t i = 0; i < kSaid; ++i) {
      EXPECT_TRUE(said.contains("line " + std::to_string(i))) << i << " from " << cursor;
    }
  }
  // The ticket's own text carries its reference and is no comment of that name.
  EXPECT_THAT(bench_->find("comment", {.correlation = correlation_, .external_id = id}).documents,
              IsEmpty());
}

}  // namespace
}  // namespace ombud::test
