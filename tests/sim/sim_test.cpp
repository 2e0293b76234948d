// Every commit's share of the simulation: fixed seeds, those that once failed, and that a seed
// repeats.
#include <gtest/gtest.h>

#include "base/bytes.hpp"
#include "sim/run.hpp"

namespace ombud::sim {
namespace {

constexpr std::uint64_t kSeeds = 100;  // and 100 more by the program itself (CMakeLists.txt)

// Each of these once showed a bug; the commit that fixed it names it.
constexpr std::uint64_t kRegressions[] = {3, 94, 95, 165, 258, 452, 606, 955};

void expect_whole(std::uint64_t seed) {
  const Outcome outcome = run(seed);
  for (const std::string& failure : outcome.failures) {
    ADD_FAILURE() << failure << "\nRepeat with: sim --seed " << seed << " --verbose";
  }
}

class Simulation : public ::testing::Test {
 protected:
  void SetUp() override { bytes_init(); }
};

TEST_F(Simulation, EveryInvariantHoldsForFixedSeeds) {
  for (std::uint64_t seed = 1; seed <= kSeeds && !HasFailure(); ++seed) expect_whole(seed);
}

TEST_F(Simulation, WhatWasFixedStaysFixed) {
  for (const std::uint64_t seed : kRegressions) expect_whole(seed);
}

TEST_F(Simulation, ASeedRepeatsExactly) {
  for (const std::uint64_t seed : {8U, 27U}) {
    const Outcome once = run(seed);
    const Outcome again = run(seed);
    EXPECT_GT(once.crashes, 0) << "this seed no longer crashes: choose another";
    EXPECT_EQ(once.trace_hash, again.trace_hash) << "seed " << seed;
  }
  EXPECT_NE(run(8).trace_hash, run(27).trace_hash);
}

}  // namespace
}  // namespace ombud::sim
