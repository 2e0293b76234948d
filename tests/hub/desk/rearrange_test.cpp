// Escalate, merge, split, relate and undo: what happens, what is refused, and that nothing is lost.
#include <gmock/gmock.h>

#include "base/bytes.hpp"
#include "desk/bulk.hpp"
#include "desk/limits.hpp"
#include "desk/rearrange.hpp"
#include "desk/ticket_people.hpp"
#include "domain/policy.hpp"
#include "store/projection.hpp"
#include "support/desk_world.hpp"

namespace ombud::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

struct Rearrange : testing::Test {
  Rearrange() {
    bytes_init();
    world.agent.role = Role::lead;  // may give tickets to other teams
    world.store.run(world.system, [](Tx& tx) { return put_team(tx, {"natet", "Nätet"}), true; });
  }
  ~Rearrange() override {
    const auto differences =
        world.store.run(world.system, [](Tx& tx) { return verify_projection(tx); });
    EXPECT_THAT(differences, IsEmpty());
  }
  DeskWorld world;

  // Each use case is a commit of its own, a moment after the last.
  template <class F>
  auto as(const Principal& who, F f) {
    world.clock.advance(Millis{1});
    return world.store.run(who, f);
  }
  Result<Ticket> merge(TicketId ticket, TicketId into) {
    return as(world.agent, [&](Tx& tx) { return desk::merge(tx, ticket, into); });
  }
  Result<Ticket> split(TicketId ticket, std::vector<MessageId> messages) {
    return as(world.agent, [&](Tx& tx) {
      return desk::split(tx, {ticket, messages, "Något annat"});
    });
  }
  Result<desk::RelatedTicket> relate(TicketId ticket, RelationKind kind, TicketId other) {
    return as(world.agent, [&](Tx& tx) { return desk::relate(tx, ticket, kind, other); });
  }
  Result<Ticket> undo(TicketId ticket, EventId event) {
    return as(world.agent, [&](Tx& tx) { return desk::undo(tx, ticket, event); });
  }
  Result<Message> say(const Principal& who, TicketId ticket, const std::string& text) {
    return as(who, [&](Tx& tx) {
      desk::Reply reply;
      reply.ticket = ticket;
      reply.text = text;
      return desk::reply(tx, reply);
    });
  }
  EventId change(TicketId ticket, const desk::Change& what) {
    EventId last;
    as(world.agent, [&](Tx& tx) {
      auto changed = desk::change(tx, ticket, {}, what);
      last = tx.last_event();
      return changed;
    }).value();
    return last;
  }
  TicketId ticket_of(const Principal& who, const std::string& subject = "Samma fel") {
    return as(who,
              [&](Tx& tx) {
                desk::Register request;
                request.subject = subject;
                return desk::register_ticket(tx, request);
              })
        .value()
        .id;
  }
};

TEST_F(Rearrange, AnEscalationIsOneEventWithItsReason) {
  const TicketId ticket = world.new_ticket();
  const auto escalate = [&](const std::string& team, const std::string& reason,
                            std::optional<Priority> priority = {}) {
    return as(world.agent, [&](Tx& tx) {
      return desk::escalate(tx, {ticket, team, "", priority, reason});
    });
  };
  EXPECT_FALSE(escalate("natet", "  "));
  EXPECT_FALSE(escalate("okänt", "x"));
  EXPECT_EQ(escalate("desk", "x").error().kind, ProblemKind::conflict) << "it is there";
  const auto version = world.view(world.agent, ticket).ticket.version;
  const auto done = escalate("natet", "Switchen är död", Priority::urgent);
  ASSERT_TRUE(done);
  EXPECT_EQ(done->team, "natet");
  EXPECT_EQ(done->priority, Priority::urgent);
  EXPECT_EQ(done->version, version + 1);
  EXPECT_EQ(as(world.user,
               [&](Tx& tx) {
                 return desk::escalate(tx, {ticket, "desk", "", {}, "x"});
               })
                .error()
                .kind,
            ProblemKind::forbidden);
  as(world.agent, [&](Tx& tx) { return desk::resolve(tx, ticket, ""); }).value();
  EXPECT_EQ(escalate("desk", "x").error().kind, ProblemKind::conflict) << "solved";
}

TEST_F(Rearrange, AMergedTicketClosesAndWhatIsSaidLaterGoesOn) {
  const TicketId into = world.new_ticket();
  const TicketId ticket = ticket_of(world.colleague);
  const auto merged = merge(ticket, into);
  ASSERT_TRUE(merged) << merged.error().detail;
  EXPECT_EQ(merged->status, TicketStatus::closed);
  EXPECT_EQ(merged->merged_into, into);
  EXPECT_EQ(world.view(world.agent, ticket).relations.at(0).kind, RelationKind::duplicate_of);
  EXPECT_EQ(world.view(world.agent, into).relations.at(0).kind, RelationKind::duplicated_by);
  // Who had reported it takes part in the other, and what she writes to her own goes there.
  EXPECT_EQ(world.view(world.agent, into).participants.at(0).person, world.colleague.person);
  const auto before = world.view(world.agent, ticket).messages.size();
  ASSERT_TRUE(say(world.colleague, ticket, "Hur går det?"));
  ASSERT_TRUE(as(world.agent, [&](Tx& tx) { return desk::note(tx, ticket, "Internt", {}); }));
  EXPECT_EQ(world.view(world.agent, ticket).messages.size(), before);
  const auto there = world.view(world.agent, into).messages;
  EXPECT_EQ(there.at(there.size() - 2).text, "Hur går det?");
  EXPECT_EQ(there.back().text, "Internt");
  EXPECT_EQ(world.view(world.agent, ticket).ticket.status, TicketStatus::closed);
  const auto reopened = as(world.colleague, [&](Tx& tx) { return desk::reopen(tx, ticket, ""); });
  ASSERT_FALSE(reopened);
  EXPECT_THAT(reopened.error().detail, HasSubstr(reference_of(into)));
}

TEST_F(Rearrange, MergesMakeNoCirclesAndFollowEachOtherToTheEnd) {
  const TicketId a = world.new_ticket(), b = world.new_ticket(), c = world.new_ticket();
  EXPECT_FALSE(merge(a, a));
  ASSERT_TRUE(merge(a, b));
  EXPECT_EQ(merge(b, a).error().kind, ProblemKind::conflict) << "a is merged";
  EXPECT_EQ(merge(a, c).error().kind, ProblemKind::conflict) << "once is enough";
  ASSERT_TRUE(merge(b, c));
  EXPECT_EQ(merge(c, a).error().kind, ProblemKind::conflict);
  EXPECT_EQ(merge(c, b).error().kind, ProblemKind::conflict);
  ASSERT_TRUE(say(world.user, a, "Till vem?"));
  EXPECT_EQ(world.view(world.agent, c).messages.back().text, "Till vem?");
}

TEST_F(Rearrange, WhatASupplierStillHasIsNotMerged) {
  const TicketId ticket = world.new_ticket(), into = world.new_ticket();
  const Delegation delegation = world.delegate(ticket);
  const auto refused = merge(ticket, into);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().detail, HasSubstr("Nordprint AB"));
  EXPECT_THAT(refused.error().detail, HasSubstr("withdraw"));
  ASSERT_TRUE(merge(into, ticket)) << "the other way round nothing stands against it";
  EXPECT_EQ(world.view(world.agent, delegation.ticket).ticket.status,
            TicketStatus::waiting_supplier);
}

TEST_F(Rearrange, ALateWordOfASupplierIsToldWhereTheTicketGoesOn) {
  const TicketId ticket = world.new_ticket(), into = world.new_ticket();
  const Delegation delegation = world.delegate(ticket);
  world.done(world.claim().at(0), "R-1");
  as(world.agent, [&](Tx& tx) { return desk::withdraw(tx, delegation.id, ""); }).value();
  ASSERT_TRUE(merge(ticket, into));
  EXPECT_EQ(world.change(R"({"event_id":"e1","external_id":"R-1","type":"comment",)"
                         R"("comment":{"id":"c1","public":true,"text":"Vi hittade felet."}})"),
            desk::Applied::applied);
  EXPECT_EQ(world.view(world.agent, ticket).messages.back().text, "Vi hittade felet.");
  const Message told = world.view(world.agent, into).messages.back();
  EXPECT_EQ(told.visibility, Visibility::internal);
  EXPECT_THAT(told.text, HasSubstr(reference_of(ticket)));
}

TEST_F(Rearrange, AnotherTenantsTicketsAreNeitherMergedNorRelated) {
  const TicketId ours = world.new_ticket(), theirs = ticket_of(world.other_tenant);
  const auto merged = merge(ours, theirs);
  ASSERT_FALSE(merged);
  EXPECT_EQ(merged.error().fields.at(0).pointer, "/into") << "another customer's";
  Principal bea = world.agent;
  bea.tenant = "beta";
  const auto missing = [&](auto f) { return as(bea, f).error(); };
  EXPECT_EQ(missing([&](Tx& tx) { return desk::merge(tx, theirs, ours); }).fields.at(0).detail,
            missing([&](Tx& tx) { return desk::merge(tx, theirs, {987}); }).fields.at(0).detail);
  const auto relate_to = [&](TicketId other) {
    return missing([&](Tx& tx) { return desk::relate(tx, theirs, RelationKind::related, other); })
        .fields.at(0)
        .detail;
  };
  EXPECT_EQ(relate_to(ours), relate_to({987}));
  EXPECT_EQ(missing([&](Tx& tx) {
              return desk::split(tx, {ours, {{1}}, "x"});
            }).kind,
            ProblemKind::not_found);
  EXPECT_EQ(missing([&](Tx& tx) { return desk::undo(tx, ours, {1}); }).kind,
            ProblemKind::not_found);
  // An agent of all customers may relate them; neither customer sees the other's.
  ASSERT_TRUE(relate(ours, RelationKind::parent, theirs));
  EXPECT_THAT(world.view(world.user, ours).relations, IsEmpty());
  EXPECT_THAT(world.view(world.other_tenant, theirs).relations, IsEmpty());
  EXPECT_EQ(missing([&](Tx& tx) { return desk::unrelate(tx, theirs, ours); }).kind,
            ProblemKind::not_found);
}

TEST_F(Rearrange, ASplitCopiesWhatWasChosenAndLeavesEverythingWhereItIs) {
  const TicketId ticket = world.new_ticket("Skrivare", "Skrivaren och telefonen är trasiga.");
  as(world.agent, [&](Tx& tx) { return desk::note(tx, ticket, "Hemligt", {}); }).value();
  say(world.agent, ticket, "Vi tittar.").value();
  as(world.user, [&](Tx& tx) {
    desk::Reply reply;
    reply.ticket = ticket;
    reply.text = "Bild på telefonen";
    reply.attachments = {{"telefon.png", "image/png", 5, std::string(64, 'a')}};
    return desk::reply(tx, reply);
  }).value();
  const auto before = world.view(world.agent, ticket);
  ASSERT_EQ(before.messages.size(), 4U);
  const auto made =
      split(ticket, {before.messages[3].id, before.messages[1].id, before.messages[2].id});
  ASSERT_TRUE(made) << made.error().detail;
  const auto fresh = world.view(world.agent, made->id);
  EXPECT_EQ(fresh.ticket.subject, "Något annat");
  EXPECT_EQ(fresh.ticket.requester, world.user.person);
  EXPECT_EQ(fresh.ticket.status, TicketStatus::fresh);
  ASSERT_EQ(fresh.messages.size(), 3U);
  EXPECT_EQ(fresh.messages[0].text, "Bild på telefonen") << "the user's word opens it";
  EXPECT_EQ(fresh.messages[1].text, "Hemligt");
  EXPECT_EQ(fresh.messages[1].visibility, Visibility::internal);
  EXPECT_EQ(fresh.messages[1].at, before.messages[1].at) << "when it was said";
  EXPECT_EQ(fresh.messages[2].from, Party::desk);
  ASSERT_EQ(fresh.attachments.size(), 1U);
  EXPECT_EQ(fresh.attachments[0].message, fresh.messages[0].id);
  EXPECT_EQ(world.view(world.user, made->id).messages.size(), 2U) << "internal stays internal";
  const auto after = world.view(world.agent, ticket);
  EXPECT_EQ(after.messages.size(), 4U);
  EXPECT_EQ(after.attachments.size(), 1U);
  EXPECT_EQ(after.relations.at(0).ticket.id, made->id);
}

TEST_F(Rearrange, AMessageNamesThePersonWhoWroteItAndACopyTheSame) {
  const TicketId ticket = world.new_ticket();
  as(world.agent, [&](Tx& tx) {
    return desk::add_participant(tx, {ticket, world.colleague.person, "", ""});
  }).value();
  say(world.colleague, ticket, "Min också").value();
  say(world.agent, ticket, "Vi tittar.").value();
  const auto messages = world.view(world.agent, ticket).messages;
  ASSERT_EQ(messages.size(), 3U);
  EXPECT_EQ(messages[0].person, world.user.person);
  EXPECT_EQ(messages[1].person, world.colleague.person);
  EXPECT_EQ(messages[2].person.value, 0) << "the desk is no person of the customer's";
  const auto made = split(ticket, {messages[1].id, messages[0].id});
  ASSERT_TRUE(made) << made.error().detail;
  const auto copies = world.view(world.agent, made->id).messages;
  EXPECT_EQ(copies.at(0).person, world.user.person);
  EXPECT_EQ(copies.at(1).person, world.colleague.person) << "not the agent who split it";
  const auto second = split(ticket, {messages[1].id});
  EXPECT_EQ(world.view(world.agent, second->id).messages.at(0).person, world.colleague.person)
      << "not the requester";
}

TEST_F(Rearrange, WhatASupplierSaidBecomesInternalInTheNewTicket) {
  const TicketId ticket = world.new_ticket();
  world.delegate(ticket);
  world.done(world.claim().at(0), "R-1");
  world.change(R"({"event_id":"e1","external_id":"R-1","type":"comment",)"
               R"("comment":{"id":"c1","public":true,"text":"Pris 500 kr."}})");
  const MessageId supplier = world.view(world.agent, ticket).messages.back().id;
  const auto made = split(ticket, {supplier});
  ASSERT_TRUE(made) << made.error().detail;
  const auto fresh = world.view(world.agent, made->id);
  EXPECT_EQ(fresh.messages.back().text, "Pris 500 kr.");
  EXPECT_EQ(fresh.messages.back().visibility, Visibility::internal);
  EXPECT_THAT(fresh.delegations, IsEmpty());
  for (const Message& m : world.view(world.user, made->id).messages) {
    EXPECT_THAT(m.text, testing::Not(HasSubstr("500")));
  }
}

TEST_F(Rearrange, NothingOfAnotherTicketIsSplitNorNothingNorTwice) {
  const TicketId ticket = world.new_ticket(), other = world.new_ticket();
  const MessageId mine = world.view(world.agent, ticket).messages.at(0).id;
  const MessageId foreign = world.view(world.agent, other).messages.at(0).id;
  for (const std::vector<MessageId>& bad :
       {std::vector<MessageId>{},
        {foreign},
        {{987654}},
        {mine, mine},
        {mine, foreign},
        std::vector<MessageId>(desk::kSplitMessagesMax + 1, mine)}) {
    const auto refused = split(ticket, bad);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ProblemKind::invalid);
  }
  EXPECT_EQ(split(ticket, {foreign}).error().fields.at(0).detail,
            split(ticket, {{987654}}).error().fields.at(0).detail);
  EXPECT_TRUE(split(ticket, {mine})) << "all of it: one mail may be about two things";
}

TEST_F(Rearrange, RelationsHaveTwoSidesOneParentAndNoCircle) {
  const TicketId a = world.new_ticket(), b = world.new_ticket(), c = world.new_ticket();
  EXPECT_FALSE(relate(a, RelationKind::related, a)) << "to itself";
  ASSERT_TRUE(relate(b, RelationKind::parent, a));
  EXPECT_EQ(world.view(world.agent, a).relations.at(0).kind, RelationKind::child);
  EXPECT_TRUE(relate(b, RelationKind::parent, a)) << "again changes nothing";
  EXPECT_EQ(relate(b, RelationKind::related, a).error().kind, ProblemKind::conflict);
  EXPECT_EQ(relate(b, RelationKind::parent, c).error().kind, ProblemKind::conflict) << "has one";
  ASSERT_TRUE(relate(c, RelationKind::parent, b));
  EXPECT_EQ(relate(a, RelationKind::parent, c).error().kind, ProblemKind::conflict) << "a circle";
  EXPECT_EQ(relate(c, RelationKind::child, a).error().kind, ProblemKind::conflict) << "the same";
  const auto unrelate = [&](TicketId one, TicketId other) {
    return as(world.agent, [&](Tx& tx) { return desk::unrelate(tx, one, other); });
  };
  ASSERT_TRUE(unrelate(a, b));
  EXPECT_THAT(world.view(world.agent, a).relations, IsEmpty());
  EXPECT_EQ(unrelate(a, b).error().kind, ProblemKind::not_found);
  ASSERT_TRUE(merge(a, b));
  EXPECT_EQ(unrelate(a, b).error().kind, ProblemKind::conflict) << "merged";
}

TEST_F(Rearrange, UndoTakesBackAllThatWasDoneInOneMoment) {
  const TicketId ticket = world.new_ticket();
  desk::Change both;
  both.team = "natet";
  both.priority = Priority::high;
  both.subject = "Nytt ämne";
  const EventId event = change(ticket, both);
  const auto back = undo(ticket, event);
  ASSERT_TRUE(back) << back.error().detail;
  EXPECT_EQ(back->team, "desk");
  EXPECT_EQ(back->priority, Priority::normal);
  EXPECT_EQ(back->subject, "Skrivare trasig");
  EXPECT_EQ(undo(ticket, event).error().kind, ProblemKind::conflict) << "it was taken back";
}

TEST_F(Rearrange, AnEscalationIsTakenBackWithItsPriority) {
  const TicketId ticket = world.new_ticket();
  EventId event;
  as(world.agent, [&](Tx& tx) {
    auto done = desk::escalate(tx, {ticket, "natet", "anna", Priority::urgent, "x"});
    event = tx.last_event();
    return done;
  }).value();
  const auto back = undo(ticket, event);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->team, "desk");
  EXPECT_EQ(back->agent, "");
  EXPECT_EQ(back->priority, Priority::normal);
}

TEST_F(Rearrange, WhatWasChangedSinceIsNotTakenBack) {
  const TicketId ticket = world.new_ticket();
  desk::Change first, second;
  first.agent = "anna";
  second.team = "natet";
  const EventId event = change(ticket, first);
  change(ticket, second);
  const auto refused = undo(ticket, event);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ProblemKind::conflict);
  desk::Change other;
  other.priority = Priority::low;
  const EventId priority = change(ticket, other);
  say(world.user, ticket, "Hallå?").value();
  EXPECT_EQ(undo(ticket, priority)->priority, Priority::normal) << "a message is another matter";
}

TEST_F(Rearrange, StatusesAndRelationsAreTakenBackOnBothSides) {
  const TicketId ticket = world.new_ticket(), other = world.new_ticket();
  EventId event;
  as(world.agent, [&](Tx& tx) {
    auto done = desk::resolve(tx, ticket, "");
    event = tx.last_event();
    return done;
  }).value();
  EXPECT_EQ(undo(ticket, event)->status, TicketStatus::fresh);
  as(world.agent, [&](Tx& tx) {
    auto done = desk::relate(tx, ticket, RelationKind::child, other);
    event = tx.last_event();
    return done;
  }).value();
  ASSERT_TRUE(undo(ticket, event));
  EXPECT_THAT(world.view(world.agent, other).relations, IsEmpty());
  EXPECT_THAT(world.view(world.agent, ticket).relations, IsEmpty());
  // The removal that this was can be taken back, too.
  EventId inverse;
  as(world.agent, [&](Tx& tx) -> Result<int> {
    const auto events = events_of(tx, ticket, 0, 100);
    inverse = events.back().id;
    return 0;
  }).value();
  ASSERT_TRUE(undo(ticket, inverse));
  EXPECT_EQ(world.view(world.agent, other).relations.at(0).kind, RelationKind::parent);
}

TEST_F(Rearrange, WhatHasTwoSidesIsNotUndone) {
  const TicketId ticket = world.new_ticket(), other = world.new_ticket();
  const auto last = [&](TicketId id) {
    EventId event;
    as(world.agent, [&](Tx& tx) -> Result<int> {
      event = events_of(tx, id, 0, 100).back().id;
      return 0;
    }).value();
    return event;
  };
  EXPECT_EQ(undo(ticket, last(ticket)).error().kind, ProblemKind::conflict) << "registered";
  world.delegate(ticket);
  EXPECT_EQ(undo(ticket, last(ticket)).error().kind, ProblemKind::conflict) << "handed over";
  EXPECT_EQ(undo(ticket, last(other)).error().kind, ProblemKind::conflict) << "another ticket's";
  EXPECT_EQ(undo(ticket, {987654}).error().kind, ProblemKind::conflict);
  ASSERT_TRUE(merge(other, ticket));
  EXPECT_EQ(undo(other, last(other)).error().kind, ProblemKind::conflict) << "merged";
  EXPECT_EQ(undo(ticket, last(ticket)).error().kind, ProblemKind::conflict) << "the other side";
}

TEST_F(Rearrange, ABulkDoesEachForItselfAndLeavesWhatItRefusesAsItWas) {
  const TicketId open = world.new_ticket(), busy = world.new_ticket(),
                 theirs = ticket_of(world.other_tenant);
  world.delegate(busy);
  desk::Bulk request;
  request.tickets = {open, busy, {987654}};
  request.change.priority = Priority::urgent;
  request.action = desk::BulkAction::close;
  const auto outcomes = as(world.agent, [&](Tx& tx) { return desk::do_all(tx, request); }).value();
  ASSERT_EQ(outcomes.size(), 3U);
  EXPECT_FALSE(outcomes[0].problem);
  ASSERT_TRUE(outcomes[1].problem);
  EXPECT_THAT(outcomes[1].problem->detail, HasSubstr("Nordprint AB"));
  EXPECT_EQ(outcomes[2].problem->kind, ProblemKind::not_found);
  EXPECT_EQ(world.view(world.agent, open).ticket.status, TicketStatus::closed);
  EXPECT_EQ(world.view(world.agent, open).ticket.priority, Priority::urgent);
  EXPECT_EQ(world.view(world.agent, busy).ticket.priority, Priority::normal) << "left as it was";

  Principal bea = world.agent;
  bea.tenant = "beta";
  request.tickets = {theirs, open};
  const auto limited = as(bea, [&](Tx& tx) { return desk::do_all(tx, request); }).value();
  EXPECT_FALSE(limited[0].problem);
  EXPECT_EQ(limited[1].problem->kind, ProblemKind::not_found);

  const auto refused = [&](std::vector<TicketId> tickets) {
    request.tickets = std::move(tickets);
    return !as(world.agent, [&](Tx& tx) { return desk::do_all(tx, request); }).has_value();
  };
  EXPECT_TRUE(refused({}));
  EXPECT_TRUE(refused({busy, busy}));
  std::vector<TicketId> many;
  for (std::int64_t i = 1; i <= static_cast<std::int64_t>(desk::kBulkMax) + 1; ++i) {
    many.push_back({i});
  }
  EXPECT_TRUE(refused(many));
}

TEST_F(Rearrange, WhatABulkDidIsTakenBackButWhereSomebodyChangedItSince) {
  const TicketId one = world.new_ticket(), touched = world.new_ticket(), same = world.new_ticket();
  desk::Change low;
  low.priority = Priority::low;
  change(same, low);
  desk::Bulk request;
  request.tickets = {one, touched, same};
  request.change.priority = Priority::low;
  const auto outcomes = as(world.agent, [&](Tx& tx) { return desk::do_all(tx, request); }).value();
  ASSERT_GT(outcomes[0].event.value, 0);
  ASSERT_GT(outcomes[1].event.value, outcomes[0].event.value);
  EXPECT_EQ(outcomes[2].event.value, 0) << "it was so already";
  desk::Change colleagues;
  colleagues.priority = Priority::urgent;
  change(touched, colleagues);
  const std::vector<EventId> events{outcomes[0].event, outcomes[1].event, {987654}};
  const auto undo_all = [&](const std::vector<EventId>& all) {
    return as(world.agent, [&](Tx& tx) { return desk::undo_all(tx, all); });
  };
  const auto undone = undo_all(events).value();
  ASSERT_EQ(undone.size(), 3U);
  EXPECT_FALSE(undone[0].problem);
  EXPECT_EQ(undone[0].ticket, one);
  EXPECT_EQ(undone[1].problem->kind, ProblemKind::conflict);
  EXPECT_EQ(undone[1].event.value, 0);
  EXPECT_EQ(undone[2].problem->kind, ProblemKind::not_found);
  EXPECT_EQ(world.view(world.agent, one).ticket.priority, Priority::normal);
  EXPECT_EQ(world.view(world.agent, touched).ticket.priority, Priority::urgent) << "a colleague's";
  EXPECT_FALSE(undo_all({undone[0].event}).value()[0].problem) << "and back again";
  EXPECT_EQ(world.view(world.agent, one).ticket.priority, Priority::low);
  EXPECT_FALSE(undo_all({}));
  EXPECT_FALSE(undo_all({outcomes[0].event, outcomes[0].event}));
  Principal bea = world.agent;
  bea.tenant = "beta";
  const auto hidden = as(bea, [&](Tx& tx) { return desk::undo_all(tx, {outcomes[0].event}); });
  EXPECT_EQ(hidden.value()[0].ticket.value, 0) << "another tenant's is as absent as a missing one";
  EXPECT_EQ(as(world.user, [&](Tx& tx) { return desk::undo_all(tx, events); }).error().kind,
            ProblemKind::forbidden);
}

TEST_F(Rearrange, ASplitTakesThoseParticipantsWhoAreNamed) {
  const TicketId ticket = world.new_ticket();
  const Principal third = as(world.system, [](Tx& tx) {
    return DeskWorld::person(tx, "alfa", "Nils Nord", "nils@alfa.example", "");
  });
  for (const Principal& who : {world.colleague, third}) {
    as(world.agent, [&](Tx& tx) {
      return desk::add_participant(tx, {ticket, who.person, "", ""});
    }).value();
  }
  const MessageId first = world.view(world.agent, ticket).messages.at(0).id;
  const auto with = [&](std::optional<std::vector<PersonId>> people) {
    const desk::Split request{ticket, {first}, "Annat", {}, std::move(people)};
    return as(world.agent, [&](Tx& tx) { return desk::split(tx, request); });
  };
  const auto taking_part = [&](const Result<Ticket>& made) {
    std::vector<PersonId> people;
    for (const Participant& one : world.view(world.agent, made.value().id).participants) {
      people.push_back(one.person);
    }
    return people;
  };
  EXPECT_EQ(taking_part(with(std::nullopt)).size(), 2U);
  EXPECT_EQ(taking_part(with(std::vector{third.person})), std::vector{third.person});
  EXPECT_TRUE(taking_part(with(std::vector<PersonId>{})).empty());
  const auto refused = [&](const std::vector<PersonId>& people) {
    return with(people).error().fields.at(0).pointer;
  };
  EXPECT_EQ(refused({world.user.person}), "/participants/0") << "the requester is none";
  EXPECT_EQ(refused({third.person, PersonId{987654}}), "/participants/1");
  EXPECT_EQ(refused({third.person, third.person}), "/participants/1");
}

TEST_F(Rearrange, ASplitTakesParticipantsAndTheFilesThatAreNamed) {
  const TicketId ticket = world.new_ticket(), other = world.new_ticket();
  as(world.agent, [&](Tx& tx) {
    return desk::add_participant(tx, {ticket, world.colleague.person, "", ""});
  }).value();
  const auto attach = [&](TicketId to, const std::string& name, bool internal) {
    return as(world.agent,
              [&](Tx& tx) {
                return desk::attach(tx, to, {name, "", 1, std::string(64, 'a')}, internal);
              })
        .value()
        .id;
  };
  const AttachmentId plan = attach(ticket, "plan.pdf", false),
                     secret = attach(ticket, "log.txt", true), left = attach(ticket, "x", false),
                     foreign = attach(other, "y", false);
  as(world.user, [&](Tx& tx) {
    desk::Reply reply;
    reply.ticket = ticket;
    reply.text = "Bild";
    reply.attachments = {{"bild.png", "image/png", 5, std::string(64, 'b')}};
    return desk::reply(tx, reply);
  }).value();
  const auto before = world.view(world.agent, ticket);
  const AttachmentId of_message = before.attachments.back().id;
  const auto split_with = [&](std::vector<AttachmentId> files) {
    return as(world.agent, [&](Tx& tx) {
      return desk::split(tx, {ticket, {before.messages.at(1).id}, "Något annat", std::move(files)});
    });
  };
  for (const AttachmentId bad : {foreign, of_message, AttachmentId{987654}}) {
    const auto refused = split_with({plan, bad});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().fields.at(0).pointer, "/attachments/1");
  }
  EXPECT_FALSE(split_with({plan, plan}));
  const auto made = split_with({secret, plan});
  ASSERT_TRUE(made) << made.error().detail;
  const auto fresh = world.view(world.agent, made->id);
  ASSERT_EQ(fresh.participants.size(), 1U);
  EXPECT_EQ(fresh.participants[0].person, world.colleague.person);
  ASSERT_EQ(fresh.attachments.size(), 3U);
  EXPECT_EQ(fresh.attachments[0].name, "bild.png") << "that comes with its message";
  EXPECT_EQ(fresh.attachments[1].name, "plan.pdf");
  EXPECT_EQ(fresh.attachments[1].message.value, 0);
  EXPECT_EQ(world.view(world.colleague, made->id).attachments.size(), 2U) << "internal stays so";
  EXPECT_EQ(world.view(world.agent, ticket).attachments.size(), 4U) << "all stay";
  EXPECT_GT(left.value, 0);
}

TEST_F(Rearrange, ARelationThatStoodBeforeIsNothingToUndo) {
  const TicketId a = world.new_ticket(), b = world.new_ticket();
  ASSERT_TRUE(relate(a, RelationKind::related, b));
  as(world.agent, [&](Tx& tx) {
    const auto again = desk::relate(tx, a, RelationKind::related, b);
    EXPECT_EQ(tx.last_event().value, 0) << "nothing was done";
    return again;
  }).value();
}

TEST_F(Rearrange, AnAgentTakesTicketsToTheOwnTeamAndEscalatesToOthers) {
  const TicketId ticket = world.new_ticket();
  Principal agent = world.agent;
  agent.role = Role::agent;
  desk::Change away, home;
  away.team = "natet";
  home.team = "desk";
  const auto change_as = [&](const Principal& who, const desk::Change& what) {
    return as(who, [&](Tx& tx) { return desk::change(tx, ticket, {}, what); });
  };
  EXPECT_EQ(change_as(agent, away).error().kind, ProblemKind::forbidden);
  EXPECT_EQ(world.view(agent, ticket).ticket.team, "desk");
  EXPECT_THAT(world.view(agent, ticket).may, testing::Not(testing::Contains("reassign")));
  EXPECT_THAT(world.view(world.agent, ticket).may, testing::Contains("reassign"));
  ASSERT_TRUE(as(agent, [&](Tx& tx) {
    return desk::escalate(tx, {ticket, "natet", "", {}, "Switchen är död"});
  }));
  ASSERT_TRUE(change_as(agent, home)) << "into the own team";
  ASSERT_TRUE(change_as(world.agent, away)) << "a lead";
  // Another's assignment is not taken back by who could not have made it.
  const EventId event = as(agent, [&](Tx& tx) { return events_of(tx, ticket, 0, 100); }).back().id;
  Principal bo = agent;
  bo.agent = "bo";
  as(world.system, [](Tx& tx) { return put_agent(tx, {"bo", "Bo", "", "natet"}), true; });
  EXPECT_EQ(as(bo, [&](Tx& tx) { return desk::undo(tx, ticket, event); }).error().kind,
            ProblemKind::forbidden);
  Principal scoped = world.agent;
  scoped.scopes = scope_of(Permission::ticket_work);
  EXPECT_EQ(change_as(scoped, home).has_value(), true) << "the own team";
  EXPECT_EQ(change_as(scoped, away).error().kind, ProblemKind::forbidden) << "a token without it";
}

}  // namespace
}  // namespace ombud::test
