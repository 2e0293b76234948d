// Limits of the supervisor beyond those an operator may set (HostLimits) and those of the wire
// (connector_host/limits.hpp).
#pragma once

#include <cstddef>

#include "base/time.hpp"

namespace ombud::supervisor_limits {

inline constexpr Millis kCancelGrace{2'000};  // from cancel to kill, when draining
inline constexpr Millis kStopGrace{2'000};    // from stop to kill, for a process without a call
inline constexpr Millis kReapGrace{5'000};    // from kill to the end of the process
// Before a call that does not end costs its process, nothing more is sent there for this part of
// the time between its soft and its hard deadline: what runs beside it may end, and is not in doubt
// afterwards.
inline constexpr int kQuietPart = 5;                      // a fifth: 2 s of 10
inline constexpr std::size_t kCallsQueuedMax = 256;       // of one link
inline constexpr int kLogLinesPerMinute = 600;            // of one link, each kind
inline constexpr std::size_t kOutputLineBytesMax = 4096;  // of captured output
inline constexpr std::size_t kLastWordsBytesMax = 2048;
inline constexpr std::size_t kFramesUnreadMax = 4096;  // taken from the wire, not yet handled

}  // namespace ombud::supervisor_limits
