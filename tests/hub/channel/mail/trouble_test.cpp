// Whatever keeps a mail from being done is told where the operator looks, with what to do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hub/channel/mail/intake_world.hpp"

namespace ombud::mail {
namespace {

using test::letter;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Fails the writes whose number, from the last reset, is in `bad`.
class FlakyStore final : public Store {
 public:
  explicit FlakyStore(Store& store) : store_(store) {}
  void write(Principal principal, Work work, Done done) override {
    if (bad == ++writes) return done(std::make_exception_ptr(StoreError("The disk is full.")));
    store_.write(std::move(principal), std::move(work), std::move(done));
  }
  void read(Principal principal, Work work, Done done) override {
    store_.read(std::move(principal), std::move(work), std::move(done));
  }
  void observe(Observer observer) override { store_.observe(std::move(observer)); }
  int writes = 0, bad = 0;

 private:
  Store& store_;
};

class MailTroubleTest : public ::testing::Test, public test::IntakeWorld {
 protected:
  MailTroubleTest() {
    intake = std::make_unique<MailIntake>(time, flaky, blobs, suppliers, log, io.get_executor(),
                                          DeskAddresses({"desk@ombud.example"}, {}), options);
  }
  // Processes what is there with one write after the other failing; the words of each failure that
  // was told, as GET /mails?problem=true lists them. All goes well in the end.
  std::vector<std::string> told_of() {
    std::vector<std::string> told;
    for (int bad = 1; bad < 10; ++bad) {
      flaky.writes = 0;
      flaky.bad = bad;
      intake->wake();
      process();
      const MailPage page = store.run(system, [](Tx& tx) {
        return list_mails(tx, {"", "", true, ""}, std::nullopt, 10);
      });
      if (page.mails.empty()) break;
      EXPECT_THAT(page.mails.front().problem,
                  AllOf(HasSubstr("The disk is full."),
                        HasSubstr("\"ombud mail retry " + std::to_string(page.mails.front().id))));
      told.push_back(page.mails.front().problem.substr(0, page.mails.front().problem.find(':')));
    }
    flaky.bad = 0;
    intake->wake();
    process();
    return told;
  }
  FlakyStore flaky{store};
};

TEST_F(MailTroubleTest, ACopyThatCannotBeSettled) {
  const std::string raw = letter("Erik Ek <erik.ek@alfa.example>", "Skrivaren");
  take("X-Way: 1\r\n" + raw);
  receive("X-Way: 2\r\n" + raw);
  EXPECT_THAT(told_of(), ElementsAre("It could not be written down that the mail is read",
                                     "What became of it (duplicate) could not be written down"));
  EXPECT_EQ(row(2).copy_of, 1);
}

TEST_F(MailTroubleTest, ASuppliersMailThatCannotWaitForItsLink) {
  const TicketId ticket = new_ticket();
  delegate(ticket);
  suppliers.answer = SupplierMail::Outcome::later;
  receive(letter("x@nordprint.example", "Om " + reference_of(ticket)), "help@nordprint.example");
  EXPECT_THAT(told_of(), ElementsAre("It could not be written down that the mail is read",
                                     "It could not be written down that it waits for the link "
                                     "\"nordprint\""));
  EXPECT_EQ(row(1).state, "waiting_link");
}

TEST_F(MailTroubleTest, ATicketThatCannotBeMade) {
  receive(letter("Erik Ek <erik.ek@alfa.example>", "Skrivaren"));
  EXPECT_THAT(told_of(), ElementsAre("It could not be written down that the mail is read",
                                     "The desk did not take the mail"));
  EXPECT_THAT(tickets(), SizeIs(1));
}

TEST_F(MailTroubleTest, ABrakeSaysWhoCanDoWhat) {
  options.tickets_per_hour = 2;
  intake->configure(DeskAddresses({"desk@ombud.example"}, {}), options);
  for (int i = 0; i < 3; ++i) take(letter("Erik Ek <erik.ek@alfa.example>", "Larm"));
  EXPECT_THAT(notes({2}), AllOf(HasSubstr("This address has opened 2 tickets within an hour"),
                                HasSubstr("make a ticket of it"),
                                HasSubstr("have the operator raise [mail] tickets_per_hour")));
  EXPECT_THAT(logged, IsEmpty());
}

}  // namespace
}  // namespace ombud::mail
