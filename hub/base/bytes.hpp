// Digests and text forms of bytes, all by libsodium. Call `bytes_init` once at start.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace ombud {

void bytes_init();

std::string sha256_hex(std::string_view bytes);
std::string to_hex(std::string_view bytes);
std::string to_base64(std::string_view bytes);
// Standard alphabet with or without padding, white space ignored. Empty if it is not base 64.
std::optional<std::string> from_base64(std::string_view text);
// Takes the same time wherever the two differ.
bool equal_constant_time(std::string_view a, std::string_view b);

// A digest taken piece by piece, for bodies that never are in memory as a whole.
class Sha256 {
 public:
  Sha256();
  void update(std::string_view bytes);
  std::string finish_hex();  // once

 private:
  alignas(8) unsigned char state_[128];
};

// True if the whole text is valid UTF-8 (RFC 3629: no surrogates, no overlong forms).
bool is_utf8(std::string_view text);
// How many bytes at the front are valid UTF-8.
std::size_t valid_utf8_bytes(std::string_view text);
// The same text with every invalid sequence replaced by U+FFFD and every NUL removed.
std::string to_valid_utf8(std::string_view text);
// At most `bytes_max` bytes, never cutting a character.
std::string_view cut_utf8(std::string_view text, std::size_t bytes_max);

}  // namespace ombud
