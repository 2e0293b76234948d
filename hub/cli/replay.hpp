// What differs between two mappings that were run over the same recorded traffic. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/cli.hpp"

namespace ombud::cli {

// One place that would be another.
struct Difference {
  std::string where;          // "POST /issues.json", "status change"; empty: the whole
  std::string field;          // "json.issue.priority_id"; "outcome"
  std::string before, after;  // JSON; empty: it is not there
};

// Requests (outbound) or changes (inbound) that two mappings made of one recording, in order.
std::vector<Difference> differences(const ConnectorAnswer& before, const ConnectorAnswer& after);

}  // namespace ombud::cli
