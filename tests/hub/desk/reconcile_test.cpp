// What counts as a difference between hub and supplier, which repair it allows, and that a repair
// touches nothing but what the hub itself wrote.
#include "desk/reconcile.hpp"

#include <gmock/gmock.h>

#include <fmt/format.h>

#include "base/bytes.hpp"
#include "support/desk_world.hpp"

namespace ombud::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

struct Reconcile : testing::Test {
  Reconcile() {
    bytes_init();
    operator_.role = Role::operator_;
    operator_.agent = operator_.name = "otto";
    ticket = world.new_ticket();
    delegation = world.delegate(ticket).id;
    deliver("77");
    world.clock.advance(Millis{60'000});
  }

  // All that is due, in order; ids of comments count up from `id`.
  void deliver(const std::string& id) {
    int next = std::stoi(id);
    for (auto due = world.claim(); !due.empty(); due = world.claim()) {
      for (const Delivery& one : due) {
        const bool update = one.op == "put_ticket" && !one.lane.external_id.empty();
        world.done(one, update ? one.lane.external_id : std::to_string(next++));
      }
    }
  }
  void say(const std::string& text, const std::string& id) {
    world.store.run(world.agent,
                    [&](Tx& tx) { return desk::message_supplier(tx, delegation, text); });
    deliver(id);
    world.clock.advance(Millis{60'000});
  }
  void hear(const std::string& event, const std::string& id, const std::string& text) {
    world.change(comment(event, id, text, ""));
    world.clock.advance(Millis{60'000});
  }
  static std::string comment(const std::string& event, const std::string& id,
                             const std::string& text, const std::string& echo_of) {
    return fmt::format(
        R"({{"event_id":"{}","external_id":"77","type":"comment",{}"comment":{{"id":"{}","text":"{}","public":true}}}})",
        event, echo_of.empty() ? "" : fmt::format(R"("echo_of":"{}",)", echo_of), id, text);
  }
  static std::string status(const std::string& event, const std::string& word) {
    return fmt::format(
        R"({{"event_id":"{}","external_id":"77","type":"status","status":"{}","status_text":"{}"}})",
        event, word, word);
  }

  std::optional<desk::Belief> belief() {
    return world.store
        .run(world.system,
             [&](Tx& tx) { return std::optional(desk::belief_of(tx, delegation, Millis{10'000})); })
        .value();
  }
  // The supplier's copy: all as it was put, but for what is given.
  std::string copy(const std::vector<std::string>& changes, const std::string& more = "",
                   const std::string& word = "new") {
    std::string all;
    for (const std::string& change : changes) all += (all.empty() ? "" : ",") + change;
    return fmt::format(
        R"({{"schema":"ombud.copy/1","external_id":"77","exists":true,"correlation":"{}",)"
        R"("status":"{}","shows":["comment","attachment"],"changes":[{}],"fields":[)"
        R"({{"name":"subject","agrees_with":0}},{{"name":"status","agrees_with":0}}]{}}})",
        belief()->correlation, word, all, more);
  }
  Result<std::vector<Drift>> compare(const std::string& json) {
    const auto document = json::parse(json).value();
    return desk::compare(*belief(), document.root(), std::vector<std::string>{"77"});
  }
  std::vector<std::string> differences(const std::string& json) {
    std::vector<std::string> all;
    for (const Drift& d : compare(json).value()) {
      all.push_back(fmt::format("{} {}{}", d.kind, d.repair, d.proposed ? "!" : ""));
    }
    return all;
  }
  // A run with all that differs, ordered and carried out; what became of each row.
  std::vector<std::string> repair(const std::string& planned, const std::string& later) {
    const std::int64_t run =
        world.store
            .run(operator_,
                 [](Tx& tx) { return start_reconciliation(tx, "nordprint", "command", 1); })
            .value()
            .id;
    auto drift = compare(planned).value();
    world.store.run(world.system, [&](Tx& tx) {
      for (Drift& row : drift) {
        row.run = run;
        put_drift(tx, row);
      }
      set_reconciliation_state(tx, run, "done", "");
      return true;
    });
    world.store.run(operator_, [&](Tx& tx) { return desk::order_repair(tx, run, {}); });
    const auto document = json::parse(later).value();
    world.store.run(operator_, [&](Tx& tx) {
      const auto now = desk::belief_of(tx, delegation, Millis{10'000});
      desk::repair(tx, *now, document.root(), std::vector<std::string>{"77"});
      return true;
    });
    std::vector<std::string> all;
    world.store.run(world.system, [&](Tx& tx) {
      for (const Drift& row : list_drift(tx, run, 0, 100))
        all.push_back(row.kind + " " + row.state);
      return true;
    });
    return all;
  }
  std::vector<Delivery> claimed() { return world.claim(); }
  std::string correlation_of(const std::string& text) {
    const auto now = belief();
    for (const Delivery& d : now->sent) {
      if (d.body.find(text) != std::string::npos && d.op == "add_comment") return d.correlation;
    }
    return {};
  }

  DeskWorld world;
  Principal operator_;
  TicketId ticket;
  DelegationId delegation;
};

TEST_F(Reconcile, WhatAgreesIsNoDifference) {
  say("Ett.", "101");
  hear("j-1", "200", "Vi tittar.");
  EXPECT_THAT(differences(copy({comment("j-0", "101", "Ett.", correlation_of("Ett.")),
                                comment("j-1", "200", "Vi tittar.", "")})),
              IsEmpty());
}

TEST_F(Reconcile, WhatIsUnderWayIsNotCompared) {
  world.store.run(world.agent,
                  [&](Tx& tx) { return desk::message_supplier(tx, delegation, "Ett."); });
  EXPECT_THAT(belief()->busy.value_or(""), HasSubstr("under way"));
  const Delivery leased = claimed().at(0);
  EXPECT_TRUE(belief()->busy);
  world.done(leased, "101");
  EXPECT_THAT(belief()->busy.value_or(""), HasSubstr("only just arrived"));
  world.clock.advance(Millis{60'000});
  EXPECT_FALSE(belief()->busy);
}

TEST_F(Reconcile, AMessageThatIsLostIsSentAgainByTheDeliveryThatHadCarriedIt) {
  say("Ett.", "101");
  say("Två.", "102");
  const std::string first = correlation_of("Ett."), second = correlation_of("Två.");
  EXPECT_THAT(differences(copy({})),
              ElementsAre("our_message_missing send!", "our_message_missing send!"));
  EXPECT_THAT(repair(copy({}), copy({})),
              ElementsAre("our_message_missing applied", "our_message_missing applied"));
  const auto again = claimed();
  ASSERT_EQ(again.size(), 1U) << "one of a lane";
  EXPECT_EQ(again[0].correlation, first);
  EXPECT_TRUE(again[0].doubt) << "it is looked for before it is written";
  world.done(again[0], "301");
  const auto next = claimed();
  ASSERT_EQ(next.size(), 1U);
  EXPECT_EQ(next[0].correlation, second);
}

TEST_F(Reconcile, OneThatSomebodyMayHaveDeletedIsSentOnlyIfItIsNamed) {
  say("Ett.", "101");
  say("Två.", "102");
  EXPECT_THAT(differences(copy({comment("j", "102", "Två.", correlation_of("Två."))})),
              ElementsAre("our_message_missing send"));
}

TEST_F(Reconcile, AnIdThatIsGivenAwayAgainIsNotTakenForOurs) {
  say("Ett.", "101");
  hear("j-102", "102", "Vi tittar.");
  // Restored: number 101 is now of theirs, and event j-102 tells something else.
  const std::string restored =
      copy({comment("j-101", "101", "Åter här.", ""), comment("j-102", "102", "Och igång.", "")});
  EXPECT_THAT(differences(restored),
              UnorderedElementsAre("our_message_missing send!", "their_message_missing take!",
                                   "their_message_missing take!"));
  EXPECT_THAT(repair(restored, restored),
              UnorderedElementsAre("our_message_missing applied", "their_message_missing applied",
                                   "their_message_missing applied"));
  deliver("301");  // until ours is settled, theirs might be its echo
  world.take_held();
  std::vector<std::string> theirs;
  for (const Message& m : world.view(world.agent, ticket).messages) {
    if (m.from == Party::supplier) theirs.push_back(m.text);
  }
  EXPECT_THAT(theirs, ElementsAre("Vi tittar.", "Åter här.", "Och igång."));
}

TEST_F(Reconcile, ATicketWhoseNumberIsAnothersIsMadeAnewAndTheOtherLeftAlone) {
  say("Ett.", "101");
  std::string other = copy({});
  const std::string ours = belief()->correlation;
  other.replace(other.find(ours), ours.size(), "00000000000000000000000000");
  EXPECT_THAT(differences(other), ElementsAre("ticket_replaced recreate!"));
  EXPECT_THAT(repair(other, other), ElementsAre("ticket_replaced applied"));
  const auto create = claimed();
  ASSERT_EQ(create.size(), 1U);
  EXPECT_EQ(create[0].op, "put_ticket");
  EXPECT_EQ(create[0].correlation, ours);
  EXPECT_EQ(create[0].lane.external_id, "") << "nothing more is written to number 77";
  EXPECT_TRUE(create[0].doubt);
  world.done(create[0], "78");
  EXPECT_EQ(claimed().at(0).lane.external_id, "78");
  const Delegation now = world.view(world.agent, ticket).delegations.at(0);
  EXPECT_EQ(now.external_id, "78");
}

TEST_F(Reconcile, AFieldIsRestoredOnlyIfItIsAsWeOnceHadPutIt) {
  world.store.run(world.agent, [&](Tx& tx) {
    desk::Change change;
    change.subject = "Skrivare i entrén";
    return desk::change(tx, ticket, {}, change);
  });
  deliver("1");
  world.clock.advance(Millis{60'000});
  const auto with_subject = [&](const std::string& agrees) {
    std::string all = copy({});
    const std::string was = R"("subject","agrees_with":0)";
    all.replace(all.find(was), was.size(), R"("subject")" + agrees);
    return all;
  };
  EXPECT_THAT(differences(with_subject("")), ElementsAre("field_differs none"));
  EXPECT_THAT(differences(with_subject(R"(,"agrees_with":7)")), ElementsAre("field_differs none"));
  const std::string older = with_subject(R"(,"agrees_with":1)");
  EXPECT_THAT(differences(older), ElementsAre("field_differs restore!"));
  EXPECT_THAT(repair(older, older), ElementsAre("field_differs applied"));
  const Delivery put = claimed().at(0);
  const auto body = json::parse(put.body).value();
  EXPECT_EQ(body["only"].dump(), R"(["subject"])");
  EXPECT_EQ(body["subject"].text(), "Skrivare i entrén");
}

TEST_F(Reconcile, WhatIsMadeAnewIsWholeThoughTheLastPutWasOfOneField) {
  world.store.run(world.agent, [&](Tx& tx) {
    desk::Change change;
    change.subject = "Skrivare i entrén";
    change.priority = Priority::high;
    return desk::change(tx, ticket, {}, change);
  });
  deliver("1");
  world.clock.advance(Millis{60'000});
  std::string older = copy({});
  const std::string same = R"("subject","agrees_with":0)";
  older.replace(older.find(same), same.size(), R"("subject","agrees_with":1)");
  ASSERT_THAT(repair(older, older), ElementsAre("field_differs applied"));
  deliver("1");
  world.clock.advance(Millis{60'000});

  const std::string gone = R"({"schema":"ombud.copy/1","external_id":"77","exists":false})";
  ASSERT_THAT(repair(gone, gone), ElementsAre("ticket_gone applied"));
  std::vector<Delivery> sent;
  for (auto due = claimed(); !due.empty(); due = claimed()) {
    for (const Delivery& one : due) {
      sent.push_back(one);
      world.done(one, "78");
    }
  }
  ASSERT_EQ(sent.size(), 2U) << "as it was created, and as it was last";
  EXPECT_EQ(sent[0].lane.external_id, "");
  EXPECT_EQ(sent[1].lane.external_id, "78");
  EXPECT_TRUE(sent[1].doubt) << "it is looked for before it is written";
  const auto last = json::parse(sent[1].body).value();
  EXPECT_FALSE(last["only"].present()) << sent[1].body;
  EXPECT_EQ(last["priority"].text(), "high");
  EXPECT_EQ(last["subject"].text(), "Skrivare i entrén");
}

TEST_F(Reconcile, WhatIsNoLongerSoIsSkipped) {
  say("Ett.", "101");
  EXPECT_THAT(repair(copy({}), copy({comment("j", "101", "Ett.", correlation_of("Ett."))})),
              ElementsAre("our_message_missing skipped"));
  EXPECT_THAT(claimed(), IsEmpty());
}

TEST_F(Reconcile, AStatusOfTheirsThatNeverCameIsTakenAndOneThatWentBackIsShown) {
  EXPECT_THAT(differences(copy({status("s-1", "in_progress")}, "", "in_progress")),
              ElementsAre("their_status_missing take!"));
  world.change(status("s-1", "in_progress"));
  world.change(status("s-2", "resolved"));
  world.clock.advance(Millis{60'000});
  EXPECT_THAT(differences(copy({status("s-1", "in_progress")}, "", "in_progress")),
              ElementsAre("status_differs take"));
}

TEST_F(Reconcile, OfStatusesThatCameTogetherTheOneThatWasSetLastCounts) {
  const auto set = [](const std::string& event, const std::string& word, const std::string& at) {
    return fmt::format(R"({{"at":"{}",{})", at, status(event, word).substr(1));
  };
  const auto came = [&](const std::string& first, const std::string& second) {
    world.change(first);
    world.change(second);
    world.clock.advance(Millis{60'000});
    return differences(copy({first, second}, "", "resolved"));
  };
  EXPECT_THAT(came(set("b", "in_progress", "2026-11-01T12:00:00+01:00"),
                   set("a", "resolved", "2026-11-01T11:00:01Z")),
              IsEmpty());
  EXPECT_THAT(came(set("999", "in_progress", "2026-11-01T12:00:00Z"),
                   set("1000", "resolved", "2026-11-01T12:00:00Z")),
              IsEmpty())
      << "in one second";
}

TEST_F(Reconcile, NothingIsProposedForATicketThatIsGoneAfterTheDelegationHasEnded) {
  const std::string gone = R"({"schema":"ombud.copy/1","external_id":"77","exists":false})";
  EXPECT_THAT(differences(gone), ElementsAre("ticket_gone recreate!"));
  world.store.run(world.agent,
                  [&](Tx& tx) { return desk::withdraw(tx, delegation, "Behövs inte."); });
  deliver("400");
  world.clock.advance(Millis{60'000});
  EXPECT_THAT(differences(gone), ElementsAre("ticket_gone recreate"));
}

TEST_F(Reconcile, TwoTicketsForOneCorrelationAreForAPerson) {
  const auto document = json::parse(copy({})).value();
  const auto drift =
      desk::compare(*belief(), document.root(), std::vector<std::string>{"77", "81"}).value();
  ASSERT_EQ(drift.size(), 1U);
  EXPECT_EQ(drift[0].kind, "ticket_twice");
  EXPECT_EQ(drift[0].repair, "none");
}

TEST_F(Reconcile, ACopyThatMakesNoSenseIsRefusedWhole) {
  for (const char* odd :
       {"{}", "[]", "7", R"({"schema":"ombud.copy/1","external_id":"77"})",
        R"({"schema":"ombud.copy/1","external_id":"77","exists":"yes"})",
        R"({"schema":"ombud.copy/1","external_id":"78","exists":true})",
        R"({"schema":"ombud.copy/1","external_id":"78","exists":false})",
        R"({"schema":"ombud.copy/1","external_id":"77","exists":true,"changes":{}})",
        R"({"schema":"ombud.copy/1","external_id":"77","exists":true,"changes":[7]})",
        R"({"schema":"ombud.copy/1","external_id":"77","exists":true,"fields":"all"})",
        R"({"schema":"ombud.copy/1","external_id":"77","exists":true,
            "changes":[{"event_id":"a","external_id":"78","type":"comment"}]})"}) {
    EXPECT_FALSE(compare(odd)) << odd;
  }
}

TEST_F(Reconcile, OnlyAnOperatorOrdersAndOnlyWhatHasEnded) {
  const auto start = [&] {
    return world.store.run(
        operator_, [](Tx& tx) { return start_reconciliation(tx, "nordprint", "command", 1); });
  };
  const std::int64_t run = start().value().id;
  EXPECT_FALSE(start()) << "one at a time";
  const auto order = [&](const Principal& who) {
    return world.store.run(who, [&](Tx& tx) { return desk::order_repair(tx, run, {}); });
  };
  EXPECT_EQ(order(world.agent).error().kind, ProblemKind::forbidden);
  EXPECT_EQ(order(operator_).error().kind, ProblemKind::conflict);
  world.store.run(world.system,
                  [&](Tx& tx) { return set_reconciliation_state(tx, run, "done", ""), true; });
  EXPECT_EQ(order(operator_).value(), 0);
  EXPECT_FALSE(world.store.run(operator_, [&](Tx& tx) { return desk::order_undo(tx, run, {}); }));
}

}  // namespace
}  // namespace ombud::test
