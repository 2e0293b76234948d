// How a row of the table `ticket` becomes a Ticket: shared by the files that read it.
#pragma once

#include "base/assert.hpp"
#include "store/tickets.hpp"

namespace ombud {

#define OMBUD_TICKET_COLUMNS                                                                 \
  "t.ticket_id, t.customer_id, t.requester_id, t.kind, t.status, t.priority, t.channel, "    \
  "t.subject,"                                                                               \
  " t.service_id, t.team_id, t.agent_id, t.language, t.version, t.created_at, t.updated_at," \
  " t.resolved_at, t.closed_at, t.merged_into, t.rating, t.said_id, t.public_id,"            \
  " t.public_version, t.answered, t.approval"
inline constexpr int kTicketColumns = 24;

// What was written by an enum is read back as that enum; anything else is our bug.
template <class Enum>
Enum word_from(std::string_view text) {
  const auto known = from_text<Enum>(text);
  OMBUD_ASSERT(known.has_value());
  return *known;
}

inline Ticket ticket_from(const Rows& row, int c = 0) {
  Ticket t;
  t.id = {row.integer(c)};
  t.customer = row.text(c + 1);
  t.requester = {row.integer(c + 2)};
  t.kind = word_from<TicketKind>(row.view(c + 3));
  t.status = word_from<TicketStatus>(row.view(c + 4));
  t.priority = word_from<Priority>(row.view(c + 5));
  t.channel = word_from<Channel>(row.view(c + 6));
  t.subject = row.text(c + 7);
  t.service = row.text(c + 8);
  t.team = row.text(c + 9);
  t.agent = row.text(c + 10);
  t.language = row.text(c + 11);
  t.version = row.integer(c + 12);
  t.created_at = row.instant(c + 13);
  t.updated_at = row.instant(c + 14);
  t.resolved_at = row.maybe_instant(c + 15);
  t.closed_at = row.maybe_instant(c + 16);
  t.merged_into = {row.integer(c + 17)};
  t.rating = row.integer(c + 18);
  t.said = {row.integer(c + 19)};
  t.public_said = {row.integer(c + 20)};
  t.public_version = row.integer(c + 21);
  t.answered = row.integer(c + 22) != 0;
  if (!row.view(c + 23).empty()) t.approval = word_from<ApprovalState>(row.view(c + 23));
  return t;
}

}  // namespace ombud
