// How much the notifier does at once.
#pragma once

#include "base/time.hpp"

namespace ombud::notify {

inline constexpr int kEventsPerRound = 200;  // of a log, decided and written together
inline constexpr int kDuePerRound = 100;     // mails whose hour has come
inline constexpr int kPeoplePerRound = 100;  // of a broadcast, in one transaction
inline constexpr int kDigestItemsMax = 200;  // in one mail; the rest go with the next
inline constexpr Millis kPause{20};          // what follows closely is told together
inline constexpr Millis kRetryAfter{1'000};  // after a failure; each further one doubles it
inline constexpr Millis kRetryAfterMax{60'000};
inline constexpr int kFailuresMax = 3;  // of one thing to tell; then it is left out, loudly
inline constexpr int kUnreadCountMax = 1'000;

}  // namespace ombud::notify
