// Events of the supplier's: which can be taken, and the cursor of those that lie in a queue.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace ombud::queue {

// A reply to the hub holds 8 MiB.
inline constexpr std::size_t kPollBytesMax = std::size_t{6} << 20U;

// An id as text: a supplier may send 17 one day and "17" the next.
std::string id_text(json::View id);
// The document with its ids as text: the hub compares them as such.
std::string with_text_ids(json::View event);

// What is wrong with an ombud.change/1 or ombud.announcement/1 document, or nothing.
std::string fault_of(json::View event);

struct Batch {
  std::vector<std::string> documents;  // up to the first fault
  std::size_t bytes = 0;
  std::string fault;
};
Batch batch_of(json::View events);

// A queue has no cursor of its own. Ours lists what was handed over in the last poll, by digest of
// the message: the hub stores it together with these events, so whoever is given it back knows
// that they are committed and may leave the queue.
std::string digest_of(std::string_view message);
std::string cursor_of(const std::vector<std::string>& digests);
std::set<std::string, std::less<>> proven_by(
    std::string_view cursor);  // empty for another's cursor

}  // namespace ombud::queue
