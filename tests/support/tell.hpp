// Tells people what the logs say, step by step as the notifier does, until nothing is left to tell.
#pragma once

#include <string>
#include <vector>

#include "notify/letters/book.hpp"
#include "notify/limits.hpp"
#include "notify/telling.hpp"
#include "support/memory_store.hpp"

namespace ombud::test {

inline const notify::SigningKey& signing_key() {
  static const notify::SigningKey key(std::string(notify::SigningKey::kBytes, 'k'));
  return key;
}

inline const notify::Letters& letters() {
  static const notify::LetterBook book;
  return book;
}

// Those in whose portal something new stands, in the order in which they were told.
inline std::vector<PersonId> tell_people(MemoryStore& store, const std::string& public_url = "",
                                         int events_max = notify::kEventsPerRound) {
  const notify::Desk desk{letters(), signing_key(), {}, public_url};
  std::vector<PersonId> told;
  for (;;) {
    const notify::Plan plan = store.run(system_principal("notify"),
                                        [&](Tx& tx) { return notify::plan(tx, desk, events_max); });
    if (plan.empty()) return told;
    const auto people =
        store.run(system_principal("notify"), [&](Tx& tx) { return notify::carry_out(tx, plan); });
    told.insert(told.end(), people.begin(), people.end());
  }
}

}  // namespace ombud::test
