// What would leave under an agreement that nobody has made yet: shown to whoever writes it, on one
// of the customer's tickets or on one that nobody has. Nothing is done.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "store/directory.hpp"
#include "store/outbox.hpp"

namespace ombud::desk {

struct SharedField {
  std::string_view name, meaning;  // domain/privacy.hpp
  bool leaves = false;
  std::string value;  // of this ticket
};
struct AgreementPreview {
  std::string supplier;
  bool sample = true;  // of a ticket that nobody has
  std::vector<SharedField> fields;
  std::vector<NewDelivery> documents;  // in order, as they would be enqueued
};
// `ticket` 0: a sample. Refused if the ticket is another customer's.
Result<AgreementPreview> preview_agreement(Tx& tx, const Agreement& draft, TicketId ticket,
                                           const std::string& brief);

}  // namespace ombud::desk
