// What a shared library offers, read from its bytes without loading it.
#pragma once

#include <string>
#include <vector>

namespace ombud {

// Names of the symbols that an ELF64 library offers to others. Empty if it is none. Bytes that lie
// about their own structure are read no further than they reach.
std::vector<std::string> exported_symbols(const std::string& image);

}  // namespace ombud
