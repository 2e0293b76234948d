// CommonMark (with tables, strikethrough and bare links; without HTML) as a tree of blocks, for
// pages that build their elements themselves: nothing in it is ever HTML. Pure; linear in the text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace ombud::desk {

inline constexpr int kMarkdownDepthMax = 24;  // nodes inside each other
inline constexpr std::size_t kMarkdownNodesMax = 20'000;
inline constexpr std::size_t kLinkBytesMax = 2048;

// A JSON array of blocks:
//   {"t":"p"|"h"|"ul"|"ol"|"li"|"quote"|"code"|"hr"|"table"|"tr"|"th"|"td",
//    "level"?: 1..6 (h), "start"? (ol), "lang"? (code), "c":[block | inline]}
//   {"t":"text","v"} {"t":"em"|"strong"|"del","c"} {"t":"codespan","v"} {"t":"br"}
//   {"t":"a","href","c"}, to http, https and mailto only; other links are their text alone, and an
//   image is a link to it.
// A `code` holds one text. Refused (invalid, /text) beyond the limits above.
Result<std::string> markdown_blocks(std::string_view text);

}  // namespace ombud::desk
