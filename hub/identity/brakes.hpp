// Growing delays for whoever guesses. One entry per account and per address, in memory: a restart
// of the hub forgets them, which costs a guesser his delay and nobody his access. Thread-safe.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/time.hpp"
#include "identity/limits.hpp"

namespace ombud::identity {

// By what a sender is told from others: an IPv4 address, or the /64 of an IPv6 one, which is what
// one household or one rented server has; "::ffff:192.0.2.1" is IPv4. What is no address, as it is.
std::string brake_key_of(std::string_view address);

class Brakes {
 public:
  explicit Brakes(std::size_t entries_max = kBrakesMax) : entries_max_(entries_max) {}

  // Takes an attempt: nothing, and it counts as failed until `forgive` or `clear`; or how long to
  // wait, and it does not count.
  std::optional<Millis> take(std::string_view key, const Brake& brake, Instant now);
  void forgive(std::string_view key, Instant now);  // the attempt just taken was no failure
  void clear(std::string_view key);                 // nor were the ones before it

 private:
  struct Entry {
    int attempts = 0;
    Instant until, last;
  };
  std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;
  const std::size_t entries_max_;
};

}  // namespace ombud::identity
