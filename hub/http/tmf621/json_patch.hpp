// JSON Patch (RFC 6902), which v5 offers beside merge patch: a list of operations that are done one
// after the other, all or none. Pure.
#pragma once

#include <string>

#include "base/json.hpp"

namespace ombud::http::tmf {

inline constexpr std::size_t kPatchBytesMax = 1U << 20U;  // of the operations; files go by merge
inline constexpr std::size_t kPatchOperationsMax = 50;
inline constexpr std::size_t kPatchedBytesMax = 4 << 20U;  // of the ticket, after each operation

// The document after all operations. Refused: invalid, with the pointer of the operation that
// cannot be done; conflict if a `test` does not hold.
Result<json::Document> patched(json::View document, json::View operations);

// The merge patch (RFC 7396) that makes `after` of `before`. Each object in it says its @type, as
// v5 asks of what is sent.
std::string difference(json::View before, json::View after);

// Whether both are the same value; the order of members does not matter.
bool same_value(json::View a, json::View b);

}  // namespace ombud::http::tmf
