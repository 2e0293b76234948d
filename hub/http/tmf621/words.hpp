// The standard's words and ours.
#pragma once

#include <optional>
#include <string_view>

#include "domain/words.hpp"

namespace ombud::http::tmf {

// TroubleTicketStatusType, v4 and v5 alike; what a status may become (the union of the public
// reference implementations; the standard itself says nothing).
bool is_status(std::string_view word);
bool may_follow(std::string_view from, std::string_view to);

// The customer sees that it is worked on, not by whom: waiting for a supplier is inProgress, and
// pending always means that the customer must answer.
std::string_view status_of(TicketStatus status);
// As the supplier sees its copy.
std::string_view status_of(DelegationState state);
// What a supplier's status means for the delegation; nothing where only the desk may decide.
std::optional<SupplierStatus> supplier_status(std::string_view word);

std::string_view severity_of(Priority priority);
std::string_view priority_word(Priority priority);
// Of a free word such as "Critical", "high" or "P2"; nothing if it says nothing to us.
std::optional<Priority> priority_from(std::string_view word);
std::optional<TicketKind> kind_from(std::string_view ticket_type);

}  // namespace ombud::http::tmf
