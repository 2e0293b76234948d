// What is no mistake in a configuration and yet hardly meant: `check` and the start of `serve` say
// it, and nothing waits for it to be mended.
#pragma once

#include <optional>
#include <vector>

#include "base/result.hpp"
#include "cli/api.hpp"
#include "cli/settings.hpp"

namespace ombud::cli {

class Context;

// Each with the file or folder it is about; looks at the rights of files, reads no secret.
std::vector<FieldProblem> doubts_of(const Settings& settings);

// Why there is no configuration to read at all, and what to do then. Nothing: there is one.
std::optional<Failure> no_configuration(const Context& on);

}  // namespace ombud::cli
