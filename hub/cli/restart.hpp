// Which settings a running hub reads once, when it starts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/settings.hpp"

namespace ombud::cli {

// So begin the findings of GET /configuration that needs_restart() makes.
inline constexpr std::string_view kNeedsRestart = "needs a restart: ";

// A sentence for each setting that is read once and that the files say otherwise than the hub works
// by, with both values. Everything else a reload takes.
std::vector<std::string> needs_restart(const Settings& running, const Settings& fresh);

}  // namespace ombud::cli
