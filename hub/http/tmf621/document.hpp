// The document of a trouble ticket in the shape of v4, which is also the shape in which attributes
// are kept; v5 is a translation of it.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "http/tmf621/trouble.hpp"

namespace ombud::http::tmf {

// JSON members by name, each value as JSON text: for putting objects together.
using Members = std::map<std::string, std::string, std::less<>>;
Members members_of(json::View object);
std::string object_of(const Members& members);
std::string json_text(std::string_view text);  // with its quotes
// RFC 7396.
std::string merge(json::View target, json::View patch);

// Names that begin so are ours and never shown: which notes a client hid, the digest of its create.
inline constexpr char kHiddenMark = '$';

// `base`: the address of the version, without a slash at its end.
std::string v4_document(const Trouble& trouble, std::string_view base);

// v4 → v5 and back, of tickets and of parts of one. Unknown members pass as they are.
std::string to_v5(json::View v4, std::string_view base);
std::string from_v5(json::View v5);

}  // namespace ombud::http::tmf
