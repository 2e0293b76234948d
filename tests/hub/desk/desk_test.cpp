// The desk owns the ticket: what users, agents and suppliers may do to it, and what leaves.
#include <gmock/gmock.h>

#include "base/bytes.hpp"
#include "desk/limits.hpp"
#include "desk/systems.hpp"
#include "store/projection.hpp"
#include "store/systems.hpp"
#include "support/desk_world.hpp"
#include "support/tell.hpp"

namespace ombud::test {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Desk : testing::Test {
  Desk() { bytes_init(); }
  DeskWorld world;
};

TEST_F(Desk, RegistersAUsersTicketWithOwnerServiceAndReceipt) {
  const auto view = world.view(world.agent, world.new_ticket());
  EXPECT_EQ(view.ticket.team, "desk");
  EXPECT_EQ(view.ticket.service, "printing");
  EXPECT_EQ(view.ticket.version, 1);
  EXPECT_EQ(view.requester_name, "Erik Ek");
  EXPECT_EQ(view.messages.at(0).author, "Erik Ek");
  test::tell_people(world.store);
  const auto mails = world.claim("desk-mail");
  ASSERT_EQ(mails.size(), 1U);
  EXPECT_EQ(mails[0].op, "put_ticket");
  EXPECT_THAT(mails[0].body, HasSubstr("Vi har tagit emot ditt ärende"));
  EXPECT_THAT(mails[0].body, HasSubstr("erik.ek@alfa.example"));
}

TEST_F(Desk, WordsThatAreWrittenAsOneAreFoundOnlyTogether) {
  world.new_ticket("Fel på 10.0.0.7", "Svarar inte på anna.alm@alfa.example");
  world.new_ticket("Rum 7, plan 10", "Den 0 är tänd, och 0. Anna, alfa, alm och example.");
  const auto found = [&](const std::string& words) {
    desk::List request;
    request.words = words;
    return world.store.run(world.agent, [&](Tx& tx) { return desk::list(tx, request); })
        .value()
        .tickets.size();
  };
  EXPECT_EQ(found("10 0 7"), 2U);
  EXPECT_EQ(found("10.0.0.7"), 1U);
  EXPECT_EQ(found("10.0.0*"), 1U);
  EXPECT_EQ(found("7-10"), 0U);
  EXPECT_EQ(found("Anna.Alm@alf*"), 1U);
  EXPECT_EQ(found("7.svarar"), 0U);  // the subject ends before the text begins
  EXPECT_EQ(found("\"NEAR(10 -- !"), 0U);
  EXPECT_EQ(found("-- !"), 0U);
}

TEST_F(Desk, AnotherTenantsTicketIsAnsweredLikeAMissingOne) {
  const TicketId ticket = world.new_ticket();
  for (const Principal& stranger : {world.other_tenant, world.colleague}) {
    const auto theirs = world.store.run(stranger, [&](Tx& tx) { return desk::show(tx, ticket); });
    const auto none = world.store.run(stranger, [&](Tx& tx) { return desk::show(tx, {999}); });
    ASSERT_FALSE(theirs);
    EXPECT_EQ(theirs.error().kind, ProblemKind::not_found);
    EXPECT_EQ(theirs.error().detail, none.error().detail);
  }
}

TEST_F(Desk, SeesEachChangeOfTheDirectoryAtOnce) {
  const auto service_of_next = [&] {
    return world.view(world.agent, world.new_ticket("Skanner", "Skannern blinkar.")).ticket.service;
  };
  EXPECT_EQ(service_of_next(), "");
  const Service scanning{"scanning", "Skanning", {"skanner"}};
  world.store.run(world.system, [&](Tx& tx) { return put_service(tx, scanning), true; });
  EXPECT_EQ(service_of_next(), "scanning");

  const Customer renamed{"alfa", "Alfa Nya AB", {"alfa.example"}, "en"};
  const auto name_then = [&](bool keep) {
    std::string name;
    const auto rename = [&](Tx& tx) -> Result<int> {
      put_customer(tx, renamed);
      name = find_customer(tx, "alfa")->name;
      return keep ? Result<int>(0) : not_found("nothing");
    };
    static_cast<void>(world.store.run(world.system, rename).has_value());
    EXPECT_EQ(name, "Alfa Nya AB");
    return world.store.run(world.agent, [](Tx& tx) { return find_customer(tx, "alfa"); })->name;
  };
  EXPECT_EQ(name_then(false), "Alfa AB");  // undone
  EXPECT_EQ(name_then(true), "Alfa Nya AB");
  // what one tenant may not see is not remembered from another
  world.store.run(world.agent, [](Tx& tx) { return find_customer(tx, "beta").has_value(); });
  EXPECT_FALSE(world.store.run(world.user, [](Tx& tx) { return find_customer(tx, "beta"); }));
}

TEST_F(Desk, ListsAndSearchesOnlyWhatThePrincipalMaySee) {
  const TicketId ticket = world.new_ticket("Skrivaren i Malmö", "Röd lampa");
  world.store
      .run(world.agent, [&](Tx& tx) { return desk::note(tx, ticket, "hemlig intern rad", {}); })
      .value();
  const auto found = [&](const Principal& who, const std::string& words) {
    desk::List request;
    request.words = words;
    return world.store.run(who, [&](Tx& tx) { return desk::list(tx, request); })
        .value()
        .tickets.size();
  };
  EXPECT_EQ(found(world.user, "malmo"), 1U);
  EXPECT_EQ(found(world.user, "lam*"), 1U);
  EXPECT_EQ(found(world.user, "hemlig"), 0U);
  EXPECT_EQ(found(world.agent, "hemlig intern"), 1U);
  EXPECT_EQ(found(world.other_tenant, "malmo"), 0U);
  EXPECT_EQ(found(world.agent, "\"OR AND NEAR( * :"), 0U);
  EXPECT_EQ(world.store.run(world.colleague, [&](Tx& tx) { return desk::list(tx, {}); })
                .value()
                .tickets.size(),
            0U);
}

TEST_F(Desk, ACustomersSystemWorksForItsOrganisationAndASuppliersSystemForItsDelegations) {
  Principal system;
  system.role = Role::customer;
  system.tenant = world.user.tenant;
  system.agent = system.name = "itsm";
  const TicketId ticket = world.new_ticket();
  EXPECT_TRUE(world.store.run(system, [&](Tx& tx) { return desk::show(tx, ticket); }));
  desk::Change word;
  word.subject = "Worded anew";
  EXPECT_TRUE(world.store.run(system, [&](Tx& tx) { return desk::change(tx, ticket, {}, word); }));
  desk::Change team;
  team.team = "desk";
  for (const auto& refused :
       {world.store.run(system, [&](Tx& tx) { return desk::change(tx, ticket, {}, team); }),
        world.store.run(system, [&](Tx& tx) { return desk::resolve(tx, ticket, ""); })}) {
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ProblemKind::forbidden);
  }
  EXPECT_FALSE(world.store.run(system, [&](Tx& tx) { return desk::note(tx, ticket, "x", {}); }));

  Principal supplier;
  supplier.role = Role::supplier;
  supplier.links = {"nobody"};
  for (const Principal& stranger : {supplier, world.other_tenant}) {
    EXPECT_EQ(
        world.store.run(stranger, [&](Tx& tx) { return desk::show(tx, ticket); }).error().kind,
        ProblemKind::not_found);
    EXPECT_FALSE(world.store.run(stranger, [&](Tx& tx) { return desk::cancel(tx, ticket, ""); }));
    EXPECT_FALSE(world.store.run(stranger, [&](Tx& tx) {
      return desk::keep(tx, {ticket, {}, "x", "{}"});
    }));
  }
  desk::Register own;
  own.customer = *world.user.tenant;
  own.subject = "x";
  EXPECT_FALSE(world.store.run(supplier, [&](Tx& tx) { return desk::register_ticket(tx, own); }));
  EXPECT_FALSE(world.store.run(supplier, [&](Tx& tx) { return desk::list(tx, {}); }));
}

TEST_F(Desk, WhatASystemKeepsIsInTheLogAndRebuiltFromIt) {
  const TicketId ticket = world.new_ticket();
  const auto keep = [&](const std::string& id, const std::string& attributes) {
    return world.store.run(world.user, [&](Tx& tx) {
      return desk::keep(tx, {ticket, {}, id, attributes});
    });
  };
  EXPECT_TRUE(keep("X-1", R"({"severity":"High"})"));
  const auto version = world.view(world.agent, ticket).ticket.version;
  EXPECT_TRUE(keep("X-1", R"({"severity":"High"})"));
  EXPECT_EQ(world.view(world.agent, ticket).ticket.version, version) << "nothing is new";
  EXPECT_TRUE(keep("X-2", R"({"severity":"Low"})"));
  EXPECT_EQ(keep("X-2", std::string(desk::kAttributesBytesMax, ' ') + "{}").error().kind,
            ProblemKind::too_large);
  world.store
      .run(world.agent,
           [&](Tx& tx) -> Result<int> {
             const Attributes kept = attributes_of(tx, ticket, {});
             EXPECT_EQ(kept.external_id, "X-2");
             EXPECT_EQ(kept.data, R"({"severity":"Low"})");
             EXPECT_EQ(kept.client, world.user.actor());
             EXPECT_EQ(bearers_of(tx, "X-1", {}).size(), 0U);
             EXPECT_TRUE(verify_projection(tx).empty());
             return 0;
           })
      .value();
}

TEST_F(Desk, PagesThroughAListByKeyWithoutLossOrRepetition) {
  for (int i = 0; i < 25; ++i) {
    world.new_ticket("Nummer " + std::to_string(i));
    if (i % 3 == 0) world.clock.advance(Millis{5});
  }
  std::vector<std::int64_t> seen;
  desk::List request;
  request.limit = 7;
  do {
    auto page =
        world.store.run(world.agent, [&](Tx& tx) { return desk::list(tx, request); }).value();
    for (const Ticket& t : page.tickets) seen.push_back(t.id.value);
    request.cursor = page.next;
  } while (!request.cursor.empty());
  ASSERT_EQ(seen.size(), 25U);
  EXPECT_TRUE(std::is_sorted(seen.rbegin(), seen.rend()));
}

TEST_F(Desk, NoHandOverWithoutAnAgreementValidNow) {
  const TicketId ticket = world.new_ticket("Ny mus", "Jag vill ha en mus.");
  desk::Delegate request;
  request.ticket = ticket;
  const auto without_service =
      world.store.run(world.agent, [&](Tx& tx) { return desk::delegate(tx, request); });
  ASSERT_FALSE(without_service);
  EXPECT_EQ(without_service.error().fields.at(0).pointer, "/service");
  world.clock.advance(-Millis{60'000});
  request.service = "printing";
  const auto too_early =
      world.store.run(world.agent, [&](Tx& tx) { return desk::delegate(tx, request); });
  ASSERT_FALSE(too_early);
  EXPECT_THAT(too_early.error().detail, HasSubstr("No agreement"));
}

TEST_F(Desk, OnlySharedFieldsLeaveAndPrivateDataIsCutOutOfTheText) {
  const TicketId ticket =
      world.new_ticket("Skrivare trasig",
                       "Den stannar.\n\nHälsningar\nErik Ek\n070-123 45 67\nerik.ek@alfa.example");
  world.delegate(ticket, "Se till skrivaren på plan 3.");
  const auto deliveries = world.claim();
  ASSERT_EQ(deliveries.size(), 1U);
  EXPECT_THAT(deliveries[0].body, HasSubstr("Den stannar."));
  EXPECT_THAT(deliveries[0].body, HasSubstr("plan 3"));
  for (const char* secret : {"Erik", "070-123", "123 45 67", "erik.ek@", "Alfa AB"}) {
    EXPECT_THAT(deliveries[0].body, Not(HasSubstr(secret)));
  }
}

TEST(DeskPrivacy, SharesNothingByDefault) {
  bytes_init();
  DeskWorld world(std::vector<std::string>{});
  const TicketId ticket = world.new_ticket("Lönelistan syns", "Hemligt innehåll");
  desk::Delegate request;
  request.ticket = ticket;
  request.service = "printing";
  const auto silent =
      world.store.run(world.agent, [&](Tx& tx) { return desk::delegate(tx, request); });
  ASSERT_FALSE(silent);
  EXPECT_EQ(silent.error().fields.at(0).pointer, "/brief");
  request.brief = "En skrivare behöver service.";
  ASSERT_TRUE(world.store.run(world.agent, [&](Tx& tx) { return desk::delegate(tx, request); }));
  const auto deliveries = world.claim();
  ASSERT_EQ(deliveries.size(), 1U);
  for (const char* secret : {"Lönelistan", "Hemligt", "Erik", "high", "Utskrift"}) {
    EXPECT_THAT(deliveries[0].body, Not(HasSubstr(secret)));
  }
}

TEST_F(Desk, WalksADelegationFromHandOverToClosedCopy) {
  const TicketId ticket = world.new_ticket();
  const Delegation delegation = world.delegate(ticket);
  EXPECT_EQ(world.view(world.agent, ticket).ticket.status, TicketStatus::waiting_supplier);
  world.done(world.claim().at(0), "77");
  EXPECT_EQ(world.view(world.agent, ticket).delegations.at(0).state, DelegationState::acknowledged);

  EXPECT_EQ(world.change(R"({"event_id":"j1","external_id":"77","type":"comment",
    "comment":{"id":"c1","text":"Vi byter valsen.","public":true,"author":"Nils"}})"),
            desk::Applied::applied);
  EXPECT_EQ(world.change(R"({"event_id":"j1","external_id":"77","type":"comment",
    "comment":{"id":"c1","text":"Vi byter valsen.","public":true,"author":"Nils"}})"),
            desk::Applied::duplicate);
  EXPECT_EQ(
      world.change(R"({"event_id":"s1","external_id":"77","type":"status","status":"closed"})"),
      desk::Applied::applied);
  auto view = world.view(world.agent, ticket);
  EXPECT_EQ(view.delegations.at(0).state,
            DelegationState::resolved);  // its "closed" only means solved
  EXPECT_EQ(view.ticket.status,
            TicketStatus::in_progress);  // the desk has the ball, the owner stays
  EXPECT_EQ(world.view(world.user, ticket).messages.size(),
            1U);  // nothing reached the user unmediated

  const auto refused =
      world.store.run(world.agent, [&](Tx& tx) { return desk::close(tx, ticket, ""); });
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().detail, HasSubstr("Nordprint AB still has the ticket"));
  world.store.run(world.agent, [&](Tx& tx) { return desk::accept(tx, delegation.id, ""); }).value();
  world.store.run(world.agent, [&](Tx& tx) { return desk::resolve(tx, ticket, "Valsen är bytt."); })
      .value();
  world.store.run(world.user, [&](Tx& tx) { return desk::close(tx, ticket, ""); }).value();
  const auto closing = world.claim();
  ASSERT_EQ(closing.size(), 1U);
  EXPECT_THAT(closing[0].body, HasSubstr(R"("status":"closed")"));
  world.done(closing[0], "77");
  EXPECT_EQ(world.view(world.agent, ticket).delegations.at(0).state, DelegationState::closed);
  EXPECT_EQ(world.view(world.agent, ticket).ticket.status, TicketStatus::closed);
}

TEST_F(Desk, AUsersReplyReachesTheSupplierOnlyBehindItsCreate) {
  const TicketId ticket = world.new_ticket();
  world.delegate(ticket);
  desk::Reply reply;
  reply.ticket = ticket;
  reply.text = "Nu ryker det också.";
  world.store.run(world.user, [&](Tx& tx) { return desk::reply(tx, reply); }).value();
  auto heads = world.claim();
  ASSERT_EQ(heads.size(), 1U);
  EXPECT_EQ(heads[0].op, "put_ticket");
  EXPECT_TRUE(world.claim().empty());  // the comment waits for its head
  world.done(heads[0], "77");
  heads = world.claim();
  ASSERT_EQ(heads.size(), 1U);
  EXPECT_EQ(heads[0].op, "add_comment");
  EXPECT_EQ(heads[0].lane.external_id, "77");
  EXPECT_THAT(heads[0].body, HasSubstr("Nu ryker det"));
}

TEST_F(Desk, InternalNotesAndSupplierThreadsNeverReachTheUserOrTheSupplier) {
  const TicketId ticket = world.new_ticket();
  world.delegate(ticket);
  world.done(world.claim().at(0), "77");
  world.store.run(world.agent, [&](Tx& tx) { return desk::note(tx, ticket, "INTERN", {}); })
      .value();
  EXPECT_TRUE(world.claim().empty());
  world.change(
      R"({"event_id":"p","external_id":"77","type":"comment","comment":{"id":"c9","text":"PRIVAT","public":false}})");
  const auto seen = world.view(world.user, ticket);
  EXPECT_EQ(seen.messages.size(), 1U);
  EXPECT_TRUE(seen.delegations.empty());
}

TEST_F(Desk, AnEchoOfOurOwnCommentIsDropped) {
  const TicketId ticket = world.new_ticket();
  const Delegation delegation = world.delegate(ticket);
  world.done(world.claim().at(0), "77");
  world.store
      .run(world.agent,
           [&](Tx& tx) { return desk::message_supplier(tx, delegation.id, "När kommer ni?"); })
      .value();
  const auto comment = world.claim().at(0);
  world.done(comment, "c5");
  EXPECT_EQ(
      world.change(
          R"({"event_id":"e1","external_id":"77","type":"comment","comment":{"id":"c5","text":"När kommer ni?","public":true}})"),
      desk::Applied::echo);
  EXPECT_EQ(
      world.change(
          R"({"event_id":"e2","external_id":"77","echo_of":")" + comment.correlation +
          R"(","type":"comment","comment":{"id":"c6","text":"När kommer ni?","public":true}})"),
      desk::Applied::echo);
}

TEST_F(Desk, ASuppliersCommentThatHasTheNumberOfOurTicketIsNoEcho) {
  const TicketId ticket = world.new_ticket();
  world.delegate(ticket);
  world.done(world.claim().at(0), "1");
  EXPECT_EQ(
      world.change(
          R"({"event_id":"e","external_id":"1","type":"comment","comment":{"id":"1","text":"Hej","public":true}})"),
      desk::Applied::applied);
}

TEST_F(Desk, AChangeThatOvertakesItsCreateIsNotLost) {
  const TicketId ticket = world.new_ticket();
  world.delegate(ticket);
  const auto head = world.claim().at(0);  // under way: its id is not known yet
  const std::string change =
      R"({"event_id":"x","external_id":"77","type":"status","status":"in_progress"})";
  EXPECT_EQ(world.change(change), desk::Applied::held);
  EXPECT_EQ(world.take_held(), 0);
  world.done(head, "77");
  EXPECT_EQ(world.take_held(), 1);
  EXPECT_EQ(world.change(change), desk::Applied::duplicate);
  EXPECT_EQ(world.view(world.agent, ticket).delegations.at(0).state, DelegationState::in_progress);
}

TEST_F(Desk, WithdrawingWhatNeverLeftSendsNothing) {
  const TicketId ticket = world.new_ticket();
  const Delegation delegation = world.delegate(ticket);
  world.store
      .run(world.agent, [&](Tx& tx) { return desk::withdraw(tx, delegation.id, "fel leverantör"); })
      .value();
  EXPECT_TRUE(world.claim().empty());
  EXPECT_EQ(world.view(world.agent, ticket).ticket.status, TicketStatus::in_progress);
}

TEST_F(Desk, ReplyingToASolvedTicketOpensItAgain) {
  const TicketId ticket = world.new_ticket();
  world.store.run(world.agent, [&](Tx& tx) { return desk::resolve(tx, ticket, ""); }).value();
  desk::Reply reply;
  reply.ticket = ticket;
  reply.text = "Nej, det är fortfarande trasigt.";
  world.store.run(world.user, [&](Tx& tx) { return desk::reply(tx, reply); }).value();
  const auto view = world.view(world.agent, ticket);
  EXPECT_EQ(view.ticket.status, TicketStatus::in_progress);
  EXPECT_FALSE(view.ticket.resolved_at.has_value());
}

TEST_F(Desk, StateTablesAreNothingButTheLog) {
  const TicketId ticket = world.new_ticket();
  const Delegation delegation = world.delegate(ticket);
  world.done(world.claim().at(0), "77");
  world.change(R"({"event_id":"s1","external_id":"77","type":"status","status":"resolved"})");
  world.store.run(world.agent, [&](Tx& tx) { return desk::accept(tx, delegation.id, "tack"); })
      .value();
  const auto differences = [&] {
    return world.store.run(world.system, [](Tx& tx) { return verify_projection(tx); });
  };
  EXPECT_THAT(differences(), testing::IsEmpty());
  world.store.connection().execute_script("UPDATE ticket SET priority = 'urgent'");
  EXPECT_THAT(differences(),
              testing::ElementsAre(HasSubstr("table ticket"), HasSubstr("table ticket")));
}

TEST_F(Desk, AStatementWithoutTenantScopeIsRefused) {
  static constexpr Sql kForgetful{"SELECT subject FROM ticket WHERE ticket_id = $1"};
  EXPECT_DEATH(world.store.run(world.user, [&](Tx& tx) { return tx.query(kForgetful, 1).next(); }),
               "without tenant scope");
}

}  // namespace
}  // namespace ombud::test
