// What a report says about mail that did not arrive (RFC 3464): the part message/delivery-status.
// Pure; takes any bytes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "channel/mail/mime/message.hpp"

namespace ombud::mail {

struct DeliveryStatus {
  enum class What {
    failed,     // for good: the address does not take mail
    given_up,   // for now: the server tried for long enough, another mail may arrive
    delayed,    // still being tried
    delivered,  // or relayed, or expanded: no failure
  };
  What what = What::delivered;
  std::string address;  // Original-Recipient, else Final-Recipient; may be empty
  std::string why;      // one line in the server's words, never empty
};
// One for each recipient that it speaks of, at most a hundred.
std::vector<DeliveryStatus> read_delivery_status(std::string_view part);
// Of the parts of a report; empty if it has no such part.
std::vector<DeliveryStatus> delivery_statuses(const ParsedMail& mail);

}  // namespace ombud::mail
