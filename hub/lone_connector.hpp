// One link's connector at work without a hub: for `ombud supplier test` before the link is turned
// on, and for replays.
#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "cli/cli.hpp"

namespace ombud {

// As cli::LocalOperations::ask_connector. `host_program`: ombud-host, absolute. Call it on the
// process's main thread.
Result<std::vector<cli::ConnectorAnswer>> ask_lone_connector(
    const std::string& host_program, Clock& clock, Random& random, const cli::LinkSettings& link,
    bool network, const std::vector<cli::ConnectorQuestion>& questions);

}  // namespace ombud
