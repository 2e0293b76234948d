// Loads the one connector of this process, after checking that it is the one that was installed.
#pragma once

#include <ombud/connector.h>

#include <cstdint>
#include <string>
#include <vector>

namespace ombud {

struct Manifest {
  std::string id, version;
  std::string library;  // file name beside the manifest
  std::string sha256;   // hex, of the library
  bool lists_capabilities = false;
  std::vector<std::string> capabilities;
};

struct Library {
  const ombud_entry* entry = nullptr;  // stays valid: a connector is never unloaded
  Manifest manifest;
  std::vector<std::string> capabilities;  // by the descriptor
  bool can(std::string_view capability) const;
};

// Reads `<connector_dir>/connector.json` and the library it names. Throws Refusal when a file is
// missing, when group or others may write a file or the directory, when the digest differs, when
// more or other than `ombud_connector_entry` is exported, when the ABI major differs, or when
// descriptor and manifest disagree. No code of the library runs before its digest is right.
Library load_library(const std::string& connector_dir);

}  // namespace ombud
