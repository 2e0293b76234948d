// Links to attachments that are too large for a mail: whoever has one may save that file, without
// signing in, until it expires. 128 bits of HMAC-SHA256 by a key of this hub stand in it, so none
// can be guessed; another key makes all of them void at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace ombud::notify {

class FileLinks {
 public:
  static constexpr std::size_t kKeyBytes = 32;

  // `public_url`: where people reach the hub, without a slash at its end; empty: there are no
  // links.
  FileLinks(std::string key, std::string public_url, Millis good_for);

  // "https://desk.example/files/17.6a5f2c00.3f9c…"; empty if nobody can reach the hub.
  std::string url_of(std::int64_t attachment, Instant now) const;

  struct Opened {
    std::int64_t attachment = 0;
    bool expired = false;
  };
  // Nothing for what this key did not sign. Takes the same time wherever it differs.
  std::optional<Opened> open(std::string_view token, Instant now) const;

 private:
  std::string token_of(std::int64_t attachment, std::int64_t until_s) const;
  std::string key_, public_url_;
  Millis good_for_;
};

}  // namespace ombud::notify
