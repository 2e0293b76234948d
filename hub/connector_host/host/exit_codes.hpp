// Why a host process ended by itself; the sentence that says more is on its standard error.
#pragma once

namespace ombud::host_exit {

inline constexpr int kStopped = 0;            // the hub asked for it
inline constexpr int kUsage = 64;             // not started by a hub
inline constexpr int kBadOrder = 65;          // the start order is unreadable
inline constexpr int kMissing = 66;           // no manifest or no library
inline constexpr int kWritableByOthers = 67;  // group or others may write it
inline constexpr int kManifest = 68;          // the manifest is wrong
inline constexpr int kDigest = 69;            // the library is not the one of the manifest
inline constexpr int kAbiMajor = 70;          // built for another major of the ABI
inline constexpr int kExports = 71;           // exports more or other than the entry
inline constexpr int kUnloadable = 72;        // does not link
inline constexpr int kDescriptor = 73;        // descriptor and manifest differ
inline constexpr int kCreateFailed = 74;      // the connector refused its settings
inline constexpr int kWire = 75;              // the hub's socket cannot be reached
inline constexpr int kHubGone = 76;           // the hub's end of the pipe was closed
inline constexpr int kSandbox = 77;           // a protection could not be put in place

}  // namespace ombud::host_exit
