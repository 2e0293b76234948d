// How much a supplier may send at once.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/time.hpp"

namespace ombud::inbound {

inline constexpr std::size_t kChangesPerCommit = 100;
inline constexpr std::int64_t kAttachmentBytesMax = 25LL << 20U;
inline constexpr Millis kPollDeadline{60'000};
inline constexpr Millis kDecodeDeadline{10'000};
inline constexpr Millis kFetchDeadline{60'000};
inline constexpr Millis kDeferredWait{
    1'000};  // a write is not settled: look again soon, then later and later
inline constexpr Millis kFailedWaitMax{10 * 60'000};

}  // namespace ombud::inbound
