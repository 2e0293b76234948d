// Several keys in one column: " a b c ", with a space on both sides of each, so that SQL's
// instr(column, ' b ') finds whole ones only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ombud {

std::string spaced(const std::vector<std::string>& entries);  // none: ""
// What stands between separators; empty ones are left out.
std::vector<std::string> parts_of(std::string_view text, char separator = ' ');

}  // namespace ombud
