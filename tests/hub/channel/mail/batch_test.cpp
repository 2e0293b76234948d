// Mails that are done together become what each of them would become by itself, in their order.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hub/channel/mail/intake_world.hpp"

namespace ombud::mail {
namespace {

using test::letter;
using ::testing::HasSubstr;
using ::testing::SizeIs;

const std::string kErik = "Erik Ek <erik.ek@alfa.example>";

// Counts what is written.
class CountingStore final : public Store {
 public:
  explicit CountingStore(Store& store) : store_(store) {}
  void write(Principal principal, Work work, Done done) override {
    ++writes;
    store_.write(std::move(principal), std::move(work), std::move(done));
  }
  void read(Principal principal, Work work, Done done) override {
    store_.read(std::move(principal), std::move(work), std::move(done));
  }
  void observe(Observer observer) override { store_.observe(std::move(observer)); }
  int writes = 0;

 private:
  Store& store_;
};

class MailBatchTest : public ::testing::Test, public test::IntakeWorld {
 protected:
  MailBatchTest() {
    intake = std::make_unique<MailIntake>(time, counted, blobs, suppliers, log, io.get_executor(),
                                          DeskAddresses({"desk@ombud.example"}, {}), options);
  }
  CountingStore counted{store};
};

TEST_F(MailBatchTest, AFloodTakesTwoCommitsForTwentyFiveMails) {
  for (int i = 0; i < 50; ++i) {
    const std::string from = "p" + std::to_string(i) + "@alfa.example";
    receive(letter(from, "Nummer " + std::to_string(i)), from);
  }
  counted.writes = 0;
  EXPECT_EQ(process(), kNever);
  EXPECT_EQ(counted.writes, 4);
  ASSERT_THAT(tickets(), SizeIs(50));
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(view({i + 1}).ticket.subject, "Nummer " + std::to_string(i));
    EXPECT_EQ(row(i + 1).attempts, 1);
  }
}

TEST_F(MailBatchTest, EachIsRoutedByWhatThoseBeforeItDid) {
  options.tickets_per_hour = 3;
  options.receipts_per_hour = 2;
  intake->configure(DeskAddresses({"desk@ombud.example"}, {}), options);
  const std::string first = letter(kErik, "Ett");
  receive(first);
  receive("X-Way: 2\r\n" + first);
  receive(
      letter(kErik, "Svar", "References: <letter-0@none> " + row(1).message_id + "\r\n", "Mer."));
  receive(letter(kErik, "Tre"));
  receive(letter(kErik, "Fyra"));
  receive(letter(kErik, "Fem"));
  EXPECT_EQ(process(), kNever);
  EXPECT_EQ(row(2).copy_of, 1);
  EXPECT_EQ(row(3).outcome, "reply");
  EXPECT_EQ(view({1}).messages.back().text, "Mer.");
  ASSERT_THAT(tickets(), SizeIs(3));
  EXPECT_EQ(row(5).outcome, "quiet");
  EXPECT_EQ(row(6).outcome, "gathered");
  EXPECT_THAT(notes({3}), HasSubstr("Fem"));
  EXPECT_THAT(deliveries("desk-mail"), SizeIs(2));
}

TEST_F(MailBatchTest, OneWhoseBytesAreGoneHoldsUpNoOther) {
  receive(letter(kErik, "Ett"));
  const Receipt gone = receive(letter(kErik, "Borta"));
  receive(letter(kErik, "Tre"));
  blobs.files.erase(row(gone.mail_id).sha256);
  EXPECT_EQ(process(), time.now() + options.retry_first);
  EXPECT_THAT(tickets(), SizeIs(2));
  EXPECT_EQ(row(gone.mail_id).state, "received");
  EXPECT_EQ(row(gone.mail_id).attempts, 0) << "it took nobody down";
  EXPECT_THAT(logged, HasSubstr("Restore them from the backup"));
}

TEST_F(MailBatchTest, WhatTheHubWentDownAtIsReadByItselfThen) {
  for (const char* subject : {"Ett", "Gift", "Tre"}) receive(letter(kErik, subject));
  store.run(system, [](Tx& tx) {
    for (const std::int64_t mail : {1, 2, 3}) count_attempt(tx, mail);
    return true;
  });
  counted.writes = 0;
  process();
  EXPECT_EQ(counted.writes, 6) << "an attempt and a ticket for each";
  EXPECT_THAT(tickets(), SizeIs(3));
}

}  // namespace
}  // namespace ombud::mail
