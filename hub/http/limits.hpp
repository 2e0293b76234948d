// How much of anything the HTTP server takes, and how long it waits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/time.hpp"

namespace ombud::http {

inline constexpr std::size_t kJsonBodyBytesMax = 2U << 20U;
inline constexpr std::size_t kWebhookBodyBytesMax = 1U << 20U;
// Whoever holds one of a link's few places has not shown yet that he may: not for long.
inline constexpr Millis kWebhookBodyWithin{10'000};
inline constexpr std::size_t kHeaderFieldsMax = 100;
inline constexpr std::size_t kDiscardBytesMax = 64U << 10U;  // of a body that no handler wanted
inline constexpr std::size_t kFileChunkBytes = 64U << 10U;   // of an answer streamed from a file
inline constexpr std::size_t kIdempotencyKeyBytesMax = 200;
inline constexpr std::string_view kUploadPrefix = "upload-";  // of files that are coming in
inline constexpr std::size_t kTokenCacheEntriesMax = 10'000;
inline constexpr Millis kTokenCacheFor{10'000};
inline constexpr std::size_t kPageFilesMax = 2'000;  // of portal, desk and operators, all in memory
inline constexpr std::size_t kPageBytesMax = 64U << 20U;
inline constexpr int kPageDefault = 25;
inline constexpr int kRetryAfterSeconds = 5;

// --- WebSockets
inline constexpr std::size_t kSocketMessageBytesMax = 4U << 10U;  // from the browser
inline constexpr int kSocketFramesBurst = 100;     // messages and pings from it at once,
inline constexpr int kSocketFramesPerSecond = 10;  // and in the long run

// --- The stream. A test may set them otherwise.
struct StreamLimits {
  std::size_t listeners_max = 5'000;
  std::size_t listeners_per_actor_max = 20;  // windows of one person
  Millis pause{20};              // between two rounds: changes of one ticket meanwhile are one
  std::size_t waiting_max = 64;  // messages for one listener; beyond that he gets a resync
  // Messages for one listener at once and in the long run, and for all of them together; beyond
  // that a listener gets a resync, and those not more often than all of them together may.
  double burst = 100, total_burst = 20'000;
  double per_second = 10, total_per_second = 5'000;
  Millis resync_every{2'000}, total_resync_every{5};
  Millis missed_look{250};   // for those who wait for theirs
  Millis link_every{1'000};  // at most, for each link
  int events_per_read = 1'000;
  int reads_per_round = 5;  // a stream further behind says resync instead
  Millis presence_for{45'000};
  Millis presence_look{5'000};   // for those who did not say that they still look
  std::size_t looks_max = 16;    // tickets that one listener looks at
  Millis recheck_every{60'000};  // of everybody's rights
  Millis retry_after{1'000};     // when the store could not be read
};

// What a deployment or a test may set otherwise.
struct ServerLimits {
  std::size_t header_bytes_max = 16U << 10U;
  std::size_t target_bytes_max = 4U << 10U;
  std::size_t connections_max = 10'000;
  std::size_t refusals_max = 64;  // connections over the limit that are told so; more are dropped
  Millis header{10'000};          // from the first byte of a request to the end of its header
  Millis body{60'000};            // all of a body
  Millis write{30'000};           // one answer, or one chunk of a file
  Millis idle{60'000};            // between two requests
  Millis linger{2'000};           // waiting for the peer to read an answer that ends its connection
  Millis socket_idle{50'000};     // a WebSocket without a word; it is pinged after half of that
  Millis socket_farewell{2'000};  // for the peer's side of a WebSocket's end
  Millis accept_pause{100};       // when the machine has no descriptors left
};

}  // namespace ombud::http
