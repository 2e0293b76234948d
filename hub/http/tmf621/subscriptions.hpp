// What a subscription may say: where to post, and which events.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace ombud::http::tmf {

inline constexpr std::string_view kCreateEvent = "TroubleTicketCreateEvent",
                                  kChangeEvent = "TroubleTicketAttributeValueChangeEvent",
                                  kStatusEvent = "TroubleTicketStatusChangeEvent",
                                  kDeleteEvent = "TroubleTicketDeleteEvent",
                                  kResolvedEvent = "TroubleTicketResolvedEvent",
                                  kRequiredEvent = "TroubleTicketInformationRequiredEvent";

// "https://host:443" of a plain http or https address: no user name, no fragment, nothing that two
// readers could understand differently. The port is always there.
std::optional<std::string> origin_of(std::string_view url);

// "eventType=A,B&eventType=C"; empty: every event. Refused if it says anything else.
Result<std::set<std::string, std::less<>>> events_of_query(std::string_view query);

// Where an event of this type is posted: the callback, or with `append` the listener below it.
std::string address_of(std::string_view callback, std::string_view event_type, bool append);

}  // namespace ombud::http::tmf
