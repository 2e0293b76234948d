// Level 4: a supplier and a host that mean no good.
#include "conformance/kit/case.hpp"

namespace ombud::conformance {

void add_hostile_cases(std::vector<Case>&) {}

}  // namespace ombud::conformance
