// A secret key of the hub's own, in a file of its data directory.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/random.hpp"
#include "base/result.hpp"

namespace ombud {

// The bytes of the key in this file; made, with mode 0600 and on disk before this returns, if there
// is none yet. `what` is how a refusal calls it: "The key that signs links to files".
Result<std::string> key_in_file(const std::filesystem::path& file, std::size_t bytes,
                                std::string_view what, Random& random);

// Copies the keys of a data directory, its files *.key, into another one that has none of these,
// each with mode 0600; how many there were. Refused (unavailable): one that is empty, too large for
// a key, no plain file, or cannot be copied.
inline constexpr std::size_t kKeyFileBytesMax = 4096;
Result<int> copy_keys(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace ombud
