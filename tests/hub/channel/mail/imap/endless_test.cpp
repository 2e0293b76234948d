// A server that talks without end fills no memory and holds up nobody: the connection ends, and
// the operator reads why.
#include <gtest/gtest.h>

#include "channel/mail/imap/mailbox.hpp"
#include "hub/channel/mail/intake_world.hpp"

namespace ombud::test {
namespace {

// Says `piece` again and again, each time after `pause`, to whatever it is asked.
struct Talker final : mail::ImapConnector {
  explicit Talker(SimClock& with) : clock(with) {}
  net::awaitable<Result<std::unique_ptr<mail::ImapWire>>> connect(mail::MailboxSettings) override {
    co_return std::make_unique<Wire>(*this);
  }
  struct Wire final : mail::ImapWire {
    explicit Wire(Talker& from) : talker(from) {}
    net::awaitable<Result<std::monostate>> send(std::string, Instant) override {
      co_return std::monostate();
    }
    net::awaitable<Result<std::string>> receive(Instant) override {
      talker.clock.advance(talker.clock.now() + talker.pause);
      talker.said += talker.first.empty() ? talker.piece.size() : talker.first.size();
      co_return talker.first.empty() ? talker.piece : std::exchange(talker.first, {});
    }
    Talker& talker;
  };
  SimClock& clock;
  std::string first, piece;
  Millis pause{0};
  std::size_t said = 0;
};

class EndlessServerTest : public ::testing::Test, public IntakeWorld {
 protected:
  // What GET /mailboxes tells of it.
  std::string problem_of(std::string first, std::string piece, Millis pause = Millis{0}) {
    talker.first = std::move(first);
    talker.piece = std::move(piece);
    talker.pause = pause;
    talker.said = 0;
    mail::MailboxSettings settings;
    settings.name = "support";
    settings.host = "imap.ombud.example";
    settings.bytes_max = 1U << 20U;
    mail::Mailbox box(time, random_of_test, store, talker, *intake, log, settings);
    EXPECT_FALSE(wait(box.visit()));
    return store.run(system, [](Tx& tx) { return find_mailbox(tx, "support")->problem; });
  }
  SeededRandom random_of_test{1};
  Talker talker{time};
};

TEST_F(EndlessServerTest, ALineWithoutEnd) {
  EXPECT_EQ(problem_of("", std::string(64U << 10U, 'x')),
            "imap.ombud.example:993 cannot be understood: it sent a line of more than 4194304 "
            "bytes.");
  EXPECT_LT(talker.said, 5U << 20U);
}

TEST_F(EndlessServerTest, LinesWithoutEnd) {
  std::string lines;
  while (lines.size() < 60'000) lines += "* OK " + std::string(1'000, 'x') + "\r\n";
  EXPECT_EQ(problem_of("", lines),
            "imap.ombud.example:993 said more to one command than anybody asked for, and was hung "
            "up on. See what that server is; host and port decide it.");
  EXPECT_LT(talker.said, 10U << 20U);
}

TEST_F(EndlessServerTest, ManySmallLines) {
  std::string lines;
  while (lines.size() < 60'000) lines += "*\r\n";
  EXPECT_EQ(problem_of("", lines),
            "imap.ombud.example:993 cannot be understood: it answered without end.");
}

TEST_F(EndlessServerTest, LiteralsWithoutEnd) {
  EXPECT_EQ(problem_of("* 1 FETCH (BODY[] {1048577}\r\n", "x"),
            "imap.ombud.example:993 cannot be understood: it sent 1048577 bytes at once; 1048576 "
            "were the most to be taken.");
  // Each of them small enough, in one response.
  EXPECT_EQ(problem_of("* 1 FETCH (", "BODY[] {1048576}\r\n" + std::string(1U << 20U, 'x')),
            "imap.ombud.example:993 said more to one command than anybody asked for, and was hung "
            "up on. See what that server is; host and port decide it.");
  EXPECT_LT(talker.said, 11U << 20U);
}

TEST_F(EndlessServerTest, OneByteAMinute) {
  const Instant began = time.now();
  EXPECT_EQ(problem_of("", "x", Millis{50'000}),
            "imap.ombud.example:993 was not done with one command after 10 minutes. If the line to "
            "it is slow, make [mail] message_max smaller.");
  EXPECT_LE(time.now() - began, Millis{11 * 60'000});
}

TEST_F(EndlessServerTest, TalkWhileNobodyAsksAnything) {
  const auto idle = [this] {
    mail::ImapSession session(wait(talker.connect({})).value(), time, "imap", 1U << 20U);
    return wait(session.idle(Millis{60'000}));
  };
  talker.piece = "* OK Still here\r\n";
  EXPECT_EQ(idle().error().detail,
            "imap said more to one command than anybody asked for, and was hung up on. See what "
            "that server is; host and port decide it.");
  EXPECT_LT(talker.said, 2U << 20U);
  // Slowly: it is asked again in time, as if it had been silent.
  talker.pause = Millis{1'000};
  const Instant began = time.now();
  EXPECT_FALSE(idle());
  EXPECT_LE(time.now() - began, Millis{12 * 60'000});
}

}  // namespace
}  // namespace ombud::test
