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

}  // namespace ombud
