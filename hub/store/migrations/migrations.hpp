// The schema's history: numbered steps, each run once, in order, at start.
#pragma once

#include <string_view>
#include <vector>

namespace ombud {

struct Migration {
  int number;
  std::string_view name;  // "0001_desk"
  const char* sql;
};
const std::vector<Migration>& migrations();

}  // namespace ombud
