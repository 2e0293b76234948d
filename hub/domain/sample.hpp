// A ticket that nobody has: what a dry run of a link shows the operator.
#pragma once

#include <string>

#include "base/time.hpp"

namespace ombud {

// {"samples":[{"operation","correlation","document"}]}, the question of `ombud.probe/1`: a new
// ticket with everything that an agreement can share.
std::string sample_question(Instant now);

}  // namespace ombud
