// Reconciliation of one delegation: what the hub believes beside what the supplier has
// (ombud.copy/1), the repair that each difference allows, and the repair itself.
//
// A repair touches only what the hub itself wrote. What the supplier's people wrote is taken in or
// shown, never overwritten and never deleted.
//
// kind                     about                repair    proposed
// ticket_gone                                   recreate  unless the delegation has ended
// ticket_replaced                               recreate  likewise: the number is another ticket's
// ticket_twice             the other number     none
// mark_missing                                  none      our reference is gone from it
// our_message_missing      the delivery         send      unless later ones of ours are there
// their_message_missing    their event          take      yes
// their_status_missing     their event          take      yes
// field_differs            the field            restore   if it is as we once had put it; else none
// status_differs                                restore, if the desk set it last and nobody since;
//                                               else take, not proposed
// not_read                                      none      the supplier does not show it
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "store/reconciliation.hpp"

namespace ombud::desk {

// How many of the tickets that were put the supplier's copy is compared with.
inline constexpr std::size_t kKnownTicketsMax = 8;
inline constexpr Millis kUndoFor{30LL * 24 * 3'600'000};
inline constexpr Millis kCompareEndedFor{30LL * 24 * 3'600'000};
inline constexpr Millis kRunsKeptFor{90LL * 24 * 3'600'000};
inline constexpr std::size_t kDriftPerDelegationMax = 500;
inline constexpr std::size_t kShownBytesMax = 1'000;  // of `ours` and `theirs`

// What the hub believes of one delegation, as of one transaction.
struct Belief {
  Delegation delegation;
  Lane lane;
  std::vector<Delivery> sent;       // everything of the lane, in order
  std::vector<ToldChange> told;     // in the order of arrival
  std::vector<std::string> known;   // ombud.ticket/1 that arrived, the newest first
  std::string correlation;          // of the ticket's creation
  std::string version;              // another one: something has changed meanwhile
  std::optional<std::string> busy;  // why it cannot be compared now
  bool busy_for_long = false;       // a person must decide first
};
// Nothing: there is no such delegation, or the supplier never had it. What arrived less than
// `unsettled` ago may not be visible there yet.
std::optional<Belief> belief_of(Tx& tx, DelegationId delegation, Millis unsettled);
// ombud.known/1, for the connector.
std::string known_document(const Belief& belief);

// Every difference. `found`: ids of all tickets at the supplier with the creation's correlation;
// nothing if it cannot be searched. Refused (invalid) if the copy makes no sense.
Result<std::vector<Drift>> compare(const Belief& belief, json::View copy,
                                   const std::optional<std::vector<std::string>>& found);

// A difference that only the reader's moment made: the ordinary way has brought it since.
bool has_come(Tx& tx, const Drift& drift);

// What an operator orders; a worker carries it out after another look. `rows` empty: all that are
// proposed. Answers how many rows were ordered; refused (conflict) where none can be.
Result<std::int64_t> order_repair(Tx& tx, std::int64_t run, const std::vector<std::int64_t>& rows);
Result<std::int64_t> order_undo(Tx& tx, std::int64_t run, const std::vector<std::int64_t>& rows);

// Carries out what is ordered of one delegation, in one transaction, with what `compare` says of it
// now: what is no longer so is skipped and says why. Every row gets its outcome, and the ticket a
// note.
struct Repaired {
  int applied = 0, skipped = 0;
};
Repaired repair(Tx& tx, const Belief& belief, json::View copy,
                const std::optional<std::vector<std::string>>& found);
// Gives up the rows that are ordered of a delegation, with the reason.
int give_up_repair(Tx& tx, const std::string& link, DelegationId delegation,
                   const std::string& why);

}  // namespace ombud::desk
