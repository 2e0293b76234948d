// What the hub can know of a connector without loading it: its folder and its manifest.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"

namespace ombud::cli {

struct Connector {
  std::filesystem::path dir;
  std::string id, version;  // "se.ombud.email", "1.0.0"
  std::vector<std::string> capabilities;
  json::Document schema;  // of a link's [settings]
  bool has(std::string_view capability) const;
};

// Reads <dir>/connector.json and checks it and the library beside it: nobody else may change them,
// the digest is the one in the manifest, the ABI is ours. The problem names what to do.
Result<Connector> inspect_connector(const std::filesystem::path& dir);

// The names of the folders in `connectors_dir` that hold a manifest, sorted.
std::vector<std::string> connector_names(const std::filesystem::path& connectors_dir);

}  // namespace ombud::cli
