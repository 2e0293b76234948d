// What leaves the directory: only what nothing refers to; and who is forgotten on request.
#include <gmock/gmock.h>

#include "base/bytes.hpp"
#include "desk/leaving.hpp"
#include "desk/own_notices.hpp"
#include "desk/ticket_people.hpp"
#include "notify/preferences.hpp"
#include "store/identity.hpp"
#include "store/outbox.hpp"
#include "store/projection.hpp"
#include "support/desk_world.hpp"
#include "support/tell.hpp"

namespace ombud::test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr Sql kMail{
    "INSERT INTO mail_in (sha256, bytes, envelope_from, envelope_to, dedupe_key, received_at, "
    "state,"
    " outcome, sender, sender_name) VALUES ('x', 1, $2, 'desk', $3, 0, 'done', 'spam', $1, 'Erik')"
    " -- all tenants: insert"};
constexpr Sql kLeft{
    "SELECT count(*) FROM mail_in WHERE sender <> '' OR envelope_from <> '' -- all tenants: count"};
constexpr Sql kBounce{
    "INSERT INTO mail_bounce (ticket_id, customer_id, address, delivery_id, permanent, why, at)"
    " VALUES (1, 'alfa', $1, 0, 1, 'unknown', 0) -- all tenants: insert"};
constexpr Sql kBounceOf{
    "INSERT INTO mail_bounce (ticket_id, customer_id, person_id, address, delivery_id, permanent,"
    " why, at) VALUES (1, 'beta', $1, $2, 0, 1, 'unknown', 0) -- all tenants: insert"};
constexpr Sql kBounces{
    "SELECT count(*) FROM mail_bounce WHERE address <> '' OR why <> '' -- all tenants: count"};

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
  void add_part(TicketId ticket, const Principal& who) {
    const desk::AddParticipant part{ticket, who.person, "", ""};
    world.store.run(world.agent, [&](Tx& tx) { return desk::add_participant(tx, part); }).value();
  }
  void reply(TicketId ticket, const std::string& text) {
    desk::Reply reply;
    reply.ticket = ticket;
    reply.text = text;
    world.store.run(world.agent, [&](Tx& tx) { return desk::reply(tx, reply); }).value();
    tell_people(world.store);
  }
  void announce() {
    desk::Announce request;
    request.title = "E-posten är nere";
    request.for_all = true;
    world.store.run(world.agent, [&](Tx& tx) { return desk::announce(tx, request); }).value();
  }
  // To whom letters have not left yet.
  std::vector<std::string> waiting() {
    DeliveryFilter filter;
    filter.link = "desk-mail";
    filter.unfinished_only = true;
    std::vector<std::string> all;
    for (const Delivery& letter :
         run([&](Tx& tx) { return list_deliveries(tx, filter, std::nullopt, 1000); })) {
      all.emplace_back(json::parse(letter.body).value()["to"]["address"].text());
    }
    return all;
  }
  std::int64_t count(const Sql& sql) {
    return run([&](Tx& tx) {
      Rows rows = tx.query(sql);
      return rows.next() ? rows.integer(0) : -1;
    });
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

TEST_F(Leaving, LettersToAnErasedPersonThatHaveNotLeftNeverDo) {
  const TicketId ticket = world.new_ticket();
  add_part(ticket, world.colleague);
  reply(ticket, "Vi tittar på det.");
  announce();
  notify::Preferences later;
  later.digest = notify::Digest::daily;
  ASSERT_TRUE(run([&](Tx& tx) { return notify::choose(tx, world.user.person, later); }));
  reply(ticket, "Det är löst.");
  account_of(world.user, "erik@private.example");
  run([](Tx& tx) {
    enqueue(tx, lane_of_letter(tx, "desk-mail"),
            {"put_ticket", R"({"to":{"address":"Erik@private.example"}})", "", 0});
    return true;
  });
  tell_people(world.store);
  const auto before = waiting();
  EXPECT_THAT(before, Contains(HasSubstr("rik")).Times(4));  // receipt, answer, incident, account
  run([&](Tx& tx) { return desk::erase_person(tx, world.user.person); }).value();
  EXPECT_THAT(waiting(), Not(Contains(HasSubstr("rik"))));
  EXPECT_EQ(waiting().size(), before.size() - 4) << "others get theirs";
  EXPECT_EQ(run([&](Tx& tx) { return next_due_notification(tx); }), kNever);
  reply(ticket, "Välkommen åter.");
  tell_people(world.store);
  world.clock.advance(Millis{48 * 3'600'000});
  tell_people(world.store);
  EXPECT_THAT(waiting(), Not(Contains(HasSubstr("rik"))));
  EXPECT_EQ(run([](Tx& tx) { return sweep_headless(tx); }), 0);
}

TEST_F(Leaving, MailsFromAnErasedPersonsAddressNameNobodyAlsoThoseOfNoTicket) {
  const auto mail = [&](const char* from, const char* envelope) {
    run([&](Tx& tx) {
      tx.run(kMail, from, envelope, tx.mint());
      return true;
    });
  };
  mail("erik.ek@alfa.example", "");
  mail("list@news.example", "Erik.Ek@alfa.example");
  mail("maja@alfa.example", "maja@alfa.example");
  run([&](Tx& tx) { return tx.run(kBounce, "erik.ek@alfa.example"), true; });
  run([&](Tx& tx) { return desk::erase_person(tx, world.user.person); }).value();
  EXPECT_EQ(count(kLeft), 1);  // Maja's
  EXPECT_EQ(count(kBounces), 0);
}

TEST_F(Leaving, NothingIsKeptOfARemovedPerson) {
  const PersonId otto = world.other_tenant.person;
  run([&](Tx& tx) { return tx.run(kBounceOf, otto, "otto@beta.example"), true; });
  announce();
  tell_people(world.store);
  EXPECT_THAT(waiting(), Contains(HasSubstr("otto")));
  ASSERT_TRUE(remove(Entry::person, std::to_string(otto.value)));
  EXPECT_THAT(waiting(), Not(Contains(HasSubstr("otto"))));
  EXPECT_EQ(count(kBounces), 0);
}

TEST_F(Leaving, AnAddressThatAnotherPersonHasTooKeepsItsMails) {
  run([&](Tx& tx) {
    put_person(tx, {{}, "beta", "Erik Ek", "erik.ek@alfa.example", "", "sv", false});
    tx.run(kMail, "erik.ek@alfa.example", "erik.ek@alfa.example", tx.mint());
    return true;
  });
  run([&](Tx& tx) { return desk::erase_person(tx, world.user.person); }).value();
  EXPECT_EQ(count(kLeft), 1);
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
