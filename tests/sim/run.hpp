// One run of the simulation: from a seed to what went wrong.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/options.hpp"

namespace ombud::sim {

struct Outcome {
  std::vector<std::string> failures;  // empty: every invariant held
  std::uint64_t trace_hash = 0;
  int crashes = 0;
  std::size_t objects = 0;  // made at suppliers
};

Outcome run(std::uint64_t seed, Mutation mutation = Mutation::none, bool printed = false);

}  // namespace ombud::sim
