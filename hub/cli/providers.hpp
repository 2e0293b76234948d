// [[identity.oidc]] of ombud.toml: providers of OpenID Connect by which people may sign in.
#pragma once

#include <vector>

#include "cli/settings.hpp"

namespace ombud::cli {

// Every mistake goes to the reader's; what is wrong reads as its default.
std::vector<ProviderEntry> read_providers(toml::Reader& identity, const LoadOptions& options);

}  // namespace ombud::cli
