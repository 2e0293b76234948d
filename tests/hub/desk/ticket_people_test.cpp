// Who takes part in a ticket, what he may do, and how it is rated.
#include <gmock/gmock.h>

#include "base/bytes.hpp"
#include "desk/limits.hpp"
#include "desk/ticket_list.hpp"
#include "desk/ticket_people.hpp"
#include "store/projection.hpp"
#include "support/desk_world.hpp"

namespace ombud::test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

struct TicketPeople : testing::Test {
  TicketPeople() { bytes_init(); }
  DeskWorld world;

  Result<Participant> add(const Principal& who, TicketId ticket, const std::string& email,
                          PersonId person = {}) {
    return world.store.run(who, [&](Tx& tx) {
      return desk::add_participant(tx, {ticket, person, email, ""});
    });
  }
  bool sees(const Principal& who, TicketId ticket) {
    return world.store.run(who, [&](Tx& tx) { return desk::show(tx, ticket); }).has_value();
  }
  std::size_t listed(const Principal& who, const TicketFilter& filter = {}) {
    desk::List request;
    request.filter = filter;
    return world.store.run(who, [&](Tx& tx) { return desk::list(tx, request); })
        .value()
        .tickets.size();
  }
  void expect_log_explains_all() {
    const auto differences =
        world.store.run(world.system, [](Tx& tx) { return verify_projection(tx); });
    EXPECT_THAT(differences, testing::IsEmpty());
  }
};

TEST_F(TicketPeople, AParticipantSeesAndAnswersButDoesNotEndTheTicket) {
  const TicketId ticket = world.new_ticket();
  EXPECT_FALSE(sees(world.colleague, ticket));
  const auto added = add(world.user, ticket, "Maja@Alfa.example");
  ASSERT_TRUE(added) << added.error().detail;
  EXPECT_EQ(added->name, "Maja Malm");
  EXPECT_TRUE(sees(world.colleague, ticket));
  EXPECT_EQ(listed(world.colleague), 1U);
  TicketFilter taking_part;
  taking_part.participant = world.colleague.person;
  EXPECT_EQ(listed(world.colleague, taking_part), 1U);
  const auto said = world.store.run(world.colleague, [&](Tx& tx) {
    desk::Reply reply;
    reply.ticket = ticket;
    reply.text = "Min också.";
    return desk::reply(tx, reply);
  });
  ASSERT_TRUE(said);
  EXPECT_EQ(said->author, "Maja Malm");
  EXPECT_EQ(said->from, Party::user);

  world.store.run(world.agent, [&](Tx& tx) { return desk::resolve(tx, ticket, ""); }).value();
  const auto view = world.view(world.colleague, ticket);
  EXPECT_THAT(view.may, Not(Contains("close")));
  EXPECT_THAT(view.may, Contains("reply"));
  EXPECT_EQ(view.participants.size(), 1U);
  for (const auto& refused :
       {world.store.run(world.colleague, [&](Tx& tx) { return desk::close(tx, ticket, ""); }),
        world.store.run(world.colleague, [&](Tx& tx) { return desk::cancel(tx, ticket, ""); }),
        world.store.run(world.colleague, [&](Tx& tx) { return desk::rate(tx, ticket, 1, ""); })}) {
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ProblemKind::forbidden);
  }
  expect_log_explains_all();
}

TEST_F(TicketPeople, OnlyPeopleOfTheTicketsCustomerTakePart) {
  const TicketId ticket = world.new_ticket();
  // Another customer's person is as unknown as one that is not there, by whatever name.
  const auto theirs = add(world.agent, ticket, "", world.other_tenant.person);
  const auto none = add(world.agent, ticket, "", PersonId{987654});
  ASSERT_FALSE(theirs);
  EXPECT_EQ(theirs.error().fields.at(0).detail, none.error().fields.at(0).detail);
  EXPECT_FALSE(add(world.user, ticket, "otto@beta.example"));
  EXPECT_FALSE(add(world.user, ticket, "ny@annanstans.example"));
  EXPECT_FALSE(add(world.user, ticket, "", world.colleague.person)) << "users know no ids";
  for (const char* bad : {"", "@", "a@", "@b", "a b@alfa.example", "a@b@alfa.example",
                          "x,y@alfa.example", "<a@alfa.example>", "a\n@alfa.example"}) {
    EXPECT_FALSE(add(world.user, ticket, bad)) << bad;
  }
  // A new colleague is made, in his own organisation; the same address of Beta is another person.
  const auto fresh = add(world.user, ticket, "ny@alfa.example");
  ASSERT_TRUE(fresh) << fresh.error().detail;
  EXPECT_EQ(fresh->name, "ny");
  const auto guest = add(world.agent, ticket, "otto@beta.example");
  ASSERT_TRUE(guest) << "the desk may bring in any address, as a person of this customer";
  EXPECT_NE(guest->person, world.other_tenant.person);
  EXPECT_FALSE(sees(world.other_tenant, ticket));
  for (const Principal& stranger : {world.other_tenant, world.colleague}) {
    const auto refused = add(stranger, ticket, "maja@alfa.example");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ProblemKind::not_found);
  }
}

TEST_F(TicketPeople, WhoTakesPartAlreadyIsAnsweredAndNothingHappens) {
  const TicketId ticket = world.new_ticket();
  add(world.user, ticket, "maja@alfa.example").value();
  const auto version = world.view(world.agent, ticket).ticket.version;
  EXPECT_TRUE(add(world.agent, ticket, "", world.colleague.person));
  EXPECT_EQ(world.view(world.agent, ticket).ticket.version, version);
  EXPECT_EQ(add(world.user, ticket, "erik.ek@alfa.example").error().kind, ProblemKind::conflict);
}

TEST_F(TicketPeople, TheRequesterTheDeskAndHimselfRemoveAParticipant) {
  const TicketId ticket = world.new_ticket();
  const auto remove = [&](const Principal& who, PersonId person) {
    return world.store.run(who,
                           [&](Tx& tx) { return desk::remove_participant(tx, ticket, person); });
  };
  const PersonId maja = world.colleague.person;
  const PersonId ny = add(world.user, ticket, "ny@alfa.example").value().person;
  for (const Principal& who : {world.user, world.agent, world.colleague}) {
    add(world.user, ticket, "maja@alfa.example").value();
    EXPECT_TRUE(remove(who, maja));
    EXPECT_FALSE(sees(world.colleague, ticket));
  }
  add(world.user, ticket, "maja@alfa.example").value();
  EXPECT_EQ(remove(world.colleague, ny).error().kind, ProblemKind::forbidden);
  EXPECT_EQ(remove(world.user, PersonId{987654}).error().kind, ProblemKind::not_found);
  EXPECT_EQ(remove(world.other_tenant, maja).error().kind, ProblemKind::not_found);
  expect_log_explains_all();
}

TEST_F(TicketPeople, ThereIsALimit) {
  const TicketId ticket = world.new_ticket();
  for (std::size_t i = 0; i < desk::kParticipantsMax; ++i) {
    ASSERT_TRUE(add(world.user, ticket, "p" + std::to_string(i) + "@alfa.example"));
  }
  EXPECT_EQ(add(world.user, ticket, "maja@alfa.example").error().kind, ProblemKind::too_large);
}

TEST_F(TicketPeople, TheRequesterRatesWhatIsSolvedAndTheLastRatingCounts) {
  const TicketId ticket = world.new_ticket();
  const auto rate = [&](const Principal& who, std::int64_t score, const std::string& text = "") {
    return world.store.run(who, [&](Tx& tx) { return desk::rate(tx, ticket, score, text); });
  };
  EXPECT_EQ(rate(world.user, 5).error().kind, ProblemKind::conflict) << "not solved";
  world.store.run(world.agent, [&](Tx& tx) { return desk::resolve(tx, ticket, "Klart."); }).value();
  EXPECT_THAT(world.view(world.user, ticket).may, Contains("rate"));
  EXPECT_EQ(rate(world.agent, 5).error().kind, ProblemKind::forbidden);
  EXPECT_EQ(rate(world.other_tenant, 5).error().kind, ProblemKind::not_found);
  EXPECT_FALSE(rate(world.user, 0));
  EXPECT_FALSE(rate(world.user, 6));
  EXPECT_FALSE(rate(world.user, 3, std::string(desk::kReasonBytesMax + 1, 'x')));
  EXPECT_FALSE(rate(world.user, 3, "\xC3\x28"));
  EXPECT_EQ(rate(world.user, 2, "Långsamt")->rating, 2);
  EXPECT_EQ(rate(world.user, 4, "Fast bra")->rating, 4);
  const auto view = world.view(world.agent, ticket);
  ASSERT_TRUE(view.rating);
  EXPECT_EQ(view.rating->score, 4);
  EXPECT_EQ(view.rating->text, "Fast bra");
  EXPECT_EQ(view.ticket.status, TicketStatus::resolved);
  expect_log_explains_all();
}

TEST_F(TicketPeople, ReadingIsKeptForEachReaderAndNeverGoesBack) {
  const TicketId ticket = world.new_ticket();
  const auto read = [&](const Principal& who, std::int64_t version) {
    return world.store.run(who, [&](Tx& tx) { return desk::read_until(tx, ticket, version); });
  };
  const auto unread = [&](const Principal& who) {
    TicketFilter filter;
    filter.unread_by = who.actor();
    return listed(who, filter) == 1;
  };
  EXPECT_TRUE(unread(world.agent));
  EXPECT_TRUE(read(world.agent, 1));
  EXPECT_FALSE(unread(world.agent));
  EXPECT_FALSE(unread(world.user)) << "he wrote it";
  Principal bo = world.agent;
  bo.agent = "bo";
  EXPECT_TRUE(unread(bo)) << "he has not";
  world.store.run(bo, [&](Tx& tx) { return desk::note(tx, ticket, "Internt", {}); }).value();
  EXPECT_FALSE(unread(world.user)) << "an internal note is nothing new for a user";
  EXPECT_TRUE(unread(world.agent));
  EXPECT_TRUE(read(world.agent, 2));
  EXPECT_TRUE(read(world.agent, 1));
  EXPECT_FALSE(unread(world.agent)) << "it never goes back";
  EXPECT_FALSE(read(world.agent, 99)) << "nobody has read what is not written";
  EXPECT_EQ(read(world.other_tenant, 1).error().kind, ProblemKind::not_found);
}

TEST_F(TicketPeople, NobodysOwnChangesAreNewToHim) {
  const auto unread = [&](const Principal& who) {
    TicketFilter filter;
    filter.unread_by = who.actor();
    return listed(who, filter) == 1;
  };
  const auto say = [&](const Principal& who, TicketId ticket) {
    return world.store.run(who, [&](Tx& tx) {
      desk::Reply reply;
      reply.ticket = ticket;
      reply.text = "Hej";
      return desk::reply(tx, reply);
    });
  };
  const auto note = [&](const Principal& who, TicketId ticket) {
    return world.store.run(who, [&](Tx& tx) { return desk::note(tx, ticket, "Internt", {}); });
  };
  const auto read = [&](const Principal& who, TicketId ticket) {
    const auto version = world.view(who, ticket).ticket.version;
    return world.store.run(who, [&](Tx& tx) { return desk::read_until(tx, ticket, version); });
  };
  const TicketId ticket = world.new_ticket();
  EXPECT_FALSE(unread(world.user)) << "he registered it";
  EXPECT_TRUE(unread(world.agent));
  ASSERT_TRUE(note(world.agent, ticket));
  EXPECT_TRUE(unread(world.agent)) << "who never opened it has not read what the user wrote";
  ASSERT_TRUE(read(world.agent, ticket));
  ASSERT_TRUE(say(world.agent, ticket)) << "that changes the status, too";
  EXPECT_FALSE(unread(world.agent));
  EXPECT_TRUE(unread(world.user));
  ASSERT_TRUE(say(world.user, ticket));
  EXPECT_TRUE(unread(world.user)) << "he has not opened the desk's answer";
  ASSERT_TRUE(read(world.user, ticket));
  ASSERT_TRUE(note(world.agent, ticket));
  EXPECT_TRUE(unread(world.agent)) << "the user wrote before that";
  ASSERT_TRUE(say(world.user, ticket));
  EXPECT_FALSE(unread(world.user)) << "the note between is nothing that he sees";
}

}  // namespace
}  // namespace ombud::test
