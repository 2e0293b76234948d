// What leaves the directory: only what nothing refers to; and who is forgotten on request.
#include <gmock/gmock.h>

#include "base/bytes.hpp"
#include "desk/leaving.hpp"
#include "desk/ticket_people.hpp"
#include "notify/preferences.hpp"
#include "store/identity.hpp"
#include "store/projection.hpp"
#include "support/desk_world.hpp"

namespace ombud::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

struct Leaving : testing::Test {
  Leaving() { bytes_init(); }
  DeskWorld world;

  template <class F>
  auto run(F f) {
    return world.store.run(world.system, f);
  }
  Result<void> remove(Entry entry, const std::string& key) {
    return run([&](Tx& tx) { return desk::remove_from_directory(tx, entry, key); });
  }
  std::string why_not(Entry entry, const std::string& key) {
    const auto removed = remove(entry, key);
    if (removed) return "removed";
    EXPECT_EQ(removed.error().kind, ProblemKind::conflict);
    return removed.error().detail;
  }
  AccountId account_of(const Principal& who, const std::string& email) {
    return run([&](Tx& tx) {
      Account account;
      account.email = email;
      account.name = "Erik Ek";
      account.password = "x";
      const AccountId id = add_account(tx, account);
      put_membership(tx, id, {*who.tenant, "", who.person, Role::user});
      AccountSession session;
      session.id = "s1";
      session.account = id;
      put_session(tx, session, "cookie");
      return id;
    });
  }
};

TEST_F(Leaving, ARefusalSaysWhatRefersToItAndHowOften) {
  world.new_ticket();
  world.new_ticket();
  EXPECT_THAT(why_not(Entry::customer, "alfa"),
              HasSubstr("2 people, 2 tickets and 1 agreement still refer to this customer."));
  EXPECT_THAT(why_not(Entry::person, std::to_string(world.user.person.value)),
              HasSubstr("2 tickets still refer to this person. Anonymise"));
  EXPECT_THAT(why_not(Entry::service, "printing"), HasSubstr("2 tickets and 1 agreement"));
  EXPECT_THAT(why_not(Entry::team, "desk"), HasSubstr("it stays"));
  run([](Tx& tx) { return put_team(tx, {"night", "Natt"}), true; });
  run([](Tx& tx) { return put_agent(tx, {"nils", "Nils", "", "night"}), true; });
  EXPECT_THAT(why_not(Entry::team, "night"), HasSubstr("1 agent still refers to this team."));
  const TicketId ticket = world.new_ticket();
  desk::Change change;
  change.agent = "nils";
  world.store.run(world.agent, [&](Tx& tx) { return desk::change(tx, ticket, {}, change); })
      .value();
  EXPECT_THAT(why_not(Entry::agent, "nils"), HasSubstr("1 ticket still refers to this agent."));
  change.agent = "";
  world.store.run(world.agent, [&](Tx& tx) { return desk::change(tx, ticket, {}, change); })
      .value();
  EXPECT_TRUE(remove(Entry::agent, "nils"));
  EXPECT_TRUE(remove(Entry::team, "night"));
  EXPECT_EQ(remove(Entry::team, "night").error().kind, ProblemKind::not_found);
  EXPECT_FALSE(run([](Tx& tx) { return find_team(tx, "night"); })) << "nor is it remembered";
}

TEST_F(Leaving, ACustomerGoesWhenItsPeopleHaveGone) {
  EXPECT_THAT(why_not(Entry::customer, "beta"), HasSubstr("1 person still refers"));
  const std::string otto = std::to_string(world.other_tenant.person.value);
  EXPECT_TRUE(remove(Entry::person, otto));
  EXPECT_TRUE(run([](Tx& tx) { return search_people(tx, "otto", "", {}, 10); }).empty());
  EXPECT_TRUE(remove(Entry::customer, "beta"));
  EXPECT_EQ(remove(Entry::customer, "beta").error().kind, ProblemKind::not_found);
}

TEST_F(Leaving, TheNumberOfARemovedPersonIsNotGivenToAnother) {
  const std::int64_t otto = world.other_tenant.person.value;
  ASSERT_TRUE(remove(Entry::person, std::to_string(otto))) << "the last that was made";
  Principal next;
  run([&](Tx& tx) {
    return next = DeskWorld::person(tx, "beta", "Nya", "ny@beta.example", ""), 0;
  });
  EXPECT_GT(next.person.value, otto);
}

TEST_F(Leaving, WhoWroteInATicketIsReferredToThoughHeTakesNoPartAnyMore) {
  const TicketId ticket = world.new_ticket();
  const auto part = [&] { return desk::AddParticipant{ticket, world.colleague.person, "", ""}; };
  world.store.run(world.agent, [&](Tx& tx) { return desk::add_participant(tx, part()); }).value();
  world.store
      .run(world.colleague,
           [&](Tx& tx) {
             desk::Reply reply;
             reply.ticket = ticket;
             reply.text = "Hos mig med";
             return desk::reply(tx, reply);
           })
      .value();
  world.store
      .run(world.agent,
           [&](Tx& tx) { return desk::remove_participant(tx, ticket, world.colleague.person); })
      .value();
  EXPECT_THAT(why_not(Entry::person, std::to_string(world.colleague.person.value)),
              HasSubstr("1 ticket that the person wrote in"));
}

TEST_F(Leaving, AnErasedPersonHasNoNameAddressNorAccountAndTheTicketsStay) {
  const TicketId ticket = world.new_ticket();
  const AccountId account = account_of(world.user, "erik.ek@alfa.example");
  notify::Preferences chosen;
  chosen.digest = notify::Digest::daily;
  ASSERT_TRUE(run([&](Tx& tx) { return notify::choose(tx, world.user.person, chosen); }));
  const auto erased =
      run([&](Tx& tx) { return desk::erase_person(tx, world.user.person); }).value();
  EXPECT_EQ(run([&](Tx& tx) { return notify::preferences_of(tx, world.user.person); }),
            notify::Preferences());
  EXPECT_EQ(erased.tickets, 1);
  EXPECT_EQ(erased.account, desk::Erased::Account::ended);
  const auto person = run([&](Tx& tx) { return find_person(tx, world.user.person); });
  EXPECT_EQ(person->name, "Raderad person");
  EXPECT_EQ(person->email + person->phone, "");
  EXPECT_TRUE(run([](Tx& tx) { return search_people(tx, "erik", "", {}, 10); }).empty());
  EXPECT_TRUE(run([](Tx& tx) { return people_of_email(tx, "erik.ek@alfa.example"); }).empty());
  const auto ended = run([&](Tx& tx) { return find_account(tx, account); });
  EXPECT_THAT(ended->email, Not(HasSubstr("erik")));
  EXPECT_EQ(ended->name, "Raderad person");
  EXPECT_TRUE(ended->disabled_at);
  EXPECT_THAT(ended->memberships, IsEmpty());
  EXPECT_THAT(run([&](Tx& tx) { return sessions_of(tx, account); }), IsEmpty());
  const auto view = world.view(world.agent, ticket);
  EXPECT_EQ(view.requester_name, "Raderad person");
  EXPECT_EQ(view.messages.at(0).text, "Den drar inte papper.") << "what was said stays";
  EXPECT_THAT(run([](Tx& tx) { return verify_projection(tx); }), IsEmpty());
  const auto again = run([&](Tx& tx) { return desk::erase_person(tx, world.user.person); });
  ASSERT_TRUE(again);
  EXPECT_EQ(again->account, desk::Erased::Account::none);
  EXPECT_EQ(run([&](Tx& tx) { return desk::erase_person(tx, {987654}); }).error().kind,
            ProblemKind::not_found);
}

TEST_F(Leaving, AnAccountThatIsAlsoAnothersStaysButIsNoLongerThisPersons) {
  const AccountId account = account_of(world.user, "erik@private.example");
  run([&](Tx& tx) {
    put_membership(tx, account, {"beta", "", world.other_tenant.person, Role::user});
    return true;
  });
  const auto erased = run([&](Tx& tx) { return desk::erase_person(tx, world.user.person); });
  EXPECT_EQ(erased.value().account, desk::Erased::Account::left);
  const auto left = run([&](Tx& tx) { return find_account(tx, account); });
  EXPECT_EQ(left->email, "erik@private.example");
  ASSERT_EQ(left->memberships.size(), 1U);
  EXPECT_EQ(left->memberships[0].customer, "beta");
}

}  // namespace
}  // namespace ombud::test
