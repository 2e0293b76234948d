// A mailbox is read once and in order, whatever breaks between any two steps.
#include "channel/mail/imap/mailbox.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hub/channel/mail/imap/folder_server.hpp"
#include "hub/channel/mail/intake_world.hpp"

namespace ombud::test {
namespace {

// Takes mails as the intake does, and fails where a test wants it to: before the mail is kept, or
// after it with the answer lost.
struct BreakingSink final : mail::MailSink {
  BreakingSink(mail::MailIntake& into, FolderServer& with) : intake(into), server(with) {}
  bool accepts(std::string_view recipient) const override { return intake.accepts(recipient); }
  net::awaitable<mail::Receipt> store(mail::Envelope envelope, std::string raw) override {
    const mail::Receipt none;
    if (server.steps++ == server.breaks_at) co_return none;
    const auto receipt = co_await intake.store(std::move(envelope), std::move(raw));
    if (server.steps++ == server.breaks_at) co_return none;
    co_return receipt;
  }
  net::awaitable<mail::Receipt> store_file(mail::Envelope envelope, std::string path) override {
    const auto receipt = co_await intake.store_file(std::move(envelope), std::move(path));
    co_return receipt;
  }
  mail::MailIntake& intake;
  FolderServer& server;
};

class MailboxTest : public ::testing::Test, public IntakeWorld {
 protected:
  MailboxTest() {
    settings.name = "support";
    settings.address = "desk@ombud.example";
    settings.host = "imap.ombud.example";
    settings.login = "support";
    restart();
  }
  // A new life of the hub.
  void restart() {
    box = std::make_unique<mail::Mailbox>(time, random_of_test, store, server, sink, log, settings);
  }
  std::string visit() {
    const auto ended = wait(box->visit());
    process();
    return ended ? "" : ended.error().detail;
  }
  std::string subject_of_all() {
    std::string all;
    auto list = tickets();
    std::sort(list.begin(), list.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
    for (const Ticket& ticket : list) all += ticket.subject + " ";
    return all;
  }
  MailboxRow remembered() {
    return *store.run(system, [](Tx& tx) { return find_mailbox(tx, "support"); });
  }
  std::string add(const std::string& subject) {
    server.add(letter("Erik Ek <erik.ek@alfa.example>", subject));
    return subject;
  }

  SeededRandom random_of_test{1};
  FolderServer server{time};
  BreakingSink sink{*intake, server};
  mail::MailboxSettings settings;
  std::unique_ptr<mail::Mailbox> box;
};

TEST_F(MailboxTest, TakesWhatNobodyHasReadAndThenWhateverComes) {
  server.mails[server.next_uid++] = {letter("a@alfa.example", "old"), true};
  add("first");
  EXPECT_EQ(visit(), "");
  EXPECT_EQ(subject_of_all(), "first ");
  EXPECT_TRUE(server.mails.at(2).seen);
  // From now on it is ours, even when a person has opened it before us.
  add("second");
  server.mails.at(3).seen = true;
  EXPECT_EQ(visit(), "");
  EXPECT_EQ(subject_of_all(), "first second ");
  EXPECT_EQ(visit(), "");
  EXPECT_EQ(remembered().taken, 2);
  EXPECT_EQ(row(1).mailbox, "support");
  EXPECT_EQ(remembered().problem, "");
  EXPECT_TRUE(remembered().last_success_at);
}

TEST_F(MailboxTest, OneTicketForEachMailWhateverBreaks) {
  // First without a fault, to know how many steps there are.
  for (const char* subject : {"one", "two", "three"}) add(subject);
  EXPECT_EQ(visit(), "");
  const int steps = server.steps;
  ASSERT_GT(steps, 20);
  for (int broken = 0; broken < steps; ++broken) {
    IntakeWorld world;
    FolderServer other(world.time);
    BreakingSink into(*world.intake, other);
    for (const char* subject : {"one", "two", "three"}) {
      other.add(letter("Erik Ek <erik.ek@alfa.example>", subject));
    }
    other.breaks_at = broken;
    mail::Mailbox first(world.time, random_of_test, world.store, other, into, world.log, settings);
    EXPECT_FALSE(world.wait(first.visit())) << broken;
    mail::Mailbox second(world.time, random_of_test, world.store, other, into, world.log, settings);
    EXPECT_TRUE(world.wait(second.visit())) << broken;
    world.process();
    EXPECT_EQ(world.tickets().size(), 3U) << broken;
  }
}

TEST_F(MailboxTest, ARenumberedFolderMakesNoSecondTicket) {
  add("one");
  add("two");
  EXPECT_EQ(visit(), "");
  server.renumber();
  add("three");
  EXPECT_EQ(visit(), "");
  EXPECT_EQ(subject_of_all(), "one two three ");
  EXPECT_EQ(remembered().since, "17-Nov-2026");  // the day before the desk first saw it
}

TEST_F(MailboxTest, AfterARenumberingEveryNewMailIsTakenHoweverOldItIs) {
  server.mails[server.next_uid++] = {letter("a@alfa.example", "archive"), true, 1, true};
  add("one");
  EXPECT_EQ(visit(), "");
  server.renumber();
  // While the desk was away, and unread; then behind it, and opened by a person.
  server.mails.at(server.add(letter("Erik Ek <erik.ek@alfa.example>", "restored"))).old = true;
  EXPECT_EQ(visit(), "");
  auto& moved = server.mails.at(server.add(letter("Erik Ek <erik.ek@alfa.example>", "moved")));
  moved.old = moved.seen = true;
  EXPECT_EQ(visit(), "");
  EXPECT_EQ(subject_of_all(), "one restored moved ") << "and nothing from before the desk";
  EXPECT_EQ(visit(), "");
  EXPECT_EQ(subject_of_all(), "one restored moved ");
}

TEST_F(MailboxTest, EqualAlarmsOfOneFolderAreAllTaken) {
  const std::string alarm = "From: erik.ek@alfa.example\r\nSubject: toner\r\n\r\nSlut.\r\n";
  server.add(alarm);
  server.add(alarm);
  EXPECT_EQ(visit(), "");
  server.renumber();
  EXPECT_EQ(visit(), "");
  EXPECT_EQ(subject_of_all(), "toner toner ");
}

TEST_F(MailboxTest, WhatWasLeftUnderOtherNumbersIsNotTold) {
  settings.bytes_max = 1'000;
  restart();
  server.add(letter("a@alfa.example", "large", "", std::string(2'000, 'x')));
  EXPECT_EQ(visit(), "");
  const auto left = [this] {
    return store.run(system, [](Tx& tx) { return mails_left(tx, "support", 10); });
  };
  ASSERT_EQ(left().size(), 1U);
  EXPECT_EQ(left().front().uid, 1U);
  server.renumber();
  EXPECT_EQ(visit(), "");
  ASSERT_EQ(left().size(), 1U) << "once, by the number that it has now";
  EXPECT_EQ(left().front().uid, 2U);
  // A row of an earlier life, which forgot nothing.
  store.run(system, [](Tx& tx) { return leave_mail(tx, "support", 6, {9, "old", {}}), true; });
  EXPECT_EQ(left().size(), 1U);
}

TEST_F(MailboxTest, AnotherPlaceIsReadFromItsOwnStart) {
  add("one");
  EXPECT_EQ(visit(), "");
  settings.folder = "Ärenden";
  restart();
  server.mails.clear();
  server.next_uid = 1;
  add("two");
  EXPECT_EQ(visit(), "");
  EXPECT_EQ(subject_of_all(), "one two ");
  EXPECT_EQ(server.commands.at(server.commands.size() - 5), "SELECT \"&AMQ-renden\"");
}

TEST_F(MailboxTest, MovesWhatIsTaken) {
  settings.move_to = "Klart";
  restart();
  add("one");
  EXPECT_EQ(visit(), "");
  EXPECT_TRUE(server.mails.empty());
  ASSERT_EQ(server.moved.size(), 1U);
  EXPECT_TRUE(server.moved.front().starts_with("\"Klart\": From: Erik"));
}

TEST_F(MailboxTest, TheFolderForWhatIsTakenIsMadeIfItIsMissing) {
  settings.move_to = "Klart";
  server.missing = {"\"Klart\""};
  restart();
  add("one");
  EXPECT_EQ(visit(), "");
  EXPECT_TRUE(server.mails.empty());
  EXPECT_EQ(server.moved.size(), 1U);
  EXPECT_THAT(server.commands, testing::IsSupersetOf({"CREATE \"Klart\"", "SUBSCRIBE \"Klart\""}));
  EXPECT_EQ(remembered().problem, "");
}

TEST_F(MailboxTest, WhatCannotBeMovedIsTakenAllTheSameAndTold) {
  settings.move_to = "Klart";
  server.missing = {"\"Klart\""};
  server.may_create = false;
  restart();
  add("one");
  EXPECT_EQ(visit(), "");
  EXPECT_EQ(subject_of_all(), "one ");
  EXPECT_THAT(remembered().problem,
              testing::AllOf(testing::HasSubstr("no such mailbox"), testing::HasSubstr("move_to")));
  // Once it can be moved again, the trouble is over.
  server.may_create = true;
  add("two");
  EXPECT_EQ(visit(), "");
  EXPECT_EQ(subject_of_all(), "one two ");
  EXPECT_EQ(remembered().problem, "");
}

TEST_F(MailboxTest, AMailThatCannotBeReadHoldsUpNoOther) {
  add("one");
  server.unreadable.insert(server.add("x"));
  settings.bytes_max = 1'000;
  restart();
  server.add(letter("a@alfa.example", "large", "", std::string(2'000, 'x')));
  add("two");
  EXPECT_NE(visit().find("Mail 2 cannot be read"), std::string::npos);
  EXPECT_NE(visit().find("cannot read it"), std::string::npos);
  EXPECT_EQ(visit(), "");
  EXPECT_EQ(subject_of_all(), "one two ");
  const auto left = store.run(system, [](Tx& tx) { return mails_left(tx, "support", 10); });
  ASSERT_EQ(left.size(), 2U);
  EXPECT_NE(left[0].why.find("1000 are the most to be taken"), std::string::npos) << left[0].why;
  EXPECT_NE(left[1].why.find("cannot read it"), std::string::npos) << left[1].why;
}

TEST_F(MailboxTest, WhatTheDeskCannotStoreStaysUnread) {
  add("one");
  blobs.full = true;
  EXPECT_EQ(visit(), "A mail could not be stored here; it stays unread in the mailbox.");
  EXPECT_FALSE(server.mails.at(1).seen);
  EXPECT_EQ(remembered().problem,
            "A mail could not be stored here; it stays unread in the mailbox.");
  blobs.full = false;
  EXPECT_EQ(visit(), "");
  EXPECT_EQ(subject_of_all(), "one ");
  EXPECT_EQ(remembered().problem, "");
}

TEST_F(MailboxTest, HearsOfANewMailAtOnce) {
  net::co_spawn(io, box->run(), net::detached);
  time.run_for(io, Millis(1'000));
  add("one");
  time.run_for(io, Millis(100));
  process();
  EXPECT_EQ(subject_of_all(), "one ");
  // It asks again before the server would hang up, on the same connection.
  time.run_for(io, Millis(60 * 60'000));
  EXPECT_EQ(server.connections, 1);
  EXPECT_EQ(std::count(server.commands.begin(), server.commands.end(), "DONE"), 7);
}

TEST_F(MailboxTest, HearsOfAMailThatComesDuringACommand) {
  server.on_command = [this](const std::string& command) {
    if (!command.starts_with("UID STORE 1 ")) return;
    server.on_command = nullptr;
    add("two");
  };
  net::co_spawn(io, box->run(), net::detached);
  add("one");
  time.run_for(io, Millis(1'000));
  process();
  EXPECT_EQ(subject_of_all(), "one two ");
}

TEST_F(MailboxTest, AServerThatDoesNotSayWhatComesNextGivesOnlyUnreadMails) {
  server.tells_next = false;
  server.mails[server.next_uid++] = {letter("a@alfa.example", "old"), true};
  add("first");
  EXPECT_EQ(visit(), "");
  EXPECT_EQ(subject_of_all(), "first ");
}

TEST_F(MailboxTest, LooksEveryMinuteWhereTheServerDoesNotTell) {
  server.capabilities = "IMAP4rev1";
  net::co_spawn(io, box->run(), net::detached);
  time.run_for(io, Millis(1'000));
  add("one");
  time.run_for(io, Millis(60'000));
  process();
  EXPECT_EQ(subject_of_all(), "one ");
}

TEST_F(MailboxTest, ComesBackAfterAFailureAndLessOftenEachTime) {
  server.breaks_at = 0;
  net::co_spawn(io, box->run(), net::detached);
  time.run_for(io, Millis(10'000));
  EXPECT_EQ(server.connections, 2);
  EXPECT_EQ(remembered().problem, "");  // the second one went well
  EXPECT_NE(logged, "?");
}

}  // namespace
}  // namespace ombud::test
