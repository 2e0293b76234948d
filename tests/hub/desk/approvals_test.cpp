// An order waits for a yes of its own organisation, and nothing of it leaves before.
#include <gmock/gmock.h>

#include <fmt/format.h>

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "desk/approvals.hpp"
#include "desk/deputies.hpp"
#include "desk/leaving.hpp"
#include "desk/rearrange.hpp"
#include "domain/delegation_rules.hpp"
#include "store/identity.hpp"
#include "store/news.hpp"
#include "store/projection.hpp"
#include "support/desk_world.hpp"

namespace ombud::test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

constexpr Millis kHour{3'600'000};

struct Approvals : testing::Test {
  Approvals() {
    bytes_init();
    world.store.run(world.system, [&](Tx& tx) {
      karin = DeskWorld::person(tx, "alfa", "Karin Ek", "karin@alfa.example", "");
      nils = DeskWorld::person(tx, "alfa", "Nils Nord", "nils@alfa.example", "");
      betas = DeskWorld::person(tx, "beta", "Berit Berg", "berit@beta.example", "");
      for (Principal* who : {&karin, &nils, &betas}) {
        who->role = Role::approver;
        set_approver(tx, who->person, true);
      }
      return true;
    });
  }
  ~Approvals() override {
    const auto differences =
        world.store.run(world.system, [](Tx& tx) { return verify_projection(tx); });
    EXPECT_THAT(differences, testing::IsEmpty()) << "the tables follow from the log";
  }

  Result<Ticket> register_as(const Principal& who, desk::Register request) {
    if (request.subject.empty()) request.subject = "Ny skärm";
    return world.store.run(who, [&](Tx& tx) { return desk::register_ticket(tx, request); });
  }
  TicketId order(const Principal& who) {
    desk::Register request;
    request.kind = TicketKind::order;
    return register_as(who, request).value().id;
  }
  TicketId order() { return order(world.user); }
  Result<Ticket> decide(const Principal& who, TicketId ticket, bool approve,
                        const std::string& comment = "") {
    const desk::Decision decision{ticket, approve, comment};
    return world.store.run(who, [&](Tx& tx) { return desk::decide(tx, decision); });
  }
  Result<Ticket> ask(TicketId ticket) {
    return world.store.run(world.agent, [&](Tx& tx) { return desk::ask_approval(tx, ticket); });
  }
  Result<Ticket> waive(TicketId ticket, const std::string& reason) {
    return world.store.run(world.agent,
                           [&](Tx& tx) { return desk::waive_approval(tx, ticket, reason); });
  }
  Ticket ticket(TicketId id) {
    return *world.store.run(world.system, [&](Tx& tx) { return find_ticket(tx, id); });
  }
  static desk::Reply words(TicketId id, const std::string& text) {
    desk::Reply reply;
    reply.ticket = id;
    reply.text = text;
    return reply;
  }
  void change(TicketId id, TicketKind kind) {
    desk::Change what;
    what.kind = kind;
    world.store.run(world.agent, [&](Tx& tx) { return desk::change(tx, id, {}, what); }).value();
  }
  void give(TicketId id, const Principal& whom) {
    desk::Change what;
    what.requester = whom.person;
    world.store.run(world.agent, [&](Tx& tx) { return desk::change(tx, id, {}, what); }).value();
  }
  // The last one of this type.
  Result<Ticket> undo(TicketId id, std::string_view type) {
    EventId event;
    for (const LoggedEvent& e :
         world.store.run(world.system, [&](Tx& tx) { return events_of(tx, id, 0, 100); })) {
      if (e.type == type) event = e.id;
    }
    return world.store.run(world.agent, [&](Tx& tx) { return desk::undo(tx, id, event); });
  }
  void customer(std::optional<bool> asks, int days = 3) {
    world.store.run(world.system, [&](Tx& tx) {
      Customer alfa = *find_customer(tx, "alfa");
      alfa.order_approval = asks;
      alfa.approval_days = days;
      put_customer(tx, alfa);
      return true;
    });
  }
  void approver(const Principal& who, bool is) {
    world.store.run(world.system, [&](Tx& tx) { return set_approver(tx, who.person, is), true; });
  }
  bool sees(const Principal& who, TicketId id) {
    return world.store.run(who, [&](Tx& tx) { return desk::show(tx, id); }).has_value();
  }
  std::vector<TicketId> listed(const Principal& who, bool mine, const std::string& words = "") {
    desk::List request;
    request.words = words;
    if (mine) request.filter.approval_by = who.person;
    std::vector<TicketId> ids;
    const auto found = world.store.run(who, [&](Tx& tx) { return desk::list(tx, request); });
    for (const Ticket& each : found.value().tickets) ids.push_back(each.id);
    return ids;
  }
  void with_account(const Principal& who, Role role, bool disabled) {
    world.store.run(world.system, [&](Tx& tx) {
      Account account;
      account.email = who.name;
      account.name = who.name;
      account.id = add_account(tx, account);
      put_membership(tx, account.id, {"alfa", "Alfa AB", who.person, role});
      if (disabled) account.disabled_at = tx.at();
      update_account(tx, account);
      return true;
    });
  }
  // From that much later on, for a day.
  void stands_in(const Principal& approver, const Principal& deputy, Millis later = Millis{0}) {
    const Instant from = world.clock.now() + later;
    world.store
        .run(world.system,
             [&](Tx& tx) {
               return desk::name_deputy(
                   tx, {approver.person, deputy.person, "", from, from + kHour * 24});
             })
        .value();
  }
  // Of whom the order was asked last.
  std::vector<std::int64_t> asked(TicketId id) {
    std::vector<std::int64_t> people;
    for (const LoggedEvent& e :
         world.store.run(world.system, [&](Tx& tx) { return events_of(tx, id, 0, 100); })) {
      if (e.type != "approval_requested") continue;
      people.clear();
      const auto data = json::parse(e.data);
      const json::View list = data->root()["asked"];
      for (std::size_t i = 0; i < list.size(); ++i) people.push_back(list.at(i).integer());
    }
    return people;
  }
  int remind() {
    return world.store.run(world.system, [](Tx& tx) { return desk::remind_of_approvals(tx); });
  }
  std::vector<std::string> log(TicketId id) {
    std::vector<std::string> types;
    for (const LoggedEvent& e :
         world.store.run(world.system, [&](Tx& tx) { return events_of(tx, id, 0, 100); })) {
      types.push_back(e.type);
    }
    return types;
  }
  void hand_over_at_once() {
    world.store.run(world.system, [&](Tx& tx) {
      Agreement a = *find_agreement(tx, world.agreement);
      a.delegate_automatically = true;
      put_agreement(tx, a);
      return true;
    });
  }
  TicketId printer_order(bool held = false) {
    desk::Register request;
    request.kind = TicketKind::order;
    request.service = "printing";
    request.held = held;
    return register_as(held ? world.system : world.user,
                       [&] {
                         if (held) request.customer = "alfa";
                         if (held) request.requester = world.user.person;
                         return request;
                       }())
        .value()
        .id;
  }
  std::size_t left() { return world.claim().size(); }

  DeskWorld world;
  Principal karin, nils, betas;
};

TEST_F(Approvals, AnOrderWaitsForThoseWhoMaySayYesAndItsRequesterSeesWhoTheyAre) {
  const TicketId id = order();
  const auto view = world.view(world.user, id);
  ASSERT_TRUE(view.approval);
  EXPECT_EQ(view.approval->approval.state, ApprovalState::needed);
  EXPECT_EQ(view.approval->approvers,
            (std::vector<desk::Decides>{{karin.person, "Karin Ek"}, {nils.person, "Nils Nord"}}));
  EXPECT_EQ(view.waits_for, Party::user) << "the customer's side has the ball";
  EXPECT_EQ(view.ticket.status, TicketStatus::fresh);
  EXPECT_THAT(view.may, Not(Contains("approve")));
  EXPECT_THAT(world.view(karin, id).may, testing::ElementsAre("approve"));
  EXPECT_THAT(log(id), testing::ElementsAre("registered", "approval_requested"));
}

TEST_F(Approvals, OtherTicketsOwnOrdersAndCustomersThatDoNotAskNeedNone) {
  desk::Register incident;
  EXPECT_FALSE(register_as(world.user, incident)->approval);
  EXPECT_FALSE(ticket(order(karin)).approval) << "an approver's own order";
  customer(false);
  EXPECT_FALSE(ticket(order()).approval);
  customer(true);
  EXPECT_EQ(ticket(order()).approval, ApprovalState::needed);
}

TEST_F(Approvals, ACustomerWithoutApproversIsNotAskedUnlessItSaysSo) {
  approver(karin, false);
  approver(nils, false);
  const TicketId id = order();
  EXPECT_FALSE(ticket(id).approval);
  EXPECT_FALSE(world.view(world.user, id).approval);
  const auto desks = world.view(world.agent, id).approval;
  ASSERT_TRUE(desks);
  EXPECT_EQ(desks->approval.state, ApprovalState::not_needed);
  EXPECT_TRUE(desks->approvers.empty()) << "the desk sees that nobody could approve it";
  const auto asked = ask(id);
  ASSERT_FALSE(asked);
  EXPECT_THAT(asked.error().detail, HasSubstr("Nobody at customer \"alfa\""));

  customer(true);
  const TicketId other = order();
  EXPECT_EQ(ticket(other).approval, ApprovalState::needed);
  EXPECT_TRUE(world.view(world.agent, other).approval->approvers.empty());
  EXPECT_TRUE(waive(other, "Ringt Alfas vd."));
}

TEST_F(Approvals, AMailProvesNobodySoAnApproversOrderByMailWaitsForAnother) {
  desk::Register mailed;
  mailed.customer = "alfa";
  mailed.requester = karin.person;
  mailed.channel = Channel::mail;
  mailed.kind = TicketKind::order;
  const TicketId id = register_as(world.system, mailed)->id;
  EXPECT_EQ(ticket(id).approval, ApprovalState::needed);
  EXPECT_EQ(decide(karin, id, true).error().kind, ProblemKind::forbidden);
  EXPECT_TRUE(decide(nils, id, true));
}

TEST_F(Approvals, AYesLetsItGoOnAndIsKept) {
  const TicketId id = order();
  const auto decided = decide(karin, id, true, "Gärna.");
  ASSERT_TRUE(decided);
  EXPECT_EQ(decided->approval, ApprovalState::approved);
  EXPECT_EQ(decided->status, TicketStatus::fresh);
  const auto view = world.view(world.user, id);
  EXPECT_EQ(view.approval->decided_by_name, "Karin Ek");
  EXPECT_EQ(view.approval->approval.comment, "Gärna.");
  EXPECT_EQ(view.approval->approval.decided_at, world.clock.now());
  EXPECT_EQ(view.waits_for, Party::desk);
  const auto again = decide(nils, id, false, "Nej");
  EXPECT_EQ(again.error().kind, ProblemKind::conflict);
  EXPECT_THAT(again.error().detail, HasSubstr("Karin Ek has approved"));
  EXPECT_THAT(decide(karin, id, false, "Nej").error().detail, HasSubstr("Karin Ek has approved"));
}

TEST_F(Approvals, ANoNeedsItsReasonResolvesTheOrderAndTheRequesterMayAnswer) {
  const TicketId id = order();
  for (const char* nothing : {"", " \n"}) {
    EXPECT_EQ(decide(karin, id, false, nothing).error().fields.at(0).pointer, "/comment");
  }
  EXPECT_EQ(decide(karin, id, false, std::string(5000, 'x')).error().fields.at(0).pointer,
            "/comment");
  EXPECT_EQ(decide(karin, id, true, "\xC3").error().fields.at(0).pointer, "/comment");
  const auto decided = decide(karin, id, false, "Det finns en i förrådet.");
  EXPECT_EQ(decided->status, TicketStatus::resolved);
  EXPECT_EQ(decided->approval, ApprovalState::rejected);
  EXPECT_THAT(log(id), testing::ElementsAre("registered", "approval_requested", "approval_decided",
                                            "status_changed"));
  EXPECT_TRUE(sees(karin, id)) << "whoever decided may read it";
  EXPECT_TRUE(sees(nils, id)) << "his link opens what was asked of him";

  const desk::Reply answer = words(id, "Den är trasig.");
  world.store.run(world.user, [&](Tx& tx) { return desk::reply(tx, answer); }).value();
  EXPECT_EQ(ticket(id).status, TicketStatus::in_progress);
  const auto handed = world.store.run(world.agent, [&](Tx& tx) {
    desk::Delegate request;
    request.ticket = id;
    request.service = "printing";
    return desk::delegate(tx, request);
  });
  EXPECT_EQ(handed.error().code, kOrderNotApproved);
  EXPECT_TRUE(ask(id));
  EXPECT_EQ(ticket(id).approval, ApprovalState::needed);
  EXPECT_TRUE(decide(nils, id, true)) << "asked again, any of them may answer";
}

TEST_F(Approvals, OnlyAnApproverOfThatCustomerDecidesAndNeverHisOwnOrder) {
  const TicketId id = order();
  EXPECT_EQ(decide(world.user, id, true).error().kind, ProblemKind::forbidden);
  EXPECT_EQ(decide(world.agent, id, true).error().kind, ProblemKind::forbidden);
  EXPECT_EQ(decide(world.system, id, true).error().kind, ProblemKind::forbidden);
  EXPECT_EQ(decide(world.colleague, id, true).error().kind, ProblemKind::not_found);
  EXPECT_EQ(decide(betas, id, true).error().kind, ProblemKind::not_found);
  Principal admin = world.agent;
  admin.role = Role::admin;
  EXPECT_EQ(decide(admin, id, true).error().kind, ProblemKind::forbidden);

  approver(world.user, true);  // who has ordered it becomes an approver afterwards
  EXPECT_EQ(decide(world.user, id, true).error().kind, ProblemKind::forbidden);
  EXPECT_EQ(ticket(id).approval, ApprovalState::needed);
}

TEST_F(Approvals, WhoeverWroteTheOrderForSomebodyAtTheDeskDoesNotApproveItAsACustomer) {
  Account account;
  account.email = "karin@alfa.example";
  account.name = "Karin Ek";
  account.staff = Staff{"anna", Role::agent, {}};
  karin.account = world.store.run(world.system, [&](Tx& tx) {
    const AccountId made = add_account(tx, account);
    put_membership(tx, made, {"alfa", "Alfa AB", karin.person, Role::approver});
    return made;
  });
  desk::Register for_erik;
  for_erik.customer = "alfa";
  for_erik.requester = world.user.person;
  for_erik.kind = TicketKind::order;
  const TicketId id = register_as(world.agent, for_erik)->id;
  EXPECT_FALSE(sees(karin, id));
  EXPECT_TRUE(listed(karin, true).empty());
  EXPECT_EQ(listed(nils, true), std::vector<TicketId>{id});
  EXPECT_EQ(asked(id), std::vector<std::int64_t>{nils.person.value}) << "she is not asked, either";
  const auto view = *world.view(world.agent, id).approval;
  EXPECT_EQ(view.approvers, (std::vector<desk::Decides>{{karin.person, "Karin Ek", false},
                                                        {nils.person, "Nils Nord", true}}));
  EXPECT_EQ(view.trouble, "");
  EXPECT_FALSE(decide(karin, id, true));
  EXPECT_TRUE(decide(nils, id, true));

  // Alone she cannot; the desk reads why, and a manager there is asked with it.
  approver(nils, false);
  const TicketId alone = register_as(world.agent, for_erik)->id;
  EXPECT_TRUE(asked(alone).empty());
  EXPECT_THAT(world.view(world.agent, alone).approval->trouble,
              HasSubstr("Karin Ek wrote this order for its requester"));
  EXPECT_EQ(world.view(world.user, alone).approval->trouble, "") << "the desk's to mend";
  EXPECT_THAT(ask(alone).error().detail, HasSubstr("Karin Ek wrote"));
  with_account(world.colleague, Role::manager, false);
  Principal manager = world.colleague;
  manager.role = Role::manager;
  EXPECT_TRUE(ask(alone));
  EXPECT_EQ(asked(alone), std::vector<std::int64_t>{manager.person.value});
  EXPECT_TRUE(decide(manager, alone, true));
}

TEST_F(Approvals, WhatACustomersSystemBringsInIsNotTheApproversOwnWord) {
  Principal system;
  system.role = Role::customer;
  system.tenant = "alfa";
  system.agent = "itsm";
  desk::Register brought;
  brought.kind = TicketKind::order;
  brought.requester = karin.person;
  EXPECT_EQ(register_as(system, brought)->approval, ApprovalState::needed);
  // Nor if the desk makes an order of it afterwards.
  brought.kind = TicketKind::incident;
  const TicketId later = register_as(system, brought)->id;
  change(later, TicketKind::order);
  EXPECT_EQ(ticket(later).approval, ApprovalState::needed);
  EXPECT_THAT(asked(later), testing::ElementsAre(nils.person.value));
  world.store.run(world.system, [&](Tx& tx) {
    Customer alfa = *find_customer(tx, "alfa");
    alfa.system_speaks_for_approvers = true;
    put_customer(tx, alfa);
    return true;
  });
  brought.kind = TicketKind::order;
  EXPECT_FALSE(register_as(system, brought)->approval) << "its customer vouches for it";
}

TEST_F(Approvals, ADeputyIsAskedAndDecidesWhatTheApproverMight) {
  const Principal maja = world.colleague;
  stands_in(karin, maja);
  const TicketId id = order();
  EXPECT_THAT(asked(id), testing::UnorderedElementsAre(karin.person.value, nils.person.value,
                                                       maja.person.value));
  EXPECT_EQ(world.view(world.user, id).approval->approvers.back(),
            (desk::Decides{maja.person, "Maja Malm", true, karin.person, "Karin Ek"}));
  EXPECT_TRUE(sees(maja, id));
  EXPECT_EQ(listed(maja, true), std::vector<TicketId>{id});
  EXPECT_EQ(listed(maja, false), std::vector<TicketId>{id});
  EXPECT_TRUE(decide(maja, id, true, "Gärna."));
  const auto view = *world.view(world.user, id).approval;
  EXPECT_EQ(view.decided_by_name, "Maja Malm");
  EXPECT_EQ(view.decided_for_name, "Karin Ek");
  EXPECT_EQ(view.approval.decided_for, karin.person);
  for (const LoggedEvent& e :
       world.store.run(world.system, [&](Tx& tx) { return events_of(tx, id, 0, 100); })) {
    if (e.type != "approval_decided") continue;
    EXPECT_THAT(e.data, HasSubstr(fmt::format("\"for\":{}", karin.person.value)));
  }

  // Not before, not after, and not once the approver is none any more.
  const TicketId next = order();
  world.clock.advance(kHour * 48);
  EXPECT_FALSE(decide(maja, next, true));
  EXPECT_TRUE(listed(maja, true).empty());
  stands_in(karin, maja, kHour);
  EXPECT_FALSE(decide(maja, next, true));
  world.clock.advance(kHour);
  EXPECT_EQ(listed(maja, true), std::vector<TicketId>{next});
  approver(karin, false);
  EXPECT_FALSE(decide(maja, next, true));
  EXPECT_TRUE(listed(maja, true).empty());
}

TEST_F(Approvals, WhoeverStandsInAtOnceIsAskedAboutWhatWaitsAlreadyAndItsTimeGoesOn) {
  const Principal maja = world.colleague;
  const TicketId id = order(), hers = order(maja), decided = order();
  decide(nils, decided, true).value();
  const auto before = world.view(world.agent, id).approval->approval;
  world.clock.advance(kHour * 40);
  ASSERT_EQ(remind(), 2);
  stands_in(karin, maja, kHour);
  EXPECT_FALSE(sees(maja, id)) << "not yet";
  stands_in(karin, maja);
  EXPECT_EQ(asked(id), std::vector<std::int64_t>{maja.person.value});
  EXPECT_THAT(asked(hers), Not(Contains(maja.person.value))) << "her own";
  EXPECT_THAT(asked(decided), Not(Contains(maja.person.value)));
  const auto after = world.view(world.agent, id).approval->approval;
  EXPECT_EQ(after.requested_at, before.requested_at);
  EXPECT_EQ(after.due_at, before.due_at);
  EXPECT_TRUE(after.reminded_at) << "nobody is reminded once more";
  EXPECT_EQ(remind(), 0);

  const auto said = log(id).size();
  stands_in(karin, maja);
  EXPECT_EQ(log(id).size(), said) << "he is asked once";
}

TEST_F(Approvals, NobodyDecidesByADeputyWhatHeMayNotHimself) {
  const Principal maja = world.colleague;
  stands_in(karin, maja);
  const auto refused = [&](const Principal& who, TicketId id) {
    return !decide(who, id, true) && listed(who, true).empty();
  };
  EXPECT_TRUE(refused(maja, order(maja))) << "the deputy's own order";
  desk::Register mailed;
  mailed.customer = "alfa";
  mailed.requester = karin.person;
  mailed.channel = Channel::mail;
  mailed.kind = TicketKind::order;
  const TicketId of_karin = register_as(world.system, mailed)->id;
  EXPECT_EQ(decide(maja, of_karin, true).error().kind, ProblemKind::not_found)
      << "what the approver ordered herself";
  EXPECT_THAT(asked(of_karin), testing::ElementsAre(nils.person.value));
  decide(nils, of_karin, true).value();
  // In the place of two: of whom one may is enough.
  stands_in(nils, maja);
  const TicketId again = register_as(world.system, mailed)->id;
  EXPECT_EQ(listed(maja, true), std::vector<TicketId>{again});
  EXPECT_TRUE(decide(maja, again, true));
  EXPECT_EQ(world.view(world.user, order()).approval->approvers.size(), 3U) << "listed once";
  // A deputy has no deputy; and who approves himself stands in for nobody.
  const auto chain = world.store.run(maja, [&](Tx& tx) {
    return desk::name_deputy(tx,
                             {maja.person, {}, "erik@alfa.example", {}, world.clock.now() + kHour});
  });
  EXPECT_EQ(chain.error().kind, ProblemKind::conflict);
  stands_in(karin, nils);
  const TicketId own = order();
  decide(nils, own, true).value();
  EXPECT_EQ(world.view(world.user, own).approval->decided_for_name, "");
}

TEST_F(Approvals, ADeputyIsOfTheSameCustomerAndGoesWithEitherOfTheTwo) {
  const auto named = [&](const Principal& by, const std::string& email) {
    return world.store.run(by, [&](Tx& tx) {
      return desk::name_deputy(tx, {karin.person, {}, email, {}, world.clock.now() + kHour});
    });
  };
  EXPECT_EQ(named(karin, "berit@beta.example").error().fields.at(0).pointer, "/email");
  EXPECT_EQ(named(betas, "maja@alfa.example").error().kind, ProblemKind::not_found);
  EXPECT_EQ(named(world.user, "maja@alfa.example").error().kind, ProblemKind::not_found);
  ASSERT_TRUE(named(karin, "maja@alfa.example"));
  const TicketId id = order();
  world.store.run(world.system, [&](Tx& tx) {
    return desk::erase_person(tx, world.colleague.person).has_value();
  });
  EXPECT_THAT(asked(id), Contains(world.colleague.person.value));
  EXPECT_FALSE(sees(world.colleague, id));
  EXPECT_EQ(world.view(world.user, id).approval->approvers.size(), 2U);
}

TEST_F(Approvals, WhoMayDecideIsReadWhenItMatters) {
  const TicketId id = order();
  approver(karin, false);
  EXPECT_FALSE(sees(karin, id));
  EXPECT_FALSE(decide(karin, id, true)) << "he was asked, but is none any more";
  Principal maja = world.colleague;
  approver(maja, true);
  EXPECT_EQ(world.view(world.user, id).approval->approvers.size(), 2U);
  EXPECT_TRUE(decide(maja, id, true)) << "he has become one since";
}

TEST_F(Approvals, AManagerMayDecideAndADisabledAccountMayNot) {
  with_account(world.colleague, Role::manager, false);
  with_account(nils, Role::approver, true);
  Principal manager = world.colleague;
  manager.role = Role::manager;
  const TicketId id = order();
  EXPECT_EQ(world.view(world.agent, id).approval->approvers,
            (std::vector<desk::Decides>{{karin.person, "Karin Ek"},
                                        {world.colleague.person, "Maja Malm"}}));
  EXPECT_EQ(listed(manager, true), std::vector<TicketId>{id});
  EXPECT_TRUE(decide(manager, id, true));
  approver(karin, false);
  approver(nils, false);
  with_account(world.user, Role::user, false);
  EXPECT_TRUE(world.store.run(world.system, [](Tx& tx) { return !has_approver(tx, "beta"); }) ==
              false)
      << "beta has Berit";
}

TEST_F(Approvals, AnApproverReadsWhatWaitsForHimAndTakesNoPartInIt) {
  const TicketId id = order(), incident = world.new_ticket();
  EXPECT_TRUE(sees(karin, id));
  EXPECT_FALSE(sees(karin, incident));
  EXPECT_FALSE(sees(betas, id));
  EXPECT_EQ(listed(karin, false), std::vector<TicketId>{id});
  EXPECT_EQ(listed(karin, true), std::vector<TicketId>{id});
  EXPECT_EQ(listed(karin, false, "skärm"), std::vector<TicketId>{id});
  EXPECT_TRUE(listed(betas, true).empty());
  EXPECT_TRUE(listed(world.colleague, true).empty());
  EXPECT_TRUE(listed(world.user, true).empty()) << "his own";

  const auto refused = [&](auto use_case) {
    const auto answer = world.store.run(karin, use_case);
    return !answer && answer.error().kind == ProblemKind::forbidden;
  };
  EXPECT_TRUE(refused([&](Tx& tx) { return desk::reply(tx, words(id, "Vad kostar den?")); }));
  EXPECT_TRUE(refused([&](Tx& tx) { return desk::attach(tx, id, {"a.txt", "", 1, "x"}, false); }));
  EXPECT_TRUE(refused([&](Tx& tx) { return desk::reopen(tx, id, ""); }));
  EXPECT_TRUE(refused([&](Tx& tx) { return desk::close(tx, id, ""); }));
  EXPECT_TRUE(refused([&](Tx& tx) { return desk::cancel(tx, id, ""); }));

  EXPECT_TRUE(decide(karin, id, true));
  EXPECT_TRUE(sees(karin, id));
  EXPECT_EQ(listed(karin, false), std::vector<TicketId>{id});
  EXPECT_TRUE(listed(karin, true).empty());
  EXPECT_TRUE(listed(nils, false).empty());
  EXPECT_EQ(listed(karin, false, "skärm"), std::vector<TicketId>{id});
}

TEST_F(Approvals, AMailOfAnApproverDecidesNothingButItsTextIsKept) {
  const TicketId id = order();
  Principal mail = karin;
  mail.role = Role::user;
  desk::Reply answer = words(id, "Ja, köp den!");
  answer.mail_message_id = "<1@alfa.example>";
  world.store.run(mail, [&](Tx& tx) { return desk::reply(tx, answer); }).value();
  EXPECT_EQ(ticket(id).approval, ApprovalState::needed);
  EXPECT_EQ(world.view(world.user, id).messages.back().text, "Ja, köp den!");
}

TEST_F(Approvals, NothingLeavesBeforeTheYesAndThenTheAgreementHandsItOverInTheSameStep) {
  hand_over_at_once();
  const TicketId id = printer_order();
  EXPECT_EQ(left(), 0U);
  EXPECT_TRUE(world.view(world.agent, id).delegations.empty());
  const auto decided = decide(karin, id, true);
  EXPECT_EQ(decided->status, TicketStatus::waiting_supplier);
  EXPECT_EQ(world.view(world.agent, id).delegations.size(), 1U);
  EXPECT_EQ(left(), 1U);
  EXPECT_THAT(log(id), testing::ElementsAre("registered", "approval_requested", "approval_decided",
                                            "delegated", "status_changed"));
}

TEST_F(Approvals, WhatAMachineWroteIsNotHandedOverByAYesEither) {
  hand_over_at_once();
  const TicketId id = printer_order(true);
  EXPECT_TRUE(decide(karin, id, true));
  EXPECT_TRUE(world.view(world.agent, id).delegations.empty());
}

TEST_F(Approvals, TheDeskGoesOnWithoutAYesOnlyWithAReason) {
  hand_over_at_once();
  const TicketId id = printer_order();
  EXPECT_EQ(waive(id, " ").error().fields.at(0).pointer, "/reason");
  const auto by_user =
      world.store.run(karin, [&](Tx& tx) { return desk::waive_approval(tx, id, "x"); });
  EXPECT_EQ(by_user.error().kind, ProblemKind::forbidden);
  EXPECT_TRUE(waive(id, "Karin sa ja i telefon."));
  const auto view = world.view(world.agent, id);
  EXPECT_EQ(view.approval->approval.state, ApprovalState::not_needed);
  EXPECT_EQ(view.approval->approval.comment, "Karin sa ja i telefon.");
  EXPECT_EQ(view.delegations.size(), 1U) << "as if none had been needed";
  EXPECT_FALSE(waive(id, "igen"));
  EXPECT_FALSE(ask(id)) << "a supplier has it";
  EXPECT_FALSE(decide(karin, id, false, "Nej"));
}

TEST_F(Approvals, TheKindDecidesWhetherAYesIsNeeded) {
  const TicketId id = order();
  change(id, TicketKind::incident);
  EXPECT_EQ(ticket(id).approval, ApprovalState::not_needed);
  EXPECT_FALSE(sees(karin, id));
  change(id, TicketKind::order);
  EXPECT_EQ(ticket(id).approval, ApprovalState::needed) << "it is asked for anew";
  EXPECT_TRUE(decide(karin, id, true));
  change(id, TicketKind::question);
  change(id, TicketKind::order);
  EXPECT_EQ(ticket(id).approval, ApprovalState::approved) << "a yes stays one";

  const TicketId incident = world.new_ticket();
  change(incident, TicketKind::order);
  EXPECT_EQ(ticket(incident).approval, ApprovalState::needed);
  const TicketId at_work = world.new_ticket();
  world.delegate(at_work);
  change(at_work, TicketKind::order);
  EXPECT_FALSE(ticket(at_work).approval) << "a supplier has it already";
}

TEST_F(Approvals, UndoingAChangeOfKindUndoesWhatFollowedAndADecisionIsNeverUndone) {
  const TicketId id = world.new_ticket();
  change(id, TicketKind::order);
  EXPECT_TRUE(undo(id, "edited"));
  EXPECT_EQ(ticket(id).kind, TicketKind::incident);
  EXPECT_EQ(ticket(id).approval, ApprovalState::not_needed);

  const TicketId rejected = order();
  decide(karin, rejected, false, "Nej").value();
  const auto refused = undo(rejected, "status_changed");
  ASSERT_FALSE(refused);
  EXPECT_EQ(ticket(rejected).status, TicketStatus::resolved);
}

TEST_F(Approvals, AnApproversOrderThatIsGivenToAnotherWaitsAndHisOwnWordsAreNotHisToApprove) {
  const TicketId own = order(karin);
  ASSERT_FALSE(ticket(own).approval) << "her own order needs none";
  give(own, world.user);
  EXPECT_EQ(ticket(own).approval, ApprovalState::needed);
  EXPECT_FALSE(may_leave(TicketKind::order, ticket(own).approval));
  EXPECT_EQ(asked(own), std::vector<std::int64_t>{nils.person.value}) << "they are Karin's words";
  EXPECT_EQ(decide(karin, own, true).error().kind, ProblemKind::not_found);
  EXPECT_TRUE(listed(karin, true).empty());
  EXPECT_EQ(listed(nils, true), std::vector<TicketId>{own});
  EXPECT_TRUE(decide(nils, own, true));
}

TEST_F(Approvals, AWaitingOrderThatIsGivenToAnotherIsAskedAnewAndNotOfWhoMailedIt) {
  desk::Register mailed;
  mailed.customer = "alfa";
  mailed.requester = karin.person;
  mailed.channel = Channel::mail;
  mailed.kind = TicketKind::order;
  const TicketId id = register_as(world.system, mailed)->id;
  give(id, world.user);
  EXPECT_EQ(log(id), (std::vector<std::string>{"registered", "approval_requested", "edited",
                                               "approval_requested"}));
  EXPECT_EQ(decide(karin, id, true).error().kind, ProblemKind::not_found);
  approver(nils, false);
  EXPECT_THAT(world.view(world.agent, id).approval->trouble, HasSubstr("has ordered it"));
  approver(nils, true);
  EXPECT_TRUE(decide(nils, id, true));
}

TEST_F(Approvals, WhatWasApprovedOrNeedsNoYesByTheDesksWordStaysSoWhoeverGetsIt) {
  const TicketId approved = order(), waived = order();
  decide(karin, approved, true).value();
  waive(waived, "it is urgent").value();
  for (const TicketId id : {approved, waived}) give(id, nils);
  EXPECT_EQ(ticket(approved).approval, ApprovalState::approved);
  EXPECT_EQ(ticket(waived).approval, ApprovalState::not_needed);
}

TEST_F(Approvals, UndoingAChangeOfRequesterAsksByTheRulesToo) {
  const TicketId hers = order(karin);
  customer(false);
  give(hers, world.user);
  ASSERT_FALSE(ticket(hers).approval) << "nobody is asked there then";
  world.clock.advance(kHour);
  give(hers, karin);
  customer(true);
  EXPECT_TRUE(undo(hers, "edited")) << "it is the user's again";
  EXPECT_EQ(ticket(hers).requester, world.user.person);
  EXPECT_EQ(ticket(hers).approval, ApprovalState::needed);
}

TEST_F(Approvals, WhatIsSplitOffAnOrderNeedsItsOwnYes) {
  hand_over_at_once();
  const TicketId id = printer_order();
  decide(karin, id, true).value();
  const desk::Split split{id, {world.view(world.agent, id).messages.at(0).id}, "En till"};
  const auto made = world.store.run(world.agent, [&](Tx& tx) { return desk::split(tx, split); });
  ASSERT_TRUE(made);
  EXPECT_EQ(made->approval, ApprovalState::needed);
  decide(karin, made->id, true).value();
  EXPECT_TRUE(world.view(world.agent, made->id).delegations.empty()) << "the desk hands it over";
}

TEST_F(Approvals, AnOrderThatEndsWaitsForNobody) {
  const TicketId id = order();
  world.store.run(world.user, [&](Tx& tx) { return desk::cancel(tx, id, ""); }).value();
  EXPECT_TRUE(listed(karin, true).empty());
  EXPECT_FALSE(decide(karin, id, true));
  EXPECT_FALSE(ask(id));
  world.clock.advance(kHour * 100);
  EXPECT_EQ(remind(), 0);
  world.store.run(world.user, [&](Tx& tx) { return desk::reopen(tx, id, ""); }).value();
  EXPECT_EQ(listed(karin, true), std::vector<TicketId>{id}) << "opened again, it waits again";
}

TEST_F(Approvals, HalfWayItIsRemindedOnce) {
  customer({}, 2);
  const TicketId id = order();
  world.clock.advance(kHour * 23);
  EXPECT_EQ(remind(), 0);
  world.clock.advance(kHour);
  EXPECT_EQ(remind(), 1);
  EXPECT_EQ(remind(), 0);
  const auto view = world.view(world.agent, id).approval->approval;
  EXPECT_EQ(view.reminded_at, world.clock.now());
  EXPECT_EQ(view.due_at - view.requested_at, kHour * 48) << "a reminder moves nothing";
  world.clock.advance(kHour * 1000);
  EXPECT_EQ(remind(), 0);
  EXPECT_TRUE(ask(id)) << "asked again, the time runs again";
  EXPECT_FALSE(world.view(world.agent, id).approval->approval.reminded_at);
  world.clock.advance(kHour * 24);
  EXPECT_EQ(remind(), 1);
  EXPECT_TRUE(decide(karin, id, true));
  world.clock.advance(kHour * 1000);
  EXPECT_EQ(remind(), 0);
}

TEST_F(Approvals, ALongPauseIsCaughtUpInPieces) {
  for (int i = 0; i < desk::kRemindedAtOnce + 3; ++i) order();
  world.clock.advance(kHour * 1000);
  EXPECT_EQ(remind(), desk::kRemindedAtOnce);
  EXPECT_EQ(remind(), 3);
  EXPECT_EQ(remind(), 0);
}

TEST_F(Approvals, TheDeskCountsAndListsWhatWaits) {
  const TicketId id = order();
  order();
  TicketFilter filter;
  filter.approval_needed = true;
  const auto count = [&](const Principal& who) {
    return world.store.run(who, [&](Tx& tx) { return count_tickets(tx, filter); });
  };
  EXPECT_EQ(count(world.agent).n, 2);
  EXPECT_TRUE(count(world.agent).exact);
  EXPECT_EQ(count(betas).n, 0);
  decide(karin, id, true).value();
  EXPECT_EQ(count(world.agent).n, 1);
  filter.customer = "beta";
  EXPECT_EQ(count(world.agent).n, 0);
}

TEST_F(Approvals, WhoMayDecideHearsOfItLive) {
  const TicketId id = order();
  const auto heard_after = [&](std::int64_t after) {
    return world.store.run(world.system, [&](Tx& tx) { return news_after(tx, after, 100); });
  };
  const auto made = heard_after(0);
  ASSERT_EQ(made.tickets.size(), 1U);
  EXPECT_THAT(made.tickets[0].people, Contains(karin.person));
  decide(nils, id, true).value();
  const auto decided = heard_after(made.until);
  EXPECT_EQ(decided.tickets.at(0).shared_event, "approval_decided");
  EXPECT_THAT(decided.tickets[0].people, Contains(karin.person)) << "it waits for him no more";
}

}  // namespace
}  // namespace ombud::test
