// Figures of a span of time: what each counts, and that its list has exactly those tickets.
#include "desk/statistics.hpp"

#include <gtest/gtest.h>

#include "base/bytes.hpp"
#include "store/migrations/migrations.hpp"
#include "store/projection.hpp"
#include "support/desk_world.hpp"

namespace ombud::test {
namespace {

using desk::Figures;

struct StatisticsTest : testing::Test {
  StatisticsTest() {
    bytes_init();
    world.clock.set(at("2026-11-02T08:00:00Z"));
  }
  static Instant at(std::string_view text) { return *parse_rfc3339(text); }
  void set(std::string_view text) { world.clock.set(at(text)); }

  desk::Statistics of(FigureBy by, std::string_view from, std::string_view to, const Principal& who,
                      FigureScope scope = {}) {
    desk::StatisticsRequest request;
    request.scope = std::move(scope);
    request.scope.from = at(from);
    request.scope.to = at(to);
    request.by = by;
    request.zone = "Europe/Stockholm";
    return world.store.run(who, [&](Tx& tx) { return desk::statistics(tx, request); }).value();
  }
  std::size_t listed(const FigureScope& scope, Figure figure, const Principal& who) {
    std::size_t count = 0;
    std::optional<CountedKey> before;
    do {
      const auto page = world.store.run(
          who, [&](Tx& tx) { return desk::list_counted(tx, scope, figure, before, 7); });
      count += page->tickets.size();
      before = page->next;
    } while (before);
    return count;
  }
  void expect_listed(const Figures& f, const FigureScope& scope, const Principal& who,
                     const std::string& where) {
    const auto size = [&](Figure figure) {
      return static_cast<std::int64_t>(listed(scope, figure, who));
    };
    EXPECT_EQ(size(Figure::registered), f.registered) << where;
    EXPECT_EQ(size(Figure::resolved), f.resolved) << where;
    EXPECT_EQ(size(Figure::resolved), f.resolution.count) << where;
    EXPECT_EQ(size(Figure::closed), f.closed) << where;
    EXPECT_EQ(size(Figure::reopened), f.reopened) << where;
    EXPECT_EQ(size(Figure::backlog), f.backlog) << where;
    EXPECT_EQ(size(Figure::first_response), f.first_response.count) << where;
  }
  void reply(TicketId ticket) {
    world.store
        .run(world.agent,
             [&](Tx& tx) {
               return desk::reply(tx, {ticket, "Hej", {}, {}, {}, "", ""});
             })
        .value();
  }
  DeskWorld world;
};

TEST_F(StatisticsTest, CountsWhatHappenedInTheTime) {
  const TicketId a = world.new_ticket();
  set("2026-11-02T09:30:00Z");
  world.store.run(world.agent, [&](Tx& tx) { return desk::note(tx, a, "internt", {}); }).value();
  set("2026-11-02T10:00:00Z");
  reply(a);
  set("2026-11-02T11:00:00Z");
  reply(a);
  const TicketId b = world.new_ticket();
  set("2026-11-03T08:00:00Z");
  world.store.run(world.agent, [&](Tx& tx) { return desk::resolve(tx, a, ""); }).value();
  set("2026-11-04T08:00:00Z");
  world.store.run(world.agent, [&](Tx& tx) { return desk::reopen(tx, a, "nej"); }).value();
  set("2026-11-05T08:00:00Z");
  world.store.run(world.agent, [&](Tx& tx) { return desk::resolve(tx, a, ""); }).value();
  world.store.run(world.agent, [&](Tx& tx) { return desk::close(tx, a, ""); }).value();
  set("2026-11-06T08:00:00Z");

  const auto all = of(FigureBy::day, "2026-11-01T23:00:00Z", "2026-11-05T23:00:00Z", world.agent);
  ASSERT_EQ(all.rows.size(), 4U);
  EXPECT_EQ(all.rows[0].key, "2026-11-02");
  EXPECT_EQ(all.totals.registered, 2);
  EXPECT_EQ(all.totals.resolved, 1);
  EXPECT_EQ(all.totals.closed, 1);
  EXPECT_EQ(all.totals.reopened, 1);
  EXPECT_EQ(all.totals.backlog, 1);
  EXPECT_EQ(all.totals.oldest_open_at, at("2026-11-02T11:00:00Z"));
  EXPECT_EQ(all.totals.first_response.count, 1);
  EXPECT_EQ(all.totals.first_response.p50_ms, 2 * 3'600'000) << "a note is no answer";
  EXPECT_EQ(all.totals.resolution.p90_ms, 72 * 3'600'000) << "the last resolution counts";
  std::vector<std::int64_t> backlog, resolved, reopened;
  for (const desk::FigureLine& day : all.rows) {
    backlog.push_back(day.figures.backlog);
    resolved.push_back(day.figures.resolved);
    reopened.push_back(day.figures.reopened);
  }
  EXPECT_EQ(backlog, (std::vector<std::int64_t>{2, 1, 2, 1})) << "it was open again on the 4th";
  EXPECT_EQ(resolved, (std::vector<std::int64_t>{0, 0, 0, 1}));
  EXPECT_EQ(reopened, (std::vector<std::int64_t>{0, 0, 1, 0}));
  EXPECT_EQ(all.rows[1].figures.oldest_open_at, at("2026-11-02T11:00:00Z"));
  EXPECT_EQ(all.rows[2].figures.oldest_open_at, at("2026-11-02T08:00:00Z"));
  EXPECT_EQ(b, (TicketId{2}));
}

TEST_F(StatisticsTest, ADayIsTheReadersDay) {
  set("2026-11-02T23:30:00Z");  // half past midnight in Stockholm
  world.new_ticket();
  const auto days = of(FigureBy::day, "2026-11-01T23:00:00Z", "2026-11-03T23:00:00Z", world.agent);
  ASSERT_EQ(days.rows.size(), 2U);
  EXPECT_EQ(days.rows[0].figures.registered, 0);
  EXPECT_EQ(days.rows[1].figures.registered, 1);
}

TEST_F(StatisticsTest, UsersHaveNoStatisticsAndACustomersPeopleOnlyTheirOwn) {
  world.new_ticket();
  Principal manager;  // whoever speaks for all of one organisation
  manager.role = Role::manager;
  manager.tenant = "beta";
  const char *from = "2026-11-01T00:00:00Z", *to = "2026-11-30T00:00:00Z";
  EXPECT_EQ(of(FigureBy::customer, from, to, manager).totals.registered, 0);
  manager.tenant = "alfa";
  EXPECT_EQ(of(FigureBy::customer, from, to, manager).totals.registered, 1);
  desk::StatisticsRequest request;
  request.scope.from = at(from);
  request.scope.to = at(to);
  request.by = FigureBy::supplier;
  EXPECT_FALSE(world.store.run(manager, [&](Tx& tx) { return desk::statistics(tx, request); }))
      << "suppliers are the desk's business";
  request.by = FigureBy::customer;
  const auto refused =
      world.store.run(world.user, [&](Tx& tx) { return desk::statistics(tx, request); });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ProblemKind::forbidden);
}

TEST_F(StatisticsTest, ATicketWithTwoSuppliersCountsForEachAndOnceInTheTotals) {
  world.store.run(world.system, [&](Tx& tx) {
    sync_links(tx, {{"nordprint", "supplier", "Nordprint AB", "rest", true, "open", "", {}, "", {}},
                    {"sudprint", "supplier", "Sudprint AB", "rest", true, "open", "", {}, "", {}},
                    {"desk-mail", "notices", "Users", "email", true, "open", "", {}, "", {}}});
    Agreement a = list_agreements(tx).front();
    a.id = {};
    a.link = "sudprint";
    put_agreement(tx, a);
    return true;
  });
  set("2026-11-20T08:00:00Z");  // the agreements are valid
  const TicketId ticket = world.new_ticket();
  for (const char* link : {"nordprint", "sudprint"}) {
    desk::Delegate request;
    request.ticket = ticket;
    request.link = link;
    world.store.run(world.agent, [&](Tx& tx) { return desk::delegate(tx, request); }).value();
  }
  world.new_ticket();
  const auto all =
      of(FigureBy::supplier, "2026-11-01T00:00:00Z", "2026-11-30T00:00:00Z", world.agent);
  EXPECT_EQ(all.totals.registered, 2);
  ASSERT_EQ(all.rows.size(), 2U);
  EXPECT_EQ(all.rows[0].label, "Nordprint AB");
  EXPECT_EQ(all.rows[0].figures.registered, 1);
  FigureScope one;
  one.supplier = "sudprint";
  const auto narrowed =
      of(FigureBy::supplier, "2026-11-01T00:00:00Z", "2026-11-30T00:00:00Z", world.agent, one);
  EXPECT_EQ(narrowed.totals.registered, 1);
  ASSERT_EQ(narrowed.rows.size(), 1U);
  EXPECT_EQ(narrowed.rows[0].key, "sudprint");
}

// Many tickets with lives of every kind.
void live(StatisticsTest& test, DeskWorld& world, std::uint64_t seed) {
  static_cast<void>(test);
  SeededRandom random(seed);
  const auto any = [&random](std::size_t n) {
    return static_cast<std::int64_t>(random.next() % n);
  };
  std::vector<TicketId> tickets;
  for (int i = 0; i < 400; ++i) {
    world.clock.advance(Millis{any(6 * 3'600'000)});
    if (tickets.empty() || any(4) == 0) {
      tickets.push_back(world.new_ticket(any(2) == 0 ? "Skrivare" : "Annat", "x"));
      continue;
    }
    const TicketId t = tickets[static_cast<std::size_t>(any(tickets.size()))];
    const auto refusable = [&](auto act) {
      static_cast<void>(world.store.run(world.agent, act).has_value());
    };
    switch (any(8)) {
      case 0:
        refusable([&](Tx& tx) { return desk::reply(tx, {t, "Hej", {}, {}, {}, "", ""}); });
        break;
      case 1:
      case 2:
        refusable([&](Tx& tx) { return desk::resolve(tx, t, any(2) == 0 ? "Klart" : ""); });
        break;
      case 3:
        refusable([&](Tx& tx) { return desk::close(tx, t, ""); });
        break;
      case 4:
        refusable([&](Tx& tx) { return desk::reopen(tx, t, "igen"); });
        break;
      case 5:
        refusable([&](Tx& tx) { return desk::delegate(tx, {t, "", "printing", "Laga"}); });
        break;
      case 6:
        refusable([&](Tx& tx) {
          desk::Change change;
          change.priority = any(2) == 0 ? Priority::high : Priority::low;
          change.kind = any(2) == 0 ? TicketKind::order : TicketKind::question;
          return desk::change(tx, t, {}, change);
        });
        break;
      default:
        static_cast<void>(world.store
                              .run(world.user,
                                   [&](Tx& tx) {
                                     return desk::reply(tx, {t, "Nej", {}, {}, {}, "", ""});
                                   })
                              .has_value());
    }
  }
}

TEST_F(StatisticsTest, TheListOfEveryFigureHasAsManyTicketsAsItSays) {
  live(*this, world, 11);
  Principal manager;
  manager.role = Role::manager;
  manager.tenant = "alfa";
  for (const auto& [by, word] : kWords<FigureBy>) {
    for (const Principal& who : {world.agent, manager}) {
      if (by == FigureBy::supplier && !who.inside()) continue;  // the desk's business
      const auto all = of(by, "2026-11-09T10:00:00Z", "2026-11-27T23:00:00Z", who);
      EXPECT_GT(all.totals.registered, 5);
      EXPECT_GT(all.totals.reopened, 0);
      expect_listed(all.totals, all.scope, who, std::string(word));
      EXPECT_FALSE(all.rows.empty()) << word;
      for (const desk::FigureLine& line : all.rows) {
        expect_listed(line.figures, line.scope, who, std::string(word) + " " + line.key);
      }
    }
  }
  const auto days = of(FigureBy::day, "2026-11-09T10:00:00Z", "2026-11-27T23:00:00Z", world.agent);
  std::int64_t registered = 0;
  for (const desk::FigureLine& line : days.rows) registered += line.figures.registered;
  EXPECT_EQ(registered, days.totals.registered);
  EXPECT_EQ(days.rows.back().figures.backlog, days.totals.backlog);
  EXPECT_EQ(days.rows.back().figures.oldest_open_at, days.totals.oldest_open_at);
}

TEST_F(StatisticsTest, WhatTheyAreCountedFromFollowsFromTheLogAlone) {
  live(*this, world, 12);
  const auto differences = [&] {
    return world.store.run(world.system, [](Tx& tx) { return verify_projection(tx); });
  };
  EXPECT_EQ(differences(), std::vector<std::string>());
  // A hub that is brought up to this version gets the same from its log.
  std::string sql;
  for (const Migration& step : migrations()) {
    if (std::string_view(step.name) != "0011_figures") continue;
    const std::string text = step.sql;
    for (const char* table : {"ticket_response", "ticket_gap"}) {
      const std::size_t begin = text.find("INSERT INTO " + std::string(table));
      ASSERT_NE(begin, std::string::npos);
      sql += "DELETE FROM " + std::string(table) + ";\n";
      sql += text.substr(begin, text.find(";\n", begin) + 1 - begin) + "\n";
    }
  }
  ASSERT_FALSE(sql.empty());
  world.store.connection().execute_script(sql.c_str());
  EXPECT_EQ(differences(), std::vector<std::string>());
}

}  // namespace
}  // namespace ombud::test
