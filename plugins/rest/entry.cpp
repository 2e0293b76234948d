// The one symbol that the connector exports.
#include "rest/connector.hpp"

namespace {
#include "descriptor.inc"
}  // namespace

OMBUD_CONNECTOR(ombud::rest::Rest,
                (ombud_descriptor{kId, kVersion, kSchema, kCapabilities, kLookupLagMs}))
