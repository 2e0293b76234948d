// Bounds what a MIME parser builds of a mail, before it sees it: GMime makes an object of every
// header field and every part, and calls itself for every group of addresses inside another, so 18
// MB of header fields took 1.5 GB, and 4 MB of "To: a:b:a:b:…" the stack. Pure; linear.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace ombud::mail {

inline constexpr std::size_t kBoundaryLinesMax = 20'000;  // lines that begin with "--"
inline constexpr std::size_t kHeaderLinesMax = 100'000;   // in all header sections together
inline constexpr std::size_t kAddressGroupsMax = 200;     // in one header field

// The mail with what is beyond the limits made plain text of the part before; empty if it keeps to
// them. Lines are only split or indented, never taken away.
std::optional<std::string> bounded_structure(std::string_view raw);

}  // namespace ombud::mail
