// A major incident is told to all people of the customers whom it concerns, once when it begins and
// once when it is over, a page of them in each transaction.
#include "notify/broadcasts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "desk/own_notices.hpp"
#include "notify/limits.hpp"
#include "notify/preferences.hpp"
#include "store/outbox.hpp"
#include "support/desk_world.hpp"
#include "support/tell.hpp"

namespace ombud::notify {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class Broadcasts : public ::testing::Test {
 protected:
  NoticeId announce(std::vector<std::string> customers, std::optional<Instant> ends_at = {},
                    NoticeKind kind = NoticeKind::outage) {
    desk::Announce request;
    request.kind = kind;
    request.title = "E-posten är nere";
    request.text = "Vi felsöker.";
    request.for_all = customers.empty();
    request.customers = std::move(customers);
    request.ends_at = ends_at;
    return world.store.run(world.agent, [&](Tx& tx) { return desk::announce(tx, request); })
        .value()
        .notice.id;
  }
  // To whom mails have gone so far, oldest first.
  std::vector<std::string> mails() {
    test::tell_people(world.store, "https://desk.example");
    std::vector<std::string> all;
    for (const Delivery& mail : deliveries()) {
      all.emplace_back(json::parse(mail.body).value()["to"]["address"].text());
    }
    return all;
  }
  std::vector<Delivery> deliveries() {
    DeliveryFilter filter;
    filter.link = "desk-mail";
    auto all = world.store.run(
        world.system, [&](Tx& tx) { return list_deliveries(tx, filter, std::nullopt, 10'000); });
    std::reverse(all.begin(), all.end());
    return all;
  }
  void end(NoticeId notice) {
    world.store.run(world.agent, [&](Tx& tx) { return desk::end_notice(tx, notice); }).value();
  }

  void dismiss(NoticeId notice) {
    world.store.run(world.agent, [&](Tx& tx) { return desk::dismiss_notice(tx, notice, ""); })
        .value();
  }
  void publish(NoticeId notice, std::optional<std::string> text) {
    desk::Publish publish;
    publish.notice = notice;
    publish.text = std::move(text);
    world.store.run(world.agent, [&](Tx& tx) { return desk::publish_notice(tx, publish); }).value();
  }
  // From tomorrow on for an hour.
  NoticeId plan_outage(bool tell_start = false) {
    desk::Announce request;
    request.title = "E-posten är nere";
    request.text = "Vi byter server.";
    request.customers = {"alfa"};
    request.starts_at = starts;
    request.ends_at = starts + kHour;
    request.tell_start = tell_start;
    return world.store.run(world.agent, [&](Tx& tx) { return desk::announce(tx, request); })
        .value()
        .notice.id;
  }
  void people(int count) {
    world.store.run(world.system, [count](Tx& tx) {
      for (int i = 0; i < count; ++i) {
        const std::string name = "Person " + std::to_string(i);
        put_person(tx,
                   {{}, "alfa", name, "p" + std::to_string(i) + "@alfa.example", "", "sv", false});
      }
      return true;
    });
  }
  // As the notifier does at one moment.
  void step() {
    const Desk desk{test::letters(), test::signing_key(), {}, ""};
    const Plan next = world.store.run(world.system, [&](Tx& tx) { return plan(tx, desk, 10); });
    world.store.run(world.system, [&](Tx& tx) { return carry_out(tx, next), true; });
  }
  Instant wake() {
    const Desk desk{test::letters(), test::signing_key(), {}, ""};
    return world.store.run(world.system, [&](Tx& tx) { return plan(tx, desk, 10); }).wake;
  }

  static constexpr Millis kHour{3'600'000};
  test::DeskWorld world;
  const Instant starts = world.clock.now() + 24 * kHour;
};

TEST_F(Broadcasts, ReachAllPeopleOfTheCustomersItConcerns) {
  announce({"alfa"});
  EXPECT_THAT(mails(), UnorderedElementsAre("erik.ek@alfa.example", "maja@alfa.example"));
  const auto mail = deliveries().front();
  EXPECT_THAT(mail.body, HasSubstr("E-posten är nere"));
  EXPECT_THAT(mail.body, HasSubstr(R"("kind":"major_incident")"));
  EXPECT_THAT(mail.body, HasSubstr("https://desk.example/api/v1/notification-preferences/"));
  EXPECT_EQ(mail.lane.ticket.value, 0);
}

TEST_F(Broadcasts, TellTheBeginningOnceAndTheEndOnce) {
  const NoticeId notice = announce({"alfa"});
  EXPECT_THAT(mails(), SizeIs(2));
  desk::EditNotice edit;
  edit.notice = notice;
  edit.text = "Vi har hittat felet.";
  world.store.run(world.agent, [&](Tx& tx) { return desk::edit_notice(tx, edit); }).value();
  desk::Publish publish;
  publish.notice = notice;
  world.store.run(world.agent, [&](Tx& tx) { return desk::publish_notice(tx, publish); }).value();
  EXPECT_THAT(mails(), SizeIs(2));
  end(notice);
  EXPECT_THAT(mails(), SizeIs(4));
  EXPECT_THAT(deliveries().back().body,
              AllOf(HasSubstr("Nu över: E-posten"), Not(HasSubstr("pågår")),
                    Not(HasSubstr("Vi arbetar med"))));
  EXPECT_THAT(deliveries().front().body,
              AllOf(HasSubstr("Större incident: E-posten"), HasSubstr("pågår"),
                    HasSubstr("Vi arbetar med den"), Not(HasSubstr("över:"))));
  EXPECT_THAT(mails(), SizeIs(4));
}

TEST_F(Broadcasts, TellTheEndThatComesByItself) {
  const Instant ends = world.clock.now() + Millis{3'600'000};
  announce({"alfa"}, ends);
  EXPECT_THAT(mails(), SizeIs(2));
  const Desk desk{test::letters(), test::signing_key(), {}, ""};
  const Plan rest = world.store.run(world.system, [&](Tx& tx) { return plan(tx, desk, 10); });
  EXPECT_TRUE(rest.empty());
  EXPECT_EQ(rest.wake, ends);
  world.clock.set(ends);
  EXPECT_THAT(mails(), SizeIs(4));
}

TEST_F(Broadcasts, TellOnlyOfMajorIncidents) {
  announce({}, {}, NoticeKind::maintenance);
  announce({}, {}, NoticeKind::information);
  EXPECT_THAT(mails(), IsEmpty());
}

TEST_F(Broadcasts, ReachWhoeverIsAddedLaterAndNobodyTwice) {
  const NoticeId notice = announce({"beta", "alfa"});
  mails();
  desk::Publish fewer;
  fewer.notice = notice;
  fewer.customers = {"alfa"};
  world.store.run(world.agent, [&](Tx& tx) { return desk::publish_notice(tx, fewer); }).value();
  EXPECT_THAT(mails(), SizeIs(3));
}

TEST_F(Broadcasts, StopWhereItIsTakenBack) {
  const NoticeId notice = announce({});
  dismiss(notice);
  EXPECT_THAT(mails(), IsEmpty());
  end(notice);
  EXPECT_THAT(mails(), IsEmpty());
}

TEST_F(Broadcasts, GoByWhatEachChoseButNotByQuietHours) {
  Preferences off;
  off.of(Kind::major_incident) = {false, true};
  Preferences quiet;
  quiet.quiet = Quiet{0, 1439};
  quiet.digest = Digest::weekly;
  world.store.run(world.system, [&](Tx& tx) {
    return choose(tx, world.user.person, off).has_value() &&
           choose(tx, world.colleague.person, quiet).has_value();
  });
  announce({"alfa"});
  EXPECT_THAT(mails(), ElementsAre("maja@alfa.example"));
  EXPECT_EQ(world.store.run(world.system,
                            [&](Tx& tx) { return count_unread(tx, world.user.person, 10); }),
            1);
}

TEST_F(Broadcasts, OfThousandsGoInPagesAndLeaveTicketsTheirTurn) {
  people(2'500);
  announce({"alfa"});
  const Desk desk{test::letters(), test::signing_key(), {}, ""};
  bool receipt_in_between = false;
  for (int step = 0;; ++step) {
    if (step == 3) world.new_ticket();
    const Plan next = world.store.run(world.system, [&](Tx& tx) { return plan(tx, desk, 10); });
    if (next.empty()) break;
    EXPECT_LE(next.tellings.size(), static_cast<std::size_t>(kPeoplePerRound) + 1);
    world.store.run(world.system, [&](Tx& tx) { return carry_out(tx, next), true; });
    if (step != 3) continue;
    const auto so_far = deliveries();
    receipt_in_between = so_far.size() < 1'000 &&
                         std::any_of(so_far.begin(), so_far.end(), [](const Delivery& mail) {
                           return mail.lane.ticket.value != 0;
                         });
  }
  EXPECT_TRUE(receipt_in_between);
  EXPECT_THAT(mails(), SizeIs(2'502 + 1));
}

// --- What is planned -----------------------------------------------------------------------------

TEST_F(Broadcasts, SayOfWhatIsPlannedWhenItBeginsAndEndsByTheReadersClock) {
  plan_outage();
  EXPECT_THAT(mails(), SizeIs(2));
  for (const Delivery& mail : deliveries()) {
    EXPECT_THAT(mail.body, AllOf(HasSubstr("Planerat avbrott: E-posten"),
                                 HasSubstr("Börjar: 19 november"), HasSubstr("Slutar: 19 november"),
                                 Not(HasSubstr("pågår")), Not(HasSubstr("Större incident"))));
  }
  world.clock.set(starts);
  EXPECT_THAT(mails(), SizeIs(2));  // that it begins was known
  world.clock.set(starts + kHour);
  EXPECT_THAT(mails(), SizeIs(4));
  EXPECT_THAT(deliveries().back().body, HasSubstr("Nu över: E-posten"));
}

TEST_F(Broadcasts, TellThatItBeginsIfThatIsWanted) {
  plan_outage(true);
  EXPECT_THAT(mails(), SizeIs(2));
  EXPECT_EQ(wake(), starts);
  world.store.run(world.system, [](Tx& tx) {
    return put_person(tx, {{}, "alfa", "Ny", "ny@alfa.example", "", "sv", false}), true;
  });
  world.clock.set(starts);
  EXPECT_THAT(mails(), SizeIs(4));  // to those who heard of the plan
  EXPECT_THAT(deliveries().back().body,
              AllOf(HasSubstr("Större incident: E-posten"), HasSubstr("pågår")));
  world.clock.set(starts + kHour);
  EXPECT_THAT(mails(), SizeIs(6));
}

TEST_F(Broadcasts, TellThatWhatWasPlannedIsCancelled) {
  const NoticeId notice = plan_outage();
  mails();
  end(notice);
  EXPECT_THAT(mails(), SizeIs(4));
  EXPECT_THAT(deliveries().back().body,
              AllOf(HasSubstr("Inställt avbrott: E-posten"), HasSubstr("blir inte av"),
                    Not(HasSubstr("Nu över"))));
}

TEST_F(Broadcasts, OfASuppliersPlanSayThatItIsPlanned) {
  world.store.run(world.system, [](Tx& tx) {
    put_notice_policy(tx, "nordprint", NoticePolicy::publish);
    const auto told = json::parse(
        R"({"remote_id":"CHG-1","kind":"outage","state":"announced","title":"Nätet stängs",)"
        R"("text":"Vi byter växlar.","starts_at":"2026-11-20T21:00:00Z"})");
    return desk::take_announcement(tx, "nordprint", told->root()).value() == desk::Announced::fresh;
  });
  ASSERT_THAT(mails(), Not(IsEmpty()));
  EXPECT_THAT(deliveries().front().body,
              AllOf(HasSubstr("Planerat avbrott: Nätet stängs"),
                    HasSubstr("Börjar: 20 november 2026 kl. 22.00"), Not(HasSubstr("Slutar"))));
}

// --- What is withdrawn and comes back ------------------------------------------------------------

TEST_F(Broadcasts, ThatComeBackReachThoseWhoHadNotHeardYet) {
  people(150);
  const NoticeId notice = announce({"alfa"});
  step();
  step();
  const auto heard = deliveries().size();
  EXPECT_THAT(heard, AllOf(::testing::Gt(0U), ::testing::Lt(152U)));
  dismiss(notice);
  EXPECT_THAT(mails(), SizeIs(heard));
  publish(notice, {});
  auto all = mails();
  EXPECT_THAT(all, SizeIs(152));
  std::sort(all.begin(), all.end());
  EXPECT_EQ(std::unique(all.begin(), all.end()), all.end());  // nobody twice
}

TEST_F(Broadcasts, ThatEndedWhileTheyWereWithdrawnTellTheEndWhenTheyComeBack) {
  const NoticeId notice = announce({"alfa"});
  EXPECT_THAT(mails(), SizeIs(2));
  dismiss(notice);
  end(notice);
  EXPECT_THAT(mails(), SizeIs(2));
  publish(notice, {});
  EXPECT_THAT(mails(), SizeIs(4));
  EXPECT_THAT(deliveries().back().body, HasSubstr("Nu över"));
}

TEST_F(Broadcasts, ThatEndedWhileTheyWereWithdrawnTellTheEndInOtherWordsToo) {
  const NoticeId notice = announce({"alfa"});
  EXPECT_THAT(mails(), SizeIs(2));
  dismiss(notice);
  end(notice);
  EXPECT_THAT(mails(), SizeIs(2));
  publish(notice, "Felet är hittat.");
  EXPECT_THAT(mails(), SizeIs(4));
  EXPECT_THAT(deliveries().back().body, HasSubstr("Nu över"));
  EXPECT_THAT(mails(), SizeIs(4));
}

TEST_F(Broadcasts, WhoseTimeCameWhileTheyWereWithdrawnTellTheEndInOtherWordsToo) {
  const NoticeId notice = announce({"alfa"}, world.clock.now() + kHour);
  EXPECT_THAT(mails(), SizeIs(2));
  dismiss(notice);
  world.clock.advance(2 * kHour);
  EXPECT_THAT(mails(), SizeIs(2));
  publish(notice, "Felet är hittat.");
  EXPECT_THAT(mails(), SizeIs(4));
  EXPECT_THAT(deliveries().back().body, HasSubstr("Nu över"));
}

TEST_F(Broadcasts, WhoseEndWasToldAreNotEndedAgainInOtherWords) {
  const NoticeId notice = announce({"alfa"});
  mails();
  end(notice);
  EXPECT_THAT(mails(), SizeIs(4));
  dismiss(notice);
  mails();
  publish(notice, "Felet är hittat.");
  EXPECT_THAT(mails(), SizeIs(4));
}

TEST_F(Broadcasts, ThatWereOverBeforeAnybodyHeardOfThemStaySilentInOtherWords) {
  const NoticeId notice = announce({"alfa"});
  dismiss(notice);
  mails();
  end(notice);
  publish(notice, "Felet är hittat.");
  EXPECT_THAT(mails(), IsEmpty());
}

TEST_F(Broadcasts, ThatComeBackWithOtherWordsReachEverybody) {
  people(150);
  const NoticeId notice = announce({"alfa"});
  step();
  step();
  const auto heard = deliveries().size();
  dismiss(notice);
  publish(notice, "Felet är hittat.");
  EXPECT_THAT(mails(), SizeIs(heard + 152));
  EXPECT_THAT(deliveries().back().body, HasSubstr("Felet är hittat."));
  end(notice);
  EXPECT_THAT(mails(), SizeIs(heard + 152 + 152));
}

TEST_F(Broadcasts, ThatComeBackAtOnceWithOtherWordsAreToldInThose) {
  people(150);
  const NoticeId notice = announce({"alfa"});
  step();
  step();
  dismiss(notice);
  publish(notice, "Felet är hittat.");  // before the first could be stopped
  mails();
  int old_words = 0, new_words = 0;
  for (const Delivery& mail : deliveries()) {
    ++(mail.body.find("Vi felsöker.") != std::string::npos ? old_words : new_words);
  }
  EXPECT_EQ(new_words, 152);
  EXPECT_LT(old_words, 152);
}

}  // namespace
}  // namespace ombud::notify
