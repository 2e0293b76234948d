// How a link's troubles are shown.
#pragma once

#include "cli/commands/words.hpp"

namespace ombud::cli {

// One line: the first reason why a link is not well; empty if it is.
std::string why_of(json::View link);
// Each trouble with its next step.
void print_troubles(Context& on, json::View link);

}  // namespace ombud::cli
