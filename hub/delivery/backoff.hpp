// When to try again. Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "base/random.hpp"
#include "base/time.hpp"

namespace ombud::delivery {

// The wait after the `attempts`-th failed attempt (1 for the first): d/2 + random(d/2) with
// d = min(15 min, 2 s · 2^attempts).
Millis backoff(int attempts, Random& random);

// How long a link must be left alone after "too many requests"; nothing: treat it as a failed
// attempt. -1: the supplier named no time.
std::optional<Millis> rate_limit_wait(std::int64_t retry_after_ms);

}  // namespace ombud::delivery
