// How delivery waits, repeats and gives up.
#pragma once

#include "base/time.hpp"

namespace ombud::delivery {

inline constexpr Millis kBackoffFirst{2'000};
inline constexpr Millis kBackoffMax{15 * 60'000};
inline constexpr Millis kRetryAfterMax{
    60 * 60'000};  // a supplier that asks for more is retried like any other
inline constexpr Millis kRetryAfterUnknown{30'000};  // "too many requests" without a time
inline constexpr Millis kGiveUpAge{72LL * 60 *
                                   60'000};   // an outage of a weekend must not kill tickets
inline constexpr Millis kNotSentWait{1'000};  // the host took nothing more
inline constexpr Millis kSkew{1'000};         // clocks of hub, host and supplier
inline constexpr Millis kSweepEvery{60'000};
inline constexpr int kCircuitAfter = 10;  // failures in a row; then one probe at a time
inline constexpr Millis kCircuitPauseMax{30'000};

}  // namespace ombud::delivery
