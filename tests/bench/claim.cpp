// bench-claim: what it costs to claim one due delivery, with few and with many unfinished ones. The
// claim is undone each time, so that all are alike; what a commit costs is not in it.
// Prints "<shape> <unfinished> <microseconds, median>" per line.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <vector>

#include "base/bytes.hpp"
#include "store/directory.hpp"
#include "store/migrations/migrations.hpp"
#include "store/outbox.hpp"
#include "world.hpp"

namespace {

using namespace ombud;

constexpr int kClaims = 2'000;
constexpr std::int64_t kSizes[] = {1'000, 100'000};
constexpr Sql kPostpone{
    "UPDATE delivery SET run_at = $1 WHERE delivery_id <> (SELECT max(delivery_id) FROM delivery)"
    " -- all tenants: benchmark"};

double claim_us(sqlite::Connection& connection, Random& random, Instant now) {
  std::vector<double> took;
  for (int i = 0; i < kClaims; ++i) {
    connection.execute_script("BEGIN IMMEDIATE");
    sqlite::SqliteTx tx(connection, random, system_principal("bench"), now);
    const auto began = std::chrono::steady_clock::now();
    const auto claimed = claim(tx, "alfa", now + Millis{60'000}, 1);
    const std::chrono::duration<double, std::micro> one = std::chrono::steady_clock::now() - began;
    connection.execute_script("ROLLBACK");
    if (claimed.size() != 1) throw std::runtime_error("nothing could be claimed");
    took.push_back(one.count());
  }
  std::nth_element(took.begin(), took.begin() + kClaims / 2, took.end());
  return took[kClaims / 2];
}

void measure(std::int64_t unfinished) {
  RealClock clock;
  bench::BenchRandom random(1);
  sqlite::Connection connection(":memory:", sqlite::Mode::read_write);
  for (const Migration& step : migrations()) connection.execute_script(step.sql);
  const Instant now = clock.now();
  {
    sqlite::SqliteTx tx(connection, random, system_principal("bench"), now);
    bench::put_world(tx, "a", "b");
  }
  bench::register_many(connection, random, "alfa", unfinished, now);
  std::printf("all-due %lld %.2f\n", static_cast<long long>(unfinished),
              claim_us(connection, random, now));
  {
    // As after a long outage: all but one wait for their next attempt.
    sqlite::SqliteTx tx(connection, random, system_principal("bench"), now);
    tx.run(kPostpone, now + Millis{3'600'000});
  }
  std::printf("one-due %lld %.2f\n", static_cast<long long>(unfinished),
              claim_us(connection, random, now));
}

}  // namespace

int main() {
  try {
    bytes_init();
    for (const std::int64_t size : kSizes) measure(size);
  } catch (const std::exception& failed) {
    std::fprintf(stderr, "bench-claim: %s\n", failed.what());
    return 1;
  }
  return 0;
}
