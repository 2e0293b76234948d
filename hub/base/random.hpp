// The Random seam: every number that must not be guessed or must not repeat comes from here.
#pragma once

#include <cstdint>
#include <string>

#include "base/time.hpp"

namespace ombud {

// Implementations must be callable from any thread.
class Random {
 public:
  virtual ~Random() = default;
  virtual std::uint64_t next() = 0;

  // Uniform in [0, bound); 0 for a bound of 0.
  std::uint64_t below(std::uint64_t bound) {
    if (bound == 0) return 0;
    const std::uint64_t limit = UINT64_MAX - UINT64_MAX % bound;  // no modulo bias
    std::uint64_t value = next();
    while (value >= limit) value = next();
    return value % bound;
  }
};

// The operating system's generator, by libsodium.
class SystemRandom final : public Random {
 public:
  std::uint64_t next() override;
};

// 26 characters of Crockford's base 32 in lower case: 128 bits, safe in URLs, file names, mail
// headers and subject lines.
std::string mint_id(Random& random);

// The same id with its first 48 bits taken from the clock (the form of a ULID): 80 random bits are
// left, so it cannot be guessed, and the ids of one moment lie side by side in a database's index.
// For ids that are stored in great number; not for secrets.
std::string in_order_of_time(std::string id, Instant at);

}  // namespace ombud
