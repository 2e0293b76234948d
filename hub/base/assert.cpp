#include "base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace ombud {
void assertion_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "ombud: assertion failed: %s (%s:%d)\n", condition, file, line);
  std::abort();
}
}  // namespace ombud
