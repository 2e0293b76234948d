// What several cases begin with: a ticket that is there, and the way the hub goes on from an
// answer.
#pragma once

#include <string>

#include "conformance/kit/case.hpp"

namespace ombud::conformance {

// A ticket that the connector has made.
struct Made {
  std::string correlation;
  std::string external_id;  // as the connector names it
  std::string id;           // as the supplier does
};
// Fails unless the connector makes exactly one ticket.
Made make_ticket(Kit& kit, Stage& stage, const TicketText& text = {});

// The supplier's ticket, as it is now.
const Ticket& ticket_of(Stage& stage, const Made& made);

// Any text that the supplier keeps with the object holds the needle.
bool mentions(const Ticket& ticket, std::string_view needle);
bool mentions(const Comment& comment, std::string_view needle);
bool mentions(const File& file, std::string_view needle);

// Line ends, trailing blanks and control characters apart, which systems treat as they like.
std::string plain(std::string_view text);

}  // namespace ombud::conformance
