// A random secret of the hub's own that must outlive it: a file in the data directory.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "base/random.hpp"
#include "base/result.hpp"

namespace ombud::sqlite {

// The `size` bytes in this file; made from `random`, with mode 0600 and on disk before the answer,
// if there is none yet. Refused in words if it cannot be read or written, or has another size.
Result<std::string> secret_in_file(const std::filesystem::path& file, std::size_t size,
                                   Random& random);

}  // namespace ombud::sqlite
