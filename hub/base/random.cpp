#include "base/random.hpp"

#include <sodium.h>

namespace ombud {

std::uint64_t SystemRandom::next() {
  std::uint64_t value = 0;
  randombytes_buf(&value, sizeof value);
  return value;
}

std::string mint_id(Random& random) {
  constexpr char kAlphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";
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

}  // namespace ombud
