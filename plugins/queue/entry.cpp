// The one exported symbol of the queue connector.
#include "queue/connector.hpp"

namespace {
#include "descriptor.inc"
}  // namespace

OMBUD_CONNECTOR(ombud::queue::QueueConnector,
                (ombud_descriptor{kId, kVersion, kSchema, kCapabilities, kLookupLagMs}))
