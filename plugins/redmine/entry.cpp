// The one symbol that the connector exports.
#include "redmine/connector.hpp"
#include "redmine_descriptor.hpp"

namespace {
constexpr const char* kCapabilities[] = {"attachments", "parallel", nullptr};
constexpr std::int64_t kLookupLagMs = 0;  // Redmine searches its database, not an index
}  // namespace

OMBUD_CONNECTOR(ombud::redmine::Redmine,
                (ombud_descriptor{ombud::redmine::kId, ombud::redmine::kVersion,
                                  ombud::redmine::kConfigSchema, kCapabilities, kLookupLagMs}))
