// Runs one case in a process of its own, so that a crash is a result and not the end.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "conformance/kit/report.hpp"

namespace ombud::conformance {

// `command`: the kit's program and the arguments that make it run just this case; the descriptor
// number that it reports to is appended.
Result run_in_process_of_its_own(const Case& wanted, std::vector<std::string> command,
                                 std::chrono::milliseconds patience);

}  // namespace ombud::conformance
