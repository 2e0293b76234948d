// What every benchmark starts from: one desk, some customers, services and suppliers' links, and
// tickets whose text is random but the same in every run.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "store/sqlite/connection.hpp"

namespace ombud::bench {

// splitmix64 (Steele, Lea, Flood 2014).
class BenchRandom final : public Random {
 public:
  explicit BenchRandom(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() override;

 private:
  std::uint64_t state_;
};

// Customers: "plain" has no agreement; the others have one each with the link of the same name,
// which hands their printing tickets over as they are registered. The link "held" is paused, so
// that what is enqueued for it stays.
inline constexpr const char* kCustomers[] = {"plain", "alfa", "beta", "slow", "held"};

// Writes the organisation, and two tokens that never end: an agent's and an operator's. In the
// caller's transaction.
void put_world(Tx& tx, const std::string& agent_token, const std::string& operator_token);

// `bytes` of text: twenty common words, and in eight of a hundred places one of 2,000 rare ones,
// w0000 to w1999. Each rare word is in about 0.3 % of texts of 500 bytes.
std::string text_of(Random& random, std::size_t bytes);

// Registers `count` tickets of a customer by the use case, in transactions of `per_commit`. They
// are spread over the thirty days before `now`, oldest first.
void register_many(sqlite::Connection& connection, Random& random, const std::string& customer,
                   std::int64_t count, Instant now, std::int64_t per_commit = 2'000);

}  // namespace ombud::bench
