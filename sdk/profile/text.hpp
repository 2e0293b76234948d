// What profiles do with text: the marker that carries our correlation, escapes for the places where
// suppliers show text, encodings, dates. Pure.
//
// The marker is a line of its own: "[ombud:<correlation>]", or "<!-- ombud:<correlation> -->" where
// comments of HTML stay and are not shown. It is the last line of what the hub wrote.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ombud::profile {

inline constexpr std::string_view kMarkerStart = "[ombud:";

std::string marker(std::string_view correlation);
std::string hidden_marker(std::string_view correlation);
// The correlation in the last line that is not empty; quoted markers do not count.
std::optional<std::string> marked_last(std::string_view text);
// The correlation in any line that is nothing but a marker, the last one first.
std::optional<std::string> marked(std::string_view text);
// The text without lines that are nothing but a marker, quoted ("> ") or not.
std::string without_markers(std::string_view text);

// CRLF to LF, and no white space at the end.
std::string normalized(std::string_view text);
// One line without control characters, valid UTF-8, no white space around it.
std::string one_line(std::string_view text);
// At most so many characters (not bytes).
std::string truncated(std::string_view text, std::size_t characters);
std::string to_lower(std::string_view text);  // ASCII only
std::string to_upper(std::string_view text);
std::string_view trimmed(std::string_view text);

// Everything but unreserved characters (RFC 3986, 2.3) as %XX.
std::string percent_encode(std::string_view text);
std::string html_escaped(std::string_view text);  // line ends become <br>
std::string html_to_text(std::string_view html);  // tags out, entities once, <br> and </p> as LF
std::string entities_decoded(std::string_view text);  // &lt; &#60; … once
std::string markdown_escaped(std::string_view text);
std::string textile_escaped(std::string_view text);
std::string jira_escaped(std::string_view text);  // wiki text: {, [, *, _ …

// Seconds since 1970 of an HTTP date in its preferred form (RFC 9110, 5.6.7); -1 if it is none.
std::int64_t http_date_seconds(std::string_view text);
// Milliseconds that a Retry-After names, in seconds or as a date measured from `date`; -1 if none.
std::int64_t retry_after_ms(std::string_view retry_after, std::string_view date);
// Milliseconds since 1970 of RFC 3339, an HTTP date, "2026-11-22 09:30:00" (UTC), a date alone, or
// digits alone (seconds; milliseconds from 12 digits on). Nothing if it is none of them.
std::optional<std::int64_t> time_ms(std::string_view text);
// strftime in UTC, and %L for milliseconds, %s for seconds since 1970, %Q for milliseconds of it.
std::string time_text(std::int64_t ms_since_1970, std::string_view format);

}  // namespace ombud::profile
