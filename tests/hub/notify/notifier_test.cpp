// The task follows the log by itself: at once after a commit, at the hours that people chose, on
// after trouble of the store, and past an event that it cannot tell.
#include "notify/notifier.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "desk/own_notices.hpp"
#include "notify/preferences.hpp"
#include "store/outbox.hpp"
#include "support/desk_world.hpp"
#include "support/sim_clock.hpp"
#include "support/tell.hpp"

namespace ombud::notify {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Words that one text cannot be put into, and one for which there is no room on the disk.
class BrokenLetters final : public Letters {
 public:
  LetterText write(const LetterFacts& facts) const override {
    if (facts.text == "poison") throw std::runtime_error("a fault in the template");
    if (facts.text == "large" && disk_full) throw StoreError("no room on the disk");
    return test::letters().write(facts);
  }
  LetterText write_digest(const DigestFacts& facts) const override {
    for (const auto& item : facts.items) {
      if (item.text == "poison") throw std::runtime_error("a fault in the template");
    }
    return test::letters().write_digest(facts);
  }
  bool disk_full = true;
};

class Following : public ::testing::Test {
 protected:
  Following() {
    world.store.observe([this](const CommitNote& note) { notifier.committed(note); });
    net::co_spawn(io, notifier.run(), net::detached);
    settle();
  }
  ~Following() override {
    notifier.close();
    time.run_for(io, Millis{60'000});
  }
  void settle() {
    time.run_for(io, Millis{100});
    world.clock.set(time.now());
  }
  std::vector<Delivery> mails() {
    DeliveryFilter filter;
    filter.link = "desk-mail";
    return world.store.run(world.system,
                           [&](Tx& tx) { return list_deliveries(tx, filter, std::nullopt, 100); });
  }
  void reply(TicketId ticket, const std::string& text) {
    world.store.run(world.agent, [&](Tx& tx) {
      desk::Reply said;
      said.ticket = ticket;
      said.text = text;
      return desk::reply(tx, said);
    });
    settle();
  }

  std::vector<std::string> bodies() {
    std::vector<std::string> all;
    for (const Delivery& mail : mails()) all.push_back(mail.body);
    return all;
  }
  void announce(const std::string& title, const std::string& text) {
    desk::Announce request;
    request.title = title;
    request.text = text;
    request.customers = {"alfa"};
    world.store.run(world.agent, [&](Tx& tx) { return desk::announce(tx, request); }).value();
    settle();
  }
  void wait(int seconds) {
    for (int i = 0; i < seconds; ++i) {
      world.clock.advance(Millis{1'000});
      time.run(io, world.clock.now());
    }
  }

  test::DeskWorld world;
  std::shared_ptr<BrokenLetters> letters = std::make_shared<BrokenLetters>();
  net::io_context io;
  SimClock time{world.clock.now()};
  std::vector<std::string> logged;
  Log log{time, Level::error, [this](std::string_view line) { logged.emplace_back(line); }};
  std::vector<PersonId> told;
  Notifier notifier{{io.get_executor(),
                     time,
                     world.store,
                     log,
                     test::signing_key(),
                     {},
                     "",
                     letters,
                     {},
                     [this](const std::vector<PersonId>& people) {
                       told.insert(told.end(), people.begin(), people.end());
                     }}};
};

TEST_F(Following, TellsAtOnceAndSaysWhoseportalHasNews) {
  const TicketId ticket = world.new_ticket();
  settle();
  EXPECT_THAT(mails(), SizeIs(1));
  reply(ticket, "Hej");
  EXPECT_THAT(mails(), SizeIs(2));
  EXPECT_THAT(told, ElementsAre(world.user.person));
}

TEST_F(Following, WakesAtTheHourThatSomebodyChose) {
  Preferences chosen;
  chosen.digest = Digest::daily;
  world.store.run(world.system,
                  [&](Tx& tx) { return choose(tx, world.user.person, chosen).has_value(); });
  world.new_ticket();
  settle();
  EXPECT_THAT(mails(), SizeIs(0));
  // The store's clock is set by hand, so it goes along in steps.
  for (int hour = 0; hour < 25 && mails().empty(); ++hour) {
    world.clock.advance(Millis{3'600'000});
    time.run(io, world.clock.now());
  }
  EXPECT_THAT(mails(), SizeIs(1));
}

TEST_F(Following, LeavesOutAnEventThatItCannotTellAndGoesOn) {
  const TicketId ticket = world.new_ticket();
  settle();
  reply(ticket, "poison");
  reply(ticket, "Hej igen");
  for (int i = 0; i < 10; ++i) {
    time.run_for(io, Millis{2'000});
  }
  EXPECT_THAT(mails(), SizeIs(2));
  EXPECT_THAT(mails().front().body, HasSubstr("Hej igen"));
  EXPECT_THAT(logged, Contains(HasSubstr("something was told to nobody")));
}

TEST_F(Following, AFaultInABroadcastNeitherStopsNorSkipsWhatTheTicketsSay) {
  announce("Nere", "poison");
  const TicketId ticket = world.new_ticket();
  reply(ticket, "Hej");
  EXPECT_THAT(mails(), SizeIs(2));  // the receipt and the answer, at once
  wait(30);
  reply(ticket, "Hej igen");
  EXPECT_THAT(mails(), SizeIs(3));
  EXPECT_THAT(notifier.findings(), ElementsAre(HasSubstr("major incidents, 2 could not be told")));
  announce("Uppe", "Allt fungerar.");
  EXPECT_THAT(bodies(), Contains(HasSubstr("Allt fungerar.")).Times(2));
}

TEST_F(Following, AFaultOfTheStoreIsShownAndLeavesNothingOut) {
  const TicketId ticket = world.new_ticket();
  settle();
  reply(ticket, "large");
  wait(300);
  announce("Nere", "Vi felsöker.");
  EXPECT_THAT(bodies(), Contains(HasSubstr("Vi felsöker.")).Times(2));
  EXPECT_THAT(notifier.findings(), ElementsAre(AllOf(HasSubstr("what happens on tickets since 20"),
                                                     HasSubstr("no room on the disk"))));
  EXPECT_THAT(logged, Contains(HasSubstr("no room on the disk")));
  EXPECT_LT(logged.size(), 20U);  // it waits longer each time
  letters->disk_full = false;
  wait(61);
  EXPECT_THAT(bodies(), Contains(HasSubstr("large")));
  EXPECT_THAT(notifier.findings(), IsEmpty());
}

TEST_F(Following, TakesAnotherLimitOfFilesWhileItRuns) {
  const TicketId ticket = world.new_ticket();
  settle();
  notifier.set_files({100, [](AttachmentId, Instant) { return "https://desk.example/f"; }});
  world.store.run(world.agent, [&](Tx& tx) {
    desk::Reply said;
    said.ticket = ticket;
    said.text = "Se bilagan.";
    said.attachments = {{"a.pdf", "application/pdf", 600, "aa"}};
    return desk::reply(tx, said);
  });
  settle();
  EXPECT_THAT(bodies(), Contains(HasSubstr("https://desk.example/f")));
}

TEST_F(Following, ADigestThatCannotBeWrittenIsTakenApart) {
  Preferences chosen;
  chosen.digest = Digest::daily;
  world.store.run(world.system,
                  [&](Tx& tx) { return choose(tx, world.user.person, chosen).has_value(); });
  const TicketId ticket = world.new_ticket();
  reply(ticket, "poison");
  reply(ticket, "Hej igen");
  world.clock.advance(Millis{25 * 3'600'000});
  time.run(io, world.clock.now());
  wait(30);
  EXPECT_THAT(mails(), SizeIs(2));  // the receipt and the second answer
  EXPECT_THAT(bodies(), Contains(HasSubstr("Hej igen")));
  EXPECT_THAT(notifier.findings(), ElementsAre(HasSubstr("1 could not be told")));
}

}  // namespace
}  // namespace ombud::notify
