// Ids of what the desk keeps. Numbers are distinct types, so that a ticket is never taken for a
// delegation; customers, suppliers' links, teams, agents and services have short names as keys.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace ombud {

template <class Tag>
struct Id {
  std::int64_t value = 0;
  friend auto operator<=>(const Id&, const Id&) = default;
};

using TicketId = Id<struct TicketTag>;          // 1, 2, 3 …; people see "OMB-1042"
using EventId = Id<struct EventTag>;            // position in the one event log
using MessageId = Id<struct MessageTag>;        // the id of the event that created it
using AttachmentId = Id<struct AttachmentTag>;  // likewise
using DelegationId = Id<struct DelegationTag>;  // likewise
using PersonId = Id<struct PersonTag>;
using AccountId = Id<struct AccountTag>;
using AgreementId = Id<struct AgreementTag>;
using LaneId = Id<struct LaneTag>;  // an ordering key of deliveries
using DeliveryId = Id<struct DeliveryTag>;

// "OMB-1042".
std::string reference_of(TicketId ticket);
// Reads "OMB-1042" or "1042" in any case; 0 if it is neither.
TicketId ticket_of_reference(std::string_view text);

// 1 to 64 characters of a-z, 0-9, '-', '_', '.', starting with a letter or digit.
bool is_key(std::string_view text);

}  // namespace ombud
