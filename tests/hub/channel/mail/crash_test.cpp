// The hub dies at every single step of taking in a mail, before the step and after it: in its next
// life the mail is on exactly one ticket, with its file, and its sender got one receipt.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "hub/channel/mail/intake_world.hpp"

namespace ombud::mail {
namespace {

using ::testing::SizeIs;

// Counts what the hub does to the disk. From step `last` on nothing happens any more; if `after`,
// step `last` itself still does, and nobody hears of it.
struct Steps {
  int last = 0;
  bool after = false;
  int done = 0;
  enum class Fate { lives, unheard, dead };
  Fate next() {
    const int step = done++;
    if (step < last) return Fate::lives;
    return step == last && after ? Fate::unheard : Fate::dead;
  }
  bool died() const { return done > last; }
};

class StepStore final : public Store {
 public:
  StepStore(Store& store, Steps& steps) : store_(store), steps_(steps) {}
  void write(Principal principal, Work work, Done done) override {
    switch (steps_.next()) {
      case Steps::Fate::lives:
        store_.write(std::move(principal), std::move(work), std::move(done));
        return;
      case Steps::Fate::unheard:
        store_.write(std::move(principal), std::move(work),
                     [done](std::exception_ptr) { done(gone()); });
        return;
      case Steps::Fate::dead:
        done(gone());
    }
  }
  void read(Principal principal, Work work, Done done) override {
    if (steps_.died()) {
      done(gone());
    } else {
      store_.read(std::move(principal), std::move(work), std::move(done));
    }
  }
  void observe(Observer observer) override { store_.observe(std::move(observer)); }

 private:
  static std::exception_ptr gone() { return std::make_exception_ptr(StoreError("dead")); }
  Store& store_;
  Steps& steps_;
};

class StepBlobs final : public Blobs {
 public:
  StepBlobs(test::MapBlobs& blobs, Steps& steps) : blobs_(blobs), steps_(steps) {}
  net::awaitable<Result<BlobRef>> put(std::string bytes) override {
    const Steps::Fate fate = steps_.next();
    if (fate != Steps::Fate::dead) {
      auto kept = co_await blobs_.put(std::move(bytes));
      if (fate == Steps::Fate::lives) co_return kept;
    }
    co_return problem(ProblemKind::unavailable, "dead");
  }
  net::awaitable<Result<BlobRef>> adopt(std::string path) override {
    const Steps::Fate fate = steps_.next();
    if (fate != Steps::Fate::dead) {
      auto kept = co_await blobs_.adopt(std::move(path));
      if (fate == Steps::Fate::lives) co_return kept;
    }
    co_return problem(ProblemKind::unavailable, "dead");
  }
  net::awaitable<std::optional<std::string>> get(std::string sha256) override {
    if (steps_.died()) co_return std::nullopt;
    co_return co_await blobs_.get(std::move(sha256));
  }
  std::string path_of(std::string_view) const override { return {}; }

 private:
  test::MapBlobs& blobs_;
  Steps& steps_;
};

const std::string kMail =
    "From: Erik Ek <erik.ek@alfa.example>\r\nTo: desk@ombud.example\r\nSubject: En gång\r\n"
    "Message-ID: <once@alfa.example>\r\nMIME-Version: 1.0\r\n"
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: "
    "text/plain\r\n\r\nHej!\r\n"
    "--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Disposition: attachment\r\n\r\n"
    "%PDF\r\n--b--\r\n";

enum class By { memory, file };  // how the bytes come in: large ones through a file

net::awaitable<Receipt> hand_in(MailIntake& intake, By by) {
  Envelope envelope;
  envelope.from = "erik.ek@alfa.example";
  envelope.recipients = {"desk@ombud.example"};
  if (by == By::memory) {
    const Receipt receipt = co_await intake.store(std::move(envelope), kMail);
    co_return receipt;
  }
  const std::filesystem::path path = std::filesystem::temp_directory_path() /
                                     ("ombud-crash-" + std::to_string(::getpid()) + ".eml");
  std::ofstream(path, std::ios::binary) << kMail;
  const Receipt receipt = co_await intake.store_file(std::move(envelope), path.string());
  EXPECT_TRUE(!receipt.stored || !std::filesystem::exists(path));
  std::filesystem::remove(path);
  co_return receipt;
}

// True if the hub got through the whole mail before it could die.
bool one_death(By by, int last, bool after) {
  test::IntakeWorld world;
  Steps steps{last, after};
  StepStore store(world.store, steps);
  StepBlobs blobs(world.blobs, steps);
  bool promised = false;
  {
    MailIntake life(world.time, store, blobs, world.suppliers, world.log, world.io.get_executor(),
                    DeskAddresses({"desk@ombud.example"}, {}), world.options);
    promised = world.wait(hand_in(life, by)).stored;
    if (promised) world.wait(life.process());
  }
  const bool survived = !steps.died();
  world.start();
  // A sender who was promised nothing sends again; one whose 250 was lost does so, too.
  if (!promised || last % 2 == 0) {
    EXPECT_TRUE(world.wait(hand_in(*world.intake, by)).stored);
  }
  world.process();
  const std::string where = std::string(by == By::file ? "by file" : "by memory") + ", died " +
                            (after ? "after" : "before") + " step " + std::to_string(last);
  EXPECT_THAT(world.tickets(), SizeIs(1)) << where;
  const auto seen = world.view(world.tickets().front().id);
  EXPECT_EQ(seen.ticket.subject, "En gång") << where;
  EXPECT_THAT(seen.messages, SizeIs(1)) << where;
  EXPECT_THAT(seen.attachments, SizeIs(1)) << where;
  EXPECT_THAT(world.deliveries("desk-mail"), SizeIs(1)) << where;
  return survived;
}

TEST(MailCrashTest, AMailIsOnOneTicketWhereverTheHubDied) {
  for (const By by : {By::memory, By::file}) {
    for (const bool after : {false, true}) {
      int last = 0;
      while (!one_death(by, last, after)) ++last;
      EXPECT_GE(last, 5) << "bytes, row, attempt, file, ticket: each is a step";
    }
  }
}

// As above, of several mails that are there together: new tickets, a copy, one with a file, a
// reply.
bool one_death_of_many(int last, bool after) {
  test::IntakeWorld world;
  world.take(
      "From: Erik Ek <erik.ek@alfa.example>\r\nTo: desk@ombud.example\r\nSubject: Gammal\r\n"
      "Message-ID: <old@alfa.example>\r\n\r\nHej!\r\n");
  const auto letter = [](const std::string& who, const std::string& more) {
    return "From: " + who + "@alfa.example\r\nTo: desk@ombud.example\r\nSubject: " + who +
           "\r\nMessage-ID: <" + who + "@alfa.example>\r\n" + more + "\r\nHej!\r\n";
  };
  for (const std::string& raw :
       {letter("anna", ""), letter("bo", ""), "X-Way: 2\r\n" + letter("anna", ""), kMail,
        letter("erik.ek", "References: <old@alfa.example>\r\n"), letter("cia", "")}) {
    EXPECT_TRUE(world.receive(raw).stored);
  }
  Steps steps{last, after};
  StepStore store(world.store, steps);
  StepBlobs blobs(world.blobs, steps);
  {
    MailIntake life(world.time, store, blobs, world.suppliers, world.log, world.io.get_executor(),
                    DeskAddresses({"desk@ombud.example"}, {}), world.options);
    world.wait(life.process());
  }
  const bool survived = !steps.died();
  world.start();
  EXPECT_EQ(world.process(), kNever);
  const std::string where =
      "died " + std::string(after ? "after" : "before") + " step " + std::to_string(last);
  std::map<std::string, int> subjects;
  for (const Ticket& ticket : world.tickets()) ++subjects[ticket.subject];
  EXPECT_EQ(subjects, (std::map<std::string, int>{
                          {"Gammal", 1}, {"anna", 1}, {"bo", 1}, {"En gång", 1}, {"cia", 1}}))
      << where;
  EXPECT_THAT(world.view({1}).messages, SizeIs(2)) << where;
  EXPECT_EQ(world.row(4).copy_of, 2) << where;
  for (std::int64_t mail = 2; mail <= 7; ++mail) {
    EXPECT_LE(world.row(mail).attempts, 2) << where;
  }
  return survived;
}

TEST(MailCrashTest, MailsThatAreTakenTogetherAreOnOneTicketEachWhereverTheHubDied) {
  for (const bool after : {false, true}) {
    int last = 0;
    while (!one_death_of_many(last, after)) ++last;
    EXPECT_GE(last, 5) << "attempts, tickets, file, its ticket, the reply, the rest";
  }
}

}  // namespace
}  // namespace ombud::mail
