#include "http/tmf621/subscriptions.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "http/target.hpp"

namespace ombud::http::tmf {
namespace {

constexpr std::string_view kEvents[] = {kCreateEvent, kChangeEvent,   kStatusEvent,
                                        kDeleteEvent, kResolvedEvent, kRequiredEvent};

bool is_known(std::string_view event) {
  return std::find(std::begin(kEvents), std::end(kEvents), event) != std::end(kEvents);
}

}  // namespace

std::optional<std::string> origin_of(std::string_view url) {
  const bool tls = url.starts_with("https://");
  if (!tls && !url.starts_with("http://")) return std::nullopt;
  for (const char c : url) {
    if (c <= 0x20 || c >= 0x7F || c == '\\' || c == '#' || c == '@') return std::nullopt;
  }
  url.remove_prefix(tls ? 8 : 7);
  std::string host = ascii_lower(url.substr(0, url.find_first_of("/?")));
  const std::size_t bracket = host.rfind(']');
  const std::size_t colon = host.find(':', bracket == std::string::npos ? 0 : bracket);
  if (host.empty() || colon == 0) return std::nullopt;
  if (colon == std::string::npos) {
    host += tls ? ":443" : ":80";
  } else {
    const std::string_view port = std::string_view(host).substr(colon + 1);
    if (port.empty() || port.size() > 5 ||
        port.find_first_not_of("0123456789") != std::string_view::npos) {
      return std::nullopt;
    }
  }
  return (tls ? "https://" : "http://") + host;
}

Result<std::set<std::string, std::less<>>> events_of_query(std::string_view query) {
  std::set<std::string, std::less<>> events;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const auto value = percent_decode(pair.substr(std::min(equals + 1, pair.size())), true);
    if (pair.substr(0, equals) != "eventType" || !value || value->empty()) {
      return invalid("/query", "can only choose events: eventType=A,B");
    }
    std::string_view names = *value;
    while (!names.empty()) {
      const std::size_t comma = std::min(names.find(','), names.size());
      const std::string_view name = names.substr(0, comma);
      if (!is_known(name)) {
        return invalid("/query", "\"" + std::string(name) + "\" is no event of trouble tickets");
      }
      events.emplace(name);
      names.remove_prefix(std::min(comma + 1, names.size()));
    }
  }
  return events;
}

std::string address_of(std::string_view callback, std::string_view event_type, bool append) {
  std::string address(callback);
  if (!append) return address;
  while (address.ends_with('/')) address.pop_back();
  std::string listener(event_type);
  listener.front() = static_cast<char>(listener.front() + 32);
  return address + "/listener/" + listener;
}

}  // namespace ombud::http::tmf
