// What the headers of one MIME part say: its type, its name. Part of body.hpp.
#pragma once

#include <gmime/gmime.h>

#include <string>
#include <string_view>

namespace ombud::mail {

inline constexpr std::size_t kFileNameBytesMax = 255;

bool is_type(GMimeObject* object, const char* type, const char* subtype);
// Lower case; "application/octet-stream" if it says nothing that can be one.
std::string media_type_of(GMimeObject* object);
// Of Content-Type; empty if absent.
std::string parameter(GMimeObject* object, const char* name);
bool has_disposition(GMimeObject* object, std::string_view wanted);
// The file's name as its headers give it (RFC 2231, RFC 2047 against the rules, RFC 6532); empty if
// they do not.
std::string file_name(GMimePart* part);

// What a part holds, as it stands in the mail, and decoded; with as much memory as there are bytes.
std::string encoded(GMimeDataWrapper* content);
std::string decoded(GMimeDataWrapper* content);
// True if base64 has characters that do not belong there, or ends in the middle of a group.
bool is_broken_base64(GMimeDataWrapper* content);
std::string extension_for(std::string_view media_type);

bool blank(std::string_view text);

}  // namespace ombud::mail
