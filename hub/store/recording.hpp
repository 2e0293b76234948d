// What went over a link, both ways, for a replay: documents that left stand in the outbox anyway,
// what came is kept here for a while.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.hpp"

namespace ombud {

inline constexpr Millis kRecordingsKept{30LL * 86'400'000};
inline constexpr std::int64_t kRecordingsMax = 2'000;  // of one link; the oldest go first

struct RecordedWrite {
  std::int64_t id = 0;  // of the delivery
  TicketId ticket;
  std::string operation, state, correlation;
  std::string external_id;  // the supplier's ticket; empty: this write made it
  std::string document;
  Instant at;
};
// Newest first, below `before`. A delivery that never left is not among them.
std::vector<RecordedWrite> recorded_writes(Tx& tx, std::string_view link, Instant since,
                                           std::int64_t before, int limit);

struct RecordedChange {
  std::int64_t id = 0;
  Instant at;
  TicketId ticket;           // 0: not known
  std::string raw, changes;  // JSON: what came, and the list of what it became
};
std::vector<RecordedChange> recorded_changes(Tx& tx, std::string_view link, Instant since,
                                             std::int64_t before, int limit);

// Keeps it unless it is there already. `changes`: ombud.change/1 documents.
void record_changes(Tx& tx, std::string_view link, std::string_view raw,
                    const std::vector<std::string>& changes);
// Lets go of what is older than kRecordingsKept; how many.
std::int64_t forget_recordings(Tx& tx);

}  // namespace ombud
