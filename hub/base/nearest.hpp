// "Did you mean …?"
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ombud {

// The candidate that `word` most likely was meant to be, by letters added, left out, changed or
// swapped; none if nothing is near.
std::optional<std::string> nearest(std::string_view word,
                                   const std::vector<std::string>& candidates);

// "a, b and c", with `last` between the last two.
std::string joined(const std::vector<std::string>& words, std::string_view last);

}  // namespace ombud
