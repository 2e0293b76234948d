// Who is told what, event by event: a table of what happens, who did it, and who hears of it.
#include "notify/rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ombud::notify {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using What = Happening::What;

constexpr PersonId kErik{1}, kMaja{2}, kOla{3}, kNobody{0};
const Concerned kPeople{kErik, {kMaja}};

Happening said(std::optional<TicketStatus> with = {}) {
  Happening h;
  h.what = What::message;
  h.desk_to_user = true;
  h.with_status = with;
  return h;
}

Happening status(TicketStatus before, TicketStatus after, PersonId by = kNobody) {
  Happening h;
  h.what = What::status;
  h.before = before;
  h.after = after;
  h.by = {by};
  return h;
}

// The one kind that both hear of, or none.
std::optional<Kind> told_to_both(const Happening& h) {
  const auto told = whom_to_tell(h, kPeople);
  if (told.empty()) return std::nullopt;
  EXPECT_THAT(told, ElementsAre(Tell{kErik, told[0].kind}, Tell{kMaja, told[0].kind}));
  return told[0].kind;
}

TEST(Rules, AReceiptGoesToTheRequesterAloneAlsoOfHisOwnTicket) {
  Happening h;
  h.by = {kErik};
  EXPECT_THAT(whom_to_tell(h, kPeople), ElementsAre(Tell{kErik, Kind::registered}));
  h.by = {kNobody};  // by mail, or by an agent on the phone
  EXPECT_THAT(whom_to_tell(h, kPeople), ElementsAre(Tell{kErik, Kind::registered}));
  h.quiet = true;
  EXPECT_THAT(whom_to_tell(h, kPeople), IsEmpty());
  h.quiet = false;
  EXPECT_THAT(whom_to_tell(h, {kNobody, {}}), IsEmpty());
}

TEST(Rules, WhatTheDeskSaysIsTheMostTellingThingThatCameWithIt) {
  EXPECT_EQ(told_to_both(said()), Kind::replied);
  EXPECT_EQ(told_to_both(said(TicketStatus::in_progress)), Kind::replied);
  EXPECT_EQ(told_to_both(said(TicketStatus::waiting_user)), Kind::waiting_for_you);
  EXPECT_EQ(told_to_both(said(TicketStatus::resolved)), Kind::solved);
  Happening note = said();
  note.desk_to_user = false;  // or a supplier's word, or a copy
  EXPECT_EQ(told_to_both(note), std::nullopt);
}

TEST(Rules, AStatusIsToldWhereItMattersToTheUser) {
  using enum TicketStatus;
  struct Row {
    TicketStatus before, after;
    std::optional<Kind> kind;
  };
  const Row table[] = {
      {fresh, in_progress, Kind::status_changed},
      {fresh, waiting_supplier, Kind::status_changed},
      {fresh, waiting_user, Kind::waiting_for_you},
      {fresh, resolved, Kind::solved},
      {fresh, closed, Kind::closed},
      {in_progress, waiting_supplier, {}},  // who of the provider's side has it is its own business
      {waiting_supplier, in_progress, {}},
      {waiting_user, in_progress, {}},
      {in_progress, waiting_user, Kind::waiting_for_you},
      {waiting_supplier, resolved, Kind::solved},
      {resolved, closed, Kind::closed},
      {resolved, in_progress, Kind::reopened},
      {resolved, waiting_supplier, Kind::reopened},
      {closed, in_progress, Kind::reopened},
      {in_progress, fresh, {}},  // somebody undid it
      {resolved, fresh, Kind::reopened},
      {closed, fresh, Kind::reopened},
      {in_progress, in_progress, {}},
  };
  for (const Row& row : table) {
    EXPECT_EQ(told_to_both(status(row.before, row.after)), row.kind)
        << to_text(row.before) << " to " << to_text(row.after);
  }
}

TEST(Rules, AStatusThatCameWithAMessageOrAMergeIsNotToldAgain) {
  Happening h = status(TicketStatus::in_progress, TicketStatus::resolved);
  h.with_message = true;
  EXPECT_EQ(told_to_both(h), std::nullopt);
  h = status(TicketStatus::in_progress, TicketStatus::closed);
  h.merging = true;
  EXPECT_EQ(told_to_both(h), std::nullopt);
}

TEST(Rules, NobodyIsToldOfWhatAMailDidThatMustStayQuiet) {
  Happening h = status(TicketStatus::resolved, TicketStatus::in_progress, kErik);
  EXPECT_THAT(whom_to_tell(h, kPeople), ElementsAre(Tell{kMaja, Kind::reopened}));
  h.quiet = true;
  EXPECT_THAT(whom_to_tell(h, kPeople), IsEmpty());
}

TEST(Rules, NobodyIsToldOfHisOwnDoing) {
  const Happening h = status(TicketStatus::resolved, TicketStatus::closed, kErik);
  EXPECT_THAT(whom_to_tell(h, kPeople), ElementsAre(Tell{kMaja, Kind::closed}));
  Happening added;
  added.what = What::participant_added;
  added.whom = {kOla};
  EXPECT_THAT(whom_to_tell(added, kPeople), ElementsAre(Tell{kOla, Kind::added}));
  added.by = {kOla};
  EXPECT_THAT(whom_to_tell(added, kPeople), IsEmpty());
}

TEST(Rules, WhoeverHasSeveralPartsIsToldOnce) {
  EXPECT_THAT(whom_to_tell(said(), {kErik, {kErik, kMaja, kMaja}}),
              ElementsAre(Tell{kErik, Kind::replied}, Tell{kMaja, Kind::replied}));
  Happening asked;
  asked.what = What::approval_requested;
  asked.whom = {kErik, kOla, kOla};
  asked.by = {kErik};
  EXPECT_THAT(whom_to_tell(asked, kPeople), ElementsAre(Tell{kOla, Kind::approval_needed}));
}

TEST(Rules, ADecisionIsToldToAllButWhoeverMadeIt) {
  Happening decided;
  decided.what = What::approval_decided;
  decided.by = {kMaja};
  EXPECT_THAT(whom_to_tell(decided, kPeople), ElementsAre(Tell{kErik, Kind::approval_decided}));
}

}  // namespace
}  // namespace ombud::notify
