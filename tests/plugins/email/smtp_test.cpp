// Drops, refuses and stalls an SMTP session at every stage and checks what the connector says of
// it.
#include "base/json.hpp"
#include "plugins/bench.hpp"
#include "plugins/email/fake_server.hpp"

namespace ombud::email::test {
namespace {

using bench::Bench;
using bench::Outcome;
using sdk::Status;

std::string settings_for(int port, std::string_view more = "") {
  return R"({"to":"support@byggit.example","from":"desk@ombud.example","from_name":"Servicedesk",)"
         R"("domain":"ombud.example","smtp":{"host":"127.0.0.1","security":"none","port":)" +
         std::to_string(port) + std::string(more) + "}}";
}

const bench::Job kTicket{
    "0123456789abcdefghjkmnpqrs", "",
    R"({"schema":"ombud.ticket/1","reference":"OMB-1042","kind":"incident","status":"new",)"
    R"("subject":"Skrivaren på plan 3 är död","description":"Ingen ström.\n.\nPunkt ovanför.",)"
    R"("priority":"high","desk":{"name":"Servicedesk","email":"desk@ombud.example"},)"
    R"("opened_at":"2026-11-22T09:30:00Z"})",
    "", false};

class SmtpStages : public testing::Test {
 protected:
  Outcome put(std::string_view more = "", std::map<std::string, std::string> secrets = {}) {
    Bench bench(EMAIL_LIBRARY, settings_for(smtp.port(), more), std::move(secrets));
    EXPECT_TRUE(bench.created()) << bench.refusal;
    bench.budget_ms(budget_ms);
    bench.cancel_with(cancel);
    return bench.put_ticket(kTicket);
  }
  FakeSmtp smtp;
  std::int64_t budget_ms = 10'000;
  const std::atomic<bool>* cancel = nullptr;
};

TEST_F(SmtpStages, TakenMailIsOkAndItsMessageIdBecomesTheThread) {
  const Outcome outcome = put();
  EXPECT_EQ(outcome.status, Status::ok) << outcome.message;
  ASSERT_EQ(outcome.documents.size(), 1U);
  EXPECT_EQ(outcome.documents[0],
            R"({"external_id":"<0123456789abcdefghjkmnpqrs@ombud.example>"})");
  ASSERT_EQ(smtp.mails().size(), 1U);
  // The line with a single dot inside the text arrived as text.
  EXPECT_NE(smtp.mails()[0].find("\r\n.\r\nPunkt"), std::string::npos) << smtp.mails()[0];
}

TEST_F(SmtpStages, EveryDropBeforeTheFinalDotIsRetry) {
  for (const Drop stage :
       {Drop::at_greeting, Drop::at_ehlo, Drop::at_mail, Drop::at_rcpt, Drop::at_data}) {
    FakeSmtp fresh;
    fresh.drop = stage;
    Bench bench(EMAIL_LIBRARY, settings_for(fresh.port()), {});
    const Outcome outcome = bench.put_ticket(kTicket);
    EXPECT_EQ(outcome.status, Status::retry) << static_cast<int>(stage) << outcome.message;
    EXPECT_FALSE(outcome.message.empty());
    EXPECT_TRUE(fresh.mails().empty());
  }
}

TEST_F(SmtpStages, NoOneListeningIsRetry) {
  int port = 0;
  {
    const Listener gone([](Peer&) {});
    port = gone.port();
  }
  Bench bench(EMAIL_LIBRARY, settings_for(port), {});
  EXPECT_EQ(bench.put_ticket(kTicket).status, Status::retry);
}

TEST_F(SmtpStages, UnknownHostIsRetry) {
  Bench bench(EMAIL_LIBRARY,
              R"({"to":"a@b.example","from":"d@o.example","domain":"o.example",)"
              R"("smtp":{"host":"no-such-host.invalid"}})",
              {});
  EXPECT_EQ(bench.put_ticket(kTicket).status, Status::retry);
}

// A drop amid a mail too large for the socket's buffers is seen while bytes still wait to be sent.
TEST_F(SmtpStages, DropAmidALargeBodyIsRetry) {
  smtp.drop = Drop::in_body;
  Bench bench(EMAIL_LIBRARY, settings_for(smtp.port()), {});
  bench::Job job{"b", "<root@ombud.example>",
                 R"({"schema":"ombud.attachment/1","reference":"OMB-1","name":"a.bin"})",
                 std::string(15'000'000, 'x'), true};
  const Outcome outcome = bench.add_attachment(job);
  EXPECT_EQ(outcome.status, Status::retry) << outcome.message;
}

// The whole of a small mail is in the kernel's hands when the peer breaks off, the dot perhaps too.
TEST_F(SmtpStages, DropAmidASmallBodyIsAmbiguous) {
  smtp.drop = Drop::in_body;
  EXPECT_EQ(put().status, Status::ambiguous);
}

TEST_F(SmtpStages, ClosedAfterTheFinalDotIsAmbiguous) {
  smtp.drop = Drop::after_dot;
  const Outcome outcome = put();
  EXPECT_EQ(outcome.status, Status::ambiguous) << outcome.message;
  EXPECT_TRUE(outcome.documents.empty());
}

TEST_F(SmtpStages, SilenceAfterTheFinalDotIsAmbiguousWhenTheTimeIsUp) {
  smtp.drop = Drop::hang_after_dot;
  budget_ms = 2'000;
  const Outcome outcome = put();
  EXPECT_EQ(outcome.status, Status::ambiguous) << outcome.message;
  smtp.release();
}

TEST_F(SmtpStages, NonsenseAfterTheFinalDotIsAmbiguous) {
  smtp.drop = Drop::garbage_after_dot;
  EXPECT_EQ(put().status, Status::ambiguous);
}

TEST_F(SmtpStages, AServerThatHangsAtQuitCostsAMomentAndChangesNothing) {
  smtp.drop = Drop::hang_at_quit;
  const auto before = std::chrono::steady_clock::now();
  EXPECT_EQ(put().status, Status::ok);
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(6));
  smtp.release();
}

struct Refusal {
  const char* verb;
  const char* reply;
  Status status;
  int code;
};
class SmtpRefusals : public testing::TestWithParam<Refusal> {};

TEST_P(SmtpRefusals, AreJudgedByStageAndCodeAndQuoteTheServer) {
  const Refusal& given = GetParam();
  FakeSmtp smtp;
  smtp.replies[given.verb] = given.reply;
  Bench bench(EMAIL_LIBRARY, settings_for(smtp.port()), {});
  const Outcome outcome = bench.put_ticket(kTicket);
  EXPECT_EQ(outcome.status, given.status) << outcome.message;
  EXPECT_EQ(outcome.supplier_code, given.code);
  EXPECT_NE(outcome.message.find(std::string(given.reply).substr(4)), std::string::npos)
      << outcome.message;
  EXPECT_TRUE(smtp.mails().empty());
}

INSTANTIATE_TEST_SUITE_P(
    Stages, SmtpRefusals,
    testing::Values(Refusal{"greeting", "421 4.3.2 busy", Status::retry, 421},
                    Refusal{"greeting", "554 5.3.2 no service", Status::retry, 554},
                    Refusal{"MAIL", "451 4.3.0 later", Status::retry, 451},
                    Refusal{"MAIL", "530 5.7.0 log in first", Status::auth, 530},
                    Refusal{"MAIL", "553 5.1.8 not your address", Status::permanent, 553},
                    Refusal{"RCPT", "450 4.2.0 greylisted", Status::retry, 450},
                    Refusal{"RCPT", "550 5.1.1 no such user", Status::permanent, 550},
                    Refusal{"DATA", "452 4.3.1 disk full", Status::retry, 452},
                    Refusal{"DATA", "554 5.5.1 no valid recipients", Status::permanent, 554},
                    Refusal{"dot", "451 4.7.1 try later", Status::retry, 451},
                    Refusal{"dot", "552 5.3.4 too big", Status::permanent, 552},
                    Refusal{"dot", "421 4.4.2 closing", Status::retry, 421}));

TEST_F(SmtpStages, RefusedLoginIsAuthAndTheOperatorNeverSeesThePassword) {
  smtp.extensions = {"AUTH PLAIN LOGIN"};
  smtp.replies["AUTH"] = "535 5.7.8 bad credentials";
  const Outcome outcome =
      put(R"(,"login":"desk","password":{"$secret":"t1"})", {{"t1", "mycket-hemligt"}});
  EXPECT_EQ(outcome.status, Status::auth) << outcome.message;
  EXPECT_EQ(outcome.supplier_code, 535);
  EXPECT_EQ(outcome.message.find("mycket-hemligt"), std::string::npos);
}

TEST_F(SmtpStages, LoginServerOutOfOrderIsRetry) {
  smtp.extensions = {"AUTH PLAIN"};
  smtp.replies["AUTH"] = "454 4.7.0 directory down";
  const Outcome outcome =
      put(R"(,"login":"desk","password":{"$secret":"t1"})", {{"t1", "mycket-hemligt"}});
  EXPECT_EQ(outcome.status, Status::retry) << outcome.message;
}

TEST_F(SmtpStages, WithoutStartTlsNothingIsSaidInClear) {
  Bench bench(EMAIL_LIBRARY,
              R"({"to":"a@b.example","from":"d@o.example","domain":"o.example","smtp":)"
              R"({"host":"127.0.0.1","login":"desk","password":{"$secret":"t1"},"port":)" +
                  std::to_string(smtp.port()) + "}}",
              {{"t1", "mycket-hemligt"}});
  ASSERT_TRUE(bench.created()) << bench.refusal;
  smtp.extensions = {"AUTH PLAIN"};
  const Outcome outcome = bench.put_ticket(kTicket);
  EXPECT_EQ(outcome.status, Status::retry) << outcome.message;
  for (const std::string& command : smtp.commands()) {
    EXPECT_FALSE(command.starts_with("AUTH") || command.starts_with("MAIL")) << command;
  }
}

TEST_F(SmtpStages, CancelBeforeTheStartSendsNothing) {
  const std::atomic<bool> stop{true};
  cancel = &stop;
  EXPECT_EQ(put().status, Status::cancelled);
  EXPECT_TRUE(smtp.commands().empty());
}

TEST_F(SmtpStages, NoTimeLeftIsRetry) {
  budget_ms = 0;
  EXPECT_EQ(put().status, Status::retry);
  EXPECT_TRUE(smtp.commands().empty());
}

TEST_F(SmtpStages, CheckGreetsAndLeaves) {
  Bench bench(EMAIL_LIBRARY, settings_for(smtp.port()), {});
  const Outcome outcome = bench.check();
  EXPECT_EQ(outcome.status, Status::ok) << outcome.message;
  EXPECT_TRUE(smtp.mails().empty());
}

TEST_F(SmtpStages, AttachmentOverTheLimitIsPermanentAndNotSent) {
  Bench bench(
      EMAIL_LIBRARY,
      R"({"to":"a@b.example","from":"d@o.example","domain":"o.example","attachment_mib_max":1,)"
      R"("smtp":{"host":"127.0.0.1","security":"none","port":)" +
          std::to_string(smtp.port()) + "}}",
      {});
  const bench::Job job{"b", "<root@o.example>",
                       R"({"schema":"ombud.attachment/1","reference":"OMB-1","name":"a.bin"})",
                       std::string(1'100'000, 'x'), true};
  EXPECT_EQ(bench.add_attachment(job).status, Status::permanent);
  EXPECT_TRUE(smtp.commands().empty());
}

TEST_F(SmtpStages, NoticeGoesToTheUserAndBadAddressesNeverReachTheServer) {
  Bench bench(EMAIL_LIBRARY, settings_for(smtp.port()), {});
  bench::Job job{"n1", "",
                 R"({"schema":"ombud.notice/1","reference":"OMB-7","to":{"name":"Åsa","address":)"
                 R"("asa@kund.example"},"subject":"Ditt ärende","text":"Hej","language":"sv"})",
                 "", false};
  EXPECT_EQ(bench.put_ticket(job).status, Status::ok);
  const auto commands = smtp.commands();
  EXPECT_TRUE(std::any_of(commands.begin(), commands.end(), [](const std::string& c) {
    return c.starts_with("RCPT TO:<asa@kund.example>");
  }));
  job.body = R"({"schema":"ombud.notice/1","reference":"OMB-7","to":{"name":"x","address":)"
             R"("a@b.example>\r\nRCPT TO:<c@d.example"},"subject":"s","text":"t"})";
  EXPECT_EQ(bench.put_ticket(job).status, Status::permanent);
  EXPECT_EQ(smtp.mails().size(), 1U);
}

TEST_F(SmtpStages, NoticeTakesItsFilesFromTheBytesThatComeWithIt) {
  Bench bench(EMAIL_LIBRARY, settings_for(smtp.port()), {});
  const bench::Job job{
      "n1", "<root@ombud.example>",
      R"({"schema":"ombud.notice/1","reference":"OMB-7","to":{"name":"Åsa","address":)"
      R"("asa@kund.example"},"subject":"s","text":"t","html":"<p>t</p>","attachments":)"
      R"([{"name":"a.txt","media_type":"text/plain","size":3},{"name":"b.txt","media_type":)"
      R"("text/plain","size":2}]})",
      "abcde", true};
  EXPECT_EQ(bench.add_comment(job).status, Status::ok);
  ASSERT_EQ(smtp.mails().size(), 1U);
  EXPECT_NE(smtp.mails()[0].find("multipart/alternative"), std::string::npos);
  EXPECT_NE(smtp.mails()[0].find("YWJj"), std::string::npos);  // abc
}

// RFC 6531: told to a server that knows it, for addresses that need it, and only then.
TEST_F(SmtpStages, InternationalAddressesAreSaidAsTheServerTakesThem) {
  const auto to = [](std::string_view address) {
    return bench::Job{"n1", "",
                      R"({"schema":"ombud.notice/1","reference":"","to":{"name":"","address":")" +
                          std::string(address) + R"("},"subject":"s","text":"t"})",
                      "", false};
  };
  const auto said = [this](std::string_view verb) {
    std::string all;
    for (const std::string& command : smtp.commands()) {
      if (command.starts_with(verb)) all = command;
    }
    return all;
  };
  Bench bench(EMAIL_LIBRARY, settings_for(smtp.port()), {});
  EXPECT_EQ(bench.put_ticket(to("eva@bücher.example")).status, Status::ok);
  EXPECT_NE(said("RCPT").find("<eva@xn--bcher-kva.example>"), std::string::npos) << said("RCPT");
  EXPECT_EQ(said("MAIL").find("SMTPUTF8"), std::string::npos);
  smtp.extensions = {"SMTPUTF8", "8BITMIME"};
  EXPECT_EQ(bench.put_ticket(to("åsa@kund.example")).status, Status::ok);
  EXPECT_NE(said("MAIL").find("SMTPUTF8"), std::string::npos) << said("MAIL");
  EXPECT_NE(said("RCPT").find("<åsa@kund.example>"), std::string::npos) << said("RCPT");
}

TEST_F(SmtpStages, AServerThatCannotTakeSuchAnAddressEndsInADeadLetterWithItsWords) {
  smtp.replies["RCPT"] = "553 5.6.7 address with UTF-8 not permitted";
  Bench bench(EMAIL_LIBRARY, settings_for(smtp.port()), {});
  const bench::Job job{"n1", "",
                       R"({"schema":"ombud.notice/1","reference":"","to":{"name":"","address":)"
                       R"("åsa@kund.example"},"subject":"s","text":"t"})",
                       "", false};
  const Outcome outcome = bench.put_ticket(job);
  EXPECT_EQ(outcome.status, Status::permanent);
  EXPECT_NE(outcome.message.find("UTF-8 not permitted"), std::string::npos) << outcome.message;
}

TEST_F(SmtpStages, FindSaysThatMailCannotBeLookedUp) {
  Bench bench(EMAIL_LIBRARY, settings_for(smtp.port()), {});
  EXPECT_EQ(bench.find("ticket", kTicket).status, Status::permanent);
  EXPECT_STREQ(bench.descriptor().id, "se.ombud.email");
}

}  // namespace
}  // namespace ombud::email::test
