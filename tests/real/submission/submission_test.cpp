// Mail handed to a real Postfix, with STARTTLS and with TLS from the start: what arrives, and how
// the connector judges every way in which it does not (class C: nothing can be looked up
// afterwards).
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/json.hpp"
#include "email/compose.hpp"
#include "email/incoming.hpp"
#include "plugins/bench.hpp"
#include "support/process.hpp"

namespace ombud::email {
namespace {

namespace fs = std::filesystem;

using bench::Bench;
using bench::Outcome;
using sdk::Status;
using ::testing::HasSubstr;

constexpr Millis kInstall{900'000};

// Not a fixture of each test: Postfix takes seconds to start.
class Submission : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    place_ = (fs::temp_directory_path() / fmt::format("ombud-submission-{}", ::getpid())).string();
    const auto started = ombud::testing::run(
        {std::string(std::getenv("OMBUD_SOURCE")) + "/tests/real/postfix-setup", place_, "9"}, {},
        kInstall);
    ASSERT_EQ(started.code, 0) << started.output;
    std::istringstream lines(started.output);
    for (std::string line; std::getline(lines, line);) {
      const std::size_t equals = line.find('=');
      if (line.starts_with("OMBUD_TEST_POSTFIX_") && equals != std::string::npos) {
        facts_[line.substr(19, equals - 19)] = line.substr(equals + 1);
      }
    }
  }
  static void TearDownTestSuite() {
    ombud::testing::run(
        {std::string(std::getenv("OMBUD_SOURCE")) + "/tests/real/postfix-stop", place_});
    std::error_code ignored;
    fs::remove_all(place_, ignored);
  }

  struct Server {
    std::string port = facts_.at("SUBMISSION"), security = "starttls", host = "127.0.0.1";
    std::string ca = facts_.at("CA"), password = "fyra-grodor";
    bool login = true;
  };
  static std::unique_ptr<Bench> link(const Server& to) {
    json::Writer out;
    out.begin_object()
        .field("from", "desk@desk.example")
        .field("from_name", "Servicedesk")
        .field("domain", "desk.example")
        .begin_object("smtp")
        .field("host", to.host)
        .field("security", to.security)
        .key("port")
        .raw(to.port);
    if (!to.ca.empty()) out.field("ca_file", to.ca);
    if (to.login) {
      out.field("login", "desk@desk.example").begin_object("password");
      out.field("$secret", "t1").end_object();
    }
    out.end_object().end_object();
    auto made = std::make_unique<Bench>(EMAIL_LIBRARY, out.take(),
                                        std::map<std::string, std::string>{{"t1", to.password}});
    EXPECT_TRUE(made->created()) << made->refusal;
    return made;
  }
  static bench::Job letter_to(const std::string& address, const std::string& text = "Hej!\n") {
    json::Writer out;
    out.begin_object()
        .field("schema", "ombud.notice/1")
        .field("reference", "OMB-7")
        .begin_object("to")
        .field("name", "Eva Ek")
        .field("address", address)
        .end_object()
        .field("subject", "Skrivaren på plan 3")
        .field("text", text)
        .field("html", "<p>" + text + "</p>")
        .field("reply_to", "desk+7.abcdefghijklmnop@desk.example")
        .begin_array("attachments")
        .begin_object()
        .field("name", "å.txt")
        .field("media_type", "text/plain")
        .field("size", 5)
        .end_object()
        .end_array()
        .end_object();
    return {fmt::format("c{}", ++letters_), "", out.take(), "bytes", true};
  }
  // The mail with this id in somebody's mailbox; Postfix needs a moment.
  static std::string arrived(const std::string& mailbox, const std::string& correlation) {
    std::string found;
    ombud::testing::until(Millis{10'000}, [&] {
      std::error_code none;
      for (const auto& file :
           fs::directory_iterator(fs::path(facts_.at("MAIL")) / mailbox / "new", none)) {
        std::ifstream in(file.path(), std::ios::binary);
        std::string raw((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
        if (raw.find("<" + correlation + "@desk.example>") != std::string::npos) found = raw;
      }
      return !found.empty();
    });
    return found;
  }

  static inline std::string place_;
  static inline std::map<std::string, std::string> facts_;
  static inline int letters_ = 0;
};

TEST_F(Submission, BothWaysOfTlsWithLoginCarryTheWholeLetter) {
  for (const char* way : {"starttls", "tls"}) {
    Server server;
    server.security = way;
    if (server.security == "tls") server.port = facts_.at("SMTPS");
    const auto letter = letter_to("eva@acme.example", "Rad ett åäö\n.\nRad tre\n");
    const Outcome outcome = link(server)->put_ticket(letter);
    EXPECT_EQ(outcome.status, Status::ok) << way << ": " << outcome.message;
    const std::string raw = arrived("eva@acme.example", letter.correlation);
    ASSERT_FALSE(raw.empty()) << way;
    const Incoming mail = read_mail(raw);
    EXPECT_EQ(mail.subject, "[OMB-7] Skrivaren på plan 3");
    EXPECT_EQ(mail.text, "Rad ett åäö\n.\nRad tre\n");
    ASSERT_EQ(mail.enclosures.size(), 1U);
    EXPECT_EQ(mail.enclosures[0].bytes, "bytes");
    EXPECT_THAT(raw, HasSubstr("Return-Path: <desk@desk.example>"));
    EXPECT_THAT(raw, HasSubstr("Auto-Submitted: auto-generated"));
    EXPECT_THAT(raw, HasSubstr("Reply-To: Servicedesk <desk+7.abcdefghijklmnop@desk.example>"));
  }
}

TEST_F(Submission, AWrongPasswordClosesTheLink) {
  for (const char* way : {"starttls", "tls"}) {
    Server server;
    server.security = way;
    if (server.security == "tls") server.port = facts_.at("SMTPS");
    server.password = "fel";
    const Outcome outcome = link(server)->put_ticket(letter_to("eva@acme.example"));
    EXPECT_EQ(outcome.status, Status::auth) << outcome.message;
    EXPECT_EQ(outcome.supplier_code, 535);
  }
}

TEST_F(Submission, ACertificateThatIsNotGoodIsTriedAgainAndNothingIsSaidBeforeIt) {
  for (const char* way : {"starttls", "tls"}) {
    Server unknown;  // an authority that the system does not know
    unknown.security = way;
    if (unknown.security == "tls") unknown.port = facts_.at("SMTPS");
    unknown.ca.clear();
    Server other = unknown;  // good for 127.0.0.1, not for this name
    other.ca = facts_.at("CA");
    other.host = "localhost";
    for (const Server& server : {unknown, other}) {
      const auto letter = letter_to("eva@acme.example");
      const Outcome outcome = link(server)->put_ticket(letter);
      EXPECT_EQ(outcome.status, Status::retry) << way << server.host << ": " << outcome.message;
      EXPECT_THAT(outcome.message, HasSubstr("Nothing was delivered"));
      EXPECT_THAT(outcome.message,
                  HasSubstr(server.host == "localhost" ? "alternative" : "issuer"));
    }
  }
}

TEST_F(Submission, WithoutTlsNothingIsSent) {
  Server plain;
  plain.port = facts_.at("SMTP");
  const Outcome outcome = link(plain)->put_ticket(letter_to("eva@acme.example"));
  EXPECT_EQ(outcome.status, Status::retry) << outcome.message;
}

TEST_F(Submission, GreylistingIsTriedAgainAndARefusedRecipientIsADeadLetter) {
  const auto one = link(Server());
  const Outcome grey = one->put_ticket(letter_to("grey@acme.example"));
  EXPECT_EQ(grey.status, Status::retry) << grey.message;
  EXPECT_EQ(grey.supplier_code, 450);
  EXPECT_THAT(grey.message, HasSubstr("Greylisted, come again"));
  for (const char* nobody : {"gone@acme.example", "never-was@acme.example"}) {
    const Outcome refused = one->put_ticket(letter_to(nobody));
    EXPECT_EQ(refused.status, Status::permanent) << refused.message;
    EXPECT_EQ(refused.supplier_code, 550);
  }
  const auto letter = letter_to("eva@acme.example");
  EXPECT_EQ(one->put_ticket(letter).status, Status::ok) << "the next one goes as ever";
  EXPECT_FALSE(arrived("eva@acme.example", letter.correlation).empty());
}

TEST_F(Submission, AnInternationalAddressIsReached) {
  const auto letter = letter_to("åsa@acme.example");
  const Outcome outcome = link(Server())->put_ticket(letter);
  EXPECT_EQ(outcome.status, Status::ok) << outcome.message;
  EXPECT_FALSE(arrived("asa@acme.example", letter.correlation).empty());
}

TEST_F(Submission, WithoutLoginTheServersRefusalIsTold) {
  Server stranger;
  stranger.login = false;
  const Outcome outcome = link(stranger)->put_ticket(letter_to("eva@acme.example"));
  EXPECT_EQ(outcome.status, Status::permanent) << outcome.message;
  EXPECT_THAT(outcome.message, HasSubstr("Access denied"));
}

TEST_F(Submission, TheCheckLogsInAndLeaves) {
  EXPECT_EQ(link(Server())->check().status, Status::ok);
  Server wrong;
  wrong.password = "fel";
  EXPECT_EQ(link(wrong)->check().status, Status::auth);
}

}  // namespace
}  // namespace ombud::email
