#include "delivery/backoff.hpp"

#include <algorithm>

#include "delivery/limits.hpp"

namespace ombud::delivery {

Millis backoff(int attempts, Random& random) {
  const int doublings = std::clamp(attempts, 0, 20);
  const Millis whole = std::min<Millis>(kBackoffMax, kBackoffFirst * (1LL << doublings));
  const auto half = static_cast<std::uint64_t>(whole.count() / 2);
  return Millis{static_cast<std::int64_t>(half + random.below(half + 1))};
}

std::optional<Millis> rate_limit_wait(std::int64_t retry_after_ms) {
  if (retry_after_ms < 0) return kRetryAfterUnknown;
  if (Millis{retry_after_ms} > kRetryAfterMax) return std::nullopt;
  return Millis{retry_after_ms};
}

}  // namespace ombud::delivery
