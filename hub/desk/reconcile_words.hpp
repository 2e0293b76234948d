// How the two halves of reconciliation, comparing and mending, read documents. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "store/outbox.hpp"

namespace ombud::desk {

inline bool is_put(const Delivery& d) {
  return d.op == "put_ticket";
}
inline std::string_view op_of(std::string_view type) {  // of a change
  return type == "comment" ? "add_comment" : "add_attachment";
}
// Without what systems do to line ends and blanks.
std::string plain(std::string_view text);
// What a change says, whatever its id: two that say the same are one.
std::string said_in(json::View change);
// The supplier's id of the comment or attachment that it tells of.
std::string_view object_of(json::View change);
// Under which a change is taken whose own id was taken for another.
std::string again_id(json::View change);
// The change under this id.
std::string change_document(json::View change, const std::string& event_id);
// A ticket document with one member set anew (JSON; "null": gone; no name: none), and `only` as
// given; empty: without it.
std::string with_member(json::View ticket, std::string_view member, std::string_view value_json,
                        const std::vector<std::string>& only);

}  // namespace ombud::desk
