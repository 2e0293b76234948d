// What connectors that own their sockets do with the bytes of an attachment.
#pragma once

#include <ombud/connector.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace ombud {

// Reads at most `bytes_max` + 1 bytes, so that too much is seen without reading it all. None: the
// bytes could not be read.
inline std::optional<std::string> read_up_to(sdk::Source source, std::int64_t bytes_max) {
  std::string all;
  char piece[16384];
  while (static_cast<std::int64_t>(all.size()) <= bytes_max) {
    const std::int64_t got = source.read(piece, sizeof piece);
    if (got < 0) return std::nullopt;
    if (got == 0) return all;
    all.append(piece, static_cast<std::size_t>(got));
  }
  return all;
}

}  // namespace ombud
