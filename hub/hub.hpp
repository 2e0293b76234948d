// The hub: all parts, built in order and taken down in order. What `ombud serve` runs.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "cli/settings.hpp"

namespace ombud {

struct HubOptions {
  cli::Settings settings;
  std::function<Result<cli::Settings>()> reload;  // reads the configuration again, on SIGHUP
  std::string host_program;                       // path of ombud-host
  std::filesystem::path pages;                    // of the build, if the settings name no others
  std::string version;
};

// Serves until SIGTERM or SIGINT, then drains: accepts nothing more, finishes what is under way,
// stops the connector hosts. A second signal ends the waiting. 0: ended as told; 1: could not
// start, with the reason in the log.
int serve(HubOptions options);

}  // namespace ombud
