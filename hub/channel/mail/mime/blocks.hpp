// The formatted body of a mail as a tree of blocks: the shape of desk/markdown.hpp and a few kinds
// more, for pages that build their elements themselves. Nothing in it is ever HTML.
//   {"t":"p"|"h"|"ul"|"ol"|"li"|"quote"|"code"|"hr"|"table"|"tr"|"th"|"td",
//    "level"?: 1..6 (h), "start"? (ol), "c":[block | inline]}
//   {"t":"text","v"} {"t":"em"|"strong"|"del"|"u"|"sub"|"sup","c"} {"t":"codespan","v"} {"t":"br"}
//   {"t":"a","href","c"}, to http, https and mailto only
//   {"t":"img","attachment":number|null,"alt","source"?: host,"width"?,"height"?}: null is a
//   picture that is not in the mail; `source` says where it would have to be fetched from
//   {"t":"quoted","c":[block]}: quoted history or a signature, which a page folds away
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ombud::mail {

// The tree of ParsedMail::blocks with each image's place among the attachments replaced by the id
// that stands at that place of `ids`; null where there is none.
std::string blocks_with_ids(std::string_view blocks,
                            const std::vector<std::optional<std::int64_t>>& ids);

// The tree with some lines of words as one more paragraph at its end.
std::string blocks_with_words(std::string_view blocks, std::string_view lines);

}  // namespace ombud::mail
