// What the connector to subscribers posts, and what it makes of the answers.
#include <gtest/gtest.h>

#include "base/json.hpp"
#include "support/connector_bench.hpp"

namespace ombud::test {
namespace {

using sdk::Status;

constexpr const char* kEvent =
    R"({"schema":"ombud.event/1","id":"e-1","type":"TroubleTicketCreateEvent",)"
    R"("callback":"http://127.0.0.1:9/tickets?x=1","event":{"eventId":"e-1","title":"å"}})";

class SubscriberTest : public ::testing::Test {
 protected:
  void SetUp() override {
    bench_.on_request([this](const BenchRequest& request) {
      sent_.push_back(request);
      return fault_;
    });
  }
  BenchOutcome told(const char* body = kEvent) {
    return bench_.add_comment({.correlation = "c1", .body = body});
  }

  ConnectorBench bench_{load_connector(OMBUD_SUBSCRIBER_LIBRARY),
                        R"({"callbacks":["http://127.0.0.1:9"],"authorization":{"$secret":"a"}})",
                        {{"a", "Bearer s3cret"}}};
  BenchFault fault_ = answer(201);
  std::vector<BenchRequest> sent_;
};

TEST_F(SubscriberTest, AnEventIsPostedAsItIs) {
  EXPECT_EQ(told().status, Status::ok);
  ASSERT_EQ(sent_.size(), 1U);
  EXPECT_EQ(sent_[0].method, "POST");
  EXPECT_EQ(sent_[0].target, "/tickets?x=1");
  EXPECT_EQ(sent_[0].body, "{\"eventId\":\"e-1\",\"title\":\"å\"}");
  EXPECT_EQ(sent_[0].headers["x-ombud-event"], "e-1");
  EXPECT_EQ(sent_[0].headers["authorization"], "Bearer s3cret");
  EXPECT_EQ(bench_.put_ticket({.correlation = "c1", .body = kEvent}).status, Status::ok)
      << "the first of a ticket alike";
  EXPECT_EQ(sent_[1].body, sent_[0].body);
}

TEST_F(SubscriberTest, ASigningKeySignsTheBodyAsItIsPosted) {
  ConnectorBench bench(load_connector(OMBUD_SUBSCRIBER_LIBRARY),
                       R"({"callbacks":["http://127.0.0.1:9"],"signing_key":{"$secret":"k"}})",
                       {{"k", "the key of all events"}});
  std::vector<BenchRequest> sent;
  bench.on_request([&](const BenchRequest& request) {
    sent.push_back(request);
    return answer(204);
  });
  EXPECT_EQ(bench.add_comment({.correlation = "c1", .body = kEvent}).status, Status::ok);
  ASSERT_EQ(sent.size(), 1U);
  // openssl dgst -sha256 -hmac "the key of all events"
  EXPECT_EQ(sent[0].headers["x-ombud-signature"],
            "sha256=c26e55a87b9a8e3040c9f96c080e6d9f17b36765db4a09c198c58ed0c292163a");
  EXPECT_EQ(sent[0].headers.count("authorization"), 0U);
}

TEST_F(SubscriberTest, OnlyWhatCanNeverBeTakenIsGivenUp) {
  for (const int code : {200, 201, 202, 204}) {
    fault_ = answer(code);
    EXPECT_EQ(told().status, Status::ok) << code;
  }
  for (const int code : {301, 307, 400, 410, 413, 415, 422}) {
    fault_ = answer(code);
    EXPECT_EQ(told().status, Status::permanent) << code;
  }
  for (const int code : {401, 403, 404, 408, 429, 500, 502, 503}) {
    fault_ = answer(code);
    const BenchOutcome outcome = told();
    EXPECT_EQ(outcome.status, Status::retry) << code;
    EXPECT_EQ(outcome.fail_calls, 1) << code;
  }
  fault_ = refuse();
  EXPECT_EQ(told().status, Status::retry);
  fault_ = drop_after();
  EXPECT_EQ(told().status, Status::ambiguous);
}

TEST_F(SubscriberTest, NothingIsEverFoundSoWhatIsInDoubtIsSentAgain) {
  const BenchOutcome found = bench_.find("comment", {.correlation = "c1", .body = kEvent});
  EXPECT_EQ(found.status, Status::ok);
  EXPECT_TRUE(found.documents.empty());
}

TEST_F(SubscriberTest, WhatIsNoEventIsRefused) {
  EXPECT_EQ(told("{}").status, Status::permanent);
  EXPECT_TRUE(sent_.empty());
}

}  // namespace
}  // namespace ombud::test
