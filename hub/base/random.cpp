#include "base/random.hpp"

#include <sodium.h>

namespace ombud {

std::uint64_t SystemRandom::next() {
  std::uint64_t value = 0;
  randombytes_buf(&value, sizeof value);
  return value;
}

namespace {

constexpr char kAlphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

}  // namespace

std::string mint_id(Random& random) {
  std::string id(26, '0');
  std::uint64_t high = random.next();
  std::uint64_t low = random.next();
  for (std::size_t i = id.size(); i-- > 0;) {
    id[i] = kAlphabet[low & 31U];
    low = (low >> 5U) | (high << 59U);
    high >>= 5U;
  }
  return id;
}

std::string in_order_of_time(std::string id, Instant at) {
  constexpr std::size_t kTimeCharacters = 10;  // of 5 bits; the first holds 3 of the 48
  auto time = static_cast<std::uint64_t>(ms_of(at));
  for (std::size_t i = kTimeCharacters; i-- > 0;) {
    id[i] = kAlphabet[time & 31U];
    time >>= 5U;
  }
  return id;
}

}  // namespace ombud
