// Whom an answer would reach, and what whoever ordered something is told of the yes that it needs.
#include "notify/reach.hpp"

#include <gmock/gmock.h>

#include "base/bytes.hpp"
#include "desk/approvals.hpp"
#include "desk/ticket_people.hpp"
#include "notify/preferences.hpp"
#include "store/approvals.hpp"
#include "store/identity.hpp"
#include "support/desk_world.hpp"
#include "support/tell.hpp"

namespace ombud::notify {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

struct ReachTest : ::testing::Test {
  ReachTest() { bytes_init(); }
  template <class F>
  void as(const Principal& who, F work) {
    world.store.run(who, [&](Tx& tx) {
      work(tx);
      return true;
    });
  }
  Reach reach(TicketId ticket) {
    return world.store.run(world.system,
                           [&](Tx& tx) { return reach_of(tx, *find_ticket(tx, ticket)); });
  }
  void no_mail_out() {
    as(world.system, [](Tx& tx) {
      sync_links(tx,
                 {{"nordprint", "supplier", "Nordprint AB", "rest", true, "open", "", {}, "", {}}});
    });
  }
  void give_account(const Principal& who) {
    as(world.system, [&](Tx& tx) {
      Account account;
      account.email = "konto@alfa.example";
      account.name = who.name;
      put_membership(tx, add_account(tx, account), {"alfa", "", who.person, Role::user});
    });
  }
  test::DeskWorld world;
};

TEST_F(ReachTest, AMailReachesWhoHasAnAddressAndHasNotDeclined) {
  const TicketId ticket = world.new_ticket();
  EXPECT_EQ(reach(ticket).way, Way::mail);
  EXPECT_EQ(why_in_words(reach(ticket)), "");
  as(world.system, [&](Tx& tx) {
    Preferences chosen;
    for (Ways& ways : chosen.kinds) ways.mail = false;
    chosen.of(Kind::approval_needed).mail = true;
    ASSERT_TRUE(choose(tx, world.user.person, chosen));
  });
  EXPECT_EQ(reach(ticket).way, Way::none) << "he has no account to read it with";
  EXPECT_EQ(reach(ticket).why, "own_choice");
  // A participant who gets mail is somebody.
  as(world.agent, [&](Tx& tx) {
    ASSERT_TRUE(desk::add_participant(tx, {ticket, world.colleague.person, "", ""}));
  });
  EXPECT_EQ(reach(ticket).way, Way::mail);
}

TEST_F(ReachTest, WithoutALinkForLettersOnlyThePortalIsLeft) {
  const TicketId ticket = world.new_ticket();
  no_mail_out();
  EXPECT_EQ(reach(ticket).way, Way::none);
  EXPECT_EQ(reach(ticket).why, "no_mail_out");
  EXPECT_THAT(why_in_words(reach(ticket)), HasSubstr("kind = \"notices\""));
  give_account(world.user);
  EXPECT_EQ(reach(ticket).way, Way::portal);
  EXPECT_EQ(reach(ticket).why, "no_mail_out");
}

TEST_F(ReachTest, ADisabledAccountIsNoWayToThePortal) {
  const TicketId ticket = world.new_ticket();
  no_mail_out();
  give_account(world.user);
  ASSERT_EQ(reach(ticket).way, Way::portal);
  as(world.system, [&](Tx& tx) {
    Account account = *find_account(tx, *account_of_person(tx, world.user.person));
    account.disabled_at = tx.at();
    update_account(tx, account);
  });
  EXPECT_EQ(reach(ticket).way, Way::none);
}

TEST_F(ReachTest, ATicketOfNobodyReachesNobody) {
  TicketId ticket;
  as(world.agent, [&](Tx& tx) {
    desk::Register request;
    request.customer = "alfa";
    request.subject = "Någon ringde";
    request.channel = Channel::phone;
    ticket = desk::register_ticket(tx, request).value().id;
  });
  EXPECT_EQ(reach(ticket).way, Way::none);
  EXPECT_EQ(reach(ticket).why, "no_requester");
}

TEST_F(ReachTest, WhoeverOrdersIsToldWhoseYesItNeeds) {
  as(world.system, [&](Tx& tx) { set_approver(tx, world.colleague.person, true); });
  desk::Register request;
  request.subject = "Ny skärm";
  request.kind = TicketKind::order;
  as(world.user, [&](Tx& tx) { ASSERT_TRUE(desk::register_ticket(tx, request)); });
  test::tell_people(world.store);
  const auto letters = world.store.run(world.system, [](Tx& tx) {
    DeliveryFilter filter;
    filter.link = "desk-mail";
    return list_deliveries(tx, filter, std::nullopt, 10);
  });
  const auto receipt = std::find_if(letters.begin(), letters.end(), [](const Delivery& one) {
    return one.body.find("erik.ek@alfa.example") != std::string::npos;
  });
  ASSERT_NE(receipt, letters.end());
  EXPECT_THAT(receipt->body, AllOf(HasSubstr("ett ja från Maja Malm"), HasSubstr("väntar till"),
                                   Not(HasSubstr("Du behöver inte göra något mer"))));
}

TEST_F(ReachTest, AnOrderThatNeedsNoYesSaysThatNothingMoreIsNeeded) {
  world.new_ticket();
  test::tell_people(world.store);
  const auto letters = world.store.run(world.system, [](Tx& tx) {
    DeliveryFilter filter;
    filter.link = "desk-mail";
    return list_deliveries(tx, filter, std::nullopt, 10);
  });
  ASSERT_THAT(letters, SizeIs(1));
  EXPECT_THAT(letters.at(0).body,
              AllOf(HasSubstr("Du behöver inte göra något mer"), Not(HasSubstr("ett ja från"))));
}

}  // namespace
}  // namespace ombud::notify
