// What somebody wants to be told, and how: by mail, in the portal, both or not at all.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "notify/kinds.hpp"
#include "notify/timing.hpp"
#include "store/notifications.hpp"

namespace ombud::notify {

struct Ways {
  bool mail = true, portal = true;
  bool operator==(const Ways&) const = default;
};

struct Preferences {
  std::array<Ways, kKinds> kinds;  // by index_of(kind)
  Digest digest = Digest::off;
  int digest_at = 7 * 60 + 30;  // minutes of his day
  std::optional<Quiet> quiet;

  Preferences();  // as everybody has them who chose nothing
  Ways& of(Kind kind) { return kinds[index_of(kind)]; }
  const Ways& of(Kind kind) const { return kinds[index_of(kind)]; }
  bool operator==(const Preferences&) const = default;
};

// At least one way stays: somebody waits for him.
constexpr bool is_locked(Kind kind) {
  return kind == Kind::approval_needed;
}
// No digest holds it back: somebody waits for him, or he must know now.
constexpr bool is_urgent(Kind kind) {
  return kind == Kind::approval_needed || kind == Kind::waiting_for_you ||
         kind == Kind::major_incident;
}
// Quiet hours do not hold it back.
constexpr bool wakes(Kind kind) {
  return kind == Kind::major_incident;
}

// The first thing that is wrong with them, with its JSON pointer.
std::optional<Problem> mistake_in(const Preferences& chosen);

Preferences preferences_from(const PreferenceRow& row);
PreferenceRow row_of(const Preferences& chosen);

// Those of this person. What waits for an hour of his goes out when he chooses anew, so that
// nothing overtakes it.
Preferences preferences_of(Tx& tx, PersonId person);
Result<void> choose(Tx& tx, PersonId person, const Preferences& chosen);

}  // namespace ombud::notify
