// How much of anything the desk takes.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/time.hpp"

namespace ombud::desk {

inline constexpr std::size_t kSubjectBytesMax = 255;
inline constexpr std::size_t kTextBytesMax = 1U << 20U;  // one message
inline constexpr std::size_t kReasonBytesMax = 4096;
inline constexpr std::size_t kNameBytesMax = 255;
inline constexpr std::int64_t kAttachmentBytesMax = 25LL << 20U;  // one file
inline constexpr std::size_t kAttachmentsPerTicketMax = 500;
inline constexpr std::size_t kAttributesBytesMax = 64U << 10U;  // what another system keeps with us
inline constexpr std::size_t kParticipantsMax = 50;
inline constexpr std::size_t kRelationsMax = 500;      // of one ticket
inline constexpr std::size_t kSplitMessagesMax = 200;  // copied at once
inline constexpr std::size_t kBulkMax = 200;           // tickets changed at once
inline constexpr int kSimilarMax = 10;
inline constexpr std::size_t kSavedViewsMax = 100;  // of one person
inline constexpr std::size_t kTemplateBytesMax = 64U << 10U;
inline constexpr std::size_t kTemplatesMax = 1'000;
inline constexpr int kPageMax = 200;  // rows of a list
// A supplier's change waits this long for a write of ours to be settled: as long as delivery tries.
inline constexpr Millis kHeldMax{72LL * 60 * 60'000};
inline constexpr int kHeldPerPass = 100;  // taken in one transaction

}  // namespace ombud::desk
