// OMBUD_ASSERT(condition): for our own mistakes, never for input. On in every build.
#pragma once

namespace ombud {
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);
}

#define OMBUD_ASSERT(condition) \
  ((condition) ? void() : ::ombud::assertion_failed(#condition, __FILE__, __LINE__))
