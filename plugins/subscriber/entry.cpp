// The one exported symbol of the connector to subscribers.
#include "subscriber/connector.hpp"

namespace {
#include "descriptor.inc"
}  // namespace

OMBUD_CONNECTOR(ombud::subscriber::Subscriber,
                (ombud_descriptor{kId, kVersion, kSchema, kCapabilities, kLookupLagMs}))
