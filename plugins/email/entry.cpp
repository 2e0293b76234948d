// The one exported symbol of the mail connector.
#include "email/connector.hpp"

namespace {
#include "descriptor.inc"
}  // namespace

OMBUD_CONNECTOR(ombud::email::EmailConnector,
                (ombud_descriptor{kId, kVersion, kSchema, kCapabilities, kLookupLagMs}))
