// Mailboxes of a real Dovecot, which the environment names: OMBUD_TEST_DOVECOT_IMAP, _IMAPS, _LMTP,
// _AUTHORITY. tests/real/dovecot-setup starts one and prints them.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/thread_pool.hpp>
#include <cstdlib>

#include "channel/mail/imap/curl_wire.hpp"
#include "channel/mail/imap/mailbox.hpp"
#include "hub/channel/mail/intake_world.hpp"

namespace ombud::test {
namespace {

constexpr Millis kPatience{20'000};

std::string environment(const char* name) {
  const char* value = std::getenv((std::string("OMBUD_TEST_DOVECOT_") + name).c_str());
  return value == nullptr ? "" : value;
}

// Puts a mail into somebody's mailbox by LMTP, as his mail server would.
void deliver(const std::string& user, const std::string& raw) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(environment("LMTP"))));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
  const auto answer = [fd] {
    std::string said;
    char c = 0;
    while (said.find('\n') == std::string::npos || (said.size() > 3 && said[3] == '-')) {
      if (said.ends_with('\n')) said.clear();
      if (::read(fd, &c, 1) != 1) return std::string("(closed)");
      said += c;
    }
    return said.substr(0, 3);
  };
  const auto say = [&](const std::string& text) {
    EXPECT_EQ(::write(fd, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    return answer();
  };
  EXPECT_EQ(answer(), "220");
  EXPECT_EQ(say("LHLO test\r\n"), "250");
  EXPECT_EQ(say("MAIL FROM:<erik.ek@alfa.example>\r\n"), "250");
  EXPECT_EQ(say("RCPT TO:<" + user + ">\r\n"), "250");
  EXPECT_EQ(say("DATA\r\n"), "354");
  EXPECT_EQ(say(raw + ".\r\n"), "250");
  ::close(fd);
}

class Dovecot : public ::testing::Test, public IntakeWorld {
 protected:
  void SetUp() override {
    for (const char* name : {"IMAP", "IMAPS", "LMTP", "AUTHORITY"}) {
      if (environment(name).empty()) {
        GTEST_SKIP() << "OMBUD_TEST_DOVECOT_" << name
                     << " is not set: see tests/real/dovecot-setup";
      }
    }
    settings.name = "support";
    settings.address = "desk@ombud.example";
    settings.host = "localhost";
    settings.port = port("IMAPS");
    settings.authority = environment("AUTHORITY");
    settings.login = mint_id(system_random);  // each test its own mailbox
    settings.password = "secret";
  }
  static std::uint16_t port(const char* name) {
    return static_cast<std::uint16_t>(std::stoi(environment(name)));
  }
  std::string visit() {
    mail::Mailbox box(clock, system_random, store, connector, *intake, log, settings);
    const auto ended = wait(box.visit());
    process();
    return ended ? "" : ended.error().detail;
  }
  // Turns the loop until `done`, which must come in time.
  template <class Done>
  bool turn_until(Done done) {
    const Instant until = clock.now() + kPatience;
    io.restart();
    while (!done() && clock.now() < until) io.run_one_for(Millis(50));
    return done();
  }

  SystemRandom system_random;
  RealClock clock;
  net::thread_pool connecting{1};
  mail::CurlImapConnector connector{clock, store, log, io.get_executor(),
                                    connecting.get_executor()};
  mail::MailboxSettings settings;
};

TEST_F(Dovecot, GivesItsMailByTlsAndByStarttlsAndByteForByte) {
  std::string odd = letter("Erik Ek <erik.ek@alfa.example>", "odd", "", "Hej\r\n{5}\r\n");
  odd += std::string(300'000, 'x') + "\r\n..\xff\xfe\r\n";
  deliver(settings.login, odd);
  EXPECT_EQ(visit(), "");
  settings.security = mail::MailboxSecurity::starttls;
  settings.port = port("IMAP");
  deliver(settings.login, letter("Erik Ek <erik.ek@alfa.example>", "second"));
  EXPECT_EQ(visit(), "");
  ASSERT_EQ(tickets().size(), 2U);
  bool found = false;
  for (const auto& [digest, raw] : blobs.files) {
    // LMTP takes the second dot of a line that begins with one, and puts headers on top.
    found = found || raw.find("{5}\r\n\r\n" + std::string(300'000, 'x') + "\r\n.\xff\xfe\r\n") !=
                         std::string::npos;
  }
  EXPECT_TRUE(found);
}

TEST_F(Dovecot, TellsOfANewMailAtOnce) {
  mail::Mailbox box(clock, system_random, store, connector, *intake, log, settings);
  net::cancellation_signal stop;
  bool ended = false;
  net::co_spawn(io, box.run(), net::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr) {
                  ended = true;
                }));
  const auto succeeded = [&] {
    const auto row = store.run(system, [](Tx& tx) { return find_mailbox(tx, "support"); });
    return row && row->last_success_at.has_value();
  };
  ASSERT_TRUE(turn_until(succeeded));
  deliver(settings.login, letter("Erik Ek <erik.ek@alfa.example>", "live"));
  const Instant before = clock.now();
  ASSERT_TRUE(turn_until([&] { return blobs.files.size() == 1; }));
  EXPECT_LT(clock.now() - before, kPatience);
  process();
  EXPECT_EQ(tickets().size(), 1U);
  stop.emit(net::cancellation_type::terminal);
  EXPECT_TRUE(turn_until([&] { return ended; }));
}

TEST_F(Dovecot, MovesWhatIsTakenToAFolderWithASwedishName) {
  settings.move_to = "Ärenden";
  deliver(settings.login, letter("Erik Ek <erik.ek@alfa.example>", "moved"));
  EXPECT_EQ(visit(), "");
  EXPECT_EQ(tickets().size(), 1U);
  // There it is, read: a mailbox that begins with that folder takes nothing and stands behind it.
  settings.folder = "Ärenden";
  settings.move_to.clear();
  EXPECT_EQ(visit(), "");
  EXPECT_EQ(tickets().size(), 1U);
  const auto row = store.run(system, [](Tx& tx) { return find_mailbox(tx, "support"); });
  EXPECT_EQ(row->adopted, 2U);
  settings.folder = "Nirgendwo";
  EXPECT_NE(visit().find("The folder \"Nirgendwo\" cannot be opened"), std::string::npos);
}

TEST_F(Dovecot, RefusalsSayWhatToChange) {
  settings.password = "wrong";
  EXPECT_NE(visit().find("refused the login of " + settings.login), std::string::npos);
  settings.password = "secret";
  settings.authority.clear();
  EXPECT_NE(visit().find("The certificate of localhost:"), std::string::npos);
  settings.host = "nowhere.invalid";
  EXPECT_NE(visit().find("The name nowhere.invalid could not be looked up"), std::string::npos);
  settings.host = "127.0.0.1";
  settings.port = 1;
  EXPECT_NE(visit().find("No connection to 127.0.0.1:1"), std::string::npos);
}

}  // namespace
}  // namespace ombud::test
