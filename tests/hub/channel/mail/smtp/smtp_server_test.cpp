#include "channel/mail/smtp/smtp_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <random>

#include "channel/mail/addresses.hpp"
#include "hub/channel/mail/smtp/smtp_client.hpp"
#include "support/sim_clock.hpp"

namespace ombud::mail {
namespace {

using test::SmtpClient;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class FakeSink final : public MailSink {
 public:
  bool accepts(std::string_view recipient) const override { return desk.accepts(recipient); }
  net::awaitable<Receipt> store(Envelope envelope, std::string raw) override {
    if (on_store) on_store();
    if (broken) co_return Receipt{};
    envelopes.push_back(std::move(envelope));
    mails.push_back(std::move(raw));
    Receipt receipt;
    receipt.stored = true;
    receipt.mail_id = static_cast<std::int64_t>(mails.size());
    co_return receipt;
  }
  net::awaitable<Receipt> store_file(Envelope envelope, std::string path) override {
    ++files;
    std::ifstream file(path, std::ios::binary);
    std::string raw{std::istreambuf_iterator<char>(file), {}};
    if (!broken) std::filesystem::remove(path);
    const Receipt receipt = co_await store(std::move(envelope), std::move(raw));
    co_return receipt;
  }
  int files = 0;
  DeskAddresses desk{{"desk@ombud.example", "Hjälp@ombud.example"}, {"alla.example"}};
  bool broken = false;
  std::function<void()> on_store;
  std::vector<Envelope> envelopes;
  std::vector<std::string> mails;
};

class SmtpServerTest : public ::testing::Test {
 protected:
  void start(SmtpOptions options = {}) {
    options.host_name = "ombud.example";
    server = std::make_unique<SmtpServer>(io.get_executor(), clock, sink, log, options);
    const auto listening = server->listen();
    ASSERT_TRUE(listening.has_value()) << listening.error().detail;
    net::co_spawn(io, server->run(), net::detached);
  }
  SmtpClient connect() { return {io, server->port()}; }
  void turn() { io.poll(); }

  net::io_context io;
  SimClock clock;
  Log log{clock, Level::error, [](std::string_view) {}};
  FakeSink sink;
  std::unique_ptr<SmtpServer> server;
};

constexpr std::string_view kMail = "Subject: hej\r\n\r\nSkrivaren brinner.\r\n";

TEST_F(SmtpServerTest, KeepsAMailByteForByteBeforeItSays250) {
  start();
  SmtpClient client = connect();
  client.begin();
  EXPECT_EQ(client.deliver(kMail), "250 2.0.0 ok, kept as mail 1");
  EXPECT_THAT(sink.mails, ElementsAre(kMail));
  EXPECT_EQ(sink.envelopes[0].from, "anna@kund.example");
  EXPECT_THAT(sink.envelopes[0].recipients, ElementsAre("desk@ombud.example"));
  EXPECT_EQ(client.ask("QUIT"), "221 2.0.0 bye");
  EXPECT_EQ(client.line(), "(closed)");
}

TEST_F(SmtpServerTest, OffersItsExtensionsAndNoEncryption) {
  start();
  SmtpClient client = connect();
  EXPECT_EQ(client.line(), "220 ombud.example ESMTP Ombud service desk");
  client.send("EHLO client.example\r\n");
  EXPECT_EQ(client.line(), "250-ombud.example");
  EXPECT_EQ(client.line(), "250-PIPELINING");
  EXPECT_EQ(client.line(), "250-SIZE 36700160");
  EXPECT_EQ(client.line(), "250-8BITMIME");
  EXPECT_EQ(client.line(), "250-SMTPUTF8");
  EXPECT_EQ(client.line(), "250 ENHANCEDSTATUSCODES");
  EXPECT_THAT(client.ask("STARTTLS"), StartsWith("502 "));
  EXPECT_THAT(client.ask("AUTH PLAIN AGEAYg=="), StartsWith("502 "));
  EXPECT_THAT(client.ask("BDAT 5 LAST"), StartsWith("502 "));
  EXPECT_EQ(client.ask("HELO old.example"), "250 ombud.example");
  EXPECT_THAT(client.ask("VRFY desk"), StartsWith("252 "));
}

TEST_F(SmtpServerTest, AnswersPipelinedCommandsInTheirOrder) {
  start();
  SmtpClient client = connect();
  client.send(
      "EHLO c\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<nobody@ombud.example>\r\n"
      "RCPT TO:<desk@ombud.example>\r\nDATA\r\nSubject: one\r\n\r\n1\r\n.\r\n"
      "MAIL FROM:<>\r\nRCPT TO:<desk@ombud.example>\r\nDATA\r\nSubject: "
      "two\r\n\r\n2\r\n.\r\nQUIT\r\n");
  std::string codes;
  for (std::string line = client.reply(); line != "(closed)"; line = client.reply()) {
    codes += line.substr(0, 3) + " ";
    ASSERT_LT(codes.size(), 100U);
  }
  EXPECT_EQ(codes, "220 250 250 550 250 354 250 250 250 354 250 221 ");
  EXPECT_THAT(sink.mails, ElementsAre("Subject: one\r\n\r\n1\r\n", "Subject: two\r\n\r\n2\r\n"));
  EXPECT_EQ(sink.envelopes[1].from, "");
}

TEST_F(SmtpServerTest, UndoesDotStuffingAndNothingElse) {
  start();
  SmtpClient client = connect();
  const std::string message = ".\r\n..\r\n.a\r\na.\r\n\r\n.\r\n...b\r\n .\r\n";
  client.begin();
  EXPECT_THAT(client.deliver(message), StartsWith("250 "));
  EXPECT_THAT(sink.mails, ElementsAre(message));
}

TEST_F(SmtpServerTest, EndsAMailOnlyAtCrLfDotCrLf) {
  start();
  const std::string inner =
      "MAIL FROM:<boss@ombud.example>\r\nRCPT TO:<desk@ombud.example>\r\nDATA\r\n";
  for (const std::string fake :
       {"\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r\n.\r", "\r\n.\r\r\n", "\r.\r\n", "\n.\r"}) {
    sink.mails.clear();
    SmtpClient client = connect();
    client.begin();
    client.ask("DATA");
    client.send("Subject: smuggled\r\n\r\nbefore" + fake + inner + "after\r\n.\r\n");
    EXPECT_THAT(client.reply(), StartsWith("250 2.0.0"));
    ASSERT_EQ(sink.mails.size(), 1U);
    EXPECT_THAT(sink.mails[0], HasSubstr("MAIL FROM:<boss@"));
    EXPECT_THAT(client.ask("NOOP"), StartsWith("250 "));
  }
}

TEST_F(SmtpServerTest, PassesEveryByteThroughInPiecesOfAnySize) {
  start();
  std::mt19937 random(20260107);  // a fixed seed: the same bytes each run
  std::string message;
  for (int i = 0; i < 200'000; ++i) {
    constexpr std::string_view kLikely("\r\n.\0", 4);
    message += random() % 3 == 0 ? kLikely[random() % 4] : static_cast<char>(random() % 256);
  }
  message += "\r\n";
  SmtpClient client = connect();
  client.begin();
  client.ask("DATA");
  const std::string sent = SmtpClient::stuffed(message) + ".\r\n";
  for (std::size_t at = 0; at < sent.size();) {
    const std::size_t piece = std::min<std::size_t>(1 + random() % 3000, sent.size() - at);
    client.send(std::string_view(sent).substr(at, piece));
    at += piece;
  }
  EXPECT_THAT(client.reply(), StartsWith("250 "));
  ASSERT_EQ(sink.mails.size(), 1U);
  EXPECT_TRUE(sink.mails[0] == message);
}

TEST_F(SmtpServerTest, RefusesWhatIsTooLargeAndGoesOn) {
  SmtpOptions options;
  options.limits.message_bytes_max = 1000;
  start(options);
  SmtpClient client = connect();
  client.reply();
  client.ask("EHLO c");
  EXPECT_EQ(client.ask("MAIL FROM:<a@b.example> SIZE=1001"), "552 5.3.4 the message is too large");
  EXPECT_THAT(client.ask("MAIL FROM:<a@b.example> SIZE=1000 BODY=8BITMIME"), StartsWith("250 "));
  client.ask("RCPT TO:<desk@ombud.example>");
  EXPECT_EQ(client.deliver(std::string(999, 'x') + "\r\n"), "552 5.3.4 the message is too large");
  client.ask("MAIL FROM:<a@b.example>");
  client.ask("RCPT TO:<desk@ombud.example>");
  const std::string exact = std::string(998, 'x') + "\r\n";
  EXPECT_THAT(client.deliver(exact), StartsWith("250 "));
  EXPECT_THAT(sink.mails, ElementsAre(exact));
}

TEST_F(SmtpServerTest, DefersWhenAllMailsTogetherAreTooMuchForItsMemory) {
  SmtpOptions options;
  options.limits.received_bytes_max = 5000;
  start(options);
  SmtpClient client = connect();
  client.begin();
  EXPECT_THAT(client.deliver(std::string(6000, 'x') + "\r\n"), StartsWith("452 4.3.1"));
  client.ask("MAIL FROM:<a@b.example>");
  client.ask("RCPT TO:<desk@ombud.example>");
  EXPECT_THAT(client.deliver(std::string(4000, 'x') + "\r\n"), StartsWith("250 "));
}

// A folder for long messages; how many files lie in it.
struct SpoolFolder {
  SpoolFolder() { std::filesystem::create_directories(path); }
  ~SpoolFolder() { std::filesystem::remove_all(path); }
  std::ptrdiff_t files() const {
    return std::distance(std::filesystem::directory_iterator(path), {});
  }
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("ombud-spool-" + std::to_string(::getpid()));
};

TEST_F(SmtpServerTest, ALongMessageComesInThroughAFileAndIsTheSameToTheByte) {
  const SpoolFolder folder;
  SmtpOptions options;
  options.limits.in_memory_bytes_max = 10'000;
  options.limits.received_bytes_max = 100'000;  // which it would not fit into
  options.spool = SmtpSpool{(folder.path / "incoming-").string(), io.get_executor()};
  start(options);
  std::string mail = "Subject: lång\r\n\r\n.\x01\xFF" + std::string(1, '\0') + "\r\n";
  for (int i = 0; i < 20'000; ++i) mail += ".rad " + std::to_string(i) + "\r\n";
  SmtpClient client = connect();
  client.begin();
  EXPECT_EQ(client.deliver(mail), "250 2.0.0 ok, kept as mail 1");
  ASSERT_EQ(sink.mails.size(), 1U);
  EXPECT_TRUE(sink.mails[0] == mail);
  EXPECT_EQ(sink.files, 1);
  client.ask("MAIL FROM:<a@b.example>");
  client.ask("RCPT TO:<desk@ombud.example>");
  EXPECT_EQ(client.deliver(kMail), "250 2.0.0 ok, kept as mail 2");
  EXPECT_EQ(sink.files, 1) << "a short one comes in in memory";
  EXPECT_EQ(folder.files(), 0);
}

TEST_F(SmtpServerTest, LeavesNoFileOfAMailThatItDidNotTake) {
  const SpoolFolder folder;
  SmtpOptions options;
  options.limits.in_memory_bytes_max = 1'000;
  options.limits.message_bytes_max = 50'000;
  options.spool = SmtpSpool{(folder.path / "incoming-").string(), io.get_executor()};
  start(options);
  const std::string mail = std::string(40'000, 'x') + "\r\n";
  SmtpClient client = connect();
  client.begin();
  EXPECT_EQ(client.deliver(mail + mail), "552 5.3.4 the message is too large");
  EXPECT_EQ(folder.files(), 0);
  sink.broken = true;
  client.ask("MAIL FROM:<a@b.example>");
  client.ask("RCPT TO:<desk@ombud.example>");
  EXPECT_THAT(client.deliver(mail), StartsWith("451 "));
  EXPECT_EQ(folder.files(), 0);
  client.ask("MAIL FROM:<a@b.example>");
  client.ask("RCPT TO:<desk@ombud.example>");
  client.ask("DATA");
  client.send(mail);
  turn();
  EXPECT_EQ(folder.files(), 1) << "half of a mail";
  client.hang_up();
  turn();
  EXPECT_EQ(folder.files(), 0);
}

TEST_F(SmtpServerTest, DefersALongMessageThatTheDiskHasNoRoomFor) {
  SmtpOptions options;
  options.limits.in_memory_bytes_max = 1'000;
  options.spool = SmtpSpool{"/nonexistent/incoming-", io.get_executor()};
  start(options);
  SmtpClient client = connect();
  client.begin();
  EXPECT_EQ(client.deliver(std::string(5'000, 'x') + "\r\n"),
            "452 4.3.1 no room for the mail: try again later");
  client.ask("MAIL FROM:<a@b.example>");
  client.ask("RCPT TO:<desk@ombud.example>");
  EXPECT_THAT(client.deliver(kMail), StartsWith("250 ")) << "a short one needs none";
}

TEST_F(SmtpServerTest, TakesMailOnlyForTheDesk) {
  SmtpOptions options;
  options.limits.recipients_max = 3;
  start(options);
  SmtpClient client = connect();
  client.reply();
  client.ask("EHLO c");
  EXPECT_THAT(client.ask("RCPT TO:<desk@ombud.example>"), StartsWith("503 "));
  EXPECT_THAT(client.ask("DATA"), StartsWith("503 "));
  client.ask("MAIL FROM:<a@b.example>");
  EXPECT_EQ(client.ask("RCPT TO:<other@elsewhere.example>"), "550 5.1.1 no such address here");
  EXPECT_EQ(client.ask("RCPT TO:<desk@ombud.example.evil>"), "550 5.1.1 no such address here");
  EXPECT_THAT(client.ask("RCPT TO:<>"), StartsWith("501 "));
  EXPECT_EQ(client.ask("DATA"), "554 5.5.1 no valid recipient");
  EXPECT_THAT(client.ask("RCPT TO:<DESK+skrivare@Ombud.Example>"), StartsWith("250 "));
  EXPECT_THAT(client.ask("RCPT TO:<vem.som.helst@alla.example>"), StartsWith("250 "));
  EXPECT_THAT(client.ask("RCPT TO:<Postmaster>"), StartsWith("250 "));
  EXPECT_THAT(client.ask("RCPT TO:<desk@ombud.example>"), StartsWith("452 4.5.3"));
  EXPECT_THAT(client.ask("RCPT TO:<\"a b\"@alla.example>"), StartsWith("550 "));
}

TEST_F(SmtpServerTest, TakesAddressesBeyondAsciiOnlyWithSmtputf8) {
  start();
  SmtpClient client = connect();
  client.reply();
  client.ask("EHLO c");
  client.ask("MAIL FROM:<a@b.example>");
  EXPECT_THAT(client.ask("RCPT TO:<Hjälp@ombud.example>"), StartsWith("553 5.6.7"));
  client.ask("RSET");
  EXPECT_THAT(client.ask("MAIL FROM:<åsa@b.example> SMTPUTF8"), StartsWith("250 "));
  EXPECT_THAT(client.ask("RCPT TO:<Hj\xE4lp@ombud.example>"), StartsWith("553 5.6.7"));
  EXPECT_THAT(client.ask("RCPT TO:<Hjälp@ombud.example>"), StartsWith("250 "));
}

TEST_F(SmtpServerTest, SaysWhatIsWrongWithACommand) {
  start();
  SmtpClient client = connect();
  client.reply();
  EXPECT_THAT(client.ask("MAIL FROM:<a@b.example>"), StartsWith("503 "));
  EXPECT_THAT(client.ask("EHLO"), StartsWith("501 "));
  EXPECT_THAT(client.ask("LHLO c"), StartsWith("500 "));
  client.ask("EHLO c");
  EXPECT_THAT(client.ask("MAIL a@b.example"), StartsWith("501 "));
  EXPECT_THAT(client.ask("MAIL FROM:a@b.example"), StartsWith("501 "));
  EXPECT_THAT(client.ask("MAIL FROM:<a@b.example> RET=HDRS"), StartsWith("555 "));
  EXPECT_THAT(client.ask("MAIL FROM:<a@b.example> SIZE=many"), StartsWith("501 "));
  client.send("NOOP\n");
  EXPECT_EQ(client.reply(), "500 5.5.2 lines must end with CR LF");
  EXPECT_EQ(client.ask(std::string(5000, 'A')), "500 5.5.6 line too long");
  EXPECT_THAT(client.ask("NOOP " + std::string(2000, 'A')), StartsWith("250 "));
  EXPECT_THAT(client.ask("mail from:<@relay.example:a@b.example> size=5"), StartsWith("250 "));
  EXPECT_THAT(client.ask("MAIL FROM:<a@b.example>"), StartsWith("503 "));
  EXPECT_THAT(client.ask("DATA now"), StartsWith("501 "));
}

TEST_F(SmtpServerTest, HangsUpAfterTooManyErrors) {
  SmtpOptions options;
  options.limits.errors_max = 3;
  start(options);
  SmtpClient client = connect();
  client.reply();
  client.ask("X");
  client.ask("X");
  EXPECT_THAT(client.ask("X"), StartsWith("502 "));
  EXPECT_EQ(client.reply(), "421 4.7.0 too many errors: closing the connection");
  EXPECT_EQ(client.line(), "(closed)");
}

TEST_F(SmtpServerTest, CutsOffAClientThatDripsACommand) {
  start();
  SmtpClient client = connect();
  client.reply();
  for (const char c : {'E', 'H', 'L', 'O'}) {
    client.send(std::string(1, c));
    turn();
    clock.run_for(io, Millis{100'000});
  }
  EXPECT_EQ(client.reply(), "421 4.4.2 too slow: closing the connection");
  EXPECT_EQ(client.line(), "(closed)");
}

TEST_F(SmtpServerTest, CutsOffAClientThatDripsAMessageAndKeepsNothing) {
  start();
  SmtpClient client = connect();
  client.begin();
  client.ask("DATA");
  for (int i = 0; i < 10; ++i) {
    client.send("drip\r\n");
    turn();
    clock.run_for(io, Millis{100'000});
  }
  EXPECT_EQ(client.reply(), "421 4.4.2 too slow: closing the connection");
  EXPECT_TRUE(sink.mails.empty());
}

TEST_F(SmtpServerTest, AClientMayTakeItsTimeBetweenCommands) {
  start();
  SmtpClient client = connect();
  client.reply();
  for (int i = 0; i < 10; ++i) {
    turn();
    clock.run_for(io, Millis{290'000});
    EXPECT_THAT(client.ask("NOOP"), StartsWith("250 "));
  }
}

TEST_F(SmtpServerTest, KeepsNothingOfAMailWhoseClientWentAway) {
  start();
  {
    SmtpClient client = connect();
    client.begin();
    client.ask("DATA");
    client.send("Subject: half\r\n\r\nno end\r\n.\r");
    turn();
  }
  SmtpClient next = connect();
  next.begin();
  EXPECT_TRUE(sink.mails.empty());
}

TEST_F(SmtpServerTest, AsksTheSenderToTryAgainWhenTheStoreFails) {
  start();
  sink.broken = true;
  SmtpClient client = connect();
  client.begin();
  EXPECT_EQ(client.deliver(kMail), "451 4.3.0 the mail could not be stored: try again later");
  sink.broken = false;
  client.ask("MAIL FROM:<a@b.example>");
  client.ask("RCPT TO:<desk@ombud.example>");
  EXPECT_THAT(client.deliver(kMail), StartsWith("250 "));
}

TEST_F(SmtpServerTest, LmtpAnswersOncePerRecipient) {
  SmtpOptions options;
  options.protocol = MailProtocol::lmtp;
  start(options);
  SmtpClient client = connect();
  EXPECT_EQ(client.reply(), "220 ombud.example LMTP Ombud service desk");
  EXPECT_THAT(client.ask("EHLO c"), StartsWith("500 "));
  EXPECT_THAT(client.ask("LHLO c"), StartsWith("250 "));
  client.ask("MAIL FROM:<a@b.example>");
  EXPECT_THAT(client.ask("DATA"), StartsWith("503 "));
  client.ask("RCPT TO:<desk@ombud.example>");
  client.ask("RCPT TO:<nobody@ombud.example>");
  client.ask("RCPT TO:<x@alla.example>");
  EXPECT_EQ(client.deliver(kMail), "250 2.0.0 ok, kept as mail 1");
  EXPECT_EQ(client.reply(), "250 2.0.0 ok, kept as mail 1");
  EXPECT_THAT(client.ask("QUIT"), StartsWith("221 "));
  EXPECT_EQ(sink.mails.size(), 1U);
}

TEST_F(SmtpServerTest, RefusesMoreConnectionsThanItsLimit) {
  SmtpOptions options;
  options.limits.connections_max = 1;
  start(options);
  {
    SmtpClient first = connect();
    EXPECT_THAT(first.reply(), StartsWith("220 "));
    SmtpClient second = connect();
    EXPECT_EQ(second.reply(), "421 4.3.2 too many connections: try again later");
    EXPECT_EQ(second.line(), "(closed)");
    first.ask("QUIT");
    turn();
  }
  EXPECT_THAT(connect().reply(), StartsWith("220 "));
}

TEST_F(SmtpServerTest, DrainLetsAMailFinishAndSendsTheIdleAway) {
  start();
  SmtpClient idle = connect();
  idle.reply();
  SmtpClient busy = connect();
  busy.begin();
  busy.ask("DATA");
  busy.send("Subject: almost\r\n\r\n");
  bool drained = false;
  net::co_spawn(io, server->drain(Millis{10'000}), [&](std::exception_ptr) { drained = true; });
  EXPECT_EQ(idle.reply(), "421 4.3.2 the service is shutting down: try again later");
  EXPECT_EQ(idle.line(), "(closed)");
  EXPECT_FALSE(drained);
  busy.send("there\r\n.\r\n");
  EXPECT_THAT(busy.reply(), StartsWith("250 2.0.0"));
  EXPECT_THAT(busy.reply(), StartsWith("421 4.3.2"));
  turn();
  EXPECT_TRUE(drained);
  EXPECT_EQ(server->connections(), 0U);
}

TEST_F(SmtpServerTest, DrainCutsOffWhoeverIsStillThereAfterTheGrace) {
  start();
  SmtpClient busy = connect();
  busy.begin();
  busy.ask("DATA");
  bool drained = false;
  net::co_spawn(io, server->drain(Millis{10'000}), [&](std::exception_ptr) { drained = true; });
  turn();
  clock.run_for(io, Millis{10'001});
  EXPECT_TRUE(drained);
  EXPECT_EQ(busy.line(), "(closed)");
  EXPECT_TRUE(sink.mails.empty());
}

TEST_F(SmtpServerTest, ListensOnAUnixSocketAndReplacesOnlyAStaleOne) {
  const auto folder =
      std::filesystem::temp_directory_path() / ("ombud-smtp-" + std::to_string(::getpid()));
  std::filesystem::create_directory(folder);
  SmtpOptions options;
  options.protocol = MailProtocol::lmtp;
  options.unix_path = folder / "lmtp";
  start(options);
  {
    SmtpClient client(io, options.unix_path);
    EXPECT_THAT(client.reply(), StartsWith("220 "));
  }
  struct stat found {};
  ASSERT_EQ(::stat(options.unix_path.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777U, 0660U);

  SmtpServer rival(io.get_executor(), clock, sink, log, options);
  const auto refused = rival.listen();
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().detail, HasSubstr("Address already in use"));

  // a crash leaves the file behind
  const std::string kept = options.unix_path + ".kept";
  std::filesystem::rename(options.unix_path, kept);
  server.reset();
  std::filesystem::rename(kept, options.unix_path);
  start(options);
  SmtpClient client(io, options.unix_path);
  EXPECT_THAT(client.reply(), StartsWith("220 "));
  server.reset();
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace ombud::mail
