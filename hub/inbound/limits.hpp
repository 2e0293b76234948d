// How much a supplier may send at once, and how long what it sent may wait.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/time.hpp"

namespace ombud::inbound {

inline constexpr std::size_t kChangesPerCommit = 100;
inline constexpr std::int64_t kAttachmentBytesMax = 25LL << 20U;
inline constexpr Millis kPollDeadline{60'000};
inline constexpr Millis kDecodeDeadline{10'000};
inline constexpr Millis kFetchDeadline{60'000};
inline constexpr Millis kFailedWaitMax{10 * 60'000};

// An attachment that cannot be had: its ticket's later changes wait behind it, so not for too long.
inline constexpr Millis kFetchAgainFirst{10'000};  // doubled each time …
inline constexpr Millis kFetchAgainMax{10 * 60'000};
inline constexpr Millis kFetchGiveUp{60 * 60'000};  // from the first attempt

// Held changes are looked at whenever something of their link is settled; this often in any case.
inline constexpr Millis kHeldLookEvery{60'000};
inline constexpr Millis kHeldStorePause{5'000};  // the store could not
inline constexpr int kHeldLooksPerMs = 10;  // of a link with thousands of them, from pass to pass …
inline constexpr Millis kHeldPauseMax{1'000};  // … but no longer

// Webhooks of one link, from the first byte of their body to their answer. 32 of 1 MiB each is what
// a flood may cost in memory; and as the queue of its connector is shared with deliveries, no more
// than a few are in it at once.
inline constexpr std::size_t kWebhooksPerLinkMax = 32;
inline constexpr std::size_t kDecodesAtOnce = 4;
inline constexpr Millis kWebhookTellEvery{60'000};  // of each link and outcome, one line in the log

// Reconciliation: one ticket at a time, after the deliveries.
inline constexpr Millis kReconcileDeadline{60'000};
inline constexpr Millis kReconcileLookEvery{1'000};  // for orders, however often it is rung
inline constexpr Millis kReconcileYield{200};
inline constexpr Millis kReconcileYieldMax{60'000};  // then one ticket is read all the same
inline constexpr Millis kReconcileAgain{2'000};      // doubled with each failure of a ticket
inline constexpr int kReconcileFailuresMax = 5;
inline constexpr Millis kReconcileSkew{1'000};
inline constexpr Millis kReconcileStorePause{5'000};
inline constexpr Millis kReconcilePollPatience{5 * 60'000};
inline constexpr int kReconcilePage = 500;
inline constexpr std::size_t kReconcileTwinsMax = 20;
inline constexpr std::size_t kCopyBytesMax = 4U << 20U;

}  // namespace ombud::inbound
