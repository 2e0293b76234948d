// Every limit of the connector host and of the wire between it and the hub.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ombud::host_limits {

// The wire.
inline constexpr std::size_t kFrameBytesMax = 24U
                                              << 20U;  // one call or reply with everything in it
inline constexpr int kFramesQueuedMax = 1000;          // per direction and peer, in ZeroMQ
inline constexpr std::size_t kOrderBytesMax = 960U << 10U;  // the start order; fits a 1 MiB pipe

// What a connector may push into one reply. At the first limit it is asked to stop; what it still
// pushes (a last cursor) is taken up to the second, beyond which the reply is no longer whole.
inline constexpr std::size_t kReplyBytesSoft = 8U << 20U;
inline constexpr std::size_t kReplyBytesMax = 16U << 20U;
inline constexpr std::size_t kReplyDocumentsMax = 100'000;
inline constexpr std::size_t kMessageBytesMax = 4096;  // of an error text or a log line
inline constexpr std::size_t kLogFieldsBytesMax = 8192;
inline constexpr std::size_t kRecordBytesMax = 64U << 10U;  // of one change as it came
inline constexpr std::size_t kExchangesMax = 8;  // of one operation, that are told to the hub
inline constexpr std::size_t kExchangeBodyBytesMax = 16U << 10U;
inline constexpr std::size_t kExchangeHeadBytesMax = 8U << 10U;
// Taken beyond that, so that a secret at the cut is still whole when it is looked for.
inline constexpr std::size_t kExchangeMarginBytes = 4U << 10U;
inline constexpr std::size_t kFetchBytesMax = 64U << 20U;  // one attachment read from a supplier

// HTTP.
inline constexpr std::int64_t kConnectMs = 10'000;
inline constexpr std::int64_t kReachMs = 12'000;  // a probe's look at all origins of the link
inline constexpr std::size_t kUrlBytesMax = 8192;
inline constexpr std::size_t kRequestHeaderBytesMax = 64U << 10U;
inline constexpr std::size_t kRequestBodyInMemory = 256U << 10U;  // a larger one waits in a file
inline constexpr std::uint64_t kRequestBodyBytesMax = 256ULL << 20U;
inline constexpr std::size_t kResponseHeadBytesMax = 64U << 10U;
inline constexpr std::size_t kResponseHeadersMax = 256;
inline constexpr std::uint64_t kResponseBodyBytesMax = 32ULL << 20U;
// How long a connection may have been idle and still carry a request. Servers close idle ones after
// 2 s (gunicorn), 5 s (Apache, Node) or 75 s (nginx); a write must not meet that moment.
inline constexpr std::int64_t kIdleForWritesMs = 1'500;
inline constexpr std::int64_t kIdleForReadsMs = 30'000;
inline constexpr std::size_t kIdleConnectionsMax = 40;  // of one origin: every worker has its own
inline constexpr std::size_t kWatchdogStackBytes = 128U << 10U;  // one thread a connection

// The process.
inline constexpr std::int64_t kCreateMs = 8'000;  // soft deadline of the connector's start
inline constexpr std::uint64_t kLibraryBytesMax = 512ULL << 20U;
inline constexpr std::size_t kManifestBytesMax = 1U << 20U;
inline constexpr std::size_t kWorkerStackBytes = 8U << 20U;
// Stacks count against the memory limit of the process, so those of many workers are smaller.
inline constexpr std::size_t kParallelStackBytes = 2U << 20U;
inline constexpr std::size_t kCapabilitiesMax = 64;
inline constexpr std::int64_t kParallelMax = 32;  // deliveries at once

}  // namespace ombud::host_limits
