// Texts as Redmine keeps them: the marker that carries our correlation, subjects, percent encoding.
//
// The marker is a line of its own, "[ombud:<correlation>]": the last one of a description or a
// note, the whole description of an attachment. It is found again by Redmine's "contains" filter,
// and it renders as plain text in both Textile and Markdown.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ombud::redmine {

inline constexpr std::string_view kMarkerStart = "[ombud:";
inline constexpr std::size_t kSubjectCharactersMax = 255;  // Redmine's limit, in characters

std::string marker(std::string_view correlation);
// The correlation in the last line that is not empty; quoted markers do not count.
std::optional<std::string> marked_last(std::string_view text);
// The correlation in any line that is nothing but a marker, the last one first.
std::optional<std::string> marked(std::string_view text);
// The text without lines that are nothing but a marker, quoted ("> ") or not.
std::string without_markers(std::string_view text);

// Everything but unreserved characters (RFC 3986, 2.3) as %XX.
std::string percent_encode(std::string_view text);
std::string to_lower(std::string_view text);  // ASCII only
// CRLF to LF, and no white space at the end: Redmine stores what it was sent with other line ends.
std::string normalized(std::string_view text);
// One line, valid UTF-8, at most kSubjectCharactersMax characters; `cut` says if some were lost.
std::string subject_line(std::string_view text, bool& cut);

}  // namespace ombud::redmine
