// A repeated POST does its work once.
#include <thread>

#include "hub.hpp"
#include "store/idempotency.hpp"

namespace ombud::http::test {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

class IdempotencyTest : public HubTest {
 protected:
  std::optional<Answer> post(const std::string& body, const std::string& key,
                             const std::string& token = "erik",
                             const std::string& target = "/api/v1/tickets") {
    return hub_.send("POST", target, token, body, Headers{{"Idempotency-Key", key}});
  }
  std::size_t tickets() {
    return hub_.expect(200, "GET", "/api/v1/tickets", "anna")["items"].size();
  }
};

TEST_F(IdempotencyTest, TheSameRequestGetsTheFirstAnswerAgain) {
  const auto first = post(R"({"subject":"a"})", "k-1");
  const auto again = post(R"({"subject":"a"})", "k-1");
  ASSERT_EQ(first->status, 201) << first->body;
  ASSERT_EQ(again->status, 201);
  EXPECT_EQ(again->body, first->body);
  EXPECT_EQ(again->header("location"), first->header("location"));
  EXPECT_EQ(again->header("etag"), first->header("etag"));
  EXPECT_EQ(again->header("idempotent-replay"), "true");
  EXPECT_EQ(first->header("idempotent-replay"), "");
  EXPECT_EQ(tickets(), 1U);
}

TEST_F(IdempotencyTest, AnotherRequestUnderTheSameKeyIsRefused) {
  ASSERT_EQ(post(R"({"subject":"a"})", "k-1")->status, 201);
  EXPECT_EQ(post(R"({"subject":"b"})", "k-1")->status, 422);
  EXPECT_EQ(tickets(), 1U);
}

TEST_F(IdempotencyTest, AKeyBelongsToItsActor) {
  ASSERT_EQ(post(R"({"subject":"a"})", "k-1", "erik")->status, 201);
  const auto other = post(R"({"subject":"a"})", "k-1", "otto");
  EXPECT_EQ(other->status, 201);
  EXPECT_EQ(other->header("idempotent-replay"), "");
}

TEST_F(IdempotencyTest, ARefusalIsNotKept) {
  EXPECT_EQ(post(R"({"text":"no subject"})", "k-1")->status, 400);
  EXPECT_EQ(post(R"({"subject":"now with one"})", "k-1")->status, 201);
}

TEST_F(IdempotencyTest, ConcurrentRepetitionsAreServedOnce) {
  std::vector<std::thread> callers;
  std::vector<std::optional<Answer>> answers(8);
  for (auto& answer : answers) {
    callers.emplace_back([&] { answer = post(R"({"subject":"a"})", "k-1"); });
  }
  for (std::thread& caller : callers) caller.join();
  for (const auto& answer : answers) {
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 201);
    EXPECT_EQ(answer->body, answers.front()->body);
  }
  EXPECT_EQ(tickets(), 1U);
}

TEST_F(IdempotencyTest, AnUploadIsRepeatedSafelyToo) {
  const std::string ticket = hub_.new_ticket();
  const auto upload = [&] {
    return hub_.send("POST", "/api/v1/tickets/" + ticket + "/attachments?name=a.txt", "erik",
                     "hello", Headers{{"Content-Type", "text/plain"}, {"Idempotency-Key", "u"}});
  };
  const auto first = upload(), again = upload();
  ASSERT_EQ(first->status, 201) << first->body;
  EXPECT_EQ(again->header("idempotent-replay"), "true");
  EXPECT_EQ(again->body, first->body);
  EXPECT_EQ(hub_.expect(200, "GET", "/api/v1/tickets/" + ticket, "erik")["attachments"].size(), 1U);
}

TEST_F(IdempotencyTest, ASecretIsNotKeptForReplays) {
  const std::string body = R"({"name":"script","role":"operator"})";
  const auto first = post(body, "t", "ada", "/api/v1/tokens");
  const auto again = post(body, "t", "ada", "/api/v1/tokens");
  ASSERT_EQ(first->status, 201) << first->body;
  EXPECT_NE(first->json()["secret"].text(), "");
  EXPECT_EQ(again->json()["id"].text(), first->json()["id"].text());
  EXPECT_FALSE(again->json()["secret"].present());
}

TEST_F(IdempotencyTest, OldAnswersAreDropped) {
  ASSERT_EQ(post(R"({"subject":"a"})", "k-1")->status, 201);
  hub_.run([](Tx& tx) { EXPECT_EQ(drop_old_answers(tx), 0); });
  hub_.run([](Tx& tx) {
    static constexpr Sql kAge{
        "UPDATE idempotency SET created_at = created_at - 86400001 -- all tenants: test"};
    tx.run(kAge);
  });
  hub_.run([](Tx& tx) { EXPECT_EQ(drop_old_answers(tx), 1); });
  EXPECT_EQ(post(R"({"subject":"other"})", "k-1")->status, 201);
}

TEST_F(IdempotencyTest, AnUnfitKeyIsRefused) {
  EXPECT_EQ(post(R"({"subject":"a"})", std::string(201, 'k'))->status, 400);
  EXPECT_EQ(post(R"({"subject":"a"})", "with space")->status, 400);
  EXPECT_EQ(tickets(), 0U);
}

}  // namespace
}  // namespace ombud::http::test
