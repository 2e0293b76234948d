// One step of telling people what the logs say: decided on a snapshot, written in one transaction
// with the cursors. Whatever happens in between, nothing is told twice and nothing is left out.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "notify/compose.hpp"
#include "notify/limits.hpp"

namespace ombud::notify {

// A rule that is switched off, for the simulator to find that out.
struct Rules {
  bool cursor_with_rows = true;  // else: the cursor first, and the rest in a transaction of its own
  bool broadcast_with_rows = true;  // else: likewise, how far a broadcast has come
};

// Where there is something to tell. A fault in one neither skips nor stops another.
//   held: mails whose hour has come; tickets: the tickets' log; notices: theirs, and those that are
//   over by the clock; broadcasts: people who are yet to be told of a notice.
enum class Source { held, tickets, notices, broadcasts };
inline constexpr std::array<Source, 4> kSources{Source::held, Source::tickets, Source::notices,
                                                Source::broadcasts};
constexpr std::size_t index_of(Source source) {
  return static_cast<std::size_t>(source);
}
// How much of each source is taken at once, by index_of(source); 0: nothing of it.
using Portions = std::array<int, kSources.size()>;
inline constexpr Portions kFullPortions{kDuePerRound, kEventsPerRound, kEventsPerRound,
                                        kPeoplePerRound};

// What one person is to be told.
struct Telling {
  Notification row;  // mail: enqueued if there is a letter
  Outgoing letter;   // without a document: none, or not now
};
// Mails whose hour has come: one letter for all of them.
struct Due {
  std::vector<Notification> rows;
  Outgoing letter;  // without a document: nobody is there to get it
};

// What there is to do at one moment.
struct Plan {
  std::vector<Due> due;
  std::vector<Telling> tellings;
  std::int64_t events_from = 0, events_until = 0;    // of the tickets' log
  std::int64_t notices_from = 0, notices_until = 0;  // of the notices'
  std::vector<Broadcast> begin;                      // broadcasts that start
  std::optional<Broadcast> step;                     // how far one has come
  bool more = false;                                 // there is more to do than this
  Instant wake = kNever;  // when there will be something, if nothing happens before

  bool empty() const {
    return due.empty() && tellings.empty() && begin.empty() && !step &&
           events_from == events_until && notices_from == notices_until;
  }
};

// On a snapshot, for nobody in particular (the system).
Plan plan(Tx& tx, const Desk& desk, const Portions& take);
// Of all sources; so many events of the tickets' log at most.
Plan plan(Tx& tx, const Desk& desk, int events_max);

// Writes rows, deliveries and cursors. Nothing is written, and nobody told, if somebody else has
// moved a cursor since. Those in whose portal something new stands.
std::vector<PersonId> carry_out(Tx& tx, const Plan& plan);

// What comes next of this source cannot be told because of a fault of ours: it is left out, so that
// it does not stop what comes after it. A digest is taken apart first: each of its mails goes
// alone. What was left out, in words; empty: nothing.
std::string leave_out_next(Tx& tx, Source source);

// The cursors alone.
void move_cursors(Tx& tx, const Plan& plan);
std::vector<PersonId> carry_out_rows(Tx& tx, const Plan& plan);

}  // namespace ombud::notify
