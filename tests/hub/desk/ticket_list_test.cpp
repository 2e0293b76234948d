// Lists: order, filters, pages, what a row shows, and counts that agree with them.
#include <gmock/gmock.h>

#include "base/bytes.hpp"
#include "desk/ticket_list.hpp"
#include "desk/ticket_people.hpp"
#include "store/projection.hpp"
#include "support/desk_world.hpp"

namespace ombud::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct TicketList : testing::Test {
  TicketList() { bytes_init(); }
  DeskWorld world;

  std::vector<std::int64_t> ids(const Principal& who, const TicketFilter& filter,
                                TicketOrder order = {}, int limit = 200) {
    std::vector<std::int64_t> all;
    desk::List request;
    request.filter = filter;
    request.order = order;
    request.limit = limit;
    do {
      auto page = world.store.run(who, [&](Tx& tx) { return desk::list(tx, request); }).value();
      for (const Ticket& ticket : page.tickets) all.push_back(ticket.id.value);
      request.cursor = page.next;
    } while (!request.cursor.empty());
    return all;
  }
  TicketCount count(const Principal& who, const TicketFilter& filter) {
    return world.store.run(who, [&](Tx& tx) { return count_tickets(tx, filter); });
  }
  void change(TicketId ticket, const desk::Change& what) {
    world.store.run(world.system, [&](Tx& tx) { return desk::change(tx, ticket, {}, what); })
        .value();
  }
  void answer_of_supplier(const std::string& text) {
    const auto sent = world.claim();
    ASSERT_EQ(sent.size(), 1U);
    world.done(sent[0], "R-1");
    EXPECT_EQ(world.change(R"({"schema":"ombud.change/1","event_id":"e1","external_id":"R-1",)"
                           R"("type":"comment","comment":{"id":"c1","public":true,"text":")" +
                           text + R"("}})"),
              desk::Applied::applied);
  }
  desk::TicketRow row(const Principal& who, TicketId ticket) {
    return world.store
        .run(who,
             [&](Tx& tx) -> Result<std::vector<desk::TicketRow>> {
               return desk::rows_of(tx, {*find_ticket(tx, ticket)});
             })
        .value()
        .at(0);
  }
};

TEST_F(TicketList, EveryOrderIsPagedWithoutLossOrRepetitionAndBackwardsIsTheReverse) {
  const Priority priorities[] = {Priority::low, Priority::urgent, Priority::normal, Priority::high};
  for (int i = 0; i < 23; ++i) {
    const TicketId ticket = world.new_ticket("Nummer " + std::to_string(i));
    desk::Change what;
    what.priority = priorities[i % 4];
    if (i % 4 != 2) change(ticket, what);
    if (i % 3 == 0) world.clock.advance(Millis{5});
  }
  for (const auto& [sort, name] : kWords<TicketSort>) {
    for (const TicketFilter& filter : {TicketFilter{}, [] {
                                         TicketFilter open;
                                         open.open_only = true;
                                         return open;
                                       }()}) {
      for (const Principal& who : {world.agent, world.user}) {
        auto down = ids(who, filter, {sort, false}, 7);
        const auto up = ids(who, filter, {sort, true}, 5);
        ASSERT_EQ(down.size(), 23U) << name;
        EXPECT_EQ(std::set<std::int64_t>(down.begin(), down.end()).size(), 23U) << name;
        std::reverse(down.begin(), down.end());
        EXPECT_EQ(down, up) << name;
      }
    }
  }
  const auto urgent_first = ids(world.agent, {}, {TicketSort::priority, false});
  EXPECT_EQ(urgent_first.front(), 22) << "the latest of the urgent ones";
  EXPECT_EQ(ids(world.agent, {}, {TicketSort::priority, true}).front(), 1) << "low";
  EXPECT_EQ(ids(world.agent, {}, {TicketSort::created, true}).front(), 1);
}

TEST_F(TicketList, ACursorOfOneOrderIsRefusedByAnother) {
  for (int i = 0; i < 5; ++i) world.new_ticket();
  desk::List request;
  request.limit = 2;
  const auto page =
      world.store.run(world.agent, [&](Tx& tx) { return desk::list(tx, request); }).value();
  request.cursor = page.next;
  request.order.ascending = true;
  EXPECT_FALSE(world.store.run(world.agent, [&](Tx& tx) { return desk::list(tx, request); }));
  request.order = {TicketSort::created, false};
  EXPECT_FALSE(world.store.run(world.agent, [&](Tx& tx) { return desk::list(tx, request); }));
}

TEST_F(TicketList, FiltersAndCountsAgreeThroughTheLifeOfTickets) {
  const auto team = [](Tx& tx) { return put_team(tx, {"natet", "Nätet"}), true; };
  world.store.run(world.system, team);
  const TicketId first = world.new_ticket(), second = world.new_ticket(),
                 third = world.new_ticket("Fråga", "Hur gör man?");
  const auto agree = [&] {
    std::vector<TicketFilter> filters(12);
    filters[0].open_only = true;
    filters[1].unassigned = true;
    filters[1].open_only = true;
    filters[2].agent = "anna";
    filters[2].open_only = true;
    filters[3].team = "natet";
    filters[3].open_only = true;
    filters[4].statuses = {TicketStatus::waiting_supplier};
    filters[5].statuses = {TicketStatus::resolved};
    filters[6].answered = true;
    filters[6].open_only = true;
    filters[7].statuses = {TicketStatus::fresh, TicketStatus::in_progress};
    filters[8].customer = "alfa";
    filters[8].open_only = true;
    filters[9].customer = "beta";
    filters[9].open_only = true;
    filters[10].kind = TicketKind::order;
    filters[10].open_only = true;
    filters[11].service = "printing";
    filters[11].statuses = {TicketStatus::fresh, TicketStatus::resolved};
    for (std::size_t i = 0; i < filters.size(); ++i) {
      const TicketCount counted = count(world.agent, filters[i]);
      EXPECT_TRUE(counted.exact) << i;
      EXPECT_EQ(counted.n, static_cast<std::int64_t>(ids(world.agent, filters[i]).size())) << i;
    }
  };
  agree();
  desk::Change to_anna;
  to_anna.agent = "anna";
  change(first, to_anna);
  agree();
  desk::Change elsewhere;
  elsewhere.team = "natet";
  elsewhere.kind = TicketKind::order;
  elsewhere.service = "";
  change(third, elsewhere);
  agree();
  world.delegate(second);
  agree();
  answer_of_supplier("Vilken modell?");
  agree();
  TicketFilter answered;
  answered.answered = true;
  EXPECT_THAT(ids(world.agent, answered), ElementsAre(second.value));
  TicketFilter of_link;
  of_link.link = "nordprint";
  EXPECT_THAT(ids(world.agent, of_link), ElementsAre(second.value));
  world.store.run(world.agent, [&](Tx& tx) { return desk::resolve(tx, first, ""); }).value();
  agree();
  world.store.run(world.user, [&](Tx& tx) { return desk::close(tx, first, ""); }).value();
  agree();
  world.store.run(world.user, [&](Tx& tx) { return desk::reopen(tx, first, ""); }).value();
  agree();
  TicketFilter anybody;  // closed ones too: counted among the last
  EXPECT_FALSE(count(world.agent, anybody).exact);
  EXPECT_EQ(count(world.agent, anybody).n, 3);
  EXPECT_EQ(count(world.other_tenant, anybody).n, 0);
  TicketFilter open;
  open.open_only = true;
  EXPECT_EQ(count(world.other_tenant, open).n, 0) << "another tenant counts nothing of it";
  const auto differences =
      world.store.run(world.system, [](Tx& tx) { return verify_projection(tx); });
  EXPECT_THAT(differences, IsEmpty());
}

TEST_F(TicketList, APeriodHoldsItsBeginningAndNotItsEnd) {
  const Instant begin = world.clock.now();
  const TicketId first = world.new_ticket();
  world.clock.advance(Millis{10});
  const TicketId second = world.new_ticket();
  world.clock.advance(Millis{10});
  world.new_ticket();
  TicketFilter period;
  period.created_after = begin;
  period.created_before = begin + Millis{20};
  EXPECT_THAT(ids(world.agent, period), ElementsAre(second.value, first.value));
  EXPECT_THAT(ids(world.agent, period, {TicketSort::priority, true}, 1),
              ElementsAre(first.value, second.value));
  EXPECT_THAT(ids(world.other_tenant, period), IsEmpty());
}

TEST_F(TicketList, ARowShowsWhoHasTheBall) {
  const TicketId ticket = world.new_ticket();
  EXPECT_EQ(desk::waits_for(row(world.agent, ticket).ticket), Party::desk);
  EXPECT_EQ(row(world.agent, ticket).extras.requester_name, "Erik Ek");
  EXPECT_EQ(row(world.agent, ticket).extras.customer_name, "Alfa AB");
  world.delegate(ticket);
  auto shown = row(world.agent, ticket);
  EXPECT_EQ(desk::waits_for(shown.ticket), Party::supplier);
  ASSERT_EQ(shown.extras.suppliers.size(), 1U);
  EXPECT_EQ(shown.extras.suppliers[0].link, "nordprint");
  EXPECT_FALSE(shown.extras.suppliers[0].trouble);
  world.clock.advance(Millis{10});
  answer_of_supplier("Vilken modell?");
  shown = row(world.agent, ticket);
  EXPECT_EQ(desk::waits_for(shown.ticket), Party::desk) << "the supplier has answered";
  ASSERT_TRUE(shown.extras.last);
  EXPECT_EQ(shown.extras.last->from, Party::supplier);
  EXPECT_EQ(shown.extras.last->author, "Nordprint AB");
  // The user sees no supplier, and of the words only his own.
  shown = row(world.user, ticket);
  EXPECT_THAT(shown.extras.suppliers, IsEmpty());
  ASSERT_TRUE(shown.extras.last);
  EXPECT_EQ(shown.extras.last->author, "Erik Ek");
  world.store
      .run(world.agent,
           [&](Tx& tx) {
             desk::Reply reply;
             reply.ticket = ticket;
             reply.text = "Vilken modell har du?";
             return desk::reply(tx, reply);
           })
      .value();
  EXPECT_EQ(desk::waits_for(row(world.agent, ticket).ticket), Party::supplier) << "acted on";
  world.store.run(world.agent, [&](Tx& tx) { return desk::note(tx, ticket, "Internt", {}); })
      .value();
  EXPECT_EQ(row(world.agent, ticket).extras.last->author, "Servicedesk") << "a note is no word";
}

TEST_F(TicketList, ADeliveryThatNeedsAPersonIsTroubleOnItsSupplier) {
  const TicketId ticket = world.new_ticket();
  world.delegate(ticket);
  const auto sent = world.claim();
  ASSERT_EQ(sent.size(), 1U);
  world.store.run(world.system, [&](Tx& tx) {
    return finish(tx, sent[0], {Finish::dead, {}, "", "refused", false});
  });
  EXPECT_TRUE(row(world.agent, ticket).extras.suppliers.at(0).trouble);
}

}  // namespace
}  // namespace ombud::test
