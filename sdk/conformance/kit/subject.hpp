// What is under test: a connector's library, its manifest, and what its author says of the
// supplier. Loaded once in a process, never unloaded.
#pragma once

#include <ombud/connector.h>
#include <ombud/conformance/dialect.hpp>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace ombud::conformance {

// The kit was called in a way that cannot work; the sentence says what to do.
class Misuse : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Subject {
  std::string library;   // absolute path
  std::string manifest;  // the text of connector.json beside it; empty if there is none
  const ombud_entry* entry = nullptr;  // null: see load_error
  std::string load_error;
  std::size_t threads_before = 0;  // of this process, before any code of the connector ran
  double load_ms = 0;              // to map, link and read the descriptor
  std::vector<std::string> descriptor_capabilities;
  // What the connector can do with these settings: the descriptor's words, or the instance's own
  // (ombud.traits/1) after ask_traits().
  std::vector<std::string> capabilities;
  std::int64_t lookup_lag_ms = 0;
  std::vector<std::string> exported;  // by its dynamic symbol table

  std::shared_ptr<Dialect> dialect;  // null: none was given
  Settings settings;                 // of the dialect, or of --settings
  bool has_settings = false;
  std::string previous_manifest;  // of the last release; empty if none was given

  bool can(std::string_view capability) const;
};

struct SubjectFiles {
  std::string library, dialect, settings, previous_manifest;  // all but the first may be empty
};
// Throws Misuse if a named file cannot be read or the dialect is none. A connector that does not
// load is no misuse but what the first cases are about. No code of the connector runs without
// `open_library`.
Subject load_subject(const SubjectFiles& files, bool open_library);

// How many entries a folder has: "/proc/self/task" one a thread, "/proc/self/fd" one a file.
std::size_t entries(const char* folder);

// The whole file; nothing if it cannot be read.
std::optional<std::string> read_file(const std::string& path);

}  // namespace ombud::conformance
