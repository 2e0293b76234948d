// What a deployment, or a test, tells about signing in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "identity/limits.hpp"

namespace ombud::identity {

// Of argon2id; by default libsodium's INTERACTIVE: 2 passes over 64 MiB.
struct HashCost {
  std::uint64_t passes = 2;
  std::size_t bytes = 64U << 20U;
};

// The HTML part of a letter, made of its words in the desk's frame; on any thread.
using FrameLetter = std::function<std::string(std::string_view language, std::string_view desk,
                                              std::string_view subject, std::string_view text)>;

struct Settings {
  std::string public_url =
      "http://127.0.0.1:8080";       // where people reach the hub; no slash at the end
  std::vector<std::string> proxies;  // addresses whose X-Forwarded-For is believed
  HashCost cost;
  unsigned hash_threads = kHashThreads;
  std::size_t hash_queue_max = kHashQueueMax;
  FrameLetter frame_letter;  // empty: letters about accounts are plain text

  bool secure() const { return public_url.starts_with("https://"); }
};

}  // namespace ombud::identity
