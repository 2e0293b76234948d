// What the hub tells a host process at its start. It travels through a pipe that the hub fills
// before the process exists and keeps open as long as the hub lives; its end is the host's end.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace ombud {

struct StartOrder {
  std::string host;  // name on the wire
  std::string link;
  std::string endpoint;       // "ipc:///…" of the hub
  std::string connector_dir;  // absolute
  std::string settings_json;
  std::map<std::string, std::string> secrets;  // token → clear text
  std::vector<std::string> origins;
  std::string hello_secret;
  std::string scratch_dir;
  std::uint64_t memory_bytes_max = 0;
  std::uint32_t files_max = 0;
  std::uint32_t parallel = 1;  // deliveries at once, if the connector has the capability
};

// Length in eight bytes, then the order. Binary-safe.
std::string encode(const StartOrder& order);

// Bytes that follow a header of eight bytes; 0 if the header announces more than is allowed.
std::size_t order_size(std::string_view header);
inline constexpr std::size_t kOrderHeaderBytes = 8;
Result<StartOrder> decode_order(std::string_view body);

}  // namespace ombud
