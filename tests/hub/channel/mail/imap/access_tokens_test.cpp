// What a provider gives in place of the operator's refresh token outlives the hub, and the
// operator's file has the last word.
#include "channel/mail/imap/access_tokens.hpp"

#include <gtest/gtest.h>

#include <boost/asio/thread_pool.hpp>
#include <filesystem>

#include "hub/channel/mail/intake_world.hpp"
#include "hub/connector_host/tls_server.hpp"
#include "store/mailboxes.hpp"

namespace ombud::test {
namespace {

// A provider that takes each refresh token once, and answers with the next one.
class Provider {
 public:
  Provider() {
    server_.Post("/token", [this](const httplib::Request& request, httplib::Response& answer) {
      const std::string refresh = request.get_param_value("refresh_token");
      asked.push_back(request.get_param_value("grant_type") + " " + refresh);
      if (!refresh.empty() && refresh != good) {
        answer.status = 400;
        answer.set_content(R"({"error":"invalid_grant"})", "application/json");
        return;
      }
      good = "r" + std::to_string(++given);
      answer.set_content(R"({"access_token":"a)" + std::to_string(given) +
                             R"(","expires_in":3600,"refresh_token":")" + good + "\"}",
                         "application/json");
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~Provider() {
    server_.stop();
    thread_.join();
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/token"; }
  std::string good = "written";
  int given = 0;
  std::vector<std::string> asked;

 private:
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
};

// A store whose disk fails when it is told to.
class FailingStore final : public Store {
 public:
  explicit FailingStore(Store& whole) : whole_(whole) {}
  void write(Principal principal, Work work, Done done) override {
    if (writes_fail) return done(failure());
    whole_.write(std::move(principal), std::move(work), std::move(done));
  }
  void read(Principal principal, Work work, Done done) override {
    if (reads_fail) return done(failure());
    whole_.read(std::move(principal), std::move(work), std::move(done));
  }
  void observe(Observer observer) override { whole_.observe(std::move(observer)); }
  bool writes_fail = false, reads_fail = false;

 private:
  static std::exception_ptr failure() {
    return std::make_exception_ptr(StoreError("The disk is gone."));
  }
  Store& whole_;
};

class AccessTokensTest : public ::testing::Test, public IntakeWorld {
 protected:
  AccessTokensTest() {
    settings.name = "support";
    settings.oauth.client_id = "ombud";
    settings.oauth.token_url = provider.url();
    settings.oauth.refresh_token = "written";
    restart();
  }
  void restart() {
    tokens = std::make_unique<mail::AccessTokens>(time, disk, log, fetching.get_executor(),
                                                  std::make_shared<std::atomic<bool>>(false));
  }
  std::string token() {
    const auto got = wait(tokens->token_for(settings));
    return got ? *got : got.error().detail;
  }
  std::string kept() {
    return store.run(system, [](Tx& tx) { return kept_mailbox_token(tx, "support"); });
  }
  FailingStore disk{store};
  Provider provider;
  net::thread_pool fetching{1};
  mail::MailboxSettings settings;
  std::unique_ptr<mail::AccessTokens> tokens;
};

TEST_F(AccessTokensTest, ARefreshTokenThatRotatesIsKeptOverALifeOfTheHub) {
  EXPECT_EQ(token(), "a1");
  EXPECT_EQ(token(), "a1") << "it is still good";
  EXPECT_EQ(kept().find("r1"), std::string::npos) << "sealed";
  restart();
  EXPECT_EQ(token(), "a2");
  tokens->forget("support");
  EXPECT_EQ(token(), "a3");
  restart();
  EXPECT_EQ(token(), "a4");
  EXPECT_EQ(provider.asked, (std::vector<std::string>{"refresh_token written", "refresh_token r1",
                                                      "refresh_token r2", "refresh_token r3"}));
}

TEST_F(AccessTokensTest, WhatTheOperatorWritesCountsFromThenOn) {
  EXPECT_EQ(token(), "a1");
  provider.good = settings.oauth.refresh_token = "new one";
  EXPECT_EQ(token(), "a2");
  EXPECT_EQ(provider.asked.back(), "refresh_token new one");
  restart();
  EXPECT_EQ(token(), "a3");
  EXPECT_EQ(provider.asked.back(), "refresh_token r2");
}

TEST_F(AccessTokensTest, AKeptOneThatIsRefusedGivesWayToTheWrittenOne) {
  EXPECT_EQ(token(), "a1");  // then the data came back from a backup
  provider.good = "written";
  restart();
  EXPECT_EQ(token(), "a2");
  provider.good = "nobody's";
  restart();
  EXPECT_EQ(token(), "No access token from " + provider.url() +
                         ": it answered 400 invalid_grant. See oauth of the mailbox \"support\".");
}

// A provider that sees a token again which it has replaced revokes all of its kin.
TEST_F(AccessTokensTest, WhileTheKeptOneCannotBeReadNoneIsPresented) {
  EXPECT_EQ(token(), "a1");
  restart();
  disk.reads_fail = true;
  const auto refused = wait(tokens->token_for(settings));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ProblemKind::unavailable);
  EXPECT_NE(refused.error().detail.find("\"support\" cannot be read: The disk is gone."),
            std::string::npos);
  EXPECT_EQ(provider.asked, (std::vector<std::string>{"refresh_token written"}));
  disk.reads_fail = false;
  EXPECT_EQ(token(), "a2");
  EXPECT_EQ(provider.asked.back(), "refresh_token r1");
}

TEST_F(AccessTokensTest, OneThatCouldNotBeKeptIsKeptOnceTheDiskIsBack) {
  disk.writes_fail = true;
  EXPECT_EQ(token(), "a1");
  EXPECT_EQ(token(), "a1");
  EXPECT_EQ(kept(), "");
  disk.writes_fail = false;
  EXPECT_EQ(token(), "a1") << "it is still good";
  restart();
  EXPECT_EQ(token(), "a2");
  EXPECT_EQ(provider.asked,
            (std::vector<std::string>{"refresh_token written", "refresh_token r1"}));
}

TEST_F(AccessTokensTest, ClientCredentialsKeepNothing) {
  settings.oauth.refresh_token.clear();
  EXPECT_EQ(token(), "a1");
  EXPECT_EQ(provider.asked.back(), "client_credentials ");
  EXPECT_EQ(kept(), "");
}

TEST_F(AccessTokensTest, AMailServersAuthorityIsNotTheProviders) {
  TlsServer tls("localhost");
  const std::string file = std::filesystem::temp_directory_path() /
                           ("ombud-tokens-" + std::to_string(::getpid()) + ".pem");
  tls.trust(file);
  settings.oauth.token_url = tls.origin() + "/tickets";
  settings.authority = file;
  EXPECT_NE(token().find("the certificates that count are the system's"), std::string::npos);
  EXPECT_EQ(tls.requests, 0);
  settings.oauth.authority = file;
  EXPECT_NE(token().find("it answered 200"), std::string::npos);
  EXPECT_EQ(tls.requests, 1);
  std::filesystem::remove(file);
}

TEST(SealedToken, OpensOnlyWithTheOneItWasSealedWith) {
  const std::string sealed = mail::seal_token("fresh", "written");
  EXPECT_EQ(mail::unseal_token(sealed, "written"), "fresh");
  EXPECT_FALSE(mail::unseal_token(sealed, "other"));
  EXPECT_FALSE(mail::unseal_token("", "written"));
  EXPECT_FALSE(mail::unseal_token(sealed.substr(1), "written"));
  EXPECT_NE(mail::seal_token("other", "written"), sealed);
}

}  // namespace
}  // namespace ombud::test
