// One step of telling people what the logs say: decided on a snapshot, written in one transaction
// with the cursors. Whatever happens in between, nothing is told twice and nothing is left out.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "notify/compose.hpp"

namespace ombud::notify {

// A rule that is switched off, for the simulator to find that out.
struct Rules {
  bool cursor_with_rows = true;  // else: the cursor first, and the rest in a transaction of its own
};

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
struct BroadcastStep {
  Broadcast broadcast;
  bool done = false;
};

// What there is to do at one moment.
struct Plan {
  std::vector<Due> due;
  std::vector<Telling> tellings;
  std::int64_t events_from = 0, events_until = 0;    // of the tickets' log
  std::int64_t notices_from = 0, notices_until = 0;  // of the notices'
  std::vector<Broadcast> begin;                      // broadcasts that start
  std::optional<BroadcastStep> step;
  bool more = false;      // there is more to do than this
  Instant wake = kNever;  // when there will be something, if nothing happens before

  bool empty() const {
    return due.empty() && tellings.empty() && begin.empty() && !step &&
           events_from == events_until && notices_from == notices_until;
  }
};

// On a snapshot, for nobody in particular (the system). `events_max`: of the tickets' log.
Plan plan(Tx& tx, const Desk& desk, int events_max);

// Writes rows, deliveries and cursors. Nothing is written, and nobody told, if somebody else has
// moved a cursor since. Those in whose portal something new stands.
std::vector<PersonId> carry_out(Tx& tx, const Plan& plan);

// The cursors alone.
void move_cursors(Tx& tx, const Plan& plan);
std::vector<PersonId> carry_out_rows(Tx& tx, const Plan& plan);

}  // namespace ombud::notify
