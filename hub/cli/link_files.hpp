// Links' files, <link>.toml in the folder of suppliers: read, and every mistake in them told.
#pragma once

#include "base/toml.hpp"
#include "cli/settings.hpp"

namespace ombud::cli {

// The limits of [delivery], and of [limits] in a link's file, where they are its defaults.
LinkLimits read_limits(toml::Reader& in, LinkLimits limits);

// Adds one file to settings.links, or its mistakes to `mistakes`; by settings.delivery and
// settings.connectors_dir, as the next.
void read_link_file(const std::filesystem::path& path, const LoadOptions& options,
                    toml::Mistakes& mistakes, Settings& settings);

// All files of settings.suppliers_dir.
void read_links(const LoadOptions& options, toml::Mistakes& mistakes, Settings& settings);

}  // namespace ombud::cli
