// Amounts as people write them in files and on command lines: durations, sizes, addresses.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace ombud {

// Where a server listens. "127.0.0.1:8080", "[::1]:25", "localhost:8080".
struct Address {
  std::string host;  // without brackets
  std::uint16_t port = 0;
  friend bool operator==(const Address&, const Address&) = default;
};
std::string to_text(const Address& address);
std::optional<Address> address_from(std::string_view text);

// "250ms", "30s", "5m", "2h", "3d": one unit, whole number.
std::optional<Millis> duration_from(std::string_view text);
std::string duration_text(Millis duration);  // in the largest unit that fits

// "100B", "512KiB", "25MiB", "1GiB".
std::optional<std::int64_t> bytes_from(std::string_view text);
std::string bytes_text(std::int64_t bytes);

}  // namespace ombud
