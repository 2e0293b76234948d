// What the [settings] table of a queue link says, read and checked once at start.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace ombud::queue {

struct Settings {
  std::string endpoint;
  std::string desk;
  // CURVE keys in Z85; all three or none.
  std::string server_public_key;
  std::string public_key;
  std::string secret_key;
  std::int64_t resend_after_ms = 0;
  std::int64_t attachment_bytes_max = 0;
  bool encrypted() const { return !server_public_key.empty(); }
};

// The clear text behind a secret's token; nothing if the host has no such secret.
using Reveal = std::function<std::optional<std::string>(std::string_view token)>;

// Throws std::invalid_argument that names every mistake and what to write instead.
Settings read_settings(std::string_view config_json, const Reveal& reveal);

}  // namespace ombud::queue
