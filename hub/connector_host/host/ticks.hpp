// The host process's only clock: milliseconds that never go back. Deadlines are measured with it.
#pragma once

#include <chrono>
#include <cstdint>

namespace ombud {

inline std::int64_t ticks_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace ombud
