// How the connector authenticates; what it knows of secrets is a name that only the host resolves.
#include "scripted.hpp"

namespace ombud::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class RestLogin : public Scripted {
 protected:
  static constexpr const char* kOAuth = R"(
[auth]
kind = "oauth2-client"
request = "POST /token"
form = { client_id = "{settings.user}", client_secret = "{settings.key}", scope = "tickets all" }
)";
  // Tokens t1, t2, …; only the newest is good.
  void token_server() {
    answers([this](const BenchRequest& request) {
      if (request.target == "/api/token") {
        if (request.body.find("client_secret=s3cret") == std::string::npos) return answer(401);
        return answer(200, R"({"access_token":"t)" + std::to_string(++tokens_) + R"("})");
      }
      if (request.headers.at("authorization") != "Bearer t" + std::to_string(valid_)) {
        return answer(401);
      }
      return answer(201, R"({"id":7})");
    });
  }
  int tokens_ = 0;
  int valid_ = 1;
};

TEST_F(RestLogin, ByHeaderQueryOrBasicHasTheSecretFilledInByTheHost) {
  profile("[auth]\nkind = \"bearer\"\ntoken = \"{settings.key}\"\n");
  answers([](const BenchRequest&) { return answer(201, R"({"id":7})"); });
  EXPECT_EQ(put().status, Status::ok);
  EXPECT_EQ(last().headers.at("authorization"), "Bearer s3cret");

  profile(
      "[auth]\nkind = \"basic\"\nuser = \"{settings.user}/token\"\npassword = "
      "\"{settings.key}\"\n");
  answers([](const BenchRequest&) { return answer(201, R"({"id":7})"); });
  put();
  EXPECT_EQ(last().headers.at("authorization"), "Basic ZGVzay90b2tlbjpzM2NyZXQ=");

  profile("[auth]\nkind = \"query\"\nname = \"token\"\nvalue = \"{settings.key}\"\n");
  answers([](const BenchRequest&) { return answer(500); });
  const BenchOutcome failed = put();
  EXPECT_THAT(last().target, HasSubstr("token=s3cret"));
  EXPECT_THAT(failed.message, Not(HasSubstr("s3cret")));
}

TEST_F(RestLogin, WithOAuthKeepsTheTokenAndFetchesANewOneOnceIfItGrewOld) {
  profile(kOAuth);
  token_server();
  EXPECT_EQ(put().status, Status::ok);
  EXPECT_EQ(put().status, Status::ok);
  EXPECT_EQ(tokens_, 1);
  valid_ = 2;
  EXPECT_EQ(put().status, Status::ok);
  EXPECT_EQ(tokens_, 2);
  valid_ = 99;  // no token is good any more: told, and not tried for ever
  EXPECT_EQ(put().status, Status::auth);
  EXPECT_EQ(tokens_, 3);
}

TEST_F(RestLogin, ThatIsRefusedIsToldAsAuth) {
  profile(kOAuth);
  answers([](const BenchRequest&) { return answer(401, R"({"error":"invalid_client"})"); });
  const BenchOutcome refused = put();
  EXPECT_EQ(refused.status, Status::auth);
  EXPECT_THAT(refused.message, HasSubstr("invalid_client"));
}

TEST_F(RestLogin, ThatIsLostIsTriedAgainForNothingWasWritten) {
  profile(kOAuth);
  answers([](const BenchRequest&) { return drop_before(); });
  EXPECT_EQ(put().status, Status::retry);
}

// The token as a member of every body, and success that says it grew old.
constexpr const char* kSession = R"(
[auth]
kind = "login"
request = "POST /session"
secrets_in_body = true
json = { User = "{settings.user}", Password = "{settings.key}" }
token = "{answer.id}"
in = "json"
name = "SessionID"
value = "{token}"
[[error]]
code = 200
when = "answer.Error"
outcome = "auth"
log_in_again = true
message = "The session is none."
)";

TEST_F(RestLogin, MayPutItsTokenIntoEveryBodyAndBeginsAnewWhenASuccessSaysItGrewOld) {
  profile(kSession);
  int sessions = 0, valid = 1;
  answers([&](const BenchRequest& request) {
    if (request.target == "/api/session") {
      EXPECT_THAT(request.body, HasSubstr("\"Password\":\"s3cret\""));
      return answer(200, "{\"id\":\"s" + std::to_string(++sessions) + "\"}");
    }
    const std::string good = "\"SessionID\":\"s" + std::to_string(valid) + "\"";
    return request.body.find(good) == std::string::npos ? answer(200, R"({"Error":"AuthFail"})")
                                                        : answer(200, R"({"id":7})");
  });
  EXPECT_EQ(put({}, "{{secret:t1}}").status, Status::ok);
  EXPECT_THAT(last().body, Not(HasSubstr("s3cret"))) << "only the login's body is filled in";
  EXPECT_THAT(last().body, HasSubstr("\"subject\""));
  EXPECT_EQ(put().status, Status::ok);
  EXPECT_EQ(sessions, 1);
  valid = 2;
  EXPECT_EQ(put().status, Status::ok);
  EXPECT_EQ(sessions, 2);
  valid = 99;
  EXPECT_EQ(put().status, Status::auth);
  EXPECT_EQ(sessions, 3);
}

TEST_F(RestLogin, NeverFillsASecretIntoWhatAUserWrote) {
  profile("[headers]\n\"X-Subject\" = \"{ticket.subject}\"\n");
  answers([](const BenchRequest&) { return answer(201, R"({"id":7})"); });
  put({}, "{{secret:t1}} {{base64:x}}");
  EXPECT_THAT(last().headers.at("x-subject"), Not(HasSubstr("s3cret")));
  EXPECT_THAT(last().body, Not(HasSubstr("s3cret")));
}

}  // namespace
}  // namespace ombud::test
