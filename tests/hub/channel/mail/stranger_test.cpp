// A sender whom nobody knows: he is not written to, and nobody believes that he was, until the desk
// says who he is.
#include <gmock/gmock.h>

#include "desk/rearrange.hpp"
#include "desk/ticket_people.hpp"
#include "hub/channel/mail/intake_world.hpp"
#include "store/projection.hpp"

namespace ombud::test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

struct Stranger : IntakeWorld, testing::Test {
  Stranger() {
    bytes_init();
    take(letter("Xerxes Xu <x@other.example>", "Hjälp"), "x@other.example");
    ticket = tickets().at(0).id;
  }
  Result<Message> answer(const std::string& text) {
    return store.run(agent, [&](Tx& tx) {
      desk::Reply reply;
      reply.ticket = ticket;
      reply.text = text;
      return desk::reply(tx, reply);
    });
  }
  Result<Ticket> set_requester(const Principal& who, PersonId person) {
    return store.run(who, [&](Tx& tx) {
      desk::Change change;
      change.requester = person;
      return desk::change(tx, ticket, std::nullopt, change);
    });
  }
  Person add_sender() {
    return store
        .run(agent,
             [&](Tx& tx) {
               return desk::person_of_address(tx, *find_ticket(tx, ticket), "X@other.example", "");
             })
        .value();
  }
  TicketId ticket;
};

TEST_F(Stranger, WhatIsSaidToNobodyIsRefusedAndNotPretended) {
  const auto seen = DeskWorld::view(agent, ticket);
  ASSERT_TRUE(seen.contact);
  EXPECT_EQ(seen.contact->address, "x@other.example");
  EXPECT_EQ(seen.contact->name, "Xerxes Xu");
  EXPECT_EQ(seen.contact->message, seen.messages.at(0).id);
  EXPECT_THAT(seen.may, Contains("set_requester"));

  const auto refused = answer("Hej x");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ProblemKind::conflict);
  EXPECT_EQ(refused.error().code, "no_recipient");
  EXPECT_THAT(refused.error().detail, HasSubstr("x@other.example"));
  const auto solved =
      store.run(agent, [&](Tx& tx) { return desk::resolve(tx, ticket, "Det är lagat."); });
  ASSERT_FALSE(solved);
  EXPECT_EQ(solved.error().code, "no_recipient");
  EXPECT_THAT(deliveries("desk-mail"), IsEmpty());

  // What is for the desk alone, and an end without words, always work.
  EXPECT_TRUE(store.run(agent, [&](Tx& tx) { return desk::note(tx, ticket, "Vem är x?", {}); }));
  EXPECT_TRUE(store.run(agent, [&](Tx& tx) { return desk::resolve(tx, ticket, ""); }));
}

TEST_F(Stranger, OnceHeIsAPersonAnswersGoToHimAndHisMailsAreReplies) {
  const Person x = add_sender();
  EXPECT_EQ(x.name, "Xerxes Xu") << "as his mail says";
  EXPECT_EQ(x.customer, "unknown") << "whoever writes from outside is no customer's";
  ASSERT_TRUE(set_requester(agent, x.id));
  EXPECT_THAT(deliveries("desk-mail"), IsEmpty()) << "nothing of what was before is sent";
  const auto seen = DeskWorld::view(agent, ticket);
  EXPECT_FALSE(seen.contact);
  EXPECT_EQ(seen.requester->email, "x@other.example");

  ASSERT_TRUE(answer("Hej x"));
  const auto sent = deliveries("desk-mail");
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_THAT(sent.at(0).body, HasSubstr("x@other.example"));
  EXPECT_THAT(sent.at(0).body, HasSubstr("Hej x"));

  take(letter("Xerxes Xu <x@other.example>", "SV: Hjälp [" + reference_of(ticket) + "]"),
       "x@other.example");
  EXPECT_THAT(tickets(), SizeIs(1));
  EXPECT_THAT(store.run(system, [](Tx& tx) { return verify_projection(tx); }), IsEmpty());
}

// Strangers are kept at one customer, which makes no two of them colleagues.
TEST_F(Stranger, AnotherStrangerGetsATicketOfHisOwnWhateverHeNames) {
  ASSERT_TRUE(set_requester(agent, add_sender().id));
  const PersonId y = store.run(system, [](Tx& tx) {
    return put_person(tx, {{}, "unknown", "Ylva Yu", "y@elsewhere.example", "", "sv", false});
  });
  const std::string thread = "References: " + row(1).message_id + "\r\n";
  const std::string from = "Ylva Yu <y@elsewhere.example>", envelope = "y@elsewhere.example";
  const std::string said = "Helt annat.";
  take(letter(from, "SV: " + reference_of(ticket), "", said), envelope);
  ASSERT_THAT(tickets(), SizeIs(2));
  EXPECT_EQ(DeskWorld::view(agent, {2}).ticket.requester.value, y.value);
  take(letter(from, "SV: Hjälp", thread, said), envelope);
  EXPECT_THAT(tickets(), SizeIs(3));
  options.authentication_from = {"mx.ombud.example"};
  start();
  take("Authentication-Results: mx.ombud.example; dmarc=fail header.from=elsewhere.example\r\n" +
           letter(from, "SV: Hjälp", thread, said),
       envelope);
  EXPECT_THAT(tickets(), SizeIs(4)) << "nor does he get there as whoever says he is Ylva";
  EXPECT_THAT(notes(ticket), Not(HasSubstr(said)));
  options.authentication_from = {};
  start();
  // Whom the desk lets take part does.
  ASSERT_TRUE(store.run(agent, [&](Tx& tx) {
    desk::AddParticipant request;
    request.ticket = ticket;
    request.person = y;
    return desk::add_participant(tx, request);
  }));
  take(letter(from, "SV: " + reference_of(ticket), "", "Jag också."), envelope);
  EXPECT_THAT(tickets(), SizeIs(4));
  EXPECT_EQ(view(ticket).messages.back().text, "Jag också.");
}

TEST_F(Stranger, OnlyAPersonOfTheTicketsCustomerCanBeItsUser) {
  const auto theirs = set_requester(agent, user.person), none = set_requester(agent, {987654});
  ASSERT_FALSE(theirs);
  EXPECT_EQ(theirs.error().fields.at(0).pointer, "/requester");
  EXPECT_EQ(theirs.error().fields.at(0).detail, none.error().fields.at(0).detail);
  EXPECT_FALSE(store.run(user, [&](Tx& tx) { return desk::show(tx, ticket); }));
  // Nor does a user name another one for his own ticket.
  ticket = new_ticket();
  EXPECT_FALSE(set_requester(user, colleague.person));
  EXPECT_THAT(DeskWorld::view(user, ticket).may, Not(Contains("set_requester")));
}

TEST_F(Stranger, TheChoiceIsInTheLogAndCanBeTakenBack) {
  const Person x = add_sender();
  const EventId chosen = store.run(agent, [&](Tx& tx) {
    desk::Change change;
    change.requester = x.id;
    EXPECT_TRUE(desk::change(tx, ticket, std::nullopt, change));
    return tx.last_event();
  });
  const auto events = store.run(agent, [&](Tx& tx) { return events_of(tx, ticket, 0, 100); });
  EXPECT_EQ(events.back().type, "edited");
  EXPECT_THAT(events.back().data, HasSubstr("\"requester_name\":\"Xerxes Xu\""));
  ASSERT_TRUE(store.run(agent, [&](Tx& tx) { return desk::undo(tx, ticket, chosen); }));
  EXPECT_EQ(DeskWorld::view(agent, ticket).ticket.requester.value, 0);
  EXPECT_FALSE(answer("Hej x"));
  EXPECT_THAT(store.run(system, [](Tx& tx) { return verify_projection(tx); }), IsEmpty());
}

}  // namespace
}  // namespace ombud::test
