// What this hub hands out and wants back unaltered: signed with one of its keys (HMAC-SHA-256, RFC
// 2104). The caller's text says what it signs ("file 17"), so that no signature of one purpose is
// one of another. Compare with equal_constant_time.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ombud {

inline constexpr std::size_t kSigningKeyBytes = 32;
inline constexpr std::size_t kSignatureBytes = 16;  // 128 bits cannot be guessed

// The first `bytes` (at most 32) bytes of the signature, raw. `key` has kSigningKeyBytes.
std::string signature_of(std::string_view key, std::string_view text,
                         std::size_t bytes = kSignatureBytes);

}  // namespace ombud
