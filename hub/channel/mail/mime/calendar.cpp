#include "channel/mail/mime/calendar.hpp"

#include <algorithm>
#include <vector>

#include "base/ascii.hpp"
#include "base/bytes.hpp"
#include "channel/mail/addresses.hpp"
#include "channel/mail/mime/charset.hpp"

namespace ombud::mail {
namespace {

constexpr std::size_t kLinesMax = 20'000;
constexpr std::size_t kLineBytesMax = 16U << 10U;
constexpr std::size_t kValueBytesMax = 500;

// Content lines, unfolded (RFC 5545 section 3.1).
std::vector<std::string> content_lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty() && lines.size() < kLinesMax) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    const bool folded_line = line.starts_with(' ') || line.starts_with('\t');
    if (folded_line && !lines.empty()) {
      if (lines.back().size() < kLineBytesMax) lines.back() += line.substr(1);
    } else {
      lines.emplace_back(cut_utf8(line, kLineBytesMax));
    }
  }
  return lines;
}

struct Property {
  std::string name;        // upper case
  std::string parameters;  // as written
  std::string value;
};

Property property_of(std::string_view line) {
  Property property;
  bool quoted = false;
  std::size_t colon = line.size(), semicolon = line.size();
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"') quoted = !quoted;
    if (quoted) continue;
    if (line[i] == ';' && semicolon == line.size()) semicolon = i;
    if (line[i] == ':') {
      colon = i;
      break;
    }
  }
  property.name = ascii_upper(line.substr(0, std::min(colon, semicolon)));
  if (semicolon < colon) property.parameters = line.substr(semicolon, colon - semicolon);
  if (colon < line.size()) property.value = line.substr(colon + 1);
  return property;
}

std::string parameter(const Property& property, std::string_view wanted) {
  const std::string all = ascii_upper(property.parameters);
  const std::string key = ";" + std::string(wanted) + "=";
  const std::size_t at = all.find(key);
  if (at == std::string::npos) return {};
  std::string_view rest = std::string_view(property.parameters).substr(at + key.size());
  if (rest.starts_with('"')) {
    rest.remove_prefix(1);
    return one_line(rest.substr(0, rest.find('"')), kValueBytesMax);
  }
  return one_line(rest.substr(0, rest.find(';')), kValueBytesMax);
}

// TEXT: \n, \, \; and \\ are written with a backslash.
std::string words_of(std::string_view value) {
  std::string words;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '\\' && i + 1 < value.size()) {
      ++i;
      words += value[i] == 'n' || value[i] == 'N' ? ' ' : value[i];
    } else {
      words += value[i];
    }
  }
  return one_line(words, kValueBytesMax);
}

std::string person_of(const Property& property) {
  std::string name = parameter(property, "CN");
  if (!name.empty()) return name;
  std::string_view address = property.value;
  if (folded(address.substr(0, 7)) == "mailto:") address.remove_prefix(7);
  return one_line(address, kValueBytesMax);
}

// "20261125T100000" → "2026-11-25 10:00", "20261125" → "2026-11-25"; anything else as it is.
std::string moment(std::string_view value) {
  const auto digits = [&](std::size_t from, std::size_t count) {
    return from + count <= value.size() &&
           std::all_of(value.begin() + static_cast<std::ptrdiff_t>(from),
                       value.begin() + static_cast<std::ptrdiff_t>(from + count),
                       [](char c) { return c >= '0' && c <= '9'; });
  };
  if (!digits(0, 8)) return one_line(value, 40);
  const auto part = [&](std::size_t from, std::size_t count) {
    return std::string(value.substr(from, count));
  };
  std::string text = part(0, 4) + "-" + part(4, 2) + "-" + part(6, 2);
  if (value.size() > 12 && value[8] == 'T' && digits(9, 4))
    text += " " + part(9, 2) + ":" + part(11, 2);
  return text;
}

void read_property(const Property& property, CalendarEvent& event) {
  if (property.name == "SUMMARY") {
    event.summary = words_of(property.value);
  } else if (property.name == "LOCATION") {
    event.location = words_of(property.value);
  } else if (property.name == "ORGANIZER") {
    event.organizer = person_of(property);
  } else if (property.name == "DTSTART") {
    event.starts = moment(property.value);
    event.zone = property.value.ends_with('Z') ? "UTC" : parameter(property, "TZID");
  } else if (property.name == "DTEND") {
    event.ends = moment(property.value);
  } else if (property.name == "RRULE") {
    event.repeats = true;
  } else if (property.name == "ATTENDEE" && event.attendee.empty()) {
    event.attendee = person_of(property);
    event.answer = ascii_upper(parameter(property, "PARTSTAT"));
  } else if (property.name == "STATUS" && ascii_upper(property.value) == "CANCELLED" &&
             event.method.empty()) {
    event.method = "CANCEL";
  }
}

struct Words {
  std::string_view invitation, cancelled, answer, event, when, where, from, repeats, more, accepted,
      declined, tentative;
};
constexpr Words kSwedish{
    "Inbjudan",    "Inställt",     "Svar på inbjudan", "Kalenderhändelse",       "När",
    "Var",         "Från",         "återkommer",       "fler händelser i filen", "kommer",
    "kommer inte", "kommer kanske"};
constexpr Words kEnglish{
    "Invitation", "Cancelled", "Answer to an invitation", "Calendar event", "When",     "Where",
    "From",       "repeats",   "more events in the file", "accepts",        "declines", "may come"};

}  // namespace

std::optional<CalendarEvent> read_calendar(std::string_view text) {
  CalendarEvent event;
  std::vector<std::string> inside;
  int events = 0;
  for (const std::string& line : content_lines(text)) {
    const Property property = property_of(line);
    if (property.name == "BEGIN") {
      inside.push_back(ascii_upper(property.value));
      const bool counts = inside.back() == "VEVENT" || inside.back() == "VTODO";
      events += counts ? 1 : 0;
      if (inside.size() > 10) break;
    } else if (property.name == "END") {
      if (!inside.empty()) inside.pop_back();
    } else if (property.name == "METHOD" && inside.size() == 1) {
      event.method = ascii_upper(one_line(property.value, 40));
    } else if (events == 1 && inside.size() == 2 &&
               (inside.back() == "VEVENT" || inside.back() == "VTODO")) {
      read_property(property, event);
    }
  }
  if (events == 0) return std::nullopt;
  if (event.method != "REPLY" && event.method != "COUNTER") {
    event.attendee.clear();
    event.answer.clear();
  }
  event.more = events - 1;
  return event;
}

std::string calendar_words(const CalendarEvent& event, std::string_view language) {
  const Words& words = language == "en" ? kEnglish : kSwedish;
  std::string_view head = words.event;
  if (event.method == "REQUEST") head = words.invitation;
  if (event.method == "CANCEL") head = words.cancelled;
  if (event.method == "REPLY" || event.method == "COUNTER") head = words.answer;
  const auto line = [](std::string_view label, const std::string& value) {
    return value.empty() ? std::string() : "\n" + std::string(label) + ": " + value;
  };
  std::string text(head);
  if (!event.summary.empty()) text += ": " + event.summary;
  if (!event.attendee.empty()) {
    std::string_view answer = event.answer;
    if (event.answer == "ACCEPTED") answer = words.accepted;
    if (event.answer == "DECLINED") answer = words.declined;
    if (event.answer == "TENTATIVE") answer = words.tentative;
    text += "\n" + event.attendee + ": " + std::string(answer);
  }
  std::string when = event.starts;
  if (!event.ends.empty() && event.ends != event.starts) {
    const bool same_day = event.ends.size() > 11 && event.starts.size() > 11 &&
                          event.ends.substr(0, 10) == event.starts.substr(0, 10);
    when += " – " + (same_day ? event.ends.substr(11) : event.ends);
  }
  if (!when.empty() && !event.zone.empty()) when += " (" + event.zone + ")";
  if (!when.empty() && event.repeats) when += ", " + std::string(words.repeats);
  text += line(words.when, when) + line(words.where, event.location) +
          line(words.from, event.organizer);
  if (event.more > 0) text += "\n+ " + std::to_string(event.more) + " " + std::string(words.more);
  return text;
}

}  // namespace ombud::mail
