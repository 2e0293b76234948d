// When an order needs a yes, who may say it, and what may leave before.
#include "domain/approval.hpp"

#include <gtest/gtest.h>

#include "domain/delegation_rules.hpp"
#include "domain/event.hpp"

namespace ombud {
namespace {

TEST(Approval, ACustomersOrdersWaitAsItSaysOrElseIfItHasAnApprover) {
  EXPECT_TRUE(asks_for_approval(true, false));
  EXPECT_FALSE(asks_for_approval(false, true));
  EXPECT_TRUE(asks_for_approval(std::nullopt, true));
  EXPECT_FALSE(asks_for_approval(std::nullopt, false));
}

TEST(Approval, OnlyOrdersOfOthersNeedAYesAndMailProvesNobody) {
  struct Row {
    OrderedBy order;
    bool needed;
  };
  using K = TicketKind;
  using C = Channel;
  const Row rows[] = {
      {{K::order, true, false, C::portal}, true},
      {{K::order, true, false, C::mail}, true},
      {{K::order, true, false, C::api}, true},
      {{K::order, true, true, C::portal}, false},
      {{K::order, true, true, C::phone}, false},
      {{K::order, true, true, C::mail}, true},
      {{K::order, false, false, C::portal}, false},
      {{K::order, false, true, C::mail}, false},
      {{K::incident, true, false, C::portal}, false},
      {{K::question, true, false, C::mail}, false},
      {{K::order, true, true, C::api, true, false}, true},
      {{K::order, true, true, C::portal, true, false}, true},
      {{K::order, true, true, C::api, true, true}, false},
      {{K::order, true, true, C::mail, true, true}, true},
      {{K::order, true, false, C::api, true, true}, true},
      {{K::order, false, false, C::api, true, false}, false},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(needs_approval(row.order), row.needed)
        << to_text(row.order.kind) << row.order.customer_asks << row.order.approver
        << to_text(row.order.channel);
  }
}

TEST(Approval, NobodyDecidesWhatHeOrderedOrWroteForSomebody) {
  const PersonId karin{1}, erik{2};
  EXPECT_EQ(may_decide({true, karin, "", erik, ""}), DecisionRight::yes);
  EXPECT_EQ(may_decide({true, karin, "", {}, ""}), DecisionRight::yes) << "nobody known ordered it";
  EXPECT_EQ(may_decide({false, karin, "", erik, ""}), DecisionRight::not_approver);
  EXPECT_EQ(may_decide({true, {}, "", {}, ""}), DecisionRight::not_approver) << "no person";
  EXPECT_EQ(may_decide({true, karin, "", karin, ""}), DecisionRight::own);
  EXPECT_EQ(may_decide({true, karin, "", erik, "", karin}), DecisionRight::own)
      << "it was hers when it was registered";
  EXPECT_EQ(may_decide({true, karin, "anna", erik, "anna"}), DecisionRight::written);
  EXPECT_EQ(may_decide({true, karin, "anna", erik, "bo"}), DecisionRight::yes);
  EXPECT_EQ(may_decide({true, karin, "", erik, "bo"}), DecisionRight::yes);
}

TEST(Approval, WhoStandsInDecidesWhatTheApproverMightAndNeverHisOwn) {
  const PersonId karin{1}, erik{2}, maja{3};
  const auto right = [&](PersonId requester, std::string_view writer, std::string_view agent = "",
                         std::string_view deputys_agent = "") {
    return may_decide_for({true, karin, agent, requester, writer},
                          {false, maja, deputys_agent, requester, writer});
  };
  EXPECT_EQ(right(erik, ""), DecisionRight::yes);
  EXPECT_EQ(right(maja, ""), DecisionRight::own);
  EXPECT_EQ(right(erik, "bo", "", "bo"), DecisionRight::written);
  EXPECT_EQ(right(karin, ""), DecisionRight::stands_for_own);
  EXPECT_EQ(right(erik, "anna", "anna"), DecisionRight::stands_for_own);
  EXPECT_EQ(may_decide_for({false, karin, "", erik, ""}, {false, maja, "", erik, ""}),
            DecisionRight::not_approver);
}

TEST(Approval, TheReminderComesHalfWay) {
  const Instant from = instant_of(1'000'000);
  const auto times = approval_times(from, 3);
  EXPECT_EQ(times.remind_at - from, std::chrono::hours(36));
  EXPECT_EQ(times.due - from, std::chrono::hours(72));
}

TEST(Approval, AnOrderLeavesOnlyWithAYesOrWhenNoneIsNeeded) {
  using A = ApprovalState;
  const TicketKind order = TicketKind::order;
  EXPECT_TRUE(may_leave(order, std::nullopt));
  EXPECT_FALSE(may_leave(order, A::needed));
  EXPECT_FALSE(may_leave(order, A::rejected));
  EXPECT_TRUE(may_leave(order, A::approved));
  EXPECT_TRUE(may_leave(order, A::not_needed));
  for (const A state : {A::needed, A::rejected}) {
    EXPECT_TRUE(may_leave(TicketKind::incident, state)) << "what is no order needs no yes";
    EXPECT_TRUE(may_leave(TicketKind::question, state));
  }
}

Event again(const Event& event) {
  const auto data = json::parse(data_of(event)).value();
  return event_from(type_of(event), data.root()).value();
}

TEST(Approval, ItsEventsAreReadBackAsTheyWereWritten) {
  const Event asked = event::ApprovalRequested{
      ApprovalOccasion::reminder, instant_of(5), instant_of(10), true, {{3}, {4}}};
  const auto read = std::get<event::ApprovalRequested>(again(asked));
  EXPECT_EQ(type_of(asked), "approval_requested");
  EXPECT_EQ(read.occasion, ApprovalOccasion::reminder);
  EXPECT_EQ(read.remind_at, instant_of(5));
  EXPECT_EQ(read.due, instant_of(10));
  EXPECT_TRUE(read.hand_over);
  EXPECT_EQ(read.asked, (std::vector<PersonId>{{3}, {4}}));

  const auto no =
      std::get<event::ApprovalDecided>(again(event::ApprovalDecided{false, {7}, "för dyrt"}));
  EXPECT_FALSE(no.approved);
  EXPECT_EQ(no.person, PersonId{7});
  EXPECT_EQ(no.comment, "för dyrt");
  EXPECT_TRUE(
      std::get<event::ApprovalDecided>(again(event::ApprovalDecided{true, {7}, ""})).approved);
  EXPECT_EQ(no.instead_of.value, 0);
  EXPECT_EQ(std::get<event::ApprovalDecided>(again(event::ApprovalDecided{true, {7}, "", {4}}))
                .instead_of,
            PersonId{4});
  EXPECT_EQ(std::get<event::ApprovalWaived>(again(event::ApprovalWaived{"by phone"})).reason,
            "by phone");

  const auto other = json::parse(R"({"decision":"perhaps","person":1})").value();
  EXPECT_FALSE(event_from("approval_decided", other.root()));
  const auto occasion = json::parse(R"({"occasion":"whim"})").value();
  EXPECT_FALSE(event_from("approval_requested", occasion.root()));
}

}  // namespace
}  // namespace ombud
