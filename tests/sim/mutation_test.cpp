// A rule whose removal nobody notices is either not needed or not tested: each is switched off in
// turn, and the simulator must find it.
#include <gtest/gtest.h>

#include "base/bytes.hpp"
#include "sim/run.hpp"

namespace ombud::sim {
namespace {

// The first seed up to `most` that fails; 0: none does.
std::uint64_t found_by(Mutation mutation, std::uint64_t most) {
  for (std::uint64_t seed = 1; seed <= most; ++seed) {
    if (!run(seed, mutation).failures.empty()) return seed;
  }
  return 0;
}

class MutationCheck : public ::testing::TestWithParam<Mutation> {
 protected:
  void SetUp() override { bytes_init(); }
};

TEST_P(MutationCheck, IsFound) {
  const std::uint64_t seed = found_by(GetParam(), 60);
  EXPECT_NE(seed, 0U) << to_text(GetParam()) << " was not found";
  RecordProperty("found_by_seed", static_cast<int>(seed));
}

// no_deadline_inside_lease is not among them. One hub alone cannot show it: only the runner that
// holds a lease ever takes it back, and it does so between its operations. The rule is for many
// hubs on one database.
INSTANTIATE_TEST_SUITE_P(Rules, MutationCheck,
                         ::testing::Values(Mutation::no_find_in_doubt,
                                           Mutation::no_wait_until_settled,
                                           Mutation::no_echo_filter, Mutation::no_dedupe_key,
                                           Mutation::cursor_apart_from_events,
                                           Mutation::held_out_of_order, Mutation::held_lost,
                                           Mutation::told_apart_from_cursor,
                                           Mutation::broadcast_apart_from_rows),
                         [](const auto& instance) { return std::string(to_text(instance.param)); });

}  // namespace
}  // namespace ombud::sim
